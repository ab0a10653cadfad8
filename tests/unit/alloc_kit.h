/* SPDX-License-Identifier: MIT
 *
 * What the tests of the allocation strategies share: a reference that notes for each page whether it is
 * in use, and answers everything by looking through all of them.
 */
#ifndef ALLOC_KIT_H
#define ALLOC_KIT_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/page.h"

#define BASE 0x80000u
#define KIT_PAGES 4096u

/* For hot loops: an assertion of Check's writes a note to its parent each time. */
#define must(what) do { if (!(what)) ck_abort_msg("%s:%d: %s: %s", __FILE__, __LINE__, kit_name, #what); } while (0)

static const char *kit_name = "";	/* of the strategy being tested */
static uint64_t kit_seed = 1;

static inline int kit_strategies(void)
{
	int n = 0;

	while (page_strategy_at((unsigned)n))
		n++;
	return n;
}

static inline uint32_t rnd(uint32_t below)
{
	kit_seed = kit_seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((kit_seed >> 33) % below);
}

static inline void sound(struct pages *p)
{
	const char *broken = pages_check(p);

	if (broken)
		ck_abort_msg("%s: %s", kit_name, broken);
}

static inline void kit_start(struct pages *p, const struct page_ops *ops, uint32_t base, uint32_t count)
{
	kit_name = ops->name;
	must(pages_init(p, ops, base, count, 0) == 0);
	sound(p);
}

static inline uint32_t kit_largest(struct pages *p)
{
	struct page_stats st;

	p->ops->stats(p, &st);
	return st.largest;
}

static inline uint64_t kit_visited(struct pages *p)
{
	struct page_stats st;

	p->ops->stats(p, &st);
	return st.visited;
}

/* --- The reference --- */

struct ref_pages {
	uint32_t base, count, rover;
	bool used[KIT_PAGES];
};

/* The first maximal free run that starts at frame f or above; false behind the last. */
static inline bool ref_run(const struct ref_pages *r, uint32_t f, uint32_t *first, uint32_t *nr)
{
	uint32_t i = f - r->base;

	while (i < r->count && r->used[i])
		i++;
	*first = r->base + i;
	for (*nr = 0; i < r->count && !r->used[i]; i++)
		++*nr;
	return *nr > 0;
}

static inline bool ref_all(const struct ref_pages *r, uint32_t first, uint32_t nr, bool used)
{
	for (uint32_t i = first - r->base; nr--; i++)
		if (i >= r->count || r->used[i] != used)
			return false;
	return true;
}

static inline void ref_set(struct ref_pages *r, uint32_t first, uint32_t nr, bool used)
{
	for (uint32_t i = first - r->base; nr--; i++)
		r->used[i] = used;
}

static inline uint32_t ref_largest(const struct ref_pages *r)
{
	uint32_t first, nr, largest = 0;

	for (uint32_t f = r->base; ref_run(r, f, &first, &nr); f = first + nr)
		if (nr > largest)
			largest = nr;
	return largest;
}

#endif
