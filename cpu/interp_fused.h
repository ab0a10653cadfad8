/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: which pairs of instructions have a handler of their own.
 */
#ifndef CPU_INTERP_FUSED_H
#define CPU_INTERP_FUSED_H

#include "cpu/interp.h"

/* The handler of the pair with its operands in these forms; NULL: there is none. */
op_fn *interp_fused(int first, enum form first_form, int second, enum form second_form);

#endif
