/* SPDX-License-Identifier: MIT
 *
 * How regions are formed: where blocks begin and end, loops and branches, what is left out, known targets.
 */
#include "tests/unit/region_kit.h"

/* --- blocks */

START_TEST(stops)
{
	static const struct { uint32_t insn; enum block_end end; } ends[] = {
		{ EBREAK, END_STOP }, { ILLEGAL, END_STOP }, { CSRR(A0), END_STOP }, { JALR(ZERO, 0, A0), END_JUMP_INDIRECT },
		{ JALR(ZERO, 4, RA), END_JUMP_INDIRECT }, { RET, END_RETURN },
	};

	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		CODE(RAM, ADDI(A0, A0, 1), ADDI(A1, A1, 1), ends[i].insn, ADDI(A0, A0, 1));
		form();
		ck_assert_uint_eq(region.order_count, 1);
		ck_assert_uint_eq(block(0)->count, 3);
		ck_assert_int_eq(block(0)->end, ends[i].end);
		ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
		ck_assert_int_eq(block(0)->succ[1], OUTSIDE);
	}
}
END_TEST

/* For the interpreter, whatever it is. */
START_TEST(stops_where_it_is_told)
{
	static const uint32_t insns[] = { ADDI(A0, A0, 1), ECALL, JAL(RA, 0x100), BEQ(A0, ZERO, 8), RET, JAL(ZERO, -4) };

	stop_pc = RAM + 4;
	for (unsigned i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		CODE(RAM, ADDI(A0, A0, 1), insns[i], ADDI(A1, A1, 1), RET);
		form();
		ck_assert_uint_eq(region.order_count, 1);
		ck_assert_uint_eq(block(0)->count, 2);
		ck_assert_int_eq(block(0)->end, END_STOP);
	}
	/* Where it begins there is nothing to translate; a function with such a place is not inlined. */
	stop_pc = RAM;
	ck_assert(!region_form(&region, &(struct region_source){ &hart, executions, can, stops_at, runs }, RAM, REGION_INSNS));
	stop_pc = RAM + 0x100;
	CODE(RAM, JAL(RA, 0x100), ADDI(A1, A1, 1), RET);
	CODE(RAM + 0x100, ADDI(A0, A0, 1), RET);
	form();
	ck_assert_uint_eq(region.frame_count, 0);
}
END_TEST

START_TEST(comes_back_from_what_leaves)
{
	static const struct { uint32_t insn; enum block_end end; } ends[] = {
		{ ECALL, END_ECALL }, { JAL(RA, 0x100), END_CALL }, { JAL(T0, 0x100), END_CALL },
		{ JALR(RA, 0, A0), END_CALL_INDIRECT }, { JALR(RA, 0, RA), END_CALL_INDIRECT },
	};

	/* What is called calls, too. */
	CODE(RAM + 0x104, JAL(RA, 0x100), RET);
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		CODE(RAM, ADDI(A0, A0, 1), ends[i].insn, ADDI(A1, A1, 1), RET);
		form();
		ck_assert_uint_eq(region.order_count, 2);
		ck_assert_int_eq(block(0)->end, ends[i].end);
		ck_assert_int_eq(block(0)->succ[1], find(RAM + 8, OUTSIDE));
		ck_assert_int_eq(block(block(0)->succ[1])->end, END_RETURN);
	}
}
END_TEST

START_TEST(nothing_to_translate)
{
	CODE(RAM, EBREAK, CSRR(A0), ILLEGAL, ADDI(A0, A0, 1), EBREAK);
	ck_assert(!form_at(RAM, REGION_INSNS));
	ck_assert(!form_at(RAM + 4, REGION_INSNS));
	ck_assert(!form_at(RAM + 8, REGION_INSNS));
	ck_assert(!form_at(RAM + RAM_SIZE, REGION_INSNS));
	ck_assert(!form_at(0, REGION_INSNS));
	cannot = OP_ADDI;
	ck_assert(!form_at(RAM + 12, REGION_INSNS));
	cannot = -1;
	ck_assert(form_at(RAM + 12, REGION_INSNS));
}
END_TEST

START_TEST(what_the_host_cannot_do_ends_a_block)
{
	CODE(RAM, ADDI(A0, A0, 1), ADD(A0, A0, A1), ADDI(A0, A0, 1), RET);
	cannot = OP_ADD;
	form();
	ck_assert_uint_eq(region.order_count, 1);
	ck_assert_uint_eq(block(0)->count, 2);
	ck_assert_int_eq(block(0)->end, END_STOP);
}
END_TEST

