/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: floating point.
 *
 * Only code that may count on fp_level FP_RNE gets here (host_check_fp()): exceptions gather in
 * MXCSR, which belongs to the guest, and dynamic rounding is to nearest even. SSE then agrees with
 * RISC-V but for NaN results, which are replaced out of line, and for cases at the edge, which are left to the
 * interpreter.  A host operation happens exactly when the guest's does, because of the flags.
 *
 * FP registers have homes as integer registers have, in xmm2 to xmm15; between regions all are in
 * struct hart_regs. Singles are held boxed, as there; scalar operations keep the box of
 * the register they work in.
 */
#include "cpu/fp.h"
#include "cpu/jit/x64.h"

#include <stddef.h>

#define NO_FREG 32

/* Mandatory prefixes of scalar operations. */
#define DOUBLE 0xf2
#define SINGLE 0xf3

#define SIGN_BIT(single) ((single) ? 31u : 63u)

bool x64_can_fp(const struct insn *in)
{
	bool nearest = in->rm == RM_RNE || in->rm == RM_DYN;

	switch (in->op) {
	case OP_FADD_S: case OP_FADD_D: case OP_FSUB_S: case OP_FSUB_D: case OP_FMUL_S: case OP_FMUL_D:
	case OP_FDIV_S: case OP_FDIV_D: case OP_FSQRT_S: case OP_FSQRT_D: case OP_FCVT_S_W: case OP_FCVT_S_WU:
	case OP_FCVT_S_D:
		return nearest;
	case OP_FMADD_S: case OP_FMADD_D: case OP_FMSUB_S: case OP_FMSUB_D:
	case OP_FNMADD_S: case OP_FNMADD_D: case OP_FNMSUB_S: case OP_FNMSUB_D:
		return nearest && x64_features.fma;
	case OP_FCVT_W_S: case OP_FCVT_W_D: case OP_FCVT_WU_S: case OP_FCVT_WU_D:
		return nearest || in->rm == RM_RTZ;
	case OP_FCVT_D_W: case OP_FCVT_D_WU: case OP_FCVT_D_S:
		/* Exact: any valid rounding mode will do. */
		return in->rm <= RM_RMM || in->rm == RM_DYN;
	case OP_FLW: case OP_FLD: case OP_FSW: case OP_FSD: case OP_FMV_X_W: case OP_FMV_W_X:
	case OP_FMIN_S: case OP_FMIN_D: case OP_FMAX_S: case OP_FMAX_D: case OP_FEQ_S: case OP_FEQ_D:
	case OP_FLT_S: case OP_FLT_D: case OP_FLE_S: case OP_FLE_D: case OP_FSGNJ_S: case OP_FSGNJ_D:
	case OP_FSGNJN_S: case OP_FSGNJN_D: case OP_FSGNJX_S: case OP_FSGNJX_D:
		return true;
	}
	return false;
}

/* --- encodings */

static struct x64_mem fslot(unsigned f)
{
	return state_mem((unsigned)offsetof(struct hart_regs, f) + 8 * f);
}

/* A scalar operation of two xmm registers; prefix 0x66 or 0 for those on whole registers. */
static void sse(struct code *c, unsigned prefix, unsigned opcode, unsigned d, unsigned s)
{
	emit_rr(&c->e, (struct x64_op){ .prefix = (uint8_t)prefix, .map = 1, .code = (uint8_t)opcode }, d, s);
}

/* With REX.W: a 64-bit integer register takes part. */
static void sse64(struct code *c, unsigned prefix, unsigned opcode, unsigned d, unsigned s)
{
	emit_rr(&c->e, (struct x64_op){ .prefix = (uint8_t)prefix, .map = 1, .wide = true, .code = (uint8_t)opcode }, d, s);
}

static void sse_mem(struct code *c, unsigned prefix, unsigned opcode, unsigned x, struct x64_mem m)
{
	emit_rm(&c->e, (struct x64_op){ .prefix = (uint8_t)prefix, .map = 1, .code = (uint8_t)opcode }, x, m);
}

