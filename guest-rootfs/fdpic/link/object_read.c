/* SPDX-License-Identifier: MIT */
#include "object_file.h"

#include "inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void damaged(const char *path, const char *what)
{
	die("%s: %s", path, what);
}

static void *data_of(const struct elf_file *f, uint32_t index, Elf_Type type, size_t each, size_t *n)
{
	Elf_Data *d = elf_getdata(elf_getscn(f->elf, index), NULL);

	if (!d || (d->d_size && !d->d_buf) || d->d_type != type || d->d_size % each)
		damaged(f->path, text("section %u cannot be read", index));
	*n = d->d_size / each;
	return d->d_buf;
}

static void read_sections(struct object *o)
{
	struct elf_file *f = o->file;
	size_t n, names;

	if (elf_getshdrnum(f->elf, &n) || elf_getshdrstrndx(f->elf, &names) || !n || n >= SHN_LORESERVE)
		damaged(f->path, "no sections, or more than 65279");
	f->shstrtab = (uint32_t)names;
	o->n_sections = o->n_read = (uint32_t)n;
	o->sections = alloc(n * sizeof(*o->sections));
	f->rel_of = alloc(n * sizeof(*f->rel_of));
	for (uint32_t i = 1; i < n; i++) {
		struct section *s = &o->sections[i];
		const Elf32_Shdr *sh = elf32_getshdr(elf_getscn(f->elf, i));

		if (!sh)
			damaged(f->path, text("section %u has no header", i));
		s->sh = *sh;
		s->name = elf_strptr(f->elf, names, sh->sh_name);
		if (!s->name)
			damaged(f->path, text("section %u has no name", i));
		if (!(sh->sh_flags & SHF_ALLOC))
			s->segment = SEG_NONE;
		else if (sh->sh_flags & SHF_TLS)
			s->segment = SEG_TLS;
		else
			s->segment = sh->sh_flags & SHF_WRITE ? SEG_DATA : SEG_TEXT;
		if (sh->sh_type == SHT_SYMTAB)
			f->symtab = i;
	}
	if (!f->symtab)
		damaged(f->path, "no symbols");
	f->strtab = o->sections[f->symtab].sh.sh_link;
}

static void read_symbols(struct object *o)
{
	struct elf_file *f = o->file;
	size_t n;
	const Elf32_Sym *sym = data_of(f, f->symtab, ELF_T_SYM, sizeof(*sym), &n);

	o->n_symbols = (uint32_t)n;
	o->n_locals = o->sections[f->symtab].sh.sh_info;
	if (!n || n >= 0x400000 || o->n_locals > n)
		damaged(f->path, "a symbol table that makes no sense, or more than four million symbols");
	o->symbols = alloc(n * sizeof(*o->symbols));
	for (uint32_t i = 0; i < n; i++) {
		struct symbol *s = &o->symbols[i];

		s->sym = sym[i];
		s->name = elf_strptr(f->elf, f->strtab, sym[i].st_name);
		if (!s->name)
			damaged(f->path, text("symbol %u has no name", i));
		if (sym[i].st_shndx >= o->n_sections && sym[i].st_shndx < SHN_LORESERVE)
			damaged(f->path, text("symbol %s lies in no section", s->name));
		if (sym[i].st_shndx == SHN_XINDEX)
			damaged(f->path, "too many sections");
		if (i >= o->n_locals)
			names_set(&o->globals, s->name, i);
	}
}

static struct object *sorting;

static int by_value(const void *a, const void *b)
{
	const Elf32_Sym *x = &sorting->symbols[*(const uint32_t *)a].sym, *y = &sorting->symbols[*(const uint32_t *)b].sym;

	return x->st_value < y->st_value ? -1 : x->st_value > y->st_value;
}

static void find_functions(struct object *o)
{
	for (uint32_t i = 1; i < o->n_symbols; i++) {
		const Elf32_Sym *sym = &o->symbols[i].sym;
		struct section *s;

		if (ELF32_ST_TYPE(sym->st_info) != STT_FUNC || sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE)
			continue;
		s = &o->sections[sym->st_shndx];
		ROOM(s->functions, s->n_functions);
		s->functions[s->n_functions++] = i;
	}
	sorting = o;
	for (uint32_t i = 1; i < o->n_read; i++)
		if (o->sections[i].n_functions > 1)
			qsort(o->sections[i].functions, o->sections[i].n_functions, sizeof(uint32_t), by_value);
}

static void read_relocations(struct object *o, uint32_t index)
{
	struct elf_file *f = o->file;
	const Elf32_Shdr *sh = &o->sections[index].sh;
	struct section *s;
	const Elf32_Rela *rel;
	size_t n;

	if (sh->sh_info == 0 || sh->sh_info >= o->n_read || f->rel_of[sh->sh_info] || sh->sh_link != f->symtab)
		damaged(f->path, text("relocations in section %u belong to nothing", index));
	s = &o->sections[sh->sh_info];
	f->rel_of[sh->sh_info] = index;
	rel = data_of(f, index, ELF_T_RELA, sizeof(*rel), &n);
	s->rel = alloc((n + 1) * sizeof(*rel));
	if (n)
		memcpy(s->rel, rel, n * sizeof(*rel));
	s->n_rel = s->room_rel = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		if (ELF32_R_SYM(rel[i].r_info) >= o->n_symbols)
			damaged(s->origin ? s->origin : f->path,
				text("%s: relocation %zu: no such symbol", s->name, i));
		if (rel[i].r_offset > s->sh.sh_size)
			damaged(s->origin ? s->origin : f->path,
				text("%s: relocation %zu lies at 0x%x, outside its section", s->name, i, rel[i].r_offset));
	}
}

struct object *object_read(const char *path, const char *map)
{
	struct object *o = alloc(sizeof(*o));
	struct elf_file *f = o->file = alloc(sizeof(*f));
	const Elf32_Ehdr *eh;

	elf_version(EV_CURRENT);
	f->path = path;
	f->fd = open(path, O_RDWR | O_CLOEXEC);
	if (f->fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	f->elf = elf_begin(f->fd, ELF_C_RDWR, NULL);
	eh = f->elf ? elf32_getehdr(f->elf) : NULL;
	if (!eh || eh->e_machine != EM_RISCV || eh->e_type != ET_REL)
		damaged(path, "not an object");
	read_sections(o);
	object_origins(o, map);
	read_symbols(o);
	find_functions(o);
	for (uint32_t i = 1; i < o->n_read; i++) {
		struct section *s = &o->sections[i];
		size_t n;

		if (s->sh.sh_type == SHT_RELA)
			read_relocations(o, i);
		else if (s->sh.sh_type == SHT_REL)
			damaged(path, text("%s: relocations without addends", s->name));
		else if (s->segment != SEG_NONE && s->sh.sh_type != SHT_NOBITS && s->sh.sh_size) {
			Elf_Data *d = elf_rawdata(elf_getscn(f->elf, i), NULL);

			if (!d || !d->d_buf || d->d_size != s->sh.sh_size)
				damaged(path, text("%s cannot be read", s->name));
			n = d->d_size;
			s->data = alloc(n);
			memcpy(s->data, d->d_buf, n);
		}
	}
	return o;
}
