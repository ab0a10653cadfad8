/* SPDX-License-Identifier: MIT
 *
 * Which engine a machine gets: as asked for, or the best there is. Hosts without a JIT, and failing ones, are played here.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cpu/engine.h"
#include "emu/machine.h"

static int answer, calls;	/* what hart_enable_jit() fails with, 0: does its work; how often it was called */

int __real_hart_enable_jit(struct hart *h, const struct jit_config *config);
int __wrap_hart_enable_jit(struct hart *h, const struct jit_config *config);

int __wrap_hart_enable_jit(struct hart *h, const struct jit_config *config)
{
	calls++;
	return answer ? answer : __real_hart_enable_jit(h, config);
}

static struct machine *make(enum machine_engine engine, int fails, int *err)
{
	struct machine_config c = { .options = { .ram_size = 1u << 20, .core_dir = -1, .log_level = -1, .slice = 1000 },
				    .engine = engine };

	answer = fails;
	calls = 0;
	*err = 0;
	return machine_new(&c, err);
}

static void expect(enum machine_engine engine, int fails, int expected_calls, int expected_err)
{
	int err;
	struct machine *m = make(engine, fails, &err);

	ck_assert_int_eq(calls, expected_calls);
	ck_assert_int_eq(err, expected_err);
	ck_assert_int_eq(m != NULL, !expected_err);
	if (fails && m)
		ck_assert_ptr_null(m->hart.engine->jit);
	machine_free(m);
}

START_TEST(as_asked_for)
{
	int none = strstr(hart_engines(), "jit") ? 0 : -ENOSYS;

	expect(ENGINE_INTERP, 0, 0, 0);
	expect(ENGINE_BEST, 0, 1, 0);
	expect(ENGINE_JIT, 0, 1, none);
}
END_TEST

START_TEST(host_without)
{
	expect(ENGINE_BEST, -ENOSYS, 1, 0);
	expect(ENGINE_JIT, -ENOSYS, 1, -ENOSYS);
	expect(ENGINE_INTERP, -ENOSYS, 0, 0);
}
END_TEST

/* ulimit -v. */
START_TEST(no_memory)
{
	expect(ENGINE_BEST, -ENOMEM, 1, 0);
	expect(ENGINE_JIT, -ENOMEM, 1, -ENOMEM);
	expect(ENGINE_INTERP, -ENOMEM, 0, 0);
}
END_TEST

START_TEST(jit_is_there)
{
	int err;
	struct machine *m = make(ENGINE_BEST, 0, &err);

	ck_assert_int_eq(m->hart.engine->jit != NULL, strstr(hart_engines(), "jit") != NULL);
	machine_free(m);
	m = make(ENGINE_INTERP, 0, &err);
	ck_assert_ptr_null(m->hart.engine->jit);
	machine_free(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine");
	TCase *t = tcase_create("engine");
	SRunner *runner;
	int failed;

	tcase_add_test(t, as_asked_for);
	tcase_add_test(t, host_without);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, jit_is_there);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
