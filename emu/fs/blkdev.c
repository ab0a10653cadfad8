/* SPDX-License-Identifier: MIT
 *
 * Block devices as files and as mapping sources (block/fops.c, block/ioctl.c), whatever is behind devices/block.h.
 *
 * One that is memory can be mapped where it lies, as nommu-mmap.txt wants of a "memory backed blockdev"; of another one
 * there are private copies.  Linux's own RAM disk takes its pages one by one and cannot be mapped shared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "devices/block.h"
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

static struct blkdev_node *node_of(const struct file *f)
{
	return f->private;
}

/* Decoded code may be in what was written over: seen through a mapping of the device, or of a file that lies on it. */
static void changed(struct blkdev_node *n, uint64_t offset, uint64_t len)
{
	struct machine *m = n->machine;

	if (n->dev.disk->memory && (n->source.mappings || n->holder) && m->hart.engine)
		hart_flush(&m->hart, n->dev.disk->memory + (uint32_t)offset, (uint32_t)len);
}

static uint64_t sectors(uint64_t bytes)
{
	return (bytes + BLOCK_SECTOR - 1) / BLOCK_SECTOR;
}

/* How much of len there is at pos. */
static uint32_t inside(const struct block_device *b, size_t len, uint64_t pos)
{
	uint64_t left = pos < b->size ? b->size - pos : 0;

	if (len > left)
		len = left;
	return len > INT32_MAX ? INT32_MAX : (uint32_t)len;
}

int blkdev_read(struct blkdev_node *n, void *dst, uint32_t len, uint64_t offset)
{
	struct block_device *b = n->dev.disk;
	int err;

	if (offset > b->size || len > b->size - offset)
		return -EIO;
	err = b->ops->read(b, dst, len, offset);
	if (!err) {
		n->stat.reads++;
		n->stat.sectors_read += sectors(len);
	}
	return err;
}

static int64_t blk_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct blkdev_node *n = node_of(f);
	struct block_device *b = n->dev.disk;
	uint32_t want = inside(b, len, *pos);
	int err;

	if (!want)
		return 0;
	err = b->ops->read(b, buf, want, *pos);
	if (err)
		return err;
	n->stat.reads++;
	n->stat.sectors_read += sectors(want);
	*pos += want;
	return want;
}

static int64_t blk_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct blkdev_node *n = node_of(f);
	struct block_device *b = n->dev.disk;
	uint32_t want = inside(b, len, *pos);
	int err;

	if (!len)
		return 0;
	if (!want)
		return -ENOSPC;
	err = b->ops->write(b, buf, want, *pos);
	if (err)
		return err;
	changed(n, *pos, want);
	n->stat.writes++;
	n->stat.sectors_written += sectors(want);
	*pos += want;
	return want;
}

/* fixed_size_llseek() */
static int64_t blk_lseek(struct file *f, int64_t offset, int whence)
{
	int64_t size = (int64_t)node_of(f)->dev.disk->size, from;

	switch (whence) {
	case 0: from = 0; break;
	case 1: from = (int64_t)f->pos; break;
	case 2: from = size; break;
	default: return -EINVAL;
	}
	if (offset < -from || offset > size - from)
		return -EINVAL;
	f->pos = (uint64_t)(from + offset);
	return (int64_t)f->pos;
}

static int blk_fsync(struct file *f)
{
	(void)f;
	return 0;
}

/* --- ioctl --- */

enum {
	BLKROSET_ = 0x125d, BLKROGET_ = 0x125e, BLKRRPART_ = 0x125f, BLKGETSIZE_ = 0x1260, BLKFLSBUF_ = 0x1261,
	BLKRASET_ = 0x1262, BLKRAGET_ = 0x1263, BLKSECTGET_ = 0x1267, BLKSSZGET_ = 0x1268, BLKDISCARD_ = 0x1277,
	BLKIOMIN_ = 0x1278, BLKIOOPT_ = 0x1279, BLKALIGNOFF_ = 0x127a, BLKPBSZGET_ = 0x127b, BLKDISCARDZEROES_ = 0x127c,
	BLKROTATIONAL_ = 0x127e, BLKZEROOUT_ = 0x127f,
};
/* Numbers with the size of a riscv32 size_t in them. */
#define BLKBSZGET_ 0x80041270u
#define BLKBSZSET_ 0x40041271u
#define BLKGETSIZE64_ 0x80041272u

#define CAP_SYS_ADMIN_ 21
#define PAGE_BLOCK 4096u	/* what a RAM disk is best read in */
#define READ_AHEAD 256u		/* sectors: the kernel's default */

static int64_t put16(struct task *t, uint32_t addr, uint16_t value)
{
	return user_write(t, addr, &value, sizeof value) ? -EFAULT : 0;
}

/* BLKDISCARD and BLKZEROOUT: offset and length, both of whole sectors. */
static int64_t clear_range(struct file *f, struct task *t, uint32_t arg)
{
	struct blkdev_node *n = node_of(f);
	struct block_device *b = n->dev.disk;
	uint64_t range[2];
	int err;

	if (!file_writable(f))
		return -EBADF;
	if (user_read(t, range, arg, sizeof range))
		return -EFAULT;
	if ((range[0] | range[1]) % BLOCK_SECTOR || !range[1] || range[0] > b->size || range[1] > b->size - range[0])
		return -EINVAL;
	err = b->ops->clear(b, range[0], range[1]);
	if (!err)
		changed(n, range[0], range[1]);
	return err;
}

