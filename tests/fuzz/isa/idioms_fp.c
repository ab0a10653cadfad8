/* SPDX-License-Identifier: MIT
 *
 * Floating point as compilers make it, and where its representation shows: NaN payloads that
 * are moved, singles that are not boxed, rounding modes that change, flags that are read.
 */
#include "tests/fuzz/isa/gen.h"

#define CSR_FFLAGS	1
#define CSR_FRM		2
#define CSR_FCSR	3

/* The single instruction of a pair, or the double one. */
#define SD(d, op) ((d) ? OP_##op##_D : OP_##op##_S)

/* A sum of products, in memory. */
static void accumulate(struct gen *g)
{
	static const uint8_t fused[2][4] = {
		{ OP_FMADD_S, OP_FMSUB_S, OP_FNMADD_S, OP_FNMSUB_S }, { OP_FMADD_D, OP_FMSUB_D, OP_FNMADD_D, OP_FNMSUB_D },
	};
	bool d = rng_chance(&g->r, 60);
	uint32_t a = gen_freg(g), b = gen_freg(g), c = gen_freg(g);
	int32_t offset;
	uint32_t p = gen_pointer(g, d ? 8 : 4, &offset);

	gen_add(g, enc_i(d ? OP_FLD : OP_FLW, a, p, offset));
	if (rng_chance(&g->r, 50)) {
		gen_add(g, enc_f(SD(d, FMUL), b, a, c, 0, gen_rm(g)));
		gen_add(g, enc_f(rng_chance(&g->r, 50) ? SD(d, FADD) : SD(d, FSUB), a, b, gen_freg(g), 0, gen_rm(g)));
	} else {
		gen_add(g, enc_f(fused[d][rng_below(&g->r, 4)], a, a, b, c, gen_rm(g)));
	}
	gen_add(g, enc_s(d ? OP_FSD : OP_FSW, a, p, offset));
}

static void arithmetic(struct gen *g)
{
	bool d = rng_chance(&g->r, 50);
	uint32_t to = gen_freg(g);

	for (uint32_t n = 1 + rng_below(&g->r, 4); n > 0; n--) {
		static const uint8_t ops[2][8] = {
			{ OP_FADD_S, OP_FSUB_S, OP_FMUL_S, OP_FDIV_S, OP_FMIN_S, OP_FMAX_S, OP_FSQRT_S, OP_FADD_S },
			{ OP_FADD_D, OP_FSUB_D, OP_FMUL_D, OP_FDIV_D, OP_FMIN_D, OP_FMAX_D, OP_FSQRT_D, OP_FADD_D },
		};
		int op = ops[d][rng_below(&g->r, 8)], fmt = insn_info[op].format;

		gen_add(g, enc_f(op, to, rng_chance(&g->r, 60) ? to : gen_freg(g), fmt == FMT_FF_RM ? 0 : gen_freg(g), 0,
				 fmt == FMT_FFF ? 0 : gen_rm(g)));
	}
}

/* Signs and payloads: nothing is computed. */
static void payloads(struct gen *g)
{
	bool d = rng_chance(&g->r, 50);
	uint32_t a = gen_freg(g), b = gen_freg(g), x = gen_rd(g);
	int32_t offset;
	uint32_t p = gen_pointer(g, 8, &offset);

	switch (rng_below(&g->r, 6)) {
	case 0:
		gen_add(g, enc_f(OP_FMV_W_X, a, gen_rs(g), 0, 0, 0));
		gen_add(g, enc_f(SD(d, FSGNJN), b, a, a, 0, 0));
		gen_add(g, enc_f(OP_FMV_X_W, x, b, 0, 0, 0));
		break;
	case 1:
		gen_add(g, enc_i(d ? OP_FLD : OP_FLW, a, p, offset));
		gen_add(g, enc_f(SD(d, FSGNJX), b, a, gen_freg(g), 0, 0));
		gen_add(g, enc_s(d ? OP_FSD : OP_FSW, b, p, offset));
		break;
	case 2:	/* a double taken apart, as a single, and put together */
		gen_add(g, enc_s(OP_FSD, a, p, offset));
		gen_add(g, enc_i(OP_LW, x, p, offset + (p == g->edge || p == g->sp ? 0 : 4)));
		gen_add(g, enc_f(OP_FMV_W_X, b, x, 0, 0, 0));
		gen_add(g, enc_i(OP_FLD, b, p, offset));
		break;
	case 3:
		gen_add(g, enc_s(OP_SW, gen_rs(g), p, offset));
		gen_add(g, enc_i(OP_FLW, a, p, offset));
		gen_add(g, enc_f(OP_FSGNJ_D, b, a, a, 0, 0));
		gen_add(g, enc_s(OP_FSD, b, p, offset));
		break;
	case 4:	/* not boxed: a double's low half as a single */
		gen_add(g, enc_i(OP_FLD, a, p, offset));
		gen_add(g, enc_f(OP_FSGNJ_S, b, a, gen_freg(g), 0, 0));
		gen_add(g, enc_f(OP_FADD_S, gen_freg(g), a, b, 0, gen_rm(g)));
		gen_add(g, enc_s(OP_FSW, a, p, offset));
		break;
	default:
		gen_add(g, enc_f(SD(d, FSGNJ), a, gen_freg(g), gen_freg(g), 0, 0));
		gen_add(g, enc_f(SD(d, FCLASS), x, a, 0, 0, 0));
	}
}

