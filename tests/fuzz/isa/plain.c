/* SPDX-License-Identifier: MIT
 *
 * Single instructions: from the hart's own decode table (valid ones of every extension), and
 * from random bits (mostly illegal ones).  What could leave the sandbox is filtered out by
 * decoding: memory is only accessed through the registers with that role.
 */
#include "tests/fuzz/isa/gen.h"

static bool writes_x(const struct insn *in)
{
	switch (insn_info[in->op].format) {
	case FMT_R: case FMT_R1: case FMT_I: case FMT_SHAMT: case FMT_LOAD: case FMT_U: case FMT_J:
	case FMT_JALR: case FMT_CSR: case FMT_CSRI: case FMT_LR: case FMT_AMO: case FMT_XFF: case FMT_XF:
	case FMT_XF_RM:
		return true;
	}
	return false;
}

static bool acceptable_csr(const struct gen *g, uint32_t n)
{
	/*
	 * Counters run at their own pace, or (hpmcounter) exist by choice.  0x7b0.. are QEMU's
	 * debug registers; all of 0x100 and up needs privilege and traps on both sides.
	 */
	if (!g->c->alone)
		return n < 0xc00 || n >= 0xca0;
	/* What decides where traps go stays as it is. */
	return n != 0x300 && n != 0x305 && n != 0x341;
}

/*
 * Loads, stores (mop 00, lumop 01000) and moves (vmv<n>r.v) of whole vector registers: QEMU 7.2
 * executes them although the vector extension is off, where the ISA has an illegal instruction.
 */
static bool is_whole_vector(uint32_t bits)
{
	uint32_t major = bits & 0x7f, width = bits >> 12 & 7;

	if ((bits & 0xfe00707f) == 0x9e003057)
		return true;
	return (major == 0x07 || major == 0x27) && (width == 0 || width >= 5) && (bits >> 20 & 31) == 8;
}

static bool acceptable_access(const struct gen *g, uint32_t reg, int32_t imm)
{
	if (reg == g->ptr || reg == g->odd)
		return imm >= -PTR_REACH && imm <= PTR_REACH;
	if (reg == g->sp)
		return imm >= 0 && imm + 8 <= g->locals_end;
	if (reg == g->nowhere || reg == g->edge)
		return true;
	/* Pages 0 and the last one are there on our side only. */
	return reg == 0 ? g->c->alone : reg == g->low || reg == g->high;
}

/* May this instruction, however it came about, stand in a case? */
static bool acceptable(const struct gen *g, const struct insn *in)
{
	if (in->op == OP_ILLEGAL)
		return !is_whole_vector(in->bits);
	if (writes_x(in) && (g->reserved >> in->rd & 1))
		return false;
	switch (insn_info[in->op].format) {
	case FMT_B: case FMT_J: case FMT_JALR:
		return false;
	case FMT_LOAD: case FMT_STORE: case FMT_FLOAD: case FMT_FSTORE:
		return acceptable_access(g, in->rs1, in->imm);
	case FMT_LR: case FMT_AMO:
		/*
		 * QEMU looks at the reservation before the alignment, so that a misaligned sc.w
		 * without one fails instead of trapping; the ISA wants a trap (volume I, 8.2).
		 */
		if (in->op == OP_SC_W && !g->c->alone && in->rs1 != g->ptr && in->rs1 != g->sp)
			return false;
		return acceptable_access(g, in->rs1, 0);
	case FMT_CSR: case FMT_CSRI:
		return acceptable_csr(g, (uint32_t)in->imm);
	case FMT_NONE:
		if (in->op == OP_ECALL || in->op == OP_WFI)
			return g->c->alone;
		return in->op != OP_MRET || !g->c->alone;
	}
	return true;
}

static uint32_t replaced(uint32_t w, int lsb, uint32_t reg)
{
	return (w & ~(31u << lsb)) | reg << lsb;
}

