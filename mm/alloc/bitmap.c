/* SPDX-License-Identifier: MIT
 *
 * A hierarchical bitmap.
 *
 * One bit per page, set while the page is free, in words of 64; over the words a binary tree.  Each node
 * knows of the pages below it how many are free at its lower end, at its upper end, and in the longest run
 * between.  A run across the middle of a node is the upper end of its left child and the lower end of its
 * right one, so the three numbers follow from those of the children, and "is there a run of n pages here"
 * is answered without going further down.
 *
 * Below a node that is all free or all in use the children are not kept up: they are set when the node
 * becomes mixed (split()).  So to set or clear a long stretch touches the nodes along its two edges only.
 *
 * The lowest run that is large enough is taken: placement is that of first fit.  What differs is the
 * price: metadata of fixed size, half a byte per page, however cut up memory is; and a cost that depends
 * on how large memory is, not on how many runs there are.
 *
 * Cost: O(log pages) for every operation; the walk O(runs * log pages).  Exact: nothing is rounded.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/alloc/blocks.h"
#include "mm/page.h"

#define WORD 64u

struct node {
	uint32_t low, high, longest;	/* free pages at the lower end, at the upper end, in the longest run */
};

struct bitmap {
	uint64_t *word;			/* by page / 64; a set bit is a free page */
	struct node *node;		/* [1] is the root, [2n] and [2n+1] are the children of [n] */
	uint32_t leaves;		/* nodes [leaves, 2*leaves) have a word each; a power of two */
	uint32_t blocks[PAGE_ORDERS];	/* as page_stats.free_blocks */
	uint64_t visited;		/* nodes */
};

/* A node, and the pages [lo, lo+size) it stands for. */
struct spot {
	uint32_t n, lo, size;
};

static struct spot root_of(const struct bitmap *m)
{
	return (struct spot){ 1, 0, m->leaves * WORD };
}

static struct spot left_of(struct spot s)
{
	return (struct spot){ 2 * s.n, s.lo, s.size / 2 };
}

static struct spot right_of(struct spot s)
{
	return (struct spot){ 2 * s.n + 1, s.lo + s.size / 2, s.size / 2 };
}

static bool is_leaf(struct spot s)
{
	return s.size == WORD;
}

static bool all_free(const struct bitmap *m, struct spot s)
{
	return m->node[s.n].longest == s.size;
}

static bool none_free(const struct bitmap *m, struct spot s)
{
	return m->node[s.n].longest == 0;
}

/* --- Words --- */

/* A bit for each place where n set bits begin. */
static uint64_t runs_in(uint64_t w, uint32_t n)
{
	while (n > 1) {
		w &= w >> (n / 2);
		n -= n / 2;
	}
	return w;
}

static uint32_t low_ones(uint64_t w)
{
	return w == UINT64_MAX ? WORD : (uint32_t)__builtin_ctzll(~w);
}

static uint32_t high_ones(uint64_t w)
{
	return w == UINT64_MAX ? WORD : (uint32_t)__builtin_clzll(~w);
}

static struct node node_of_word(uint64_t w)
{
	struct node nd = { low_ones(w), high_ones(w), 0 };

	for (; w; w &= w << 1)
		nd.longest++;
	return nd;
}

/* --- Nodes --- */

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static struct node node_of_children(const struct node *l, const struct node *r, uint32_t half)
{
	return (struct node){
		.low = l->low == half ? half + r->low : l->low,
		.high = r->high == half ? half + l->high : r->high,
		.longest = larger(l->high + r->low, larger(l->longest, r->longest)),
	};
}

static void set_whole(struct bitmap *m, struct spot s, bool free)
{
	uint32_t nr = free ? s.size : 0;

	m->node[s.n] = (struct node){ nr, nr, nr };
	if (is_leaf(s))
		m->word[s.lo / WORD] = free ? UINT64_MAX : 0;
}

/* Before anyone looks at its children: a whole node's are made so. */
static void split(struct bitmap *m, struct spot s)
{
	if (!all_free(m, s) && !none_free(m, s))
		return;
	set_whole(m, left_of(s), all_free(m, s));
	set_whole(m, right_of(s), all_free(m, s));
}

