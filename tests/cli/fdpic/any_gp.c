/* SPDX-License-Identifier: MIT
 * Functions for which gp need not change, and such as look like them. LIBRARY 1: pure() needs none; 2: the same library,
 * later, when it does. */
#include <stdio.h>
#include <string.h>

int pure(int n), chain(int n), counted(int n), through(int (*f)(int), int n), tail(int n), behind(int n);
long sum(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j);

#ifdef LIBRARY
static int counter;

static __attribute__((noinline)) int count(int n) { return n + ++counter; }
#if LIBRARY == 1
int pure(int n) { return n * 3; }
#else
int pure(int n) { return count(n) - counter + 2 * n; }
#endif
int chain(int n) { return pure(n) + 1; }
int counted(int n) { return count(n); }
int tail(int n) { return n & 1 ? count(n) : n; }
int through(int (*f)(int), int n) { return f(n) + f(n); }
int behind(int n) { return (int)strlen("four") + n; }
long sum(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
	return a + b + c + d + e + f + g + h + i * 10 + j * 100;
}
#else
static int own = 7;

static int callback(int n) { return own++ + n; }

int main(void)
{
	int (*volatile f)(int) = pure;

	printf("%d %d %d", pure(2), chain(2), f(4));
	own = 7;
	printf(" %d %d", counted(0) > 0, through(callback, 1));
	printf(" %d %d %d", tail(1) > 1, behind(1), own);
	printf(" %ld\n", sum(1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
	return 0;
}
#endif
