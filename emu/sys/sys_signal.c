/* SPDX-License-Identifier: MIT
 *
 * The signal system calls (kernel/signal.c).
 */
#include <errno.h>
#include "emu/event/pidfd.h"
#include "emu/kernel/files.h"
#include "emu/proc/proc.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/user.h"

#define CAP_KILL_ 5
#define SIGSET_BYTES 8u

enum { REG_SP = 2 };

/* struct sigaction of riscv32: there is no sa_restorer. */
struct guest_action { uint32_t handler, flags, mask[2]; };

static uint64_t from_words(const uint32_t w[2])
{
	return w[0] | (uint64_t)w[1] << 32;
}

static int get_mask(struct task *t, uint32_t addr, uint64_t *mask)
{
	uint32_t w[2];

	if (user_read(t, w, addr, sizeof w))
		return -EFAULT;
	*mask = from_words(w);
	return 0;
}

/* --- Sending --- */

/* check_kill_permission() */
static int may_signal(const struct task *t, const struct process *p, int signo)
{
	const struct cred *from = &t->cred, *to;

	if (signo < 0 || signo > SIGNALS)
		return -EINVAL;
	if (p == t->process)
		return 0;
	to = &p->leader->cred;
	if (from->euid == to->suid || from->euid == to->uid || from->uid == to->suid || from->uid == to->uid ||
	    task_capable(t, CAP_KILL_))
		return 0;
	return signo == SIGCONT && t->process->sid == p->sid ? 0 : -EPERM;
}

static int send_to(struct task *t, struct process *p, struct task *to, int signo, const struct signal_info *info)
{
	int err = may_signal(t, p, signo);

	if (err || !signo)
		return err;
	return to ? signal_send_task(to, signo, info) : signal_send_process(p, signo, info);
}

/* By any of a process's thread numbers, as kill_pid_info() does. */
static struct process *process_of(struct machine *m, int pid)
{
	struct process *p = process_find(m, pid);
	struct task *t;

	if (p)
		return p;
	t = task_find(m, pid);
	return t && t->state != TASK_DEAD ? t->process : NULL;
}

static int64_t kill_group(struct task *t, int pgid, int signo, const struct signal_info *info)
{
	bool done = false;
	int err = -ESRCH;

	for (struct process *p = process_first(t->machine); p; p = p->next) {
		int e;

		if (p->pgid != pgid)
			continue;
		e = send_to(t, p, NULL, signo, info);
		done |= !e;
		err = e;
	}
	return done ? 0 : err;
}

static int64_t kill_everybody(struct task *t, int signo, const struct signal_info *info)
{
	int64_t result = -ESRCH;
	bool any = false;

	for (struct process *p = process_first(t->machine); p; p = p->next) {
		int e;

		if (p->pid <= 1 || p == t->process)
			continue;
		e = send_to(t, p, NULL, signo, info);
		if (!any)
			result = 0;
		any = true;
		if (e != -EPERM)
			result = e;
	}
	return result;
}

static struct signal_info from_caller(const struct task *t, int signo, int code)
{
	struct signal_info info = { .signo = signo, .code = code };

	info.rt.pid = t->process->pid;
	info.rt.uid = t->cred.uid;
	return info;
}

int64_t sys_kill(struct task *t, const uint32_t a[6])
{
	int pid = (int)a[0], signo = (int)a[1];
	struct signal_info info = from_caller(t, signo, SI_USER);
	struct process *p;

	if (pid > 0) {
		p = process_of(t->machine, pid);
		return p ? send_to(t, p, NULL, signo, &info) : -ESRCH;
	}
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1)
		return kill_everybody(t, signo, &info);
	return kill_group(t, pid ? -pid : t->process->pgid, signo, &info);
}

/* tgid 0: whatever process the thread is in. */
static int64_t send_specific(struct task *t, int tgid, int tid, int signo, const struct signal_info *info)
{
	struct task *to = task_find(t->machine, tid);

	if (!to || to->state == TASK_DEAD || (tgid > 0 && to->process->pid != tgid))
		return -ESRCH;
	return send_to(t, to->process, to, signo, info);
}

int64_t sys_tgkill(struct task *t, const uint32_t a[6])
{
	int tgid = (int)a[0], tid = (int)a[1], signo = (int)a[2];
	struct signal_info info = from_caller(t, signo, SI_TKILL);

	if (tid <= 0 || tgid <= 0)
		return -EINVAL;
	return send_specific(t, tgid, tid, signo, &info);
}

