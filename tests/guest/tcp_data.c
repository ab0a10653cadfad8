/* SPDX-License-Identifier: MIT
 * TCP on the loopback: data, ends, resets, full buffers, urgent data, options.
 */
#include "inet.h"

static int l;

/* A connection: s[0] has connected, s[1] was accepted. */
static void connection(int s[2])
{
	struct sockaddr_in addr = in4(LO, port_of(l));

	s[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(s[0], SA(addr)))
		tap_bail("connect: %s", strerror(errno));
	s[1] = accept(l, NULL, NULL);
}

static void both_ways(void)
{
	struct iovec v[2] = { { buf, 3 }, { buf + 100, 10 } };
	int s[2], n = -1;

	connection(s);
	tap_is(ready(s[0], POLLIN | POLLOUT), POLLOUT, "ready for writing");
	tap_is(write(s[0], "hello", 5) + send(s[0], "world", 5, 0), 10, "two writes");
	tap_is(becomes(s[1], POLLIN), POLLIN, "ready for reading");
	usleep(10000);
	tap_ok(!ioctl(s[1], FIONREAD, &n) && n == 10, "FIONREAD");
	tap_is(recv(s[1], buf, 7, MSG_PEEK), 7, "peek over both");
	tap_is(recv(s[1], buf, 2, MSG_TRUNC), 2, "MSG_TRUNC throws away");
	tap_ok(readv(s[1], v, 2) == 8 && !memcmp(buf, "llo", 3) && !memcmp(buf + 100, "world", 5), "readv");
	tap_errno(recv(s[1], buf, 1, MSG_DONTWAIT), EAGAIN, "empty");
	tap_is(write(s[1], "back", 4), 4, "the other direction");
	tap_is(recv(s[0], buf, 4, MSG_WAITALL), 4, "arrives");
	tap_is(sendto(s[0], "x", 1, 0, (void *)buf, 3), 1, "an address is not looked at");
	tap_is(read(s[1], buf, 0), 0, "read nothing");
	tap_is(read(s[1], buf, 5), 1, "and the byte");
	tap_efault(send(s[0], (void *)16, 5, 0), "bad buffer");
	close(s[0]);
	close(s[1]);
}