static void movaps(struct code *c, unsigned d, unsigned s)
{
	if (d != s)
		sse(c, 0, 0x28, d, s);
}

static void to_gpr64(struct code *c, unsigned r, unsigned x)
{
	sse64(c, 0x66, 0x7e, x, r);
}

static void from_gpr64(struct code *c, unsigned x, unsigned r)
{
	sse64(c, 0x66, 0x6e, x, r);
}

#define UCOMI 0x2e
#define COMI 0x2f

static void compare(struct code *c, unsigned how, bool single, unsigned a, unsigned b)
{
	sse(c, single ? 0 : 0x66, how, a, b);
}

/* --- constants: in front of all code, aligned, 16 bytes each, as operations on whole registers take them */

enum { BOX, SIGN_D, SIGN_S, REST_D, REST_S, CONSTANTS };

void x64_fp_constants(struct emitter *e, struct jit *j)
{
	/* The bits above a scalar do not matter, but fabs must keep a single's box. */
	static const uint64_t constants[CONSTANTS][2] = {
		[BOX] = { UINT64_C(0xffffffff00000000) },
		[SIGN_D] = { UINT64_C(1) << 63 }, [SIGN_S] = { UINT64_C(1) << 31 },
		[REST_D] = { ~(UINT64_C(1) << 63) }, [REST_S] = { ~(UINT64_C(1) << 31) },
	};

	while (emit_here(e) & 15)
		emit_8(e, 0);
	j->fp_constants = jit_offset(j, e->p);
	emit_bytes(e, constants, sizeof(constants));
}

#define ANDPS 0x54
#define ORPS 0x56
#define XORPS 0x57

/* x op= a constant; code and constants have addresses of 31 bits. */
static void with_constant(struct code *c, unsigned opcode, unsigned x, unsigned k)
{
	uintptr_t address = jit_address(c->jit, c->jit->fp_constants) + 16 * k;

	sse_mem(c, 0, opcode, x, (struct x64_mem){ .base = NO_REG, .index = NO_REG, .disp = (int32_t)address });
}

/* --- homes */

static bool at_home(const struct code *c, unsigned f)
{
	return c->fhome[f] != NO_REG;
}

/* The xmm register with FP register f. */
static unsigned freg_in(struct code *c, unsigned f, unsigned scratch)
{
	if (at_home(c, f))
		return (unsigned)c->fhome[f];
	sse_mem(c, DOUBLE, 0x10, scratch, fslot(f));
	return scratch;
}

/* FP register f becomes what x holds: a boxed single, or anything. */
static void fwritten(struct code *c, unsigned f, unsigned x, bool single)
{
	c->fboxed = (c->fboxed & ~(1u << f)) | (uint32_t)single << f;
	if (at_home(c, f))
		movaps(c, (unsigned)c->fhome[f], x);
	else
		sse_mem(c, DOUBLE, 0x11, x, fslot(f));
}

void x64_enter_fhomes(struct code *c)
{
	for (unsigned f = 0; f < 32; f++) {
		if (at_home(c, f))
			sse_mem(c, DOUBLE, 0x10, (unsigned)c->fhome[f], fslot(f));
	}
}

void x64_leave_fhomes(struct code *c)
{
	for (unsigned f = 0; f < 32; f++) {
		if (at_home(c, f) && (c->fdirty & 1u << f))
			sse_mem(c, DOUBLE, 0x11, (unsigned)c->fhome[f], fslot(f));
	}
}

/*
 * A single that is not properly boxed is a NaN; that is left to the interpreter.  Once looked at, or written by an
 * operation on singles, it is known to be boxed to the end of the block.
 */
