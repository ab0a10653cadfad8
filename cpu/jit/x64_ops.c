/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: integer instructions.
 */
#include "cpu/jit/x64.h"

static bool in_reg(const struct code *c, unsigned r)
{
	return c->home[r] != NO_REG;
}

/* A host register with the value of a home: its own, or scratch after loading it. */
static unsigned home_in(struct code *c, unsigned r, unsigned scratch)
{
	if (in_reg(c, r))
		return (unsigned)c->home[r];
	x64_load(&c->e, scratch, slot(r));
	return scratch;
}

static unsigned operand_in(struct code *c, struct operand o, unsigned scratch)
{
	if (!o.is_const)
		return home_in(c, o.reg, scratch);
	if (o.imm == 0)
		x64_alu(&c->e, ALU_XOR, scratch, scratch);
	else
		x64_mov_imm(&c->e, scratch, (uint32_t)o.imm);
	return scratch;
}

/* Copies an operand to a host register. */
static void move_to(struct code *c, unsigned d, struct operand o)
{
	unsigned s = operand_in(c, o, d);

	if (s != d)
		x64_mov(&c->e, d, s);
}

/* The host register to compute rd in, which written() then brings home. */
static unsigned result_in(const struct code *c, unsigned rd)
{
	return in_reg(c, rd) ? (unsigned)c->home[rd] : RAX;
}

static void written(struct code *c, unsigned rd, unsigned d)
{
	if (!in_reg(c, rd))
		x64_store(&c->e, slot(rd), d);
	else if ((unsigned)c->home[rd] != d)
		x64_mov(&c->e, (unsigned)c->home[rd], d);
}

/* d op= an operand. */
static void alu_operand(struct code *c, enum x64_alu op, unsigned d, struct operand o)
{
	if (o.is_const)
		x64_alu_imm(&c->e, op, d, o.imm);
	else if (in_reg(c, o.reg))
		x64_alu(&c->e, op, d, (unsigned)c->home[o.reg]);
	else
		x64_alu_mem(&c->e, op, d, slot(o.reg));
}

static bool is_home(const struct code *c, struct operand o, unsigned d)
{
	return !o.is_const && in_reg(c, o.reg) && (unsigned)c->home[o.reg] == d;
}

/* --- addresses and values */

/* What a sum amounts to as an operand of lea or of a guest access; up to both scratch registers. */
struct x64_mem x64_sum_mem(struct code *c, struct value v)
{
	struct x64_mem m = { .base = NO_REG, .index = NO_REG, .disp = v.imm, .guest = true };

	if (v.kind == VALUE_CONST)
		return m;
	if (v.a)
		m.base = (int8_t)home_in(c, v.a, RAX);
	if (v.b) {
		unsigned b = home_in(c, v.b, RCX);

		if (v.shift > 3) {
			if (b != RCX)
				x64_mov(&c->e, RCX, b);
			x64_shift_imm(&c->e, SHIFT_SHL, RCX, v.shift);
			m.base = RCX;
		} else if (v.shift == 0 && !v.a) {
			m.base = (int8_t)b;
		} else {
			m.index = (int8_t)b;
			m.scale = v.shift;
		}
	}
	return m;
}

