/* SPDX-License-Identifier: MIT */
#include "emu/event/epoll.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "emu/event/epoll_internal.h"
#include "emu/event/quota.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/machine.h"
#include "emu/proc/out.h"

#define ONE_TIME_BITS (EPOLL_WAKEUP | EPOLL_ONESHOT | EPOLL_ET | EPOLL_EXCLUSIVE)	/* EP_PRIVATE_BITS */

static struct machine *machine_of(const struct epoll *ep)
{
	return ep->file->inode->super->machine;
}

/* --- The ready list --- */

static void ready_append(struct epoll_watch *w)
{
	struct epoll *ep = w->ep;

	if (w->ready)
		return;
	w->ready = true;
	w->ready_next = NULL;
	w->ready_prev = ep->ready_last;
	*(ep->ready_last ? &ep->ready_last->ready_next : &ep->ready_first) = w;
	ep->ready_last = w;
}

static void ready_remove(struct epoll_watch *w)
{
	struct epoll *ep = w->ep;

	if (!w->ready)
		return;
	w->ready = false;
	*(w->ready_prev ? &w->ready_prev->ready_next : &ep->ready_first) = w->ready_next;
	*(w->ready_next ? &w->ready_next->ready_prev : &ep->ready_last) = w->ready_prev;
}

/* What the watch asks for and the file has; joins the file's queues if `waiter` is not NULL. */
static unsigned watch_poll(const struct epoll_watch *w, struct waiter *waiter)
{
	return file_poll(w->file, waiter) & w->events;
}

static void tell(struct epoll *ep)
{
	if (ep->waiters.first)
		wake_all(&ep->waiters);
	if (ep->pollers.first)
		wake_events(&ep->pollers, POLLIN);
}

/* Does a wake-up with these events serve an exclusive watch (ep_poll_callback)? */
static bool serves(const struct epoll_watch *w, unsigned events)
{
	switch (events & (POLLIN | POLLOUT)) {
	case POLLIN:
		return w->events & POLLIN;
	case POLLOUT:
		return w->events & POLLOUT;
	case 0:
		return true;
	}
	return false;
}

/* The file's queue was woken.  A watch without events has had its one shot. */
static bool watch_woken(struct waiter *waiter, unsigned events)
{
	struct epoll_watch *w = (struct epoll_watch *)(void *)waiter;
	bool taken;

	if (!(w->events & ~ONE_TIME_BITS) || (events && !(events & w->events)))
		return false;
	taken = w->ep->waiters.first && serves(w, events);
	ready_append(w);
	tell(w->ep);
	return taken;
}

/* --- Watches --- */

static int by_fd(const struct tree_node *a, const struct tree_node *b)
{
	const struct epoll_watch *x = tree_entry(a, struct epoll_watch, by_fd);
	const struct epoll_watch *y = tree_entry(b, struct epoll_watch, by_fd);

	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return x->file->serial < y->file->serial ? -1 : x->file->serial > y->file->serial;
}

static struct epoll_watch *find(struct epoll *ep, struct file *file, int fd)
{
	struct epoll_watch key = { .file = file, .fd = fd };
	struct tree_node *n = ep->watches.root;

	while (n) {
		int order = by_fd(&key.by_fd, n);

		if (!order)
			return tree_entry(n, struct epoll_watch, by_fd);
		n = order < 0 ? n->left : n->right;
	}
	return NULL;
}

static void watch_free(struct epoll_watch *w)
{
	struct epoll *ep = w->ep;

	waiter_cancel(&w->waiter);
	ready_remove(w);
	*w->file_link = w->file_next;
	if (w->file_next)
		w->file_next->file_link = w->file_link;
	tree_remove(&ep->watches, &w->by_fd);
	quota_give(machine_of(ep), ep->uid, QUOTA_EPOLL_WATCHES);
	free(w);
}

/* In both lists, but on no queue yet. */
static struct epoll_watch *watch_new(struct epoll *ep, struct file *target, int fd, uint32_t events, uint64_t data)
{
	struct epoll_watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->waiter.woken = watch_woken;
	w->waiter.stays = true;
	w->waiter.exclusive = events & EPOLL_EXCLUSIVE;
	w->ep = ep;
	w->file = target;
	w->fd = fd;
	w->events = events;
	w->data = data;
	w->file_next = target->watches;
	w->file_link = &target->watches;
	if (target->watches)
		target->watches->file_link = &w->file_next;
	target->watches = w;
	tree_insert(&ep->watches, &w->by_fd);
	return w;
}

static void look(struct epoll_watch *w, struct waiter *waiter)
{
	if (watch_poll(w, waiter) && !w->ready) {
		ready_append(w);
		tell(w->ep);
	}
}

