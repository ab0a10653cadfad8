/* SPDX-License-Identifier: MIT
 *
 * /dev/mtdblockN (drivers/mtd/mtdblock.c): a flash as a disk.  A block that is written to is kept in memory until another one is, or
 * somebody wants it for good; then it is erased and programmed as a whole.
 *
 * Writing back takes as long as the chip takes, and goes on by itself: blocks wait in a queue, one is under way.  What was written
 * last is what is read.  At most two copies of a block are kept, one of them under way; so a flash of any size needs no more
 * memory than twice its own.
 */
#include "emu/drivers/mtd_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "devices/block.h"
#include "devices/flash/flash.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/wait.h"
#include "emu/sysfs/sysfs.h"

/* A block as it is to become. */
struct image {
	struct image *next;	/* in the queue */
	uint32_t block;
	uint8_t data[];
};

struct mtd_block {
	struct block_device disk;
	struct mtd *mtd;		/* NULL: it is gone */
	char name[16];
	struct wait_queue settled;
	struct image **newest;		/* by block; NULL: none was written yet */
	struct image *cache;		/* that is being written to, and in no queue */
	struct image *first, **last;	/* to be written back */
	bool busy;			/* the first is under way */
	struct flash_request request;
	int error;			/* of what could not be written back: told once */
};

static struct mtd_block *block_of(struct block_device *b)
{
	return (struct mtd_block *)(void *)b;
}

static uint32_t blocks(const struct mtd *d)
{
	return (d->size + d->erasesize - 1) / d->erasesize;
}

static uint64_t cost(const struct mtd *d)
{
	return sizeof(struct image) + d->erasesize;
}

/* --- Writing back --- */

static void begin(struct mtd_block *b);

static void free_image(struct mtd_block *b, struct image *i)
{
	if (b->newest[i->block] == i)
		b->newest[i->block] = NULL;
	vfs_uncharge(b->mtd->machine, cost(b->mtd));
	free(i);
}

/* The first is written back, or cannot be. */
static void over(struct mtd_block *b, int err)
{
	struct image *i = b->first;

	if (err)
		b->error = -EIO;
	b->first = i->next;
	if (!b->first)
		b->last = &b->first;
	free_image(b, i);
	b->busy = false;
	if (b->first)
		begin(b);
	else
		wake_all(&b->settled);
}

static struct mtd_block *block_of_request(struct flash_request *r)
{
	return (struct mtd_block *)(void *)((char *)r - offsetof(struct mtd_block, request));
}

static void programmed(struct flash_request *r)
{
	over(block_of_request(r), r->result);
}

static void erased(struct flash_request *r)
{
	struct mtd_block *b = block_of_request(r);
	const struct mtd *d = b->mtd;
	uint32_t at = b->first->block * d->erasesize;

	if (r->result) {
		klog(d->machine, KLOG_WARNING, "mtdblock: erase of region [0x%x, 0x%x] on \"%s\" failed", at, d->erasesize, d->name);
		over(b, r->result);
		return;
	}
	*r = (struct flash_request){
		.kind = FLASH_PROGRAM, .offset = d->offset + at, .len = d->erasesize, .data = b->first->data, .done = programmed,
	};
	flash_submit(d->flash, r);
}

static void begin(struct mtd_block *b)
{
	const struct mtd *d = b->mtd;

	b->busy = true;
	b->request = (struct flash_request){
		.kind = FLASH_ERASE, .offset = d->offset + b->first->block * d->erasesize, .len = d->erasesize, .done = erased,
	};
	flash_submit(d->flash, &b->request);
}

static void write_back(struct mtd_block *b)
{
	if (!b->cache)
		return;
	b->cache->next = NULL;
	*b->last = b->cache;
	b->last = &b->cache->next;
	b->cache = NULL;
	if (!b->busy)
		begin(b);
}

/* --- Blocks --- */

/* What the block holds, or is to hold. */
static const uint8_t *contents(const struct mtd_block *b, uint32_t block)
{
	const struct image *i = b->newest ? b->newest[block] : NULL;

	return i ? i->data : mtd_bytes(b->mtd) + block * b->mtd->erasesize;
}

/* The block's image, to be written to; another one that was is on its way to the flash then.  NULL: no memory. */
static struct image *image_of(struct mtd_block *b, uint32_t block)
{
	const struct mtd *d = b->mtd;
	struct image *i;

	if (!b->newest)
		b->newest = calloc(blocks(d), sizeof(struct image *));
	if (!b->newest)
		return NULL;
	i = b->newest[block];
	/* The one under way has to stay as it is. */
	if (i && !(b->busy && i == b->first))
		return i;
	write_back(b);
	if (vfs_charge(d->machine, cost(d)))
		return NULL;
	i = malloc(cost(d));
	if (!i) {
		vfs_uncharge(d->machine, cost(d));
		return NULL;
	}
	memcpy(i->data, contents(b, block), d->erasesize);
	i->next = NULL;
	i->block = block;
	return b->cache = b->newest[block] = i;
}

