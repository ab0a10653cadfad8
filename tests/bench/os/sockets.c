/* SPDX-License-Identifier: MIT
 * A byte goes to another thread and comes back through one socket: of AF_UNIX, or (second argument "tcp") a TCP connection on the
 * loopback. */
#include "rate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int end[2];

static int connection(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (bind(l, (void *)&a, len) || listen(l, 1) || getsockname(l, (void *)&a, &len))
		return -1;
	end[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(end[0], (void *)&a, len))
		return -1;
	end[1] = accept(l, NULL, NULL);
	for (int i = 0; i < 2; i++)
		setsockopt(end[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return close(l);
}

static void *echo(void *arg)
{
	char c;

	while (read(end[1], &c, 1) == 1)
		if (write(end[1], &c, 1) != 1)
			break;
	return arg;
}

int main(int argc, char **argv)
{
	int tcp = argc > 2 && !strcmp(argv[2], "tcp");
	pthread_t t;
	char c = 'x';
	long n, i;

	if ((tcp ? connection() : socketpair(AF_UNIX, SOCK_STREAM, 0, end)) || pthread_create(&t, NULL, echo, NULL))
		return 1;
	n = rate_begin(argc, argv, 50000);
	for (i = 0; i < n; i++)
		if (write(end[0], &c, 1) != 1 || read(end[0], &c, 1) != 1)
			return 1;
	rate_end(n);
	close(end[0]);
	pthread_join(t, NULL);
	return 0;
}
