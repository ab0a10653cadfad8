/* SPDX-License-Identifier: MIT
 *
 * The joined object in memory: all input objects as one, each of their sections on its own (lld -r --unique). It is read
 * by libelf, checked for what lld does not promise (offsets inside their sections, symbols that exist), changed, and
 * written back.
 *
 * Symbols are named by handles: an index into the symbol table as it was read, or one of those that were added. The two
 * are made one when the object is written.
 */
#ifndef FDPIC_OBJECT_H
#define FDPIC_OBJECT_H

#include "util.h"

#include <elf.h>
#include <stdbool.h>

/* In which segment a section comes to lie. A TLS section is read through tp, though its image is data. */
enum segment { SEG_NONE, SEG_TEXT, SEG_DATA, SEG_TLS };

struct section {
	const char *name;
	const char *origin;		/* the input file; NULL for what the linker made */
	Elf32_Shdr sh;
	enum segment segment;
	uint8_t *data;			/* NULL if there are no bytes (bss) */
	Elf32_Rela *rel;
	uint32_t n_rel, room_rel;
	uint32_t *functions;		/* symbols of type STT_FUNC by address */
	uint32_t n_functions;
};

struct symbol {
	const char *name;
	Elf32_Sym sym;			/* st_shndx: below SHN_LORESERVE a section of the object */
};

struct object {
	struct section *sections;
	uint32_t n_sections, n_read;	/* n_read of them were in the file */
	struct symbol *symbols;		/* as read: locals first */
	uint32_t n_symbols, n_locals;
	struct symbol *new_locals, *new_globals;
	uint32_t n_new_locals, n_new_globals;
	struct names globals;		/* name -> handle */
	struct elf_file *file;
};

/* Opens path, an object lld made; map is the link map that goes with it. Exits if it is not what it should be. */
struct object *object_read(const char *path, const char *map);

/* Writes it where it came from. */
void object_write(struct object *o);

struct symbol *object_symbol(struct object *o, uint32_t handle);

/* The handle of a global symbol, or NO_NAME. */
uint32_t object_global(const struct object *o, const char *name);

uint32_t object_add_local(struct object *o, const char *name, uint32_t section, uint32_t value, uint8_t type);
uint32_t object_add_undefined(struct object *o, const char *name, uint8_t bind);
uint32_t object_add_section(struct object *o, const char *name, uint32_t flags, uint32_t align, const void *data,
			    uint32_t size);
void object_add_rel(struct object *o, uint32_t section, uint32_t offset, uint32_t type, uint32_t handle, int32_t addend);

/* The segment of a defined symbol's section; SEG_NONE for absolute and undefined ones. */
enum segment object_segment(struct object *o, const struct symbol *s);

/* The function that covers an offset of a section: its symbol's handle, or NO_NAME. */
uint32_t object_function_at(struct object *o, uint32_t section, uint32_t offset);

/* The function that begins there, or NO_NAME. If it has several names, nth tells them apart, from 0. */
uint32_t object_function_from(struct object *o, uint32_t section, uint32_t offset, uint32_t nth);

/* "a.o:(.text.f+0x10), in f": for messages. */
char *object_where(struct object *o, uint32_t section, uint32_t offset);

#endif
