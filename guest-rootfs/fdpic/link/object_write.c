/* SPDX-License-Identifier: MIT */
#include "object_file.h"

#include <stdlib.h>
#include <string.h>

/* A string table under construction. */
struct strings {
	char *data;
	size_t size, room;
};

static uint32_t put(struct strings *s, const char *name)
{
	size_t n = strlen(name) + 1, at = s->size;

	if (s->size + n > s->room) {
		s->room = (s->size + n) * 2;
		s->data = grow(s->data, s->room);
	}
	memcpy(s->data + at, name, n);
	s->size += n;
	return (uint32_t)at;
}

static void replace(const struct elf_file *f, Elf_Scn *scn, void *buf, size_t size, Elf_Type type, size_t align)
{
	Elf_Data *d = elf_getdata(scn, NULL);

	if (!d && !(d = elf_newdata(scn)))
		die("%s: %s", f->path, elf_errmsg(-1));
	d->d_buf = buf;
	d->d_size = size;
	d->d_type = type;
	d->d_align = align;
	d->d_version = EV_CURRENT;
	elf_flagdata(d, ELF_C_SET, ELF_F_DIRTY);
}

static void write_symbols(struct object *o)
{
	struct elf_file *f = o->file;
	uint32_t n = o->n_symbols + o->n_new_locals + o->n_new_globals;
	Elf32_Sym *sym = alloc(n * sizeof(*sym));
	Elf_Scn *scn = elf_getscn(f->elf, f->symtab);
	struct strings names = { NULL, 0, 0 };
	struct symbol *from[] = { o->symbols, o->new_locals, o->symbols + o->n_locals, o->new_globals };
	uint32_t counts[] = { o->n_locals, o->n_new_locals, o->n_symbols - o->n_locals, o->n_new_globals };
	uint32_t at = 0;

	put(&names, "");
	for (int part = 0; part < 4; part++)
		for (uint32_t i = 0; i < counts[part]; i++) {
			sym[at] = from[part][i].sym;
			sym[at++].st_name = *from[part][i].name ? put(&names, from[part][i].name) : 0;
		}
	replace(f, scn, sym, n * sizeof(*sym), ELF_T_SYM, 4);
	elf32_getshdr(scn)->sh_info = o->n_locals + o->n_new_locals;
	elf_flagshdr(scn, ELF_C_SET, ELF_F_DIRTY);
	replace(f, elf_getscn(f->elf, f->strtab), names.data, names.size, ELF_T_BYTE, 1);
}

static Elf_Scn *new_section(struct object *o, struct strings *names, const char *name, const Elf32_Shdr *like)
{
	Elf_Scn *scn;
	Elf32_Shdr *sh;
	int err;

	/* Where its header finds no memory libelf sets the error and answers a section that must not be touched. */
	elf_errno();
	scn = elf_newscn(o->file->elf);
	err = elf_errno();
	sh = scn && !err ? elf32_getshdr(scn) : NULL;
	if (!sh)
		die("%s: %s", o->file->path, elf_errmsg(err ? err : -1));
	*sh = *like;
	sh->sh_name = put(names, name);
	return scn;
}

static void write_relocations(struct object *o, Elf_Scn *scn, struct section *s)
{
	for (uint32_t i = 0; i < s->n_rel; i++)
		s->rel[i].r_info = ELF32_R_INFO(object_index(o, ELF32_R_SYM(s->rel[i].r_info)),
						ELF32_R_TYPE(s->rel[i].r_info));
	replace(o->file, scn, s->rel, s->n_rel * sizeof(*s->rel), ELF_T_RELA, 4);
}

static void write_new_sections(struct object *o, struct strings *names)
{
	struct elf_file *f = o->file;

	/* First all sections, so that their indexes are those of o->sections; then their relocations. */
	for (uint32_t i = o->n_read; i < o->n_sections; i++) {
		struct section *s = &o->sections[i];

		replace(f, new_section(o, names, s->name, &s->sh), s->data, s->sh.sh_size, ELF_T_BYTE, s->sh.sh_addralign);
	}
	for (uint32_t i = o->n_read; i < o->n_sections; i++) {
		struct section *s = &o->sections[i];
		Elf32_Shdr sh = { .sh_type = SHT_RELA, .sh_flags = SHF_INFO_LINK, .sh_link = f->symtab, .sh_info = i,
				  .sh_entsize = sizeof(Elf32_Rela), .sh_addralign = 4 };

		if (s->n_rel)
			write_relocations(o, new_section(o, names, text(".rela%s", s->name), &sh), s);
	}
}

static void write_old_section(struct object *o, uint32_t i)
{
	struct elf_file *f = o->file;
	struct section *s = &o->sections[i];
	Elf_Scn *scn = elf_getscn(f->elf, i);
	Elf32_Shdr *sh = elf32_getshdr(scn);

	if (!sh)
		die("%s: %s", f->path, elf_errmsg(-1));
	if (sh->sh_flags != s->sh.sh_flags) {
		sh->sh_flags = s->sh.sh_flags;
		elf_flagshdr(scn, ELF_C_SET, ELF_F_DIRTY);
	}
	if (f->rel_of[i])
		write_relocations(o, elf_getscn(f->elf, f->rel_of[i]), s);
	/* A group's sh_info is the symbol it is named after. */
	if (s->sh.sh_type == SHT_GROUP) {
		sh->sh_info = object_index(o, sh->sh_info);
		elf_flagshdr(scn, ELF_C_SET, ELF_F_DIRTY);
	}
}

void object_write(struct object *o)
{
	struct elf_file *f = o->file;
	struct strings names = { NULL, 0, 0 };
	Elf_Scn *scn = elf_getscn(f->elf, f->shstrtab);
	Elf_Data *d = elf_getdata(scn, NULL);

	if (!d || !d->d_buf || f->shstrtab == f->strtab)
		die("%s: no section names", f->path);
	names.data = alloc(d->d_size);
	memcpy(names.data, d->d_buf, d->d_size);
	names.size = names.room = d->d_size;
	for (uint32_t i = 1; i < o->n_read; i++)
		write_old_section(o, i);
	write_new_sections(o, &names);
	write_symbols(o);
	replace(f, scn, names.data, names.size, ELF_T_BYTE, 1);
	elf_flagelf(f->elf, ELF_C_SET, ELF_F_DIRTY);
	if (elf_update(f->elf, ELF_C_WRITE) < 0)
		die("cannot write %s: %s", f->path, elf_errmsg(-1));
	/* It stays open: the names of sections and symbols lie in it. */
}
