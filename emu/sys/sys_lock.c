/* SPDX-License-Identifier: MIT
 *
 * F_GETLK, F_SETLK, F_SETLKW, their OFD forms, and flock.
 */
#include "emu/sys/sys_lock.h"

#include <errno.h>
#include <string.h>

/* struct flock64 and struct flock of riscv32. */
struct flock_wide { int16_t type, whence; int32_t pad; int64_t start, len; int32_t pid, pad2; };
struct flock_narrow { int16_t type, whence; int32_t start, len, pid; };

static int read_flock(struct task *t, uint32_t addr, bool wide, struct flock_wide *l)
{
	struct flock_narrow n;

	if (wide)
		return user_read(t, l, addr, sizeof *l);
	if (user_read(t, &n, addr, sizeof n))
		return -EFAULT;
	*l = (struct flock_wide){ .type = n.type, .whence = n.whence, .start = n.start, .len = n.len,
				  .pid = n.pid };
	return 0;
}

static int write_flock(struct task *t, uint32_t addr, bool wide, const struct flock_wide *l)
{
	struct flock_narrow n = { .type = l->type, .whence = l->whence, .pid = l->pid };

	/* The holes in the structure are written, too: they are as they came from the guest. */
	if (wide)
		return user_write(t, addr, l, sizeof *l);
	if (l->start > INT32_MAX || l->len > INT32_MAX)
		return -EOVERFLOW;
	n.start = (int32_t)l->start;
	n.len = (int32_t)l->len;
	return user_write(t, addr, &n, sizeof n);
}

/* flock64_to_posix_lock of fs/locks.c. */
static int to_lock(struct task *t, struct file *f, const struct flock_wide *l, bool ofd,
		   struct file_lock *out)
{
	int64_t start;

