/* SPDX-License-Identifier: MIT
 *
 * Two lists per inode.  Record locks are kept in order of owner, then start, so that an owner's
 * neighbours touch each other in the list; one owner's locks never overlap, and neighbours
 * of the same type that touch are one lock.  All are in a list of the machine's as well: /proc/locks.
 */
#include "emu/fs/locks.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/fs/internal.h"
#include "emu/kernel/machine.h"

struct lock_node {
	struct file_lock lock;
	struct lock_node *next;			/* of the inode */
	struct lock_node *newer, *older;	/* of the machine: vfs->locks is the newest */
	struct inode *inode;
	bool flock;
};

struct file_locks {
	struct lock_node *records, *flocks;
	struct wait_queue wait;
};

/* Into the list of all. */
static void enter(struct lock_node *n, struct inode *i, bool flock)
{
	struct vfs *v = i->super->machine->vfs;

	n->inode = i;
	n->flock = flock;
	n->newer = NULL;
	n->older = v->locks;
	if (n->older)
		n->older->newer = n;
	v->locks = n;
}

static void dispose(struct lock_node *n)
{
	*(n->newer ? &n->newer->older : &n->inode->super->machine->vfs->locks) = n->older;
	if (n->older)
		n->older->newer = n->newer;
	free(n);
}

static struct file_locks *locks_of(struct inode *i)
{
	if (!i->locks)
		i->locks = calloc(1, sizeof *i->locks);
	return i->locks;
}

/* Something became free: waiters look again, and an empty set of locks goes. */
static void released(struct inode *i)
{
	struct file_locks *ls = i->locks;

	wake_all(&ls->wait);
	if (ls->records || ls->flocks)
		return;
	i->locks = NULL;
	free(ls);
}

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

const struct file_lock *locks_conflict(struct inode *i, const struct file_lock *want)
{
	if (!i->locks || want->type == LOCK_NONE)
		return NULL;
	for (const struct lock_node *n = i->locks->records; n; n = n->next)
		if (n->lock.owner != want->owner && overlap(&n->lock, want) &&
		    (want->type == LOCK_WRITE || n->lock.type == LOCK_WRITE))
			return &n->lock;
	return NULL;
}

static bool sorts_before(const struct file_lock *a, const struct file_lock *b)
{
	if (a->owner != b->owner)
		return (uintptr_t)a->owner < (uintptr_t)b->owner;
	return a->start < b->start;
}

static void insert(struct lock_node **list, struct lock_node *n)
{
	while (*list && sorts_before(&(*list)->lock, &n->lock))
		list = &(*list)->next;
	n->next = *list;
	*list = n;
}

/* Takes the range out of the owner's locks; *spare is used when one lock becomes two. */
static void cut(struct file_locks *ls, const struct file_lock *want, struct lock_node **spare)
{
	struct lock_node **p = &ls->records;

	while (*p) {
		struct lock_node *n = *p;
		struct file_lock *l = &n->lock;

		if (l->owner != want->owner || !overlap(l, want)) {
			p = &n->next;
		} else if (l->start >= want->start && l->end <= want->end) {
			*p = n->next;
			dispose(n);
		} else if (l->start < want->start && l->end > want->end) {
			struct lock_node *tail = *spare;

			*spare = NULL;
			*tail = *n;
			enter(tail, n->inode, false);
			tail->lock.start = want->end + 1;
			l->end = want->start - 1;
			n->next = tail;
			return;		/* nothing else of this owner can be in the range */
		} else {
			if (l->start < want->start)
				l->end = want->start - 1;
			else
				l->start = want->end + 1;
			p = &n->next;
		}
	}
}

static void merge(struct file_locks *ls, const void *owner)
{
	for (struct lock_node *n = ls->records; n; ) {
		struct lock_node *next = n->next;

		if (next && n->lock.owner == owner && next->lock.owner == owner &&
		    n->lock.type == next->lock.type && n->lock.end != UINT64_MAX &&
		    n->lock.end + 1 == next->lock.start) {
			n->lock.end = next->lock.end;
			n->next = next->next;
			dispose(next);
		} else {
			n = next;
		}
	}
}

int locks_set(struct inode *i, const struct file_lock *want)
{
	struct lock_node *one, *spare;
	struct file_locks *ls;

	if (locks_conflict(i, want))
		return -EAGAIN;
	if (want->type == LOCK_NONE && !i->locks)
		return 0;
	one = malloc(sizeof *one);
	spare = malloc(sizeof *spare);
	ls = locks_of(i);
	if (!one || !spare || !ls) {
		free(one);
		free(spare);
		if (ls && !ls->records && !ls->flocks)
			released(i);
		return -ENOLCK;
	}
	cut(ls, want, &spare);
	if (want->type != LOCK_NONE) {
		one->lock = *want;
		enter(one, i, false);
		insert(&ls->records, one);
		one = NULL;
	}
	merge(ls, want->owner);
	free(one);
	free(spare);
	released(i);
	return 0;
}

static void drop(struct lock_node **list, const void *owner)
{
	while (*list) {
		struct lock_node *n = *list;

		if (n->lock.owner == owner) {
			*list = n->next;
			dispose(n);
		} else {
			list = &n->next;
		}
	}
}

const struct file_lock *locks_flock_conflict(const struct file *f, enum lock_type type)
{
	if (!f->inode->locks)
		return NULL;
	for (const struct lock_node *n = f->inode->locks->flocks; n; n = n->next)
		if (n->lock.owner != f && (type == LOCK_WRITE || n->lock.type == LOCK_WRITE))
			return &n->lock;
	return NULL;
}

/* As flock_lock_inode: changing the type gives the old lock up first, even when the new one must wait. */
int locks_flock(struct file *f, enum lock_type type, int pid)
{
	struct inode *i = f->inode;
	struct lock_node *n;

	if (i->locks) {
		for (n = i->locks->flocks; n; n = n->next)
			if (n->lock.owner == f)
				break;
		if (n && n->lock.type == type)
			return 0;
		if (n) {
			drop(&i->locks->flocks, f);
			released(i);
		}
	}
	if (type == LOCK_NONE)
		return 0;
	if (locks_flock_conflict(f, type))
		return -EAGAIN;
	n = malloc(sizeof *n);
	if (!n || !locks_of(i)) {
		free(n);
		return -ENOLCK;
	}
	n->lock = (struct file_lock){ .owner = f, .type = type, .end = UINT64_MAX, .pid = pid };
	enter(n, i, true);
	insert(&i->locks->flocks, n);
	return 0;
}

void locks_wait(struct inode *i, struct task *t)
{
	if (i->locks)
		wait_on(&i->locks->wait, t);
}

void locks_drop_owner(struct inode *i, const void *owner)
{
	if (!i->locks)
		return;
	drop(&i->locks->records, owner);
	released(i);
}

void locks_drop_file(struct file *f)
{
	if (!f->inode || !f->inode->locks)
		return;
	drop(&f->inode->locks->flocks, f);
	locks_drop_owner(f->inode, f);
}

void locks_walk(struct machine *m, locks_walk_fn fn, void *ctx)
{
	for (const struct lock_node *n = m->vfs->locks; n; n = n->older)
		fn(ctx, n->inode, &n->lock, n->flock);
}
