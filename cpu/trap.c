/* SPDX-License-Identifier: MIT
 *
 * Traps and interrupts taken by the guest itself (volume II, sections 3.1.6 to 3.1.9, 3.3.2).
 */
#include "cpu/hart_private.h"

void trap_enter(struct hart *h, uint32_t cause, uint32_t value)
{
	struct hart_csr *c = &h->csr;
	uint32_t vector = c->mtvec & ~3u;

	c->mepc = h->regs->pc;
	c->mcause = cause;
	c->mtval = value;
	c->mstatus &= ~(MSTATUS_MPIE | MSTATUS_MPP);
	if (c->mstatus & MSTATUS_MIE)
		c->mstatus |= MSTATUS_MPIE;
	c->mstatus |= (uint32_t)h->priv << MSTATUS_MPP_SHIFT;
	c->mstatus &= ~MSTATUS_MIE;
	h->priv = HART_M;
	if ((c->mtvec & 3) == 1 && (cause & CAUSE_INTERRUPT))
		vector += 4 * (cause & ~CAUSE_INTERRUPT);
	h->regs->pc = vector;
}

bool trap_take_interrupt(struct hart *h)
{
	struct hart_csr *c = &h->csr;
	uint32_t pending = c->mip & c->mie;
	uint32_t number;

	if (pending == 0 || (h->priv == HART_M && !(c->mstatus & MSTATUS_MIE)))
		return false;
	/* External first, then software, then timer. */
	number = pending & MIP_MEI ? 11 : pending & MIP_MSI ? 3 : 7;
	trap_enter(h, CAUSE_INTERRUPT | number, 0);
	return true;
}

void trap_return(struct hart *h)
{
	struct hart_csr *c = &h->csr;

	h->priv = (c->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT == HART_M ? HART_M : HART_U;
	c->mstatus &= ~MSTATUS_MIE;
	if (c->mstatus & MSTATUS_MPIE)
		c->mstatus |= MSTATUS_MIE;
	c->mstatus |= MSTATUS_MPIE;
	c->mstatus &= ~MSTATUS_MPP;
	if (h->priv != HART_M)
		c->mstatus &= ~MSTATUS_MPRV;
	h->regs->pc = c->mepc;
}