static void check_box(struct code *c, unsigned f)
{
	if (c->fboxed & 1u << f)
		return;
	c->fboxed |= 1u << f;
	if (at_home(c, f)) {
		to_gpr64(c, RAX, (unsigned)c->fhome[f]);
		x64_shr64_imm(&c->e, RAX, 32);
		x64_alu_imm(&c->e, ALU_CMP, RAX, -1);
	} else {
		struct x64_mem high = fslot(f);

		high.disp += 4;
		x64_alu_mem_imm(&c->e, ALU_CMP, high, -1);
	}
	code_step_stub(c, x64_jcc(&c->e, CC_NE, 0));
}

/* Sets the box of the single in x. */
static void set_box(struct code *c, unsigned x)
{
	with_constant(c, ORPS, x, BOX);
}

/* The result in x: if it is a NaN, the canonical one. */
static void canonical(struct code *c, unsigned x, bool single)
{
	uint8_t *site;

	compare(c, UCOMI, single, x, x);
	site = x64_jcc(&c->e, CC_P, 0);
	if (c->nan_count == MAX_NANS)
		c->failed = true;
	else
		c->nans[c->nan_count++] = (struct late_nan){ site, c->e.p, (uint8_t)x, single };
}

void x64_finish_fp(struct code *c)
{
	for (uint32_t i = 0; i < c->nan_count; i++) {
		host_patch(c, c->nans[i].site, c->e.p);
		x64_mov_imm64(&c->e, RAX, c->nans[i].single ? fp_box(SOFT_NAN_S) : SOFT_NAN_D);
		from_gpr64(c, c->nans[i].xmm, RAX);
		x64_jmp(&c->e, (uintptr_t)((intptr_t)c->nans[i].back + c->e.view));
	}
}

/* --- instructions */

/* Where to compute rd from a copy of rs1: at home, unless that is read after the copy. */
static unsigned result_in(const struct code *c, unsigned rd, unsigned rs2)
{
	return at_home(c, rd) && rd != rs2 ? (unsigned)c->fhome[rd] : 0;
}

static void binary(struct code *c, const struct insn *in, unsigned opcode, bool single)
{
	unsigned d, a;

	if (single) {
		check_box(c, in->rs1);
		if (in->rs2 != in->rs1)
			check_box(c, in->rs2);
	}
	d = result_in(c, in->rd, in->rs1 == in->rs2 ? NO_FREG : in->rs2);
	a = freg_in(c, in->rs1, d);
	movaps(c, d, a);
	/* Squares and the like: the copy will do. */
	sse(c, single ? SINGLE : DOUBLE, opcode, d, in->rs1 == in->rs2 ? d : freg_in(c, in->rs2, 1));
	canonical(c, d, single);
	fwritten(c, in->rd, d, single);
}

static void square_root(struct code *c, const struct insn *in, bool single)
{
	unsigned d;

	if (single)
		check_box(c, in->rs1);
	d = result_in(c, in->rd, NO_FREG);
	movaps(c, d, freg_in(c, in->rs1, d));
	sse(c, single ? SINGLE : DOUBLE, 0x51, d, d);
	canonical(c, d, single);
	fwritten(c, in->rd, d, single);
}

/* xmm0 = +-(rs1 * rs2) +- rs3; infinity times 0 plus NaN is for the interpreter to judge. */
static void fused(struct code *c, const struct insn *in, unsigned opcode, bool single)
{
	if (single) {
		check_box(c, in->rs1);
		check_box(c, in->rs2);
		check_box(c, in->rs3);
	}
	movaps(c, 0, freg_in(c, in->rs1, 0));
	if (!at_home(c, in->rs2)) {
		/* Only one scratch register is left: add the third from memory's copy. */
		unsigned b = freg_in(c, in->rs2, 1);

		if (at_home(c, in->rs3)) {
			emit_vex(&c->e, 2, 1, !single, opcode, 0, b, (unsigned)c->fhome[in->rs3]);
		} else {
			emit_vex_mem(&c->e, 2, 1, !single, opcode, 0, b, fslot(in->rs3));
		}
	} else {
		emit_vex(&c->e, 2, 1, !single, opcode, 0, (unsigned)c->fhome[in->rs2], freg_in(c, in->rs3, 1));
	}
	compare(c, UCOMI, single, 0, 0);
	code_step_stub(c, x64_jcc(&c->e, CC_P, 0));
	fwritten(c, in->rd, 0, single);
}

