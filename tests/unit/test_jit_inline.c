/* SPDX-License-Identifier: MIT
 *
 * How regions are formed: which calls become part of them, what happens when there is no more room, and random code.
 */
#include "tests/unit/region_kit.h"

/* --- inlining */

/* Calls RAM + 0x100 and returns; true if it has become part of the region. */
static bool is_inlined(void)
{
	CODE(RAM, JAL(RA, 0x100), ADDI(A1, A1, 1), RET);
	form();
	return region.frame_count > 0;
}

START_TEST(a_small_function_is_inlined)
{
	int16_t callee, back;

	CODE(RAM + 0x100, BEQ(A0, ZERO, 8), ADDI(A0, A0, 1), RET);
	ck_assert(is_inlined());
	ck_assert_uint_eq(region.frame_count, 1);
	ck_assert_uint_eq(region.frames[0].callee, RAM + 0x100);
	ck_assert_uint_eq(region.frames[0].return_pc, RAM + 4);
	ck_assert_int_eq(block(0)->end, END_GOTO);
	callee = block(0)->succ[0];
	ck_assert_int_eq(block(callee)->frame, 0);
	back = block(find(RAM + 0x108, 0))->succ[0];
	ck_assert_int_eq(back, find(RAM + 4, OUTSIDE));
	/* That return is the caller's own. */
	ck_assert_int_eq(block(back)->end, END_RETURN);
}
END_TEST

/* By two calls it is there twice, each with its way back. */
START_TEST(a_function_is_inlined_for_each_call)
{
	CODE(RAM, JAL(RA, 0x100), JAL(RA, 0xfc), ADDI(A1, A1, 1), RET);
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	form();
	ck_assert_uint_eq(region.frame_count, 2);
	ck_assert_uint_eq(block(find(RAM + 0x100, 0))->target[0], RAM + 4);
	ck_assert_uint_eq(block(find(RAM + 0x100, 1))->target[0], RAM + 8);
	ck_assert_uint_eq(region.insn_count, 8);
}
END_TEST

START_TEST(frames_run_out)
{
	unsigned calls = 0;

	for (uint32_t i = 0; i < REGION_FRAMES + 4; i++)
		CODE(RAM + 4 * i, JAL(RA, 0x200 - 4 * (int)i));
	CODE(RAM + 4 * (REGION_FRAMES + 4), RET);
	CODE(RAM + 0x200, ADDI(A0, A0, 1), RET);
	form();
	ck_assert_uint_eq(region.frame_count, REGION_FRAMES);
	for (int k = 0; k < region.order_count; k++)
		calls += block(region.order[k])->end == END_CALL;
	ck_assert_uint_eq(calls, 4);
}
END_TEST

START_TEST(what_is_not_inlined)
{
	/* For comparison. */
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	ck_assert(is_inlined());
	/* It never ran. */
	ran(0x100, 0);
	ck_assert(!is_inlined());
	ck_assert_int_eq(block(0)->end, END_CALL);
	ran(0x100, 1);
	ck_assert(is_inlined());
	/* The host cannot do all of it. */
	cannot = OP_ADDI;
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	ck_assert(!is_inlined());
	cannot = -1;
	/* It calls, directly or not. */
	CODE(RAM + 0x100, ADDI(A0, A0, 1), JAL(RA, 8), ADDI(A0, A0, 1), RET);
	ck_assert(!is_inlined());
	CODE(RAM + 0x100, ADDI(A0, A0, 1), JALR(RA, 0, A5), RET);
	ck_assert(!is_inlined());
	/* It jumps away, or further away than a small function is long, or back before its beginning. */
	CODE(RAM + 0x100, ADDI(A0, A0, 1), JALR(ZERO, 0, A5), RET);
	ck_assert(!is_inlined());
	CODE(RAM + 0x100, BEQ(A0, ZERO, 8), RET, JALR(ZERO, 0, A5));
	ck_assert(!is_inlined());
	CODE(RAM + 0x100, BEQ(A0, ZERO, 0x400), ADDI(A0, A0, 1), RET);
	ck_assert(!is_inlined());
	CODE(RAM + 0x100, BEQ(A0, ZERO, -8), ADDI(A0, A0, 1), RET);
	ck_assert(!is_inlined());
	/* It never returns. */
	CODE(RAM + 0x100, ADDI(A0, A0, 1), JAL(ZERO, -4), RET);
	ck_assert(!is_inlined());
	/* By another link register. */
	CODE(RAM + 0x100, ADDI(A0, A0, 1), JALR(ZERO, 0, T0));
	ck_assert(!is_inlined());
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	CODE(RAM, JAL(T0, 0x100), RET);
	form();
	ck_assert_uint_eq(region.frame_count, 0);
	/* There is no memory there. */
	CODE(RAM, JAL(RA, -16), RET);
	form();
	ck_assert_uint_eq(region.frame_count, 0);
}
END_TEST

/* 40 instructions up to the last return. */
START_TEST(how_long_an_inlined_function_may_be)
{
	for (uint32_t n = 38; n < 42; n++) {
		for (uint32_t k = 0; k < n - 1; k++)
			CODE(RAM + 0x100 + 4 * k, ADDI(A0, A0, 1));
		CODE(RAM + 0x100 + 4 * (n - 1), RET);
		ck_assert_int_eq(is_inlined(), n <= 40);
	}
}
END_TEST

START_TEST(an_inlined_function_may_loop)
{
	int16_t loop;

	CODE(RAM + 0x100, ADDI(A0, A0, 1), ADDI(A2, A2, 1), BNE(A0, A1, -4), RET);
	ck_assert(is_inlined());
	loop = find(RAM + 0x104, 0);
	ck_assert_int_ne(loop, OUTSIDE);
	ck_assert(block(loop)->header);
	ck_assert_int_eq(block(loop)->succ[0], loop);
}
END_TEST

