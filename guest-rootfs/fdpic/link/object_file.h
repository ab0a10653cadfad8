/* SPDX-License-Identifier: MIT
 *
 * Between object.c and the two files that read and write.
 */
#ifndef FDPIC_OBJECT_FILE_H
#define FDPIC_OBJECT_FILE_H

#include "object.h"

#include <libelf.h>

struct elf_file {
	const char *path;
	int fd;
	Elf *elf;
	uint32_t symtab, strtab, shstrtab;	/* section indexes */
	uint32_t *rel_of;			/* section of relocations of each section, or 0 */
};

uint32_t object_index(const struct object *o, uint32_t handle);

/* Names each section's input file, from lld's map. */
void object_origins(struct object *o, const char *map);

#endif