static void minimum(struct code *c, const struct insn *in, bool max, bool single)
{
	uint8_t *differ, *done;
	unsigned b;

	if (single) {
		check_box(c, in->rs1);
		check_box(c, in->rs2);
	}
	movaps(c, 0, freg_in(c, in->rs1, 0));
	b = freg_in(c, in->rs2, 1);
	compare(c, UCOMI, single, 0, b);
	code_step_stub(c, x64_jcc(&c->e, CC_P, 0));
	differ = x64_jcc(&c->e, CC_NE, 0);
	/* Equal: the same, or zeros, of which -0 is less. */
	sse(c, 0x66, max ? 0x54 : 0x56, 0, b);
	done = x64_jmp(&c->e, 0);
	host_patch(c, differ, c->e.p);
	sse(c, single ? SINGLE : DOUBLE, max ? 0x5f : 0x5d, 0, b);
	host_patch(c, done, c->e.p);
	fwritten(c, in->rd, 0, single);
}

static void sign_inject(struct code *c, const struct insn *in, int kind, bool single)
{
	struct emitter *e = &c->e;
	unsigned bit = SIGN_BIT(single);

	if (single) {
		check_box(c, in->rs1);
		if (in->rs2 != in->rs1)
			check_box(c, in->rs2);
	}
	if (in->rs1 == in->rs2 && kind == OP_FSGNJ_D) {
		fwritten(c, in->rd, freg_in(c, in->rs1, 0), single);
		return;
	}
	if (in->rs1 == in->rs2) {
		/* fneg and fabs */
		movaps(c, 0, freg_in(c, in->rs1, 0));
		if (kind == OP_FSGNJN_D)
			with_constant(c, XORPS, 0, single ? SIGN_S : SIGN_D);
		else
			with_constant(c, ANDPS, 0, single ? REST_S : REST_D);
		fwritten(c, in->rd, 0, single);
		return;
	}
	to_gpr64(c, RAX, freg_in(c, in->rs1, 0));
	/* The sign of rs2 in the lowest bit, then added to a cleared sign, or to the sign. */
	to_gpr64(c, RCX, freg_in(c, in->rs2, 1));
	x64_shr64_imm(e, RCX, bit);
	x64_alu_imm(e, ALU_AND, RCX, 1);
	if (kind == OP_FSGNJN_D)
		x64_alu_imm(e, ALU_XOR, RCX, 1);
	if (kind != OP_FSGNJX_D)
		x64_bit64_imm(e, 6, RAX, bit);
	x64_shl64_imm(e, RCX, bit);
	emit_rr(e, (struct x64_op){ .code = 0x33, .wide = true }, RAX, RCX);
	from_gpr64(c, 0, RAX);
	fwritten(c, in->rd, 0, single);
}

/* eax = an integer register. */
static void x_in_rax(struct code *c, unsigned r)
{
	struct operand a = code_use(c, r);

	if (a.is_const)
		x64_mov_imm(&c->e, RAX, (uint32_t)a.imm);
	else if (c->home[a.reg] == NO_REG)
		x64_load(&c->e, RAX, slot(a.reg));
	else
		x64_mov(&c->e, RAX, (unsigned)c->home[a.reg]);
}

static void x_written(struct code *c, unsigned rd)
{
	if (rd == 0)
		return;
	if (c->home[rd] == NO_REG)
		x64_store(&c->e, slot(rd), RAX);
	else
		x64_mov(&c->e, (unsigned)c->home[rd], RAX);
}