/* The call is in a loop, and so are the callee's blocks; the loop has one header. */
START_TEST(a_call_in_a_loop)
{
	unsigned headers = 0;

	CODE(RAM, JAL(RA, 0x100), ADDI(A1, A1, -1), BNE(A1, ZERO, -8), RET);
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	form();
	ck_assert_uint_eq(region.frame_count, 1);
	for (int k = 0; k < region.order_count; k++)
		headers += block(region.order[k])->header;
	ck_assert_uint_eq(headers, 1);
	ck_assert(block(0)->header);
}
END_TEST

/* --- limits */

START_TEST(instructions_run_out)
{
	for (uint32_t k = 0; k < 1500; k++)
		CODE(RAM + 4 * k, ADDI(A0, A0, 1));
	CODE(RAM + 4 * 1500, RET);
	for (uint32_t max = 1; max <= REGION_INSNS; max = max * 3 / 2 + 1) {
		ck_assert(form_at(RAM, max));
		ck_assert_uint_eq(region.insn_count, max);
		ck_assert_int_eq(block(0)->end, END_GOTO);
		ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
		ck_assert_uint_eq(block(0)->target[0], RAM + 4 * max);
	}
}
END_TEST

/* A branch per block, to a block of its own. */
START_TEST(blocks_run_out)
{
	for (uint32_t k = 0; k < 400; k++)
		CODE(RAM + 4 * k, BNE(A0, A1, 0x800));
	CODE(RAM + 4 * 400, RET);
	for (uint32_t k = 0; k < 400; k++)
		CODE(RAM + 0x800 + 4 * k, JALR(ZERO, 0, A5));
	form();
	ck_assert_uint_eq(region.block_count, REGION_BLOCKS);
}
END_TEST

/* Loops back into every instruction of what is already decoded, when no block is left to divide it. */
START_TEST(blocks_run_out_while_dividing)
{
	for (uint32_t k = 0; k < 300; k++)
		CODE(RAM + 4 * k, ADDI(A0, A0, 1));
	for (uint32_t k = 0; k < 300; k++)
		CODE(RAM + 4 * (300 + k), BNE(A0, A1, -4 * (300 + (int)k) + 4 * (int)k));
	CODE(RAM + 4 * 600, RET);
	form();
	ck_assert_uint_eq(region.block_count, REGION_BLOCKS);
}
END_TEST

/* --- random code */

static uint32_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Jumps mostly stay in a few hundred bytes, so that they meet. */
static uint32_t any_insn(uint32_t at, uint32_t size)
{
	int to = (overlapping ? (int)any(size / 2) * 2 : (int)any(size / 4) * 4) - (int)at;

	switch (any(16)) {
	case 0: case 1: case 2: return BNE(A0, A1, to);
	case 3: return JAL(ZERO, to);
	case 4: case 5: return JAL(RA, to);
	case 6: return any(2) ? RET : JALR(RA, 0, A0);
	case 7: return any(2) ? JALR(ZERO, overlapping ? to : (int)any(8) * 4, T1) : AUIPC(T1, 0);
	case 8: return any(4) ? RET : ECALL;
	case 9: return any(4) ? C_NOP2 : EBREAK;
	case 10: return any(8) ? ADD(A0, A0, A1) : any(2) ? CSRR(A0) : JAL(T0, to);
	}
	return ADDI(A0, A0, 1);
}

START_TEST(random_code)
{
	unsigned formed = 0, inlined = 0, loops = 0;

	seed = 1;
	for (unsigned round = 0; round < 6000; round++) {
		uint32_t size = 16u << any(6), max = any(4) ? REGION_INSNS : 1 + any(64);

		overlapping = round % 2;
		/* Nothing of the round before. */
		memset(kit_base + RAM, 0, 0x2000);
		for (uint32_t at = 0; at < size; at += 4) {
			uint32_t insn = any_insn(at, size);

			memcpy(kit_base + RAM + at, &insn, 4);
		}
		for (uint32_t i = 0; i < SLOTS; i++)
			runs[i] = any(4) ? any(3) ? 50 + any(100) : 1 + any(3) : 0;
		if (!form_at(RAM + (overlapping ? any(size / 2) * 2 : any(size / 4) * 4), max))
			continue;
		formed++;
		inlined += region.frame_count > 0;
		for (int k = 0; k < region.order_count; k++)
			loops += region.blocks[region.order[k]].header;
	}
	/* Or the code is not what it was meant to be. */
	ck_assert_uint_gt(formed, 4000);
	ck_assert_uint_gt(inlined, 300);
	ck_assert_uint_gt(loops, 1000);
}
END_TEST
int main(void)
{
	Suite *s = suite_create("jit inline");
	TCase *t = tcase_create("region");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, kit_teardown);
	tcase_add_test(t, a_small_function_is_inlined);
	tcase_add_test(t, a_function_is_inlined_for_each_call);
	tcase_add_test(t, frames_run_out);
	tcase_add_test(t, what_is_not_inlined);
	tcase_add_test(t, how_long_an_inlined_function_may_be);
	tcase_add_test(t, an_inlined_function_may_loop);
	tcase_add_test(t, a_call_in_a_loop);
	tcase_add_test(t, instructions_run_out);
	tcase_add_test(t, blocks_run_out);
	tcase_add_test(t, blocks_run_out_while_dividing);
	tcase_add_test(t, random_code);
	suite_add_tcase(s, t);
	return kit_main(s);
}