/* rd = a sum.  Only rcx is used beside the result, when rd's home is a register. */
static void set_sum(struct code *c, unsigned rd, struct value v)
{
	struct emitter *e = &c->e;
	unsigned d = result_in(c, rd), s;

	if (!v.b) {
		/* a + imm */
		if (in_reg(c, v.a)) {
			s = (unsigned)c->home[v.a];
			if (s == d && v.imm)
				x64_alu_imm(e, ALU_ADD, d, v.imm);
			else if (s != d && v.imm)
				x64_lea(e, d, (struct x64_mem){ .base = (int8_t)s, .index = NO_REG, .disp = v.imm });
			else if (s != d && in_reg(c, rd))
				x64_mov(e, d, s);
			else
				d = s;
		} else {
			x64_load(e, d, slot(v.a));
			if (v.imm)
				x64_alu_imm(e, ALU_ADD, d, v.imm);
		}
	} else if (!v.a && !v.imm) {
		/* b << shift */
		s = home_in(c, v.b, d);
		if (v.shift == 1 && s != d) {
			x64_lea(e, d, (struct x64_mem){ .base = (int8_t)s, .index = (int8_t)s });
		} else {
			if (s != d)
				x64_mov(e, d, s);
			x64_shift_imm(e, SHIFT_SHL, d, v.shift);
		}
	} else if (v.a && !v.shift && !v.imm && in_reg(c, v.a) && (unsigned)c->home[v.a] == d) {
		alu_operand(c, ALU_ADD, d, REG_OPERAND(v.b));
	} else if (v.a && !v.shift && !v.imm && in_reg(c, v.b) && (unsigned)c->home[v.b] == d) {
		alu_operand(c, ALU_ADD, d, REG_OPERAND(v.a));
	} else {
		x64_lea(e, d, x64_sum_mem(c, v));
	}
	written(c, rd, d);
}

void x64_target(struct code *c, struct value address)
{
	if (address.kind == VALUE_CONST)
		x64_mov_imm(&c->e, RAX, (uint32_t)address.imm);
	else if (address.kind == VALUE_HOME || (!address.b && !address.imm))
		move_to(c, RAX, REG_OPERAND(address.a));
	else
		x64_lea(&c->e, RAX, x64_sum_mem(c, address));
}

static void set_flag(struct code *c, unsigned rd, unsigned cc)
{
	unsigned d = result_in(c, rd);

	x64_setcc(&c->e, (enum x64_cond)cc, RAX);
	x64_extend(&c->e, EXTEND_U8, d, RAX);
	written(c, rd, d);
}

static void set_const(struct code *c, unsigned rd, uint32_t v)
{
	if (!in_reg(c, rd))
		x64_store_imm(&c->e, slot(rd), v);
	else if (v == 0)
		x64_alu(&c->e, ALU_XOR, (unsigned)c->home[rd], (unsigned)c->home[rd]);
	else
		x64_mov_imm(&c->e, (unsigned)c->home[rd], v);
}

void host_set(struct code *c, unsigned rd, struct value v)
{
	struct operand a, b;

	switch ((enum value_kind)v.kind) {
	case VALUE_HOME:
		break;
	case VALUE_CONST:
		set_const(c, rd, (uint32_t)v.imm);
		break;
	case VALUE_SUM:
		set_sum(c, rd, v);
		break;
	case VALUE_SRL:
		host_alu(c, OP_SRL, rd, REG_OPERAND(v.a), CONST_OPERAND(v.imm));
		break;
	case VALUE_SLT: case VALUE_SLTU:
		a = v.a ? REG_OPERAND(v.a) : CONST_OPERAND(0);
		b = v.b ? REG_OPERAND(v.b) : CONST_OPERAND(v.imm);
		set_flag(c, rd, host_compare(c, v.kind == VALUE_SLT ? OP_BLT : OP_BLTU, a, b));
		break;
	}
}

/* --- computation */

static void two_operand(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	enum x64_alu op = (enum x64_alu)how;
	bool commutes = op != ALU_SUB;
	unsigned d = result_in(c, rd);
	struct operand t;

	if (commutes && (a.is_const || is_home(c, b, d))) {
		t = a;
		a = b;
		b = t;
	}
	/* The result would overwrite b. */
	if (is_home(c, b, d) && !is_home(c, a, d)) {
		if (a.is_const && a.imm == 0) {
			x64_neg(&c->e, d);
			return;
		}
		d = RAX;
	}
	move_to(c, d, a);
	alu_operand(c, op, d, b);
	written(c, rd, d);
}

