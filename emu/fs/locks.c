/* SPDX-License-Identifier: MIT
 *
 * An inode's record locks are in two trees.  By owner, then place: one owner's locks never overlap, and those of the same type that
 * touch are one lock, so what a request changes lies side by side there.  By place alone, whosever they are: that finds who is in the
 * way, for each subtree knows how far its locks reach, and how far those of all but one owner do.  flock(2)'s are in a third one,
 * by open file: a single exclusive lock or any number of shared ones.  All are in a list of the machine's as well: /proc/locks.
 */
#include "emu/fs/locks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/internal.h"
#include "emu/kernel/machine.h"

/* The highest end in a subtree, whose that is, and the highest one of anybody else.  owner NULL: there is none. */
struct reach {
	struct { const void *owner; uint64_t end; } far, other;
};

struct lock_node {
	struct file_lock lock;
	struct tree_node by_owner, by_place;	/* in its inode's; of a flock the first one only */
	struct reach all, writes;		/* below by_place: of all locks, of those for writing */
	uint64_t serial;			/* of two that start at the same place the older comes first */
	struct lock_node *newer, *older;	/* of the machine: vfs->locks is the newest */
	struct inode *inode;
	bool flock;
};

struct file_locks {
	struct tree records, places, flocks;
	struct wait_queue wait;
};

/* --- The trees --- */

static struct lock_node *by_owner(const struct tree_node *n) { return n ? tree_entry(n, struct lock_node, by_owner) : NULL; }
static struct lock_node *by_place(const struct tree_node *n) { return n ? tree_entry(n, struct lock_node, by_place) : NULL; }

static int compare_records(const struct tree_node *x, const struct tree_node *y)
{
	const struct file_lock *a = &by_owner(x)->lock, *b = &by_owner(y)->lock;

	if (a->owner != b->owner)
		return (uintptr_t)a->owner < (uintptr_t)b->owner ? -1 : 1;
	return a->start < b->start ? -1 : 1;
}

static int compare_places(const struct tree_node *x, const struct tree_node *y)
{
	const struct lock_node *a = by_place(x), *b = by_place(y);

	if (a->lock.start != b->lock.start)
		return a->lock.start < b->lock.start ? -1 : 1;
	return a->serial < b->serial ? -1 : 1;
}

static uint64_t file_number(const struct lock_node *n) { return ((const struct file *)n->lock.owner)->serial; }

static int compare_flocks(const struct tree_node *x, const struct tree_node *y)
{
	return file_number(by_owner(x)) < file_number(by_owner(y)) ? -1 : 1;
}

static void reach_add(struct reach *r, const void *owner, uint64_t end)
{
	if (!owner)
		return;
	if (owner == r->far.owner) {
		if (end > r->far.end)
			r->far.end = end;
	} else if (!r->far.owner || end > r->far.end) {
		r->other = r->far;
		r->far.owner = owner;
		r->far.end = end;
	} else if (!r->other.owner || end > r->other.end) {
		r->other.owner = owner;
		r->other.end = end;
	}
}

static void reach_join(struct reach *r, const struct reach *of)
{
	reach_add(r, of->far.owner, of->far.end);
	reach_add(r, of->other.owner, of->other.end);
}

static bool update_reach(struct tree_node *t)
{
	struct lock_node *n = by_place(t), *child[2] = { by_place(t->left), by_place(t->right) };
	struct reach all = { 0 }, writes = { 0 };
	bool changed;

	reach_add(&all, n->lock.owner, n->lock.end);
	if (n->lock.type == LOCK_WRITE)
		reach_add(&writes, n->lock.owner, n->lock.end);
	for (int i = 0; i < 2; i++) {
		if (!child[i])
			continue;
		reach_join(&all, &child[i]->all);
		reach_join(&writes, &child[i]->writes);
	}
	changed = memcmp(&all, &n->all, sizeof all) || memcmp(&writes, &n->writes, sizeof writes);
	n->all = all;
	n->writes = writes;
	return changed;
}

static struct file_locks *locks_of(struct inode *i)
{
	static const struct tree_ops records = { compare_records, NULL }, places = { compare_places, update_reach };
	static const struct tree_ops flocks = { compare_flocks, NULL };
	struct file_locks *ls = i->locks;

	if (ls)
		return ls;
	ls = calloc(1, sizeof *ls);
	if (!ls)
		return NULL;
	tree_init(&ls->records, &records);
	tree_init(&ls->places, &places);
	tree_init(&ls->flocks, &flocks);
	i->locks = ls;
	return ls;
}

/* --- One lock --- */

/* In the list of all, but in no tree yet.  NULL: no memory. */
static struct lock_node *lock_new(struct inode *i, bool flock)
{
	struct vfs *v = i->super->machine->vfs;
	struct lock_node *n;

	if (vfs_charge(v->machine, COST_LOCK))
		return NULL;
	n = calloc(1, sizeof *n);
	if (!n) {
		vfs_uncharge(v->machine, COST_LOCK);
		return NULL;
	}
	n->inode = i;
	n->flock = flock;
	n->serial = vfs_serial(v->machine);
	n->older = v->locks;
	if (n->older)
		n->older->newer = n;
	v->locks = n;
	return n;
}

