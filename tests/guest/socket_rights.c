/* SPDX-License-Identifier: MIT
 * AF_UNIX control messages: descriptors, credentials, and sockets that only travel in sockets.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include "scratch.h"

static char buf[1000];

union control { char space[CMSG_SPACE(300 * sizeof(int))]; struct cmsghdr align; };

/* Sends one byte and n descriptors. */
static ssize_t give(int s, const int *fd, int n)
{
	static union control c;
	struct iovec v = { "x", 1 };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = c.space,
			    .msg_controllen = CMSG_SPACE(n * sizeof *fd) };
	struct cmsghdr *m = &c.align;

	m->cmsg_len = CMSG_LEN(n * sizeof *fd);
	m->cmsg_level = SOL_SOCKET;
	m->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(m), fd, n * sizeof *fd);
	return sendmsg(s, &h, MSG_DONTWAIT);
}

static struct msghdr got;

/* Receives up to len bytes and descriptors, with room for `room` bytes of control messages.  How many of them. */
static int take(int s, int *fd, size_t len, size_t room, int flags)
{
	static union control c;
	struct iovec v = { buf, len };
	struct cmsghdr *m;
	int n = 0;

	memset(&c, 0, sizeof c);
	got = (struct msghdr){ .msg_iov = &v, .msg_iovlen = 1, .msg_control = room ? c.space : NULL,
			       .msg_controllen = room };
	if (recvmsg(s, &got, MSG_DONTWAIT | flags) < 0)
		return -1;
	m = CMSG_FIRSTHDR(&got);
	if (!m || m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (int)((m->cmsg_len - CMSG_LEN(0)) / sizeof *fd);
	memcpy(fd, CMSG_DATA(m), (size_t)n * sizeof *fd);
	return n;
}

static void rights(int type, const char *what)
{
	int s[2], p[2], fd[300], n, bad[2] = { 1, 0x3ffff };

	socketpair(AF_UNIX, type, 0, s);
	pipe(p);
	tap_is(give(s[0], &p[1], 1), 1, "%s: a descriptor is sent", what);
	close(p[1]);
	tap_is(read(p[0], buf, 0), 0, "and closed");
	n = take(s[1], fd, 10, 100, MSG_CMSG_CLOEXEC);
	tap_is(n, 1, "one is received");
	tap_ok(got.msg_controllen == CMSG_SPACE(4) && got.msg_flags == MSG_CMSG_CLOEXEC, "lengths and flags");
	tap_is(fcntl(fd[0], F_GETFD), FD_CLOEXEC, "MSG_CMSG_CLOEXEC");
	tap_ok(write(fd[0], "via", 3) == 3 && read(p[0], buf, 10) == 3, "it is the pipe");
	close(fd[0]);
	tap_is(read(p[0], buf, 10), 0, "and the last of its writers");
	tap_errno(give(s[0], bad, 2), EBADF, "a bad descriptor");
	tap_is(take(s[1], fd, 10, 100, 0), -1, "sends nothing");
	for (int i = 0; i < 300; i++)
		fd[i] = p[0];
	tap_errno(give(s[0], fd, 254), EINVAL, "254 are too many");
	tap_is(give(s[0], fd, 253), 1, "253 are not");
	n = take(s[1], fd, 10, CMSG_SPACE(3 * sizeof(int)), 0);
	tap_ok(n == 3 && got.msg_flags == MSG_CTRUNC, "room for 3: 3 and MSG_CTRUNC");
	for (int i = 0; i < n; i++)
		close(fd[i]);
	give(s[0], p, 1);
	tap_ok(take(s[1], fd, 10, 0, 0) == 0 && got.msg_flags == MSG_CTRUNC, "no room: MSG_CTRUNC");
	give(s[0], p, 1);
	tap_is(read(s[1], buf, 10), 1, "read drops them");
	give(s[0], p, 1);
	n = take(s[1], fd, 10, 100, MSG_PEEK);
	tap_is(n, 1, "MSG_PEEK gives one, too");
	close(fd[0]);
	n = take(s[1], fd, 10, 100, 0);
	tap_is(n, 1, "and then the message itself");
	close(fd[0]);
	close(s[0]);
	close(s[1]);
	close(p[0]);
}

/* Bytes with descriptors are not mixed with others. */
static void stream(void)
{
	int s[2], fd[10], zero = 0;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	send(s[0], "before", 6, 0);
	give(s[0], &zero, 1);
	send(s[0], "after", 5, 0);
	tap_is(take(s[1], fd, 100, 100, 0), 1, "stream: with what came before it");
	tap_is(got.msg_iov == NULL, 0, "the vector is not changed");
	close(fd[0]);
	tap_ok(take(s[1], fd, 100, 100, 0) == 0 && !memcmp(buf, "after", 5), "but not with what comes after");
	close(s[0]);
	close(s[1]);
}

static void limits(void)
{
	struct rlimit old, few = { 12, 12 };
	int s[2], fd[300], n, zero[10] = { 0 };

	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	getrlimit(RLIMIT_NOFILE, &old);
	few.rlim_max = old.rlim_max;
	give(s[0], zero, 10);
	few.rlim_cur = (rlim_t)s[1] + 4;
	setrlimit(RLIMIT_NOFILE, &few);
	n = take(s[1], fd, 10, 200, 0);
	tap_ok(n == 3 && got.msg_flags == MSG_CTRUNC, "RLIMIT_NOFILE: as many as fit");
	for (int i = 0; i < n; i++)
		close(fd[i]);
	setrlimit(RLIMIT_NOFILE, &old);
	close(s[0]);
	close(s[1]);
}

static void *many(void *arg)
{
	int s[2], zero[10] = { 0 };
	struct rlimit old, few;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 50;
	setrlimit(RLIMIT_NOFILE, &few);
	/* for this thread alone */
	syscall(147 /* setresuid */, 1000, 1000, 1000);
	*(int *)arg = 0;
	while (give(s[0], zero, 10) == 1 && *(int *)arg < 100)
		++*(int *)arg;
	if (*(int *)arg < 100)
		*(int *)arg = errno == ETOOMANYREFS ? *(int *)arg : -errno;
	setrlimit(RLIMIT_NOFILE, &old);
	close(s[0]);
	close(s[1]);
	return NULL;
}

static void credentials(void)
{
	struct { struct cmsghdr h; struct ucred c; } m;
	struct iovec v = { "c", 1 };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &m, .msg_controllen = sizeof m };
	struct ucred c;
	struct sockaddr_un a;
	socklen_t len;
	int s[2], one = 1, out = -1;
	pthread_t t;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	len = sizeof c;
	tap_ok(!getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &c, &len) && c.pid == getpid() && c.uid == 0 && c.gid == 0 &&
		       len == sizeof c, "SO_PEERCRED");
	send(s[0], "early", 5, 0);
	tap_zero(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one), "SO_PASSCRED");
	h.msg_controllen = sizeof m;
	tap_ok(recvmsg(s[1], &h, 0) == 1 && m.h.cmsg_type == SCM_CREDENTIALS && m.c.pid == 0 && m.c.uid == 65534 &&
		       h.msg_flags == MSG_TRUNC, "sent before: from nobody");
	v = (struct iovec){ buf, 10 };
	send(s[0], "with", 4, 0);
	h.msg_controllen = sizeof m;
	tap_ok(recvmsg(s[1], &h, 0) == 4 && m.h.cmsg_level == SOL_SOCKET && m.h.cmsg_type == SCM_CREDENTIALS &&
		       m.h.cmsg_len == CMSG_LEN(sizeof c), "SCM_CREDENTIALS");
	tap_ok(m.c.pid == getpid() && m.c.uid == 0 && m.c.gid == 0, "pid, uid, gid");
	m.c.uid = 1000;
	m.c.gid = 1001;
	h.msg_controllen = sizeof m;
	tap_is(sendmsg(s[0], &h, 0), 10, "root may say it is another");
	memset(&m, 0, sizeof m);
	h.msg_controllen = sizeof m;
	tap_ok(recvmsg(s[1], &h, 0) == 10 && m.c.uid == 1000 && m.c.gid == 1001, "and is believed");
	m.c.pid = 30000;
	h.msg_controllen = sizeof m;
	tap_errno(sendmsg(s[0], &h, 0), ESRCH, "no such process");
	m.c.pid = getpid();
	m.h.cmsg_len--;
	tap_errno(sendmsg(s[0], &h, 0), EINVAL, "a wrong length");
	m.h.cmsg_len = 5;
	tap_errno(sendmsg(s[0], &h, 0), EINVAL, "shorter than its header");
	m.h.cmsg_len = sizeof m + 1;
	tap_errno(sendmsg(s[0], &h, 0), EINVAL, "longer than there is room");
	m.h.cmsg_len = sizeof m;
	m.h.cmsg_type = 99;
	tap_errno(sendmsg(s[0], &h, 0), EINVAL, "an unknown type");
	m.h.cmsg_level = 99;
	tap_is(sendmsg(s[0], &h, 0), 10, "an unknown level is ignored");
	close(s[0]);
	close(s[1]);

	/* With SO_PASSCRED a socket gets a name by itself when it sends. */
	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
	send(s[0], "x", 1, 0);
	len = sizeof a;
	tap_ok(!getsockname(s[0], (void *)&a, &len) && len == offsetof(struct sockaddr_un, sun_path) + 6, "autobind");
	close(s[0]);
	close(s[1]);
	pthread_create(&t, NULL, many, &out);
	pthread_join(t, NULL);
	tap_is(out, 6, "others than root: ETOOMANYREFS above RLIMIT_NOFILE");
}

