/* SPDX-License-Identifier: MIT
 *
 * Making a case from a seed.
 *
 * Instructions come from the hart's own decode table (valid ones of every extension), from
 * random bits (mostly illegal ones), and from a few patterns: forward branches and jumps,
 * counted loops, jumps through a register, code that rewrites code.  What could leave the
 * sandbox is filtered out by decoding: memory is only accessed through the role registers.
 */
#include "cpu/decode.h"
#include "tests/fuzz/isa/isa.h"

#include <string.h>

static bool is_role(uint32_t reg)
{
	return reg == REG_SP || reg == REG_NOWHERE || reg == REG_COUNT || reg == REG_PTR || reg == REG_ODD;
}

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

static bool is_pointer(uint32_t reg)
{
	return reg == REG_SP || reg == REG_PTR || reg == REG_ODD;
}

static bool acceptable_csr(uint32_t n)
{
	/*
	 * Counters run at their own pace, or (hpmcounter) exist by choice.  0x7b0.. are QEMU's
	 * debug registers; all of 0x100 and up needs privilege and traps on both sides.
	 */
	return n < 0xc00 || n >= 0xca0;
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

/* May this instruction, however it came about, stand in a case? */
static bool acceptable(const struct insn *in)
{
	if (in->op == OP_ILLEGAL)
		return !is_whole_vector(in->bits);
	if (writes_x(in) && is_role(in->rd))
		return false;
	switch (insn_info[in->op].format) {
	case FMT_B: case FMT_J: case FMT_JALR:
		return false;
	case FMT_LOAD: case FMT_STORE: case FMT_FLOAD: case FMT_FSTORE:
		if (in->rs1 == REG_NOWHERE)
			return true;
		return is_pointer(in->rs1) && in->imm >= -480 && in->imm <= 480;
	case FMT_LR: case FMT_AMO:
		/*
		 * QEMU looks at the reservation before the alignment, so that a misaligned sc.w
		 * without one fails instead of trapping; the ISA wants a trap (volume I, 8.2).
		 */
		if (in->op == OP_SC_W && (in->rs1 == REG_ODD || in->rs1 == REG_NOWHERE))
			return false;
		return is_pointer(in->rs1) || in->rs1 == REG_NOWHERE;
	case FMT_CSR: case FMT_CSRI:
		return acceptable_csr((uint32_t)in->imm);
	case FMT_NONE:
		return in->op == OP_EBREAK || in->op == OP_FENCE_I || in->op == OP_MRET;
	}
	return true;
}

static uint32_t random_word(struct rng *r)
{
	static const uint32_t special[] = {
		0, 1, 2, 3, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x55555555, 0xaaaaaaaa, 0x80808080,
	};
	uint32_t v = (uint32_t)rng_next(r);

	switch (rng_below(r, 4)) {
	case 0:
		return special[rng_below(r, sizeof(special) / sizeof(special[0]))];
	case 1:
		return v >> rng_below(r, 32);
	case 2:
		return (uint32_t)((int32_t)v >> rng_below(r, 32));
	}
	return v;
}

/* A float or double, by width of fraction and exponent: specials, edges, and near other numbers. */
static uint64_t random_number(struct rng *r, int fraction_bits, int exp_bits)
{
	uint64_t fraction_mask = (UINT64_C(1) << fraction_bits) - 1;
	uint64_t exp_max = (UINT64_C(1) << exp_bits) - 1;
	uint64_t bias = exp_max >> 1;
	uint64_t bits = rng_next(r), fraction = bits & fraction_mask, exp, sign = bits >> 63;

	switch (rng_below(r, 8)) {
	case 0:
		fraction = 0;
		break;
	case 1:
		fraction = fraction_mask;
		break;
	case 2:
		fraction &= ~(fraction_mask >> rng_below(r, (uint32_t)fraction_bits));
		break;
	case 3:
		fraction = UINT64_C(1) << rng_below(r, (uint32_t)fraction_bits);
		break;
	}
	switch (rng_below(r, 8)) {
	case 0:
		exp = 0;
		break;
	case 1:
		exp = exp_max;
		break;
	case 2:
		exp = rng_below(r, 4);
		break;
	case 3:
		exp = exp_max - 1 - rng_below(r, 4);
		break;
	case 4: case 5:
		exp = bias - 4 + rng_below(r, 40);
		break;
	case 6:
		exp = bias - 2 + rng_below(r, 4);
		break;
	default:
		exp = rng_next(r) & exp_max;
	}
	return sign << (fraction_bits + exp_bits) | exp << fraction_bits | fraction;
}

static uint64_t random_f(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0:
		return rng_next(r);
	case 1:	/* not boxed */
		return (rng_next(r) << 32) | random_number(r, 23, 8);
	case 2: case 3: case 4:
		return random_number(r, 52, 11);
	}
	return UINT64_C(0xffffffff00000000) | random_number(r, 23, 8);
}

