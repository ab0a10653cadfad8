#!/bin/sh
# ext2 on a disk: an image made on the host, changed in the guest, checked by e2fsck; crashes; a root to boot from; the tests of
# files run on it.
# timeout: 180
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 47
image=$B/rootfs.cpio.gz
PATH=$PATH:/sbin:/usr/sbin

clean() {	# an image without a flaw
	e2fsck -fn "$1" >fsck.log 2>&1 || { sed 's/^/# /' fsck.log; false; }
}
new() {		# OPTIONS... : an empty disk.img
	rm -f disk.img
	truncate -s 16M disk.img
	mke2fs -q "$@" disk.img >/dev/null 2>&1
}
guest() {	# COMMANDS: with the disk on /x
	"$FLAT32" boot --disk disk.img --exec "mkdir /x; mount -t $type /dev/vda /x || exit 3
cd /x
$1" "$image"
}

# --- To the guest and back
mkdir -p folder/sub
echo from the host >folder/file
seq 20000 >folder/sub/numbers
ln -s sub/numbers folder/link
for type in ext2 ext3 ext4; do
	new -t $type -d folder
	same "$type: what the host put there" "$(guest 'cat file; md5sum <link; ls -l link | sed "s/.*-> //"')" "from the host
$(md5sum <folder/sub/numbers)
sub/numbers"
	guest 'echo from the guest >guest; mkdir -m 750 made; cp sub/numbers made/copy; rm file; mv link moved; ln guest made/hard
chown 1000:70000 guest; mknod null c 1 3; dd if=/dev/zero of=sparse bs=1 seek=3000000 count=1 2>/dev/null; touch -d @1000000000 guest
cp /bin/busybox made/sh && made/sh -c "echo executed" >executed'
	same "$type: and changes" $? 0
	ok "$type: e2fsck finds nothing" clean disk.img
	same "$type: the host sees the changes" "$(debugfs -R 'cat guest' disk.img 2>/dev/null; debugfs -R 'cat made/copy' disk.img 2>/dev/null |
		md5sum; debugfs -R 'cat executed' disk.img 2>/dev/null)" "from the guest
$(md5sum <folder/sub/numbers)
executed"
	same "$type: owner, links, times" "$(debugfs -R 'stat guest' disk.img 2>/dev/null |
		sed -n 's/.*User: *\([0-9]*\).*Group: *\([0-9]*\).*Size.*/\1 \2/p; s/.*Links: \([0-9]*\).*/\1/p; s/.*mtime: 0x\([0-9a-f]*\).*/\1/p' | tr '\n' ' ')" \
		"1000 70000 2 3b9aca00 "
done

# --- Read-only
type=ext2
new -t ext2 -d folder
before=$(md5sum <disk.img)
same ":ro is mounted to be read" "$("$FLAT32" boot --disk disk.img:ro --exec 'mkdir /x; mount -t ext2 /dev/vda /x 2>/dev/null; cat /x/file; touch /x/new' "$image" 2>/dev/null)" "from the host"
same "and is not changed" "$(md5sum <disk.img)" "$before"
"$FLAT32" boot --disk disk.img --exec 'mkdir /x; mount -t ext2 -o ro /dev/vda /x && cat /x/sub/numbers >/dev/null && umount /x' "$image"
same "-o ro changes nothing, either" "$(md5sum <disk.img)" "$before"
guest 'mount -o remount,ro /x && ! touch a 2>/dev/null && mount -o remount,rw /x && touch b && exec 3>c && ! mount -o remount,ro /x 2>/dev/null'
same "remounted to be read and to be written" $? 0
ok "clean" clean disk.img

# --- A full disk
guest 'dd if=/dev/zero of=full bs=64k 2>/tmp/err; grep -c "No space" /tmp/err; rm full; df . | tail -n 1 | awk "{ print \$3 < 2000 }"' >out
same "it is full, and empty again" "$(tr '\n' ' ' <out)" "1 1 "
ok "clean" clean disk.img

# --- Crashes: what was synced is there
for type in ext2 ext4; do
	new -t $type
	mkfifo "pipe.$type"
	guest 'mkdir d; seq 5000 >d/synced; dd if=/bin/busybox of=d/fsynced bs=100k conv=fsync 2>/dev/null; sync; echo ready
i=0; while :; do i=$((i + 1)); seq $i >d/f$i; rm -f d/f$((i - 20)); mkdir -p d/e$i; mv d/f$i d/e$i/x; done' >"pipe.$type" &
	pid=$!
	read -r line <"pipe.$type"
	same "$type: it has begun" "$line" ready
	sleep 1
	child=$(pgrep -P $pid flat32 | head -n 1)
	kill -9 "${child:-$pid}"
	wait $pid 2>/dev/null
	e2fsck -fy disk.img >fsck.log 2>&1
	ok "$type: e2fsck repairs it after kill -9" [ $? -lt 4 ]
	same "$type: what was synced is there" "$(debugfs -R 'cat d/synced' disk.img 2>/dev/null | md5sum)" "$(seq 5000 | md5sum)"
	same "$type: and what was fsynced" "$(debugfs -R 'cat d/fsynced' disk.img 2>/dev/null | md5sum)" "$(md5sum <"$B/rootfs/bin/busybox")"
done

# --- A root
rm -f root.img
truncate -s 16M root.img
mke2fs -q -t ext2 -d "$B/rootfs" root.img >/dev/null 2>&1
same "booted from" "$("$FLAT32" boot --exec 'echo written >/root/new; mount | grep " / type ext"; ls /dev/null' root.img)" \
	"/dev/root on / type ext2 (rw,relatime)
/dev/null"
same "written to" "$(debugfs -R 'cat root/new' root.img 2>/dev/null)" written
ok "clean" clean root.img
before=$(md5sum <root.img)
same "only read" "$("$FLAT32" boot --exec 'cat /root/new; touch /new 2>&1' root.img:ro)" "written
touch: /new: Read-only file system"
same "not changed" "$(md5sum <root.img)" "$before"
same "another disk is the second" "$("$FLAT32" boot --disk disk.img --exec 'ls /dev/vd*' root.img | tr '\n' ' ')" "/dev/vda /dev/vdb "
debugfs -w -R 'feature has_journal needs_recovery' root.img >/dev/null 2>&1
same "a journal to be replayed: only read" "$("$FLAT32" boot --exec 'touch /new 2>&1' root.img 2>err)" "touch: /new: Read-only file system"
ok "and said so" grep -q "root.img: mounted read-only" err

# --- The tests of files, on a disk
for t in file_rw file_open dir_names stat_attr file_lock open_how cred_files inotify_basic file_caps; do
	case $t in	# those that exchange names, and have links longer than 1 KiB
	dir_names | inotify_basic) type=ext4 ;;
	*) type=ext2 ;;
	esac
	new -t $type -b 4096 -I 256
	SCRATCH=$type "$FLAT32" run --disk disk.img "$B/guest-tests/$t" >"$t.out" 2>&1
	grep "^not ok" "$t.out" | grep -v "it is a tmpfs\|allocate\|makes it long enough" | sed 's/^not ok [0-9]* - /# /' >failed
	ok "$t on ext2" [ ! -s failed ]
	sed "s/^/# $t: /" failed
done
finish
