#!/bin/sh
# --fail-alloc: the Nth page allocation of the guest fails, the log says so, and the number of them is said at the end.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 17

cat >hello.c <<'C'
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
/* Prints which of six mappings came about. */
int main(void)
{
	char line[8] = "";
	for (int i = 0; i < 6; i++) {
		void *p = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		line[i] = p != MAP_FAILED ? 'y' : errno == ENOMEM ? 'n' : '?';
	}
	puts(line);
	return 0;
}
C
"$FLAT32_CC" -O1 -o hello hello.c || { echo "Bail out! cannot build the guest program"; exit 2; }

"$FLAT32" run --fail-alloc 0 ./hello >out 2>err; same "0 fails none" "$? $(cat out)" "0 yyyyyy"
count=$(sed -n 's/^flat32: \([0-9]*\) page allocations, 0 failed$/\1/p' err)
ok "and says how many there were" [ "${count:-0}" -ge 8 ]
ok "and nothing else" [ "$(wc -l <err)" -eq 1 ]

"$FLAT32" run --fail-alloc "$count" ./hello >out 2>err; same "the last one" "$? $(cat out)" "0 yyyyyn"
same "is said at the end" "$(tail -n 1 err)" "flat32: $count page allocations, 1 failed"
ok "and in the log" grep -q "FAULT_INJECTION: forcing a failure.*fail_page_alloc, allocation $count, 5 pages" err
ok "with the kernel's line after it" grep -q 'nommu: Allocation of length 20480 from process [0-9]* (hello) failed' err
"$FLAT32" run --fail-alloc $((count - 3)) ./hello >out 2>/dev/null; same "one in the middle" "$? $(cat out)" "0 yynyyy"
"$FLAT32" run --fail-alloc $((count - 5)):2 ./hello >out 2>err; same "each second" "$? $(cat out)" "0 nynyny"
same "three failed" "$(tail -n 1 err)" "flat32: $count page allocations, 3 failed"
"$FLAT32" run --fail-alloc $((count + 1)) ./hello >out 2>/dev/null; same "one beyond the last" "$? $(cat out)" "0 yyyyyy"

# Before the program runs, it is an error of the start.
"$FLAT32" run --fail-alloc 1 ./hello >out 2>err; same "the first: the program does not start" "$? $(cat out)" "126 "
ok "and the log says why" grep -q FAULT_INJECTION err

for bad in x 3: 0:3 5:0; do
	"$FLAT32" run --fail-alloc $bad ./hello >out 2>err; same "--fail-alloc $bad: 125" $? 125
done
finish
