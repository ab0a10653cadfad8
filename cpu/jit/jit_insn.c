/* SPDX-License-Identifier: MIT
 *
 * What single instructions become: deferred values where that is possible, host operations otherwise.
 */
#include "cpu/jit/jit_private.h"

#include "cpu/insn_kind.h"
#include "cpu/sem.h"

/* The result of an instruction on constants. */
static uint32_t fold(int op, uint32_t a, uint32_t b)
{
	switch (op) {
#define INSN_COMPUTES(id) case OP_##id: return sem_##id(a, b);
#define INSN_ACCESSES(id)
#define INSN_FLOADS(id)
#define INSN_FSTORES(id)
#define INSN_ATOMIC(id)
#define INSN_JUMPS(id)
#define INSN_OTHER(id)
#define I(id, name, match, mask, fmt, ext) INSN_KIND(fmt, id)
#include "cpu/insn.def"
#undef I
	}
	return 0;
}

/* An instruction with an immediate is the same as the one with a register. */
static int register_form(int op)
{
	switch (op) {
	case OP_ADDI: return OP_ADD;
	case OP_SLTI: return OP_SLT;
	case OP_SLTIU: return OP_SLTU;
	case OP_XORI: return OP_XOR;
	case OP_ORI: return OP_OR;
	case OP_ANDI: return OP_AND;
	case OP_SLLI: return OP_SLL;
	case OP_SRLI: return OP_SRL;
	case OP_SRAI: return OP_SRA;
	case OP_RORI: return OP_ROR;
	case OP_BCLRI: return OP_BCLR;
	case OP_BEXTI: return OP_BEXT;
	case OP_BINVI: return OP_BINV;
	case OP_BSETI: return OP_BSET;
	}
	return op;
}

static void defer_const(struct code *c, unsigned rd, uint32_t v)
{
	code_defer(c, rd, (struct value){ .kind = VALUE_CONST, .imm = (int32_t)v });
}

static bool is_const(struct value v)
{
	return v.kind == VALUE_CONST;
}

/* The register that v is a plain copy of; 0: it is not. */
static unsigned copy_of(struct value v)
{
	if (v.kind == VALUE_HOME || (v.kind == VALUE_SUM && v.b == 0 && v.imm == 0))
		return v.a;
	return 0;
}

static struct value constant(int32_t v)
{
	return (struct value){ .kind = VALUE_CONST, .imm = v };
}

/* rd = (value of rs1) + y, where y is not a register's deferred value. */
static void defer_sum(struct code *c, unsigned rd, unsigned rs1, struct value y)
{
	struct value sum;

	if (!code_sum(code_value(c, rs1), y, &sum)) {
		code_settle(c, rs1);
		code_sum(code_value(c, rs1), y, &sum);
	}
	if (!sum.a && !sum.b)
		sum = constant(sum.imm);
	code_defer(c, rd, sum);
}

static void add(struct code *c, unsigned rd, unsigned rs1, unsigned rs2)
{
	struct value sum;

	if (!code_sum(code_value(c, rs1), code_value(c, rs2), &sum)) {
		/* Settling one may settle the other. */
		code_settle(c, rs2);
		if (!code_sum(code_value(c, rs1), code_value(c, rs2), &sum)) {
			code_settle(c, rs1);
			code_sum(code_value(c, rs1), code_value(c, rs2), &sum);
		}
	}
	if (!sum.a && !sum.b)
		sum = constant(sum.imm);
	code_defer(c, rd, sum);
}

/* (rs1 << shift) + rs2 */
static void shift_add(struct code *c, unsigned rd, unsigned rs1, unsigned rs2, unsigned shift)
{
	struct value scaled, sum;
	struct operand a;

	a = code_use(c, rs1);
	for (int tries = 0; ; tries++) {
		if (a.is_const)
			scaled = constant((int32_t)((uint32_t)a.imm << shift));
		else
			scaled = (struct value){ .kind = VALUE_SUM, .b = a.reg, .shift = (uint8_t)shift };
		if (code_sum(scaled, code_value(c, rs2), &sum))
			break;
		code_settle(c, rs2);
		a = code_use(c, rs1);
		(void)tries;
	}
	if (!sum.a && !sum.b)
		sum = constant(sum.imm);
	code_defer(c, rd, sum);
}

