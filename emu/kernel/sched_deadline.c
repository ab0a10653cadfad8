/* SPDX-License-Identifier: MIT
 *
 * SCHED_DEADLINE: so much runtime before each deadline, and no more (a constant bandwidth server, as
 * kernel/sched/deadline.c).  A task that has used its runtime up is throttled until the next period.  Times are
 * those of the monotonic clock.
 */
#include <signal.h>
#include "emu/host/clock.h"
#include "emu/kernel/sched_policy.h"
#include "emu/kernel/tasks.h"

#define PERIOD_MIN_NS 100000u		/* sched_dl_period_min_us, _max_us */
#define PERIOD_MAX_NS 4194304000u
#define RUNTIME_MIN_NS 1024u
#define ONE (1u << 20)
#define ALL_OF_THEM (ONE / 100 * 95)	/* sched_rt_runtime_us of sched_rt_period_us */

static uint64_t period_of(const struct sched_attributes *a)
{
	return a->period ? a->period : a->deadline;
}

static uint64_t share(uint64_t runtime, uint64_t period)
{
	return period ? runtime * ONE / period : 0;	/* no overflow: runtime is at most PERIOD_MAX_NS */
}

bool sched_deadline_valid(const struct sched_attributes *a)
{
	uint64_t period = period_of(a);

	if (!a->deadline || a->runtime < RUNTIME_MIN_NS || (a->deadline | a->period) >> 63)
		return false;
	return a->runtime <= a->deadline && a->deadline <= period && period >= PERIOD_MIN_NS && period <= PERIOD_MAX_NS;
}

bool sched_deadline_admits(const struct task *t, const struct sched_attributes *a)
{
	return t->machine->tasks->deadline_shares - share(t->dl.runtime, t->dl.period) + share(a->runtime, period_of(a)) <=
	       ALL_OF_THEM;
}

void sched_deadline_set(struct task *t, const struct sched_attributes *a)
{
	t->dl = (struct task_deadline){
		.runtime = a->runtime, .deadline = a->deadline, .period = period_of(a),
		.flags = (uint32_t)a->flags & (SCHED_FLAG_RECLAIM_ | SCHED_FLAG_DL_OVERRUN_),
	};
	t->run.deadline = 0;
	t->machine->tasks->deadline_shares += share(t->dl.runtime, t->dl.period);
}

void sched_deadline_get(const struct task *t, struct sched_attributes *a)
{
	a->priority = t->rt_priority;
	a->runtime = t->dl.runtime;
	a->deadline = t->dl.deadline;
	a->period = t->dl.period;
	a->flags |= t->dl.flags;
}

void sched_deadline_leave(struct task *t)
{
	struct tasks *ts = t->machine->tasks;

	ts->deadline_shares -= share(t->dl.runtime, t->dl.period);
	time_heap_remove(&ts->throttled, &t->dl.throttled);
	t->dl = (struct task_deadline){ 0 };
}

/* A new period, now. */
static void begin(struct task *t, uint64_t now)
{
	t->run.deadline = now + t->dl.deadline;
	t->dl.left = (int64_t)t->dl.runtime;
}

static void replenish(struct task *t, uint64_t now)
{
	if (t->dl.left <= 0) {
		/* More than one, if it has overrun by more than its runtime. */
		uint64_t periods = (uint64_t)-t->dl.left / t->dl.runtime + 1;

		t->run.deadline += periods * t->dl.period;
		t->dl.left += (int64_t)(periods * t->dl.runtime);
	}
	if (t->run.deadline < now)
		begin(t, now);
}

void sched_deadline_wake(struct task *t)
{
	uint64_t now = clock_monotonic(t->machine);

	/* What is left may be used only if it is no more than its share until the deadline. */
	if (t->run.deadline <= now ||
	    (uint64_t)t->dl.left / 1024 * (t->dl.deadline / 1024) > (t->run.deadline - now) / 1024 * (t->dl.runtime / 1024))
		begin(t, now);
}

bool sched_deadline_ran(struct task *t, uint64_t ns, uint64_t now, bool goes_on)
{
	struct tasks *ts = t->machine->tasks;
	uint64_t next;

	t->dl.left -= (int64_t)ns;
	if (t->yields & YIELD_BEHIND && t->dl.left > 0)
		t->dl.left = 0;		/* sched_yield(2): the rest of this period is not needed */
	else if (t->dl.left <= 0 && t->dl.flags & SCHED_FLAG_DL_OVERRUN_)
		signal_send_process(t->process, SIGXCPU, NULL);
	if (t->dl.left > 0 || !goes_on)
		return true;
	next = t->run.deadline - t->dl.deadline + t->dl.period;
	if (next <= now) {
		replenish(t, now);
		return true;
	}
	t->dl.throttled.when = next;
	(void)time_heap_add(&ts->throttled, &t->dl.throttled);	/* room was reserved */
	return false;
}

void sched_deadline_expire(struct tasks *ts, uint64_t now)
{
	while (time_heap_next(&ts->throttled) <= now) {
		struct task *t = (struct task *)(void *)((char *)time_heap_first(&ts->throttled) -
							 offsetof(struct task, dl.throttled));

		time_heap_remove(&ts->throttled, &t->dl.throttled);
		replenish(t, now);
		sched_enqueue_as(t, RUN_ON);
	}
}
