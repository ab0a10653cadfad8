/* SPDX-License-Identifier: MIT */
#include "emu/ptrace/regset.h"

#include <string.h>

#define FCSR_BITS 0xffu		/* frm and fflags: what fscsr would take */

void regset_get_general(const struct hart_regs *r, struct regset_general *out)
{
	out->pc = r->pc;
	memcpy(out->x, &r->x[1], sizeof out->x);
}

void regset_set_general(struct hart_regs *r, const struct regset_general *in)
{
	r->pc = in->pc & ~1u;	/* mepc has no bit 0 */
	memcpy(&r->x[1], in->x, sizeof in->x);
}

void regset_get_fp(const struct hart_regs *r, struct regset_fp *out)
{
	memcpy(out->f, r->f, sizeof out->f);
	out->fcsr = r->fcsr;
	out->pad = 0;
}

void regset_set_fp(struct hart_regs *r, const struct regset_fp *in)
{
	memcpy(r->f, in->f, sizeof in->f);
	r->fcsr = in->fcsr & FCSR_BITS;
}

uint32_t regset_size(uint32_t note, uint32_t *unit)
{
	switch (note) {
	case REGSET_NT_PRSTATUS:
		*unit = 4;
		return sizeof(struct regset_general);
	case REGSET_NT_PRFPREG:
		*unit = 8;
		return sizeof(struct regset_fp);
	default:
		return 0;
	}
}

void regset_get(const struct hart_regs *r, uint32_t note, uint8_t out[REGSET_MAX])
{
	struct regset_general general;
	struct regset_fp fp;

	if (note == REGSET_NT_PRSTATUS) {
		regset_get_general(r, &general);
		memcpy(out, &general, sizeof general);
	} else if (note == REGSET_NT_PRFPREG) {
		regset_get_fp(r, &fp);
		memcpy(out, &fp, sizeof fp);
	}
}

void regset_set(struct hart_regs *r, uint32_t note, const uint8_t *in, uint32_t len)
{
	struct regset_general general;
	struct regset_fp fp;

	if (note == REGSET_NT_PRSTATUS) {
		regset_get_general(r, &general);
		memcpy(&general, in, len < sizeof general ? len : sizeof general);
		regset_set_general(r, &general);
	} else if (note == REGSET_NT_PRFPREG) {
		regset_get_fp(r, &fp);
		memcpy(&fp, in, len < sizeof fp ? len : sizeof fp);
		regset_set_fp(r, &fp);
	}
}
