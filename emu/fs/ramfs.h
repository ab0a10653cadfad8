/* SPDX-License-Identifier: MIT
 *
 * Files in memory: ramfs, tmpfs and rootfs.
 *
 * A file's bytes are pages of the guest's RAM, so that a mapping can show them where they lie.  They are kept
 * as extents: runs of pages contiguous in the file and in memory, in a tree by their place in the
 * file.  A write takes a run as long as the write itself if there is one, and merges it with its neighbours
 * where they happen to touch; what nobody wrote is a hole and costs nothing.
 *
 * Mappings want one run (fs/ramfs/file-nommu.c).  Making an empty file longer gathers one at once, as
 * nommu-mmap.txt recommends.  And where a mapping asks for bytes that lie scattered, they are moved
 * together, as long as no other mapping shows the file.
 *
 * Linux gathers at the first truncation only, takes the pages of writes one at a time from wherever they are, and
 * refuses a mapping of what lies scattered: so it is with --compat linux-6.12.
 */
#ifndef EMU_FS_RAMFS_H
#define EMU_FS_RAMFS_H

#include "emu/fs/memfd.h"
#include "emu/fs/vfs.h"
#include "mm/tree.h"

int ramfs_register(struct machine *m);

struct ramfs_super {
	uint64_t max_pages, pages;	/* max 0: no limit but the RAM */
	uint64_t max_inodes, inodes;
	uint32_t mode, uid, gid;	/* of the root, for /proc/mounts */
	bool limits;			/* it is a tmpfs: has limits, and tells statfs(2) about them */
};

/* --- ramfs_data.c: the bytes of a file --- */
struct ramfs_data {
	struct machine *machine;
	struct ramfs_super *super;	/* whose limits count; NULL: none */
	struct tree extents;
	uint32_t pages;			/* held */
};

void data_init(struct ramfs_data *d, struct machine *m, struct ramfs_super *s);
void data_free(struct ramfs_data *d);
/*
 * Host memory of the bytes from off on: up to want of them, *got in one run.  In a hole NULL and its length; with
 * `fill` pages are taken for it: their bytes outside [off, off+got) are zero, those inside are the caller's
 * to write.  NULL with *got 0: no memory.  want > 0.
 */
uint8_t *data_span(struct ramfs_data *d, uint64_t off, uint64_t want, bool fill, uint64_t *got);
/* Guest address of pages [page, page+n) if they lie in one run, else 0. */
uint32_t data_run(struct ramfs_data *d, uint32_t page, uint32_t n);
/* Moves these pages, holes included, into one run.  0 or -ENOMEM, -ENOSPC, -EFBIG (see mm_pages_get()). */
int data_gather(struct ramfs_data *d, uint32_t page, uint32_t n);
/* How many of pages first to last, both included, are held; O(log n) and the extents there. */
uint64_t data_held(struct ramfs_data *d, uint64_t first, uint64_t last);
/* Gives back all pages from `page` on. */
void data_cut(struct ramfs_data *d, uint64_t page);

/* --- ramfs_file.c --- */
#define RAMFS_SIZE_LIMIT ((UINT64_C(1) << 44) - 4096)	/* bytes: page numbers are 32 bits wide */
extern const struct file_ops ramfs_file_ops;
extern const struct mm_source_ops ramfs_source_ops;
int ramfs_truncate(struct inode *i, uint64_t size);
/* Host memory for up to want bytes at off, to be written at once; the file becomes long enough. NULL: -ENOSPC. */
void *ramfs_fill(struct inode *i, uint64_t off, uint64_t want, uint64_t *got);

/* --- ramfs.c --- */
/* A new empty file (or directory, ...) of a memory file system's superblock. 0 or -errno. */
int ramfs_new_inode(struct fs_super *s, uint32_t mode, uint32_t rdev, const char *target, struct inode **out);
/* For file systems like it: a superblock with an empty directory as root. */
int ramfs_new_super(struct machine *m, const struct fs_type *type, const struct ramfs_super *limits,
		    struct fs_super **out);

#endif