/* Sockets that nobody can reach any more, but which hold each other: what they hold is closed all the same. */
static void cycles(void)
{
	int p[2], a[2], b[2], n;

	pipe2(p, O_NONBLOCK);
	/* a[1] lies in its own queue */
	socketpair(AF_UNIX, SOCK_STREAM, 0, a);
	give(a[0], &a[1], 1);
	give(a[0], &p[1], 1);
	close(a[0]);
	close(a[1]);
	/* two pairs lie in each other */
	socketpair(AF_UNIX, SOCK_DGRAM, 0, a);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, b);
	give(a[0], &b[1], 1);
	give(b[0], &a[1], 1);
	give(b[0], &p[1], 1);
	close(a[0]);
	close(b[0]);
	tap_is(take(b[1], &n, 10, 100, 0), 1, "a cycle with a descriptor left: alive");
	give(n, &p[1], 1);
	close(n);
	close(a[1]);
	close(b[1]);
	/* a listener, whose waiting connection holds it */
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0cyc" };
	a[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	a[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(a[0], (void *)&name, offsetof(struct sockaddr_un, sun_path) + 4);
	listen(a[0], 5);
	tap_zero(connect(a[1], (void *)&name, offsetof(struct sockaddr_un, sun_path) + 4), "connect");
	give(a[1], &a[0], 1);
	give(a[1], &p[1], 1);
	close(a[0]);
	close(a[1]);
	close(p[1]);
	/* The kernel's collector runs by itself a little later. */
	for (int i = 0; i < 100 && (n = (int)read(p[0], buf, 1)) < 0; i++) {
		socketpair(AF_UNIX, SOCK_STREAM, 0, a);
		close(a[0]);
		close(a[1]);
		usleep(10000);
	}
	tap_is(n, 0, "cycles are found: the pipe has no writer any more");
	close(p[0]);
}

/* One socket in another, and so on: closing the outermost ends all of them. */
static void nested(void)
{
	int p[2], hold, s[2];

	pipe2(p, O_NONBLOCK);
	hold = p[1];
	for (int i = 0; i < 3000; i++) {
		socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
		if (give(s[0], &hold, 1) != 1)
			tap_diag("%d: %s", i, strerror(errno));
		close(s[0]);
		close(hold);
		hold = s[1];
	}
	tap_errno(read(p[0], buf, 1), EAGAIN, "3000 sockets in each other: alive");
	close(hold);
	int n = -1;
	for (int i = 0; i < 100 && (n = (int)read(p[0], buf, 1)) < 0; i++)
		usleep(10000);
	tap_is(n, 0, "and gone");
	close(p[0]);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	signal(SIGPIPE, SIG_IGN);
	rights(SOCK_DGRAM, "dgram");
	rights(SOCK_STREAM, "stream");
	stream();
	limits();
	credentials();
	cycles();
	nested();
	scratch_leave();
	return tap_done();
}
