/* SPDX-License-Identifier: MIT
 *
 * What file systems for ROMs have in common above their formats: tables of operations that ask struct disk_rom.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/disk.h"
#include "emu/fs/internal.h"

static const struct disk_rom *format(const struct inode *i)
{
	return i->super->disk->rom;
}

static int lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	uint32_t at;
	int err = len > format(dir)->name_max ? -ENAMETOOLONG : disk_dir_find(dir, format(dir)->scan, name, len, &at);

	if (!err)
		err = format(dir)->get(dir, at, out);
	if (err)
		return err;
	err = disk_check_loop(dir, *out);
	if (err)
		inode_put(*out);
	return err;
}

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	size_t max = format(i)->link_max;
	int64_t n = format(i)->bytes(i, buf, size < max ? size : max, 0);

	if (n >= 0 && (uint64_t)n < i->size && (size_t)n < size && (size_t)n < max)
		return -EIO;
	return n < 0 ? (int)n : (int)strnlen(buf, (size_t)n);
}

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	int64_t n = format(f->inode)->bytes(f->inode, buf, len, *pos);

	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static int readdir_op(struct file *f, void *ctx, vfs_fill_fn fill)
{
	return disk_dir_read(f, format(f->inode)->scan, ctx, fill);
}

static const struct inode_ops dir_ops = { .lookup = lookup, .evict = disk_inode_evict };
static const struct inode_ops link_ops = { .readlink = readlink_op, .evict = disk_inode_evict };
static const struct inode_ops node_ops = { .evict = disk_inode_evict };
static const struct file_ops dir_fops = { .readdir = readdir_op };
static const struct file_ops file_fops = { .read = read_op };

/* --- As mapping sources --- */

static unsigned capabilities(struct mm_source *s)
{
	const struct fs_super *super = inode_of_source(s)->super;

	return MM_CAN_COPY | (super->disk->in_place && disk_memory(super) ? MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_EXEC : 0);
}

/*
 * romfs_get_unmapped_area(), cramfs_physmem_get_unmapped_area(); what a private mapping shows behind the end is zero in a copy, where
 * Linux refuses.
 */
static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct inode *i = inode_of_source(s);
	uint64_t pages = (i->size + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE, at;
	int err;

	if (offset + len > pages * FLAT_PAGE_SIZE)
		return shared || i->super->machine->options.compat_linux ? -EINVAL : -ENOSYS;
	err = format(i)->place(i, offset, len, &at);
	if (err)
		return err;
	if (at + len > disk_size(i->super))
		return -ENOSYS;
	*addr = disk_memory(i->super) + (uint32_t)at;
	return 0;
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct inode *i = inode_of_source(s);

	return format(i)->bytes(i, dst, len, offset);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .read = source_read,
	.get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
};

/* --- For the formats --- */

void disk_rom_set(struct fs_super *s, const struct disk_rom *format, bool in_place)
{
	s->disk->rom = format;
	s->disk->in_place = in_place;
}

struct inode *disk_rom_inode(struct fs_super *s, uint64_t ino, uint32_t mode, size_t size)
{
	struct inode *i = disk_inode_new(s, ino, mode, S_ISDIR(mode) ? &dir_ops : S_ISLNK(mode) ? &link_ops : &node_ops,
					 S_ISDIR(mode) ? &dir_fops : S_ISREG(mode) ? &file_fops : S_ISFIFO(mode) ? &fifo_fops : NULL,
					 size);

	if (i && S_ISREG(mode)) {
		i->source.ops = &source_ops;
		i->source.kind = MM_REGULAR;
	}
	return i;
}
