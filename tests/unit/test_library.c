/* SPDX-License-Identifier: MIT
 *
 * Libraries that are loaded when asked for, and groups of descriptors that change with every wait.
 */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "emu/host/clock.h"
#include "emu/host/library.h"
#include "emu/host/poll.h"
#include "emu/kernel/machine.h"

#define FUNCTIONS(F) F(cos) F(sqrt)

START_TEST(functions_by_name)
{
	static const char *const names[] = { LIBRARY_NAMES(FUNCTIONS) };
	struct { LIBRARY_POINTERS(FUNCTIONS) } l = { 0 };
	static const struct library libm = { "libm.so.6", "libc6", names, 2 };
	char why[LIBRARY_WHY] = "";

	ck_assert_int_eq(library_load(&libm, &l, sizeof l, why), 0);
	ck_assert(l.sqrt(9) == 3 && l.cos(0) == 1);
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(what_is_missing_is_named)
{
	static const char *const names[] = { "sqrt", "no_such_function" };
	static const struct library none = { "libnone.so.7", "libnone7", names, 2 }, old = { "libm.so.6", "libc6", names, 2 };
	char why[LIBRARY_WHY] = "";
	void *table[2];

	ck_assert_int_eq(library_load(&none, table, sizeof table, why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "libnone.so.7"));
	ck_assert_ptr_nonnull(strstr(why, "package libnone7"));
	ck_assert_int_eq(library_load(&old, table, sizeof table, why), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(why, "no_such_function"));
}
END_TEST

/* --- Groups --- */

enum { PIPES = 40 };
static struct machine machine, *m = &machine;

struct group {
	int pipe[PIPES][2], number[PIPES], events[PIPES];
	int64_t timeout;		/* < 0: says nothing about it */
	unsigned prepared, finished, listened;
};

static void prepare(void *owner, struct machine *of, int64_t *timeout_ns)
{
	struct group *g = owner;

	for (int i = 0; i < PIPES; i++)
		g->number[i] = host_poll_add(of, g->pipe[i][0], POLLIN);
	if (g->timeout >= 0 && (*timeout_ns < 0 || g->timeout < *timeout_ns))
		*timeout_ns = g->timeout;
	g->prepared++;
}

static void finish(void *owner, struct machine *of)
{
	struct group *g = owner;

	for (int i = 0; i < PIPES; i++)
		g->events[i] = host_poll_events(of, g->number[i]);
	ck_assert_int_eq(host_poll_events(of, -ENOMEM), 0);
	ck_assert_int_eq(host_poll_events(of, PIPES), 0);
	g->finished++;
}

static void on_listened(void *owner, int events)
{
	struct group *g = owner;

	ck_assert_int_eq(events, POLLIN);
	g->listened++;
}

START_TEST(groups)
{
	static const struct host_poll_group ops = { prepare, finish };
	struct group g = { .timeout = 20000000 };
	uint64_t before;
	int p[2];

	memset(m, 0, sizeof *m);
	m->options.log_level = -1;
	ck_assert_int_eq(clocks_new(m), 0);
	for (int i = 0; i < PIPES; i++)
		ck_assert_int_eq(pipe(g.pipe[i]), 0);
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(host_listen(m, p[0], POLLIN, on_listened, &g), 0);
	ck_assert_int_eq(host_poll_group(m, &ops, &g), 0);
	ck_assert_int_eq(host_poll_group(m, &ops, &g), -EBUSY);
	before = clock_monotonic(m);
	host_poll(m, -1);		/* its time-out, or it would wait for ever */
	ck_assert_uint_ge(clock_monotonic(m) - before, 19000000);
	ck_assert_uint_eq(g.finished, 1);
	g.timeout = -1;
	for (int i = 0; i < PIPES; i += 2)
		ck_assert_int_eq(write(g.pipe[i][1], "x", 1), 1);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	host_poll(m, -1);
	for (int i = 0; i < PIPES; i++)
		ck_assert_int_eq(g.events[i], i % 2 ? 0 : POLLIN);
	ck_assert_uint_eq(g.prepared, 2);
	ck_assert_uint_eq(g.finished, 2);
	ck_assert_uint_eq(g.listened, 1);
	ck_assert_int_eq(host_poll_group(m, NULL, NULL), 0);
	host_poll(m, 0);
	ck_assert_uint_eq(g.finished, 2);
	ck_assert_uint_eq(g.listened, 2);
	for (int i = 0; i < PIPES; i++) {
		close(g.pipe[i][0]);
		close(g.pipe[i][1]);
	}
	close(p[0]);
	close(p[1]);
	clocks_free(m);
	host_poll_free(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("library");
	TCase *t = tcase_create("host");
	SRunner *r;
	int failed;

	tcase_add_test(t, functions_by_name);
	tcase_add_test(t, what_is_missing_is_named);
	tcase_add_test(t, groups);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
