/* SPDX-License-Identifier: MIT
 *
 * The scheduler's parts without a program to run: load averages, limits, deadlines, who preempts whom.
 */
#include "tests/unit/signal_kit.h"
#include "emu/kernel/rusage.h"

#define SECOND 1000000000ull

/* --- Load --- */

/* avenrun after n intervals of 5 s with so many runnable, by the kernel's formula. */
static uint32_t by_the_book(uint32_t load, uint32_t e, unsigned active, unsigned n)
{
	while (n--) {
		uint64_t sum = (uint64_t)load * e + (uint64_t)(active << 11) * (2048 - e);

		load = (uint32_t)((sum + (active << 11 >= load ? 2047 : 0)) / 2048);
	}
	return load;
}

START_TEST(load_averages)
{
	struct tasks *ts = m->tasks;
	uint32_t one;

	/* One task for a minute: 1 - 1/e. */
	for (unsigned s = 1; s <= 60; s++)
		sched_load(ts, s * SECOND, 1);
	ck_assert_uint_eq(ts->load[0], by_the_book(0, 1884, 1, 12));
	ck_assert_uint_eq(ts->load[1], by_the_book(0, 2014, 1, 12));
	ck_assert_uint_eq(ts->load[2], by_the_book(0, 2037, 1, 12));
	ck_assert_uint_ge(ts->load[0], 2048 * 62 / 100);
	ck_assert_uint_le(ts->load[0], 2048 * 65 / 100);
	/* A minute's sleep in one go is as if it had been looked at each time. */
	one = ts->load[0];
	sched_load(ts, 120 * SECOND, 0);
	ck_assert_uint_eq(ts->load[0], by_the_book(one, 1884, 0, 12));
	/* Less than an interval changes nothing. */
	one = ts->load[0];
	sched_load(ts, 120 * SECOND + 4999999999, 5);
	ck_assert_uint_eq(ts->load[0], one);
	sched_load(ts, 125 * SECOND, 5);
	ck_assert_uint_eq(ts->load[0], by_the_book(one, 1884, 5, 1));
	/* A year of it takes no time. */
	sched_load(ts, 366ull * 86400 * SECOND, 0);
	ck_assert_uint_eq(ts->load[0] | ts->load[1] | ts->load[2], 0);
	ck_assert_uint_eq(ts->last_load_ns, 366ull * 86400 * SECOND);
}
END_TEST

/* --- Limits --- */

static bool pending(int signo)
{
	return boss->process->pending.set >> (signo - 1) & 1;
}

START_TEST(cpu_limit)
{
	struct rlimit_pair *r = &boss->process->rlimit[0];

	boss->blocked = ~SIGNALS_KERNEL_ONLY;
	boss->utime_ns = 900 * 1000000ull;
	sched_check_limits(boss);
	*r = (struct rlimit_pair){ 1, 3 };
	sched_check_limits(boss);
	ck_assert(!pending(SIGXCPU));
	boss->stime_ns = 100 * 1000000ull;
	sched_check_limits(boss);
	ck_assert(pending(SIGXCPU));
	ck_assert_uint_eq(r->cur, 2);		/* and again in a second */
	signal_discard(boss->process, ~0ull);
	sched_check_limits(boss);
	ck_assert(!pending(SIGXCPU));
	boss->process->dead_utime = 1100 * 1000000ull;		/* of threads that have ended, too */
	sched_check_limits(boss);
	ck_assert(pending(SIGXCPU));
	boss->utime_ns = 5 * SECOND;
	sched_check_limits(boss);
	ck_assert(boss->killed);
}
END_TEST

static const struct sched_attributes fifo = { .policy = POLICY_FIFO, .priority = 10 };

START_TEST(realtime_limit)
{
	boss->blocked = ~SIGNALS_KERNEL_ONLY;
	boss->cred.cap_effective = ~0ull;
	boss->process->rlimit[15] = (struct rlimit_pair){ 1000, 3000 };		/* us */
	boss->rt_ns = 5000000;
	sched_check_limits(boss);
	ck_assert(!pending(SIGXCPU));		/* it is none */
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_FIFO, &fifo), 0);
	boss->rt_ns = 999999;
	sched_check_limits(boss);
	ck_assert(!pending(SIGXCPU));
	boss->rt_ns = 1000000;
	sched_check_limits(boss);
	ck_assert(pending(SIGXCPU));
	ck_assert_uint_eq(boss->process->rlimit[15].cur, 1001000);
	boss->rt_ns = 3000000;
	boss->process->rlimit[15].cur = 2000;
	sched_check_limits(boss);
	ck_assert(boss->killed);
}
END_TEST

/* --- Deadlines --- */

static const struct sched_attributes tenth = {
	.policy = POLICY_DEADLINE, .runtime = 1000000, .deadline = 4000000, .period = 10000000,
};

