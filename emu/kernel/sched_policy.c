/* SPDX-License-Identifier: MIT */
#include "emu/kernel/sched_policy.h"

#include <errno.h>
#include "emu/kernel/tasks.h"

enum { CAP_SYS_NICE_ = 23, RLIMIT_NICE_ = 13, RLIMIT_RTPRIO_ = 14 };

#define SLICE_MIN_NS 100000u	/* __setscheduler_params() */
#define SLICE_MAX_NS 100000000u

static bool valid(unsigned policy)
{
	return policy_is_fair(policy) || policy_is_rt(policy) || policy == POLICY_DEADLINE;
}

/* What the run queue is to know; t is in no queue. */
static void apply(struct task *t)
{
	const struct run_queue *q = &t->machine->tasks->queue;

	if (t->policy == POLICY_DEADLINE) {
		t->run.class = RUN_DEADLINE;
	} else if (policy_is_rt(t->policy) || t->inherited) {
		t->run.class = RUN_RT;
		t->run.priority = t->inherited > t->rt_priority ? t->inherited : t->rt_priority;
		t->rr_left = SCHED_RR_SLICE;
	} else {
		t->run.class = RUN_FAIR;
		t->run.weight = t->policy == POLICY_IDLE ? RUN_WEIGHT_IDLE : run_weight(t->nice);
		if (t->run.vruntime < q->now)
			t->run.vruntime = q->now;
	}
}

bool sched_may_nice(const struct task *caller, const struct task *t, int nice)
{
	return nice >= t->nice || task_capable(caller, CAP_SYS_NICE_) ||
	       (uint64_t)(20 - nice) <= task_rlimit(t, RLIMIT_NICE_);
}

/* Something of it has changed that is not its policy. */
static void renew(struct task *t)
{
	bool waits = sched_dequeue(t);

	apply(t);
	if (waits)
		sched_enqueue(t);
	sched_look(t->machine);
}

void sched_set_nice(struct task *t, int nice)
{
	t->nice = nice;
	/* Of others it takes effect with the policy it belongs to. */
	if (policy_is_fair(t->policy))
		renew(t);
}

void sched_inherit(struct task *t, unsigned priority)
{
	if (t->inherited == priority)
		return;
	t->inherited = priority;
	if (t->policy != POLICY_DEADLINE)
		renew(t);
}

/* What a user without CAP_SYS_NICE may do (user_check_sched_setscheduler()). */
static bool may_set(const struct task *caller, const struct task *t, unsigned policy, const struct sched_attributes *a,
		    bool reset)
{
	if (policy_is_fair(policy) && a->nice < t->nice && (uint64_t)(20 - a->nice) > task_rlimit(t, RLIMIT_NICE_))
		return false;
	if (policy_is_rt(policy)) {
		uint64_t limit = task_rlimit(t, RLIMIT_RTPRIO_);

		if (policy != t->policy && !limit)
			return false;
		if (a->priority > t->rt_priority && a->priority > limit)
			return false;
	}
	if (policy == POLICY_DEADLINE)
		return false;
	if (t->policy == POLICY_IDLE && policy != POLICY_IDLE &&
	    (uint64_t)(20 - t->nice) > task_rlimit(t, RLIMIT_NICE_))
		return false;
	if (caller->cred.euid != t->cred.euid && caller->cred.euid != t->cred.uid)
		return false;
	return reset || !t->reset_on_fork;
}

static void set_parameters(struct task *t, unsigned policy, const struct sched_attributes *a)
{
	sched_deadline_leave(t);
	t->policy = policy;
	t->rt_priority = a->priority;
	if (policy == POLICY_DEADLINE) {
		sched_deadline_set(t, a);
	} else if (policy_is_fair(policy)) {
		t->nice = a->nice;
		t->fair_slice_ns = !a->runtime ? 0 : a->runtime < SLICE_MIN_NS ? SLICE_MIN_NS :
				   a->runtime > SLICE_MAX_NS ? SLICE_MAX_NS : (uint32_t)a->runtime;
	}
}

int sched_policy_set(struct task *caller, struct task *t, int wanted, const struct sched_attributes *a)
{
	unsigned policy = wanted == POLICY_KEEP ? t->policy : (unsigned)wanted;
	bool reset = wanted == POLICY_KEEP ? t->reset_on_fork : a->flags & SCHED_FLAG_RESET_ON_FORK_;

	if (!valid(policy) || (a->flags & ~(uint64_t)SCHED_FLAG_ALL_))
		return -EINVAL;
	if (a->priority >= RUN_PRIORITIES)
		return -EINVAL;
	if ((policy == POLICY_DEADLINE && !sched_deadline_valid(a)) || policy_is_rt(policy) != (a->priority != 0))
		return -EINVAL;
	if (!may_set(caller, t, policy, a, reset) && !task_capable(caller, CAP_SYS_NICE_))
		return -EPERM;
	if (a->flags & SCHED_FLAG_UTIL_CLAMP_)
		return -EOPNOTSUPP;
	if (policy == POLICY_DEADLINE && !sched_deadline_admits(t, a))
		return -EBUSY;
	t->reset_on_fork = reset;
	if (!(a->flags & SCHED_FLAG_KEEP_PARAMS_)) {
		bool waits = sched_dequeue(t);

		set_parameters(t, policy, a);
		apply(t);
		if (waits)
			sched_enqueue(t);
		sched_look(t->machine);
	}
	futex_priority_changed(t);
	return 0;
}

void sched_policy_get(const struct task *t, struct sched_attributes *a)
{
	if (t->policy == POLICY_DEADLINE) {
		sched_deadline_get(t, a);
	} else if (policy_is_rt(t->policy)) {
		a->priority = t->rt_priority;
	} else {
		a->nice = t->nice;
		a->runtime = t->fair_slice_ns ? t->fair_slice_ns : SCHED_SLICE_NS;
	}
}

int sched_policy_clone(const struct task *parent, struct task *child)
{
	child->nice = parent->nice;
	child->policy = parent->policy;
	child->rt_priority = parent->rt_priority;
	child->fair_slice_ns = parent->fair_slice_ns;
	child->affinity = parent->affinity;
	child->ioprio = parent->ioprio;
	if (parent->reset_on_fork) {
		if (!policy_is_fair(parent->policy)) {
			child->policy = POLICY_OTHER;
			child->nice = 0;
			child->rt_priority = 0;
		} else if (child->nice < 0) {
			child->nice = 0;
		}
		child->fair_slice_ns = 0;
	}
	if (child->policy == POLICY_DEADLINE)
		return -EAGAIN;
	/* It has its turn behind its parent and all that wait. */
	child->run.vruntime = parent->run.vruntime;
	apply(child);
	return 0;
}
