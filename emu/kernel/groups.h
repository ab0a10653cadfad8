/* SPDX-License-Identifier: MIT
 *
 * Supplementary groups: up to 65536 of them, in ascending order as in Linux (kernel/groups.c), shared by all who have the same.
 */
#ifndef EMU_KERNEL_GROUPS_H
#define EMU_KERNEL_GROUPS_H

#include <stdint.h>

enum { GROUPS_MAX = 65536 };

/* Never changed once it is a task's.  NULL, which the functions take, is the empty one. */
struct groups {
	unsigned refs;
	uint32_t count, ids[];
};

/* Room for so many, not yet in order: groups_sort() when they are there.  NULL: no memory. */
struct groups *groups_new(uint32_t count);
void groups_sort(struct groups *g);
struct groups *groups_get(struct groups *g);		/* g */
void groups_put(struct groups *g);

static inline uint32_t groups_count(const struct groups *g) { return g ? g->count : 0; }
static inline const uint32_t *groups_ids(const struct groups *g) { return g ? g->ids : (const uint32_t *)0; }

#endif
