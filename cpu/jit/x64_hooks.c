/* SPDX-License-Identifier: MIT
 *
 * The x86-64 backend: hooks in translated code.
 */
#include "cpu/jit/x64.h"

#define ON_STACK(n) ((struct x64_mem){ .base = RSP, .index = NO_REG, .disp = 8 * (int32_t)(n) })

/* Homes that functions of the System V ABI may change; an odd number, see emit_access(). */
static const uint8_t volatile_homes[] = { RDX, RSI, RDI, R8, R9, R10, R11 };

void host_tally(struct code *c, const uint64_t *counter)
{
	x64_mov_imm64(&c->e, RAX, (uintptr_t)counter);
	x64_inc64_mem(&c->e, (struct x64_mem){ .base = RAX, .index = NO_REG });
}

/* Moves FP homes to the stack or back: movsd. */
static void fp_homes(struct emitter *e, bool load)
{
	for (unsigned k = 0; k < host_convention.fcount; k++)
		emit_rm(e, (struct x64_op){ .prefix = 0xf2, .map = 1, .code = load ? 0x10 : 0x11 },
			(unsigned)host_convention.fregs[k], ON_STACK(k));
}

/*
 * int access(what in rax): jit_access(), on the host's stack.  All homes stay; leaves the zero flag set if the access is to
 * be made.  Nothing is kept on the JIT's stack but the way back: it may begin anew at any push.
 */
static void emit_access(struct emitter *e, struct jit *j, bool fp)
{
	int32_t room = (8 * host_convention.fcount + 15) & ~15;

	x64_mov_imm64(e, RCX, (uintptr_t)&j->context);
	x64_store64(e, CONTEXT(jit_sp), RSP);
	x64_load64(e, RSP, CONTEXT(host_sp));
	/* After a return address and six registers (emit_enter()), an odd number makes it what the ABI wants. */
	for (unsigned k = 0; k < sizeof(volatile_homes); k++)
		x64_push(e, volatile_homes[k]);
	if (fp) {
		x64_alu64_imm(e, ALU_SUB, RSP, room);
		fp_homes(e, false);
	}
	x64_mov_imm64(e, RDI, (uintptr_t)j);
	x64_mov64(e, RSI, RAX);
	x64_mov_imm64(e, RAX, (uintptr_t)jit_access);
	x64_call_reg(e, RAX);
	if (fp) {
		fp_homes(e, true);
		x64_alu64_imm(e, ALU_ADD, RSP, room);
	}
	for (unsigned k = sizeof(volatile_homes); k-- > 0; )
		x64_pop(e, volatile_homes[k]);
	x64_mov_imm64(e, RCX, (uintptr_t)&j->context);
	x64_load64(e, RSP, CONTEXT(jit_sp));
	x64_test(e, RAX, RAX);
	x64_ret(e);
}

void host_hooks(struct jit *j)
{
	struct emitter e = { .p = j->rw + j->used, .end = j->rw + j->size, .view = j->rx - j->rw };

	if (!(j->code.h->engine->hooks.mask & HOOK_ACCESS))
		return;
	j->access = jit_offset(j, e.p);
	emit_access(&e, j, false);
	j->access_fp = jit_offset(j, e.p);
	emit_access(&e, j, true);
	j->used = (jit_offset(j, e.p) + 15) & ~15u;
}

static void ask(struct code *c, struct value address, struct hooks_access a)
{
	struct emitter *e = &c->e;

	x64_store_imm(e, REGS_PC, c->pc);
	x64_target(c, address);
	x64_mov_imm64(e, RCX, (uint64_t)(a.size | (uint32_t)a.kinds << 8) << 32);
	x64_alu64(e, ALU_OR, RAX, RCX);
	x64_call(e, jit_address(c->jit, c->has_fp ? c->jit->access_fp : c->jit->access));
	code_asked_stub(c, x64_jcc(e, CC_NE, 0));
}

/* The words that the access may be to, from the first on. */
static void look_up_watched(struct code *c, struct value address, struct hooks_access a)
{
	uint32_t word = (a.kinds & HART_READS ? 0x0f : 0) | (a.kinds & HART_WRITES ? 0xf0 : 0);
	struct emitter *e = &c->e;

	x64_target(c, address);
	x64_shift_imm(e, SHIFT_SHR, RAX, 2);
	x64_mov_imm64(e, RCX, (uintptr_t)c->h->engine->hooks.watched);
	x64_test_mem_imm(e, a.size > 4 ? 4 : a.size > 1 ? 2 : 1, (struct x64_mem){ .base = RCX, .index = RAX },
			 a.size > 4 ? word * 0x010101 : word * 0x0101);
	code_step_stub(c, x64_jcc(e, CC_NE, 0));
}

void host_before_access(struct code *c, struct value address, struct hooks_access a)
{
	uint32_t mask = c->h->engine->hooks.mask;

	if (mask & HOOK_ACCESS)
		ask(c, address, a);
	if (mask & HOOK_WATCH)
		look_up_watched(c, address, a);
}
