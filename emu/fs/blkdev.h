/* SPDX-License-Identifier: MIT
 *
 * Block devices as the kernel keeps them: one for each disk, one for each of its partitions.
 *
 * Who uses one (open files, mappings, what is mounted from it) is counted: a partition in use stays when the table is read
 * again, and so does the disk's list of them.
 */
#ifndef EMU_FS_BLKDEV_H
#define EMU_FS_BLKDEV_H

#include "devices/block.h"
#include "emu/fs/vfs.h"

struct blkdev_node {
	struct vfs_blkdev dev;
	struct vfs_blkstat stat;
	struct machine *machine;
	struct mm_source source;	/* every node with this number is the same memory */
	struct blkdev_node *whole;	/* of a partition: the disk it is on; else NULL */
	unsigned number;		/* of a partition */
	unsigned users;
	unsigned opens;			/* of these, open files */
	bool gone;			/* it is in no list, and goes with its last user */
	const void *holder;		/* whose alone it is (bd_holder): a superblock, an open file with O_EXCL, or NULL */
	uint32_t block_size;		/* BLKBSZGET */
	unsigned errors;		/* so far */
	int untold;			/* of what was written and could not be kept, while nobody asked: negative errno */
	char name[32];			/* what dev.name of a partition points to */
	struct blkdev_node *next;	/* a disk's partitions follow it, by number */
};

static inline void blkdev_hold(struct blkdev_node *n) { n->users++; }
void blkdev_release(struct blkdev_node *n);

/* The device an open file is; NULL: it is no block device. */
struct blkdev_node *blkdev_of(const struct file *f);

/* Counted and logged.  0, -EIO (also where it has no such bytes), or -EPERM for what is read-only. */
int blkdev_read(struct blkdev_node *n, void *dst, uint32_t len, uint64_t offset);
int blkdev_write(struct blkdev_node *n, const void *src, uint32_t len, uint64_t offset);
int blkdev_clear(struct blkdev_node *n, uint64_t offset, uint64_t len);
/* -EAGAIN: dev.settled will be woken.  -EIO: something has been lost since the last who asked, which only he is told. */
int blkdev_flush(struct blkdev_node *n);
/* The same without asking: begins it, and leaves what is lost to be told.  False: not all has arrived, dev.settled will be woken. */
bool blkdev_settled(struct blkdev_node *n);

/*
 * Closing one that keeps what was written (dev.settled) begins to bring it there, and the call of the task that closed it last is not
 * over before it has arrived, as in the kernel, where fput() calls blkdev_release() before the task goes on.  Errors are nobody's: fsync()
 * of the next who opens it tells.
 *
 * False: t has closed such disks, and waits on their queues.  It lists what it has closed in t->closing; blkdev_close_forget() empties
 * the list of one that ends.
 */
bool blkdev_closed(struct task *t);
bool blkdevs_settle(const struct machine *m);	/* whether it may be so of anything that is open */
void blkdev_close_forget(struct task *t);

/* The table of a disk once more (BLKRRPART).  -EINVAL: a partition; -EBUSY: one of them is in use; -EIO, -ENOMEM. */
int blkdev_rescan(struct blkdev_node *disk);
/* BLKPG: bytes, whole sectors.  -EBUSY: there is one with the number, or in that place, or it is in use; -ENXIO; -EINVAL. */
int blkdev_add_partition(struct blkdev_node *disk, unsigned number, uint64_t start, uint64_t size);
int blkdev_remove_partition(struct blkdev_node *disk, unsigned number);

/* emu/fs/blkdev_ioctl.c */
int64_t blkdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

#endif
