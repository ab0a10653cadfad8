/* SPDX-License-Identifier: MIT */
#include "cpu/fp.h"

#include "cpu/decode.h"
#include "cpu/engine.h"
#include "cpu/fp_host.h"
#include "cpu/hart_private.h"

bool fp_begin(struct hart *h)
{
	struct hart_engine *e = h->engine;

	if ((h->csr.mstatus & MSTATUS_FS) == 0)
		return false;
	h->csr.mstatus |= MSTATUS_FS | MSTATUS_SD;
	if (!e->fp_host_state)
		e->fp_host_state = host_fp_state();
	if (e->fp_level == FP_OFF)
		host_fp_enter();
	e->fp_level = (h->regs->fcsr >> 5) == RM_RNE ? FP_RNE : FP_ON;
	return true;
}

void fp_end(struct hart *h)
{
	struct hart_engine *e = h->engine;

	if (e->fp_level == FP_OFF)
		return;
	h->regs->fcsr |= host_fp_leave(e->fp_host_state);
	e->fp_level = FP_OFF;
}

/* Instructions of which both formats exist: what is done to raw values of format f. */
static bool execute_common(struct hart *h, int op, enum soft_format f, uint32_t rd,
			   uint64_t a, uint64_t b, uint64_t c, int rm)
{
	uint64_t sign = f == SOFT_S ? UINT64_C(1) << 31 : UINT64_C(1) << 63;
	uint32_t *flags = &h->regs->fcsr;
	uint64_t r;

	switch (op) {
	case OP_FADD_D:
		r = soft_add(f, a, b, rm, flags);
		break;
	case OP_FSUB_D:
		r = soft_sub(f, a, b, rm, flags);
		break;
	case OP_FMUL_D:
		r = soft_mul(f, a, b, rm, flags);
		break;
	case OP_FDIV_D:
		r = soft_div(f, a, b, rm, flags);
		break;
	case OP_FSQRT_D:
		r = soft_sqrt(f, a, rm, flags);
		break;
	case OP_FMADD_D:
		r = soft_fma(f, a, b, c, rm, flags);
		break;
	case OP_FMSUB_D:
		r = soft_fma(f, a, b, c ^ sign, rm, flags);
		break;
	case OP_FNMSUB_D:
		r = soft_fma(f, a ^ sign, b, c, rm, flags);
		break;
	case OP_FNMADD_D:
		r = soft_fma(f, a ^ sign, b, c ^ sign, rm, flags);
		break;
	case OP_FMIN_D:
		r = soft_min(f, a, b, flags);
		break;
	case OP_FMAX_D:
		r = soft_max(f, a, b, flags);
		break;
	case OP_FSGNJ_D:
		r = (a & ~sign) | (b & sign);
		break;
	case OP_FSGNJN_D:
		r = (a & ~sign) | (~b & sign);
		break;
	case OP_FSGNJX_D:
		r = a ^ (b & sign);
		break;
	default:
		return false;
	}
	h->regs->f[rd] = f == SOFT_S ? fp_box((uint32_t)r) : r;
	return true;
}

/* Those with an integer result. */
static bool execute_to_integer(struct hart *h, int op, enum soft_format f, uint32_t rd,
			       uint64_t a, uint64_t b, int rm)
{
	uint32_t *flags = &h->regs->fcsr;
	uint32_t r;

	switch (op) {
	case OP_FEQ_D:
		r = soft_eq(f, a, b, flags);
		break;
	case OP_FLT_D:
		r = soft_lt(f, a, b, flags);
		break;
	case OP_FLE_D:
		r = soft_le(f, a, b, flags);
		break;
	case OP_FCLASS_D:
		r = soft_classify(f, a);
		break;
	case OP_FCVT_W_D:
		r = soft_to_i32(f, a, rm, flags);
		break;
	case OP_FCVT_WU_D:
		r = soft_to_u32(f, a, rm, flags);
		break;
	default:
		return false;
	}
	if (rd % 32)
		h->regs->x[rd] = r;
	return true;
}

/* The double form of an instruction on singles; others as they are. */
static int double_form(int op)
{
	switch (op) {
#define SINGLE(id) case OP_##id##_S: return OP_##id##_D;
	SINGLE(FADD) SINGLE(FSUB) SINGLE(FMUL) SINGLE(FDIV) SINGLE(FSQRT)
	SINGLE(FMADD) SINGLE(FMSUB) SINGLE(FNMSUB) SINGLE(FNMADD) SINGLE(FMIN) SINGLE(FMAX)
	SINGLE(FSGNJ) SINGLE(FSGNJN) SINGLE(FSGNJX) SINGLE(FEQ) SINGLE(FLT) SINGLE(FLE)
	SINGLE(FCLASS) SINGLE(FCVT_W) SINGLE(FCVT_WU)
#undef SINGLE
	}
	return op;
}

bool fp_execute(struct hart *h, int op, uint32_t rd, uint32_t rs1, uint32_t rs2, uint32_t rs3, uint32_t rm)
{
	const uint64_t *fr = h->regs->f;
	uint32_t *flags = &h->regs->fcsr;
	int dop;

	if (rm == RM_DYN)
		rm = h->regs->fcsr >> 5;
	if (rm > RM_RMM)
		return false;

	switch (op) {
	case OP_FMV_X_W:
		if (rd % 32)
			h->regs->x[rd] = (uint32_t)fr[rs1];
		return true;
	case OP_FMV_W_X:
		h->regs->f[rd] = fp_box(h->regs->x[rs1]);
		return true;
	case OP_FCVT_S_W:
		h->regs->f[rd] = fp_box((uint32_t)soft_from_i32(SOFT_S, h->regs->x[rs1], (int)rm, flags));
		return true;
	case OP_FCVT_S_WU:
		h->regs->f[rd] = fp_box((uint32_t)soft_from_u32(SOFT_S, h->regs->x[rs1], (int)rm, flags));
		return true;
	case OP_FCVT_D_W:
		h->regs->f[rd] = soft_from_i32(SOFT_D, h->regs->x[rs1], (int)rm, flags);
		return true;
	case OP_FCVT_D_WU:
		h->regs->f[rd] = soft_from_u32(SOFT_D, h->regs->x[rs1], (int)rm, flags);
		return true;
	case OP_FCVT_D_S:
		h->regs->f[rd] = soft_s_to_d(fp_unbox(fr[rs1]), flags);
		return true;
	case OP_FCVT_S_D:
		h->regs->f[rd] = fp_box((uint32_t)soft_d_to_s(fr[rs1], (int)rm, flags));
		return true;
	}

	dop = double_form(op);
	if (dop != op) {
		uint64_t a = fp_unbox(fr[rs1]), b = fp_unbox(fr[rs2]), c = fp_unbox(fr[rs3]);

		return execute_common(h, dop, SOFT_S, rd, a, b, c, (int)rm) ||
		       execute_to_integer(h, dop, SOFT_S, rd, a, b, (int)rm);
	}
	return execute_common(h, op, SOFT_D, rd, fr[rs1], fr[rs2], fr[rs3], (int)rm) ||
	       execute_to_integer(h, op, SOFT_D, rd, fr[rs1], fr[rs2], (int)rm);
}
