/* SPDX-License-Identifier: MIT
 *
 * mm_check(): everything that must hold between any two calls.  Every page is free, or held by
 * exactly one region, or somebody else's; the trees say what the records say; the counts are right.
 * A debug build asks it after each operation (MM_OPERATION() in internal.h).
 */
#include "mm/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One pass over everything, with a note for each page. */
struct tally {
	struct mm *mm;
	uint8_t *state;		/* by frame: PAGE_FREE, PAGE_COPY, or 0 */
	uint32_t *direct;	/* by frame: direct regions that hold it */
	uint64_t copies, vmas;
	const char *broken;
};

enum { PAGE_OTHER, PAGE_FREE, PAGE_COPY };

static int note_free(void *ctx, uint32_t first, uint32_t nr)
{
	struct tally *t = ctx;

	if (!pages_inside(&t->mm->pages, first, nr)) {
		t->broken = "pages: a free run leaves the memory";
		return 1;
	}
	for (uint32_t i = first - t->mm->pages.base; nr--; i++)
		t->state[i] = PAGE_FREE;
	return 0;
}

static const char *check_copy(struct tally *t, const struct mm_region *r)
{
	uint32_t first = r->start / FLAT_PAGE_SIZE;
	uint64_t nr = (r->top - r->start) / FLAT_PAGE_SIZE;

	if (!page_aligned(r->start) || !page_aligned(r->top))
		return "region: a copy is not made of whole pages";
	if (!pages_inside(&t->mm->pages, first, nr))
		return "region: a copy lies outside the memory";
	for (uint64_t i = 0; i < nr; i++) {
		uint8_t *state = &t->state[first - t->mm->pages.base + i];

		if (*state == PAGE_FREE)
			return "region: it holds a page that is free";
		if (*state == PAGE_COPY)
			return "region: two regions hold one page";
		*state = PAGE_COPY;
	}
	t->copies += nr;
	return NULL;
}

static const char *check_direct(struct tally *t, const struct mm_region *r)
{
	uint32_t first = r->start / FLAT_PAGE_SIZE;
	uint64_t nr = page_up(r->end) / FLAT_PAGE_SIZE - first;

	if (!r->source)
		return "region: an anonymous one holds no pages";
	if (!r->holds_pages)
		return NULL;
	if (!pages_inside(&t->mm->pages, first, nr))
		return "region: a direct one holds pages outside the memory";
	for (uint64_t i = 0; i < nr; i++)
		t->direct[first - t->mm->pages.base + i]++;
	return NULL;
}

static const char *check_region(struct tally *t, const struct mm_region *r)
{
	if (!r->added || r->refs == 0)
		return "region: one in the tree is not in use";
	if (r->end <= r->start || r->top < r->end)
		return "region: its bounds are out of order";
	if (r->held.lo != r->start || r->held.hi != r->top)
		return "region: the tree has other bounds";
	if (!r->source && (r->shared || r->overlay))
		return "region: an anonymous one is shareable";
	if (r->listed && !(region_shareable(r) && r->source->regions))
		return "region: it is listed with a source that may not share it";
	if (r->listed && (r->pgs.lo != r->pgoff ||
			  r->pgs.hi != r->pgoff + page_up(r->end - r->start) / FLAT_PAGE_SIZE))
		return "region: its source's tree has other bounds";
	if (r->source && !r->copy && r->source->direct_regions == 0)
		return "region: its source counts no direct ones";
	return r->copy ? check_copy(t, r) : check_direct(t, r);
}

static const char *check_vma(const struct mm_space *s, const struct mm_vma *v)
{
	const struct mm_region *r = v->region;

	if (v->end <= v->start || v->start < r->start || v->end > r->end)
		return "vma: it leaves its region";
	if (v->all.lo != v->start || v->all.hi != v->end)
		return "vma: the tree has other bounds";
	if (r->source)
		return r->source->mappings ? NULL : "vma: its source counts no mappings";
	if (r->refs != 1 || r->start != v->start)
		return "vma: an anonymous region is not its VMA's alone";
	if (v->anon.lo != v->start || v->anon.hi != v->end || s->anon.count == 0)
		return "vma: the tree of anonymous ones has other bounds";
	return NULL;
}

