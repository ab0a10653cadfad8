/* SPDX-License-Identifier: MIT */
#include "object.h"

#include "object_file.h"

#include <stdlib.h>
#include <string.h>

/* ELF32 leaves 24 bits for a symbol in a relocation. */
#define NEW_LOCAL	0x400000u
#define NEW_GLOBAL	0x800000u

struct symbol *object_symbol(struct object *o, uint32_t handle)
{
	if (handle >= NEW_GLOBAL)
		return &o->new_globals[handle - NEW_GLOBAL];
	if (handle >= NEW_LOCAL)
		return &o->new_locals[handle - NEW_LOCAL];
	return &o->symbols[handle];
}

/* What a handle becomes in the symbol table that is written. */
uint32_t object_index(const struct object *o, uint32_t handle)
{
	if (handle >= NEW_GLOBAL)
		return handle - NEW_GLOBAL + o->n_symbols + o->n_new_locals;
	if (handle >= NEW_LOCAL)
		return handle - NEW_LOCAL + o->n_locals;
	return handle < o->n_locals ? handle : handle + o->n_new_locals;
}

uint32_t object_global(const struct object *o, const char *name)
{
	return names_find(&o->globals, name);
}

uint32_t object_add_local(struct object *o, const char *name, uint32_t section, uint32_t value, uint8_t type)
{
	struct symbol *s;

	if (o->n_new_locals >= NEW_LOCAL - 1)
		die("too many symbols");
	ROOM(o->new_locals, o->n_new_locals);
	s = &o->new_locals[o->n_new_locals];
	*s = (struct symbol){ .name = name };
	s->sym.st_shndx = (Elf32_Section)section;
	s->sym.st_value = value;
	s->sym.st_info = ELF32_ST_INFO(STB_LOCAL, type);
	return NEW_LOCAL + o->n_new_locals++;
}

uint32_t object_add_undefined(struct object *o, const char *name, uint8_t bind)
{
	struct symbol *s;

	ROOM(o->new_globals, o->n_new_globals);
	s = &o->new_globals[o->n_new_globals];
	*s = (struct symbol){ .name = name };
	s->sym.st_info = ELF32_ST_INFO(bind, STT_NOTYPE);
	names_set(&o->globals, name, NEW_GLOBAL + o->n_new_globals);
	return NEW_GLOBAL + o->n_new_globals++;
}

uint32_t object_add_section(struct object *o, const char *name, uint32_t flags, uint32_t align, const void *data,
			    uint32_t size)
{
	struct section *s;

	/* Each may get a section of relocations. */
	if (2 * (o->n_sections - o->n_read) + o->n_read >= SHN_LORESERVE - 4)
		die("too many sections");
	o->sections = grow(o->sections, (o->n_sections + 1) * sizeof(*o->sections));
	s = &o->sections[o->n_sections];
	*s = (struct section){ .name = name };
	s->sh.sh_type = SHT_PROGBITS;
	s->sh.sh_flags = flags;
	s->sh.sh_addralign = align;
	s->sh.sh_size = size;
	s->segment = !(flags & SHF_ALLOC) ? SEG_NONE : flags & SHF_WRITE ? SEG_DATA : SEG_TEXT;
	s->data = alloc(size);
	memcpy(s->data, data, size);
	return o->n_sections++;
}

void object_add_rel(struct object *o, uint32_t section, uint32_t offset, uint32_t type, uint32_t handle, int32_t addend)
{
	struct section *s = &o->sections[section];

	if (s->n_rel == s->room_rel) {
		s->room_rel = 2 * s->n_rel + 2;
		s->rel = grow(s->rel, s->room_rel * sizeof(*s->rel));
	}
	s->rel[s->n_rel++] = (Elf32_Rela){ offset, ELF32_R_INFO(handle, type), addend };
}

enum segment object_segment(struct object *o, const struct symbol *s)
{
	if (s->sym.st_shndx == SHN_COMMON)
		return SEG_DATA;
	if (s->sym.st_shndx == SHN_UNDEF || s->sym.st_shndx >= SHN_LORESERVE)
		return SEG_NONE;
	return o->sections[s->sym.st_shndx].segment;
}

/* How many functions of a section begin at or before offset. */
static uint32_t functions_before(struct object *o, const struct section *s, uint32_t offset)
{
	uint32_t low = 0, high = s->n_functions;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (o->symbols[s->functions[middle]].sym.st_value <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t object_function_at(struct object *o, uint32_t section, uint32_t offset)
{
	const struct section *s = &o->sections[section];
	uint32_t n = functions_before(o, s, offset);
	const Elf32_Sym *f = n ? &o->symbols[s->functions[n - 1]].sym : NULL;

	return f && (offset - f->st_value < f->st_size || !f->st_size) ? s->functions[n - 1] : NO_NAME;
}

uint32_t object_function_from(struct object *o, uint32_t section, uint32_t offset, uint32_t nth)
{
	const struct section *s = &o->sections[section];
	uint32_t n = functions_before(o, s, offset);

	return n > nth && o->symbols[s->functions[n - 1 - nth]].sym.st_value == offset ? s->functions[n - 1 - nth] : NO_NAME;
}

char *object_where(struct object *o, uint32_t section, uint32_t offset)
{
	const struct section *s = &o->sections[section];
	uint32_t f = object_function_at(o, section, offset);

	return text("%s:(%s+0x%x)%s%s", s->origin ? s->origin : "<generated>", s->name, offset,
		    f == NO_NAME ? "" : ", in ", f == NO_NAME ? "" : o->symbols[f].name);
}
