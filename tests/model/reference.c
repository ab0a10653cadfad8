/* SPDX-License-Identifier: MIT */
#include "tests/model/model.h"

struct mapping *ref_blank(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (!model.maps[i].live)
			return &model.maps[i];
	return NULL;
}

int ref_region(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (model.regions[i].refs == 0)
			return i;
	model_fail("the reference has fewer regions than mappings");
}

/* --- Pages --- */

static struct page *page_at(uint32_t addr)
{
	uint32_t i = addr / PG - model.base;

	if (addr % PG || i >= model.count)
		model_fail("a page at %#x: not in memory", addr);
	return &model.pages[i];
}

void ref_hold(uint32_t start, uint32_t end, int holder)
{
	for (uint32_t a = start; a < end; a += PG) {
		struct page *p = page_at(a);

		if (p->holder != FREE || p->shown)
			model_fail("the page at %#x was handed out twice", a);
		p->holder = holder;
	}
}

void ref_release(uint32_t start, uint32_t end)
{
	for (uint32_t a = start; a < end; a += PG)
		page_at(a)->holder = FREE;
}

void ref_show(uint32_t start, uint32_t end, int by)
{
	for (uint32_t a = start; a < end; a += PG)
		page_at(a)->shown += by;
}

static bool is_free(uint32_t i)
{
	return model.pages[i].holder == FREE && !model.pages[i].shown;
}

uint32_t ref_free(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < model.count; i++)
		n += is_free(i);
	return n;
}

static uint32_t block_for(uint32_t pages)
{
	uint32_t block = 1;

	while (block < pages)
		block *= 2;
	return block;
}

uint32_t ref_held(uint32_t pages)
{
	uint32_t block = block_for(pages);

	if (!model.strategy->rounds)
		return pages;
	return model.trim && block - pages >= model.trim && !model.strategy->keeps ? pages : block;
}

/* The longest run that starts at page i, up to the most that is of interest. */
static uint32_t run_at(uint32_t i, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && i + n < model.count && is_free(i + n))
		n++;
	return n;
}

uint32_t ref_largest(void)
{
	uint32_t best = 0;

	for (uint32_t i = 0, n; i < model.count && !model.strategy->rounds; i += n + 1) {
		n = run_at(i, model.count);
		best = n > best ? n : best;
	}
	/* In blocks: as much as is free from each page on, where a block of that size may begin. */
	for (uint32_t i = 0; i < model.count && model.strategy->rounds; i++) {
		while ((!best || page_order(best) < model.max_order) &&
		       (model.base + i) % (best ? 2 * best : 1) == 0 &&
		       run_at(i, best ? 2 * best : 1) == (best ? 2 * best : 1))
			best = best ? 2 * best : 1;
	}
	/* In classes: the shortest run of the class of the longest one. */
	for (uint32_t step = 1; model.strategy->steps && best / step >= model.strategy->steps; step *= 2)
		if (best / step < 2 * model.strategy->steps)
			return best / step * step;
	return best;
}

bool ref_too_large(uint32_t pages)
{
	return model.compat && page_order(pages) > model.max_order;
}

void ref_refused(uint32_t pages)
{
	if (model.failing || ref_too_large(pages))
		return;
	if (model.strategy->rounds)
		pages = block_for(pages);
	if (ref_largest() >= pages)
		model_fail("no run of %u pages was found, but one of %u is free", pages, ref_largest());
}

/* --- Mappings --- */

void ref_map(struct mapping *p, int region, uint32_t start, uint32_t len)
{
	p->live = true;
	p->start = start;
	p->end = start + len;
	p->region = region;
	p->born = ++model.births;
	model.regions[region].refs++;
}

static void drop_segment(struct segment *g)
{
	g->live = false;
	ref_release(g->addr, g->addr + g->pages * PG);
}

void ref_unmap(struct mapping *p)
{
	struct region *r = &model.regions[p->region];

	p->live = false;
	if (--r->refs == 0) {
		if (r->direct)
			ref_show(r->start, page_up(r->end), -1);
		else
			ref_release(r->start, r->top);
	}
	if (p->kind == SHM) {
		struct segment *g = &model.segments[p->source - FILES];

		if (--g->nattch == 0 && g->removed)
			drop_segment(g);
	}
}

