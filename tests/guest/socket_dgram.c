/* SPDX-License-Identifier: MIT
 * AF_UNIX datagrams and sequenced packets: destinations, full queues, truncation, sendmmsg and recvmmsg.
 */
#include "unix.h"

static int bound(const char *text, int flags)
{
	struct sockaddr_un a;
	socklen_t len = name(&a, text);
	int fd = socket(AF_UNIX, SOCK_DGRAM | flags, 0);

	if (bind(fd, (void *)&a, len))
		tap_diag("bind %s: %s", text, strerror(errno));
	return fd;
}

static void destinations(void)
{
	int a = bound("@a", SOCK_NONBLOCK), b = bound("@b", SOCK_NONBLOCK), c = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un to_a, to_b, from, none = { .sun_family = AF_UNSPEC };
	socklen_t la = name(&to_a, "@a"), lb = name(&to_b, "@b"), len;

	tap_is(ready(a, POLLIN | POLLOUT), POLLOUT, "poll of a new socket");
	tap_errno(send(c, "x", 1, 0), ENOTCONN, "send without destination");
	tap_errno(listen(c, 1), EOPNOTSUPP, "listen");
	tap_errno(accept(c, NULL, NULL), EOPNOTSUPP, "accept");
	tap_is(sendto(c, "hello", 5, 0, (void *)&to_a, la), 5, "sendto");
	len = sizeof from;
	from.sun_family = 99;
	tap_ok(recvfrom(a, buf, 100, 0, (void *)&from, &len) == 5 && len == 0, "from nobody with a name");
	tap_is(sendto(b, "named", 5, 0, (void *)&to_a, la), 5, "from b to a");
	len = sizeof from;
	tap_ok(recvfrom(a, buf, 3, 0, (void *)&from, &len) == 3 && len == lb && from.sun_path[1] == 'b',
	       "b's name, cut");
	tap_errno(recv(a, buf, 3, 0), EAGAIN, "the rest is gone");
	tap_is(sendto(b, "", 0, 0, (void *)&to_a, la), 0, "an empty one");
	tap_is(recv(a, buf, 3, 0), 0, "arrives");
	tap_errno(recv(a, buf, 3, 0), EAGAIN, "once");
	tap_errno(sendto(b, "x", 1, 0, (void *)&to_a, 1), EINVAL, "address too short");
	tap_errno(sendto(b, "x", 1, 0, (void *)&to_a, 2000), EINVAL, "address too long");
	to_a.sun_path[1] = 'z';
	tap_errno(sendto(b, "x", 1, 0, (void *)&to_a, la), ECONNREFUSED, "nobody has that name");
	to_a.sun_path[1] = 'a';
	tap_errno(sendto(b, "x", 1, MSG_OOB, (void *)&to_a, la), EOPNOTSUPP, "MSG_OOB");
	tap_errno(recv(a, buf, 1, MSG_OOB), EOPNOTSUPP, "recv MSG_OOB");
	tap_errno(sendto(b, buf, sizeof buf, 0, (void *)&to_a, la), EMSGSIZE, "larger than the buffer");

	tap_zero(connect(b, (void *)&to_a, la), "connect b to a");
	len = sizeof from;
	tap_ok(!getpeername(b, (void *)&from, &len) && len == la && from.sun_path[1] == 'a', "peer's name");
	tap_is(write(b, "w", 1), 1, "write");
	tap_errno(sendto(b, "self", 4, 0, (void *)&to_b, lb), EPERM,
	       "nobody but a can send to it now, itself included");
	recv(a, buf, 10, 0);
	tap_zero(connect(a, (void *)&to_b, lb), "and a to b");
	tap_errno(sendto(c, "x", 1, 0, (void *)&to_a, la), EPERM, "a stranger cannot send to a connected one");
	tap_errno(connect(c, (void *)&to_a, la), EPERM, "nor connect to it");
	tap_is(send(a, "lost", 4, 0), 4, "send to b");
	tap_zero(connect(b, (void *)&none, sizeof none), "b disconnects");
	tap_errno(recv(b, buf, 10, 0), EAGAIN, "what it had not read is lost");
	tap_is(ready(a, POLLIN | POLLOUT), POLLOUT | POLLERR, "a is told");
	tap_errno(recv(a, buf, 10, 0), ECONNRESET, "ECONNRESET");
	tap_errno(getpeername(b, (void *)&from, &len), ENOTCONN, "no peer any more");
	close(b);
	tap_errno(send(a, "x", 1, 0), ECONNREFUSED, "to one that is gone");
	tap_errno(send(a, "x", 1, 0), ENOTCONN, "and forgotten");
	got_pipe = 0;
	tap_zero(connect(c, (void *)&to_a, la), "connect to a");
	shutdown(a, SHUT_RD);
	tap_errno(send(c, "x", 1, 0), EPIPE, "it does not receive");
	shutdown(c, SHUT_WR);
	tap_errno(send(c, "x", 1, 0), EPIPE, "it does not send");
	tap_is(got_pipe, 0, "no signal");
	tap_errno(recv(a, buf, 1, 0), EAGAIN, "receive after shutdown, non-blocking");
	fcntl(a, F_SETFL, 0);
	tap_is(recv(a, buf, 1, 0), 0, "and blocking");
	close(a);
	close(c);
}

