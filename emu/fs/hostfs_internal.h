/* SPDX-License-Identifier: MIT
 *
 * What the files of hostfs share.
 */
#ifndef EMU_FS_HOSTFS_INTERNAL_H
#define EMU_FS_HOSTFS_INTERNAL_H

#include "emu/fs/internal.h"
#include "emu/host/confine.h"
#include "mm/tree.h"

struct stat;

struct host_super {
	struct tree inodes;		/* alive ones, by device and number */
	uint64_t root_dev;
	struct confine folder;		/* what is shown; of the whole host: nothing to be confined to */
	bool share, read_only;
	uint32_t umask;			/* the host's, of this process; 0777 until a file is made */
	bool one_user;			/* whoever runs the emulator is root, others are nobody */
};

struct host_inode {
	struct tree_node node;
	struct inode *inode;
	uint64_t dev, ino;
	int fd;				/* O_PATH, or that of a regular file we have made */
	int read_fd;			/* for mappings, opened by the first; -1 */
	bool just_made;			/* fd is open for reading and writing, whatever the mode says: for who made it */
};

static inline struct host_inode *host_of(const struct inode *i) { return i->private; }
static inline struct host_super *host_super(const struct inode *i) { return i->super->private; }

/* A superblock as in *hs, which is copied; its folder.root is dup()ed. 0 or -errno. */
int host_super_new(struct machine *m, const struct fs_type *type, const struct host_super *hs, struct fs_super **out);

/* The inode of such a descriptor, which it takes over: one that is there already, or a new one. 0 or -errno. */
int host_inode_get(struct fs_super *s, int fd, struct inode **out);
void host_refresh(struct inode *i);
void host_take_stat(struct inode *i, const struct stat *st);	/* its attributes, as just looked at */
/* The same for a file that need not have an inode: *seen is for nothing but its attributes, and refs: those of one that it has. */
void host_tell(struct fs_super *s, const struct stat *st, struct inode *seen);
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

/* --- hostfs_share.c: what is different in a share; of the whole host these change nothing --- */
uint32_t host_uid(const struct host_super *hs, uid_t uid);	/* as the guest sees it */
uint32_t host_gid(const struct host_super *hs, gid_t gid);
uint32_t host_mode(const struct host_super *hs, uint32_t mode);	/* the permissions that a file with this mode may get */
int host_may_change(const struct inode *i);	/* or the directory's names: 0, -EROFS, -ESTALE */
int host_drop_privs(const struct inode *i, int fd);	/* fd, of the inode, is to be written to. 0 or -errno. */
int host_give(struct inode *dir, const char *name, struct inode *made, const struct vfs_cred *cred);

#endif
