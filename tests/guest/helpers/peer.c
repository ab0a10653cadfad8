/* SPDX-License-Identifier: MIT
 *
 * Both ends of connections for tests/cli/net_user.sh; the same program on the host and in the guest.
 *
 *	peer serve PORT [SECONDS]	on all addresses: TCP and UDP; says when it does.  PORT 0: chooses one, and prints it
 *	peer get ADDRESS PORT BYTES	reads as many, and says whether they are right
 *	peer put ADDRESS PORT BYTES	writes as many; the server says what it got
 *	peer many ADDRESS PORT COUNT	so many connections at once, each of which is spoken to twice
 *	peer leave ADDRESS PORT		hangs up in the middle of a large answer
 *	peer datagrams ADDRESS PORT	some, of 0 to 60000 bytes, which come back
 *
 * The first byte of a connection says what the server does: G and a length: sends as many bytes; S: counts what comes,
 * and says at the end how many, and their sum; E: sends back what comes; W: reads nothing; R: reads one more byte, and
 * resets the connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 16384 };

struct stream { uint32_t seed, sum, count; };	/* what comes next, and what was */

static void fill(struct stream *s, uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s->seed = s->seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(s->seed >> 24);
		s->sum = (s->sum ^ p[i]) * 16777619;
	}
	s->count += (uint32_t)n;
}

static void add(struct stream *s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->sum = (s->sum ^ p[i]) * 16777619;
	s->count += (uint32_t)n;
}

static int all(int fd, const void *buf, size_t n)
{
	for (size_t at = 0; at < n; ) {
		ssize_t k = write(fd, (const char *)buf + at, n - at);

		if (k < 0)
			return -1;
		at += (size_t)k;
	}
	return 0;
}

static int whole(int fd, void *buf, size_t n)
{
	for (size_t at = 0; at < n; ) {
		ssize_t k = read(fd, (char *)buf + at, n - at);

		if (k <= 0)
			return -1;
		at += (size_t)k;
	}
	return 0;
}

static int send_stream(int fd, struct stream *s, uint32_t n)
{
	uint8_t piece[PIECE];

	while (n) {
		uint32_t k = n < sizeof piece ? n : sizeof piece;

		fill(s, piece, k);
		if (all(fd, piece, k))
			return -1;
		n -= k;
	}
	return 0;
}

/* To the end, or up to n bytes. */
static void receive_stream(int fd, struct stream *s, uint32_t n)
{
	uint8_t piece[PIECE];
	ssize_t k;

	while (s->count < n && (k = read(fd, piece, n - s->count < sizeof piece ? n - s->count : sizeof piece)) > 0)
		add(s, piece, (size_t)k);
}

/* --- The server --- */

static void *serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct linger hard = { 1, 0 };
	struct stream s = { 0 };
	uint8_t what = 0, piece[1000];
	uint32_t n, answer[2];
	ssize_t k;

	if (whole(fd, &what, 1))
		what = 0;
	switch (what) {
	case 'G':
		if (!whole(fd, &n, sizeof n))
			send_stream(fd, &s, n);
		break;
	case 'S':
		receive_stream(fd, &s, UINT32_MAX);
		answer[0] = s.count;
		answer[1] = s.sum;
		all(fd, answer, sizeof answer);
		break;
	case 'E':
		while ((k = read(fd, piece, sizeof piece)) > 0 && !all(fd, piece, (size_t)k))
			;
		break;
	case 'W':
		sleep(60);
		break;
	case 'R':
		whole(fd, &what, 1);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		break;
	}
	close(fd);
	return NULL;
}

static void *datagrams_back(void *arg)
{
	int fd = (int)(intptr_t)arg;
	static char buf[65536];
	struct sockaddr_in6 from;

	for (;;) {
		socklen_t len = sizeof from;
		ssize_t n = recvfrom(fd, buf, sizeof buf, 0, (void *)&from, &len);

		if (n >= 0)
			sendto(fd, buf, (size_t)n, 0, (void *)&from, len);
	}
	return NULL;
}

static int serve(int port, unsigned seconds)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int t = socket(AF_INET6, SOCK_STREAM, 0), u = socket(AF_INET6, SOCK_DGRAM, 0), one = 1, fd;
	socklen_t len = sizeof a;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	setsockopt(t, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(t, (void *)&a, sizeof a) || listen(t, 200) || getsockname(t, (void *)&a, &len) ||
	    bind(u, (void *)&a, sizeof a)) {
		perror("peer: serve");
		return 1;
	}
	printf("%d\n", ntohs(a.sin6_port));
	fflush(stdout);
	alarm(seconds);		/* whatever becomes of the test */
	pthread_create(&thread, &attr, datagrams_back, (void *)(intptr_t)u);
	while ((fd = accept(t, NULL, NULL)) >= 0 || errno == EINTR || errno == ECONNABORTED || errno == EMFILE)
		if (fd >= 0 && pthread_create(&thread, &attr, serve_one, (void *)(intptr_t)fd))
			close(fd);
	perror("peer: accept");
	return 1;
}