static void *reader(void *arg)
{
	usleep(50000);
	recv(*(int *)arg, buf, 10, 0);
	return NULL;
}

static void full(void)
{
	int a = bound("@full", SOCK_NONBLOCK), c = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), n = 0, bytes = -1;
	struct sockaddr_un to;
	socklen_t len = name(&to, "@full");
	struct timeval tv = { 0, 30000 };
	pthread_t t;

	while (sendto(c, "12345", 5, 0, (void *)&to, len) == 5)
		n++;
	tap_is(errno, EAGAIN, "full: EAGAIN");
	tap_is(n, 11, "after 11 messages");
	tap_ok(!ioctl(a, FIONREAD, &bytes) && bytes == 5, "FIONREAD: the first");
	tap_is(ready(c, POLLOUT), POLLOUT, "not connected: ready for writing");
	connect(c, (void *)&to, len);
	tap_is(ready(c, POLLOUT), 0, "connected: not ready");
	recv(a, buf, 10, 0);
	tap_is(ready(c, POLLOUT), POLLOUT, "until one is taken");
	send(c, "again", 5, 0);
	fcntl(c, F_SETFL, 0);
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	tap_errno(send(c, "late", 4, 0), EAGAIN, "SO_SNDTIMEO ends a wait");
	tv.tv_usec = 0;
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	pthread_create(&t, NULL, reader, &a);
	tap_is(send(c, "waits", 5, 0), 5, "send waits for room");
	pthread_join(t, NULL);
	tap_is(ready(c, POLLOUT), 0, "full again");
	struct pollfd p = { c, POLLOUT, 0 };
	pthread_create(&t, NULL, reader, &a);
	tap_is(poll(&p, 1, 5000), 1, "poll waits for room");
	pthread_join(t, NULL);
	close(a);
	tap_is(ready(c, POLLOUT), POLLOUT, "the peer is gone: ready, to be told");
	tap_errno(send(c, "x", 1, 0), ECONNREFUSED, "ECONNREFUSED");
	close(c);
}

