/* SPDX-License-Identifier: MIT
 * frames ROUNDS: what drawing 60 frames a second leaves of a processor. Half a second of computing while nothing is drawn, and half a
 * second with all of 1280x720 pixels of 32 bits filled anew in each frame; in turns. Prints how much was computed in the second
 * kind of halves for each bit of the first, the median of all rounds: what a window costs, and the drawing itself.
 */
#include "rate.h"
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE (1280u * 720 * 4)
#define FRAMES 30
#define FRAME (1.0 / 60)

static uint8_t *video;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t compute(uint32_t x)
{
	for (int i = 0; i < 20000; i++)
		x = x * 1664525 + 1013904223;
	return x;
}

/* How often it has computed in so many frames. */
static long half(int draw)
{
	static uint32_t x, colour;
	double end = now();
	long n = 0;

	for (int i = 0; i < FRAMES; i++) {
		if (draw)
			memset(video, (int)++colour, SIZE);
		for (end += FRAME; now() < end; n++)
			x = compute(x);
	}
	return n + (x == 1);
}

static int by_size(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 10, fd = open("/dev/fb0", O_RDWR);
	double *share = calloc((size_t)rounds + 1, sizeof *share);

	video = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (video == MAP_FAILED || rounds < 1 || !share) {
		perror("/dev/fb0");
		return 1;
	}
	half(1);
	for (int i = 0; i < rounds; i++) {
		long still = half(0);

		share[i] = (double)half(1) / (double)still;
	}
	qsort(share, (size_t)rounds, sizeof *share, by_size);
	printf("%.3f\n", share[rounds / 2]);
	return 0;
}
