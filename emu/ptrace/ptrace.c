/* SPDX-License-Identifier: MIT
 *
 * ptrace(2): who traces whom, and the requests (kernel/ptrace.c).
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/ptrace/ptrace_internal.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

#define CLONE_VFORK_	0x00004000u
#define CLONE_UNTRACED_	0x00800000u

/* --- Links --- */

static int prepare(struct task *t)
{
	if (!t->ptrace)
		t->ptrace = calloc(1, sizeof *t->ptrace);
	t->traced = t->ptrace != NULL;
	return t->traced ? 0 : -ENOMEM;
}

/* Its last tracer may have let it go a moment ago: what it goes on with (ptrace_go_on()) stays. */
static void link(struct task *t, struct task *tracer)
{
	struct ptrace *p = t->ptrace;

	p->tracee = t;
	p->tracer = tracer;
	p->options = 0;
	p->seized = false;
	p->next = tracer->tracees;
	if (p->next)
		p->next->prev = p;
	tracer->tracees = p;
}

void ptrace_unlink(struct task *t)
{
	struct ptrace *p = t->ptrace;
	struct task *tracer = p->tracer;

	if (!tracer)
		return;
	*(p->prev ? &p->prev->next : &tracer->tracees) = p->next;
	if (p->next)
		p->next->prev = p->prev;
	p->next = p->prev = NULL;
	p->tracer = NULL;
	p->calls = p->emulates = p->trap_stop = p->trap_notify = p->group_pending = p->listening = false;
	t->trap_pending = t->stepping = false;
	if (tracer->process)
		wake_all(&tracer->process->child_wait);		/* it may wait for what is not there any more */
}

void ptrace_free(struct task *t)
{
	if (!t->ptrace)
		return;
	ptrace_unlink(t);
	free(t->ptrace);
	t->ptrace = NULL;
	t->traced = false;
}

/* A tracee that lives: what it stopped for goes on without its tracer. */
static void let_go(struct task *t)
{
	bool stopped = t->state == TASK_TRACED;

	ptrace_unlink(t);
	if (stopped)
		task_resume(t);
	else
		ptrace_free(t);
}

void ptrace_tracer_exit(struct task *t)
{
	while (t->tracees) {
		struct task *c = t->tracees->tracee;
		bool kill = t->tracees->options & PTRACE_O_EXITKILL_;

		if (c->state == TASK_ZOMBIE) {
			ptrace_free(c);
			task_unwatched(c, t->process);
			continue;
		}
		let_go(c);
		if (kill)
			signal_send_task(c, SIGKILL, NULL);
	}
}

/* --- Children and programs --- */

