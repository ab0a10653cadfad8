/* SPDX-License-Identifier: MIT
 *
 * Two-ended: small requests from the bottom of memory, large ones from the top.
 *
 * This is the idea of uClinux 2.4's allocator for boards without an MMU (mmnommu/page_alloc2.c,
 * CONFIG_CONTIGUOUS_PAGE_ALLOC): what is small (SMALL_ALLOC_PAGES, two pages) lives short and comes often,
 * buffers above all; kept to one end, it does not cut up the memory that programs are to be loaded into.
 * Small requests get the lower end of the lowest run that is large enough; large ones the upper end of
 * the highest.
 *
 * The original differs in two ways that are not followed: it looks for a large run in steps of the
 * request's own length, and so can pass a run that would fit and lies higher; and on all processors but
 * one it aligned a block of two pages to its size.
 *
 * Cost: O(log runs) to allocate, free or take (mm/alloc/runs.h), where the original went through a bitmap
 * of all pages.  Exact: nothing is rounded, nothing aligned.
 */
#include "mm/alloc/runs.h"

#define SMALL_ALLOC_PAGES 2u

static uint32_t two_ended_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct runs *rs = p->state;

	(void)trimmed;
	if (nr <= SMALL_ALLOC_PAGES)
		return runs_cut_low(rs, runs_lowest(rs, 0, nr), nr);
	return runs_cut_high(rs, runs_highest(rs, nr), nr);
}

const struct page_ops page_two_ended = {
	.name = "two-ended",
	.summary = "up to two pages from the bottom, larger from the top (uClinux 2.4's page_alloc2)",
	.init = runs_init,
	.alloc = two_ended_alloc,
	RUNS_OPS,
};