static void alu(struct code *c, int op, unsigned rd, unsigned rs1, unsigned rs2)
{
	struct operand a, b;

	code_operands(c, rd, rs1, rs2, &a, &b);
	if (a.is_const && b.is_const)
		defer_const(c, rd, fold(op, (uint32_t)a.imm, (uint32_t)b.imm));
	else
		host_alu(c, op, rd, a, b);
}

static void alu_imm(struct code *c, int op, unsigned rd, unsigned rs1, int32_t imm)
{
	struct operand a, none;

	code_operands(c, rd, rs1, 0, &a, &none);
	host_alu(c, op, rd, a, CONST_OPERAND(imm));
}

static void shift_left(struct code *c, unsigned rd, unsigned rs1, unsigned n)
{
	struct value v = code_value(c, rs1);
	unsigned copy;

	if (v.kind == VALUE_SUM && !v.a && v.b && !v.imm && v.shift + n < 32) {
		v.shift = (uint8_t)(v.shift + n);
		code_defer(c, rd, v);
		return;
	}
	copy = copy_of(v);
	if (!copy) {
		code_settle(c, rs1);
		copy = rs1;
	}
	code_defer(c, rd, (struct value){ .kind = VALUE_SUM, .b = (uint8_t)copy, .shift = (uint8_t)n });
}

/* The value is a register shifted left by n, with nothing added. */
static bool is_shifted(struct value v, unsigned n)
{
	return v.kind == VALUE_SUM && !v.a && v.b && !v.imm && v.shift == n;
}

/* Shifts to the right; after one to the left they extract the low bits. */
static void shift_right(struct code *c, int op, unsigned rd, unsigned rs1, unsigned n)
{
	struct value v = code_value(c, rs1);
	unsigned copy;

	if (is_shifted(v, n)) {
		struct operand low = REG_OPERAND(v.b);

		/* v.b is read before rd is written, but settling rd's readers may write it. */
		if (!(c->pending & 1u << v.b)) {
			code_define(c, rd);
			if (op == OP_SRL)
				host_alu(c, OP_AND, rd, low, CONST_OPERAND(UINT32_MAX >> n));
			else if (n == 16)
				host_alu(c, OP_SEXT_H, rd, low, CONST_OPERAND(0));
			else if (n == 24)
				host_alu(c, OP_SEXT_B, rd, low, CONST_OPERAND(0));
			else
				host_shift_pair(c, rd, low.reg, n);
			return;
		}
	}
	if (op == OP_SRA) {
		alu_imm(c, op, rd, rs1, (int32_t)n);
		return;
	}
	copy = copy_of(v);
	if (!copy) {
		code_settle(c, rs1);
		copy = rs1;
	}
	code_defer(c, rd, (struct value){ .kind = VALUE_SRL, .a = (uint8_t)copy, .imm = (int32_t)n });
}

/* (x >> n) combined with (x << (32 - n)) is a rotation. */
static bool rotate(struct code *c, unsigned rd, unsigned rs1, unsigned rs2)
{
	struct value x = code_value(c, rs1), y = code_value(c, rs2), t;

	if (x.kind != VALUE_SRL) {
		t = x;
		x = y;
		y = t;
	}
	if (x.kind != VALUE_SRL || !is_shifted(y, 32 - (unsigned)x.imm) || y.b != x.a || (c->pending & 1u << x.a))
		return false;
	code_define(c, rd);
	host_rotate_right(c, rd, x.a, (unsigned)x.imm);
	return true;
}

static void set_less(struct code *c, int op, unsigned rd, struct operand a, struct operand b)
{
	struct value v = { .kind = op == OP_SLT ? VALUE_SLT : VALUE_SLTU };

	if (a.is_const && b.is_const) {
		defer_const(c, rd, fold(op, (uint32_t)a.imm, (uint32_t)b.imm));
	} else if (a.is_const && a.imm != 0) {
		code_define(c, rd);
		host_alu(c, op, rd, a, b);
	} else {
		v.a = a.is_const ? 0 : a.reg;
		v.b = b.is_const ? 0 : b.reg;
		v.imm = b.is_const ? b.imm : 0;
		code_defer(c, rd, v);
	}
}

