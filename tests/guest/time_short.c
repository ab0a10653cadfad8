/* SPDX-License-Identifier: MIT
 * Timers with periods shorter than serving them takes: each of them counts, whenever it is told (time_storm has handlers).
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include "tap.h"

#define PERIOD 5		/* ns */

static volatile long calls;

static void note(int sig)
{
	(void)sig;
	calls++;
}

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void burn(int rounds)
{
	for (volatile int i = 0; i < rounds; i++)
		;
}

static void handle(int sig)
{
	signal(sig, note);
	calls = 0;
}

static void block(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(how, &set, NULL);
}

/* Takes the signal that is blocked and pending; its si_overrun, or -1. */
static long long take(int sig)
{
	const struct timespec wait = { 0, 20000000 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, &info, &wait) == sig ? info.si_overrun : -1;
}

static timer_t make(clockid_t clock, long period)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec v = { { 0, period }, { 0, period } };
	timer_t id;

	timer_create(clock, &ev, &id);
	timer_settime(id, 0, &v, NULL);
	return id;
}

/* So many periods between the two times, the first begun in [t0, t1], the last told in [t2, t3]. */
static void counted(long long n, long period, const long long t[4], const char *what)
{
	long long least = (t[2] - t[1]) / period, most = (t[3] - t[0]) / period;

	if (!tap_ok(n >= least && n <= most, "%s: every period is counted", what))
		tap_diag("%lld, between %lld and %lld", n, least, most);
}

static void blocked(void)
{
	struct itimerspec left;
	long long t[4], n = 0;
	timer_t id;

	handle(SIGUSR1);
	block(SIG_BLOCK, SIGUSR1);
	for (long period = 1; period <= PERIOD; period += 2) {
		t[0] = now();
		id = make(CLOCK_MONOTONIC, period);
		t[1] = now();
		burn(50000);
		for (int i = 0; i < 100; i++) {
			syscall(SYS_getppid);
			timer_gettime(id, &left);
		}
		tap_ok(left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= period,
		       "%ld ns, signal blocked: timer_gettime", period);
		t[2] = now();
		n = take(SIGUSR1) + 1;
		t[3] = now();
		tap_is(timer_getoverrun(id), (int)n - 1, "timer_getoverrun");
		counted(n, period, t, "signal blocked");
		/* It has gone on meanwhile. */
		burn(50000);
		t[2] = now();
		n += take(SIGUSR1) + 1;
		t[3] = now();
		counted(n, period, t, "taken twice");
		timer_delete(id);
		take(SIGUSR1);		/* if it is still there */
	}
	block(SIG_UNBLOCK, SIGUSR1);
	tap_is((int)calls, 0, "the handler was not called");
}

/* While the signal is ignored its periods are counted: they show with the first that is not. */
static void ignored(void)
{
	long long t[4], n;
	timer_t id;

	signal(SIGUSR1, SIG_IGN);
	t[0] = now();
	id = make(CLOCK_MONOTONIC, PERIOD);
	t[1] = now();
	poll(NULL, 0, 20);
	block(SIG_BLOCK, SIGUSR1);
	t[2] = now();
	n = take(SIGUSR1) + 1;
	t[3] = now();
	counted(n, PERIOD, t, "signal ignored");
	timer_delete(id);
	block(SIG_UNBLOCK, SIGUSR1);
}

static void itimer_real(void)
{
	struct itimerval v = { { 0, 1 }, { 0, 1 } }, slow = { { 0, 2000 }, { 0, 2000 } }, off = { { 0, 0 }, { 0, 0 } }, old;

	handle(SIGALRM);
	block(SIG_BLOCK, SIGALRM);
	setitimer(ITIMER_REAL, &v, NULL);
	poll(NULL, 0, 5);
	getitimer(ITIMER_REAL, &old);
	tap_is((int)old.it_value.tv_usec, 0, "setitimer, signal pending: the next period has not begun");
	tap_is((int)old.it_interval.tv_usec, 1, "the interval is told");
	tap_is((int)take(SIGALRM), 0, "SIGALRM is taken");
	poll(NULL, 0, 1);
	tap_is((int)take(SIGALRM), 0, "and comes again");
	setitimer(ITIMER_REAL, &off, NULL);
	take(SIGALRM);
	signal(SIGALRM, SIG_IGN);
	block(SIG_UNBLOCK, SIGALRM);
	setitimer(ITIMER_REAL, &slow, NULL);
	poll(NULL, 0, 10);
	handle(SIGALRM);
	poll(NULL, 0, 10);
	tap_is((int)calls, 0, "ignored once, it stays off");
	raise(SIGALRM);
	poll(NULL, 0, 10);
	tap_is((int)calls, 1, "raise() makes one of the thread's");
	kill(getpid(), SIGALRM);
	for (int i = 0; i < 20; i++)
		poll(NULL, 0, 1);
	tap_ok(calls > 3, "until there is a SIGALRM of the process's");
	setitimer(ITIMER_REAL, &off, &old);
	tap_is((int)old.it_interval.tv_usec, 2000, "setitimer tells the interval");
}

static void timerfd(void)
{
	struct itimerspec v = { { 0, PERIOD }, { 0, PERIOD } };
	unsigned long long ticks, n = 0;
	struct pollfd p;
	long long t[4];
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	t[0] = now();
	timerfd_settime(fd, 0, &v, NULL);
	t[1] = now();
	burn(50000);
	for (int i = 0; i < 100; i++) {
		p = (struct pollfd){ .fd = fd, .events = POLLIN };
		poll(&p, 1, -1);
		t[2] = now();
		if (read(fd, &ticks, sizeof ticks) == sizeof ticks)
			n += ticks;
		t[3] = now();
	}
	counted((long long)n, PERIOD, t, "timerfd");
	poll(NULL, 0, 5);
	t[2] = now();
	if (read(fd, &ticks, sizeof ticks) == sizeof ticks)
		n += ticks;
	t[3] = now();
	counted((long long)n, PERIOD, t, "timerfd nobody looked at");
	close(fd);
}

int main(void)
{
	tap_plan(0);
	blocked();
	ignored();
	itimer_real();
	timerfd();
	return tap_done();
}
