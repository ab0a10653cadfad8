/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE		/* asprintf() */
#include "emu/debug/symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbol {
	uint32_t addr, size;
	char *name;
};

struct symbols {
	struct symbol *list;	/* by address */
	size_t count;
};

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* What to add to an address of the file to have the guest's. */
static uint32_t bias(Elf *elf, uint32_t start_code)
{
	size_t n;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &n) != 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && (ph.p_flags & PF_X))
			return start_code - (uint32_t)ph.p_vaddr;
	}
	return 0;
}

static void add_functions(struct symbols *s, Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, uint32_t add)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t n = data && sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;

	s->list = calloc(n ? n : 1, sizeof *s->list);
	if (!s->list)
		return;
	for (size_t i = 0; i < n; i++) {
		GElf_Sym sym;
		const char *name;

		if (!gelf_getsym(data, (int)i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_FUNC || !sym.st_shndx)
			continue;
		name = elf_strptr(elf, sh->sh_link, sym.st_name);
		if (!name || !(s->list[s->count].name = strdup(name)))
			continue;
		s->list[s->count].addr = (uint32_t)sym.st_value + add;
		s->list[s->count++].size = (uint32_t)sym.st_size;
	}
	qsort(s->list, s->count, sizeof *s->list, by_address);
}

static struct symbols *take_table(Elf *elf, uint32_t type, uint32_t add)
{
	struct symbols *s = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while (elf && !s && (scn = elf_nextscn(elf, scn))) {
		if (gelf_getshdr(scn, &sh) && sh.sh_type == type && (s = calloc(1, sizeof *s)))
			add_functions(s, elf, scn, &sh, add);
	}
	return s;
}

static struct symbols *take(Elf *elf, uint32_t add)
{
	struct symbols *s = take_table(elf, SHT_SYMTAB, add);

	return s ? s : take_table(elf, SHT_DYNSYM, add);
}

struct symbols *symbols_read(const char *path, uint32_t start_code)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct symbols *s = NULL;
	Elf *elf;

	if (fd < 0)
		return NULL;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf)
		s = take(elf, bias(elf, start_code));
	elf_end(elf);
	close(fd);
	return s;
}

struct symbols *symbols_of(void *data, size_t size, uint32_t add)
{
	struct symbols *s;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(data, size);
	s = take(elf, add);
	elf_end(elf);
	return s;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->list[i].name);
	free(s->list);
	free(s);
}

void symbols_merge(struct symbols **into, const struct symbols *from, const char *prefix)
{
	struct symbols *s = *into ? *into : calloc(1, sizeof *s);
	size_t first = s ? s->count : 0, n = from ? from->count : 0;
	struct symbol *list = s ? realloc(s->list, (first + n + 1) * sizeof *list) : NULL;

	if (!list) {
		if (!*into)
			free(s);
		return;
	}
	s->list = list;
	for (size_t i = 0; i < n; i++) {
		struct symbol *to = &s->list[s->count];

		*to = from->list[i];
		if (asprintf(&to->name, "%s%s%s", prefix ? prefix : "", prefix ? ":" : "", from->list[i].name) >= 0)
			s->count++;
	}
	qsort(s->list, s->count, sizeof *s->list, by_address);
	*into = s;
}

const char *symbols_find(const struct symbols *s, uint32_t addr, uint32_t *offset)
{
	size_t lo = 0, hi = s ? s->count : 0;

	if (!hi || addr < s->list[0].addr)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->list[mid].addr <= addr)
			lo = mid;
		else
			hi = mid;
	}
	*offset = addr - s->list[lo].addr;
	/* Sizes of 0 are those of assembly without .size. */
	if (s->list[lo].size && *offset >= s->list[lo].size)
		return NULL;
	return s->list[lo].name;
}
