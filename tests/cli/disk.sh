#!/bin/sh
# --disk: files of the host as disks, their partitions, and what cannot be one.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 22
image=$B/rootfs.cpio.gz

# The byte order of the table: two bytes of a number below 65536, and two zeros.
word() {
	printf '\\%03o\\%03o\\000\\000' $(($1 % 256)) $(($1 / 256))
}

# A line of parts.img's partition table: number, type, first sector, sectors.
entry() {
	printf "$(printf '\\000\\000\\000\\000\\%03o\\000\\000\\000' "$2")$(word "$3")$(word "$4")" |
		dd of=parts.img bs=1 seek=$((446 + ($1 - 1) * 16)) conv=notrunc 2>/dev/null
}

truncate -s 1M a.img
"$FLAT32" boot --disk a.img --exec 'echo from the guest >/dev/vda; sync; grep vd /proc/partitions' "$image" >out
same "a disk is written to" $? 0
same "/proc/partitions" "$(cat out)" " 254        0       1024 vda"
same "the file has it" "$(head -n 1 a.img | tr -d '\0')" "from the guest"
same "its size stays" "$(wc -c <a.img | tr -d ' ')" 1048576
"$FLAT32" boot --disk a.img:ro --exec 'head -n 1 /dev/vda; mkdir /sys; mount -t sysfs x /sys; cat /sys/block/vda/ro
echo x >/dev/vda' "$image" >out 2>err
same ":ro is read" "$(cat out)" "from the guest
1"
ok "and not written to" grep -q "Operation not permitted" err

truncate -s 4M parts.img
entry 1 131 64 1000
entry 3 12 2048 2048
printf '\125\252' | dd of=parts.img bs=1 seek=510 conv=notrunc 2>/dev/null
"$FLAT32" boot --log 6 --disk a.img --disk parts.img --exec 'ls /dev/vd*; echo third >/dev/vdb3; grep vdb /proc/partitions
grep virt /proc/devices; mkdir /sys; mount -t sysfs x /sys; cd /sys/class/block/vdb3; cat start size partition dev; ls /sys/block/vdb | grep vdb
grep vdb3 /proc/diskstats' "$image" >out 2>err
same "two disks with partitions, in /dev, /proc and /sys" "$(cat out)" "/dev/vda
/dev/vdb
/dev/vdb1
/dev/vdb3
 254       16       4096 vdb
 254       17        500 vdb1
 254       19       1024 vdb3
254 virtblk
2048
2048
3
254:19
vdb1
vdb3
 254      19 vdb3 0 0 0 0 1 0 1 0 0 0 0 0 0 0 0 0 0"
ok "the log names them" grep -q " vdb: 1 3" err
same "what is written to one is in its place" "$(dd if=parts.img bs=512 skip=2048 count=1 2>/dev/null | head -n 1 | tr -d '\0')" third

# /sys follows: the table is read again after it has lost its first entry and got a second one.
"$FLAT32" boot --disk parts.img --exec 'mkdir /sys; mount -t sysfs x /sys; sys() { (ls /sys/block/vda; ls /sys/class/block) | grep vda. | xargs; }
sys; cd /sys/block/vda/vda1
dd if=/dev/vda of=/tmp/entry bs=1 skip=446 count=16 2>/dev/null
dd if=/dev/zero of=/dev/vda bs=1 seek=446 count=16 conv=notrunc 2>/dev/null
dd if=/tmp/entry of=/dev/vda bs=1 seek=462 conv=notrunc 2>/dev/null
blockdev --rereadpt /dev/vda; sys; cat /sys/class/block/vda2/size; cat size 2>&1; cat /sys/dev/block/254:17/size 2>&1
grep . /sys/class/block/vda3/uevent | tail -n 1' "$image" >out 2>err
same "the table is read again: /sys follows" "$(cat out)" "vda1 vda3 vda1 vda3
vda2 vda3 vda2 vda3
1000
cat: can't open 'size': No such file or directory
cat: can't open '/sys/dev/block/254:17/size': No such file or directory
PARTN=3"

"$FLAT32" boot --disk none --exec true "$image" 2>err; same "a file that is not there" $? 125
same "is named" "$(cat err)" "flat32: cannot make the machine: disk: none: No such file or directory"
"$FLAT32" boot --disk a.img --disk a.img --exec true "$image" 2>err; same "one file as two disks" $? 125
same "is in use" "$(cat err)" "flat32: cannot make the machine: disk: a.img: in use by somebody else"
ok "but it can be read as two" "$FLAT32" boot --disk a.img:ro --disk a.img:ro --exec 'cmp /dev/vda /dev/vdb' "$image"
: >empty
"$FLAT32" boot --disk empty --exec true "$image" 2>err; same "an empty file" $? 125
ok "and what to do" grep -q "truncate -s" err
"$FLAT32" boot --disk . --exec true "$image" 2>err; same "a folder" $? 125
ok "and what makes it an image" grep -q "mke2fs -d" err
mkfifo fifo
"$FLAT32" boot --disk fifo --exec true "$image" 2>err; same "a pipe" $? 125
# A limit on what the host lets us write is an error of the disk.
(ulimit -f 16; "$FLAT32" boot --disk parts.img --exec 'dd if=/dev/zero of=/dev/vda bs=4096 seek=100 count=1 2>/dev/null' "$image") 2>err
same "ulimit -f: an error in the guest" $? 1
ok "and a line in the log" grep -q "I/O error, dev vda, sector 800 op 0x1:(WRITE): File too large" err
finish