/* (rs1 << n) + rs2; 0: it is something else. */
static unsigned shift_of(int op)
{
	return op == OP_SH1ADD ? 1 : op == OP_SH2ADD ? 2 : op == OP_SH3ADD ? 3 : 0;
}

static void computation(struct code *c, const struct insn *in)
{
	int op = register_form(in->op);
	int format = insn_info[in->op].format;
	bool immediate = format == FMT_I || format == FMT_SHAMT;
	struct operand a, b;
	struct value v;

	/* Without a destination it is a HINT. */
	if (in->rd == 0)
		return;
	if (op == OP_SLT || op == OP_SLTU) {
		/* Comparing a constant other than 0 with a register writes rd at once. */
		code_operands(c, 0, in->rs1, in->rs2, &a, &b);
		if (a.is_const && a.imm != 0 && !immediate && !b.is_const) {
			alu(c, op, in->rd, in->rs1, in->rs2);
			return;
		}
		set_less(c, op, in->rd, a, immediate ? CONST_OPERAND(in->imm) : b);
		return;
	}
	v = code_value(c, in->rs1);
	if (immediate && is_const(v)) {
		defer_const(c, in->rd, fold(op, (uint32_t)v.imm, (uint32_t)in->imm));
		return;
	}
	switch (in->op) {
	case OP_ADDI:
		defer_sum(c, in->rd, in->rs1, constant(in->imm));
		return;
	case OP_ADD:
		if (!rotate(c, in->rd, in->rs1, in->rs2))
			add(c, in->rd, in->rs1, in->rs2);
		return;
	case OP_SUB:
		if (is_const(code_value(c, in->rs2))) {
			defer_sum(c, in->rd, in->rs1, constant((int32_t)(0u - (uint32_t)code_value(c, in->rs2).imm)));
			return;
		}
		break;
	case OP_OR: case OP_XOR:
		if (rotate(c, in->rd, in->rs1, in->rs2))
			return;
		break;
	case OP_SH1ADD: case OP_SH2ADD: case OP_SH3ADD:
		shift_add(c, in->rd, in->rs1, in->rs2, shift_of(in->op));
		return;
	case OP_SLLI:
		shift_left(c, in->rd, in->rs1, (unsigned)in->imm & 31);
		return;
	case OP_SRLI: case OP_SRAI:
		shift_right(c, op, in->rd, in->rs1, (unsigned)in->imm & 31);
		return;
	}
	if (immediate)
		alu_imm(c, op, in->rd, in->rs1, in->imm);
	else
		alu(c, op, in->rd, in->rs1, in->rs2);
}

bool code_can(const struct insn *in)
{
	struct insn form = *in;

	if (in->op == OP_ILLEGAL || !code_knows_operands(in))
		return false;
	switch (insn_info[in->op].format) {
	case FMT_U: case FMT_J: case FMT_JALR: case FMT_FENCE:
		return true;
	}
	form.op = (uint16_t)register_form(in->op);
	/* Sums are always deferred, and what becomes of them is no instruction's. */
	return shift_of(in->op) || host_can(&form);
}

void code_insn(struct code *c, const struct region_insn *x)
{
	const struct insn *in = &x->in;
	struct operand data;
	struct value address;

	switch (insn_info[in->op].format) {
	case FMT_R: case FMT_R1: case FMT_I: case FMT_SHAMT:
		computation(c, in);
		break;
	case FMT_U:
		if (in->rd)
			defer_const(c, in->rd, (in->op == OP_AUIPC ? x->pc : 0) + (uint32_t)in->imm);
		break;
	case FMT_J:
		if (in->rd)
			defer_const(c, in->rd, x->pc + in->len);
		break;
	case FMT_FENCE:
		break;
	case FMT_LOAD:
		address = code_load_address(c, in->rd, in->rs1, in->imm);
		host_load(c, in->op, in->rd, address);
		if (in->rd)
			code_define(c, in->rd);
		break;
	case FMT_STORE:
		address = code_store_address(c, in->rs1, in->imm, in->rs2, &data);
		host_store(c, in->op, data, address);
		break;
	default:
		host_other(c, in);
	}
}
