/* SPDX-License-Identifier: MIT */
/*
 * R_RISCV_RELATIVE in an FDPIC module: the word at r_offset becomes the address of r_addend; both are link addresses,
 * which the loadmap translates. Used before anything is relocated, too: no pointer in memory is looked at.
 */
#ifndef FDPIC_RELATIVE_H
#define FDPIC_RELATIVE_H

/* Small in a program's start, fast in the dynamic linker. */
#ifndef FDPIC_INLINE
#define FDPIC_INLINE inline
#endif

/* Not only addresses come here (absolute values, offsets of TLS). A segment's end is no address in it, but may be meant
 * too (the end of an array that is last). */
static FDPIC_INLINE uintptr_t fdpic_address(const struct fdpic_loadmap *map, uintptr_t link)
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

/* Applies those of the n relocations that come before one of another type; how many is returned. There are two segments, of
 * which the second has the words; whatever is otherwise takes longer. */
static size_t fdpic_relative(const struct fdpic_loadmap *map, const size_t *rela, size_t n)
{
	const struct fdpic_loadseg a = map->segs[0], b = map->segs[map->nsegs > 1];
	size_t i, word, value, by_a = a.addr - a.p_vaddr, by_b = b.addr - b.p_vaddr;

	for (i = 0; i < n && R_TYPE(rela[1]) == REL_RELATIVE; i++, rela += 3) {
		word = rela[0];
		value = rela[2];
		word = word - b.p_vaddr < b.p_memsz ? word + by_b : fdpic_address(map, word);
		value = value - b.p_vaddr < b.p_memsz ? value + by_b : value - a.p_vaddr < a.p_memsz ? value + by_a :
			fdpic_address(map, value);
		*(size_t *)word = value;
	}
	return i;
}

#endif
