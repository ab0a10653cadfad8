/* SPDX-License-Identifier: MIT */
#include "cpu/jit/region.h"

#include "cpu/engine.h"

#include <string.h>

/* A function is inlined if it has at most so many instructions from its entry to its last return. */
#define INLINE_INSNS 40
/* Blocks that run less than one in so many executions of the region are left out. */
#define RARE 512
/*
 * What runs less than one in so many does not bring floating point into a region that has none: it would cost each entry and each
 * system call.  Just translated, a loop has run JIT_HOT times, and what is behind it never.
 */
#define RARE_FP 16

static uint32_t hash_of(uint32_t pc)
{
	return (pc >> 1) & 255;
}

static int16_t find(const struct region *r, uint32_t pc, int16_t frame)
{
	int16_t i = r->hash[hash_of(pc)];

	while (i >= 0 && (r->blocks[i].pc != pc || r->blocks[i].frame != frame))
		i = r->blocks[i].chain;
	return i;
}

static int16_t add_block(struct region *r, uint32_t pc, int16_t frame, uint32_t weight)
{
	int16_t *head = &r->hash[hash_of(pc)], i;

	if (r->block_count == REGION_BLOCKS)
		return OUTSIDE;
	i = (int16_t)r->block_count++;
	r->blocks[i] = (struct region_block){
		.pc = pc, .frame = frame, .weight = weight, .chain = *head, .succ = { OUTSIDE, OUTSIDE },
	};
	*head = i;
	return i;
}

/* Divides a decoded block in two if pc is the address of an instruction within. */
static int16_t split(struct region *r, uint32_t pc, int16_t frame, uint32_t weight)
{
	for (int16_t i = 0; i < r->block_count; i++) {
		struct region_block *b = &r->blocks[i], *rest;
		int16_t n;

		if (b->frame != frame || b->count < 2 || pc <= b->pc || pc > region_last(r, b)->pc)
			continue;
		for (uint16_t k = 1; k < b->count; k++) {
			if (r->insns[b->first + k].pc != pc)
				continue;
			n = add_block(r, pc, frame, weight);
			if (n == OUTSIDE)
				return n;
			rest = &r->blocks[n];
			rest->weight = weight > b->weight ? weight : b->weight;
			rest->first = (uint16_t)(b->first + k);
			rest->count = (uint16_t)(b->count - k);
			rest->end = b->end;
			memcpy(rest->succ, b->succ, sizeof(b->succ));
			memcpy(rest->target, b->target, sizeof(b->target));
			b->count = k;
			b->end = END_GOTO;
			b->succ[0] = n;
			b->succ[1] = OUTSIDE;
			b->target[0] = pc;
			return n;
		}
	}
	return OUTSIDE;
}

