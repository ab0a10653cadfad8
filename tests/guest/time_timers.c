/* SPDX-License-Identifier: MIT
 * setitimer, alarm, timer_create.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "tap.h"

static volatile int calls, value, code, overrun, tid;
static timer_t last_id;

static void note(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	calls++;
	code = info->si_code;
	value = info->si_value.sival_int;
	overrun = info->si_overrun;
	tid = (int)syscall(SYS_gettid);
}

static void set(int sig)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

	sigaction(sig, &sa, NULL);
	calls = 0;
}

static long long ns(clockid_t c)
{
	struct timespec ts;

	clock_gettime(c, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void burn(long ms)
{
	long long end = ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000ll;
	volatile int x = 0;

	/* In user mode, most of it: ITIMER_VIRTUAL counts nothing else. */
	while (ns(CLOCK_THREAD_CPUTIME_ID) < end)
		for (int i = 0; i < 10000; i++)
			x += i;
}

/* Sleeps in spite of handlers. */
static void rest(long ms)
{
	long long end = ns(CLOCK_MONOTONIC) + ms * 1000000ll;
	struct timespec ts = { end / 1000000000, end % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static struct itimerval it(long value_ms, long interval_ms)
{
	return (struct itimerval){
		.it_value = { value_ms / 1000, value_ms % 1000 * 1000 },
		.it_interval = { interval_ms / 1000, interval_ms % 1000 * 1000 },
	};
}

static void test_itimer(void)
{
	struct itimerval v, old;

	v = it(1, 0);
	tap_errno(setitimer(3, &v, NULL), EINVAL, "setitimer: no such timer");
	tap_errno(getitimer(-1, &v), EINVAL, "getitimer: no such timer");
	v.it_value.tv_usec = 1000000;
	tap_errno(setitimer(ITIMER_REAL, &v, NULL), EINVAL, "setitimer: too many microseconds");
	v = it(-1000, 0);
	tap_errno(setitimer(ITIMER_REAL, &v, NULL), EINVAL, "setitimer: negative");
	tap_zero(getitimer(ITIMER_REAL, &old), "getitimer");
	tap_ok(!old.it_value.tv_sec && !old.it_value.tv_usec, "nothing is set at first");

	set(SIGALRM);
	v = it(20, 0);
	tap_zero(setitimer(ITIMER_REAL, &v, NULL), "ITIMER_REAL once");
	getitimer(ITIMER_REAL, &old);
	tap_ok(old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 20000, "time left");
	rest(60);
	tap_is(calls, 1, "SIGALRM came once");
	tap_is(code, SI_KERNEL, "from the kernel");
	getitimer(ITIMER_REAL, &old);
	tap_ok(!old.it_value.tv_usec, "and the timer is off");
	calls = 0;
	v = it(10, 10);
	setitimer(ITIMER_REAL, &v, NULL);
	rest(105);
	v = it(0, 0);
	setitimer(ITIMER_REAL, &v, &old);
	tap_ok(calls >= 5 && calls <= 10, "periodic");
	if (calls < 5 || calls > 10)
		tap_diag("%d times", calls);
	tap_ok(old.it_interval.tv_usec == 10000, "setitimer tells the old setting");
	calls = 0;
	rest(30);
	tap_is(calls, 0, "zero switches it off");
	tap_is(alarm(100), 0, "alarm: none before");
	tap_is(alarm(0), 100, "alarm: tells the rest in seconds");

	set(SIGVTALRM);
	v = it(20, 0);
	setitimer(ITIMER_VIRTUAL, &v, NULL);
	rest(60);
	tap_is(calls, 0, "ITIMER_VIRTUAL stands while we sleep");
	burn(60);
	tap_is(calls, 1, "and runs while we work");
	set(SIGPROF);
	v = it(10, 10);
	setitimer(ITIMER_PROF, &v, NULL);
	burn(105);
	v = it(0, 0);
	setitimer(ITIMER_PROF, &v, NULL);
	tap_ok(calls >= 3 && calls <= 11, "ITIMER_PROF, periodic");
	if (calls < 3 || calls > 11)
		tap_diag("%d times", calls);
}

static struct itimerspec its(long value_ms, long interval_ms)
{
	return (struct itimerspec){
		.it_value = { value_ms / 1000, value_ms % 1000 * 1000000 },
		.it_interval = { interval_ms / 1000, interval_ms % 1000 * 1000000 },
	};
}

static void test_arguments(void)
{
	struct sigevent ev = { .sigev_notify = 77, .sigev_signo = SIGUSR1 };
	struct itimerspec v = its(1, 0);
	timer_t id;
	int kernel_id;

	tap_errno(timer_create(CLOCK_REALTIME, &ev, &id), EINVAL, "timer_create: unknown notification");
	ev = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	tap_errno(timer_create(CLOCK_REALTIME, &ev, &id), EINVAL, "timer_create: signal 65");
	ev.sigev_signo = 0;
	tap_errno(timer_create(CLOCK_REALTIME, &ev, &id), EINVAL, "timer_create: signal 0");
	tap_errno(timer_create(12, NULL, &id), EINVAL, "timer_create: no such clock");
	tap_errno(timer_create(CLOCK_MONOTONIC_RAW, NULL, &id), EOPNOTSUPP, "timer_create: a clock without timers");
	tap_errno(syscall(SYS_timer_settime64, 77, 0, (long long[4]){ 0 }, NULL), EINVAL, "timer_settime: no such timer");
	tap_errno(syscall(SYS_timer_gettime64, 77, (long long[4]){ 0 }), EINVAL, "timer_gettime: no such timer");
	tap_errno(syscall(SYS_timer_delete, 77), EINVAL, "timer_delete: no such timer");
	tap_errno(syscall(SYS_timer_getoverrun, 77), EINVAL, "timer_getoverrun: no such timer");
	tap_zero(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &kernel_id), "timer_create: default notification");
	v.it_value.tv_nsec = 1000000000;
	tap_errno(timer_settime((timer_t)(long)kernel_id, 0, &v, NULL), EINVAL, "timer_settime: too many nanoseconds");
	tap_errno(syscall(SYS_timer_settime64, kernel_id, 0, NULL, NULL), EINVAL, "timer_settime: no setting");
	set(SIGALRM);
	tap_zero(syscall(SYS_timer_settime64, kernel_id, 0, (long long[4]){ 0, 0, 0, 5000000 }, NULL), "timer_settime");
	rest(30);
	tap_ok(calls == 1 && code == SI_TIMER && value == kernel_id, "SIGALRM, and the value is the timer's number");
	tap_zero(syscall(SYS_timer_delete, kernel_id), "timer_delete");
	tap_errno(syscall(SYS_timer_delete, kernel_id), EINVAL, "only once");
}

static void test_posix(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = { .sival_int = 33 } };
	struct itimerspec v, old;
	struct timespec ts;
	sigset_t s;
	timer_t a, b;
	int n;

	set(SIGUSR1);
	tap_zero(timer_create(CLOCK_MONOTONIC, &ev, &a), "timer_create");
	tap_zero(timer_gettime(a, &old), "timer_gettime");
	tap_ok(!old.it_value.tv_sec && !old.it_value.tv_nsec, "not armed");
	v = its(20, 0);
	tap_zero(timer_settime(a, 0, &v, &old), "once");
	timer_gettime(a, &old);
	tap_ok(!old.it_value.tv_sec && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000, "time left");
	rest(50);
	tap_ok(calls == 1 && code == SI_TIMER && value == 33 && overrun == 0, "it came, with our value");
	timer_gettime(a, &old);
	tap_ok(!old.it_value.tv_nsec, "and is off");

	clock_gettime(CLOCK_MONOTONIC, &ts);
	v = its(0, 0);
	v.it_value = ts;
	v.it_value.tv_nsec += 20000000;
	v.it_value.tv_sec += v.it_value.tv_nsec / 1000000000;
	v.it_value.tv_nsec %= 1000000000;
	calls = 0;
	timer_settime(a, TIMER_ABSTIME, &v, NULL);
	rest(50);
	tap_is(calls, 1, "TIMER_ABSTIME");
	calls = 0;
	v.it_value = (struct timespec){ 0, 1 };
	timer_settime(a, TIMER_ABSTIME, &v, NULL);
	rest(5);
	tap_is(calls, 1, "a time past: at once");

	/* While the signal is blocked, periods are counted. */
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	calls = 0;
	v = its(10, 10);
	timer_settime(a, 0, &v, NULL);
	rest(95);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	n = timer_getoverrun(a);
	tap_ok(calls == 1 && overrun >= 4 && overrun <= 9, "overruns are counted");
	if (overrun < 4 || overrun > 9)
		tap_diag("%d", overrun);
	tap_is(n, overrun, "timer_getoverrun says the same");
	rest(45);
	tap_ok(calls >= 2, "and it goes on");
	v = its(0, 0);
	timer_settime(a, 0, &v, &old);
	tap_is(old.it_interval.tv_nsec, 10000000, "timer_settime tells the old period");
	calls = 0;
	rest(30);
	tap_is(calls, 0, "zero disarms");

	/* Two timers with one signal: both are delivered. */
	ev.sigev_signo = SIGUSR2;
	set(SIGUSR2);
	timer_create(CLOCK_MONOTONIC, &ev, &b);
	timer_delete(a);
	timer_create(CLOCK_REALTIME, &ev, &a);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	v = its(5, 0);
	timer_settime(a, 0, &v, NULL);
	timer_settime(b, 0, &v, NULL);
	rest(30);
	calls = 0;
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	tap_is(calls, 2, "each timer has its own place in the queue");
	timer_delete(a);
	timer_delete(b);

	ev.sigev_notify = SIGEV_NONE;
	timer_create(CLOCK_MONOTONIC, &ev, &a);
	v = its(20, 20);
	timer_settime(a, 0, &v, NULL);
	calls = 0;
	rest(30);
	timer_gettime(a, &old);
	tap_ok(calls == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000, "SIGEV_NONE: runs, tells nobody");
	timer_delete(a);

	ev = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &a);
	v = its(20, 0);
	calls = 0;
	timer_settime(a, 0, &v, NULL);
	rest(50);
	tap_is(calls, 0, "a timer on CPU time stands while we sleep");
	burn(50);
	tap_is(calls, 1, "and runs while we work");
	timer_delete(a);
}

static volatile int thread_calls, thread_value;

static void on_thread(union sigval v)
{
	thread_value = v.sival_int;
	thread_calls++;
}

static void test_threads(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_thread,
			       .sigev_value = { .sival_int = 12 } };
	struct itimerspec v = its(10, 0);
	timer_t a;

	tap_zero(timer_create(CLOCK_MONOTONIC, &ev, &a), "timer_create: SIGEV_THREAD");
	timer_settime(a, 0, &v, NULL);
	rest(80);
	tap_ok(thread_calls == 1 && thread_value == 12, "a function called in a thread");
	tap_zero(timer_delete(a), "timer_delete");
	(void)last_id;
}

int main(void)
{
	tap_plan(0);
	test_itimer();
	test_arguments();
	test_posix();
	test_threads();
	return tap_done();
}
