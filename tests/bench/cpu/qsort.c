/* SPDX-License-Identifier: MIT
 * Quicksort of random words, with insertion sort for small pieces. */
#include "bench.h"

#define COUNT 100000

static uint32_t data[COUNT];

static void insertion(uint32_t *a, int n)
{
	for (int i = 1; i < n; i++) {
		uint32_t v = a[i];
		int k = i;

		while (k > 0 && a[k - 1] > v) {
			a[k] = a[k - 1];
			k--;
		}
		a[k] = v;
	}
}

static void sort(uint32_t *a, int n)
{
	while (n > 12) {
		uint32_t pivot = a[n / 2];
		int lo = 0, hi = n - 1;

		while (lo <= hi) {
			while (a[lo] < pivot)
				lo++;
			while (a[hi] > pivot)
				hi--;
			if (lo <= hi) {
				uint32_t t = a[lo];

				a[lo++] = a[hi];
				a[hi--] = t;
			}
		}
		sort(a, hi + 1);
		a += lo;
		n -= lo;
	}
	insertion(a, n);
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 50);
	uint32_t seed = 12345, sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 0; i < COUNT; i++)
			data[i] = bench_random(&seed);
		sort(data, COUNT);
		for (int i = 0; i < COUNT; i += 997)
			sum = bench_mix(sum, data[i]);
	}
	return bench_result("qsort", sum);
}
