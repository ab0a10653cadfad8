#!/bin/sh
# Flash as MTD from a shell: BusyBox's programs for it, partitions, a file that keeps what was written, and what the end of the machine does.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 10
image=$B/rootfs.cpio.gz

guest() {
	timeout 60 "$FLAT32" boot --log 0 "$@" "$image" </dev/null 2>&1
}

cat >tools.sh <<'END'
head -c 150000 /dev/urandom >/tmp/i
flash_eraseall -q /dev/mtd1 && [ $(tr -d '\377' </dev/mtd1 | wc -c) = 0 ] && echo erased
flashcp /tmp/i /dev/mtd1 && head -c 150000 /dev/mtd1 | cmp - /tmp/i && echo copied
flash_lock /dev/mtd1 0 1 && { echo x >/dev/mtd1; } 2>/dev/null || echo locked
flash_unlock /dev/mtd1 && printf '\0' >/dev/mtd1 && echo unlocked
cat /proc/mtd
END
parts='flash0:256K(boot)ro,-(root)'
same "BusyBox's programs" "$(guest --flash :1M:64K --mtdparts "$parts" --share "$PWD:/mnt:ro" --exec 'sh /mnt/tools.sh')" \
	'erased
copied
locked
unlocked
dev:    size   erasesize  name
mtd0: 00040000 00010000 "boot"
mtd1: 000c0000 00010000 "root"'
same "a part that is read-only cannot be opened for writing" "$(guest --flash :1M:64K --mtdparts "$parts" --exec '
	{ echo x >/dev/mtd0; } 2>/dev/null || echo no; { echo x >/dev/mtdblock0; } 2>/dev/null || echo no')" 'no
no'
same "and not even by asking for it" "$(guest --flash :1M:64K --mtdparts "$parts" --exec '
	blockdev --setrw /dev/mtdblock0; blockdev --getro /dev/mtdblock0; { echo x >/dev/mtdblock0; } 2>/dev/null || echo no
	blockdev --setro /dev/mtdblock1; { echo x >/dev/mtdblock1; } 2>/dev/null || echo no
	blockdev --setrw /dev/mtdblock1; { echo x >/dev/mtdblock1; } && echo yes')" '1
no
no
yes'

# What is written to the disk is in the file, however slow the flash, when the machine has ended.
guest --flash disk:256K:16K --exec 'echo kept >/dev/mtdblock0'
same "a disk that was closed is in the file" "$(head -c 4 disk)" kept
guest --flash disk:256K:16K --flash-time 100 --exec 'echo slow >/dev/mtdblock0'
same "with a flash that takes its time, too" "$(head -c 4 disk)" slow
guest --flash disk:256K:16K --flash-time 1 --exec 'printf late | dd of=/dev/mtdblock0 seek=5 bs=16384 conv=fsync 2>/dev/null; head -c 4 /dev/mtd0ro; dd if=/dev/mtd0ro bs=16384 skip=5 count=1 2>/dev/null | head -c 4' >out
same "fsync waits" "$(cat out)" slowlate

# A task that waits for the flash: others run, signals wait, but SIGKILL does not.
cat >waits.sh <<'END'
i=0
flash_eraseall -q /dev/mtd0 & while kill -0 $! 2>/dev/null; do i=$((i + 1)); sleep 0.02; done
[ $i -gt 3 ] && echo others run
flash_eraseall -q /dev/mtd0 & sleep 0.05; kill -9 $!; wait $!; echo $?
END
same "others run meanwhile; SIGKILL ends the wait" "$(guest --flash :256K:16K --flash-time 10 --share "$PWD:/mnt:ro" --exec 'sh /mnt/waits.sh')" 'others run
137'

same "mtdparts without a flash's name" "$("$FLAT32" boot --flash :1M --mtdparts 64K "$image" 2>&1 | grep -c "no name of a flash")" 1
same "with a size of 0" "$("$FLAT32" boot --flash :1M --mtdparts flash0:0 "$image" 2>&1 | grep -c "not the size of a partition")" 1
same "behind all the rest" "$("$FLAT32" boot --flash :1M --mtdparts 'flash0:-(a),64K(b)' "$image" 2>&1 | grep -c "no partition can follow")" 1
finish
