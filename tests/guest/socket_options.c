/* SPDX-License-Identifier: MIT
 * Options of SOL_SOCKET, and what /proc/net/unix shows.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include "scratch.h"

static int s;

static int get(int name)
{
	int v = -99;
	socklen_t len = sizeof v;

	return getsockopt(s, SOL_SOCKET, name, &v, &len) ? -errno : v;
}

static int set(int name, int v)
{
	return setsockopt(s, SOL_SOCKET, name, &v, sizeof v);
}

static void bits(void)
{
	static const struct { int name; const char *text; } bit[] = {
		{ SO_DEBUG, "SO_DEBUG" }, { SO_REUSEADDR, "SO_REUSEADDR" }, { SO_DONTROUTE, "SO_DONTROUTE" },
		{ SO_BROADCAST, "SO_BROADCAST" }, { SO_KEEPALIVE, "SO_KEEPALIVE" }, { SO_OOBINLINE, "SO_OOBINLINE" },
		{ SO_NO_CHECK, "SO_NO_CHECK" }, { SO_PASSCRED, "SO_PASSCRED" }, { SO_PASSSEC, "SO_PASSSEC" },
		{ SO_RXQ_OVFL, "SO_RXQ_OVFL" }, { SO_SELECT_ERR_QUEUE, "SO_SELECT_ERR_QUEUE" },
	};

	for (size_t i = 0; i < sizeof bit / sizeof *bit; i++)
		tap_ok(get(bit[i].name) == 0 && set(bit[i].name, 7) == 0 && get(bit[i].name) == 1 &&
			       set(bit[i].name, 0) == 0 && get(bit[i].name) == 0, "%s", bit[i].text);
}

static void constants(void)
{
	tap_is(get(SO_TYPE), SOCK_STREAM, "SO_TYPE");
	tap_is(get(SO_DOMAIN), AF_UNIX, "SO_DOMAIN");
	tap_is(get(SO_PROTOCOL), 0, "SO_PROTOCOL");
	tap_is(get(SO_ERROR), 0, "SO_ERROR");
	tap_is(get(SO_ACCEPTCONN), 0, "SO_ACCEPTCONN");
	tap_is(get(SO_SNDLOWAT), 1, "SO_SNDLOWAT");
	tap_errno(set(SO_TYPE, 1), ENOPROTOOPT, "SO_TYPE cannot be set");
	tap_errno(set(SO_ERROR, 1), ENOPROTOOPT, "SO_ERROR");
	tap_errno(set(SO_ACCEPTCONN, 1), ENOPROTOOPT, "SO_ACCEPTCONN");
	tap_errno(set(SO_SNDLOWAT, 1), ENOPROTOOPT, "SO_SNDLOWAT");
	tap_errno(set(999, 1), ENOPROTOOPT, "an unknown one");
	tap_is(get(999), -ENOPROTOOPT, "nor is it read");
	tap_errno(set(SO_REUSEPORT, 1), EOPNOTSUPP, "SO_REUSEPORT");
	tap_errno(set(SO_ZEROCOPY, 1), EOPNOTSUPP, "SO_ZEROCOPY");
}

static void numbers(void)
{
	tap_is(get(SO_SNDBUF), 180224, "SO_SNDBUF");
	tap_is(get(SO_RCVBUF), 180224, "SO_RCVBUF");
	tap_ok(!set(SO_SNDBUF, 20000) && get(SO_SNDBUF) == 40000, "is doubled");
	tap_ok(!set(SO_SNDBUF, 10000000) && get(SO_SNDBUF) == 360448, "to the limit");
	tap_ok(!set(SO_SNDBUF, 1), "the least");
	tap_is(get(SO_SNDBUF), 4480, "SO_SNDBUF 1");
	tap_ok(!set(SO_RCVBUF, 1), "for receiving");
	tap_is(get(SO_RCVBUF), 2240, "SO_RCVBUF 1");
	tap_ok(!set(SO_RCVBUF, -1) && get(SO_RCVBUF) == 360448, "a negative number is large");
	tap_ok(!set(SO_SNDBUFFORCE, 500000) && get(SO_SNDBUF) == 1000000, "SO_SNDBUFFORCE goes beyond");
	tap_ok(!set(SO_RCVBUFFORCE, 500000) && get(SO_RCVBUF) == 1000000, "SO_RCVBUFFORCE");
	tap_ok(!set(SO_PRIORITY, 5) && get(SO_PRIORITY) == 5, "SO_PRIORITY");
	tap_ok(!set(SO_MARK, 77) && get(SO_MARK) == 77, "SO_MARK");
	tap_ok(get(SO_RCVLOWAT) == 1 && !set(SO_RCVLOWAT, 0) && get(SO_RCVLOWAT) == 1 && !set(SO_RCVLOWAT, 10) &&
		       get(SO_RCVLOWAT) == 10 && !set(SO_RCVLOWAT, -1) && get(SO_RCVLOWAT) == 0x7fffffff, "SO_RCVLOWAT");
	tap_is(get(SO_PEEK_OFF), -1, "SO_PEEK_OFF");
}

static void structures(void)
{
	struct linger l = { 1, 5 };
	struct timeval tv = { 2, 4001 };
	socklen_t len = sizeof l;
	char one = 1;

	tap_zero(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l), "SO_LINGER");
	l = (struct linger){ 9, 9 };
	tap_ok(!getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &len) && l.l_onoff == 1 && l.l_linger == 5 && len == 8,
	       "is kept");
	tap_errno(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, 4), EINVAL, "half of it");
	tap_zero(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), "SO_RCVTIMEO");
	len = sizeof tv;
	tap_ok(!getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, &len) && tv.tv_sec == 2 && tv.tv_usec == 8000 && len == 16,
	       "in steps of 4 ms");
	tv.tv_usec = 1000000;
	tap_errno(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), EDOM, "too many microseconds");
	tap_errno(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, 8), EINVAL, "too short");
	tv = (struct timeval){ 0, 0 };
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	len = sizeof tv;
	tap_ok(!getsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, &len) && !tv.tv_sec && !tv.tv_usec, "SO_SNDTIMEO: none");
	tap_errno(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 1), EINVAL, "one byte is not a number");
	tap_errno(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &l, (socklen_t)-1), EINVAL, "negative length");
	tap_efault(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, NULL, 4), "no value");
	len = 2;
	one = 9;
	tap_ok(!getsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, &len) && len == 2 && one == 0,
	       "a small buffer gets a part");
	len = (socklen_t)-1;
	tap_errno(getsockopt(s, SOL_SOCKET, SO_REUSEADDR, &l, &len), EINVAL, "getsockopt: negative length");
	len = 4;
	tap_errno(setsockopt(s, 6, 1, &l, 4), EOPNOTSUPP, "another level");
	tap_errno(getsockopt(s, 6, 1, &l, &len), EOPNOTSUPP, "getsockopt");
	tap_errno(getsockopt(0x3fff, SOL_SOCKET, 1, &l, &len), EBADF, "bad descriptor");
}

static void unprivileged(void)
{
	syscall(147 /* setresuid */, -1, 1000, -1);
	tap_errno(set(SO_SNDBUFFORCE, 1), EPERM, "SO_SNDBUFFORCE needs CAP_NET_ADMIN");
	tap_errno(set(SO_RCVBUFFORCE, 1), EPERM, "SO_RCVBUFFORCE");
	tap_errno(set(SO_MARK, 1), EPERM, "SO_MARK");
	tap_errno(set(SO_PRIORITY, 7), EPERM, "SO_PRIORITY above 6");
	tap_errno(set(SO_DEBUG, 1), EACCES, "SO_DEBUG");
	syscall(147, -1, 0, -1);
}

