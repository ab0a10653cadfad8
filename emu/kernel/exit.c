/* SPDX-License-Identifier: MIT
 *
 * How threads and processes end (kernel/exit.c).  Nothing of a task runs on the host between its
 * calls, so any task can be ended at once by any other: no thread need be woken to die.
 */
#include <errno.h>
#include "emu/strace/strace.h"
#include "emu/event/pidfd.h"
#include "emu/fs/blkdev.h"
#include "emu/host/clock.h"
#include "emu/ipc/sem.h"
#include "emu/kernel/log.h"
#include "emu/ptrace/ptrace.h"
#include "emu/seccomp/seccomp.h"
#include "emu/kernel/robust.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"
#include "emu/sys/user.h"
#include "emu/tty/tty.h"

enum { SIG_HUP = 1, SIG_CHLD = 17, SIG_CONT = 18 };
enum { CLD_EXITED_ = 1, CLD_KILLED_ = 2, CLD_DUMPED_ = 3 };

/* mm_release() of kernel/fork.c: what others wait for in the memory we are about to leave. */
void task_release_memory(struct task *t)
{
	struct task *parent = t->vfork_parent;

	robust_exit(t);
	if (t->clear_tid) {
		if (!user_put32(t, t->clear_tid, 0))
			mm_futex_wake(t->machine->futexes, t->space, t->clear_tid, 1, ~0u);
		t->clear_tid = 0;
	}
	if (parent) {
		t->vfork_parent = NULL;
		parent->vfork_child = NULL;
		wake_all(&parent->vfork_done);
		task_wake(parent);
	}
}

/* Our own vfork child may outlive us (we were killed): it must not wake a freed task. */
static void disown_vfork_child(struct task *t)
{
	if (!t->vfork_child)
		return;
	t->vfork_child->vfork_parent = NULL;
	t->vfork_child = NULL;
}

/* Takes the task from the processor and drops all it holds but its numbers. */
static void end_task(struct task *t)
{
	struct process *p = t->process;
	struct machine *m = t->machine;

	if (m->on_end && p == m->tasks->watched && p->nthreads == 1 && t->space)
		m->on_end(m->on_end_owner, t);
	ptrace_tracer_exit(t);
	disown_vfork_child(t);
	futex_leave(t);
	if (t->space)
		task_release_memory(t);
	ipc_wait_end(t);
	seccomp_leave(t);
	seccomp_put(t);
	sem_undo_exit(t);
	sched_account(t->machine);
	p->dead_utime += t->utime_ns;
	p->dead_stime += t->stime_ns;
	p->dead_nvcsw += t->nvcsw;
	p->dead_nivcsw += t->nivcsw;
	t->utime_ns = t->stime_ns = 0;
	sched_dequeue(t);
	sched_deadline_leave(t);
	time_heap_remove(&t->machine->tasks->deadlines, &t->deadline);
	wait_cancel(t);
	signal_queue_clear(&t->pending);
	t->in_syscall = false;
	if (t->sys.file) {
		file_put(t->sys.file);
		t->sys.file = NULL;
	}
	if (t->fds) {
		struct fd_table *fds = t->fds;

		t->fds = NULL;
		fds_put(fds);
	}
	blkdev_close_forget(t);
	fs_context_put(t->fs);
	t->fs = NULL;
	task_enter(t, NULL, NULL);
	if (t->space) {
		struct mm_space *space = t->space;

		t->space = NULL;
		mm_space_put(space);
	}
}

static void end_process(struct process *p);

/* The leader stays in the list of threads as the process's remains; others that are traced as their own. */
static void end_process_with_last(struct process *p)
{
	if (p->nthreads == 1 && p->leader->state == TASK_ZOMBIE)
		end_process(p);
}

/* A thread that is not its process's leader leaves nothing behind, but what its tracer has to see. */
static void bury_thread(struct task *t)
{
	struct tasks *ts = t->machine->tasks;

	ptrace_free(t);
	pidfd_task_gone(t);
	t->state = TASK_DEAD;
	process_remove_thread(t);
	t->process = NULL;
	ts->id[t->tid].task = NULL;
	t->hash_next = ts->dead;
	ts->dead = t;
}

