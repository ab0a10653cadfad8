/* SPDX-License-Identifier: MIT
 *
 * The free memory as an index of maximal free runs: what the fits share.
 *
 * A fit differs from another only in which run it picks and from which end it cuts.  Everything else is
 * here: the runs stand in a tree by address in which each node knows the largest run below it, so that
 * "the lowest run of at least n pages" is one way down; and, for a strategy that asks, in a second tree by
 * size.  A freed run is joined at once with those it touches.
 *
 * Records are taken from a pool made by runs_new(): between two runs there is a page in use, so there
 * are never more than half as many as pages, and freeing cannot fail.  The host gives memory only to the
 * part of the pool that was ever used.
 *
 * Cost: every operation O(log runs); the walk O(runs).
 */
#ifndef MM_ALLOC_RUNS_H
#define MM_ALLOC_RUNS_H

#include "mm/page.h"
#include "mm/tree.h"

struct run {
	struct tree_node by_addr, by_size;
	uint32_t first, nr;
	uint32_t largest;		/* pages of the largest run in the subtree of by_addr */
};

struct runs {
	struct tree by_addr, by_size;	/* by_size: only if sized */
	bool sized;
	struct run *pool, *unused;	/* unused: those given back, linked by by_addr.right */
	uint32_t pool_used;
	uint32_t blocks[PAGE_ORDERS];	/* as page_stats.free_blocks */
	uint64_t visited;		/* by searches; the trees count the rest */
};

/* Makes p->state, of that size, with a struct runs at its beginning; all pages are free. 0 or -ENOMEM. */
int runs_new(struct pages *p, size_t size, bool sized);

/* The lowest run of at least nr pages that has one at or above frame `from`; the highest run; or NULL. */
struct run *runs_lowest(struct runs *rs, uint32_t from, uint32_t nr);
struct run *runs_highest(struct runs *rs, uint32_t nr);
/* The smallest run of at least nr pages, of equals the lowest; or NULL.  Only if sized. */
struct run *runs_smallest(struct runs *rs, uint32_t nr);
/* Pages in the largest run; 0 if there is none. */
uint32_t runs_largest(const struct runs *rs);
/* Takes nr pages off the lower or upper end of r: the first frame.  r may be NULL: PAGE_NONE. */
uint32_t runs_cut_low(struct runs *rs, struct run *r, uint32_t nr);
uint32_t runs_cut_high(struct runs *rs, struct run *r, uint32_t nr);

/* For struct page_ops: all but alloc. */
int runs_init(struct pages *p);
void runs_fini(struct pages *p);
void runs_free(struct pages *p, uint32_t first, uint32_t nr);
bool runs_take(struct pages *p, uint32_t first, uint32_t nr);
int runs_walk(struct pages *p, page_walk_fn fn, void *ctx);
void runs_stats(const struct pages *p, struct page_stats *out);
const char *runs_check(struct pages *p, uint32_t *free_pages);

#define RUNS_OPS \
	.fini = runs_fini, .free = runs_free, .take = runs_take, .walk = runs_walk, .stats = runs_stats, \
	.check = runs_check

#endif
