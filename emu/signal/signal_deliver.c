/* SPDX-License-Identifier: MIT
 *
 * Delivery (kernel/signal.c get_signal, arch/riscv/kernel/signal.c arch_do_signal_or_restart).
 */
#include <errno.h>
#include "emu/debug/crash.h"
#include "emu/strace/strace.h"
#include "emu/kernel/coredump.h"
#include "emu/kernel/log.h"
#include "emu/kernel/rseq.h"
#include "emu/ptrace/ptrace.h"
#include "emu/signal/signal_internal.h"
#include "emu/kernel/tasks.h"

enum { REG_RA = 1, REG_SP = 2, REG_A0 = 10, REG_A7 = 17 };
enum { NR_RESTART_SYSCALL = 128 };

static bool is_restart(int64_t result)
{
	return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND ||
	       result == -ERESTART_RESTARTBLOCK;
}

/* No handler will run for now: an interrupted call goes on as if nothing had been, a finished one is over. */
static void settle_call(struct task *t, const int64_t *result)
{
	if (!result)
		return;
	if (is_restart(*result)) {
		t->in_syscall = true;
		t->sys.restarted = true;
	} else {
		t->regs.x[REG_A0] = (uint32_t)*result;
	}
}

/* A handler will run: it sees the call as ended with EINTR, or will return onto its ecall. */
static void end_call(struct task *t, int64_t result, const struct signal_action *act)
{
	bool again = result == -ERESTARTNOINTR || (result == -ERESTARTSYS && (act->flags & ACT_RESTART));

	if (again) {
		t->regs.pc -= 4;
		t->regs.x[REG_A0] = t->sys.args[0];
	} else {
		t->regs.x[REG_A0] = (uint32_t)(is_restart(result) ? -EINTR : result);
	}
}

/* The same for a call that has been undone in the registers of a tracee: it may have been moved elsewhere since. */
static void end_undone_call(struct task *t, const struct signal_action *act)
{
	int32_t code = t->restart.code;

	t->restart.code = 0;
	if (t->regs.pc != t->restart.pc || code == -ERESTARTNOINTR ||
	    (code == -ERESTARTSYS && (act->flags & ACT_RESTART)))
		return;
	t->regs.x[REG_A0] = (uint32_t)-EINTR;
	t->regs.pc += 4;
}

/* No handler: it is made again, and if time has passed in it by the number that knows how much. */
static void settle_undone_call(struct task *t)
{
	if (t->restart.code == -ERESTART_RESTARTBLOCK && t->regs.pc == t->restart.pc)
		t->regs.x[REG_A7] = NR_RESTART_SYSCALL;
	t->restart.code = 0;
}

static void run_handler(struct task *t, struct signal_action *act, const struct signal_info *info,
			const int64_t *result)
{
	struct signal_action a = *act;
	uint64_t mask = t->restore_blocked ? t->saved_blocked : t->blocked;

	if (a.flags & ACT_RESETHAND)
		act->handler = SIGNAL_DFL;
	if (result)
		end_call(t, *result, &a);
	if (t->restart.code)
		end_undone_call(t, &a);
	if (t->rseq.addr)
		rseq_interrupted(t);
	if (signal_frame_push(t, &a, info, mask)) {
		signal_force_segv(t, info->signo);
		return;
	}
	t->restore_blocked = false;
	mask = t->blocked | a.mask;
	if (!(a.flags & ACT_NODEFER))
		mask |= signal_bit(info->signo);
	signal_set_blocked(t, mask);
	if (t->altstack.flags & STACK_AUTODISARM)
		t->altstack = (struct signal_stack){ .flags = STACK_DISABLE };
	if (t->stepping)
		ptrace_handler_entered(t);
}

/* As show_unhandled_signals of the kernel, and where to look. */
static void log_fault(const struct task *t, const struct signal_info *info)
{
	if (!signal_in(info->signo, SIGNALS_SYNC) || info->code <= 0)
		return;
	klog(t->machine, KLOG_WARNING, "%s[%d]: unhandled signal %d (%s) code 0x%x at 0x%08x, pc 0x%08x ra 0x%08x sp 0x%08x",
	     t->comm, t->tid, info->signo, signal_name(info->signo), (unsigned)info->code, info->fault.addr,
	     t->regs.pc, t->regs.x[REG_RA], t->regs.x[REG_SP]);
}

/* Takes the signal. True: it is the last for now. */
static bool take(struct task *t, const struct signal_info *info, const int64_t *result)
{
	struct process *p = t->process;
	struct signal_action *act = &t->sighand->action[info->signo - 1];

	if (act->handler == SIGNAL_IGN)
		return false;
	if (t->machine->strace)
		strace_signal(t, info);
	log_info(t->machine, SIGNAL, "%s[%d]: %s, %s", t->comm, t->tid, signal_name(info->signo), act->handler != SIGNAL_DFL ?
		 "to its handler" : "default action");
	if (act->handler != SIGNAL_DFL) {
		run_handler(t, act, info, result);
		return true;
	}
	if (signal_in(info->signo, SIGNALS_IGNORED))
		return false;
	if (p == t->machine->tasks->init && !p->init_exposed && !signal_in(info->signo, SIGNALS_KERNEL_ONLY))
		return false;
	if (signal_in(info->signo, SIGNALS_STOP)) {
		/* Nobody could continue an orphaned group. */
		if (info->signo != SIGSTOP && pgrp_is_orphaned(p->machine, p->pgid, NULL))
			return false;
		settle_call(t, result);
		signal_stop_process(p, info->signo);
		return true;
	}
	log_fault(t, info);
	crash_report(t, info);
	process_exit(p, (uint32_t)info->signo | (coredump(t, info) ? 0x80 : 0));
	return true;
}

void signal_deliver_one(struct task *t, const struct signal_info *info)
{
	if (!take(t, info, NULL))
		signal_deliver(t, NULL);
}

void signal_deliver(struct task *t, const int64_t *result)
{
	struct process *p = t->process;
	struct signal_info info;

	while (t->state != TASK_ZOMBIE && t->state != TASK_DEAD) {
		if (t->killed) {
			int signo = p->fatal_signal ? p->fatal_signal : SIGKILL;

			/* strace shows what came with it; SIGKILL nobody sees coming. */
			if (t->machine->strace && signo != SIGKILL && signal_take(t, signal_bit(signo), &info))
				strace_signal(t, &info);
			log_info(t->machine, SIGNAL, "%s[%d]: %s, its end", t->comm, t->tid, signal_name(signo));
			process_exit(p, (uint32_t)signo);
			return;
		}
		if (t->trap_pending && ptrace_trap(t))
			return;
		if (!signal_take(t, ~t->blocked, &info))
			break;
		if (t->ptrace && info.signo != SIGKILL && !(t->sighand->action[info.signo - 1].flags & SIGNAL_FINAL)) {
			ptrace_signal(t, &info);
			return;
		}
		if (take(t, &info, result))
			return;
	}
	t->notified = false;
	settle_undone_call(t);
	settle_call(t, result);
	if (t->restore_blocked && !t->in_syscall) {
		t->restore_blocked = false;
		signal_set_blocked(t, t->saved_blocked);
	}
}
