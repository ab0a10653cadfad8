/* SPDX-License-Identifier: MIT */
#include "emu/drivers/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/drivers/loop_private.h"
#include "emu/fs/internal.h"
#include "emu/kernel/machine.h"
#include "emu/kernel/task.h"
#include "emu/sysfs/sysfs.h"

enum { LOOP_MAJOR = 7, LOOPS_FIRST = 8, LOOPS_MAX = 64, LOOP_NUMBERS = 1 << 20, CONTROL_MINOR = 237 };
enum { LOOP_CTL_ADD_ = 0x4c80, LOOP_CTL_REMOVE_ = 0x4c81, LOOP_CTL_GET_FREE_ = 0x4c82 };

#define CLEAR_MOST (64u << 20)	/* bytes that are made zero by one request: they are written */

static struct loop *of(struct block_device *b)
{
	return (struct loop *)(void *)b;
}

/* --- The device --- */

static int loop_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	struct loop *l = of(b);
	uint64_t pos = l->offset + offset;
	char *p = dst;

	while (len) {
		int64_t n = file_read(l->file, p, len, &pos);

		if (n < 0)
			return (int)n;
		if (!n)
			break;
		p += n;
		len -= (uint32_t)n;
	}
	memset(p, 0, len);
	return 0;
}

static int loop_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	struct loop *l = of(b);
	uint64_t pos = l->offset + offset;
	const char *p = src;

	if (b->read_only)
		return -EROFS;
	while (len) {
		int64_t n = file_write(l->file, p, len, &pos);

		if (n <= 0)
			return n ? (int)n : -EIO;
		p += n;
		len -= (uint32_t)n;
	}
	return 0;
}

static int loop_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	static const char zeros[65536];
	int err = len > CLEAR_MOST ? -EOPNOTSUPP : 0;

	while (len && !err) {
		uint32_t n = len < sizeof zeros ? (uint32_t)len : (uint32_t)sizeof zeros;

		err = loop_write(b, zeros, n, offset);
		offset += n;
		len -= n;
	}
	return err;
}

static int loop_flush(struct block_device *b)
{
	struct file *f = of(b)->file;
	int err = f && f->ops->fsync ? f->ops->fsync(f) : 0;

	return err == -EAGAIN ? 0 : err;	/* flash that is busy: it goes on by itself */
}

static void loop_free(struct block_device *b)
{
	if (of(b)->file)
		file_put(of(b)->file);
	free(b);
}

static const struct block_ops loop_block_ops = {
	.read = loop_read, .write = loop_write, .clear = loop_clear, .flush = loop_flush, .free = loop_free,
};

/* get_size(): whole sectors. */
void loop_resize(struct loop *l)
{
	const struct blkdev_node *below = blkdev_of(l->file);
	uint64_t size = below ? below->dev.disk->size : l->file->inode->size;

	size = l->offset < size ? size - l->offset : 0;
	if (l->limit && l->limit < size)
		size = l->limit;
	l->block.size = size & ~(uint64_t)(BLOCK_SECTOR - 1);
}

void loop_unbind(struct loop *l)
{
	struct file *f = l->file;

	l->file = NULL;
	l->rundown = false;
	l->offset = l->limit = 0;
	l->flags = 0;
	l->name[0] = 0;
	l->block.size = 0;
	l->block.physical = 0;
	l->block.read_only = l->node->dev.read_only = false;
	if (!l->block.undivided)
		blkdev_rescan(l->node);		/* there are none any more */
	l->block.undivided = true;
	file_put(f);
}

/* --- What the block layer tells --- */

static int opened(struct blkdev_node *n)
{
	loop_of(n)->node = n;
	return loop_of(n)->rundown ? -ENXIO : 0;
}

static bool partition_used(const struct blkdev_node *n)
{
	for (const struct blkdev_node *p = n->next; p && p->whole == n; p = p->next)
		if (p->users)
			return true;
	return false;
}

static void unused(struct blkdev_node *n)
{
	struct loop *l = loop_of(n);

	if (l->file && (l->rundown || (l->flags & LOOP_AUTOCLEAR)) && !partition_used(n))
		loop_unbind(l);
}

