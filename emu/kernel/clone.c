/* SPDX-License-Identifier: MIT
 *
 * clone(2), clone3(2): threads and vfork.  A child that would need a copy of its parent's memory cannot be
 * had without an MMU: that is refused before anything is made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/event/pidfd.h"
#include "emu/host/clock.h"
#include "emu/ipc/sem.h"
#include "emu/kernel/files.h"
#include "emu/kernel/log.h"
#include "emu/kernel/namespaces.h"
#include "emu/ptrace/ptrace.h"
#include "emu/seccomp/seccomp.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

#define CLONE_VM		0x00000100u
#define CLONE_FS		0x00000200u
#define CLONE_FILES		0x00000400u
#define CLONE_SIGHAND		0x00000800u
#define CLONE_PIDFD		0x00001000u
#define CLONE_PTRACE		0x00002000u
#define CLONE_VFORK		0x00004000u
#define CLONE_PARENT		0x00008000u
#define CLONE_THREAD		0x00010000u
#define CLONE_NEWNS		0x00020000u
#define CLONE_SYSVSEM		0x00040000u
#define CLONE_SETTLS		0x00080000u
#define CLONE_PARENT_SETTID	0x00100000u
#define CLONE_CHILD_CLEARTID	0x00200000u
#define CLONE_DETACHED		0x00400000u
#define CLONE_CHILD_SETTID	0x01000000u
#define CLONE_CLEAR_SIGHAND	0x100000000ull

enum { REG_RA = 1, REG_SP = 2, REG_TP = 4, REG_A0 = 10 };
enum { RLIMIT_NPROC_ = 6 };

static int check_flags(struct task *t, const struct clone_args_host *a)
{
	uint64_t f = a->flags;

	/* The order of kernel/fork.c copy_process(). */
	if ((f & CLONE_NEWNS) && (f & CLONE_FS))
		return -EINVAL;
	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_CLEAR_SIGHAND) && (f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_PARENT) && t->process == t->machine->tasks->init)
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & CLONE_DETACHED))
		return -EINVAL;
	if (!(f & CLONE_VM)) {
		klog(t->machine, KLOG_WARNING,
		     "%s[%d]: fork() at 0x%08x (called from 0x%08x): there is no fork without an MMU; use vfork() "
		     "and execve(), posix_spawn(), or threads", t->comm, t->tid, t->regs.pc - 4, t->regs.x[REG_RA]);
		return -ENOSYS;
	}
	return 0;
}

/* Everything the child shares or copies.  On error the caller frees the child, which drops what it got. */
static int share(struct task *t, struct task *c, const struct clone_args_host *a)
{
	uint64_t f = a->flags;
	struct namespaces ns;
	int err;

	c->space = mm_space_get(t->space);
	if (f & CLONE_FS) {
		c->fs = t->fs;
		c->fs->refs++;
	} else if (!(c->fs = fs_context_copy(t->fs))) {
		return -ENOMEM;
	}
	c->fds = (f & CLONE_FILES) ? fds_get(t->fds) : fds_copy(t->fds);
	if (!c->fds)
		return -ENOMEM;
	if (f & CLONE_SIGHAND) {
		c->sighand = t->sighand;
		c->sighand->refs++;
	} else if (!(c->sighand = sighand_copy(t->sighand))) {
		return -ENOMEM;
	}
	if ((f & CLONE_SYSVSEM) && sem_undo_share(t, c))
		return -ENOMEM;
	err = namespaces_new(t, f & NS_FLAGS, c->fs, &ns);
	if (err)
		return err;
	task_enter(c, ns.mounts, ns.uts);
	namespaces_put(&ns);
	if (f & CLONE_CLEAR_SIGHAND) {
		for (int i = 0; i < SIGNALS; i++)
			if (c->sighand->action[i].handler != 1)	/* SIG_IGN stays */
				c->sighand->action[i] = (struct signal_action){ 0 };
	}
	return 0;
}

static void start_registers(const struct task *t, struct task *c, const struct clone_args_host *a)
{
	c->regs = t->regs;
	c->regs.x[REG_A0] = 0;
	if (a->stack)
		c->regs.x[REG_SP] = a->stack;
	if (a->flags & CLONE_SETTLS)
		c->regs.x[REG_TP] = a->tls;
}

