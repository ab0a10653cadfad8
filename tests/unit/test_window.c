/* SPDX-License-Identifier: MIT
 *
 * What a window has to say: in order, motion added up, and nothing lost that would leave a key down for ever.
 */
#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include "emu/display/window_queue.h"

static struct window_queue q;

static void setup(void) { ck_assert_int_eq(window_queue_init(&q), 0); }
static void teardown(void) { window_queue_fini(&q); }

static void put(enum window_event_kind kind, uint32_t code, int32_t a, int32_t b)
{
	window_queue_put(&q, &(struct window_event){ kind, code, a, b });
}

static bool is(enum window_event_kind kind, uint32_t code, int32_t a, int32_t b)
{
	struct window_event e;

	return window_queue_take(&q, &e) && e.kind == kind && e.code == code && e.a == a && e.b == b;
}

static bool ready(void)
{
	struct pollfd p = { q.fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 1;
}

START_TEST(in_order)
{
	struct window_event e;

	ck_assert(!ready() && !window_queue_take(&q, &e));
	put(WINDOW_KEY, 30, 1, 0);
	ck_assert(ready());
	put(WINDOW_MOVE, 0, 1, -1);
	put(WINDOW_MOVE, 0, 2, -2);
	put(WINDOW_KEY, 30, 0, 0);
	put(WINDOW_MOVE, 0, 4, 4);
	ck_assert(is(WINDOW_KEY, 30, 1, 0));
	ck_assert(is(WINDOW_MOVE, 0, 3, -3));
	ck_assert(is(WINDOW_KEY, 30, 0, 0));
	ck_assert(ready());		/* until it has been found empty */
	ck_assert(is(WINDOW_MOVE, 0, 4, 4));
	ck_assert(!window_queue_take(&q, &e) && !ready());
	put(WINDOW_LIFT, 3, 0, 0);
	ck_assert(ready() && is(WINDOW_LIFT, 3, 0, 0));
}
END_TEST

START_TEST(too_many)
{
	for (unsigned i = 0; i < 3 * WINDOW_QUEUE; i++)
		put(WINDOW_KEY, i, 1, 0);
	for (unsigned i = 0; i < WINDOW_QUEUE; i++)
		ck_assert(is(WINDOW_KEY, i, 1, 0));
	/* After what was lost nothing is taken until that has been told: a release without its press says nothing. */
	put(WINDOW_KEY, 1, 0, 0);
	ck_assert(is(WINDOW_RELEASE, 0, 0, 0));
	put(WINDOW_KEY, 2, 1, 0);
	ck_assert(is(WINDOW_KEY, 2, 1, 0));
}
END_TEST

START_TEST(closing_is_never_lost)
{
	for (unsigned i = 0; i < 2 * WINDOW_QUEUE; i++)
		put(WINDOW_KEY, i, 1, 0);
	put(WINDOW_CLOSE, 0, 0, 0);
	for (unsigned i = 0; i < WINDOW_QUEUE - 1; i++)
		ck_assert(is(WINDOW_KEY, i, 1, 0));
	ck_assert(is(WINDOW_CLOSE, 0, 0, 0));
	ck_assert(is(WINDOW_RELEASE, 0, 0, 0));
}
END_TEST

/* However far it goes round. */
START_TEST(round_and_round)
{
	for (unsigned i = 0; i < 5 * WINDOW_QUEUE; i++) {
		put(WINDOW_KEY, i, 1, 0);
		put(WINDOW_TOUCH, 1, (int32_t)i, 2);
		ck_assert(is(WINDOW_KEY, i, 1, 0) && is(WINDOW_TOUCH, 1, (int32_t)i, 2));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("window");
	TCase *tc = tcase_create("queue");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_order);
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, closing_is_never_lost);
	tcase_add_test(tc, round_and_round);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
