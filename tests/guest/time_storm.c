/* SPDX-License-Identifier: MIT
 * A timer with a period shorter than its handler, which is called: the program goes on, if slowly.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

#define PERIOD 5		/* ns */
#define REST 10000		/* ns: the shortest time in which a period is served */

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

static void handled(clockid_t clock, const char *name)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec v = { { 0, PERIOD }, { 0, PERIOD } };
	struct timespec rest = { 0, 5000000 };
	long long from;
	timer_t id;

	calls = 0;
	timer_create(clock, &ev, &id);
	timer_settime(id, 0, &v, NULL);
	for (volatile int i = 0; i < 2000000; i++)
		;
	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	tap_ok(calls > 0, "%s: the program goes on", name);
	from = now();
	calls = 0;
	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
	from = now() - from;
	if (!tap_ok(from >= 5000000 && calls <= from / REST + 2, "%s: a sleep comes to its end", name))
		tap_diag("%ld calls in %lld ns", (long)calls, from);
	timer_delete(id);
}

int main(void)
{
	tap_plan(6);
	signal(SIGUSR1, note);
	handled(CLOCK_MONOTONIC, "CLOCK_MONOTONIC");
	handled(CLOCK_REALTIME, "CLOCK_REALTIME");
	handled(CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID");
	return tap_done();
}