/* The pages [a, b) become free or used. */
static void set_range(struct bitmap *m, struct spot s, uint32_t a, uint32_t b, bool free)
{
	m->visited++;
	if (a <= s.lo && s.lo + s.size <= b) {
		set_whole(m, s, free);
	} else if (is_leaf(s)) {
		uint32_t from = a > s.lo ? a - s.lo : 0, to = b < s.lo + WORD ? b - s.lo : WORD;
		uint64_t mask = UINT64_MAX >> (WORD - (to - from)) << from, *w = &m->word[s.lo / WORD];

		*w = free ? *w | mask : *w & ~mask;
		m->node[s.n] = node_of_word(*w);
	} else {
		uint32_t mid = s.lo + s.size / 2;

		split(m, s);
		if (a < mid)
			set_range(m, left_of(s), a, b, free);
		if (b > mid)
			set_range(m, right_of(s), a, b, free);
		m->node[s.n] = node_of_children(&m->node[2 * s.n], &m->node[2 * s.n + 1], s.size / 2);
	}
}

/* The lowest run of nr free pages: its first; the root has one. */
static uint32_t find(struct bitmap *m, uint32_t nr)
{
	struct spot s = root_of(m);

	for (;;) {
		const struct node *l, *r;

		m->visited++;
		if (all_free(m, s))
			return s.lo;
		if (is_leaf(s))
			return s.lo + (uint32_t)__builtin_ctzll(runs_in(m->word[s.lo / WORD], nr));
		l = &m->node[2 * s.n];
		r = l + 1;
		if (l->longest >= nr)
			s = left_of(s);
		else if (l->high + r->low >= nr)
			return s.lo + s.size / 2 - l->high;
		else
			s = right_of(s);
	}
}

/* How many pages from a on are free without a gap, inside the node. */
static uint32_t free_from(struct bitmap *m, struct spot s, uint32_t a)
{
	uint32_t mid = s.lo + s.size / 2, nr;

	m->visited++;
	if (a == s.lo)
		return m->node[s.n].low;
	if (all_free(m, s) || none_free(m, s))
		return all_free(m, s) ? s.lo + s.size - a : 0;
	if (is_leaf(s))
		return low_ones(m->word[s.lo / WORD] >> (a - s.lo));
	if (a >= mid)
		return free_from(m, right_of(s), a);
	nr = free_from(m, left_of(s), a);
	return nr == mid - a ? nr + m->node[2 * s.n + 1].low : nr;
}

/* How many pages below b are. */
static uint32_t free_below(struct bitmap *m, struct spot s, uint32_t b)
{
	uint32_t mid = s.lo + s.size / 2, nr;

	m->visited++;
	if (b == s.lo + s.size)
		return m->node[s.n].high;
	if (all_free(m, s) || none_free(m, s))
		return all_free(m, s) ? b - s.lo : 0;
	if (is_leaf(s))
		return high_ones(m->word[s.lo / WORD] << (WORD - (b - s.lo)));
	if (b <= mid)
		return free_below(m, left_of(s), b);
	nr = free_below(m, right_of(s), b);
	return nr == b - mid ? nr + m->node[2 * s.n].high : nr;
}

/* --- The strategy --- */

/* The pages [i, i+nr), with `below` and `above` free ones around them, change sides. */
static void change(struct bitmap *m, uint32_t i, uint32_t nr, uint32_t below, uint32_t above, bool free)
{
	blocks_count(m->blocks, below, free ? -1 : 1);
	blocks_count(m->blocks, above, free ? -1 : 1);
	blocks_count(m->blocks, below + nr + above, free ? 1 : -1);
	set_range(m, root_of(m), i, i + nr, free);
}

static uint32_t above_of(struct bitmap *m, uint32_t end)
{
	return end < m->leaves * WORD ? free_from(m, root_of(m), end) : 0;
}

static uint32_t below_of(struct bitmap *m, uint32_t i)
{
	return i ? free_below(m, root_of(m), i) : 0;
}

static uint32_t bitmap_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct bitmap *m = p->state;
	uint32_t i;

	(void)trimmed;
	if (m->node[1].longest < nr)
		return PAGE_NONE;
	i = find(m, nr);
	change(m, i, nr, 0, above_of(m, i + nr), false);
	return p->base + i;
}

static void bitmap_free(struct pages *p, uint32_t first, uint32_t nr)
{
	struct bitmap *m = p->state;
	uint32_t i = first - p->base;

	assert(free_from(m, root_of(m), i) == 0);
	change(m, i, nr, below_of(m, i), above_of(m, i + nr), true);
}

static bool bitmap_take(struct pages *p, uint32_t first, uint32_t nr)
{
	struct bitmap *m = p->state;
	uint32_t i = first - p->base, run = free_from(m, root_of(m), i);

	if (run < nr)
		return false;
	change(m, i, nr, below_of(m, i), run - nr, false);
	return true;
}

