/* SPDX-License-Identifier: MIT
 *
 * Timers: the heap against a plain list, periods and overruns, CPU time, a clock that is set.
 */
#include "tests/unit/signal_kit.h"
#include "emu/event/quota.h"
#include "emu/kernel/timer.h"

static struct timer *make(enum clock_kind kind, int signo, enum timer_notify notify)
{
	struct timer *t;

	ck_assert_int_eq(timer_new(boss, &t), 0);
	t->base = t->clock = (struct guest_clock){ .kind = kind, .resolution = 1, .timers = true, .id = boss->process->pid };
	t->signo = signo;
	t->notify = notify;
	return t;
}

static uint32_t seed = 12345;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

#define MANY 200

START_TEST(heap_against_list)
{
	struct timer *t[MANY];
	uint64_t due[MANY] = { 0 };

	for (int i = 0; i < MANY; i++)
		t[i] = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	boss->blocked = ~0ull;
	for (int round = 0; round < 20000; round++) {
		int i = (int)rnd(MANY);
		uint64_t now, next = UINT64_MAX;

		switch (rnd(4)) {
		case 0:
			due[i] = 0;
			timer_disarm(t[i]);
			break;
		case 1:
			kit_pass(rnd(200));
			now = clock_monotonic(m);
			if (clock_events_next(m) <= now)
				clock_events_run(m, now);
			for (int k = 0; k < MANY; k++) {
				if (due[k] && due[k] <= now) {
					ck_assert_uint_eq(t[k]->expires, 0);
					due[k] = 0;
				}
			}
			break;
		default:
			due[i] = clock_monotonic(m) + 1 + rnd(5000);
			ck_assert_int_eq(timer_arm(t[i], due[i], 0), 0);
			break;
		}
		for (int k = 0; k < MANY; k++)
			if (due[k] && due[k] < next)
				next = due[k];
		ck_assert_uint_eq(clock_events_next(m), next);
		if (round % 1000 == 0)
			signal_discard(boss->process, ~0ull);
	}
}
END_TEST

START_TEST(periods_and_overruns)
{
	struct timer *t = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	struct signal_info out;

	boss->blocked = ~0ull;
	kit_pass(1000);
	ck_assert_int_eq(timer_arm(t, 2000, 100), 0);
	kit_pass(1050);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(t->awaited);
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);	/* not before its signal is taken */
	ck_assert_uint_eq(timer_left(t), 50);
	kit_pass(400);			/* 2450 */
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.code, SI_TIMER);
	ck_assert_int_eq(out.timer.timer_id, t->id);
	ck_assert_uint_eq(t->expires, 2500);
	/* It expires 50 ns from now, and that is told when there was time to serve it. */
	ck_assert_uint_eq(clock_events_next(m), 2450 + CLOCK_EVENT_REST_NS);
	/* 2100, 2200, 2300 and 2400; that somebody asked in between and moved it on is none the less. */
	ck_assert_uint_eq(t->overrun, 4);
	kit_pass(60);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(!t->awaited);
	kit_pass(CLOCK_EVENT_REST_NS - 60);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.timer.overrun, CLOCK_EVENT_REST_NS / 100 - 1);
	/* Ignored: the periods go on all the same, and are counted; it looks once a tick. */
	boss->blocked = 0;
	kit_act(boss, SIGUSR1, SIGNAL_IGN, 0, 0);
	kit_pass(CLOCK_EVENT_REST_NS);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(!t->awaited);
	ck_assert_uint_gt(clock_events_next(m), clock_monotonic(m) + 4000000 - 1);
	boss->blocked = ~0ull;
	kit_pass(4000100);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.timer.overrun, (4000100 + CLOCK_EVENT_REST_NS) / 100 - 1);
	timer_delete_one(t);
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);
}
END_TEST

/* setitimer's goes on when a SIGALRM is taken, and not before. */
START_TEST(alarm_awaited)
{
	struct timer *t = &timers_of(boss->process)->itimer[0];
	struct signal_info out;

	boss->blocked = ~0ull;
	ck_assert_int_eq(timer_arm(t, 1000, 1000), 0);
	kit_pass(5500);
	clock_events_run(m, clock_monotonic(m));
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);
	ck_assert_uint_eq(timer_left(t), 0);
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_uint_eq(t->expires, 6000);
	ck_assert_uint_eq(clock_events_next(m), 5500 + CLOCK_EVENT_REST_NS);
	kit_pass(CLOCK_EVENT_REST_NS);
	clock_events_run(m, clock_monotonic(m));
	/* Off while its signal is pending: another SIGALRM does not start it. */
	timer_disarm(t);
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);
}
END_TEST

