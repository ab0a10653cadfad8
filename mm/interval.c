/* SPDX-License-Identifier: MIT */
#include "mm/interval.h"

static struct interval *of(const struct tree_node *n)
{
	return n ? interval_entry(n, struct interval, node) : NULL;
}

static bool before(const struct interval *a, const struct interval *b)
{
	if (a->lo != b->lo)
		return a->lo < b->lo;
	return a->hi != b->hi ? a->hi < b->hi : a->serial < b->serial;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return before(of(a), of(b)) ? -1 : before(of(b), of(a));
}

static uint64_t highest_of(const struct tree_node *n)
{
	uint64_t high = of(n)->hi;

	if (n->left && of(n->left)->highest > high)
		high = of(n->left)->highest;
	if (n->right && of(n->right)->highest > high)
		high = of(n->right)->highest;
	return high;
}

static bool update(struct tree_node *n)
{
	uint64_t was = of(n)->highest;

	of(n)->highest = highest_of(n);
	return of(n)->highest != was;
}

void interval_tree_init(struct tree *t)
{
	static const struct tree_ops ops = { compare, update };

	tree_init(t, &ops);
}

void interval_insert(struct tree *t, struct interval *iv, uint64_t lo, uint64_t hi)
{
	struct tree_node **link = &t->root, *parent = NULL;

	iv->lo = lo;
	iv->hi = hi;
	while (*link) {
		parent = *link;
		link = before(iv, of(parent)) ? &parent->left : &parent->right;
	}
	tree_attach(t, &iv->node, parent, link);
}

void interval_remove(struct tree *t, struct interval *iv)
{
	tree_remove(t, &iv->node);
}

void interval_move(struct tree *t, struct interval *iv, uint64_t lo, uint64_t hi)
{
	tree_remove(t, &iv->node);
	interval_insert(t, iv, lo, hi);
}

struct interval *interval_exact(const struct tree *t, uint64_t lo, uint64_t hi)
{
	struct interval *found = NULL;

	for (struct tree_node *n = t->root; n;) {
		struct interval *iv = of(n);

		if (iv->lo == lo && iv->hi == hi)
			found = iv;
		if (iv->lo < lo || (iv->lo == lo && iv->hi <= hi))
			n = n->right;	/* among equals the youngest is the last */
		else
			n = n->left;
	}
	return found;
}

struct interval *interval_covering(const struct tree *t, uint64_t lo, uint64_t hi)
{
	struct tree_node *n = t->root;

	while (n) {
		if (of(n)->lo > lo) {
			n = n->left;
		} else if (n->left && of(n->left)->highest >= hi) {
			/* All of the left subtree starts low enough, and one in it ends high enough. */
			n = n->left;
		} else if (of(n)->hi >= hi) {
			return of(n);
		} else {
			n = n->right;
		}
	}
	return NULL;
}

struct interval *interval_overlapping(const struct tree *t, uint64_t lo, uint64_t hi)
{
	struct tree_node *n = t->root;

	while (n) {
		if (n->left && of(n->left)->highest > lo)
			n = n->left;
		else if (of(n)->hi > lo)
			break;
		else
			n = n->right;
	}
	/* The first that ends above lo: if it starts too high, so do all behind it. */
	return n && of(n)->lo < hi ? of(n) : NULL;
}

struct interval *interval_from(const struct tree *t, uint64_t lo)
{
	struct interval *found = NULL;

	for (struct tree_node *n = t->root; n;) {
		if (of(n)->lo >= lo) {
			found = of(n);
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return found;
}

struct interval *interval_first(const struct tree *t)
{
	return of(tree_first(t));
}

struct interval *interval_next(const struct interval *iv)
{
	return of(tree_next(&iv->node));
}

bool interval_check(const struct tree *t)
{
	if (!tree_check(t))
		return false;
	for (const struct tree_node *n = tree_first(t); n; n = tree_next(n))
		if (of(n)->highest != highest_of(n))
			return false;
	return true;
}
