/* SPDX-License-Identifier: MIT
 *
 * Functions and calls: through ra and other registers, near and far, through pointers and
 * tables of pointers; frames; recursion, tail calls, returns of several forms.
 */
#include "tests/fuzz/isa/gen.h"

#include <stddef.h>

/* A function of a higher level; NULL: there is none. */
static struct function *callee(struct gen *g, int link)
{
	unsigned first = g->function_count ? rng_below(&g->r, g->function_count) : 0;

	for (unsigned k = 0; k < g->function_count; k++) {
		struct function *f = &g->functions[(first + k) % g->function_count];

		if (f->level > g->level && (link < 0 || f->link == link))
			return f;
	}
	return NULL;
}

/* jalr link, 0(p), where the target may have bit 0 set. */
static void call_register(struct gen *g, uint32_t link, uint32_t p)
{
	if (rng_chance(&g->r, 20))
		gen_part(g, enc_i(OP_ORI, p, p, 1))->fixed = true;
	gen_part(g, enc_i(OP_JALR, link, p, 0))->fixed = true;
}

static void call_pointer_of_table(struct gen *g, const struct function *f)
{
	struct function *other = callee(g, f->link);
	int words[4] = { f->label, other->label, other->label, f->label };
	int table = gen_table(g, words, 4);
	uint32_t i = gen_rd(g), p = gen_rd_not(g, i, 0);
	struct fuzz_insn *fi;

	gen_add(g, enc_i(OP_ANDI, i, rng_chance(&g->r, 70) ? g->count[rng_below(&g->r, 2)] : gen_rs(g), 3))->fixed = true;
	gen_part(g, enc_i(OP_SLLI, i, i, 2))->fixed = true;
	gen_address(g, p, table, true);
	gen_part(g, enc_r(OP_ADD, p, p, i))->fixed = true;
	fi = gen_part(g, enc_i(OP_LW, p, p, 0));
	fi->fixed = true;
	call_register(g, f->link, p);
}

void gen_call(struct gen *g)
{
	struct function *f = callee(g, -1);
	struct fuzz_insn *fi;
	uint32_t p;

	if (!f || (g->reserved >> f->link & 1))
		return;
	if (f->recursive)
		gen_add(g, enc_i(OP_ADDI, g->count[COUNTERS - 1], 0, (int32_t)(1 + rng_below(&g->r, 6))))->fixed = true;
	switch (rng_below(&g->r, 6)) {
	case 0:	/* far */
		p = rng_chance(&g->r, 50) ? f->link : gen_rd(g);
		fi = gen_add(g, enc_u(OP_AUIPC, p, 0));
		fi->fixed = true;
		gen_refer(fi, REF_HI, f->label);
		fi = gen_part(g, enc_i(OP_JALR, f->link, p, 0));
		fi->fixed = true;
		fi->back = 1;
		gen_refer(fi, REF_LO, f->label);
		break;
	case 1:
		p = gen_rd(g);
		gen_address(g, p, f->label, false);
		call_register(g, f->link, p);
		break;
	case 2:
		if (g->table_count < MAX_TABLES) {
			call_pointer_of_table(g, f);
			break;
		}
		/* fall through */
	default:
		gen_jump(g, f->link, f->label);
		g->c->insns[g->c->count - 1].fixed = true;
	}
	/* What a return may skip; calls through tables do not know who skips. */
	p = gen_rd_not(g, f->link, 0);
	gen_part(g, enc_i(OP_XORI, p, p, 0x2a5))->fixed = true;
	/* Rewritten while the function runs, perhaps. */
	if (g->t.patches && rng_chance(&g->r, 30))
		gen_victim(g);
}

static void gen_return(struct gen *g, uint32_t link, bool skips)
{
	int32_t k = (int32_t)rng_below(&g->r, 64);

	if (skips) {
		uint32_t p = gen_rd(g);

		gen_part(g, enc_i(OP_ANDI, p, gen_rs(g), 4))->fixed = true;
		gen_part(g, enc_r(OP_ADD, link, link, p))->fixed = true;
	}

	switch (rng_below(&g->r, 8)) {
	case 0:	/* bit 0 does not count */
		gen_part(g, enc_i(OP_ORI, link, link, 1))->fixed = true;
		gen_part(g, enc_i(OP_JALR, 0, link, 0))->fixed = true;
		break;
	case 1:
		gen_part(g, enc_i(OP_ADDI, link, link, -k))->fixed = true;
		gen_part(g, enc_i(OP_JALR, 0, link, k | 1))->fixed = true;
		break;
	case 2: {
		uint32_t p = gen_rd(g);

		gen_part(g, enc_i(OP_ADDI, p, link, 0))->fixed = true;
		gen_part(g, enc_i(OP_JALR, rng_chance(&g->r, 80) ? 0 : gen_rd(g), p, 0))->fixed = true;
		break;
	}
	case 3: case 4:	/* c.jr */
		gen_part(g, 0x8002 | link << 7)->fixed = true;
		break;
	default:
		gen_part(g, enc_i(OP_JALR, 0, link, 0))->fixed = true;
	}
}