static void ends(void)
{
	int s[2];

	connection(s);
	write(s[0], "last", 4);
	tap_zero(shutdown(s[0], SHUT_WR), "SHUT_WR");
	got_pipe = 0;
	tap_errno(write(s[0], "x", 1), EPIPE, "no more writing");
	tap_is(got_pipe, 1, "SIGPIPE");
	tap_errno(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE, "or without");
	tap_is(got_pipe, 1, "that");
	tap_is(becomes(s[1], POLLRDHUP) & POLLRDHUP, POLLRDHUP, "POLLRDHUP");
	tap_ok(read(s[1], buf, 10) == 4 && read(s[1], buf, 10) == 0, "data, then the end");
	tap_is(ready(s[1], POLLIN | POLLOUT | POLLRDHUP), POLLIN | POLLOUT | POLLRDHUP, "half open");
	tap_is(write(s[1], "still", 5), 5, "the other half goes on");
	tap_is(recv(s[0], buf, 5, MSG_WAITALL), 5, "and arrives");
	tap_zero(shutdown(s[1], SHUT_WR), "both halves shut");
	tap_is(becomes(s[0], POLLHUP) & POLLHUP, POLLHUP, "hang-up");
	tap_is(read(s[0], buf, 1), 0, "end");
	usleep(10000);
	tap_errno(shutdown(s[0], SHUT_WR), ENOTCONN, "nothing left to shut");
	tap_is(peer_ip(s[0]), 0, "no peer");
	close(s[0]);
	close(s[1]);

	connection(s);
	write(s[0], "left", 4);
	close(s[0]);
	tap_is(becomes(s[1], POLLRDHUP) & POLLRDHUP, POLLRDHUP, "closed: the peer sees the end");
	got_pipe = 0;
	tap_is(write(s[1], "x", 1), 1, "the first write goes");
	usleep(10000);
	tap_ok(read(s[1], buf, 10) == 4, "what had come can be read");
	tap_errno(write(s[1], "x", 1), EPIPE, "the next one is EPIPE");
	tap_is(got_pipe, 1, "with SIGPIPE");
	tap_errno(write(s[1], "x", 1), EPIPE, "and again");
	tap_is(got_pipe, 2, "as well");
	tap_is(read(s[1], buf, 1), 0, "read: the end");
	close(s[1]);

	connection(s);
	write(s[0], "unread", 6);
	becomes(s[1], POLLIN);
	close(s[1]);
	tap_is(becomes(s[0], POLLRDHUP) & (POLLERR | POLLHUP), POLLERR | POLLHUP, "closed with unread data: reset");
	tap_errno(read(s[0], buf, 1), ECONNRESET, "ECONNRESET");
	tap_is(read(s[0], buf, 1), 0, "once");
	tap_errno(send(s[0], buf, 1, MSG_NOSIGNAL), EPIPE, "write: EPIPE");
	close(s[0]);

	connection(s);
	struct linger lg = { 1, 0 };
	setsockopt(s[0], SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
	write(s[0], "data", 4);
	becomes(s[1], POLLIN);
	close(s[0]);
	usleep(10000);
	tap_is(read(s[1], buf, 10), 4, "SO_LINGER 0: data that had come");
	tap_errno(read(s[1], buf, 10), ECONNRESET, "then a reset");
	close(s[1]);

	connection(s);
	tap_zero(shutdown(s[1], SHUT_RD), "SHUT_RD");
	tap_is(read(s[1], buf, 1), 0, "reads the end");
	tap_is(write(s[0], "more", 4), 4, "the other can send on");
	usleep(10000);
	tap_is(read(s[1], buf, 10), 4, "and is heard");
	close(s[0]);
	close(s[1]);
}

static int pair[2];

static void *drain(void *arg)
{
	long n, total = 0;

	usleep(50000);
	while ((n = read(pair[1], buf, 65536)) > 0)
		total += n;
	*(long *)arg = total;
	return NULL;
}

static void *late(void *arg)
{
	usleep(50000);
	write(pair[0], "late", 4);
	return arg;
}

static void waiting(void)
{
	static char big[1000000];
	struct timeval tv = { 0, 30000 };
	pthread_t t;
	long total = 0;
	int n;

	connection(pair);
	pthread_create(&t, NULL, late, NULL);
	tap_is(read(pair[1], buf, 10), 4, "read waits");
	pthread_join(t, NULL);
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	tap_errno(read(pair[1], buf, 1), EAGAIN, "SO_RCVTIMEO");
	tv.tv_usec = 0;
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	pthread_create(&t, NULL, drain, &total);
	tap_is(write(pair[0], big, sizeof big), sizeof big, "a large write waits");
	close(pair[0]);
	pthread_join(t, NULL);
	tap_is(total, sizeof big, "and all of it arrives");
	close(pair[1]);
	connection(pair);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	for (total = 0; (n = (int)write(pair[0], big, 10000)) > 0 && total < 100000000; )
		total += n;
	tap_ok(n == -1 && errno == EAGAIN && total > 65536, "full: EAGAIN");
	tap_is(ready(pair[0], POLLOUT), 0, "not ready");
	struct pollfd p = { pair[0], POLLOUT, 0 };
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 200 && !poll(&p, 1, 1); i++)
		while (read(pair[1], buf, 65536) > 0)
			;
	tap_is(p.revents, POLLOUT, "until it is read");
	close(pair[0]);
	close(pair[1]);
}

