/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: leaving a block, for all handlers that may.
 */
#ifndef CPU_INTERP_FLOW_H
#define CPU_INTERP_FLOW_H

#include "cpu/interp.h"

/*
 * Leaves the block through the link record at ip + 1; pc is the target.  The budget is
 * looked at before the link is followed, so that an exhausted one stops right here.
 */
#define FOLLOW_LINK(target)                                                     \
	do {                                                                    \
		budget -= ip->n;                                                \
		if (UNLIKELY(budget < 0))                                       \
			return leave(h, (target), budget, 0, RUN_BUDGET);       \
		ip = ip[1].link;                                                \
		TAIL ip->fn(ARGS);                                              \
	} while (0)

#endif
