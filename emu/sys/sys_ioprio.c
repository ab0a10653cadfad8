/* SPDX-License-Identifier: MIT
 *
 * Priorities of input and output (block/ioprio.c): kept and reported.  No device here has a queue in which they could
 * matter.
 */
#include <errno.h>
#include "emu/kernel/sched_policy.h"
#include "emu/sys/syscall.h"

enum { CLASS_NONE, CLASS_RT, CLASS_BE, CLASS_IDLE };
enum { WHO_PROCESS = 1, WHO_PGRP, WHO_USER };
enum { CAP_SYS_ADMIN_ = 21, CAP_SYS_NICE_ = 23 };

#define VALUE(class, level) ((uint32_t)(class) << 13 | (level))

static int check(const struct task *t, uint32_t ioprio)
{
	switch (ioprio >> 13 & 7) {
	case CLASS_RT:
		return task_capable(t, CAP_SYS_ADMIN_) || task_capable(t, CAP_SYS_NICE_) ? 0 : -EPERM;
	case CLASS_NONE:
		return ioprio & 7 ? -EINVAL : 0;
	case CLASS_BE:
	case CLASS_IDLE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Only of one's own tasks (set_task_ioprio()). */
static int set(const struct task *t, struct task *other, uint32_t ioprio)
{
	if (other->cred.uid != t->cred.euid && other->cred.uid != t->cred.uid && !task_capable(t, CAP_SYS_NICE_))
		return -EPERM;
	other->ioprio = (uint16_t)ioprio;
	return 0;
}

/* Where none is set, it follows from policy and nice value (task_nice_ioclass(), task_nice_ioprio()). */
static uint32_t effective(const struct task *t)
{
	uint32_t class = t->policy == POLICY_IDLE ? CLASS_IDLE : policy_is_fair(t->policy) ? CLASS_BE : CLASS_RT;

	return t->ioprio >> 13 ? t->ioprio : VALUE(class, (uint32_t)(t->nice + 20) / 5);
}

static bool selected(const struct task *t, const struct task *other, uint32_t which, uint32_t who)
{
	if (which == WHO_PGRP)
		return other->process->pgid == (int)(who ? who : (uint32_t)t->process->pgid);
	return other->cred.uid == who;
}

int64_t sys_ioprio_set(struct task *t, const uint32_t a[6])
{
	int err = check(t, a[2]), result = -ESRCH;

	if (err)
		return err;
	if (a[0] == WHO_PROCESS) {
		struct task *other = a[1] ? task_find(t->machine, (int)a[1]) : t;

		return other ? set(t, other, a[2]) : -ESRCH;
	}
	if (a[0] != WHO_PGRP && a[0] != WHO_USER)
		return -EINVAL;
	for (struct process *p = process_first(t->machine); p; p = p->next)
		for (struct task *o = p->threads; o; o = o->thread_next)
			if (selected(t, o, a[0], a[1])) {
				result = set(t, o, a[2]);
				if (result)
					return result;
			}
	return result;
}

int64_t sys_ioprio_get(struct task *t, const uint32_t a[6])
{
	int64_t best = -ESRCH;
	uint32_t who = a[1];

	if (a[0] == WHO_PROCESS) {
		const struct task *other = a[1] ? task_find(t->machine, (int)a[1]) : t;

		return other ? (int64_t)other->ioprio : -ESRCH;
	}
	if (a[0] != WHO_PGRP && a[0] != WHO_USER)
		return -EINVAL;
	/* A user 0 is the caller's here, but root in ioprio_set(). */
	who = a[0] == WHO_USER && !who ? t->cred.uid : who;
	for (struct process *p = process_first(t->machine); p; p = p->next)
		for (const struct task *o = p->threads; o; o = o->thread_next)
			if (selected(t, o, a[0], who) && (best < 0 || effective(o) < best))
				best = effective(o);
	return best;
}
