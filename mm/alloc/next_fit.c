/* SPDX-License-Identifier: MIT
 *
 * Next fit: first fit with a roving pointer (Knuth, The Art of Computer Programming 1, 2.5, exercise 6).
 *
 * The search begins where the last one ended instead of at the bottom of memory, and goes once round.  The
 * rover stands behind the run handed out last.  If it stands inside a free run (its own remainder was
 * joined with what was freed below it), the search begins with that whole run, as in a free list, where the
 * rover points to a run and not to an address.  The request is cut from the lower end.
 *
 * It was made to spare first fit the walk over the splinters at the bottom.  It spreads them over all of
 * memory instead, and with them what is in use: large runs are used up early.
 *
 * Cost: O(log runs) to allocate, free or take: the search round is two ways down the tree of first fit.
 * Exact: nothing is rounded, nothing aligned.
 */
#include "mm/alloc/runs.h"

struct next_fit {
	struct runs runs;		/* first: the shared operations know only this */
	uint32_t rover;			/* frame: the one behind what was handed out last */
};

static int next_fit_init(struct pages *p)
{
	return runs_new(p, sizeof(struct next_fit), false);
}

static uint32_t next_fit_alloc(struct pages *p, uint32_t nr, bool trimmed)
{
	struct next_fit *nf = p->state;
	struct run *r = runs_lowest(&nf->runs, nf->rover, nr);
	uint32_t first;

	(void)trimmed;
	if (!r)
		r = runs_lowest(&nf->runs, 0, nr);
	first = runs_cut_low(&nf->runs, r, nr);
	if (first != PAGE_NONE)
		nf->rover = first + nr;
	return first;
}

const struct page_ops page_next_fit = {
	.name = "next-fit",
	.summary = "first fit that goes on where it last stopped",
	.init = next_fit_init,
	.alloc = next_fit_alloc,
	RUNS_OPS,
};