/* On CPU time: as soon as that has gone on for as long. */
START_TEST(cpu_periods)
{
	struct timer *t = make(CLOCK_KIND_CPU_PROCESS, SIGUSR1, TIMER_SIGNAL);
	struct signal_info out;

	boss->blocked = ~0ull;
	timer_arm(t, 5, 5);
	boss->utime_ns = 7;
	timers_charge(boss->process);
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.timer.overrun, 0);
	boss->utime_ns = 6 + CLOCK_EVENT_REST_NS;
	timers_charge(boss->process);
	ck_assert(!signal_take(boss, ~0ull, &out));
	boss->utime_ns = 7 + CLOCK_EVENT_REST_NS;
	timers_charge(boss->process);
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.timer.overrun, CLOCK_EVENT_REST_NS / 5 - 1);
	timer_delete_one(t);
	ck_assert_uint_eq(boss->process->timers->cpu_armed.count, 0);
}
END_TEST

START_TEST(deleted_while_pending)
{
	struct timer *t = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL), *u = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	struct signal_info out;

	boss->blocked = ~0ull;
	timer_arm(t, 10, 0);
	timer_arm(u, 20, 0);
	kit_pass(100);
	clock_events_run(m, clock_monotonic(m));
	ck_assert_uint_eq(boss->process->pending.count, 2);
	timer_delete_one(t);
	ck_assert(signal_take(boss, ~0ull, &out) && out.timer.timer_id == u->id);
	ck_assert(!signal_take(boss, ~0ull, &out));
}
END_TEST

START_TEST(cpu_time)
{
	struct timer *t = make(CLOCK_KIND_CPU_PROCESS, SIGUSR1, TIMER_SIGNAL);

	boss->blocked = ~0ull;
	timer_arm(t, 1000, 0);
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);
	kit_pass(5000);
	timers_charge(boss->process);
	ck_assert_uint_eq(boss->process->pending.count, 0);
	ck_assert_uint_eq(timer_left(t), 1000);
	boss->utime_ns = 999;
	timers_charge(boss->process);
	ck_assert_uint_eq(timer_left(t), 1);
	boss->stime_ns = 1;
	timers_charge(boss->process);
	ck_assert_uint_eq(boss->process->pending.count, 1);
	ck_assert_uint_eq(boss->process->timers->cpu_armed.count, 0);
}
END_TEST

START_TEST(clock_that_is_set)
{
	struct timer *real = make(CLOCK_KIND_REAL, SIGUSR1, TIMER_SIGNAL), *mono = make(CLOCK_KIND_MONOTONIC, SIGUSR2, TIMER_SIGNAL);
	uint64_t now = (uint64_t)clock_realtime(m);

	boss->blocked = ~0ull;
	timer_arm(real, now + 1000, 0);
	timer_arm(mono, clock_monotonic(m) + 500, 0);
	ck_assert_uint_eq(clock_events_next(m), clock_monotonic(m) + 500);
	clock_set_realtime(m, (int64_t)now + 900);
	clock_was_set(m);
	ck_assert_uint_eq(clock_events_next(m), clock_monotonic(m) + 100);
	clock_set_realtime(m, (int64_t)now - 900);
	clock_was_set(m);
	ck_assert_uint_eq(clock_events_next(m), clock_monotonic(m) + 500);
	clock_set_realtime(m, (int64_t)now + 5000);
	clock_was_set(m);
	clock_events_run(m, clock_monotonic(m));
	ck_assert_uint_eq(boss->process->pending.set, SBIT(SIGUSR1));
}
END_TEST

START_TEST(exec_and_exit)
{
	struct posix_timers *pt = timers_of(boss->process);

	ck_assert_int_eq(timer_arm(&pt->itimer[0], 500, 100), 0);
	for (int i = 0; i < 10; i++)
		timer_arm(make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL), 100, 0);
	ck_assert_uint_eq(clock_events_next(m), 100);
	timers_exec(boss->process);
	ck_assert_uint_eq(clock_events_next(m), 500);		/* setitimer's stays */
	ck_assert_int_eq(make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL)->id, 10);	/* numbers go on */
	boss->process->rlimit[11].cur = 1;
	ck_assert_int_eq(timer_new(boss, &(struct timer *){ NULL }), -EAGAIN);
	timers_exit(boss->process);
	ck_assert_uint_eq(clock_events_next(m), UINT64_MAX);
	timers_exit(boss->process);
}
END_TEST

/* Looking each of many up, arming it and deleting it takes no longer for the others there are. */
START_TEST(many)
{
	enum { ALL = 10000 };
	struct posix_timers *pt = timers_of(boss->process);
	uint64_t steps[2];
	int first;

	boss->process->rlimit[11] = (struct rlimit_pair){ UINT64_MAX, UINT64_MAX };
	first = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL)->id;
	for (int half = 0; half < 2; half++) {
		uint64_t before = pt->by_id.visited + pt->cpu_armed.visited;

		for (int i = 0; i < ALL / 2; i++)
			ck_assert_int_eq(timer_arm(make(CLOCK_KIND_CPU_PROCESS, SIGUSR1, TIMER_SIGNAL), 1000000 + (unsigned)i, 0), 0);
		steps[half] = pt->by_id.visited + pt->cpu_armed.visited - before;
	}
	ck_assert_uint_eq(pt->by_id.count, ALL + 1);
	ck_assert_uint_eq(pt->cpu_armed.count, ALL);
	/* A level or two more: each is 14 high. */
	ck_assert_msg(steps[1] < steps[0] * 5 / 4, "%llu steps, then %llu", (unsigned long long)steps[0], (unsigned long long)steps[1]);
	ck_assert_uint_lt(steps[1], 2 * ALL / 2 * (14 + 6));
	ck_assert(tree_check(&pt->by_id) && tree_check(&pt->cpu_armed));
	for (int i = 0; i < ALL; i++) {
		struct timer *t = timer_by_id(boss->process, first + 1 + i);

		ck_assert_ptr_nonnull(t);
		timer_delete_one(t);
	}
	ck_assert_uint_eq(pt->cpu_armed.count, 0);
	/* The numbers go round, and leave out what is there. */
	pt->next_id = INT32_MAX;
	ck_assert_int_eq(make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL)->id, INT32_MAX);
	ck_assert_int_eq(first, 0);
	ck_assert_int_eq(make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL)->id, 1);
}
END_TEST

