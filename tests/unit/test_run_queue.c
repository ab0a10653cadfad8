/* SPDX-License-Identifier: MIT
 *
 * The run queue: shares, sleepers, classes, and the order against a plain list.
 */
#include <check.h>
#include <stdlib.h>
#include "emu/kernel/run_queue.h"

#define SLICE 1000000u

static struct run_queue q;

static void setup(void)
{
	q = (struct run_queue){ .bonus = SLICE };
	ck_assert_int_eq(run_queue_reserve(&q, 4096), 0);
}

static void teardown(void)
{
	run_queue_fini(&q);
}

static struct run_node fair(int nice)
{
	return (struct run_node){ .class = RUN_FAIR, .weight = run_weight(nice), .vruntime = q.now };
}

static struct run_node rt(uint32_t priority)
{
	return (struct run_node){ .class = RUN_RT, .priority = priority };
}

/* Takes the first, which runs for so long and goes on. */
static struct run_node *turn(uint64_t instructions, enum run_how how)
{
	struct run_node *n = run_queue_first(&q);

	run_queue_remove(&q, n);
	run_queue_charge(&q, n, instructions, instructions);
	run_queue_add(&q, n, how);
	return n;
}

START_TEST(weights_are_linux_s)
{
	/* sched_prio_to_weight, whose own figures are rounded, too. */
	static const struct { int nice; double weight; } known[] = {
		{ -20, 88761 }, { -15, 29154 }, { -10, 9548 }, { -5, 3121 }, { 0, 1024 }, { 5, 335 }, { 10, 110 },
		{ 15, 36 }, { 19, 15 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		double off = run_weight(known[i].nice) - known[i].weight, most = 1 + known[i].weight / 500;

		ck_assert_msg(off <= most && -off <= most, "nice %d: %u",
			      known[i].nice, run_weight(known[i].nice));
	}
	for (int nice = -20; nice < 19; nice++)
		ck_assert_uint_gt(run_weight(nice), run_weight(nice + 1));
}
END_TEST

START_TEST(shares_are_the_weights)
{
	static const int nice[] = { -5, 0, 0, 5, 19 };
	struct run_node n[5];
	uint64_t turns[5] = { 0 }, sum = 0;

	for (int i = 0; i < 5; i++) {
		n[i] = fair(nice[i]);
		run_queue_add(&q, &n[i], RUN_WOKEN);
		sum += n[i].weight;
	}
	for (int i = 0; i < 100000; i++)
		turns[turn(SLICE, RUN_ON) - n]++;
	for (int i = 0; i < 5; i++) {
		double wanted = 100000.0 * n[i].weight / (double)sum, off = (double)turns[i] - wanted;

		ck_assert_msg(off <= 2 + wanted / 200 && -off <= 2 + wanted / 200, "nice %d: %llu of %f", nice[i],
			      (unsigned long long)turns[i], wanted);
	}
	/* Nice 0 and 5: about 3 to 1. */
	ck_assert_uint_eq(turns[1] / turns[3], 3);
}
END_TEST

START_TEST(short_turns_are_not_free)
{
	struct run_node a = fair(-20), b = fair(-20);
	uint64_t ran[2] = { 0 };

	/* One is on the hart for 7 instructions at a time. */
	run_queue_add(&q, &a, RUN_WOKEN);
	run_queue_add(&q, &b, RUN_WOKEN);
	for (int i = 0; i < 100000; i++) {
		bool first = run_queue_first(&q) == &a;

		turn(first ? 7 : 700, RUN_ON);
		ran[first] += first ? 7 : 700;
	}
	ck_assert_uint_le(ran[1], ran[0]);
}
END_TEST

START_TEST(equals_take_turns)
{
	struct run_node n[4];

	for (int i = 0; i < 4; i++) {
		n[i] = fair(0);
		run_queue_add(&q, &n[i], RUN_WOKEN);
	}
	for (int i = 0; i < 40; i++)
		ck_assert_ptr_eq(turn(SLICE, RUN_ON), &n[i % 4]);
}
END_TEST

START_TEST(a_thousand_and_a_sleeper)
{
	static struct run_node n[1000];
	struct run_node sleeper = fair(0);
	uint64_t ahead = 0;

	for (int i = 0; i < 1000; i++) {
		n[i] = fair(0);
		run_queue_add(&q, &n[i], RUN_WOKEN);
	}
	for (int i = 0; i < 5500; i++)
		ck_assert_ptr_eq(turn(SLICE, RUN_ON), &n[i % 1000]);
	/* It wakes: nobody is before it. */
	run_queue_add(&q, &sleeper, RUN_WOKEN);
	ck_assert_ptr_eq(run_queue_first(&q), &sleeper);
	/* But it has nothing saved up: one slice, and it is among the others; two, and it is the last. */
	while (run_queue_first(&q) == &sleeper) {
		turn(SLICE / 4, RUN_ON);
		ahead += SLICE / 4;
	}
	ck_assert_uint_ge(ahead, SLICE);
	ck_assert_uint_le(ahead, 2 * SLICE);
	run_queue_remove(&q, &sleeper);
	/* Short work again and again is always served at once. */
	for (int i = 0; i < 100; i++) {
		run_queue_add(&q, &sleeper, RUN_WOKEN);
		if (i > 2)
			ck_assert_ptr_eq(run_queue_first(&q), &sleeper);
		run_queue_remove(&q, &sleeper);
		run_queue_charge(&q, &sleeper, 1000, 1000);
		for (int k = 0; k < 1000; k++)
			turn(SLICE, RUN_ON);
	}
}
END_TEST

START_TEST(who_gives_way_is_behind_the_next)
{
	struct run_node a = fair(0), b = fair(0);

	b.vruntime = a.vruntime + 10 * SLICE;
	run_queue_add(&q, &a, RUN_WOKEN);
	run_queue_add(&q, &b, RUN_WOKEN);
	ck_assert_ptr_eq(turn(100, RUN_ON), &a);
	ck_assert_ptr_eq(turn(100, RUN_BEHIND), &a);
	ck_assert_ptr_eq(turn(100, RUN_BEHIND), &b);
	ck_assert_ptr_eq(turn(100, RUN_BEHIND), &a);
	/* Alone it goes on. */
	run_queue_remove(&q, &b);
	ck_assert_ptr_eq(turn(100, RUN_BEHIND), &a);
	ck_assert_ptr_eq(turn(100, RUN_BEHIND), &a);
}
END_TEST

START_TEST(real_time_by_priority)
{
	struct run_node low = rt(1), a = rt(50), b = rt(50), high = rt(99), other = fair(-20);

	run_queue_add(&q, &other, RUN_WOKEN);
	run_queue_add(&q, &low, RUN_WOKEN);
	run_queue_add(&q, &a, RUN_WOKEN);
	run_queue_add(&q, &b, RUN_WOKEN);
	run_queue_add(&q, &high, RUN_WOKEN);
	ck_assert_ptr_eq(run_queue_first(&q), &high);
	run_queue_remove(&q, &high);
	/* Who could go on is first of its priority; who gives way, last. */
	ck_assert_ptr_eq(turn(SLICE, RUN_ON), &a);
	ck_assert_ptr_eq(turn(SLICE, RUN_BEHIND), &a);
	ck_assert_ptr_eq(turn(SLICE, RUN_ON), &b);
	ck_assert_ptr_eq(turn(SLICE, RUN_BEHIND), &b);
	ck_assert_ptr_eq(run_queue_first(&q), &a);
	run_queue_remove(&q, &a);
	run_queue_remove(&q, &b);
	ck_assert_ptr_eq(run_queue_first(&q), &low);
	run_queue_remove(&q, &low);
	ck_assert_ptr_eq(run_queue_first(&q), &other);
	run_queue_remove(&q, &other);
	run_queue_remove(&q, &other);		/* not in it: nothing happens */
	ck_assert_ptr_null(run_queue_first(&q));
	ck_assert_uint_eq(q.count, 0);
}
END_TEST

START_TEST(real_time_leaves_a_twentieth)
{
	struct run_node spins = rt(99), waits = fair(0);
	unsigned fair_turns = 0, longest = 0, since = 0;

	run_queue_add(&q, &spins, RUN_WOKEN);
	run_queue_add(&q, &waits, RUN_WOKEN);
	for (int i = 0; i < 20000; i++) {
		bool served = turn(SLICE, RUN_ON) == &waits;

		fair_turns += served;
		since = served ? 0 : since + 1;
		longest = since > longest ? since : longest;
	}
	ck_assert_uint_ge(fair_turns, 900);
	ck_assert_uint_le(fair_turns, 1050);
	ck_assert_uint_le(longest, 950);
}
END_TEST

/* What counts is time: a fast host's many instructions take nothing from real-time nodes. */
START_TEST(real_time_share_is_of_time)
{
	struct run_node spins = rt(99), waits = fair(0);

	run_queue_add(&q, &spins, RUN_WOKEN);
	run_queue_add(&q, &waits, RUN_WOKEN);
	for (int ms = 0; ms < 950; ms++) {
		ck_assert_ptr_eq(run_queue_first(&q), &spins);
		run_queue_remove(&q, &spins);
		run_queue_charge(&q, &spins, 100 * SLICE, 1000000);
		run_queue_add(&q, &spins, RUN_ON);
	}
	for (int ms = 0; ms < 50; ms++) {
		ck_assert_ptr_eq(run_queue_first(&q), &waits);
		run_queue_remove(&q, &waits);
		run_queue_charge(&q, &waits, 100 * SLICE, 1000000);
		run_queue_add(&q, &waits, RUN_ON);
	}
	ck_assert_ptr_eq(run_queue_first(&q), &spins);
}
END_TEST

/* Who sleeps so often that fair nodes have their part anyway is never held up. */
START_TEST(real_time_that_sleeps_is_first_always)
{
	struct run_node works = rt(1), waits = fair(0);

	run_queue_add(&q, &waits, RUN_WOKEN);
	for (int i = 0; i < 10000; i++) {
		run_queue_add(&q, &works, RUN_WOKEN);
		ck_assert_ptr_eq(run_queue_first(&q), &works);
		run_queue_remove(&q, &works);
		run_queue_charge(&q, &works, SLICE, 900000);
		run_queue_remove(&q, &waits);
		run_queue_charge(&q, &waits, SLICE, 100000);
		run_queue_add(&q, &waits, RUN_ON);
	}
}
END_TEST

START_TEST(earliest_deadline_first)
{
	struct run_node a = { .class = RUN_DEADLINE, .deadline = 300 }, b = { .class = RUN_DEADLINE, .deadline = 200 };
	struct run_node high = rt(99);

	run_queue_add(&q, &high, RUN_WOKEN);
	run_queue_add(&q, &a, RUN_WOKEN);
	run_queue_add(&q, &b, RUN_WOKEN);
	ck_assert_ptr_eq(run_queue_first(&q), &b);
	run_queue_remove(&q, &b);
	ck_assert_ptr_eq(run_queue_first(&q), &a);
	run_queue_remove(&q, &a);
	ck_assert_ptr_eq(run_queue_first(&q), &high);
}
END_TEST

START_TEST(who_preempts_whom)
{
	struct run_node idle = { .class = RUN_FAIR, .weight = RUN_WEIGHT_IDLE }, low = rt(1), high = rt(2);
	struct run_node other = fair(0), kind = fair(19);
	struct run_node soon = { .class = RUN_DEADLINE, .deadline = 1 }, late = { .class = RUN_DEADLINE, .deadline = 2 };
	const struct run_node *order[] = { &idle, &other, &low, &high, &late, &soon };

	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++)
			ck_assert_int_eq(run_queue_preempts(order[i], order[k]), i > k);
	/* Among ordinary tasks the slice is not cut short. */
	ck_assert(!run_queue_preempts(&other, &kind));
	ck_assert(!run_queue_preempts(&kind, &other));
}
END_TEST