static void compare_to_x(struct code *c, const struct insn *in, int kind, bool single)
{
	unsigned a, b;

	if (in->rd)
		code_define(c, in->rd);
	if (single) {
		check_box(c, in->rs1);
		check_box(c, in->rs2);
	}
	a = freg_in(c, in->rs1, 0);
	b = freg_in(c, in->rs2, 1);
	if (kind == OP_FEQ_D) {
		/* Quiet; unordered sets the parity flag, too. */
		compare(c, UCOMI, single, a, b);
		x64_setcc(&c->e, CC_NP, RAX);
		x64_setcc(&c->e, CC_E, RCX);
		x64_alu(&c->e, ALU_AND, RAX, RCX);
	} else {
		compare(c, COMI, single, b, a);
		x64_setcc(&c->e, kind == OP_FLT_D ? CC_A : CC_AE, RAX);
	}
	x64_extend(&c->e, EXTEND_U8, RAX, RAX);
	x_written(c, in->rd);
}

static void to_integer(struct code *c, const struct insn *in, bool is_signed, bool single)
{
	unsigned prefix = single ? SINGLE : DOUBLE, opcode = in->rm == RM_RTZ ? 0x2c : 0x2d, a;

	if (in->rd)
		code_define(c, in->rd);
	if (single)
		check_box(c, in->rs1);
	a = freg_in(c, in->rs1, 0);
	if (is_signed) {
		/* What does not fit gives this value. */
		sse(c, prefix, opcode, RAX, a);
		x64_alu_imm(&c->e, ALU_CMP, RAX, INT32_MIN);
		code_step_stub(c, x64_jcc(&c->e, CC_E, 0));
	} else {
		/* Its range is tested before, because a conversion to 64 bits would raise other flags. */
		x64_mov_imm64(&c->e, RAX, single ? UINT64_C(0x4f7fffff) : UINT64_C(0x41efffffffe00000));
		from_gpr64(c, 1, RAX);
		compare(c, UCOMI, single, a, 1);
		code_step_stub(c, x64_jcc(&c->e, CC_AE, 0));
		sse(c, 0, 0x57, 1, 1);
		compare(c, UCOMI, single, a, 1);
		code_step_stub(c, x64_jcc(&c->e, CC_B, 0));
		sse64(c, prefix, opcode, RAX, a);
	}
	x_written(c, in->rd);
}

static void from_integer(struct code *c, const struct insn *in, bool is_signed, bool single)
{
	x_in_rax(c, in->rs1);
	sse(c, 0, 0x57, 0, 0);
	if (is_signed)
		sse(c, single ? SINGLE : DOUBLE, 0x2a, 0, RAX);
	else
		sse64(c, single ? SINGLE : DOUBLE, 0x2a, 0, RAX);
	if (single)
		set_box(c, 0);
	fwritten(c, in->rd, 0, single);
}

static void convert(struct code *c, const struct insn *in, bool to_single)
{
	unsigned a;

	if (!to_single)
		check_box(c, in->rs1);
	a = freg_in(c, in->rs1, 0);
	sse(c, to_single ? DOUBLE : SINGLE, 0x5a, 0, a);
	if (to_single)
		set_box(c, 0);
	canonical(c, 0, to_single);
	fwritten(c, in->rd, 0, to_single);
}

static void move_to_x(struct code *c, const struct insn *in)
{
	if (in->rd)
		code_define(c, in->rd);
	sse(c, 0x66, 0x7e, freg_in(c, in->rs1, 0), RAX);
	x_written(c, in->rd);
}

static void move_from_x(struct code *c, const struct insn *in)
{
	x_in_rax(c, in->rs1);
	from_gpr64(c, 0, RAX);
	set_box(c, 0);
	fwritten(c, in->rd, 0, true);
}

