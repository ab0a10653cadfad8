/* SPDX-License-Identifier: MIT
 *
 * Register sets as riscv32 Linux lays them out (arch/riscv/include/uapi/asm/ptrace.h,
 * arch/riscv/kernel/ptrace.c): what PTRACE_GETREGSET and PTRACE_SETREGSET carry and core dumps hold.
 */
#ifndef EMU_KERNEL_REGSET_H
#define EMU_KERNEL_REGSET_H

#include <stdint.h>
#include "cpu/hart.h"

/* ELF note numbers. */
#define REGSET_NT_PRSTATUS 1u
#define REGSET_NT_PRFPREG 2u

/* NT_PRSTATUS: struct user_regs_struct. */
struct regset_general {
	uint32_t pc;
	uint32_t x[31];		/* x1 (ra) to x31 (t6) */
};

/* NT_PRFPREG: struct __riscv_d_ext_state.  (The union that ELF notes hold is as large as the Q extension's: 528.) */
struct regset_fp {
	uint64_t f[32];		/* singles are NaN-boxed */
	uint32_t fcsr;
	uint32_t pad;		/* 0 */
};

_Static_assert(sizeof(struct regset_general) == 128 && sizeof(struct regset_fp) == 264, "sizes of the ABI");
#define REGSET_MAX 264		/* bytes of the largest */

void regset_get_general(const struct hart_regs *r, struct regset_general *out);
void regset_set_general(struct hart_regs *r, const struct regset_general *in);
void regset_get_fp(const struct hart_regs *r, struct regset_fp *out);
void regset_set_fp(struct hart_regs *r, const struct regset_fp *in);

/*
 * By note number, for ptrace(2).  regset_size(): bytes of the whole set, 0: there is no such one; *unit: those of
 * one register, of which a transfer must be a multiple.  regset_set() takes the first len bytes and leaves the
 * registers behind them as they are.
 */
uint32_t regset_size(uint32_t note, uint32_t *unit);
void regset_get(const struct hart_regs *r, uint32_t note, uint8_t out[REGSET_MAX]);
void regset_set(struct hart_regs *r, uint32_t note, const uint8_t *in, uint32_t len);

#endif
