#!/bin/sh
# Images of read-only file systems: mkimage and mkrom make them, flat32 boots from them, and what is in them is what
# was put in. timeout: 300. Beside those of genromfs and mkfs.cramfs, which read or write the same formats.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$TMPDIR" || exit 2
plan 60
PATH=$PATH:/sbin:/usr/sbin
mkimage=$top/guest-rootfs/mkimage mkrom=$B/mkrom
export FLAT32_MKROM="$mkrom"

# A tree with everything in it, beside the default one.
mkdir -p tree/many tree/deep/er/still tree/empty
cp -R "$B/rootfs/." tree/
: >tree/nothing
printf 'short' >tree/short
seq 1 20000 >tree/numbers
head -c 12288 /dev/zero >tree/zeros
head -c 20000 "$FLAT32" >tree/dense
{ echo PROGRAM; seq 1 20000; } >tree/program && chmod 755 tree/program
ln tree/short tree/again
ln -s ../numbers tree/deep/link
mkfifo tree/pipe
for i in $(seq 1 300); do echo "$i" >"tree/many/file$i"; done

# what is in a tree, in a way that both sides' tools can say
list='cd $1 && find . -xdev | sort && find . -xdev -type f | sort | while read -r f; do md5sum $f; done
find . -xdev -type l | sort | while read -r f; do readlink $f; done'
LC_ALL=C sh -c "$list" - tree >want.all
grep -v '^\./dev\(/.*\)*$' want.all >want

# inside IMAGE: its contents as seen in the guest
inside() {
	"$FLAT32" boot -m 16M --exec "set -- /; $list" "$1" | grep -v '^\./dev\(/.*\)*$'
}

for image in plain.romfs plain.cramfs; do
	"$mkimage" tree $image; same "$image is made" $? 0
	inside $image >got
	ok "$image: all of it is there" cmp -s want got
	same "and belongs to root" "$("$FLAT32" boot --exec 'ls -n /numbers | tr -s " " | cut -d " " -f 3,4' $image)" "0 0"
	mode=crw-rw-rw-
	[ $image = plain.cramfs ] || mode=crw-------	# a romfs has no modes
	same "a device node" "$("$FLAT32" boot --exec 'umount -l /dev; ls -l /dev/null | tr -s " " | cut -d " " -f 1,5,6
		echo x >/dev/null && echo written' $image)" "$(printf '%s 1, 3\nwritten' $mode)"
	same "the root cannot be written to" "$("$FLAT32" boot --exec '(>/x) 2>&1
		mount -o remount,rw / && (>/x) 2>&1
		(rm /program) 2>&1' $image | grep -c 'Read-only')" 3
	same "no RAM is taken for it" "$("$FLAT32" boot --exec 'cat /numbers /many/* >/dev/null
		sed -n "s/^Shmem: *//p; s/^Cached: *//p; s/^Buffers: *//p" /proc/meminfo' $image | sort -u)" "0 kB"
	printf 'echo $((6*7))\nexit 9\n' | "$FLAT32" boot $image >out 2>err
	same "init's shell: exit 9" $? 9
	ok "what was typed was run" grep -q '^42' out
	"$FLAT32" boot --share "$TMPDIR/tree:ro" --exec 'cmp /mnt/tree/numbers /numbers' $image; same "a share beside it" $? 0
	cp $image first
	"$mkimage" tree $image
	ok "the same folder, the same bytes" cmp -s first $image
done
same "a romfs has hard links" "$("$FLAT32" boot --exec 'ls -i /short /again | cut -d / -f 1 | uniq | grep -c .' plain.romfs)" 1
same "it lies in a ROM" "$("$FLAT32" boot --exec 'grep ROM /proc/iomem; grep -c rom0 /proc/partitions
	head -c 8 /dev/rom0' plain.romfs | cut -c 1-8)" "$(printf '40000000\n1\n-rom1fs-')"
