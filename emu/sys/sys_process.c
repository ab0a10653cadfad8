/* SPDX-License-Identifier: MIT
 *
 * Who a process is: numbers, groups, sessions; and the small calls about the task itself.
 */
#include <errno.h>
#include <string.h>
#include "emu/kernel/klog.h"
#include "emu/sys/prctl.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"
#include "emu/tty/tty.h"

int64_t sys_getpid(struct task *t, const uint32_t a[6])
{
	(void)a;
	return t->process->pid;
}

int64_t sys_getppid(struct task *t, const uint32_t a[6])
{
	(void)a;
	return t->process->parent ? t->process->parent->pid : 0;
}

int64_t sys_gettid(struct task *t, const uint32_t a[6])
{
	(void)a;
	return t->tid;
}

int64_t sys_set_tid_address(struct task *t, const uint32_t a[6])
{
	t->clear_tid = a[0];
	return t->tid;
}

int64_t sys_sched_yield(struct task *t, const uint32_t a[6])
{
	(void)a;
	task_yield(t);
	return 0;
}

/* The process a pid argument names: 0 is the caller's own. */
static struct process *named(struct task *t, uint32_t pid)
{
	struct task *other;

	if (!pid)
		return t->process;
	other = task_find(t->machine, (int)pid);
	return other ? other->process : NULL;
}

int64_t sys_setpgid(struct task *t, const uint32_t a[6])
{
	struct process *self = t->process, *p;
	int pgid = (int)(a[1] ? a[1] : a[0] ? a[0] : (uint32_t)self->pid);

	/* kernel/sys.c setpgid(): its order. */
	if ((int)a[1] < 0)
		return -EINVAL;
	p = a[0] ? process_find(t->machine, (int)a[0]) : self;
	if (!p)
		return -ESRCH;
	if (p != self && p->parent == self) {
		if (p->sid != self->sid)
			return -EPERM;
		if (p->exec_done)
			return -EACCES;
	} else if (p != self) {
		return -ESRCH;
	}
	if (p->sid == p->pid)
		return -EPERM;
	if (pgid != p->pid) {
		const struct process *q = process_first(t->machine);

		while (q && !(q->pgid == pgid && q->sid == self->sid))
			q = q->next;
		if (!q)
			return -EPERM;
	}
	if (p->pgid != pgid)
		process_set_group(p, pgid, p->sid);
	return 0;
}

int64_t sys_getpgid(struct task *t, const uint32_t a[6])
{
	const struct process *p = named(t, a[0]);

	return p ? p->pgid : -ESRCH;
}

int64_t sys_getsid(struct task *t, const uint32_t a[6])
{
	const struct process *p = named(t, a[0]);

	return p ? p->sid : -ESRCH;
}

int64_t sys_setsid(struct task *t, const uint32_t a[6])
{
	struct process *p = t->process;

	(void)a;
	if (p->sid == p->pid || t->machine->tasks->id[p->pid].in_group)
		return -EPERM;
	process_set_group(p, p->pid, p->pid);
	p->tty = NULL;
	return p->pid;
}

int64_t sys_personality(struct task *t, const uint32_t a[6])
{
	uint32_t old = t->personality;

	/* As the kernel, which takes any. */
	if (a[0] != 0xffffffffu)
		t->personality = a[0];
	return old;
}

/* --- prctl --- */

enum {
	PR_SET_PDEATHSIG_ = 1, PR_GET_PDEATHSIG_ = 2, PR_GET_DUMPABLE_ = 3, PR_SET_DUMPABLE_ = 4,
	PR_SET_NAME_ = 15, PR_GET_NAME_ = 16, PR_GET_SECCOMP_ = 21, PR_SET_SECCOMP_ = 22,
	PR_SET_TIMERSLACK_ = 29, PR_GET_TIMERSLACK_ = 30,
	PR_SET_CHILD_SUBREAPER_ = 36, PR_GET_CHILD_SUBREAPER_ = 37,
	PR_SET_NO_NEW_PRIVS_ = 38, PR_GET_NO_NEW_PRIVS_ = 39,
};

int64_t sys_prctl(struct task *t, const uint32_t a[6])
{
	struct process *p = t->process;
	int64_t r = prctl_caps(t, a);
	char name[16] = "";

	if (r != PRCTL_NOT_MINE)
		return r;
	switch (a[0]) {
	case PR_SET_PDEATHSIG_:
		if (a[1] > SIGNALS)
			return -EINVAL;
		t->pdeath_signal = a[1];
		return 0;
	case PR_GET_PDEATHSIG_:
		return user_put32(t, a[1], t->pdeath_signal);
	case PR_GET_DUMPABLE_:
		return p->dumpable;
	case PR_SET_DUMPABLE_:
		if (a[1] > 1)
			return -EINVAL;
		p->dumpable = (uint8_t)a[1];
		return 0;
	case PR_GET_SECCOMP_:
		return t->filtered;
	case PR_SET_SECCOMP_:
		return prctl_set_seccomp(t, a[1], a[2]);
	case PR_SET_NAME_: {
		int64_t n = flat_read_string(t->machine->flat, name, a[1], sizeof name);

		/* Longer names are cut, as strncpy_from_user() does. */
		if (n == -ENAMETOOLONG ? user_read(t, name, a[1], sizeof name - 1) : n < 0)
			return -EFAULT;
		name[sizeof name - 1] = 0;
		memset(t->comm, 0, sizeof t->comm);
		strcpy(t->comm, name);
		return 0;
	}
	case PR_GET_NAME_:
		return user_write(t, a[1], t->comm, sizeof t->comm);
	case PR_SET_TIMERSLACK_:
		return 0;
	case PR_GET_TIMERSLACK_:
		return 50000;
	case PR_SET_CHILD_SUBREAPER_:
		p->subreaper = a[1] != 0;
		return 0;
	case PR_GET_CHILD_SUBREAPER_:
		return user_put32(t, a[1], p->subreaper);
	case PR_SET_NO_NEW_PRIVS_:
		if (a[1] != 1 || a[2] || a[3] || a[4])
			return -EINVAL;
		t->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS_:
		return a[1] || a[2] || a[3] || a[4] ? -EINVAL : t->no_new_privs;
	default:
		return -EINVAL;
	}
}

/* --- reboot --- */

int64_t sys_reboot(struct task *t, const uint32_t a[6])
{
	struct machine *m = t->machine;

	if (!task_capable(t, 22))
		return -EPERM;
	if (a[0] != 0xfee1dead || (a[1] != 672274793 && a[1] != 85072278 && a[1] != 369367448 && a[1] != 537993216))
		return -EINVAL;
	switch (a[2]) {
	case 0x89abcdef:	/* CAD_ON */
	case 0:			/* CAD_OFF */
		m->cad_off = !a[2];	/* there is no such key here */
		return 0;
	case 0xa1b2c3d4:	/* RESTART2: with a word for the firmware */
		if (!user_span(t, a[3], 1))
			return -EFAULT;
		/* fall through */
	case 0x01234567:	/* RESTART */
	case 0xcdef0123:	/* HALT */
	case 0x4321fedc:	/* POWER_OFF */
		klog(m, KLOG_INFO, "reboot: %s", a[2] == 0xcdef0123 ? "System halted" :
		     a[2] == 0x4321fedc ? "Power down" : "Restarting system");
		m->restarts = a[2] == 0x01234567 || a[2] == 0xa1b2c3d4;
		m->halted = true;
		task_yield(t);
		return 0;
	default:
		return -EINVAL;
	}
}