static void shift(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	enum x64_shift op = (enum x64_shift)how;
	struct emitter *e = &c->e;
	unsigned d = result_in(c, rd);
	bool rotates = op == SHIFT_ROL || op == SHIFT_ROR;

	if (b.is_const) {
		if (op == SHIFT_ROR && x64_features.bmi2) {
			x64_rorx(e, d, operand_in(c, a, RAX), (unsigned)b.imm & 31);
		} else {
			move_to(c, d, a);
			x64_shift_imm(e, op, d, (unsigned)b.imm & 31);
		}
	} else if (x64_features.bmi2 && !rotates) {
		unsigned s = operand_in(c, a, RAX);

		x64_shift_x(e, op, d, s, home_in(c, b.reg, RCX));
	} else {
		move_to(c, RCX, b);
		move_to(c, RAX, a);
		x64_shift_cl(e, op, RAX);
		d = RAX;
	}
	written(c, rd, d);
}

void host_rotate_right(struct code *c, unsigned rd, unsigned a, unsigned n)
{
	shift(c, SHIFT_ROR, rd, REG_OPERAND(a), CONST_OPERAND(n));
}

void host_shift_pair(struct code *c, unsigned rd, unsigned a, unsigned n)
{
	unsigned d = result_in(c, rd);

	move_to(c, d, REG_OPERAND(a));
	x64_shift_imm(&c->e, SHIFT_SHL, d, n);
	x64_shift_imm(&c->e, SHIFT_SAR, d, n);
	written(c, rd, d);
}

static void multiply(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	unsigned d = result_in(c, rd);
	struct operand t;

	(void)how;
	if (a.is_const || is_home(c, b, d)) {
		t = a;
		a = b;
		b = t;
	}
	if (b.is_const) {
		x64_imul_imm(&c->e, d, operand_in(c, a, RAX), b.imm);
	} else {
		move_to(c, d, a);
		if (in_reg(c, b.reg))
			x64_imul(&c->e, d, (unsigned)c->home[b.reg]);
		else
			x64_imul_mem(&c->e, d, slot(b.reg));
	}
	written(c, rd, d);
}

#define A_SIGNED 1u
#define B_SIGNED 2u

/* The upper half of a product: operands are extended to 64 bits. */
static void multiply_high(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	struct emitter *e = &c->e;

	if (how & A_SIGNED)
		x64_movsxd(e, RAX, operand_in(c, a, RAX));
	else
		move_to(c, RAX, a);
	if (how & B_SIGNED)
		x64_movsxd(e, RCX, operand_in(c, b, RCX));
	else
		move_to(c, RCX, b);
	x64_imul64(e, RAX, RCX);
	x64_shr64_imm(e, RAX, 32);
	written(c, rd, RAX);
}

/* The guest register whose home is the host register; 0: none. */
static unsigned tenant(const struct code *c, unsigned reg)
{
	for (unsigned r = 1; r < 32; r++) {
		if (in_reg(c, r) && (unsigned)c->home[r] == reg)
			return r;
	}
	return 0;
}

#define SIGNED 1u
#define REMAINDER 2u

/* The host traps where the guest does not: division by zero, and of -2^31 by -1. */
static void divide(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	bool is_signed = how & SIGNED, remainder = how & REMAINDER;
	struct emitter *e = &c->e;
	unsigned guest = tenant(c, RDX);
	uint8_t *special = NULL, *done, *zero;
	bool safe = b.is_const && b.imm != 0 && b.imm != -1;

	if (guest)
		x64_store(e, slot(guest), RDX);
	move_to(c, RCX, b);
	move_to(c, RAX, a);
	if (!safe && is_signed) {
		x64_lea(e, RDX, (struct x64_mem){ .base = RCX, .index = NO_REG, .disp = 1 });
		x64_alu_imm(e, ALU_CMP, RDX, 1);
		special = x64_jcc(e, CC_BE, 0);
	} else if (!safe) {
		x64_test(e, RCX, RCX);
		special = x64_jcc(e, CC_E, 0);
	}
	if (is_signed) {
		x64_cdq(e);
		x64_idiv(e, RCX);
	} else {
		x64_alu(e, ALU_XOR, RDX, RDX);
		x64_div(e, RCX);
	}
	if (remainder)
		x64_mov(e, RAX, RDX);
	if (special) {
		done = x64_jmp(e, 0);
		x64_patch(e, special, emit_here(e));
		if (is_signed) {
			/* By -1, unless by zero. */
			x64_test(e, RCX, RCX);
			zero = x64_jcc(e, CC_E, 0);
			if (remainder)
				x64_alu(e, ALU_XOR, RAX, RAX);
			else
				x64_neg(e, RAX);
			special = x64_jmp(e, 0);
			x64_patch(e, zero, emit_here(e));
			if (!remainder)
				x64_mov_imm(e, RAX, UINT32_MAX);
			x64_patch(e, special, emit_here(e));
		} else if (!remainder) {
			x64_mov_imm(e, RAX, UINT32_MAX);
		}
		x64_patch(e, done, emit_here(e));
	}
	if (guest && guest != rd)
		x64_load(e, RDX, slot(guest));
	written(c, rd, RAX);
}

