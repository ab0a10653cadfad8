/* SPDX-License-Identifier: MIT
 *
 * An intrusive balanced tree (AVL with parent links): the one search structure of mm/.
 * Regions, VMAs, the regions of a source, shm keys and free runs are all kept in it.
 *
 * The element embeds a struct tree_node and owns its memory; the tree allocates nothing and
 * cannot fail.  Equal elements are not allowed: give the order a last key that differs.
 * A subtree may carry a summary (say, the highest end in it): `update` recomputes it for one
 * node from its children, and the tree calls it whenever the children change.
 */
#ifndef MM_TREE_H
#define MM_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_node {
	struct tree_node *left, *right, *parent;
	int height;		/* of the subtree; a leaf has 1 */
};

struct tree_ops {
	/* < 0 when a comes before b. Never called with a == b. */
	int (*compare)(const struct tree_node *a, const struct tree_node *b);
	/* Recomputes n's summary from n itself and its children; whether it changed.  May be NULL. */
	bool (*update)(struct tree_node *n);
};

struct tree {
	const struct tree_ops *ops;
	struct tree_node *root;
	size_t count;
	uint64_t visited;	/* nodes insertions, removals and changes have looked at: a cost no host changes */
};

#define tree_entry(node, type, member) ((type *)(void *)((char *)(node) - offsetof(type, member)))

void tree_init(struct tree *t, const struct tree_ops *ops);
void tree_insert(struct tree *t, struct tree_node *n);
/* The same for a caller that has looked up the place: n becomes *link, which is NULL, below parent. */
void tree_attach(struct tree *t, struct tree_node *n, struct tree_node *parent, struct tree_node **link);
void tree_remove(struct tree *t, struct tree_node *n);
/* n's own contents are not what they were, its place in the order is: its summary and those above follow. */
void tree_changed(struct tree *t, struct tree_node *n);
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_prev(const struct tree_node *n);
/* Links, heights, balance, order and count are as they should be. For mm_check(). */
bool tree_check(const struct tree *t);

#endif
