/* SPDX-License-Identifier: MIT
 *
 * /proc/locks, and the locks of one open file in /proc/PID/fdinfo (fs/locks.c: lock_get_status()).
 */
#include "emu/kernel/tasks.h"
#include "emu/proc/internal.h"
#include "emu/sys/sys_lock.h"

struct list {
	struct proc_out *o;
	struct machine *m;
	const struct file *only;	/* this file's, and what its table holds on its inode; NULL: all */
	const struct fd_table *fds;
	unsigned number;
	unsigned waiting;		/* tasks that wait for some lock */
};

static void line(struct proc_out *o, const struct inode *i, const struct file_lock *l, bool flock)
{
	static const char *const types[] = { [LOCK_READ] = "READ", [LOCK_WRITE] = "WRITE", [LOCK_NONE] = "UNLCK" };

	out(o, "%s %s %d %02x:%02x:%llu ", flock ? "FLOCK  ADVISORY " : l->pid < 0 ? "OFDLCK ADVISORY " : "POSIX  ADVISORY ",
	    types[l->type], l->pid, vfs_major(i->super->dev), vfs_minor(i->super->dev), (unsigned long long)i->ino);
	if (l->end == UINT64_MAX)
		out(o, "%llu EOF\n", (unsigned long long)l->start);
	else
		out(o, "%llu %llu\n", (unsigned long long)l->start, (unsigned long long)l->end);
}

static void waiters(struct list *s, const struct inode *i, const struct file_lock *l, bool flock)
{
	struct file_lock want;

	for (struct process *p = process_first(s->m); p; p = p->next)
		for (struct task *t = p->threads; t; t = t->thread_next)
			if (lock_awaited(t, &want) == l) {
				out(s->o, "%u: -> ", s->number);
				line(s->o, i, &want, flock);
			}
}

static void one(void *ctx, const struct inode *i, const struct file_lock *l, bool flock)
{
	struct list *s = ctx;

	if (s->only && (i != s->only->inode || (l->owner != s->only && (flock || l->owner != s->fds))))
		return;
	out(s->o, s->only ? "lock:\t%u: " : "%u: ", ++s->number);
	line(s->o, i, l, flock);
	if (!s->only && s->waiting)
		waiters(s, i, l, flock);
}

int show_locks(struct proc_out *o, const struct proc_who *w)
{
	struct list s = { .o = o, .m = w->m };
	struct file_lock want;

	for (struct process *p = process_first(w->m); p; p = p->next)
		for (struct task *t = p->threads; t; t = t->thread_next)
			s.waiting += lock_awaited(t, &want) != NULL;
	locks_walk(w->m, one, &s);
	return 0;
}

void show_file_locks(struct proc_out *o, const struct file *f, const struct fd_table *fds)
{
	struct list s = { .o = o, .m = f->inode->super->machine, .only = f, .fds = fds };

	if (f->inode->locks)
		locks_walk(s.m, one, &s);
}
