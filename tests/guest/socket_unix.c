/* SPDX-License-Identifier: MIT
 * AF_UNIX: making sockets, names, connections, streams, shutdown, readiness.
 */
#include "unix.h"
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static void making(void)
{
	int s[2], fd;

	tap_errno(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT, "family -1");
	tap_errno(socket(5, SOCK_STREAM, 0), EAFNOSUPPORT, "a family that is not there");
	tap_errno(socket(AF_UNIX, 0, 0), ESOCKTNOSUPPORT, "type 0");
	tap_errno(socket(AF_UNIX, 15, 0), EINVAL, "type 15");
	tap_errno(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL, "unknown flag");
	tap_errno(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT, "SOCK_RDM");
	tap_errno(socket(AF_UNIX, SOCK_STREAM, 6), EPROTONOSUPPORT, "a protocol");
	fd = socket(AF_UNIX, SOCK_STREAM, AF_UNIX);
	tap_ok(fd >= 0, "protocol 1 is itself");
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	tap_ok(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK), "flags");
	tap_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek");
	tap_errno(pread(fd, buf, 1, 0), ESPIPE, "pread");
	tap_errno(read(fd, buf, 1), EINVAL, "read when not connected");
	tap_is(read(fd, buf, 0), 0, "read nothing");
	got_pipe = 0;
	tap_errno(write(fd, "x", 1), ENOTCONN, "write when not connected");
	tap_is(got_pipe, 0, "no signal");
	tap_is(ready(fd, POLLIN | POLLOUT), POLLOUT | POLLHUP, "poll of a new socket");
	tap_errno(accept(fd, NULL, NULL), EINVAL, "accept without listen");
	tap_errno(listen(fd, 1), EINVAL, "listen without a name");
	tap_errno(getpeername(fd, (void *)buf, &(socklen_t){ 100 }), ENOTCONN, "getpeername");
	tap_errno(fcntl(fd, F_GETPIPE_SZ), EBADF, "it is no pipe");
	close(fd);
	tap_errno(socketpair(AF_UNIX, SOCK_STREAM | 0x400, 0, s), EINVAL, "socketpair: unknown flag");
	tap_efault(socketpair(AF_UNIX, SOCK_STREAM, 0, NULL), "socketpair: nowhere");
	tap_errno(bind(0x3fff, (void *)buf, 2), EBADF, "bad descriptor");
	fd = open("/dev/null", O_RDWR);
	tap_errno(bind(fd, (void *)buf, 2), ENOTSOCK, "bind: no socket");
	tap_errno(listen(fd, 1), ENOTSOCK, "listen: no socket");
	tap_errno(send(fd, buf, 1, 0), ENOTSOCK, "send: no socket");
	tap_errno(recv(fd, buf, 1, 0), ENOTSOCK, "recv: no socket");
	tap_errno(accept(fd, NULL, NULL), ENOTSOCK, "accept: no socket");
	tap_errno(shutdown(fd, 0), ENOTSOCK, "shutdown: no socket");
	close(fd);
}

