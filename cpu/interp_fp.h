/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: which handler computes a floating-point instruction.
 */
#ifndef CPU_INTERP_FP_H
#define CPU_INTERP_FP_H

#include "cpu/decode.h"
#include "cpu/engine.h"

/*
 * The handler of a computational FP instruction, given whether frm is nearest even now;
 * *level is the enum fp_level its block must require.
 */
op_fn *interp_fp_handler(const struct insn *in, bool frm_nearest, int *level);

#endif