START_TEST(deadlines)
{
	struct tasks *ts = m->tasks;
	struct sched_attributes half = tenth, got = { 0 };
	struct task *other = kit_process(init->process);
	uint64_t begun;

	boss->cred.cap_effective = ~0ull;
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_DEADLINE, &tenth), 0);
	sched_policy_get(boss, &got);
	ck_assert_uint_eq(got.runtime, tenth.runtime);
	ck_assert_uint_eq(got.deadline, tenth.deadline);
	ck_assert_uint_eq(got.period, tenth.period);
	/* What has been promised is 10 per cent. */
	half.runtime = 4000000;
	ck_assert_int_eq(sched_policy_set(boss, other, POLICY_DEADLINE, &half), 0);
	half.runtime = 4000000, half.deadline = half.period = 8000000;
	ck_assert_int_eq(sched_policy_set(boss, kit_thread(other), POLICY_DEADLINE, &half), -EBUSY);
	ck_assert_int_eq(sched_policy_set(boss, other, POLICY_OTHER, &(struct sched_attributes){ 0 }), 0);
	ck_assert_int_eq(sched_policy_set(boss, other, POLICY_DEADLINE, &half), 0);
	ck_assert_int_eq(sched_policy_set(boss, other, POLICY_OTHER, &(struct sched_attributes){ 0 }), 0);

	kit_pass(50000000);
	begun = clock_monotonic(m);
	sched_enqueue(boss);
	ck_assert_ptr_eq(run_queue_first(&ts->queue), &boss->run);
	ck_assert_uint_eq(boss->run.deadline, begun + 4000000);
	/* It runs: a part of its runtime, then all. */
	run_queue_remove(&ts->queue, &boss->run);
	kit_pass(600000);
	ck_assert(sched_deadline_ran(boss, 600000, begun + 600000, true));
	kit_pass(600000);
	ck_assert(!sched_deadline_ran(boss, 600000, begun + 1200000, true));
	ck_assert_uint_eq(time_heap_next(&ts->throttled), begun + 10000000);
	/* Waking it does not help. */
	sched_enqueue(boss);
	ck_assert_ptr_null(run_queue_first(&ts->queue));
	sched_deadline_expire(ts, begun + 9999999);
	ck_assert_ptr_null(run_queue_first(&ts->queue));
	kit_pass(8800000);
	sched_deadline_expire(ts, begun + 10000000);
	ck_assert_ptr_eq(run_queue_first(&ts->queue), &boss->run);
	ck_assert_uint_eq(boss->run.deadline, begun + 14000000);
	ck_assert_int_eq(boss->dl.left, 800000);		/* less what it took too much */
	/* It sleeps with some left, and wakes late: a new period. */
	run_queue_remove(&ts->queue, &boss->run);
	ck_assert(sched_deadline_ran(boss, 100000, begun + 10100000, false));
	kit_pass(SECOND);
	sched_enqueue(boss);
	ck_assert_uint_eq(boss->run.deadline, clock_monotonic(m) + 4000000);
	ck_assert_int_eq(boss->dl.left, 1000000);
	/* Far too much: as many periods later. */
	run_queue_remove(&ts->queue, &boss->run);
	begun = clock_monotonic(m);
	kit_pass(50000);
	ck_assert(!sched_deadline_ran(boss, 5500000, begun + 50000, true));
	sched_dequeue(boss);
	ck_assert_uint_eq(time_heap_next(&ts->throttled), UINT64_MAX);
	/* As another policy it owes nothing. */
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_OTHER, &(struct sched_attributes){ 0 }), 0);
	ck_assert_uint_eq(ts->deadline_shares, 0);
	sched_enqueue(boss);
	ck_assert_ptr_eq(run_queue_first(&ts->queue), &boss->run);
}
END_TEST

START_TEST(an_end_gives_its_share_back)
{
	struct task *t = kit_thread(boss);

	t->cred.cap_effective = ~0ull;
	ck_assert_int_eq(sched_policy_set(t, t, POLICY_DEADLINE, &tenth), 0);
	ck_assert_uint_gt(m->tasks->deadline_shares, 0);
	sched_enqueue(t);
	sched_dequeue(t);
	ck_assert(!sched_deadline_ran(t, 2000000, clock_monotonic(m), true));
	task_exit(t, 0);
	ck_assert_uint_eq(m->tasks->deadline_shares, 0);
	ck_assert_uint_eq(time_heap_next(&m->tasks->throttled), UINT64_MAX);
}
END_TEST

/* --- Preemption, inheritance --- */