/* The lowest free page at or above i; the number of pages in all if there is none. */
static uint32_t next_free(const struct bitmap *m, struct spot s, uint32_t i)
{
	uint32_t found;

	if (s.lo + s.size <= i || none_free(m, s))
		return m->leaves * WORD;
	if (all_free(m, s))
		return larger(s.lo, i);
	if (is_leaf(s)) {
		uint64_t w = m->word[s.lo / WORD] & UINT64_MAX << (i > s.lo ? i - s.lo : 0);

		return w ? s.lo + (uint32_t)__builtin_ctzll(w) : m->leaves * WORD;
	}
	found = next_free(m, left_of(s), i);
	return found < m->leaves * WORD ? found : next_free(m, right_of(s), i);
}

static int bitmap_walk(struct pages *p, page_walk_fn fn, void *ctx)
{
	struct bitmap *m = p->state;
	uint32_t i = next_free(m, root_of(m), 0), nr;
	uint64_t visited = m->visited;	/* looking is not paid for */
	int stop = 0;

	for (; i < p->count && !stop; i = next_free(m, root_of(m), i + nr)) {
		nr = free_from(m, root_of(m), i);
		stop = fn(ctx, p->base + i, nr);
	}
	m->visited = visited;
	return stop;
}

static void bitmap_stats(const struct pages *p, struct page_stats *out)
{
	const struct bitmap *m = p->state;

	memset(out, 0, sizeof(*out));
	out->largest = m->node[1].longest;
	out->visited = m->visited;
	memcpy(out->free_blocks, m->blocks, sizeof(m->blocks));
}

/* Every node that is kept up says what its word or its children say. */
static bool node_sound(const struct bitmap *m, struct spot s, uint32_t *free_pages)
{
	struct node want, *nd = &m->node[s.n];

	if (is_leaf(s)) {
		want = node_of_word(m->word[s.lo / WORD]);
		*free_pages += (uint32_t)__builtin_popcountll(m->word[s.lo / WORD]);
	} else if (all_free(m, s) || none_free(m, s)) {
		want = (struct node){ nd->longest, nd->longest, nd->longest };
		*free_pages += nd->longest;
	} else {
		if (!node_sound(m, left_of(s), free_pages) || !node_sound(m, right_of(s), free_pages))
			return false;
		want = node_of_children(&m->node[2 * s.n], &m->node[2 * s.n + 1], s.size / 2);
	}
	return memcmp(&want, nd, sizeof(want)) == 0;
}

struct tally {
	const struct pages *p;
	uint32_t blocks[PAGE_ORDERS];
};

static int tally_run(void *ctx, uint32_t first, uint32_t nr)
{
	struct tally *t = ctx;

	blocks_count(t->blocks, nr, 1);
	return !pages_inside(t->p, first, nr);
}

static const char *bitmap_check(struct pages *p, uint32_t *free_pages)
{
	const struct bitmap *m = p->state;
	struct tally t = { .p = p };

	if (!node_sound(m, root_of(m), free_pages))
		return "bitmap: a node does not say what is below it";
	if (next_free(m, root_of(m), p->count) < m->leaves * WORD || bitmap_walk(p, tally_run, &t))
		return "bitmap: a page behind the end is free";
	if (memcmp(t.blocks, m->blocks, sizeof(t.blocks)) != 0)
		return "bitmap: the counts by order are wrong";
	return NULL;
}

static void bitmap_fini(struct pages *p)
{
	struct bitmap *m = p->state;

	free(m->word);
	free(m->node);
	free(m);
}

static int bitmap_init(struct pages *p)
{
	struct bitmap *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	p->state = m;
	m->leaves = 1u << page_order((p->count + WORD - 1) / WORD);
	m->word = calloc(m->leaves, sizeof(*m->word));
	m->node = calloc(2 * (size_t)m->leaves, sizeof(*m->node));
	if (!m->word || !m->node) {
		bitmap_fini(p);
		return -ENOMEM;
	}
	change(m, 0, p->count, 0, 0, true);
	return 0;
}

const struct page_ops page_bitmap = {
	.name = "bitmap",
	.summary = "first fit in a hierarchical bitmap: metadata of fixed size",
	.init = bitmap_init,
	.fini = bitmap_fini,
	.alloc = bitmap_alloc,
	.free = bitmap_free,
	.take = bitmap_take,
	.walk = bitmap_walk,
	.stats = bitmap_stats,
	.check = bitmap_check,
};
