/* SPDX-License-Identifier: MIT
 *
 * Control and status registers (volume II, chapter 3; volume I, chapters 9 to 11).
 *
 * Choices the specification leaves open: there are no PMP entries and no hardware
 * performance counters, so their registers read as 0 and ignore writes, and U mode may
 * access all memory; mcountinhibit cannot be set; misa cannot be changed; a cycle is an
 * instruction; pending interrupts are set only from outside (struct hart_csr's mip).
 */
#include "cpu/fp.h"
#include "cpu/hart_private.h"

enum {
#define CSR(number, name) CSR_##name = number,
#include "cpu/csr.def"
#undef CSR
};

#define MISA_VALUE ((1u << 30) | 1u << ('a' - 'a') | 1u << ('c' - 'a') | 1u << ('d' - 'a') |     \
		    1u << ('f' - 'a') | 1u << ('i' - 'a') | 1u << ('m' - 'a') | 1u << ('u' - 'a'))

#define MSTATUS_WRITABLE (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_FS | MSTATUS_MPRV | MSTATUS_TW)

/* Families of registers that exist and are 0. */
static bool reads_zero(uint32_t n)
{
	return (n >= 0xc03 && n <= 0xc1f) || (n >= 0xc83 && n <= 0xc9f) ||	/* hpmcounter */
	       (n >= 0xb03 && n <= 0xb1f) || (n >= 0xb83 && n <= 0xb9f) ||	/* mhpmcounter */
	       (n >= 0x323 && n <= 0x33f) ||					/* mhpmevent */
	       (n >= 0x3a0 && n <= 0x3ef);					/* pmpcfg, pmpaddr */
}

static uint64_t time_now(const struct hart *h)
{
	return h->read_time ? h->read_time(h->time_owner) : h->instret;
}

/* Whether the current mode may touch the register at all. */
static bool may_access(const struct hart *h, uint32_t n, bool write)
{
	if (write && n >> 10 == 3)
		return false;
	if ((n >> 8 & 3) > h->priv)
		return false;
	if (n <= CSR_fcsr && (h->csr.mstatus & MSTATUS_FS) == 0)
		return false;
	/* cycle, time, instret and hpmcounters, with their high halves, in U mode */
	if ((n & ~0x9fu) == 0xc00 && h->priv != HART_M)
		return (h->csr.mcounteren >> (n & 31) & 1) != 0;
	return true;
}

static bool csr_read(struct hart *h, uint32_t n, uint32_t *v)
{
	const struct hart_csr *c = &h->csr;

	switch (n) {
	case CSR_fflags:
		*v = h->regs->fcsr & 31;
		return true;
	case CSR_frm:
		*v = h->regs->fcsr >> 5 & 7;
		return true;
	case CSR_fcsr:
		*v = h->regs->fcsr & 255;
		return true;
	case CSR_cycle: case CSR_mcycle:
		*v = (uint32_t)(h->instret - c->mcycle_offset);
		return true;
	case CSR_cycleh: case CSR_mcycleh:
		*v = (uint32_t)((h->instret - c->mcycle_offset) >> 32);
		return true;
	case CSR_instret: case CSR_minstret:
		*v = (uint32_t)(h->instret - c->minstret_offset);
		return true;
	case CSR_instreth: case CSR_minstreth:
		*v = (uint32_t)((h->instret - c->minstret_offset) >> 32);
		return true;
	case CSR_time:
		*v = (uint32_t)time_now(h);
		return true;
	case CSR_timeh:
		*v = (uint32_t)(time_now(h) >> 32);
		return true;
	case CSR_mstatus:
		*v = c->mstatus;
		return true;
	case CSR_misa:
		*v = MISA_VALUE;
		return true;
	case CSR_mie:
		*v = c->mie;
		return true;
	case CSR_mtvec:
		*v = c->mtvec;
		return true;
	case CSR_mcounteren:
		*v = c->mcounteren;
		return true;
	case CSR_mscratch:
		*v = c->mscratch;
		return true;
	case CSR_mepc:
		*v = c->mepc;
		return true;
	case CSR_mcause:
		*v = c->mcause;
		return true;
	case CSR_mtval:
		*v = c->mtval;
		return true;
	case CSR_mip:
		*v = c->mip;
		return true;
	case CSR_mhartid:
		*v = c->mhartid;
		return true;
	case CSR_menvcfg: case CSR_menvcfgh: case CSR_mstatush: case CSR_mcountinhibit:
	case CSR_mvendorid: case CSR_marchid: case CSR_mimpid: case CSR_mconfigptr:
		*v = 0;
		return true;
	}
	*v = 0;
	return reads_zero(n);
}

