/* SPDX-License-Identifier: MIT
 *
 * Accesses to memory as compilers make them: tables indexed by shifted registers, absolute
 * addresses, addresses that wrap at 2^32, several accesses to one place.
 */
#include "tests/fuzz/isa/gen.h"

static const struct {
	uint8_t load, store, size;
} accesses[] = {
	{ OP_LW, OP_SW, 4 }, { OP_LW, OP_SW, 4 }, { OP_LH, OP_SH, 2 }, { OP_LHU, OP_SH, 2 }, { OP_LB, OP_SB, 1 },
	{ OP_LBU, OP_SB, 1 },
};

/* An access of random kind; the instruction is not yet marked as part of anything. */
static struct fuzz_insn *add_access(struct gen *g, uint32_t base, int32_t offset)
{
	uint32_t k = rng_below(&g->r, 6);

	if (rng_chance(&g->r, g->t.fp / 2)) {
		static const uint8_t fp[] = { OP_FLW, OP_FLD, OP_FSW, OP_FSD };
		int op = fp[rng_below(&g->r, 4)];

		return gen_add(g, insn_info[op].format == FMT_FLOAD ? enc_i(op, gen_freg(g), base, offset) :
			       enc_s(op, gen_freg(g), base, offset));
	}
	return gen_add(g, rng_chance(&g->r, 60) ? enc_i(accesses[k].load, gen_rd(g), base, offset) :
		       enc_s(accesses[k].store, gen_rs(g), base, offset));
}

static void add_fixed(struct gen *g, uint32_t bits, bool first)
{
	struct fuzz_insn *fi = gen_add(g, bits);

	fi->fixed = true;
	fi->part = !first;
}

static void accesses_at(struct gen *g, uint32_t p, int32_t offset)
{
	add_access(g, p, offset)->part = true;
	/* A load may have been to p itself: then it is no pointer any longer. */
	for (uint32_t n = rng_below(&g->r, 3); n > 0; n--) {
		struct insn in;

		insn_decode(&in, g->c->insns[g->c->count - 1].bits);
		if (insn_info[in.op].format == FMT_LOAD && in.rd == p)
			break;
		add_access(g, p, offset + (int32_t)rng_below(&g->r, 3) * 4)->part = true;
	}
}

/* p = ptr + (i << k) by shift and addition, or by shNadd. */
static void indexed(struct gen *g)
{
	uint32_t i = gen_rd(g), p = gen_rd_not(g, i, 0), s = rng_chance(&g->r, 50) ? i : p, k = rng_below(&g->r, 4);

	add_fixed(g, enc_i(OP_ANDI, i, gen_rs(g), (int32_t)(31u >> (k > 2))), true);
	if (k > 0 && rng_chance(&g->r, 30)) {
		static const uint8_t ops[] = { OP_SH1ADD, OP_SH1ADD, OP_SH2ADD, OP_SH3ADD };

		add_fixed(g, enc_r(ops[k], p, i, g->ptr), false);
	} else if (k > 0) {
		add_fixed(g, enc_i(OP_SLLI, s, i, (int32_t)k), false);
		add_fixed(g, rng_chance(&g->r, 50) ? enc_r(OP_ADD, p, g->ptr, s) : enc_r(OP_ADD, p, s, g->ptr), false);
	} else {
		add_fixed(g, enc_r(OP_ADD, p, i, g->ptr), false);
	}
	accesses_at(g, p, (int32_t)rng_below(&g->r, 64) - 32);
}

/* An index and a base anywhere, whose sum wraps to an address in the data. */
static void wrapping(struct gen *g)
{
	uint32_t x = gen_rs(g), t = gen_rd_not(g, x, 0), q = gen_rd_not(g, t, x);
	int32_t k = (int32_t)rng_below(&g->r, 4);

	add_fixed(g, enc_i(OP_SLLI, t, x, k), true);
	add_fixed(g, enc_r(OP_SUB, q, g->ptr, t), false);
	if (rng_chance(&g->r, 40)) {
		/* The shift once more, so that it stands beside the addition. */
		add_fixed(g, enc_i(OP_SLLI, t, x, k), false);
	}
	add_fixed(g, rng_chance(&g->r, 50) ? enc_r(OP_ADD, q, q, t) : enc_r(OP_ADD, q, t, q), false);
	accesses_at(g, q, (int32_t)rng_below(&g->r, 64) - 32);
}

/* lui and the offset in the access, or all of the address by lui and addi. */
static void absolute(struct gen *g)
{
	uint32_t addr = DATA + rng_below(&g->r, 900), p = gen_rd(g);
	int32_t low = (int32_t)(addr << 20) >> 20;

	add_fixed(g, enc_u(OP_LUI, p, addr + 0x800), true);
	if (rng_chance(&g->r, 60)) {
		add_fixed(g, enc_i(OP_ADDI, p, p, low), false);
		low = 0;
	}
	accesses_at(g, p, low);
}

