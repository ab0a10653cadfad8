/* SPDX-License-Identifier: MIT
 *
 * Control flow with the JIT: loops, calls, returns that do not match their calls, code that changes
 * and is forgotten.  Whatever happens must be as with the interpreter alone.
 */
#include "tests/unit/jit_kit.h"

SCENARIO(nested_loops)
{
	CODE(RAM, ADDI(A1, ZERO, 20), ADD(A3, A3, A1), XOR(A3, A3, A0), SLLI(A4, A3, 3), SW(A3, 0, A2), LW(A5, 0, A2),
	     ADD(A3, A3, A5), ADDI(A1, A1, -1), BNE(A1, ZERO, -28), ADDI(A2, A2, 4), ADDI(A0, A0, -1), BNE(A0, ZERO, -44),
	     ECALL);
	X(A0) = 300;
	X(A2) = RAM + 0x1000;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	ck_assert_uint_eq(PC, RAM + 48);
	ck_assert_uint_eq(hart.instret, 300 * (1 + 20 * 8 + 3));
}

/* More registers than the host has. */
SCENARIO(loop_over_all_registers)
{
	uint32_t at = RAM;

	for (uint32_t r = 1; r < 31; r++, at += 8)
		CODE(at, ADDI(r, r, r * 37), XOR(r, r, r % 30 + 1));
	CODE(at, ADDI(31, 31, -1), BNE(31, ZERO, -(int)(at + 4 - RAM)), ECALL);
	X(31) = 500;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	X(31) = 500;
	PC = RAM;
	ck_assert_int_eq(go(20000), HART_BUDGET);
}

/* main calls f, f calls g twice, by ra and by t0. */
SCENARIO(calls_and_returns)
{
	CODE(RAM, JAL(RA, 0x100), ADD(A1, A1, A0), ADDI(A2, A2, -1), BNE(A2, ZERO, -12), ECALL);
	CODE(RAM + 0x100, ADDI(SP, SP, -16), SW(RA, 12, SP), JAL(RA, 0xf8), ADD(A3, A3, A0), JAL(T0, 0x1f0),
	     LW(RA, 12, SP), ADDI(SP, SP, 16), RET);
	CODE(RAM + 0x200, ADDI(A0, A0, 7), RET);
	CODE(RAM + 0x300, XOR(A0, A0, A2), JALR(ZERO, 0, T0));
	X(SP) = RAM + 0x10000;
	X(A2) = 2000;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	ck_assert_uint_eq(X(SP), RAM + 0x10000);
}

/* The JIT's own stack holds some 30,000 calls; it begins anew when it is full. */
SCENARIO(deep_recursion)
{
	CODE(RAM, JAL(RA, 0x100), ECALL);
	CODE(RAM + 0x100, BNE(A0, ZERO, 8), RET, ADDI(SP, SP, -8), SW(RA, 0, SP), SW(A0, 4, SP), ADDI(A0, A0, -1),
	     JAL(RA, -24), LW(A0, 4, SP), LW(RA, 0, SP), ADDI(SP, SP, 8), ADD(A1, A1, A0), RET);
	for (int i = 0; i < 3; i++) {
		PC = RAM;
		X(A0) = 100000;
		X(A1) = 0;
		X(SP) = RAM + RAM_SIZE;
		ck_assert_int_eq(go(10000000), HART_ECALL);
		ck_assert_uint_eq(X(A1), (uint32_t)(UINT64_C(100000) * 100001 / 2));
	}
}

SCENARIO(calls_without_returns)
{
	CODE(RAM, ADDI(A0, A0, 1), JAL(RA, 4), ADDI(A1, A1, 1), JAL(RA, -12));
	ck_assert_int_eq(go(400000), HART_BUDGET);
	ck_assert_int_eq(go(400001), HART_BUDGET);
}

SCENARIO(returns_without_calls)
{
	CODE(RAM, ADDI(RA, A2, 0), ADDI(A0, A0, 1), RET, ECALL, ADDI(A3, A3, -1), BNE(A3, ZERO, -20), ECALL);
	X(A2) = RAM + 16;
	X(A3) = 1000;
	ck_assert_int_eq(go(100000), HART_ECALL);
	ck_assert_uint_eq(X(A0), 1000);
	ck_assert_uint_eq(PC, RAM + 24);
}

