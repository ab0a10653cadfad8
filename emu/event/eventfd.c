/* SPDX-License-Identifier: MIT */
#include "emu/event/eventfd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/proc/out.h"

struct eventfd {
	uint64_t count;
	bool semaphore;
	struct wait_queue wait;
};

static void eventfd_release(struct file *f)
{
	struct eventfd *e = f->private;

	wait_queue_fini(&e->wait);
	free(e);
}

static int64_t eventfd_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct eventfd *e = f->private;
	uint64_t v;

	(void)pos;
	if (len < sizeof v)
		return -EINVAL;
	if (!e->count)
		return -EAGAIN;
	v = e->semaphore ? 1 : e->count;
	e->count -= v;
	memcpy(buf, &v, sizeof v);
	wake_events(&e->wait, POLLOUT);
	return sizeof v;
}

static int64_t eventfd_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct eventfd *e = f->private;
	uint64_t v;

	(void)pos;
	if (len < sizeof v)
		return -EINVAL;
	memcpy(&v, buf, sizeof v);
	if (v == UINT64_MAX)
		return -EINVAL;
	if (v > UINT64_MAX - 1 - e->count)
		return -EAGAIN;
	e->count += v;
	if (v)
		wake_events(&e->wait, POLLIN);
	return sizeof v;
}

static unsigned eventfd_poll(struct file *f, struct waiter *w)
{
	struct eventfd *e = f->private;

	poll_wait(&e->wait, w);
	return (e->count ? POLLIN : 0) | (e->count == UINT64_MAX ? POLLERR : 0) |
	       (e->count < UINT64_MAX - 1 ? POLLOUT : 0);
}

static void eventfd_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[eventfd]");
}

static void eventfd_show(struct file *f, struct proc_out *o)
{
	const struct eventfd *e = f->private;

	out(o, "eventfd-count: %16llx\neventfd-id: %llu\neventfd-semaphore: %d\n", (unsigned long long)e->count,
	    (unsigned long long)f->serial, e->semaphore);
}

static const struct file_ops eventfd_ops = {
	.release = eventfd_release, .read = eventfd_read, .write = eventfd_write, .poll = eventfd_poll,
	.lseek = file_noop_lseek, .describe = eventfd_describe, .show = eventfd_show,
};

int eventfd_new(struct machine *m, uint64_t count, bool semaphore, uint32_t flags, struct file **out)
{
	struct eventfd *e = calloc(1, sizeof *e);

	if (!e)
		return -ENOMEM;
	*out = vfs_anon_file(m, &eventfd_ops, e, 2u /* O_RDWR */ | flags);
	if (!*out) {
		free(e);
		return -ENOMEM;
	}
	e->count = count;
	e->semaphore = semaphore;
	return 0;
}