/* Code is data, too: the words of an instruction further up or down, or of a jump table. */
static void code_as_data(struct gen *g)
{
	uint32_t p = gen_rd(g);
	int label = g->table_count && rng_chance(&g->r, 30) ? g->tables[0].label : gen_here(g);
	struct fuzz_insn *fi = gen_add(g, enc_u(OP_AUIPC, p, 0));

	gen_refer(fi, REF_HI, label);
	fi = gen_part(g, enc_i(accesses[rng_below(&g->r, 6)].load, gen_rd(g), p, 0));
	fi->back = 1;
	gen_refer(fi, REF_LO, label);
}

/* Loads, calculates, stores at the same place; then perhaps looks at a part of it. */
static void modify(struct gen *g)
{
	static const uint8_t ops[] = { OP_ADD, OP_SUB, OP_XOR, OP_OR, OP_AND, OP_SLL, OP_MUL, OP_MAXU };
	uint32_t k = rng_below(&g->r, 6), t = gen_rd(g);
	int32_t offset;
	uint32_t p = gen_pointer(g, accesses[k].size, &offset);

	gen_add(g, enc_i(accesses[k].load, t, p, offset));
	if (rng_chance(&g->r, 50))
		gen_add(g, enc_i(OP_ADDI, t, t, (int32_t)random_word(&g->r)));
	else
		gen_add(g, enc_r(ops[rng_below(&g->r, 8)], t, t, gen_rs(g)));
	gen_add(g, enc_s(accesses[k].store, t, p, offset));
	if (rng_chance(&g->r, 50))
		gen_add(g, enc_i(accesses[rng_below(&g->r, 6)].load, gen_rd(g), p, offset));
}

/* Stores and loads that overlap, through the same register or others. */
static void overlapping(struct gen *g)
{
	int32_t offset;
	uint32_t p = gen_pointer(g, 4, &offset);

	for (uint32_t n = 2 + rng_below(&g->r, 4); n > 0; n--) {
		int32_t by = p == g->sp ? 0 : (int32_t)rng_below(&g->r, 5);

		add_access(g, p, offset + (p == g->edge || by == 4 ? 0 : by));
	}
}

static void copying(struct gen *g)
{
	int32_t from, to;
	uint32_t p = gen_pointer(g, 4, &from), q = gen_pointer(g, 4, &to), a = gen_rd(g), b = gen_rd_not(g, a, 0);

	if (p == g->sp || q == g->sp)
		from = to = 0;
	gen_add(g, enc_i(OP_LW, a, p, from));
	gen_add(g, enc_i(OP_LW, b, p, from + 4));
	gen_add(g, enc_s(OP_SW, a, q, to));
	gen_add(g, enc_s(OP_SW, b, q, to + 4));
}

/* lr and sc, until it succeeds or only once. */
static void reserved(struct gen *g)
{
	uint32_t old = gen_rd(g), new = gen_rd_not(g, old, 0), failed = gen_rd_not(g, old, new);
	uint32_t p = rng_chance(&g->r, 90) ? g->ptr : g->odd;
	uint8_t around;
	int again;

	if (p == g->odd && !g->c->alone)
		p = g->ptr;
	around = gen_open_scope(g);
	again = gen_here(g);
	gen_add(g, enc_r(OP_LR_W, old, p, 0) | rng_below(&g->r, 4) << 25);
	gen_part(g, enc_r(OP_ADD, new, old, gen_rs(g)));
	if (rng_chance(&g->r, 20))
		gen_part(g, enc_s(OP_SB, gen_rs(g), g->ptr, (int32_t)rng_below(&g->r, 8)));
	gen_part(g, enc_r(OP_SC_W, failed, p, new) | rng_below(&g->r, 4) << 25);
	if (rng_chance(&g->r, 50))
		gen_refer(gen_part(g, enc_r(OP_BNE, 0, failed, 0)), REF_JUMP, again);
	gen_close_scope(g, around);
}

static void atomics(struct gen *g)
{
	static const uint8_t ops[] = { OP_AMOSWAP_W, OP_AMOADD_W, OP_AMOXOR_W, OP_AMOAND_W, OP_AMOOR_W, OP_AMOMIN_W,
				       OP_AMOMAX_W, OP_AMOMINU_W, OP_AMOMAXU_W };

	for (uint32_t n = 1 + rng_below(&g->r, 3); n > 0; n--)
		gen_add(g, enc_r(ops[rng_below(&g->r, 9)], rng_chance(&g->r, 80) ? gen_rd(g) : 0,
				 rng_chance(&g->r, g->t.faults) ? g->odd : g->ptr, gen_rs(g)));
}

void gen_idiom_memory(struct gen *g)
{
	static void (*const idioms[])(struct gen *) = {
		indexed, indexed, wrapping, absolute, code_as_data, modify, modify, overlapping, copying, reserved,
		atomics, gen_tangle_pointers, gen_tangle_pointers,
	};

	idioms[rng_below(&g->r, sizeof(idioms) / sizeof(idioms[0]))](g);
}
