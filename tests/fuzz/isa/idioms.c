/* SPDX-License-Identifier: MIT
 *
 * Short sequences as compilers make them, which a translator is tempted to fuse: constants,
 * rotations, widenings, products of two words, comparisons, sums with carry.
 */
#include "tests/fuzz/isa/gen.h"

static uint32_t pick(struct gen *g, const uint8_t *ops, uint32_t count)
{
	return ops[rng_below(&g->r, count)];
}

#define PICK(g, ...) \
	pick(g, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))


/* lui and addi, and calculations with what they made. */
static void constants(struct gen *g)
{
	uint32_t v = random_word(&g->r), rd = gen_rd(g), to = rd;

	gen_add(g, enc_u(OP_LUI, rd, v + 0x800));
	if (rng_chance(&g->r, 80)) {
		to = rng_chance(&g->r, 80) ? rd : gen_rd(g);
		gen_add(g, enc_i(OP_ADDI, to, rd, (int32_t)(v << 20) >> 20));
	}
	for (uint32_t n = rng_below(&g->r, 4); n > 0; n--) {
		uint32_t from = rng_chance(&g->r, 70) ? to : gen_rs(g);

		rd = gen_rd(g);
		switch (rng_below(&g->r, 4)) {
		case 0:
			gen_add(g, enc_i((int)PICK(g, OP_ADDI, OP_XORI, OP_ANDI, OP_ORI, OP_SLTI, OP_SLTIU), rd, from,
					 (int32_t)random_word(&g->r)));
			break;
		case 1:
			gen_add(g, enc_i((int)PICK(g, OP_SLLI, OP_SRLI, OP_SRAI, OP_RORI, OP_BSETI, OP_BEXTI), rd, from,
					 (int32_t)rng_below(&g->r, 32)));
			break;
		case 2:
			gen_add(g, enc_r((int)PICK(g, OP_ADD, OP_SUB, OP_XOR, OP_AND, OP_SLTU, OP_SLL, OP_MUL),
				       rd, from, gen_rs(g)));
			break;
		default:
			gen_add(g, enc_r((int)PICK(g, OP_SUB, OP_OR, OP_SRA, OP_DIV, OP_REMU, OP_MULHU, OP_SLT),
				       rd, gen_rs(g), from));
		}
		to = rd;
	}
}

/* High and low word of a product, quotient and remainder: in any order, in overlapping registers. */
static void pair(struct gen *g)
{
	static const uint8_t pairs[][2] = {
		{ OP_MULH, OP_MUL }, { OP_MULHU, OP_MUL }, { OP_MULHSU, OP_MUL }, { OP_DIV, OP_REM }, { OP_DIVU, OP_REMU },
	};
	const uint8_t *p = pairs[rng_below(&g->r, 5)];
	uint32_t a = gen_rs(g), b = gen_rs(g), swap = rng_below(&g->r, 2), cross = rng_chance(&g->r, 10);

	/* Constants for which dividing is special. */
	if (rng_chance(&g->r, 25)) {
		b = gen_rd(g);
		gen_add(g, enc_i(OP_ADDI, b, 0, (int32_t)rng_below(&g->r, 4) - 2));
	}
	if (rng_chance(&g->r, 25)) {
		a = gen_rd_not(g, b, 0);
		gen_add(g, enc_u(OP_LUI, a, rng_chance(&g->r, 70) ? 0x80000000u : random_word(&g->r)));
	}
	gen_add(g, enc_r(p[swap], gen_rd(g), a, b));
	gen_add(g, enc_r(p[!swap], gen_rd(g), cross ? b : a, cross ? a : b));
}

static void rotation(struct gen *g)
{
	uint32_t x = gen_rs(g), k = 1 + rng_below(&g->r, 31), a = gen_rd_not(g, x, 0), b = gen_rd_not(g, a, 0);
	uint32_t other = rng_chance(&g->r, 90) ? 32 - k : rng_below(&g->r, 32);

	gen_add(g, enc_i(OP_SLLI, a, x, (int32_t)k));
	/* Or something that only looks like one. */
	gen_add(g, enc_i(OP_SRLI, b, rng_chance(&g->r, 85) ? x : gen_rs(g), (int32_t)other));
	gen_add(g, enc_r((int)PICK(g, OP_OR, OP_OR, OP_XOR, OP_ADD), gen_rd(g), a, b));
}

static void widening(struct gen *g)
{
	uint32_t k = (uint32_t)PICK(g, 16, 24, 31, 8, 1), a = gen_rd(g);

	gen_add(g, enc_i(OP_SLLI, a, gen_rs(g), (int32_t)k));
	if (rng_chance(&g->r, 10))
		gen_add(g, enc_i(OP_ADDI, a, a, (int32_t)random_word(&g->r)));
	gen_add(g, enc_i((int)PICK(g, OP_SRLI, OP_SRAI), gen_rd(g), a,
			 (int32_t)(rng_chance(&g->r, 80) ? k : rng_below(&g->r, 32))));
}