static void random_state(struct rng *r, struct state *s)
{
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < 31; i++)
		s->context.x[i] = random_word(r);
	for (int i = 0; i < 32; i++)
		s->context.f[i] = random_f(r);
	s->context.x[REG_SP - 1] = SCRATCH + SCRATCH_SIZE / 2;
	s->context.x[REG_PTR - 1] = SCRATCH + SCRATCH_SIZE / 2 + (rng_below(r, 8) & 4);
	s->context.x[REG_ODD - 1] = SCRATCH + SCRATCH_SIZE / 2 + 1 + rng_below(r, 3);
	s->context.x[REG_NOWHERE - 1] = NOWHERE + rng_below(r, 64);
	s->context.x[REG_COUNT - 1] = rng_below(r, 3);
	s->context.fcsr = rng_below(r, 32);
	if (rng_chance(r, 60))
		s->context.fcsr |= rng_below(r, 5) << 5;
	if (rng_chance(r, 3))
		s->context.fcsr |= (5 + rng_below(r, 3)) << 5;
	for (unsigned i = 0; i < SCRATCH_SIZE; i += 8) {
		uint64_t v = rng_chance(r, 50) ? random_f(r) : (uint64_t)random_word(r) << 32 | random_word(r);

		memcpy(s->scratch + i, &v, sizeof(v));
	}
}

/* What a case is made of varies from case to case. */
struct taste {
	uint32_t raw, compressed, flow, fp;	/* per cent */
};

static void add(struct fuzz_case *c, uint32_t bits, int len, int target)
{
	c->insns[c->count++] = (struct fuzz_insn){ bits, (uint8_t)len, (int16_t)target, false };
}

static uint32_t random_rd(struct rng *r)
{
	uint32_t rd;

	do
		rd = rng_below(r, 32);
	while (is_role(rd));
	return rd;
}

/* A random encoding of a random operation, with operands that make it acceptable more often. */
static bool try_valid(struct rng *r, const struct taste *t, struct insn *in)
{
	int op = (int)rng_below(r, OP_COUNT);
	bool fp = insn_info[op].ext == EXT_F || insn_info[op].ext == EXT_D;
	uint32_t w, rs1;

	if (fp != rng_chance(r, t->fp))
		return false;
	w = ((uint32_t)rng_next(r) & ~insn_info[op].mask) | insn_info[op].match;
	switch (insn_info[op].format) {
	case FMT_LOAD: case FMT_STORE: case FMT_FLOAD: case FMT_FSTORE: case FMT_LR: case FMT_AMO:
		rs1 = rng_chance(r, 3) ? REG_NOWHERE : rng_chance(r, 6) ? REG_ODD :
		      rng_chance(r, 50) ? REG_PTR : REG_SP;
		w = (w & ~(31u << 15)) | rs1 << 15;
		/* Near the pointer: sign bits of the immediate all alike. */
		if (insn_info[op].format <= FMT_FSTORE && insn_info[op].format != FMT_LR &&
		    insn_info[op].format != FMT_AMO)
			w = (w & ~0xe0000000u) | (w >> 31 ? 0xe0000000u : 0);
		break;
	case FMT_CSR: case FMT_CSRI:
		if (rng_chance(r, 90))
			w = (w & 0xfffff) | (1 + rng_below(r, 3)) << 20;
		break;
	case FMT_FFF_RM: case FMT_FF_RM: case FMT_FFFF_RM: case FMT_XF_RM: case FMT_FX_RM:
		/* Mostly a mode that exists. */
		if (rng_chance(r, 97))
			w = (w & ~0x7000u) | (rng_chance(r, 50) ? 7 : rng_below(r, 5)) << 12;
		break;
	}
	insn_decode(in, w);
	return acceptable(in);
}

