#!/bin/sh
# The Linux kernel's own tests (tools/testing/selftests of Debian's linux-source-6.12): futexes, timers, pidfds, clone3, signals,
# ptrace, seccomp, /proc, message queues, mounts, sockets and so on.
#
#   kselftest.sh build | run		lib.sh says more
#   kselftest.sh compile PROGRAM	one program (build runs this, several at once)
#
# kselftest/programs says which programs; the rest want what no kernel without an MMU has, or hardware. Each test of a
# program that uses the kernel's harness is a process of its own (kselftest/harness.h in that place); of the other programs each
# line "ok" or "not ok" is a test, and one that prints none is a test as a whole. Children are made by kselftest/fork.c.
. "${0%/*}/lib.sh"
here=$top/tests/suites/kselftest
kernel=$out/kernel
tests=$kernel/tools/testing/selftests
guests=12
limit=40		# seconds, unless kselftest/programs says more

# table: kselftest/programs without comments
table() {
	sed '/^#/d; /^$/d' "$here/programs"
}

# options PROGRAM KIND: the words of the program's line that begin with KIND, without it
options() {
	table | awk -v program="$1" -v kind="$2" '$1 == program { for (i = 2; i <= NF; i++) if (sub("^" kind, "", $i)) print $i }'
}

# The kernel's headers stand before the SDK's, which are older.
compile() {
	program=$out/suite/$1
	mkdir -p "${program%/*}"
	cd "$tests/${1%/*}" || return 1
	# shellcheck disable=SC2046
	"$cc" -std=gnu11 -O2 -w -s -pthread -D_GNU_SOURCE -include compat.h -I"$here/include" -isystem "$kernel/usr/include" \
		-I"$tests" -I. -I../include -idirafter "$kernel/tools/include" \
		$(options "$1" cc:) -o "$program" "${1##*/}.c" $(options "$1" with:) \
		-Wl,--wrap=exit,--wrap=syscall,--wrap=clone "$out/fork.o" -lm \
		2>"$out/errors/$(echo "$1" | tr / :)" || {
		rm -f "$program"
		return 0
	}
	if grep -q 'kselftest_harness\.h' "${1##*/}.c"; then
		"$FLAT32" run "$program" | sed "s,^,$1 ," >"$program.tests"
	else
		echo "$1 - 0" >"$program.tests"
	fi
}

unpack() {
	tarball=$(find /usr/src -name 'linux-source-6.*.tar.xz' | sort -V | tail -n 1)
	mkdir -p "$kernel"
	tar -C "$kernel" --strip-components=1 --wildcards -xf "$tarball" '*/Makefile' '*/scripts/*' '*/include/uapi/*' '*/include/asm-generic/*' \
		'*/arch/riscv/include/asm/Kbuild' '*/tools/testing/selftests/*' '*/tools/include/*' || return 1
	make -C "$kernel" -s ARCH=riscv headers || return 1
	cp "$here/harness.h" "$tests/kselftest_harness.h" &&
		sed -i 's/defined(__riscv) && __riscv_xlen == 64/defined(__riscv)/' "$tests/seccomp/seccomp_bpf.c"
}

compile_all() {
	"$cc" -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -c -isystem "$kernel/usr/include" -o "$out/fork.o" "$here/fork.c" || return 1
	mkdir -p "$out/errors" "$out/suite"
	table | cut -d' ' -f1 | xargs -P "$JOBS" -n 1 "$0" compile
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$here"/* "$sdk/.done" && return
	rm -rf "$out"
	step 1/2 "unpacking the kernel's tests" suites-kselftest-unpack 0 unpack
	step 2/2 "building the kernel's tests" suites-kselftest 0 compile_all
	build_limit && touch "$out/.done"
}

# The guest's part. A list's line: PROGRAM TEST SIGNAL LIMIT ARGUMENT...; what a test needs besides lies beside the program.
guest_script() {
	cat <<-'EOF'
		#!/bin/sh
		while read -r program test signal limit arguments; do
			cd "/suite/${program%/*}"
			# as the scripts beside them do
			case $program in
			net/ip_local_port_range) ports='40000 49999' ;;
			net/reuseaddr_ports_exhausted) ports='32768 32768' ;;
			*) ports='32768 60999' ;;
			esac
			echo $ports >/proc/sys/net/ipv4/ip_local_port_range
			echo "@ begin $program $test $signal"
			TEST=$test /limit $limit "./${program##*/}" $arguments >/out 2>&1 </dev/null
			status=$?
			cat /out
			echo
			echo "@ end $status"
			rm -rf /tmp/* /dev/shm/*
		done </list
		echo END
	EOF
}

# exec/execveat has files beside it.
guest_files() {
	options="-m 256M"
	cp -Rl "$out/suite" "$1/" && cd "$1/suite/exec" || return 1
	mkdir subdir && ln -s execveat execveat.symlink && cp execveat execveat.denatured && chmod -x execveat.denatured &&
		echo '#!/bin/sh
exit $*' >script && chmod +x script
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	table | cut -d' ' -f1 | while read -r program; do
		if [ -e "$out/suite/$program.tests" ]; then
			seconds=$(options "$program" limit:)
			sed "s,\$, ${seconds:-$limit} $(options "$program" arg: | tr '\n' ' ')," "$out/suite/$program.tests" >>"$out/run/list"
		else
			printf 'skip\t%s\tdoes not compile\n' "$program"
		fi
	done
	guests "$guests"
	for n in $(seq "$guests"); do
		tr -d '\000\r' <"$out/run/$n.log" | awk -f "$here/results.awk"
	done | sort -V
}

case ${1-} in
build) build ;;
compile) compile "$2" ;;
run) run ;;
esac
