#!/bin/sh
# Run guest tests on flat32 and on a real RV32 no-MMU kernel under QEMU, and compare what they print.
#
#   run.sh [-r] [PATTERN...]	which tests, as "mm_*"; default: all of tests/guest
#
# Each test boots the real kernel anew (half a second): one that panics it harms no other. A test's lines are compared
# after cutting "# ..." remarks; lines that differ must be listed, with the reason, in expected.txt:
#
#   TEST: TEXT OF THE LINE (without "ok N - ")
#
# -r writes the real kernel's lines to recorded/TEST.txt, which `make check` compares with when there is no QEMU.

set -u
cd "${0%/*}/../.." || exit 2
here=tests/conformance
B=${B:-build} O=${O:-build}
work=$B/conformance
record=no
if [ "${1-}" = -r ]; then
	record=yes
	shift
fi
[ $# -gt 0 ] || set -- '*'
mkdir -p "$work" "$here/recorded"
passed=0 failed=0

# lines: TAP on stdin to comparable lines: the verdict and the name, no numbers, remarks or console noise
lines() {
	tr -d '\r' | sed -n '/# SKIP/d; s/^\(not ok\|ok\) [0-9]* *-* */\1 /p'
}

# One image for all: BusyBox and the tests; /init runs the one named on the kernel command line.
root=$work/root
rm -rf "$root"
mkdir -p "$root/tests" "$root/proc" "$root/tmp" "$root/dev"
cp "$B"/guest-tests/* "$root/tests/" 2>/dev/null
cat >"$root/init" <<'I'
#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm
mount -t tmpfs tmp /tmp
mount -t tmpfs shm /dev/shm
for word in $(cat /proc/cmdline); do
	case $word in
	test=*) cd /tmp && REAL_KERNEL=1 /tests/${word#test=} </dev/null ;;
	esac
done
echo "=== end $?"
poweroff -f
I
chmod +x "$root/init"
guest-rootfs/mkimage "$B/rootfs" "$root" "$work/real.cpio.gz" >/dev/null || exit 2

for source in tests/guest/*.c; do
	name=$(basename "$source" .c)
	wanted=no
	for pattern; do
		# shellcheck disable=SC2254
		case $name in $pattern) wanted=yes ;; esac
	done
	[ $wanted = yes ] || continue

	timeout 60 qemu-system-riscv32 -M virt -bios none -kernel "$B/linux/Image" -m 64M -nographic -no-reboot \
		-initrd "$work/real.cpio.gz" -append "console=ttyS0 panic=-1 quiet test=$name" \
		</dev/null >"$work/$name.real.log" 2>&1
	timeout 60 "$O/flat32" boot --exec "cd /tmp && /tests/$name </dev/null" "$work/real.cpio.gz" \
		>"$work/$name.flat32.log" 2>&1
	lines <"$work/$name.real.log" >"$work/$name.real"
	lines <"$work/$name.flat32.log" >"$work/$name.flat32"
	[ $record = yes ] && cp "$work/$name.real" "$here/recorded/$name.txt"

	diff "$work/$name.real" "$work/$name.flat32" | sed -n 's/^[<>] \(not ok\|ok\) //p' | sort -u >"$work/$name.differ"
	unexpected=0
	while read -r line; do
		grep -qxF "$name: $line" "$here/expected.txt" && continue
		[ $unexpected -gt 0 ] || echo "$name: differs from the real kernel:"
		unexpected=$((unexpected + 1))
		echo "    $line"
	done <"$work/$name.differ"
	same=$(grep -cFxf "$work/$name.real" "$work/$name.flat32")
	if [ $unexpected -eq 0 ] && [ "$same" -gt 0 ]; then
		passed=$((passed + 1))
		echo "$name: $same lines alike, $(wc -l <"$work/$name.differ") known differences"
	else
		failed=$((failed + 1))
		[ "$same" -gt 0 ] || echo "$name: nothing to compare; see $work/$name.*.log"
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
