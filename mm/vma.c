/* SPDX-License-Identifier: MIT
 *
 * The VMAs of a space.  They may overlap (two mappings of one file lie at one place; /dev/mem
 * lies over everything), so every question is put to a tree of intervals.  Anonymous ones never
 * overlap one another, and are kept in a second tree, since only they may be cut.
 */
#include "mm/internal.h"

#include <stdlib.h>

/*
 * A mapping of what is mapped already takes no page of the guest's, but a record of the host's.  All records together
 * take as much as the guest has RAM, or a program that maps a file for ever takes all that the host has.
 */
static bool too_many(const struct mm *mm)
{
	return mm->nr_vmas >= mm->config.ram_size / (sizeof(struct mm_vma) + sizeof(struct mm_region));
}

struct mm_vma *vma_new(struct mm_space *s, struct mm_region *r, const struct mm_vma *like)
{
	struct mm_vma *v = too_many(s->mm) ? NULL : malloc(sizeof(*v));
	struct mm_source *source = r->source;

	if (!v)
		return NULL;
	*v = *like;
	v->region = r;
	v->all.serial = v->anon.serial = ++s->mm->serial;
	interval_insert(&s->vmas, &v->all, v->start, v->end);
	s->mm->nr_vmas++;
	if (!source) {
		interval_insert(&s->anon, &v->anon, v->start, v->end);
		return v;
	}
	r->told = true;
	source->mappings++;
	if (v->shared) {
		uint64_t end = v->pgoff + page_up(v->end - v->start) / FLAT_PAGE_SIZE;

		if (!source->shared_mappings++ || end > source->shared_end)
			source->shared_end = end;
	}
	if (source->ops->opened)
		source->ops->opened(source, s->pid);
	return v;
}

void vma_delete(struct mm_space *s, struct mm_vma *v)
{
	struct mm_source *source = v->region->source;

	interval_remove(&s->vmas, &v->all);
	s->mm->nr_vmas--;
	if (!source) {
		interval_remove(&s->anon, &v->anon);
	} else {
		source->mappings--;
		source->shared_mappings -= v->shared;
		if (source->ops->closed)
			source->ops->closed(source, s->pid);
	}
	region_put(s->mm, v->region);
	free(v);
}

void vma_set(struct mm_space *s, struct mm_vma *v, uint32_t start, uint64_t end)
{
	v->start = start;
	v->end = end;
	interval_move(&s->vmas, &v->all, start, end);
	if (!v->region->source)
		interval_move(&s->anon, &v->anon, start, end);
}

static struct mm_vma *of(struct interval *iv)
{
	return iv ? interval_entry(iv, struct mm_vma, all) : NULL;
}

struct mm_vma *vma_exact(struct mm_space *s, uint64_t start, uint64_t end)
{
	return of(interval_exact(&s->vmas, start, end));
}

struct mm_vma *vma_covering(struct mm_space *s, uint64_t start, uint64_t end)
{
	return of(interval_covering(&s->vmas, start, end));
}

struct mm_vma *vma_covering_anon(struct mm_space *s, uint64_t start, uint64_t end)
{
	struct interval *iv = interval_covering(&s->anon, start, end);

	return iv ? interval_entry(iv, struct mm_vma, anon) : NULL;
}

struct mm_vma *vma_overlapping(struct mm_space *s, uint64_t start, uint64_t end)
{
	return of(interval_overlapping(&s->vmas, start, end));
}

struct mm_vma *vma_from(struct mm_space *s, uint64_t start)
{
	return of(interval_from(&s->vmas, start));
}

struct mm_vma *vma_first(const struct mm_space *s)
{
	return of(interval_first(&s->vmas));
}

struct mm_vma *vma_next(const struct mm_vma *v)
{
	return of(interval_next(&v->all));
}
