#!/bin/sh
# --share: what a guest can do with a folder of the host, and what host and guest see of each other's doings. What it cannot
# do is in share_escape.sh.										timeout: 180
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
image=$B/rootfs.cpio.gz
tests='file_open file_rw file_lock dir_names stat_attr pipe_basic inotify_basic'
# shellcheck disable=SC2086
plan $((56 + $(echo $tests | wc -w)))

# guest OPTIONS... COMMANDS: what they print, in a booted guest
guest() {
	n=$# args=
	for a; do
		n=$((n - 1))
		[ $n -eq 0 ] || args="$args $a"
		commands=$a
	done
	# shellcheck disable=SC2086
	timeout 60 "$FLAT32" boot $args --exec "$commands" "$image" 2>err </dev/null
}

# --- where it is

mkdir share other a b a/same b/same
echo hello >share/f
same "nothing is shared unless asked for" "$(guest 'grep -c share /proc/mounts /proc/filesystems')" "/proc/mounts:0
/proc/filesystems:0"
same "on /mnt/NAME" "$(guest --share share 'cat /mnt/share/f; grep " /mnt" /proc/mounts')" "hello
share /mnt/share share rw,nosuid,nodev,relatime 0 0"
same "on a place of our own, which is made" "$(guest --share share:/deep/in/there 'cat /deep/in/there/f')" hello
same "several, one to be read only" "$(guest --share share:/one --share other:ro --share "$PWD/other:/two" \
	'grep -c share /proc/mounts; touch /two/x && ls /mnt/other; touch /mnt/other/y')" "3
x"
ok "and that is said" grep -q 'Read-only' err
mkdir other/sub
touch other/f
same "what is there is there, read only or not" "$(guest --share other:ro 'cd /mnt/other; mkdir sub; ln -s to sub; mkdir new
	mknod sub p; rm nothing; rm f' || grep -o '[a-z]*: .*' err)" "mkdir: can't create directory 'sub': File exists
ln: sub/to: Read-only file system
mkdir: can't create directory 'new': Read-only file system
mknod: sub: File exists
rm: can't remove 'nothing': No such file or directory
rm: can't remove 'f': Read-only file system"
rm -r other/f other/sub
rm -f other/x
same "over one that boot mounts" "$(guest --share share:/tmp 'ls /tmp')" f
same "over a folder of the image" "$(guest --share share:/etc 'ls /etc')" f
guest --share a:/x --share b:/x true; same "two in one place: 125" $? 125
ok "and it is said" grep -q 'name another' err
same "two of one name" "$(guest --share a/same --share b/same --share a/same:/c 'cut -d" " -f1-2 /proc/mounts | grep same')" \
	"same /mnt/same
same-2 /mnt/same-2
same-3 /c"
mkdir 'c:d'
touch 'c:d/colon'
same "a folder with a colon" "$(guest --share c:d:/mnt/c 'ls /mnt/c')" colon
guest --share nothere true; same "no such folder: 125" $? 125
ok "and it is said" grep -q 'nothere.*No such file' err
guest --share share/f true; same "not a folder: 125" $? 125
guest --share /proc true; same "procfs: 125" $? 125
"$FLAT32" boot --share '' --exec true "$image" 2>err; same "nothing: 125" $? 125

# --- mounting it again, and nothing else

same "unmounted, and mounted once more by its name" "$(guest --share share 'umount /mnt/share && ls /mnt/share
mkdir /x && mount -t share share /x && cat /x/f')" hello
same "there is no other name" "$(guest --share share 'for n in / "" other ../other share/.. "$PWD"; do
	mount -t share "$n" /root && echo "$n"; done; mount -t hostfs none /root && echo all; ls -A /root')" ""
same "its type and size" "$(guest --share share 'stat -f -c %T /mnt/share; [ $(stat -f -c %b /mnt/share) -gt 0 ] && echo blocks')" \
	"$(printf 'UNKNOWN\nblocks')"

# --- each other's doings

same "the guest writes" "$(guest --share share 'cd /mnt/share; echo one >new; echo two >>new; mkdir -p x/y; ln -s new link
	ln new x/hard; mv new x/moved; cat x/hard; ls -R x; readlink link')" "one
two
x:
hard
moved
y

x/y:
new"
same "the host sees it" "$(cat share/x/moved; readlink share/link; stat -c %h share/x/hard)" "one
two
new
2"
guest --share share 'cd /mnt/share; rm -r x link' >out
same "it removes" "$(cat out; ls share)" f
guest --share share 'cd /mnt/share; echo ready >ready; until [ -e go ]; do sleep 0.05; done; cat go; ls; rm ready
	until [ -d gone ]; do sleep 0.05; done; ls; cat f; until [ -e end ]; do sleep 0.05; done; ls; cat f' >out &