static void write_mstatus(struct hart_csr *c, uint32_t v)
{
	uint32_t mpp = (v & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT;

	v &= MSTATUS_WRITABLE;
	/* MPP holds only modes that exist. */
	if (mpp != HART_M && mpp != HART_U)
		v = (v & ~MSTATUS_MPP) | (c->mstatus & MSTATUS_MPP);
	if ((v & MSTATUS_FS) == MSTATUS_FS)
		v |= MSTATUS_SD;
	c->mstatus = v;
}

static void write_fcsr(struct hart *h, uint32_t v)
{
	h->regs->fcsr = v & 255;
	h->csr.mstatus |= MSTATUS_FS | MSTATUS_SD;
}

/* A counter reads v after the writing instruction, which itself will still be counted. */
static uint64_t counter_offset(const struct hart *h, uint64_t v)
{
	return h->instret + 1 - v;
}

static uint64_t with_low(uint64_t old, uint32_t v)
{
	return (old & ~UINT64_C(0xffffffff)) | v;
}

static uint64_t with_high(uint64_t old, uint32_t v)
{
	return (uint32_t)old | (uint64_t)v << 32;
}

/* The register is known to exist; what cannot be written is ignored. */
static void csr_write(struct hart *h, uint32_t n, uint32_t v)
{
	struct hart_csr *c = &h->csr;
	uint64_t cycle = h->instret - c->mcycle_offset, instret = h->instret - c->minstret_offset;

	switch (n) {
	case CSR_fflags:
		write_fcsr(h, (h->regs->fcsr & ~31u) | (v & 31));
		break;
	case CSR_frm:
		write_fcsr(h, (h->regs->fcsr & 31) | (v & 7) << 5);
		break;
	case CSR_fcsr:
		write_fcsr(h, v);
		break;
	case CSR_mstatus:
		write_mstatus(c, v);
		break;
	case CSR_mie:
		c->mie = v & MIP_ALL;
		break;
	case CSR_mtvec:
		/* Modes 2 and 3 are reserved. */
		c->mtvec = (v & ~3u) | (v & 2 ? c->mtvec & 3 : v & 3);
		break;
	case CSR_mcounteren:
		c->mcounteren = v;
		break;
	case CSR_mscratch:
		c->mscratch = v;
		break;
	case CSR_mepc:
		c->mepc = v & ~1u;
		break;
	case CSR_mcause:
		c->mcause = v;
		break;
	case CSR_mtval:
		c->mtval = v;
		break;
	case CSR_mcycle:
		c->mcycle_offset = counter_offset(h, with_low(cycle, v));
		break;
	case CSR_mcycleh:
		c->mcycle_offset = counter_offset(h, with_high(cycle, v));
		break;
	case CSR_minstret:
		c->minstret_offset = counter_offset(h, with_low(instret, v));
		break;
	case CSR_minstreth:
		c->minstret_offset = counter_offset(h, with_high(instret, v));
		break;
	}
}

bool csr_execute(struct hart *h, const struct insn *in)
{
	uint32_t n = (uint32_t)in->imm;
	bool immediate = insn_info[in->op].format == FMT_CSRI;
	bool replaces = in->op == OP_CSRRW || in->op == OP_CSRRWI;
	/* Setting or clearing no bits (x0, or 0) is only a read. */
	bool write = replaces || in->rs1 != 0;
	uint32_t operand = immediate ? in->rs1 : h->regs->x[in->rs1];
	uint32_t old, v;

	if (!may_access(h, n, write) || !csr_read(h, n, &old))
		return false;
	if (replaces)
		v = operand;
	else if (in->op == OP_CSRRS || in->op == OP_CSRRSI)
		v = old | operand;
	else
		v = old & ~operand;
	if (write)
		csr_write(h, n, v);
	if (in->rd)
		h->regs->x[in->rd] = old;
	return true;
}