static void names(void)
{
	struct sockaddr_un a, b;
	struct stat st;
	socklen_t len = name(&a, "sock"), got;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), other;

	got = sizeof b;
	tap_ok(!getsockname(fd, (void *)&b, &got) && got == 2 && b.sun_family == AF_UNIX, "no name yet");
	tap_errno(bind(fd, (void *)&a, 1), EINVAL, "too short");
	tap_errno(bind(fd, (void *)&a, sizeof a + 1), EINVAL, "too long");
	tap_errno(bind(fd, (void *)&a, 1000), EINVAL, "much too long");
	a.sun_family = AF_INET;
	tap_errno(bind(fd, (void *)&a, len), EINVAL, "another family");
	len = name(&a, "no/sock");
	tap_errno(bind(fd, (void *)&a, len), ENOENT, "no such directory");
	len = name(&a, "sock");
	umask(022);
	tap_zero(bind(fd, (void *)&a, len), "bind");
	tap_ok(!stat("sock", &st) && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0755, "a socket in the directory");
	got = sizeof b;
	tap_ok(!getsockname(fd, (void *)&b, &got) && got == len && !strcmp(b.sun_path, "sock"), "its name");
	got = 4;
	memset(&b, 'x', sizeof b);
	tap_ok(!getsockname(fd, (void *)&b, &got) && got == len && b.sun_path[1] == 'o' && b.sun_path[2] == 'x',
	       "cut to the room, the whole length told");
	tap_errno(open("sock", O_RDWR), ENXIO, "it cannot be opened");
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	tap_errno(bind(other, (void *)&a, len), EADDRINUSE, "the name is taken");
	len = name(&a, "second");
	tap_errno(bind(fd, (void *)&a, len), EINVAL, "a second name");
	tap_errno(stat("second", &st), ENOENT, "and nothing is left of it");
	len = name(&a, "sock");
	tap_errno(connect(other, (void *)&a, len), ECONNREFUSED, "nobody listens");
	close(fd);
	tap_errno(connect(other, (void *)&a, len), ECONNREFUSED, "nobody has it any more");
	tap_zero(unlink("sock"), "unlink");
	tap_errno(connect(other, (void *)&a, len), ENOENT, "no such name");
	close(open("plain", O_CREAT | O_RDWR, 0666));
	len = name(&a, "plain");
	tap_errno(connect(other, (void *)&a, len), ECONNREFUSED, "a file is no socket");
	unlink("plain");

	/* abstract */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	len = name(&a, "@flat");
	tap_zero(bind(fd, (void *)&a, len), "an abstract name");
	tap_errno(bind(other, (void *)&a, len), EADDRINUSE, "is taken, too");
	tap_errno(bind(fd, (void *)&a, len), EINVAL, "once more");
	got = sizeof b;
	tap_ok(!getsockname(fd, (void *)&b, &got) && got == len && !b.sun_path[0] && b.sun_path[1] == 'f', "told");
	tap_zero(bind(other, (void *)&a, len + 1), "one with a NUL more is another");
	close(other);
	other = socket(AF_UNIX, SOCK_DGRAM, 0);
	tap_zero(bind(other, (void *)&a, len), "each type has its own");
	close(other);
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	tap_zero(bind(fd, (void *)&a, len), "free again after close");
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	a.sun_family = AF_UNIX;
	tap_zero(bind(fd, (void *)&a, PATH_AT), "autobind");
	got = sizeof b;
	tap_ok(!getsockname(fd, (void *)&b, &got) && got == PATH_AT + 6 && !b.sun_path[0] &&
		       strspn(b.sun_path + 1, "0123456789abcdef") >= 5, "five digits");
	tap_zero(bind(fd, (void *)&a, PATH_AT), "twice is fine");
	close(fd);
}

