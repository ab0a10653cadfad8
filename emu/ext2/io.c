/* SPDX-License-Identifier: MIT
 *
 * The block device as libext2fs sees one (an io_manager), and the library's errors as errnos.
 *
 * Nothing is cached: the host does. A count below 0 is a number of bytes, as the library has it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ext2/internal.h"
#include "emu/fs/blkdev.h"
#include "emu/kernel/klog.h"

static struct blkdev_node *device(io_channel c)
{
	const struct fs_super *s = c->private_data;

	return s->disk->dev;
}

void ext2_io_name(struct fs_super *s, char name[32])
{
	snprintf(name, 32, "%p", (void *)s);
}

static errcode_t io_open(const char *name, int flags, io_channel *out)
{
	io_channel c = calloc(1, sizeof *c);
	void *s = NULL;

	(void)flags;
	if (!c)
		return EXT2_ET_NO_MEMORY;
	if (sscanf(name, "%p", &s) != 1) {
		free(c);
		return EXT2_ET_BAD_DEVICE_NAME;
	}
	c->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	c->manager = &ext2_io_manager;
	c->name = strdup(name);
	c->private_data = s;
	c->block_size = 1024;
	c->refcount = 1;
	if (!c->name) {
		free(c);
		return EXT2_ET_NO_MEMORY;
	}
	*out = c;
	return 0;
}

static errcode_t io_close(io_channel c)
{
	if (--c->refcount > 0)
		return 0;
	free(c->name);
	free(c);
	return 0;
}

static errcode_t io_set_blksize(io_channel c, int size)
{
	c->block_size = size;
	return 0;
}

/* Bytes and their place; false: nowhere on any device. */
static bool range(io_channel c, unsigned long long block, int count, uint64_t *at, uint32_t *len)
{
	uint64_t bytes = count < 0 ? (uint64_t)-(int64_t)count : (uint64_t)count * (uint64_t)c->block_size;

	*len = (uint32_t)bytes;
	return bytes <= INT32_MAX && !__builtin_mul_overflow(block, (uint64_t)c->block_size, at);
}

static errcode_t io_read(io_channel c, unsigned long long block, int count, void *data)
{
	uint64_t at;
	uint32_t len;

	if (!range(c, block, count, &at, &len))
		return EIO;
	return -blkdev_read(device(c), data, len, at);
}

static errcode_t io_write(io_channel c, unsigned long long block, int count, const void *data)
{
	const struct fs_super *s = c->private_data;
	uint64_t at;
	uint32_t len;
	int err;

	if (ext2_super(s) && ext2_super(s)->damaged)
		return EUCLEAN;
	if (!range(c, block, count, &at, &len))
		return EIO;
	err = blkdev_write(device(c), data, len, at);
	if (err && ext2_super(s))
		ext2_inconsistent(ext2_super(s));
	return -err;
}

static errcode_t io_read32(io_channel c, unsigned long block, int count, void *data)
{
	return io_read(c, block, count, data);
}

static errcode_t io_write32(io_channel c, unsigned long block, int count, const void *data)
{
	return io_write(c, block, count, data);
}

/* The library says it in the middle of things; we say it when all is written (ext2_sync()). */
static errcode_t io_flush(io_channel c)
{
	(void)c;
	return 0;
}

struct struct_io_manager ext2_io_manager = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER, .name = "flat32", .open = io_open, .close = io_close, .set_blksize = io_set_blksize,
	.read_blk = io_read32, .write_blk = io_write32, .flush = io_flush, .read_blk64 = io_read, .write_blk64 = io_write,
};

int ext2_read_block(struct ext2_super *e, uint64_t block, void *buf)
{
	return disk_read(e->super, buf, e->fs->blocksize, block * e->fs->blocksize);
}

/* --- Errors --- */

int ext2_errno(errcode_t err)
{
	if (err < 4096)		/* those of io_manager and libc are errnos */
		return -(int)err;
	switch (err) {
	case EXT2_ET_NO_MEMORY: case EXT2_ET_TDB_ERR_OOM:
		return -ENOMEM;
	case EXT2_ET_BLOCK_ALLOC_FAIL: case EXT2_ET_INODE_ALLOC_FAIL: case EXT2_ET_DIR_NO_SPACE: case EXT2_ET_EA_NO_SPACE:
	case EXT2_ET_CANT_INSERT_EXTENT:
		return -ENOSPC;
	case EXT2_ET_FILE_TOO_BIG:
		return -EFBIG;
	case EXT2_ET_RO_FILSYS: case EXT2_ET_RO_UNSUPP_FEATURE:
		return -EROFS;
	case EXT2_ET_EA_KEY_NOT_FOUND: case EXT2_ET_MISSING_EA_FEATURE:
		return -ENODATA;
	case EXT2_ET_INVALID_ARGUMENT: case EXT2_ET_UNSUPP_FEATURE: case EXT2_ET_BAD_MAGIC: case EXT2_ET_REV_TOO_HIGH:
	case EXT2_ET_CORRUPT_SUPERBLOCK: case EXT2_ET_UNEXPECTED_BLOCK_SIZE: case EXT2_ET_BAD_DESC_SIZE:
	case EXT2_ET_TOO_MANY_INODES:
		return -EINVAL;
	case EXT2_ET_SHORT_READ: case EXT2_ET_SHORT_WRITE:
	case EXT2_ET_BLOCK_BITMAP_READ: case EXT2_ET_INODE_BITMAP_READ:	/* whatever the device said */
		return -EIO;
	}
	return -EUCLEAN;
}

void ext2_inconsistent(struct ext2_super *e)
{
	if (e->state & EXT2_ERROR_FS)
		return;
	e->state |= EXT2_ERROR_FS;
	if (e->fs && e->writable) {
		e->fs->super->s_state |= EXT2_ERROR_FS;
		ext2_changed(e);
	}
}

void ext2_stop(struct ext2_super *e)
{
	if (e->damaged)
		return;
	e->damaged = true;
	if (e->super->read_only)
		return;
	e->super->read_only = true;
	klog(e->super->machine, KLOG_CRIT, "EXT2-fs (%s): error: remounting filesystem read-only", disk_name(e->super));
}

int ext2_corrupt(struct ext2_super *e, uint64_t ino, const char *what)
{
	klog(e->super->machine, KLOG_CRIT, "EXT2-fs (%s): error: inode %llu: %s", disk_name(e->super), (unsigned long long)ino,
	     what);
	ext2_stop(e);
	return -EUCLEAN;
}

int ext2_error(struct ext2_super *e, uint64_t ino, const char *what, errcode_t err)
{
	int r = ext2_errno(err);

	return r == -EUCLEAN && !e->damaged ? ext2_corrupt(e, ino, what) : r;
}
