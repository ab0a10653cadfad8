/* SPDX-License-Identifier: MIT
 *
 * Addresses in data, and calls.
 *
 * A word in data that holds a function's address must hold its descriptor's instead. What is a function is told by the
 * symbol's type; an address in the midst of code (a label that a computed goto uses) stays what it is.
 *
 * A call that stays in the file goes straight to the function, even if others could replace it (as -Bsymbolic-functions
 * has it; names in --dynamic-list are exempt). A call that leaves it goes to a stub.
 */
#include "link.h"

#include <string.h>

static void set_symbol(Elf32_Rela *rel, uint32_t handle)
{
	rel->r_info = ELF32_R_INFO(handle, ELF32_R_TYPE(rel->r_info));
}

static void function_word(struct link *l, uint32_t section, Elf32_Rela *rel, uint32_t handle)
{
	struct thing *t = link_thing(l, handle);
	const char *name = object_symbol(l->o, handle)->name;

	if (rel->r_addend) {
		error("%s: %s%+d is not the address of a function", object_where(l->o, section, rel->r_offset), name,
		      rel->r_addend);
	} else if (t->kind == KIND_IMPORT_FUNCTION) {
		link_mark(l, section, rel->r_offset, MARK_FUNCDESC, name);
	} else {
		set_symbol(rel, link_symbol_of(l, link_descriptor(l, handle)));
		if (t->exported)
			link_mark(l, section, rel->r_offset, MARK_FUNCDESC_OWN, name);
	}
}

/* A section's symbol and an offset: the function there, if one begins there. */
static void section_word(struct link *l, uint32_t section, Elf32_Rela *rel, const struct symbol *s)
{
	uint32_t f;

	if (!(l->o->sections[s->sym.st_shndx].sh.sh_flags & SHF_EXECINSTR))
		return;
	f = object_function_from(l->o, s->sym.st_shndx, s->sym.st_value + (uint32_t)rel->r_addend, 0);
	if (f == NO_NAME)
		return;
	rel->r_addend = 0;
	function_word(l, section, rel, f);
}

static void null_word(struct link *l, uint32_t section, Elf32_Rela *rel)
{
	struct section *s = &l->o->sections[section];
	uint32_t value = (uint32_t)rel->r_addend;

	if (s->data && rel->r_offset + 4 <= s->sh.sh_size)
		memcpy(s->data + rel->r_offset, &value, 4);
	rel->r_info = ELF32_R_INFO(0, R_RISCV_NONE);
	rel->r_addend = 0;
}

static void word(struct link *l, uint32_t section, Elf32_Rela *rel)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	const struct symbol *s = object_symbol(l->o, handle);

	if (!handle)
		return;
	switch (link_thing(l, handle)->kind) {
	case KIND_FUNCTION:
	case KIND_IMPORT_FUNCTION:
		function_word(l, section, rel, handle);
		break;
	case KIND_CONST:
		if (ELF32_ST_TYPE(s->sym.st_info) == STT_SECTION)
			section_word(l, section, rel, s);
		break;
	case KIND_NULL:
		null_word(l, section, rel);
		break;
	case KIND_TLS:
	case KIND_IMPORT_TLS:
		error("%s: the address of the thread-local variable %s is not known before it runs",
		      object_where(l->o, section, rel->r_offset), s->name);
		break;
	case KIND_MISSING:
	case KIND_IMPORT_UNKNOWN:
		link_missing(l, handle, section, rel->r_offset);
		break;
	default:
		break;
	}
}

bool link_interposed(const struct link *l, const char *name)
{
	for (size_t i = 0; l->args->shared && i < l->args->interposed.n; i++)
		if (!strcmp(l->args->interposed.v[i], name))
			return true;
	return false;
}

static void reach(struct link *l, Elf32_Rela *rel, bool call)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	const struct symbol *s = object_symbol(l->o, handle);
	const struct thing *t;

	if (!handle || (s->sym.st_shndx == SHN_UNDEF && after(s->name, "__fdpic_icall")))
		return;
	t = link_thing(l, handle);
	if (call && (t->kind == KIND_IMPORT_FUNCTION ||
		     (t->kind == KIND_FUNCTION && t->exported && link_interposed(l, s->name))))
		set_symbol(rel, link_stub(l, handle));
	else if (call && t->kind == KIND_NULL && !l->one_module)
		set_symbol(rel, link_nowhere(l));
	else if ((t->kind == KIND_FUNCTION || t->kind == KIND_CONST) && t->exported && l->args->shared)
		set_symbol(rel, link_alias(l, handle));
}

void link_words(struct link *l)
{
	for (uint32_t i = 1; i < l->o->n_read; i++) {
		for (uint32_t r = 0; l->o->sections[i].segment != SEG_NONE && r < l->o->sections[i].n_rel; r++) {
			Elf32_Rela *rel = &l->o->sections[i].rel[r];

			switch (ELF32_R_TYPE(rel->r_info)) {
			case R_RISCV_32:
				if (l->o->sections[i].segment != SEG_TEXT)
					word(l, i, rel);
				break;
			case R_RISCV_JAL:
			case R_RISCV_CALL:
			case R_RISCV_CALL_PLT:
				reach(l, rel, true);
				break;
			case R_RISCV_BRANCH:
			case R_RISCV_RVC_BRANCH:
			case R_RISCV_RVC_JUMP:
			case R_RISCV_PCREL_HI20:
			case R_RISCV_32_PCREL:
			case R_RISCV_PLT32:
				reach(l, rel, false);
				break;
			default:
				break;
			}
		}
	}
}
