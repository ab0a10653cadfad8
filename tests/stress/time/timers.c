/* SPDX-License-Identifier: MIT
 * Time: timers that send signals, timers that are descriptors, sleeps, clocks.  None is early, none is lost; late they may all be.
 */
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include "../stress.h"

#define MS 1000000		/* ns */

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* A timer of a period of 0.1 to 1 ms: each time it has run out it says how many periods it was late. */
enum stress_status stress_timer(struct worker *w)
{
	int sig = stress_signal(STRESS_SIG_TIMER);
	struct sigevent e = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = sig };
	sigset_t set;
	timer_t id;

	e.sigev_value.sival_int = w->number;
	e.sigev_notify_thread_id = stress_tid();
	if (timer_create(CLOCK_MONOTONIC, &e, &id))
		return stress_errno(w, "timer_create");
	sigemptyset(&set);
	sigaddset(&set, sig);
	while (stress_go(w)) {
		long period = MS / 10 + stress_below(w, 9 * MS / 10), n = 0;
		struct itimerspec v = { { 0, period }, { 0, period } }, off = { { 0, 0 }, { 0, 0 } }, left;
		struct timespec none = { 0, 0 };
		double from = stress_now(), most;
		siginfo_t info;

		if (timer_settime(id, 0, &v, NULL))
			stress_fail(w, "timer_settime: %s", strerror(errno));
		for (int i = 0; i < 3; i++) {
			int got;

			do
				got = sigwaitinfo(&set, &info);
			while (got < 0 && errno == EINTR);
			if (got != sig || info.si_code != SI_TIMER || info.si_value.sival_int != (int)w->number || info.si_overrun < 0)
				stress_fail(w, "signal %d, code %d", info.si_signo, info.si_code);
			n += 1 + info.si_overrun;
		}
		most = (stress_now() - from) / (period / 1e9);
		/* a little may be missing of a period, as clocks are told */
		if (n > most + 0.01)
			stress_fail(w, "%ld periods of %ld ns in %g of them", n, period, most);
		if (timer_gettime(id, &left) || left.it_interval.tv_nsec != period || left.it_value.tv_sec || left.it_value.tv_nsec > period)
			stress_fail(w, "timer_gettime: %ld ns of %ld are left", (long)left.it_value.tv_nsec, period);
		if (timer_settime(id, 0, &off, NULL))
			stress_fail(w, "timer_settime: %s", strerror(errno));
		sigtimedwait(&set, &info, &none);
		stress_bogo(w);
	}
	timer_delete(id);
	return STRESS_PASSED;
}

enum stress_status stress_timerfd(struct worker *w)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return stress_errno(w, "timerfd_create");
	while (stress_go(w)) {
		long period = MS / 10 + stress_below(w, 9 * MS / 10);
		struct itimerspec v = { { 0, period }, { 0, period } }, now;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		double from = stress_now(), most;
		uint64_t n = 0;

		if (timerfd_settime(fd, 0, &v, NULL))
			stress_fail(w, "timerfd_settime: %s", strerror(errno));
		while (poll(&p, 1, -1) != 1)
			;
		if (read(fd, &n, sizeof n) != sizeof n)
			stress_fail(w, "read: %s", strerror(errno));
		most = (stress_now() - from) / (period / 1e9);
		if (!n || n > most + 0.01)
			stress_fail(w, "%llu periods of %ld ns in %g of them", (unsigned long long)n, period, most);
		if (timerfd_gettime(fd, &now) || now.it_interval.tv_nsec != period || now.it_value.tv_nsec > period)
			stress_fail(w, "timerfd_gettime: %s", strerror(errno));
		stress_bogo(w);
	}
	close(fd);
	return STRESS_PASSED;
}

enum stress_status stress_nanosleep(struct worker *w)
{
	while (stress_go(w)) {
		struct timespec ts = { 0, stress_below(w, MS) }, until;
		double from = stress_now(), took;
		int r;

		if (w->done % 2) {
			while (nanosleep(&ts, &ts) && errno == EINTR)
				;
			took = stress_now() - from;
			/* what is left after an interruption is not asked for here */
			if (took < ts.tv_nsec / 1e9 - 1e-6)
				stress_fail(w, "slept %g s, not %g", took, ts.tv_nsec / 1e9);
		} else {
			clock_gettime(CLOCK_MONOTONIC, &until);
			until.tv_nsec += ts.tv_nsec;
			if (until.tv_nsec >= 1000 * MS)
				until.tv_sec++, until.tv_nsec -= 1000 * MS;
			do
				r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
			while (r == EINTR);
			if (r || stress_now() < until.tv_sec + until.tv_nsec / 1e9 - 1e-6)
				stress_fail(w, "slept until before the time: %s", strerror(r));
		}
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

static long long ns(clockid_t clock)
{
	struct timespec ts = { 0, -1 };

	if (clock_gettime(clock, &ts) || ts.tv_nsec < 0 || ts.tv_nsec >= 1000 * MS)
		return -1;
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* No clock goes back but that of the day, and a thread's is not ahead of its process's. */
enum stress_status stress_clock(struct worker *w)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
	enum { CLOCKS = sizeof clocks / sizeof *clocks };
	long long last[CLOCKS] = { 0 }, thread;
	struct timespec ts;

	while (stress_go(w)) {
		for (int i = 0; i < CLOCKS; i++) {
			long long now = ns(clocks[i]);

			if (now < last[i])
				stress_fail(w, "clock %d went from %lld to %lld", (int)clocks[i], last[i], now);
			if (clock_getres(clocks[i], &ts) || ts.tv_sec || ts.tv_nsec < 1)
				stress_fail(w, "clock %d has no resolution", (int)clocks[i]);
			last[i] = now;
		}
		thread = ns(CLOCK_THREAD_CPUTIME_ID);
		if (thread > ns(CLOCK_PROCESS_CPUTIME_ID))
			stress_fail(w, "a thread has run longer than its process");
		if (ns(CLOCK_REALTIME) < 0)
			stress_fail(w, "there is no time of the day");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
