/* SPDX-License-Identifier: MIT
 * Clocks: reading, resolution, setting, sleeping.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/times.h>
#include <time.h>
#include "tap.h"

static long long ns(clockid_t c)
{
	struct timespec ts;

	if (clock_gettime(c, &ts))
		return -1;
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void burn(long ms)
{
	long long end = ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000ll;
	volatile int x = 0;

	while (ns(CLOCK_THREAD_CPUTIME_ID) < end)
		for (int i = 0; i < 1000; i++)
			x += i;
}

static void test_reading(void)
{
	static const struct { clockid_t id; const char *name; int coarse; } clocks[] = {
		{ CLOCK_REALTIME, "REALTIME", 0 }, { CLOCK_MONOTONIC, "MONOTONIC", 0 },
		{ CLOCK_PROCESS_CPUTIME_ID, "PROCESS_CPUTIME_ID", 0 }, { CLOCK_THREAD_CPUTIME_ID, "THREAD_CPUTIME_ID", 0 },
		{ CLOCK_MONOTONIC_RAW, "MONOTONIC_RAW", 0 }, { CLOCK_REALTIME_COARSE, "REALTIME_COARSE", 1 },
		{ CLOCK_MONOTONIC_COARSE, "MONOTONIC_COARSE", 1 }, { CLOCK_BOOTTIME, "BOOTTIME", 0 },
		{ CLOCK_TAI, "TAI", 0 },
	};
	struct timespec ts;

	for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		long long a = ns(clocks[i].id), b;

		burn(10);
		b = ns(clocks[i].id);
		tap_ok(a >= 0 && b > a, "%s goes on", clocks[i].name);
		tap_zero(clock_getres(clocks[i].id, &ts), "%s has a resolution", clocks[i].name);
		tap_ok(ts.tv_sec == 0 && (ts.tv_nsec >= 1000000 || (!clocks[i].coarse && ts.tv_nsec == 1)), "%s: %s",
		       clocks[i].name, clocks[i].coarse ? "a tick" : "1 ns, or a tick without fine timers");
	}
	tap_errno(clock_gettime(12, &ts), EINVAL, "no clock 12");
	tap_errno(clock_gettime(10, &ts), EINVAL, "no clock 10");
	tap_errno(clock_getres(12, &ts), EINVAL, "no clock 12: resolution");
	tap_zero(clock_getres(CLOCK_REALTIME, NULL), "clock_getres: no place for the result is fine");
	tap_efault(syscall(SYS_clock_gettime64, CLOCK_REALTIME, 16), "clock_gettime: bad pointer");
	tap_ok(llabs(ns(CLOCK_TAI) - ns(CLOCK_REALTIME)) < 100000000ll, "TAI without leap seconds is REALTIME");
}

static void *sleeper(void *arg)
{
	clockid_t *id = arg;

	pthread_getcpuclockid(pthread_self(), id);
	usleep(50000);
	return NULL;
}

static void test_cpu(void)
{
	clockid_t process, thread;
	pthread_t th;
	long long a, b, w;
	struct timespec ts;
	struct tms t;

	a = ns(CLOCK_PROCESS_CPUTIME_ID);
	w = ns(CLOCK_MONOTONIC);
	usleep(50000);
	b = ns(CLOCK_PROCESS_CPUTIME_ID);
	tap_ok(b - a < 25000000, "sleeping costs no CPU time");
	tap_ok(ns(CLOCK_MONOTONIC) - w >= 50000000, "but time");
	tap_zero(clock_getcpuclockid(0, &process), "clock_getcpuclockid: our own");
	tap_ok(llabs(ns(process) - ns(CLOCK_PROCESS_CPUTIME_ID)) < 20000000, "it is the process's CPU time");
	tap_zero(clock_getcpuclockid(getpid(), &process), "clock_getcpuclockid: by pid");
	tap_ok(ns(process) > 0, "it can be read");
	tap_is(clock_getcpuclockid(32700, &process), ESRCH, "clock_getcpuclockid: nobody there");
	tap_zero(pthread_getcpuclockid(pthread_self(), &thread), "pthread_getcpuclockid");
	tap_ok(llabs(ns(thread) - ns(CLOCK_THREAD_CPUTIME_ID)) < 20000000, "it is the thread's CPU time");
	pthread_create(&th, NULL, sleeper, &thread);
	burn(30);
	tap_ok(ns(thread) >= 0 && ns(thread) < 20000000, "another thread's clock stands while it sleeps");
	pthread_join(th, NULL);
	tap_errno(clock_gettime(thread, &ts), EINVAL, "and is gone with it");
	burn(30);
	tap_ok(times(&t) != (clock_t)-1, "times");
	tap_ok(t.tms_utime + t.tms_stime >= 3, "counts ticks");
	tap_ok(clock() > 30000, "clock");
}

static void test_sleeping(void)
{
	struct timespec ts, bad = { 0, 1000000000 }, neg = { -1, 0 }, zero = { 0, 0 }, past = { 1, 0 };
	long long t0;

	tap_is(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL), EINVAL, "clock_nanosleep: too many nanoseconds");
	tap_is(clock_nanosleep(CLOCK_MONOTONIC, 0, &neg, NULL), EINVAL, "clock_nanosleep: negative");
	tap_is(clock_nanosleep(12, 0, &zero, NULL), EINVAL, "clock_nanosleep: no such clock");
	tap_is(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &zero, NULL), EOPNOTSUPP, "clock_nanosleep: MONOTONIC_RAW cannot");
	tap_is(clock_nanosleep(CLOCK_REALTIME_COARSE, 0, &zero, NULL), EOPNOTSUPP, "clock_nanosleep: coarse ones cannot");
	tap_zero(clock_nanosleep(CLOCK_MONOTONIC, 0, &zero, NULL), "clock_nanosleep: no time at all");
	tap_zero(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL), "clock_nanosleep: until a time past");
	for (int i = 0; i < 3; i++) {
		static const clockid_t ids[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME };

		clock_gettime(ids[i], &ts);
		t0 = ns(CLOCK_MONOTONIC);
		ts.tv_nsec += 30000000;
		ts.tv_sec += ts.tv_nsec / 1000000000;
		ts.tv_nsec %= 1000000000;
		tap_zero(clock_nanosleep(ids[i], TIMER_ABSTIME, &ts, NULL), "clock_nanosleep until a time");
		tap_ok(ns(CLOCK_MONOTONIC) - t0 >= 29000000 && ns(ids[i]) >= ts.tv_sec * 1000000000ll + ts.tv_nsec,
		       "it is that time");
	}
	t0 = ns(CLOCK_MONOTONIC);
	usleep(1000);
	tap_ok(ns(CLOCK_MONOTONIC) - t0 < 500000000, "a short sleep is short");
}

static void *set_forward(void *arg)
{
	struct timespec ts;

	usleep(30000);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 1000;
	clock_settime(CLOCK_REALTIME, &ts);
	return arg;
}

static void test_setting(void)
{
	struct timespec ts, now, bad = { 5, 1000000000 };
	struct timex tx = { 0 };
	long long before, mono;
	pthread_t th;
	int r;

	r = adjtimex(&tx);
	tap_ok(r >= 0 && r <= 5, "adjtimex reads");
	tap_ok(tx.tick == 10000, "10 ms ticks");
	tap_errno(clock_settime(CLOCK_MONOTONIC, &bad), EINVAL, "MONOTONIC cannot be set");
	tap_errno(clock_settime(CLOCK_REALTIME, &bad), EINVAL, "clock_settime: too many nanoseconds");
	if (!tap_own_machine() || geteuid()) {
		tap_skip(8, "this clock is not ours to set");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	ts = now;
	ts.tv_sec += 86400;
	mono = ns(CLOCK_MONOTONIC);
	tx.modes = 0x4000;
	tx.tick = 1;
	tap_errno(adjtimex(&tx), EINVAL, "adjtimex: impossible tick");
	tap_zero(clock_settime(CLOCK_REALTIME, &ts), "clock_settime: a day forward");
	tap_ok(ns(CLOCK_REALTIME) / 1000000000 - ts.tv_sec < 5, "it is tomorrow");
	tap_ok(ns(CLOCK_MONOTONIC) - mono < 5000000000ll, "MONOTONIC does not notice");
	now.tv_sec += 10;	/* not before 1970 plus the time we are up */
	tap_zero(clock_settime(CLOCK_REALTIME, &now), "and back");
	ts = (struct timespec){ 0, 1000 };
	tap_errno(clock_settime(CLOCK_REALTIME, &ts), EINVAL, "clock_settime: started before 1970");

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 500;
	pthread_create(&th, NULL, set_forward, NULL);
	before = ns(CLOCK_MONOTONIC);
	tap_zero(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL), "a sleep until a time");
	tap_ok(ns(CLOCK_MONOTONIC) - before < 5000000000ll, "ends when the clock is set past it");
	pthread_join(th, NULL);
	now.tv_sec += 1;
	clock_settime(CLOCK_REALTIME, &now);
}

int main(void)
{
	tap_plan(0);
	test_reading();
	test_cpu();
	test_sleeping();
	test_setting();
	return tap_done();
}
