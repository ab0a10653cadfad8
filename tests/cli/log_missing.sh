#!/bin/sh
# A system call that is not there is told of in the kernel's log, once.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 2
cat >ask.c <<'C'
#include <unistd.h>
#include <sys/syscall.h>
int main(void)
{
	for (int i = 0; i < 1000; i++)
		syscall(SYS_mlockall, 3), syscall(500 + i);
	return 0;
}
C
"$FLAT32_CC" -O1 -o ask ask.c || { echo "Bail out! cannot build the guest program"; exit 2; }
"$FLAT32" run --log debug ./ask >out 2>&1
same "a known one, by name" "$(grep -c 'system call 230 (mlockall) is not implemented' out)" 1
same "numbers beyond the table together" "$(grep -c '(unknown) is not implemented' out)" 12
finish
