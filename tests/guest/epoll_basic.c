/* SPDX-License-Identifier: MIT
 * epoll: operations and their errors, level, edge and one shot, the same file twice, closing, waiting.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "tap.h"

static int ctl(int ep, int op, int fd, unsigned events, unsigned long long data)
{
	struct epoll_event e = { .events = events, .data = { .u64 = data } };

	return epoll_ctl(ep, op, fd, &e);
}

static struct epoll_event got[64];
static int look(int ep)
{
	memset(got, 0x55, sizeof got);
	return epoll_wait(ep, got, 64, 0);
}

static long ms_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static void errors(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), ep2, p[2], file = open("/proc/self/exe", O_RDONLY);
	int null = open("/dev/null", O_RDWR), dir = open("/", O_RDONLY);

	pipe(p);
	tap_ok(ep >= 0 && fcntl(ep, F_GETFD) == FD_CLOEXEC && (fcntl(ep, F_GETFL) & O_ACCMODE) == O_RDWR,
	       "epoll_create1(EPOLL_CLOEXEC)");
	ep2 = epoll_create1(0);
	tap_ok(ep2 >= 0 && !fcntl(ep2, F_GETFD), "epoll_create1(0)");
	tap_errno(epoll_create1(1), EINVAL, "unknown flags");
	tap_errno(epoll_create1(O_NONBLOCK), EINVAL, "O_NONBLOCK is none of them");
	tap_errno(ctl(99, EPOLL_CTL_ADD, p[0], EPOLLIN, 0), EBADF, "add: no such epoll");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, 99, EPOLLIN, 0), EBADF, "add: no such descriptor");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, file, EPOLLIN, 0), EPERM, "add: a regular file");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, dir, EPOLLIN, 0), EPERM, "add: a directory");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, null, EPOLLIN, 0), EPERM, "add: /dev/null");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 0), EINVAL, "add: itself");
	tap_errno(ctl(p[0], EPOLL_CTL_ADD, p[1], EPOLLIN, 0), EINVAL, "add: to a pipe");
	tap_errno(ctl(p[0], EPOLL_CTL_ADD, file, EPOLLIN, 0), EPERM, "add: a file to a pipe");
	tap_errno(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 0), ENOENT, "mod: not there");
	tap_errno(ctl(ep, EPOLL_CTL_DEL, p[0], EPOLLIN, 0), ENOENT, "del: not there");
	tap_zero(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 0), "add");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 0), EEXIST, "add: again");
	tap_errno(ctl(ep, 4, p[0], EPOLLIN, 0), EINVAL, "operation 4");
	tap_errno(ctl(ep, 0, p[0], EPOLLIN, 0), EINVAL, "operation 0");
	tap_zero(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 0), "mod");
	tap_errno(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 0), EINVAL, "mod: EPOLLEXCLUSIVE");
	tap_zero(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL), "del, without an event");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE, 0), EINVAL,
		  "add: EPOLLEXCLUSIVE with EPOLLONESHOT");
	tap_errno(ctl(ep, EPOLL_CTL_ADD, ep2, EPOLLIN | EPOLLEXCLUSIVE, 0), EINVAL, "add: an epoll with EPOLLEXCLUSIVE");
	tap_zero(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, 0), "add: EPOLLEXCLUSIVE");
	tap_errno(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 0), EINVAL, "mod: what is exclusive");
	tap_errno(epoll_wait(ep, got, 0, 0), EINVAL, "wait: no events wanted");
	tap_errno(epoll_wait(ep, got, -1, 0), EINVAL, "wait: less than none");
	tap_errno(epoll_wait(ep, got, 0x7fffffff / 16 + 1, 0), EINVAL, "wait: too many");
	tap_is(epoll_wait(ep, got, 0x7fffffff / 16, 0), 0, "wait: as many as possible");
	tap_errno(epoll_wait(99, got, 1, 0), EBADF, "wait: no such epoll");
	tap_errno(epoll_wait(p[0], got, 1, 0), EINVAL, "wait: a pipe");
	tap_errno(epoll_wait(99, got, 0, 0), EINVAL, "wait: the number comes first");
	tap_efault(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void *)8), "add: a bad pointer");
	char c;
	tap_errno(read(ep, &c, 1), EINVAL, "an epoll cannot be read");
	tap_errno(write(ep, "x", 1), EINVAL, "or written");
	tap_is(lseek(ep, 5, SEEK_SET), 0, "seeking does nothing");
	close(ep), close(ep2), close(p[0]), close(p[1]), close(file), close(null), close(dir);
}

static void levels(void)
{
	int ep = epoll_create1(0), p[2];
	char c;

	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 0x123456789abcdefULL);
	tap_is(look(ep), 0, "level: nothing yet");
	write(p[1], "xy", 2);
	tap_ok(look(ep) == 1 && got[0].events == EPOLLIN && got[0].data.u64 == 0x123456789abcdefULL,
	       "readable, with its data");
	read(p[0], &c, 1);
	tap_ok(look(ep) == 1 && got[0].events == EPOLLIN, "and still");
	read(p[0], &c, 1);
	tap_is(look(ep), 0, "empty again");
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLRDNORM, 7);
	write(p[1], "x", 1);
	tap_ok(look(ep) == 1 && got[0].events == (EPOLLIN | EPOLLRDNORM) && got[0].data.u64 == 7, "other events, other data");
	ctl(ep, EPOLL_CTL_MOD, p[0], 0, 8);
	tap_is(look(ep), 0, "no events are asked for");
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 9);
	tap_ok(look(ep) == 1 && got[0].data.u64 == 9, "asked for again, it is ready at once");
	ctl(ep, EPOLL_CTL_MOD, p[0], 0, 8);
	close(p[1]);
	tap_ok(look(ep) == 1 && got[0].events == EPOLLHUP && got[0].data.u64 == 8, "EPOLLHUP needs no asking");
	close(p[0]);
	tap_is(look(ep), 0, "closed: gone");
	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT, 1);
	tap_ok(look(ep) == 1 && got[0].events == EPOLLOUT, "writable");
	close(p[0]);
	tap_ok(look(ep) == 1 && got[0].events == (EPOLLOUT | EPOLLERR), "no reader: EPOLLERR");
	close(p[1]), close(ep);
}

static void edges(void)
{
	int ep = epoll_create1(0), p[2], e;
	static char buf[65536];
	unsigned long long v;
	char c;

	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1);
	write(p[1], "abc", 3);
	tap_is(look(ep), 1, "edge: a write is one");
	tap_is(look(ep), 0, "told once");
	read(p[0], &c, 1);
	tap_is(look(ep), 0, "reading is none");
	write(p[1], "d", 1);
	tap_is(look(ep), 1, "the next write");
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 1);
	tap_is(look(ep), 1, "MOD tells again");
	fcntl(p[1], F_SETFL, O_NONBLOCK);
	ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 2);
	tap_ok(look(ep) == 1 && got[0].data.u64 == 2, "ADD tells what is so already");
	while (write(p[1], buf, sizeof buf) > 0)
		;
	look(ep);
	read(p[0], buf, 4096 * 4);
	tap_ok(look(ep) == 1 && got[0].data.u64 == 2 && got[0].events == EPOLLOUT, "full no more: writable");
	read(p[0], buf, 4096);
	tap_is(look(ep), 0, "more room is no news");
	close(p[0]), close(p[1]);

	e = eventfd(0, EFD_SEMAPHORE);
	ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 3);
	v = 3, write(e, &v, 8);
	tap_is(look(ep), 1, "an eventfd is written");
	read(e, &v, 8);
	tap_is(look(ep), 0, "what is read makes it writable only");
	ctl(ep, EPOLL_CTL_MOD, e, EPOLLOUT | EPOLLET, 3);
	look(ep);
	read(e, &v, 8);
	tap_ok(look(ep) == 1 && got[0].events == EPOLLOUT, "which is an edge for who asks for it");
	close(e), close(ep);
}

static void shots(void)
{
	int ep = epoll_create1(0), p[2];

	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 1);
	write(p[1], "x", 1);
	tap_is(look(ep), 1, "one shot");
	write(p[1], "x", 1);
	tap_is(look(ep), 0, "and no more");
	close(p[1]);
	tap_is(look(ep), 0, "not even the end");
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 2);
	tap_ok(look(ep) == 1 && got[0].events == (EPOLLIN | EPOLLHUP) && got[0].data.u64 == 2, "armed again");
	close(p[0]), close(ep);
}

static void several(void)
{
	int ep = epoll_create1(0), p[10][2], d, n, order = 1;

	for (int i = 0; i < 10; i++) {
		pipe(p[i]);
		ctl(ep, EPOLL_CTL_ADD, p[i][0], EPOLLIN, (unsigned)i);
	}
	for (int i = 9; i >= 0; i--)
		write(p[i][1], "x", 1);
	n = look(ep);
	for (int i = 0; i < n; i++)
		order &= got[i].data.u64 == (unsigned)(9 - i);
	tap_ok(n == 10 && order, "ten, in the order they became ready");
	tap_ok(epoll_wait(ep, got, 3, 0) == 3 && got[0].data.u64 == 9 && got[2].data.u64 == 7, "three at a time");
	tap_ok(epoll_wait(ep, got, 3, 0) == 3 && got[0].data.u64 == 6 && got[2].data.u64 == 4, "the next three");
	tap_ok(epoll_wait(ep, got, 64, 0) == 10 && got[0].data.u64 == 3 && got[9].data.u64 == 4, "all, round about");
	d = dup(p[0][0]);
	tap_zero(ctl(ep, EPOLL_CTL_ADD, d, EPOLLIN, 100), "one file under two descriptors");
	tap_is(look(ep), 11, "is ready twice");
	close(p[0][0]);
	tap_is(look(ep), 11, "one of them closed: the file is still open");
	tap_errno(ctl(ep, EPOLL_CTL_DEL, p[0][0], 0, 0), EBADF, "but it cannot be named any more");
	dup2(d, p[0][0]);
	tap_zero(ctl(ep, EPOLL_CTL_DEL, p[0][0], 0, 0), "until the number is the same file again");
	close(p[0][0]);
	tap_is(look(ep), 10, "one");
	close(d);
	tap_is(look(ep), 9, "the last descriptor takes it away");
	for (int i = 0; i < 10; i++)
		close(p[i][1]), i && close(p[i][0]);
	tap_is(look(ep), 0, "all closed");
	close(ep);
}

static int wake_fd;
static void *waker(void *arg)
{
	struct timespec ts = { 0, 1000000 * (long)arg };

	nanosleep(&ts, NULL);
	write(wake_fd, "x", 1);
	return NULL;
}

static volatile sig_atomic_t signals;
static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void waiting(void)
{
	int ep = epoll_create1(0), p[2];
	struct itimerval soon = { { 0, 0 }, { 0, 30000 } };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct timespec start;
	long long ts[2] = { 0, 20000000 }, bad[2] = { 0, 1000000000 };
	sigset_t set, none;
	pthread_t t;

	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	tap_ok(epoll_wait(ep, got, 1, 50) == 0 && ms_since(&start) >= 50, "50 ms");
	clock_gettime(CLOCK_MONOTONIC, &start);
	tap_ok(syscall(441, ep, got, 1, ts, NULL, 8) == 0 && ms_since(&start) >= 20, "epoll_pwait2: 20 ms");
	tap_errno(syscall(441, ep, got, 1, bad, NULL, 8), EINVAL, "epoll_pwait2: too many nanoseconds");
	wake_fd = p[1];
	pthread_create(&t, NULL, waker, (void *)30);
	tap_ok(epoll_wait(ep, got, 1, -1) == 1 && got[0].events == EPOLLIN, "another thread writes");
	pthread_join(t, NULL);
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 1);
	look(ep);
	pthread_create(&t, NULL, waker, (void *)30);
	tap_ok(syscall(441, ep, got, 1, NULL, NULL, 8) == 1, "epoll_pwait2 for ever, an edge");
	pthread_join(t, NULL);

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_errno(epoll_wait(ep, got, 1, -1), EINTR, "a handler ends it, SA_RESTART or not");
	sigemptyset(&set), sigemptyset(&none);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGALRM);
	tap_ok(epoll_wait(ep, got, 1, 10) == 0 && signals == 1, "a blocked signal does not");
	tap_errno(epoll_pwait(ep, got, 1, -1, &none), EINTR, "epoll_pwait lets it in");
	sigprocmask(SIG_BLOCK, NULL, &set);
	tap_ok(signals == 2 && sigismember(&set, SIGALRM), "and blocks it again");
	raise(SIGALRM);
	write(p[1], "x", 1);
	tap_ok(epoll_pwait(ep, got, 1, -1, &none) == 1 && signals == 2, "what is ready comes before a signal");
	signal(SIGALRM, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	tap_errno(syscall(SYS_epoll_pwait, ep, got, 1, 0, &none, 4), EINVAL, "a mask of the wrong size");
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_is(epoll_wait(ep, got, 1, 60), 0, "an ignored signal does not end it");
	close(p[0]), close(p[1]), close(ep);
}

/* What /proc shows, but for the numbers that are each machine's own. */
static void shown(void)
{
	int ep = epoll_create1(0), p[2], n;
	char path[64], text[1024] = "", link[64] = "", *line;

	pipe(p);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 0xabcd);
	snprintf(path, sizeof path, "/proc/self/fd/%d", ep);
	readlink(path, link, sizeof link - 1);
	tap_ok(!strcmp(link, "anon_inode:[eventpoll]"), "its link says %s", link);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", ep);
	n = open(path, O_RDONLY);
	read(n, text, sizeof text - 1);
	close(n);
	line = strstr(text, "tfd:");
	tap_ok(line && strstr(line, " events: 80000019 data:             abcd  pos:0 ino:"), "fdinfo has its watches");
	close(p[0]), close(p[1]), close(ep);
}

int main(void)
{
	tap_plan(0);
	errors();
	levels();
	edges();
	shots();
	several();
	waiting();
	shown();
	return tap_done();
}
