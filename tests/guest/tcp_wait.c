/* SPDX-License-Identifier: MIT
 * TCP on the loopback: what takes time. Ports of closed connections (TIME_WAIT), clients of a full listener that give up,
 * and MSG_PEEK that waits.
 */
#include "inet.h"
#include <time.h>

static int listener(int port, int reuse)
{
	struct sockaddr_in a = in4(LO, port);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	set(l, SOL_SOCKET, SO_REUSEADDR, reuse);
	if (bind(l, SA(a)) || listen(l, 5)) {
		close(l);
		return -1;
	}
	return l;
}

/* A connection to l is made, and closed: who first?  hard: by a reset.  The port, where nobody listens any more. */
static int closed(int l, int server_first, int hard)
{
	struct sockaddr_in a = in4(LO, port_of(l));
	struct linger linger = { 1, 0 };
	int c = socket(AF_INET, SOCK_STREAM, 0), s, port = port_of(l);

	connect(c, SA(a));
	s = accept(l, NULL, NULL);
	close(l);
	if (hard)
		setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	close(server_first ? s : c);
	becomes(server_first ? c : s, POLLIN);
	close(server_first ? c : s);
	usleep(20000);
	return port;
}

static int in_state(int port, int state)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	char line[300];
	unsigned local, st;
	int n = 0;

	while (f && fgets(line, sizeof line, f))
		n += sscanf(line, " %*d: %*x:%x %*x:%*x %x", &local, &st) == 2 && (int)local == port && (int)st == state;
	if (f)
		fclose(f);
	return n;
}

static void time_wait(void)
{
	int port = closed(listener(0, 0), 1, 0), l;

	tap_is(in_state(port, 6), 1, "/proc/net/tcp: TIME_WAIT");
	errno = 0;
	tap_ok(listener(port, 0) < 0 && errno == EADDRINUSE, "the port of who closed first is taken");
	errno = 0;
	tap_ok(listener(port, 1) < 0 && errno == EADDRINUSE, "SO_REUSEADDR of the new one alone does not help");
	port = closed(listener(0, 1), 1, 0);
	errno = 0;
	tap_ok(listener(port, 0) < 0 && errno == EADDRINUSE, "nor that of the old one alone");
	l = listener(port, 1);
	tap_ok(l >= 0, "of both it does");
	close(l);
	port = closed(listener(0, 0), 0, 0);
	tap_is(in_state(port, 6), 0, "closed by the client: no TIME_WAIT here");
	l = listener(port, 0);
	tap_ok(l >= 0, "and the port is free");
	close(l);
	port = closed(listener(0, 0), 1, 1);
	l = listener(port, 0);
	tap_ok(l >= 0, "after a reset as well");
	close(l);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void giving_up(void)
{
	int l = socket(AF_INET, SOCK_STREAM, 0), c[2];
	struct sockaddr_in a = in4(LO, 0);
	double before;

	bind(l, SA(a));
	listen(l, 0);
	a = in4(LO, port_of(l));
	for (int i = 0; i < 2; i++)
		c[i] = socket(AF_INET, SOCK_STREAM, 0);
	connect(c[0], SA(a));
	set(c[1], IPPROTO_TCP, TCP_SYNCNT, 1);
	before = now();
	tap_errno(connect(c[1], SA(a)), ETIMEDOUT, "a full listener: ETIMEDOUT");
	tap_ok(now() - before > 2 && now() - before < 10, "after trying again for as long as TCP_SYNCNT says");
	tap_is(in_state(port_of(l), 10), 1, "it still listens");
	close(accept(l, NULL, NULL));
	tap_zero(connect(c[1], SA(a)), "and takes who comes later");
	close(c[0]);
	close(c[1]);
	close(l);
}

static int pair[2];

static void *later(void *text)
{
	usleep(100000);
	write(pair[1], text, 2);
	return NULL;
}

static void peeking(void)
{
	int l = listener(0, 0);
	struct sockaddr_in a = in4(LO, port_of(l));
	struct timeval tv = { 0, 100000 };
	pthread_t t;

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	connect(pair[0], SA(a));
	pair[1] = accept(l, NULL, NULL);
	write(pair[1], "ab", 2);
	becomes(pair[0], POLLIN);
	tap_is(recv(pair[0], buf, 4, MSG_PEEK), 2, "MSG_PEEK takes what there is");
	pthread_create(&t, NULL, later, "cd");
	tap_ok(recv(pair[0], buf, 4, MSG_PEEK | MSG_WAITALL) == 4 && !memcmp(buf, "abcd", 4), "with MSG_WAITALL it waits for all");
	pthread_join(t, NULL);
	tap_ok(recv(pair[0], buf, 4, MSG_WAITALL) == 4 && !memcmp(buf, "abcd", 4), "and leaves it there");
	write(pair[1], "ef", 2);
	tap_is(recv(pair[0], buf, 4, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT) == 2 || errno == EAGAIN, 1, "but not with MSG_DONTWAIT");
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	tap_is(recv(pair[0], buf, 4, MSG_PEEK | MSG_WAITALL), 2, "SO_RCVTIMEO: what there is");
	close(pair[1]);
	tap_is(recv(pair[0], buf, 4, MSG_PEEK | MSG_WAITALL), 2, "there will be no more: what there is");
	close(pair[0]);
	close(l);
}

int main(void)
{
	tap_plan(0);
	inet_begin();
	time_wait();
	giving_up();
	peeking();
	return tap_done();
}
