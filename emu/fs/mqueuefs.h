/* SPDX-License-Identifier: MIT
 *
 * The file system "mqueue": POSIX message queues by their names.  There is one, which may be mounted anywhere
 * (/dev/mqueue) and need not be: mq_open(3) does not go through the tree.
 */
#ifndef EMU_FS_MQUEUEFS_H
#define EMU_FS_MQUEUEFS_H

#include "emu/fs/vfs.h"

struct mqueue;

int mqueuefs_register(struct machine *m);
/* The queue that the file is, or NULL. */
struct mqueue *mqueuefs_queue(const struct file *f);

/* What a queue to be made is like; NULL: the defaults. */
struct mqueuefs_size { int32_t maxmsg, msgsize; };
/*
 * do_mq_open(): opens the queue of this name, or with O_CREAT makes it; mode: the umask is applied.
 * A reference and 0, or -errno.
 */
int mqueuefs_open(struct machine *m, const char *name, uint32_t flags, uint32_t mode, const struct mqueuefs_size *size,
		  const struct vfs_cred *cred, struct file **out);
int mqueuefs_unlink(struct machine *m, struct fs_context *fs, const char *name, const struct vfs_cred *cred);

#endif