until [ -e share/ready ] || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
echo "from the host" >share/go.tmp && mv share/go.tmp share/go
while [ -e share/ready ]; do sleep 0.05; done
rm share/go; echo changed >share/f; mkdir share/gone
while ! grep -q changed out; do sleep 0.05; done
mv share/f share/g; rmdir share/gone; echo again >share/f; touch share/end
wait $!
same "the guest sees what the host does, at once" "$(cat out)" "from the host
f
go
ready
f
gone
changed
end
f
g
again"
rm -f share/g share/end; echo hello >share/f

# --- what files can be

same "a file of more than 4 GiB" "$(guest --share share 'cd /mnt/share; echo far | dd of=big bs=1 seek=5368709120 2>/dev/null
	stat -c %s big; dd if=big bs=1 skip=5368709120 2>/dev/null; truncate -s 6G big; stat -c %s big')" "5368709124
far
6442450944"
same "as large on the host" "$(stat -c %s share/big)" 6442450944
rm -f share/big
long=$(printf '%0255d' 0)
same "names of all bytes" "$(guest --share share 'cd /mnt/share; n=$(printf "a\001\n\377 \\*\"z"); echo x >"$n"; cat "$n"
	cat $(printf "*\377*")')" "x
x"
same "the same on the host" "$(cat share/a*z)" x
rm -f share/a*z
same "the longest name" "$(guest --share share "cd /mnt/share; echo x >$long; cat $long; rm $long; echo y >0$long")" x
ok "and one too long" grep -q 'too long' err
same "times, modes" "$(guest --share share 'cd /mnt/share; chmod 640 f; touch -d @1000000000 f; stat -c "%a %Y" f; chmod 644 f')" \
	"640 1000000000"
same "a program is run from it" "$(cp "$B/guest-tests/helpers/share_probe" share/; guest --share share \
	'/mnt/share/share_probe hello')" "hello from /mnt/share/share_probe"
same "mapped: copies, no shared ones" "$(guest --share share '/mnt/share/share_probe map /mnt/share/f')" "private: hello
private, written: jello
the file: hello
shared: No such device
shared, to be written: No such device"
same "locks keep the guest's programs apart" "$(guest --share share '/mnt/share/share_probe lock /mnt/share/f')" \
	"flock: Resource temporarily unavailable
fcntl: Resource temporarily unavailable"
same "made with a mode that forbids writing, and written" "$(guest --share share \
	'/mnt/share/share_probe make /mnt/share/locked; ls -l /mnt/share/locked | cut -c1-10; cat /mnt/share/locked')" "-r--r--r--
made"
rm -f share/locked
same "a FIFO is the guest's" "$(guest --share share 'cd /mnt/share; mkfifo p; sh -c "echo through >p" & cat p; stat -c %F p')" \
	"through
fifo"
same "one of the host's does not block the emulator" "$(guest --share share 'cd /mnt/share; sh -c "cat p" & sleep 0.2; echo still here
	kill $!; rm p')" "still here"
rm -f share/p

# --- guests' tests of files

cp "$B"/guest-tests/file_open "$B"/guest-tests/file_rw "$B"/guest-tests/file_lock "$B"/guest-tests/dir_names \
	"$B"/guest-tests/stat_attr "$B"/guest-tests/pipe_basic "$B"/guest-tests/inotify_basic other/
for test in $tests; do
	guest --share share --share other:ro "SCRATCH=host TMPDIR=/mnt/share /mnt/other/$test" >out
	status=$?
	# Set-user-ID bits do not stay.
	[ $test != stat_attr ] || { grep '^not ok' out | grep -qv ' - chmod$' || status=0; }
	verdict $status "$test"
	grep -v '^ok' out | sed 's/^/# /'
done
ls -A share >out
same "nothing is left of them" "$(cat out)" "f
share_probe"

# --- read only

cp -p share/f other/f
guest --share other:ro 'cd /mnt/other; for c in "touch f" "touch new" "rm f" "mv f g" "ln f g" "ln -s f g" "mkdir g" "chmod 600 f" \
	"chown 1 f" "mkfifo g" "truncate -s 0 f" "mount -o remount,rw /mnt/other" "cp /etc/passwd f" "rmdir ."; do
	$c 2>/dev/null && echo "$c"; done; cat f; grep other /proc/mounts; cp f /tmp' >out
