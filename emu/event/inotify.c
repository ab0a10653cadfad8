/* SPDX-License-Identifier: MIT */
#include "emu/event/inotify.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/event/quota.h"
#include "emu/fs/notify.h"
#include "emu/proc/out.h"
#include "emu/sys/user.h"
#include "mm/tree.h"

/* What of a mask is kept, and what of an event is told (INOTIFY_USER_MASK, inotify_mask_to_arg()). */
#define KEPT	((uint32_t)NOTIFY_EVENTS)
#define TOLD	((uint32_t)NOTIFY_EVENTS | INOTIFY_ISDIR | INOTIFY_UNMOUNT | INOTIFY_Q_OVERFLOW | INOTIFY_IGNORED)

struct inotify_watch {
	struct inode_watch watch;
	struct inotify *in;
	int wd;
	bool oneshot;
	struct tree_node by_wd;
};

struct event {
	struct event *next;
	uint32_t mask, cookie, len;	/* of name, its end not counted */
	int wd;
	char name[];
};

struct inotify {
	struct machine *m;
	uint32_t uid;
	struct tree watches;
	int next_wd;
	struct event *first, *last;
	unsigned count, limit;		/* of events */
	struct event *overflow;		/* kept ready; NULL while it is queued */
	struct wait_queue wait;
};

/* --- The queue --- */

static void append(struct inotify *in, struct event *e)
{
	e->next = NULL;
	*(in->last ? &in->last->next : &in->first) = e;
	in->last = e;
	in->count++;
	wake_events(&in->wait, POLLIN | POLLRDNORM);
}

static void overflow(struct inotify *in)
{
	if (!in->overflow)
		return;
	append(in, in->overflow);
	in->overflow = NULL;
}

static bool same(const struct event *e, int wd, uint32_t mask, const char *name, size_t len)
{
	return !(e->mask & INOTIFY_IGNORED) && e->wd == wd && e->mask == mask && e->len == len &&
	       !memcmp(e->name, name, len);
}

static void queue(struct inotify *in, int wd, uint32_t mask, const char *name, uint32_t cookie)
{
	size_t len = name ? strlen(name) : 0, size = sizeof(struct event) + len + 1;
	struct event *e;

	/* fsnotify_insert_event(): whether it fits comes before whether it is new. */
	if (in->count >= in->limit) {
		overflow(in);
		return;
	}
	if (in->last && same(in->last, wd, mask, name ? name : "", len))
		return;
	e = vfs_charge(in->m, size) ? NULL : malloc(size);
	if (!e) {
		overflow(in);
		return;
	}
	*e = (struct event){ .mask = mask, .cookie = cookie, .len = (uint32_t)len, .wd = wd };
	memcpy(e->name, name ? name : "", len + 1);
	append(in, e);
}

/* Takes the first one out.  The one for overflows is kept for the next time. */
static void drop_first(struct inotify *in)
{
	struct event *e = in->first;

	in->first = e->next;
	if (!in->first)
		in->last = NULL;
	in->count--;
	if (e->mask & INOTIFY_Q_OVERFLOW) {
		in->overflow = e;
		return;
	}
	vfs_uncharge(in->m, sizeof *e + e->len + 1);
	free(e);
}

/* --- Watches --- */

static int by_wd(const struct tree_node *a, const struct tree_node *b)
{
	int x = tree_entry(a, struct inotify_watch, by_wd)->wd, y = tree_entry(b, struct inotify_watch, by_wd)->wd;

	return x < y ? -1 : x > y;
}

static struct inotify_watch *find(struct inotify *in, int wd)
{
	struct tree_node *n = in->watches.root;

	while (n) {
		struct inotify_watch *w = tree_entry(n, struct inotify_watch, by_wd);

		if (w->wd == wd)
			return w;
		n = wd < w->wd ? n->left : n->right;
	}
	return NULL;
}

static void watch_free(struct inotify_watch *w)
{
	struct inotify *in = w->in;

	tree_remove(&in->watches, &w->by_wd);
	notify_watch_remove(&w->watch);
	quota_give(in->m, in->uid, QUOTA_INOTIFY_WATCHES);
	free(w);
}

