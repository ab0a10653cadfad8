/* SPDX-License-Identifier: MIT
 *
 * futex(2) with 64-bit time, the only one of riscv32 (kernel/futex/syscalls.c, waitwake.c): plain waiting and
 * waking, and the choice of operation.  The newer calls are in sys_futex2.c.
 */
#include <errno.h>
#include "emu/kernel/sched_policy.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define FUTEX_PRIVATE 128u
#define FUTEX_REALTIME 256u
#define PRIORITY_OTHER 100u	/* of all that are not real-time (MAX_RT_PRIO) */

enum {
	OP_WAIT = 0, OP_WAKE = 1, OP_REQUEUE = 3, OP_CMP_REQUEUE = 4, OP_WAKE_OP = 5, OP_LOCK_PI = 6, OP_UNLOCK_PI = 7,
	OP_TRYLOCK_PI = 8, OP_WAIT_BITSET = 9, OP_WAKE_BITSET = 10, OP_WAIT_REQUEUE_PI = 11, OP_CMP_REQUEUE_PI = 12,
	OP_LOCK_PI2 = 13,
};

/* --- Time --- */

int futex_limit_read(struct task *t, uint32_t addr, struct futex_limit *out)
{
	out->given = addr;
	return addr ? user_get_limit(t, addr, &out->ns) : 0;
}

static bool op_has_limit(uint32_t op)
{
	return op == OP_WAIT || op == OP_WAIT_BITSET || op == OP_LOCK_PI || op == OP_LOCK_PI2 ||
	       op == OP_WAIT_REQUEUE_PI;
}

/* True if the time is over. */
static bool over(struct task *t, const struct futex_limit *l)
{
	if (!l->given)
		return false;
	if (!l->absolute)
		return task_deadline(t, l->ns);
	return l->realtime ? task_deadline_realtime(t, l->ns) : task_deadline_at(t, l->ns);
}

/* --- Waiting --- */

unsigned futex_priority(const struct task *t)
{
	if (t->policy == POLICY_DEADLINE)
		return 0;
	return policy_is_rt(t->policy) ? 99 - t->rt_priority : PRIORITY_OTHER;
}

static void woken(struct mm_futex_waiter *w)
{
	struct task *t = (struct task *)(void *)((char *)w - offsetof(struct task, futex.waiter));

	t->futex.woken = true;
	task_wake(t);
}

int64_t futex_stay(struct task *t, const struct futex_limit *l, int64_t on_signal)
{
	int64_t result;

	if (over(t, l))
		result = -ETIMEDOUT;
	else if (task_signalled(t))
		result = on_signal;
	else
		return task_block(t);
	futex_leave(t);
	return result;
}

bool futex_was_woken(struct task *t)
{
	bool yes = t->sys.restarted && t->futex.woken;

	t->futex.woken = false;
	return yes;
}

int64_t futex_wait(struct task *t, uint32_t addr, uint32_t val, uint32_t bitset, const struct futex_limit *l,
		   int64_t on_signal)
{
	struct mm_futex_waiter *w = &t->futex.waiter;
	int err;

	if (futex_was_woken(t))
		return 0;
	if (!w->addr) {
		w->wake = woken;
		w->prio = futex_priority(t);
		w->pi = false;
		err = mm_futex_wait(t->machine->futexes, t->space, addr, val, bitset, w);
		if (err)
			return err;
	}
	return futex_stay(t, l, on_signal);
}

static int64_t wait(struct task *t, const uint32_t a[6], uint32_t bitset, const struct futex_limit *l)
{
	return futex_wait(t, a[0], a[2], bitset, l, l->given ? -ERESTART_RESTARTBLOCK : -ERESTARTSYS);
}

/* --- The call --- */

int64_t sys_futex_time64(struct task *t, const uint32_t a[6])
{
	struct mm_futexes *f = t->machine->futexes;
	uint32_t op = a[1] & ~(FUTEX_PRIVATE | FUTEX_REALTIME);
	bool realtime = a[1] & FUTEX_REALTIME;
	struct futex_limit l = { .absolute = op != OP_WAIT, .realtime = realtime || op == OP_LOCK_PI };
	int err = op_has_limit(op) ? futex_limit_read(t, a[3], &l) : 0;

	if (err)
		return err;
	if (realtime && op != OP_WAIT_BITSET && op != OP_WAIT_REQUEUE_PI && op != OP_LOCK_PI2)
		return -ENOSYS;
	switch (op) {
	case OP_WAIT:
		return wait(t, a, FUTEX_ANY, &l);
	case OP_WAIT_BITSET:
		return wait(t, a, a[5], &l);
	case OP_WAKE:
		return mm_futex_wake(f, t->space, a[0], (int)a[2], FUTEX_ANY);
	case OP_WAKE_BITSET:
		return mm_futex_wake(f, t->space, a[0], (int)a[2], a[5]);
	case OP_REQUEUE:
		return mm_futex_requeue(f, t->space, a[0], a[4], (int)a[2], (int)a[3], NULL);
	case OP_CMP_REQUEUE:
		return mm_futex_requeue(f, t->space, a[0], a[4], (int)a[2], (int)a[3], &a[5]);
	case OP_WAKE_OP:
		return mm_futex_wake_op(f, t->space, a[0], a[4], (int)a[2], (int)a[3], a[5]);
	case OP_LOCK_PI:
	case OP_LOCK_PI2:
		return futex_lock_pi(t, a[0], false, &l);
	case OP_TRYLOCK_PI:
		return futex_lock_pi(t, a[0], true, &l);
	case OP_UNLOCK_PI:
		return futex_unlock_pi(t, a[0]);
	case OP_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(t, a[0], a[2], a[4], &l);
	case OP_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(t, a[0], a[4], (int)a[2], (int)a[3], a[5]);
	default:
		return -ENOSYS;
	}
}
