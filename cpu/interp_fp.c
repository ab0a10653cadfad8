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
#include "cpu/host_features.h"
#include "cpu/interp.h"
#include "cpu/interp_fp.h"

#include <string.h>

#if defined(__clang__)
#pragma STDC FENV_ACCESS ON
#endif

__attribute__((noinline)) static int fp_illegal(struct hart *h, struct rec *ip, int64_t budget)
{
	struct source src = engine_source_of(h->engine, ip);

	h->engine->bits = src.bits;
	return leave(h, src.pc, budget, ip->n - 1u, RUN_ILLEGAL);
}

__attribute__((noinline)) static OP(fp_raise_level)
{
	struct hart_engine *e = h->engine;

	if (e->fp_level == FP_OFF && !fp_begin(h))
		return fp_illegal(h, ip, budget);
	if (e->fp_level < ip->imm) {
		/* The block was made for nearest even; make it again, for any mode. */
		uint32_t pc = engine_source_of(e, ip).pc;

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
	int op = (int)(imm >> 8);

	if (!fp_execute(h, op, ip->rd, ip->rs1, ip->rs2, imm >> 3 & 31, imm & 7))
		return fp_illegal(h, ip, budget);
	switch (interp_fp_result(op)) {
	case FP_RESULT_D:
		dacc = get_d(F(ip->rd));
		break;
	case FP_RESULT_S:
		sacc = get_s(F(ip->rd));
		break;
	case FP_RESULT_X:
		acc = X(ip->rd);
		break;
	}
	NEXT(1);
}

#if FP_HOST_ARITHMETIC

#define RESULT_X(v) (X(ip->rd) = acc = (uint32_t)(v))

/* A result that may be NaN: then it is the canonical one. */
#define RESULT_D(v)                                                             \
	do {                                                                    \
		double v_ = (v);                                                \
		dacc = LIKELY(v_ == v_) ? v_ : get_d(SOFT_NAN_D);               \
		F(ip->rd) = put_d(dacc);                                        \
	} while (0)
#define RESULT_S(v)                                                             \
	do {                                                                    \
		float v_ = (v);                                                 \
		sacc = LIKELY(v_ == v_) ? v_ : get_s(SOFT_NAN_S);               \
		store_s(regs, ip->rd, sacc);                                           \
	} while (0)

#define SOFT() TAIL op_fp_soft(ARGS)

/*
 * The forms of a handler on doubles: the body uses A and B.  On singles it uses the same
 * names, and operands from the register file that are not boxed go to softfloat.
 */
#define FORMS_D(name, ...)                                                      \
OP(op_##name) { double A = get_d(F(ip->rs1)), B = get_d(F(ip->rs2)); (void)B; __VA_ARGS__ NEXT(1); } \
OP(op_##name##_acc1) { double A = dacc, B = get_d(F(ip->rs2)); (void)B; __VA_ARGS__ NEXT(1); } \
OP(op_##name##_acc2) { double A = get_d(F(ip->rs1)), B = dacc; __VA_ARGS__ NEXT(1); }

#define FORM_S(name, test, a, b, ...)                                           \
OP(name)                                                                        \
{                                                                               \
	if (UNLIKELY(!(test)))                                                  \
		SOFT();                                                         \
	{                                                                       \
		float A = a, B = b;                                             \
                                                                                \
		(void)B;                                                        \
		__VA_ARGS__                                                     \
	}                                                                       \
	NEXT(1);                                                                \
}

#define FORMS_S(name, ...)                                                      \
FORM_S(op_##name, boxed(regs, ip->rs1) && boxed(regs, ip->rs2),                 \
       load_s(regs, ip->rs1), load_s(regs, ip->rs2), __VA_ARGS__)               \
FORM_S(op_##name##_acc1, boxed(regs, ip->rs2), sacc, load_s(regs, ip->rs2), __VA_ARGS__) \
FORM_S(op_##name##_acc2, boxed(regs, ip->rs1), load_s(regs, ip->rs1), sacc, __VA_ARGS__)

/* With one operand. */
#define FORMS_D1(name, ...)                                                     \
OP(op_##name) { double A = get_d(F(ip->rs1)); __VA_ARGS__ NEXT(1); }            \
OP(op_##name##_acc1) { double A = dacc; __VA_ARGS__ NEXT(1); }

#define FORMS_S1(name, ...)                                                     \
FORM_S(op_##name, boxed(regs, ip->rs1), load_s(regs, ip->rs1), 0, __VA_ARGS__)         \
FORM_S(op_##name##_acc1, true, sacc, 0, __VA_ARGS__)

#define BINARY(id, expr)                                                        \
	FORMS_D(id##_D_host, RESULT_D(expr);)                                   \
	FORMS_S(id##_S_host, RESULT_S(expr);)

BINARY(FADD, A + B)
BINARY(FSUB, A - B)
BINARY(FMUL, A * B)
BINARY(FDIV, A / B)

FORMS_D1(FSQRT_D_host, {
	__m128d v = _mm_set_sd(A);

	RESULT_D(_mm_cvtsd_f64(_mm_sqrt_sd(v, v)));
})
FORMS_S1(FSQRT_S_host, RESULT_S(_mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(A))));)

/* inf * 0 + NaN is for softfloat to judge, so every NaN result goes there. */
#define RS3 ((uint32_t)ip->imm >> 3 & 31)

#define FUSED_D(name, a, b, c)                                                  \
__attribute__((target("fma"))) OP(name)                                         \
{                                                                               \
	double r = __builtin_fma(a, b, c);                                      \
                                                                                \
	if (UNLIKELY(r != r))                                                   \
		SOFT();                                                         \
	dacc = r;                                                               \
	F(ip->rd) = put_d(r);                                                   \
	NEXT(1);                                                                \
}

#define FUSED_S(name, test, a, b, c)                                            \
__attribute__((target("fma"))) OP(name)                                         \
{                                                                               \
	float r;                                                                \
                                                                                \
	if (UNLIKELY(!(test)))                                                  \
		SOFT();                                                         \
	r = __builtin_fmaf(a, b, c);                                            \
	if (UNLIKELY(r != r))                                                   \
		SOFT();                                                         \
	sacc = r;                                                               \
	store_s(regs, ip->rd, r);                                                 \
	NEXT(1);                                                                \
}

#define D1 get_d(F(ip->rs1))
#define D2 get_d(F(ip->rs2))
#define D3 get_d(F(RS3))
#define S1 load_s(regs, ip->rs1)
#define S2 load_s(regs, ip->rs2)
#define S3 load_s(regs, RS3)
#define BOX1 boxed(regs, ip->rs1)
#define BOX2 boxed(regs, ip->rs2)
#define BOX3 boxed(regs, RS3)

#define FUSED(id, sign_a, sign_c)                                               \
FUSED_D(op_##id##_D_host, sign_a D1, D2, sign_c D3)                             \
FUSED_D(op_##id##_D_host_acc1, sign_a dacc, D2, sign_c D3)                      \
FUSED_D(op_##id##_D_host_acc2, sign_a D1, dacc, sign_c D3)                      \
FUSED_D(op_##id##_D_host_acc3, sign_a D1, D2, sign_c dacc)                      \
FUSED_S(op_##id##_S_host, BOX1 && BOX2 && BOX3, sign_a S1, S2, sign_c S3)       \
FUSED_S(op_##id##_S_host_acc1, BOX2 && BOX3, sign_a sacc, S2, sign_c S3)        \
FUSED_S(op_##id##_S_host_acc2, BOX1 && BOX3, sign_a S1, sacc, sign_c S3)        \
FUSED_S(op_##id##_S_host_acc3, BOX1 && BOX2, sign_a S1, S2, sign_c sacc)

FUSED(FMADD, +, +)
FUSED(FMSUB, +, -)
FUSED(FNMSUB, -, +)
FUSED(FNMADD, -, -)

/* The comparisons used here are quiet; only a signaling NaN raises the host's flag. */
#define PICK(type, first, second)                                               \
	if (first(A, B))                                                        \
		RESULT_##type(A);                                               \
	else if (LIKELY(second(A, B)))                                          \
		RESULT_##type(B);                                               \
	else                                                                    \
		SOFT();

FORMS_D(FMIN_D_host, PICK(D, __builtin_isless, __builtin_isgreater))
FORMS_S(FMIN_S_host, PICK(S, __builtin_isless, __builtin_isgreater))
FORMS_D(FMAX_D_host, PICK(D, __builtin_isgreater, __builtin_isless))
FORMS_S(FMAX_S_host, PICK(S, __builtin_isgreater, __builtin_isless))

#define COMPARE(id, quiet_compare)                                              \
	FORMS_D(id##_D_host, COMPARE_BODY(quiet_compare))                       \
	FORMS_S(id##_S_host, COMPARE_BODY(quiet_compare))
#define COMPARE_BODY(quiet_compare)                                             \
	if (UNLIKELY(__builtin_isunordered(A, B)))                              \
		SOFT();                                                         \
	RESULT_X(quiet_compare(A, B));
#define IS_EQUAL(a, b) ((a) == (b))

COMPARE(FEQ, IS_EQUAL)
COMPARE(FLT, __builtin_isless)
COMPARE(FLE, __builtin_islessequal)

/* To integer: well inside the range the host's conversion has the same result and flags. */
#define TO_INTEGER(low, high, expr)                                             \
	if (UNLIKELY(!__builtin_isgreater(A, low) || !__builtin_isless(A, high))) \
		SOFT();                                                         \
	RESULT_X(expr);

FORMS_D1(FCVT_W_D_rtz, TO_INTEGER(-2147483648.0, 2147483647.0, _mm_cvttsd_si32(_mm_set_sd(A))))
FORMS_D1(FCVT_W_D_host, TO_INTEGER(-2147483648.0, 2147483647.0, _mm_cvtsd_si32(_mm_set_sd(A))))
FORMS_D1(FCVT_WU_D_rtz, TO_INTEGER(0.0, 4294967295.0, _mm_cvttsd_si64(_mm_set_sd(A))))
FORMS_D1(FCVT_WU_D_host, TO_INTEGER(0.0, 4294967295.0, _mm_cvtsd_si64(_mm_set_sd(A))))
FORMS_S1(FCVT_W_S_rtz, TO_INTEGER(-2147483648.0f, 2147483520.0f, _mm_cvttss_si32(_mm_set_ss(A))))
FORMS_S1(FCVT_W_S_host, TO_INTEGER(-2147483648.0f, 2147483520.0f, _mm_cvtss_si32(_mm_set_ss(A))))
FORMS_S1(FCVT_WU_S_rtz, TO_INTEGER(0.0f, 4294967040.0f, _mm_cvttss_si64(_mm_set_ss(A))))
FORMS_S1(FCVT_WU_S_host, TO_INTEGER(0.0f, 4294967040.0f, _mm_cvtss_si64(_mm_set_ss(A))))

/* From integer registers these have one form. */
OP(op_FCVT_D_W_host)
{
	RESULT_D((double)(int32_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_D_WU_host)
{
	RESULT_D((double)(int64_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_S_W_host)
{
	RESULT_S((float)(int32_t)X(ip->rs1));
	NEXT(1);
}

OP(op_FCVT_S_WU_host)
{
	RESULT_S((float)(int64_t)X(ip->rs1));
	NEXT(1);
}

FORMS_S1(FCVT_D_S_host, RESULT_D((double)A);)
FORMS_D1(FCVT_S_D_host, RESULT_S((float)A);)

/* Sign injection moves NaNs as they are. */
#define SIGN_D (UINT64_C(1) << 63)
#define SIGN_S (1u << 31)

#define SIGN_INJECT(id, ...)                                                    \
FORMS_D(id##_D_host, {                                                          \
	uint64_t a = put_d(A), b = put_d(B), sign = SIGN_D;                     \
                                                                                \
	a = __VA_ARGS__;                                                        \
	dacc = get_d(a);                                                        \
	F(ip->rd) = a;                                                          \
})                                                                              \
FORMS_S(id##_S_host, {                                                          \
	uint32_t a = bits_s(A), b = bits_s(B), sign = SIGN_S;                   \
                                                                                \
	a = __VA_ARGS__;                                                        \
	sacc = get_s(a);                                                        \
	store_s(regs, ip->rd, sacc);                                            \
})

SIGN_INJECT(FSGNJ, (a & ~sign) | (b & sign))
SIGN_INJECT(FSGNJN, (a & ~sign) | (~b & sign))
SIGN_INJECT(FSGNJX, a ^ (b & sign))

OP(op_FMV_X_W_host)
{
	RESULT_X(F(ip->rs1));
	NEXT(1);
}

OP(op_FMV_W_X_host)
{
	sacc = get_s(X(ip->rs1));
	store_s(regs, ip->rd, sacc);
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
	op_fn *forms[FP_FORMS];
};

static const struct host_form host_forms[] = {
#if FP_HOST_ARITHMETIC
#define FORMS2(fn) { op_##fn, op_##fn##_acc1, op_##fn##_acc2, op_##fn }
#define FORMS3(fn) { op_##fn, op_##fn##_acc1, op_##fn##_acc2, op_##fn##_acc3 }
#define FORMS1(fn) { op_##fn, op_##fn##_acc1, op_##fn, op_##fn }
#define FORMS0(fn) { op_##fn, op_##fn, op_##fn, op_##fn }
#define BOTH(id, w, fused, forms)                                               \
	{ OP_##id##_S, w, fused, forms(id##_S_host) }, { OP_##id##_D, w, fused, forms(id##_D_host) },
	BOTH(FADD, NEAREST, false, FORMS2)
	BOTH(FSUB, NEAREST, false, FORMS2)
	BOTH(FMUL, NEAREST, false, FORMS2)
	BOTH(FDIV, NEAREST, false, FORMS2)
	BOTH(FSQRT, NEAREST, false, FORMS1)
	BOTH(FMADD, NEAREST, true, FORMS3)
	BOTH(FMSUB, NEAREST, true, FORMS3)
	BOTH(FNMSUB, NEAREST, true, FORMS3)
	BOTH(FNMADD, NEAREST, true, FORMS3)
	BOTH(FMIN, ALWAYS, false, FORMS2)
	BOTH(FMAX, ALWAYS, false, FORMS2)
	BOTH(FEQ, ALWAYS, false, FORMS2)
	BOTH(FLT, ALWAYS, false, FORMS2)
	BOTH(FLE, ALWAYS, false, FORMS2)
	BOTH(FSGNJ, ALWAYS, false, FORMS2)
	BOTH(FSGNJN, ALWAYS, false, FORMS2)
	BOTH(FSGNJX, ALWAYS, false, FORMS2)
	BOTH(FCVT_W, NEAREST, false, FORMS1)
	BOTH(FCVT_WU, NEAREST, false, FORMS1)
#undef BOTH
	{ OP_FCVT_W_S, TRUNCATE, false, FORMS1(FCVT_W_S_rtz) },
	{ OP_FCVT_WU_S, TRUNCATE, false, FORMS1(FCVT_WU_S_rtz) },
	{ OP_FCVT_W_D, TRUNCATE, false, FORMS1(FCVT_W_D_rtz) },
	{ OP_FCVT_WU_D, TRUNCATE, false, FORMS1(FCVT_WU_D_rtz) },
	{ OP_FCVT_S_W, NEAREST, false, FORMS0(FCVT_S_W_host) },
	{ OP_FCVT_S_WU, NEAREST, false, FORMS0(FCVT_S_WU_host) },
	{ OP_FCVT_D_W, STATIC, false, FORMS0(FCVT_D_W_host) },
	{ OP_FCVT_D_WU, STATIC, false, FORMS0(FCVT_D_WU_host) },
	{ OP_FCVT_D_S, STATIC, false, FORMS1(FCVT_D_S_host) },
	{ OP_FCVT_S_D, NEAREST, false, FORMS1(FCVT_S_D_host) },
	{ OP_FMV_X_W, ALWAYS, false, FORMS0(FMV_X_W_host) },
	{ OP_FMV_W_X, ALWAYS, false, FORMS0(FMV_W_X_host) },
#endif
	{ .forms = { NULL } },	/* the end */
};

static op_fn *const soft_forms[FP_FORMS] = { op_fp_soft, op_fp_soft, op_fp_soft, op_fp_soft };

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
	return HOST_HAS(FMA);
#else
	return false;
#endif
}

enum fp_result interp_fp_result(int op)
{
	switch (insn_info[op].format) {
	case FMT_XFF: case FMT_XF: case FMT_XF_RM:
		return FP_RESULT_X;
	}
	if (op == OP_FCVT_D_S)
		return FP_RESULT_D;
	if (op == OP_FCVT_S_D)
		return FP_RESULT_S;
	return insn_info[op].ext == EXT_D ? FP_RESULT_D : FP_RESULT_S;
}

op_fn *const *interp_fp_forms(const struct insn *in, bool frm_nearest, int *level)
{
	*level = FP_ON;
	for (const struct host_form *f = host_forms; f->forms[0]; f++) {
		if (f->op != in->op || (f->fused && !host_has_fma()) || !form_applies(f, in->rm, frm_nearest))
			continue;
		if (f->when != ALWAYS && in->rm == RM_DYN)
			*level = FP_RNE;
		return f->forms;
	}
	return soft_forms;
}