static uint32_t seed = 1;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

#define MANY 300

/* Who would be first, by looking at all. */
static struct run_node *plain_first(struct run_node *n)
{
	struct run_node *best = NULL;

	for (int i = 0; i < MANY; i++) {
		if (!n[i].queued)
			continue;
		if (!best || n[i].class > best->class)
			best = &n[i];
		else if (n[i].class < best->class)
			continue;
		else if (n[i].class == RUN_RT ? n[i].priority > best->priority :
			 n[i].class == RUN_FAIR ? n[i].vruntime < best->vruntime : n[i].deadline < best->deadline)
			best = &n[i];
	}
	return best;
}

START_TEST(against_a_plain_list)
{
	static struct run_node n[MANY];
	unsigned count = 0;

	for (int i = 0; i < MANY; i++) {
		n[i] = i % 3 == 0 ? rt(1 + rnd(99)) : fair((int)rnd(40) - 20);
		if (i % 10 == 5)
			n[i] = (struct run_node){ .class = RUN_DEADLINE, .deadline = rnd(1000) };
	}
	for (int round = 0; round < 200000; round++) {
		struct run_node *x = &n[rnd(MANY)], *first, *wanted;

		if (x->queued) {
			run_queue_remove(&q, x);
			count--;
		} else if (rnd(3) || count < 3) {
			run_queue_charge(&q, x, rnd(SLICE), rnd(SLICE));
			run_queue_add(&q, x, rnd(2) ? RUN_WOKEN : RUN_ON);
			count++;
		}
		ck_assert_uint_eq(q.count, count);
		first = run_queue_first(&q);
		wanted = plain_first(n);
		q.fair_turn = false;
		if (!wanted) {
			ck_assert_ptr_null(first);
			continue;
		}
		if (first->class != wanted->class)
			continue;	/* it was the fair ones' turn */
		if (first->class == RUN_RT)
			ck_assert_uint_eq(first->priority, wanted->priority);
		else if (first->class == RUN_FAIR)
			ck_assert_uint_eq(first->vruntime, wanted->vruntime);
		else
			ck_assert_uint_eq(first->deadline, wanted->deadline);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("run_queue");
	TCase *t = tcase_create("run_queue");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, weights_are_linux_s);
	tcase_add_test(t, shares_are_the_weights);
	tcase_add_test(t, short_turns_are_not_free);
	tcase_add_test(t, equals_take_turns);
	tcase_add_test(t, a_thousand_and_a_sleeper);
	tcase_add_test(t, who_gives_way_is_behind_the_next);
	tcase_add_test(t, real_time_by_priority);
	tcase_add_test(t, real_time_leaves_a_twentieth);
	tcase_add_test(t, real_time_share_is_of_time);
	tcase_add_test(t, real_time_that_sleeps_is_first_always);
	tcase_add_test(t, earliest_deadline_first);
	tcase_add_test(t, who_preempts_whom);
	tcase_add_test(t, against_a_plain_list);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