/* The last instructions of memory, and one of which only half is there. */
START_TEST(memory_ends)
{
	uint32_t end = RAM + RAM_SIZE;
	uint16_t half = 0x0013;

	CODE(end - 8, ADDI(A0, A0, 1), ADDI(A0, A0, 1));
	ck_assert(form_at(end - 8, REGION_INSNS));
	ck_assert_uint_eq(region.insn_count, 2);
	ck_assert_int_eq(block(0)->end, END_GOTO);
	ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
	ck_assert_uint_eq(block(0)->target[0], end);
	memcpy(kit_base + end - 2, &half, 2);
	half = 0x0001;
	memcpy(kit_base + end - 4, &half, 2);
	ck_assert(form_at(end - 8, REGION_INSNS));
	ck_assert_uint_eq(region.insn_count, 2);
	ck_assert_uint_eq(block(0)->target[0], end - 2);
	/* A branch to where there is none. */
	CODE(end - 8, ADDI(A0, A0, 1), BNE(A0, A1, 16));
	ck_assert(form_at(end - 8, REGION_INSNS));
	ck_assert_uint_eq(region.order_count, 1);
	ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
	ck_assert_int_eq(block(0)->succ[1], OUTSIDE);
}
END_TEST

START_TEST(address_space_ends)
{
	CODE(0xfffffff8u, ADDI(A0, A0, 1), BNE(A0, A1, -4));
	ck_assert(form_at(0xfffffff8u, REGION_INSNS));
	ck_assert_uint_eq(region.order_count, 1);
	ck_assert_int_eq(block(0)->succ[0], 0);
	ck_assert_uint_eq(block(0)->target[1], 0);
	ck_assert_int_eq(block(0)->succ[1], OUTSIDE);
}
END_TEST

START_TEST(short_instructions)
{
	CODE(RAM, C_NOP2, ADDI(A0, A0, 1), C_NOP2, BNE(A0, A1, -10), RET);
	form();
	ck_assert_uint_eq(region.insn_count, 7);
	ck_assert_uint_eq(block(0)->count, 1);
	ck_assert_uint_eq(block(block(0)->succ[0])->pc, RAM + 2);
	ck_assert_uint_eq(block(block(0)->succ[0])->count, 5);
}
END_TEST

/* The second half of addi is an instruction, too: c.addi zero, 5. */
START_TEST(into_the_middle_of_an_instruction)
{
	int16_t middle;

	overlapping = true;
	CODE(RAM, ADDI(A1, A1, 1), ADDI(A0, A0, 1), ADDI(A2, A2, 1), BNE(A0, A1, -6), RET);
	form();
	ck_assert_uint_eq(block(0)->count, 4);
	ck_assert_int_eq(block(0)->end, END_BRANCH);
	middle = block(0)->succ[0];
	ck_assert_uint_eq(block(middle)->pc, RAM + 6);
	ck_assert_uint_eq(block(middle)->count, 3);
	ck_assert_int_eq(block(middle)->succ[0], middle);
	ck_assert_int_eq(block(middle)->succ[1], block(0)->succ[1]);
}
END_TEST

/* --- loops and branches */

START_TEST(a_loop_divides_its_block)
{
	const struct region_block *loop;

	CODE(RAM, ADDI(A0, ZERO, 9), ADDI(A1, A1, 1), ADDI(A0, A0, -1), BNE(A0, ZERO, -8), RET);
	ran(0, 1);
	form();
	ck_assert_uint_eq(block(0)->count, 1);
	ck_assert_int_eq(block(0)->end, END_GOTO);
	ck_assert(!block(0)->header);
	loop = block(block(0)->succ[0]);
	ck_assert_uint_eq(loop->pc, RAM + 4);
	ck_assert_uint_eq(loop->count, 3);
	ck_assert_int_eq(loop->succ[0], block(0)->succ[0]);
	ck_assert(loop->header);
	ck_assert_uint_eq(loop->preds, 2);
}
END_TEST

START_TEST(a_loop_to_itself)
{
	CODE(RAM, JAL(ZERO, 0));
	form();
	ck_assert_uint_eq(region.order_count, 1);
	ck_assert_int_eq(block(0)->succ[0], 0);
	ck_assert(block(0)->header);
	ck_assert_uint_eq(block(0)->preds, 2);
	CODE(RAM, BEQ(ZERO, ZERO, 0), RET);
	form();
	ck_assert_int_eq(block(0)->succ[0], 0);
	/* By way of a jump back into its own middle. */
	CODE(RAM, ADDI(A0, A0, 1), ADDI(A1, A1, 1), JAL(ZERO, -4));
	form();
	ck_assert_uint_eq(region.order_count, 2);
	ck_assert_int_eq(block(0)->succ[0], 1);
	ck_assert_int_eq(block(1)->succ[0], 1);
}
END_TEST

