/* SPDX-License-Identifier: MIT
 *
 * Best fit.
 *
 * The smallest free run that is large enough is taken, of equal ones the lowest, and the request is cut
 * from its lower end.  Large runs are kept whole as long as possible; what is left of a run is as small
 * as can be, and often too small for anything.
 *
 * The runs stand in a second tree, by size and then by address (mm/alloc/runs.h), where the answer is the
 * first one not below the request.
 *
 * Cost: O(log runs) to allocate, free or take, with about twice the work of first fit, as both trees must
 * follow each change.  Exact: nothing is rounded, nothing aligned.
 */
#include "mm/alloc/runs.h"

static int best_fit_init(struct pages *p)
{
	return runs_new(p, sizeof(struct runs), true);
}

static uint32_t best_fit_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct runs *rs = p->state;

	(void)trimmed;
	return runs_cut_low(rs, runs_smallest(rs, nr), nr);
}

const struct page_ops page_best_fit = {
	.name = "best-fit",
	.summary = "the smallest run that is large enough",
	.init = best_fit_init,
	.alloc = best_fit_alloc,
	RUNS_OPS,
};
