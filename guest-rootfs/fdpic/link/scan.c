/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum pseudo_kind kind;
	bool function, call;
} prefixes[] = {
	{ "__fdpic_gp.", PSEUDO_GP, false, false },
	{ "__fdpic_got.", PSEUDO_GOT, false, false },
	{ "__fdpic_fn.", PSEUDO_GOT, true, false },
	{ "__fdpic_call.", PSEUDO_GOT, true, true },
	{ "__fdpic_tpoff.", PSEUDO_TPOFF, false, false },
	{ "__fdpic_tlsdesc.", PSEUDO_TLSDESC, false, false },
	{ "__fdpic_link.", PSEUDO_LINK, false, false },
};

/* Splits X+N, a byte of X: true if name is one, with the length of X and N. */
static bool split(const char *name, size_t *length, uint32_t *offset)
{
	const char *plus = strrchr(name, '+');
	size_t digits = plus ? strspn(plus + 1, "0123456789") : 0;

	if (!digits || digits > 9 || plus == name || plus[1 + digits])
		return false;
	*length = (size_t)(plus - name);
	*offset = (uint32_t)strtoul(plus + 1, NULL, 10);
	return true;
}

/* The index of the pseudo symbol with this handle, or NO_NAME if it is an ordinary one. */
static uint32_t pseudo_of(struct link *l, uint32_t handle)
{
	const struct symbol *s = object_symbol(l->o, handle);
	const char *x = NULL;

	if (l->pseudo_of[handle])
		return l->pseudo_of[handle] - 1;
	if (s->sym.st_shndx != SHN_UNDEF || s->name[0] != '_')
		return NO_NAME;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct pseudo *p;
		uint32_t offset = 0;
		size_t length;

		x = after(s->name, prefixes[i].prefix);
		if (!x || !*x)
			continue;
		if (prefixes[i].kind == PSEUDO_GP && split(x, &length, &offset))
			x = text("%.*s", (int)length, x);
		ROOM(l->pseudos, l->n_pseudos);
		p = &l->pseudos[l->n_pseudos];
		*p = (struct pseudo){ .symbol = handle, .kind = prefixes[i].kind, .offset = offset, .loads_only = true,
				      .call = prefixes[i].call };
		p->x = link_find(l, x, ELF32_ST_BIND(s->sym.st_info) == STB_WEAK ? STB_WEAK : STB_GLOBAL);
		p->name = object_symbol(l->o, p->x)->name;
		p->key = object_symbol(l->o, handle)->name;
		link_hint(l, p->x, prefixes[i].function, prefixes[i].kind == PSEUDO_GOT && !prefixes[i].function);
		l->pseudo_of[handle] = ++l->n_pseudos;
		return l->n_pseudos - 1;
	}
	return NO_NAME;
}

static uint32_t insn_at(const struct section *s, uint32_t offset)
{
	uint32_t insn = 0;

	if (s->data && offset <= s->sh.sh_size && s->sh.sh_size - offset >= 4)
		memcpy(&insn, s->data + offset, 4);
	return insn;
}

static struct site *new_site(struct link *l, uint32_t section, uint32_t offset, enum part part, uint32_t pseudo)
{
	struct site *site;

	ROOM(l->sites, l->n_sites);
	site = &l->sites[l->n_sites++];
	*site = (struct site){ .pseudo = pseudo, .section = section, .offset = offset, .part = part, .hi = NO_NAME };
	return site;
}

void link_add_site(struct link *l, uint32_t section, uint32_t offset, enum part part, uint32_t pseudo)
{
	struct site *site = new_site(l, section, offset, part, pseudo);

	site->label = link_label(l, section, offset);
	site->rel = NO_NAME;
}

/* The instruction that a part of an address must be in. */
static bool fits(enum part part, uint32_t insn)
{
	unsigned opcode = insn & 0x7f;

	switch (part) {
	case PART_HI:
		return opcode == 0x37;
	case PART_ADD:			/* add rd, rs, tp */
		return (insn & 0xfe00707f) == 0x33 && (insn >> 20 & 31) == TP;
	case PART_LO_I:			/* loads, addi, jalr is none of ours */
		return opcode == 0x03 || opcode == 0x07 || (insn & 0x707f) == 0x13;
	case PART_LO_S:
		return opcode == 0x23 || opcode == 0x27;
	}
	return false;
}