/* In no tree any more.  NULL is fine. */
static void dispose(struct lock_node *n)
{
	if (!n)
		return;
	*(n->newer ? &n->newer->older : &n->inode->super->machine->vfs->locks) = n->older;
	if (n->older)
		n->older->newer = n->newer;
	vfs_uncharge(n->inode->super->machine, COST_LOCK);
	free(n);
}

/* Without any lock a set goes. */
static void clear_away(struct inode *i)
{
	struct file_locks *ls = i->locks;

	if (!ls || ls->records.count || ls->flocks.count)
		return;
	i->locks = NULL;
	wait_queue_fini(&ls->wait);
	free(ls);
}

/* Something became free: waiters look again. */
static void released(struct inode *i)
{
	wake_all(&i->locks->wait);
	clear_away(i);
}

/* --- Record locks --- */

static void insert(struct file_locks *ls, struct lock_node *n)
{
	tree_insert(&ls->records, &n->by_owner);
	tree_insert(&ls->places, &n->by_place);
}

static void take_out(struct file_locks *ls, struct lock_node *n)
{
	tree_remove(&ls->records, &n->by_owner);
	tree_remove(&ls->places, &n->by_place);
	dispose(n);
}

static void set_end(struct file_locks *ls, struct lock_node *n, uint64_t end)
{
	n->lock.end = end;
	tree_changed(&ls->places, &n->by_place);
}

/* Not beyond the owner's other locks: among those it stays where it is. */
static void set_start(struct file_locks *ls, struct lock_node *n, uint64_t start)
{
	tree_remove(&ls->places, &n->by_place);
	n->lock.start = start;
	tree_insert(&ls->places, &n->by_place);
}

/* The owner's first lock that ends there or later; NULL. */
static struct lock_node *first_of(const struct file_locks *ls, const void *owner, uint64_t at)
{
	struct lock_node *found = NULL;

	for (const struct tree_node *t = ls->records.root; t; ) {
		struct lock_node *n = by_owner(t);
		const struct file_lock *l = &n->lock;

		if (l->owner == owner ? l->end < at : (uintptr_t)l->owner < (uintptr_t)owner) {
			t = t->right;
		} else {
			found = n;
			t = t->left;
		}
	}
	return found && found->lock.owner == owner ? found : NULL;
}

static struct lock_node *neighbour(const struct lock_node *n, struct tree_node *t)
{
	struct lock_node *o = by_owner(t);

	return o && o->lock.owner == n->lock.owner ? o : NULL;
}

static struct lock_node *next_of(const struct lock_node *n) { return neighbour(n, tree_next(&n->by_owner)); }
static struct lock_node *previous_of(const struct lock_node *n) { return neighbour(n, tree_prev(&n->by_owner)); }

/* Is there a lock of somebody else's that ends at want's start or later? */
static bool reaches(const struct reach *r, const struct file_lock *want)
{
	return r->far.owner == want->owner ? r->other.owner && r->other.end >= want->start :
	       r->far.owner && r->far.end >= want->start;
}

static bool subtree_reaches(const struct tree_node *t, const struct file_lock *want)
{
	const struct lock_node *n = by_place(t);

	return n && reaches(want->type == LOCK_WRITE ? &n->all : &n->writes, want);
}

const struct file_lock *locks_conflict(struct inode *i, const struct file_lock *want)
{
	const struct tree_node *t = i->locks && want->type != LOCK_NONE ? i->locks->places.root : NULL;

	if (!subtree_reaches(t, want))
		return NULL;
	/* The first of those: if it starts behind what is wanted, so do all that come after it. */
	for (;;) {
		const struct file_lock *l = &by_place(t)->lock;

		if (subtree_reaches(t->left, want))
			t = t->left;
		else if (l->owner != want->owner && l->end >= want->start && (want->type == LOCK_WRITE || l->type == LOCK_WRITE))
			return l->start <= want->end ? l : NULL;
		else
			t = t->right;
	}
}

const struct file_lock *locks_own(const struct inode *i, const struct file_lock *want)
{
	const struct lock_node *n = i->locks ? first_of(i->locks, want->owner, want->start) : NULL;

	return n && n->lock.start <= want->end ? &n->lock : NULL;
}

/* Takes the range out of the owner's locks; *spare is used when one lock becomes two. */
static void cut(struct file_locks *ls, const struct file_lock *want, struct lock_node **spare)
{
	struct lock_node *next;

	for (struct lock_node *n = first_of(ls, want->owner, want->start); n && n->lock.start <= want->end; n = next) {
		bool head = n->lock.start < want->start, tail = n->lock.end > want->end;

		next = next_of(n);
		if (head && tail) {
			(*spare)->lock = n->lock;
			(*spare)->lock.start = want->end + 1;
			set_end(ls, n, want->start - 1);
			insert(ls, *spare);
			*spare = NULL;
		} else if (head) {
			set_end(ls, n, want->start - 1);
		} else if (tail) {
			set_start(ls, n, want->end + 1);
		} else {
			take_out(ls, n);
		}
	}
}