int64_t sys_tkill(struct task *t, const uint32_t a[6])
{
	int tid = (int)a[0], signo = (int)a[1];
	struct signal_info info = from_caller(t, signo, SI_TKILL);

	return tid <= 0 ? -EINVAL : send_specific(t, 0, tid, signo, &info);
}

/* Nobody may pretend to be the kernel, or kill(2), towards others. */
static int check_given(const struct task *t, int pid, const struct signal_info *info)
{
	return (info->code >= 0 || info->code == SI_TKILL) && t->process->pid != pid ? -EPERM : 0;
}

int64_t sys_rt_sigqueueinfo(struct task *t, const uint32_t a[6])
{
	int pid = (int)a[0], signo = (int)a[1];
	struct signal_info info;
	struct process *p;

	if (signal_info_from_guest(t, a[2], &info))
		return -EFAULT;
	info.signo = signo;
	if (check_given(t, pid, &info))
		return -EPERM;
	p = pid > 0 ? process_of(t->machine, pid) : NULL;
	return p ? send_to(t, p, NULL, signo, &info) : -ESRCH;
}

int64_t sys_rt_tgsigqueueinfo(struct task *t, const uint32_t a[6])
{
	int tgid = (int)a[0], tid = (int)a[1], signo = (int)a[2];
	struct signal_info info;

	if (signal_info_from_guest(t, a[3], &info))
		return -EFAULT;
	info.signo = signo;
	if (tid <= 0 || tgid <= 0)
		return -EINVAL;
	if (check_given(t, tid, &info))
		return -EPERM;
	return send_specific(t, tgid, tid, signo, &info);
}

enum { PIDFD_SIGNAL_THREAD_ = 1, PIDFD_SIGNAL_THREAD_GROUP_ = 2, PIDFD_SIGNAL_PROCESS_GROUP_ = 4 };

/* The task a pidfd, or a /proc/PID, stands for.  0, -EBADF, -ESRCH. */
static int task_of_fd(struct task *t, uint32_t fd, struct task **out, bool *thread)
{
	struct file *f = files_io(t, fd);

	if (!f)
		return -EBADF;
	*thread = false;
	if (!file_is_pidfd(f))
		return proc_process_of(f, out);
	*thread = f->flags & PIDFD_THREAD;
	*out = pidfd_task(f);
	return *out ? 0 : -ESRCH;
}

int64_t sys_pidfd_send_signal(struct task *t, const uint32_t a[6])
{
	uint32_t scope = a[3];
	int signo = (int)a[1], err;
	struct signal_info info;
	struct task *to = NULL;
	bool thread;

	if (scope & ~7u || __builtin_popcount(scope) > 1)
		return -EINVAL;
	err = task_of_fd(t, a[0], &to, &thread);
	if (err == -EBADF)
		return err;
	if (!scope)
		scope = thread ? PIDFD_SIGNAL_THREAD_ : PIDFD_SIGNAL_THREAD_GROUP_;
	info = from_caller(t, signo, scope == PIDFD_SIGNAL_THREAD_ ? SI_TKILL : SI_USER);
	if (a[2]) {
		if (signal_info_from_guest(t, a[2], &info))
			return -EFAULT;
		if (info.signo != signo)
			return -EINVAL;
		/* Nobody may pretend to be the kernel, or kill(2), towards others. */
		if ((to != t || scope == PIDFD_SIGNAL_PROCESS_GROUP_) && (info.code >= 0 || info.code == SI_TKILL))
			return -EPERM;
	}
	if (err)
		return err;
	if (scope == PIDFD_SIGNAL_PROCESS_GROUP_)
		return kill_group(t, to->tid, signo, &info);
	return send_to(t, to->process, scope == PIDFD_SIGNAL_THREAD_ ? to : NULL, signo, &info);
}

/* --- Actions and masks --- */

