/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: the hart's floating-point state while handlers run.
 *
 * The first FP instruction of a block is preceded by an uncounted record that
 * requires a level; the level is raised at the first need of a hart_run() and dropped
 * by fp_end(), so that code without floating point pays nothing for it.  From FP_ON up,
 * mstatus.FS is on and dirty, and the host's exception flags belong to the guest:
 * they are ORed into fcsr by fp_end(), which also restores the host's own state.
 */
#ifndef CPU_FP_H
#define CPU_FP_H

#include "cpu/hart.h"
#include "cpu/softfloat.h"

enum fp_level {
	FP_OFF,		/* nothing may be assumed */
	FP_ON,		/* FP instructions may run, frm is anything */
	FP_RNE,		/* and frm is round to nearest even */
};

/* Raises the level from FP_OFF.  False when mstatus.FS is off: FP instructions are illegal. */
bool fp_begin(struct hart *h);
/* Brings regs.fcsr up to date and gives the host its state back.  Any level; leaves FP_OFF. */
void fp_end(struct hart *h);

/*
 * Executes any computational FP instruction (all but loads and stores) on softfloat.
 * rm may be RM_DYN.  False: the dynamic rounding mode is invalid, nothing was done.
 */
bool fp_execute(struct hart *h, int op, uint32_t rd, uint32_t rs1, uint32_t rs2, uint32_t rs3, uint32_t rm);

static inline uint64_t fp_box(uint32_t single)
{
	return UINT64_C(0xffffffff00000000) | single;
}

/* The single held by an FP register: the canonical NaN unless it is properly boxed. */
static inline uint32_t fp_unbox(uint64_t reg)
{
	return reg >> 32 == 0xffffffff ? (uint32_t)reg : SOFT_NAN_S;
}

#endif
