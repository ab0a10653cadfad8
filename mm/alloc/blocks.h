/* SPDX-License-Identifier: MIT
 *
 * How strategies without blocks of their own fill in page_stats.free_blocks: a maximal free run counts as
 * the blocks its length is the sum of, one for each bit (a run of 13 pages: 8 + 4 + 1).  So the counts add
 * up to the free memory, as they do with the buddy allocator, and the highest order that has one tells the
 * size of the largest run.  Where those blocks would lie is not asked: nothing here is aligned.
 */
#ifndef MM_ALLOC_BLOCKS_H
#define MM_ALLOC_BLOCKS_H

#include "mm/page.h"

/* A run of nr pages came to be (by 1) or is no more (by -1). */
static inline void blocks_count(uint32_t blocks[PAGE_ORDERS], uint32_t nr, int by)
{
	for (; nr; nr &= nr - 1)
		blocks[__builtin_ctz(nr)] += (uint32_t)by;
}

#endif