same "which nobody writes to" "$("$FLAT32" boot --exec '(echo x >/dev/rom0) 2>&1; devmem 0x40000000
	devmem 0x40000000 8 1; echo $?' plain.romfs 2>err | sed 's/.*: //')" "$(printf 'Operation not permitted\n0x6D6F722D\nSegmentation fault\n139')"
ok "a store to it is SIGSEGV" grep -q 'devmem.*SIGSEGV.*at 0x40000000' err

# the layout: pages of a program begin on a boundary
place() {	# where in the image it begins
	grep -abo PROGRAM "$1" | cut -d : -f 1
}
"$mkrom" tree aligned.romfs
"$mkrom" -a 65536 tree wide.romfs
"$mkrom" -x none tree packed.romfs
mkdir one && cp tree/program one/ && "$mkrom" one one.romfs
same "4096 by default" $(($(place one.romfs) % 4096)) 0
"$mkrom" -a 65536 one one.romfs
same "-a" $(($(place one.romfs) % 65536)) 0
"$mkrom" -x none one one.romfs
same "-x none" $(place one.romfs) 128
"$mkrom" one one.cramfs
same "a cramfs, too" $(($(place one.cramfs) % 4096)) 0
"$mkrom" -x none tree packed.cramfs
ok "compressed it is small" [ "$(wc -c <packed.cramfs)" -lt "$(($(wc -c <packed.romfs) * 2 / 3))" ]
"$mkrom" -x all tree all.cramfs
for image in packed.romfs wide.romfs packed.cramfs all.cramfs; do
	"$FLAT32" boot -m 16M --exec "set -- /; $list" $image | grep -v '^\./dev\(/.*\)*$' >got
	ok "$image: all of it is there" cmp -s want got
done

# genromfs reads a folder as we do, mkfs.cramfs as well, and fsck.cramfs finds no fault with ours
if command -v genromfs >/dev/null; then
	genromfs -d tree -f theirs.romfs -V flat32
	inside theirs.romfs >got
	ok "genromfs's image: all of it is there" cmp -s want got
	ok "ours is no larger" [ "$(wc -c <packed.romfs)" -le "$(wc -c <theirs.romfs)" ]
else
	skip 2 "no genromfs"
fi
if command -v mkfs.cramfs >/dev/null; then
	mkfs.cramfs -z tree theirs.cramfs
	inside theirs.cramfs >got
	ok "mkfs.cramfs's image, with holes: all of it is there" cmp -s want got
	mkfs.cramfs -p -N little tree padded.cramfs
	inside padded.cramfs >got
	ok "one with a boot sector: all of it is there" cmp -s want got
	mkdir simple && cp tree/numbers tree/dense simple/ && "$mkrom" -x none simple simple.cramfs
	ok "fsck.cramfs finds no fault with ours" fsck.cramfs simple.cramfs
	"$mkrom" -x none simple bad.cramfs
	printf x | dd of=bad.cramfs bs=1 seek=300 conv=notrunc 2>/dev/null
	fsck.cramfs bad.cramfs 2>/dev/null; ok "and it would" [ $? -ne 0 ]
	mkfs.cramfs -N big tree swapped.cramfs
	"$FLAT32" boot swapped.cramfs </dev/null 2>err; same "the other byte order: 126" $? 126
else
	skip 5 "no mkfs.cramfs"
fi

# a program that says where it is: nothing but text, so that it needs no relocation
cat >where.c <<'C'
static long call(long nr, long a, long b, long c, long d)
{
	register long a7 __asm__("a7") = nr, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
	return a0;
}

void _start(void)
{
	char buf[2048];
	long fd = call(56, -100, (long)"/proc/self/maps", 0, 0), n;

	while ((n = call(63, fd, (long)buf, sizeof buf, 0)) > 0)
		call(64, 1, (long)buf, n, 0);
	call(93, 0, 0, 0, 0);
}
C
mkdir -p xip/dev xip/bin xip/tmp xip/proc
"$FLAT32_CC" -O1 -nostdlib -static-pie -Wl,--no-rosegment -Wl,-z,noseparate-code -o xip/bin/where where.c ||
	{ echo "Bail out! cannot build the guest program"; exit 2; }