static void add_plain(struct rng *r, struct fuzz_case *c, const struct taste *t)
{
	struct insn in;

	for (;;) {
		uint32_t pick = rng_below(r, 100);

		if (pick < t->raw) {
			/* Half of the random words with the low bits of a 32-bit instruction. */
			uint32_t w = (uint32_t)rng_next(r);

			insn_decode(&in, rng_chance(r, 50) ? w | 3 : w);
			if (!acceptable(&in))
				continue;
		} else if (pick < t->raw + t->compressed) {
			insn_decode(&in, (uint32_t)rng_next(r) & 0xffff);
			if (in.len != 2 || in.op == OP_ILLEGAL || !acceptable(&in))
				continue;
			if (in.op == OP_EBREAK && rng_chance(r, 90))
				continue;
		} else {
			if (!try_valid(r, t, &in))
				continue;
			if ((in.op == OP_EBREAK || in.op == OP_MRET) && rng_chance(r, 95))
				continue;
		}
		break;
	}
	add(c, in.bits, in.len, -1);
}

/* Encodings with the offset left 0; place_case() fills it in. */
static void add_flow(struct rng *r, struct fuzz_case *c)
{
	int target = (int)c->count + 1 + (int)rng_below(r, 8);
	uint32_t rd = random_rd(r);

	switch (rng_below(r, 8)) {
	case 0:	/* jal */
		add(c, 0x6f | rd << 7, 4, target);
		break;
	case 1:	/* c.j, c.jal */
		add(c, rng_chance(r, 50) ? 0xa001 : 0x2001, 2, target);
		break;
	case 2:	/* c.beqz, c.bnez on x10..x15 */
		add(c, (rng_chance(r, 50) ? 0xc001u : 0xe001u) | (2 + rng_below(r, 6)) << 7, 2, target);
		break;
	case 3: {	/* auipc t, 0; jalr rd, off(t) */
		uint32_t t = random_rd(r);

		if (t == 0)
			t = 5;
		add(c, 0x17 | t << 7, 4, -1);
		add(c, 0x67 | rd << 7 | t << 15, 4, target + 1);
		c->insns[c->count - 1].part = true;
		break;
	}
	default: {
		static const uint8_t funct3[] = { 0, 1, 4, 5, 6, 7 };

		add(c, 0x63 | (uint32_t)funct3[rng_below(r, 6)] << 12 | rng_below(r, 32) << 15 |
		       rng_below(r, 32) << 20, 4, target);
	}
	}
}

/*
 * Replaces the first halfword of a later instruction: a store through a register that
 * holds its address, and fence.i.
 */
static void add_patch(struct rng *r, struct fuzz_case *c)
{
	int target = (int)c->count + 6 + (int)rng_below(r, 4);
	unsigned first = c->count;

	add(c, 0x00000297, 4, -1);			/* auipc t0, 0 */
	add(c, 0x00028293, 4, target);			/* addi t0, t0, target */
	add(c, 0x00000337 | rng_below(r, 2) << 12, 4, -1);	/* lui t1, 0 or 1 */
	add(c, 0x00030313 | (rng_chance(r, 50) ? 0x001u : 0x385u) << 20, 4, -1);	/* c.nop, c.addi t2, 1 */
	add(c, 0x00629023, 4, -1);			/* sh t1, 0(t0) */
	add(c, 0x0000100f, 4, -1);			/* fence.i */
	for (unsigned i = first + 1; i < c->count; i++)
		c->insns[i].part = true;
	/* The victim must be a halfword, or its second half would be run as garbage. */
	while ((int)c->count <= target)
		add(c, 0x0001, 2, -1);
}