/* seqz, snez, neg, not, abs, sgn */
static void unary(struct gen *g)
{
	uint32_t x = gen_rs(g), a = gen_rd_not(g, x, 0), rd = gen_rd(g);

	switch (rng_below(&g->r, 6)) {
	case 0:
		gen_add(g, enc_i(OP_SLTIU, rd, x, 1));
		break;
	case 1:
		gen_add(g, enc_r(OP_SLTU, rd, 0, x));
		break;
	case 2:
		gen_add(g, enc_r(OP_SUB, rd, 0, x));
		break;
	case 3:
		gen_add(g, enc_i(OP_XORI, rd, x, -1));
		break;
	case 4:
		gen_add(g, enc_i(OP_SRAI, a, x, 31));
		gen_add(g, enc_r(OP_XOR, rd, x, a));
		gen_add(g, enc_r(OP_SUB, gen_rd(g), rd, a));
		break;
	default:
		gen_add(g, enc_r(OP_SLT, rd, 0, x));
		gen_add(g, enc_i(OP_SRAI, a, x, 31));
		gen_add(g, enc_r(OP_OR, gen_rd(g), rd, a));
	}
}

/* 64-bit addition and subtraction. */
static void carry(struct gen *g)
{
	uint32_t a = gen_rs(g), b = gen_rs(g), low = gen_rd(g), c = gen_rd_not(g, low, 0), high = gen_rd_not(g, c, 0);
	bool sub = rng_chance(&g->r, 40);

	if (sub) {
		gen_add(g, enc_r(OP_SLTU, c, a, b));
		gen_add(g, enc_r(OP_SUB, low, a, b));
	} else {
		gen_add(g, enc_r(OP_ADD, low, a, b));
		gen_add(g, enc_r(OP_SLTU, c, low, rng_chance(&g->r, 50) ? a : b));
	}
	gen_add(g, enc_r(sub ? OP_SUB : OP_ADD, high, gen_rs(g), gen_rs(g)));
	gen_add(g, enc_r(sub ? OP_SUB : OP_ADD, gen_rd(g), high, c));
}

/* A comparison, and a branch over something on its result. */
static void compare(struct gen *g)
{
	uint32_t t = gen_rd(g);
	struct fuzz_insn *fi;

	if (rng_chance(&g->r, 50))
		gen_add(g, enc_r((int)PICK(g, OP_SLT, OP_SLTU, OP_SUB, OP_AND, OP_BEXT, OP_XOR), t, gen_rs(g), gen_rs(g)));
	else
		gen_add(g, enc_i((int)PICK(g, OP_SLTI, OP_SLTIU, OP_ANDI, OP_ADDI, OP_XORI), t, gen_rs(g),
				 (int32_t)random_word(&g->r)));
	fi = gen_add(g, enc_r((int)PICK(g, OP_BEQ, OP_BNE, OP_BEQ, OP_BNE, OP_BLT, OP_BGE), 0, t, 0));
	gen_refer(fi, REF_JUMP, gen_ahead(g, 4));
	fi->squeeze = true;
}

/* Moves in circles: copies, and exchanges by xor. */
static void moves(struct gen *g)
{
	uint32_t a = gen_rd(g), b = gen_rd_not(g, a, 0), c = gen_rd_not(g, a, b);

	if (rng_chance(&g->r, 50)) {
		gen_add(g, enc_i(OP_ADDI, c, a, 0));
		gen_add(g, enc_i(OP_ADDI, a, b, 0));
		gen_add(g, enc_r(OP_ADD, b, 0, c));
	} else {
		gen_add(g, enc_r(OP_XOR, a, a, b));
		gen_add(g, enc_r(OP_XOR, b, a, b));
		gen_add(g, enc_r(OP_XOR, a, a, b));
	}
}

/* Address calculations that overflow: shifts and additions without a use as an address. */
static void scaled(struct gen *g)
{
	uint32_t i = gen_rs(g), t = gen_rd(g);

	gen_add(g, enc_i(OP_SLLI, t, i, (int32_t)(1 + rng_below(&g->r, 4))));
	gen_add(g, enc_r(OP_ADD, t, rng_chance(&g->r, 50) ? t : gen_rs(g), rng_chance(&g->r, 50) ? t : gen_rs(g)));
	gen_add(g, enc_i(OP_ADDI, gen_rd(g), t, (int32_t)random_word(&g->r)));
}

/* The count of instructions, read within: exact at every place. */
static void counters(struct gen *g)
{
	static const uint16_t csrs[] = { 0xc00, 0xc01, 0xc02, 0xc80, 0xc82 };

	if (g->c->alone)
		gen_add(g, enc_i(OP_CSRRS, gen_rd(g), 0, csrs[rng_below(&g->r, 5)]));
}

void gen_idiom(struct gen *g)
{
	static void (*const idioms[])(struct gen *) = {
		constants, pair, rotation, widening, unary, carry, compare, moves, scaled, counters,
		gen_tangle, gen_tangle, gen_tangle, gen_tangle,
	};

	if (rng_chance(&g->r, g->t.fp))
		gen_idiom_fp(g);
	else if (rng_chance(&g->r, 50))
		gen_idiom_memory(g);
	else
		idioms[rng_below(&g->r, sizeof(idioms) / sizeof(idioms[0]))](g);
}
