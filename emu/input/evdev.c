/* SPDX-License-Identifier: MIT */
#include "emu/input/evdev.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/machine.h"

enum { WRITE_MAX = 4096 };	/* bytes that one write(2) takes at most */

/* --- Events --- */

static void events(struct input_handle *h, const struct input_value *values, unsigned count)
{
	struct evdev *e = (struct evdev *)(void *)h;

	for (struct evdev_client *c = e->clients; c; c = c->next) {
		if (e->grab && c != e->grab)
			continue;
		if (evdev_put(c, evdev_now(c, h->device->machine), values, count))
			wake_events(&c->wait, POLLIN | POLLRDNORM);
	}
}

static const struct input_handler handler = { .name = "evdev", .events = events };

int evdev_grab(struct evdev_client *c)
{
	struct evdev *e = c->evdev;
	int err = e->grab ? -EBUSY : input_grab(&e->handle);

	if (!err)
		e->grab = c;
	return err;
}

int evdev_ungrab(struct evdev_client *c)
{
	struct evdev *e = c->evdev;

	if (e->grab != c)
		return -EINVAL;
	e->grab = NULL;
	input_ungrab(&e->handle);
	return 0;
}

/* --- Files --- */

static int open_op(struct file *f)
{
	struct evdev *e = f->private;
	struct evdev_client *c = evdev_client_new(e->handle.device);

	if (!c)
		return -ENOMEM;
	c->evdev = e;
	c->next = e->clients;
	e->clients = c;
	e->handle.open++;
	f->private = c;
	return 0;
}

static void release_op(struct file *f)
{
	struct evdev_client *c = f->private, **p = &c->evdev->clients;

	evdev_ungrab(c);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	c->evdev->handle.open--;
	evdev_client_free(c);
}

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct evdev_client *c = f->private;
	struct evdev_event e;
	size_t n = 0;

	(void)pos;
	if (len && len < sizeof e)
		return -EINVAL;
	if (c->revoked)
		return -ENODEV;
	if (!len)	/* only asks */
		return evdev_readable(c) || !(f->flags & 04000 /* O_NONBLOCK */) ? 0 : -EAGAIN;
	while (n + sizeof e <= len && evdev_get(c, &e)) {
		memcpy((uint8_t *)buf + n, &e, sizeof e);
		n += sizeof e;
	}
	return n ? (int64_t)n : -EAGAIN;
}

static int64_t write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct evdev_client *c = f->private;
	struct evdev_event e;
	size_t n = 0;

	(void)pos;
	if (len > WRITE_MAX)
		len = WRITE_MAX;
	if (len && len < sizeof e)
		return -EINVAL;
	if (c->revoked)
		return -ENODEV;
	for (; n + sizeof e <= len; n += sizeof e) {
		memcpy(&e, (const uint8_t *)buf + n, sizeof e);
		input_inject(&c->evdev->handle, e.type, e.code, e.value);
	}
	return (int64_t)n;
}

static unsigned poll_op(struct file *f, struct waiter *w)
{
	struct evdev_client *c = f->private;

	poll_wait(&c->wait, w);
	return (c->revoked ? POLLHUP | POLLERR : POLLOUT | POLLWRNORM) | (evdev_readable(c) ? POLLIN | POLLRDNORM : 0);
}

static const struct file_ops fops = {
	.open = open_op, .release = release_op, .read = read_op, .write = write_op, .poll = poll_op,
	.ioctl = evdev_ioctl, .async = true,
};

/* --- Life --- */

int evdev_new(struct input_device *d, struct evdev **out)
{
	struct vfs_chrdev dev = { .dev = vfs_makedev(INPUT_MAJOR, EVDEV_MINOR + d->number), .mode = 0600, .fops = &fops };
	struct evdev *e = calloc(1, sizeof *e);

	if (!e)
		return -ENOMEM;
	*out = e;
	e->handle.handler = &handler;
	snprintf(e->handle.name, sizeof e->handle.name, "event%u", d->number);
	input_handle_add(&e->handle, d);
	dev.name = e->handle.name;
	dev.dir = "input";
	dev.private = e;
	return vfs_register_chrdev(d->machine, &dev);
}

void evdev_free(struct evdev *e)
{
	free(e);
}
