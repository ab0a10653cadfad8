/* SPDX-License-Identifier: MIT
 *
 * Private to the interpreter: leaving a block, for all handlers that may.
 */
#ifndef CPU_INTERP_FLOW_H
#define CPU_INTERP_FLOW_H

#include "cpu/interp.h"

/* Enters the block that has ip behind its head.  Accumulators hold nothing there. */
#define ENTER()                                                                 \
	do {                                                                    \
		if (UNLIKELY(--ip[-1].count < 0)) {                             \
			ip--;                                                   \
			TAIL ip->fn(ARGS);                                      \
		}                                                               \
		TAIL ip->fn(ARGS);                                              \
	} while (0)

/*
 * Leaves the block through the link record at ip + 1; pc is the target.  The budget is
 * looked at before the link is followed, so that an exhausted one stops right here.
 */
#define FOLLOW_LINK(target)                                                     \
	do {                                                                    \
		budget -= ip->n;                                                \
		if (UNLIKELY(budget < 0))                                       \
			return leave(h, (target), budget, 0, RUN_BUDGET);       \
		/* For op_link: where this was. */                              \
		acc = (uint32_t)(uintptr_t)ip;                                  \
		ip = ip[1].link;                                                \
		ENTER();                                                        \
	} while (0)

/* The rest of an indirect jump, to a target whose bit 0 does not count. */
#define FOLLOW_PC(target)                                                       \
	do {                                                                    \
		uint32_t pc_ = (target) & ~1u;                                  \
		uint32_t index_ = *engine_jump_slot(h->engine, pc_);            \
                                                                                \
		budget -= ip->n;                                                \
		if (UNLIKELY(budget < 0))                                       \
			return leave(h, pc_, budget, 0, RUN_BUDGET);            \
		ip = &h->engine->recs[index_];                                  \
		if (UNLIKELY(ip->pc != pc_))                                    \
			return leave(h, pc_, budget, 0, RUN_LOOKUP);            \
		ip++;                                                           \
		ENTER();                                                        \
	} while (0)

#endif
