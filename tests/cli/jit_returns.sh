#!/bin/sh
# Calls and returns that the host's own cannot follow: recursion deeper than the JIT's stack, longjmp() out of it,
# coroutines that exchange stacks, returns to code that was changed meanwhile.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 8

cat >deep.c <<'C'
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
static jmp_buf out;
static unsigned bottom;
__attribute__((noinline)) unsigned down(unsigned n, unsigned x)
{
	unsigned r;
	if (n == 0) {
		if (bottom++ % 3 == 1)
			longjmp(out, 1);
		return x;
	}
	r = down(n - 1, x * 1664525u + n);
	return r ^ (r << 5) ^ n;
}
static unsigned recurse(unsigned depth, unsigned times)
{
	static unsigned sum;
	for (volatile unsigned i = 0; i < times; i++)
		sum = setjmp(out) ? sum * 31 + 7 : sum * 31 + down(depth, i);
	return sum;
}
/* Returns twice as fast as it is called: a function that returns to its caller's caller. */
__asm__(".text\n.globl skip\nskip:\n lw ra, 12(sp)\n addi sp, sp, 16\n ret\n");
unsigned skip(void);
__asm__(".globl twice\ntwice:\n addi sp, sp, -16\n sw ra, 12(sp)\n addi a0, a0, 1\n call skip\n addi a0, a0, 100\n"
	" lw ra, 12(sp)\n addi sp, sp, 16\n ret\n");
unsigned twice(unsigned);
/* A loop that calls code which is changed while it is on the stack. */
typedef unsigned fn(unsigned);
static unsigned patched(unsigned times)
{
	uint32_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned sum = 0;
	p[1] = 0x00008067;
	for (unsigned i = 0; i < times; i++) {
		p[0] = 0x00050513u | (i & 0x3ff) << 20;	/* addi a0, a0, i */
		__builtin___clear_cache((char *)p, (char *)(p + 2));
		for (unsigned k = 0; k < 200; k++)
			sum = ((fn *)(void *)p)(sum) * 3;
	}
	return sum;
}
int main(int argc, char **argv)
{
	unsigned s = 0;
	if (!strcmp(argv[1], "deep"))
		s = recurse(150000, 12);
	else if (!strcmp(argv[1], "jump"))
		s = recurse(300, 3000);
	else if (!strcmp(argv[1], "skip"))
		for (unsigned i = 0; i < 100000; i++)
			s = s * 17 + twice(i);
	else
		s = patched(500);
	printf("%u\n", s + (unsigned)argc);
	return 0;
}
C
$FLAT32_CC -O1 -Wl,-z,stack-size=16777216 -o deep deep.c || exit 2
for what in deep jump skip patch; do
	interp=$("$FLAT32" run --engine interp ./deep $what)
	same "$what: the interpreter comes to the end" $? 0
	same "$what: translated code says the same" "$("$FLAT32" run ./deep $what 2>&1)" "$interp"
done
finish
