/* SPDX-License-Identifier: MIT
 *
 * How regions are formed: where blocks begin and end, what is left out, what is inlined, and the limits.
 * The tests say how often each pc has run.  Whatever was formed, random code included, must be a
 * graph that the translator can rely on: check_region().
 */
#include "cpu/jit/region.h"
#include "tests/unit/cpu_kit.h"

#define AUIPC(rd, imm20)	((uint32_t)(imm20) << 12 | (rd) << 7 | 0x17)
#define BEQ(rs1, rs2, off)	B_TYPE(0, rs1, rs2, off)
#define CSRR(rd)		CSRRS(rd, 0xc00, ZERO)
#define RET			JALR(ZERO, 0, RA)
#define C_NOP2			0x00010001u	/* c.nop, twice */
#define SLOTS			2048u		/* instructions whose executions can be told */

static struct region region;
static uint32_t runs[SLOTS], runs_elsewhere;
static int cannot;	/* the instruction the host has no code for */
static bool overlapping;	/* jumps may lead into the middle of instructions */

static uint32_t executions(void *owner, uint32_t pc)
{
	ck_assert_ptr_eq(owner, runs);
	return (pc - RAM) / 2 < SLOTS ? runs[(pc - RAM) / 2] : runs_elsewhere;
}

static bool can(void *owner, const struct insn *in)
{
	int format = insn_info[in->op].format;

	ck_assert_ptr_eq(owner, runs);
	return in->op != cannot && in->op != OP_EBREAK && format != FMT_CSR && format != FMT_CSRI;
}

static void ran(uint32_t offset, uint32_t times)
{
	runs[offset / 2] = times;
}

static void all_ran(uint32_t times)
{
	for (unsigned i = 0; i < SLOTS; i++)
		runs[i] = times;
	runs_elsewhere = times;
}

static void setup(void)
{
	kit_setup();
	cannot = -1;
	overlapping = false;
	all_ran(100);
}

static const struct region_block *block(int16_t i)
{
	ck_assert_int_ge(i, 0);
	ck_assert_int_lt(i, region.block_count);
	return &region.blocks[i];
}

static int16_t find(uint32_t pc, int16_t frame)
{
	for (int16_t i = 0; i < region.block_count; i++) {
		if (region.blocks[i].pc == pc && region.blocks[i].frame == frame && region.blocks[i].count)
			return i;
	}
	return OUTSIDE;
}

/* --- what holds for every region */

/* A block's last instruction, its end and its targets are about the same. */
static void check_end(const struct region_block *b)
{
	const struct region_insn *x = region_last(&region, b);
	int format = x->in.op == OP_ILLEGAL ? FMT_NONE : (int)insn_info[x->in.op].format;
	uint32_t jump = x->pc + (uint32_t)x->in.imm, next = x->pc + x->in.len;
	bool first = b->end == END_GOTO || b->end == END_BRANCH || b->end == END_RETURN_INLINED;
	bool second = b->end == END_BRANCH || b->end == END_CALL || b->end == END_CALL_INDIRECT || b->end == END_ECALL;

	ck_assert(first || b->succ[0] == OUTSIDE);
	ck_assert(second || b->succ[1] == OUTSIDE);
	switch ((enum block_end)b->end) {
	case END_GOTO:
		ck_assert_uint_eq(b->target[0], format == FMT_J ? jump : next);
		ck_assert(format != FMT_B && format != FMT_JALR);
		break;
	case END_BRANCH:
		ck_assert_int_eq(format, FMT_B);
		ck_assert_uint_eq(b->target[0], jump);
		ck_assert_uint_eq(b->target[1], next);
		break;
	case END_CALL:
		ck_assert(format == FMT_J && x->in.rd != 0);
		ck_assert_uint_eq(b->target[0], jump);
		ck_assert_uint_eq(b->target[1], next);
		break;
	case END_CALL_INDIRECT:
		ck_assert(format == FMT_JALR && x->in.rd != 0);
		ck_assert_uint_eq(b->target[1], next);
		break;
	case END_JUMP_INDIRECT:
		ck_assert(format == FMT_JALR && x->in.rd == 0);
		break;
	case END_RETURN: case END_RETURN_INLINED:
		ck_assert(format == FMT_JALR && x->in.rd == 0 && x->in.rs1 == RA && x->in.imm == 0);
		ck_assert_int_eq(b->end == END_RETURN_INLINED, b->frame >= 0);
		if (b->frame >= 0)
			ck_assert_uint_eq(b->target[0], region.frames[b->frame].return_pc);
		break;
	case END_ECALL:
		ck_assert_int_eq(x->in.op, OP_ECALL);
		ck_assert_uint_eq(b->target[1], next);
		break;
	case END_STOP:
		ck_assert(x->in.op == OP_ILLEGAL || !can(runs, &x->in));
		break;
	}
}

