/* SPDX-License-Identifier: MIT
 *
 * First fit by address.
 *
 * The lowest free run that is large enough is taken, and the request is cut from its lower end.  What is
 * in use gathers at the bottom of memory, long runs survive at the top; small splinters collect at the
 * bottom, where each search passes them.  Wilson's survey ("Dynamic Storage Allocation", 1995) finds it as
 * good as best fit against fragmentation, and better than the other fits.
 *
 * The classic list costs a step for each splinter passed.  Here the runs stand in a tree by address, each
 * node with the largest run below it (mm/alloc/runs.h): the left subtree is entered only if it has a run
 * that is large enough.
 *
 * Cost: O(log runs) to allocate, free or take.  Exact: nothing is rounded, nothing aligned.
 */
#include "mm/alloc/runs.h"

static uint32_t first_fit_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct runs *rs = p->state;

	(void)trimmed;
	return runs_cut_low(rs, runs_lowest(rs, 0, nr), nr);
}

const struct page_ops page_first_fit = {
	.name = "first-fit",
	.summary = "the lowest run that is large enough",
	.init = runs_init,
	.alloc = first_fit_alloc,
	RUNS_OPS,
};
