/* SPDX-License-Identifier: MIT
 *
 * Linux's buddy allocator, with Linux's placement (mm/page_alloc.c of 6.12).
 *
 * Memory is cut into blocks of 2^order pages that start at multiples of their size.  Each order
 * has a list of its free blocks.  To allocate, the first block of the smallest order that has
 * one is taken from the head of its list and halved until it fits: the upper halves go to the
 * heads of the lists below, the lowest part is handed out (expand()).  To free, a block is joined
 * with its buddy (the block it was once cut from together with) as long as that is free too.
 *
 * Which block comes out next depends on where freed ones went in, and that is the kernel's:
 *   - to the head, so that what was used last is used first;
 *   - to the tail if the next higher buddy is free, so that the join has time to happen
 *     (buddy_merge_likely());
 *   - to the tail for what is trimmed off a fresh block (alloc_pages_exact(), FPI_TO_TAIL);
 *   - to the tail, in ascending order, for the memory free at boot (__free_pages_core()).
 * Two things of the kernel's have no effect without an MMU and are not here: the per-CPU lists
 * (zone_batchsize() and zone_highsize() are 0 there, so a page passes straight through), and the
 * order a run is freed in: nommu.c frees page by page, upwards, which comes to the same as
 * freeing the largest aligned blocks of the run upwards, since a join inside such a block leaves
 * no trace on any list.  One has: the kernel groups blocks by mobility and takes its first
 * unmovable page from the largest movable block.  All memory here is of one kind, which differs
 * only where the memory free at boot has blocks smaller than the largest order.
 *
 * Without trimming (buddy-notrim) a mapping always keeps the whole of its block, as with vm.nr_trim_pages
 * 0 and whatever that says: less work and less cutting up, for memory that nobody can use.  Files in
 * memory and shared memory get exact runs even so, as ramfs has it in the kernel.
 *
 * Cost: O(orders) per allocation, O(orders) per aligned block freed.  Lists are doubly linked by
 * frame index in host arrays.
 */
#include "mm/page.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOT_FREE 0

/* Of each page; side by side, as most are never looked at, and the host gives memory for what is. */
struct block {
	uint32_t next, prev;	/* of the free block that starts here: index of another's first frame, or PAGE_NONE */
	uint32_t order;		/* its order plus one, or NOT_FREE */
};

struct buddy {
	uint32_t head[PAGE_ORDERS], tail[PAGE_ORDERS];	/* frame index, or PAGE_NONE */
	uint32_t nr[PAGE_ORDERS];			/* blocks on each list */
	uint32_t filled;				/* bit n: list n has blocks */
	struct block *block;				/* by frame index: the pages' table */
	uint64_t visited;				/* blocks looked at */
};

static void unlink_block(struct buddy *b, uint32_t i, unsigned order)
{
	if (b->block[i].prev == PAGE_NONE)
		b->head[order] = b->block[i].next;
	else
		b->block[b->block[i].prev].next = b->block[i].next;
	if (b->block[i].next == PAGE_NONE)
		b->tail[order] = b->block[i].prev;
	else
		b->block[b->block[i].next].prev = b->block[i].prev;
	b->block[i].order = NOT_FREE;
	if (--b->nr[order] == 0)
		b->filled &= ~(1u << order);
}

static void link_block(struct buddy *b, uint32_t i, unsigned order, bool to_tail)
{
	uint32_t next = to_tail ? PAGE_NONE : b->head[order];
	uint32_t prev = to_tail ? b->tail[order] : PAGE_NONE;

	b->block[i].next = next;
	b->block[i].prev = prev;
	if (next == PAGE_NONE)
		b->tail[order] = i;
	else
		b->block[next].prev = i;
	if (prev == PAGE_NONE)
		b->head[order] = i;
	else
		b->block[prev].next = i;
	b->block[i].order = order + 1;
	b->nr[order]++;
	b->filled |= 1u << order;
}

/* True if the whole block of that order at frame f is one free block. */
static bool is_block(const struct pages *p, uint32_t f, unsigned order)
{
	const struct buddy *b = p->state;

	return pages_inside(p, f, 1) && b->block[f - p->base].order == order + 1;
}

/* The same, counted. */
static bool block_free(const struct pages *p, uint32_t f, unsigned order)
{
	struct buddy *b = p->state;

	b->visited++;
	return is_block(p, f, order);
}

/* Frees the block at frame f, joining it with its buddies. */
static void free_block(struct pages *p, uint32_t f, unsigned order, bool to_tail)
{
	struct buddy *b = p->state;

	assert(b->block[f - p->base].order == NOT_FREE);
	while (order < p->max_order) {
		uint32_t buddy = f ^ (1u << order);

		if (!block_free(p, buddy, order))
			break;
		unlink_block(b, buddy - p->base, order);
		f &= buddy;
		order++;
	}
	if (!to_tail && order + 1 < p->max_order) {
		uint32_t above = f & ~(1u << order);

		to_tail = block_free(p, above ^ (2u << order), order + 1);
	}
	link_block(b, f - p->base, order, to_tail);
}

/* Calls for the largest aligned blocks of a run, upwards. */
static void free_run(struct pages *p, uint32_t f, uint32_t nr, bool to_tail)
{
	while (nr) {
		unsigned order = f ? (unsigned)__builtin_ctz(f) : p->max_order;

		if (order > p->max_order)
			order = p->max_order;
		while (1u << order > nr)
			order--;
		free_block(p, f, order, to_tail);
		f += 1u << order;
		nr -= 1u << order;
	}
}

