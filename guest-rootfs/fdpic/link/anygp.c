/* SPDX-License-Identifier: MIT
 *
 * Functions that are right with whatever gp they are entered with: strlen, memcpy, getpid. They reach no data by gp, and call only
 * such functions, or through pointers, for which a thunk sees to gp. A module that calls one in another module need not
 * change gp: its dynamic symbol says so (STO_RISCV_FDPIC_ANY_GP).
 *
 * Looked at are sections: compilers give each function one of its own.
 */
#include "link.h"

#include <string.h>

/* Whether the instruction may have gp for an operand. Doubt is a yes. */
static bool insn_names_gp(uint32_t insn)
{
	unsigned opcode = insn & 0x7f;
	bool rd = (insn >> 7 & 31) == GP, rs1 = (insn >> 15 & 31) == GP, rs2 = (insn >> 20 & 31) == GP;

	switch (opcode) {
	case 0x37: case 0x17: case 0x6f:			/* lui, auipc, jal */
		return rd;
	case 0x13: case 0x03: case 0x67: case 0x73: case 0x0f:	/* with an immediate */
		return rd || rs1;
	case 0x63: case 0x23:					/* branches, stores */
		return rs1 || rs2;
	case 0x07: case 0x27:					/* FP loads and stores */
		return rs1;
	case 0x43: case 0x47: case 0x4b: case 0x4f:		/* FP registers only */
		return false;
	default:
		return rd || rs1 || rs2;
	}
}

static bool half_names_gp(unsigned insn)
{
	unsigned quadrant = insn & 3, funct = insn >> 13;

	if (quadrant == 1)
		return funct <= 3 && funct != 1 && (insn >> 7 & 31) == GP;
	if (quadrant != 2 || funct == 1 || funct == 3 || funct == 5 || funct == 7)
		return false;					/* FP loads and stores, or x8 to x15 only */
	return (funct != 6 && (insn >> 7 & 31) == GP) || ((funct == 4 || funct == 6) && (insn >> 2 & 31) == GP);
}

static bool code_names_gp(const struct section *s)
{
	uint32_t insn;
	uint16_t half;

	for (uint32_t at = 0; at + 2 <= s->sh.sh_size; at += (half & 3) == 3 ? 4 : 2) {
		memcpy(&half, s->data + at, 2);
		if ((half & 3) != 3) {
			if (half_names_gp(half))
				return true;
		} else if (at + 4 <= s->sh.sh_size) {
			memcpy(&insn, s->data + at, 4);
			if (insn_names_gp(insn))
				return true;
		}
	}
	return false;
}

static bool is_code(const struct section *s)
{
	return s->segment == SEG_TEXT && (s->sh.sh_flags & SHF_EXECINSTR);
}

/* Whether code of a section goes on, or may go on, where gp must be this module's. */
static bool goes_on(struct link *l, const struct section *s, const bool *needs)
{
	for (uint32_t r = 0; r < s->n_rel; r++) {
		const struct symbol *to = object_symbol(l->o, ELF32_R_SYM(s->rel[r].r_info));

		switch (ELF32_R_TYPE(s->rel[r].r_info)) {
		case R_RISCV_JAL: case R_RISCV_CALL: case R_RISCV_CALL_PLT: case R_RISCV_BRANCH: case R_RISCV_RVC_BRANCH:
		case R_RISCV_RVC_JUMP: case R_RISCV_PCREL_HI20:
			if (to->sym.st_shndx == SHN_UNDEF ||
			    (to->sym.st_shndx < SHN_LORESERVE && needs[to->sym.st_shndx]))
				return true;
			break;
		default:
			break;
		}
	}
	return false;
}

/* The sections whose code needs this module's gp. */
static bool *find_needs(struct link *l)
{
	bool *needs = alloc(l->o->n_sections * sizeof(*needs)), more = true;

	for (uint32_t i = 0; i < l->n_sites; i++)
		if (l->pseudos[l->sites[i].pseudo].base == BASE_GP)
			needs[l->sites[i].section] = true;
	/* Not those we made: they know what they do. */
	for (uint32_t i = 1; i < l->o->n_read; i++)
		if (is_code(&l->o->sections[i]) && l->o->sections[i].data && code_names_gp(&l->o->sections[i]))
			needs[i] = true;
	while (more) {
		more = false;
		for (uint32_t i = 1; i < l->o->n_sections; i++)
			if (!needs[i] && is_code(&l->o->sections[i]) && goes_on(l, &l->o->sections[i], needs))
				needs[i] = more = true;
	}
	return needs;
}

void link_any_gp(struct link *l)
{
	bool *needs;

	if (l->one_module)
		return;
	needs = find_needs(l);
	for (uint32_t i = l->o->n_locals; i < l->o->n_symbols; i++) {
		const struct symbol *s = &l->o->symbols[i];
		uint32_t section = s->sym.st_shndx;

		if (section == SHN_UNDEF || section >= SHN_LORESERVE || !is_code(&l->o->sections[section]) || needs[section] ||
		    ELF32_ST_TYPE(s->sym.st_info) != STT_FUNC || ELF32_ST_VISIBILITY(s->sym.st_other) == STV_HIDDEN)
			continue;
		ROOM(l->any_gp, l->n_any_gp);
		l->any_gp[l->n_any_gp] = link_label_of(l, i);
		l->n_any_gp++;
	}
}
