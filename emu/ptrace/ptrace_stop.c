/* SPDX-License-Identifier: MIT
 *
 * How a tracee stops and how it goes on (kernel/signal.c: ptrace_stop, ptrace_notify, do_jobctl_trap, ptrace_signal;
 * kernel/entry/common.c).  See "How a tracee stops" in docs/design.md.
 */
#include <errno.h>
#include "emu/ptrace/ptrace.h"
#include "emu/kernel/rusage.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"

#define NS_PER_TICK 10000000u	/* USER_HZ 100 */
#define SYSGOOD 0x80u
#define TRAP_TRACE_ 2

enum { EVENTMSG_ENTRY = 1, EVENTMSG_EXIT = 2 };
enum { REG_A0 = 10 };

/* --- Stopping --- */

/* do_notify_parent_cldstop() to the tracer. */
static void tell_tracer(const struct task *t, int why)
{
	const struct ptrace *p = t->ptrace;
	struct process *tracer = p->tracer->process;
	const struct signal_action *act = &p->tracer->sighand->action[SIGCHLD - 1];
	struct signal_info info = { .signo = SIGCHLD, .code = why };

	if (act->handler != SIGNAL_IGN && !(act->flags & ACT_NOCLDSTOP)) {
		info.child.pid = t->tid;
		info.child.uid = t->cred.uid;
		info.child.status = (int)((why == CLD_STOPPED ? t->process->stop_signal : p->code) & 0x7f);
		info.child.utime = (uint32_t)(t->utime_ns / NS_PER_TICK);
		info.child.stime = (uint32_t)(t->stime_ns / NS_PER_TICK);
		signal_send_process(tracer, SIGCHLD, &info);
	}
	wake_all(&tracer->child_wait);
}

static void traps_changed(struct task *t)
{
	t->trap_pending = t->ptrace->trap_stop || t->ptrace->trap_notify;
	if (t->trap_pending)
		t->notified = true;
}

/* False: nobody is there to stop for, or it has to die. info may be NULL. */
static bool stop(struct task *t, uint32_t code, int why, uint32_t message, const struct signal_info *info,
		 enum ptrace_after after)
{
	struct ptrace *p = t->ptrace;

	if (!p->tracer || (t->killed && after != PTRACE_AFTER_EXIT))
		return false;
	p->code = code;
	p->message = message;
	p->has_info = info;
	if (info)
		p->info = *info;
	p->after = after;
	p->listening = false;
	/* Any stop will do for one that was asked for (ptrace_stop()). */
	p->trap_stop = p->group_pending = false;
	if (code >> 8 == PTRACE_EVENT_STOP_)
		p->trap_notify = false;
	traps_changed(t);
	sched_dequeue(t);
	t->state = TASK_TRACED;
	tell_tracer(t, why);
	return true;
}

/* ptrace_do_notify() */
static bool notify(struct task *t, uint32_t signo, uint32_t code, int why, uint32_t message, enum ptrace_after after)
{
	struct signal_info info = { .signo = (int)signo, .code = (int)code };

	info.rt.pid = t->tid;
	info.rt.uid = t->cred.uid;
	return stop(t, code, why, message, &info, after);
}

bool ptrace_trap(struct task *t)
{
	struct ptrace *p = t->ptrace;
	uint32_t signo = p->group_signal;

	if (!p->seized)
		return stop(t, signo, CLD_STOPPED, 0, NULL, PTRACE_AFTER_NOTHING);
	if (!t->process->stopped)
		signo = SIGTRAP;
	return notify(t, signo, signo | PTRACE_EVENT_STOP_ << 8, CLD_STOPPED, 0, PTRACE_AFTER_NOTHING);
}

void ptrace_signal(struct task *t, const struct signal_info *info)
{
	(void)stop(t, (uint32_t)info->signo, CLD_TRAPPED, 0, info, PTRACE_AFTER_SIGNAL);
}

