/* SPDX-License-Identifier: MIT
 *
 * Objects without the mark of the compiler (.note.fdpic): assembly, and libgcc, which is compiled otherwise. What they
 * refer to is checked as everywhere; what no relocation shows is a jump through a pointer, which here would be the
 * address of a descriptor. So they may have none but returns, and those of a switch: jumps (not calls) in objects that
 * have a table of distances to their code.
 */
#include "link.h"

#include <string.h>

#define MARK ".note.fdpic"

enum jump { JUMP_NONE, JUMP_SWITCH, JUMP_CALL };

/* What kind of a jump through a register the instruction is; a return is none. */
static enum jump jump_at(const uint8_t *code, unsigned size)
{
	uint32_t insn;
	uint16_t half;
	unsigned rd, rs;

	if (size == 4) {
		memcpy(&insn, code, 4);
		if ((insn & 0x707f) != 0x67)
			return JUMP_NONE;
		rd = insn >> 7 & 31;
		rs = insn >> 15 & 31;
	} else {
		memcpy(&half, code, 2);
		/* c.jr and c.jalr; c.ebreak has no register */
		if ((half & 0xe07f) != 0x8002 || !(half >> 7 & 31))
			return JUMP_NONE;
		rd = half >> 12 & 1 ? RA : ZERO;
		rs = half >> 7 & 31;
	}
	if (rd == ZERO)
		return rs == RA || rs == T0 ? JUMP_NONE : JUMP_SWITCH;
	return JUMP_CALL;
}

/* Whether read-only data of this object holds distances to its code. */
static bool has_switches(const struct link *l, const char *origin)
{
	for (uint32_t i = 1; i < l->o->n_read; i++) {
		const struct section *s = &l->o->sections[i];

		if (s->segment != SEG_TEXT || !s->origin || strcmp(s->origin, origin) || after(s->name, ".eh_frame"))
			continue;
		for (uint32_t r = 0; r < s->n_rel; r++) {
			const Elf32_Sym *sym = &l->o->symbols[ELF32_R_SYM(s->rel[r].r_info)].sym;

			if (ELF32_R_TYPE(s->rel[r].r_info) == R_RISCV_ADD32 && sym->st_shndx < l->o->n_read &&
			    (l->o->sections[sym->st_shndx].sh.sh_flags & SHF_EXECINSTR))
				return true;
		}
	}
	return false;
}

static void check_section(struct link *l, uint32_t index)
{
	const struct section *s = &l->o->sections[index];
	uint8_t *call = alloc(s->sh.sh_size);

	for (uint32_t r = 0; r < s->n_rel; r++) {
		unsigned type = ELF32_R_TYPE(s->rel[r].r_info);

		if ((type == R_RISCV_CALL || type == R_RISCV_CALL_PLT) && s->rel[r].r_offset < s->sh.sh_size)
			call[s->rel[r].r_offset] = 1;
	}
	for (uint32_t at = 0; at + 2 <= s->sh.sh_size;) {
		unsigned size = (s->data[at] & 3) == 3 ? 4 : 2;
		enum jump jump;

		if (call[at]) {
			at += 8;
			continue;
		}
		if (at + size > s->sh.sh_size)
			break;
		jump = jump_at(s->data + at, size);
		if (jump == JUMP_CALL || (jump == JUMP_SWITCH && !has_switches(l, s->origin))) {
			error("%s: a jump through a pointer, in an object without the mark " MARK
			      ": was it compiled with -mfdpic?", object_where(l->o, index, at));
			return;
		}
		at += size;
	}
}

void link_check_foreign(struct link *l)
{
	struct names marked = { NULL, 0, 0 };

	for (uint32_t i = 1; i < l->o->n_read; i++) {
		struct section *s = &l->o->sections[i];

		if (strcmp(s->name, MARK))
			continue;
		if (s->origin)
			names_set(&marked, s->origin, 1);
		s->sh.sh_flags = (s->sh.sh_flags & ~(Elf32_Word)SHF_ALLOC) | SHF_EXCLUDE;
	}
	for (uint32_t i = 1; i < l->o->n_read; i++) {
		const struct section *s = &l->o->sections[i];

		if (s->segment == SEG_TEXT && (s->sh.sh_flags & SHF_EXECINSTR) && s->data && s->origin &&
		    names_find(&marked, s->origin) == NO_NAME)
			check_section(l, i);
	}
}