static void watch_ends(struct inotify_watch *w)
{
	queue(w->in, w->wd, INOTIFY_IGNORED, NULL, 0);
	watch_free(w);
}

static struct inotify_watch *of(struct inode_watch *w)
{
	return (struct inotify_watch *)(void *)((char *)w - offsetof(struct inotify_watch, watch));
}

static void on_event(struct inode_watch *watch, uint32_t mask, const char *name, uint32_t cookie)
{
	struct inotify_watch *w = of(watch);

	/* inotify never said this of them. */
	if (mask & (NOTIFY_MOVE_SELF | NOTIFY_DELETE_SELF))
		mask &= ~INOTIFY_ISDIR;
	queue(w->in, w->wd, mask, name, cookie);
	if (w->oneshot)
		watch_ends(w);
}

static void on_gone(struct inode_watch *watch)
{
	watch_ends(of(watch));
}

/* Numbers are given in a circle: one that was used comes back late (idr_alloc_cyclic()). */
static int new_wd(struct inotify *in)
{
	while (find(in, in->next_wd))
		in->next_wd = in->next_wd == INT32_MAX ? 1 : in->next_wd + 1;
	int wd = in->next_wd;

	in->next_wd = wd == INT32_MAX ? 1 : wd + 1;
	return wd;
}

static int watch_new(struct inotify *in, struct inode *i, uint32_t mask)
{
	int err = quota_take(in->m, in->uid, QUOTA_INOTIFY_WATCHES);
	struct inotify_watch *w;

	if (err)
		return err;
	w = calloc(1, sizeof *w);
	if (!w) {
		quota_give(in->m, in->uid, QUOTA_INOTIFY_WATCHES);
		return -ENOMEM;
	}
	w->in = in;
	w->wd = new_wd(in);
	w->oneshot = mask & INOTIFY_ONESHOT;
	w->watch.mask = mask & KEPT;
	w->watch.excl_unlink = mask & INOTIFY_EXCL_UNLINK;
	w->watch.event = on_event;
	w->watch.gone = on_gone;
	notify_watch_add(&w->watch, i);
	tree_insert(&in->watches, &w->by_wd);
	return w->wd;
}

int inotify_watch(struct inotify *in, struct inode *i, uint32_t mask)
{
	for (struct inode_watch *watch = i->watches; watch; watch = watch->inode_next) {
		struct inotify_watch *w = of(watch);

		if (watch->event != on_event || w->in != in)
			continue;
		if (mask & INOTIFY_MASK_CREATE)
			return -EEXIST;
		if (!(mask & INOTIFY_MASK_ADD)) {
			watch->mask = 0;
			watch->excl_unlink = w->oneshot = false;
		}
		watch->mask |= mask & KEPT;
		watch->excl_unlink |= (mask & INOTIFY_EXCL_UNLINK) != 0;
		w->oneshot |= (mask & INOTIFY_ONESHOT) != 0;
		return w->wd;
	}
	return watch_new(in, i, mask);
}

int inotify_unwatch(struct inotify *in, int wd)
{
	struct inotify_watch *w = find(in, wd);

	if (!w)
		return -EINVAL;
	watch_ends(w);
	return 0;
}

/* --- Its file --- */

struct record { int32_t wd; uint32_t mask, cookie, len; };	/* struct inotify_event; the name follows */

static uint32_t padded(const struct event *e)
{
	const uint32_t unit = sizeof(struct record);

	return e->len ? (e->len + 1 + unit - 1) / unit * unit : 0;
}

static int64_t inotify_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct inotify *in = f->private;
	uint8_t *p = buf;
	size_t done = 0;

	(void)pos;
	while (in->first) {
		const struct event *e = in->first;
		struct record r = { e->wd, e->mask & TOLD, e->cookie, padded(e) };

		if (sizeof r + r.len > len - done)
			return done ? (int64_t)done : -EINVAL;
		memcpy(p + done, &r, sizeof r);
		memset(p + done + sizeof r, 0, r.len);
		memcpy(p + done + sizeof r, e->name, e->len);
		done += sizeof r + r.len;
		drop_first(in);
	}
	return done ? (int64_t)done : -EAGAIN;
}

