/* SPDX-License-Identifier: MIT
 *
 * Code that rewrites code: stores to an instruction elsewhere, before or behind, in the same
 * loop or in another function, and a fence.i after it.
 */
#include "tests/fuzz/isa/gen.h"

/* c.nop and c.addi rd, 1 */
#define C_NOP		0x0001
#define C_ADDI(rd)	(0x0005 | (rd) << 7)

/* Places the next of the instructions that will be rewritten. */
void gen_victim(struct gen *g)
{
	unsigned k = g->victims_placed;
	struct fuzz_insn *fi;

	if (k == g->victim_count)
		return;
	g->victims_placed++;
	/* It may be jumped to, and begins no pattern. */
	gen_place_label(g, g->victims[k]);
	if (g->victim_len[k] == 2) {
		fi = gen_add(g, rng_chance(&g->r, 50) ? C_NOP : C_ADDI(g->victim_reg));
	} else {
		fi = gen_add(g, enc_i(OP_ADDI, g->victim_reg, g->victim_reg, (int32_t)rng_below(&g->r, 100)));
		/* One of the things it becomes is a jump over the next. */
		gen_part(g, enc_i(OP_XORI, g->victim_reg, g->victim_reg, 0x155))->fixed = true;
	}
	fi->victim = g->victim_len[k];
	fi->fixed = true;
}

static void fixed_part(struct gen *g, uint32_t bits)
{
	gen_part(g, bits)->fixed = true;
}

/* v = the new instruction, which depends on the register x */
static void new_half(struct gen *g, uint32_t v, uint32_t x)
{
	uint32_t one = C_ADDI(g->victim_reg);

	fixed_part(g, enc_i(OP_ANDI, v, x, 1));
	/* c.nop, or its difference to c.addi added */
	fixed_part(g, enc_r(OP_SUB, v, 0, v));
	fixed_part(g, enc_i(OP_ANDI, v, v, (int32_t)(one - C_NOP)));
	fixed_part(g, enc_i(OP_ADDI, v, v, C_NOP));
}

static void new_word(struct gen *g, uint32_t v, uint32_t x, uint32_t t)
{
	uint32_t bits = enc_i(OP_ADDI, g->victim_reg, g->victim_reg, 0);

	switch (rng_below(&g->r, 3)) {
	case 0:	/* jal x0, 8 */
		fixed_part(g, enc_u(OP_LUI, v, 0x00800000));
		fixed_part(g, enc_i(OP_ADDI, v, v, 0x6f));
		break;
	default:	/* addi with another constant */
		fixed_part(g, enc_i(OP_SLLI, v, x, 20));
		fixed_part(g, enc_u(OP_LUI, t, bits + 0x800));
		fixed_part(g, enc_i(OP_ADDI, t, t, (int32_t)(bits << 20) >> 20));
		fixed_part(g, enc_r(OP_ADD, v, v, t));
	}
}

void gen_patch(struct gen *g)
{
	unsigned k;
	uint32_t p = gen_rd(g), v = gen_rd_not(g, p, 0), t, x;

	if (g->victim_count == 0)
		return;
	/* The one placed last is near: in the same loop, or behind the call. */
	k = rng_chance(&g->r, 40) && g->victims_placed ? g->victims_placed - 1 : rng_below(&g->r, g->victim_count);
	do
		t = gen_rd_not(g, p, v);
	while (t == g->victim_reg);
	/* Something that changes from turn to turn. */
	do
		x = rng_chance(&g->r, 60) ? g->count[rng_below(&g->r, COUNTERS)] : gen_rs(g);
	while (x == p);
	gen_address(g, p, g->victims[k], false);
	if (g->victim_len[k] == 2) {
		new_half(g, v, x);
		fixed_part(g, enc_s(OP_SH, v, p, 0));
	} else {
		new_word(g, v, x, t);
		fixed_part(g, enc_s(OP_SW, v, p, 0));
	}
	fixed_part(g, insn_info[OP_FENCE_I].match);
}