int64_t sys_rt_sigaction(struct task *t, const uint32_t a[6])
{
	int signo = (int)a[0];
	struct guest_action in, out;
	struct signal_action *act;

	if (a[3] != SIGSET_BYTES)
		return -EINVAL;
	if (a[1] && user_read(t, &in, a[1], sizeof in))
		return -EFAULT;
	if (signo < 1 || signo > SIGNALS || (a[1] && signal_in(signo, SIGNALS_KERNEL_ONLY)))
		return -EINVAL;
	act = &t->sighand->action[signo - 1];
	if (a[1] && (act->flags & SIGNAL_FINAL))
		return -EINVAL;
	out = (struct guest_action){ act->handler, act->flags, { (uint32_t)act->mask, (uint32_t)(act->mask >> 32) } };
	if (a[1]) {
		act->handler = in.handler;
		act->flags = in.flags & ACT_FLAGS;
		act->mask = from_words(in.mask) & ~SIGNALS_KERNEL_ONLY;
		/* POSIX 3.3.1.3: what is ignored from now on is not pending any more. */
		if (act->handler == SIGNAL_IGN || (act->handler == SIGNAL_DFL && signal_in(signo, SIGNALS_IGNORED)))
			signal_discard(t->process, signal_bit(signo));
	}
	return a[2] ? user_write(t, a[2], &out, sizeof out) : 0;
}

int64_t sys_rt_sigprocmask(struct task *t, const uint32_t a[6])
{
	uint64_t old = t->blocked, set;

	if (a[3] != SIGSET_BYTES)
		return -EINVAL;
	if (a[1]) {
		if (get_mask(t, a[1], &set))
			return -EFAULT;
		switch (a[0]) {
		case 0:
			set = old | set;
			break;
		case 1:
			set = old & ~set;
			break;
		case 2:
			break;
		default:
			return -EINVAL;
		}
		signal_set_blocked(t, set);
	}
	return a[2] ? user_write(t, a[2], (uint32_t[2]){ (uint32_t)old, (uint32_t)(old >> 32) }, SIGSET_BYTES) : 0;
}

int64_t sys_rt_sigpending(struct task *t, const uint32_t a[6])
{
	uint64_t set = (t->pending.set | t->process->pending.set) & t->blocked;

	if (a[1] > SIGSET_BYTES)
		return -EINVAL;
	return user_write(t, a[0], (uint32_t[2]){ (uint32_t)set, (uint32_t)(set >> 32) }, a[1]);
}

int64_t sys_sigaltstack(struct task *t, const uint32_t a[6])
{
	const struct signal_stack *s = &t->altstack;
	uint32_t in[3], sp = t->regs.x[REG_SP];
	uint32_t out[3] = { s->sp, signal_stack_state(s, sp) | (s->flags & STACK_AUTODISARM), s->size };
	int err;

	if (a[0]) {
		if (user_read(t, in, a[0], sizeof in))
			return -EFAULT;
		err = signal_stack_set(t, in[0], in[1], in[2]);
		if (err)
			return err;
	}
	return a[1] ? user_write(t, a[1], out, sizeof out) : 0;
}

/* --- Waiting --- */

int64_t sys_rt_sigsuspend(struct task *t, const uint32_t a[6])
{
	uint64_t mask;

	if (a[1] != SIGSET_BYTES)
		return -EINVAL;
	if (get_mask(t, a[0], &mask))
		return -EFAULT;
	signal_mask_for_call(t, mask);
	return task_signalled(t) ? -ERESTARTNOHAND : task_block(t);
}

int64_t sys_rt_sigtimedwait_time64(struct task *t, const uint32_t a[6])
{
	struct signal_info info;
	uint64_t set, ns = 0;
	int err;

	t->awaited = 0;
	if (a[3] != SIGSET_BYTES)
		return -EINVAL;
	if (get_mask(t, a[0], &set))
		return -EFAULT;
	if (a[2]) {
		err = user_get_limit(t, a[2], &ns);
		if (err)
			return err;
	}
	set &= ~SIGNALS_KERNEL_ONLY;
	if (signal_take(t, set, &info)) {
		if (a[1] && signal_info_to_guest(t, a[1], &info))
			return -EFAULT;
		return info.signo;
	}
	if (a[2] && (!ns || task_deadline(t, ns)))
		return -EAGAIN;
	if (task_signalled(t))
		return -EINTR;
	t->awaited = set;
	return task_block(t);
}

int64_t sys_rt_sigreturn(struct task *t, const uint32_t a[6])
{
	(void)a;
	return signal_return(t);
}

/* Interrupted calls go on by themselves (signal_deliver), but for those of tracees, whose registers say this number. */
int64_t sys_restart_syscall(struct task *t, const uint32_t a[6])
{
	(void)a;
	if (!t->restart.resumable)
		return -EINTR;
	syscall_restart(t);
	return syscall_handle(t);
}