/* The frame: locals at the bottom, the return address and some registers at the top. */
#define SAVES 3

static void prologue(struct gen *g, uint32_t link, int32_t frame, const uint8_t saved[SAVES])
{
	if (frame == 32 && rng_chance(&g->r, 50))
		gen_add(g, 0x1101)->fixed = true;	/* c.addi sp, -32 */
	else
		gen_add(g, enc_i(OP_ADDI, g->sp, g->sp, -frame))->fixed = true;
	gen_part(g, enc_s(OP_SW, link, g->sp, frame - 4))->fixed = true;
	for (int k = 0; k < SAVES && saved[k]; k++)
		gen_part(g, enc_s(OP_SW, saved[k], g->sp, frame - 8 - 4 * k))->fixed = true;
}

static void epilogue(struct gen *g, uint32_t link, int32_t frame, const uint8_t saved[SAVES])
{
	/* Where jumps ahead end. */
	gen_root_end(g);
	gen_add(g, enc_i(OP_LW, link, g->sp, frame - 4))->fixed = true;
	for (int k = 0; k < SAVES && saved[k]; k++)
		gen_part(g, enc_i(OP_LW, saved[k], g->sp, frame - 8 - 4 * k))->fixed = true;
	gen_part(g, enc_i(OP_ADDI, g->sp, g->sp, frame))->fixed = true;
}

static void recurse(struct gen *g, const struct function *f)
{
	uint32_t count = g->count[COUNTERS - 1];
	int out = gen_label(g);
	struct fuzz_insn *fi;

	gen_add(g, enc_i(OP_ADDI, count, count, -1))->fixed = true;
	fi = gen_part(g, enc_r(OP_BGE, 0, 0, count));
	fi->fixed = true;
	gen_refer(fi, REF_JUMP, out);
	fi = gen_part(g, enc_u(OP_JAL, f->link, 0));
	fi->fixed = true;
	gen_refer(fi, REF_JUMP, f->label);
	/* What the return from it may skip. */
	gen_part(g, enc_i(OP_ADDI, 0, 0, 0))->fixed = true;
	gen_place_label(g, out);
}

void gen_function(struct gen *g, struct function *f)
{
	uint32_t outer = g->reserved, runs = g->runs;
	struct function *tail = NULL;
	uint8_t around = gen_open_root(g), saved[SAVES] = { 0 };
	int32_t frame = 32 + 16 * (int32_t)rng_below(&g->r, 3);
	int size = 2 + (int)rng_below(&g->r, 28);
	/* Those of level 1 call others. */
	bool framed = f->level == 1 || f->recursive || rng_chance(&g->r, 40);

	g->level = f->level;
	g->runs = 20;
	g->loops = 0;
	g->walking = false;
	g->locals_end = framed ? frame - 16 : 0;
	gen_place_label(g, f->label);
	if (framed) {
		for (uint32_t k = 0, n = rng_below(&g->r, SAVES + 1); k < n; k++)
			saved[k] = (uint8_t)gen_rd_not(g, f->link, 0);
		prologue(g, f->link, frame, saved);
	} else {
		g->reserved |= 1u << f->link;
	}
	if (f->level == 1 && rng_chance(&g->r, 25))
		tail = callee(g, f->link);
	gen_body(g, size);
	if (f->recursive) {
		recurse(g, f);
		gen_body(g, size / 2);
	}
	g->reserved |= 1u << f->link;
	if (framed) {
		epilogue(g, f->link, frame, saved);
	} else {
		gen_root_end(g);
		gen_add(g, enc_i(OP_ADDI, 0, 0, 0));
	}
	if (tail) {
		gen_jump(g, 0, tail->label);
		g->c->insns[g->c->count - 1].part = g->c->insns[g->c->count - 1].fixed = true;
	} else {
		gen_return(g, f->link, f->skips);
	}
	g->reserved = outer;
	g->runs = runs;
	gen_close_scope(g, around);
}
