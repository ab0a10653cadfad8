/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <string.h>

uint32_t link_label(struct link *l, uint32_t section, uint32_t offset)
{
	uint32_t label = ++l->n_labels, handle;

	handle = object_add_local(l->o, text("%s%x", LABEL_PREFIX, label), section, offset, STT_NOTYPE);
	ROOM(l->label_handles, label);
	l->label_handles[label] = handle;
	return label;
}

static struct thing *thing_of(struct link *l, uint32_t handle)
{
	uint32_t i = (uint32_t)(object_symbol(l->o, handle) - l->o->new_globals);

	if (handle < l->o->n_symbols)
		return &l->things[handle];
	if (i >= l->o->n_new_globals)
		die("internal error: handle 0x%x", handle);
	if (i >= l->n_new_things) {
		l->new_things = grow(l->new_things, (i + 1) * sizeof(*l->new_things));
		memset(l->new_things + l->n_new_things, 0, (i + 1 - l->n_new_things) * sizeof(*l->new_things));
		l->n_new_things = i + 1;
	}
	return &l->new_things[i];
}

static bool listed(const struct texts *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i], name))
			return true;
	return false;
}

/* Symbols that lld defines when somebody asks for them. */
static bool linkers(const struct link *l, const char *name)
{
	static const char *const names[] = {
		"__preinit_array_start", "__preinit_array_end", "__init_array_start", "__init_array_end",
		"__fini_array_start", "__fini_array_end", "__rela_iplt_start", "__rela_iplt_end", "__bss_start",
		"_end", "end", "_etext", "etext", "_edata", "edata", "_DYNAMIC", "__ehdr_start", "__executable_start",
		"__dso_handle", "__global_pointer$", "__TMC_END__",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return after(name, "__start_") || after(name, "__stop_") || listed(&l->args->defined, name);
}

static enum kind kind_of_undefined(struct link *l, const struct symbol *s, const struct thing *t)
{
	uint32_t type = names_find(&l->shared.types, s->name);
	bool weak = ELF32_ST_BIND(s->sym.st_info) == STB_WEAK;
	bool function = t->called || t->function || ELF32_ST_TYPE(s->sym.st_info) == STT_FUNC;
	bool hidden = ELF32_ST_VISIBILITY(s->sym.st_other) == STV_HIDDEN;

	if (linkers(l, s->name))
		return KIND_LINKER;
	if (type != NO_NAME && !hidden)
		return type == STT_TLS ? KIND_IMPORT_TLS : type == STT_FUNC || function ? KIND_IMPORT_FUNCTION : KIND_IMPORT_DATA;
	if (weak && (!l->args->shared || hidden))
		return KIND_NULL;
	if (!hidden && l->args->shared && (!l->args->strict || l->args->loose))
		return function ? KIND_IMPORT_FUNCTION : t->variable ? KIND_IMPORT_DATA : KIND_IMPORT_UNKNOWN;
	return KIND_MISSING;
}

static enum kind kind_of_defined(struct link *l, const struct symbol *s)
{
	const struct section *section;
	unsigned type = ELF32_ST_TYPE(s->sym.st_info);

	if (s->sym.st_shndx >= SHN_LORESERVE)
		return KIND_ABSOLUTE;
	section = &l->o->sections[s->sym.st_shndx];
	if (section->segment == SEG_TLS)
		return KIND_TLS;
	if (section->segment == SEG_DATA)
		return KIND_DATA;
	if ((section->sh.sh_flags & SHF_EXECINSTR) &&
	    (type == STT_FUNC || type == STT_GNU_IFUNC ||
	     (type == STT_NOTYPE && ELF32_ST_BIND(s->sym.st_info) != STB_LOCAL)))
		return KIND_FUNCTION;
	return KIND_CONST;
}

/* Whether other modules may see it: which of those really come into the dynamic symbol table is known at the end. */
static bool exported(const struct link *l, const struct symbol *s)
{
	unsigned visibility = ELF32_ST_VISIBILITY(s->sym.st_other);

	if (ELF32_ST_BIND(s->sym.st_info) == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL)
		return false;
	return l->args->shared || l->args->export_dynamic || names_find(&l->shared.mentioned, s->name) != NO_NAME;
}

/* Whether others may have the function's address, by any of its names: then all must mean the same descriptor. */
static bool function_exported(const struct link *l, const struct symbol *s)
{
	uint32_t name;

	if (exported(l, s))
		return true;
	for (uint32_t n = 0; (name = object_function_from(l->o, s->sym.st_shndx, s->sym.st_value, n)) != NO_NAME; n++)
		if (exported(l, &l->o->symbols[name]))
			return true;
	return false;
}

void link_hint(struct link *l, uint32_t handle, bool function, bool variable)
{
	struct thing *t = thing_of(l, handle);

	t->function |= function;
	t->variable |= variable;
}

struct thing *link_thing(struct link *l, uint32_t handle)
{
	struct thing *t = thing_of(l, handle);
	const struct symbol *s = object_symbol(l->o, handle);

	if (t->kind != KIND_UNSEEN)
		return t;
	if (s->sym.st_shndx == SHN_UNDEF) {
		t->kind = kind_of_undefined(l, s, t);
	} else {
		t->kind = kind_of_defined(l, s);
		t->exported = t->kind == KIND_FUNCTION ? function_exported(l, s) : exported(l, s);
		if (ELF32_ST_TYPE(s->sym.st_info) == STT_GNU_IFUNC)
			error("%s: indirect functions (ifunc) are not supported", s->name);
	}
	return t;
}

uint32_t link_label_of(struct link *l, uint32_t handle)
{
	struct thing *t = link_thing(l, handle);
	const struct symbol *s = object_symbol(l->o, handle);

	if (!t->label)
		t->label = link_label(l, s->sym.st_shndx, s->sym.st_value);
	return t->label;
}

void link_missing(struct link *l, uint32_t handle, uint32_t section, uint32_t offset)
{
	struct thing *t = link_thing(l, handle);
	const char *name = object_symbol(l->o, handle)->name;

	if (t->reported)
		return;
	t->reported = true;
	if (t->kind == KIND_IMPORT_UNKNOWN)
		error("%s: its address is taken, but no library in this link says whether it is a function\n"
		      ">>> referenced by %s", name, object_where(l->o, section, offset));
	else
		error("undefined symbol: %s\n>>> referenced by %s", name, object_where(l->o, section, offset));
}

static const char *wrapped(const struct link *l, const char *name)
{
	const char *real = after(name, "__real_");

	if (real && listed(&l->args->wrap, real))
		return real;
	return listed(&l->args->wrap, name) ? text("__wrap_%s", name) : name;
}

uint32_t link_find(struct link *l, const char *name, uint8_t bind)
{
	uint32_t handle;

	name = wrapped(l, name);
	handle = object_global(l->o, name);
	return handle != NO_NAME ? handle : object_add_undefined(l->o, name, bind);
}
