/* SPDX-License-Identifier: MIT
 *
 * Judging cases, and telling what is wrong with them.
 */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include "tests/fuzz/isa/lockstep.h"

struct engines {
	struct machine a, b;
	bool qemu;
};

/* Whether QEMU has something to say to a case that the harts have run. */
static inline bool for_qemu(const struct fuzz_case *c, const struct result *r)
{
	return !c->alone && r->ended && !r->error;
}

/* check.c */

/* QEMU's outcome and ours are alike. */
bool same_outcome(const struct outcome *theirs, const struct outcome *ours);
/* Whether the case fails, run alone on new harts (and under QEMU, if with_qemu).  False as well if it cannot be run. */
bool case_fails(struct engines *e, const struct fuzz_case *c, bool with_qemu, struct result *r, struct outcome *theirs);

/* shrink.c: takes away all that failing does not need, as far as trying finds.  c fails before and after. */
void shrink(struct engines *e, struct fuzz_case *c, bool with_qemu);

/* report.c: prints what a case failed with, and what is left of it when it has been shrunk. */
void report(struct engines *e, const struct fuzz_case *c, const struct result *r, const struct outcome *theirs);

#endif
