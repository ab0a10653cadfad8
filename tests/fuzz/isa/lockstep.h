/* SPDX-License-Identifier: MIT
 *
 * Two machines run a case side by side.
 */
#ifndef FUZZ_LOCKSTEP_H
#define FUZZ_LOCKSTEP_H

#include "tests/fuzz/isa/machine.h"

struct result {
	const char *error;	/* what differed; NULL: nothing */
	enum hart_stop stop[2];	/* the last */
	uint64_t before, budget;	/* the last run: instret at its start, its budget */
	bool ended;		/* a trap came; outcome is the state at the first */
	struct outcome outcome;
	uint64_t retired;
};

/* Loads the case into both and runs it; b may get its budgets in pieces. */
void lockstep(struct machine *a, struct machine *b, const struct fuzz_case *c, struct result *r);

#endif
