#!/bin/sh
# Every page allocation of a boot to the shell and of a set of programs fails, one boot each: an errno or a program's own
# message, never a crash; and what is free in the end is what is free in a boot where nothing fails.
#
# FAIL_STEP=7 tries only each seventh.						timeout: 300, beside: yes
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 9

mkdir -p root/tmp
cp "$B/guest-tests/helpers/fail_mix" root/mix
cat >root/work.sh <<'END'
ls -l /bin | wc -l
cat /etc/passwd /proc/self/maps | sort | grep -c .
(echo one; echo two) | while read -r word; do echo "$word"; done
x=$(echo $(echo nested))
cp /bin/busybox /tmp/copy && rm /tmp/copy
sh -c 'sleep 0.01 & wait; kill -9 $$'
/mix
END
# Only built-ins from here on: what the machine has free, once all children are gone.
cat >root/init.sh <<'END'
sh /work.sh
for try in 1 2 3 4 5; do
	rm -rf /tmp/* && break
done
{ read -r total; read -r name free unit; } </proc/meminfo
echo "free: $free"
END
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }

# boot N: 8 MiB, of which the image leaves six
boot() {
	timeout 60 "$FLAT32" boot -m 8M --fail-alloc "$1" --exec '. /init.sh' image.cpio.gz </dev/null
}

boot 0 >out.0 2>&1
same "nothing fails: status" $? 0
total=$(sed -n 's/^flat32: \([0-9]*\) page allocations, .*/\1/p' out.0)
free=$(sed -n 's/^free: //p' out.0)
ok "$total allocations" [ "${total:-0}" -gt 100 ]
ok "$free KiB are free in the end" [ "${free:-0}" -gt 1000 ]
same "every part of it works, the file that is too large does not" \
	"$(grep -v '^flat32:\|^free:' out.0 | tr '\n' ' ')" \
	"$(ls "$B/rootfs/bin" | wc -l | awk '{ print $1 + 1 }') 4 one two Killed a file larger than memory: No space left on device "

# try OUT N: a line if that boot is not as it should be
try() {
	boot "$2" >"$1" 2>&1
	status=$?
	left=$(sed -n 's/^free: //p' "$1")
	if [ $status -gt 128 ] || [ $status = 124 ]; then
		echo "crash $2: status $status: $(tail -n 1 "$1")"
	elif grep -q 'BAD\|Segmentation\|Illegal\|Bus error' "$1"; then
		echo "bad $2: $(grep -m 1 'BAD\|Segmentation\|Illegal\|Bus error' "$1")"
	elif [ -n "$left" ] && [ "$left" != "$free" ]; then
		echo "leak $2: $left KiB are free instead of $free"
	fi
	grep -q 'FAULT_INJECTION' "$1" && echo "refused"
	[ -z "$left" ] || echo "whole"
}

# lane FROM STEP: each STEPth allocation, alone, and with every seventh after it
lane() {
	n=$1
	while [ "$n" -le "$total" ]; do
		try "out.$1" "$n"
		try "out.$1" "$n:7"
		n=$((n + $2))
	done
}

step=${FAIL_STEP:-1}
lane 1 $((2 * step)) >lane.1 &
lane $((1 + step)) $((2 * step)) >lane.2
wait
cat lane.1 lane.2 >lanes
grep -v '^refused\|^whole' lanes | sed 's/^/# /' | head -n 20
whole=$(grep -c '^whole' lanes)
same "something failed in each boot" "$(grep -c '^refused' lanes)" $((2 * ((total + step - 1) / step)))
same "no crash, no hang" "$(grep -c '^crash' lanes)" 0
same "only errors of no memory" "$(grep -c '^bad' lanes)" 0
same "nothing leaked" "$(grep -c '^leak' lanes)" 0
ok "in most of them: $whole boots came to the end" [ "$whole" -gt "$((total / step))" ]
finish
