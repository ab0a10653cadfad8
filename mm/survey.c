/* SPDX-License-Identifier: MIT */
#include "mm/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/shm_internal.h"

struct run { uint32_t first, nr; };

/* The free runs by address, with the sum of those before each. */
struct runs {
	struct run *run;
	uint32_t *before;
	uint32_t count, room;
};

static uint32_t align_up(uint32_t n, uint32_t block)
{
	return n + block - 1 - (n + block - 1) % block;
}

/* --- Free runs --- */

static int count_run(void *ctx, uint32_t first, uint32_t nr)
{
	(void)first;
	(void)nr;
	++*(uint32_t *)ctx;
	return 0;
}

/* A strategy may give neighbours one by one: here they are one run. */
static int note_run(void *ctx, uint32_t first, uint32_t nr)
{
	struct runs *rs = ctx;
	struct run *last = rs->count ? &rs->run[rs->count - 1] : NULL;

	if (last && last->first + last->nr == first) {
		last->nr += nr;
		return 0;
	}
	if (rs->count == rs->room)
		return -ENOMEM;
	rs->before[rs->count] = last ? rs->before[rs->count - 1] + last->nr : 0;
	rs->run[rs->count++] = (struct run){ first, nr };
	return 0;
}

static int find_runs(struct mm *mm, struct runs *rs)
{
	memset(rs, 0, sizeof(*rs));
	mm->pages.ops->walk(&mm->pages, count_run, &rs->room);
	rs->run = malloc((rs->room + 1) * sizeof(*rs->run));
	rs->before = malloc((rs->room + 1) * sizeof(*rs->before));
	if (!rs->run || !rs->before)
		return -ENOMEM;
	return mm->pages.ops->walk(&mm->pages, note_run, rs);
}

static void draw(struct survey *v, const struct mm *mm, const struct runs *rs)
{
	const struct pages *p = &mm->pages;

	v->cell_pages = (p->count + SURVEY_CELLS - 1) / SURVEY_CELLS;
	v->cells = (p->count + v->cell_pages - 1) / v->cell_pages;
	for (uint32_t i = 0; i < rs->count; i++) {
		uint32_t at = rs->run[i].first - p->base, end = at + rs->run[i].nr;

		while (at < end) {
			uint32_t cell = at / v->cell_pages, stop = (cell + 1) * v->cell_pages;

			stop = stop < end ? stop : end;
			v->cell_free[cell] += stop - at;
			at = stop;
		}
	}
}

static void measure(struct survey *v, const struct runs *rs)
{
	v->runs = rs->count;
	for (uint32_t i = 0; i < rs->count; i++) {
		v->free += rs->run[i].nr;
		if (rs->run[i].nr > v->largest_run) {
			v->largest_run = rs->run[i].nr;
			v->largest_run_at = rs->run[i].first;
		}
	}
}

int survey_index(uint32_t free, uint32_t wanted, uint32_t blocks)
{
	if (!blocks || !wanted)
		return 0;
	return 1000 - (int)((1000 + (uint64_t)free * 1000 / wanted) / blocks);
}

/* --- The window: blocks at multiples of their size --- */

/* Takes [first, first+nr) off the counts of the windows it lies in. */
static void take_off(uint32_t *used, uint32_t windows, uint32_t origin, uint32_t block, uint64_t first, uint64_t nr)
{
	uint64_t end = first + nr;

	if (first < origin)
		first = origin;
	while (first < end) {
		uint64_t w = (first - origin) / block, stop = origin + (w + 1) * block;

		if (w >= windows)
			return;
		stop = stop < end ? stop : end;
		used[w] -= (uint32_t)(stop - first);
		first = stop;
	}
}

/* The first window with the least in use. */
static uint32_t least(const uint32_t *used, uint32_t windows)
{
	uint32_t best = 0;

	for (uint32_t w = 1; w < windows; w++)
		if (used[w] < used[best])
			best = w;
	return best;
}

static uint32_t slack_of(const struct mm_region *r)
{
	return r->copy ? (uint32_t)((r->top - r->end) / FLAT_PAGE_SIZE) : 0;
}