static const char *check_space(struct tally *t, const struct mm_space *s)
{
	uint64_t last_end = 0;
	size_t anonymous = 0;

	if (!interval_check(&s->vmas) || !interval_check(&s->anon))
		return "space: a tree of VMAs is damaged";
	for (const struct mm_vma *v = vma_first(s); v; v = vma_next(v)) {
		const char *broken = check_vma(s, v);

		if (broken)
			return broken;
		t->vmas++;
		if (v->region->source)
			continue;
		if (v->start < last_end)
			return "space: two anonymous VMAs overlap";
		last_end = v->end;
		anonymous++;
	}
	return anonymous == s->anon.count ? NULL : "space: the tree of anonymous VMAs has others";
}

/* References of VMAs on regions come to the regions' own counts, if no VMA has a region outside. */
static const char *check_refs(const struct mm *mm, uint64_t vmas)
{
	uint64_t refs = 0;

	for (struct interval *iv = interval_first(&mm->regions); iv; iv = interval_next(iv))
		refs += interval_entry(iv, struct mm_region, held)->refs;
	return refs == vmas ? NULL : "region: the references and the VMAs differ in number";
}

static const char *check_pages(const struct tally *t)
{
	const struct pages *p = &t->mm->pages;
	uint64_t others = 0, kept = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		if (t->state[i] == PAGE_OTHER) {
			others++;
			/* A page its file gave up is held by its mappings alone. */
			if (t->direct[i] == p->extra[i] + 1)
				kept++;
			else if (t->direct[i] != p->extra[i])
				return "pages: the references and the direct regions differ in number";
		} else if (p->extra[i] || t->direct[i]) {
			return "pages: a direct region holds a page that is not a file's";
		}
	}
	if (others != t->mm->other_pages + kept)
		return "pages: some are lost: neither free, nor a region's, nor a file's";
	return NULL;
}

static const char *check_all(struct tally *t)
{
	struct mm *mm = t->mm;
	const char *broken = pages_check(&mm->pages);

	if (!broken)
		mm->pages.ops->walk(&mm->pages, note_free, t);
	if (!broken)
		broken = t->broken;
	if (!broken && !interval_check(&mm->regions))
		broken = "mm: the tree of regions is damaged";
	for (struct interval *iv = interval_first(&mm->regions); iv && !broken; iv = interval_next(iv))
		broken = check_region(t, interval_entry(iv, struct mm_region, held));
	for (struct mm_space *s = mm->spaces; s && !broken; s = s->next)
		broken = check_space(t, s);
	if (!broken && t->copies != mm->copy_pages)
		broken = "mm: the count of pages in copies is wrong";
	if (!broken && t->vmas != mm->nr_vmas)
		broken = "mm: the count of VMAs is wrong";
	if (!broken)
		broken = check_refs(mm, t->vmas);
	if (!broken)
		broken = check_pages(t);
	return broken ? broken : shm_check(mm);
}

static int tally_init(struct tally *t, struct mm *mm)
{
	*t = (struct tally){ .mm = mm };
	t->state = calloc(mm->pages.count, sizeof(*t->state));
	t->direct = calloc(mm->pages.count, sizeof(*t->direct));
	return t->state && t->direct ? 0 : -ENOMEM;
}

static void tally_fini(struct tally *t)
{
	free(t->state);
	free(t->direct);
}

const char *mm_check(struct mm *mm)
{
	const char *broken = "mm: no host memory to check with";
	struct tally t;

	if (tally_init(&t, mm) == 0)
		broken = check_all(&t);
	tally_fini(&t);
	return broken;
}

#ifdef FLAT32_DEBUG
int operations_init(struct mm *mm)
{
	mm->tally = calloc(1, sizeof(*mm->tally));
	return mm->tally ? tally_init(mm->tally, mm) : -ENOMEM;
}

void operations_fini(struct mm *mm)
{
	if (mm->tally)
		tally_fini(mm->tally);
	free(mm->tally);
}

struct operation operation_begin(struct mm *mm, const char *name)
{
	mm->depth++;
	return (struct operation){ mm, name };
}

void operation_end(struct operation *o)
{
	struct tally *t = o->mm->tally;
	const char *broken;

	if (--o->mm->depth)
		return;
	*t = (struct tally){ .mm = o->mm, .state = t->state, .direct = t->direct };
	memset(t->state, 0, o->mm->pages.count * sizeof(*t->state));
	memset(t->direct, 0, o->mm->pages.count * sizeof(*t->direct));
	broken = check_all(t);
	if (!broken)
		return;
	fprintf(stderr, "flat32: mm_check after %s: %s\n", o->name, broken);
	abort();
}
#endif
