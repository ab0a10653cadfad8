# shellcheck shell=sh disable=SC2154
# Sourced by run.sh and by tests/cli/conformance.sh: the image, the two machines, the comparison.
#
# A test is named as its source: NAME of tests/guest/NAME.c, or NAME.sh of tests/conformance/scripts/NAME.sh.
# Of the first kind the verdicts are compared (order kept; numbers, remarks and skipped ones left out), of the second
# everything printed and the exit status.
#
# B and O are the build folders, work is where to put things, here is tests/conformance.

# image OUT: an image with BusyBox and all tests in /conformance, and the driver as init
image() {
	rm -rf "$work/root"
	mkdir -p "$work/root/conformance" "$work/root/root"
	for program in "$B"/guest-tests/*; do
		[ -f "$program" ] || continue
		llvm-strip-19 -o "$work/root/conformance/${program##*/}" "$program" 2>/dev/null ||
			cp "$program" "$work/root/conformance/"
	done
	cp "$here"/scripts/*.sh "$work/root/conformance/"
	cp "$here/driver" "$work/root/init"
	chmod 755 "$work/root/init"
	"$here/../../guest-rootfs/mkimage" "$B/rootfs" "$work/root" "$1"
}

# own KEY NAME: what the test's first comment says in a line "KEY: ..."; nothing of a script
own() {
	sed -n "1,20s/^.* $1: //p" "$here/../guest/$2.c" 2>/dev/null
}

# on_flat32 SECONDS NAME [compat]: run it, transcript in work/NAME.flat32, log in work/NAME.flat32.log; with "compat"
# under --compat linux-6.12, and NAME.compat
on_flat32() {
	kind=${3:-flat32}
	# As in tests/check.sh, a test may need options of its own.
	# shellcheck disable=SC2046
	timeout -k 5 "$1" "$O/flat32" boot ${3:+--compat linux-6.12} $(own flat32 "$2") --exec "exec /init $2" "$work/image.cpio.gz" \
		</dev/null >"$work/$2.$kind.log" 2>&1
	split $kind <"$work/$2.$kind.log"
	[ -e "$work/$2.$kind" ] || echo "(does not end)" >"$work/$2.$kind"
}

# on_real SECONDS NAME: the same on the real kernel, NAME.real. Each test has a boot of its own: what one leaves behind, a
# panic even, harms no other. Time there is counted in instructions (-icount): a busy host does not make its clocks
# jump, and sleeping takes no time. A test may want other devices of the board ("qemu: -device ...") or of the kernel
# ("linux: video=..."); where it does not, the board's flash is left alone, so that mtd0 is mtdram.
on_real() {
	append=$(own linux "$2")
	# shellcheck disable=SC2046
	timeout -k 5 "$1" qemu-system-riscv32 -M virt -bios none -kernel "$B/linux/Image" -m 64M -nographic \
		-no-reboot -icount shift=2,sleep=off -initrd "$work/image.cpio.gz" $(own qemu "$2") \
		-append "console=ttyS0 panic=-1 loglevel=1 test=$2 ${append:-initcall_blacklist=physmap_init}" </dev/null >"$work/$2.real.log" 2>&1
	split real <"$work/$2.real.log"
	if [ ! -e "$work/$2.real" ] && grep -q 'Kernel panic' "$work/$2.real.log"; then
		echo "(panics the kernel)" >"$work/$2.real"
	elif [ ! -e "$work/$2.real" ]; then
		echo "(does not end)" >"$work/$2.real"
	fi
}

# split KIND: the driver's output on stdin to a transcript for the test, if it ended
split() {
	tr -d '\r' | awk -v work="$work" -v kind="$1" '
		function keep(line) { text = text line "\n" }
		/^=== begin / { name = $3; text = ""; next }
		/^=== end / && $3 == name {
			if (name ~ /\.sh$/ || $4 > 125)
				keep("status " $4)
			printf "%s", text >(work "/" name "." kind)
			close(work "/" name "." kind)
			name = ""
			next
		}
		!name || !/^\| / { next }
		{ sub(/^\| /, "") }
		name ~ /\.sh$/ { keep($0); next }
		!/# SKIP/ && sub(/^ok [0-9]* *-* */, "ok ") { keep($0) }
		!/# SKIP/ && sub(/^not ok [0-9]* *-* */, "not ok ") { keep($0) }
		/^Bail out!/ { keep($0) }'
}

# differences NAME REAL OURS [EXPECTED]: lines that differ but are not in expected.txt (or that file), and lines there
# that do not differ. "NAME: *" there: the whole test does.
differences() {
	diff "$2" "$3" | sed -n 's/^[<>] //; t keep; d; :keep; s/^not ok //; s/^ok //; p' | awk '!seen[$0]++' >"$work/$1.differ"
	sed -n "s/^$1: //p" "$here/${4:-expected.txt}" >"$work/$1.expected"
	if [ "$(cat "$work/$1.expected")" = '*' ] && [ -s "$work/$1.differ" ]; then
		cp "$work/$1.differ" "$work/$1.expected"
	fi
	grep -vxFf "$work/$1.expected" "$work/$1.differ"
	grep -vxFf "$work/$1.differ" "$work/$1.expected" | sed 's/$/ (expected to differ, and does not)/'
	grep -xF '(does not end)' "$3"
}
