/* SPDX-License-Identifier: MIT
 *
 * Names: the tree of dentries.
 *
 * A directory keeps its children in two balanced trees: by hash and name for lookups, by cookie for
 * readdir.  Cookies only grow, so a reader's position means the same whatever comes and goes meanwhile.
 *
 * In memory file systems the tree is the directory: each name in it has a reference of the tree's (pinned).
 * Names of generated file systems are there only as long as somebody uses them.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"

enum { FIRST_COOKIE = 2 };	/* 0 and 1 are "." and ".." */

static struct dentry *of_name(const struct tree_node *n) { return tree_entry(n, struct dentry, by_name); }
static struct dentry *of_cookie(const struct tree_node *n) { return tree_entry(n, struct dentry, by_cookie); }

static int compare(uint32_t hash, const char *name, size_t len, const struct dentry *d)
{
	if (hash != d->hash)
		return hash < d->hash ? -1 : 1;
	if (len != d->len)
		return len < d->len ? -1 : 1;
	return memcmp(name, d->name, len);
}

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
	const struct dentry *d = of_name(a);

	return compare(d->hash, d->name, d->len, of_name(b));
}

static int compare_cookies(const struct tree_node *a, const struct tree_node *b)
{
	uint64_t x = of_cookie(a)->cookie, y = of_cookie(b)->cookie;

	return x < y ? -1 : x > y;
}

static const struct tree_ops name_ops = { .compare = compare_names };
static const struct tree_ops cookie_ops = { .compare = compare_cookies };

/* FNV-1a. */
static uint32_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

static char *copy_name(const char *name, size_t len)
{
	char *s = malloc(len + 1);

	if (!s)
		return NULL;
	memcpy(s, name, len);
	s[len] = 0;
	return s;
}

struct dentry *dentry_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode)
{
	struct dentry *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->name = copy_name(name, len);
	if (!d->name) {
		free(d);
		return NULL;
	}
	d->len = (uint32_t)len;
	d->hash = hash_name(name, len);
	d->refs = 1;
	d->inode = inode_get(inode);
	d->parent = parent ? dentry_get(parent) : d;
	d->unlinked = parent != NULL;
	inode->alias = d;
	return d;
}

struct dentry *dentry_new_root(struct inode *i)
{
	struct dentry *d = dentry_alloc(NULL, "", 0, i);

	inode_put(i);
	return d;
}

struct dentry *dentry_get(struct dentry *d)
{
	d->refs++;
	return d;
}

static void unhash(struct dentry *d)
{
	struct dentry_children *c = d->parent->children;

	tree_remove(&c->names, &d->by_name);
	tree_remove(&c->cookies, &d->by_cookie);
	d->unlinked = true;
}

/* A loop, not a recursion: the last name of a deep path takes its ancestors with it. */
void dentry_put(struct dentry *d)
{
	while (--d->refs == 0) {
		struct dentry *parent = d->parent == d ? NULL : d->parent;

		if (parent && !d->unlinked)
			unhash(d);
		if (d->inode->alias == d)
			d->inode->alias = NULL;
		if (!d->inode->nlink)
			notify_gone(d->inode);
		inode_put(d->inode);
		free(d->children);
		free(d->name);
		free(d);
		if (!parent)
			return;
		d = parent;
	}
}

static struct dentry_children *children_of(struct dentry *dir)
{
	struct dentry_children *c = dir->children;

	if (c)
		return c;
	c = dir->children = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	tree_init(&c->names, &name_ops);
	tree_init(&c->cookies, &cookie_ops);
	c->next_cookie = FIRST_COOKIE;
	return c;
}

static void insert(struct dentry *d, struct dentry_children *c)
{
	d->cookie = c->next_cookie++;
	d->unlinked = false;
	tree_insert(&c->names, &d->by_name);
	tree_insert(&c->cookies, &d->by_cookie);
}

int dentry_hash(struct dentry *d)
{
	struct dentry_children *c = children_of(d->parent);

	if (!c)
		return -ENOMEM;
	insert(d, c);
	return 0;
}