/* d = a <op> ~b */
static void with_not(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, b);
	x64_not(&c->e, RAX);
	alu_operand(c, (enum x64_alu)how, RAX, a);
	written(c, rd, RAX);
}

/* b if, compared with it, a is. */
static void pick(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, a);
	move_to(c, RCX, b);
	x64_alu(&c->e, ALU_CMP, RAX, RCX);
	x64_cmov(&c->e, (enum x64_cond)how, RAX, RCX);
	written(c, rd, RAX);
}

/* how: the opcode, see x64_bit(). */
static void one_bit(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, a);
	move_to(c, RCX, b);
	x64_bit(&c->e, how, RAX, RCX);
	written(c, rd, RAX);
}

static void extract_bit(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	(void)how;
	move_to(c, RAX, a);
	move_to(c, RCX, b);
	x64_shift_cl(&c->e, SHIFT_SHR, RAX);
	x64_alu_imm(&c->e, ALU_AND, RAX, 1);
	written(c, rd, RAX);
}

static void or_combine(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	struct emitter *e = &c->e;

	(void)how;
	(void)b;
	/* As sem_ORC_B(): the top bit of each byte that is not zero, spread over the byte. */
	move_to(c, RAX, a);
	x64_mov(e, RCX, RAX);
	x64_alu_imm(e, ALU_AND, RCX, 0x7f7f7f7f);
	x64_alu_imm(e, ALU_ADD, RCX, 0x7f7f7f7f);
	x64_alu(e, ALU_OR, RCX, RAX);
	x64_alu_imm(e, ALU_AND, RCX, (int32_t)0x80808080u);
	x64_mov(e, RAX, RCX);
	x64_shift_imm(e, SHIFT_SHR, RCX, 7);
	x64_alu(e, ALU_ADD, RAX, RAX);
	x64_alu(e, ALU_SUB, RAX, RCX);
	written(c, rd, RAX);
}

static void extend(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	unsigned d = result_in(c, rd);

	(void)b;
	x64_extend(&c->e, (enum x64_extend)how, d, operand_in(c, a, RAX));
	written(c, rd, d);
}

static void and(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	if (b.is_const && b.imm == 0xff)
		extend(c, EXTEND_U8, rd, a, b);
	else if (b.is_const && b.imm == 0xffff)
		extend(c, EXTEND_U16, rd, a, b);
	else
		two_operand(c, how, rd, a, b);
}

/* how: the branch that compares so. */
static void set_less(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	set_flag(c, rd, host_compare(c, (int)how, a, b));
}

/* how: the opcode, see x64_count(). */
static void bit_count(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	unsigned d = result_in(c, rd);

	(void)b;
	x64_count(&c->e, how, d, operand_in(c, a, RAX));
	written(c, rd, d);
}

static void reverse_bytes(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b)
{
	unsigned d = result_in(c, rd);

	(void)how;
	(void)b;
	move_to(c, d, a);
	x64_bswap(&c->e, d);
	written(c, rd, d);
}

