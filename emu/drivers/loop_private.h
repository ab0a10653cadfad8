/* SPDX-License-Identifier: MIT
 *
 * What loop.c (the device) and loop_ioctl.c (what programs ask of it) share.
 */
#ifndef EMU_DRIVERS_LOOP_PRIVATE_H
#define EMU_DRIVERS_LOOP_PRIVATE_H

#include "emu/fs/blkdev.h"

enum { LOOP_READ_ONLY = 1, LOOP_AUTOCLEAR = 4, LOOP_PARTSCAN = 8, LOOP_DIRECT_IO = 16 };	/* LO_FLAGS_* */

struct loop {
	struct block_device block;	/* first */
	struct blkdev_node *node;	/* NULL until it is opened for the first time */
	unsigned number;
	struct file *file;		/* NULL: unbound */
	bool rundown;			/* unbound with the last close; nobody may open it any more */
	uint64_t offset, limit;		/* bytes; limit 0: up to the end of the file */
	uint32_t flags;
	char name[64];			/* as the program gave it */
};

static inline struct loop *loop_of(const struct blkdev_node *n) { return (struct loop *)(void *)n->dev.disk; }
/* Its size from the file's, and everything that depends on it. */
void loop_resize(struct loop *l);
/* The file goes; nobody uses the device. */
void loop_unbind(struct loop *l);
extern const struct vfs_blkdev_ops loop_blkdev_ops;
int64_t loop_ioctl(struct blkdev_node *n, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

#endif
