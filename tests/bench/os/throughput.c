/* SPDX-License-Identifier: MIT
 * Mebibytes a second through a pipe, 64 KiB in each call, from a thread to another. */
#include "rate.h"
#include <pthread.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static int ends[2];

static void *drain(void *arg)
{
	static char block[CHUNK];

	while (read(ends[0], block, sizeof block) > 0)
		;
	return arg;
}

int main(int argc, char **argv)
{
	static char block[CHUNK];
	pthread_t t;
	long n;

	if (pipe(ends) || pthread_create(&t, NULL, drain, NULL))
		return 1;
	n = rate_begin(argc, argv, 1000);
	for (long i = 0; i < n * (1 << 20) / CHUNK; i++)
		if (write(ends[1], block, sizeof block) != (ssize_t)sizeof block)
			return 1;
	close(ends[1]);
	pthread_join(t, NULL);
	return rate_end(n);
}