/* How each is done; what is not here is for the interpreter. */
static const struct {
	void (*emit)(struct code *c, unsigned how, unsigned rd, struct operand a, struct operand b);
	uint8_t how;
	const bool *feature;	/* of the host, if it needs one */
} computations[OP_COUNT] = {
	[OP_ADD] = { two_operand, ALU_ADD, NULL },
	[OP_SUB] = { two_operand, ALU_SUB, NULL },
	[OP_AND] = { and, ALU_AND, NULL },
	[OP_OR] = { two_operand, ALU_OR, NULL },
	[OP_XOR] = { two_operand, ALU_XOR, NULL },
	[OP_SLL] = { shift, SHIFT_SHL, NULL },
	[OP_SRL] = { shift, SHIFT_SHR, NULL },
	[OP_SRA] = { shift, SHIFT_SAR, NULL },
	[OP_ROL] = { shift, SHIFT_ROL, NULL },
	[OP_ROR] = { shift, SHIFT_ROR, NULL },
	[OP_SLT] = { set_less, OP_BLT, NULL },
	[OP_SLTU] = { set_less, OP_BLTU, NULL },
	[OP_MUL] = { multiply, 0, NULL },
	[OP_MULH] = { multiply_high, A_SIGNED | B_SIGNED, NULL },
	[OP_MULHSU] = { multiply_high, A_SIGNED, NULL },
	[OP_MULHU] = { multiply_high, 0, NULL },
	[OP_DIV] = { divide, SIGNED, NULL },
	[OP_DIVU] = { divide, 0, NULL },
	[OP_REM] = { divide, SIGNED | REMAINDER, NULL },
	[OP_REMU] = { divide, REMAINDER, NULL },
	[OP_ANDN] = { with_not, ALU_AND, NULL },
	[OP_ORN] = { with_not, ALU_OR, NULL },
	[OP_XNOR] = { with_not, ALU_XOR, NULL },
	[OP_CLZ] = { bit_count, 0xbd, &x64_features.lzcnt },
	[OP_CTZ] = { bit_count, 0xbc, &x64_features.bmi1 },
	[OP_CPOP] = { bit_count, 0xb8, &x64_features.popcnt },
	[OP_SEXT_B] = { extend, EXTEND_S8, NULL },
	[OP_SEXT_H] = { extend, EXTEND_S16, NULL },
	[OP_ZEXT_H] = { extend, EXTEND_U16, NULL },
	[OP_MIN] = { pick, CC_G, NULL },
	[OP_MINU] = { pick, CC_A, NULL },
	[OP_MAX] = { pick, CC_L, NULL },
	[OP_MAXU] = { pick, CC_B, NULL },
	[OP_ORC_B] = { or_combine, 0, NULL },
	[OP_REV8] = { reverse_bytes, 0, NULL },
	[OP_BCLR] = { one_bit, 0xb3, NULL },
	[OP_BINV] = { one_bit, 0xbb, NULL },
	[OP_BSET] = { one_bit, 0xab, NULL },
	[OP_BEXT] = { extract_bit, 0, NULL },
};

bool x64_can_compute(int op)
{
	return computations[op].emit && (!computations[op].feature || *computations[op].feature);
}

void host_alu(struct code *c, int op, unsigned rd, struct operand a, struct operand b)
{
	if (computations[op].emit)
		computations[op].emit(c, computations[op].how, rd, a, b);
	else
		c->failed = true;
}

/* --- memory */

/* Integer loads and stores; what is not here is for the interpreter. */
static const struct {
	uint8_t bytes, extend;
} accesses[OP_COUNT] = {
	[OP_LB] = { 1, EXTEND_S8 }, [OP_LBU] = { 1, EXTEND_U8 }, [OP_LH] = { 2, EXTEND_S16 }, [OP_LHU] = { 2, EXTEND_U16 },
	[OP_LW] = { 4, 0 }, [OP_SB] = { 1, 0 }, [OP_SH] = { 2, 0 }, [OP_SW] = { 4, 0 },
};

bool x64_can_access(int op)
{
	return accesses[op].bytes != 0;
}