START_TEST(ways_meet)
{
	int16_t then, other, end;

	CODE(RAM, BEQ(A0, A1, 12), ADDI(A2, A2, 1), JAL(ZERO, 8), ADDI(A2, A2, 2), ADDI(A3, A3, 1), RET);
	form();
	other = block(0)->succ[0];
	then = block(0)->succ[1];
	end = find(RAM + 16, OUTSIDE);
	ck_assert_int_ne(then, other);
	ck_assert_int_eq(block(then)->succ[0], end);
	ck_assert_int_eq(block(other)->succ[0], end);
	ck_assert_uint_eq(block(end)->preds, 2);
}
END_TEST

/* The way that ran more often follows. */
START_TEST(hot_paths_are_in_a_row)
{
	CODE(RAM, ADDI(A0, A0, 1), BEQ(A0, A1, 12), ADDI(A2, A2, 1), RET, ADDI(A3, A3, 1), RET);
	all_ran(0);
	ran(0, 1000);
	ran(8, 100);
	ran(16, 900);
	form();
	ck_assert_uint_eq(region.order_count, 3);
	ck_assert_int_eq(region.order[1], find(RAM + 16, OUTSIDE));
	ran(8, 900);
	ran(16, 100);
	form();
	ck_assert_int_eq(region.order[1], find(RAM + 8, OUTSIDE));
}
END_TEST

START_TEST(what_never_ran_is_left_out)
{
	CODE(RAM, ADDI(A0, A0, 1), BEQ(A0, A1, 12), ADDI(A2, A2, 1), RET, ADDI(A3, A3, 1), RET);
	ran(16, 0);
	form();
	ck_assert_int_eq(find(RAM + 16, OUTSIDE), OUTSIDE);
	ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
	ck_assert_uint_eq(block(0)->target[0], RAM + 16);
	/* Unless it is there already. */
	CODE(RAM, ADDI(A2, A2, 1), ADDI(A0, A0, 1), BEQ(A0, A1, -8), RET);
	ran(0, 0);
	form();
	ck_assert_int_eq(block(0)->succ[0], 0);
}
END_TEST

START_TEST(what_rarely_ran_is_left_out)
{
	CODE(RAM, ADDI(A0, A0, 1), BEQ(A0, A1, 12), ADDI(A2, A2, 1), RET, ADDI(A3, A3, 1), RET);
	ran(0, 512 * 1000);
	ran(8, 1000000);
	ran(16, 1000);
	form();
	ck_assert_int_eq(find(RAM + 16, OUTSIDE), OUTSIDE);
	ck_assert_int_ne(find(RAM + 8, OUTSIDE), OUTSIDE);
	ran(16, 1001);
	form();
	ck_assert_int_ne(find(RAM + 16, OUTSIDE), OUTSIDE);
}
END_TEST

/* It would cost the others each time they are entered. */
START_TEST(floating_point_that_rarely_ran_is_left_out)
{
	CODE(RAM, ADDI(A0, A0, 1), BEQ(A0, A1, 12), ADDI(A2, A2, 1), RET, ADDI(A3, A3, 1), FADD_D(1, 2, 3), RET);
	ran(0, 16 * 1000);
	ran(8, 15000);
	ran(16, 999);
	form();
	ck_assert(!region.has_fp);
	ck_assert_uint_eq(block(find(RAM + 16, OUTSIDE))->count, 1);
	ck_assert_int_eq(block(find(RAM + 16, OUTSIDE))->end, END_GOTO);
	ck_assert_int_eq(block(find(RAM + 16, OUTSIDE))->succ[0], OUTSIDE);
	ck_assert_uint_eq(block(find(RAM + 16, OUTSIDE))->target[0], RAM + 20);
	ran(16, 1000);
	form();
	ck_assert(region.has_fp);
	ck_assert_uint_eq(block(find(RAM + 16, OUTSIDE))->count, 3);
	/* A block that begins with it. */
	CODE(RAM + 16, FLD(1, 0, A0), RET);
	ran(16, 999);
	form();
	ck_assert(!region.has_fp);
	ck_assert_int_eq(block(0)->succ[0], OUTSIDE);
	ck_assert_uint_eq(block(0)->target[0], RAM + 16);
	/* No matter where there is some already. */
	CODE(RAM + 8, FADD_D(1, 2, 3), RET);
	form();
	ck_assert(region.has_fp);
	ck_assert_uint_eq(block(find(RAM + 16, OUTSIDE))->count, 2);
}
END_TEST

