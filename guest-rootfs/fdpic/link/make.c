/* SPDX-License-Identifier: MIT
 *
 * The data the tool adds: each word or pair is a section of its own, so that it goes with the code that wanted it when
 * unused sections are dropped.
 */
#include "link.h"

#include <string.h>

#define NAME	".data.fdpic"
#define DATA	(SHF_ALLOC | SHF_WRITE)
#define RETAIN	0x200000		/* SHF_GNU_RETAIN */

static uint32_t new_data(struct link *l, uint32_t size)
{
	static const uint8_t zeros[8];

	return object_add_section(l->o, NAME, DATA, 4, zeros, size);
}

void link_mark(struct link *l, uint32_t section, uint32_t offset, enum mark_kind kind, const char *name)
{
	ROOM(l->marks, l->n_marks);
	l->marks[l->n_marks++] = (struct mark){ link_label(l, section, offset), kind, name };
}

/* gp is aligned as the most aligned variable is: compilers rely on the low bits of an aligned variable's address to be
 * zero when they make x + 4 out of x, and here what counts is the distance from gp. */
void link_make_gp(struct link *l)
{
	uint32_t align = 16, section, handle;
	static const uint8_t zeros[4];
	struct symbol *s;

	for (uint32_t i = 1; i < l->o->n_sections; i++)
		if (l->o->sections[i].segment == SEG_DATA && l->o->sections[i].sh.sh_addralign > align)
			align = l->o->sections[i].sh.sh_addralign;
	l->gp_align = align > 4096 ? 4096 : align;
	section = object_add_section(l->o, NAME, DATA | RETAIN, l->gp_align, zeros, sizeof(zeros));
	l->gp = link_label(l, section, 0);
	handle = object_global(l->o, GP_SYMBOL);
	if (handle == NO_NAME)
		handle = object_add_undefined(l->o, GP_SYMBOL, STB_GLOBAL);
	s = object_symbol(l->o, handle);
	if (s->sym.st_shndx != SHN_UNDEF)
		die(GP_SYMBOL " is the linker's to define");
	s->sym.st_shndx = (Elf32_Section)section;
	s->sym.st_value = 0;
	s->sym.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_OBJECT);
	s->sym.st_other = STV_HIDDEN;
}

/* A common symbol becomes a variable in a section of its own. */
void link_make_commons(struct link *l)
{
	for (uint32_t i = l->o->n_locals; i < l->o->n_symbols; i++) {
		struct symbol *s = &l->o->symbols[i];
		uint32_t section;

		if (s->sym.st_shndx != SHN_COMMON)
			continue;
		section = object_add_section(l->o, ".bss.common", DATA, s->sym.st_value ? s->sym.st_value : 1, "", 0);
		l->o->sections[section].sh.sh_type = SHT_NOBITS;
		l->o->sections[section].sh.sh_size = s->sym.st_size;
		l->o->sections[section].data = NULL;
		s->sym.st_shndx = (Elf32_Section)section;
		s->sym.st_value = 0;
	}
}

uint32_t link_alias(struct link *l, uint32_t handle)
{
	struct thing *t = link_thing(l, handle);
	const struct symbol *s = object_symbol(l->o, handle);

	if (ELF32_ST_BIND(s->sym.st_info) == STB_LOCAL)
		return handle;
	if (!t->alias)
		t->alias = object_add_local(l->o, text("%s0", LABEL_PREFIX), s->sym.st_shndx, s->sym.st_value,
					    ELF32_ST_TYPE(s->sym.st_info));
	return t->alias;
}

uint32_t link_descriptor(struct link *l, uint32_t handle)
{
	const struct symbol *s = object_symbol(l->o, handle);
	uint32_t canonical = object_function_from(l->o, s->sym.st_shndx, s->sym.st_value, 0), section, alias;
	struct thing *t;

	if (canonical == NO_NAME)
		canonical = handle;
	t = link_thing(l, canonical);
	if (!t->descriptor) {
		alias = link_alias(l, canonical);
		section = new_data(l, 8);
		object_add_rel(l->o, section, 0, R_RISCV_32, alias, 0);
		object_add_rel(l->o, section, 4, R_RISCV_32, l->label_handles[l->gp], 0);
		t = link_thing(l, canonical);
		t->descriptor = link_label(l, section, 0);
		l->counts.descriptors++;
	}
	return t->descriptor;
}