void host_load(struct code *c, int op, unsigned rd, struct value address)
{
	struct x64_mem m = x64_sum_mem(c, address);
	unsigned d = rd ? result_in(c, rd) : RAX;

	code_may_fault(c);
	if (accesses[op].extend)
		x64_load_extend(&c->e, (enum x64_extend)accesses[op].extend, d, m);
	else
		x64_load(&c->e, d, m);
	if (rd)
		written(c, rd, d);
}

void host_store(struct code *c, int op, struct operand data, struct value address)
{
	struct x64_mem m = x64_sum_mem(c, address);
	unsigned s = RCX;

	if (data.is_const) {
		code_may_fault(c);
		switch (accesses[op].bytes) {
		case 1:
			x64_store_imm8(&c->e, m, (uint32_t)data.imm);
			break;
		case 2:
			x64_store_imm16(&c->e, m, (uint32_t)data.imm);
			break;
		default:
			x64_store_imm(&c->e, m, (uint32_t)data.imm);
		}
		return;
	}
	if (!in_reg(c, data.reg)) {
		bool uses_rcx = m.base == RCX || m.index == RCX;

		/* A free scratch register for the data, if need be by adding up the address first. */
		if (uses_rcx && (m.base == RAX || m.index == RAX)) {
			x64_lea(&c->e, RAX, m);
			m = (struct x64_mem){ .base = RAX, .index = NO_REG, .guest = true };
			uses_rcx = false;
		}
		s = uses_rcx ? RAX : RCX;
	}
	s = home_in(c, data.reg, s);
	code_may_fault(c);
	switch (accesses[op].bytes) {
	case 1:
		x64_store8(&c->e, m, s);
		break;
	case 2:
		x64_store16(&c->e, m, s);
		break;
	default:
		x64_store(&c->e, m, s);
	}
}

/* --- comparing */

static const struct {
	uint8_t op, cc, swapped;
} conditions[] = {
	{ OP_BEQ, CC_E, CC_E }, { OP_BNE, CC_NE, CC_NE }, { OP_BLT, CC_L, CC_G }, { OP_BGE, CC_GE, CC_LE },
	{ OP_BLTU, CC_B, CC_A }, { OP_BGEU, CC_AE, CC_BE },
};

bool x64_can_branch(int op)
{
	for (unsigned k = 0; k < sizeof(conditions) / sizeof(conditions[0]); k++) {
		if (conditions[k].op == op)
			return true;
	}
	return false;
}

unsigned host_compare(struct code *c, int op, struct operand a, struct operand b)
{
	unsigned k = 0, r;
	bool swap = a.is_const && !b.is_const;
	struct operand t;

	while (conditions[k].op != op)
		k++;
	if (swap) {
		t = a;
		a = b;
		b = t;
	}
	if (!a.is_const && !in_reg(c, a.reg) && b.is_const) {
		x64_alu_mem_imm(&c->e, ALU_CMP, slot(a.reg), b.imm);
	} else {
		r = operand_in(c, a, RAX);
		if (b.is_const && b.imm == 0)
			x64_test(&c->e, r, r);
		else
			alu_operand(c, ALU_CMP, r, b);
	}
	return swap ? conditions[k].swapped : conditions[k].cc;
}

uint8_t *host_jump_if(struct code *c, unsigned condition, bool holds)
{
	return x64_jcc(&c->e, (enum x64_cond)(holds ? condition : condition ^ 1), 0);
}

uint8_t *host_jump_unless(struct code *c, unsigned a, uint32_t value)
{
	struct operand o = REG_OPERAND(a);

	return host_jump_if(c, host_compare(c, OP_BEQ, o, CONST_OPERAND(value)), false);
}

uint8_t *host_jump(struct code *c)
{
	return x64_jmp(&c->e, 0);
}

void host_patch(struct code *c, uint8_t *site, uint8_t *target)
{
	x64_patch(&c->e, site, (uintptr_t)((intptr_t)target + c->e.view));
}