/* The block at pc, to be decoded later if it is new. */
static int16_t want(struct region *r, uint32_t pc, int16_t frame, uint32_t weight)
{
	int16_t i = find(r, pc, frame);

	if (i < 0)
		i = split(r, pc, frame, weight);
	else if (!r->blocks[i].count)
		r->blocks[i].weight += weight;
	if (i < 0)
		i = add_block(r, pc, frame, weight);
	return i;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * Whether the function at pc is small and calls nothing: then it can become part of its
 * caller.  It must end in a return, and all its branches stay inside what was looked at.
 */
static bool is_small_leaf(const struct region_source *s, uint32_t pc)
{
	uint32_t furthest = pc, start = pc;
	struct insn in;

	for (unsigned n = 0; n < INLINE_INSNS; n++) {
		uint32_t bits;

		if (!fetch(s->h, pc, &bits))
			return false;
		insn_decode(&in, bits);
		if (in.op == OP_ILLEGAL || !s->can(s->owner, &in) || s->stops(s->owner, pc, &in))
			return false;
		/* A leaf leaves ra alone. */
		if (in.op == OP_JAL && in.rd != 0)
			return false;
		if (in.op == OP_JALR) {
			if (in.rd != 0 || in.rs1 != 1 || in.imm != 0)
				return false;
			if (furthest <= pc)
				return true;
		}
		if (insn_info[in.op].format == FMT_B || in.op == OP_JAL) {
			uint32_t target = pc + (uint32_t)in.imm;

			if (target < start || target - start > 4 * INLINE_INSNS)
				return false;
			if (target > furthest)
				furthest = target;
			if (in.op == OP_JAL && furthest <= pc)
				return false;
		}
		pc += in.len;
	}
	return false;
}

/* The frame that a call of callee opens in a block of this frame; OUTSIDE: not to be inlined. */
static int16_t inline_frame(struct region *r, const struct region_source *s, int16_t caller,
			    uint32_t callee, uint32_t return_pc)
{
	if (caller >= 0 || r->frame_count == REGION_FRAMES)
		return OUTSIDE;
	if (!s->executions(s->owner, callee) || !is_small_leaf(s, callee))
		return OUTSIDE;
	r->frames[r->frame_count] = (struct region_frame){ callee, return_pc };
	return (int16_t)r->frame_count++;
}

static void end_at_branch(struct region *r, const struct region_source *s, int16_t i, uint32_t pc, const struct insn *in)
{
	uint32_t w = r->blocks[i].weight, taken_pc = pc + (uint32_t)in->imm, fall_pc = pc + in->len;
	uint32_t taken = lesser(w, s->executions(s->owner, taken_pc));
	uint32_t fall = w - taken, seen = lesser(w, s->executions(s->owner, fall_pc));
	int16_t frame = r->blocks[i].frame, t = OUTSIDE, f;

	if (fall < seen)
		fall = seen;
	if (fall == 0)
		fall = 1;
	r->blocks[i].end = END_BRANCH;
	r->blocks[i].target[0] = taken_pc;
	r->blocks[i].target[1] = fall_pc;
	/* Splitting may move the end of this very block into another one. */
	f = want(r, fall_pc, frame, fall);
	r->blocks[i].succ[1] = f;
	if (taken == 0 && find(r, taken_pc, frame) < 0)
		return;
	t = want(r, taken_pc, frame, taken ? taken : 1);
	if (r->blocks[i].end != END_BRANCH)
		i = r->blocks[i].succ[0];
	r->blocks[i].succ[0] = t;
}

static void end_at_goto(struct region *r, int16_t i, uint32_t target, int16_t frame)
{
	int16_t t;

	r->blocks[i].end = END_GOTO;
	r->blocks[i].target[0] = target;
	t = want(r, target, frame, r->blocks[i].weight);
	if (r->blocks[i].succ[0] >= 0)	/* split while looking */
		i = r->blocks[i].succ[0];
	r->blocks[i].succ[0] = t;
}

static void end_at_call(struct region *r, int16_t i, enum block_end end, uint32_t target, uint32_t return_pc)
{
	struct region_block *b = &r->blocks[i];

	b->end = (uint8_t)end;
	b->target[0] = target;
	b->target[1] = return_pc;
	/* Where it comes back to follows its instructions, so this block is not divided by it. */
	b->succ[1] = want(r, return_pc, b->frame, b->weight);
}

/* Ends block i if the instruction at pc does. */
static bool ends_block(struct region *r, const struct region_source *s, int16_t i, uint32_t pc, const struct insn *in)
{
	struct region_block *b = &r->blocks[i];
	uint32_t next = pc + in->len, target = pc + (uint32_t)in->imm;
	int16_t frame;

	if (s->stops(s->owner, pc, in)) {
		b->end = END_STOP;
		return true;
	}
	if (in->op == OP_ECALL) {
		end_at_call(r, i, END_ECALL, 0, next);
		return true;
	}
	if (in->op == OP_ILLEGAL || !s->can(s->owner, in)) {
		b->end = END_STOP;
		return true;
	}
	switch (insn_info[in->op].format) {
	case FMT_B:
		end_at_branch(r, s, i, pc, in);
		return true;
	case FMT_J:
		if (in->rd == 0) {
			end_at_goto(r, i, target, b->frame);
			return true;
		}
		frame = in->rd == 1 ? inline_frame(r, s, b->frame, target, next) : OUTSIDE;
		if (frame >= 0)
			end_at_goto(r, i, target, frame);
		else
			end_at_call(r, i, END_CALL, target, next);
		return true;
	case FMT_JALR:
		if (in->rd != 0) {
			end_at_call(r, i, END_CALL_INDIRECT, 0, next);
		} else if (in->rs1 == 1 && in->imm == 0) {
			b->end = END_RETURN;
			if (b->frame >= 0) {
				const struct region_frame *f = &r->frames[b->frame];

				b->end = END_RETURN_INLINED;
				b->target[0] = f->return_pc;
				b->succ[0] = want(r, f->return_pc, OUTSIDE, b->weight);
			}
		} else {
			b->end = END_JUMP_INDIRECT;
		}
		return true;
	}
	return false;
}

/* auipc or lui and jalr through its register is a jump to a known place, and then a jal. */
static void find_known_target(const struct region *r, uint16_t first, struct region_insn *jump)
{
	const struct region_insn *before = jump - 1;
	uint32_t upper;

	if (jump->in.op != OP_JALR || r->insn_count == first || before->in.rd != jump->in.rs1 ||
	    (before->in.op != OP_AUIPC && before->in.op != OP_LUI) || before->in.rd == 0)
		return;
	upper = (uint32_t)before->in.imm + (before->in.op == OP_AUIPC ? before->pc : 0);
	jump->in.op = OP_JAL;
	jump->in.rs1 = 0;
	jump->in.imm = (int32_t)(((upper + (uint32_t)jump->in.imm) & ~1u) - jump->pc);
}

/* Whether the instruction, of a block with that weight, is to stay outside because of the FP registers it has. */
static bool keeps_out(const struct region *r, const struct insn *in, uint32_t weight)
{
	return !r->has_fp && insn_has_fp(in) && weight < r->blocks[0].weight / RARE_FP;
}

static void decode(struct region *r, const struct region_source *s, int16_t i)
{
	uint32_t pc = r->blocks[i].pc, bits;
	uint16_t first = r->insn_count;

	r->blocks[i].first = first;
	for (;;) {
		struct region_insn *x = &r->insns[r->insn_count];

		/* Into a block that is there already, out of room, or out of memory: goes on there. */
		if (r->blocks[i].count &&
		    (find(r, pc, r->blocks[i].frame) >= 0 || r->insn_count == r->max_insns || !fetch(s->h, pc, &bits))) {
			r->blocks[i].end = END_GOTO;
			r->blocks[i].target[0] = pc;
			r->blocks[i].succ[0] = find(r, pc, r->blocks[i].frame);
			return;
		}
		if (!r->blocks[i].count && !fetch(s->h, pc, &bits))
			return;
		x->pc = pc;
		insn_decode(&x->in, bits);
		if (keeps_out(r, &x->in, r->blocks[i].weight)) {
			r->blocks[i].end = END_GOTO;
			r->blocks[i].target[0] = pc;
			return;
		}
		r->has_fp |= insn_has_fp(&x->in);
		find_known_target(r, first, x);
		r->insn_count++;
		r->blocks[i].count++;
		if (ends_block(r, s, i, pc, &x->in))
			return;
		pc += x->in.len;
	}
}

/* The undecoded block with the greatest weight. */
static int16_t hottest(const struct region *r)
{
	int16_t best = OUTSIDE;

	for (int16_t i = 0; i < r->block_count; i++) {
		if (r->blocks[i].count == 0 && (best < 0 || r->blocks[i].weight > r->blocks[best].weight))
			best = i;
	}
	return best;
}

/* Edges to blocks that were not decoded leave the region. */
static void count_edges(struct region *r)
{
	for (int16_t i = 0; i < r->block_count; i++) {
		struct region_block *b = &r->blocks[i];

		if (!b->count)
			continue;
		for (int k = 0; k < 2; k++) {
			if (b->succ[k] >= 0 && !r->blocks[b->succ[k]].count)
				b->succ[k] = OUTSIDE;
			if (b->succ[k] >= 0)
				r->blocks[b->succ[k]].preds++;
		}
	}
	/* From outside. */
	r->blocks[0].preds++;
}

/*
 * The order of the code: a block is followed by its most executed successor that has no place
 * yet; when there is none, by the most executed block that one with a place leads to.
 */
static void lay_out(struct region *r)
{
	bool placed[REGION_BLOCKS] = { false }, reached[REGION_BLOCKS] = { false };
	int16_t next = 0;

	while (next >= 0) {
		const struct region_block *b = &r->blocks[next];

		placed[next] = true;
		r->order[r->order_count++] = next;
		next = OUTSIDE;
		/* Back to what has a place, from further down. */
		for (int k = 0; k < 2; k++) {
			int16_t t = b->succ[k];

			if (t < 0)
				continue;
			reached[t] = true;
			if (placed[t])
				r->blocks[t].header = true;
			else if (next < 0 || r->blocks[t].weight > r->blocks[next].weight)
				next = t;
		}
		for (int16_t i = 0; next < 0 && i < r->block_count; i++) {
			if (!reached[i] || placed[i])
				continue;
			next = i;
			for (int16_t k = i; k < r->block_count; k++) {
				if (reached[k] && !placed[k] && r->blocks[k].weight > r->blocks[next].weight)
					next = k;
			}
		}
	}
}

bool region_form(struct region *r, const struct region_source *s, uint32_t pc, uint32_t max_insns)
{
	uint32_t least;
	int16_t i;

	r->pc = pc;
	r->insn_count = r->block_count = r->frame_count = r->order_count = 0;
	r->has_fp = false;
	r->max_insns = max_insns;
	memset(r->hash, 0xff, sizeof(r->hash));
	i = add_block(r, pc, OUTSIDE, s->executions(s->owner, pc) | 1);
	least = r->blocks[0].weight / RARE;
	while (i >= 0 && r->insn_count < r->max_insns && r->blocks[i].weight > least) {
		decode(r, s, i);
		/* What cannot be fetched is not tried again. */
		if (!r->blocks[i].count)
			r->blocks[i].weight = 0;
		i = hottest(r);
	}
	if (!r->blocks[0].count || (r->blocks[0].count == 1 && r->blocks[0].end == END_STOP))
		return false;
	count_edges(r);
	lay_out(r);
	return true;
}
