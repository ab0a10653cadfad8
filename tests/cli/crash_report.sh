#!/bin/sh
# --crash-report and --core: what is said of a process that dies of a signal, when, and when not.
# engines: all
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 42

cat >guest.c <<'C'
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

__attribute__((noinline)) static int deep(volatile char *above, int n)
{
	volatile char here[1024];

	here[0] = (char)n;
	here[1] = above[0];
	if (!n)
		*(volatile int *)16 = 1;
	return n ? deep(here, n - 1) + here[1] : here[0];
}
__attribute__((noinline)) static int store(volatile int *at) { *at = 1; return *at + 1; }
__attribute__((noinline)) static int caller(volatile int *at) { return store(at) + 1; }

int main(int argc, char **argv)
{
	char first = 0;
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(argv[1], "null"))
		return caller((int *)16);
	if (!strcmp(argv[1], "far"))
		return caller((int *)0x90000000);
	if (!strcmp(argv[1], "jump"))
		((void (*)(void))(argv[1][0] == 'j' ? 0x20 : 0))();
	if (!strcmp(argv[1], "illegal"))
		__asm__ volatile(".word 0xffffffff");
	if (!strcmp(argv[1], "trap"))
		__asm__ volatile("unimp");
	if (!strcmp(argv[1], "break"))
		__asm__ volatile("ebreak");
	if (!strcmp(argv[1], "abort"))
		abort();
	if (!strcmp(argv[1], "quit"))
		raise(SIGQUIT);
	if (!strcmp(argv[1], "deep")) {
		return deep(&first, 300);
	}
	for (; n; n--) {
		if (!vfork()) {
			execl(argv[0], argv[0], "null", (char *)0);
			_exit(9);
		}
		wait(0);
	}
	return 0;
}
C
"$FLAT32_CC" -w -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

# crash OPTIONS... -- ARGS...
crash() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	"$FLAT32" run $options ./guest "$@" >out 2>err
	status=$?
}
has() { ok "$1" grep -q -- "$1" err; }

crash -- null; same "the exit status stays" $status 139
has '^flat32: guest\[2\] was ended by SIGSEGV: {si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x10}$'
has 'pc 8[0-9a-f]* <store+0x[0-9a-f]*>: a store of 4 bytes, to 0x10$'
has 'a null pointer'
has '=> 8[0-9a-f]*:  sw	'
has 'ra 8[0-9a-f]*   sp 8[0-9a-f]* '
has '  ra 8[0-9a-f]* <caller+0x'
has 'sp+0x[0-9a-f]* *8[0-9a-f]* <main+0x'
ok "no system calls: nobody kept them" sh -c '! grep -q "system calls" err'
crash --crash-report=full -- null
has 'its last system calls:'
has '^flat32: set_tid_address(0x[0-9a-f]*) *= 2$'
crash --compat linux-6.12 -- null; has 'a store of 4 bytes, to 0x10$'
crash -- far; has 'Nothing is mapped at 90000000 or near it'
has '\[stack\]   below it'
crash -- jump; has 'It jumped to where no code is'
has 'an instruction was to be fetched from 0x20'
crash -- illegal; has '0xffffffff is no instruction of RV32'
crash -- trap; has '__builtin_trap()'
crash -- break; has 'It ran on an ebreak'
crash -- abort; has 'was ended by SIGABRT'
has 'abort(), or an assertion'
crash -- deep; has 'The stack has overflowed: sp is [0-9]* bytes below its end'
crash -- quit; ok "SIGQUIT is somebody's wish" sh -c '! grep -q "was ended by" err'

crash -- children 5; same "three of five are told" "$(grep -c 'was ended by' err)" 3
ok "and that there are more" grep -q 'there are more crashes; --crash-report=full' err
crash --crash-report=full -- children 5; same "or all" "$(grep -c 'was ended by' err)" 5
crash --crash-report=off -- null; ok "or none" sh -c '! grep -q "was ended by" err && grep -q "unhandled signal 11" err'
crash --log 0 -- null; same "or nothing at all" "$(cat err)" ""

# Lines: of a program with debug information, of a library that it maps, of an interpreter.
cat >lines.c <<'C'
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

__attribute__((noinline)) static int store(volatile int *at)
{
	*at = 1;
	return *at + 1;
}

