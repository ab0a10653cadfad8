/* SPDX-License-Identifier: MIT
 *
 * Processor time: who used how much, in user mode or in system calls, and the limits of it; the load averages.
 *
 * How long a task was on the hart is measured at the borders of its slices.  How much of that was system time is sampled,
 * as kernels do whose clock ticks: two looks at the clock would double the cost of a short call.  A tick that comes while
 * the task is in a call (emu/host/ticks.h) stands for the time since the last one, and as much of what is measured from
 * then on becomes system time.  So the sum is exact, neither figure ever goes back, and what a long-running program is
 * told is right to a few ticks.
 */
#include <signal.h>
#include "emu/host/clock.h"
#include "emu/host/ticks.h"
#include "emu/kernel/rusage.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timer.h"
#include "emu/signal/signal.h"

#define SECOND 1000000000u
#define LOAD_INTERVAL_NS 5000000000u	/* LOAD_FREQ of kernel/sched/loadavg.c */

enum { RLIMIT_CPU_ = 0, RLIMIT_RTTIME_ = 15 };

uint64_t sched_account(struct machine *m)
{
	struct tasks *ts = m->tasks;
	struct task *t = ts->current;
	uint64_t now = clock_monotonic(m), ns, system;
	unsigned ticks, in_calls;

	if (!t)
		return now;
	ns = now - ts->slice_start_ns;
	ts->slice_start_ns = now;
	ts->unsampled_ns += ns;
	ticks = host_ticks_take(m, &in_calls);
	if (ticks) {
		/* By time measured, not by the length of a tick: the host may have had something else to do. */
		t->system_credit_ns += ts->unsampled_ns * (in_calls < ticks ? in_calls : ticks) / ticks;
		ts->unsampled_ns = 0;
	}
	system = t->system_credit_ns < ns ? t->system_credit_ns : ns;
	t->system_credit_ns -= system;
	t->stime_ns += system;
	t->utime_ns += ns - system;
	ts->system_ns += system;
	*(t->nice > 0 ? &ts->nice_ns : &ts->user_ns) += ns - system;
	/* Timers on CPU time are looked at when a slice ends: before a program that reads the clock can find one late. */
	if (t->process && t->process->timers && t->process->timers->cpu_armed.count)
		t->yields |= YIELD_PREEMPTED;
	return now;
}

/* --- Limits --- */

/* unit is that of the limit in ns; a warning is repeated each second. */
static void check(struct task *t, int resource, uint64_t used_ns, uint64_t unit)
{
	struct rlimit_pair *r = &t->process->rlimit[resource];
	uint64_t used = used_ns / unit;

	if (used < r->cur)
		return;
	if (used >= r->max) {
		signal_send_process(t->process, SIGKILL, NULL);
		return;
	}
	signal_send_process(t->process, SIGXCPU, NULL);
	r->cur += SECOND / unit;
}

void sched_check_limits(struct task *t)
{
	const struct rlimit_pair *cpu = &t->process->rlimit[RLIMIT_CPU_], *rt = &t->process->rlimit[RLIMIT_RTTIME_];

	if (cpu->cur != UINT64_MAX) {
		uint64_t user, system;

		process_cpu_time(t->process, &user, &system);
		check(t, RLIMIT_CPU_, user + system, SECOND);
	}
	if (rt->cur != UINT64_MAX && policy_is_rt(t->policy))
		check(t, RLIMIT_RTTIME_, t->rt_ns, 1000);
}

/* --- Load --- */

/* The exponential averages of kernel/sched/loadavg.c: e^(-5 s / 1, 5, 15 min) in 11 bits. */
static uint32_t decayed(uint32_t load, uint32_t decay, uint32_t active)
{
	uint64_t sum = (uint64_t)load * decay + (uint64_t)active * (2048 - decay);

	if (active >= load)
		sum += 2047;
	return (uint32_t)(sum >> 11);
}

void sched_load(struct tasks *ts, uint64_t now, unsigned active)
{
	static const uint32_t decay[3] = { 1884, 2014, 2037 };	/* EXP_1, EXP_5, EXP_15 */

	/* Nothing ticks while the machine sleeps: what was missed is made up for.  After hours everything has decayed. */
	for (int n = 0; now - ts->last_load_ns >= LOAD_INTERVAL_NS; n++) {
		ts->last_load_ns = n < 5000 ? ts->last_load_ns + LOAD_INTERVAL_NS : now;
		for (int i = 0; i < 3; i++)
			ts->load[i] = decayed(ts->load[i], decay[i], active << 11);
	}
}