/* Where the caller's pidfd of the child goes; not for the child, who has its descriptors already. */
static int make_pidfd(struct task *t, struct task *c, const struct clone_args_host *a, int *fd)
{
	struct file *f;
	int err = pidfd_new(c, a->flags & CLONE_THREAD ? PIDFD_THREAD : 0, &f);

	if (err)
		return err;
	*fd = (int)files_install(t, f, 0, true);
	if (*fd < 0)
		return *fd;
	return user_put32(t, a->pidfd, (uint32_t)*fd);
}

static int new_process(struct task *t, struct task *c, const struct clone_args_host *a)
{
	struct process *parent = (a->flags & CLONE_PARENT) ? t->process->parent : t->process, *p;

	p = process_alloc(t->machine, c, parent);
	if (!p)
		return -ENOMEM;
	p->creator = (a->flags & CLONE_PARENT) ? t->process->creator : t->tid;
	p->dumpable = t->process->dumpable;
	if (p->pgid != t->process->pgid)	/* CLONE_PARENT: the group is the caller's all the same */
		process_set_group(p, t->process->pgid, t->process->sid);
	p->exit_signal = (a->flags & CLONE_PARENT) ? t->process->exit_signal : (int)a->exit_signal;
	if (t->process->exe.dentry)
		process_set_exe(p, &t->process->exe);
	return 0;
}

/* What sys.done of a clone() that did not end at once says. */
enum { CLONE_STEP_VFORK = 1, CLONE_STEP_TOLD = 2 };

/*
 * The child is there, its number in sys.flag.  A vfork parent stands still until its child has executed a program
 * or ended; its tracer may want to know of that moment, too.
 */
static int64_t child_made(struct task *t)
{
	if (t->vfork_child) {
		wait_on(&t->vfork_done, t);
		return t->killed ? -ERESTARTNOINTR : SYS_BLOCK;
	}
	if (t->sys.done == CLONE_STEP_VFORK && t->ptrace) {
		t->sys.done = CLONE_STEP_TOLD;
		if (ptrace_event(t, PTRACE_EVENT_VFORK_DONE_, t->sys.flag))
			return SYS_BLOCK;
	}
	return t->sys.flag;
}

/* RLIMIT_NPROC: tasks of the real user, whatever they are part of.  Root is not limited, nor who may exceed limits. */
static bool too_many(const struct task *t)
{
	uint64_t limit = task_rlimit(t, RLIMIT_NPROC_), n = 0;

	if (!t->cred.uid || limit == UINT64_MAX || task_capable(t, CAP_SYS_RESOURCE_) || task_capable(t, CAP_SYS_ADMIN_))
		return false;
	for (const struct process *p = process_first(t->machine); p && n < limit; p = p->next)
		for (const struct task *o = p->threads; o && n < limit; o = o->thread_next)
			n += o->cred.uid == t->cred.uid;
	return n >= limit;
}

