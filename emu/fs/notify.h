/* SPDX-License-Identifier: MIT
 *
 * Telling those who watch files what happens to them (fs/notify of the kernel).
 *
 * A watch is hung on an inode; of a directory it is also told of what happens to the files in it, with their names.  Each
 * place in the vfs where something happens calls one of the functions below.  Where nobody watches anything in a file system
 * that costs a look at a number.
 *
 * A watch holds a reference on its inode until it is taken off, the file has lost its last name, or its file system is
 * unmounted.
 */
#ifndef EMU_FS_NOTIFY_H
#define EMU_FS_NOTIFY_H

#include "emu/fs/vfs.h"

/* inotify's own bits. */
enum {
	NOTIFY_ACCESS = 1, NOTIFY_MODIFY = 2, NOTIFY_ATTRIB = 4, NOTIFY_CLOSE_WRITE = 8, NOTIFY_CLOSE_NOWRITE = 0x10,
	NOTIFY_OPEN = 0x20, NOTIFY_MOVED_FROM = 0x40, NOTIFY_MOVED_TO = 0x80, NOTIFY_CREATE = 0x100,
	NOTIFY_DELETE = 0x200, NOTIFY_DELETE_SELF = 0x400, NOTIFY_MOVE_SELF = 0x800, NOTIFY_UNMOUNT = 0x2000,
	NOTIFY_ISDIR = 0x40000000,
	NOTIFY_EVENTS = 0xfff,
};

struct inode_watch {
	struct inode *inode;		/* a reference */
	uint32_t mask;			/* what it wants to hear of */
	bool excl_unlink;		/* nothing of files by names that are gone */
	/* name NULL: of the inode itself.  It may take this watch off. */
	void (*event)(struct inode_watch *w, uint32_t mask, const char *name, uint32_t cookie);
	void (*gone)(struct inode_watch *w);	/* there is nothing to watch any more: it has to take it off */
	struct inode_watch *inode_next, **inode_link;
	struct inode_watch *super_next, **super_link;
};

void notify_watch_add(struct inode_watch *w, struct inode *i);
void notify_watch_remove(struct inode_watch *w);

/* --- Something happened --- */
void notify_inode_slow(struct inode *i, uint32_t mask);
void notify_name_slow(struct inode *dir, uint32_t mask, const char *name, uint32_t cookie);
void notify_dentry_slow(struct dentry *d, uint32_t mask, bool by_file);
void notify_gone_slow(struct inode *i);
void notify_move_slow(struct inode *from, const char *old, struct inode *to, struct dentry *moved, struct inode *replaced);
/* Before the inodes of a file system that is not mounted any more go. */
void notify_unmount(struct fs_super *s);

static inline bool notify_anybody(const struct inode *i) { return i->super->watches != NULL; }

/* To the inode itself only. */
static inline void notify_inode(struct inode *i, uint32_t mask)
{
	if (notify_anybody(i))
		notify_inode_slow(i, mask);
}
/* A name in a directory has come or gone; what it names says whether it is a directory. */
static inline void notify_name(struct inode *dir, uint32_t mask, const char *name, const struct inode *named)
{
	if (notify_anybody(dir))
		notify_name_slow(dir, mask | ((named->mode & 0170000) == 0040000 ? NOTIFY_ISDIR : 0), name, 0);
}
/* To the inode, and with its name to the directory it is in. */
static inline void notify_dentry(struct dentry *d, uint32_t mask)
{
	if (notify_anybody(d->inode))
		notify_dentry_slow(d, mask, false);
}
/* The same of what is done through an open file. */
static inline void notify_file(const struct file *f, uint32_t mask)
{
	if (f->path.dentry && notify_anybody(f->inode))
		notify_dentry_slow(f->path.dentry, mask, true);
}
/* It has no name any more, and nobody has it by one. */
static inline void notify_gone(struct inode *i)
{
	if (i->watches)
		notify_gone_slow(i);
}
/* moved has its new name; replaced: what had it before, or NULL. */
static inline void notify_move(struct inode *from, const char *old, struct inode *to, struct dentry *moved,
			       struct inode *replaced)
{
	if (notify_anybody(from))
		notify_move_slow(from, old, to, moved, replaced);
}

#endif