uint32_t link_slot(struct link *l, uint32_t handle)
{
	struct thing *t = link_thing(l, handle);
	const char *name = object_symbol(l->o, handle)->name;
	uint32_t section;

	if (t->slot)
		return t->slot;
	section = new_data(l, 4);
	t->slot = link_label(l, section, 0);
	l->counts.slots++;
	if (t->kind == KIND_FUNCTION) {
		object_add_rel(l->o, section, 0, R_RISCV_32, link_symbol_of(l, link_descriptor(l, handle)), 0);
		if (t->exported)
			link_mark(l, section, 0, MARK_FUNCDESC_OWN, name);
	} else if (t->kind != KIND_NULL) {
		object_add_rel(l->o, section, 0, R_RISCV_32, handle, 0);
		if (t->kind == KIND_IMPORT_FUNCTION)
			link_mark(l, section, 0, MARK_FUNCDESC, name);
	}
	return t->slot;
}

uint32_t link_pair(struct link *l, uint32_t handle)
{
	struct thing *t = link_thing(l, handle);
	uint32_t section;

	if (t->pair)
		return t->pair;
	section = new_data(l, 8);
	object_add_rel(l->o, section, 0, R_RISCV_32, handle, 0);
	link_mark(l, section, 0, MARK_FUNCDESC_VALUE, object_symbol(l->o, handle)->name);
	t->pair = link_label(l, section, 0);
	return t->pair;
}

/* A slot of TLS. lld makes it a relocation of an ordinary address, whose type the last step changes; of an own variable
 * it is the address of its initial value (by a label, since of a thread-local symbol lld would take the offset and make
 * no relocation). In an executable the offset of own variables is known; a descriptor of one has a resolver of ours. */
static uint32_t tls_slot(struct link *l, uint32_t handle, uint32_t size, enum mark_kind other, enum mark_kind own)
{
	const struct thing *t = link_thing(l, handle);
	bool is_own = t->kind == KIND_TLS && !(t->exported && l->args->shared);
	uint32_t section = new_data(l, size), label = link_label(l, section, 0);

	l->counts.slots++;
	if (t->kind == KIND_NULL)
		return label;
	if (is_own)		/* what the slot is about must not be dropped */
		object_add_rel(l->o, section, 0, R_RISCV_NONE, link_symbol_of(l, link_label_of(l, handle)), 0);
	if (is_own && !l->args->shared && other == MARK_TLSDESC) {
		object_add_rel(l->o, section, 0, R_RISCV_32, link_symbol_of(l, link_tls_resolver(l)), 0);
		link_mark(l, section, 4, MARK_TPREL_OWN, object_symbol(l->o, handle)->name);
		return label;
	}
	if (!is_own || l->args->shared || other == MARK_TLSDESC)
		object_add_rel(l->o, section, 0, R_RISCV_32, is_own ? link_symbol_of(l, link_label_of(l, handle)) : handle, 0);
	link_mark(l, section, 0, is_own ? own : other, object_symbol(l->o, handle)->name);
	return label;
}

uint32_t link_tpoff(struct link *l, uint32_t handle)
{
	uint32_t label = link_thing(l, handle)->tpoff;

	if (!label)
		label = link_thing(l, handle)->tpoff = tls_slot(l, handle, 4, MARK_TPREL, MARK_TPREL_OWN);
	return label;
}

uint32_t link_tlsdesc(struct link *l, uint32_t handle)
{
	uint32_t label = link_thing(l, handle)->tlsdesc;

	if (!label)
		label = link_thing(l, handle)->tlsdesc = tls_slot(l, handle, 8, MARK_TLSDESC, MARK_TLSDESC);
	return label;
}