int ptrace_clone_event(const struct task *t, uint64_t flags, uint32_t exit_signal)
{
	int event = PTRACE_EVENT_FORK_;

	if (!task_is_traced(t) || (flags & CLONE_UNTRACED_))
		return 0;
	if (flags & CLONE_VFORK_)
		event = PTRACE_EVENT_VFORK_;
	else if (exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE_;
	return t->ptrace->options & PTRACE_O_EVENT_(event) ? event : 0;
}

int ptrace_prepare(struct task *t, struct task *c)
{
	return task_is_traced(t) ? prepare(c) : 0;
}

void ptrace_child(struct task *t, struct task *c)
{
	struct ptrace *p = c->ptrace;

	link(c, t->ptrace->tracer);
	p->options = t->ptrace->options;
	p->seized = t->ptrace->seized;
	if (p->seized) {
		p->trap_stop = c->trap_pending = true;
		p->group_signal = SIGTRAP;
	} else {
		c->pending.set |= signal_bit(SIGSTOP);
	}
	c->notified = true;
}

bool ptrace_exec(struct task *t, int old_tid)
{
	struct ptrace *p = t->ptrace;
	struct signal_info info = { .signo = SIGTRAP, .code = SI_USER };

	if (!p->tracer)
		return false;
	if (p->options & PTRACE_O_EVENT_(PTRACE_EVENT_EXEC_))
		return ptrace_event(t, PTRACE_EVENT_EXEC_, (uint32_t)old_tid);
	if (!p->seized) {
		info.rt.pid = t->process->pid;
		info.rt.uid = t->cred.uid;
		signal_send_task(t, SIGTRAP, &info);
	}
	return false;
}

/* --- Beginning --- */

/* The thread of the parent that made t, or else one that lives; NULL: nobody. */
static struct task *parent_thread(const struct process *p)
{
	const struct process *parent = p->parent;
	struct task *t = task_find(p->machine, p->creator);

	if (!parent || !parent->leader)
		return NULL;
	if (!t || t->process != parent || !t->space)
		for (t = parent->threads; t && !t->space; t = t->thread_next)
			;
	return t;
}

static int traceme(struct task *t)
{
	struct task *parent = parent_thread(t->process);

	if (t->ptrace || !parent)
		return -EPERM;
	if (prepare(t))
		return -ENOMEM;
	link(t, parent);
	return 0;
}

static int check_options(uint32_t options)
{
	return options & ~PTRACE_O_MASK_ || options & PTRACE_O_SUSPEND_SECCOMP_ ? -EINVAL : 0;
}

/* A job that is stopped becomes a tracee that is stopped, and the caller waits for that. */
static int64_t wait_for_stop(struct task *t, const struct task *c)
{
	if (!c || !c->ptrace || c->ptrace->tracer != t || c->state == TASK_TRACED || c->state == TASK_ZOMBIE ||
	    c->vfork_child)
		return 0;
	wait_on(&t->process->child_wait, t);
	return t->killed ? -ERESTARTNOINTR : SYS_BLOCK;
}

static int64_t attach(struct task *t, struct task *c, bool seize, uint32_t addr, uint32_t options)
{
	struct ptrace *p;
	bool held;

	if (t->sys.restarted)
		return wait_for_stop(t, c);
	if (seize && (addr || (options & ~PTRACE_O_MASK_)))
		return -EIO;
	if (seize && check_options(options))
		return -EINVAL;
	/* An init that is ours, and what is at its end, has nothing to be seen. */
	if (c->process == t->process || ptrace_may_access(t, c, PTRACE_REALCREDS) || !c->space || task_is_traced(c))
		return -EPERM;
	held = c->state == TASK_STOPPED || (c->ptrace && c->process->stopped);
	if (prepare(c))
		return -ENOMEM;
	link(c, t);
	p = c->ptrace;
	p->seized = seize;
	p->options = seize ? options : 0;
	if (held) {
		p->group_signal = c->process->stop_signal;
		p->trap_stop = c->trap_pending = c->notified = true;
		task_resume(c);
	}
	if (!seize)
		signal_send_task(c, SIGSTOP, NULL);
	return p->trap_stop ? wait_for_stop(t, c) : 0;
}

/* --- Going on --- */

static int resume(struct task *c, uint32_t request, uint32_t signo)
{
	struct ptrace *p = c->ptrace;

	if (signo > SIGNALS)
		return -EIO;
	p->calls = request == PTRACE_SYSCALL_;
	p->emulates = request == PTRACE_SYSEMU_ || request == PTRACE_SYSEMU_SINGLESTEP_;
	c->stepping = request == PTRACE_SINGLESTEP_ || request == PTRACE_SYSEMU_SINGLESTEP_;
	p->code = signo;
	task_resume(c);
	return 0;
}

static int detach(struct task *c, uint32_t signo)
{
	if (signo > SIGNALS)
		return -EIO;
	c->ptrace->code = signo;
	let_go(c);
	return 0;
}

static int interrupt(struct task *c)
{
	struct ptrace *p = c->ptrace;

	if (!p->seized)
		return -EIO;
	p->trap_stop = c->trap_pending = c->notified = true;
	if (c->state == TASK_TRACED && p->listening)
		task_resume(c);
	else
		task_wake(c);
	return 0;
}

static int listen(struct task *c)
{
	struct ptrace *p = c->ptrace;

	if (!p->seized || !p->has_info || p->info.code >> 8 != PTRACE_EVENT_STOP_)
		return -EIO;
	p->listening = true;
	if (p->trap_notify)
		task_resume(c);
	return 0;
}

/* --- The call --- */

static int64_t request(struct task *t, struct task *c, const uint32_t a[6])
{
	uint32_t addr = a[2], data = a[3];

	switch (a[0]) {
	case PTRACE_PEEKTEXT_:
	case PTRACE_PEEKDATA_:
		return ptrace_peek(t, c, addr, data);
	case PTRACE_POKETEXT_:
	case PTRACE_POKEDATA_:
		return ptrace_poke(t, c, addr, data);
	case PTRACE_SINGLESTEP_:
	case PTRACE_SYSEMU_SINGLESTEP_:
		/* riscv's kernel cannot. */
		if (t->machine->options.compat_linux)
			return -EIO;
		return resume(c, a[0], data);
	case PTRACE_CONT_:
	case PTRACE_SYSCALL_:
	case PTRACE_SYSEMU_:
		return resume(c, a[0], data);
	case PTRACE_KILL_:
		signal_send_task(c, SIGKILL, NULL);
		return 0;
	case PTRACE_DETACH_:
		return detach(c, data);
	case PTRACE_INTERRUPT_:
		return interrupt(c);
	case PTRACE_LISTEN_:
		return listen(c);
	case PTRACE_GETFDPIC_:
		return ptrace_getfdpic(t, c, addr, data);
	case PTRACE_SETOPTIONS_:
		if (check_options(data))
			return -EINVAL;
		c->ptrace->options = data;
		return 0;
	case PTRACE_GETEVENTMSG_:
		return user_put32(t, data, c->ptrace->message);
	case PTRACE_GETSIGINFO_:
		return ptrace_getsiginfo(t, c, data);
	case PTRACE_SETSIGINFO_:
		return ptrace_setsiginfo(t, c, data);
	case PTRACE_PEEKSIGINFO_:
		return ptrace_peeksiginfo(t, c, addr, data);
	case PTRACE_GETSIGMASK_:
		return ptrace_getsigmask(t, c, addr, data);
	case PTRACE_SETSIGMASK_:
		return ptrace_setsigmask(t, c, addr, data);
	case PTRACE_GETREGSET_:
		return ptrace_getregset(t, c, addr, data);
	case PTRACE_SETREGSET_:
		return ptrace_setregset(t, c, addr, data);
	case PTRACE_GET_SYSCALL_INFO_:
		return ptrace_get_syscall_info(t, c, addr, data);
	case PTRACE_SECCOMP_GET_FILTER_:
	case PTRACE_SECCOMP_GET_METADATA_:
		return -EINVAL;		/* as without CONFIG_CHECKPOINT_RESTORE */
	default:
		return -EIO;
	}
}

int64_t sys_ptrace(struct task *t, const uint32_t a[6])
{
	struct task *c;

	if (a[0] == PTRACE_TRACEME_)
		return traceme(t);
	c = task_find(t->machine, (int)a[1]);
	if (a[0] == PTRACE_ATTACH_ || a[0] == PTRACE_SEIZE_)
		return c || t->sys.restarted ? attach(t, c, a[0] == PTRACE_SEIZE_, a[2], a[3]) : -ESRCH;
	if (!c || !c->ptrace || c->ptrace->tracer != t)
		return -ESRCH;
	/* ptrace_check_attach(): these two do not need it to stand still. */
	if (a[0] != PTRACE_KILL_ && a[0] != PTRACE_INTERRUPT_ &&
	    (c->state != TASK_TRACED || c->ptrace->listening))
		return -ESRCH;
	return request(t, c, a);
}
