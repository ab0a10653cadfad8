#!/bin/sh
# BusyBox's own testsuite (testsuite/runtest of its source), in the guest, by hush.
#
#   busybox.sh build | run	with all applets that can be built; lib.sh says more
#   busybox.sh default		the same with the BusyBox of the default image, without the tests that only compute
#
# runtest and the tests are run as they are. Two boots at once, half of the applets each: some tests compute for long.
. "${0%/*}/lib.sh"
sources=$B/src

# Its own folder beside guest-rootfs's builder, which takes the configuration that lies there.
build() {
	fresh "$out/busybox/busybox" "$top/tests/suites/busybox.config" "$top/guest-rootfs/busybox.sh" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/make" "$out/src"
	ln -s "$top/guest-rootfs/busybox.sh" "$top/guest-rootfs/step.sh" "$top/tests/suites/busybox.config" "$out/make/"
	ln -s "$sources/busybox" "$out/src/"
	LOG=$out/log "$out/make/busybox.sh" "$out/src" "$sdk" "$out/busybox"
}

# guest BUSYBOX OUT: an image with that BusyBox and its testsuite
guest() {
	root=${2%.cpio.gz}
	rm -rf "$root" && mkdir -p "$root" &&
		"$top/guest-rootfs/rootfs.sh" "$1" "$root" "$2" >/dev/null &&
		mkdir -p "$root/suite" &&
		cp -R "$sources/busybox/testsuite" "$1/busybox" "$1/.config" "$root/suite/" &&
		image "$root" "$2"
}

# applets BUSYBOX: those that have tests; "busybox" is in no list
applets() {
	echo busybox
	sed 's|.*/||' "$1/busybox.links" | while read -r name; do
		[ ! -e "$sources/busybox/testsuite/$name.tests" ] && [ ! -d "$sources/busybox/testsuite/$name" ] || echo "$name"
	done | sort -u
}

boot() {
	"$FLAT32" boot -m 128M --exec "cd /suite/testsuite && ./runtest -v $(echo "$2" | xargs); echo END" "$1" </dev/null 2>&1
}

# read_log LOG...: what runtest says of each test, as this folder's scripts say it. A name may be there twice.
read_log() {
	awk '
		function say(result, name, detail) {
			if (seen[name]++)
				name = name " (" seen[name] ")"
			printf "%s\t%s\t%s\n", result, name, detail
		}
		sub(/^PASS: /, "") { say("pass", $0, ""); next }
		sub(/^FAIL: /, "") { say("fail", $0, "") ; next }
		sub(/^SKIPPED: /, "") { say("skip", $0, "an option of BusyBox that is off, or a condition the test looks at"); next }
		sub(/^UNTESTED: /, "") { say("skip", $0, "an option of BusyBox that is off"); next }
	' "$@"
	# runtest's status does not tell whether it came to its end
	for log; do
		grep -q '^END$' "$log" || printf 'fail\truntest\tdid not come to its end: %s\n' "$log"
	done
}

# run_with BUSYBOX SCRATCH WITHOUT
run_with() {
	mkdir -p "$2"
	guest "$1" "$2/image.cpio.gz" || exit 1
	list=$(applets "$1" | grep -vxE "$3")
	boot "$2/image.cpio.gz" "$(echo "$list" | sed -n 'p;n')" >"$2/1.log" &
	boot "$2/image.cpio.gz" "$(echo "$list" | sed -n 'n;p')" >"$2/2.log"
	wait
	read_log "$2/1.log" "$2/2.log"
}

case ${1-} in
build) build ;;
run) run_with "$out/busybox" "$out/run" - ;;
default) run_with "$B/busybox" "$D/default" 'bc|factor|md5sum|sha1sum|sha256sum|sha512sum|sha3sum' ;;
esac
