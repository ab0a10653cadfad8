/* SPDX-License-Identifier: MIT
 * Fibonacci numbers by double recursion: calls and returns. */
#include "bench.h"

__attribute__((noinline)) static uint32_t fib(uint32_t n)
{
	uint32_t sum = 1;

	/* Written so that compilers do not unroll the recursion away. */
	if (n < 2)
		return n;
	sum = fib(n - 1);
	__asm__ volatile("" : "+r"(sum));
	return sum + fib(n - 2);
}

int main(int argc, char **argv)
{
	return bench_result("fib", fib(bench_size(argc, argv, 38)));
}