static void connections(void)
{
	struct sockaddr_un a, b;
	socklen_t len = name(&a, "srv"), got;
	int l = socket(AF_UNIX, SOCK_STREAM, 0), c[4], s, n, d;

	bind(l, (void *)&a, len);
	tap_zero(listen(l, 1), "listen");
	tap_is(ready(l, POLLIN | POLLOUT), 0, "nobody there");
	fcntl(l, F_SETFL, O_NONBLOCK);
	tap_errno(accept(l, NULL, NULL), EAGAIN, "accept: EAGAIN");
	d = socket(AF_UNIX, SOCK_DGRAM, 0);
	tap_errno(connect(d, (void *)&a, len), EPROTOTYPE, "a datagram socket cannot connect to it");
	close(d);
	for (int i = 0; i < 3; i++) {
		c[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (i < 2)
			tap_zero(connect(c[i], (void *)&a, len), "connect %d", i);
		else
			tap_errno(connect(c[i], (void *)&a, len), EAGAIN, "backlog of 1 holds 2");
	}
	tap_is(ready(l, POLLIN), POLLIN, "ready for accept");
	tap_errno(connect(c[0], (void *)&a, len), EAGAIN, "connected, but the queue is looked at first");
	tap_is(write(c[0], "early", 5), 5, "write before accept");
	tap_errno(connect(l, (void *)&a, len), EAGAIN, "a listener connects: queue full");
	memset(&b, 'x', sizeof b);
	got = sizeof b;
	s = accept4(l, (void *)&b, &got, SOCK_CLOEXEC);
	tap_ok(s >= 0 && got == 2 && b.sun_family == AF_UNIX, "accept: the peer has no name");
	tap_ok(fcntl(s, F_GETFD) == FD_CLOEXEC && fcntl(s, F_GETFL) == O_RDWR, "its flags are its own");
	tap_errno(connect(c[0], (void *)&a, len), EISCONN, "connected already");
	tap_errno(connect(l, (void *)&a, len), EINVAL, "a listener cannot connect");
	tap_errno(accept4(l, NULL, NULL, 1), EINVAL, "accept4: unknown flag");
	got = sizeof b;
	tap_ok(!getsockname(s, (void *)&b, &got) && got == len && !strcmp(b.sun_path, "srv"),
	       "has the listener's name");
	got = sizeof b;
	tap_ok(!getpeername(c[0], (void *)&b, &got) && got == len, "which the client sees");
	tap_ok(read(s, buf, 100) == 5 && !memcmp(buf, "early", 5), "what was written early");
	tap_zero(connect(c[2], (void *)&a, len), "there is room again");
	got = 2;
	n = accept(l, (void *)&b, &got);
	tap_ok(n >= 0 && got == 2, "another one");
	close(n);
	tap_is(read(c[1], buf, 1), 0, "closed there: end of file");
	tap_is(ready(c[1], POLLIN | POLLOUT | POLLRDHUP), POLLIN | POLLOUT | POLLHUP | POLLRDHUP, "poll says so");
	got_pipe = 0;
	tap_errno(write(c[1], "x", 1), EPIPE, "write: EPIPE");
	tap_is(got_pipe, 1, "and SIGPIPE");
	tap_errno(send(c[1], "x", 1, MSG_NOSIGNAL), EPIPE, "send with MSG_NOSIGNAL");
	tap_is(got_pipe, 1, "no signal");
	close(l);
	tap_errno(read(c[2], buf, 1), ECONNRESET, "listener closed before accept: reset");
	tap_is(read(c[2], buf, 1), 0, "told once");
	write(c[0], "left", 4);
	close(s);
	tap_errno(read(c[0], buf, 1), ECONNRESET, "closed with unread data: reset");
	for (int i = 0; i < 3; i++)
		close(c[i]);
	unlink("srv");
}

static void streams(int type)
{
	const char *what = type == SOCK_STREAM ? "stream" : "seqpacket";
	struct iovec v[2] = { { buf, 3 }, { buf + 100, 10 } };
	int s[2], n = -1, fd;
	struct stat st;

	tap_zero(socketpair(AF_UNIX, type, 0, s), "%s: socketpair", what);
	tap_ok(!fstat(s[0], &st) && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0777, "fstat");
	snprintf(buf, sizeof buf, "/proc/self/fd/%d", s[0]);
	n = (int)readlink(buf, buf + 100, 100);
	tap_ok(n > 9 && !memcmp(buf + 100, "socket:[", 8), "link in /proc");
	tap_errno(open(buf, O_RDWR), ENXIO, "cannot be opened through it");
	tap_is(write(s[0], "hello", 5) + send(s[0], "world", 5, 0), 10, "two writes");
	tap_ok(!ioctl(s[1], FIONREAD, &n) && n == 10, "FIONREAD");
	tap_is(recv(s[1], buf, 7, MSG_PEEK), type == SOCK_STREAM ? 7 : 5, "peek");
	n = (int)readv(s[1], v, 2);
	tap_is(n, type == SOCK_STREAM ? 10 : 5, "readv");
	tap_ok(!memcmp(buf, "hel", 3) && !memcmp(buf + 100, "lo", 2), "its bytes");
	if (type != SOCK_STREAM)
		tap_is(recv(s[1], buf, 2, MSG_TRUNC), 5, "MSG_TRUNC tells the whole length");
	tap_errno(recv(s[1], buf, 1, MSG_DONTWAIT), EAGAIN, "empty");
	tap_is(writev(s[0], v, 2), 13, "writev");
	tap_is(recv(s[1], buf, 100, 0), 13, "is one message");
	fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0666);
	write(fd, "from a file", 11);
	lseek(fd, 0, SEEK_SET);
	tap_is(sendfile(s[0], fd, NULL, 100), 11, "sendfile");
	tap_ok(recv(s[1], buf, 100, 0) == 11 && !memcmp(buf, "from a file", 11), "arrives");
	close(fd);
	unlink("file");
	if (type != SOCK_STREAM)
		tap_errno(send(s[0], "x", 1, MSG_OOB), EOPNOTSUPP, "MSG_OOB");
	tap_efault(send(s[0], (void *)16, 5, 0), "send: bad buffer");
	write(s[0], "abc", 3);
	tap_zero(shutdown(s[0], SHUT_WR), "shutdown SHUT_WR");
	tap_errno(shutdown(s[0], 3), EINVAL, "shutdown: 3");
	tap_errno(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE, "no more writing");
	tap_is(ready(s[1], POLLIN | POLLRDHUP), POLLIN | POLLRDHUP, "the peer sees it");
	tap_is(recv(s[1], buf, 100, 0), 3, "what was written before");
	tap_is(recv(s[1], buf, 100, 0), 0, "then the end");
	tap_is(send(s[1], "back", 4, 0), 4, "the other direction goes on");
	tap_is(recv(s[0], buf, 100, 0), 4, "and arrives");
	tap_zero(shutdown(s[0], SHUT_RD), "shutdown SHUT_RD");
	tap_errno(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE, "nobody reads");
	tap_is(ready(s[0], POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP, "both ways shut: hang-up");
	close(s[0]);
	close(s[1]);
}

static int pair[2];

static void *writer(void *arg)
{
	usleep(50000);
	write(pair[0], "one", 3);
	usleep(50000);
	write(pair[0], "two", 3);
	return arg;
}

static void *drain(void *arg)
{
	long n, total = 0;

	usleep(50000);
	while ((n = read(pair[1], buf, 65536)) > 0)
		total += n;
	*(long *)arg = total;
	return NULL;
}

static void *connector(void *arg)
{
	struct sockaddr_un a;
	socklen_t len = name(&a, "@blocked");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*(int *)arg = connect(fd, (void *)&a, len);
	close(fd);
	return NULL;
}

static void blocking(void)
{
	static char big[500000];
	struct timeval tv = { 0, 60000 };
	struct timespec before, after;
	struct sockaddr_un a;
	socklen_t len;
	pthread_t t;
	int l, c[2], r = -2;
	long total = 0;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pthread_create(&t, NULL, writer, NULL);
	tap_ok(recv(pair[1], buf, 100, 0) == 3, "recv waits");
	tap_ok(recv(pair[1], buf, 3, MSG_WAITALL) == 3, "and again");
	pthread_join(t, NULL);
	pthread_create(&t, NULL, writer, NULL);
	tap_is(recv(pair[1], buf, 6, MSG_WAITALL), 6, "MSG_WAITALL waits for all");
	pthread_join(t, NULL);
	tap_zero(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), "SO_RCVTIMEO");
	clock_gettime(CLOCK_MONOTONIC, &before);
	tap_errno(read(pair[1], buf, 1), EAGAIN, "is the end of waiting");
	clock_gettime(CLOCK_MONOTONIC, &after);
	tap_ok((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 59,
	       "not too early");
	tv.tv_usec = 0;
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	pthread_create(&t, NULL, drain, &total);
	tap_is(write(pair[0], big, sizeof big), sizeof big, "a large write waits for room");
	close(pair[0]);
	pthread_join(t, NULL);
	tap_is(total, sizeof big, "all of it arrives");
	close(pair[1]);

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
	for (total = 0; (r = (int)write(pair[0], big, 4000)) > 0; )
		total += r;
	tap_ok(r == -1 && errno == EAGAIN && total > 65536 && total < 300000, "a full socket: EAGAIN");
	tap_is(ready(pair[0], POLLOUT), 0, "not ready for writing");
	while (read(pair[1], buf, sizeof buf) > 0)
		;
	tap_is(ready(pair[0], POLLOUT), POLLOUT, "until it is read");
	close(pair[0]);
	close(pair[1]);

	l = socket(AF_UNIX, SOCK_STREAM, 0);
	len = name(&a, "@blocked");
	bind(l, (void *)&a, len);
	listen(l, 0);
	c[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(c[0], (void *)&a, len);
	r = -2;
	pthread_create(&t, NULL, connector, &r);
	usleep(50000);
	tap_is(r, -2, "connect waits while the queue is full");
	close(accept(l, NULL, NULL));
	pthread_join(t, NULL);
	tap_is(r, 0, "and goes on");
	close(l);
	close(c[0]);
}

/* Urgent data: one byte, and the mark it leaves. */
static void urgent(void)
{
	struct epoll_event want = { .events = EPOLLPRI }, got = { 0 };
	int s[2], n = -1, one = 1, ep = epoll_create1(0);

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &want);
	tap_errno(recv(s[1], buf, 1, MSG_OOB), EINVAL, "no urgent byte");
	tap_is(epoll_wait(ep, &got, 1, 0), 0, "nor does an epoll know of one");
	tap_is(send(s[0], "abc!", 4, MSG_OOB), 4, "send MSG_OOB");
	tap_ok(epoll_wait(ep, &got, 1, 0) == 1 && got.events == EPOLLPRI, "an epoll is told");
	close(ep);
	write(s[0], "def", 3);
	tap_is(ready(s[1], POLLIN | POLLPRI), POLLIN | POLLPRI, "POLLPRI");
	tap_ok(!ioctl(s[1], SIOCATMARK, &n) && n == 0, "not at the mark");
	tap_ok(recv(s[1], buf, 100, 0) == 3 && !memcmp(buf, "abc", 3), "up to the mark");
	tap_ok(!ioctl(s[1], SIOCATMARK, &n) && n == 1, "at the mark");
	tap_ok(recv(s[1], buf, 10, MSG_OOB) == 1 && *buf == '!', "the urgent byte");
	tap_ok(recv(s[1], buf, 100, 0) == 3 && !memcmp(buf, "def", 3), "what comes behind it");
	send(s[0], "x!", 2, MSG_OOB);
	write(s[0], "y", 1);
	recv(s[1], buf, 1, 0);
	tap_ok(recv(s[1], buf, 100, 0) == 1 && *buf == 'y', "not read: passed over");
	send(s[0], "ab", 2, MSG_OOB);
	recv(s[1], buf, 1, MSG_OOB);
	send(s[0], "cd", 2, MSG_OOB);
	tap_ok(recv(s[1], buf, 100, 0) == 2 && !memcmp(buf, "ac", 2), "an urgent byte that was read does not end a read before the next one");
	tap_ok(recv(s[1], buf, 1, MSG_OOB) == 1 && *buf == 'd', "which is there");
	setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &one, sizeof one);
	send(s[0], "p!", 2, MSG_OOB);
	tap_is(recv(s[1], buf, 100, 0), 1, "inline: up to it");
	tap_ok(recv(s[1], buf, 100, 0) == 1 && *buf == '!', "and then itself");
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	signal(SIGPIPE, on_pipe);
	making();
	names();
	connections();
	streams(SOCK_STREAM);
	streams(SOCK_SEQPACKET);
	blocking();
	urgent();
	scratch_leave();
	return tap_done();
}
