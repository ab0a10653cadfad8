/* SPDX-License-Identifier: MIT
 *
 * What mm/ costs by itself: pairs of mmap and munmap of several sizes, with few and with many live
 * regions, beside the host's own pair in the same run.  Prints one line per measurement:
 * name, live regions, nanoseconds per pair.
 *
 *   cc -std=gnu11 -O2 -I. tests/bench/mm_bench.c mm/[a-z]*.c -o mm_bench
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "mm/mm.h"

#define MAP_PRIVATE_ANON 0x22u

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "mm_bench: %s\n", what);
	exit(1);
}

static uint32_t get(struct mm_space *s, uint32_t len)
{
	struct mm_map m = { .len = len, .prot = 3, .flags = MAP_PRIVATE_ANON };
	uint32_t addr = 0;

	if (mm_mmap(s, &m, &addr))
		die("mmap failed");
	return addr;
}

static void pairs(struct mm_space *s, uint32_t len, int live, int rounds)
{
	double best = 1e18;

	for (int repeat = 0; repeat < 5; repeat++) {
		double start = now();

		for (int i = 0; i < rounds; i++)
			if (mm_munmap(s, get(s, len), len))
				die("munmap failed");
		double each = (now() - start) / rounds;

		best = each < best ? each : best;
	}
	printf("mm-pair-%uK %d %.0f\n", len / 1024, live, best);
}

static void host_pairs(size_t len, int rounds)
{
	double best = 1e18;

	for (int repeat = 0; repeat < 5; repeat++) {
		double start = now();

		for (int i = 0; i < rounds; i++) {
			char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (p == MAP_FAILED)
				die("host mmap failed");
			munmap(p, len);
		}
		double each = (now() - start) / rounds;

		best = each < best ? each : best;
	}
	printf("host-pair-%zuK 0 %.0f\n", len / 1024, best);
}

int main(void)
{
	static const int lives[] = { 10, 1000, 100000 };
	struct mm_config c = { .ram_base = FLAT_RAM_BASE, .ram_size = 1u << 30, .nr_trim_pages = 1 };

	for (size_t i = 0; i < sizeof(lives) / sizeof(*lives); i++) {
		struct flat *flat;
		struct mm *mm;
		struct mm_space *s;
		uint32_t *kept = malloc(2 * (size_t)lives[i] * sizeof(*kept));

		if (!kept || flat_new(&flat) || flat_commit(flat, c.ram_base, c.ram_size) ||
		    mm_new(&mm, flat, &c) || mm_space_new(mm, &s))
			die("no machine");
		/* Every other page of the live set is free, so that the free lists are long too. */
		for (int n = 0; n < 2 * lives[i]; n++)
			kept[n] = get(s, 4096);
		for (int n = 0; n < 2 * lives[i]; n += 2)
			if (mm_munmap(s, kept[n], 4096))
				die("munmap failed");
		pairs(s, 4096, lives[i], 100000);
		pairs(s, 65536, lives[i], 20000);
		pairs(s, 16 << 20, lives[i], 2000);
		if (lives[i] < 100000)
			pairs(s, 256 << 20, lives[i], 200);
		free(kept);
		mm_space_put(s);
		mm_free(mm);
		flat_free(flat);
	}
	host_pairs(4096, 100000);
	host_pairs(65536, 20000);
	host_pairs(16 << 20, 2000);
	host_pairs(256 << 20, 200);
	return 0;
}
