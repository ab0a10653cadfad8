/* SPDX-License-Identifier: MIT
 *
 * inotify (fs/notify/inotify): a file from which is read what happens to the files it watches.
 *
 * Events wait in a queue of limited length.  One that is the same as the last is not queued again; when the queue is full,
 * or there is no memory, IN_Q_OVERFLOW is its last one.
 */
#ifndef EMU_EVENT_INOTIFY_H
#define EMU_EVENT_INOTIFY_H

#include <stdint.h>
#include "emu/fs/vfs.h"

struct inotify;

/* What inotify_add_watch(2) may be given beside events. */
enum {
	INOTIFY_UNMOUNT = 0x2000, INOTIFY_Q_OVERFLOW = 0x4000, INOTIFY_IGNORED = 0x8000,
	INOTIFY_ONLYDIR = 0x01000000, INOTIFY_DONT_FOLLOW = 0x02000000, INOTIFY_EXCL_UNLINK = 0x04000000,
	INOTIFY_MASK_CREATE = 0x10000000, INOTIFY_MASK_ADD = 0x20000000,
};
#define INOTIFY_ISDIR	0x40000000u
#define INOTIFY_ONESHOT	0x80000000u

/* For a user's account.  0, -EMFILE: it has too many, -ENOMEM. */
int inotify_new(struct machine *m, uint32_t uid, uint32_t flags, struct file **out);
struct inotify *inotify_of(const struct file *f);	/* NULL: it is another kind of file */
/*
 * Watches an inode, or changes how it is watched.  The watch's number, from 1 on; -EEXIST with INOTIFY_MASK_CREATE,
 * -ENOSPC: the user has too many, -ENOMEM.
 */
int inotify_watch(struct inotify *in, struct inode *i, uint32_t mask);
int inotify_unwatch(struct inotify *in, int wd);	/* -EINVAL: there is no such watch */

#endif