/* Every second time six calls deep control goes back to the first by ra and sp as saved there. */
SCENARIO(longjmp_skips_frames)
{
	CODE(RAM, ADDI(A0, ZERO, 5), ADDI(S0, SP, 0), JAL(RA, 0xf8), ADDI(A2, A2, 1), ADDI(A3, A3, -1),
	     BNE(A3, ZERO, -20), ECALL);
	CODE(RAM + 0x100, ADDI(SP, SP, -8), SW(RA, 0, SP), BNE(A0, ZERO, 24), ANDI(T0, A3, 1), BEQ(T0, ZERO, 24),
	     ADDI(RA, S1, 0), ADDI(SP, S0, 0), RET, ADDI(A0, A0, -1), JAL(RA, -36), LW(RA, 0, SP), ADDI(SP, SP, 8),
	     ADDI(A4, A4, 1), RET);
	X(S1) = RAM + 12;
	X(A3) = 1000;
	X(SP) = RAM + 0x10000;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	ck_assert_uint_eq(X(SP), RAM + 0x10000);
	ck_assert_uint_eq(X(A2), 1000);
	ck_assert_uint_eq(X(A4), 500 * 6);
}

/* The callee comes back one instruction further on, now and then. */
SCENARIO(returns_elsewhere)
{
	CODE(RAM, JAL(RA, 0x100), ADDI(A0, A0, 1), ADDI(A1, A1, 1), ADDI(A2, A2, -1), BNE(A2, ZERO, -16), ECALL);
	CODE(RAM + 0x100, ANDI(T0, A2, 3), BNE(T0, ZERO, 8), ADDI(RA, RA, 4), RET);
	X(A2) = 1000;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	ck_assert_uint_eq(X(A0), 750);
	ck_assert_uint_eq(X(A1), 1000);
}

/* Through ra, through a register that is both target and link, and a jump from function to function. */
SCENARIO(calls_through_pointers)
{
	CODE(RAM, ANDI(T0, A0, 3), SLLI(T0, T0, 2), ADD(T0, T0, S0), LW(T1, 0, T0), JALR(RA, 0, T1), LW(RA, 4, S0),
	     JALR(RA, 0, RA), LW(T0, 16, S0), JALR(T0, 0, T0), ADDI(A0, A0, -1), BNE(A0, ZERO, -40), ECALL);
	for (uint32_t i = 0; i < 4; i++)
		CODE(RAM + 0x100 + 0x40 * i, ADDI(A1 + i, A1 + i, i + 1), ADD(A5, A5, A1 + i), RET);
	CODE(RAM + 0x1c0, LW(T2, 0, S0), JALR(ZERO, 0, T2));
	CODE(RAM + 0x200, XOR(A6, A6, T0), JALR(ZERO, 0, T0));
	CODE(RAM + 0x1000, RAM + 0x100, RAM + 0x140, RAM + 0x180, RAM + 0x1c0, RAM + 0x200);
	X(S0) = RAM + 0x1000;
	X(A0) = 3000;
	ck_assert_int_eq(go(1000000), HART_ECALL);
}

/* Each 64th time around the instruction at +24 is replaced. */
SCENARIO(code_changed_with_fence_i)
{
	CODE(RAM, ANDI(T0, A0, 63), BNE(T0, ZERO, 16), SW(A2, 24, S0), ADD(A2, A2, A3), FENCE_I, ADDI(A4, A4, 1),
	     ADDI(A1, A1, 1), ADDI(A0, A0, -1), BNE(A0, ZERO, -32), ECALL);
	X(S0) = RAM;
	X(A0) = 4000;
	X(A2) = ADDI(A1, A1, 2);
	X(A3) = 1u << 20;
	ck_assert_int_eq(go(1000000), HART_ECALL);
	ck_assert_uint_gt(X(A1), 4000);
	ck_assert_uint_eq(X(A4), 4000);
}

/* The caller changes the loop, or the function that it calls, between two runs. */
SCENARIO(code_changed_with_flush)
{
	static const struct { uint32_t from, len; } ranges[] = {
		{ RAM + 0x1000, 4 }, { RAM + 0x1003, 1 }, { RAM + 0xff0, 0x11 }, { 0, 0 }, { RAM, 0x2000 },
		{ 0, UINT32_MAX }, { RAM + 0x1002, 0x40000000 },
	};

	CODE(RAM, ADDI(A0, A0, 1), JAL(RA, 0xffc), ADD(A2, A2, A1), JAL(ZERO, -12));
	CODE(RAM + 0x1000, ADDI(A1, A1, 1), RET);
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t insn = ADDI(A1, A1, (i * 13) & 0x7ff);

		ck_assert_int_eq(go(2000 + i % 7), HART_BUDGET);
		memcpy(kit_base + RAM + 0x1000, &insn, 4);
		hart_flush(&hart, ranges[i % 7].from, ranges[i % 7].len);
		if (i % 5 == 0) {
			/* Something else in the same pages. */
			hart_flush(&hart, RAM + 0x1100, 0x100);
			hart_flush(&hart, RAM + 0x800, 4);
		}
		if (i % 11 == 0)
			CODE(RAM, i % 2 ? ADDI(A0, A0, 1) : XOR(A0, A0, A1));
	}
}

