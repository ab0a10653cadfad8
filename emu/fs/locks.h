/* SPDX-License-Identifier: MIT
 *
 * Advisory locks on files: POSIX record locks, open file description (OFD) locks and flock(2).
 *
 * As in Linux (fs/locks.c): a POSIX lock belongs to a table of descriptors and goes when that table
 * closes any descriptor of the file; an OFD or flock lock belongs to an open file and goes with it.
 * Locks hang on the inode; an inode without locks has none of this.  Whatever is asked or set costs O(log n) for n locks of the
 * inode, and the locks that go by it.
 */
#ifndef EMU_FS_LOCKS_H
#define EMU_FS_LOCKS_H

#include "emu/fs/vfs.h"

enum lock_type { LOCK_READ, LOCK_WRITE, LOCK_NONE };	/* F_RDLCK, F_WRLCK, F_UNLCK */

struct file_lock {
	const void *owner;	/* struct fd_table or struct file */
	enum lock_type type;
	uint64_t start, end;	/* bytes, end included; end UINT64_MAX: to the end of the file */
	int pid;		/* -1 for OFD locks */
};

/* The record lock of another owner that is in the way of `want` and starts first, or NULL. */
const struct file_lock *locks_conflict(struct inode *i, const struct file_lock *want);
/* The first record lock of want's owner that has a byte of the range, or NULL. */
const struct file_lock *locks_own(const struct inode *i, const struct file_lock *want);
/*
 * Sets, changes or (LOCK_NONE) removes the owner's record lock on the range.  0, -EAGAIN when another
 * owner's is in the way, -ENOLCK without memory: the host's, or what the guest may have of it (vfs_charge()).  Giving one
 * up needs none, unless two are left of it.
 */
int locks_set(struct inode *i, const struct file_lock *want);
/* flock(2) for an open file: LOCK_READ shared, LOCK_WRITE exclusive. 0, -EAGAIN, -ENOLCK. */
int locks_flock(struct file *f, enum lock_type type, int pid);
/* After -EAGAIN: puts t on the queue that is woken when a lock of the inode goes. */
void locks_wait(struct inode *i, struct task *t);
/* The first flock lock that f's wish for `type` has to wait for, or NULL. */
const struct file_lock *locks_flock_conflict(const struct file *f, enum lock_type type);

/* All record locks of an owner on the inode go: a descriptor was closed. */
void locks_drop_owner(struct inode *i, const void *owner);
/* OFD and flock locks of an open file go with it. */
void locks_drop_file(struct file *f);

/* All locks of the machine, the newest first; flock: not a record lock. */
typedef void (*locks_walk_fn)(void *ctx, const struct inode *i, const struct file_lock *l, bool flock);
void locks_walk(struct machine *m, locks_walk_fn fn, void *ctx);
/* For kernel_check(): what is wrong with them, or NULL. */
const char *locks_check(const struct machine *m);

#endif