static int aligned_window(struct survey *v, const struct mm *mm, const struct runs *rs)
{
	const struct pages *p = &mm->pages;
	uint32_t origin = align_up(p->base, v->block), end = p->base + p->count, windows, w;
	uint32_t *used;

	if (origin >= end || end - origin < v->block)
		return 0;
	windows = (end - origin) / v->block;
	used = malloc(windows * sizeof(*used));
	if (!used)
		return -ENOMEM;
	for (uint32_t i = 0; i < windows; i++)
		used[i] = v->block;
	for (uint32_t i = 0; i < rs->count; i++)
		take_off(used, windows, origin, v->block, rs->run[i].first, rs->run[i].nr);
	w = least(used, windows);
	v->has_window = true;
	v->window = origin + w * v->block;
	v->window_used = used[w];
	/* And as it would be if no mapping had more than it asked for. */
	for (struct interval *iv = interval_first(&mm->regions); iv; iv = interval_next(iv)) {
		const struct mm_region *r = interval_entry(iv, struct mm_region, held);

		if (slack_of(r))
			take_off(used, windows, origin, v->block, r->end / FLAT_PAGE_SIZE, slack_of(r));
	}
	v->window_slack = v->window_used - used[w];
	w = least(used, windows);
	v->has_slack_window = used[w] == 0;
	v->slack_window = origin + w * v->block;
	free(used);
	return 0;
}

/* --- The window: runs anywhere --- */

/* How many frames below f are free. */
static uint32_t free_below(const struct runs *rs, uint32_t f)
{
	uint32_t lo = 0, hi = rs->count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rs->run[mid].first < f)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return 0;
	const struct run *r = &rs->run[lo - 1];

	return rs->before[lo - 1] + (f - r->first < r->nr ? f - r->first : r->nr);
}

static void try_window(struct survey *v, const struct pages *p, const struct runs *rs, uint64_t at)
{
	uint32_t used;

	if (at < p->base || at + v->block > (uint64_t)p->base + p->count)
		return;
	used = v->block - (free_below(rs, (uint32_t)at + v->block) - free_below(rs, (uint32_t)at));
	if (v->has_window && (used > v->window_used || (used == v->window_used && at >= v->window)))
		return;
	v->has_window = true;
	v->window = (uint32_t)at;
	v->window_used = used;
}

/* What is free in a window changes slope only where an end of it meets an end of a run. */
static void sliding_window(struct survey *v, const struct mm *mm, const struct runs *rs)
{
	const struct pages *p = &mm->pages;

	try_window(v, p, rs, p->base);
	try_window(v, p, rs, (uint64_t)p->base + p->count - v->block);
	for (uint32_t i = 0; i < rs->count; i++) {
		try_window(v, p, rs, rs->run[i].first);
		try_window(v, p, rs, (uint64_t)rs->run[i].first + rs->run[i].nr - v->block);
	}
}

/* --- Who is in the window --- */

static bool shows(struct mm_space *s, const struct mm_region *r)
{
	struct mm_vma *v = vma_overlapping(s, r->start, r->end);

	for (; v && v->start < r->end; v = vma_next(v))
		if (v->region == r)
			return true;
	return false;
}

static void add_holder(struct survey *v, const struct survey_holder *h)
{
	if (v->nr_holders < SURVEY_HOLDERS) {
		v->holders[v->nr_holders++] = *h;
		return;
	}
	v->other_holders++;
	v->other_pages += h->pages;
}

static void add_region(struct survey *v, struct mm *mm, const struct mm_region *r, uint32_t first, uint32_t end)
{
	uint32_t slack_from = (uint32_t)(r->end / FLAT_PAGE_SIZE);
	struct survey_holder h = { .first = first, .pages = end - first, .region = r };

	if (r->copy && end > slack_from)
		h.slack = end - (slack_from > first ? slack_from : first);
	if (v->nr_holders < SURVEY_HOLDERS) {
		for (struct mm_space *s = mm->spaces; s; s = s->next) {
			if (!shows(s, r))
				continue;
			h.space = s;
			h.spaces++;
		}
	}
	add_holder(v, &h);
}

/* Segments that no region shows. */
static void add_segments(struct survey *v, struct mm *mm, uint32_t *found)
{
	const struct segment *seg;
	uint32_t end = v->window + v->block;

	for (int i = 0; (seg = segment_from_index(mm, i)); i = ipc_index(&seg->perm) + 1) {
		uint32_t first, last;

		if (seg->source.mappings)
			continue;
		first = seg->info.addr / FLAT_PAGE_SIZE;
		last = first + seg->info.pages;
		first = first > v->window ? first : v->window;
		last = last < end ? last : end;
		if (first >= last)
			continue;
		add_holder(v, &(struct survey_holder){ .first = first, .pages = last - first, .segment = seg });
		*found += last - first;
	}
}

