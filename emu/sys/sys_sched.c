/* SPDX-License-Identifier: MIT
 *
 * Priorities, policies and affinity: kept and reported as set; nice values also decide shares of the
 * processor (sched.c).  There is one processor.
 */
#include <errno.h>
#include <string.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { POLICY_OTHER = 0, POLICY_FIFO = 1, POLICY_RR = 2, POLICY_BATCH = 3, POLICY_IDLE = 5, POLICY_DEADLINE = 6 };
#define RESET_ON_FORK 0x40000000u
enum { CAP_SYS_NICE_ = 23 };

static struct task *named(struct task *t, uint32_t tid)
{
	return tid ? task_find(t->machine, (int)tid) : t;
}

static bool may_change(const struct task *t, const struct task *other)
{
	return t->cred.euid == other->cred.euid || t->cred.euid == other->cred.uid || task_capable(t, CAP_SYS_NICE_);
}

static bool is_rt(unsigned policy)
{
	return policy == POLICY_FIFO || policy == POLICY_RR;
}

/* --- nice --- */

enum { WHO_PROCESS, WHO_PGRP, WHO_USER };

static bool selected(const struct task *t, const struct task *other, uint32_t which, uint32_t who)
{
	switch (which) {
	case WHO_PROCESS:
		return other->tid == (int)(who ? who : (uint32_t)t->tid);
	case WHO_PGRP:
		return other->process->pgid == (int)(who ? who : (uint32_t)t->process->pgid);
	default:
		return other->cred.uid == (who ? who : t->cred.uid);
	}
}

static int renice(struct task *t, struct task *other, int nice)
{
	if (t->cred.euid != other->cred.uid && t->cred.euid != other->cred.euid && !task_capable(t, CAP_SYS_NICE_))
		return -EPERM;
	if (nice < other->nice && !task_capable(t, CAP_SYS_NICE_) && (uint64_t)(20 - nice) > task_rlimit(other, 13))
		return -EACCES;
	other->nice = nice;
	return 0;
}

int64_t sys_setpriority(struct task *t, const uint32_t a[6])
{
	int nice = (int32_t)a[2] < -20 ? -20 : (int32_t)a[2] > 19 ? 19 : (int32_t)a[2];
	int err = -ESRCH;

	if (a[0] > WHO_USER)
		return -EINVAL;
	if (a[0] == WHO_PROCESS) {
		struct task *other = named(t, a[1]);

		return other ? renice(t, other, nice) : -ESRCH;
	}
	for (struct process *p = process_first(t->machine); p; p = p->next)
		for (struct task *o = p->threads; o; o = o->thread_next)
			if (selected(t, o, a[0], a[1])) {
				int e = renice(t, o, nice);

				if (e || err == -ESRCH)
					err = e;
			}
	return err;
}

int64_t sys_getpriority(struct task *t, const uint32_t a[6])
{
	int best = -ESRCH;

	if (a[0] > WHO_USER)
		return -EINVAL;
	if (a[0] == WHO_PROCESS) {
		struct task *other = named(t, a[1]);

		return other ? 20 - other->nice : -ESRCH;
	}
	for (struct process *p = process_first(t->machine); p; p = p->next)
		for (struct task *o = p->threads; o; o = o->thread_next)
			if (selected(t, o, a[0], a[1]) && 20 - o->nice > best)
				best = 20 - o->nice;
	return best;
}

/* --- policies --- */

static int set_policy(struct task *t, uint32_t tid, uint32_t policy, uint32_t param_addr)
{
	uint32_t priority, kind = policy & ~RESET_ON_FORK;
	struct task *other;

	if ((int32_t)tid < 0 || !param_addr)
		return -EINVAL;
	if (user_get32(t, param_addr, &priority))
		return -EFAULT;
	other = named(t, tid);
	if (!other)
		return -ESRCH;
	if (kind > POLICY_IDLE || kind == 4)
		return -EINVAL;
	if (is_rt(kind) ? priority < 1 || priority > 99 : priority != 0)
		return -EINVAL;
	if (!may_change(t, other) || (is_rt(kind) && !task_capable(t, CAP_SYS_NICE_) && priority > task_rlimit(other, 14)))
		return -EPERM;
	other->policy = policy;
	other->rt_priority = priority;
	futex_priority_changed(other);
	return 0;
}

int64_t sys_sched_setscheduler(struct task *t, const uint32_t a[6])
{
	return (int32_t)a[1] < 0 ? -EINVAL : set_policy(t, a[0], a[1], a[2]);
}

int64_t sys_sched_setparam(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	return set_policy(t, a[0], other ? other->policy : 0, a[1]);
}

int64_t sys_sched_getscheduler(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	return other ? (int64_t)other->policy : -ESRCH;
}

int64_t sys_sched_getparam(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0 || !a[1])
		return -EINVAL;
	return other ? user_put32(t, a[1], other->rt_priority) : -ESRCH;
}

int64_t sys_sched_get_priority_max(struct task *t, const uint32_t a[6])
{
	(void)t;
	if (is_rt(a[0]))
		return 99;
	return a[0] > POLICY_DEADLINE || a[0] == 4 ? -EINVAL : 0;
}

int64_t sys_sched_get_priority_min(struct task *t, const uint32_t a[6])
{
	(void)t;
	if (is_rt(a[0]))
		return 1;
	return a[0] > POLICY_DEADLINE || a[0] == 4 ? -EINVAL : 0;
}

int64_t sys_sched_rr_get_interval(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	if (!other)
		return -ESRCH;
	return user_put_timespec(t, a[1], other->policy == POLICY_FIFO ? 0 : 100000000);
}

/* --- affinity: processor 0 is the one there is --- */

int64_t sys_sched_setaffinity(struct task *t, const uint32_t a[6])
{
	struct task *other = named(t, a[0]);
	uint32_t mask = 0;

	if (user_read(t, &mask, a[2], a[1] < 4 ? a[1] : 4))
		return -EFAULT;
	if (!other)
		return -ESRCH;
	if (!may_change(t, other))
		return -EPERM;
	return mask & 1 ? 0 : -EINVAL;
}

int64_t sys_sched_getaffinity(struct task *t, const uint32_t a[6])
{
	if (a[1] < 4 || a[1] & 3)
		return -EINVAL;
	if (!named(t, a[0]))
		return -ESRCH;
	return user_put32(t, a[2], 1) ? -EFAULT : 4;
}
