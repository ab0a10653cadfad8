/* SPDX-License-Identifier: MIT
 *
 * What comes of a filtered task's call (kernel/seccomp.c: __secure_computing_strict(), __seccomp_filter()).
 */
#include <errno.h>
#include <signal.h>
#include "emu/kernel/klog.h"
#include "emu/kernel/task.h"
#include "emu/ptrace/ptrace.h"
#include "emu/seccomp/notify.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/syscall.h"

enum { REG_A0 = 10, ERRNO_MAX = 4095, SIGSYS_SECCOMP = 1 };
enum { NR_READ = 63, NR_WRITE = 64, NR_EXIT = 93, NR_RT_SIGRETURN = 139 };

static void say(const struct task *t, enum klog_level level, const char *what)
{
	const char *name = syscall_name(t->sys.nr);

	klog(t->machine, level, "%s[%d]: seccomp: system call %u (%s) at 0x%08x: %s", t->comm, t->tid, t->sys.nr,
	     name ? name : "unknown", t->regs.pc - 4, what);
}

static int64_t trap(struct task *t, uint32_t data, bool fatal)
{
	struct signal_info info = { .signo = SIGSYS, .code = SIGSYS_SECCOMP, .err = (int)data };

	t->regs.x[REG_A0] = t->sys.args[0];
	info.sys.call_addr = t->regs.pc;
	info.sys.nr = (int)t->sys.nr;
	info.sys.arch = 0x400000f3;		/* AUDIT_ARCH_RISCV32 */
	signal_force(t, &info, fatal);
	return SYS_NO_RETURN;
}

static int64_t kill_task(struct task *t, uint32_t action, uint32_t data)
{
	say(t, KLOG_NOTICE, action == SECCOMP_KILL_THREAD_ && t->process->nthreads > 1 ? "the thread is ended" :
	    "the process is ended");
	if (action != SECCOMP_KILL_THREAD_ || t->process->nthreads == 1)
		return trap(t, data, true);
	task_exit(t, SIGSYS);
	return SYS_NO_RETURN;
}

static enum seccomp_verdict strict(struct task *t, int64_t *result)
{
	uint32_t nr = t->sys.nr;

	if (nr == NR_READ || nr == NR_WRITE || nr == NR_EXIT || nr == NR_RT_SIGRETURN)
		return SECCOMP_CALL;
	say(t, KLOG_NOTICE, "not allowed in strict mode");
	task_exit(t, SIGKILL);
	*result = SYS_NO_RETURN;
	return SECCOMP_RESULT;
}

/* As restart codes these would have the call tried again, unasked, if a signal is pending: they go to the register as they are. */
static int64_t fail(struct task *t, uint32_t data)
{
	int64_t result = -(int64_t)(data < ERRNO_MAX ? data : ERRNO_MAX);

	if (result > -ERESTARTSYS || result < -ERESTART_RESTARTBLOCK)
		return result;
	t->regs.x[REG_A0] = (uint32_t)result;
	return SYS_NO_RETURN;
}

static enum seccomp_verdict ask_tracer(struct task *t, uint32_t data, int64_t *result)
{
	if (task_is_traced(t) && ptrace_seccomp(t, data, t->sys.args[0]))
		return SECCOMP_STOPPED;
	*result = -ENOSYS;
	return SECCOMP_RESULT;
}

enum seccomp_verdict seccomp_check(struct task *t, bool after_trace, int64_t *result)
{
	struct seccomp_listener *listener;
	uint32_t answer, action, data;
	bool log;

	if (t->filtered == SECCOMP_STRICT_)
		return strict(t, result);
	answer = seccomp_ask(t, &log, &listener);
	action = answer & 0xffff0000;
	data = answer & 0xffff;
	if (log && (action == SECCOMP_ERRNO_ || action == SECCOMP_TRAP_ || action == SECCOMP_TRACE_ || action == SECCOMP_USER_NOTIF_))
		say(t, KLOG_INFO, "not allowed");
	switch (action) {
	case SECCOMP_LOG_:
		say(t, KLOG_INFO, "allowed");
		/* fall through */
	case SECCOMP_ALLOW_:
		return SECCOMP_CALL;
	case SECCOMP_TRACE_:
		return after_trace ? SECCOMP_CALL : ask_tracer(t, data, result);
	case SECCOMP_ERRNO_:
		*result = fail(t, data);
		break;
	case SECCOMP_TRAP_:
		*result = trap(t, data, false);
		break;
	case SECCOMP_USER_NOTIF_:
		if (listener)
			return seccomp_notify(t, listener, result);
		*result = -ENOSYS;
		break;
	default:
		*result = kill_task(t, action, data);
		break;
	}
	return SECCOMP_RESULT;
}
