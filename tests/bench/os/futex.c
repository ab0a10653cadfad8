/* SPDX-License-Identifier: MIT
 * A word goes to another thread and back, each waiting for the other with a futex. */
#include "rate.h"
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int turn;
static long trips;

/* Waits for the word to be mine, and makes it the other's. */
static void pass(int mine)
{
	while (turn != mine)
		syscall(SYS_futex, &turn, FUTEX_WAIT, !mine, NULL, NULL, 0);
	turn = !mine;
	syscall(SYS_futex, &turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *other(void *arg)
{
	for (long i = 0; i < trips; i++)
		pass(1);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t t;

	trips = rate_begin(argc, argv, 50000);
	if (pthread_create(&t, NULL, other, NULL))
		return 1;
	for (long i = 0; i < trips; i++)
		pass(0);
	pthread_join(t, NULL);
	return rate_end(trips);
}
