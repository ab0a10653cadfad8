/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: privileged state that the interpreter, the CSRs and the traps share.
 */
#ifndef CPU_HART_PRIVATE_H
#define CPU_HART_PRIVATE_H

#include "cpu/decode.h"
#include "cpu/hart.h"

/* mstatus (volume II, section 3.1.6) */
#define MSTATUS_MIE	(1u << 3)
#define MSTATUS_MPIE	(1u << 7)
#define MSTATUS_MPP	(3u << 11)
#define MSTATUS_MPP_SHIFT 11
#define MSTATUS_FS	(3u << 13)
#define MSTATUS_MPRV	(1u << 17)
#define MSTATUS_TW	(1u << 21)
#define MSTATUS_SD	(1u << 31)

/* mip and mie bits that exist: machine software, timer and external interrupts. */
#define MIP_MSI		(1u << 3)
#define MIP_MTI		(1u << 7)
#define MIP_MEI		(1u << 11)
#define MIP_ALL		(MIP_MSI | MIP_MTI | MIP_MEI)

/* mcause */
enum {
	CAUSE_FETCH = 1, CAUSE_ILLEGAL = 2, CAUSE_BREAK = 3, CAUSE_LOAD_MISALIGNED = 4, CAUSE_LOAD = 5,
	CAUSE_STORE_MISALIGNED = 6, CAUSE_STORE = 7, CAUSE_ECALL_U = 8, CAUSE_ECALL_M = 11,
};
#define CAUSE_INTERRUPT 0x80000000u

/* csr.c */

/* A Zicsr instruction, except for advancing pc and instret.  False: illegal. */
bool csr_execute(struct hart *h, const struct insn *in);

/* trap.c */

/* Enters the guest's trap handler: pc is the interrupted or trapping instruction. */
void trap_enter(struct hart *h, uint32_t cause, uint32_t value);
/* Takes a pending and enabled interrupt, if any. */
bool trap_take_interrupt(struct hart *h);
void trap_return(struct hart *h);

#endif