START_TEST(who_wakes_preempts)
{
	struct task *t = kit_process(init->process);

	boss->cred.cap_effective = ~0ull;
	m->tasks->current = boss;
	sched_enqueue(t);
	ck_assert_uint_eq(boss->yields, 0);		/* an ordinary one waits for the end of the slice */
	sched_dequeue(t);
	ck_assert_int_eq(sched_policy_set(boss, t, POLICY_FIFO, &fifo), 0);
	sched_enqueue(t);
	ck_assert_uint_eq(boss->yields, YIELD_PREEMPTED);
	/* Also when the one that runs becomes less than one that waits. */
	boss->yields = 0;
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_FIFO,
					  &(struct sched_attributes){ .policy = POLICY_FIFO, .priority = 20 }), 0);
	ck_assert_uint_eq(boss->yields, 0);
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_FIFO,
					  &(struct sched_attributes){ .policy = POLICY_FIFO, .priority = 5 }), 0);
	ck_assert_uint_eq(boss->yields, YIELD_PREEMPTED);
	ck_assert(boss->attention);
	m->tasks->current = NULL;
}
END_TEST

START_TEST(queued_while_it_changes)
{
	struct task *t = kit_process(init->process);

	boss->cred.cap_effective = ~0ull;
	sched_enqueue(t);
	for (int nice = -20; nice < 20; nice++) {
		sched_set_nice(t, nice);
		ck_assert(t->run.queued);
		ck_assert_uint_eq(t->run.weight, run_weight(nice));
	}
	ck_assert_int_eq(sched_policy_set(boss, t, POLICY_RR, &fifo), 0);
	ck_assert_ptr_eq(run_queue_first(&m->tasks->queue), &t->run);
	sched_set_nice(t, 3);			/* kept for later */
	ck_assert_ptr_eq(run_queue_first(&m->tasks->queue), &t->run);
	ck_assert_int_eq(sched_policy_set(boss, t, POLICY_DEADLINE, &tenth), 0);
	ck_assert_ptr_eq(run_queue_first(&m->tasks->queue), &t->run);
	ck_assert_int_eq(sched_policy_set(boss, t, POLICY_IDLE, &(struct sched_attributes){ 0 }), 0);
	ck_assert_uint_eq(t->run.weight, RUN_WEIGHT_IDLE);
	ck_assert_uint_eq(m->tasks->queue.count, 1);
	sched_dequeue(t);
	ck_assert_uint_eq(m->tasks->queue.count, 0);
}
END_TEST

START_TEST(inheritance)
{
	struct task *t = kit_process(init->process);

	boss->cred.cap_effective = ~0ull;
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_FIFO, &fifo), 0);
	ck_assert_int_eq(sched_policy_clone(boss, t), 0);
	ck_assert_uint_eq(t->policy, POLICY_FIFO);
	ck_assert_uint_eq(t->run.priority, 10);
	boss->reset_on_fork = true;
	ck_assert_int_eq(sched_policy_clone(boss, t), 0);
	ck_assert_uint_eq(t->policy, POLICY_OTHER);
	ck_assert_uint_eq(t->rt_priority, 0);
	ck_assert(!t->reset_on_fork);
	ck_assert_int_eq(sched_policy_set(boss, boss, POLICY_DEADLINE, &tenth), 0);
	ck_assert_int_eq(sched_policy_clone(boss, t), -EAGAIN);
}
END_TEST

/* What a child used is its parent's when it has been waited for. */
START_TEST(times_of_children)
{
	struct task *child = kit_process(boss->process);
	struct guest_rusage ru;

	child->utime_ns = 3 * SECOND;
	child->nvcsw = 7;
	child->process->child_stime = SECOND;
	process_exit(child->process, 0);
	ck_assert_int_eq(child->state, TASK_ZOMBIE);
	rusage_of_child(child->process, &ru);
	ck_assert_int_eq(ru.utime_sec, 3);
	ck_assert_int_eq(ru.stime_sec, 1);
	ck_assert_int_eq(ru.nvcsw, 7);
	ck_assert_uint_eq(boss->process->child_utime, 0);
	task_reap(child);
	ck_assert_uint_eq(boss->process->child_utime, 3 * SECOND);
	ck_assert_uint_eq(boss->process->child_stime, SECOND);
	ck_assert_uint_eq(boss->process->child_nvcsw, 7);
	/* Nobody waits where SIGCHLD is ignored. */
	child = kit_process(boss->process);
	child->utime_ns = SECOND;
	boss->sighand->action[SIGCHLD - 1].handler = 1;
	process_exit(child->process, 0);
	ck_assert_uint_eq(boss->process->child_utime, 3 * SECOND);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sched");
	TCase *t = tcase_create("all");

	tcase_add_test(t, load_averages);
	tcase_add_test(t, cpu_limit);
	tcase_add_test(t, realtime_limit);
	tcase_add_test(t, deadlines);
	tcase_add_test(t, an_end_gives_its_share_back);
	tcase_add_test(t, who_wakes_preempts);
	tcase_add_test(t, queued_while_it_changes);
	tcase_add_test(t, inheritance);
	tcase_add_test(t, times_of_children);
	return kit_run(s, t);
}