static int read_op(struct block_device *disk, void *dst, uint32_t len, uint64_t offset)
{
	struct mtd_block *b = block_of(disk);
	uint8_t *to = dst;

	if (!b->mtd)
		return -EIO;
	while (len) {
		uint32_t size = b->mtd->erasesize, in = (uint32_t)offset % size, n = size - in < len ? size - in : len;

		memmove(to, contents(b, (uint32_t)offset / size) + in, n);
		to += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* src NULL: zeros. */
static int store(struct mtd_block *b, const uint8_t *src, uint64_t len, uint64_t offset)
{
	if (!b->mtd)
		return -EIO;
	/* A partition that is forced to be may end in the midst of a block, which an image could not be made of. */
	if (b->disk.read_only)
		return -EROFS;
	while (len) {
		uint32_t size = b->mtd->erasesize, in = (uint32_t)offset % size, n = size - in < len ? size - in : (uint32_t)len;
		struct image *i = image_of(b, (uint32_t)offset / size);

		if (!i)
			return -ENOMEM;
		if (src)
			memmove(i->data + in, src, n);
		else
			memset(i->data + in, 0, n);
		src = src ? src + n : NULL;
		offset += n;
		len -= n;
	}
	return 0;
}

static int write_op(struct block_device *disk, const void *src, uint32_t len, uint64_t offset)
{
	return store(block_of(disk), src, len, offset);
}

static int clear_op(struct block_device *disk, uint64_t offset, uint64_t len)
{
	return store(block_of(disk), NULL, len, offset);
}

static int flush_op(struct block_device *disk)
{
	struct mtd_block *b = block_of(disk);
	int err;

	if (!b->mtd)
		return -EIO;
	write_back(b);
	if (b->first)
		return -EAGAIN;
	err = b->error;
	b->error = 0;
	return err ? err : flash_sync(b->mtd->flash);
}

/* --- The disk --- */

/* Nothing of it is to be written any more. */
static void forget(struct mtd_block *b)
{
	if (!b->mtd)
		return;
	flash_cancel(b->mtd->flash, &b->request);
	b->busy = false;
	while (b->first) {
		struct image *i = b->first;

		b->first = i->next;
		free_image(b, i);
	}
	b->last = &b->first;
	if (b->cache)
		free_image(b, b->cache);
	b->cache = NULL;
	free(b->newest);
	b->newest = NULL;
}

static void free_op(struct block_device *disk)
{
	struct mtd_block *b = block_of(disk);

	if (b->mtd) {
		forget(b);
		b->mtd->block = NULL;
	}
	wait_queue_fini(&b->settled);
	free(b);
}

static const struct block_ops ops = {
	.read = read_op, .write = write_op, .clear = clear_op, .flush = flush_op, .free = free_op,
};

int mtd_block_add(struct mtd *d)
{
	struct vfs_blkdev dev = { .dev = vfs_makedev(MTD_BLOCK_MAJOR, d->index), .driver = "mtdblock", .mode = 0600 };
	struct mtd_block *b;
	int err;

	if (d->size < BLOCK_SECTOR)
		return 0;
	b = calloc(1, sizeof *b);
	if (!b)
		return -ENOMEM;
	b->disk = (struct block_device){
		.ops = &ops, .size = d->size - d->size % BLOCK_SECTOR, .memory = mtd_memory(d), .rom = true, .undivided = true,
		.read_only = !(d->flags & MTD_WRITEABLE_),
	};
	b->mtd = d;
	b->last = &b->first;
	snprintf(b->name, sizeof b->name, "mtdblock%u", d->index);
	dev.name = b->name;
	dev.disk = &b->disk;
	dev.settled = &b->settled;
	err = vfs_register_blkdev(d->machine, &dev);
	if (err) {
		free(b);
		return err;
	}
	d->block = b;
	return sysfs_add_disk(d->machine, &dev);
}

bool mtd_block_settled(const struct mtd *d, struct task *t)
{
	if (!d->block || flush_op(&d->block->disk) != -EAGAIN)
		return true;
	wait_on(&d->block->settled, t);
	return false;
}

void mtd_block_remove(struct mtd *d)
{
	struct mtd_block *b = d->block;

	if (!b)
		return;
	forget(b);
	b->mtd = NULL;
	b->disk.memory = 0;
	d->block = NULL;
	sysfs_remove_disk(d->machine, &(const struct vfs_blkdev){ .name = b->name, .dev = vfs_makedev(MTD_BLOCK_MAJOR, d->index) });
	vfs_unregister_blkdev(d->machine, vfs_makedev(MTD_BLOCK_MAJOR, d->index));
}
