/* SPDX-License-Identifier: MIT
 *
 * What is loaded stays where it is in the file; what is not (symbols, debugging information) follows anew, without gaps.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PT_RISCV_ATTRS 0x70000003

struct writer {
	uint8_t *data;
	size_t size, room;
};

static uint32_t append(struct writer *w, const void *data, size_t size, size_t align)
{
	size_t at = align > 1 ? (w->size + align - 1) / align * align : w->size;

	if (at + size > w->room) {
		w->room = (at + size) * 2;
		w->data = grow(w->data, w->room);
	}
	memset(w->data + w->size, 0, at - w->size);
	if (size)
		memcpy(w->data + at, data, size);
	w->size = at + size;
	return (uint32_t)at;
}

/* The symbol table without what drop says, in place; its names in *names. */
static void thin(struct image *m, struct writer *names, bool (*drop)(const char *, const Elf32_Sym *, void *), void *with)
{
	uint32_t n, kept = 0, locals = 0;
	Elf32_Sym *s = image_symbols(m, m->symtab, &n);

	append(names, "", 1, 1);
	for (uint32_t i = 0; i < n; i++) {
		const char *name = image_symbol_name(m, m->symtab, &s[i]);
		Elf32_Sym sym = s[i];

		if (i && drop(name, &sym, with))
			continue;
		sym.st_name = *name ? append(names, name, strlen(name) + 1, 1) : 0;
		if (i < m->sh[m->symtab].sh_info)
			locals++;
		s[kept++] = sym;
	}
	m->sh[m->symtab].sh_info = locals;
	m->sh[m->symtab].sh_size = kept * (uint32_t)sizeof(*s);
}

static bool is_debugging(const char *name)
{
	return after(name, ".debug_") || after(name, ".zdebug_") || !strcmp(name, ".comment") || !strcmp(name, ".gdb_index");
}

static void write_all(int fd, const char *path, const struct writer *w)
{
	size_t done = 0;

	while (done < w->size) {
		ssize_t n = write(fd, w->data + done, w->size - done);

		if (n < 0 && errno != EINTR) {
			int err = errno;

			unlink(path);
			die("cannot write %s: %s", path, strerror(err));
		}
		if (n > 0)
			done += (size_t)n;
	}
}

static void replace_file(const char *path, const struct writer *w)
{
	struct stat st;
	char *temp;
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			die("cannot open %s: %s", path, strerror(errno));
		write_all(fd, "", w);
		close(fd);
		return;
	}
	temp = text("%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		die("cannot make a file %s: %s", temp, strerror(errno));
	write_all(fd, temp, w);
	if (fchmod(fd, 0777 & ~mask) || close(fd) || rename(temp, path)) {
		int err = errno;

		unlink(temp);
		die("cannot write %s: %s", path, strerror(err));
	}
}

void image_write(struct image *m, const char *path, bool (*drop)(const char *, const Elf32_Sym *, void *), void *with,
		 bool strip)
{
	struct writer w = { NULL, 0, 0 }, names = { NULL, 0, 0 };
	uint32_t *to = alloc(m->eh->e_shnum * sizeof(*to)), n = 0;
	size_t loaded = m->eh->e_phoff + (size_t)m->eh->e_phnum * sizeof(Elf32_Phdr);
	Elf32_Ehdr *eh;
	Elf32_Phdr *ph;

	for (uint32_t i = 1; i < m->eh->e_shnum; i++)
		if ((m->sh[i].sh_flags & SHF_ALLOC) && m->sh[i].sh_type != SHT_NOBITS &&
		    m->sh[i].sh_offset + m->sh[i].sh_size > loaded)
			loaded = m->sh[i].sh_offset + m->sh[i].sh_size;
	if (m->symtab && !strip)
		thin(m, &names, drop, with);
	append(&w, m->data, loaded, 1);

	for (uint32_t i = 0; i < m->eh->e_shnum; i++) {
		Elf32_Shdr *sh = &m->sh[i];
		bool strtab = m->symtab && i == m->sh[m->symtab].sh_link && i != m->eh->e_shstrndx;

		if (strip && ((m->symtab && i == m->symtab) || strtab || (i && is_debugging(image_section_name(m, i)))))
			continue;
		to[i] = n++;
		if (!i || (sh->sh_flags & SHF_ALLOC))
			continue;
		if (strtab) {
			sh->sh_size = (uint32_t)names.size;
			sh->sh_offset = append(&w, names.data, names.size, 1);
		} else {
			uint32_t was = sh->sh_offset;

			sh->sh_offset = append(&w, m->data + was, sh->sh_size, sh->sh_addralign);
			ph = (Elf32_Phdr *)(w.data + m->eh->e_phoff);
			for (unsigned p = 0; p < m->eh->e_phnum; p++)
				if (ph[p].p_type == PT_RISCV_ATTRS && ph[p].p_offset == was)
					ph[p].p_offset = sh->sh_offset;
		}
	}
	append(&w, "", 0, 4);
	eh = (Elf32_Ehdr *)w.data;
	eh->e_shoff = (uint32_t)w.size;
	eh->e_shnum = (uint16_t)n;
	eh->e_shstrndx = (uint16_t)to[m->eh->e_shstrndx];
	for (uint32_t i = 0; i < m->eh->e_shnum; i++) {
		Elf32_Shdr sh = m->sh[i];

		if (i && !to[i])
			continue;
		if (sh.sh_link < m->eh->e_shnum)
			sh.sh_link = to[sh.sh_link];
		append(&w, &sh, sizeof(sh), 4);
	}
	replace_file(path, &w);
}
