#!/bin/sh
# --poison: freed memory reads 6b, a store to free memory is found when it is handed out again; and nothing else changes.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 12

cat >guest.c <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif
#define PAGES 4
#define LEN (PAGES * 4096)
static unsigned char *get(int flags)
{
	return mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}
int main(int argc, char **argv)
{
	unsigned char *a = get(0), *b;
	memset(a, 1, LEN);
	munmap(a, LEN);
	if (argc > 1 && !strcmp(argv[1], "wild"))
		memcpy(a + 4100, "wild", 4);
	if (argc > 1 && !strcmp(argv[1], "follow"))
		return **(int **)(void *)a;
	if (argc > 1 && !strcmp(argv[1], "jump"))
		((void (*)(void))(void *)a)();
	b = get(MAP_UNINITIALIZED);
	printf("%s %02x\n", a == b ? "same" : "other", b[0]);
	return 0;
}
C
"$FLAT32_CC" -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

"$FLAT32" run --poison ./guest >out 2>err; same "MAP_UNINITIALIZED shows what free memory is full of" "$? $(cat out)" "0 same 6b"
same "and that is no reason to complain" "$(cat err)" ""
same "without it the old contents are there" "$("$FLAT32" run ./guest)" "same 01"
"$FLAT32" run --poison ./guest wild >out 2>err; same "a store to free memory does no harm to the run" "$? $(cat out)" "0 same 6b"
same "the log has the kernel's words" "$(head -n 1 err)" "flat32: pagealloc: memory corruption"
ok "then where, what was there, what is" \
	grep -q '^flat32: pagealloc: 8[0-9a-f]*004-8[0-9a-f]*007, free and poisoned, was 6b, is now 77 69 6c 64$' err
same "and nothing more" "$(wc -l <err)" 2
"$FLAT32" run --poison --log err ./guest wild >out 2>err; same "it is an error, as in the kernel's log" "$(wc -l <err)" 2
"$FLAT32" run --poison ./guest follow 2>err; same "a pointer from freed memory leads nowhere: SIGSEGV" $? 139
"$FLAT32" run --poison ./guest jump 2>err; same "and it is no code: SIGILL" $? 132

for strategy in buddy first-fit; do
	"$FLAT32" boot --poison --alloc $strategy --exec 'for i in 1 2 3; do ls -l /bin | md5sum; done | uniq | wc -l
		head -c 2000000 /dev/zero >/tmp/a; md5sum </tmp/a; rm /tmp/a; (sleep 0.01; echo done) | cat' "$B/rootfs.cpio.gz" >out 2>&1 </dev/null
	same "a shell is none the wiser ($strategy)" "$(cat out)" "1
6bde2aa6394fde37e21748bc0578113b  -
done"
done
finish
