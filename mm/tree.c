/* SPDX-License-Identifier: MIT */
#include "mm/tree.h"

void tree_init(struct tree *t, const struct tree_ops *ops)
{
	t->ops = ops;
	t->root = NULL;
	t->count = 0;
	t->visited = 0;
}

static int height(const struct tree_node *n)
{
	return n ? n->height : 0;
}

/* Whether anything changed that n's parent must know of. */
static bool renew(const struct tree *t, struct tree_node *n)
{
	int l = height(n->left), r = height(n->right), was = n->height;
	bool changed = t->ops->update && t->ops->update(n);

	n->height = 1 + (l > r ? l : r);
	return changed || n->height != was;
}

/* Puts `with` (which may be NULL) where old hangs from its parent. */
static void replace_child(struct tree *t, struct tree_node *old, struct tree_node *with)
{
	struct tree_node *p = old->parent;

	if (!p)
		t->root = with;
	else if (p->left == old)
		p->left = with;
	else
		p->right = with;
	if (with)
		with->parent = p;
}

static struct tree_node *rotate_left(struct tree *t, struct tree_node *n)
{
	struct tree_node *up = n->right;

	replace_child(t, n, up);
	n->right = up->left;
	if (n->right)
		n->right->parent = n;
	up->left = n;
	n->parent = up;
	renew(t, n);
	renew(t, up);
	return up;
}

static struct tree_node *rotate_right(struct tree *t, struct tree_node *n)
{
	struct tree_node *up = n->left;

	replace_child(t, n, up);
	n->left = up->right;
	if (n->left)
		n->left->parent = n;
	up->right = n;
	n->parent = up;
	renew(t, n);
	renew(t, up);
	return up;
}

/*
 * Renews n and those above it, turning what has come out of balance, up to the first that is as it
 * was.  After a turn it always looks one higher; and with `moved`, above n, which has taken another
 * one's place, so that what it was before says nothing.
 */
static void settle(struct tree *t, struct tree_node *n, bool moved)
{
	for (; n; n = n->parent, moved = false) {
		int tilt = height(n->left) - height(n->right);

		t->visited++;
		if (tilt > 1) {
			if (height(n->left->left) < height(n->left->right))
				rotate_left(t, n->left);
			n = rotate_right(t, n);
		} else if (tilt < -1) {
			if (height(n->right->right) < height(n->right->left))
				rotate_right(t, n->right);
			n = rotate_left(t, n);
		} else if (!renew(t, n) && !moved) {
			return;
		}
	}
}

void tree_attach(struct tree *t, struct tree_node *n, struct tree_node *parent, struct tree_node **link)
{
	n->left = n->right = NULL;
	n->parent = parent;
	n->height = 0;
	*link = n;
	t->count++;
	settle(t, n, true);
}

void tree_insert(struct tree *t, struct tree_node *n)
{
	struct tree_node **link = &t->root, *parent = NULL;

	while (*link) {
		parent = *link;
		t->visited++;
		link = t->ops->compare(n, parent) < 0 ? &parent->left : &parent->right;
	}
	tree_attach(t, n, parent, link);
}

void tree_remove(struct tree *t, struct tree_node *n)
{
	struct tree_node *from;		/* the lowest node whose children changed */
	struct tree_node *moved = NULL;	/* what took n's place, if it came from further down */

	if (n->left && n->right) {
		struct tree_node *next = n->right;

		while (next->left)
			next = next->left;
		from = next->parent == n ? next : next->parent;
		replace_child(t, next, next->right);
		replace_child(t, n, next);
		next->left = n->left;
		next->left->parent = next;
		next->right = n->right;
		if (next->right)
			next->right->parent = next;
		next->height = n->height;
		moved = next;
	} else {
		from = n->parent;
		replace_child(t, n, n->left ? n->left : n->right);
	}
	t->count--;
	settle(t, from, false);
	if (moved)
		settle(t, moved, true);
	n->left = n->right = n->parent = NULL;
	n->height = 0;
}

void tree_changed(struct tree *t, struct tree_node *n)
{
	settle(t, n, false);
}

struct tree_node *tree_first(const struct tree *t)
{
	struct tree_node *n = t->root;

	while (n && n->left)
		n = n->left;
	return n;
}

struct tree_node *tree_next(const struct tree_node *n)
{
	if (n->right) {
		struct tree_node *m = n->right;

		while (m->left)
			m = m->left;
		return m;
	}
	while (n->parent && n->parent->right == n)
		n = n->parent;
	return n->parent;
}

struct tree_node *tree_prev(const struct tree_node *n)
{
	if (n->left) {
		struct tree_node *m = n->left;

		while (m->right)
			m = m->right;
		return m;
	}
	while (n->parent && n->parent->left == n)
		n = n->parent;
	return n->parent;
}

bool tree_check(const struct tree *t)
{
	size_t seen = 0;
	const struct tree_node *last = NULL;

	if (t->root && t->root->parent)
		return false;
	for (const struct tree_node *n = tree_first(t); n; last = n, n = tree_next(n)) {
		int l = height(n->left), r = height(n->right);

		if (++seen > t->count)
			return false;
		if (n->left && n->left->parent != n)
			return false;
		if (n->right && n->right->parent != n)
			return false;
		if (n->height != 1 + (l > r ? l : r) || l - r > 1 || r - l > 1)
			return false;
		if (last && t->ops->compare(last, n) >= 0)
			return false;
	}
	return seen == t->count;
}