printf '\101' | dd of=xip/bin/where bs=1 seek=7 conv=notrunc 2>/dev/null	# EI_OSABI: FDPIC
cp "$B/busybox/busybox" xip/bin/busybox && ln -s busybox xip/bin/sh
head -c 5000 /dev/zero >xip/last	# so that no page of a program reaches beyond the end of an image without alignment
for type in romfs cramfs; do
	"$mkrom" xip xip.$type
	"$FLAT32" boot --exec '/bin/where' xip.$type >out
	ok "$type: an FDPIC program's text is executed where it lies" grep -q '^40[0-9a-f]*-40[0-9a-f]* r-xs* *p*.*/bin/where$' out
	ok "none of it is in RAM" [ "$(grep -c '^8.*where' out)" -eq 0 ]
	"$mkrom" -x none xip xip.$type
	"$FLAT32" boot --exec '/bin/where' xip.$type >out
	[ $type = romfs ] && ram=0 || ram=1	# compressed, it is a copy
	same "$type, -x none: copies of its text in RAM" "$(grep -c '^8.*where' out)" $ram
done

# in flash: what is in it is the root, if no image is named
cp plain.romfs flash.img
same "flash that begins with a romfs is the root" "$("$FLAT32" boot --flash flash.img:2M --exec 'sed -n "s/ ro,.*//p" /proc/mounts')" \
	"/dev/root / romfs"
"$FLAT32" boot --flash flash.img:2M --exec "set -- /; $list" | grep -v '^\./dev\(/.*\)*$' >got
ok "all of it is there" cmp -s want got
"$mkrom" xip flash.img
"$FLAT32" boot --flash flash.img:1M --exec where >out
ok "a program is executed in the flash" grep -q '^28[0-9a-f]*-28[0-9a-f]* r-xp.*/bin/where$' out
same "with an image that is named, it is just flash" "$("$FLAT32" boot --flash flash.img:1M --exec 'mount -t romfs mtd0 /tmp && ls /tmp/bin' \
	"$B/rootfs.cpio.gz" | tr '\n' ' ')" "busybox sh where "
same "flash with nothing in it is no root" "$("$FLAT32" boot --flash :1M --exec 'head -n 1 /proc/mounts' | cut -d ' ' -f 3)" rootfs
"$mkrom" -x programs -t cramfs xip flash.img
"$FLAT32" boot --flash flash.img:1M --exec 'mount -t cramfs mtd:flash0 /tmp && /tmp/bin/where' "$B/rootfs.cpio.gz" >out
ok "a cramfs by the flash's name" grep -q '^28[0-9a-f]*-28[0-9a-f]* r-xp.*/tmp/bin/where$' out

# what goes wrong
head -c 100000 plain.romfs >cut.romfs
"$FLAT32" boot cut.romfs 2>err; same "a cut romfs: 126" $? 126
ok "it is said" grep -q 'cut off: it says that it has' err
head -c 100000 plain.cramfs >cut.cramfs
"$FLAT32" boot cut.cramfs 2>err; same "a cut cramfs: 126" $? 126
{ head -c 100 plain.romfs; head -c 400 /dev/zero; tail -c +501 plain.romfs; } >bad.romfs
"$FLAT32" boot bad.romfs 2>err; same "a damaged one: 126" $? 126
ok "that is said, too" grep -q 'damaged' err
"$mkimage" -t tar tree x 2>err; same "mkimage: a type there is not" $? 1
"$mkrom" nothere x.romfs 2>err; same "mkrom: no folder" $? 1
ok "said so" grep -q 'nothere: No such' err
finish
