/* SPDX-License-Identifier: MIT
 *
 * The ordinary relocations. Text and data lie at an unknown distance, so nothing may reach from one into the other, and
 * no address may stand in the text.
 */
#include "link.h"

#include <string.h>

static const char *const compile = "was it compiled with -mfdpic?";

/* A site says what it refers to; the sections' names say where that lies. */
static void refuse(struct link *l, uint32_t section, const Elf32_Rela *rel, const char *what, const char *hint)
{
	const char *name = object_symbol(l->o, ELF32_R_SYM(rel->r_info))->name;

	error("%s: %s %s%s%s", object_where(l->o, section, rel->r_offset), what, *name ? name : "a section",
	      hint ? ": " : "", hint ? hint : "");
}

/* Whether the place and what it refers to lie in one segment. A weak symbol that is nowhere does no harm. */
static void check_relative(struct link *l, uint32_t section, const Elf32_Rela *rel, const char *what)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	const struct symbol *s = object_symbol(l->o, handle);
	enum segment to = object_segment(l->o, s);
	const char *hint;

	if (s->sym.st_shndx != SHN_UNDEF && s->sym.st_shndx != SHN_ABS) {
		if (to == l->o->sections[section].segment)
			return;
		hint = to == SEG_DATA ? "that lies in the data segment, at an unknown distance" :
					"that lies in another segment, at an unknown distance";
		refuse(l, section, rel, what, hint);
		return;
	}
	switch (link_thing(l, handle)->kind) {
	case KIND_NULL:
		return;
	case KIND_LINKER:
		if (!strcmp(s->name, "__ehdr_start") || !strcmp(s->name, "__executable_start") ||
		    !strcmp(s->name, "etext") || !strcmp(s->name, "_etext"))
			return;
		break;
	case KIND_MISSING:
		link_missing(l, handle, section, rel->r_offset);
		return;
	default:
		break;
	}
	refuse(l, section, rel, what, compile);
}

/* Of a difference, ADD or SET comes first and SUB follows at the same place. */
static void check_difference(struct link *l, uint32_t section, uint32_t index)
{
	const struct section *s = &l->o->sections[section];
	const Elf32_Rela *rel = &s->rel[index], *first = index ? rel - 1 : rel;
	const struct symbol *a, *b;

	if (first == rel || first->r_offset != rel->r_offset) {
		refuse(l, section, rel, "half a difference with", NULL);
		return;
	}
	a = object_symbol(l->o, ELF32_R_SYM(first->r_info));
	b = object_symbol(l->o, ELF32_R_SYM(rel->r_info));
	if (a->sym.st_shndx == SHN_UNDEF || b->sym.st_shndx == SHN_UNDEF ||
	    object_segment(l->o, a) != object_segment(l->o, b))
		refuse(l, section, rel, text("a difference between %s and", *a->name ? a->name : "a section"),
		       "they lie in different segments");
}

static void check_absolute(struct link *l, uint32_t section, const Elf32_Rela *rel)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);

	switch (link_thing(l, handle)->kind) {
	case KIND_ABSOLUTE:
	case KIND_NULL:
		return;
	case KIND_MISSING:
		link_missing(l, handle, section, rel->r_offset);
		return;
	default:
		refuse(l, section, rel, "an absolute address of", compile);
	}
}

static void check_word(struct link *l, uint32_t section, const Elf32_Rela *rel)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	enum kind kind;

	if (!handle || l->o->sections[section].segment != SEG_TEXT)
		return;			/* words.c has the others */
	kind = link_thing(l, handle)->kind;
	if (kind == KIND_MISSING)
		link_missing(l, handle, section, rel->r_offset);
	else if (kind != KIND_ABSOLUTE && kind != KIND_NULL)
		refuse(l, section, rel, "read-only data holds the address of", "it must be writable (.data.rel.ro)");
}

static void check_tprel(struct link *l, uint32_t section, const Elf32_Rela *rel)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	enum kind kind = link_thing(l, handle)->kind;

	if (kind == KIND_MISSING)
		link_missing(l, handle, section, rel->r_offset);
	else if (kind != KIND_TLS)
		refuse(l, section, rel, "local-exec access to the thread-local variable", "it is not in this file");
	else if (l->args->shared)
		refuse(l, section, rel, "local-exec access to the thread-local variable", "compile with -fPIC for a library");
}

static void check_call(struct link *l, uint32_t section, const Elf32_Rela *rel)
{
	uint32_t handle = ELF32_R_SYM(rel->r_info);
	const struct symbol *s = object_symbol(l->o, handle);
	struct thing *t;

	if (after(s->name, "__fdpic_icall") && s->sym.st_shndx == SHN_UNDEF)
		return;			/* thunks.c */
	if (s->sym.st_shndx != SHN_UNDEF && object_segment(l->o, s) == SEG_TEXT)
		return;
	t = link_thing(l, handle);
	if (t->kind == KIND_MISSING)
		link_missing(l, handle, section, rel->r_offset);
	else if (t->kind != KIND_IMPORT_FUNCTION && t->kind != KIND_NULL)
		refuse(l, section, rel, "a call of", "that is not code");
}

void link_check(struct link *l, uint32_t section, uint32_t index)
{
	const Elf32_Rela *rel = &l->o->sections[section].rel[index];
	unsigned type = ELF32_R_TYPE(rel->r_info);

	switch (type) {
	case R_RISCV_NONE:
	case R_RISCV_RELAX:
	case R_RISCV_ALIGN:
	case R_RISCV_PCREL_LO12_I:	/* checked with the hi they belong to */
	case R_RISCV_PCREL_LO12_S:
	case R_RISCV_ADD8: case R_RISCV_ADD16: case R_RISCV_ADD32: case R_RISCV_ADD64:
	case R_RISCV_SET6: case R_RISCV_SET8: case R_RISCV_SET16: case R_RISCV_SET32: case R_RISCV_SET_ULEB128:
		return;
	case R_RISCV_SUB6: case R_RISCV_SUB8: case R_RISCV_SUB16: case R_RISCV_SUB32: case R_RISCV_SUB64:
	case R_RISCV_SUB_ULEB128:
		check_difference(l, section, index);
		return;
	case R_RISCV_PCREL_HI20:
		check_relative(l, section, rel, "a pc-relative address of");
		return;
	case R_RISCV_32_PCREL:
	case R_RISCV_PLT32:
		check_relative(l, section, rel, "the distance to");
		return;
	case R_RISCV_BRANCH:
	case R_RISCV_RVC_BRANCH:
	case R_RISCV_RVC_JUMP:
		check_relative(l, section, rel, "a branch to");
		return;
	case R_RISCV_JAL:
	case R_RISCV_CALL:
	case R_RISCV_CALL_PLT:
		check_call(l, section, rel);
		return;
	case R_RISCV_HI20:
	case R_RISCV_LO12_I:
	case R_RISCV_LO12_S:
		check_absolute(l, section, rel);
		return;
	case R_RISCV_32:
		check_word(l, section, rel);
		return;
	case R_RISCV_TPREL_HI20:
	case R_RISCV_TPREL_ADD:
	case R_RISCV_TPREL_LO12_I:
	case R_RISCV_TPREL_LO12_S:
		check_tprel(l, section, rel);
		return;
	case R_RISCV_GOT_HI20:
	case R_RISCV_TLS_GOT_HI20:
	case R_RISCV_TLS_GD_HI20:
		refuse(l, section, rel, "a pc-relative slot for", compile);
		return;
	default:
		refuse(l, section, rel, text("relocation type %u for", type), compile);
	}
}