int ref_own(uint32_t start, uint32_t len)
{
	int at = ref_region();
	struct region *r = &model.regions[at];

	must(!ref_too_large(len / PG));
	*r = (struct region){ .source = NOTHING, .start = start, .end = start + len, .born = ++model.births };
	r->top = start + ref_held(len / PG) * PG;
	ref_hold(r->start, r->top, at);
	return at;
}

static bool region_before(const struct region *a, const struct region *b)
{
	if (a->lo != b->lo)
		return a->lo < b->lo;
	return a->hi != b->hi ? a->hi < b->hi : a->born < b->born;
}

int ref_shareable(int source, uint32_t lo, uint32_t hi, bool direct)
{
	int best = NOTHING;

	for (int want = 1; want >= (direct ? 1 : 0) && best == NOTHING; want--) {
		for (int i = 0; i < MAPPINGS; i++) {
			const struct region *r = &model.regions[i];

			if (r->refs && r->source == source && r->direct == want && r->lo <= lo && r->hi >= hi &&
			    (best == NOTHING || region_before(r, &model.regions[best])))
				best = i;
		}
	}
	return best;
}

bool ref_overlapping(int source, uint32_t lo, uint32_t hi)
{
	for (int i = 0; i < MAPPINGS; i++) {
		const struct region *r = &model.regions[i];

		if (r->refs && r->source == source && r->lo < hi && lo < r->hi)
			return true;
	}
	return false;
}

struct mapping *ref_exact(int space, uint32_t start, uint32_t end)
{
	struct mapping *best = NULL;

	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *p = &model.maps[i];

		if (p->live && p->space == space && p->start == start && p->end == end &&
		    (!best || best->born < p->born))
			best = p;
	}
	return best;
}

struct mapping *ref_anon_over(int space, uint32_t start, uint32_t end)
{
	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *p = &model.maps[i];

		if (p->live && p->space == space && p->kind == ANON && p->start <= start && p->end >= end)
			return p;
	}
	return NULL;
}

/* In the order of an address space: by start, end, age. */
static bool before(const struct mapping *a, const struct mapping *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->end != b->end ? a->end < b->end : a->born < b->born;
}

struct mapping *ref_next(int space, const struct mapping *after)
{
	struct mapping *best = NULL;

	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *p = &model.maps[i];

		if (p->live && p->space == space && (!after || before(after, p)) && (!best || before(p, best)))
			best = p;
	}
	return best;
}

struct mapping *ref_any(int space)
{
	int from = (int)rnd(MAPPINGS);

	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *p = &model.maps[(from + i) % MAPPINGS];

		if (p->live && p->space == space)
			return p;
	}
	return NULL;
}

/* No mapping is exactly that, nor is it part of an anonymous one: what the kernel does with files' then. */
static int munmap_file(int space, uint32_t start, uint32_t end)
{
	struct mapping *p = ref_next(space, NULL);

	while (p && p->end <= start)
		p = ref_next(space, p);
	for (; p && p->start < end && p->start >= start && p->kind != ANON; p = ref_next(space, p)) {
		if (p->end == end) {
			ref_unmap(p);
			return 0;
		}
	}
	return -EINVAL;
}

/* What lies above the hole [start, end) becomes a mapping and a region of its own. */
static void split(struct mapping *p, uint32_t end)
{
	struct region *r = &model.regions[p->region];
	struct mapping *q = ref_blank();
	int at = ref_region();

	must(q);
	*q = *p;
	q->born = ++model.births;
	q->start = end;
	q->region = at;
	model.regions[at] = *r;
	model.regions[at].start = end;
	ref_release(end, r->top);
	ref_hold(end, r->top, at);
	r->end = r->top = end;
	p->end = end;
}

int ref_munmap(int space, uint32_t start, uint32_t len)
{
	uint32_t end = start + page_up(len);
	struct mapping *p;
	struct region *r;

	if (len == 0)
		return -EINVAL;
	p = ref_exact(space, start, end);
	if (p) {
		ref_unmap(p);
		return 0;
	}
	p = ref_anon_over(space, start, end);
	if (!p)
		return munmap_file(space, start, end);
	if (start % PG)
		return -EINVAL;
	if (start > p->start && end < p->end)
		split(p, end);
	r = &model.regions[p->region];
	if (start > p->start) {
		/* The slack behind the end goes with it. */
		ref_release(start, r->top);
		p->end = r->end = r->top = start;
	} else {
		ref_release(start, end);
		p->start = r->start = end;
	}
	return 0;
}
