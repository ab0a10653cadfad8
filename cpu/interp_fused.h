/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: which pairs of instructions have a handler of their own.
 */
#ifndef CPU_INTERP_FUSED_H
#define CPU_INTERP_FUSED_H

#include "cpu/interp.h"

/* What else can be the second of a pair: a return, jalr x0, 0(rs1), and the op_goto at the end of a block. */
enum { OP_RET = OP_COUNT, OP_GOTO, SECONDS };

/* The handler of the pair with its operands in these forms; NULL: there is none. */
op_fn *interp_fused(int first, enum form first_form, int second, enum form second_form);

#endif
