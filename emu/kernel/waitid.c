/* SPDX-License-Identifier: MIT
 *
 * waitid(2): the only wait call of riscv32.
 */
#include <errno.h>
#include <string.h>
#include "emu/event/pidfd.h"
#include "emu/kernel/files.h"
#include "emu/ptrace/ptrace.h"
#include "emu/kernel/rusage.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

enum { P_ALL, P_PID, P_PGID, P_PIDFD };
enum {
	W_NOHANG = 1, W_STOPPED = 2, W_EXITED = 4, W_CONTINUED = 8, W_NOWAIT = 0x01000000,
	W_NOTHREAD = 0x20000000, W_ALL = 0x40000000, W_CLONE = (int)0x80000000,
};
enum { CLD_EXITED_ = 1, CLD_KILLED_ = 2, CLD_DUMPED_ = 3, CLD_TRAPPED_ = 4, CLD_STOPPED_ = 5, CLD_CONTINUED_ = 6 };

struct wish { uint32_t type, id, options; bool again; };

/* What there is to tell: of a child, or a tracee, which may be one thread of several. */
struct news { struct task *task; struct signal_info info; };

static bool eligible(const struct task *t, bool traced, const struct wish *w)
{
	bool clone_child = t != t->process->leader || t->process->exit_signal != 17;

	if (w->type == P_PID && t->tid != (int)w->id)
		return false;
	if (w->type == P_PGID && t->process->pgid != (int)w->id)
		return false;
	return traced || (w->options & W_ALL) || clone_child == ((w->options & (uint32_t)W_CLONE) != 0);
}

static bool tell(struct news *n, struct task *t, int code, uint32_t status)
{
	n->task = t;
	n->info = (struct signal_info){ .signo = 17, .code = code };
	n->info.child.pid = t->tid;
	n->info.child.uid = t->cred.uid;
	n->info.child.status = (int)status;
	return true;
}

static bool tell_end(struct news *n, struct task *t, uint32_t code)
{
	if (!(code & 0x7f))
		return tell(n, t, CLD_EXITED_, code >> 8 & 0xff);
	return tell(n, t, (code & 0x80) ? CLD_DUMPED_ : CLD_KILLED_, code & 0x7f);
}

/*
 * Has t something to tell that the wish asks for?  t is a tracee, or a child's main thread.  *err becomes 0 if it ever
 * may (wait_consider_task() of kernel/exit.c).
 */
static bool has_news(struct task *t, bool traced, const struct wish *w, int *err, struct news *n)
{
	struct process *p = t->process;
	bool dead = t == p->leader ? p->zombie : t->state == TASK_ZOMBIE;

	if (!eligible(t, traced, w))
		return false;
	/* Its own parent traces it: it is told of as a tracee. */
	if (!traced && task_is_traced(t) && !task_is_traced_by_other(t))
		traced = true;
	/* Once its other threads are gone, a main thread that ended is told of: for other news there is no more time. */
	if (t->state != TASK_ZOMBIE || !traced || (w->options & (W_EXITED | W_CONTINUED)))
		*err = 0;
	if (dead && (traced || !task_is_traced(t)))
		return (w->options & W_EXITED) && tell_end(n, t, t == p->leader ? p->exit_code : t->exit_code);
	if (traced) {
		if (t->state == TASK_TRACED && !t->ptrace->listening && t->ptrace->code)
			return tell(n, t, CLD_TRAPPED_, t->ptrace->code);
	} else if (p->stopped && !p->stop_reported && (w->options & W_STOPPED)) {
		return tell(n, t, CLD_STOPPED_, p->stop_signal);
	}
	return p->continued && (w->options & W_CONTINUED) && !dead && tell(n, t, CLD_CONTINUED_, 18);
}

static void consume(const struct news *n)
{
	struct task *t = n->task;

	switch (n->info.code) {
	case CLD_TRAPPED_:
		t->ptrace->code = 0;
		break;
	case CLD_STOPPED_:
		t->process->stop_reported = true;
		break;
	case CLD_CONTINUED_:
		t->process->continued = false;
		break;
	default:
		task_reap(t);
		break;
	}
}

/* With __WNOTHREAD only what the caller itself has made counts; what a thread that is gone has made is everybody's. */
static bool is_ours(const struct task *t, const struct process *child, const struct wish *w)
{
	const struct task *creator;

	if (!(w->options & W_NOTHREAD) || child->creator == t->tid)
		return true;
	creator = task_find(t->machine, child->creator);
	return !creator || creator->process != t->process || !creator->space;
}

