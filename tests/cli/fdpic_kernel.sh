#!/bin/sh
# FDPIC programs and the kernel: signal handlers by descriptor, clone, exec between FDPIC and PIE, ptrace, maps (fdpic/kernel.c), with text and
# data at the usual distance and at others; text shared by processes, and executed from romfs and cramfs.
# engines: all
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$TMPDIR" || exit 2
plan 21

if [ ! -e "$B/sdk/sysroot-fdpic/usr/lib/libc.a" ]; then
	skip 21 "this SDK has no libc for FDPIC"
	finish
fi
"$B/sdk/bin/flat32-cc" -mfdpic -static -O2 -Wall "$here/fdpic/kernel.c" -o fdpic &&
	"$B/sdk/bin/flat32-cc" -O2 -Wall "$here/fdpic/kernel.c" -o pie || { echo "Bail out! does not compile"; exit 2; }
"$B/sdk/bin/flat32-cc" -mfdpic -static -O0 "$here/fdpic/kernel.c" -o fdpic0

has() {
	grep -q -- "$1" "$2"
}
# good WHAT OPTIONS...: all of kernel.c's tests pass; what does not is shown
good() {
	what=$1 program=$2
	shift 2
	timeout 120 "$FLAT32" run --crash-report=off "$@" "$PWD/$program" "$PWD/pie" >out 2>err
	status=$?
	grep '^not ok' out | sed 's/^/# /'
	same "$what" "$status $(tail -n 1 out)" "0 1..35"
}
good "an FDPIC program" fdpic
good "not optimised" fdpic0
for seed in 1 2 3 4; do good "scattered by $seed" fdpic --scatter $seed; done
good "scattered, first fit" fdpic --scatter 5 --alloc first-fit
"$FLAT32" run ./fdpic bad >out 2>err; same "a handler that points to nothing: SIGSEGV" $? 139
ok "the log names it" has 'a signal handler is 0x00000100, which points to no function descriptor' err
ok "and the report says what that means" has 'its handler is no function descriptor' err
"$FLAT32" run --compat linux-6.12 ./fdpic fdpic >out 2>err
ok "--compat linux-6.12 ignores the marks: handlers are addresses, which descriptors are not" [ $? -ne 33 ]

# --- Shared, and in place ---
cat >where.c <<'C'
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[256];

	while (fgets(line, sizeof line, f))
		fputs(line, stdout);
	fflush(stdout);
	if (argc > 1) {		/* until stdin ends */
		while (read(0, line, 1) > 0)
			;
	}
	return !argv;
}
C
"$B/sdk/bin/flat32-cc" -mfdpic -static -O2 where.c -o where || exit 2
mkdir -p over/bin; cp where over/bin/
script='mkfifo /tmp/f; exec 3<>/tmp/f; where x </tmp/f >/tmp/1 & sleep 0.2; where >/tmp/2; cat /tmp/1; echo --; cat /tmp/2'
text() {
	sed -n "$1"'s/^\([0-9a-f]*\)-.* r-xp .*where$/\1/p' out
}
for image in cpio romfs cramfs; do
	"$top/guest-rootfs/mkimage" "$B/rootfs" over image.$image >log 2>&1 || { cat log; exit 2; }
	"$FLAT32" boot --exec "$script" image.$image >out 2>err
	same "$image: two processes, one text" "$(text '1,/^--/')" "$(text '/^--/,$')"
	[ $image = cpio ] || ok "$image: in the ROM" has '^40[0-9a-f]*-40[0-9a-f]* r-xp .*/bin/where$' out
done
cp image.romfs flash
"$FLAT32" boot --flash flash:8M --exec "$script" >out 2>err
ok "from flash: in the flash" has '^28[0-9a-f]*-28[0-9a-f]* r-xp .*/bin/where$' out

# --- What inspect says a process takes is what it takes, and its text nothing ---
echo 'int pause(void); int main(void) { return pause(); }' >waits.c
"$B/sdk/bin/flat32-cc" -mfdpic -static -O2 waits.c -o over/bin/waits || exit 2
each=$("$FLAT32" inspect over/bin/waits | sed -n 's/^  memory *\([0-9]*\) KiB for each process.*/\1/p')
script='free() { sed -n "s/^MemFree: *\([0-9]*\) kB/\1/p" /proc/meminfo; }
/bin/waits & sleep 0.2; a=$(free); for i in 1 2 3 4 5 6 7 8 9 10; do /bin/waits & done; sleep 0.2; echo $(($a - $(free)))'
for image in cpio romfs cramfs; do
	"$top/guest-rootfs/mkimage" "$B/rootfs" over image.$image >log 2>&1 || { cat log; exit 2; }
	took=$("$FLAT32" boot --exec "$script" image.$image 2>err)
	# The shell that starts them may take a page for itself.
	[ "$took" != $((10 * each + 4)) ] || took=$((10 * each))
	same "$image: ten more processes" "$took" $((10 * each))
done
"$FLAT32" run ./where >out 2>err
ok "from the host: in RAM, by name" has '^80.* r-xp .*/where$' out
finish
