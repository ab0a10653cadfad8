/* SPDX-License-Identifier: MIT
 *
 * Worst fit.
 *
 * The largest free run is taken, of equal ones the lowest, and the request is cut from its lower end, so
 * that what is left is still of use.  The price is that no large run lives long: of all the fits this one
 * is the first to refuse a large request.  It is here as the bad end of the scale.
 *
 * The root of the tree by address knows how large the largest run is (mm/alloc/runs.h); the lowest run of
 * at least that size is one way down.
 *
 * Cost: O(log runs) to allocate, free or take.  Exact: nothing is rounded, nothing aligned.
 */
#include "mm/alloc/runs.h"

static uint32_t worst_fit_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct runs *rs = p->state;
	uint32_t largest = runs_largest(rs);

	(void)trimmed;
	return largest < nr ? PAGE_NONE : runs_cut_low(rs, runs_lowest(rs, 0, largest), nr);
}

const struct page_ops page_worst_fit = {
	.name = "worst-fit",
	.summary = "the largest run",
	.init = runs_init,
	.alloc = worst_fit_alloc,
	RUNS_OPS,
};