static void find_holders(struct survey *v, struct mm *mm)
{
	uint32_t seen = v->window, found = 0, end = v->window + v->block;
	struct interval *iv = interval_overlapping(&mm->regions, (uint64_t)v->window * FLAT_PAGE_SIZE,
						   (uint64_t)end * FLAT_PAGE_SIZE);

	for (; iv && iv->lo < (uint64_t)end * FLAT_PAGE_SIZE; iv = interval_next(iv)) {
		const struct mm_region *r = interval_entry(iv, struct mm_region, held);
		uint32_t first = r->start / FLAT_PAGE_SIZE;
		uint32_t last = (uint32_t)(page_up(r->top) / FLAT_PAGE_SIZE);

		/* A device's region, or /dev/mem's, holds nothing. Files' may overlap: each page counts once. */
		if (!r->copy && !r->holds_pages)
			continue;
		first = first > seen ? first : seen;
		last = last < end ? last : end;
		if (first >= last)
			continue;
		add_region(v, mm, r, first, last);
		found += last - first;
		seen = last;
	}
	add_segments(v, mm, &found);
	v->window_files = v->window_used > found ? v->window_used - found : 0;
}

/* --- The verdict --- */

static enum survey_cause cause_of(const struct survey *v, const struct mm *mm)
{
	/* The limit first: such a request is not even tried. */
	if (v->limited)
		return CAUSE_LIMIT;
	if (mm->pages.injected)
		return CAUSE_INJECTED;
	if (v->free < v->pages)
		return CAUSE_LACK;
	if (v->has_window && v->window_used == 0)
		return CAUSE_STRATEGY;
	return v->largest_run >= v->pages ? CAUSE_ROUNDING : CAUSE_FRAGMENTED;
}

/* RAM that ends where a block behind everything in use would end. */
static uint32_t ram_needed(const struct survey *v, const struct mm *mm, const struct runs *rs)
{
	const struct pages *p = &mm->pages;
	const struct run *last = rs->count ? &rs->run[rs->count - 1] : NULL;
	uint32_t end = p->base + p->count, at = last && last->first + last->nr == end ? last->first : end;

	if (p->ops->rounds)
		at = align_up(at, v->block);
	return at + v->block - p->base > FLAT_RAM_MAX / FLAT_PAGE_SIZE ? 0 : at + v->block - p->base;
}

static int look(struct survey *v, struct mm *mm, struct runs *rs)
{
	struct pages *p = &mm->pages;
	uint32_t blocks = 0;
	int err = find_runs(mm, rs);

	if (err)
		return err;
	measure(v, rs);
	draw(v, mm, rs);
	p->ops->stats(p, &v->stats);
	for (unsigned o = 0; o < PAGE_ORDERS; o++)
		blocks += v->stats.free_blocks[o];
	v->index = survey_index(v->free, v->block, p->ops->rounds ? blocks : v->runs);
	/* --compat: the kernel has no larger runs, whatever the strategy (mm.c, too_large()). */
	v->limited = v->order > p->max_order && (p->ops->rounds || mm->config.compat_linux) &&
		     p->max_order < 31 - (unsigned)__builtin_clz(p->count);
	for (struct interval *iv = interval_first(&mm->regions); iv; iv = interval_next(iv)) {
		uint32_t slack = slack_of(interval_entry(iv, struct mm_region, held));

		v->slack += slack;
		v->slack_regions += slack > 0;
	}
	if (p->ops->rounds)
		err = aligned_window(v, mm, rs);
	else if (v->block <= p->count)
		sliding_window(v, mm, rs);
	if (err)
		return err;
	if (v->has_window)
		find_holders(v, mm);
	v->cause = cause_of(v, mm);
	v->ram_needed = ram_needed(v, mm, rs);
	return 0;
}

int survey_take(struct survey *v, struct mm *mm, uint32_t pages)
{
	struct runs rs;
	int err;

	memset(v, 0, sizeof(*v));
	v->pages = pages;
	v->block = pages_rounded(&mm->pages, pages);
	v->order = page_order(pages);
	err = look(v, mm, &rs);
	free(rs.run);
	free(rs.before);
	return err;
}
