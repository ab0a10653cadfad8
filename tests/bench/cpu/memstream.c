/* SPDX-License-Identifier: MIT
 * Streams of words through memory, twice a megabyte and more: copy, scale, sum of two, sum of all. */
#include "bench.h"

#define COUNT (1 << 18)		/* words of each of three streams */

static uint32_t a[COUNT], b[COUNT], c[COUNT];

__attribute__((noinline)) static void copy(uint32_t *restrict to, const uint32_t *restrict from)
{
	for (int i = 0; i < COUNT; i++)
		to[i] = from[i];
}

__attribute__((noinline)) static void scale(uint32_t *restrict to, const uint32_t *restrict from, uint32_t by)
{
	for (int i = 0; i < COUNT; i++)
		to[i] = from[i] * by;
}

__attribute__((noinline)) static void add(uint32_t *restrict to, const uint32_t *restrict x, const uint32_t *restrict y)
{
	for (int i = 0; i < COUNT; i++)
		to[i] = x[i] + y[i];
}

__attribute__((noinline)) static uint32_t reduce(const uint32_t *from)
{
	uint32_t even = 0, odd = 0;

	for (int i = 0; i < COUNT; i += 2) {
		even += from[i];
		odd ^= from[i + 1];
	}
	return even ^ odd;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 900);
	uint32_t seed = 3, sum = 0;

	for (int i = 0; i < COUNT; i++)
		a[i] = bench_random(&seed);
	for (unsigned r = 0; r < rounds; r++) {
		copy(c, a);
		scale(b, c, 2 * r + 3);
		add(a, b, c);
		sum = bench_mix(sum, reduce(a));
	}
	return bench_result("memstream", sum);
}