void generate_case(struct fuzz_case *c, uint64_t seed)
{
	struct rng r = { seed };
	struct taste t = {
		.raw = rng_chance(&r, 40) ? rng_below(&r, 15) : 0,
		.compressed = rng_below(&r, 40),
		.flow = rng_chance(&r, 70) ? rng_below(&r, 25) : 0,
		.fp = rng_chance(&r, 25) ? 90 : rng_below(&r, 60),
	};
	unsigned length = 1 + rng_below(&r, MAX_INSNS - 16);
	int loop_start = -1;

	memset(c, 0, sizeof(*c));
	c->seed = seed;
	random_state(&r, &c->state);
	while (c->count < length) {
		if (loop_start < 0 && rng_chance(&r, t.flow / 4)) {
			/* addi count, zero, n */
			add(c, 0x13 | REG_COUNT << 7 | (1 + rng_below(&r, 6)) << 20, 4, -1);
			loop_start = (int)c->count;
		} else if (loop_start >= 0 && (int)c->count > loop_start && rng_chance(&r, 15)) {
			/* addi count, count, -1; blt zero, count, start */
			add(c, 0xfff00013 | REG_COUNT << 7 | REG_COUNT << 15, 4, -1);
			add(c, 0x4063 | REG_COUNT << 20, 4, loop_start);
			c->insns[c->count - 1].part = true;
			loop_start = -1;
		} else if (rng_chance(&r, t.flow)) {
			add_flow(&r, c);
		} else if (rng_chance(&r, t.flow / 10) && c->count + 16 < length) {
			add_patch(&r, c);
		} else {
			add_plain(&r, c, &t);
		}
	}
	/* Jumps past the end go to the end, which is illegal; none go into the middle of a pattern. */
	add(c, 0, 2, -1);
	for (unsigned i = 0; i + 1 < c->count; i++) {
		int16_t *target = &c->insns[i].target;

		if (*target >= (int)c->count)
			*target = (int16_t)(c->count - 1);
		while (*target >= 0 && c->insns[*target].part)
			++*target;
	}
}

static uint32_t encode_offset(const struct insn *in, uint32_t bits, int32_t off, bool compressed)
{
	uint32_t o = (uint32_t)off;

	if (compressed && in->op == OP_JAL)
		return bits | (o >> 11 & 1) << 12 | (o >> 4 & 1) << 11 | (o >> 8 & 3) << 9 | (o >> 10 & 1) << 8 |
		       (o >> 6 & 1) << 7 | (o >> 7 & 1) << 6 | (o >> 1 & 7) << 3 | (o >> 5 & 1) << 2;
	if (compressed)
		return bits | (o >> 8 & 1) << 12 | (o >> 3 & 3) << 10 | (o >> 6 & 3) << 5 | (o >> 1 & 3) << 3 |
		       (o >> 5 & 1) << 2;
	if (in->op == OP_JAL)
		return bits | (o >> 20 & 1) << 31 | (o >> 1 & 0x3ff) << 21 | (o >> 11 & 1) << 20 |
		       (o >> 12 & 0xff) << 12;
	if (in->op == OP_JALR || in->op == OP_ADDI)
		return bits | o << 20;
	return bits | (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25 | (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7;
}

void place_case(const struct fuzz_case *c, uint32_t pc, uint8_t code[CODE_SIZE])
{
	uint32_t at[MAX_INSNS + 5];

	memset(code, 0, CODE_SIZE);
	at[0] = pc;
	for (unsigned i = 0; i < c->count; i++)
		at[i + 1] = at[i] + c->insns[i].len;
	for (unsigned i = 0; i < c->count; i++) {
		const struct fuzz_insn *fi = &c->insns[i];
		uint32_t bits = fi->bits;

		if (fi->target >= 0) {
			struct insn in;
			bool after_auipc;
			int32_t off;

			insn_decode(&in, bits);
			after_auipc = in.op == OP_JALR || in.op == OP_ADDI;
			off = (int32_t)(at[fi->target] - at[after_auipc ? i - 1 : i]);
			bits = encode_offset(&in, bits, off, fi->len == 2);
		}
		memcpy(code + (at[i] - pc), &bits, fi->len);
	}
}