static void conversions(struct gen *g)
{
	static const uint8_t to_x[] = { OP_FCVT_W_S, OP_FCVT_WU_S, OP_FCVT_W_D, OP_FCVT_WU_D };
	static const uint8_t from_x[] = { OP_FCVT_S_W, OP_FCVT_S_WU, OP_FCVT_D_W, OP_FCVT_D_WU };
	uint32_t a = gen_freg(g);

	if (rng_chance(&g->r, 60))
		gen_add(g, enc_f(from_x[rng_below(&g->r, 4)], a, gen_rs(g), 0, 0, gen_rm(g)));
	if (rng_chance(&g->r, 50))
		gen_add(g, enc_f(rng_chance(&g->r, 50) ? OP_FCVT_S_D : OP_FCVT_D_S, a, a, 0, 0, gen_rm(g)));
	if (rng_chance(&g->r, 60))
		gen_add(g, enc_f(to_x[rng_below(&g->r, 4)], gen_rd(g), a, 0, 0, gen_rm(g)));
}

/* A comparison and a branch on it. */
static void compare(struct gen *g)
{
	bool d = rng_chance(&g->r, 50);
	uint32_t x = gen_rd(g), odds = rng_below(&g->r, 3);
	struct fuzz_insn *fi;

	gen_add(g, enc_f(odds == 0 ? SD(d, FEQ) : odds == 1 ? SD(d, FLT) : SD(d, FLE), x, gen_freg(g), gen_freg(g), 0, 0));
	fi = gen_add(g, enc_r(rng_chance(&g->r, 50) ? OP_BEQ : OP_BNE, 0, x, 0));
	gen_refer(fi, REF_JUMP, gen_ahead(g, 4));
	fi->squeeze = true;
}

/* What the environment of C does: modes are set, flags are cleared, computed, looked at. */
static void environment(struct gen *g)
{
	switch (rng_below(&g->r, 6)) {
	case 0:	/* fsrmi */
		gen_add(g, enc_i(OP_CSRRWI, rng_chance(&g->r, 50) ? gen_rd(g) : 0, rng_below(&g->r, 5), CSR_FRM));
		break;
	case 1:	/* fsflagsi 0, something, frflags */
		gen_add(g, enc_i(OP_CSRRWI, 0, rng_below(&g->r, 2) * 31, CSR_FFLAGS));
		arithmetic(g);
		gen_add(g, enc_i(OP_CSRRS, gen_rd(g), 0, CSR_FFLAGS));
		break;
	case 2:	/* one operation in another mode */
		gen_add(g, enc_i(OP_CSRRWI, 0, rng_below(&g->r, 5), CSR_FRM));
		arithmetic(g);
		gen_add(g, enc_i(OP_CSRRWI, 0, 0, CSR_FRM));
		break;
	case 3:	/* fscsr with a mode that is valid; what was there comes back later */
		gen_add(g, enc_i(OP_CSRRS, gen_rd(g), 0, CSR_FCSR));
		gen_add(g, enc_i(OP_CSRRWI, 0, rng_below(&g->r, 32), CSR_FFLAGS));
		break;
	default:
		gen_add(g, enc_i(OP_CSRRS, gen_rd(g), 0, rng_chance(&g->r, 60) ? CSR_FFLAGS : CSR_FCSR));
	}
}

void gen_idiom_fp(struct gen *g)
{
	static void (*const idioms[])(struct gen *) = {
		accumulate, accumulate, arithmetic, payloads, payloads, conversions, compare, environment,
	};

	idioms[rng_below(&g->r, sizeof(idioms) / sizeof(idioms[0]))](g);
}
