/* SPDX-License-Identifier: MIT
 *
 * Addresses of every kind, in a program without a C library: prints a number that any compiler's code gives.
 */
#include "forms.h"

static int count, common[3] __attribute__((aligned(64)));
int number = 5;
static int add(int a, int b) { count++; return a + b; }
static int sub(int a, int b) { count += 2; return a - b; }
static int (*const operations[])(int, int) = { add, sub };
int (*volatile current)(int, int) = add;
extern int nowhere_function(void) __attribute__((weak));
extern int nowhere __attribute__((weak));
extern const int constant[];

static void print(const char *s, int n)
{
	register int a0 __asm__("a0") = 1, a2 __asm__("a2") = n, a7 __asm__("a7") = 64;
	register const char *a1 __asm__("a1") = s;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
}

static int switched(int n)
{
	switch (n) {
	case 0: return 5;
	case 1: return 7;
	case 2: return 11;
	case 3: return 90;
	case 4: return number;
	case 5: return 3;
	}
	return 0;
}

static int gone_to(const char *s)
{
	static void *const table[] = { &&a, &&b, &&c };
	int n = 1;

	goto *table[*s++ - 'a'];
a:	n += 3;
	goto *table[*s++ - 'a'];
b:	n *= 2;
	goto *table[*s++ - 'a'];
c:	return n;
}

int main(void)
{
	char text[8] = "0000000\n";
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		sum += operations[i & 1](i, number) * (i + 1) + switched(i) + other[i];
		common[i % 3] += i;
	}
	sum += current(3, 4) + count + gone_to("abaabc") + constant[1] + common[2];
	if (nowhere_function)
		sum += nowhere_function();
	if (&nowhere)
		sum += nowhere;
	sum += other_function(2) + get_function()(5) + (get_function() == other_function ? 1000 : 0);
	for (int i = 6; i >= 0; i--, sum /= 10)
		text[i] = (char)('0' + sum % 10);
	print(text, 8);
	return 0;
}
