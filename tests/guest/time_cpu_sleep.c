/* SPDX-License-Identifier: MIT
 *
 * Sleeping on the CPU time of one's own process, which alone in it nobody spends: it lasts until a signal comes, and costs
 * nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include "tap.h"

static void handler(int sig) { (void)sig; }

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = handler };
	struct itimerval alarm = { { 0, 0 }, { 0, 300000 } };
	struct timespec limit = { 0, 100000000 };
	int64_t before;

	tap_plan(2);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &alarm, NULL);
	before = cpu_us();
	tap_is(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &limit, NULL), EINTR, "it ends by the signal");
	tap_ok(cpu_us() - before < 50000, "and has cost nothing");
	return tap_done();
}
