/* SPDX-License-Identifier: MIT
 *
 * Priorities, policies and affinity: arguments in and out; what they mean is emu/kernel/sched_policy.c's.  There is one
 * processor.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "emu/kernel/sched_policy.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define RESET_ON_FORK 0x40000000u
enum { CAP_SYS_NICE_ = 23 };

static struct task *named(struct task *t, uint32_t tid)
{
	return tid ? task_find(t->machine, (int)tid) : t;
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
	if (!sched_may_nice(t, other, nice))
		return -EACCES;
	sched_set_nice(other, nice);
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

static int set_policy(struct task *t, uint32_t tid, int policy, uint32_t param_addr)
{
	struct sched_attributes a = { 0 };
	struct task *other;

	if ((int32_t)tid < 0 || !param_addr)
		return -EINVAL;
	if (user_get32(t, param_addr, &a.priority))
		return -EFAULT;
	other = named(t, tid);
	if (!other)
		return -ESRCH;
	a.nice = other->nice;
	a.runtime = other->fair_slice_ns;
	if (policy != POLICY_KEEP && (policy & (int)RESET_ON_FORK)) {
		a.flags = SCHED_FLAG_RESET_ON_FORK_;
		policy &= ~(int)RESET_ON_FORK;
	}
	return sched_policy_set(t, other, policy, &a);
}

int64_t sys_sched_setscheduler(struct task *t, const uint32_t a[6])
{
	return (int32_t)a[1] < 0 ? -EINVAL : set_policy(t, a[0], (int)a[1], a[2]);
}

int64_t sys_sched_setparam(struct task *t, const uint32_t a[6])
{
	return set_policy(t, a[0], POLICY_KEEP, a[1]);
}

int64_t sys_sched_getscheduler(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	return other ? (int64_t)(other->policy | (other->reset_on_fork ? RESET_ON_FORK : 0)) : -ESRCH;
}

int64_t sys_sched_getparam(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0 || !a[1])
		return -EINVAL;
	return other ? user_put32(t, a[1], other->rt_priority) : -ESRCH;
}

/* --- sched_setattr, sched_getattr --- */

#define ATTR_SIZE_VER0 48u
#define PAGE 4096u

/* As sched_copy_attr(): sizes of older and newer programs; of the latter, what is not known here must be 0. */
static int read_attributes(struct task *t, uint32_t addr, struct sched_attributes *out)
{
	uint32_t size;

	memset(out, 0, sizeof *out);
	if (user_get32(t, addr, &size))
		return -EFAULT;
	if (!size)
		size = ATTR_SIZE_VER0;
	if (size < ATTR_SIZE_VER0 || size > PAGE)
		goto bad_size;
	if (size > sizeof *out) {
		const unsigned char *rest = user_span(t, addr, size);

		if (!rest)
			return -EFAULT;
		for (uint32_t i = sizeof *out; i < size; i++)
			if (rest[i])
				goto bad_size;
	}
	if (user_read(t, out, addr, size < sizeof *out ? size : sizeof *out))
		return -EFAULT;
	if ((out->flags & SCHED_FLAG_UTIL_CLAMP_) && size < sizeof *out)
		return -EINVAL;
	out->nice = out->nice < -20 ? -20 : out->nice > 19 ? 19 : out->nice;
	return 0;
bad_size:
	(void)user_put32(t, addr, sizeof *out);
	return -E2BIG;
}

int64_t sys_sched_setattr(struct task *t, const uint32_t a[6])
{
	struct sched_attributes attr;
	struct task *other;
	int policy, err;

	if (!a[1] || (int32_t)a[0] < 0 || a[2])
		return -EINVAL;
	err = read_attributes(t, a[1], &attr);
	if (err)
		return err;
	policy = (int)attr.policy;
	if (policy < 0)
		return -EINVAL;
	if (attr.flags & SCHED_FLAG_KEEP_POLICY_)
		policy = POLICY_KEEP;
	other = named(t, a[0]);
	if (!other)
		return -ESRCH;
	if (attr.flags & SCHED_FLAG_KEEP_PARAMS_)
		sched_policy_get(other, &attr);
	return sched_policy_set(t, other, policy, &attr);
}

int64_t sys_sched_getattr(struct task *t, const uint32_t a[6])
{
	struct sched_attributes attr = { 0 };
	const struct task *other;

	if (!a[1] || (int32_t)a[0] < 0 || a[2] > PAGE || a[2] < ATTR_SIZE_VER0 || a[3])
		return -EINVAL;
	other = named(t, a[0]);
	if (!other)
		return -ESRCH;
	attr.size = a[2] < sizeof attr ? a[2] : sizeof attr;
	attr.policy = other->policy;
	attr.flags = other->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK_ : 0;
	sched_policy_get(other, &attr);
	return user_write(t, a[1], &attr, attr.size);
}

/* --- what there is --- */

int64_t sys_sched_get_priority_max(struct task *t, const uint32_t a[6])
{
	(void)t;
	if (policy_is_rt(a[0]))
		return 99;
	return policy_is_fair(a[0]) || a[0] == POLICY_DEADLINE ? 0 : -EINVAL;
}

int64_t sys_sched_get_priority_min(struct task *t, const uint32_t a[6])
{
	(void)t;
	if (policy_is_rt(a[0]))
		return 1;
	return policy_is_fair(a[0]) || a[0] == POLICY_DEADLINE ? 0 : -EINVAL;
}

int64_t sys_sched_rr_get_interval_time64(struct task *t, const uint32_t a[6])
{
	const struct task *other = named(t, a[0]);

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	if (!other)
		return -ESRCH;
	/* In ticks, of which a fair task's slice is less than one. */
	return user_put_timespec(t, a[1], other->policy == POLICY_RR ? 100000000 : 0);
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
	if (t->cred.euid != other->cred.euid && t->cred.euid != other->cred.uid && !task_capable(t, CAP_SYS_NICE_))
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
