/* SPDX-License-Identifier: MIT
 *
 * Contents of regular files: where blocks lie, reading, writing, cutting, mapping.
 *
 * The library finds blocks and allocates them, one by one; what lies side by side is moved by one call. A block that is new
 * is zero on the device before the file has it, so that nobody ever sees what was there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ext2/internal.h"
#include "emu/fs/blkdev.h"
#include "emu/kernel/task.h"
#include "mm/source.h"

#define SLICE UINT64_C(65536)	/* blocks that are cut at once */

uint64_t ext2_size_limit(const struct inode *i)
{
	const struct ext2_super *e = ext2_of(i);
	uint64_t bs = e->fs->blocksize, n = bs / 4, blocks = 12 + n + n * n + n * n * n;

	if (ext2_info(i)->raw.i_flags & EXT4_EXTENTS_FL)
		return (UINT64_C(1) << 32) * bs - bs;
	/* i_blocks has 32 bits for sectors, of the maps as well: ext2_max_size(). */
	if (blocks > (UINT64_C(1) << 32) / (bs / 512) - n * 2)
		blocks = (UINT64_C(1) << 32) / (bs / 512) - n * 2;
	return blocks * bs;
}

int ext2_map(struct inode *i, uint64_t block, bool create, uint64_t *where)
{
	struct ext2_super *e = ext2_of(i);
	int flags = 0;
	errcode_t r;
	int err;

	*where = 0;
	r = e->lib.bmap2(e->fs, (uint32_t)i->ino, ext2_raw(i), NULL, 0, block, &flags, (blk64_t *)where);
	err = ext2_error(e, i->ino, "its map of blocks is damaged", r == EXT2_ET_FILE_TOO_BIG && !create ? 0 : r);
	if (err)
		return err;
	if (*where && (flags & BMAP_RET_UNINIT)) {
		uint64_t there = *where;

		if (!create) {
			*where = 0;	/* reads as zeros */
			return 0;
		}
		err = blkdev_clear(i->super->disk->dev, there * e->fs->blocksize, e->fs->blocksize);
		if (!err)
			err = ext2_error(e, i->ino, "its map of blocks is damaged", e->lib.bmap2(e->fs, (uint32_t)i->ino, ext2_raw(i),
					 NULL, BMAP_SET, block, NULL, (blk64_t *)where));
		return err;
	}
	if (!*where && create) {
		if (!ext2_room(e))
			return -ENOSPC;
		err = ext2_error(e, i->ino, "its map of blocks is damaged", e->lib.bmap2(e->fs, (uint32_t)i->ino, ext2_raw(i), NULL,
				 BMAP_ALLOC, block, &flags, (blk64_t *)where));
		if (err && err != -ENOSPC)
			ext2_inconsistent(e);
		ext2_info(i)->unwritten |= err != 0;
		if (err)
			return err;
		ext2_inode_set_blocks(i);
		ext2_changed(e);
	}
	if (*where && (*where < e->fs->super->s_first_data_block + 1 || *where >= e->lib.blocks_count(e->fs->super)))
		return ext2_corrupt(e, i->ino, "a block of it lies nowhere");
	return 0;
}

/* A run of blocks side by side (or of holes: *where 0) from block on, at most max. */
static int map_run(struct inode *i, uint64_t block, uint64_t max, bool create, uint64_t *where, uint64_t *n)
{
	int err = ext2_map(i, block, create, where);

	for (*n = 1; !err && *n < max; ++*n) {
		uint64_t next;

		if (ext2_map(i, block + *n, create, &next) || (*where ? next != *where + *n : next != 0))
			break;		/* the next run finds out why */
	}
	return err;
}

/* From pos on, inside the file. Bytes read, or -errno if none could be. */
static int64_t read_at(struct inode *i, char *buf, size_t len, uint64_t pos)
{
	uint64_t bs = ext2_block_size(i);
	size_t done = 0;

	if (pos >= i->size)
		return 0;
	if (len > i->size - pos)
		len = i->size - pos;
	while (done < len) {
		uint64_t at = pos + done, in = at % bs, where, n, bytes;
		int err = map_run(i, at / bs, (in + len - done + bs - 1) / bs, false, &where, &n);

		bytes = n * bs - in < len - done ? n * bs - in : len - done;
		if (bytes > 1 << 30)
			bytes = 1 << 30;
		if (!err && where)
			err = disk_read(i->super, buf + done, (uint32_t)bytes, where * bs + in);
		else if (!err)
			memset(buf + done, 0, bytes);
		if (err)
			return done ? (int64_t)done : err;
		done += bytes;
	}
	return (int64_t)done;
}

/* Frees blocks [from, to). */
static int punch(struct inode *i, uint64_t from, uint64_t to)
{
	struct ext2_super *e = ext2_of(i);
	int err = ext2_error(e, i->ino, "its map of blocks is damaged",
			     e->lib.punch(e->fs, (uint32_t)i->ino, ext2_raw(i), NULL, from, to - 1));

	return !err && e->freed > e->lib.blocks_count(e->fs->super) ? ext2_corrupt(e, i->ino, "its map of blocks leads in circles") : err;
}

/*
 * The first block that is found by as many steps of the map as this one: ext2fs_punch() (1.47.0) is through with a range that
 * begins in what takes fewer steps, when that could hold as many blocks as the range has.
 */
static uint64_t same_depth(const struct inode *i, uint64_t block)
{
	uint64_t first = 0, size = EXT2_NDIR_BLOCKS, n = ext2_block_size(i) / 4;

	if (ext2_info(i)->raw.i_flags & EXT4_EXTENTS_FL)
		return 0;
	while (block - first >= size) {
		first += size;
		size = size == EXT2_NDIR_BLOCKS ? n : size * n;
	}
	return first;
}

