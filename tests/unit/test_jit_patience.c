/* SPDX-License-Identifier: MIT
 *
 * Code that is forgotten again and again: translated each time if it was worth it before, and ever
 * more rarely if it was not.
 */
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>

#define ROUNDS 40

/* Runs a loop so many times and forgets it, ROUNDS times over; what the engines have counted then. */
static struct hart_stats forgotten_after(uint32_t turns)
{
	const struct jit_config config = { .hot = 1 };
	struct hart_stats stats;

	ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
	CODE(RAM, ADDI(A0, A0, -1), BNE(A0, ZERO, -4), 0x00000073);
	for (int i = 0; i < ROUNDS; i++) {
		hart.regs->pc = RAM;
		hart.regs->x[A0] = turns;
		ck_assert_int_eq(hart_run(&hart, 100000000), HART_ECALL);
		ck_assert_uint_eq(hart.regs->x[A0], 0);
		hart_flush(&hart, RAM, 12);
	}
	hart_get_stats(&hart, &stats);
	return stats;
}

/* As programs that are started over and over in the same memory. */
START_TEST(what_ran_long_is_translated_each_time)
{
	struct hart_stats stats = forgotten_after(500000);

	ck_assert_uint_eq(stats.regions_refused, 0);
	ck_assert_uint_ge(stats.regions_killed, ROUNDS);
}
END_TEST

START_TEST(what_changes_all_the_time_is_not)
{
	struct hart_stats stats = forgotten_after(20);

	ck_assert_uint_gt(stats.regions_refused, ROUNDS / 2);
	ck_assert_uint_lt(stats.regions, ROUNDS / 2);
	ck_assert_uint_gt(stats.regions, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jit patience");
	TCase *t = tcase_create("patience");

	tcase_add_checked_fixture(t, kit_setup, kit_teardown);
	if (jit_built_in) {
		tcase_add_test(t, what_ran_long_is_translated_each_time);
		tcase_add_test(t, what_changes_all_the_time_is_not);
	}
	suite_add_tcase(s, t);
	return kit_main(s);
}
