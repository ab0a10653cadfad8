/* SPDX-License-Identifier: MIT */
#include "mm/alloc/runs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/alloc/blocks.h"

static struct run *of_addr(const struct tree_node *n)
{
	return n ? tree_entry(n, struct run, by_addr) : NULL;
}

static struct run *of_size(const struct tree_node *n)
{
	return n ? tree_entry(n, struct run, by_size) : NULL;
}

/* --- The trees --- */

static int compare_addr(const struct tree_node *a, const struct tree_node *b)
{
	return of_addr(a)->first < of_addr(b)->first ? -1 : 1;
}

static uint32_t largest_of(const struct run *r)
{
	uint32_t largest = r->nr;

	if (r->by_addr.left && of_addr(r->by_addr.left)->largest > largest)
		largest = of_addr(r->by_addr.left)->largest;
	if (r->by_addr.right && of_addr(r->by_addr.right)->largest > largest)
		largest = of_addr(r->by_addr.right)->largest;
	return largest;
}

static bool update_addr(struct tree_node *n)
{
	struct run *r = of_addr(n);
	uint32_t was = r->largest;

	r->largest = largest_of(r);
	return r->largest != was;
}

static int compare_size(const struct tree_node *a, const struct tree_node *b)
{
	const struct run *x = of_size(a), *y = of_size(b);

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static const struct tree_ops addr_ops = { .compare = compare_addr, .update = update_addr };
static const struct tree_ops size_ops = { .compare = compare_size };

/* --- Records --- */

static struct run *record_get(struct runs *rs)
{
	struct run *r = rs->unused;

	if (!r)
		return &rs->pool[rs->pool_used++];
	rs->unused = of_addr(r->by_addr.right);
	return r;
}

static void record_put(struct runs *rs, struct run *r)
{
	memset(r, 0, sizeof(*r));
	r->by_addr.right = rs->unused ? &rs->unused->by_addr : NULL;
	rs->unused = r;
}

/* A new run, whose place in the tree by address the caller has looked up. */
static void add(struct runs *rs, uint32_t first, uint32_t nr, struct tree_node *parent, struct tree_node **link)
{
	struct run *r = record_get(rs);

	r->first = first;
	r->nr = r->largest = nr;
	tree_attach(&rs->by_addr, &r->by_addr, parent, link);
	if (rs->sized)
		tree_insert(&rs->by_size, &r->by_size);
	blocks_count(rs->blocks, nr, 1);
}

static void drop(struct runs *rs, struct run *r)
{
	blocks_count(rs->blocks, r->nr, -1);
	tree_remove(&rs->by_addr, &r->by_addr);
	if (rs->sized)
		tree_remove(&rs->by_size, &r->by_size);
	record_put(rs, r);
}

/* Other bounds for r, which leave it between the runs it stands between. */
static void set_bounds(struct runs *rs, struct run *r, uint32_t first, uint32_t nr)
{
	if (rs->sized)
		tree_remove(&rs->by_size, &r->by_size);
	blocks_count(rs->blocks, r->nr, -1);
	blocks_count(rs->blocks, nr, 1);
	r->first = first;
	r->nr = nr;
	tree_changed(&rs->by_addr, &r->by_addr);
	if (rs->sized)
		tree_insert(&rs->by_size, &r->by_size);
}

/* --- Searches --- */

/* Where a run that starts at frame f stands or would stand, and the runs below and above that place. */
struct place {
	struct tree_node *parent, **link;
	struct run *below, *above;	/* first < f; first >= f */
};

static struct place find_place(struct runs *rs, uint32_t f)
{
	struct place at = { .link = &rs->by_addr.root };

	while (*at.link) {
		struct run *r = of_addr(*at.link);

		rs->visited++;
		at.parent = *at.link;
		if (r->first < f) {
			at.below = r;
			at.link = &at.parent->right;
		} else {
			at.above = r;
			at.link = &at.parent->left;
		}
	}
	return at;
}

/*
 * Fails at most once on the way down, at the runs below `from`: right of them a subtree whose largest
 * run is large enough has one.
 */
static struct run *lowest_in(struct runs *rs, struct tree_node *n, uint32_t from, uint32_t nr)
{
	struct run *r = of_addr(n), *found;

	if (!r || r->largest < nr)
		return NULL;
	rs->visited++;
	if (r->first + r->nr > from) {
		found = lowest_in(rs, n->left, from, nr);
		if (found)
			return found;
		if (r->nr >= nr)
			return r;
	}
	return lowest_in(rs, n->right, from, nr);
}

struct run *runs_lowest(struct runs *rs, uint32_t from, uint32_t nr)
{
	return lowest_in(rs, rs->by_addr.root, from, nr);
}

struct run *runs_highest(struct runs *rs, uint32_t nr)
{
	struct tree_node *n = rs->by_addr.root;

	if (runs_largest(rs) < nr)
		return NULL;
	for (;;) {
		rs->visited++;
		if (n->right && of_addr(n->right)->largest >= nr)
			n = n->right;
		else if (of_addr(n)->nr >= nr)
			return of_addr(n);
		else
			n = n->left;
	}
}

struct run *runs_smallest(struct runs *rs, uint32_t nr)
{
	struct run *best = NULL;

	for (struct tree_node *n = rs->by_size.root; n;) {
		rs->visited++;
		if (of_size(n)->nr >= nr) {
			best = of_size(n);
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

uint32_t runs_largest(const struct runs *rs)
{
	return rs->by_addr.root ? of_addr(rs->by_addr.root)->largest : 0;
}

/* --- Changes --- */

uint32_t runs_cut_low(struct runs *rs, struct run *r, uint32_t nr)
{
	uint32_t first;

	if (!r)
		return PAGE_NONE;
	first = r->first;
	if (r->nr == nr)
		drop(rs, r);
	else
		set_bounds(rs, r, first + nr, r->nr - nr);
	return first;
}

uint32_t runs_cut_high(struct runs *rs, struct run *r, uint32_t nr)
{
	if (!r)
		return PAGE_NONE;
	if (r->nr == nr)
		return runs_cut_low(rs, r, nr);
	set_bounds(rs, r, r->first, r->nr - nr);
	return r->first + r->nr;
}

void runs_free(struct pages *p, uint32_t first, uint32_t nr)
{
	struct runs *rs = p->state;
	struct place at = find_place(rs, first);
	bool below = at.below && at.below->first + at.below->nr == first;
	bool above = at.above && first + nr == at.above->first;

	assert(!at.below || at.below->first + at.below->nr <= first);
	assert(!at.above || first + nr <= at.above->first);
	if (below && above) {
		nr += at.above->nr;
		drop(rs, at.above);
	}
	if (below)
		set_bounds(rs, at.below, at.below->first, at.below->nr + nr);
	else if (above)
		set_bounds(rs, at.above, first, at.above->nr + nr);
	else
		add(rs, first, nr, at.parent, at.link);
}

bool runs_take(struct pages *p, uint32_t first, uint32_t nr)
{
	struct runs *rs = p->state;
	struct run *r = find_place(rs, first + 1).below;
	uint32_t end, rest;

	if (!r || r->first + r->nr < first + nr)
		return false;
	end = r->first + r->nr;
	rest = end - (first + nr);
	if (first == r->first) {
		runs_cut_low(rs, r, nr);
		return true;
	}
	set_bounds(rs, r, r->first, first - r->first);
	if (rest) {
		struct place at = find_place(rs, first + nr);

		add(rs, first + nr, rest, at.parent, at.link);
	}
	return true;
}

/* --- What can be seen --- */

int runs_walk(struct pages *p, page_walk_fn fn, void *ctx)
{
	struct runs *rs = p->state;

	for (struct tree_node *n = tree_first(&rs->by_addr); n; n = tree_next(n)) {
		int stop = fn(ctx, of_addr(n)->first, of_addr(n)->nr);

		if (stop)
			return stop;
	}
	return 0;
}

void runs_stats(const struct pages *p, struct page_stats *out)
{
	const struct runs *rs = p->state;

	memset(out, 0, sizeof(*out));
	out->largest = runs_largest(rs);
	out->visited = rs->visited + rs->by_addr.visited + rs->by_size.visited;
	memcpy(out->free_blocks, rs->blocks, sizeof(rs->blocks));
}

static const char *check_sizes(const struct runs *rs, uint32_t free_pages)
{
	uint32_t sum = 0;

	if (!tree_check(&rs->by_size))
		return "runs: the tree by size is damaged";
	for (struct tree_node *n = tree_first(&rs->by_size); n; n = tree_next(n))
		sum += of_size(n)->nr;
	if (rs->by_size.count != rs->by_addr.count || sum != free_pages)
		return "runs: the trees by size and by address have other runs";
	return NULL;
}

const char *runs_check(struct pages *p, uint32_t *free_pages)
{
	const struct runs *rs = p->state;
	uint32_t blocks[PAGE_ORDERS] = { 0 };
	const struct run *last = NULL;

	if (!tree_check(&rs->by_addr))
		return "runs: the tree by address is damaged";
	for (struct tree_node *n = tree_first(&rs->by_addr); n; last = of_addr(n), n = tree_next(n)) {
		const struct run *r = of_addr(n);

		if (r < rs->pool || r >= rs->pool + rs->pool_used)
			return "runs: one is not of the pool";
		if (r->nr == 0 || !pages_inside(p, r->first, r->nr))
			return "runs: one is empty or leaves the memory";
		if (last && last->first + last->nr > r->first)
			return "runs: two overlap";
		if (last && last->first + last->nr == r->first)
			return "runs: two that touch were not joined";
		if (r->largest != largest_of(r))
			return "runs: the largest one of a subtree is wrong";
		blocks_count(blocks, r->nr, 1);
		*free_pages += r->nr;
	}
	if (memcmp(blocks, rs->blocks, sizeof(blocks)) != 0)
		return "runs: the counts by order are wrong";
	return rs->sized ? check_sizes(rs, *free_pages) : NULL;
}

/* --- Life --- */

void runs_fini(struct pages *p)
{
	struct runs *rs = p->state;

	free(rs->pool);
	free(rs);
}

int runs_new(struct pages *p, size_t size, bool sized)
{
	struct runs *rs = calloc(1, size);

	if (!rs)
		return -ENOMEM;
	rs->pool = calloc((size_t)p->count / 2 + 1, sizeof(*rs->pool));
	if (!rs->pool) {
		free(rs);
		return -ENOMEM;
	}
	rs->sized = sized;
	tree_init(&rs->by_addr, &addr_ops);
	tree_init(&rs->by_size, &size_ops);
	p->state = rs;
	add(rs, p->base, p->count, NULL, &rs->by_addr.root);
	return 0;
}

int runs_init(struct pages *p)
{
	return runs_new(p, sizeof(struct runs), false);
}
