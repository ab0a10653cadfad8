/* SPDX-License-Identifier: MIT
 *
 * Physical pages: who hands them out (a strategy behind one table) and how many hold them.
 *
 * A page is named by its frame number (guest address >> 12), so that alignment means the same
 * here as to a driver.  All bookkeeping is on the host; guest memory is never read or written.
 *
 * A page handed out has one reference.  Others may take more (a direct mapping of a memory
 * file's page does); it goes back to the strategy when the last one is put.  Only references
 * beyond the first are counted, so that handing out a run costs no work per page, nor does
 * pages_free().
 *
 * Errors: PAGE_NONE where there is no run to give.  Nothing here logs.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_NONE UINT32_MAX
#define PAGE_ORDERS 21		/* orders 0..20: up to the whole of a 4 GiB space */

struct pages;

typedef int (*page_walk_fn)(void *ctx, uint32_t first, uint32_t nr);

struct page_stats {
	uint32_t largest;			/* pages in the largest run that can be had */
	/* By order, as in /proc/buddyinfo; of a strategy without blocks see mm/alloc/blocks.h. */
	uint32_t free_blocks[PAGE_ORDERS];
	/* Free blocks, runs or nodes of an index looked at so far: the cost, whatever the host. */
	uint64_t visited;
};

/* A strategy. One file defines one; nothing above the table knows which one runs. */
struct page_ops {
	const char *name, *summary;
	/* Works in blocks of 2^order pages: what a run does not need may be kept or trimmed. */
	bool rounds;
	/* It rounds, and what a run does not need is always kept, whatever vm.nr_trim_pages says. */
	bool keeps;
	/*
	 * Not 0: it seeks runs by classes of size, so many to a power of two (below that, each size is one).
	 * Of a class it finds only what fits into the shortest of its runs.
	 */
	unsigned steps;
	/* It wants so many bytes for each page: zeroed, at p->table when init is called, and not its own to free. */
	unsigned page_bytes;
	/* Makes p->state with every page free.  0 or -ENOMEM. */
	int (*init)(struct pages *p);
	void (*fini)(struct pages *p);
	/*
	 * A run of exactly nr contiguous pages, or PAGE_NONE.  trimmed: the excess of the block it
	 * was cut from goes to the far end of the free lists (see buddy.c).
	 */
	uint32_t (*alloc)(struct pages *p, uint32_t nr, bool trimmed);
	/* Gives back [first, first+nr), any part of what was handed out. Cannot fail. */
	void (*free)(struct pages *p, uint32_t first, uint32_t nr);
	/* Takes exactly [first, first+nr) if all of it is free: growing a run in place. */
	bool (*take)(struct pages *p, uint32_t first, uint32_t nr);
	/* Free runs by address; stops when fn returns non-zero and returns that. */
	int (*walk)(struct pages *p, page_walk_fn fn, void *ctx);
	void (*stats)(const struct pages *p, struct page_stats *out);
	/* NULL, or what is broken.  *free_pages: how many it found free. */
	const char *(*check)(struct pages *p, uint32_t *free_pages);
};

extern const struct page_ops page_buddy, page_buddy_notrim, page_first_fit, page_best_fit, page_next_fit,
	page_worst_fit, page_two_ended, page_bitmap, page_tlsf;

/* Told of runs that change hands: just taken from the strategy; about to go back to it. */
struct page_watch {
	void (*taken)(void *owner, uint32_t first, uint32_t nr);
	void (*given_back)(void *owner, uint32_t first, uint32_t nr);
};

struct pages {
	const struct page_ops *ops;
	uint32_t base, count;	/* first frame, number of frames */
	uint32_t free;		/* of these, free ones */
	unsigned max_order;	/* largest block a rounding strategy may form */
	void *state, *table;	/* the strategy's own */
	uint32_t *extra;	/* references beyond the first, by frame - base */
	uint64_t extra_total;	/* sum of them; 0 lets a put go without looking */
	const struct page_watch *watch;	/* may be NULL */
	void *watch_owner;
	uint64_t asked, refused; /* allocations so far, in place ones included; of these, not served */
	uint64_t fail_in;	/* 1: the next allocation fails; 0: none will */
	uint64_t fail_every;	/* after that, each so many-th fails again; 0: none does */
	bool injected;		/* that is why the last one failed */
};

/* The strategy called name (NULL: the default), or NULL. */
const struct page_ops *page_strategy(const char *name);
/* The i-th of them, the default first; NULL behind the last. */
const struct page_ops *page_strategy_at(unsigned i);

/* max_order 0: as large as the memory allows.  0 or -ENOMEM, -EINVAL. */
int pages_init(struct pages *p, const struct page_ops *ops, uint32_t base, uint32_t count,
	       unsigned max_order);
void pages_fini(struct pages *p);

/* The smallest order whose block holds nr (> 0) pages. */
unsigned page_order(uint32_t nr);
/* How many pages must lie together for a run of nr. */
uint32_t pages_rounded(const struct pages *p, uint32_t nr);
/* How many of these it holds if the excess goes back from `trim` pages on (0: never). */
uint32_t pages_kept(const struct pages *p, uint32_t nr, uint32_t trim);

uint32_t pages_alloc(struct pages *p, uint32_t nr, bool trimmed);
bool pages_take(struct pages *p, uint32_t first, uint32_t nr);
/* Back to the strategy: of these pages there is one reference each, the caller's. */
void pages_free(struct pages *p, uint32_t first, uint32_t nr);
/* One more reference on each page of a run; one less, and back to the strategy at the last.  O(nr) if there are more. */
void pages_get(struct pages *p, uint32_t first, uint32_t nr);
void pages_put(struct pages *p, uint32_t first, uint32_t nr);
bool pages_inside(const struct pages *p, uint32_t first, uint64_t nr);
const char *pages_check(struct pages *p);

#endif
