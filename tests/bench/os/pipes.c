/* SPDX-License-Identifier: MIT
 * A byte goes to another thread through one pipe and comes back through another. */
#include "rate.h"
#include <pthread.h>
#include <unistd.h>

static int to[2], from[2];

static void *echo(void *arg)
{
	char c;

	while (read(to[0], &c, 1) == 1)
		if (write(from[1], &c, 1) != 1)
			break;
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t t;
	char c = 'x';
	long n, i;

	if (pipe(to) || pipe(from) || pthread_create(&t, NULL, echo, NULL))
		return 1;
	n = rate_begin(argc, argv, 50000);
	for (i = 0; i < n; i++)
		if (write(to[1], &c, 1) != 1 || read(from[0], &c, 1) != 1)
			return 1;
	rate_end(n);
	close(to[1]);
	pthread_join(t, NULL);
	return 0;
}