static bool touch(const struct lock_node *a, const struct lock_node *b)
{
	return a && b && a->lock.type == b->lock.type && a->lock.end != UINT64_MAX && a->lock.end + 1 == b->lock.start;
}

/* n, which is new, is one with those it touches. */
static void merge(struct file_locks *ls, struct lock_node *n)
{
	struct lock_node *before = previous_of(n), *after = next_of(n);
	uint64_t end;

	if (touch(n, after)) {
		end = after->lock.end;
		take_out(ls, after);
		set_end(ls, n, end);
	}
	if (touch(before, n)) {
		end = n->lock.end;
		take_out(ls, n);
		set_end(ls, before, end);
	}
}

int locks_set(struct inode *i, const struct file_lock *want)
{
	struct lock_node *one = NULL, *spare = NULL, *first;
	bool sets = want->type != LOCK_NONE, splits;
	struct file_locks *ls;

	if (locks_conflict(i, want))
		return -EAGAIN;
	if (!sets && !i->locks)
		return 0;
	ls = locks_of(i);
	if (!ls)
		return -ENOLCK;
	first = first_of(ls, want->owner, want->start);
	if (first && first->lock.type == want->type && first->lock.start <= want->start && first->lock.end >= want->end)
		return 0;
	/* To give up a lock takes no memory, unless two are left of it. */
	splits = first && first->lock.start < want->start && first->lock.end > want->end;
	if (splits)
		spare = lock_new(i, false);
	if (sets)
		one = lock_new(i, false);
	if ((splits && !spare) || (sets && !one)) {
		dispose(one);
		dispose(spare);
		clear_away(i);
		return -ENOLCK;
	}
	cut(ls, want, &spare);
	if (one) {
		one->lock = *want;
		insert(ls, one);
		merge(ls, one);
	}
	released(i);
	return 0;
}

void locks_drop_owner(struct inode *i, const void *owner)
{
	struct lock_node *n = i->locks ? first_of(i->locks, owner, 0) : NULL, *next;

	if (!n)
		return;
	for (; n; n = next) {
		next = next_of(n);
		take_out(i->locks, n);
	}
	released(i);
}

/* --- flock(2) --- */

static struct lock_node *flock_of(const struct inode *i, const struct file *f)
{
	const struct tree_node *t = i->locks ? i->locks->flocks.root : NULL;

	while (t && by_owner(t)->lock.owner != f)
		t = f->serial < file_number(by_owner(t)) ? t->left : t->right;
	return by_owner(t);
}

const struct file_lock *locks_flock_conflict(const struct file *f, enum lock_type type)
{
	const struct lock_node *n = f->inode->locks ? by_owner(tree_first(&f->inode->locks->flocks)) : NULL;

	if (n && n->lock.owner == f)
		n = by_owner(tree_next(&n->by_owner));
	/* An exclusive one is the only one. */
	return n && (type == LOCK_WRITE || n->lock.type == LOCK_WRITE) ? &n->lock : NULL;
}

static void flock_drop(struct inode *i, struct lock_node *n)
{
	tree_remove(&i->locks->flocks, &n->by_owner);
	dispose(n);
	released(i);
}

/* As flock_lock_inode: changing the type gives the old lock up first, even when the new one must wait. */
int locks_flock(struct file *f, enum lock_type type, int pid)
{
	struct inode *i = f->inode;
	struct lock_node *n = flock_of(i, f);

	if (n && n->lock.type == type)
		return 0;
	if (n)
		flock_drop(i, n);
	if (type == LOCK_NONE)
		return 0;
	if (locks_flock_conflict(f, type))
		return -EAGAIN;
	if (!locks_of(i))
		return -ENOLCK;
	n = lock_new(i, true);
	if (!n) {
		clear_away(i);
		return -ENOLCK;
	}
	n->lock = (struct file_lock){ .owner = f, .type = type, .end = UINT64_MAX, .pid = pid };
	tree_insert(&i->locks->flocks, &n->by_owner);
	return 0;
}

void locks_wait(struct inode *i, struct task *t)
{
	if (i->locks)
		wait_on(&i->locks->wait, t);
}

void locks_drop_file(struct file *f)
{
	struct lock_node *n = f->inode ? flock_of(f->inode, f) : NULL;

	if (n)
		flock_drop(f->inode, n);
	if (f->inode)
		locks_drop_owner(f->inode, f);
}

/* --- All of them --- */

void locks_walk(struct machine *m, locks_walk_fn fn, void *ctx)
{
	for (const struct lock_node *n = m->vfs->locks; n; n = n->older)
		fn(ctx, n->inode, &n->lock, n->flock);
}

const char *locks_check(const struct machine *m)
{
	for (struct lock_node *n = m->vfs->locks; n; n = n->older) {
		const struct file_locks *ls = n->inode->locks;

		if (n->older && n->older->newer != n)
			return "the list of all file locks is torn";
		if (!ls)
			return "a file has a lock and does not know it";
		if (!n->flock && update_reach(&n->by_place))
			return "a file's locks reach further than it knows";
	}
	return NULL;
}
