/* SPDX-License-Identifier: MIT */
#include "image.h"

#include "inputs.h"

#include <string.h>

static _Noreturn void odd(const struct image *m, const char *what)
{
	die("%s: after the last step: %s", m->path, what);
}

static bool inside(const struct image *m, uint32_t offset, uint64_t size)
{
	return offset <= m->size && size <= m->size - offset;
}

static void read_segments(struct image *m)
{
	for (unsigned i = 0; i < m->eh->e_phnum; i++) {
		const Elf32_Phdr *ph = &m->ph[i];

		if (ph->p_type == PT_TLS)
			m->tls = ph;
		if (ph->p_type != PT_LOAD)
			continue;
		if (!inside(m, ph->p_offset, ph->p_filesz) || ph->p_filesz > ph->p_memsz)
			odd(m, "a segment outside the file");
		if ((ph->p_flags & PF_W) && (ph->p_flags & PF_X))
			odd(m, "a segment is both code and writable data");
		if (ph->p_flags & PF_W ? m->rw != NULL : m->text != NULL)
			odd(m, "more than two segments");
		*(ph->p_flags & PF_W ? &m->rw : &m->text) = ph;
	}
}

static void read_sections(struct image *m)
{
	for (uint32_t i = 1; i < m->eh->e_shnum; i++) {
		const Elf32_Shdr *sh = &m->sh[i];

		if (sh->sh_type != SHT_NOBITS && !inside(m, sh->sh_offset, sh->sh_size))
			odd(m, "a section outside the file");
		if (sh->sh_name >= m->sh[m->eh->e_shstrndx].sh_size)
			odd(m, "a section without a name");
		if (sh->sh_type == SHT_SYMTAB || sh->sh_type == SHT_DYNSYM) {
			const Elf32_Shdr *str = sh->sh_link < m->eh->e_shnum ? &m->sh[sh->sh_link] : NULL;

			if (!str || !str->sh_size || !inside(m, str->sh_offset, str->sh_size) ||
			    m->data[str->sh_offset + str->sh_size - 1])
				odd(m, "symbols without names");
			*(sh->sh_type == SHT_SYMTAB ? &m->symtab : &m->dynsym) = i;
		} else if (sh->sh_type == SHT_DYNAMIC) {
			m->dynamic = (Elf32_Dyn *)(m->data + sh->sh_offset);
			m->n_dynamic = sh->sh_size / sizeof(Elf32_Dyn);
		} else if (sh->sh_type == SHT_RELA && (sh->sh_flags & SHF_ALLOC)) {
			if (m->rela)
				odd(m, "two tables of relocations");
			m->rela = (Elf32_Rela *)(m->data + sh->sh_offset);
			m->n_rela = sh->sh_size / sizeof(Elf32_Rela);
		}
	}
}

struct image image_read(const char *path)
{
	struct image m = { .path = path };
	const Elf32_Ehdr *eh;

	m.data = (uint8_t *)file_read(path, &m.size);
	eh = m.eh = (Elf32_Ehdr *)m.data;
	if (m.size < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) || eh->e_machine != EM_RISCV ||
	    eh->e_type != ET_DYN || eh->e_phentsize != sizeof(Elf32_Phdr) || eh->e_shentsize != sizeof(Elf32_Shdr) ||
	    !inside(&m, eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(Elf32_Phdr)) ||
	    !inside(&m, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(Elf32_Shdr)) || !eh->e_shnum ||
	    eh->e_shstrndx >= eh->e_shnum || eh->e_phoff % 4 || eh->e_shoff % 4)
		odd(&m, "not a position-independent RV32 file");
	m.ph = (Elf32_Phdr *)(m.data + eh->e_phoff);
	m.sh = (Elf32_Shdr *)(m.data + eh->e_shoff);
	m.names = (const char *)m.data + m.sh[eh->e_shstrndx].sh_offset;
	read_segments(&m);
	read_sections(&m);
	return m;
}

const char *image_section_name(const struct image *m, uint32_t section)
{
	return m->names + m->sh[section].sh_name;
}

const char *image_symbol_name(const struct image *m, uint32_t table, const Elf32_Sym *s)
{
	const Elf32_Shdr *str = &m->sh[m->sh[table].sh_link];

	return s->st_name < str->sh_size ? (const char *)m->data + str->sh_offset + s->st_name : "";
}

Elf32_Sym *image_symbols(const struct image *m, uint32_t table, uint32_t *n)
{
	*n = table ? m->sh[table].sh_size / sizeof(Elf32_Sym) : 0;
	return table ? (Elf32_Sym *)(m->data + m->sh[table].sh_offset) : NULL;
}

bool image_within(const struct image *m, const Elf32_Phdr *ph, uint32_t address, uint32_t size)
{
	(void)m;
	return ph && address >= ph->p_vaddr && address - ph->p_vaddr <= ph->p_memsz &&
	       size <= ph->p_memsz - (address - ph->p_vaddr);
}

uint8_t *image_at(const struct image *m, uint32_t address, uint32_t size)
{
	const Elf32_Phdr *all[] = { m->text, m->rw };

	for (int i = 0; i < 2; i++)
		if (image_within(m, all[i], address, size) && address - all[i]->p_vaddr + size <= all[i]->p_filesz)
			return m->data + all[i]->p_offset + (address - all[i]->p_vaddr);
	return NULL;
}
