/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: which handlers compute a floating-point instruction, and
 * moving values between registers and the host's types.
 */
#ifndef CPU_INTERP_FP_H
#define CPU_INTERP_FP_H

#include "cpu/fp.h"
#include "cpu/interp.h"

#include <string.h>

/* Where the result of a computational instruction goes, and so which accumulator has it. */
enum fp_result { FP_RESULT_X, FP_RESULT_S, FP_RESULT_D };

enum fp_result interp_fp_result(int op);

/*
 * The forms (enum form, FP_FORMS of them) of the handler of a computational FP instruction,
 * given whether frm is nearest even now; *level is the enum fp_level its block must require.
 */
op_fn *const *interp_fp_forms(const struct insn *in, bool frm_nearest, int *level);

ALWAYS_INLINE double get_d(uint64_t reg)
{
	double v;

	memcpy(&v, &reg, sizeof(v));
	return v;
}

ALWAYS_INLINE uint64_t put_d(double v)
{
	uint64_t reg;

	memcpy(&reg, &v, sizeof(reg));
	return reg;
}

ALWAYS_INLINE float get_s(uint64_t reg)
{
	uint32_t bits = (uint32_t)reg;
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/*
 * Singles in registers are read and written as two halves: the box is then compared and
 * stored as an immediate.
 */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "registers and guest memory are taken to be little-endian"
#endif

/* The low half of register n, boxed or not. */
ALWAYS_INLINE float load_s(const struct hart_regs *regs, uint32_t n)
{
	float v;

	memcpy(&v, &regs->f[n], sizeof(v));
	return v;
}

ALWAYS_INLINE bool boxed(const struct hart_regs *regs, uint32_t n)
{
	uint32_t high;

	memcpy(&high, (const char *)&regs->f[n] + 4, sizeof(high));
	return high == 0xffffffff;
}

ALWAYS_INLINE void store_s(struct hart_regs *regs, uint32_t n, float v)
{
	const uint32_t box = 0xffffffff;

	memcpy(&regs->f[n], &v, sizeof(v));
	memcpy((char *)&regs->f[n] + 4, &box, sizeof(box));
}

ALWAYS_INLINE uint32_t bits_s(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

#endif