bool pgrp_is_orphaned(struct machine *m, int pgid, const struct process *leaving)
{
	const struct process *outside = m->tasks->watched;	/* `flat32 run`: its parent is the host's shell */

	if (outside && outside != m->tasks->init && outside->pgid == pgid && !outside->zombie)
		return false;
	/* kernel/exit.c will_become_orphaned_pgrp() */
	for (struct process *p = process_first(m); p; p = p->next) {
		if (p->pgid != pgid || p == leaving || p->zombie || !p->parent || p->parent == m->tasks->init)
			continue;
		if (p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

static bool has_stopped(struct machine *m, int pgid)
{
	for (struct process *p = process_first(m); p; p = p->next)
		if (p->pgid == pgid && p->stopped && !p->zombie)
			return true;
	return false;
}

/* Groups that nobody is left to continue get SIGHUP and SIGCONT (kill_orphaned_pgrp). */
static void free_orphaned_group(struct process *p, struct process *parent)
{
	struct machine *m = p->machine;
	const struct process *leaving = parent ? NULL : p;

	if (!m->tasks->stopped)
		return;		/* nothing is stopped anywhere: no need to look */
	if (!parent)
		parent = p->parent;
	if (!parent || parent->pgid == p->pgid || parent->sid != p->sid)
		return;
	if (pgrp_is_orphaned(m, p->pgid, leaving) && has_stopped(m, p->pgid)) {
		signal_send_group(m, p->pgid, SIG_HUP, NULL);
		signal_send_group(m, p->pgid, SIG_CONT, NULL);
	}
}

static struct process *reaper_of(struct process *p)
{
	struct process *init = p->machine->tasks->init;

	for (struct process *up = p->parent; up && up != init; up = up->parent)
		if (up->subreaper && !up->zombie)
			return up;
	return init;
}

static void notify_parent(struct process *p);

static void reparent_children(struct process *p)
{
	struct process *child, *reaper = reaper_of(p);

	while ((child = p->children)) {
		process_adopt(child, reaper != p ? reaper : NULL);
		child->exit_signal = SIG_CHLD;
		for (struct task *t = child->threads; t; t = t->thread_next)
			if (t->pdeath_signal)
				signal_send_task(t, (int)t->pdeath_signal, NULL);
		if (child->zombie)
			notify_parent(child);
		else
			free_orphaned_group(child, p);
	}
}

/* SIGCHLD, or what the child was made to send instead, with how t ended. */
static void send_end(struct process *to, const struct task *t, uint32_t code, int signo)
{
	const struct process *p = t->process;
	struct signal_info info = { .signo = signo };

	info.child.pid = t->tid;
	info.child.uid = t->cred.uid;
	info.child.utime = (uint32_t)(p->dead_utime / 10000000);
	info.child.stime = (uint32_t)(p->dead_stime / 10000000);
	if (code & 0x7f) {
		info.code = (code & 0x80) ? CLD_DUMPED_ : CLD_KILLED_;
		info.child.status = (int)(code & 0x7f);
	} else {
		info.code = CLD_EXITED_;
		info.child.status = (int)(code >> 8 & 0xff);
	}
	/* clone(2) takes any number; what is no signal is not sent (valid_signal() in do_notify_parent()). */
	if (signo && signo <= SIGNALS && !(signo == SIG_CHLD && to->leader->sighand->action[SIG_CHLD - 1].handler == 1))
		signal_send_process(to, signo, &info);
	wake_all(&to->child_wait);
}

static bool listens(const struct process *p)
{
	return p && p->leader && p->leader->sighand;
}

/* SIG_IGN, or SA_NOCLDWAIT: it wants no zombies (ignoring_children()). */
static bool ignores_children(const struct process *p)
{
	const struct signal_action *act = &p->leader->sighand->action[SIG_CHLD - 1];

	return act->handler == 1 || (act->flags & 2);
}

/* What wait(2) tells of the end; from init's fake or a parent that does not care, it goes at once. */
static void notify_parent(struct process *p)
{
	struct machine *m = p->machine;
	struct process *parent = p->parent;
	bool reap = !parent;

	if (task_is_traced(p->leader)) {
		/* First its tracer, who has to wait for it; the parent hears of it afterwards. */
		struct process *tracer = p->leader->ptrace->tracer->process;

		send_end(tracer, p->leader, p->exit_code, tracer == parent ? p->exit_signal : SIG_CHLD);
		return;
	}
	if (listens(parent)) {
		if (p->exit_signal == SIG_CHLD && ignores_children(parent))
			reap = true;
		send_end(parent, p->leader, p->exit_code, p->exit_signal);
	}
	/* An init that is ours, not a program, waits for nobody. */
	if (parent && parent == m->tasks->init && !parent->leader->space && parent != m->tasks->watched)
		reap = true;
	if (reap)
		process_reap(p);
}

/* The last thread is gone. */
static void end_process(struct process *p)
{
	struct machine *m = p->machine;

	p->zombie = true;
	p->leader->state = TASK_ZOMBIE;
	if (p->stopped) {
		p->stopped = false;
		m->tasks->stopped--;
	}
	timers_exit(p);
	signal_queue_clear(&p->pending);
	process_set_exe(p, NULL);
	tty_process_exit(p);
	free_orphaned_group(p, NULL);
	reparent_children(p);
	pidfd_task_ended(p->leader);
	if (p == m->tasks->watched || p == m->tasks->init) {
		m->status = (p->exit_code & 0x7f) ? 128 + (int)(p->exit_code & 0x7f) : (int)(p->exit_code >> 8 & 0xff);
		m->halted = true;
		if (m->tasks->current)
			task_yield(m->tasks->current);
	}
	notify_parent(p);
}

void process_reap(struct process *p)
{
	struct tasks *ts = p->machine->tasks;
	struct task *leader = p->leader;

	ptrace_free(leader);
	pidfd_task_gone(leader);
	process_remove_thread(leader);
	p->leader = NULL;
	leader->process = NULL;
	leader->state = TASK_DEAD;
	ts->id[leader->tid].task = NULL;
	leader->hash_next = ts->dead;
	ts->dead = leader;
	process_free(p);
}

/* Its parent has waited for it, and has its times and those of its children counted with its own (wait_task_zombie()). */
static void inherit_times(const struct process *p)
{
	struct process *to = p->parent;

	if (!to)
		return;
	to->child_utime += p->dead_utime + p->child_utime;
	to->child_stime += p->dead_stime + p->child_stime;
	to->child_nvcsw += p->dead_nvcsw + p->child_nvcsw;
	to->child_nivcsw += p->dead_nivcsw + p->child_nivcsw;
}

void task_reap(struct task *t)
{
	struct process *p = t->process;

	if (t != p->leader) {
		bury_thread(t);
		end_process_with_last(p);
	} else if (task_is_traced_by_other(t)) {
		ptrace_free(t);
		notify_parent(p);
	} else {
		inherit_times(p);
		process_reap(p);
	}
}

void task_unwatched(struct task *t, const struct process *tracer)
{
	struct process *p = t->process;

	if (t != p->leader)
		task_reap(t);
	else if (p->zombie && (p->parent != tracer || ignores_children(tracer)))
		notify_parent(p);
}

void task_exit(struct task *t, uint32_t code)
{
	struct process *p = t->process;

	if (t->state == TASK_ZOMBIE || t->state == TASK_DEAD)
		return;
	if (t->ptrace && ptrace_exit_event(t, code))
		return;
	t->exit_code = code;
	log_info(t->machine, TASK, "%s[%d]: ends, wait status %#x", t->comm, t->tid, code);
	if (t == p->leader && !p->group_exit)
		p->exit_code = code;
	if (t->machine->strace)
		strace_exited(t);
	end_task(t);
	if (t == p->leader || task_is_traced(t)) {
		t->state = TASK_ZOMBIE;
		if (t != p->leader) {
			pidfd_task_ended(t);
			send_end(t->ptrace->tracer->process, t, code, SIG_CHLD);
		}
	} else {
		bury_thread(t);
	}
	end_process_with_last(p);
}

void process_exit(struct process *p, uint32_t code)
{
	struct task *t, *next, *leader = p->leader;
	bool leader_gone = leader->state == TASK_ZOMBIE;

	if (p->group_exit || p->zombie)
		return;
	p->group_exit = true;
	p->exit_code = code;
	/*
	 * The leader last: its end is the process's.  If that has ended before, the last of the others is, and
	 * p may be gone with it.
	 */
	for (t = p->threads; t; t = next) {
		next = t->thread_next;
		t->killed = true;
		if (t != leader)
			task_exit(t, code);
	}
	if (!leader_gone)
		task_exit(leader, code);
}

/* execve by one thread of several: the others end, and the caller becomes the leader under its number. */
void process_kill_other_threads(struct task *t)
{
	struct tasks *ts = t->machine->tasks;
	struct process *p = t->process;
	struct task *old = p->leader, *other, *next;

	for (other = p->threads; other; other = next) {
		next = other->thread_next;
		if (other == t || other == old)
			continue;
		if (other->ptrace)
			other->ptrace->exiting = true;	/* nobody could be waited for here */
		task_exit(other, 0);
	}
	if (old == t)
		return;
	if (old->state != TASK_ZOMBIE) {
		if (t->machine->strace)
			strace_exited(old);
		end_task(old);
	}
	/* Numbers change hands: de_thread() of fs/exec.c. */
	p->leader = t;
	ts->id[old->tid].task = t;
	ts->id[t->tid].task = old;
	int tid = t->tid;
	t->tid = old->tid;
	old->tid = tid;
	pidfd_exchange(t, old);
	bury_thread(old);
}

/*
 * Who ends by himself and has no other threads waits for the disks that this closes, as in exit_files(): until then he is no zombie.  One
 * that is ended by others, or by a signal, is gone at once.  False: he waits.
 */
static bool leave_files(struct task *t)
{
	struct fd_table *left = t->fds, *none;

	if (t->closing)
		return blkdev_closed(t);
	if (t->process->nthreads > 1 || !blkdevs_settle(t->machine))
		return true;
	none = fds_new(t->machine);
	if (!none)
		return true;
	t->fds = none;
	fds_put(left);
	return blkdev_closed(t);
}

int64_t sys_exit(struct task *t, const uint32_t a[6])
{
	if (!leave_files(t))
		return SYS_BLOCK;
	task_exit(t, (a[0] & 0xff) << 8);
	return SYS_NO_RETURN;
}

int64_t sys_exit_group(struct task *t, const uint32_t a[6])
{
	if (!leave_files(t))
		return SYS_BLOCK;
	process_exit(t->process, (a[0] & 0xff) << 8);
	return SYS_NO_RETURN;
}
