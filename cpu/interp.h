/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: how handlers are written.
 *
 * A handler is a function that ends by jumping to the handler of the next record, a tail
 * call: its arguments stay in host registers all the way, and each handler has
 * the register allocation of a small function.  Slow cases are tail calls too, to functions
 * that are not inlined, so that the fast path saves no registers.
 */
#ifndef CPU_INTERP_H
#define CPU_INTERP_H

#include "cpu/access.h"
#include "cpu/decode.h"
#include "cpu/engine.h"
#include "cpu/sem.h"

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 15)
#define TAIL __attribute__((musttail)) return
#else
/*
 * gcc before 15 has no such attribute, but makes these tail calls at -O2; builds of other
 * levels (debug, sanitizers) would overflow the host stack.
 */
#define TAIL return
#pragma GCC optimize("O2")
#endif

/* Aligned so that a handler, most are short, fills one line of the host's instruction cache. */
#define OP(name) __attribute__((aligned(64)))                                   \
	int name(__attribute__((unused)) struct hart_regs *regs, struct rec *ip,        \
		 __attribute__((unused)) uint8_t *base, int64_t budget, struct hart *h, \
		 __attribute__((unused)) uint32_t acc, __attribute__((unused)) double dacc, \
		 __attribute__((unused)) float sacc)
#define ARGS regs, ip, base, budget, h, acc, dacc, sacc

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Goes on with the record k places further. */
#define NEXT(k)                                                                 \
	do {                                                                    \
		ip += (k);                                                      \
		TAIL ip->fn(ARGS);                               \
	} while (0)

/* Integer registers, the dummy included. */
ALWAYS_INLINE uint32_t *xregs(struct hart_regs *regs)
{
	return (uint32_t *)(void *)regs;
}

#define X(n) (xregs(regs)[n])

/*
 * The accumulator.  Handlers with an integer result leave it in acc too; others pass acc
 * on.  The translator knows which register acc equals and picks handlers that take that
 * operand from acc: a chain of dependent instructions then runs at the speed of host
 * registers instead of stores forwarded to loads.  So most handlers come in three forms.
 * dacc and sacc are the same for double and single results.
 */
#define RESULT(v) (X(ip->rd) = acc = (v))

enum form {
	FORM_MEM,	/* all operands from the register file */
	FORM_ACC1,	/* rs1 is in the accumulator */
	FORM_ACC2,	/* rs2 is in the accumulator */
	FORMS,
	FORM_ACC3 = FORMS,	/* rs3 is: only of fused multiplication and addition */
	FP_FORMS,
};

/* Makes the three forms of a handler whose body uses the values A and B of rs1 and rs2. */
#define OP_FORMS(name, body)                                                    \
OP(name) { uint32_t A = X(ip->rs1), B = X(ip->rs2); (void)A; (void)B; body }    \
OP(name##_acc1) { uint32_t A = acc, B = X(ip->rs2); (void)A; (void)B; body }    \
OP(name##_acc2) { uint32_t A = X(ip->rs1), B = acc; (void)A; (void)B; body }
#define F(n) (regs->f[n])

/* What loads and stores do to memory. */
#define LOAD_LB guest_load_s8
#define LOAD_LH guest_load_s16
#define LOAD_LW guest_load_u32
#define LOAD_LBU guest_load_u8
#define LOAD_LHU guest_load_u16
#define STORE_SB guest_store_u8
#define STORE_SH guest_store_u16
#define STORE_SW guest_store_u32

/* Leaves the handlers: n instructions of this block are retired, the next is at pc. */
ALWAYS_INLINE int leave(struct hart *h, uint32_t pc, int64_t budget, uint32_t n, enum run_code code)
{
	h->regs->pc = pc;
	h->engine->left = budget - n;
	return code;
}

/* Handlers of their own, by instruction. */
#define I(id, name, match, mask, fmt, ext) op_fn op_##id, op_##id##_acc1, op_##id##_acc2;
#include "cpu/insn.def"
#undef I

/* interp_flow.c */
op_fn op_link;		/* engine->unresolved: finds the target of the record that acc has the address of, and links it */
op_fn op_goto;		/* ends a block that goes on elsewhere; imm: target; link follows */
op_fn op_enter;		/* for hart_run(): enters the block whose head is ip */
op_fn op_count;		/* head of a block that has been entered as often as it takes to be hot */
op_fn op_away;		/* head of a block that is not to be run, for it has a translation or is stale: its pc is looked up */
op_fn op_retired;	/* HOOK_COUNT: counts the instruction at imm */
/*
 * Stands before an access to imm(rs1), for HOOK_ACCESS and HOOK_WATCH; the next record has the pc in imm, rd: op,
 * rs1: size, rs2: kinds, n: whether to ask.
 */
op_fn op_access;
op_fn op_watchpoint;	/* HOOK_WATCH: leaves behind an access to watched bytes; imm: the next pc */
op_fn op_call;		/* jal with a destination: imm: target; link; a record with the return address */
op_fn op_ret, op_ret_acc1;	/* jalr x0, 0(rs1) */
op_fn op_system;	/* returns code rs1; imm: own pc; a record with the bits in imm follows */

/* interp_int.c */
op_fn op_li;		/* rd = imm */
op_fn op_mv, op_mv_acc1;	/* rd = rs1 */
op_fn op_nop;

/* interp_mem.c */

/*
 * The instruction of record ip accessed memory in vain: asks the bus, then goes on with
 * record ip + 1, or returns RUN_FAULT.
 */
op_fn op_access_failed;
op_fn op_misaligned;

/* interp_fp.c */
op_fn op_fp_begin;	/* uncounted; imm: the fp_level that the block needs from here on */
op_fn op_fp_soft;	/* any FP computation, any rounding mode; imm: FP_IMM() */

/* Operands of an FP record that do not fit its register fields. */
#define FP_IMM(op, rs3, rm) ((int32_t)((uint32_t)(op) << 8 | (uint32_t)(rs3) << 3 | (uint32_t)(rm)))

#endif