static void load(struct code *c, const struct insn *in)
{
	struct x64_mem m = x64_sum_mem(c, code_address(c, in->rs1, in->imm));
	unsigned x = at_home(c, in->rd) ? (unsigned)c->fhome[in->rd] : 0;

	if (in->op == OP_FLD) {
		code_may_fault(c);
		sse_mem(c, DOUBLE, 0x10, x, m);
		fwritten(c, in->rd, x, false);
		return;
	}
	code_may_fault(c);
	sse_mem(c, SINGLE, 0x10, x, m);
	set_box(c, x);
	fwritten(c, in->rd, x, true);
}

static void store(struct code *c, const struct insn *in)
{
	struct x64_mem m = x64_sum_mem(c, code_address(c, in->rs1, in->imm));
	unsigned x = freg_in(c, in->rs2, 0);

	code_may_fault(c);
	sse_mem(c, in->op == OP_FSD ? DOUBLE : SINGLE, 0x11, x, m);
}

void x64_fp(struct code *c, const struct insn *in)
{
	switch (in->op) {
#define BOTH(id, call_s, call_d) case OP_##id##_S: call_s; break; case OP_##id##_D: call_d; break;
	case OP_FLW: case OP_FLD: load(c, in); break;
	case OP_FSW: case OP_FSD: store(c, in); break;
	BOTH(FADD, binary(c, in, 0x58, true), binary(c, in, 0x58, false))
	BOTH(FSUB, binary(c, in, 0x5c, true), binary(c, in, 0x5c, false))
	BOTH(FMUL, binary(c, in, 0x59, true), binary(c, in, 0x59, false))
	BOTH(FDIV, binary(c, in, 0x5e, true), binary(c, in, 0x5e, false))
	BOTH(FSQRT, square_root(c, in, true), square_root(c, in, false))
	BOTH(FMADD, fused(c, in, 0xa9, true), fused(c, in, 0xa9, false))
	BOTH(FMSUB, fused(c, in, 0xab, true), fused(c, in, 0xab, false))
	BOTH(FNMSUB, fused(c, in, 0xad, true), fused(c, in, 0xad, false))
	BOTH(FNMADD, fused(c, in, 0xaf, true), fused(c, in, 0xaf, false))
	BOTH(FMIN, minimum(c, in, false, true), minimum(c, in, false, false))
	BOTH(FMAX, minimum(c, in, true, true), minimum(c, in, true, false))
	BOTH(FSGNJ, sign_inject(c, in, OP_FSGNJ_D, true), sign_inject(c, in, OP_FSGNJ_D, false))
	BOTH(FSGNJN, sign_inject(c, in, OP_FSGNJN_D, true), sign_inject(c, in, OP_FSGNJN_D, false))
	BOTH(FSGNJX, sign_inject(c, in, OP_FSGNJX_D, true), sign_inject(c, in, OP_FSGNJX_D, false))
	BOTH(FEQ, compare_to_x(c, in, OP_FEQ_D, true), compare_to_x(c, in, OP_FEQ_D, false))
	BOTH(FLT, compare_to_x(c, in, OP_FLT_D, true), compare_to_x(c, in, OP_FLT_D, false))
	BOTH(FLE, compare_to_x(c, in, OP_FLE_D, true), compare_to_x(c, in, OP_FLE_D, false))
	BOTH(FCVT_W, to_integer(c, in, true, true), to_integer(c, in, true, false))
	BOTH(FCVT_WU, to_integer(c, in, false, true), to_integer(c, in, false, false))
#undef BOTH
	case OP_FCVT_S_W: from_integer(c, in, true, true); break;
	case OP_FCVT_S_WU: from_integer(c, in, false, true); break;
	case OP_FCVT_D_W: from_integer(c, in, true, false); break;
	case OP_FCVT_D_WU: from_integer(c, in, false, false); break;
	case OP_FCVT_S_D: convert(c, in, true); break;
	case OP_FCVT_D_S: convert(c, in, false); break;
	case OP_FMV_X_W: move_to_x(c, in); break;
	case OP_FMV_W_X: move_from_x(c, in); break;
	default: c->failed = true;
	}
}
