/* SPDX-License-Identifier: MIT
 * All solutions of the n-queens problem, by bit masks and recursion. */
#include "bench.h"

static uint32_t solve(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
	uint32_t free_places = all & ~(columns | left | right), found = 0;

	if (columns == all)
		return 1;
	while (free_places) {
		uint32_t place = free_places & -free_places;

		free_places ^= place;
		found += solve(all, columns | place, (left | place) << 1, (right | place) >> 1);
	}
	return found;
}

int main(int argc, char **argv)
{
	unsigned n = bench_size(argc, argv, 14);
	uint32_t sum = 0;

	for (unsigned k = 4; k <= n; k++)
		sum = bench_mix(sum, solve((1u << k) - 1, 0, 0, 0));
	return bench_result("nqueens", sum);
}