/* A timer has one signal: while that is in a queue, what else it would send is counted there; and when it is deleted that goes. */
START_TEST(several_before_one_is_taken)
{
	struct timer *t = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	struct signal_info info;

	boss->blocked = ~0ull;
	for (int deleted = 0; deleted < 2; deleted++) {
		for (int i = 0; i < 3; i++) {
			timer_arm(t, clock_monotonic(m) + 10, 0);
			kit_pass(20);
			clock_events_run(m, clock_monotonic(m));
			ck_assert_uint_eq(boss->process->pending.count, 1);
		}
		if (deleted)
			timer_delete_one(t);
		else
			ck_assert(signal_take(boss, SBIT(SIGUSR1), &info) && info.timer.overrun == 2);
		ck_assert(!signal_take(boss, SBIT(SIGUSR1), &info));
	}
}
END_TEST

/* Timers and queued signals of all of a user's processes count together, root's as well; what the kernel sends is not kept back. */
START_TEST(places_for_signals)
{
	struct task *other = kit_process(init->process);
	const struct signal_info rt = { .signo = 40, .code = SI_QUEUE }, old = { .signo = SIGUSR1, .code = SI_QUEUE };
	struct signal_info out;
	struct timer *t[2], *none;

	boss->blocked = other->blocked = ~0ull;
	boss->process->rlimit[11].cur = other->process->rlimit[11].cur = 4;
	t[0] = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	t[1] = make(CLOCK_KIND_MONOTONIC, SIGUSR1, TIMER_SIGNAL);
	ck_assert_int_eq(signal_send_process(other->process, 40, &rt), 0);
	ck_assert_int_eq(signal_send_process(other->process, 40, &rt), 0);
	ck_assert_uint_eq(quota_count(m, 0, QUOTA_SIGNALS), 4);
	ck_assert_int_eq(timer_new(boss, &none), -EAGAIN);
	ck_assert_int_eq(signal_send_process(boss->process, 40, &rt), -EAGAIN);
	/* sigqueue(3) of an old signal arrives, without what came with it. */
	ck_assert_int_eq(signal_send_process(boss->process, SIGUSR1, &old), 0);
	ck_assert(signal_take(boss, SBIT(SIGUSR1), &out) && out.code == SI_USER);
	ck_assert_int_eq(signal_send_process(boss->process, SIGCHLD, NULL), 0);
	ck_assert_uint_eq(quota_count(m, 0, QUOTA_SIGNALS), 5);
	/* A timer's has its place. */
	timer_arm(t[0], clock_monotonic(m) + 10, 0);
	kit_pass(20);
	clock_events_run(m, clock_monotonic(m));
	ck_assert(signal_take(boss, SBIT(SIGUSR1), &out) && out.code == SI_TIMER);
	/* Another user has all of his own. */
	other->cred.uid = 1000;
	ck_assert_int_eq(signal_send_process(other->process, 40, &rt), 0);
	ck_assert_uint_eq(quota_count(m, 1000, QUOTA_SIGNALS), 1);
	/* They are given back to who had them. */
	signal_discard(other->process, ~0ull);
	signal_discard(boss->process, ~0ull);
	ck_assert_uint_eq(quota_count(m, 1000, QUOTA_SIGNALS), 0);
	ck_assert_uint_eq(quota_count(m, 0, QUOTA_SIGNALS), 2);
	boss->cred.uid = 1000;
	timer_delete_one(t[0]);
	timers_exit(boss->process);
	ck_assert_uint_eq(quota_count(m, 0, QUOTA_SIGNALS), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("timers");
	TCase *t = tcase_create("all");

	tcase_add_test(t, heap_against_list);
	tcase_add_test(t, periods_and_overruns);
	tcase_add_test(t, alarm_awaited);
	tcase_add_test(t, cpu_periods);
	tcase_add_test(t, deleted_while_pending);
	tcase_add_test(t, cpu_time);
	tcase_add_test(t, clock_that_is_set);
	tcase_add_test(t, exec_and_exit);
	tcase_add_test(t, many);
	tcase_add_test(t, several_before_one_is_taken);
	tcase_add_test(t, places_for_signals);
	return kit_run(s, t);
}