#define FUNCTIONS 500u

static void many_functions(void)
{
	/* for A1 times: for each function: call it */
	CODE(RAM, ADDI(A0, S0, 0), JALR(RA, 0, A0), ADDI(A0, A0, 128), BNE(A0, S1, -8), ADDI(A1, A1, -1),
	     BNE(A1, ZERO, -20), ECALL);
	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		uint32_t at = RAM + 0x10000 + 128 * i;

		for (uint32_t k = 0; k < 24; k++, at += 4)
			CODE(at, k % 3 ? ADDI(T0, A2, i + k) : XOR(A2, A2, T0));
		CODE(at, ANDI(T1, A2, 1), BEQ(T1, ZERO, 8), ADDI(A3, A3, 1), RET);
	}
	X(S0) = RAM + 0x10000;
	X(S1) = RAM + 0x10000 + 128 * FUNCTIONS;
	X(A1) = 12;
	ck_assert_int_eq(go(1000000), HART_ECALL);
}

static void look_at_flushes(const struct jit_config *config, const struct hart_stats *stats)
{
	if (config->cache_bytes == 16u << 10)
		ck_assert_uint_gt(stats->regions_flushes, 5);
}

START_TEST(a_cache_that_is_too_small)
{
	on_all_engines(many_functions, look_at_flushes);
}
END_TEST

/* Where no function ever becomes hot the loop is not worth going over to translated code for, and that is not done each time. */
static void look_at_runs(const struct jit_config *config, const struct hart_stats *stats)
{
	if (config->hot > 12)
		ck_assert_uint_lt(stats->runs, FUNCTIONS);
}

START_TEST(a_hot_loop_that_calls_cold_functions)
{
	on_all_engines(many_functions, look_at_runs);
}
END_TEST

static void loop_with_a_call(void)
{
	CODE(RAM, ADDI(A0, A0, 1), ADD(A1, A1, A0), XOR(A2, A1, A0), SLLI(A3, A2, 2), SW(A3, 0, S0), JAL(RA, 0xec),
	     LW(A4, 0, S0), ADD(A5, A4, A3), SRLI(A6, A5, 3), ANDI(T0, A0, 7), BNE(T0, ZERO, 8), ADDI(A7, A7, 1),
	     MUL(A7, A7, A5), ADDI(A7, A7, 3), JAL(ZERO, -56));
	CODE(RAM + 0x100, ADDI(T1, T1, 5), LB(T2, 1, S0), BEQ(T2, ZERO, 8), SUB(T1, T1, T2), RET);
	X(S0) = RAM + 0x2000;
}

static void from_the_start(void)
{
	for (int r = A0; r <= A7; r++)
		X(r) = 0;
	X(T1) = 0;
	PC = RAM;
}

SCENARIO(every_budget)
{
	loop_with_a_call();
	for (uint64_t budget = 1; budget <= 5000; budget++) {
		uint64_t before = hart.instret;

		from_the_start();
		ck_assert_int_eq(go(budget), HART_BUDGET);
		ck_assert_uint_eq(hart.instret - before, budget);
	}
}

/* The next run goes on where the last one stopped. */
SCENARIO(budgets_one_after_the_other)
{
	loop_with_a_call();
	for (uint64_t i = 1; i <= 2000; i++)
		ck_assert_int_eq(go(i * 7919 % 4001), HART_BUDGET);
	ck_assert_int_eq(go(1000003), HART_BUDGET);
}

int main(void)
{
	Suite *s = suite_create("jit run");
	TCase *t = tcase_create("run");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, nested_loops);
	tcase_add_test(t, loop_over_all_registers);
	tcase_add_test(t, calls_and_returns);
	tcase_add_test(t, deep_recursion);
	tcase_add_test(t, calls_without_returns);
	tcase_add_test(t, returns_without_calls);
	tcase_add_test(t, longjmp_skips_frames);
	tcase_add_test(t, returns_elsewhere);
	tcase_add_test(t, calls_through_pointers);
	tcase_add_test(t, code_changed_with_fence_i);
	tcase_add_test(t, code_changed_with_flush);
	tcase_add_test(t, a_cache_that_is_too_small);
	tcase_add_test(t, a_hot_loop_that_calls_cold_functions);
	tcase_add_test(t, every_budget);
	tcase_add_test(t, budgets_one_after_the_other);
	suite_add_tcase(s, t);
	return kit_main(s);
}
