/* SPDX-License-Identifier: MIT */
/*
 * An FDPIC module's relocation of itself: a static program's, and the dynamic linker's first stage. Done are
 * the R_RISCV_RELATIVE: the word at r_offset becomes the address of r_addend; both are link addresses, which
 * the loadmap translates. TLS descriptors, where a static program has code of libraries (-fPIC), get the
 * resolver for variables at a fixed distance from tp, which is r_addend.
 *
 * Runs before anything is relocated: gp is set, but no pointer in memory may be used.
 */
#include "dynlink.h"

/* A segment's end is no address in it, but may be meant too (the end of an array that is last). */
static inline uintptr_t fdpic_address(const struct fdpic_loadmap *map, uintptr_t link)
{
	const struct fdpic_loadseg *seg, *end = map->segs + map->nsegs;

	for (seg = map->segs; seg < end; seg++)
		if (link - seg->p_vaddr < seg->p_memsz)
			return link - seg->p_vaddr + seg->addr;
	for (seg = map->segs; seg < end; seg++)
		if (link - seg->p_vaddr == seg->p_memsz)
			return link - seg->p_vaddr + seg->addr;
	return link;
}

#ifndef SHARED
__asm__(
".text\n"
".type __fdpic_resolver, @object\n"
"__fdpic_resolver:\n"
"	lw	a0, 4(a0)\n"
"	jr	t0\n"
);
#endif

hidden void __fdpic_relocate(const struct fdpic_loadmap *map, const size_t *dynv)
{
	uintptr_t rela = 0;
	size_t size = 0;

	for (; dynv[0]; dynv += 2) {
		if (dynv[0] == DT_RELA)
			rela = fdpic_address(map, dynv[1]);
		if (dynv[0] == DT_RELASZ)
			size = dynv[1];
	}
	for (const size_t *r = (void *)rela; size >= 3 * sizeof *r; r += 3, size -= 3 * sizeof *r) {
		uintptr_t *word = (void *)fdpic_address(map, r[0]);

		if (R_TYPE(r[1]) == REL_RELATIVE)
			*word = fdpic_address(map, r[2]);
#ifndef SHARED
		if (R_TYPE(r[1]) == REL_TLSDESC) {
			__asm__("lla %0, __fdpic_resolver" : "=r"(word[0]));
			word[1] = r[2];
		}
#endif
	}
}
