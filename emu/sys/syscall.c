/* SPDX-License-Identifier: MIT
 *
 * Dispatch: from an ecall to its handler, and from the handler's result to a register, a signal
 * handler, a later try.
 */
#include "emu/sys/syscall.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "emu/strace/strace.h"
#include "emu/fs/blkdev.h"
#include "emu/host/clock.h"
#include "emu/ipc/ipc.h"
#include "emu/kernel/klog.h"
#include "emu/ptrace/ptrace.h"
#include "emu/seccomp/seccomp.h"
#include "emu/kernel/tasks.h"

enum { REG_A0 = 10, REG_A7 = 17 };

/* One page of pointers, which costs less each time than a switch does. */
static const syscall_fn handlers[SYSCALL_MAX] = {
#define SYSCALL(nr, name, types, ret) [nr] = sys_##name,
#define SYSCALL_NONE(nr, name, types, ret)
#include "emu/sys/syscalls.def"
#undef SYSCALL
#undef SYSCALL_NONE
};

/*
 * Said once of each number: programs that ask again and again must neither fill the log nor wait for it.
 */
static __attribute__((noinline, cold)) int64_t not_implemented(struct task *t)
{
	uint32_t nr = t->sys.nr, slot = nr < SYSCALL_MAX ? nr : SYSCALL_MAX - 1;
	const char *name = syscall_name(nr);
	uint64_t *said = &t->machine->missed_calls[slot / 64], bit = 1ull << slot % 64;

	_Static_assert(8 * sizeof t->machine->missed_calls == SYSCALL_MAX, "a bit per number");
	if (*said & bit)
		return -ENOSYS;
	*said |= bit;
	klog(t->machine, KLOG_DEBUG, "%s[%d]: system call %u (%s) is not implemented", t->comm, t->tid, nr,
	     name ? name : "unknown");
	return -ENOSYS;
}

static inline int64_t call(struct task *t, const uint32_t args[6])
{
	uint32_t nr = t->sys.nr;

	return nr < SYSCALL_MAX && handlers[nr] ? handlers[nr](t, args) : not_implemented(t);
}

int64_t syscall_handle(struct task *t)
{
	return call(t, t->sys.args);
}

static inline void clear(struct sys_state *s)
{
	s->nr = ~0u;
	memset((char *)s + offsetof(struct sys_state, deadline), 0, sizeof *s - offsetof(struct sys_state, deadline));
}

/* The call is over: nothing of it may outlive it. */
static __attribute__((noinline)) void forget(struct task *t)
{
	struct file *f = t->sys.file;

	if (t->waiter.entries)
		wait_cancel(t);
	if (t->ipc)
		ipc_wait_end(t);
	if (t->asked)
		seccomp_leave(t);
	t->in_syscall = false;
	t->sys.file = NULL;
	clear(&t->sys);
	if (f)
		file_put(f);
}

/* The same of a call that was never blocked, as most are: they leave no more than t->sys. */
static inline void forget_at_once(struct task *t)
{
	if (t->waiter.entries || t->ipc || t->sys.file)
		forget(t);
	else
		clear(&t->sys);
}

/* A tracee's call does not wait in t->sys for a signal to be dealt with: its tracer sees it undone, in the registers. */
static void finish_traced(struct task *t, int64_t result)
{
	const struct sys_state *s = &t->sys;
	uint32_t first_arg = s->args[0];

	if (result == -ERESTART_RESTARTBLOCK) {
		struct sys_restart *r = &t->restart;

		*r = (struct sys_restart){ .resumable = true, .nr = s->nr, .flag = s->flag, .deadline = s->deadline,
					   .done = s->done, .limit = s->limit };
		memcpy(r->args, s->args, sizeof r->args);
	}
	forget(t);
	ptrace_call_ends(t, result, first_arg);
}

static void finish(struct task *t, int64_t result)
{
	struct machine *m = t->machine;

	if (t->state == TASK_ZOMBIE || t->state == TASK_DEAD) {
		forget(t);
		return;
	}
	if (t->closing && result != SYS_BLOCK) {
		t->call_over = !blkdev_closed(t);
		t->result = result;
		result = t->call_over ? SYS_BLOCK : result;
	}
	if (result == SYS_BLOCK) {
		if (m->strace)
			strace_blocked(t);
		t->in_syscall = true;
		t->sys.restarted = true;
		if (t->state == TASK_RUNNABLE) {
			if (t->woken) {		/* what it waits for came while it looked */
				task_yield(t);
				return;
			}
			t->state = TASK_SLEEPING;
			if (t->sys.deadline && !t->sys.timed_out) {
				t->deadline.when = t->sys.deadline;
				(void)time_heap_add(&m->tasks->deadlines, &t->deadline);	/* room was reserved */
			}
		}
		return;
	}
	if (m->strace && result != SYS_NO_RETURN)
		strace_exit(t, result);
	if (t->ptrace) {
		finish_traced(t, result);
		return;
	}
	if (result == SYS_NO_RETURN) {
		forget(t);
		return;
	}
	if (result == -ERESTART_RESTARTBLOCK || task_signalled(t) || t->restore_blocked ||
	    (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK)) {
		t->in_syscall = false;
		signal_deliver(t, &result);
		if (!t->in_syscall)
			forget(t);
		return;
	}
	t->regs.x[REG_A0] = (uint32_t)result;
	forget(t);
}

