#!/bin/sh
# libuv's own tests: its event loop on epoll, eventfd and inotify, timers, signals, processes, pipes, TCP and UDP on the loopback,
# terminals, threads, files.
#
#   libuv.sh build | run	lib.sh says more
#   libuv.sh compile FILE	one object (build runs this, several at once)
#
# Each test is what its runner (test/runner.c) makes of it: a process, and one for each of its helpers, such as an echo server.
# The runner says that a test is to be skipped, and why. Children are made by vfork() (libuv.patch). All are run as nobody, as
# libuv wants it; those of files also as root, on ext2, and on a share; those of children with another uid also as root.
. "${0%/*}/lib.sh"
uv=$out/src
guests=8

# Makefile.am's own flags and files for Linux.
compile() {
	cd "$uv" && "$cc" -std=gnu11 -O2 -w -D_GNU_SOURCE -Iinclude -Isrc -c -o "$out/objects/$(echo "$1" | tr / :).o" "$1"
}

sources() {
	cd "$uv" || return 1
	ls src/*.c
	for file in async core dl fs getaddrinfo getnameinfo linux loop loop-watcher pipe poll procfs-exepath process proctitle random-devurandom \
		random-getrandom random-sysctl-linux signal stream tcp thread tty udp; do
		echo "src/unix/$file.c"
	done
	ls test/*.c | grep -v -e /benchmark- -e /run-benchmarks.c -e /runner-win.c
}

compile_all() {
	cp -R "$src/libuv1" "$uv" && patch -d "$uv" -p1 <"$top/tests/suites/libuv.patch" || return 1
	# what Debian's machines cannot do
	for patch in disable_ipv6_test.patch skip-multicast-test; do
		patch -R -d "$uv" -p1 <"$uv/debian/patches/$patch" || return 1
	done
	sources | xargs -P "$JOBS" -n 1 "$0" compile || return 1
	# a library, because some tests have functions of it in themselves
	"$sdk/bin/flat32-ar" rcs "$out/libuv.a" "$out"/objects/src:*.o &&
		"$cc" -s -Wl,-z,stack-size=1048576 -o "$out/run-tests" "$out"/objects/test:*.o "$out/libuv.a" || return 1
	rm -rf "$out/objects"
	"$FLAT32" run --env UV_RUN_AS_ROOT=1 "$out/run-tests" --list | cut -d' ' -f1 >"$out/tests"
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$top/tests/suites/libuv.patch" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/objects"
	step 1/1 "building libuv's tests" suites-libuv 0 compile_all
	build_limit && touch "$out/.done"
}

# fork_tests: those that call fork(), which is in vain without an MMU
fork_tests() {
	sed -n 's/^TEST_IMPL(\(fork_[a-z_]*\)).*/\1/p' "$uv/test/test-fork.c"
	echo pipe_close_stdout_read_stdin
}

# The guest's part. A list's line: UID PLACE TEST; the place is a folder with a copy of all files.
guest_script() {
	cat <<-'EOF'
		#!/bin/sh
		chmod 1777 /tmp
		mkdir /ext2
		mke2fs /dev/ram0 >/dev/null && mount -t ext2 /dev/ram0 /ext2
		for place in /tmp /ext2 /share; do
			cp -R /uv $place/uv
			chown -R 65534:65534 $place/uv
		done
		export UV_TEST_TIMEOUT_MULTIPLIER=3 UV_RUN_AS_ROOT=1
		while read -r user place test; do
			cd $place/uv
			/limit -t -u $user 120 ./run-tests $test >/out 2>&1 </dev/null
			echo "@ $? $user $place $test $(sed -n 's/^ok 1 .*# SKIP *//p; s/^# \(Assertion.*\)/\1/p; s/^# \(timeout\)/\1/p' /out | tail -n 1)"
			sed 's/^/= /' /out
			echo
		done </list
		echo END
	EOF
}

guest_files() {
	mkdir -p "$1/uv/test" "$1.share"
	cp -R "$uv/test/fixtures" "$1/uv/test/"
	ln "$out/run-tests" "$1/uv/" || return 1
	options="-m 640M --ramdisk 16M --share $1.share:/share"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	fork_tests >"$out/run/fork"
	sed "s/.*/skip$tab&${tab}calls fork()/" "$out/run/fork"
	{
		grep -vxFf "$out/run/fork" "$out/tests" | sed 's,^,65534 /tmp ,'
		grep -e '^spawn_set[ug]id' -e '^fs_' "$out/tests" | sed 's,^,0 /tmp ,'
		grep '^fs_' "$out/tests" | sed 's,.*,65534 /ext2 &\n65534 /share &,'
	} >"$out/run/list"
	guests "$guests"
	sed -n 's/\r$//; s/^@ //p' "$out"/run/*.log | awk '{
		status = $1
		name = $4 ($2 == 0 ? " (root)" : $3 != "/tmp" ? " (" substr($3, 2) ")" : "")
		sub(/^[^ ]* [^ ]* [^ ]* [^ ]* */, "")
		result = status == 0 ? "pass" : status == 7 ? "skip" : "fail"
		why = status == 0 ? "" : status == 124 ? "stopped: took too long" : status == 7 ? "the test says: " $0 : $0
		printf "%s\t%s\t%s\n", result, name, why
	}' | sort
}

case ${1-} in
build) build ;;
compile) compile "$2" ;;
run) run ;;
esac
