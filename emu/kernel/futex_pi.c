/* SPDX-License-Identifier: MIT
 *
 * Priority-inheriting locks (kernel/futex/pi.c, kernel/locking/rtmutex.c): see futex.h.
 */
#include "emu/kernel/futex.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/sched_policy.h"
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

#define RT_PRIORITIES 99u	/* what futex_priority() counts down from */
#define DEPTH_LIMIT 1024	/* kernel.max_lock_depth: a longer chain of owners is a deadlock too */

struct pi_lock {
	uint32_t addr;
	struct task *owner;
	unsigned refs;			/* one for each waiter */
	struct pi_lock *held_next, **held_link;	/* of those its owner holds */
};

static struct task *waiter_task(struct mm_futex_waiter *w)
{
	return (struct task *)(void *)((char *)w - offsetof(struct task, futex.waiter));
}

/* The lock that a waiter is queued for, NULL if it waits for something else. */
static struct pi_lock *lock_of(struct mm_futex_waiter *w)
{
	return w->pi ? waiter_task(w)->futex.waits_for : NULL;
}

/* Who is next. Others may be queued at the address if the program takes it for an ordinary futex as well. */
static struct task *next_owner(const struct pi_lock *lock)
{
	struct mm_futex_waiter *w = mm_futex_first(lock->owner->machine->futexes, lock->addr);

	while (w && lock_of(w) != lock)
		w = mm_futex_next(w);
	return w ? waiter_task(w) : NULL;
}

static void set_owner(struct pi_lock *lock, struct task *owner)
{
	if (lock->owner) {
		*lock->held_link = lock->held_next;
		if (lock->held_next)
			lock->held_next->held_link = lock->held_link;
	}
	lock->owner = owner;
	if (!owner)
		return;
	lock->held_next = owner->futex.holds;
	lock->held_link = &owner->futex.holds;
	if (lock->held_next)
		lock->held_next->held_link = &lock->held_next;
	owner->futex.holds = lock;
}

static struct pi_lock *pi_lock_new(uint32_t addr, struct task *owner)
{
	struct pi_lock *lock = calloc(1, sizeof *lock);

	if (!lock)
		return NULL;
	lock->addr = addr;
	lock->refs = 1;
	set_owner(lock, owner);
	return lock;
}

void pi_lock_put(struct pi_lock *lock)
{
	if (!lock || --lock->refs)
		return;
	set_owner(lock, NULL);
	free(lock);
}

/* --- Inheritance --- */

/* Its own priority, or that of the first who waits for one of its locks if that is higher. */
static unsigned inherited(const struct task *t)
{
	unsigned prio = futex_priority(t);

	for (const struct pi_lock *l = t->futex.holds; l; l = l->held_next) {
		const struct task *next = next_owner(l);

		if (next && next->futex.waiter.prio < prio)
			prio = next->futex.waiter.prio;
	}
	return prio;
}

/*
 * What the owner of a lock has of those who wait for it: their priority on the hart, and its place in the queue it stands
 * in itself; and so on along the chain (rt_mutex_adjust_prio_chain).
 */
static void adjust(struct task *t)
{
	while (t) {
		struct mm_futex_waiter *w = &t->futex.waiter;
		unsigned prio = inherited(t);
		uint32_t addr = w->addr;

		sched_inherit(t, prio < RT_PRIORITIES ? RT_PRIORITIES - prio : 0);
		if (!t->futex.waits_for || prio == w->prio)
			return;
		mm_futex_cancel(t->machine->futexes, w);
		w->prio = prio;
		mm_futex_queue(t->machine->futexes, w, addr);
		t = t->futex.waits_for->owner;
	}
}

void futex_priority_changed(struct task *t)
{
	adjust(t);
}

/* --- Taking --- */

/*
 * A lock that others wait for must agree with its word, or the program has tampered with it (attach_to_pi_state).
 * Owner died and tid 0 is what the robust list leaves for a moment.
 */
static int join(struct pi_lock *lock, uint32_t word, struct pi_lock **out)
{
	uint32_t tid = word & FUTEX_TID_MASK_;

	if (!lock)
		return -EINVAL;
	if (!((word & FUTEX_OWNER_DIED_) && !tid) && tid != (uint32_t)lock->owner->tid)
		return -EINVAL;
	lock->refs++;
	*out = lock;
	return 0;
}

/* The first to wait for the owner that the word names (attach_to_pi_owner). */
static int find_owner(struct task *t, uint32_t addr, uint32_t tid, struct pi_lock **out)
{
	struct task *owner = task_find(t->machine, (int)tid);

	if (!owner || owner->state == TASK_ZOMBIE || owner->state == TASK_DEAD)
		return -ESRCH;
	if (!owner->space)
		return -EPERM;		/* the init that stands in for a kernel's */
	*out = pi_lock_new(addr, owner);
	return *out ? 0 : -ENOMEM;
}