/* --- jumps whose target is in the instruction before */

START_TEST(known_targets)
{
	static const struct { uint32_t upper, jump; uint32_t target; } jumps[] = {
		{ AUIPC(T1, 1), JALR(ZERO, 0x10, T1), RAM + 0x1010 },
		{ AUIPC(T1, 1), JALR(ZERO, -0x10, T1), RAM + 0xff0 },
		{ AUIPC(T1, 1), JALR(ZERO, 0x11, T1), RAM + 0x1010 },
		{ LUI(T1, 0x80003), JALR(ZERO, 4, T1), RAM + 0x3004 },
		{ AUIPC(RA, 1), JALR(ZERO, 0x10, RA), RAM + 0x1010 },
	};

	for (unsigned i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		CODE(RAM, jumps[i].upper, jumps[i].jump, RET);
		CODE(jumps[i].target, ADDI(A0, A0, 1), RET);
		form();
		ck_assert_int_eq(block(0)->end, END_GOTO);
		ck_assert_uint_eq(block(0)->target[0], jumps[i].target);
		ck_assert_int_ne(find(jumps[i].target, OUTSIDE), OUTSIDE);
	}
	CODE(RAM, AUIPC(RA, 1), JALR(RA, 0, RA), RET);
	CODE(RAM + 0x1000, JAL(T0, 8), RET);
	form();
	ck_assert_int_eq(block(0)->end, END_CALL);
	ck_assert_uint_eq(block(0)->target[0], RAM + 0x1000);
	ck_assert_uint_eq(block(0)->target[1], RAM + 8);
}
END_TEST

START_TEST(unknown_targets)
{
	/* Another register, another instruction, nothing before it. */
	CODE(RAM, AUIPC(T1, 1), JALR(ZERO, 0, T2), RET);
	form();
	ck_assert_int_eq(block(0)->end, END_JUMP_INDIRECT);
	CODE(RAM, ADDI(T1, T1, 1), JALR(ZERO, 0, T1), RET);
	form();
	ck_assert_int_eq(block(0)->end, END_JUMP_INDIRECT);
	CODE(RAM, AUIPC(ZERO, 1), JALR(ZERO, 0, ZERO), RET);
	form();
	ck_assert_int_eq(block(0)->end, END_JUMP_INDIRECT);
	CODE(RAM, AUIPC(T1, 1), JALR(ZERO, 0, T1), RET);
	ck_assert(form_at(RAM + 4, REGION_INSNS));
	ck_assert_int_eq(block(0)->end, END_JUMP_INDIRECT);
}
END_TEST

/* A jump that others jump to does not only come from the instruction before. */
START_TEST(target_known_on_one_way_only)
{
	int16_t jump;

	CODE(RAM, ADDI(T1, T1, 4), BNE(T1, A0, 8), AUIPC(T1, 1), JALR(ZERO, 0, T1), RET);
	form();
	jump = find(RAM + 12, OUTSIDE);
	ck_assert_int_ne(jump, OUTSIDE);
	ck_assert_int_eq(block(jump)->end, END_JUMP_INDIRECT);
}
END_TEST
int main(void)
{
	Suite *s = suite_create("jit region");
	TCase *t = tcase_create("region");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, kit_teardown);
	tcase_add_test(t, stops);
	tcase_add_test(t, stops_where_it_is_told);
	tcase_add_test(t, comes_back_from_what_leaves);
	tcase_add_test(t, nothing_to_translate);
	tcase_add_test(t, what_the_host_cannot_do_ends_a_block);
	tcase_add_test(t, memory_ends);
	tcase_add_test(t, address_space_ends);
	tcase_add_test(t, short_instructions);
	tcase_add_test(t, into_the_middle_of_an_instruction);
	tcase_add_test(t, a_loop_divides_its_block);
	tcase_add_test(t, a_loop_to_itself);
	tcase_add_test(t, ways_meet);
	tcase_add_test(t, hot_paths_are_in_a_row);
	tcase_add_test(t, what_never_ran_is_left_out);
	tcase_add_test(t, what_rarely_ran_is_left_out);
	tcase_add_test(t, floating_point_that_rarely_ran_is_left_out);
	tcase_add_test(t, known_targets);
	tcase_add_test(t, unknown_targets);
	tcase_add_test(t, target_known_on_one_way_only);
	suite_add_tcase(s, t);
	return kit_main(s);
}
