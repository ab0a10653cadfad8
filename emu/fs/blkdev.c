/* SPDX-License-Identifier: MIT
 *
 * Block devices as files and as mapping sources (block/fops.c, block/ioctl.c), whatever is behind devices/block.h.
 *
 * One that is memory can be mapped where it lies, as nommu-mmap.txt wants of a "memory backed blockdev"; of another one
 * there are private copies.  Linux's own RAM disk takes its pages one by one and cannot be mapped shared.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/blkdev.h"
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/task.h"

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

/* print_req_error(); a disk that is gone would say the same of each sector: the first ten, then fewer and fewer. */
static int failed(struct blkdev_node *n, const char *what, uint64_t offset, int err)
{
	if (++n->errors <= 10 || !(n->errors & (n->errors - 1)))
		klog(n->machine, KLOG_ERR, "I/O error, dev %s, sector %llu op %s: %s", n->dev.name,
		     (unsigned long long)offset / BLOCK_SECTOR, what, strerror(-err));
	return -EIO;
}

static bool inside_all(const struct block_device *b, uint64_t len, uint64_t offset)
{
	return offset <= b->size && len <= b->size - offset;
}

int blkdev_read(struct blkdev_node *n, void *dst, uint32_t len, uint64_t offset)
{
	struct block_device *b = n->dev.disk;
	int err;

	if (!inside_all(b, len, offset))
		return -EIO;
	err = b->ops->read(b, dst, len, offset);
	if (err)
		return failed(n, "0x0:(READ)", offset, err);
	n->stat.reads++;
	n->stat.sectors_read += sectors(len);
	return 0;
}

int blkdev_write(struct blkdev_node *n, const void *src, uint32_t len, uint64_t offset)
{
	struct block_device *b = n->dev.disk;
	int err;

	if (n->dev.read_only)
		return -EPERM;
	if (!inside_all(b, len, offset))
		return -EIO;
	err = b->ops->write(b, src, len, offset);
	if (err)
		return failed(n, "0x1:(WRITE)", offset, err);
	changed(n, offset, len);
	n->stat.writes++;
	n->stat.sectors_written += sectors(len);
	return 0;
}

int blkdev_clear(struct blkdev_node *n, uint64_t offset, uint64_t len)
{
	struct block_device *b = n->dev.disk;
	int err;

	if (n->dev.read_only)
		return -EPERM;
	if (!inside_all(b, len, offset))
		return -EIO;
	err = b->ops->clear(b, offset, len);
	if (err)
		return failed(n, "0x9:(WRITE_ZEROES)", offset, err);
	changed(n, offset, len);
	return 0;
}

int blkdev_flush(struct blkdev_node *n)
{
	struct block_device *b = n->dev.disk;
	int err = b->ops->flush ? b->ops->flush(b) : 0;

	if (err == -EAGAIN)
		return err;
	if (err)
		failed(n, "0x2:(FLUSH)", 0, err);
	if (n->untold)
		err = n->untold;
	n->untold = 0;
	return err ? -EIO : 0;
}

bool blkdev_settled(struct blkdev_node *n)
{
	int err = n->dev.settled ? blkdev_flush(n) : 0;

	if (err && err != -EAGAIN)
		n->untold = err;
	return err != -EAGAIN;
}

static void free_node(struct blkdev_node *n)
{
	n->dev.disk->ops->free(n->dev.disk);
	free(n);
}

void blkdev_release(struct blkdev_node *n)
{
	struct blkdev_node *disk = n->whole ? n->whole : n;

	if (--n->users)
		return;
	if (n->gone)
		free_node(n);
	else if (!disk->users && disk->dev.ops && disk->dev.ops->unused)
		disk->dev.ops->unused(disk);
}

/* --- As files --- */

static int64_t blk_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct blkdev_node *n = node_of(f);
	uint32_t want = inside(n->dev.disk, len, *pos);
	int err;

	if (!want)
		return 0;
	err = blkdev_read(n, buf, want, *pos);
	if (err)
		return err;
	*pos += want;
	return want;
}

static int64_t blk_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct blkdev_node *n = node_of(f);
	uint32_t want = inside(n->dev.disk, len, *pos);
	int err;

	if (n->dev.read_only)
		return -EPERM;
	if (!len)
		return 0;
	if (!want)
		return -ENOSPC;
	err = blkdev_write(n, buf, want, *pos);
	if (err)
		return err;
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
	return blkdev_flush(node_of(f));
}

/* --- Closed, and on its way --- */

struct blkdev_closing {
	struct blkdev_node *node;	/* held */
	struct blkdev_closing *next;
};

/* The task whose call is under way waits.  Without a task, or memory, it goes on by itself. */
static void closing(struct blkdev_node *n)
{
	struct task *t = task_current(n->machine);
	struct blkdev_closing *c = t ? malloc(sizeof *c) : NULL;

	if (!c)
		return;
	*c = (struct blkdev_closing){ n, t->closing };
	blkdev_hold(n);
	t->closing = c;
	task_yield(t);		/* it is looked at when its call ends */
}

static void forget_first(struct task *t)
{
	struct blkdev_closing *c = t->closing;

	t->closing = c->next;
	blkdev_release(c->node);
	free(c);
}

/* One after the other: who is told that the first has arrived looks at the next.  One that is open again is its new user's. */
bool blkdev_closed(struct task *t)
{
	while (t->closing) {
		struct blkdev_node *n = t->closing->node;

		if (!n->opens && !blkdev_settled(n)) {
			wait_on(n->dev.settled, t);
			return false;
		}
		forget_first(t);
	}
	return true;
}

