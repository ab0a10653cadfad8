/* SPDX-License-Identifier: MIT
 *
 * Dispatch: from an ecall to its handler, and from the handler's result to a register, a signal
 * handler, a later try.
 */
#include "emu/kernel/syscall.h"

#include <errno.h>
#include "emu/debug/strace.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/tasks.h"

enum { REG_A0 = 10, REG_A7 = 17 };

const struct syscall_entry syscall_table[SYSCALL_MAX] = {
#define SYSCALL(nr, name, args, ret) [nr] = { sys_##name, #name, args, ret },
#define SYSCALL_NONE(nr, name, args, ret) [nr] = { NULL, #name, args, ret },
#include "emu/kernel/syscalls.def"
#undef SYSCALL
#undef SYSCALL_NONE
};

static int64_t call(struct task *t)
{
	uint32_t nr = t->sys.nr;
	const struct syscall_entry *e = nr < SYSCALL_MAX ? &syscall_table[nr] : NULL;

	if (e && e->fn)
		return e->fn(t, t->sys.args);
	klog(t->machine, KLOG_DEBUG, "%s[%d]: system call %u (%s) is not implemented", t->comm, t->tid, nr,
	     e && e->name ? e->name : "unknown");
	return -ENOSYS;
}

/* The call is over: nothing of it may outlive it. */
static void forget(struct task *t)
{
	struct file *f = t->sys.file;

	if (t->waits)
		wait_cancel(t);
	t->in_syscall = false;
	t->sys.nr = ~0u;
	t->sys.file = NULL;
	t->sys.deadline = 0;
	t->sys.restarted = t->sys.timed_out = false;
	t->sys.done = 0;
	t->sys.flag = 0;
	if (f)
		file_put(f);
}

static void finish(struct task *t, int64_t result)
{
	struct machine *m = t->machine;

	if (t->state == TASK_ZOMBIE || t->state == TASK_DEAD) {
		forget(t);
		return;
	}
	if (result == SYS_BLOCK) {
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

void syscall_enter(struct task *t)
{
	for (int i = 0; i < 6; i++)
		t->sys.args[i] = t->regs.x[REG_A0 + i];
	t->sys.nr = t->regs.x[REG_A7];
	t->regs.pc += 4;
	t->woken = false;
	if (t->machine->strace)
		strace_enter(t);
	finish(t, call(t));
}

void syscall_retry(struct task *t)
{
	if (t->waits)
		wait_cancel(t);
	time_heap_remove(&t->machine->tasks->deadlines, &t->deadline);
	t->in_syscall = false;
	t->woken = false;
	finish(t, call(t));
}