static void take_site(struct link *l, uint32_t section, uint32_t index, enum part part, uint32_t pseudo, bool plain)
{
	struct section *s = &l->o->sections[section];
	Elf32_Rela *rel = &s->rel[index];
	struct pseudo *p = &l->pseudos[pseudo];
	uint32_t insn = insn_at(s, rel->r_offset);
	struct site *site;

	if (!fits(part, insn)) {
		error("%s: %s does not belong to the instruction 0x%08x there", object_where(l->o, section, rel->r_offset),
		      object_symbol(l->o, p->symbol)->name, insn);
		return;
	}
	site = new_site(l, section, rel->r_offset, part, pseudo);
	site->rel = index;
	site->addend = rel->r_addend + (int32_t)p->offset;
	site->function = object_function_at(l->o, section, rel->r_offset);
	site->label = link_label(l, section, rel->r_offset);
	if (plain)
		p->plain = true;
	if (part == PART_LO_S || (part == PART_LO_I && (insn & 0x707f) != 0x2003))
		p->loads_only = false;
	if (rel->r_addend && (p->kind == PSEUDO_GOT || p->kind == PSEUDO_TPOFF))
		error("%s: %s%+d: the word behind a slot belongs to somebody else",
		      object_where(l->o, section, rel->r_offset), object_symbol(l->o, p->symbol)->name, rel->r_addend);
}

/* True if the relocation is one of ours. */
static bool take(struct link *l, uint32_t section, uint32_t index)
{
	static const struct {
		uint8_t type, part;
		bool plain;
	} parts[] = {
		{ R_RISCV_TPREL_HI20, PART_HI, false }, { R_RISCV_TPREL_ADD, PART_ADD, false },
		{ R_RISCV_TPREL_LO12_I, PART_LO_I, false }, { R_RISCV_TPREL_LO12_S, PART_LO_S, false },
		{ R_RISCV_HI20, PART_HI, true }, { R_RISCV_LO12_I, PART_LO_I, true },
		{ R_RISCV_LO12_S, PART_LO_S, true },
	};
	struct section *s = &l->o->sections[section];
	uint32_t handle = ELF32_R_SYM(s->rel[index].r_info), type = ELF32_R_TYPE(s->rel[index].r_info), p;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].type == type) {
			p = pseudo_of(l, handle);
			if (p == NO_NAME)
				return false;
			take_site(l, section, index, parts[i].part, p, parts[i].plain);
			return true;
		}
	p = pseudo_of(l, handle);
	if (p != NO_NAME) {
		error("%s: relocation type %u cannot refer to %s", object_where(l->o, section, s->rel[index].r_offset), type,
		      object_symbol(l->o, handle)->name);
		return true;
	}
	return false;
}

static bool is_call(unsigned type)
{
	return type == R_RISCV_CALL || type == R_RISCV_CALL_PLT || type == R_RISCV_JAL;
}

/* What is called is a function, whatever else is said of it: this must be known before anything is decided. */
static void note_calls(struct link *l)
{
	for (uint32_t i = 1; i < l->o->n_read; i++) {
		struct section *s = &l->o->sections[i];

		for (uint32_t r = 0; s->segment != SEG_NONE && r < s->n_rel; r++)
			if (is_call(ELF32_R_TYPE(s->rel[r].r_info)))
				l->things[ELF32_R_SYM(s->rel[r].r_info)].called = true;
	}
	for (uint32_t i = l->o->n_locals; i < l->o->n_symbols; i++) {
		const char *name = l->o->symbols[i].name, *fn = after(name, "__fdpic_fn."), *f = fn ? fn : after(name, "__fdpic_call."),
			   *x = f ? f : after(name, "__fdpic_got.");
		uint32_t handle = x ? object_global(l->o, x) : NO_NAME;

		if (handle != NO_NAME)
			*(f ? &l->things[handle].function : &l->things[handle].variable) = true;
	}
}

void link_scan(struct link *l)
{
	struct object *o = l->o;

	l->things = alloc(o->n_symbols * sizeof(*l->things));
	l->pseudo_of = alloc(o->n_symbols * sizeof(*l->pseudo_of));
	note_calls(l);
	for (uint32_t i = 1; i < o->n_read; i++) {
		struct section *s = &o->sections[i];
		uint32_t ours = NO_NAME;

		if (s->segment == SEG_NONE)
			continue;
		for (uint32_t r = 0; r < s->n_rel; r++) {
			Elf32_Rela *rel = &s->rel[r];

			if (take(l, i, r)) {
				ours = rel->r_offset;
				continue;
			}
			/* lld need not shorten what is ours. */
			if (ELF32_R_TYPE(rel->r_info) == R_RISCV_RELAX && rel->r_offset == ours)
				rel->r_info = ELF32_R_INFO(0, R_RISCV_NONE);
			else
				link_check(l, i, r);
		}
	}
}