bool blkdevs_settle(const struct machine *m)
{
	for (const struct blkdev_node *n = m->vfs->blkdevs; n; n = n->next)
		if (n->dev.settled && n->opens)
			return true;
	return false;
}

void blkdev_close_forget(struct task *t)
{
	while (t->closing)
		forget_first(t);
}

static void blk_release(struct file *f)
{
	struct blkdev_node *n = node_of(f);

	if (n->holder == f)
		n->holder = NULL;
	if (!--n->opens && !blkdev_settled(n))
		closing(n);
	blkdev_release(n);
}

/* Always ready; what can take time is flush(). */
static unsigned blk_poll(struct file *f, struct waiter *w)
{
	if (node_of(f)->dev.settled)
		poll_wait(node_of(f)->dev.settled, w);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static const struct file_ops blk_fops = {
	.read = blk_read, .write = blk_write, .lseek = blk_lseek, .ioctl = blkdev_ioctl, .fsync = blk_fsync,
	.release = blk_release, .poll = blk_poll, .killable = true,
};

struct blkdev_node *blkdev_of(const struct file *f)
{
	return f->ops == &blk_fops ? node_of(f) : NULL;
}

/* --- As a mapping source --- */

static struct blkdev_node *node_of_source(struct mm_source *s)
{
	return (struct blkdev_node *)(void *)((char *)s - offsetof(struct blkdev_node, source));
}

static unsigned capabilities(struct mm_source *s)
{
	const struct blkdev_node *n = node_of_source(s);
	unsigned direct = MM_CAN_DIRECT | MM_CAN_READ | (n->dev.disk->rom ? 0 : MM_CAN_WRITE) | MM_CAN_EXEC;

	return MM_CAN_COPY | (n->dev.disk->memory && !n->machine->options.compat_linux ? direct : 0);
}

static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct blkdev_node *n = node_of_source(s);
	const struct block_device *b = n->dev.disk;

	(void)shared;
	if (offset > b->size || len > b->size - offset)
		return -ENOSYS;
	/* Where what was written is on its way the memory does not show it yet. */
	if (!blkdev_settled(n))
		return -EAGAIN;
	*addr = b->memory + (uint32_t)offset;
	return 0;
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct blkdev_node *n = node_of_source(s);
	uint32_t want = inside(n->dev.disk, len, offset);
	int err = want ? blkdev_read(n, dst, want, offset) : 0;

	return err ? err : (int64_t)want;
}

static void hold(struct mm_source *s)
{
	blkdev_hold(node_of_source(s));
}

static void release(struct mm_source *s)
{
	blkdev_release(node_of_source(s));
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	const struct blkdev_node *n = node_of_source(s);

	devfs_identify(n->machine, n->dev.name, major, minor, ino);
	snprintf(path, size, "/dev/%s", n->dev.name);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .read = source_read, .get = hold, .put = release, .identify = identify,
};

/* --- The list --- */

/* set_init_blocksize(): the largest power of two up to a page that the size is a multiple of. */
static uint32_t first_block_size(uint64_t size)
{
	uint32_t b = BLOCK_SECTOR;

	while (b < FLAT_PAGE_SIZE && size % (2 * b) == 0)
		b *= 2;
	return b;
}

void blkdev_init_node(struct blkdev_node *n, struct machine *m)
{
	n->machine = m;
	n->source.ops = &source_ops;
	n->source.kind = MM_BLOCK;
	n->dev.read_only = n->dev.disk->read_only;
	n->block_size = first_block_size(n->dev.disk->size);
}

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
	n->dev.partition = 0;
	snprintf(n->name, sizeof n->name, "%s", dev->name);
	n->dev.name = n->name;
	blkdev_init_node(n, m);
	err = devfs_add_node(m, dev->name, S_IFBLK | (dev->mode & 07777), dev->dev);
	if (err) {
		free(n);
		return err;
	}
	*p = n;
	/* Without its partitions it is a disk all the same. */
	err = n->dev.disk->undivided ? 0 : blkdev_rescan(n);
	if (err)
		klog(m, KLOG_ERR, "%s: its partition table cannot be read: %s", n->name, strerror(-err));
	return 0;
}

void vfs_unregister_blkdev(struct machine *m, uint32_t dev)
{
	struct blkdev_node **p = &m->vfs->blkdevs, *n;

	while (*p && (*p)->dev.dev != dev)
		p = &(*p)->next;
	n = *p;
	if (!n)
		return;
	devfs_remove_node(m, n->name);
	*p = n->next;
	n->gone = true;
	if (!n->users)
		free_node(n);
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
	if (n->dev.ops && n->dev.ops->opened) {
		int err = n->dev.ops->opened(n);

		if (err)
			return err;
	}
	if (exclusive)
		n->holder = f;
	n->opens++;
	blkdev_hold(n);
	f->ops = &blk_fops;
	f->private = n;
	f->source = &n->source;
	return 0;
}

void blkdevs_flush(struct vfs *v)
{
	for (struct blkdev_node *n = v->blkdevs; n; n = n->next)
		if (!n->whole)
			blkdev_flush(n);
}

void blkdevs_shut(struct vfs *v)
{
	for (struct blkdev_node *n = v->blkdevs; n; n = n->next)
		if (n->dev.ops && n->dev.ops->shut)
			n->dev.ops->shut(n);
}

/* Partitions follow their disk, and go before it. */
void blkdevs_free(struct vfs *v)
{
	while (v->blkdevs) {
		struct blkdev_node **p = &v->blkdevs, *n;

		while ((*p)->next)
			p = &(*p)->next;
		n = *p;
		*p = NULL;
		free_node(n);
	}
}
