/* SPDX-License-Identifier: MIT
 *
 * Sockets as open files.  read, write and their relatives of a program are messages (emu/sys/sys_sockmsg.c); the operations
 * here are for sendfile and splice, which have their bytes in host memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "emu/event/sigio.h"
#include "emu/net/inet.h"
#include "emu/sys/user.h"

static int64_t sock_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct iovec v = { buf, len };
	struct sock_msg m = { .vec = &v, .count = 1, .len = len, .flags = MSG_DONTWAIT };
	struct sock *s = f->private;
	int64_t r;

	(void)pos;
	r = s->ops->receive(s, &m);
	scm_free(s->net, m.files);
	return r;
}

static int64_t sock_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct iovec v = { (void *)buf, len };
	struct sock *s = f->private;
	struct sock_msg m = { .task = task_current(s->net->machine), .vec = &v, .count = 1, .len = len,
			      .flags = MSG_DONTWAIT | (s->type == SOCK_SEQPACKET ? MSG_EOR : 0) };

	(void)pos;
	return s->ops->send(s, &m);
}

static unsigned sock_poll(struct file *f, struct waiter *w)
{
	struct sock *s = f->private;

	return s->ops->poll(s, w);
}

static void sock_release(struct file *f)
{
	struct sock *s = f->private;

	s->file = NULL;
	s->ops->release(s);
	sock_put(s);
}

static void sock_flush(struct file *f)
{
	struct sock *s = f->private;

	if (s->ops->closing)
		s->ops->closing(s);
}

/* Whom SIGIO and SIGURG go to: by the names they had before fcntl(). */
enum { FIOSETOWN_ = 0x8901, SIOCSPGRP_ = 0x8902, FIOGETOWN_ = 0x8903, SIOCGPGRP_ = 0x8904 };

static int64_t owner_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	uint32_t pid;

	if (cmd == FIOGETOWN_ || cmd == SIOCGPGRP_)
		return user_put32(t, arg, (uint32_t)sigio_getown(t->machine, f));
	if (user_get32(t, arg, &pid))
		return -EFAULT;
	return sigio_setown(t, f, (int32_t)pid);
}

/* The family's, then those of all sockets. */
static int64_t sock_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct sock *s = f->private;
	int64_t r = s->ops->ioctl ? s->ops->ioctl(s, t, cmd, arg) : -ENOTTY;

	if (r != -ENOTTY)
		return r;
	if (cmd >= FIOSETOWN_ && cmd <= SIOCGPGRP_)
		return owner_ioctl(f, t, cmd, arg);
	return netdev_ioctl(s->net, t, cmd, arg);
}

static void sock_describe(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "socket:[%llu]", (unsigned long long)f->inode->ino);
}

/* mmap: the kernel has an operation for it, but no capabilities for that kind of file. -EINVAL, not -ENODEV. */
static const struct mm_source_ops no_mapping;

static const struct file_ops sock_fops = {
	.read = sock_read, .write = sock_write, .poll = sock_poll, .release = sock_release, .flush = sock_flush,
	.ioctl = sock_ioctl, .describe = sock_describe, .async = true,
};

struct sock *sock_of(const struct file *f)
{
	return f->ops == &sock_fops ? f->private : NULL;
}

int sock_open(struct sock *s, uint32_t flags, struct file **out)
{
	struct inode *i = vfs_anon_inode(s->net->machine, S_IFSOCK | 0777);
	const struct task *t = task_current(s->net->machine);
	struct file *f;

	if (!i)
		return -ENOMEM;
	if (t) {
		i->uid = t->cred.fsuid;
		i->gid = t->cred.fsgid;
	}
	i->source = (struct mm_source){ .ops = &no_mapping, .kind = MM_OTHER };
	f = file_new(i, &sock_fops, 2u /* O_RDWR */ | flags);
	inode_put(i);
	if (!f)
		return -ENOMEM;
	f->private = s;
	s->file = f;
	s->ino = i->ino;
	*out = f;
	return 0;
}
