/* SPDX-License-Identifier: MIT
 *
 * File and line of a program's code, from its debug information (DWARF, any version), by libdw, which is loaded when it is
 * first needed; without it there are no lines.
 *
 * Debug information is made of hostile programs' bytes like everything else, and it is a language to be interpreted. So libdw
 * works in a process of its own, a fork of ours that is asked address by address: whatever becomes of that, here it is no more
 * than "no line known".
 */
#ifndef EMU_DEBUG_LINES_H
#define EMU_DEBUG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines;
struct line {
	uint32_t number;
	char file[252];			/* as the compiler was told it, or a path */
};

/*
 * Of an ELF file in memory, which must stay there until lines_of() is back.  NULL: it has no debug information, or no process or
 * memory is to be had; the functions below take that.
 */
struct lines *lines_of(const void *data, size_t size);
void lines_free(struct lines *l);

/* The line of an address of the file (not the guest's).  False: not known, or it took more than two seconds. */
bool lines_find(struct lines *l, uint32_t vaddr, struct line *out);

#endif
