/* SPDX-License-Identifier: MIT */
#include "mm/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mm_space_new(struct mm *mm, struct mm_space **out)
{
	struct mm_space *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->mm = mm;
	s->refs = 1;
	interval_tree_init(&s->vmas);
	interval_tree_init(&s->anon);
	s->next = mm->spaces;
	s->link = &mm->spaces;
	if (s->next)
		s->next->link = &s->next;
	mm->spaces = s;
	*out = s;
	return 0;
}

bool mm_space_shared(const struct mm_space *s)
{
	return s->refs > 1;
}

struct mm_space *mm_space_get(struct mm_space *s)
{
	s->refs++;
	return s;
}

void space_destroy(struct mm_space *s)
{
	MM_OPERATION(s->mm, "exit");
	struct mm_vma *v;

	/* In ascending order, as exit_mmap() does: it decides how the free lists look afterwards. */
	while ((v = vma_first(s)) != NULL)
		vma_delete(s, v);
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	free(s);
}

void mm_space_put(struct mm_space *s)
{
	if (s && --s->refs == 0)
		space_destroy(s);
}

struct mm *mm_space_mm(struct mm_space *s)
{
	return s->mm;
}

void mm_space_owner(struct mm_space *s, int pid, const char *comm)
{
	s->pid = pid;
	snprintf(s->comm, sizeof(s->comm), "%s", comm);
}

struct mm_layout *mm_layout(struct mm_space *s)
{
	return &s->layout;
}

/* mm/nommu.c brk(2): the break moves only inside what the loader set aside for it. */
uint32_t mm_brk(struct mm_space *s, uint32_t brk)
{
	struct mm_layout *l = &s->layout;

	if (brk >= l->start_brk && brk <= l->end_brk)
		l->brk = brk;
	return l->brk;
}

bool mm_mapped(struct mm_space *s, uint32_t addr, uint32_t len)
{
	return vma_covering(s, addr, (uint64_t)addr + len) != NULL;
}

/* A VMA with the byte at `at` that has all of prot; or NULL.  More than one look only where VMAs lie over one another. */
static struct mm_vma *permitting(struct mm_space *s, uint64_t at, uint32_t prot)
{
	for (struct mm_vma *v = vma_overlapping(s, at, at + 1); v && v->start <= at; v = vma_next(v))
		if (v->end > at && (v->prot & prot) == prot)
			return v;
	return NULL;
}

uint32_t mm_reach(struct mm_space *s, uint32_t addr, uint32_t len, uint32_t prot)
{
	uint64_t at = addr, end = (uint64_t)addr + len;

	while (at < end) {
		struct mm_vma *v = permitting(s, at, prot);

		if (!v)
			break;
		at = v->end;
	}
	return (uint32_t)((at < end ? at : end) - addr);
}

/* What /proc shows of the region behind a mapping, and of its source if it has one. */
static void identify(const struct mm_region *r, uint64_t pgoff, struct mm_vma_info *info)
{
	struct mm_source *source = r->source;

	info->users = r->refs;
	info->anonymous = !source;
	if (!source)
		return;
	info->device = !r->copy && source->kind == MM_CHAR;
	info->offset = pgoff * FLAT_PAGE_SIZE;
	if (source->ops->identify)
		source->ops->identify(source, &info->major, &info->minor, &info->inode, info->path,
				      sizeof(info->path));
}

int mm_space_walk(struct mm_space *s, mm_walk_fn fn, void *ctx)
{
	uint32_t stack = s->layout.start_stack;

	for (struct mm_vma *v = vma_first(s); v; v = vma_next(v)) {
		struct mm_vma_info info = {
			.start = v->start, .end = (uint32_t)v->end, .prot = v->prot,
			.may_share = v->shared, .shared = v->shared,
		};
		int stop;

		identify(v->region, v->pgoff, &info);
		if (!v->region->source && stack && v->start <= stack && stack <= v->end)
			strcpy(info.path, "[stack]");
		stop = fn(ctx, &info);
		if (stop)
			return stop;
	}
	return 0;
}

int mm_region_walk(struct mm *mm, mm_walk_fn fn, void *ctx)
{
	for (struct interval *iv = interval_first(&mm->regions); iv; iv = interval_next(iv)) {
		struct mm_region *r = interval_entry(iv, struct mm_region, held);
		struct mm_vma_info info = {
			.start = r->start, .end = (uint32_t)r->end, .prot = r->prot,
			.may_share = r->shared, .shared = r->shared, .offset = r->pgoff * FLAT_PAGE_SIZE,
		};
		int stop;

		identify(r, r->pgoff, &info);
		stop = fn(ctx, &info);
		if (stop)
			return stop;
	}
	return 0;
}

/* fs/proc/task_nommu.c task_mem(), without the kernel's own objects, which live on the host here. */
void mm_space_usage(struct mm_space *s, struct mm_usage *out)
{
	memset(out, 0, sizeof(*out));
	for (struct mm_vma *v = vma_first(s); v; v = vma_next(v)) {
		uint64_t size = v->region->end - v->region->start;

		out->vmas++;
		if (s->refs > 1 || v->shared || v->overlay) {
			out->shared += size;
		} else {
			out->bytes += size;
			out->slack += v->region->end - v->end;
		}
	}
}
