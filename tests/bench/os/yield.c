/* SPDX-License-Identifier: MIT
 * Switches between two threads on one processor that give it to each other with sched_yield. */
#define _GNU_SOURCE
#include "rate.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_long turns;

/* Yields until both together have been here n times. */
static void *work(void *arg)
{
	long n = *(long *)arg;

	while (atomic_fetch_add_explicit(&turns, 1, memory_order_relaxed) < n)
		sched_yield();
	return NULL;
}

int main(int argc, char **argv)
{
	cpu_set_t one;
	pthread_t t;
	long n;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof one, &one))
		return 1;
	n = rate_begin(argc, argv, 1000000);
	if (pthread_create(&t, NULL, work, &n))
		return 1;
	work(&n);
	pthread_join(t, NULL);
	return rate_end(n);
}