/*
 * In slices: of an image made to harm, maps that lead in circles would be followed for hours. Each block that is freed is one of
 * the file system's, so there cannot be more of them.
 */
static int punch_slices(struct inode *i, uint64_t from, uint64_t to)
{
	int err = 0;

	while (!err && to > from) {
		uint64_t start = to - from > SLICE ? to - SLICE : from, depth = same_depth(i, to - 1);

		if (start < depth)
			start = depth;

		err = punch(i, start, to);
		to = start;
	}
	return err;
}

/* They could not be written to: blocks from the end of the file up to `end` go (ext2_write_failed()). */
static void give_back(struct inode *i, uint64_t end)
{
	struct ext2_super *e = ext2_of(i);
	uint64_t bs = e->fs->blocksize;

	e->freed = 0;
	if (punch_slices(i, (i->size + bs - 1) / bs, end)) {
		ext2_inconsistent(e);
		if (e->freed)
			ext2_stop(e);
	}
	ext2_inode_set_blocks(i);
}

static int64_t write_at(struct inode *i, const char *buf, size_t len, uint64_t pos)
{
	uint64_t bs = ext2_block_size(i), limit = ext2_size_limit(i);
	size_t done = 0;

	if (pos >= limit)
		return -EFBIG;
	if (len > limit - pos)
		len = limit - pos;
	while (done < len) {
		uint64_t at = pos + done, in = at % bs, where, n, bytes;
		int err = map_run(i, at / bs, (in + len - done + bs - 1) / bs, true, &where, &n);

		bytes = n * bs - in < len - done ? n * bs - in : len - done;
		if (bytes > 1 << 30)
			bytes = 1 << 30;
		if (!err)
			err = blkdev_write(i->super->disk->dev, buf + done, (uint32_t)bytes, where * bs + in);
		if (err) {
			give_back(i, (pos + len + bs - 1) / bs);
			return done ? (int64_t)done : err;
		}
		done += bytes;
		if (pos + done > i->size)
			i->size = pos + done;
	}
	return (int64_t)done;
}

/* --- As files --- */

static int64_t file_read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	int64_t n = read_at(f->inode, buf, len, *pos);

	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static int64_t file_write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct inode *i = f->inode;
	int64_t n = ext2_may_change(i->super);

	if (!n)
		n = write_at(i, buf, len, *pos);
	if (n <= 0)
		return n;
	*pos += (uint64_t)n;
	/* What is mapped shows what was there; mappings from now on are others. */
	if (i->source.mappings)
		mm_source_moved(&i->source);
	ext2_changed(ext2_of(i));
	return n;
}

int ext2_fsync(struct file *f)
{
	return ext2_sync(f->inode->super, true);
}

static int file_open_op(struct file *f)
{
	if (ext2_append_only(f->inode) && file_writable(f) && !(f->flags & FO_APPEND))
		return -EPERM;
	return 0;
}

const struct file_ops ext2_file_fops = {
	.open = file_open_op, .read = file_read_op, .write = file_write_op, .fsync = ext2_fsync,
	.ioctl = ext2_ioctl,
};

/* --- Cutting --- */

int ext2_cut(struct inode *i, uint64_t size)
{
	struct ext2_super *e = ext2_of(i);
	uint64_t bs = e->fs->blocksize, first = (size + bs - 1) / bs, used = (i->size + bs - 1) / bs;
	uint64_t own = e->lib.file_acl_block(e->fs, ext2_raw(i)) ? bs / 512 : 0;
	int err;

	e->freed = 0;
	err = punch_slices(i, first, used);
	ext2_inode_set_blocks(i);
	/* Behind the end of a file there are blocks after a crash, or from fallocate(2) of ext4; all go with the file. */
	if (!err && !first && i->blocks > own)
		err = punch_slices(i, used, (ext2_size_limit(i) + bs - 1) / bs);
	ext2_inode_set_blocks(i);
	if (err && e->freed && !ext2_raw(i)->i_dtime)
		ext2_stop(e);
	return err;
}

/* What lies behind the new end in its block is zero, for the day the file grows again. */
static int clear_tail(struct inode *i, uint64_t size)
{
	uint64_t bs = ext2_block_size(i), in = size % bs, where;
	char zeros[4096] = { 0 };
	int err = in ? ext2_map(i, size / bs, false, &where) : 0;

	if (err || !in || !where)
		return err;
	return blkdev_write(i->super->disk->dev, zeros, (uint32_t)(bs - in), where * bs + in);
}

int ext2_truncate(struct inode *i, uint64_t size)
{
	int err = ext2_may_change(i->super);

	if (err)
		return err;
	if (ext2_immutable(i) || ext2_append_only(i))
		return -EPERM;
	if (size > ext2_size_limit(i))
		return -EFBIG;
	if (size < i->size) {
		err = clear_tail(i, size);
		if (err)
			return err;
		err = ext2_cut(i, size);
		if (err)
			return err;
	}
	i->size = size;
	if (i->source.mappings)
		mm_source_moved(&i->source);
	/* At once: blocks that are free in the bitmap are given to others, who write on them. */
	return ext2_inode_write(i, true);
}

/* --- As mapping sources: copies only, as ext2's pages are nobody's memory --- */

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	return read_at(inode_of_source(s), dst, len, offset);
}

const struct mm_source_ops ext2_source_ops = {
	.read = source_read, .get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
};