int main(int argc, char **argv)
{
	unsigned at = argc > 2 ? strtoul(argv[2], 0, 0) : 0;
	char *p;

	if (!at)
		return store((int *)16) + 1;
	p = mmap(0, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(argv[1], O_RDONLY), at & -4096);
	return p == MAP_FAILED ? 9 : ((int (*)(int))(p + at % 4096))(20);
}
C
cat >library.c <<'C'
__attribute__((noinline)) static int inner(int at)
{
	return *(volatile int *)at;
}
int outer(int at)
{
	return inner(at) + 1;
}
C
cat >interp.c <<'C'
void _start(void)
{
	*(volatile int *)24 = 1;
}
C
"$FLAT32_CC" -w -g -O1 -o guest lines.c && "$FLAT32_CC" -w -g -O1 -fPIC -c library.c &&
	ld.lld-19 -shared -o library.so library.o && "$FLAT32_CC" -w -g -O1 -nostdlib -o interp interp.c &&
	"$FLAT32_CC" -w -O1 -Wl,--dynamic-linker="$PWD/interp" -o interpreted lines.c ||
	{ echo "Bail out! cannot build the programs with debug information"; exit 2; }
crash --
has 'pc 8[0-9a-f]* <store+0x[0-9a-f]*> at lines.c:7: a store of 4 bytes, to 0x10$'
has 'ra 8[0-9a-f]* <main+0x[0-9a-f]*> at lines.c:17$'
ok "instructions before that one are shown" sh -c 'grep -B1 "=> 8" err | grep -q "^flat32:      8[0-9a-f]*:"'
# lld leaves no more than a page between a section's address and its place in the file
outer=$("${FLAT32_CC%cc}nm" library.so | awk '$3 == "outer" { print $1 }')
at=$((0x$outer - 4096))
crash -- library.so $at
has 'pc 8[0-9a-f]* <inner+[0-9a-fx]* in library.so> at library.c:3: a load of 4 bytes, from 0x14$'
has 'ra 8[0-9a-f]* <outer+0x[0-9a-f]* in library.so> at library.c:7$'
llvm-strip-19 -o stripped.so library.so
crash -- stripped.so $at
has 'ra 8[0-9a-f]* <outer+0x[0-9a-f]* in stripped.so>$'
"$FLAT32" run ./interpreted 2>err
has 'pc 8[0-9a-f]* <_start+0x[0-9a-f]* in interp> at interp.c:3: a store of 4 bytes, to 0x18$'
# The debug information is whatever the program's maker put there.
cp guest whole
bad=0
for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	awk -v seed=$seed -v size="$(wc -c <whole)" 'BEGIN { srand(seed); for (i = 0; i < 40; i++)
		printf "%d %d\n", size / 2 + int(rand() * size / 2), int(rand() * 256) }' >damage
	cp whole guest
	while read -r where byte; do
		# shellcheck disable=SC2059
		printf "\\$(printf %o "$byte")" | dd of=guest bs=1 seek="$where" conv=notrunc 2>/dev/null
	done <damage
	"$FLAT32" run ./guest >out 2>err
	[ $? -lt 128 ] || [ "$(grep -c 'was ended by' err)" = 1 ] || bad=$((bad + 1))
done
same "debug information that is damaged harms nothing" $bad 0
cp whole guest
ok "and nobody is left behind" sh -c '! pgrep -P $$ flat32'
# Without libdw there are functions as before.
mkdir empty
: >empty/libdw.so.1
LD_LIBRARY_PATH=$PWD/empty "$FLAT32" run ./guest 2>err
has 'pc 8[0-9a-f]* <store+0x[0-9a-f]*>: a store of 4 bytes, to 0x10$'
"${FLAT32_CC%cc}strip" -o bare whole
"$FLAT32" run ./bare 2>err
ok "a program without any names" grep -q 'pc 8[0-9a-f]*: a store of 4 bytes, to 0x10$' err

mkdir cores
crash --core one --crash-report=off -- null; ok "--core FILE" test -s one
crash --core cores -- null; ok "--core FOLDER" test -s cores/core.guest.2
"$FLAT32" run --core none/x ./guest null 2>err; same "--core where no folder is: 125" $? 125
finish
