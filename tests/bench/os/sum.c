/* SPDX-License-Identifier: MIT
 * sum COUNT ram|flash|ratio: reads 1 MiB a word at a time, COUNT times, from RAM or from flash as /dev/mtd0 maps it. ratio: both in
 * turns; how many times as long flash took at its best.
 */
#include "rate.h"
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE (1u << 20)
#define ROUNDS 300

static const uint32_t *get(int flash)
{
	int fd = flash ? open("/dev/mtd0", O_RDONLY) : -1;
	uint32_t *p = mmap(NULL, SIZE, flash ? PROT_READ : PROT_READ | PROT_WRITE, flash ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);

	if (p == MAP_FAILED) {
		perror(flash ? "/dev/mtd0" : "mmap");
		exit(1);
	}
	if (!flash)
		memset(p, 0xff, SIZE);
	return p;
}

/* Not inlined: it is the same code for both. */
__attribute__((noinline)) static uint32_t sum(const uint32_t *p)
{
	uint32_t s = 0;

	for (const volatile uint32_t *q = p, *end = p + SIZE / sizeof *p; q < end; q++)
		s += *q;
	return s;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t total;

static double measure(const uint32_t *p, long n)
{
	double t = seconds();

	for (long i = 0; i < n; i++)
		total += sum(p);
	return seconds() - t;
}

/* The best of many turns: what else the machine does makes it no faster. */
static int ratio(long n)
{
	const uint32_t *ram = get(0), *flash = get(1);
	double best[2] = { 1e9, 1e9 };

	for (int i = 0; i < ROUNDS; i++) {
		double t[2] = { measure(ram, n), measure(flash, n) };

		for (int k = 0; k < 2; k++)
			best[k] = t[k] < best[k] ? t[k] : best[k];
	}
	printf("%.3f\n", best[1] / best[0]);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "ram";
	const uint32_t *p;
	long n;

	if (!strcmp(what, "ratio"))
		return ratio(atol(argv[1]));
	p = get(!strcmp(what, "flash"));
	n = rate_begin(argc, argv, 100);
	measure(p, n);
	return rate_end(n);
}
