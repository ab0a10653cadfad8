/* SPDX-License-Identifier: MIT
 *
 * waitid(2): the only wait call of riscv32.
 */
#include <errno.h>
#include <string.h>
#include "emu/kernel/rusage.h"
#include "emu/kernel/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/user.h"

enum { P_ALL, P_PID, P_PGID, P_PIDFD };
enum {
	W_NOHANG = 1, W_STOPPED = 2, W_EXITED = 4, W_CONTINUED = 8, W_NOWAIT = 0x01000000,
	W_NOTHREAD = 0x20000000, W_ALL = 0x40000000, W_CLONE = (int)0x80000000,
};
enum { CLD_EXITED_ = 1, CLD_KILLED_ = 2, CLD_DUMPED_ = 3, CLD_STOPPED_ = 5, CLD_CONTINUED_ = 6 };

struct wish { uint32_t type, id, options; };

static bool eligible(const struct process *p, const struct wish *w)
{
	bool clone_child = p->exit_signal != 17;

	if (w->type == P_PID && p->pid != (int)w->id)
		return false;
	if (w->type == P_PGID && p->pgid != (int)w->id)
		return false;
	return (w->options & W_ALL) || clone_child == ((w->options & (uint32_t)W_CLONE) != 0);
}

/* True if p has something to tell that the wish asks for. */
static bool has_news(const struct process *p, const struct wish *w, struct signal_info *info)
{
	uint32_t code = p->exit_code;

	*info = (struct signal_info){ .signo = 17 };
	info->child.pid = p->pid;
	info->child.uid = p->leader->cred.uid;
	if (p->zombie) {
		if (!(w->options & W_EXITED))
			return false;
		info->code = !(code & 0x7f) ? CLD_EXITED_ : (code & 0x80) ? CLD_DUMPED_ : CLD_KILLED_;
		info->child.status = (int)((code & 0x7f) ? code & 0x7f : code >> 8 & 0xff);
		return true;
	}
	if (p->stopped && !p->stop_reported && (w->options & W_STOPPED)) {
		info->code = CLD_STOPPED_;
		info->child.status = (int)p->stop_signal;
		return true;
	}
	if (p->continued && (w->options & W_CONTINUED)) {
		info->code = CLD_CONTINUED_;
		info->child.status = 18;
		return true;
	}
	return false;
}

static void consume(struct process *p)
{
	if (p->zombie)
		process_reap(p);
	else if (p->stopped)
		p->stop_reported = true;
	else
		p->continued = false;
}

/* The first child with news in *found; 0, or -ECHILD when no child could ever have any. */
static int look(struct process *parent, const struct wish *w, struct process **found, struct signal_info *info)
{
	int err = -ECHILD;

	*found = NULL;
	if (w->type == P_PID) {		/* no search among thousands of children */
		struct process *p = process_find(parent->machine, (int)w->id);

		if (!p || p->parent != parent || !eligible(p, w))
			return -ECHILD;
		if (has_news(p, w, info))
			*found = p;
		return 0;
	}
	for (struct process *p = parent->children; p; p = p->sibling_next) {
		if (!eligible(p, w))
			continue;
		err = 0;
		if (has_news(p, w, info)) {
			*found = p;
			break;
		}
	}
	return err;
}

int64_t sys_waitid(struct task *t, const uint32_t a[6])
{
	struct wish w = { a[0], a[1], a[3] };
	struct signal_info info;
	struct guest_rusage ru;
	struct process *p;
	int err;

	if (w.options & ~(uint32_t)(W_NOHANG | W_NOWAIT | W_EXITED | W_STOPPED | W_CONTINUED | W_NOTHREAD | W_CLONE | W_ALL))
		return -EINVAL;
	if (!(w.options & (W_EXITED | W_STOPPED | W_CONTINUED)))
		return -EINVAL;
	switch (w.type) {
	case P_ALL:
		break;
	case P_PID:
		if ((int)w.id <= 0)
			return -EINVAL;
		break;
	case P_PGID:
		if ((int)w.id < 0)
			return -EINVAL;
		if (!w.id)
			w.id = (uint32_t)t->process->pgid;
		break;
	case P_PIDFD:
		return -EBADF;
	default:
		return -EINVAL;
	}
	err = look(t->process, &w, &p, &info);
	if (err)
		return err;
	if (!p) {
		if (w.options & W_NOHANG) {
			/* Success, and a siginfo that names nobody. */
			if (a[2] && user_write(t, a[2], (uint32_t[3]){ 0 }, 12))
				return -EFAULT;
			if (a[2] && user_write(t, a[2] + 12, (uint32_t[3]){ 0 }, 12))
				return -EFAULT;
			return 0;
		}
		wait_on(&t->process->child_wait, t);
		return task_block(t);
	}
	rusage_of_child(p, &ru);
	if (!(w.options & W_NOWAIT))
		consume(p);
	if (a[4] && user_write(t, a[4], &ru, sizeof ru))
		return -EFAULT;
	if (a[2] && signal_info_to_guest(t, a[2], &info))
		return -EFAULT;
	return 0;
}
