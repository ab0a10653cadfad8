/* SPDX-License-Identifier: MIT
 * timerfd: clocks, one time and many, from now on and absolute, overruns, cancelling when the clock is set; epoll of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include "tap.h"

#define MS 1000000
static long ms_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static int set(int fd, int flags, long long value_ms, long long interval_ms)
{
	struct itimerspec s = {
		.it_value = { value_ms / 1000, value_ms % 1000 * MS },
		.it_interval = { interval_ms / 1000, interval_ms % 1000 * MS },
	};

	return timerfd_settime(fd, flags, &s, NULL);
}

static void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * MS };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static void errors(void)
{
	struct itimerspec s = { { 0, 0 }, { 1, 0 } }, bad = { { 0, 0 }, { 0, 1000000000 } };
	int fd, p[2], clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, 7, 8, 9 }, wrong[] = { 2, 3, 4, 5, 6, 11, 12, -1 };
	unsigned long long v;

	pipe(p);
	for (int i = 0; i < 5; i++) {
		fd = timerfd_create(clocks[i], 0);
		tap_ok(fd >= 0, "clock %d", clocks[i]);
		close(fd);
	}
	for (int i = 0; i < 8; i++)
		tap_errno(timerfd_create(wrong[i], 0), EINVAL, "clock %d", wrong[i]);
	tap_errno(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL, "unknown flags");
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	tap_ok(fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_NONBLOCK), "TFD_CLOEXEC, TFD_NONBLOCK");
	tap_errno(timerfd_settime(99, 0, &s, NULL), EBADF, "settime: not open");
	tap_errno(timerfd_settime(p[0], 0, &s, NULL), EINVAL, "settime: a pipe");
	tap_errno(timerfd_settime(fd, 4, &s, NULL), EINVAL, "settime: unknown flags");
	tap_errno(timerfd_settime(fd, 0, &bad, NULL), EINVAL, "settime: too many nanoseconds");
	bad = (struct itimerspec){ { -1, 0 }, { 1, 0 } };
	tap_errno(timerfd_settime(fd, 0, &bad, NULL), EINVAL, "settime: a negative interval");
	bad = (struct itimerspec){ { 0, 0 }, { -1, 0 } };
	tap_errno(timerfd_settime(99, 0, &bad, NULL), EINVAL, "settime: the time comes before the descriptor");
	tap_errno(timerfd_gettime(99, &s), EBADF, "gettime: not open");
	tap_errno(timerfd_gettime(p[0], &s), EINVAL, "gettime: a pipe");
	tap_errno(read(fd, &v, 7), EINVAL, "read: less than 8 bytes");
	tap_errno(read(fd, &v, 8), EAGAIN, "read: never armed");
	tap_errno(write(fd, &v, 8), EINVAL, "a timer cannot be written");
	tap_is(lseek(fd, 3, SEEK_SET), 0, "seeking does nothing");
	v = 3;
	tap_errno(ioctl(fd, 0x40085400, &v), ENOTTY, "TFD_IOC_SET_TICKS is for kernels that checkpoint");
	tap_efault(syscall(411, fd, 0, (void *)8, NULL), "settime: a bad pointer");
	close(fd), close(p[0]), close(p[1]);
}

static void once(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec now, old, s = { { 0, 0 }, { 5, 0 } };
	struct timespec start;
	unsigned long long v = 0;
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	timerfd_gettime(fd, &now);
	tap_ok(!now.it_value.tv_sec && !now.it_value.tv_nsec, "gettime of one that is not armed");
	clock_gettime(CLOCK_MONOTONIC, &start);
	tap_zero(set(fd, 0, 40, 0), "40 ms from now");
	tap_is(poll(&p, 1, 0), 0, "not yet: neither readable nor writable");
	tap_ok(read(fd, &v, 8) == 8 && v == 1 && ms_since(&start) >= 40, "a reader waits: one expiration");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	tap_errno(read(fd, &v, 8), EAGAIN, "read once");
	timerfd_gettime(fd, &now);
	tap_ok(!now.it_value.tv_sec && !now.it_value.tv_nsec, "and over");
	set(fd, 0, 10, 0);
	tap_ok(poll(&p, 1, 2000) == 1 && p.revents == POLLIN, "poll waits for it");
	tap_zero(set(fd, 0, 0, 0), "disarmed");
	tap_errno(read(fd, &v, 8), EAGAIN, "what had expired is forgotten");
	timerfd_settime(fd, 0, &s, NULL);
	tap_zero(timerfd_settime(fd, 0, &(struct itimerspec){ { 2, 3 }, { 100, 0 } }, &old), "set anew");
	tap_ok(old.it_value.tv_sec == 4 && old.it_value.tv_nsec > 0 && !old.it_interval.tv_sec, "it says what was left");
	timerfd_gettime(fd, &now);
	tap_ok(now.it_interval.tv_sec == 2 && now.it_interval.tv_nsec == 3 && now.it_value.tv_sec == 99, "gettime");
	close(fd);
}

static void periods(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	unsigned long long v = 0;
	struct itimerspec now;

	set(fd, 0, 10, 10);
	nap(105);
	tap_ok(read(fd, &v, 8) == 8 && v >= 10 && v < 1000, "100 ms by tens: at least ten expirations");
	nap(15);
	tap_ok(read(fd, &v, 8) == 8 && v >= 1, "and it goes on");
	nap(30);
	timerfd_gettime(fd, &now);
	tap_ok(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 10 * MS, "gettime moves it on");
	tap_ok(read(fd, &v, 8) == 8 && v >= 3, "and loses none");
	close(fd);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec tiny = { { 0, 1 }, { 0, 1 } };
	timerfd_settime(fd, 0, &tiny, NULL);
	nap(10);
	tap_ok(read(fd, &v, 8) == 8 && v >= 10 * MS, "a period of 1 ns");
	close(fd);
}

static void absolute(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec s = { { 0, 0 }, { 0, 1 } };
	struct timespec now;
	unsigned long long v = 0;

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL);
	nap(1);
	tap_ok(read(fd, &v, 8) == 8 && v == 1, "a time in the past");
	clock_gettime(CLOCK_MONOTONIC, &now);
	s.it_value = (struct timespec){ now.tv_sec, now.tv_nsec - 100 * MS };
	if (s.it_value.tv_nsec < 0)
		s.it_value.tv_sec--, s.it_value.tv_nsec += 1000 * MS;
	s.it_interval = (struct timespec){ 0, 50 * MS };
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL);
	nap(1);
	tap_ok(read(fd, &v, 8) == 8 && v >= 3 && v < 100, "100 ms ago, every 50: three");
	clock_gettime(CLOCK_MONOTONIC, &now);
	s = (struct itimerspec){ { 0, 0 }, { now.tv_sec, now.tv_nsec + 30 * MS } };
	if (s.it_value.tv_nsec >= 1000 * MS)
		s.it_value.tv_sec++, s.it_value.tv_nsec -= 1000 * MS;
	fcntl(fd, F_SETFL, 0);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL);
	tap_ok(read(fd, &v, 8) == 8 && v == 1 && ms_since(&now) >= 30, "30 ms ahead");
	close(fd);
}

static void watched(void)
{
	int ep = epoll_create1(0), fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN }, edge = { .events = EPOLLIN | EPOLLET };
	unsigned long long v;

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	set(fd, TFD_TIMER_ABSTIME, 1, 0);
	tap_is(epoll_wait(ep, &e, 1, 1000), 1, "epoll: a time in the past");
	tap_is(epoll_wait(ep, &e, 1, 0), 1, "until it is read");
	read(fd, &v, 8);
	tap_is(epoll_wait(ep, &e, 1, 0), 0, "then no more");
	set(fd, 0, 20, 20);
	epoll_ctl(ep, EPOLL_CTL_MOD, fd, &edge);
	tap_is(epoll_wait(ep, &e, 1, 2000), 1, "an edge");
	tap_is(epoll_wait(ep, &e, 1, 60), 0, "no other before it is read");
	read(fd, &v, 8);
	tap_is(epoll_wait(ep, &e, 1, 2000), 1, "but then");
	close(fd), close(ep);
}

static volatile sig_atomic_t alarms;
static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void interrupted(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	unsigned long long v = 0;

	sigaction(SIGALRM, &sa, NULL);
	set(fd, 0, 80, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_errno(read(fd, &v, 8), EINTR, "a signal ends a reader's wait");
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_ok(read(fd, &v, 8) == 8 && v == 1 && alarms == 2, "with SA_RESTART it goes on");
	close(fd);
}

static void clock_is_set(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK), other = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	struct timespec now;
	struct itimerspec s = { { 0, 0 }, { 0, 0 } };
	struct pollfd p = { fd, POLLIN, 0 };
	unsigned long long v;

	if (!tap_own_machine()) {
		tap_skip(8, "not our machine");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	s.it_value.tv_sec = now.tv_sec + 1000;
	timerfd_settime(fd, flags, &s, NULL);
	timerfd_settime(other, TFD_TIMER_ABSTIME, &s, NULL);
	tap_is(poll(&p, 1, 0), 0, "a thousand seconds ahead");
	now.tv_sec += 100;
	clock_settime(CLOCK_REALTIME, &now);
	tap_is(poll(&p, 1, 0), 1, "the clock is set: readable");
	tap_errno(read(fd, &v, 8), ECANCELED, "ECANCELED");
	tap_errno(read(fd, &v, 8), EAGAIN, "once");
	tap_errno(read(other, &v, 8), EAGAIN, "who did not ask is not told");
	now.tv_sec += 1;
	clock_settime(CLOCK_REALTIME, &now);
	tap_errno(timerfd_settime(fd, flags, &s, NULL), ECANCELED, "settime says so, too");
	timerfd_gettime(fd, &s);
	tap_ok(s.it_value.tv_sec > 800 && s.it_value.tv_sec < 900, "but it is set");
	now.tv_sec += 2000;
	clock_settime(CLOCK_REALTIME, &now);
	nap(10);
	tap_ok(read(other, &v, 8) == 8 && v == 1, "a jump beyond its time makes it expire");
	now.tv_sec -= 2101;
	clock_settime(CLOCK_REALTIME, &now);
	close(fd), close(other);
}

static void shown(void)
{
	int fd = timerfd_create(CLOCK_BOOTTIME, 0), n;
	char path[64], text[512] = "", link[64] = "", *own;

	set(fd, TFD_TIMER_ABSTIME, 1, 2500);
	nap(1);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	readlink(path, link, sizeof link - 1);
	tap_ok(!strcmp(link, "anon_inode:[timerfd]"), "its link says %s", link);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	n = open(path, O_RDONLY);
	read(n, text, sizeof text - 1);
	close(n);
	own = strstr(text, "clockid");
	tap_ok(own && !strcmp(own, "clockid: 7\nticks: 1\nsettime flags: 01\nit_value: (0, 0)\nit_interval: (2, 500000000)\n"),
	       "fdinfo");
	close(fd);
}

int main(void)
{
	tap_plan(0);
	errors();
	once();
	periods();
	absolute();
	watched();
	interrupted();
	clock_is_set();
	shown();
	return tap_done();
}
