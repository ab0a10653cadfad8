/* SPDX-License-Identifier: MIT
 *
 * Intervals [lo, hi) in a tree, by lo, then hi, then serial; they may overlap and coincide.
 * Every question costs O(log n).  The element embeds a struct interval and owns its memory.
 */
#ifndef MM_INTERVAL_H
#define MM_INTERVAL_H

#include <stdint.h>
#include "mm/tree.h"

struct interval {
	struct tree_node node;
	uint64_t lo, hi;
	uint64_t serial;	/* differs between any two of a tree; higher is younger */
	uint64_t highest;	/* the highest hi in the subtree */
};

#define interval_entry(iv, type, member) ((type *)(void *)((char *)(iv) - offsetof(type, member)))

void interval_tree_init(struct tree *t);
/* iv->serial is set by the caller. */
void interval_insert(struct tree *t, struct interval *iv, uint64_t lo, uint64_t hi);
void interval_remove(struct tree *t, struct interval *iv);
/* Changes the bounds of one that is in the tree. */
void interval_move(struct tree *t, struct interval *iv, uint64_t lo, uint64_t hi);
/* The youngest with exactly these bounds, or NULL. */
struct interval *interval_exact(const struct tree *t, uint64_t lo, uint64_t hi);
/* The first, in tree order, that has all of [lo, hi); or NULL. */
struct interval *interval_covering(const struct tree *t, uint64_t lo, uint64_t hi);
/* The first, in tree order, that has any of [lo, hi); or NULL. */
struct interval *interval_overlapping(const struct tree *t, uint64_t lo, uint64_t hi);
/* The first, in tree order, that starts at lo or above; or NULL. */
struct interval *interval_from(const struct tree *t, uint64_t lo);
struct interval *interval_first(const struct tree *t);
struct interval *interval_next(const struct interval *iv);
/* tree_check(), and the summaries are right. */
bool interval_check(const struct tree *t);

#endif
