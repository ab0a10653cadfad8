/* SPDX-License-Identifier: MIT
 * SO_REUSEPORT: sockets that share an address share out what comes for it (net/core/sock_reuseport.c): by the four numbers of a
 * connection, so that one sender's datagrams all go to the same socket.
 */
#include "inet.h"

enum { SHARERS = 3, CLIENTS = 60 };

static int sharer(int family, int type, int *port)
{
	int fd = socket(family, type | SOCK_NONBLOCK, 0), err;
	struct sockaddr_in a = in4(LO, *port);
	struct sockaddr_in6 b = in6("1", *port);

	set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	err = family == AF_INET ? bind(fd, SA(a)) : bind(fd, SA(b));
	if (err || (type == SOCK_STREAM && listen(fd, CLIENTS)))
		tap_diag("bind or listen: %s", strerror(errno));
	*port = port_of(fd);
	return fd;
}

static int client(int family, int type, int port)
{
	int fd = socket(family, type, 0);
	struct sockaddr_in a = in4(LO, port);
	struct sockaddr_in6 b = in6("1", port);

	return (family == AF_INET ? connect(fd, SA(a)) : connect(fd, SA(b))) ? -1 : fd;
}

/* How many each has got. */
static void shares(const int *fd, int type, int *got)
{
	for (int i = 0; i < SHARERS; i++) {
		int one;

		got[i] = 0;
		while ((one = type == SOCK_STREAM ? accept(fd[i], NULL, NULL) : (int)read(fd[i], buf, sizeof buf)) >= 0) {
			got[i]++;
			if (type == SOCK_STREAM)
				close(one);
		}
	}
}

static void spreads(int family, int type, const char *name)
{
	int port = 0, fd[SHARERS], c[CLIENTS], got[SHARERS], made = 0, total = 0, least = CLIENTS, most = 0;

	for (int i = 0; i < SHARERS; i++)
		fd[i] = sharer(family, type, &port);
	for (int i = 0; i < CLIENTS; i++) {
		c[i] = client(family, type, port);
		made += c[i] >= 0 && (type == SOCK_STREAM || write(c[i], "x", 1) == 1);
	}
	usleep(20000);
	shares(fd, type, got);
	for (int i = 0; i < SHARERS; i++) {
		total += got[i];
		least = got[i] < least ? got[i] : least;
	}
	tap_is(made, CLIENTS, "%s: all clients get through", name);
	tap_is(total, CLIENTS, "%s: nothing is lost", name);
	tap_ok(least > 0, "%s: each socket gets some", name);
	tap_diag("the least %d of %d", least, CLIENTS);
	if (type == SOCK_DGRAM) {
		for (int i = 0; i < 20; i++)
			if (write(c[0], "x", 1) != 1)
				tap_diag("write: %s", strerror(errno));
		usleep(20000);
		shares(fd, type, got);
		for (int i = 0; i < SHARERS; i++)
			most = got[i] > most ? got[i] : most;
		tap_is(most, 20, "%s: one sender's go to one", name);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(c[i]);
	for (int i = 0; i < SHARERS; i++)
		close(fd[i]);
}

/* Who has gone gets nothing any more. */
static void leaving(void)
{
	int port = 0, a = sharer(AF_INET, SOCK_STREAM, &port), b = sharer(AF_INET, SOCK_STREAM, &port), made = 0, c[20];

	close(a);
	for (int i = 0; i < 20; i++)
		made += (c[i] = client(AF_INET, SOCK_STREAM, port)) >= 0;
	tap_is(made, 20, "one closed: all come to the other");
	for (int i = 0; i < 20; i++)
		close(c[i]);
	close(b);
}

/* A socket that has connected gets what its peer sends, and takes no share of the rest. */
static void connected(void)
{
	int port = 0, a = sharer(AF_INET, SOCK_DGRAM, &port), b = sharer(AF_INET, SOCK_DGRAM, &port), c[20];
	int peer = socket(AF_INET, SOCK_DGRAM, 0), got = 0;
	struct sockaddr_in to = in4(LO, 0);

	bind(peer, SA(to));
	to = in4(LO, port_of(peer));
	tap_zero(connect(a, SA(to)), "one of two connects");
	to = in4(LO, port);
	for (int i = 0; i < 20; i++)
		if (sendto(peer, "x", 1, 0, SA(to)) != 1)
			tap_diag("sendto: %s", strerror(errno));
	usleep(20000);
	while (read(a, buf, 1) == 1)
		got++;
	tap_is(got, 20, "its peer's are for it");
	for (int i = 0; i < 20; i++)
		if ((c[i] = client(AF_INET, SOCK_DGRAM, port)) < 0 || write(c[i], "x", 1) != 1)
			tap_diag("client: %s", strerror(errno));
	usleep(20000);
	for (got = 0; read(b, buf, 1) == 1; got++)
		;
	tap_is(got, 20, "all others' are for the other one");
	tap_errno(read(a, buf, 1), EAGAIN, "none for it");
	for (int i = 0; i < 20; i++)
		close(c[i]);
	close(a);
	close(b);
	close(peer);
}

int main(void)
{
	inet_begin();
	tap_plan(0);
	spreads(AF_INET, SOCK_STREAM, "TCP");
	spreads(AF_INET, SOCK_DGRAM, "UDP");
	spreads(AF_INET6, SOCK_STREAM, "TCP, IPv6");
	spreads(AF_INET6, SOCK_DGRAM, "UDP, IPv6");
	leaving();
	connected();
	return tap_done();
}