static uint32_t random_base(struct gen *g)
{
	uint32_t odds = rng_below(&g->r, 100);

	if (odds < g->t.faults)
		return rng_chance(&g->r, 50) ? g->nowhere : g->edge;
	if (odds < 8)
		return g->odd;
	if (odds < 12 && g->low)
		return rng_chance(&g->r, 50) ? g->low : g->high;
	return odds < 40 && g->locals_end > 0 ? g->sp : g->ptr;
}

/* A random encoding of a random operation, with operands that make it acceptable more often. */
static bool try_valid(struct gen *g, struct insn *in)
{
	int op = (int)rng_below(&g->r, OP_COUNT), fmt = insn_info[op].format;
	bool fp = insn_info[op].ext == EXT_F || insn_info[op].ext == EXT_D;
	uint32_t w;

	if (fp != rng_chance(&g->r, g->t.fp))
		return false;
	/* There are many of them, or they take long. */
	if ((insn_info[op].ext == EXT_ZICSR && rng_chance(&g->r, 70)) || (op == OP_FENCE_I && rng_chance(&g->r, 90)))
		return false;
	w = ((uint32_t)rng_next(&g->r) & ~insn_info[op].mask) | insn_info[op].match;
	if (!fp && fmt != FMT_CSRI && fmt != FMT_NONE && rng_chance(&g->r, g->t.near)) {
		w = replaced(w, 15, gen_rs(g));
		if (fmt != FMT_STORE)
			w = replaced(w, 7, gen_rs(g));
		if (fmt == FMT_R || fmt == FMT_STORE || fmt == FMT_AMO)
			w = replaced(w, 20, gen_rs(g));
		w = (w & ~insn_info[op].mask) | insn_info[op].match;
	}
	switch (fmt) {
	case FMT_LOAD: case FMT_STORE: case FMT_FLOAD: case FMT_FSTORE: {
		uint32_t base = random_base(g);

		w = replaced(w, 15, base);
		/* Near the pointer: sign bits of the immediate all alike, or none set. */
		w = (w & ~0xe0000000u) | (w >> 31 && base != g->sp ? 0xe0000000u : 0);
		break;
	}
	case FMT_LR: case FMT_AMO:
		w = replaced(w, 15, random_base(g));
		break;
	case FMT_CSR: case FMT_CSRI:
		if (rng_chance(&g->r, 90))
			w = (w & 0xfffff) | (1 + rng_below(&g->r, 3)) << 20;
		else if (g->c->alone && rng_chance(&g->r, 70))
			w = (w & 0xfffff) | (0xc00 + rng_below(&g->r, 3) + (rng_next(&g->r) & 0x80)) << 20;
		break;
	case FMT_FFF_RM: case FMT_FF_RM: case FMT_FFFF_RM: case FMT_XF_RM: case FMT_FX_RM:
		/* Mostly a mode that exists. */
		if (rng_chance(&g->r, 98))
			w = (w & ~0x7000u) | gen_rm(g) << 12;
		break;
	}
	insn_decode(in, w);
	return acceptable(g, in);
}

static bool try_plain(struct gen *g, struct insn *in)
{
	uint32_t pick = rng_below(&g->r, 100);

	if (pick < g->t.raw) {
		/* Half of the random words with the low bits of a 32-bit instruction. */
		uint32_t w = (uint32_t)rng_next(&g->r);

		insn_decode(in, rng_chance(&g->r, 50) ? w | 3 : w);
		return acceptable(g, in);
	}
	if (pick < g->t.raw + g->t.compressed) {
		insn_decode(in, (uint32_t)rng_next(&g->r) & 0xffff);
		if (in->len != 2 || in->op == OP_ILLEGAL || !acceptable(g, in))
			return false;
	} else if (!try_valid(g, in)) {
		return false;
	}
	/* These end most cases. */
	return (in->op != OP_EBREAK && in->op != OP_MRET && in->op != OP_ECALL && in->op != OP_WFI) ||
	       rng_chance(&g->r, g->t.faults);
}

void gen_plain(struct gen *g)
{
	struct insn in;

	while (!try_plain(g, &in))
		;
	gen_add(g, in.bits);
}
