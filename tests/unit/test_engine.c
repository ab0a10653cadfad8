/* SPDX-License-Identifier: MIT
 *
 * Which engine a machine gets: as asked for, or the best there is, from when code is hot. Hosts without a JIT, and failing ones,
 * are played here.
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

/* Runs a loop, rounds times: 3 instructions each, and 2 more.  It does the same on each engine. */
static void loop(struct machine *m, uint32_t rounds)
{
	static const uint32_t code[] = {
		0x00150513,	/* addi a0, a0, 1 */
		0x00a606b3,	/* add a3, a2, a0 */
		0xfeb51ce3,	/* bne a0, a1, -8 */
		0x00000013,	/* nop */
		0x00000073,	/* ecall */
	};
	struct hart *h = &m->hart;
	uint32_t pc = 0x80000000u;
	uint64_t before = h->instret;

	ck_assert_int_eq(flat_write(m->flat, pc, code, sizeof code), 0);
	h->regs->pc = pc;
	h->regs->x[10] = 0;
	h->regs->x[11] = rounds;
	h->regs->x[12] = 5;
	ck_assert_int_eq(hart_run(h, 1000000), HART_ECALL);
	ck_assert_uint_eq(h->regs->pc, pc + 16);
	ck_assert_uint_eq(h->regs->x[13], rounds + 5);
	ck_assert_uint_eq(h->instret - before, 3 * rounds + 1);
}

static bool built_in(void)
{
	return strstr(hart_engines(), "jit") != NULL;
}

/* The best, with the JIT failing like that. */
static void becomes_hot(int fails)
{
	bool there = built_in() && !fails;
	struct hart_stats stats;
	int err;
	struct machine *m = make(ENGINE_BEST, fails, &err);

	ck_assert_ptr_nonnull(m);
	loop(m, 20);
	ck_assert_int_eq(calls, 0);
	loop(m, 20000);
	ck_assert_int_eq(calls, built_in());
	ck_assert_int_eq(m->hart.engine->jit != NULL, there);
	/* Once is enough. */
	hart_flush(&m->hart, 0, 0);
	loop(m, 50000);
	ck_assert_int_eq(calls, built_in());
	hart_get_stats(&m->hart, &stats);
	ck_assert_int_eq(stats.regions > 0, there);
	machine_free(m);
}

START_TEST(as_asked_for)
{
	expect(ENGINE_INTERP, 0, 0, 0);
	expect(ENGINE_BEST, 0, 0, 0);
	expect(ENGINE_JIT, 0, 1, built_in() ? 0 : -ENOSYS);
	becomes_hot(0);
}
END_TEST

START_TEST(host_without)
{
	becomes_hot(-ENOSYS);
	expect(ENGINE_JIT, -ENOSYS, 1, -ENOSYS);
	expect(ENGINE_INTERP, -ENOSYS, 0, 0);
}
END_TEST

/* ulimit -v. */
START_TEST(no_memory)
{
	becomes_hot(-ENOMEM);
	expect(ENGINE_JIT, -ENOMEM, 1, -ENOMEM);
	expect(ENGINE_INTERP, -ENOMEM, 0, 0);
}
END_TEST

START_TEST(jit_is_there)
{
	int err;
	struct machine *m = make(built_in() ? ENGINE_JIT : ENGINE_BEST, 0, &err);

	ck_assert_int_eq(m->hart.engine->jit != NULL, built_in());
	machine_free(m);
	m = make(ENGINE_INTERP, 0, &err);
	loop(m, 20000);
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
