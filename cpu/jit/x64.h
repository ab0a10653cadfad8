/* SPDX-License-Identifier: MIT
 *
 * Private to the x86-64 backend: which host register is what.
 *
 *	rax, rcx	free for use within an instruction
 *	rbp		struct hart_regs
 *	r15		the budget: instructions that may still run
 *	gs		base of guest memory
 *	rsp		the JIT's own stack
 *	others		homes of guest registers
 *
 * Guest memory is addressed by way of GS with 32-bit address arithmetic: so
 * base + index * scale + displacement is computed modulo 4 GiB as the guest would, it costs
 * nothing, and no register is spent on the base.
 */
#ifndef CPU_JIT_X64_H
#define CPU_JIT_X64_H

#include "cpu/jit/jit_private.h"
#include "cpu/jit/x64_emit.h"

#include <stddef.h>

#define STATE RBP
#define BUDGET R15

static inline struct x64_mem state_mem(unsigned offset)
{
	return (struct x64_mem){ .base = STATE, .index = NO_REG, .disp = (int32_t)offset };
}

/* The place of guest register r in struct hart_regs. */
static inline struct x64_mem slot(unsigned r)
{
	return state_mem(4 * r);
}

#define REGS_PC state_mem(offsetof(struct hart_regs, pc))
/* Of struct jit_context, whose address is in rcx. */
#define CONTEXT(field) ((struct x64_mem){ .base = RCX, .index = NO_REG, .disp = offsetof(struct jit_context, field) })

extern struct x64_features {
	bool bmi1, bmi2, lzcnt, popcnt, fma;
} x64_features;

/* eax = a sum, a home or a constant; the same as an operand. (x64_ops.c) */
void x64_target(struct code *c, struct value address);
struct x64_mem x64_sum_mem(struct code *c, struct value v);

bool x64_can_compute(int op);
bool x64_can_access(int op);
bool x64_can_branch(int op);

/* x64_fp.c */
bool x64_can_fp(const struct insn *in);
void x64_fp(struct code *c, const struct insn *in);
void x64_enter_fhomes(struct code *c);
void x64_leave_fhomes(struct code *c);
void x64_finish_fp(struct code *c);
void x64_fp_constants(struct emitter *e, struct jit *j);	/* in the prologue */

/* x64_atomic.c */
bool x64_can_atomic(int op);
void x64_atomic(struct code *c, const struct insn *in);

#endif
