/* SPDX-License-Identifier: MIT
 *
 * /dev/mtdN and /dev/mtdNro (drivers/mtd/mtdchar.c): bytes that are read as they are, programmed by write(), and mapped where the
 * flash shows them.
 *
 * The kernel maps RAM and ROM so, and of flash nothing, since the chip may be busy; here the data window is memory at all times, so a
 * flash is mapped as a ROM.  As there a mapping has to be shared.
 */
#include "emu/drivers/mtd_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "devices/flash/flash.h"
#include "emu/fs/devfs.h"
#include "emu/kernel/task.h"
#include "emu/kernel/tasks.h"

static struct mtd *mtd_of(const struct file *f)
{
	return f->private;
}

static struct mtd *mtd_of_source(struct mm_source *s)
{
	return (struct mtd *)(void *)((char *)s - offsetof(struct mtd, source));
}

/* --- Files --- */

static int open_op(struct file *f)
{
	uint32_t minor = vfs_minor(f->inode->rdev);
	struct mtd *d = mtd_at(f->inode->super->machine, minor / 2);

	if (file_writable(f) && minor % 2)
		return -EACCES;
	if (!d || d->deleted)
		return -ENODEV;
	if (file_writable(f) && !(d->flags & MTD_WRITEABLE_))
		return -EACCES;
	f->private = mtd_get(d);
	f->source = &d->source;
	return 0;
}

static void release(struct file *f)
{
	struct mtd *d = mtd_of(f);

	if (!d)
		return;		/* it could not be opened */
	if (file_writable(f))
		flash_sync(d->flash);
	mtd_put(d);
}

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct mtd *d = mtd_of(f);

	if (*pos >= d->size)
		return 0;
	if (len > d->size - *pos)
		len = d->size - *pos;
	memmove(buf, mtd_bytes(d) + *pos, len);
	*pos += len;
	return (int64_t)len;
}

static int64_t write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct mtd *d = mtd_of(f);
	struct task *t = task_current(d->machine);
	int64_t r;

	if (*pos >= d->size)
		return -ENOSPC;
	if (len > d->size - *pos)
		len = d->size - *pos;
	if (!len)
		return 0;
	if (!t)
		return -EIO;	/* nobody could wait for it */
	r = mtd_program(d, t, (uint32_t)*pos, buf, (uint32_t)len);
	if (r == SYS_BLOCK)
		return -EAGAIN;
	if (r > 0)
		*pos += (uint64_t)r;
	return r;
}

/* fixed_size_llseek() */
static int64_t lseek_op(struct file *f, int64_t offset, int whence)
{
	int64_t size = mtd_of(f)->size, from;

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

/* Always ready for poll(2): it has no such operation in the kernel.  Who waits for a write is woken by its end. */
static unsigned poll_op(struct file *f, struct waiter *w)
{
	(void)f;
	(void)w;
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

const struct file_ops mtd_fops = {
	.open = open_op, .release = release, .read = read_op, .write = write_op, .lseek = lseek_op, .ioctl = mtd_ioctl,
	.poll = poll_op, .killable = true,
};

/* --- As a mapping source --- */

static unsigned capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_EXEC;
}

/* mtdchar_get_unmapped_area(), mtd_point() */
static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct mtd *d = mtd_of_source(s);

	(void)shared;
	if (len > d->size || offset > d->size - len)
		return -EINVAL;
	*addr = mtd_memory(d) + (uint32_t)offset;
	return 0;
}

static int inaugurate(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t addr)
{
	(void)s;
	(void)offset;
	(void)len;
	(void)addr;
	return shared ? 0 : -EACCES;
}

/* A private writable mapping would be a copy, but the kernel cannot read from these for itself. */
static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	(void)s;
	(void)dst;
	(void)len;
	(void)offset;
	return -EINVAL;
}

static void get(struct mm_source *s)
{
	mtd_get(mtd_of_source(s));
}

static void put(struct mm_source *s)
{
	mtd_put(mtd_of_source(s));
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	const struct mtd *d = mtd_of_source(s);
	char name[16];

	snprintf(name, sizeof name, "mtd%u", d->index);
	devfs_identify(d->machine, name, major, minor, ino);
	snprintf(path, size, "/dev/%s", name);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .inaugurate = inaugurate, .read = source_read, .get = get, .put = put,
	.identify = identify,
};

void mtd_char_source(struct mtd *d)
{
	d->source.ops = &source_ops;
	d->source.kind = MM_CHAR;
}
