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

static void two_operand(struct code *c, enum x64_alu op, unsigned rd, struct operand a, struct operand b)
{
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

static void shift(struct code *c, enum x64_shift op, unsigned rd, struct operand a, struct operand b)
{
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

static void multiply(struct code *c, unsigned rd, struct operand a, struct operand b)
{
	unsigned d = result_in(c, rd);
	struct operand t;

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

/* The upper half of a product: operands are extended to 64 bits. */
static void multiply_high(struct code *c, unsigned rd, struct operand a, struct operand b, bool a_signed, bool b_signed)
{
	struct emitter *e = &c->e;

	if (a_signed)
		x64_movsxd(e, RAX, operand_in(c, a, RAX));
	else
		move_to(c, RAX, a);
	if (b_signed)
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

/* The host traps where the guest does not: division by zero, and of -2^31 by -1. */
static void divide(struct code *c, unsigned rd, struct operand a, struct operand b, bool is_signed, bool remainder)
{
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
static void with_not(struct code *c, enum x64_alu op, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, b);
	x64_not(&c->e, RAX);
	alu_operand(c, op, RAX, a);
	written(c, rd, RAX);
}

static void pick(struct code *c, enum x64_cond take_b, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, a);
	move_to(c, RCX, b);
	x64_alu(&c->e, ALU_CMP, RAX, RCX);
	x64_cmov(&c->e, take_b, RAX, RCX);
	written(c, rd, RAX);
}

static void one_bit(struct code *c, int op, unsigned rd, struct operand a, struct operand b)
{
	move_to(c, RAX, a);
	move_to(c, RCX, b);
	switch (op) {
	case OP_BCLR:
		x64_bit(&c->e, 0xb3, RAX, RCX);
		break;
	case OP_BINV:
		x64_bit(&c->e, 0xbb, RAX, RCX);
		break;
	case OP_BSET:
		x64_bit(&c->e, 0xab, RAX, RCX);
		break;
	default:
		x64_shift_cl(&c->e, SHIFT_SHR, RAX);
		x64_alu_imm(&c->e, ALU_AND, RAX, 1);
	}
	written(c, rd, RAX);
}

static void or_combine(struct code *c, unsigned rd, struct operand a)
{
	struct emitter *e = &c->e;

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

static void extend(struct code *c, enum x64_extend how, unsigned rd, struct operand a)
{
	unsigned d = result_in(c, rd);

	x64_extend(&c->e, how, d, operand_in(c, a, RAX));
	written(c, rd, d);
}

static void bit_count(struct code *c, unsigned code, unsigned rd, struct operand a)
{
	unsigned d = result_in(c, rd);

	x64_count(&c->e, code, d, operand_in(c, a, RAX));
	written(c, rd, d);
}

void host_alu(struct code *c, int op, unsigned rd, struct operand a, struct operand b)
{
	unsigned d;

	switch (op) {
	case OP_ADD:
		two_operand(c, ALU_ADD, rd, a, b);
		break;
	case OP_SUB:
		two_operand(c, ALU_SUB, rd, a, b);
		break;
	case OP_AND:
		if (b.is_const && b.imm == 0xff)
			extend(c, EXTEND_U8, rd, a);
		else if (b.is_const && b.imm == 0xffff)
			extend(c, EXTEND_U16, rd, a);
		else
			two_operand(c, ALU_AND, rd, a, b);
		break;
	case OP_OR:
		two_operand(c, ALU_OR, rd, a, b);
		break;
	case OP_XOR:
		two_operand(c, ALU_XOR, rd, a, b);
		break;
	case OP_SLL:
		shift(c, SHIFT_SHL, rd, a, b);
		break;
	case OP_SRL:
		shift(c, SHIFT_SHR, rd, a, b);
		break;
	case OP_SRA:
		shift(c, SHIFT_SAR, rd, a, b);
		break;
	case OP_ROL:
		shift(c, SHIFT_ROL, rd, a, b);
		break;
	case OP_ROR:
		shift(c, SHIFT_ROR, rd, a, b);
		break;
	case OP_SLT: case OP_SLTU:
		set_flag(c, rd, host_compare(c, op == OP_SLT ? OP_BLT : OP_BLTU, a, b));
		break;
	case OP_MUL:
		multiply(c, rd, a, b);
		break;
	case OP_MULH:
		multiply_high(c, rd, a, b, true, true);
		break;
	case OP_MULHSU:
		multiply_high(c, rd, a, b, true, false);
		break;
	case OP_MULHU:
		multiply_high(c, rd, a, b, false, false);
		break;
	case OP_DIV:
		divide(c, rd, a, b, true, false);
		break;
	case OP_DIVU:
		divide(c, rd, a, b, false, false);
		break;
	case OP_REM:
		divide(c, rd, a, b, true, true);
		break;
	case OP_REMU:
		divide(c, rd, a, b, false, true);
		break;
	case OP_ANDN:
		with_not(c, ALU_AND, rd, a, b);
		break;
	case OP_ORN:
		with_not(c, ALU_OR, rd, a, b);
		break;
	case OP_XNOR:
		with_not(c, ALU_XOR, rd, a, b);
		break;
	case OP_CLZ:
		bit_count(c, 0xbd, rd, a);
		break;
	case OP_CTZ:
		bit_count(c, 0xbc, rd, a);
		break;
	case OP_CPOP:
		bit_count(c, 0xb8, rd, a);
		break;
	case OP_SEXT_B:
		extend(c, EXTEND_S8, rd, a);
		break;
	case OP_SEXT_H:
		extend(c, EXTEND_S16, rd, a);
		break;
	case OP_ZEXT_H:
		extend(c, EXTEND_U16, rd, a);
		break;
	case OP_MIN:
		pick(c, CC_G, rd, a, b);
		break;
	case OP_MINU:
		pick(c, CC_A, rd, a, b);
		break;
	case OP_MAX:
		pick(c, CC_L, rd, a, b);
		break;
	case OP_MAXU:
		pick(c, CC_B, rd, a, b);
		break;
	case OP_ORC_B:
		or_combine(c, rd, a);
		break;
	case OP_REV8:
		d = result_in(c, rd);
		move_to(c, d, a);
		x64_bswap(&c->e, d);
		written(c, rd, d);
		break;
	case OP_BCLR: case OP_BEXT: case OP_BINV: case OP_BSET:
		one_bit(c, op, rd, a, b);
		break;
	default:
		c->failed = true;
	}
}

/* --- memory */

void host_load(struct code *c, int op, unsigned rd, struct value address)
{
	struct x64_mem m = x64_sum_mem(c, address);
	unsigned d = rd ? result_in(c, rd) : RAX;

	code_may_fault(c);
	switch (op) {
	case OP_LB:
		x64_load_extend(&c->e, EXTEND_S8, d, m);
		break;
	case OP_LBU:
		x64_load_extend(&c->e, EXTEND_U8, d, m);
		break;
	case OP_LH:
		x64_load_extend(&c->e, EXTEND_S16, d, m);
		break;
	case OP_LHU:
		x64_load_extend(&c->e, EXTEND_U16, d, m);
		break;
	default:
		x64_load(&c->e, d, m);
	}
	if (rd)
		written(c, rd, d);
}

void host_store(struct code *c, int op, struct operand data, struct value address)
{
	struct x64_mem m = x64_sum_mem(c, address);
	unsigned s = RCX;

	if (data.is_const) {
		code_may_fault(c);
		switch (op) {
		case OP_SB:
			x64_store_imm8(&c->e, m, (uint32_t)data.imm);
			break;
		case OP_SH:
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
	switch (op) {
	case OP_SB:
		x64_store8(&c->e, m, s);
		break;
	case OP_SH:
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
