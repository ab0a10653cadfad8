/* SPDX-License-Identifier: MIT
 *
 * The linked file in memory, as lld wrote it. All of its tables have been looked at: what is found here lies in it.
 */
#ifndef FDPIC_IMAGE_H
#define FDPIC_IMAGE_H

#include "util.h"

#include <elf.h>
#include <stdbool.h>

struct image {
	const char *path;		/* for messages */
	uint8_t *data;
	size_t size;
	Elf32_Ehdr *eh;
	Elf32_Phdr *ph;
	Elf32_Shdr *sh;
	const char *names;		/* of sections */
	const Elf32_Phdr *text, *rw;	/* the two PT_LOAD; either may be NULL */
	const Elf32_Phdr *tls;
	uint32_t symtab, dynsym;	/* sections, 0 if there is none */
	Elf32_Dyn *dynamic;
	uint32_t n_dynamic;
	Elf32_Rela *rela;		/* the dynamic relocations */
	uint32_t n_rela;
};

/* Exits if the file is not as it should be: an RV32 file of at most two segments, one of them to be written. */
struct image image_read(const char *path);

/* The name of a section; of a symbol of a table of symbols. */
const char *image_section_name(const struct image *m, uint32_t section);
const char *image_symbol_name(const struct image *m, uint32_t table, const Elf32_Sym *s);
Elf32_Sym *image_symbols(const struct image *m, uint32_t table, uint32_t *n);

/* Whether [address, address + size) lies in the segment's memory. */
bool image_within(const struct image *m, const Elf32_Phdr *ph, uint32_t address, uint32_t size);

/* Where the bytes for an address are; NULL if the file has none. */
uint8_t *image_at(const struct image *m, uint32_t address, uint32_t size);

/* Writes the file anew: without what nobody wants any more, and as one step: path has the old or the new content at
 * any time. drop says which symbols go; strip: all of them, and debugging information. */
void image_write(struct image *m, const char *path, bool (*drop)(const char *name, const Elf32_Sym *s, void *with),
		 void *with, bool strip);

#endif
