#!/bin/sh
# flat32 boot: images, init, --exec, and what is said of images that are none.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$TMPDIR" || exit 2
plan 29
image=$B/rootfs.cpio.gz

"$FLAT32" boot --exec 'exit 7' "$image"; same "--exec: the commands' status" $? 7
"$FLAT32" boot --exec 'kill -9 $$' "$image"; same "--exec: death by signal" $? 137
same "--exec: output passes through" "$("$FLAT32" boot --exec 'echo one; echo two >&2' "$image" 2>err)" one
same "errors too" "$(cat err)" two
same "input passes through" "$(printf 'x\ny\n' | "$FLAT32" boot --exec 'tr xy ab' "$image" | tr '\n' ' ')" "a b "
same "--env" "$("$FLAT32" boot -E COLOUR=red --exec 'echo $COLOUR' "$image")" red
same "a pipeline, a here-document, a subshell" "$("$FLAT32" boot --exec 'cat <<X | tr a-z A-Z | (read a b; echo $b $a)
hello there
X' "$image")" "THERE HELLO"
same "-m" "$("$FLAT32" boot -m 32M --exec 'sed -n "s/MemTotal: *//p" /proc/meminfo' "$image")" "32768 kB"
same "1 GiB of RAM" "$("$FLAT32" boot -m 1G --exec 'sed -n "s/MemTotal: *//p" /proc/meminfo' "$image")" "1048576 kB"
same "--trim" "$("$FLAT32" boot --trim 16 --exec 'cat /proc/sys/vm/nr_trim_pages' "$image")" 16
same "dmesg has the kernel's log" "$("$FLAT32" boot --exec 'dmesg >/dev/null; echo $?' "$image")" 0

# a booted guest has no way to the host's files, not even by mounting them
same "the host's files cannot be mounted" "$("$FLAT32" boot --exec 'mkdir /h; mount -t hostfs none /h 2>/dev/null && echo open
ls /h' "$image")" ""
same "nor are they offered" "$("$FLAT32" boot --exec 'grep -c hostfs /proc/filesystems' "$image")" 0

# the console, fed by a pipe
printf 'echo $((6*7))\nexit 9\n' | "$FLAT32" boot "$image" >out 2>err
same "init's shell: exit 9" $? 9
ok "and what was typed was run" grep -q '^42' out
printf 'poweroff\n' | timeout 20 "$FLAT32" boot "$image" >out 2>err; same "poweroff ends the machine" $? 0
printf 'exit 0\n' | "$FLAT32" boot --init /bin/sh "$image" >out 2>&1; same "--init" $? 0

# an image of our own
mkdir -p root/bin root/etc
cat >init.c <<'C'
#include <stdio.h>
int main(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("[%s]", argv[i]);
	puts("");
	return argc;
}
C
"$FLAT32_CC" -O1 -o root/init init.c || { echo "Bail out! cannot build the guest program"; exit 2; }
top=$(cd "$here/../.." && pwd)
"$top/guest-rootfs/mkimage" root own.cpio >/dev/null; same "mkimage makes an image" $? 0
"$FLAT32" boot own.cpio -- one two </dev/null >out; same "its init gets arguments and gives its status" $? 3
same "they are these" "$(tr -d '\r' <out)" "[/init][one][two]"
gzip -k own.cpio
"$FLAT32" boot own.cpio.gz </dev/null >out; same "gzip" $? 1

# what is no image
"$FLAT32" boot nothere.cpio 2>err; same "no such image: 127" $? 127
"$FLAT32" boot root 2>err; same "a folder: 126" $? 126
ok "mkimage is suggested" grep -q mkimage err
head -c 5000 "$image" >cut.gz
"$FLAT32" boot cut.gz 2>err; same "a cut image: 126" $? 126
ok "one line says why" [ "$(wc -l <err)" -eq 1 ]
head -c 4096 /dev/urandom >noise
"$FLAT32" boot noise 2>err; same "noise: 126" $? 126
"$FLAT32" boot -m 1M "$image" 2>err; same "too little RAM: 126" $? 126
ok "more is suggested" grep -q -- '-m' err
finish