int pi_lock_take(struct task *t, uint32_t addr, bool waiters, struct pi_lock **out)
{
	uint32_t word, self = (uint32_t)t->tid;
	struct mm_futex_waiter *first;

	*out = NULL;
	if (user_get32(t, addr, &word))
		return -EFAULT;
	if ((word & FUTEX_TID_MASK_) == self)
		return -EDEADLK;
	first = mm_futex_first(t->machine->futexes, addr);
	if (first)
		return join(lock_of(first), word, out);
	if (word & FUTEX_TID_MASK_) {
		/* The owner has to come to us to unlock it; that is left so even if there is no such owner. */
		if (user_put32(t, addr, word | FUTEX_WAITERS_))
			return -EFAULT;
		return find_owner(t, addr, word & FUTEX_TID_MASK_, out);
	}
	if (waiters) {
		*out = pi_lock_new(addr, t);
		if (!*out)
			return -ENOMEM;
	}
	if (!user_put32(t, addr, (word & FUTEX_OWNER_DIED_) | self | (waiters ? FUTEX_WAITERS_ : 0)))
		return 1;
	pi_lock_put(*out);
	*out = NULL;
	return -EFAULT;
}

int pi_lock_wait(struct task *t, struct pi_lock *lock)
{
	struct mm_futex_waiter *w = &t->futex.waiter;
	int depth = 0;

	for (struct task *o = lock->owner; o; o = o->futex.waits_for ? o->futex.waits_for->owner : NULL)
		if (o == t || ++depth > DEPTH_LIMIT)
			return -EDEADLK;
	lock->refs++;
	mm_futex_cancel(t->machine->futexes, w);
	t->futex.waits_for = lock;
	w->pi = true;
	w->bitset = FUTEX_ANY;
	w->prio = inherited(t);
	mm_futex_queue(t->machine->futexes, w, lock->addr);
	adjust(lock->owner);
	return 0;
}

void futex_leave(struct task *t)
{
	struct pi_lock *lock = t->futex.waits_for;

	mm_futex_cancel(t->machine->futexes, &t->futex.waiter);
	futex_vector_free(t);
	if (!lock)
		return;
	t->futex.waits_for = NULL;
	adjust(lock->owner);
	pi_lock_put(lock);
}

/* --- Handing over --- */

/* To the first waiter. The waiters bit stays while there is a lock: who unlocks finds out (wake_futex_pi). */
static int hand_over(struct pi_lock *lock, uint32_t bits)
{
	struct task *from = lock->owner, *to = next_owner(lock);
	int err = user_put32(from, lock->addr, (uint32_t)to->tid | FUTEX_WAITERS_ | bits);

	set_owner(lock, to);
	mm_futex_cancel(to->machine->futexes, &to->futex.waiter);
	to->futex.waits_for = NULL;
	to->futex.woken = true;
	task_wake(to);
	pi_lock_put(lock);
	adjust(from);
	return err;
}

void futex_release_pi(struct task *t)
{
	while (t->futex.holds)
		(void)hand_over(t->futex.holds, FUTEX_OWNER_DIED_);
}

void futex_task_free(struct task *t)
{
	while (t->futex.holds)
		set_owner(t->futex.holds, NULL);
	futex_leave(t);
}

/* --- The calls --- */

int64_t futex_lock_pi(struct task *t, uint32_t addr, bool try, const struct futex_limit *l)
{
	struct pi_lock *lock;
	int err;

	if (futex_was_woken(t))
		return 0;
	if (t->futex.waits_for)
		return futex_stay(t, l, -ERESTARTNOINTR);
	err = mm_futex_check(t->space, addr);
	if (err)
		return err;
	err = pi_lock_take(t, addr, false, &lock);
	if (err)
		return err == 1 ? 0 : err;
	err = try ? -EAGAIN : pi_lock_wait(t, lock);
	pi_lock_put(lock);
	return err ? err : futex_stay(t, l, -ERESTARTNOINTR);
}

int64_t futex_unlock_pi(struct task *t, uint32_t addr)
{
	struct mm_futex_waiter *first;
	struct pi_lock *lock;
	uint32_t word;
	int err;

	if (user_get32(t, addr, &word))
		return -EFAULT;
	if ((word & FUTEX_TID_MASK_) != (uint32_t)t->tid)
		return -EPERM;
	err = mm_futex_check(t->space, addr);
	if (err)
		return err;
	first = mm_futex_first(t->machine->futexes, addr);
	if (!first)
		return user_put32(t, addr, 0);
	lock = lock_of(first);
	return lock && lock->owner == t ? hand_over(lock, 0) : -EINVAL;
}