static int look_at_one(struct task *t, const struct wish *w, struct news *n)
{
	struct task *c = task_find(t->machine, (int)w->id);
	int err = -ECHILD;

	if (!c || !c->process)
		return err;
	if (c == c->process->leader && c->process->parent == t->process && is_ours(t, c->process, w) &&
	    has_news(c, false, w, &err, n))
		return 0;
	if (task_is_traced(c) && ((w->options & W_NOTHREAD) ? c->ptrace->tracer == t :
				  c->ptrace->tracer->process == t->process))
		has_news(c, true, w, &err, n);
	return err;
}

static bool look_at_tracees(struct task *tracer, const struct wish *w, int *err, struct news *n)
{
	for (struct ptrace *p = tracer->tracees; p; p = p->next)
		if (has_news(p->tracee, true, w, err, n))
			return true;
	return false;
}

/* The first news in *n, if there are any; 0, or -ECHILD when there could never be. */
static int look(struct task *t, const struct wish *w, struct news *n)
{
	int err = -ECHILD;

	n->task = NULL;
	if (w->type == P_PID)		/* no search among thousands of children */
		return look_at_one(t, w, n);
	for (struct process *p = t->process->children; p; p = p->sibling_next)
		if (is_ours(t, p, w) && has_news(p->leader, false, w, &err, n))
			return 0;
	if (w->options & W_NOTHREAD) {
		look_at_tracees(t, w, &err, n);
		return err;
	}
	for (struct task *i = t->process->threads; i; i = i->thread_next)
		if (i->tracees && look_at_tracees(i, w, &err, n))
			break;
	return err;
}

/* P_PIDFD becomes P_PID; a pidfd that does not block makes it WNOHANG, but with EAGAIN for "not yet". */
static int wait_for_pidfd(struct task *t, struct wish *w)
{
	struct file *f = files_io(t, w->id);
	const struct task *of;

	if (!f || !file_is_pidfd(f))
		return -EBADF;
	of = pidfd_task(f);
	w->again = (f->flags & G_O_NONBLOCK) && !(w->options & W_NOHANG);
	w->type = P_PID;
	w->id = of ? (uint32_t)of->tid : 0;	/* 0 is nobody */
	return 0;
}

int64_t sys_waitid(struct task *t, const uint32_t a[6])
{
	struct wish w = { .type = a[0], .id = a[1], .options = a[3] };
	struct guest_rusage ru;
	struct news n;
	int err;

	if (w.options & ~(uint32_t)(W_NOHANG | W_NOWAIT | W_EXITED | W_STOPPED | W_CONTINUED | W_NOTHREAD | W_CLONE | W_ALL))
		return -EINVAL;
	if (!(w.options & (W_EXITED | W_STOPPED | W_CONTINUED)))
		return -EINVAL;
	switch (w.type) {
	case P_ALL:
		break;
	case P_PID:
		if ((int)w.id <= 0)
			return -EINVAL;
		break;
	case P_PGID:
		if ((int)w.id < 0)
			return -EINVAL;
		if (!w.id)
			w.id = (uint32_t)t->process->pgid;
		break;
	case P_PIDFD:
		if ((int)w.id < 0)
			return -EINVAL;
		err = wait_for_pidfd(t, &w);
		if (err)
			return err;
		break;
	default:
		return -EINVAL;
	}
	err = look(t, &w, &n);
	if (err)
		return err;
	if (!n.task) {
		if (w.again)
			return -EAGAIN;
		if (w.options & W_NOHANG) {
			/* Success, and a siginfo that names nobody. */
			if (a[2] && user_write(t, a[2], (uint32_t[3]){ 0 }, 12))
				return -EFAULT;
			if (a[2] && user_write(t, a[2] + 12, (uint32_t[3]){ 0 }, 12))
				return -EFAULT;
			return 0;
		}
		wait_on(&t->process->child_wait, t);
		return task_block(t);
	}
	rusage_of_child(n.task->process, &ru);
	if (!(w.options & W_NOWAIT))
		consume(&n);
	if (a[4] && user_write(t, a[4], &ru, sizeof ru))
		return -EFAULT;
	if (a[2] && signal_info_to_guest(t, a[2], &n.info))
		return -EFAULT;
	return 0;
}
