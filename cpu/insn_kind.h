/* SPDX-License-Identifier: MIT
 *
 * What kind of instruction each format of insn.def belongs to, for code that is made from the table: whoever includes the table
 * with
 *
 *	#define I(id, name, match, mask, fmt, ext) INSN_KIND(fmt, id)
 *
 * defines what becomes of each kind: INSN_COMPUTES(id) and so on.
 */
#ifndef CPU_INSN_KIND_H
#define CPU_INSN_KIND_H

#define INSN_KIND(fmt, id) KIND_##fmt(id)

/* Integer registers and immediates to an integer register: sem.h. */
#define KIND_FMT_R(id) INSN_COMPUTES(id)
#define KIND_FMT_R1(id) INSN_COMPUTES(id)
#define KIND_FMT_I(id) INSN_COMPUTES(id)
#define KIND_FMT_SHAMT(id) INSN_COMPUTES(id)
/* Integer loads and stores. */
#define KIND_FMT_LOAD(id) INSN_ACCESSES(id)
#define KIND_FMT_STORE(id) INSN_ACCESSES(id)
#define KIND_FMT_FLOAD(id) INSN_FLOADS(id)
#define KIND_FMT_FSTORE(id) INSN_FSTORES(id)
#define KIND_FMT_LR(id) INSN_ATOMIC(id)
#define KIND_FMT_AMO(id) INSN_ATOMIC(id)
/* Branches, and jumps through registers. */
#define KIND_FMT_B(id) INSN_JUMPS(id)
#define KIND_FMT_JALR(id) INSN_JUMPS(id)
/* What is not made from the table: direct jumps, the upper immediates, fences, system instructions, computing with FP registers. */
#define KIND_FMT_NONE(id) INSN_OTHER(id)
#define KIND_FMT_U(id) INSN_OTHER(id)
#define KIND_FMT_J(id) INSN_OTHER(id)
#define KIND_FMT_FENCE(id) INSN_OTHER(id)
#define KIND_FMT_CSR(id) INSN_OTHER(id)
#define KIND_FMT_CSRI(id) INSN_OTHER(id)
#define KIND_FMT_FFF(id) INSN_OTHER(id)
#define KIND_FMT_FFF_RM(id) INSN_OTHER(id)
#define KIND_FMT_FF_RM(id) INSN_OTHER(id)
#define KIND_FMT_FFFF_RM(id) INSN_OTHER(id)
#define KIND_FMT_XFF(id) INSN_OTHER(id)
#define KIND_FMT_XF(id) INSN_OTHER(id)
#define KIND_FMT_XF_RM(id) INSN_OTHER(id)
#define KIND_FMT_FX(id) INSN_OTHER(id)
#define KIND_FMT_FX_RM(id) INSN_OTHER(id)

#endif
