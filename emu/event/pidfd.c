/* SPDX-License-Identifier: MIT */
#include "emu/event/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "emu/kernel/task.h"
#include "emu/kernel/uts.h"
#include "emu/proc/out.h"
#include "emu/ptrace/ptrace.h"

struct pid_ref {
	unsigned files;			/* the task itself has no reference: it only knows of it */
	struct task *task;		/* NULL: gone */
	uint64_t ino;			/* all pidfds of a task are one inode to stat(2) */
	struct wait_queue wait;
};

static void put(struct pid_ref *r)
{
	if (--r->files)
		return;
	if (r->task)
		r->task->pid_ref = NULL;
	wait_queue_fini(&r->wait);
	free(r);
}

struct task *pidfd_task(const struct file *f)
{
	return ((const struct pid_ref *)f->private)->task;
}

/* A main thread that ended before the others is not the end of what it stands for (delay_group_leader()). */
static bool over(const struct task *t)
{
	return t == t->process->leader ? t->process->zombie : t->state == TASK_ZOMBIE;
}

static unsigned pidfd_poll(struct file *f, struct waiter *w)
{
	struct pid_ref *r = f->private;

	poll_wait(&r->wait, w);
	if (!r->task)
		return POLLIN | POLLRDNORM | POLLHUP;
	return over(r->task) ? POLLIN | POLLRDNORM : 0;
}

/* Asked for are namespaces, a descriptor of each; there are not all of the kernel's (pidfd_ioctl()). */
static int64_t pidfd_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	enum { GET_FIRST = 0xff01, GET_MNT = 0xff03, GET_LAST = 0xff0a, GET_UTS = GET_LAST };
	const struct task *of = pidfd_task(f);

	if (arg)
		return -EINVAL;
	if (!of)
		return -ESRCH;
	if (ptrace_may_access(t, of, PTRACE_FSCREDS))
		return -EACCES;
	if (!of->mounts)
		return -ESRCH;
	if (cmd < GET_FIRST || cmd > GET_LAST)
		return -ENOTTY;
	return cmd == GET_MNT ? nsfs_install(t, &of->mounts->ns) : cmd == GET_UTS ? nsfs_install(t, &of->uts->ns) : -EOPNOTSUPP;
}

static void pidfd_release(struct file *f)
{
	put(f->private);
}

static void pidfd_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[pidfd]");
}

static void pidfd_show(struct file *f, struct proc_out *o)
{
	const struct task *t = pidfd_task(f);

	out(o, "Pid:\t%d\n", t ? t->tid : -1);
}

static const struct file_ops pidfd_ops = {
	.release = pidfd_release, .poll = pidfd_poll, .ioctl = pidfd_ioctl, .describe = pidfd_describe,
	.show = pidfd_show,
};

bool file_is_pidfd(const struct file *f)
{
	return f->ops == &pidfd_ops;
}

int pidfd_new(struct task *t, uint32_t flags, struct file **out)
{
	struct pid_ref *r = t->pid_ref;

	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return -ENOMEM;
		r->task = t;
		r->ino = vfs_serial(t->machine);
		t->pid_ref = r;
	}
	r->files++;
	*out = vfs_anon_file(t->machine, &pidfd_ops, r, 2u /* O_RDWR */ | flags);
	if (!*out) {
		put(r);
		return -ENOMEM;
	}
	(*out)->inode->ino = r->ino;
	(*out)->inode->mode = 0700;
	return 0;
}

/* --- Ends --- */

void pidfd_task_ended(struct task *t)
{
	if (t->pid_ref)
		wake_events(&t->pid_ref->wait, POLLIN | POLLRDNORM);
}

void pidfd_task_gone(struct task *t)
{
	struct pid_ref *r = t->pid_ref;

	if (!r)
		return;
	t->pid_ref = NULL;
	r->task = NULL;
	wake_all(&r->wait);
}

void pidfd_exchange(struct task *a, struct task *b)
{
	struct pid_ref *r = a->pid_ref;

	a->pid_ref = b->pid_ref;
	b->pid_ref = r;
	if (a->pid_ref)
		a->pid_ref->task = a;
	if (r)
		r->task = b;
}
