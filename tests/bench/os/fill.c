/* SPDX-License-Identifier: MIT
 * fill COUNT ram|fb|ratio [stores]: fills 1280x720 pixels of 32 bits, COUNT times, in RAM or in video memory as /dev/fb0 maps it,
 * with memset() or (stores) a word at a time. ratio: both in turns; how many times as long video memory took at its best.
 */
#include "rate.h"
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define PIXELS (1280u * 720)
#define SIZE (PIXELS * 4)
#define ROUNDS 300

static int stores;

static uint32_t *get(int video)
{
	int fd = video ? open("/dev/fb0", O_RDWR) : -1;
	uint32_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, video ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);

	if (p == MAP_FAILED) {
		perror(video ? "/dev/fb0" : "mmap");
		exit(1);
	}
	memset(p, 1, SIZE);
	return p;
}

/* Not inlined: it is the same code for both. */
__attribute__((noinline)) static void fill(uint32_t *p, uint32_t value)
{
	if (!stores) {
		memset(p, (int)value, SIZE);
		return;
	}
	for (volatile uint32_t *q = p, *end = p + PIXELS; q < end; q++)
		*q = value;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure(uint32_t *p, long n)
{
	double t = seconds();

	for (long i = 0; i < n; i++)
		fill(p, (uint32_t)i);
	return seconds() - t;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* The best of many turns: what else the machine does makes it no faster. */
static int ratio(long n)
{
	uint32_t *ram = get(0), *video = get(1);
	double best[2] = { 1e9, 1e9 };

	for (int i = 0; i < ROUNDS; i++) {
		best[0] = least(best[0], measure(ram, n));
		best[1] = least(best[1], measure(video, n));
	}
	printf("%.3f\n", best[1] / best[0]);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "ram";
	uint32_t *p;
	long n;

	stores = argc > 3;
	if (!strcmp(what, "ratio"))
		return ratio(atol(argv[1]));
	p = get(!strcmp(what, "fb"));
	n = rate_begin(argc, argv, 100);
	for (long i = 0; i < n; i++)
		fill(p, (uint32_t)i);
	return rate_end(n);
}