	switch (l->whence) {
	case 0: start = 0; break;
	case 1: start = (int64_t)f->pos; break;
	case 2: start = (int64_t)f->inode->size; break;
	default: return -EINVAL;
	}
	if (__builtin_add_overflow(start, l->start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	*out = (struct file_lock){ .owner = ofd ? (const void *)f : t->fds, .start = (uint64_t)start,
				   .end = UINT64_MAX, .pid = ofd ? -1 : t->process->pid };
	if (l->len > 0) {
		int64_t end;

		if (__builtin_add_overflow(start, l->len - 1, &end))
			return -EOVERFLOW;
		out->end = end == INT64_MAX ? UINT64_MAX : (uint64_t)end;
	} else if (l->len < 0) {
		if (start + l->len < 0)
			return -EINVAL;
		out->end = (uint64_t)start - 1;
		out->start = (uint64_t)(start + l->len);
	}
	if (l->type < 0 || l->type > 2)
		return -EINVAL;
	out->type = (enum lock_type)l->type;
	return 0;
}

int64_t lock_get(struct task *t, struct file *f, uint32_t addr, bool wide, bool ofd)
{
	const struct file_lock *c;
	struct file_lock want;
	struct flock_wide l;
	int err;

	if (read_flock(t, addr, wide, &l))
		return -EFAULT;
	if (l.type != LOCK_READ && l.type != LOCK_WRITE && !ofd)
		return -EINVAL;
	err = to_lock(t, f, &l, ofd, &want);
	if (err)
		return err;
	if (ofd && l.pid)
		return -EINVAL;
	/* posix_test_locks_conflict(): F_UNLCK asks for the locks of the open file itself */
	c = want.type == LOCK_NONE ? locks_own(f->inode, &want) : locks_conflict(f->inode, &want);
	if (c) {
		l.type = (int16_t)c->type;
		l.whence = 0;
		l.start = (int64_t)c->start;
		l.len = c->end == UINT64_MAX ? 0 : (int64_t)(c->end - c->start + 1);
		l.pid = c->pid;
	} else {
		l.type = LOCK_NONE;
	}
	return write_flock(t, addr, wide, &l);
}

/* --- Deadlock: who waits for whom is read off the blocked calls themselves --- */

enum { NR_FCNTL = 25, NR_FLOCK = 32, SETLKW = 7, SETLKW64 = 14, OFD_SETLKW = 38 };

/* What a blocked F_SETLKW of t, or if ofd F_OFD_SETLKW, asks for; NULL if t is not in one. */
static struct inode *wanted_by(struct task *t, bool ofd, struct file_lock *want)
{
	uint32_t cmd = t->sys.args[1];
	struct flock_wide l;

	if (!t->in_syscall || t->sys.nr != NR_FCNTL || !t->sys.file ||
	    !(ofd ? cmd == OFD_SETLKW : cmd == SETLKW || cmd == SETLKW64))
		return NULL;
	if (read_flock(t, t->sys.args[2], cmd != SETLKW, &l) || to_lock(t, t->sys.file, &l, ofd, want))
		return NULL;
	return t->sys.file->inode;
}

const struct file_lock *lock_awaited(struct task *t, struct file_lock *want)
{
	struct inode *i = wanted_by(t, false, want);

	if (!i)
		i = wanted_by(t, true, want);
	if (i)
		return locks_conflict(i, want);
	if (!t->in_syscall || t->sys.nr != NR_FLOCK || !t->sys.file)
		return NULL;
	*want = (struct file_lock){ .type = t->sys.args[1] & 2 ? LOCK_WRITE : LOCK_READ, .end = UINT64_MAX, .pid = t->process->pid };
	return locks_flock_conflict(t->sys.file, want->type);
}

/* The owner that a task of `owner` waits for, or NULL (what_owner_is_waiting_for). */
static const void *waits_for(struct machine *m, const void *owner)
{
	for (struct process *p = process_first(m); p; p = p->next)
		for (struct task *t = p->threads; t; t = t->thread_next) {
			const struct file_lock *c;
			struct file_lock want;
			struct inode *i;

			if (t->fds != owner)
				continue;
			i = wanted_by(t, false, &want);
			c = i ? locks_conflict(i, &want) : NULL;
			if (c)
				return c->owner;
		}
	return NULL;
}

static bool deadlock(struct task *t, const void *blocker)
{
	enum { MAX_DEADLK_ITERATIONS = 10 };	/* as fs/locks.c */

	for (int i = 0; i < MAX_DEADLK_ITERATIONS && blocker; i++) {
		if (blocker == t->fds)
			return true;
		blocker = waits_for(t->machine, blocker);
	}
	return false;
}

int64_t lock_set(struct task *t, struct file *f, uint32_t addr, bool wide, bool ofd, bool wait)
{
	struct file_lock want;
	struct flock_wide l;
	int err;

	if (read_flock(t, addr, wide, &l))
		return -EFAULT;
	err = to_lock(t, f, &l, ofd, &want);
	if (err)
		return err;
	if ((want.type == LOCK_READ && !file_readable(f)) || (want.type == LOCK_WRITE && !file_writable(f)))
		return -EBADF;
	if (ofd && l.pid)
		return -EINVAL;
	/* Another thread may have closed it while the call waited: then nothing would drop the lock. */
	if (t->sys.restarted && !ofd && fds_look(t->fds, t->sys.args[0]) != f)
		return -EBADF;
	err = locks_set(f->inode, &want);
	if (err != -EAGAIN || !wait)
		return err;
	if (!ofd && deadlock(t, locks_conflict(f->inode, &want)->owner))
		return -EDEADLK;
	if (task_signalled(t))
		return -ERESTARTSYS;
	locks_wait(f->inode, t);
	return task_block(t);
}

int64_t sys_flock(struct task *t, const uint32_t a[6])
{
	enum { SH = 1, EX = 2, NB = 4, UN = 8, MAND = 32 };
	struct file *f;
	enum lock_type type;
	int err;

	if (a[1] & MAND)
		return 0;	/* removed in Linux 5.15; a warning there */
	switch (a[1] & ~(uint32_t)NB) {
	case SH: type = LOCK_READ; break;
	case EX: type = LOCK_WRITE; break;
	case UN: type = LOCK_NONE; break;
	default: return -EINVAL;
	}
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	err = locks_flock(f, type, t->process->pid);
	if (err != -EAGAIN || (a[1] & NB))
		return err;
	if (task_signalled(t))
		return -ERESTARTSYS;
	locks_wait(f->inode, t);
	return task_block(t);
}