static void decided(struct task *t, enum seccomp_verdict verdict, int64_t result)
{
	switch (verdict) {
	case SECCOMP_CALL:
		finish(t, call(t, t->sys.args));
		break;
	case SECCOMP_RESULT:
		finish(t, result);
		break;
	case SECCOMP_STOPPED:
		t->sys.nr = ~0u;
		break;
	case SECCOMP_WAITS:
		finish(t, SYS_BLOCK);
		break;
	}
}

/* The number and arguments are in t->sys, pc is behind the ecall.  after_seccomp: a tracer has seen it for a filter. */
static void begin(struct task *t, bool after_seccomp)
{
	int64_t result = 0;

	t->woken = false;
	if (t->machine->strace && !after_seccomp && strace_enter(t, &result)) {
		finish(t, result);
		return;
	}
	if (t->filtered) {
		enum seccomp_verdict verdict = seccomp_check(t, after_seccomp, &result);

		decided(t, verdict, result);
	} else {
		finish(t, call(t, t->sys.args));
	}
}

static void take_arguments(struct task *t)
{
	memcpy(t->sys.args, &t->regs.x[REG_A0], sizeof t->sys.args);
}

static inline void take_number(struct task *t)
{
	t->sys.nr = t->regs.x[REG_A7];
	t->regs.pc += 4;
}

/*
 * What most calls do is little, and what goes on around them is mostly stores.  So this makes none that it need not: the handler
 * has the arguments where the guest put them, and only a call that does not end at once has them taken.
 */
enum hart_call syscall_in_hart(void *owner)
{
	struct task *t = owner;
	int64_t result;

	take_number(t);
	if (t->woken)
		t->woken = false;
	result = call(t, &t->regs.x[REG_A0]);
	if (result <= -ERESTARTSYS || t->attention) {
		if (!t->sys.restarted)		/* restart_syscall(2) has put others there */
			take_arguments(t);
		finish(t, result);
		return HART_CALL_LOOK;
	}
	t->regs.x[REG_A0] = (uint32_t)result;
	forget_at_once(t);
	return HART_CALL_DONE;
}

void syscall_enter(struct task *t)
{
	take_arguments(t);
	take_number(t);
	if (t->ptrace && ptrace_call_begins(t)) {
		t->sys.nr = ~0u;
		return;
	}
	begin(t, false);
}

void syscall_traced(struct task *t, uint32_t first_arg, bool make, bool after_seccomp)
{
	t->sys.args[0] = first_arg;
	for (int i = 1; i < 6; i++)
		t->sys.args[i] = t->regs.x[REG_A0 + i];
	t->sys.nr = t->regs.x[REG_A7];
	if (make && t->sys.nr < SYSCALL_MAX) {
		begin(t, after_seccomp);
		return;
	}
	/* Not made at all (nr -1, PTRACE_SYSEMU): a0 is its result, as the tracer left it. */
	finish(t, (int32_t)t->regs.x[REG_A0]);
}

void syscall_restart(struct task *t)
{
	const struct sys_restart *r = &t->restart;

	t->sys.nr = r->nr;
	memcpy(t->sys.args, r->args, sizeof t->sys.args);
	t->sys.flag = r->flag;
	t->sys.deadline = r->deadline;
	t->sys.done = r->done;
	t->sys.limit = r->limit;
	t->sys.restarted = true;
	t->sys.timed_out = r->deadline && clock_monotonic(t->machine) >= r->deadline;
	t->restart.resumable = false;
}

void syscall_retry(struct task *t)
{
	if (t->waiter.entries)
		wait_cancel(t);
	time_heap_remove(&t->machine->tasks->deadlines, &t->deadline);
	t->in_syscall = false;
	t->woken = false;
	if (t->machine->strace)
		strace_retry(t);
	if (t->asked) {
		enum seccomp_verdict verdict;
		int64_t result = 0;

		t->sys.restarted = false;	/* the call itself has not begun */
		verdict = seccomp_resume(t, &result);
		decided(t, verdict, result);
		return;
	}
	finish(t, t->call_over ? t->result : call(t, t->sys.args));
}
