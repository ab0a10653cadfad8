/* SPDX-License-Identifier: MIT
 *
 * Condition variables whose mutex is a PI lock (kernel/futex/requeue.c): a waiter says beforehand which lock it is
 * to have; who signals moves it there, or gives it the lock at once.
 */
#include "emu/kernel/futex.h"

#include <errno.h>
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

int64_t futex_wait_requeue_pi(struct task *t, uint32_t addr, uint32_t val, uint32_t lock_addr,
			      const struct futex_limit *l)
{
	struct mm_futex_waiter *w = &t->futex.waiter;
	int err;

	if (futex_was_woken(t))
		return 0;
	if (w->addr) {
		/* Once it is in the lock's queue the call cannot begin anew: the word has changed. */
		return futex_stay(t, l, t->futex.waits_for ? -EAGAIN : -ERESTARTNOINTR);
	}
	if (addr == lock_addr)
		return -EINVAL;
	err = mm_futex_check(t->space, lock_addr);
	if (err)
		return err;
	w->wake = NULL;
	w->prio = futex_priority(t);
	w->pi = true;
	err = mm_futex_wait(t->machine->futexes, t->space, addr, val, FUTEX_ANY, w);
	if (err)
		return err;
	t->futex.requeue_to = lock_addr;
	return futex_stay(t, l, -ERESTARTNOINTR);
}

/* The first waiter, if it is one of the kind above and for this lock; *out NULL: there is none. */
static int first_waiter(struct task *t, uint32_t addr, uint32_t lock_addr, struct task **out)
{
	struct mm_futex_waiter *w = mm_futex_first(t->machine->futexes, addr);

	*out = NULL;
	if (!w)
		return 0;
	if (!w->pi)
		return -EINVAL;
	*out = (struct task *)(void *)((char *)w - offsetof(struct task, futex.waiter));
	return (*out)->futex.waits_for || (*out)->futex.requeue_to != lock_addr ? -EINVAL : 0;
}

/* Gives the first waiter the lock if it is free (futex_proxy_trylock_atomic). 1: it has it; 0; or -errno. */
static int give(struct task *t, uint32_t addr, uint32_t lock_addr, bool more, struct pi_lock **lock)
{
	struct task *first;
	uint32_t word;
	int err;

	*lock = NULL;
	if (user_get32(t, lock_addr, &word))
		return -EFAULT;
	err = first_waiter(t, addr, lock_addr, &first);
	if (err || !first)
		return err;
	err = pi_lock_take(first, lock_addr, more, lock);
	if (err != 1)
		return err;
	mm_futex_cancel(t->machine->futexes, &first->futex.waiter);
	first->futex.woken = true;
	task_wake(first);
	return 1;
}

int64_t futex_cmp_requeue_pi(struct task *t, uint32_t addr, uint32_t lock_addr, int nr_wake, int nr_requeue,
			     uint32_t val)
{
	struct pi_lock *lock;
	struct task *waiter;
	uint32_t word;
	int done, err;

	if (nr_wake < 0 || nr_requeue < 0 || addr == lock_addr || nr_wake != 1)
		return -EINVAL;
	err = mm_futex_check(t->space, addr);
	if (!err)
		err = mm_futex_check(t->space, lock_addr);
	if (err)
		return err;
	if (user_get32(t, addr, &word))
		return -EFAULT;
	if (word != val)
		return -EAGAIN;
	done = give(t, addr, lock_addr, nr_requeue != 0, &lock);
	if (done < 0)
		return done;
	/* As many as asked for, besides the one that could have been given it. */
	while (done - nr_wake < nr_requeue) {
		err = first_waiter(t, addr, lock_addr, &waiter);
		if (err || !waiter)
			break;
		err = pi_lock_wait(waiter, lock);
		if (err)
			break;
		done++;
	}
	pi_lock_put(lock);
	return err ? err : done;
}
