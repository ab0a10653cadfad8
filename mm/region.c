/* SPDX-License-Identifier: MIT
 *
 * Regions, and the trees they are found in: one of the machine by address, and two for each
 * source by page offset (direct ones and copies), so that looking for something to share never
 * walks what other files have mapped.
 */
#include "mm/internal.h"

#include <errno.h>
#include <stdlib.h>

/* What mm_source.regions points to, while the source has shareable regions. */
struct source_regions {
	struct tree direct, copies;
};

struct mm_region *region_new(struct mm *mm, struct mm_source *source, uint64_t pgoff)
{
	struct mm_region *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->held.serial = r->pgs.serial = ++mm->serial;
	r->refs = 1;
	r->pgoff = pgoff;
	r->source = source;
	if (source)
		source->ops->get(source);
	return r;
}

static struct mm_region *of(struct interval *iv)
{
	return iv ? interval_entry(iv, struct mm_region, pgs) : NULL;
}

static struct tree *tree_of(const struct mm_region *r)
{
	struct source_regions *sr = r->source->regions;

	return r->copy ? &sr->copies : &sr->direct;
}

static int share(struct mm_region *r)
{
	struct source_regions *sr = r->source->regions;

	if (!sr) {
		sr = malloc(sizeof(*sr));
		if (!sr)
			return -ENOMEM;
		interval_tree_init(&sr->direct);
		interval_tree_init(&sr->copies);
		r->source->regions = sr;
	}
	interval_insert(tree_of(r), &r->pgs, r->pgoff,
			r->pgoff + page_up(r->end - r->start) / FLAT_PAGE_SIZE);
	r->listed = true;
	return 0;
}

static void unshare(struct mm_region *r)
{
	struct source_regions *sr = r->source->regions;

	interval_remove(tree_of(r), &r->pgs);
	r->listed = false;
	if (sr->direct.count == 0 && sr->copies.count == 0) {
		r->source->regions = NULL;
		free(sr);
	}
}

/*
 * The frames a direct region touches, if they are a memory file's: pages of RAM.  A device's
 * memory stays where it is for as long as the device does, and /dev/mem may show free pages.
 */
static bool file_frames(const struct mm *mm, const struct mm_region *r, uint32_t *first, uint32_t *nr)
{
	uint64_t end = page_up(r->end) / FLAT_PAGE_SIZE;

	if (r->copy || !r->source || r->source->kind != MM_REGULAR)
		return false;
	*first = r->start / FLAT_PAGE_SIZE;
	*nr = (uint32_t)(end - *first);
	return pages_inside(&mm->pages, *first, end - *first);
}

int region_add(struct mm *mm, struct mm_region *r)
{
	uint32_t first, nr;
	int err;

	if (region_shareable(r)) {
		err = share(r);
		if (err)
			return err;
	}
	interval_insert(&mm->regions, &r->held, r->start, r->top);
	r->added = true;
	if (r->source && !r->copy)
		r->source->direct_regions++;
	if (file_frames(mm, r, &first, &nr)) {
		pages_get(&mm->pages, first, nr);
		r->holds_pages = true;
	}
	return 0;
}

void region_put(struct mm *mm, struct mm_region *r)
{
	struct mm_source *source = r->source;
	uint32_t first, nr;

	if (--r->refs)
		return;
	if (r->added) {
		interval_remove(&mm->regions, &r->held);
		if (r->listed)
			unshare(r);
		if (source && !r->copy)
			source->direct_regions--;
	}
	if (r->copy)
		mm_run_put(mm, r->start, r->top);
	else if (r->holds_pages && file_frames(mm, r, &first, &nr))
		mm_frames_put(mm, first, nr);
	else if (r->added)
		mm_code_gone(mm, r->start, (uint32_t)(r->end - r->start));	/* its source may change it unseen now */
	if (r->told && source->mappings == 0 && source->ops->unmapped)
		source->ops->unmapped(source);
	if (source)
		source->ops->put(source);
	free(r);
}

void region_set(struct mm *mm, struct mm_region *r, uint32_t start, uint64_t end, uint64_t top)
{
	r->start = start;
	r->end = end;
	r->top = top;
	interval_move(&mm->regions, &r->held, start, top);
}

void mm_source_moved(struct mm_source *s)
{
	struct source_regions *sr;

	while ((sr = s->regions) != NULL) {
		struct interval *iv = interval_first(&sr->direct);

		unshare(of(iv ? iv : interval_first(&sr->copies)));
	}
}

struct mm_region *region_covering(struct mm_source *source, uint64_t pgoff, uint64_t end, bool direct, bool copy)
{
	struct source_regions *sr = source->regions;
	struct mm_region *r = NULL;

	if (sr && direct)
		r = of(interval_covering(&sr->direct, pgoff, end));
	if (sr && !r && copy)
		r = of(interval_covering(&sr->copies, pgoff, end));
	return r;
}

bool mm_source_shown(const struct mm_source *s, uint64_t pgoff, uint64_t end)
{
	const struct source_regions *sr = s->regions;
	uint32_t listed = sr ? (uint32_t)sr->direct.count : 0;

	/* Those that are listed no more (mm_source_moved()) may show any. */
	return (s->shared_mappings && s->direct_regions > listed) ||
	       (sr && interval_overlapping(&sr->direct, pgoff, end));
}

bool region_overlapping(struct mm_source *source, uint64_t pgoff, uint64_t end)
{
	struct source_regions *sr = source->regions;

	return sr && (interval_overlapping(&sr->direct, pgoff, end) ||
		      interval_overlapping(&sr->copies, pgoff, end));
}
