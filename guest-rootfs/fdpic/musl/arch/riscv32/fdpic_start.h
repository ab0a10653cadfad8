/* SPDX-License-Identifier: MIT */
/* The start of an FDPIC program, in C: called with gp set, before main's libc is, and before relocation. */
#include "fdpic_relocate.h"

/* Of the static libc, where a part of it needs it (dl_iterate_phdr). */
extern weak hidden const struct fdpic_loadmap *__static_loadmap;

/* A static program relocates itself; otherwise the dynamic linker has done it. */
hidden void __fdpic_start(const struct fdpic_loadmap *map, const size_t *dynv)
{
	__fdpic_relocate(map, dynv);
	__asm__ __volatile__("" : : : "memory");
	if (&__static_loadmap)
		__static_loadmap = map;
}
