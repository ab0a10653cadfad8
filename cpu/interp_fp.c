/* SPDX-License-Identifier: MIT
 *
 * Handlers of floating-point computation.
 *
 * op_fp_soft does everything.  The rest are the common cases on the host's unit,
 * rounding to nearest even; they are only used in blocks that op_fp_begin has
 * vouched for, and they hand operands they do not care for (singles that are not boxed,
 * NaNs, results at the edge) to op_fp_soft.
 *
 * Exceptions gather in the host's flags, so a host operation must happen exactly when the
 * guest's does: nothing here may be evaluated speculatively.
 */
#include "cpu/fp.h"
#include "cpu/fp_host.h"
#include "cpu/interp.h"
#include "cpu/interp_fp.h"

#include <string.h>

#if defined(__clang__)
#pragma STDC FENV_ACCESS ON
#endif

__attribute__((noinline)) static int fp_illegal(struct hart *h, struct rec *ip, int64_t budget)
{
	struct source *src = engine_source_of(h->engine, ip);

	h->engine->bits = src->bits;
	return leave(h, src->pc, budget, ip->n - 1u, RUN_ILLEGAL);
}

__attribute__((noinline)) static OP(fp_raise_level)
{
	struct hart_engine *e = h->engine;

	if (e->fp_level == FP_OFF && !fp_begin(h))
		return fp_illegal(h, ip, budget);
	if (e->fp_level < ip->imm) {
		/* The block was made for nearest even; make it again, for any mode. */
		uint32_t pc = engine_source_of(e, ip)->pc;

		engine_make_stale(e, engine_block_of(e, ip));
		return leave(h, pc, budget, ip->n - 1u, RUN_LOOKUP);
	}
	NEXT(1);
}

OP(op_fp_begin)
{
	if (UNLIKELY(h->engine->fp_level < ip->imm))
		TAIL fp_raise_level(ARGS);
	NEXT(1);
}

__attribute__((noinline)) OP(op_fp_soft)
{
	uint32_t imm = (uint32_t)ip->imm;

	if (!fp_execute(h, (int)(imm >> 8), ip->rd, ip->rs1, ip->rs2, imm >> 3 & 31, imm & 7))
		return fp_illegal(h, ip, budget);
	NEXT(1);
}

#if FP_HOST_ARITHMETIC

#define RS3 ((uint32_t)ip->imm >> 3 & 31)

