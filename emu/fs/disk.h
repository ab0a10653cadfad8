/* SPDX-License-Identifier: MIT
 *
 * File systems on block devices: finding the device that mount(2) names (block/bdev.c lookup_bdev()), holding it for as
 * long as anything of the file system is alive (fs/super.c get_tree_bdev()), and what such file systems have in common.
 *
 * A device has at most one superblock.  Mounted again with the same type it is that superblock once more.
 *
 * What is read from a device is hostile, and may change at any time: root can write to a device that is mounted.  So
 * nothing that was read and checked once is trusted to be the same later; every access is checked.
 */
#ifndef EMU_FS_DISK_H
#define EMU_FS_DISK_H

#include "emu/fs/vfs.h"
#include "mm/tree.h"

/*
 * A superblock of a type with `fill`: new, or that which is mounted.  The path is walked as the task that asks would; where
 * none does, as root.  0, or
 *	-EINVAL		no source
 *	-ENOENT, ...	no such path
 *	-ENOTBLK	not a block device; -ENODEV: number 0:0; -ENXIO: no such device
 *	-EACCES		its mount has no devices; or it can only be read, and read_only is not set
 *	-EBUSY		of another type's, open with O_EXCL, or mounted the other way as to read_only
 * or what fill() says.
 */
int disk_mount(struct machine *m, const struct fs_type *t, const char *source, bool read_only, const char *options,
	       struct fs_super **out);
/* The last of it is gone.  Nothing happens where s lies on no device. */
void disk_release(struct fs_super *s);

/* --- For file systems: s->disk is there --- */
uint64_t disk_size(const struct fs_super *s);
/* 0, -EIO: the device has no such bytes, or the device's own error. */
int disk_read(const struct fs_super *s, void *dst, uint32_t len, uint64_t offset);
/* Guest address of the device's first byte, if files may be mapped where they lie; else 0. */
uint32_t disk_memory(const struct fs_super *s);
const char *disk_name(const struct fs_super *s);	/* "ram0": for the log */

/*
 * Inodes by number: one that is alive is found again.  A file system's own structure begins with this one, is allocated
 * by disk_inode_new() and freed by disk_inode_evict(), which is its inode_ops.evict or the end of that.
 */
struct disk_inode {
	struct tree_node by_ino;
	struct inode *inode;
};
struct inode *disk_inode_find(struct fs_super *s, uint64_t ino);	/* a new reference, or NULL */
/* One link, all times 0; NULL: no memory.  size: of the structure, which is zeroed. */
struct inode *disk_inode_new(struct fs_super *s, uint64_t ino, uint32_t mode, const struct inode_ops *ops,
			     const struct file_ops *fops, size_t size);
void disk_inode_evict(struct inode *i);
/* Is `found` the directory itself or one above it?  Names that lead in circles are -ELOOP (d_splice_alias()). */
int disk_check_loop(const struct inode *dir, const struct inode *found);

/* --- Directories: disk_dir.c --- */

/* An entry as it lies on the device. */
struct disk_entry {
	const char *name;	/* not NUL-terminated */
	uint32_t len;
	uint32_t at, next;	/* where it lies; where the one behind it does, as positions for readdir: > 1 */
	uint64_t ino;
	unsigned type;		/* DT_* */
};
/* Non-zero: no more. */
typedef int (*disk_entry_fn)(void *ctx, const struct disk_entry *e);
/*
 * Calls fn for the entries of dir from a position on, 0 for all of them.  0 (also when fn had enough), or -errno: they are
 * damaged; -ELOOP: they do not end.
 */
typedef int (*disk_scan_fn)(struct inode *dir, uint32_t from, disk_entry_fn fn, void *ctx);

/*
 * Where the entry with this name lies.  Directories of these formats are lists, so the first question makes an index of one,
 * that lives as long as the superblock: O(log n) from then on.  -ENOENT; -EIO and others as scan says if the
 * directory is damaged before the name comes.
 */
int disk_dir_find(struct inode *dir, disk_scan_fn scan, const char *name, size_t len, uint32_t *at);
/* file_ops.readdir by a scan, without the "." and ".." that some file systems have among the names. */
int disk_dir_read(struct file *f, disk_scan_fn scan, void *ctx, vfs_fill_fn fill);
void disk_dirs_free(struct fs_super *s);

/* --- File systems for ROMs: disk_rom.c --- */

/*
 * What such a file system tells of its format: directories that are lists, files that are read and, where the device is memory, mapped
 * where they lie.  Everything else is the same for all of them.
 */
struct disk_rom {
	uint32_t name_max;	/* bytes; longer ones are -ENAMETOOLONG */
	uint32_t link_max;	/* bytes of a symbolic link that count */
	disk_scan_fn scan;
	/* The inode of the entry of dir that lies there, as disk_entry.at says; a new reference.  0 or -errno. */
	int (*get)(struct inode *dir, uint32_t at, struct inode **out);
	/* Up to len bytes of a file or link from pos on: how many, 0 at the end, or -errno. */
	int64_t (*bytes)(struct inode *i, void *dst, size_t len, uint64_t pos);
	/* Where on the device these bytes, all in pages that the file has, lie in one run: 0 and *at; -ENOSYS: they do not; -EIO. */
	int (*place)(struct inode *i, uint64_t offset, uint32_t len, uint64_t *at);
};
/* Of fill(), before it makes an inode.  in_place: files may lie as they are. */
void disk_rom_set(struct fs_super *s, const struct disk_rom *format, bool in_place);
/* As disk_inode_new(), with the operations of its mode. */
struct inode *disk_rom_inode(struct fs_super *s, uint64_t ino, uint32_t mode, size_t size);

/* What s->disk points to: disk.c's and disk_dir.c's own. */
struct disk {
	struct blkdev_node *dev;
	struct tree inodes, dirs;
	const struct disk_rom *rom;	/* of a file system for ROMs; else NULL */
	bool in_place;
};

#endif
