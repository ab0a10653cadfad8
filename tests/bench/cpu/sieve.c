/* SPDX-License-Identifier: MIT
 * Sieve of Eratosthenes over a megabyte: byte stores with a stride. */
#include "bench.h"

#include <string.h>

#define LIMIT (1u << 20)

static unsigned char composite[LIMIT];

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 200);
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		memset(composite, 0, sizeof(composite));
		for (unsigned i = 2; i * i < LIMIT; i++) {
			if (composite[i])
				continue;
			for (unsigned k = i * i; k < LIMIT; k += i)
				composite[k] = 1;
		}
		for (unsigned i = 2 + r; i < LIMIT; i++)
			sum += !composite[i];
	}
	return bench_result("sieve", sum);
}