/* The frame that control is in after successor k. */
static int16_t frame_behind(const struct region_block *b, int k)
{
	const struct region_insn *x = region_last(&region, b);
	int16_t frame = region.blocks[b->succ[k]].frame;

	if (b->end == END_RETURN_INLINED)
		return region.frames[b->frame].parent;
	/* A jump with a link that is no call opens a frame. */
	if (b->end == END_GOTO && x->in.op == OP_JAL && x->in.rd != 0) {
		ck_assert_int_ge(frame, 0);
		ck_assert_int_eq(region.frames[frame].parent, b->frame);
		ck_assert_uint_eq(region.frames[frame].callee, b->target[0]);
		ck_assert_uint_eq(region.frames[frame].return_pc, x->pc + x->in.len);
		return frame;
	}
	return b->frame;
}

static void check_block(int16_t i)
{
	const struct region_block *b = block(i);

	ck_assert_uint_eq(b->pc, region.insns[b->first].pc);
	for (uint16_t k = 0; k + 1 < b->count; k++) {
		const struct region_insn *x = &region.insns[b->first + k];
		int format = insn_info[x->in.op].format;

		ck_assert_uint_eq(x[1].pc, x->pc + x->in.len);
		ck_assert(x->in.op != OP_ILLEGAL && can(runs, &x->in));
		ck_assert(format != FMT_B && format != FMT_J && format != FMT_JALR && x->in.op != OP_ECALL);
	}
	check_end(b);
	for (int k = 0; k < 2; k++) {
		if (b->succ[k] == OUTSIDE)
			continue;
		ck_assert_uint_gt(block(b->succ[k])->count, 0);
		ck_assert_uint_eq(block(b->succ[k])->pc, b->target[k]);
		ck_assert_int_eq(block(b->succ[k])->frame, frame_behind(b, k));
	}
}

/*
 * Each instruction belongs to one block, and is there once for each frame; what is decoded from the middle of
 * another instruction may come to those that are there already.
 */
static void check_instructions(void)
{
	static int16_t owner[REGION_INSNS];
	uint32_t n = 0;

	memset(owner, 0xff, sizeof(owner));
	for (int16_t i = 0; i < region.block_count; i++) {
		for (uint16_t k = 0; k < region.blocks[i].count; k++, n++) {
			ck_assert_int_eq(owner[region.blocks[i].first + k], OUTSIDE);
			owner[region.blocks[i].first + k] = i;
		}
	}
	ck_assert_uint_eq(n, region.insn_count);
	if (overlapping)
		return;
	for (uint32_t x = 0; x < n; x++) {
		for (uint32_t y = x + 1; y < n; y++) {
			ck_assert(region.insns[x].pc != region.insns[y].pc ||
				  region.blocks[owner[x]].frame != region.blocks[owner[y]].frame);
		}
	}
}

static void check_order(void)
{
	static int place[REGION_BLOCKS];
	unsigned preds[REGION_BLOCKS] = { 1 }, decoded = 0;
	bool header[REGION_BLOCKS] = { false };

	memset(place, 0xff, sizeof(place));
	ck_assert_int_eq(region.order[0], 0);
	for (int k = 0; k < region.order_count; k++) {
		ck_assert_uint_gt(block(region.order[k])->count, 0);
		ck_assert_int_eq(place[region.order[k]], -1);
		place[region.order[k]] = k;
	}
	for (int16_t i = 0; i < region.block_count; i++) {
		const struct region_block *b = &region.blocks[i];

		if (!b->count)
			continue;
		ck_assert_int_eq(find(b->pc, b->frame), i);
		decoded++;
		for (int k = 0; k < 2; k++) {
			if (b->succ[k] == OUTSIDE)
				continue;
			preds[b->succ[k]]++;
			header[b->succ[k]] |= place[b->succ[k]] <= place[i];
		}
	}
	ck_assert_uint_eq(decoded, region.order_count);
	for (int16_t i = 0; i < region.block_count; i++) {
		if (!region.blocks[i].count)
			continue;
		ck_assert_uint_eq(region.blocks[i].preds, preds[i]);
		ck_assert_int_eq(region.blocks[i].header, header[i]);
	}
}

static void check_region(void)
{
	ck_assert_uint_le(region.insn_count, region.max_insns);
	ck_assert_uint_le(region.block_count, REGION_BLOCKS);
	ck_assert_uint_le(region.frame_count, REGION_FRAMES);
	ck_assert_uint_eq(region.blocks[0].pc, region.pc);
	for (int k = 0; k < region.order_count; k++)
		check_block(region.order[k]);
	check_instructions();
	check_order();
}

static bool form_at(uint32_t pc, uint32_t max_insns)
{
	struct region_source source = { &hart, executions, can, runs };

	if (!region_form(&region, &source, pc, max_insns))
		return false;
	check_region();
	return true;
}

static void form(void)
{
	ck_assert(form_at(RAM, REGION_INSNS));
}

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
	ck_assert_int_eq(region.frames[0].parent, OUTSIDE);
	ck_assert_uint_eq(region.frames[0].depth, 1);
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
	Suite *s = suite_create("jit region");
	TCase *t = tcase_create("region");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, kit_teardown);
	tcase_add_test(t, stops);
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
	tcase_add_test(t, known_targets);
	tcase_add_test(t, unknown_targets);
	tcase_add_test(t, target_known_on_one_way_only);
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
