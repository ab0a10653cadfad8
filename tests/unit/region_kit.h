/* SPDX-License-Identifier: MIT
 *
 * What the tests of how regions are formed share.  They say how often each pc has run.  Whatever was formed
 * must be a graph that the translator can rely on: check_region().
 */
#ifndef REGION_KIT_H
#define REGION_KIT_H

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

/* The pc that the interpreter is to be asked about, as at a breakpoint; 0: none. */
static uint32_t stop_pc;

static bool stops_at(void *owner, uint32_t pc, const struct insn *in)
{
	(void)in;
	ck_assert_ptr_eq(owner, runs);
	return pc == stop_pc;
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
	stop_pc = 0;
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
		ck_assert(x->in.op == OP_ILLEGAL || !can(runs, &x->in) || x->pc == stop_pc);
		break;
	}
}

/* The frame that control is in after successor k. */
static int16_t frame_behind(const struct region_block *b, int k)
{
	const struct region_insn *x = region_last(&region, b);
	int16_t frame = region.blocks[b->succ[k]].frame;

	if (b->end == END_RETURN_INLINED)
		return OUTSIDE;
	/* A jump with a link that is no call opens a frame. */
	if (b->end == END_GOTO && x->in.op == OP_JAL && x->in.rd != 0) {
		ck_assert_int_ge(frame, 0);
		ck_assert_int_eq(b->frame, OUTSIDE);
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
	struct region_source source = { &hart, executions, can, stops_at, runs };

	if (!region_form(&region, &source, pc, max_insns))
		return false;
	check_region();
	return true;
}

static void form(void)
{
	ck_assert(form_at(RAM, REGION_INSNS));
}

#endif
