/* SPDX-License-Identifier: MIT
 *
 * munmap(2), as mm/nommu.c do_munmap() has it: a file's mapping goes as a whole; of an anonymous
 * one any part may go, and a hole in its middle makes two of it and of its region.
 */
#include "mm/internal.h"

#include <errno.h>
#include <stdlib.h>

#define COMPAT_MAP_COUNT 65530u	/* the kernel's limit on the mappings of one space, checked on a split */
#define MUNMAP_WARNINGS 5u

/*
 * Cuts a VMA and its region in two at addr, for a hole that begins at `hole`.  The upper part's offset in /proc/maps is
 * that of the hole, as the kernel's split_vma() leaves it.
 */
static int split(struct mm_space *s, struct mm_vma *v, uint32_t hole, uint32_t addr)
{
	struct mm *mm = s->mm;
	struct mm_region *r = v->region, *above;
	struct mm_vma like = *v;
	int err;

	if (mm->config.compat_linux && s->vmas.count >= COMPAT_MAP_COUNT)
		return -ENOMEM;
	above = region_new(mm, NULL, r->pgoff + (hole - v->start) / FLAT_PAGE_SIZE);
	if (!above)
		return -ENOMEM;
	above->prot = r->prot;
	above->start = addr;
	above->end = r->end;
	above->top = r->top;
	like.start = addr;
	if (!vma_new(s, above, &like)) {
		err = -ENOMEM;
		goto undo;
	}
	/* From here nothing fails. Two regions hold the pages above addr, but for a moment. */
	vma_set(s, v, v->start, addr);
	region_set(mm, r, r->start, addr, addr);
	above->copy = true;
	return region_add(mm, above);
undo:
	region_put(mm, above);
	return err;
}

/* Takes [start, end), which touches one end of the VMA or both, off it and off its region. */
static void shrink(struct mm_space *s, struct mm_vma *v, uint32_t start, uint64_t end)
{
	struct mm_region *r = v->region;

	if (start > v->start) {
		uint64_t top = r->top;

		/* What was slack behind the end goes with it. */
		vma_set(s, v, v->start, start);
		region_set(s->mm, r, r->start, start, start);
		mm_run_put(s->mm, start, top);
	} else {
		vma_set(s, v, (uint32_t)end, v->end);
		region_set(s->mm, r, (uint32_t)end, r->end, r->top);
		mm_run_put(s->mm, start, end);
	}
}

static int unmap_anonymous(struct mm_space *s, struct mm_vma *v, uint32_t start, uint64_t end)
{
	int err;

	if (!page_aligned(start))
		return -EINVAL;
	if (start > v->start && end < v->end) {
		err = split(s, v, start, (uint32_t)end);
		if (err)
			return err;
	}
	shrink(s, v, start, end);
	return 0;
}

/*
 * No mapping is exactly [start, end), and no anonymous one has all of it.  The kernel still takes a
 * file's mapping that starts higher, as long as it ends there and only files' lie before it.
 */
static int unmap_file(struct mm_space *s, uint32_t start, uint64_t end)
{
	struct mm_vma *v = vma_overlapping(s, start, end);

	for (; v && v->start >= start && v->region->source; v = vma_next(v)) {
		if (v->end == end) {
			vma_delete(s, v);
			return 0;
		}
	}
	return -EINVAL;
}

int mm_munmap(struct mm_space *s, uint32_t addr, uint32_t len)
{
	MM_OPERATION(s->mm, "munmap");
	uint64_t end = addr + page_up(len);
	struct mm_vma *v;

	if (len == 0 || end - addr > UINT32_MAX || end > UINT64_C(1) << 32)
		return -EINVAL;
	v = vma_exact(s, addr, end);
	if (v) {
		vma_delete(s, v);
		return 0;
	}
	v = vma_covering_anon(s, addr, end);
	if (v)
		return unmap_anonymous(s, v, addr, end);
	if (!vma_overlapping(s, addr, end) && s->mm->munmap_warnings < MUNMAP_WARNINGS) {
		s->mm->munmap_warnings++;
		mm_log(s->mm, "nommu: munmap of memory not mmapped by process %d (%s): 0x%lx-0x%lx",
		       s->pid, s->comm, (unsigned long)addr, (unsigned long)(end - 1));
	}
	return unmap_file(s, addr, end);
}