ALWAYS_INLINE double get_d(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

ALWAYS_INLINE uint64_t put_d(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

ALWAYS_INLINE float get_s(uint64_t reg)
{
	uint32_t bits = (uint32_t)reg;
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

ALWAYS_INLINE uint64_t put_s(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return fp_box(bits);
}

ALWAYS_INLINE bool boxed(uint64_t reg)
{
	return reg >> 32 == 0xffffffff;
}

#define SOFT() TAIL op_fp_soft(ARGS)

#define BINARY(name, expr)                                                      \
OP(op_##name##_D_host)                                                          \
{                                                                               \
	double a = get_d(F(ip->rs1)), b = get_d(F(ip->rs2)), r = expr;          \
                                                                                \
	F(ip->rd) = LIKELY(r == r) ? put_d(r) : SOFT_NAN_D;                     \
	NEXT(1);                                                                \
}                                                                               \
OP(op_##name##_S_host)                                                          \
{                                                                               \
	if (UNLIKELY(!boxed(F(ip->rs1)) || !boxed(F(ip->rs2))))                 \
		SOFT();                                                         \
	float a = get_s(F(ip->rs1)), b = get_s(F(ip->rs2)), r = expr;           \
                                                                                \
	F(ip->rd) = LIKELY(r == r) ? put_s(r) : fp_box(SOFT_NAN_S);             \
	NEXT(1);                                                                \
}

BINARY(FADD, a + b)
BINARY(FSUB, a - b)
BINARY(FMUL, a * b)
BINARY(FDIV, a / b)

OP(op_FSQRT_D_host)
{
	__m128d v = _mm_set_sd(get_d(F(ip->rs1)));
	double r = _mm_cvtsd_f64(_mm_sqrt_sd(v, v));

	F(ip->rd) = LIKELY(r == r) ? put_d(r) : SOFT_NAN_D;
	NEXT(1);
}

OP(op_FSQRT_S_host)
{
	if (UNLIKELY(!boxed(F(ip->rs1))))
		SOFT();
	float r = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(get_s(F(ip->rs1)))));

	F(ip->rd) = LIKELY(r == r) ? put_s(r) : fp_box(SOFT_NAN_S);
	NEXT(1);
}

/* inf * 0 + NaN is for softfloat to judge, so every NaN result goes there. */
#define FUSED(name, sign_a, sign_c)                                             \
__attribute__((target("fma"))) OP(op_##name##_D_host)                           \
{                                                                               \
	double r = __builtin_fma(sign_a get_d(F(ip->rs1)), get_d(F(ip->rs2)),   \
				 sign_c get_d(F(RS3)));                         \
                                                                                \
	if (UNLIKELY(r != r))                                                   \
		SOFT();                                                         \
	F(ip->rd) = put_d(r);                                                   \
	NEXT(1);                                                                \
}                                                                               \
__attribute__((target("fma"))) OP(op_##name##_S_host)                           \
{                                                                               \
	if (UNLIKELY(!boxed(F(ip->rs1)) || !boxed(F(ip->rs2)) || !boxed(F(RS3)))) \
		SOFT();                                                         \
	float r = __builtin_fmaf(sign_a get_s(F(ip->rs1)), get_s(F(ip->rs2)),   \
				 sign_c get_s(F(RS3)));                         \
                                                                                \
	if (UNLIKELY(r != r))                                                   \
		SOFT();                                                         \
	F(ip->rd) = put_s(r);                                                   \
	NEXT(1);                                                                \
}

FUSED(FMADD, +, +)
FUSED(FMSUB, +, -)
FUSED(FNMSUB, -, +)
FUSED(FNMADD, -, -)

/* The comparisons used here are quiet; only a signaling NaN raises the host's flag. */
#define PICK(name, first, second)                                               \
OP(op_##name##_D_host)                                                          \
{                                                                               \
	double a = get_d(F(ip->rs1)), b = get_d(F(ip->rs2));                    \
                                                                                \
	if (first(a, b))                                                        \
		F(ip->rd) = F(ip->rs1);                                         \
	else if (LIKELY(second(a, b)))                                          \
		F(ip->rd) = F(ip->rs2);                                         \
	else                                                                    \
		SOFT();                                                         \
	NEXT(1);                                                                \
}                                                                               \
OP(op_##name##_S_host)                                                          \
{                                                                               \
	if (UNLIKELY(!boxed(F(ip->rs1)) || !boxed(F(ip->rs2))))                 \
		SOFT();                                                         \
	float a = get_s(F(ip->rs1)), b = get_s(F(ip->rs2));                     \
                                                                                \
	if (first(a, b))                                                        \
		F(ip->rd) = F(ip->rs1);                                         \
	else if (LIKELY(second(a, b)))                                          \
		F(ip->rd) = F(ip->rs2);                                         \
	else                                                                    \
		SOFT();                                                         \
	NEXT(1);                                                                \
}

PICK(FMIN, __builtin_isless, __builtin_isgreater)
PICK(FMAX, __builtin_isgreater, __builtin_isless)

#define COMPARE(name, quiet_compare)                        \
OP(op_##name##_D_host)                                                          \
{                                                                               \
	double a = get_d(F(ip->rs1)), b = get_d(F(ip->rs2));                    \
                                                                                \
	if (UNLIKELY(__builtin_isunordered(a, b)))                              \
		SOFT();                                                         \
	X(ip->rd) = quiet_compare(a, b);                                        \
	NEXT(1);                                                                \
}                                                                               \
OP(op_##name##_S_host)                                                          \
{                                                                               \
	if (UNLIKELY(!boxed(F(ip->rs1)) || !boxed(F(ip->rs2))))                 \
		SOFT();                                                         \
	float a = get_s(F(ip->rs1)), b = get_s(F(ip->rs2));                     \
                                                                                \
	if (UNLIKELY(__builtin_isunordered(a, b)))                              \
		SOFT();                                                         \
	X(ip->rd) = quiet_compare(a, b);                                        \
	NEXT(1);                                                                \
}

#define IS_EQUAL(a, b) ((a) == (b))

COMPARE(FEQ, IS_EQUAL)
COMPARE(FLT, __builtin_isless)
COMPARE(FLE, __builtin_islessequal)

/* To integer: well inside the range the host's conversion has the same result and flags. */
#define TO_INTEGER(name, low, high, expr)                                       \
OP(op_##name)                                                                   \
{                                                                               \
	double v = get_d(F(ip->rs1));                                           \
                                                                                \
	if (UNLIKELY(!__builtin_isgreater(v, low) || !__builtin_isless(v, high))) \
		SOFT();                                                         \
	X(ip->rd) = (uint32_t)(expr);                                           \
	NEXT(1);                                                                \
}

TO_INTEGER(FCVT_W_D_rtz, -2147483648.0, 2147483647.0, _mm_cvttsd_si32(_mm_set_sd(v)))
TO_INTEGER(FCVT_W_D_host, -2147483648.0, 2147483647.0, _mm_cvtsd_si32(_mm_set_sd(v)))
TO_INTEGER(FCVT_WU_D_rtz, 0.0, 4294967295.0, _mm_cvttsd_si64(_mm_set_sd(v)))
TO_INTEGER(FCVT_WU_D_host, 0.0, 4294967295.0, _mm_cvtsd_si64(_mm_set_sd(v)))

#define TO_INTEGER_S(name, low, high, expr)                                     \
OP(op_##name)                                                                   \
{                                                                               \
	if (UNLIKELY(!boxed(F(ip->rs1))))                                       \
		SOFT();                                                         \
	float v = get_s(F(ip->rs1));                                            \
                                                                                \
	if (UNLIKELY(!__builtin_isgreater(v, low) || !__builtin_isless(v, high))) \
		SOFT();                                                         \
	X(ip->rd) = (uint32_t)(expr);                                           \
	NEXT(1);                                                                \
}

TO_INTEGER_S(FCVT_W_S_rtz, -2147483648.0f, 2147483520.0f, _mm_cvttss_si32(_mm_set_ss(v)))
TO_INTEGER_S(FCVT_W_S_host, -2147483648.0f, 2147483520.0f, _mm_cvtss_si32(_mm_set_ss(v)))
TO_INTEGER_S(FCVT_WU_S_rtz, 0.0f, 4294967040.0f, _mm_cvttss_si64(_mm_set_ss(v)))
TO_INTEGER_S(FCVT_WU_S_host, 0.0f, 4294967040.0f, _mm_cvtss_si64(_mm_set_ss(v)))

OP(op_FCVT_D_W_host)
{
	F(ip->rd) = put_d((double)(int32_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_D_WU_host)
{
	F(ip->rd) = put_d((double)(int64_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_S_W_host)
{
	F(ip->rd) = put_s((float)(int32_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_S_WU_host)
{
	F(ip->rd) = put_s((float)(int64_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_D_S_host)
{
	if (UNLIKELY(!boxed(F(ip->rs1))))
		SOFT();
	double r = (double)get_s(F(ip->rs1));

	F(ip->rd) = LIKELY(r == r) ? put_d(r) : SOFT_NAN_D;
	NEXT(1);
}

OP(op_FCVT_S_D_host)
{
	float r = (float)get_d(F(ip->rs1));

	F(ip->rd) = LIKELY(r == r) ? put_s(r) : fp_box(SOFT_NAN_S);
	NEXT(1);
}

#define SIGN_D (UINT64_C(1) << 63)
#define SIGN_S (UINT64_C(1) << 31)

#define SIGN_INJECT(name, expr_s, expr_d)                                       \
OP(op_##name##_D_host)                                                          \
{                                                                               \
	uint64_t a = F(ip->rs1), b = F(ip->rs2);                                \
                                                                                \
	F(ip->rd) = expr_d;                                                     \
	NEXT(1);                                                                \
}                                                                               \
OP(op_##name##_S_host)                                                          \
{                                                                               \
	uint64_t a = F(ip->rs1), b = F(ip->rs2);                                \
                                                                                \
	if (UNLIKELY(!boxed(a) || !boxed(b)))                                   \
		SOFT();                                                         \
	F(ip->rd) = expr_s;                                                     \
	NEXT(1);                                                                \
}

SIGN_INJECT(FSGNJ, (a & ~SIGN_S) | (b & SIGN_S), (a & ~SIGN_D) | (b & SIGN_D))
SIGN_INJECT(FSGNJN, (a & ~SIGN_S) | (~b & SIGN_S), (a & ~SIGN_D) | (~b & SIGN_D))
SIGN_INJECT(FSGNJX, a ^ (b & SIGN_S), a ^ (b & SIGN_D))

OP(op_FMV_X_W_host)
{
	X(ip->rd) = (uint32_t)F(ip->rs1);
	NEXT(1);
}

OP(op_FMV_W_X_host)
{
	F(ip->rd) = fp_box(X(ip->rs1));
	NEXT(1);
}

#endif

/* What the host does, and under which rounding modes. */
enum when {
	NEAREST,	/* rm is nearest even, or dynamic in a block that counts on it */
	STATIC,		/* the result is exact: any static rm, or dynamic as above */
	TRUNCATE,	/* rm is round towards zero */
	ALWAYS,		/* there is no rm */
};

struct host_form {
	uint8_t op;
	uint8_t when;
	bool fused;	/* needs the host's FMA instructions */
	op_fn *fn;
};

static const struct host_form host_forms[] = {
#if FP_HOST_ARITHMETIC
#define BOTH(id, w, fused) \
	{ OP_##id##_S, w, fused, op_##id##_S_host }, { OP_##id##_D, w, fused, op_##id##_D_host },
	BOTH(FADD, NEAREST, false)
	BOTH(FSUB, NEAREST, false)
	BOTH(FMUL, NEAREST, false)
	BOTH(FDIV, NEAREST, false)
	BOTH(FSQRT, NEAREST, false)
	BOTH(FMADD, NEAREST, true)
	BOTH(FMSUB, NEAREST, true)
	BOTH(FNMSUB, NEAREST, true)
	BOTH(FNMADD, NEAREST, true)
	BOTH(FMIN, ALWAYS, false)
	BOTH(FMAX, ALWAYS, false)
	BOTH(FEQ, ALWAYS, false)
	BOTH(FLT, ALWAYS, false)
	BOTH(FLE, ALWAYS, false)
	BOTH(FSGNJ, ALWAYS, false)
	BOTH(FSGNJN, ALWAYS, false)
	BOTH(FSGNJX, ALWAYS, false)
	BOTH(FCVT_W, NEAREST, false)
	BOTH(FCVT_WU, NEAREST, false)
#undef BOTH
	{ OP_FCVT_W_S, TRUNCATE, false, op_FCVT_W_S_rtz },
	{ OP_FCVT_WU_S, TRUNCATE, false, op_FCVT_WU_S_rtz },
	{ OP_FCVT_W_D, TRUNCATE, false, op_FCVT_W_D_rtz },
	{ OP_FCVT_WU_D, TRUNCATE, false, op_FCVT_WU_D_rtz },
	{ OP_FCVT_S_W, NEAREST, false, op_FCVT_S_W_host },
	{ OP_FCVT_S_WU, NEAREST, false, op_FCVT_S_WU_host },
	{ OP_FCVT_D_W, STATIC, false, op_FCVT_D_W_host },
	{ OP_FCVT_D_WU, STATIC, false, op_FCVT_D_WU_host },
	{ OP_FCVT_D_S, STATIC, false, op_FCVT_D_S_host },
	{ OP_FCVT_S_D, NEAREST, false, op_FCVT_S_D_host },
	{ OP_FMV_X_W, ALWAYS, false, op_FMV_X_W_host },
	{ OP_FMV_W_X, ALWAYS, false, op_FMV_W_X_host },
#endif
};

static bool form_applies(const struct host_form *f, int rm, bool frm_nearest)
{
	switch (f->when) {
	case NEAREST:
		return rm == RM_RNE || (rm == RM_DYN && frm_nearest);
	case STATIC:
		return rm != RM_DYN || frm_nearest;
	case TRUNCATE:
		return rm == RM_RTZ;
	}
	return true;
}

static bool host_has_fma(void)
{
#if FP_HOST_ARITHMETIC
	return __builtin_cpu_supports("fma");
#else
	return false;
#endif
}

op_fn *interp_fp_handler(const struct insn *in, bool frm_nearest, int *level)
{
	*level = FP_ON;
	for (size_t i = 0; i < sizeof(host_forms) / sizeof(host_forms[0]); i++) {
		const struct host_form *f = &host_forms[i];

		if (f->op != in->op || (f->fused && !host_has_fma()) || !form_applies(f, in->rm, frm_nearest))
			continue;
		if (f->when != ALWAYS && in->rm == RM_DYN)
			*level = FP_RNE;
		return f->fn;
	}
	return op_fp_soft;
}
