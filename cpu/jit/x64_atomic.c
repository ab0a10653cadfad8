/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: atomics.  One host thread runs all guest code, so they are plain loads and
 * stores; a misaligned address, and an sc that does not succeed, are left to the interpreter.
 */
#include "cpu/jit/x64.h"

#include <stddef.h>

#define HART(field) ((struct x64_mem){ .base = RCX, .index = NO_REG, .disp = offsetof(struct hart, field) })
#define AT_RAX ((struct x64_mem){ .base = RAX, .index = NO_REG, .guest = true })

/* eax = the address; misaligned ones are not for us. */
static void address_in_rax(struct code *c, unsigned rs1)
{
	x64_target(c, code_address(c, rs1, 0));
	x64_test_imm8(&c->e, RAX, 3);
	code_step_stub(c, x64_jcc(&c->e, CC_NE, 0));
}

/* xmm0 = ecx, ecx = xmm0, ... */
static void keep(struct code *c, unsigned r)
{
	emit_rr(&c->e, (struct x64_op){ .prefix = 0x66, .map = 1, .code = 0x6e }, 0, r);
}

static void give_back(struct code *c, unsigned r)
{
	emit_rr(&c->e, (struct x64_op){ .prefix = 0x66, .map = 1, .code = 0x7e }, 0, r);
}

static void result(struct code *c, unsigned rd, unsigned r)
{
	if (rd == 0)
		return;
	if (c->home[rd] == NO_REG)
		x64_store(&c->e, slot(rd), r);
	else
		x64_mov(&c->e, (unsigned)c->home[rd], r);
}

enum combination { NOT_OURS, SWAP, ALU, PICK };

/* What an amo makes of ecx and the register; what is not here is for the interpreter. */
static const struct {
	uint8_t combination;
	uint8_t how;	/* ALU: enum x64_alu; PICK: when to take the register, comparing ecx with it */
} amos[OP_COUNT] = {
	[OP_AMOSWAP_W] = { SWAP, 0 }, [OP_AMOADD_W] = { ALU, ALU_ADD }, [OP_AMOXOR_W] = { ALU, ALU_XOR },
	[OP_AMOAND_W] = { ALU, ALU_AND }, [OP_AMOOR_W] = { ALU, ALU_OR }, [OP_AMOMIN_W] = { PICK, CC_G },
	[OP_AMOMAX_W] = { PICK, CC_L }, [OP_AMOMINU_W] = { PICK, CC_A }, [OP_AMOMAXU_W] = { PICK, CC_B },
};

bool x64_can_atomic(int op)
{
	return op == OP_LR_W || op == OP_SC_W || amos[op].combination != NOT_OURS;
}

/* ecx op= register r. */
static void combine(struct code *c, int op, unsigned r)
{
	unsigned h = (unsigned)c->home[r], how = amos[op].how;
	bool home = c->home[r] != NO_REG;

	switch ((enum combination)amos[op].combination) {
	case NOT_OURS:
		c->failed = true;
		break;
	case SWAP:
		if (home)
			x64_mov(&c->e, RCX, h);
		else
			x64_load(&c->e, RCX, slot(r));
		break;
	case ALU:
		if (home)
			x64_alu(&c->e, (enum x64_alu)how, RCX, h);
		else
			x64_alu_mem(&c->e, (enum x64_alu)how, RCX, slot(r));
		break;
	case PICK:
		if (home) {
			x64_alu(&c->e, ALU_CMP, RCX, h);
			x64_cmov(&c->e, (enum x64_cond)how, RCX, h);
		} else {
			x64_alu_mem(&c->e, ALU_CMP, RCX, slot(r));
			emit_rm(&c->e, (struct x64_op){ .map = 1, .code = (uint8_t)(0x40 | how) }, RCX, slot(r));
		}
	}
}

/* Where rs2 is: a register number whose home has it. */
static unsigned operand(struct code *c, unsigned rs2)
{
	struct operand b = code_use(c, rs2);

	if (!b.is_const)
		return b.reg;
	x64_store_imm(&c->e, slot(REG_DUMMY), (uint32_t)b.imm);
	return REG_DUMMY;
}

static void load_reserved(struct code *c, const struct insn *in)
{
	address_in_rax(c, in->rs1);
	code_may_fault(c);
	x64_load(&c->e, RCX, AT_RAX);
	keep(c, RCX);
	x64_mov_imm64(&c->e, RCX, (uintptr_t)c->h);
	x64_store(&c->e, HART(resv_addr), RAX);
	give_back(c, RAX);
	x64_store(&c->e, HART(resv_value), RAX);
	x64_store_imm8(&c->e, HART(resv_valid), 1);
	result(c, in->rd, RAX);
}

static void store_conditional(struct code *c, const struct insn *in, unsigned data)
{
	address_in_rax(c, in->rs1);
	x64_mov_imm64(&c->e, RCX, (uintptr_t)c->h);
	/* valid is a byte among others */
	emit_rm(&c->e, (struct x64_op){ .code = 0x80 }, ALU_CMP, HART(resv_valid));
	emit_8(&c->e, 0);
	code_step_stub(c, x64_jcc(&c->e, CC_E, 0));
	x64_alu_mem(&c->e, ALU_CMP, RAX, HART(resv_addr));
	code_step_stub(c, x64_jcc(&c->e, CC_NE, 0));
	x64_load(&c->e, RCX, HART(resv_value));
	code_may_fault(c);
	x64_alu_mem(&c->e, ALU_CMP, RCX, AT_RAX);
	code_step_stub(c, x64_jcc(&c->e, CC_NE, 0));
	if (c->home[data] == NO_REG)
		x64_load(&c->e, RCX, slot(data));
	else
		x64_mov(&c->e, RCX, (unsigned)c->home[data]);
	code_may_fault(c);
	x64_store(&c->e, AT_RAX, RCX);
	x64_mov_imm64(&c->e, RCX, (uintptr_t)c->h);
	x64_store_imm8(&c->e, HART(resv_valid), 0);
	if (in->rd)
		host_set(c, in->rd, (struct value){ .kind = VALUE_CONST });
}

void x64_atomic(struct code *c, const struct insn *in)
{
	unsigned data;

	/* First all that settles, because what follows uses the scratch registers to the end. */
	code_address(c, in->rs1, 0);
	code_use(c, in->rs2);
	if (in->rd)
		code_settle_readers(c, in->rd);
	data = in->op == OP_LR_W ? 0 : operand(c, in->rs2);
	switch (in->op) {
	case OP_LR_W:
		load_reserved(c, in);
		break;
	case OP_SC_W:
		store_conditional(c, in, data);
		break;
	default:
		address_in_rax(c, in->rs1);
		code_may_fault(c);
		x64_load(&c->e, RCX, AT_RAX);
		keep(c, RCX);
		combine(c, in->op, data);
		code_may_fault(c);
		x64_store(&c->e, AT_RAX, RCX);
		give_back(c, RAX);
		result(c, in->rd, RAX);
	}
	if (in->rd)
		code_define(c, in->rd);
}