static uint32_t buddy_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct buddy *b = p->state;
	unsigned want = page_order(nr), order;

	if (want > p->max_order || !(b->filled >> want))
		return PAGE_NONE;
	order = want + (unsigned)__builtin_ctz(b->filled >> want);
	uint32_t i = b->head[order];

	b->visited += 1 + order - want;
	unlink_block(b, i, order);
	while (order > want) {
		order--;
		link_block(b, i + (1u << order), order, false);
	}
	free_run(p, p->base + i + nr, (1u << want) - nr, trimmed);
	return p->base + i;
}

static void buddy_free(struct pages *p, uint32_t first, uint32_t nr)
{
	free_run(p, first, nr, false);
}

/* The free block that frame f lies in: its first frame and order; false if f is in use. */
static bool find_block(const struct pages *p, uint32_t f, uint32_t *first, unsigned *order)
{
	for (unsigned o = 0; o <= p->max_order; o++) {
		uint32_t at = f & ~((1u << o) - 1);

		if (block_free(p, at, o)) {
			*first = at;
			*order = o;
			return true;
		}
	}
	return false;
}

static bool buddy_take(struct pages *p, uint32_t first, uint32_t nr)
{
	struct buddy *b = p->state;
	uint32_t end = first + nr, at;
	unsigned order;

	for (uint32_t f = first; f < end; f = at + (1u << order))
		if (!find_block(p, f, &at, &order))
			return false;
	for (uint32_t f = first; f < end; f = at + (1u << order)) {
		if (!find_block(p, f, &at, &order))
			return false;
		unlink_block(b, at - p->base, order);
		uint32_t block_end = at + (1u << order);

		if (at < first)
			free_run(p, at, first - at, false);
		if (block_end > end)
			free_run(p, end, block_end - end, false);
	}
	return true;
}

static int buddy_walk(struct pages *p, page_walk_fn fn, void *ctx)
{
	struct buddy *b = p->state;
	uint32_t run = 0;	/* start of the free run that ends at i */
	int stop;

	for (uint32_t i = 0; i < p->count;) {
		if (b->block[i].order != NOT_FREE) {
			i += 1u << (b->block[i].order - 1);
			continue;
		}
		if (i > run) {
			stop = fn(ctx, p->base + run, i - run);
			if (stop)
				return stop;
		}
		run = ++i;
	}
	return p->count > run ? fn(ctx, p->base + run, p->count - run) : 0;
}

static void buddy_stats(const struct pages *p, struct page_stats *out)
{
	const struct buddy *b = p->state;

	memset(out, 0, sizeof(*out));
	memcpy(out->free_blocks, b->nr, sizeof(b->nr));
	out->visited = b->visited;
	if (b->filled)
		out->largest = 1u << (31 - __builtin_clz(b->filled));
}

static const char *check_list(struct pages *p, unsigned order, uint32_t *free_pages)
{
	const struct buddy *b = p->state;
	uint32_t seen = 0, last = PAGE_NONE;

	for (uint32_t i = b->head[order]; i != PAGE_NONE; last = i, i = b->block[i].next) {
		uint32_t f = p->base + i;

		if (i >= p->count || b->block[i].order != order + 1 || b->block[i].prev != last)
			return "buddy: a free list is damaged";
		if (++seen > b->nr[order])
			return "buddy: a free list is longer than its count";
		if (f & ((1u << order) - 1) || !pages_inside(p, f, UINT64_C(1) << order))
			return "buddy: a free block is misaligned or leaves the memory";
		if (order < p->max_order && is_block(p, f ^ (1u << order), order))
			return "buddy: two free buddies were not joined";
		*free_pages += 1u << order;
	}
	if (seen != b->nr[order] || b->tail[order] != last)
		return "buddy: a free list's count or tail is wrong";
	if ((b->filled >> order & 1) != (seen > 0))
		return "buddy: the mask of lists with blocks is wrong";
	return NULL;
}

static const char *buddy_check(struct pages *p, uint32_t *free_pages)
{
	const struct buddy *b = p->state;
	uint32_t heads = 0, listed = 0;

	for (unsigned order = 0; order < PAGE_ORDERS; order++) {
		const char *broken = check_list(p, order, free_pages);

		if (broken)
			return broken;
		listed += b->nr[order];
	}
	/* Free blocks must not lie in one another, and each must be on a list. */
	for (uint32_t i = 0, end = 0; i < p->count; i++) {
		if (b->block[i].order == NOT_FREE)
			continue;
		if (i < end)
			return "buddy: a free block lies inside another";
		end = i + (1u << (b->block[i].order - 1));
		heads++;
	}
	return heads == listed ? NULL : "buddy: a free block is on no list";
}

static void buddy_fini(struct pages *p)
{
	free(p->state);
}

static int buddy_init(struct pages *p)
{
	struct buddy *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	p->state = b;
	memset(b->head, 0xff, sizeof(b->head));
	memset(b->tail, 0xff, sizeof(b->tail));
	b->block = p->table;
	free_run(p, p->base, p->count, true);
	return 0;
}

#define BUDDY_OPS \
	.rounds = true, .page_bytes = sizeof(struct block), .init = buddy_init, .fini = buddy_fini, \
	.alloc = buddy_alloc, .free = buddy_free, .take = buddy_take, .walk = buddy_walk, .stats = buddy_stats, \
	.check = buddy_check

const struct page_ops page_buddy = {
	.name = "buddy",
	.summary = "Linux's: power-of-two blocks, excess trimmed by vm.nr_trim_pages",
	BUDDY_OPS,
};

const struct page_ops page_buddy_notrim = {
	.name = "buddy-notrim",
	.summary = "the same, but a mapping always keeps the whole of its block",
	.keeps = true,
	BUDDY_OPS,
};