static unsigned inotify_poll(struct file *f, struct waiter *w)
{
	struct inotify *in = f->private;

	poll_wait(&in->wait, w);
	return in->first ? POLLIN | POLLRDNORM : 0;
}

static int64_t inotify_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	const struct inotify *in = f->private;
	uint32_t bytes = 0;

	if (cmd != 0x541b)	/* FIONREAD */
		return -ENOTTY;
	for (const struct event *e = in->first; e; e = e->next)
		bytes += (uint32_t)sizeof(struct record) + padded(e);
	return user_put32(t, arg, bytes);
}

static void inotify_free(struct inotify *in)
{
	struct tree_node *n;

	while ((n = tree_first(&in->watches)))
		watch_free(tree_entry(n, struct inotify_watch, by_wd));
	while (in->first)
		drop_first(in);
	free(in->overflow);
	quota_give(in->m, in->uid, QUOTA_INOTIFY_INSTANCES);
	free(in);
}

static void inotify_release(struct file *f)
{
	struct inotify *in = f->private;

	wait_queue_fini(&in->wait);
	inotify_free(in);
}

static void inotify_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:inotify");
}

/* The newest first.  The handle is the generic one (FILEID_INO64_GEN): number and generation, of which there is only one. */
static void inotify_show(struct file *f, struct proc_out *o)
{
	const struct inotify *in = f->private;
	struct tree_node *n = in->watches.root;

	while (n && n->right)
		n = n->right;
	for (; n; n = tree_prev(n)) {
		const struct inotify_watch *w = tree_entry(n, struct inotify_watch, by_wd);
		const struct inode *i = w->watch.inode;
		uint32_t mask = w->watch.mask | (w->watch.excl_unlink ? INOTIFY_EXCL_UNLINK : 0) |
				(w->oneshot ? INOTIFY_ONESHOT : 0);

		out(o, "inotify wd:%x ino:%llx sdev:%x mask:%x ignored_mask:0 fhandle-bytes:c fhandle-type:81 f_handle:", w->wd,
		    (unsigned long long)i->ino, i->super->dev, mask);
		for (int byte = 0; byte < 8; byte++)
			out(o, "%02x", (unsigned)(i->ino >> 8 * byte & 0xff));
		out(o, "00000000\n");
	}
}

static const struct file_ops inotify_ops = {
	.release = inotify_release, .read = inotify_read, .poll = inotify_poll, .ioctl = inotify_ioctl,
	.lseek = file_noop_lseek, .describe = inotify_describe, .show = inotify_show, .async = true,
};

struct inotify *inotify_of(const struct file *f)
{
	return f->ops == &inotify_ops ? f->private : NULL;
}

int inotify_new(struct machine *m, uint32_t uid, uint32_t flags, struct file **out)
{
	static const struct tree_ops ops = { .compare = by_wd };
	int err = quota_take(m, uid, QUOTA_INOTIFY_INSTANCES);
	struct inotify *in;

	if (err)
		return err == -ENOSPC ? -EMFILE : err;
	in = calloc(1, sizeof *in);
	if (!in) {
		quota_give(m, uid, QUOTA_INOTIFY_INSTANCES);
		return -ENOMEM;
	}
	in->m = m;
	in->uid = uid;
	in->next_wd = 1;
	in->limit = quota_limit(m, QUOTA_INOTIFY_EVENTS);
	tree_init(&in->watches, &ops);
	in->overflow = calloc(1, sizeof *in->overflow + 1);
	*out = in->overflow ? vfs_anon_file(m, &inotify_ops, in, flags) : NULL;
	if (!*out) {
		inotify_free(in);
		return -ENOMEM;
	}
	in->overflow->mask = INOTIFY_Q_OVERFLOW;
	in->overflow->wd = -1;
	return 0;
}
