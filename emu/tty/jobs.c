/* SPDX-License-Identifier: MIT
 *
 * Job control (drivers/tty/tty_jobctrl.c): which session a terminal controls, which group is in front, and what
 * happens to the others when they touch it.
 */
#include <errno.h>
#include "emu/signal/signal.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"
#include "emu/tty/tty.h"

enum { SIG_HUP = 1, SIG_CONT = 18, SIG_TTIN = 21, SIG_TTOU = 22 };
enum { CAP_SYS_ADMIN_ = 21, CAP_SYS_TTY_CONFIG_ = 26 };

static bool ignores(const struct task *t, int signo)
{
	return (t->blocked >> (signo - 1) & 1) || t->sighand->action[signo - 1].handler == 1 /* SIG_IGN */;
}

/* A background process: signalled and to be restarted, or an error where nobody could continue it. */
static int not_in_front(struct task *t, int signo)
{
	if (pgrp_is_orphaned(t->machine, t->process->pgid, NULL))
		return -EIO;
	signal_send_group(t->machine, t->process->pgid, signo, NULL);
	return -ERESTARTSYS;
}

static bool in_background(const struct tty *tty, const struct task *t)
{
	return t->process->tty == tty && tty->pgrp && tty->pgrp != t->process->pgid;
}

int tty_check_read(struct tty *tty, struct task *t)
{
	if (!in_background(tty, t))
		return 0;
	return ignores(t, SIG_TTIN) ? -EIO : not_in_front(t, SIG_TTIN);
}

int tty_check_change(struct tty *tty, struct task *t)
{
	if (!in_background(tty, t) || ignores(t, SIG_TTOU))
		return 0;
	return not_in_front(t, SIG_TTOU);
}

/* --- Sessions --- */

static bool leads_session(const struct process *p) { return p->pid == p->sid; }

void tty_acquire(struct tty *tty, struct process *p)
{
	if (!leads_session(p) || p->tty || tty->session)
		return;
	tty->session = p->sid;
	tty->pgrp = p->pgid;
	p->tty = tty;
}

void tty_put_in_front(struct tty *tty, struct process *p)
{
	struct process *leader = process_find(p->machine, p->sid);

	tty_acquire(tty, leader);
	p->tty = leader->tty;
	tty->pgrp = p->pgid;
}

/* Nobody of the session has it any more (session_clear_tty()). */
static void leave_session(struct tty *tty)
{
	for (struct process *p = process_first(tty->machine); p; p = p->next)
		if (p->tty == tty && p->sid == tty->session)
			p->tty = NULL;
	tty->session = tty->pgrp = 0;
}

void tty_hangup(struct tty *tty, bool session_ended)
{
	struct machine *m = tty->machine;
	struct process *leader = tty->session ? process_find(m, tty->session) : NULL;

	if (leader && !leader->zombie && leader->tty == tty) {
		signal_send_process(leader, SIG_HUP, NULL);
		signal_send_process(leader, SIG_CONT, NULL);
	}
	if (session_ended && tty->pgrp)
		signal_send_group(m, tty->pgrp, SIG_HUP, NULL);
	leave_session(tty);
	tty->generation++;
	tty->stopped = tty->tco_stopped = false;
	tty_in_flush(tty);
	wake_all(&tty->readable);
	wake_all(&tty->writable);
}

/* disassociate_ctty() */
static void give_up(struct process *p)
{
	struct tty *tty = p->tty;

	if (!tty)
		return;
	if (leads_session(p) && tty->session == p->sid) {
		if (tty->pgrp) {
			signal_send_group(p->machine, tty->pgrp, SIG_HUP, NULL);
			signal_send_group(p->machine, tty->pgrp, SIG_CONT, NULL);
		}
		leave_session(tty);
	}
	p->tty = NULL;
}

void tty_process_exit(struct process *p)
{
	struct tty *tty = p->tty;

	if (tty && leads_session(p) && tty->session == p->sid) {
		if (!tty->driver->pair) {
			tty_hangup(tty, true);
		} else {
			/* The master decides when it is over (disassociate_ctty()). */
			if (tty->pgrp)
				signal_send_group(p->machine, tty->pgrp, SIG_HUP, NULL);
			leave_session(tty);
		}
	}
	p->tty = NULL;
}

int64_t sys_vhangup(struct task *t, const uint32_t a[6])
{
	struct tty *tty = t->process->tty;

	(void)a;
	if (!task_capable(t, CAP_SYS_TTY_CONFIG_))
		return -EPERM;
	if (tty)
		tty_hangup(tty, false);
	return 0;
}

/* --- The ioctls --- */

static int64_t set_controlling(struct tty *tty, struct file *f, struct task *t, uint32_t steal)
{
	struct process *p = t->process;

	if (leads_session(p) && tty->session == p->sid)
		return 0;
	if (!leads_session(p) || p->tty)
		return -EPERM;
	if (tty->session) {
		if (steal != 1 || !task_capable(t, CAP_SYS_ADMIN_))
			return -EPERM;
		leave_session(tty);
	}
	if (!file_readable(f) && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	tty_acquire(tty, p);
	return 0;
}

static int64_t set_foreground(struct tty *tty, struct task *t, uint32_t arg)
{
	struct process *p = t->process, *member;
	uint32_t pgid;
	int err = tty_check_change(tty, t);

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (p->tty != tty || tty->session != p->sid)
		return -ENOTTY;
	if (user_get32(t, arg, &pgid))
		return -EFAULT;
	if ((int32_t)pgid < 0)
		return -EINVAL;
	for (member = process_first(t->machine); member; member = member->next)
		if (member->pgid == (int)pgid)
			break;
	if (!member)
		return -ESRCH;
	if (member->sid != p->sid)
		return -EPERM;
	tty->pgrp = (int)pgid;
	return 0;
}

int64_t tty_job_ioctl(struct tty *tty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case TTY_TIOCSCTTY:
		return set_controlling(tty, f, t, arg);
	case TTY_TIOCNOTTY:
		if (t->process->tty != tty)
			return -ENOTTY;
		give_up(t->process);
		return 0;
	case TTY_TIOCGPGRP:
		if (t->process->tty != tty)
			return -ENOTTY;
		return user_put32(t, arg, (uint32_t)tty->pgrp);
	case TTY_TIOCSPGRP:
		return set_foreground(tty, t, arg);
	case TTY_TIOCGSID:
		if (t->process->tty != tty || !tty->session)
			return -ENOTTY;
		return user_put32(t, arg, (uint32_t)tty->session);
	}
	return TTY_NOT_MINE;
}
