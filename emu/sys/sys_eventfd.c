/* SPDX-License-Identifier: MIT
 *
 * eventfd2: a 64-bit counter as a file (fs/eventfd.c).
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

enum { EFD_SEMAPHORE_ = 1 };

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

static const struct file_ops eventfd_ops = {
	.release = eventfd_release, .read = eventfd_read, .write = eventfd_write, .poll = eventfd_poll,
	.describe = eventfd_describe,
};

int64_t sys_eventfd2(struct task *t, const uint32_t a[6])
{
	struct eventfd *e;
	struct inode *i;
	struct file *f = NULL;

	if (a[1] & ~(uint32_t)(EFD_SEMAPHORE_ | G_O_CLOEXEC | G_O_NONBLOCK))
		return -EINVAL;
	e = calloc(1, sizeof *e);
	if (!e)
		return -ENOMEM;
	i = vfs_anon_inode(t->machine, 0600);
	if (i) {
		f = file_new(i, &eventfd_ops, 2u /* O_RDWR */ | (a[1] & G_O_NONBLOCK));
		inode_put(i);
	}
	if (!f) {
		free(e);
		return -ENOMEM;
	}
	e->count = a[0];
	e->semaphore = a[1] & EFD_SEMAPHORE_;
	f->private = e;
	return files_install(t, f, 0, a[1] & G_O_CLOEXEC);
}