/* Those that only the administrator may use. */
static int64_t privileged_ioctl(struct task *t, uint32_t cmd, uint32_t arg)
{
	uint32_t value;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EACCES;
	switch (cmd) {
	case BLKFLSBUF_: case BLKRASET_: case BLKRRPART_:
		return 0;	/* nothing is buffered or read ahead, and there are no partitions */
	case BLKBSZSET_:
		if (!arg)
			return -EINVAL;
		if (user_get32(t, arg, &value))
			return -EFAULT;
		return value == PAGE_BLOCK ? 0 : -EINVAL;
	case BLKROSET_:
		return user_get32(t, arg, &value) ? -EFAULT : value ? -EOPNOTSUPP : 0;
	}
	return -ENOTTY;
}

static int64_t blk_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	uint64_t size = node_of(f)->dev.disk->size;

	switch (cmd) {
	case BLKGETSIZE_:
		return size / BLOCK_SECTOR > UINT32_MAX ? -EFBIG : user_put32(t, arg, (uint32_t)(size / BLOCK_SECTOR));
	case BLKGETSIZE64_:
		return user_write(t, arg, &size, sizeof size) ? -EFAULT : 0;
	case BLKSSZGET_:
		return user_put32(t, arg, BLOCK_SECTOR);
	case BLKPBSZGET_: case BLKIOMIN_: case BLKBSZGET_:
		return user_put32(t, arg, PAGE_BLOCK);
	case BLKROGET_: case BLKIOOPT_: case BLKALIGNOFF_: case BLKDISCARDZEROES_:
		return user_put32(t, arg, 0);
	case BLKRAGET_:
		return arg ? user_put32(t, arg, READ_AHEAD) : -EINVAL;
	case BLKSECTGET_:
		return put16(t, arg, READ_AHEAD);
	case BLKROTATIONAL_:
		return put16(t, arg, 0);
	case BLKDISCARD_: case BLKZEROOUT_:
		return clear_range(f, t, arg);
	case BLKFLSBUF_: case BLKRASET_: case BLKBSZSET_: case BLKROSET_: case BLKRRPART_:
		return privileged_ioctl(t, cmd, arg);
	}
	return -ENOTTY;
}

static void blk_release(struct file *f)
{
	if (node_of(f)->holder == f)
		node_of(f)->holder = NULL;
}

static const struct file_ops blk_fops = {
	.release = blk_release,
	.read = blk_read, .write = blk_write, .lseek = blk_lseek, .ioctl = blk_ioctl, .fsync = blk_fsync,
};

/* --- As a mapping source; a device lives as long as the machine --- */

static struct blkdev_node *node_of_source(struct mm_source *s)
{
	return (struct blkdev_node *)(void *)((char *)s - offsetof(struct blkdev_node, source));
}

static unsigned capabilities(struct mm_source *s)
{
	const struct blkdev_node *n = node_of_source(s);
	unsigned direct = MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC;

	return MM_CAN_COPY | (n->dev.disk->memory && !n->machine->options.compat_linux ? direct : 0);
}

static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct block_device *b = node_of_source(s)->dev.disk;

	(void)shared;
	if (offset > b->size || len > b->size - offset)
		return -ENOSYS;
	*addr = b->memory + (uint32_t)offset;
	return 0;
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct block_device *b = node_of_source(s)->dev.disk;
	uint32_t want = inside(b, len, offset);
	int err = want ? b->ops->read(b, dst, want, offset) : 0;

	return err ? err : (int64_t)want;
}

static void hold(struct mm_source *s)
{
	(void)s;
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	const struct blkdev_node *n = node_of_source(s);

	devfs_identify(n->machine, n->dev.name, major, minor, ino);
	snprintf(path, size, "/dev/%s", n->dev.name);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .read = source_read, .get = hold, .put = hold, .identify = identify,
};

/* --- The list --- */

int vfs_register_blkdev(struct machine *m, const struct vfs_blkdev *dev)
{
	struct blkdev_node **p = &m->vfs->blkdevs, *n;
	int err;

	for (; *p; p = &(*p)->next)
		if ((*p)->dev.dev == dev->dev)
			return -EBUSY;
	n = calloc(1, sizeof *n);
	if (!n)
		return -ENOMEM;
	n->dev = *dev;
	n->machine = m;
	n->source.ops = &source_ops;
	n->source.kind = MM_BLOCK;
	err = devfs_add_node(m, dev->name, S_IFBLK | (dev->mode & 07777), dev->dev);
	if (err) {
		free(n);
		return err;
	}
	*p = n;
	return 0;
}

int vfs_walk_blkdevs(struct machine *m, vfs_blkdev_fn fn, void *ctx)
{
	int r = 0;

	for (const struct blkdev_node *n = m->vfs->blkdevs; n && !r; n = n->next)
		r = fn(ctx, &n->dev, &n->stat);
	return r;
}

struct blkdev_node *blkdev_find(struct machine *m, uint32_t dev)
{
	struct blkdev_node *n = m->vfs->blkdevs;

	while (n && n->dev.dev != dev)
		n = n->next;
	return n;
}

int blkdev_attach(struct file *f, bool exclusive)
{
	struct blkdev_node *n = blkdev_find(f->inode->super->machine, f->inode->rdev);

	if (!n)
		return -ENXIO;
	if (exclusive && n->holder)
		return -EBUSY;
	if (exclusive)
		n->holder = f;
	f->ops = &blk_fops;
	f->private = n;
	f->source = &n->source;
	return 0;
}

void blkdevs_free(struct vfs *v)
{
	while (v->blkdevs) {
		struct blkdev_node *n = v->blkdevs;

		v->blkdevs = n->next;
		n->dev.disk->ops->free(n->dev.disk);
		free(n);
	}
}
