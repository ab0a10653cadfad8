#!/bin/sh
# An allocation that fails in a guest: the post-mortem on stderr and in dmesg, and what --log does to it.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 20

cat >guest.c <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

/* All of memory in pages, of which every fourth stays: then nothing larger than 12 KiB is free. */
static void break_up(void)
{
	static void *p[4096];
	int n = 0;

	while (n < 4096 && (p[n] = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED)
		n++;
	for (int i = 0; i < n; i++)
		if (i % 4)
			munmap(p[i], 4096);
}

int main(int argc, char **argv)
{
	static char log[65536];
	size_t len = argc > 2 ? strtoul(argv[2], 0, 0) : 0;
	int got;

	if (!strcmp(argv[1], "broken"))
		break_up();
	if (!strcmp(argv[1], "shm"))
		got = shmget(IPC_PRIVATE, len, 0600) < 0 ? errno : 0;
	else
		got = mmap(0, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
	printf("errno %d\n", got);
	if (argc > 3 && (got = klogctl(3, log, sizeof log)) > 0)
		printf("%.*s", got, log);
	return 0;
}
C
"$FLAT32_CC" -O1 -g -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

"$FLAT32" run -m 4M ./guest broken 131072 dmesg >out 2>err
same "a fragmented memory: ENOMEM" "$(head -n 1 out)" "errno 12"
ok "the kernel's line" grep -qx 'flat32: nommu: Allocation of length 131072 from process 2 (guest) failed' err
ok "and its next" grep -qx 'flat32: Mem-Info:' err
ok "who asked, and where" grep -qE 'post-mortem: mmap2\(\) by pid 2 \(guest\) at 0x8[0-9a-f]{7} \(guest\+0x[0-9a-f]+\), called from 0x8' err
ok "the verdict" grep -q 'verdict  FRAGMENTATION' err
ok "what is in the way" grep -q 'given back by pid 2 (guest)$' err
ok "the map" grep -qE '\|[#+.]{64}\|' err
lines=$(sed -n '/length 131072/,$p' err | grep -c .)
ok "of at most 25 lines ($lines)" [ "$lines" -le 25 ]
ok "dmesg has the kernel's list of free blocks" grep -qE 'Normal: [0-9]+\*4kB \(M\) [0-9]+\*8kB .*= [0-9]+kB' out
ok "dmesg has a line for programs" grep -q 'post-mortem: cause=fragmentation call=mmap2 pid=2 .* order=5 .* comm=guest' out
same "which stderr has not" "$(grep -c 'cause=' err)" 0

# The address is one of the ELF file's: the C library's mmap().
at=$(sed -n 's/.*mmap2() by .* at 0x[0-9a-f]* (guest+\(0x[0-9a-f]*\)).*/\1/p' err | tail -n 1)
ok "addr2line knows the address ($at)" sh -c "'${FLAT32_CC%cc}addr2line' -i -f -e guest $at | grep -q mmap"

"$FLAT32" run --log err -m 4M ./guest broken 131072 >out 2>err
same "--log err: the kernel's line alone" "$(sort -u err | grep -c 131072) $(grep -c post-mortem err)" "1 0"
"$FLAT32" run --log crit -m 4M ./guest broken 131072 >out 2>err
same "--log crit: nothing" "$(cat err)" ""

"$FLAT32" run -m 8M --compat linux-6.12 ./guest whole 4194305 >out 2>err
ok "--compat: the largest block" grep -q 'BLOCK LIMIT: the largest block allowed is of order 10 (4 MiB)' err
"$FLAT32" run -m 16M --max-order 6 ./guest whole 300000 >out 2>err
ok "--max-order: what it would have to be" grep -q -- '- a larger limit (--max-order 7)' err
"$FLAT32" run -m 16M --max-order 7 ./guest whole 300000 >out 2>err
same "and with that it fits" "$(cat out)" "errno 0"

"$FLAT32" run -m 4M ./guest shm 4000000 >out 2>err
ok "shmget() has the page allocator's line" grep -qE '^flat32: guest: page allocation failure: order:10, mode:0x' err
ok "and its own post-mortem" grep -q 'post-mortem: shmget() by pid 2 (guest)' err
echo 'char big[8 << 20] = { 1 }; int main(void) { return big[9]; }' >big.c
"$FLAT32_CC" -o big big.c
"$FLAT32" run -m 4M ./big >out 2>err
ok "a program that is too large for the machine" grep -q 'verdict  OUT OF MEMORY' err
