/* SPDX-License-Identifier: MIT */
#include "mm/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct page_ops *const strategies[] = {
	&page_buddy, &page_buddy_notrim, &page_first_fit, &page_best_fit, &page_next_fit, &page_worst_fit,
	&page_two_ended, &page_bitmap, &page_tlsf,
};

const struct page_ops *page_strategy(const char *name)
{
	if (!name)
		return strategies[0];
	for (size_t i = 0; i < sizeof(strategies) / sizeof(*strategies); i++)
		if (strcmp(strategies[i]->name, name) == 0)
			return strategies[i];
	return NULL;
}

const struct page_ops *page_strategy_at(unsigned i)
{
	return i < sizeof(strategies) / sizeof(*strategies) ? strategies[i] : NULL;
}

unsigned page_order(uint32_t nr)
{
	return nr <= 1 ? 0 : 32 - (unsigned)__builtin_clz(nr - 1);
}

uint32_t pages_rounded(const struct pages *p, uint32_t nr)
{
	return p->ops->rounds && nr <= 1u << (PAGE_ORDERS - 1) ? 1u << page_order(nr) : nr;
}

uint32_t pages_kept(const struct pages *p, uint32_t nr, uint32_t trim)
{
	uint32_t total = pages_rounded(p, nr);

	/* mm/nommu.c do_mmap_private(): the excess goes back if it is worth the fragmentation. */
	return trim && total - nr >= trim && !p->ops->keeps ? nr : total;
}

int pages_init(struct pages *p, const struct page_ops *ops, uint32_t base, uint32_t count,
	       unsigned max_order)
{
	int err;

	if (count == 0 || (uint64_t)base + count > 1u << (PAGE_ORDERS - 1))
		return -EINVAL;
	memset(p, 0, sizeof(*p));
	p->ops = ops;
	p->base = base;
	p->count = count;
	p->max_order = 31 - (unsigned)__builtin_clz(count);
	if (max_order && max_order < p->max_order)
		p->max_order = max_order;
	p->extra = calloc(count, sizeof(*p->extra) + ops->page_bytes);
	if (!p->extra)
		return -ENOMEM;
	p->table = p->extra + count;
	err = ops->init(p);
	if (err) {
		free(p->extra);
		return err;
	}
	p->free = count;
	return 0;
}

void pages_fini(struct pages *p)
{
	p->ops->fini(p);
	free(p->extra);
}

bool pages_inside(const struct pages *p, uint32_t first, uint64_t nr)
{
	return first >= p->base && first - p->base < p->count && nr <= p->count - (first - p->base);
}

/* Counts an allocation; true if it is one that was told to fail. */
static bool told_to_fail(struct pages *p)
{
	p->asked++;
	p->injected = p->fail_in && --p->fail_in == 0;
	if (p->injected)
		p->fail_in = p->fail_every;
	return p->injected;
}

/* The strategy has given a run away. */
static void handed_out(struct pages *p, uint32_t first, uint32_t nr)
{
	p->free -= nr;
	if (p->watch)
		p->watch->taken(p->watch_owner, first, nr);
}

uint32_t pages_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	uint32_t first = PAGE_NONE;

	if (!told_to_fail(p) && nr && nr <= p->free)
		first = p->ops->alloc(p, nr, trimmed);
	if (first != PAGE_NONE)
		handed_out(p, first, nr);
	else
		p->refused++;
	return first;
}

bool pages_take(struct pages *p, uint32_t first, uint32_t nr)
{
	bool taken = !told_to_fail(p) && nr && pages_inside(p, first, nr) && p->ops->take(p, first, nr);

	if (taken)
		handed_out(p, first, nr);
	else
		p->refused++;
	return taken;
}

void pages_get(struct pages *p, uint32_t first, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++)
		p->extra[first - p->base + i]++;
	p->extra_total += nr;
}

void pages_free(struct pages *p, uint32_t first, uint32_t nr)
{
	if (nr == 0)
		return;
	if (p->watch)
		p->watch->given_back(p->watch_owner, first, nr);
	p->ops->free(p, first, nr);
	p->free += nr;
}

void pages_put(struct pages *p, uint32_t first, uint32_t nr)
{
	uint32_t run = first;	/* start of the pages nobody else holds */

	if (p->extra_total == 0) {
		pages_free(p, first, nr);
		return;
	}
	for (uint32_t f = first; f < first + nr; f++) {
		if (p->extra[f - p->base] == 0)
			continue;
		p->extra[f - p->base]--;
		p->extra_total--;
		pages_free(p, run, f - run);
		run = f + 1;
	}
	pages_free(p, run, first + nr - run);
}

const char *pages_check(struct pages *p)
{
	uint32_t found = 0;
	uint64_t extra = 0;
	const char *broken = p->ops->check(p, &found);

	if (broken)
		return broken;
	if (found != p->free)
		return "pages: the strategy's free pages and the count of them differ";
	for (uint32_t i = 0; i < p->count; i++)
		extra += p->extra[i];
	if (extra != p->extra_total)
		return "pages: the extra references and their sum differ";
	return NULL;
}
