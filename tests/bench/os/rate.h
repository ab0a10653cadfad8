/* SPDX-License-Identifier: MIT
 *
 * What the benchmarks of system calls share: they do something as often as their first argument says and
 * print how often that is in a second.
 */
#ifndef RATE_H
#define RATE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct timespec rate_start;

static inline long rate_begin(int argc, char **argv, long otherwise)
{
	long n = argc > 1 ? atol(argv[1]) : otherwise;

	clock_gettime(CLOCK_MONOTONIC, &rate_start);
	return n;
}

static inline int rate_end(long n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	double s = (double)(now.tv_sec - rate_start.tv_sec) +
		   (double)(now.tv_nsec - rate_start.tv_nsec) / 1e9;

	printf("%.1f\n", (double)n / s);
	return 0;
}

#endif