struct dentry *dentry_find(struct dentry *dir, const char *name, size_t len)
{
	struct tree_node *n = dir->children ? dir->children->names.root : NULL;
	uint32_t hash = hash_name(name, len);

	while (n) {
		int order = compare(hash, name, len, of_name(n));

		if (!order)
			return of_name(n);
		n = order < 0 ? n->left : n->right;
	}
	return NULL;
}

int dentry_add(struct dentry *dir, const char *name, size_t len, struct inode *inode, struct dentry **out)
{
	struct machine *m = dir->inode->super->machine;
	struct dentry *d;
	int err;

	if (dentry_find(dir, name, len))
		return -EEXIST;
	err = vfs_charge(m, COST_DENTRY + len);
	if (err)
		return err;
	d = dentry_alloc(dir, name, len, inode);
	if (!d) {
		vfs_uncharge(m, COST_DENTRY + len);
		return -ENOMEM;
	}
	err = dentry_hash(d);
	if (err) {
		vfs_uncharge(m, COST_DENTRY + len);
		dentry_put(d);
		return err;
	}
	d->pinned = true;
	if (out)
		*out = dentry_get(d);
	return 0;
}

/* Gives the tree's reference back. */
static void unpin(struct dentry *d)
{
	if (!d->pinned)
		return;
	d->pinned = false;
	vfs_uncharge(d->inode->super->machine, COST_DENTRY + d->len);
	dentry_put(d);
}

void dentry_drop(struct dentry *d)
{
	if (!d->unlinked)
		unhash(d);
	unpin(d);
}

int dentry_move(struct dentry *d, struct dentry *dir, const char *name, size_t len, struct dentry *victim)
{
	struct dentry_children *c = children_of(dir);
	char *copy = c ? copy_name(name, len) : NULL;
	struct dentry *old = d->parent;

	if (!copy)
		return -ENOMEM;
	if (victim)
		dentry_drop(victim);
	unhash(d);
	if (d->pinned) {	/* a longer name may go over the limit: it is a few bytes */
		vfs_uncharge(d->inode->super->machine, d->len);
		d->inode->super->machine->vfs->charged += len;
	}
	free(d->name);
	d->name = copy;
	d->len = (uint32_t)len;
	d->hash = hash_name(name, len);
	d->parent = dentry_get(dir);
	insert(d, c);
	dentry_put(old);
	return 0;
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *dir = a->parent;
	char *name = a->name;
	uint32_t hash = a->hash, len = a->len;

	unhash(a);
	unhash(b);
	a->parent = b->parent;
	a->name = b->name;
	a->hash = b->hash;
	a->len = b->len;
	b->parent = dir;
	b->name = name;
	b->hash = hash;
	b->len = len;
	insert(a, a->parent->children);
	insert(b, b->parent->children);
}

bool dentry_empty(const struct dentry *dir)
{
	return !dir->children || dir->children->names.count == 0;
}

struct dentry *dentry_from(struct dentry *dir, uint64_t from)
{
	struct tree_node *n = dir->children ? dir->children->cookies.root : NULL;
	struct dentry *best = NULL;

	while (n) {
		struct dentry *d = of_cookie(n);

		if (d->cookie >= from) {
			best = d;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

void dentry_drop_tree(struct dentry *root)
{
	struct dentry *d = dentry_get(root);

	for (;;) {
		struct tree_node *n = d->children ? d->children->names.root : NULL;
		struct dentry *parent;

		if (n) {	/* down */
			struct dentry *child = dentry_get(of_name(n));

			dentry_put(d);	/* the child holds it */
			d = child;
			continue;
		}
		if (d == root)
			break;
		parent = dentry_get(d->parent);
		dentry_drop(d);
		dentry_put(d);
		d = parent;
	}
	dentry_put(d);
}

bool dentry_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	for (;; d = d->parent) {
		if (a == d)
			return true;
		if (d->parent == d)
			return false;
	}
}
