/* SPDX-License-Identifier: MIT
 *
 * pidfd_open, pidfd_getfd.  pidfd_send_signal is in sys_signal.c, CLONE_PIDFD in emu/kernel/clone.c, P_PIDFD in waitid.c.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include "emu/event/pidfd.h"
#include "emu/kernel/tasks.h"
#include "emu/ptrace/ptrace.h"

int64_t sys_pidfd_open(struct task *t, const uint32_t a[6])
{
	const struct tasks *ts = t->machine->tasks;
	int pid = (int)a[0], err;
	struct task *of;
	struct file *f;

	if (a[1] & ~(uint32_t)(G_O_NONBLOCK | PIDFD_THREAD))
		return -EINVAL;
	if (pid <= 0)
		return -EINVAL;
	of = task_find(t->machine, pid);
	if (!of) {
		/* A group or session still has the number, but nobody is there. */
		bool used = pid < PID_LIMIT && (ts->id[pid].in_group || ts->id[pid].in_session);

		return used ? -EINVAL : -ESRCH;
	}
	if (!(a[1] & PIDFD_THREAD) && of != of->process->leader)
		return -EINVAL;
	err = pidfd_new(of, a[1], &f);
	return err ? err : files_install(t, f, 0, true);
}

int64_t sys_pidfd_getfd(struct task *t, const uint32_t a[6])
{
	struct file *f, *wanted;
	struct task *of;

	if (a[2])
		return -EINVAL;
	f = files_io(t, a[0]);
	if (!f || !file_is_pidfd(f))
		return -EBADF;
	of = pidfd_task(f);
	if (!of)
		return -ESRCH;
	if (ptrace_may_access(t, of, PTRACE_REALCREDS))
		return -EPERM;
	if (!of->fds)
		return -ESRCH;
	wanted = fds_look(of->fds, a[1]);
	return wanted ? files_install(t, file_get(wanted), 0, true) : -EBADF;
}
