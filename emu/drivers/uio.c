/* SPDX-License-Identifier: MIT */
#include "emu/drivers/uio.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/devfs.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/machine.h"
#include "mm/source.h"

struct uio {
	struct machine *machine;
	struct device *device;
	unsigned n;
	char name[8];			/* "uio0" */
	uint32_t events;		/* interrupts there were; an open file keeps in `version` of how many it knows */
	struct wait_queue wait;
	struct mm_source source;
	struct uio *next;
};

/* uio_pdrv_genirq_handler(): only the program knows how to acknowledge it. */
static void interrupt(void *owner)
{
	struct uio *u = owner;

	irq_enable(u->machine, u->device, false);
	u->events++;
	wake_events(&u->wait, POLLIN);
}

/* --- The file --- */

static int uio_open(struct file *f)
{
	f->version = ((struct uio *)f->private)->events;
	return 0;
}

static int64_t uio_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct uio *u = f->private;

	(void)pos;
	if (len != sizeof u->events)
		return -EINVAL;
	if (f->version == u->events)
		return -EAGAIN;
	memcpy(buf, &u->events, sizeof u->events);
	f->version = u->events;
	return sizeof u->events;
}

static int64_t uio_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct uio *u = f->private;
	int32_t on;

	(void)pos;
	if (len != sizeof on)
		return -EINVAL;
	memcpy(&on, buf, sizeof on);
	irq_enable(u->machine, u->device, on);
	return sizeof on;
}

static unsigned uio_poll(struct file *f, struct waiter *w)
{
	struct uio *u = f->private;

	poll_wait(&u->wait, w);
	return f->version != u->events ? POLLIN | POLLRDNORM : 0;
}

/* noop_llseek() */
static int64_t uio_lseek(struct file *f, int64_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return (int64_t)f->pos;
}

static const struct file_ops fops = {
	.open = uio_open, .read = uio_read, .write = uio_write, .poll = uio_poll, .lseek = uio_lseek, .async = true,
};

/* --- As a mapping source --- */

static const struct uio *of_source(const struct mm_source *s)
{
	return (const struct uio *)(const void *)((const char *)s - offsetof(struct uio, source));
}

static unsigned capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_IO;
}

/* uio_mmap(): an offset of N pages is map N, and there is only map 0. */
static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct device_window *w = &of_source(s)->device->window[0];

	(void)shared;
	if (offset || len > w->size)
		return -EINVAL;
	*addr = w->addr;
	return 0;
}

static void hold(struct mm_source *s)
{
	(void)s;
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	const struct uio *u = of_source(s);

	devfs_identify(u->machine, u->name, major, minor, ino);
	snprintf(path, size, "/dev/%s", u->name);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .get = hold, .put = hold, .identify = identify,
};

/* --- The list --- */

static const struct uio *at(const struct machine *m, unsigned n)
{
	const struct uio *u = m->uios;

	while (u->n != n)
		u = u->next;
	return u;
}

const struct device *uio_device(const struct machine *m, unsigned n)
{
	return at(m, n)->device;
}

uint32_t uio_events(const struct machine *m, unsigned n)
{
	return at(m, n)->events;
}

int uio_drive(struct machine *m, struct device *d)
{
	struct uio *u = calloc(1, sizeof *u);
	struct vfs_chrdev dev = { .mode = 0600, .fops = &fops, .private = u };
	int err;

	if (!u)
		return -ENOMEM;
	u->machine = m;
	u->device = d;
	u->n = m->uios ? m->uios->n + 1 : 0;
	snprintf(u->name, sizeof u->name, "uio%u", u->n);
	u->source.ops = &source_ops;
	u->source.kind = MM_CHAR;
	u->next = m->uios;
	m->uios = u;
	err = irq_request(m, d, d->name, interrupt, u);
	if (err)
		return err;
	dev.dev = vfs_makedev(UIO_MAJOR, u->n);
	dev.name = u->name;
	dev.source = &u->source;
	return vfs_register_chrdev(m, &dev);
}

void uio_free(struct machine *m)
{
	while (m->uios) {
		struct uio *u = m->uios;

		m->uios = u->next;
		free(u);
	}
}
