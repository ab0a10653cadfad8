/* SPDX-License-Identifier: MIT
 *
 * How tasks want to be scheduled (kernel/sched/syscalls.c): policy, nice value, real-time priority, deadline parameters, and
 * what they mean to the run queue.
 *
 *	SCHED_OTHER, BATCH	fair, weight by nice value; a batch task differs in name only, as no task preempts another for
 *				having been woken
 *	SCHED_IDLE		fair, weight 3, and gives way as soon as another task wakes
 *	SCHED_FIFO, RR		real-time; those of RR take turns
 *	SCHED_DEADLINE		sched_deadline.c
 */
#ifndef EMU_KERNEL_SCHED_POLICY_H
#define EMU_KERNEL_SCHED_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct task;

enum {
	POLICY_OTHER = 0, POLICY_FIFO = 1, POLICY_RR = 2, POLICY_BATCH = 3, POLICY_IDLE = 5, POLICY_DEADLINE = 6,
	POLICY_KEEP = -1,		/* sched_setparam(2) */
};

#define SCHED_FLAG_RESET_ON_FORK_	0x01u
#define SCHED_FLAG_RECLAIM_		0x02u
#define SCHED_FLAG_DL_OVERRUN_		0x04u
#define SCHED_FLAG_KEEP_POLICY_		0x08u
#define SCHED_FLAG_KEEP_PARAMS_		0x10u
#define SCHED_FLAG_UTIL_CLAMP_		0x60u
#define SCHED_FLAG_ALL_			0x7fu

/* struct sched_attr of sched_setattr(2), version 1. */
struct sched_attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;	/* ns; of fair tasks, runtime is the slice they ask for */
	uint32_t util_min, util_max;
};

#define SCHED_SLICE_NS 700000u		/* what a fair task that asked for nothing is told: sysctl_sched_base_slice */

static inline bool policy_is_rt(unsigned policy) { return policy == POLICY_FIFO || policy == POLICY_RR; }
static inline bool policy_is_fair(unsigned policy)
{
	return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_IDLE;
}

/* caller changes t; policy may be POLICY_KEEP.  0, -EINVAL, -EPERM, -EBUSY, -EOPNOTSUPP. */
int sched_policy_set(struct task *caller, struct task *t, int policy, const struct sched_attributes *a);
/* What t has: all but size and policy for SCHED_FLAG_KEEP_PARAMS. */
void sched_policy_get(const struct task *t, struct sched_attributes *a);
/* May caller lower t's nice value to this one (is_nice_reduction)? */
bool sched_may_nice(const struct task *caller, const struct task *t, int nice);
void sched_set_nice(struct task *t, int nice);
/* A task of this real-time priority waits for t (0: none does): t runs with it if its own is lower. */
void sched_inherit(struct task *t, unsigned priority);
/* A new task gets its parent's policy, or not.  0 or -EAGAIN. */
int sched_policy_clone(const struct task *parent, struct task *child);

#endif