void ptrace_handler_entered(struct task *t)
{
	(void)notify(t, SIGTRAP, SIGTRAP, CLD_TRAPPED, 0, PTRACE_AFTER_NOTHING);
}

void ptrace_stepped(struct task *t)
{
	signal_fault(t, SIGTRAP, TRAP_TRACE_, t->regs.pc);
}

bool ptrace_event(struct task *t, int event, uint32_t message)
{
	if (!(t->ptrace->options & PTRACE_O_EVENT_(event)))
		return false;
	return notify(t, SIGTRAP, SIGTRAP | (uint32_t)event << 8, CLD_TRAPPED, message, PTRACE_AFTER_NOTHING);
}

bool ptrace_exit_event(struct task *t, uint32_t code)
{
	struct ptrace *p = t->ptrace;

	if (p->exiting || !p->tracer || !(p->options & PTRACE_O_EVENT_(PTRACE_EVENT_EXIT_)))
		return false;
	/* Another thread may have ended us in the middle of anything. */
	wait_cancel(t);
	time_heap_remove(&t->machine->tasks->deadlines, &t->deadline);
	futex_leave(t);
	t->in_syscall = false;
	p->exit_code = code;
	p->exiting = notify(t, SIGTRAP, SIGTRAP | PTRACE_EVENT_EXIT_ << 8, CLD_TRAPPED, code, PTRACE_AFTER_EXIT);
	return p->exiting;
}

/* --- Group stops --- */

/* A tracee has to see the change: at once if it is in a stop that it listens from (ptrace_trap_notify). */
static void trap_notify(struct task *t)
{
	struct ptrace *p = t->ptrace;

	p->trap_notify = true;
	traps_changed(t);
	if (t->state == TASK_TRACED && p->listening)
		task_resume(t);
	else
		task_wake(t);
}

void ptrace_group_stop(struct task *t, int signo)
{
	struct ptrace *p = t->ptrace;

	if (t->state == TASK_ZOMBIE || t->state == TASK_DEAD)
		return;
	p->group_signal = (uint32_t)signo;
	p->trap_stop = p->group_pending = true;
	traps_changed(t);
	if (p->seized)
		trap_notify(t);
	else
		task_wake(t);
}

void ptrace_group_continue(struct task *t)
{
	struct ptrace *p = t->ptrace;

	if (p->group_pending) {
		p->trap_stop = p->group_pending = false;
		traps_changed(t);
	}
	if (p->seized)
		trap_notify(t);
}

/* --- Calls --- */

bool ptrace_call_begins(struct task *t)
{
	struct ptrace *p = t->ptrace;
	uint32_t code = SIGTRAP | (p->options & PTRACE_O_TRACESYSGOOD_ ? SYSGOOD : 0);

	t->restart.code = 0;
	if (!p->calls && !p->emulates)
		return false;
	p->first_arg = t->regs.x[REG_A0];
	if (!notify(t, SIGTRAP, code, CLD_TRAPPED, EVENTMSG_ENTRY,
		    p->emulates ? PTRACE_AFTER_NO_CALL : PTRACE_AFTER_ENTRY))
		return false;
	/* What it returns if the tracer makes the number one that is no call's. */
	t->regs.x[REG_A0] = (uint32_t)-ENOSYS;
	return true;
}

bool ptrace_seccomp(struct task *t, uint32_t data, uint32_t first_arg)
{
	struct ptrace *p = t->ptrace;

	if (!(p->options & PTRACE_O_EVENT_(PTRACE_EVENT_SECCOMP_)) ||
	    !notify(t, SIGTRAP, SIGTRAP | PTRACE_EVENT_SECCOMP_ << 8, CLD_TRAPPED, data, PTRACE_AFTER_SECCOMP))
		return false;
	p->first_arg = first_arg;
	t->regs.x[REG_A0] = (uint32_t)-ENOSYS;
	return true;
}

