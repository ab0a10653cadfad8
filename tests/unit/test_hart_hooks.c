/* SPDX-License-Identifier: MIT
 *
 * Counts of each instruction.  What they must be is found by running one instruction at a time and looking
 * where the pc was; then both engines count the same program themselves, in one go and in pieces.
 */
#include "tests/unit/hook_kit.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

static uint64_t expected[CODE_SIZE / 2], seen[CODE_SIZE / 2], total;
static uint32_t last_pc;

static void take(void *owner, uint32_t pc, uint64_t count)
{
	ck_assert_ptr_eq(owner, seen);
	ck_assert_uint_lt(pc - RAM, CODE_SIZE);
	ck_assert_uint_gt(count, 0);
	ck_assert(total == 0 || pc > last_pc);
	last_pc = pc;
	seen[(pc - RAM) / 2] = count;
	total += count;
}

static void look(void)
{
	memset(seen, 0, sizeof(seen));
	total = 0;
	hart_each_count(&hart, take, seen);
}

static void begin(int program)
{
	kit_begin(programs[program]);
}

/* Until the program ends, budget instructions at a time, which is told of each stop. */
static void run(uint64_t budget)
{
	enum hart_stop stop;
	unsigned runs = 0;

	do {
		uint64_t before = hart.instret;
		uint32_t pc = PC;

		stop = hart_run(&hart, budget + (budget > 1 ? runs++ % 7 : 0));
		if (budget == 1)
			expected[(pc - RAM) / 2] += hart.instret - before;
		/* As the machine would, if hart_run() returned for it. */
		if (stop == HART_ECALL)
			PC += 4;
	} while (stop == HART_BUDGET || stop == HART_ECALL);
	ck_assert(stop == HART_EBREAK || stop == HART_FAULT);
}

static uint64_t find_expected(int program)
{
	uint64_t n;

	memset(expected, 0, sizeof(expected));
	begin(program);
	run(1);
	n = hart.instret;
	kit_teardown();
	return n;
}

static void check(uint64_t instret)
{
	look();
	ck_assert_uint_eq(hart.instret, instret);
	ck_assert_uint_eq(total, instret);
	for (uint32_t i = 0; i < CODE_SIZE / 2; i++)
		ck_assert_msg(seen[i] == expected[i], "+%x: %llu, not %llu", 2 * i, (unsigned long long)seen[i],
			      (unsigned long long)expected[i]);
}

/* --- tests */

START_TEST(the_interpreter_counts)
{
	uint64_t instret = find_expected(_i);

	for (uint64_t budget = 3; budget < 100000000; budget *= 23) {
		begin(_i);
		ck_assert_int_eq(hart_count_insns(&hart, true), 0);
		run(budget);
		check(instret);
		kit_teardown();
	}
}
END_TEST

START_TEST(the_jit_counts)
{
	static const struct jit_config configs[] = {
		{ .hot = 1 }, { .hot = 2, .region_max = 4 }, { .hot = 3, .cache_bytes = 16u << 10 },
		{ .hot = 1, .shuffle = 7 }, { .hot = 20, .region_max = 40, .shuffle = 300 }, { .hot = 2, .plain = true },
	};
	uint64_t instret = find_expected(_i);

	for (unsigned c = 0; c < sizeof(configs) / sizeof(configs[0]); c++) {
		for (uint64_t budget = 3; budget < 100000000; budget *= 23) {
			struct hart_stats stats;

			begin(_i);
			ck_assert_int_eq(hart_enable_jit(&hart, &configs[c]), 0);
			ck_assert_int_eq(hart_count_insns(&hart, true), 0);
			run(budget);
			check(instret);
			hart_get_stats(&hart, &stats);
			/* Or it was not the JIT that counted. */
			ck_assert(budget < 100000 || stats.runs > 0);
			kit_teardown();
		}
	}
}
END_TEST

/* Code that was translated before it is counted, and that goes on when it no longer is. */
START_TEST(on_and_off)
{
	struct jit_config config = { .hot = 1 };
	struct hart_stats plain, counted, after;

	begin(0);
	if (jit_built_in)
		ck_assert_int_eq(hart_enable_jit(&hart, &config), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 0);
	hart_get_stats(&hart, &plain);
	ck_assert_int_eq(hart_count_insns(&hart, true), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 5000);
	hart_get_stats(&hart, &counted);
	ck_assert_int_eq(hart_count_insns(&hart, false), 0);
	ck_assert_int_eq(hart_run(&hart, 5000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 5000);
	hart_get_stats(&hart, &after);
	if (jit_built_in)
		ck_assert_uint_lt(after.cache_used, counted.cache_used);
	/* What was counted is added to. */
	ck_assert_int_eq(hart_count_insns(&hart, true), 0);
	ck_assert_int_eq(hart_run(&hart, 1000), HART_BUDGET);
	look();
	ck_assert_uint_eq(total, 6000);
	kit_teardown();
}
END_TEST

/* To qemu-user the limit of addresses is its guest's affair, and it keeps none. */
static bool limit_counts(void)
{
	void *p = mmap(NULL, (size_t)9 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, (size_t)9 << 30);
	return p == MAP_FAILED;
}

START_TEST(no_memory_for_counts)
{
	struct rlimit old, little = { 0 };

	begin(0);
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
	little.rlim_cur = UINT64_C(8) << 30;
	little.rlim_max = old.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
	if (limit_counts())
		ck_assert_int_eq(hart_count_insns(&hart, true), -ENOMEM);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
	run(100000);
	look();
	ck_assert_uint_eq(total, 0);
	kit_teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart hooks");
	TCase *t = tcase_create("hooks");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_interpreter_counts, 0, PROGRAMS);
	if (jit_built_in) {
		tcase_add_loop_test(t, the_jit_counts, 0, PROGRAMS);
	}
	tcase_add_test(t, on_and_off);
	tcase_add_test(t, no_memory_for_counts);
	suite_add_tcase(s, t);
	return kit_main(s);
}
