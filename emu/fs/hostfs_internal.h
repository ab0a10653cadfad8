/* SPDX-License-Identifier: MIT
 *
 * What the files of hostfs share.
 */
#ifndef EMU_FS_HOSTFS_INTERNAL_H
#define EMU_FS_HOSTFS_INTERNAL_H

#include "emu/fs/internal.h"
#include "mm/tree.h"

struct stat;

struct host_super {
	struct tree inodes;		/* alive ones, by device and number */
	uint64_t root_dev;
};

struct host_inode {
	struct tree_node node;
	struct inode *inode;
	uint64_t dev, ino;
	int fd;				/* O_PATH */
	int read_fd;			/* for mappings, opened by the first; -1 */
};

static inline struct host_inode *host_of(const struct inode *i) { return i->private; }

/* The inode of an O_PATH descriptor, which it takes over: one that is there already, or a new one. 0 or -errno. */
int host_inode_get(struct fs_super *s, int fd, struct inode **out);
void host_refresh(struct inode *i);
/* A descriptor for I/O on the inode, by host open flags. fd or -errno. */
int host_reopen(struct inode *i, int flags);
/* What the guest sees as inode number. */
uint64_t host_ino(const struct fs_super *s, uint64_t dev, uint64_t ino);

/* --- hostfs_dir.c, hostfs_file.c --- */
extern const struct inode_ops host_dir_ops;
extern const struct file_ops host_dir_fops, host_file_fops, host_other_fops;
extern const struct mm_source_ops host_source_ops;
/* Mode, owner, times: for all kinds. */
int host_setattr(struct inode *i, const struct inode *to, unsigned what);
int host_permission(struct inode *i, int mask, const struct vfs_cred *cred);
int host_truncate(struct inode *i, uint64_t size);
void host_evict(struct inode *i);

#endif
