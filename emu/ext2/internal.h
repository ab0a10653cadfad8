/* SPDX-License-Identifier: MIT
 *
 * What the files of emu/ext2 share.
 */
#ifndef EMU_EXT2_INTERNAL_H
#define EMU_EXT2_INTERNAL_H

#define NO_INLINE_FUNCS		/* the library is not linked: only what is in functions.def can be called */
#include <ext2fs/ext2fs.h>
#include "emu/ext2/ext2.h"
#include "emu/fs/disk.h"
#include "emu/fs/internal.h"
#include "emu/kernel/clock_event.h"

#define EXT2_WRITEBACK UINT64_C(5000000000)	/* ns from a change until it is written at the latest */

struct ext2_library {
#define EXT2_FUNCTION(name) __typeof__(ext2fs_##name) *name;
#include "emu/ext2/functions.def"
#undef EXT2_FUNCTION
	__typeof__(set_com_err_hook) *set_com_err_hook;
};

struct ext2_super {
	struct ext2_library lib;
	struct fs_super *super;
	ext2_filsys fs;
	struct clock_event writeback;	/* armed while something is not written */
	struct tree dirs;		/* indexes of directories: dir.c */
	uint8_t *dirty;			/* two bits for each group: block bitmap, inode bitmap */
	uint64_t charged;		/* bitmaps and groups: vfs_charge() */
	uint64_t freed;			/* blocks, since who counts them set it to 0 */
	uint32_t generation;		/* of the next inode */
	uint16_t state;			/* s_state as it was found */
	bool writable;			/* bitmaps are there, and the image says that it is in use */
	bool changed;			/* something is not written yet */
	bool damaged;			/* nothing is written any more */
};

struct ext2_inode_info {
	struct disk_inode disk;		/* first */
	struct ext2_inode_large raw;	/* in the order of the host; what VFS has in its inode may be newer */
	bool unlinked;			/* nobody's any more: freed with the last reference */
	bool unwritten;			/* raw is newer than the device: the library could not write it */
};

static inline struct ext2_super *ext2_super(const struct fs_super *s) { return s->private; }
static inline struct ext2_super *ext2_of(const struct inode *i) { return i->super->private; }
static inline struct ext2_inode_info *ext2_info(const struct inode *i) { return i->private; }
static inline struct ext2_inode *ext2_raw(const struct inode *i) { return (struct ext2_inode *)(void *)&ext2_info(i)->raw; }
static inline uint32_t ext2_block_size(const struct inode *i) { return ext2_of(i)->fs->blocksize; }
/* Flags of the inode that forbid things, as Linux calls them. */
static inline bool ext2_immutable(const struct inode *i) { return ext2_info(i)->raw.i_flags & EXT2_IMMUTABLE_FL; }
static inline bool ext2_append_only(const struct inode *i) { return ext2_info(i)->raw.i_flags & EXT2_APPEND_FL; }
static inline bool ext2_has(const struct ext2_super *e, uint32_t incompat)
{
	return e->fs->super->s_feature_incompat & incompat;
}
static inline bool ext2_checksums(const struct ext2_super *e)
{
	return e->fs->super->s_feature_ro_compat & EXT4_FEATURE_RO_COMPAT_METADATA_CSUM;
}

/* --- io.c: the device as the library sees it --- */
extern struct struct_io_manager ext2_io_manager;
/* What ext2fs_open2() takes for a name. */
void ext2_io_name(struct fs_super *s, char name[32]);
int ext2_read_block(struct ext2_super *e, uint64_t block, void *buf);	/* a whole one; 0 or -errno */
/*
 * What is on the device is not what we take it for, as something could not be written or freed: the image says from now on that it
 * has errors (EXT2_ERROR_FS, as ext2_error() of Linux), and e2fsck repairs it.
 */