/* --- The client --- */

static int to(const char *address, const char *port, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	struct sockaddr_in6 b = { .sin6_family = AF_INET6, .sin6_port = a.sin_port };
	int six = inet_pton(AF_INET6, address, &b.sin6_addr) == 1, fd = socket(six ? AF_INET6 : AF_INET, type, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	if (connect(fd, six ? (void *)&b : (void *)&a, six ? sizeof b : sizeof a)) {
		printf("connect: %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static int get(int fd, uint32_t n)
{
	struct stream s = { 0 }, right = { 0 };
	uint8_t piece[PIECE];
	char more;

	all(fd, "G", 1);
	all(fd, &n, sizeof n);
	receive_stream(fd, &s, n);
	for (uint32_t left = n, k; left; left -= k) {
		k = left < sizeof piece ? left : sizeof piece;
		fill(&right, piece, k);
	}
	printf("%u bytes, %s, then %s\n", s.count, s.sum == right.sum ? "right" : "wrong",
	       read(fd, &more, 1) ? "something else" : "the end");
	return 0;
}

static int put(int fd, uint32_t n)
{
	struct stream s = { 0 };
	uint32_t answer[2] = { 0 };

	all(fd, "S", 1);
	if (send_stream(fd, &s, n)) {
		printf("write: %s\n", strerror(errno));
		return 1;
	}
	shutdown(fd, SHUT_WR);
	if (whole(fd, answer, sizeof answer))
		printf("no answer\n");
	printf("%u bytes, %s\n", answer[0], answer[1] == s.sum ? "right" : "wrong");
	return 0;
}

static int many(const char *address, const char *port, int count)
{
	int *fd = calloc((size_t)count, sizeof *fd), good = 0;
	char text[24], back[16];

	for (int i = 0; i < count; i++) {
		fd[i] = to(address, port, SOCK_STREAM);
		all(fd[i], "E", 1);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < count; i++) {
			snprintf(text, sizeof text, "%07d:%07d;", round, i);
			all(fd[i], text, sizeof back);
		}
	for (int i = 0; i < count; i++) {
		int right = 1;

		for (int round = 0; round < 2; round++) {
			snprintf(text, sizeof text, "%07d:%07d;", round, i);
			right &= !whole(fd[i], back, sizeof back) && !memcmp(text, back, sizeof back);
		}
		good += right;
		close(fd[i]);
	}
	printf("%d of %d\n", good, count);
	return 0;
}

static int leave(int fd)
{
	uint32_t n = 100000000;
	char piece[1000];

	all(fd, "G", 1);
	all(fd, &n, sizeof n);
	printf("began: %d\n", whole(fd, piece, sizeof piece) == 0);
	return 0;
}

static int datagrams(int fd)
{
	static const int sizes[] = { 0, 1, 1472, 1473, 9000, 60000 };
	static uint8_t out[65536], in[65536];
	struct stream s = { 0 };
	struct pollfd p = { fd, POLLIN, 0 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		ssize_t n = -1;

		fill(&s, out, (size_t)sizes[i]);
		if (send(fd, out, (size_t)sizes[i], 0) != sizes[i])
			printf("send %d: %s\n", sizes[i], strerror(errno));
		if (poll(&p, 1, 5000) == 1)
			n = recv(fd, in, sizeof in, 0);
		printf("%d%s", sizes[i], n == sizes[i] && !memcmp(in, out, (size_t)n) ? " " : " (lost) ");
	}
	printf("\n");
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "serve"))
		return serve(atoi(argv[2]), argc == 4 ? (unsigned)atoi(argv[3]) : 150);
	if (argc == 4 && !strcmp(argv[1], "leave"))
		return leave(to(argv[2], argv[3], SOCK_STREAM));
	if (argc == 4 && !strcmp(argv[1], "datagrams"))
		return datagrams(to(argv[2], argv[3], SOCK_DGRAM));
	if (argc == 5 && !strcmp(argv[1], "get"))
		return get(to(argv[2], argv[3], SOCK_STREAM), (uint32_t)atol(argv[4]));
	if (argc == 5 && !strcmp(argv[1], "put"))
		return put(to(argv[2], argv[3], SOCK_STREAM), (uint32_t)atol(argv[4]));
	if (argc == 5 && !strcmp(argv[1], "many"))
		return many(argv[2], argv[3], atoi(argv[4]));
	fprintf(stderr, "usage: peer serve|get|put|many|leave|datagrams ...\n");
	return 2;
}