static void several(void)
{
	struct iovec out[3] = { { "one", 3 }, { "three", 5 }, { "seventh", 7 } }, in[4];
	struct mmsghdr m[4];
	struct timespec ts = { 5, 0 };
	struct msghdr h = { 0 };
	int s[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	memset(m, 0, sizeof m);
	for (int i = 0; i < 3; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	tap_is(sendmmsg(s[0], m, 3, 0), 3, "sendmmsg");
	tap_ok(m[0].msg_len == 3 && m[1].msg_len == 5 && m[2].msg_len == 7, "lengths sent");
	for (int i = 0; i < 4; i++) {
		in[i] = (struct iovec){ buf + 10 * i, 5 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &in[i], .msg_iovlen = 1 };
		m[i].msg_len = 99;
	}
	tap_is(recvmmsg(s[1], m, 4, MSG_WAITFORONE, &ts), 3, "recvmmsg with MSG_WAITFORONE: what is there");
	tap_ok(m[0].msg_len == 3 && m[1].msg_len == 5 && m[2].msg_len == 5 && m[3].msg_len == 99, "lengths received");
	tap_ok(!m[1].msg_hdr.msg_flags && m[2].msg_hdr.msg_flags == MSG_TRUNC, "the last one was cut");
	tap_ok(!memcmp(buf, "one", 3) && !memcmp(buf + 10, "three", 5) && !memcmp(buf + 20, "seven", 5), "their text");
	tap_errno(recvmmsg(s[1], m, 4, MSG_DONTWAIT, NULL), EAGAIN, "none");
	ts.tv_nsec = -1;
	tap_errno(recvmmsg(s[1], m, 1, 0, &ts), EINVAL, "bad time");
	tap_is(sendmmsg(s[0], m, 0, 0), 0, "sendmmsg of nothing");
	tap_is(recvmmsg(s[1], m, 0, 0, NULL), 0, "recvmmsg of nothing");
	h.msg_iovlen = 1025;
	h.msg_iov = in;
	tap_errno(sendmsg(s[0], &h, 0), EMSGSIZE, "too many pieces");
	in[0].iov_len = (size_t)-1;
	h.msg_iovlen = 1;
	tap_errno(sendmsg(s[0], &h, 0), EINVAL, "a piece of negative length");
	tap_efault(sendmsg(s[0], NULL, 0), "no header");
	close(s[0]);
	close(s[1]);
}

static void seqpacket(void)
{
	struct sockaddr_un a;
	socklen_t len = name(&a, "@seq");
	int l = socket(AF_UNIX, SOCK_SEQPACKET, 0), c = socket(AF_UNIX, SOCK_SEQPACKET, 0), s, n, p[2];
	struct iovec v = { buf, 100 };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1 };

	tap_errno(send(c, "x", 1, 0), ENOTCONN, "seqpacket: not connected");
	tap_errno(recv(c, buf, 1, 0), ENOTCONN, "receive");
	bind(l, (void *)&a, len);
	listen(l, 5);
	tap_zero(connect(c, (void *)&a, len), "connect");
	s = accept(l, NULL, NULL);
	tap_is(sendto(c, "one", 3, 0, (void *)&a, len), 3, "an address is ignored");
	tap_is(send(c, "second", 6, MSG_EOR), 6, "MSG_EOR");
	n = -1;
	tap_ok(!ioctl(s, FIONREAD, &n) && n == 9, "FIONREAD: all of them");
	tap_ok(recvmsg(s, &h, 0) == 3 && h.msg_flags == 0, "one at a time");
	v.iov_len = 2;
	tap_ok(recvmsg(s, &h, 0) == 2 && h.msg_flags == MSG_TRUNC, "cut");
	close(c);
	tap_is(recv(s, buf, 10, 0), 0, "end");
	got_pipe = 0;
	tap_errno(send(s, "x", 1, 0), EPIPE, "EPIPE");
	tap_is(got_pipe, 0, "no signal");
	close(s);
	close(l);
	tap_ok(!socketpair(AF_UNIX, SOCK_RAW, 0, p) &&
		       !getsockopt(p[0], SOL_SOCKET, SO_TYPE, &n, &(socklen_t){ 4 }) && n == SOCK_DGRAM,
	       "SOCK_RAW is a datagram socket");
	close(p[0]);
	close(p[1]);
}

static void peeking(void)
{
	int s[2], off = 0;
	socklen_t len = sizeof off;

	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s);
	tap_ok(!getsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &off, &len) && off == -1, "SO_PEEK_OFF: -1");
	off = 0;
	tap_zero(setsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof off), "is set");
	send(s[0], "abcdef", 6, 0);
	tap_ok(recv(s[1], buf, 2, MSG_PEEK) == 2 && !memcmp(buf, "ab", 2), "peek");
	tap_ok(recv(s[1], buf, 10, MSG_PEEK) == 4 && !memcmp(buf, "cdef", 4), "goes on behind");
	tap_ok(recv(s[1], buf, 10, 0) == 6 && !memcmp(buf, "abcdef", 6), "all of it is read");
	close(s[0]);
	close(s[1]);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
	off = 0;
	setsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof off);
	send(s[0], "abc", 3, 0);
	send(s[0], "def", 3, 0);
	tap_ok(recv(s[1], buf, 2, MSG_PEEK) == 2 && !memcmp(buf, "ab", 2), "stream: peek");
	tap_ok(recv(s[1], buf, 3, MSG_PEEK) == 3 && !memcmp(buf, "cde", 3), "over two writes");
	tap_ok(recv(s[1], buf, 4, 0) == 4 && !memcmp(buf, "abcd", 4), "read");
	tap_ok(recv(s[1], buf, 4, MSG_PEEK) == 1 && *buf == 'f', "the offset has moved along");
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	signal(SIGPIPE, on_pipe);
	destinations();
	full();
	several();
	seqpacket();
	peeking();
	scratch_leave();
	return tap_done();
}