static int line(const char *end, char out[200])
{
	FILE *f = fopen("/proc/net/unix", "r");
	size_t n, len = strlen(end);
	int found = 0;

	if (!f)
		return -1;
	while (fgets(out, 200, f)) {
		n = strlen(out);
		if (n > len && !strcmp(out + n - len, end)) {
			found = 1;
			break;
		}
	}
	fclose(f);
	return found;
}

static void listing(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0abs\0tract" };
	char text[200], want[200];
	struct stat st;
	int d = socket(AF_UNIX, SOCK_DGRAM, 0), l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);

	bind(d, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 10);
	fstat(d, &st);
	tap_is(line("@abs@tract\n", text), 1, "/proc/net/unix: an abstract name");
	snprintf(want, sizeof want, ": 00000002 00000000 00000000 0002 01 %5lu @abs@tract\n", (unsigned long)st.st_ino);
	tap_ok(!strcmp(text + 8, want), "its line");
	strcpy(a.sun_path, "listener");
	bind(l, (void *)&a, sizeof a);
	listen(l, 1);
	connect(c, (void *)&a, sizeof a);
	fstat(l, &st);
	snprintf(want, sizeof want, " 00010000 0001 01 %5lu listener\n", (unsigned long)st.st_ino);
	tap_ok(line(want, text) == 1, "a listener");
	tap_ok(line(" 00000000 0001 02     0 listener\n", text) == 1, "a connection not accepted yet");
	fstat(c, &st);
	snprintf(want, sizeof want, " 00000000 0001 03 %5lu\n", (unsigned long)st.st_ino);
	tap_ok(line(want, text) == 1, "its other end has no name");
	close(d);
	close(l);
	close(c);
	unlink("listener");
	tap_is(line("@abs@tract\n", text), 0, "gone after close");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	bits();
	constants();
	numbers();
	structures();
	unprivileged();
	close(s);
	listing();
	scratch_leave();
	return tap_done();
}