/* The machine ends: files go while there still are file systems. */
static void shut(struct blkdev_node *n)
{
	struct loop *l = loop_of(n);
	struct file *f = l->file;

	l->file = NULL;
	l->block.size = 0;
	if (f)
		file_put(f);
}

const struct vfs_blkdev_ops loop_blkdev_ops = { .opened = opened, .ioctl = loop_ioctl, .unused = unused, .shut = shut };

/* --- /dev/loop-control --- */

static int add(struct machine *m, unsigned number)
{
	struct vfs_blkdev dev = { .driver = "loop", .mode = 0660, .minors = 1, .ops = &loop_blkdev_ops };
	struct loop *l = calloc(1, sizeof *l);
	char name[16];
	int err;

	if (!l)
		return -ENOMEM;
	l->block.ops = &loop_block_ops;
	l->block.undivided = true;
	l->block.rotational = true;
	l->number = number;
	snprintf(name, sizeof name, "loop%u", number);
	dev.name = name;
	dev.dev = vfs_makedev(LOOP_MAJOR, number);
	dev.disk = &l->block;
	err = vfs_register_blkdev(m, &dev);
	if (err) {
		free(l);
		return err;
	}
	err = sysfs_add_disk(m, &dev);
	if (err) {
		sysfs_remove_disk(m, &dev);
		vfs_unregister_blkdev(m, dev.dev);
	}
	return err;
}

struct census { unsigned count; bool taken[LOOPS_MAX]; int64_t lowest_unbound; };

static int look(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	struct census *c = ctx;
	unsigned number = vfs_minor(d->dev);

	(void)stat;
	if (d->ops != &loop_blkdev_ops)
		return 0;
	c->count++;
	if (number < LOOPS_MAX)
		c->taken[number] = true;
	if (!of(d->disk)->file && (c->lowest_unbound < 0 || number < c->lowest_unbound))
		c->lowest_unbound = number;
	return 0;
}

static int64_t control_add(struct machine *m, const struct census *c, int32_t number)
{
	int err;

	if (number < 0)
		for (number = 0; number < LOOPS_MAX - 1 && c->taken[number]; number++)
			;
	if (number >= LOOP_NUMBERS)
		return -EINVAL;
	if (blkdev_find(m, vfs_makedev(LOOP_MAJOR, (unsigned)number)))
		return -EEXIST;
	if (c->count >= LOOPS_MAX)
		return -ENOSPC;
	err = add(m, (unsigned)number);
	return err ? err : number;
}

static int64_t control_remove(struct machine *m, int32_t number)
{
	struct blkdev_node *n;

	if (number < 0)
		return -EINVAL;
	n = number < LOOP_NUMBERS ? blkdev_find(m, vfs_makedev(LOOP_MAJOR, (unsigned)number)) : NULL;
	if (!n)
		return -ENODEV;
	if (loop_of(n)->file || n->users)
		return -EBUSY;
	sysfs_remove_disk(m, &n->dev);
	vfs_unregister_blkdev(m, n->dev.dev);
	return 0;
}

static int64_t control_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct census c = { .lowest_unbound = -1 };

	(void)f;
	vfs_walk_blkdevs(t->machine, look, &c);
	switch (cmd) {
	case LOOP_CTL_ADD_:
		return control_add(t->machine, &c, (int32_t)arg);
	case LOOP_CTL_REMOVE_:
		return control_remove(t->machine, (int32_t)arg);
	case LOOP_CTL_GET_FREE_:
		return c.lowest_unbound >= 0 ? c.lowest_unbound : control_add(t->machine, &c, -1);
	}
	return -ENOSYS;
}

static const struct file_ops control_fops = { .ioctl = control_ioctl, .lseek = file_noop_lseek };

int loop_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct vfs_chrdev control = {
		.dev = vfs_makedev(10, CONTROL_MINOR), .name = "loop-control", .mode = 0600, .fops = &control_fops,
	};
	int err = vfs_register_chrdev(m, &control);

	(void)c, (void)e, (void)d, (void)why;
	for (unsigned i = 0; i < LOOPS_FIRST && !err; i++)
		err = add(m, i);
	return err;
}