/*
 * arch_do_signal_or_restart(): what was interrupted stands on its ecall again, where tracers know how to find it; signal
 * delivery then makes it EINTR or not.
 */
static void stand_on_call(struct task *t, uint32_t first_arg)
{
	int32_t code = (int32_t)t->regs.x[REG_A0];

	if (code != -ERESTARTSYS && code != -ERESTARTNOINTR && code != -ERESTARTNOHAND &&
	    code != -ERESTART_RESTARTBLOCK)
		return;
	t->regs.pc -= 4;
	t->regs.x[REG_A0] = first_arg;
	t->restart.code = code;
	t->restart.pc = t->regs.pc;
}

void ptrace_call_ends(struct task *t, int64_t result, uint32_t first_arg)
{
	struct ptrace *p = t->ptrace;
	uint32_t code = SIGTRAP | (p->options & PTRACE_O_TRACESYSGOOD_ ? SYSGOOD : 0);

	if (t->state == TASK_TRACED)
		return;			/* PTRACE_EVENT_EXIT */
	p->first_arg = first_arg;
	if (result != SYS_NO_RETURN)
		t->regs.x[REG_A0] = (uint32_t)result;
	if (t->stepping && !p->emulates)
		ptrace_stepped(t);
	else if (p->calls && notify(t, SIGTRAP, code, CLD_TRAPPED, EVENTMSG_EXIT, PTRACE_AFTER_CALL))
		return;
	if (result != SYS_NO_RETURN)
		stand_on_call(t, first_arg);
}

/* --- Going on --- */

/* The signal the tracer gave takes the place of the one it was stopped for (the end of ptrace_signal()). */
static void take_signal(struct task *t, const struct ptrace *p)
{
	struct signal_info info = p->info;
	int signo = (int)p->code;

	if (!signo)
		return;
	if (signo != info.signo) {
		info = (struct signal_info){ .signo = signo, .code = SI_USER };
		if (p->tracer) {
			info.rt.pid = p->tracer->process->pid;
			info.rt.uid = p->tracer->cred.uid;
		}
	}
	if (signal_in(signo, t->blocked))
		signal_send_task(t, signo, &info);
	else
		signal_deliver_one(t, &info);
}

static void continue_from(struct task *t, const struct ptrace *p)
{
	if (p->after == PTRACE_AFTER_EXIT) {
		task_exit(t, p->exit_code);
		return;
	}
	if (t->killed)
		return;
	switch (p->after) {
	case PTRACE_AFTER_SIGNAL:
		take_signal(t, p);
		break;
	case PTRACE_AFTER_ENTRY:
	case PTRACE_AFTER_NO_CALL:
		if (p->code)
			signal_send_task(t, (int)p->code, NULL);
		syscall_traced(t, p->first_arg, p->after == PTRACE_AFTER_ENTRY, false);
		break;
	case PTRACE_AFTER_SECCOMP:
		syscall_traced(t, p->first_arg, true, true);
		break;
	case PTRACE_AFTER_CALL:
		if (p->code)
			signal_send_task(t, (int)p->code, NULL);
		stand_on_call(t, p->first_arg);
		break;
	default:
		break;
	}
}

void ptrace_go_on(struct task *t)
{
	struct ptrace *p = t->ptrace, then = *p;

	/* Whatever came while it stood still. */
	t->notified = true;
	p->after = PTRACE_AFTER_NOTHING;
	p->code = p->message = 0;
	p->has_info = p->listening = false;
	if (!p->tracer)
		ptrace_free(t);
	continue_from(t, &then);
	if (t->restart.code && t->state == TASK_RUNNABLE && !t->killed)
		signal_deliver(t, NULL);	/* unless there is more to come, the call is made again now */
	/* Job control takes over what the tracer left (__ptrace_unlink()). */
	if (!then.tracer && t->process && t->process->stopped && !t->killed)
		task_stop(t);
}