void ext2_inconsistent(struct ext2_super *e);
/* The same, and nothing is written any more: the blocks of a file that are free to us are still its own there. */
void ext2_stop(struct ext2_super *e);
/* The library's error as ours. */
int ext2_errno(errcode_t err);
/* The same for what is done to i; what says that the image is damaged is logged, and stops writing. */
int ext2_error(struct ext2_super *e, uint64_t ino, const char *what, errcode_t err);
int ext2_corrupt(struct ext2_super *e, uint64_t ino, const char *what);	/* -EUCLEAN */

/* --- super.c --- */
/* Before any change: 0, -EROFS, -EUCLEAN.  After it, ext2_changed(). */
int ext2_may_change(const struct fs_super *s);
void ext2_changed(struct ext2_super *e);
/* Everything that is not written yet; durable: so that a crash of the host does not matter. */
int ext2_sync(struct fs_super *s, bool durable);
int64_t ext2_now(const struct ext2_super *e);

/* --- bitmaps.c --- */
int ext2_bitmaps_load(struct ext2_super *e);	/* 0 or -errno; what was made by then goes with ext2_bitmaps_free() */
void ext2_bitmaps_free(struct ext2_super *e);
void ext2_inode_dirty(struct ext2_super *e, uint32_t ino);
/* Is there room for a block, for whoever runs now? */
bool ext2_room(const struct ext2_super *e);

/* --- inode.c --- */
int ext2_iget(struct fs_super *s, uint32_t ino, struct inode **out);
/* A new inode, in use and written, no name yet. */
int ext2_inode_make(struct inode *dir, uint32_t mode, uint32_t rdev, const struct vfs_cred *cred, struct inode **out);
/* Nobody has it: it goes with its last reference.  For what fails behind ext2_inode_make(), and for removing names. */
void ext2_inode_unlink(struct inode *i);
/* What VFS has changed, and with `always` whatever is in raw, goes to the device. */
int ext2_inode_write(struct inode *i, bool always);
int ext2_inode_reread(struct inode *i);		/* raw, after the library has changed it there */
void ext2_inode_set_blocks(struct inode *i);	/* i->blocks from raw */
int ext2_setattr(struct inode *i, const struct inode *to, unsigned what);
int ext2_permission(struct inode *i, int mask, const struct vfs_cred *cred);
void ext2_evict(struct inode *i);

/* --- data.c --- */
extern const struct file_ops ext2_file_fops;
extern const struct mm_source_ops ext2_source_ops;
uint64_t ext2_size_limit(const struct inode *i);
/* Where a block of the file lies: 0 is a hole.  make: there is one from now on, zero unless it was there. */
int ext2_map(struct inode *i, uint64_t block, bool make, uint64_t *where);
int ext2_truncate(struct inode *i, uint64_t size);
int ext2_cut(struct inode *i, uint64_t size);		/* frees what lies behind */
int ext2_fsync(struct file *f);

/* --- dir.c: names and numbers; knows nothing of links and times --- */
extern const struct file_ops ext2_dir_fops;
int ext2_dir_find(struct inode *dir, const char *name, size_t len, uint32_t *ino);	/* 0, -ENOENT, -errno */
int ext2_dir_add(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode);
int ext2_dir_remove(struct inode *dir, const char *name, size_t len);
int ext2_dir_set(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode);	/* an entry there is */
int ext2_dir_init(struct inode *dir, uint32_t parent);		/* of a new one: "." and ".." */
int ext2_dir_empty(struct inode *dir);				/* 1, 0 or -errno */
void ext2_dir_forget(struct ext2_super *e, uint32_t ino);	/* its index */
void ext2_dirs_free(struct ext2_super *e);
void ext2_dirs_init(struct ext2_super *e);

/* --- namei.c --- */
extern const struct inode_ops ext2_dir_ops, ext2_file_ops, ext2_link_ops, ext2_other_ops;

/* --- ioctl.c --- */
int64_t ext2_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

/* --- xattr.c --- */
int64_t ext2_getxattr(struct inode *i, const char *name, void *value, size_t size);
int ext2_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags);
int64_t ext2_listxattr(struct inode *i, char *list, size_t size);
int ext2_removexattr(struct inode *i, const char *name);

#endif