int epoll_add(struct epoll *ep, struct file *target, int fd, uint32_t events, uint64_t data)
{
	struct epoll *inner = epoll_of(target);
	struct epoll_watch *w;
	int err = inner ? epoll_check_depth(ep, inner) : 0;

	if (err)
		return err;
	if (find(ep, target, fd))
		return -EEXIST;
	err = quota_take(machine_of(ep), ep->uid, QUOTA_EPOLL_WATCHES);
	if (err)
		return err;
	w = watch_new(ep, target, fd, events | POLLERR | POLLHUP, data);
	if (!w) {
		quota_give(machine_of(ep), ep->uid, QUOTA_EPOLL_WATCHES);
		return -ENOMEM;
	}
	err = inner || ep->file->watches ? epoll_check_paths(ep, target) : 0;
	if (err)
		goto fail;
	look(w, &w->waiter);
	err = w->waiter.failed ? -ENOMEM : 0;
	if (err)
		goto fail;
	return 0;
fail:
	watch_free(w);
	return err;
}

int epoll_change(struct epoll *ep, struct file *target, int fd, uint32_t events, uint64_t data)
{
	struct epoll_watch *w = find(ep, target, fd);

	if (!w)
		return -ENOENT;
	if (w->events & EPOLL_EXCLUSIVE)
		return -EINVAL;
	w->events = events | POLLERR | POLLHUP;
	w->data = data;
	look(w, NULL);
	return 0;
}

int epoll_remove(struct epoll *ep, struct file *target, int fd)
{
	struct epoll_watch *w = find(ep, target, fd);

	if (!w)
		return -ENOENT;
	watch_free(w);
	return 0;
}

void epoll_file_closed(struct file *f)
{
	while (f->watches)
		watch_free(f->watches);
}

/* --- Waiting --- */

struct wait_queue *epoll_waiters(struct epoll *ep)
{
	return &ep->waiters;
}

int64_t epoll_take(struct epoll *ep, unsigned max, epoll_put_fn put, void *ctx)
{
	/* What is put back at the end has had its turn. */
	const struct epoll_watch *end = NULL;
	unsigned n = 0;

	while (n < max && ep->ready_first && ep->ready_first != end) {
		struct epoll_watch *w = ep->ready_first;
		unsigned events = watch_poll(w, NULL);

		if (events && !put(ctx, n, events, w->data))
			return n ? (int64_t)n : -EFAULT;
		ready_remove(w);
		if (!events)
			continue;
		n++;
		if (w->events & EPOLL_ONESHOT) {
			w->events &= ONE_TIME_BITS;
		} else if (!(w->events & EPOLL_ET)) {
			ready_append(w);
			end = end ? end : w;
		}
	}
	return n;
}

/* --- Its file --- */

static unsigned epoll_poll(struct file *f, struct waiter *waiter)
{
	struct epoll *ep = f->private;

	poll_wait(&ep->pollers, waiter);
	while (ep->ready_first) {
		if (watch_poll(ep->ready_first, NULL))
			return POLLIN | POLLRDNORM;
		ready_remove(ep->ready_first);
	}
	return 0;
}

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->private;
	struct tree_node *n;

	wait_queue_fini(&ep->pollers);
	wait_queue_fini(&ep->waiters);
	while ((n = tree_first(&ep->watches)))
		watch_free(tree_entry(n, struct epoll_watch, by_fd));
	free(ep);
}

static int64_t epoll_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	(void)f, (void)t, (void)cmd, (void)arg;
	return -EINVAL;			/* what ep_eventpoll_ioctl() says to all it does not know */
}

static void epoll_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[eventpoll]");
}

static void epoll_show(struct file *f, struct proc_out *o)
{
	const struct epoll *ep = f->private;

	for (struct tree_node *n = tree_first(&ep->watches); n; n = tree_next(n)) {
		const struct epoll_watch *w = tree_entry(n, struct epoll_watch, by_fd);
		const struct inode *i = w->file->inode;

		out(o, "tfd: %8d events: %8x data: %16llx  pos:%lld ino:%llx sdev:%x\n", w->fd, w->events,
		    (unsigned long long)w->data, (long long)w->file->pos, (unsigned long long)i->ino, i->super->dev);
	}
}

static const struct file_ops epoll_ops = {
	.release = epoll_release, .poll = epoll_poll, .lseek = file_noop_lseek, .ioctl = epoll_ioctl,
	.describe = epoll_describe, .show = epoll_show,
};

struct epoll *epoll_of(const struct file *f)
{
	return f->ops == &epoll_ops ? f->private : NULL;
}

int epoll_new(struct machine *m, uint32_t uid, struct file **out)
{
	static const struct tree_ops ops = { .compare = by_fd };
	struct epoll *ep = calloc(1, sizeof *ep);

	if (!ep)
		return -ENOMEM;
	*out = vfs_anon_file(m, &epoll_ops, ep, 2 /* O_RDWR */);
	if (!*out) {
		free(ep);
		return -ENOMEM;
	}
	ep->file = *out;
	ep->uid = uid;
	tree_init(&ep->watches, &ops);
	return 0;
}
