/* SPDX-License-Identifier: MIT
 *
 * What the memory looks like to a request that failed: the facts of a post-mortem (mm/postmortem.h), without
 * the words.  All is computed from the state as it is, for any strategy, through its table alone.
 *
 * The window is the place where least is in the way: of all blocks of the right size (strategies that round:
 * at multiples of it) the one with the fewest pages in use; of equals the lowest.
 *
 * Cost: O(pages / block + free runs + regions), and one look into each space for each of the first
 * SURVEY_HOLDERS regions in the window.  Frames and pages, as in mm/page.h.
 */
#ifndef MM_SURVEY_H
#define MM_SURVEY_H

#include "mm/internal.h"

#define SURVEY_HOLDERS 64
#define SURVEY_CELLS 64

enum survey_cause {
	CAUSE_LACK,		/* less is free in all than was asked for */
	CAUSE_FRAGMENTED,	/* enough is free, but not in one run */
	CAUSE_ROUNDING,		/* a run is long enough, but is no whole block */
	CAUSE_LIMIT,		/* the block would be larger than the largest allowed */
	CAUSE_STRATEGY,		/* a run that would do is free, the strategy does not see it */
	CAUSE_INJECTED,		/* mm_fail_after() */
};

struct segment;

/* Who has pages of the window. */
struct survey_holder {
	uint32_t first, pages;		/* of the window */
	uint32_t slack;			/* of these, behind the end of what is mapped */
	const struct mm_region *region;	/* NULL: a segment nobody has attached */
	const struct segment *segment;
	const struct mm_space *space;	/* one that shows it; NULL: none */
	unsigned spaces;		/* how many do */
};

struct survey {
	uint32_t pages, block;		/* asked for; looked for in one piece */
	unsigned order;			/* of the block */
	uint32_t free, runs;		/* pages; maximal free runs */
	uint32_t largest_run, largest_run_at;
	struct page_stats stats;
	int index;			/* the fragmentation index, in thousandths; see survey_index() */
	uint32_t slack, slack_regions;	/* pages held behind the ends of mappings, and by how many */
	enum survey_cause cause;

	bool has_window;		/* the memory has a place for such a block at all */
	uint32_t window, window_used, window_slack;
	uint32_t window_files;		/* used, but no mapping's: memory files that nobody maps, a RAM disk */
	/* A window in which nothing but slack is in use. */
	bool has_slack_window;
	uint32_t slack_window;
	bool limited;			/* --max-order or --compat forbids the block */
	uint32_t ram_needed;		/* pages of RAM with which, all else being equal, it fits behind; 0: none */

	struct survey_holder holders[SURVEY_HOLDERS];
	unsigned nr_holders;
	uint32_t other_holders, other_pages;	/* those beyond the array */

	uint32_t cell_pages;		/* of a cell of the map */
	uint32_t cell_free[SURVEY_CELLS];
	unsigned cells;
};

/* Why a run of `pages` cannot be had.  0, or -ENOMEM: no host memory to look with. */
int survey_take(struct survey *v, struct mm *mm, uint32_t pages);
/*
 * The kernel's fragmentation_index() (mm/vmstat.c) in thousandths: towards 0 memory is lacking, towards 1000 it is
 * in pieces.  Free blocks are the buddy's; for a strategy without blocks they are maximal free runs.
 */
int survey_index(uint32_t free, uint32_t wanted, uint32_t blocks);

#endif