same "nothing can be changed" "$(cat out)" "hello
other /mnt/other share ro,nosuid,nodev,relatime 0 0"
same "a second mount is read only, too" "$(guest --share other:ro 'mount -t share -o rw other /root; echo x >/root/new
	grep root /proc/mounts | grep share; mkdir /b; mount --bind /mnt/other /b; mount -o remount,rw /b; echo x >/b/new; cat /b/f')" \
	"other /root share ro,relatime 0 0
hello"
ok "nothing was" [ "$(cat other/f)" = hello ] && [ ! -e other/new ]

# --- what would hurt the host

guest --share share 'cd /mnt/share; cp f tool; chmod 6755 tool; mknod null c 1 3; mknod disk b 1 0; mknod zero c 0 0
	/mnt/share/share_probe make6 s; ls' >out 2>&1
same "no set-user-ID bits, no device nodes" "$(cat out; stat -c %a share/tool share/s)" "f
s
share_probe
tool
755
755"
same "each of them is said" "$(grep -c 'not permitted' err)" 3
chmod 6755 share/tool
guest --share share 'echo x >>/mnt/share/tool'
same "written to, a program loses them" "$(stat -c %a share/tool)" 755
rm -f share/tool share/s
if [ "$(id -u)" = 0 ] && mknod share/null c 1 3 2>/dev/null; then
	same "a device node of the host is not opened, nor changed" "$(guest --share share 'cd /mnt/share; stat -c %F null
		cat null && echo read; echo x >null && echo written; chmod 666 null && echo changed; chown 5 null && echo given
		mount -o remount,dev /mnt/share; mknod /dev/n c 1 3; ls -l null | cut -c1-10')" "character special file
crw-r--r--"
	rm -f share/null
else
	skip 1 "not root: no device nodes"
fi

# --- who is who

if [ "$(id -u)" = 0 ]; then
	chown 0:0 share share/f
	guest --share share 'cd /mnt/share; chown 1000:1001 f; ls -ln f | tr -s " " | cut -d" " -f1-4; chmod 777 .
		/mnt/share/share_probe as 65534 "echo mine >n; mkdir nd; cat f; echo x >f"; stat -c "%u %g" n nd; chmod 755 .' >out
	same "root's share: owners are the host's" "$(sed 's/  */ /g' out)" "-rw-r--r-- 1 1000 1001
hello
65534 65534
65534 65534"
	same "and those of new files" "$(stat -c '%u %g' share/f share/n share/nd)" "1000 1001
65534 65534
65534 65534"
	rm -r share/n share/nd
	user() { setpriv --reuid=12345 --regid=12346 --clear-groups timeout 60 "$@"; }
	chown -R 12345:12346 share
	echo other >share/root; chmod 600 share/root
	chmod -R a+rX . 2>/dev/null
	chmod 600 share/root
	if user test -r "$image" && user test -x "$FLAT32"; then
		user "$FLAT32" boot --share share --exec 'cd /mnt/share; stat -c "%u %g" . f root; cat root; echo new >n; chown 0:0 n && echo same
			chown 5 n; chmod 400 n; /mnt/share/share_probe make l; cat l; rm -f l' "$image" >out 2>err </dev/null
		same "a user's share: the user is root, others are nobody" "$(cat out)" "0 0
0 0
65534 65534
same
made"
		ok "and cannot give files away" grep -q 'chown: n: Operation not permitted' err
		same "the file is the user's" "$(stat -c '%u %g %a' share/n)" "12345 12346 400"
	else
		skip 3 "another user cannot come here"
	fi
	rm -f share/n share/root; chown -R 0:0 share
else
	skip 5 "not root"
fi

# --- no room

mkdir tiny
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k tiny tiny 2>/dev/null; then
	guest --share tiny 'cd /mnt/tiny; dd if=/dev/zero of=a bs=4k count=100; ls -l a | cut -c1-10' >out
	umount tiny
	ok "no space left on the host" grep -q 'No space left' err
	same "and the guest goes on" "$(cat out)" "-rw-r--r--"
else
	skip 2 "cannot mount a small file system"
fi

# --- flat32 run

cp "$B/guest-tests/helpers/share_probe" probe
timeout 20 "$FLAT32" run --share share:ro ./probe make share/new >out 2>&1
same "run: a share over itself, to be read only" "$(cat out; ls share)" "share/new: Read-only file system
f
share_probe"
same "over another folder" "$(timeout 20 "$FLAT32" run --share "share:$PWD/other" ./probe map other/f | head -n 1)" "private: hello"
timeout 20 "$FLAT32" run --share share:/nothere/at/all ./probe hello 2>err; same "run makes no folders: 125" $? 125
ok "and says so" grep -q 'must be a folder that is there' err
finish
