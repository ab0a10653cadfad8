/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: what the engines do beside executing, for whoever watches the guest.
 *
 * A hook is a bit of the mask.  Both engines look at it only when they decode or translate code, and then put what the
 * hook needs into that code; when a bit changes everything is decoded and translated anew.  So a hook that is
 * not wanted costs nothing.
 */
#ifndef CPU_HOOKS_H
#define CPU_HOOKS_H

#include "cpu/hart.h"

#define HOOK_COUNT 1u	/* count each instruction when it has retired */

struct hooks {
	uint32_t mask;
	/* By pc / 2: 16 GiB of addresses, of which the host gives memory for what is used; NULL: not yet wanted. */
	uint64_t *counts;
	uint64_t pages[(1u << 20) / 64];	/* a bit for each page that may have counts */
};

void hooks_free(struct hooks *k);

static inline uint64_t *hooks_counter(struct hooks *k, uint32_t pc)
{
	return &k->counts[pc >> 1];
}

/* The instruction at pc is going to be counted. */
static inline void hooks_note(struct hooks *k, uint32_t pc)
{
	k->pages[pc >> 18] |= UINT64_C(1) << (pc >> 12) % 64;
}

/* An instruction that no engine's code does has retired. */
static inline void hooks_retired(struct hooks *k, uint32_t pc)
{
	if (k->mask & HOOK_COUNT)
		++*hooks_counter(k, pc);
}

#endif
