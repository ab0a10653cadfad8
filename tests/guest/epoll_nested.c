/* SPDX-License-Identifier: MIT
 * epolls that watch epolls: readiness through several, circles, depth, too many paths; waiters and EPOLLEXCLUSIVE; limits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

static int add(int ep, int fd, unsigned events)
{
	struct epoll_event e = { .events = events, .data = { .fd = fd } };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static int del(int ep, int fd)
{
	return epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
}

static int look(int ep)
{
	struct epoll_event e[8];

	return epoll_wait(ep, e, 8, 0);
}

static void bump(int fd)
{
	unsigned long long one = 1;

	write(fd, &one, 8);
}

static void drain(int fd)
{
	unsigned long long v;

	read(fd, &v, 8);
}

static void through(void)
{
	int a = epoll_create1(0), b = epoll_create1(0), c = epoll_create1(0), e = eventfd(0, EFD_NONBLOCK);
	struct pollfd p = { c, POLLIN | POLLOUT, 0 };

	add(a, e, EPOLLIN), add(b, a, EPOLLIN), add(c, b, EPOLLIN);
	tap_ok(!look(c) && !poll(&p, 1, 0), "three deep, nothing ready");
	bump(e);
	tap_ok(look(c) == 1 && poll(&p, 1, 0) == 1 && p.revents == POLLIN, "ready all the way up");
	tap_ok(look(c) == 1 && look(b) == 1 && look(a) == 1, "and still");
	drain(e);
	tap_ok(!look(c) && !poll(&p, 1, 0), "and no more");
	bump(e);
	tap_ok(look(a) == 1 && look(c) == 1, "taking it below leaves it ready above");
	drain(e);
	look(c);
	del(c, b);
	add(c, b, EPOLLIN | EPOLLET);
	bump(e);
	tap_is(look(c), 1, "an edge of an epoll");
	tap_is(look(c), 0, "is told once");
	bump(e);
	tap_is(look(c), 1, "the next event below is the next edge");
	close(e);
	tap_ok(!look(a) && !poll(&p, 1, 0), "closed: nothing");
	close(a), close(b), close(c);
}

static void circles(void)
{
	int ep[8];

	for (int i = 0; i < 8; i++)
		ep[i] = epoll_create1(0);
	tap_zero(add(ep[0], ep[1], EPOLLIN), "a watches b");
	tap_errno(add(ep[1], ep[0], EPOLLIN), ELOOP, "b may not watch a");
	tap_zero(add(ep[1], ep[2], EPOLLIN), "b watches c");
	tap_errno(add(ep[2], ep[0], EPOLLIN), ELOOP, "c may not watch a");
	tap_zero(add(ep[0], ep[2], EPOLLIN), "a may watch c as well");
	tap_zero(add(ep[2], ep[3], EPOLLIN), "four in a row");
	tap_zero(add(ep[3], ep[4], EPOLLIN), "five");
	tap_errno(add(ep[4], ep[5], EPOLLIN), ELOOP, "six are too many");
	tap_errno(add(ep[5], ep[0], EPOLLIN), ELOOP, "from the other end, too");
	tap_zero(del(ep[2], ep[3]), "the chain is cut");
	tap_zero(add(ep[4], ep[5], EPOLLIN), "then it may grow");
	tap_errno(add(ep[2], ep[3], EPOLLIN), ELOOP, "but not be joined again");
	for (int i = 0; i < 8; i++)
		close(ep[i]);
}

/* One file in many epolls, which are all in one: that many ways lead up from it. */
static void paths(void)
{
	struct rlimit r = { 2000, 2000 };
	int top = epoll_create1(0), middle[600], e = eventfd(0, 0), n, err = 0;

	setrlimit(RLIMIT_NOFILE, &r);
	for (n = 0; n < 600; n++) {
		middle[n] = epoll_create1(0);
		if (middle[n] < 0 || add(top, middle[n], EPOLLIN))
			break;
		if (add(middle[n], e, EPOLLIN)) {
			err = errno;
			break;
		}
	}
	tap_ok(n == 500 && err == EINVAL, "500 ways of length two lead up from a file: %d", n);
	bump(e);
	tap_is(look(top), 8, "all of them work");
	for (int i = 0; i <= n; i++)
		close(middle[i]);
	tap_is(look(top), 0, "closed");
	close(top), close(e);
}

static int shared, total;
static void *waiter(void *arg)
{
	struct epoll_event e;

	if (epoll_wait((int)(long)arg, &e, 1, 2000) == 1)
		__atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void waiters(void)
{
	struct timespec ts = { 0, 50000000 };
	pthread_t t[4];
	int ep = epoll_create1(0), own[4], e = eventfd(0, EFD_NONBLOCK);

	shared = e;
	add(ep, e, EPOLLIN | EPOLLET);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, waiter, (void *)(long)ep);
	nanosleep(&ts, NULL);
	bump(e);
	nanosleep(&ts, NULL);
	tap_is(__atomic_load_n(&total, __ATOMIC_SEQ_CST), 1, "one edge is one thread's");
	bump(e), bump(e);
	for (int i = 0; i < 3; i++) {
		nanosleep(&ts, NULL);
		bump(e);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	tap_is(total, 4, "the others have the next ones");
	drain(e);

	total = 0;
	for (int i = 0; i < 4; i++) {
		own[i] = epoll_create1(0);
		add(own[i], e, EPOLLIN | EPOLLEXCLUSIVE);
		pthread_create(&t[i], NULL, waiter, (void *)(long)own[i]);
	}
	nanosleep(&ts, NULL);
	bump(e);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	tap_ok(total >= 1 && total < 4, "EPOLLEXCLUSIVE: not all wake");
	for (int i = 0; i < 4; i++)
		close(own[i]);
	close(ep), close(e);
}

static void limit(void)
{
	int ep = epoll_create1(0), e = eventfd(0, 0), fd = open("/proc/sys/fs/epoll/max_user_watches", O_RDWR), old;
	char text[16] = "";

	if (!tap_own_machine()) {
		tap_skip(3, "not our machine");
		return;
	}
	read(fd, text, sizeof text - 1);
	old = atoi(text);
	tap_ok(old > 1000, "fs.epoll.max_user_watches");
	pwrite(fd, "1", 1, 0);
	tap_zero(add(ep, e, EPOLLIN), "one watch");
	int d = dup(e);
	tap_errno(add(ep, d, EPOLLIN), ENOSPC, "no other");
	pwrite(fd, text, strlen(text), 0);
	close(fd), close(ep), close(e), close(d);
}

int main(void)
{
	tap_plan(0);
	through();
	circles();
	paths();
	waiters();
	limit();
	return tap_done();
}
