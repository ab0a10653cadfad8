/* SPDX-License-Identifier: MIT
 *
 * Whose code a guest address is: a process's program, its interpreter (the dynamic linker) or a file that is mapped, such as a
 * shared library; and the function, file and line there.
 *
 * The program is found by where its code begins, the interpreter by its loadmap, everything else by the mapping that the address
 * lies in.  Files are read through the process's own eyes (its root), once, when the first address of theirs is asked for.
 */
#ifndef EMU_DEBUG_MODULES_H
#define EMU_DEBUG_MODULES_H

#include <stdint.h>
#include "emu/debug/lines.h"

struct task;
struct modules;
struct symbols;

struct code_place {
	const char *function;		/* until modules_free(); NULL: not known */
	uint32_t offset;		/* bytes behind its beginning */
	const char *module;		/* the file's name; NULL: the program itself */
	struct line line;		/* number 0: not known */
};

/* Of t's process as it is now.  NULL: no memory; the functions below take that. */
struct modules *modules_of(struct task *t);
void modules_free(struct modules *m);

/* Only sees to it that the file of the code at addr has been read. */
void modules_read(struct modules *m, uint32_t addr);
/* The names in all files read so far, but for the program's own: *s gets them (symbols_merge()). */
void modules_merge(const struct modules *m, struct symbols **s);

void modules_find(struct modules *m, uint32_t addr, struct code_place *out);

#endif