/* More clients than the listener's queue holds. */
static void backlog(void)
{
	int b = socket(AF_INET, SOCK_STREAM, 0), c[3];
	struct sockaddr_in addr = in4(LO, 0);
	struct timeval tv = { 0, 200000 };

	bind(b, SA(addr));
	listen(b, 0);
	addr = in4(LO, port_of(b));
	for (int i = 0; i < 3; i++)
		c[i] = socket(AF_INET, SOCK_STREAM, 0);
	tap_zero(connect(c[0], SA(addr)), "a backlog of 0 holds one");
	setsockopt(c[1], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	tap_errno(connect(c[1], SA(addr)), EINPROGRESS, "the next one waits: SO_SNDTIMEO");
	tap_is(ready(c[1], POLLOUT), 0, "not connected yet");
	tap_errno(connect(c[1], SA(addr)), EALREADY, "EALREADY");
	close(accept(b, NULL, NULL));
	tap_is(becomes(c[1], POLLOUT) & POLLOUT, POLLOUT, "until there is room");
	tap_zero(connect(c[1], SA(addr)), "connected");
	for (int i = 0; i < 3; i++)
		close(c[i]);
	close(b);
}

static void urgent(void)
{
	int s[2], n = -1;

	connection(s);
	fcntl(s[1], F_SETFL, O_NONBLOCK);
	tap_errno(recv(s[1], buf, 1, MSG_OOB), EINVAL, "no urgent byte");
	tap_is(send(s[0], "abc!", 4, MSG_OOB), 4, "send MSG_OOB");
	write(s[0], "def", 3);
	becomes(s[1], POLLPRI);
	usleep(10000);
	tap_is(ready(s[1], POLLIN | POLLPRI), POLLIN | POLLPRI, "POLLPRI");
	tap_ok(recv(s[1], buf, 100, 0) == 3 && !memcmp(buf, "abc", 3), "up to the mark");
	tap_ok(!ioctl(s[1], SIOCATMARK, &n) && n == 1, "at the mark");
	tap_ok(recv(s[1], buf, 10, MSG_OOB) == 1 && *buf == '!', "the urgent byte");
	tap_errno(recv(s[1], buf, 10, MSG_OOB), EINVAL, "once");
	tap_ok(recv(s[1], buf, 100, 0) == 3 && !memcmp(buf, "def", 3), "what comes behind it");
	close(s[0]);
	close(s[1]);
}

static void options(void)
{
	static const struct { int name; const char *text; int normal, good, bad; } tcp[] = {
		{ TCP_NODELAY, "TCP_NODELAY", 0, 1, -99 }, { TCP_CORK, "TCP_CORK", 0, 1, -99 },
		{ TCP_KEEPIDLE, "TCP_KEEPIDLE", 7200, 60, 0 }, { TCP_KEEPINTVL, "TCP_KEEPINTVL", 75, 10, 40000 },
		{ TCP_KEEPCNT, "TCP_KEEPCNT", 9, 3, 128 }, { TCP_SYNCNT, "TCP_SYNCNT", 6, 2, 0 },
		{ TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", 0, 1000, -1 },
	};
	int s = socket(AF_INET, SOCK_STREAM, 0);
	char name[16] = "";
	socklen_t len = sizeof name;

	for (size_t i = 0; i < sizeof tcp / sizeof *tcp; i++) {
		tap_ok(option(s, IPPROTO_TCP, tcp[i].name) == tcp[i].normal &&
			       !set(s, IPPROTO_TCP, tcp[i].name, tcp[i].good) &&
			       option(s, IPPROTO_TCP, tcp[i].name) == tcp[i].good, "%s", tcp[i].text);
		if (tcp[i].bad != -99)
			tap_errno(set(s, IPPROTO_TCP, tcp[i].name, tcp[i].bad), EINVAL,
			       "%s: %d", tcp[i].text, tcp[i].bad);
	}
	tap_ok(!getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, &len) && !strcmp(name, "cubic") && len == 16,
	       "TCP_CONGESTION");
	tap_errno(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "none", 4), ENOENT, "another one");
	tap_zero(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), "reno is there");
	tap_errno(set(s, IPPROTO_TCP, 999, 1), ENOPROTOOPT, "an unknown one");
	tap_errno(set(s, 999, 1, 1), ENOPROTOOPT, "an unknown level");
	tap_is(option(s, IPPROTO_TCP, TCP_MAXSEG), 536, "TCP_MAXSEG");
	tap_ok(option(s, IPPROTO_IP, IP_TTL) == 64 && !set(s, IPPROTO_IP, IP_TTL, 9) &&
		       option(s, IPPROTO_IP, IP_TTL) == 9, "IP_TTL");
	tap_errno(set(s, IPPROTO_IP, IP_TTL, 256), EINVAL, "IP_TTL 256");
	tap_errno(set(s, IPPROTO_IP, IP_TTL, 0), EINVAL, "IP_TTL 0");
	tap_is(option(s, IPPROTO_IP, IP_MTU), -ENOTCONN, "IP_MTU");
	tap_is(option(s, SOL_SOCKET, SO_SNDBUF), 16384, "SO_SNDBUF");
	tap_is(option(s, SOL_SOCKET, SO_RCVBUF), 131072, "SO_RCVBUF");
	tap_zero(set(s, SOL_SOCKET, SO_REUSEPORT, 1), "SO_REUSEPORT");
	tap_errno(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, "", 1), EINVAL, "one byte is not a number");
	close(s);
}

int main(void)
{
	struct sockaddr_in addr = in4(LO, 0);

	tap_plan(0);
	inet_begin();
	l = socket(AF_INET, SOCK_STREAM, 0);
	bind(l, SA(addr));
	listen(l, 10);
	both_ways();
	ends();
	waiting();
	backlog();
	urgent();
	options();
	close(l);
	return tap_done();
}