int64_t task_clone(struct task *t, const struct clone_args_host *a)
{
	struct machine *m = t->machine;
	int err, pidfd = -1, event = t->ptrace ? ptrace_clone_event(t, a->flags, a->exit_signal) : 0;
	struct task *c;

	if (t->sys.restarted)
		return child_made(t);
	/* The old call has one place for both (kernel_clone()). */
	if ((a->flags & CLONE_PIDFD) && (a->flags & CLONE_PARENT_SETTID) && a->pidfd == a->parent_tid)
		return -EINVAL;
	err = check_flags(t, a);
	if (err)
		return err;
	if (too_many(t))
		return -EAGAIN;
	c = task_alloc(m, &err);
	if (!c)
		return err;
	err = sched_policy_clone(t, c);
	if (err)
		goto fail;
	err = share(t, c, a);
	if (err)
		goto fail;
	c->cred = t->cred;
	(void)groups_get(c->cred.groups);
	c->no_new_privs = t->no_new_privs;
	seccomp_share(t, c);
	c->blocked = t->blocked;
	memcpy(c->comm, t->comm, sizeof c->comm);
	c->personality = t->personality;
	/* kernel/fork.c: the alternate stack is kept only by a child that has the parent's memory to itself. */
	if ((a->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
		c->altstack = t->altstack;
	start_registers(t, c, a);
	err = event || (a->flags & CLONE_PTRACE) ? ptrace_prepare(t, c) : 0;
	if (err)
		goto fail;
	if (a->flags & CLONE_CHILD_CLEARTID)
		c->clear_tid = a->child_tid;

	if (a->flags & CLONE_PIDFD) {
		err = make_pidfd(t, c, a, &pidfd);
		if (err)
			goto fail;
	}
	if (a->flags & CLONE_THREAD) {
		process_add_thread(t->process, c);
	} else {
		err = new_process(t, c, a);
		if (err)
			goto fail;
	}
	/* As in the kernel a bad address here is the program's own loss. */
	if (a->flags & CLONE_PARENT_SETTID)
		(void)user_put32(t, a->parent_tid, (uint32_t)c->tid);
	if (a->flags & CLONE_CHILD_SETTID)
		(void)user_put32(c, a->child_tid, (uint32_t)c->tid);

	if (c->ptrace)
		ptrace_child(t, c);
	sched_enqueue(c);
	log_info(t->machine, TASK, "%s[%d]: clone(%#llx): %d", t->comm, t->tid, (unsigned long long)a->flags, c->tid);
	if (!(a->flags & CLONE_VFORK) && !event)
		return c->tid;
	t->sys.flag = (uint32_t)c->tid;
	if (a->flags & CLONE_VFORK) {
		c->vfork_parent = t;
		t->vfork_child = c;
		t->sys.done = CLONE_STEP_VFORK;
	}
	if (event && ptrace_event(t, event, (uint32_t)c->tid))
		return SYS_BLOCK;
	return child_made(t);
fail:
	if (pidfd >= 0)
		fds_close(t->fds, (unsigned)pidfd);
	task_free(c);
	return err;
}

int64_t sys_clone(struct task *t, const uint32_t a[6])
{
	struct clone_args_host args = {
		.flags = a[0] & ~0xffu, .exit_signal = a[0] & 0xff, .stack = a[1],
		.parent_tid = a[2], .tls = a[3], .child_tid = a[4], .pidfd = a[2],
	};

	return task_clone(t, &args);
}

/* struct clone_args: eight to eleven 64-bit words, as its size says. */
int64_t sys_clone3(struct task *t, const uint32_t a[6])
{
	uint64_t w[11] = { 0 };
	struct clone_args_host args;
	uint32_t size = a[1];

	/* Not to be read again: a vfork child may have written over it. */
	if (t->sys.restarted)
		return child_made(t);
	if (size > FLAT_PAGE_SIZE)
		return -E2BIG;
	if (size < 64)
		return -EINVAL;
	if (size > sizeof w) {
		const unsigned char *rest = user_span(t, a[0], size);

		if (!rest)
			return -EFAULT;
		for (uint32_t i = sizeof w; i < size; i++)
			if (rest[i])
				return -E2BIG;
		size = sizeof w;
	}
	if (user_read(t, w, a[0], size))
		return -EFAULT;
	if (w[0] & 0xff || w[4] > 64 || w[8] || w[9] || w[10])	/* exit signal bits; set_tid, cgroup */
		return -EINVAL;
	if (w[5] && (!w[6] || w[5] + w[6] > 0x100000000ull))
		return -EINVAL;
	if (!w[5] && w[6])
		return -EINVAL;
	if ((w[0] & (CLONE_THREAD | CLONE_PARENT)) && w[4])
		return -EINVAL;
	args = (struct clone_args_host){
		.flags = w[0], .pidfd = (uint32_t)w[1], .child_tid = (uint32_t)w[2], .parent_tid = (uint32_t)w[3],
		.exit_signal = (uint32_t)w[4], .stack = (uint32_t)(w[5] + w[6]), .tls = (uint32_t)w[7],
	};
	return task_clone(t, &args);
}
