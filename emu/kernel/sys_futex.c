/* SPDX-License-Identifier: MIT
 *
 * futex(2) with 64-bit time, the only one of riscv32 (kernel/futex/).  Queues and values are mm/futex.h's; here
 * are time, signals, and the operations that know of tasks: the priority-inheriting locks.
 *
 * A PI lock is handed over: unlocking (or the owner's end) writes the first waiter's tid into the word. There is one
 * processor and no real-time scheduling that would need the inheritance itself.
 */
#include <errno.h>
#include "emu/host/clock.h"
#include "emu/kernel/robust.h"
#include "emu/kernel/syscall.h"
#include "emu/kernel/user.h"

#define FUTEX_PRIVATE 128u
#define FUTEX_REALTIME 256u
#define ANY 0xffffffffu

enum {
	OP_WAIT = 0, OP_WAKE = 1, OP_REQUEUE = 3, OP_CMP_REQUEUE = 4, OP_WAKE_OP = 5, OP_LOCK_PI = 6, OP_UNLOCK_PI = 7,
	OP_TRYLOCK_PI = 8, OP_WAIT_BITSET = 9, OP_WAKE_BITSET = 10, OP_WAIT_REQUEUE_PI = 11, OP_LOCK_PI2 = 13,
};

static struct task *waiter_task(struct mm_futex_waiter *w)
{
	return (struct task *)(void *)((char *)w - offsetof(struct task, futex));
}

static void woken(struct mm_futex_waiter *w)
{
	struct task *t = waiter_task(w);

	t->futex_woken = true;
	task_wake(t);
}

/* The lock passes to the waiter. The bit for more waiters may be wrong; unlocking then finds out. */
static void woken_pi(struct mm_futex_waiter *w)
{
	struct task *t = waiter_task(w);
	uint32_t word;

	if (user_get32(t, t->sys.args[0], &word))
		word = 0;
	(void)user_put32(t, t->sys.args[0], (uint32_t)t->tid | FUTEX_WAITERS_ | (word & FUTEX_OWNER_DIED_));
	woken(w);
}

/* --- Time --- */

struct limit { bool given, absolute, realtime; uint64_t ns; };

static bool op_has_timeout(uint32_t op)
{
	return op == OP_WAIT || op == OP_WAIT_BITSET || op == OP_LOCK_PI || op == OP_LOCK_PI2 ||
	       op == OP_WAIT_REQUEUE_PI;
}

static int get_limit(struct task *t, uint32_t op, bool realtime, uint32_t addr, struct limit *out)
{
	struct user_timespec ts;
	int err;

	*out = (struct limit){ .given = addr && op_has_timeout(op) };
	if (!out->given)
		return 0;
	err = user_get_timespec(t, addr, &ts);
	out->ns = user_timespec_ns(&ts);
	out->absolute = op != OP_WAIT;
	out->realtime = realtime || op == OP_LOCK_PI;
	return err;
}

/* True if the time is over. */
static bool over(struct task *t, const struct limit *l)
{
	uint64_t now;

	if (!l->given)
		return false;
	if (!l->absolute)
		return task_deadline(t, l->ns);
	if (!l->realtime)
		return task_deadline_at(t, l->ns);
	/* The clock may have been set meanwhile. */
	now = (uint64_t)clock_realtime(t->machine);
	t->sys.deadline = 0;
	t->sys.timed_out = false;
	return task_deadline(t, l->ns > now ? l->ns - now : 0);
}

/* --- Waiting --- */

/* Still queued, or just queued: goes to sleep, unless there is a reason not to. */
static int64_t stay(struct task *t, const struct limit *l, int64_t on_signal)
{
	int64_t result;

	if (over(t, l))
		result = -ETIMEDOUT;
	else if (task_signalled(t))
		result = on_signal;
	else
		return task_block(t);
	mm_futex_cancel(t->machine->futexes, &t->futex);
	return result;
}

/* True if a retry was woken; starts afresh otherwise. */
static bool was_woken(struct task *t)
{
	bool yes = t->sys.restarted && t->futex_woken;

	t->futex_woken = false;
	return yes;
}

static int64_t wait(struct task *t, const uint32_t a[6], uint32_t bitset, const struct limit *l)
{
	int err;

	if (was_woken(t))
		return 0;
	if (!t->futex.addr) {
		t->futex.wake = woken;
		err = mm_futex_wait(t->machine->futexes, t->space, a[0], a[2], bitset, &t->futex);
		if (err)
			return err;
	}
	return stay(t, l, l->given ? -ERESTART_RESTARTBLOCK : -ERESTARTSYS);
}

/* --- PI locks --- */

static int check_word(struct task *t, uint32_t addr, uint32_t *word)
{
	/* Moving nobody nowhere makes all the checks of an address. */
	int err = mm_futex_requeue(t->machine->futexes, t->space, addr, addr, 0, 0, NULL);

	return err < 0 ? err : user_get32(t, addr, word);
}

static int64_t lock_pi(struct task *t, uint32_t addr, bool try, const struct limit *l)
{
	uint32_t word, owner, self = (uint32_t)t->tid;
	int err;

	if (was_woken(t))
		return 0;
	if (t->futex.addr)
		return stay(t, l, -ERESTARTNOINTR);
	err = check_word(t, addr, &word);
	if (err)
		return err;
	owner = word & FUTEX_TID_MASK_;
	if (owner == self)
		return -EDEADLK;
	if (!owner) {
		/* Free, or its owner died: it is ours, and we are told so by the bit. */
		return user_put32(t, addr, self | (word & ~FUTEX_TID_MASK_));
	}
	if (!task_find(t->machine, (int)owner))
		return -ESRCH;
	if (try)
		return -EAGAIN;
	word |= FUTEX_WAITERS_;
	t->futex.wake = woken_pi;
	err = user_put32(t, addr, word);
	if (!err)
		err = mm_futex_wait(t->machine->futexes, t->space, addr, word, ANY, &t->futex);
	return err ? err : stay(t, l, -ERESTARTNOINTR);
}

static int64_t unlock_pi(struct task *t, uint32_t addr)
{
	uint32_t word;
	int n = check_word(t, addr, &word);

	if (n)
		return n;
	if ((word & FUTEX_TID_MASK_) != (uint32_t)t->tid)
		return -EPERM;
	if (user_put32(t, addr, 0))
		return -EFAULT;
	n = mm_futex_wake(t->machine->futexes, t->space, addr, 1, ANY);	/* woken_pi() hands it over */
	return n < 0 ? n : 0;
}

void futex_release_pi(struct task *t)
{
	for (struct task *o = t->process->threads; o; o = o->thread_next) {
		uint32_t word, addr = o->futex.addr;

		if (!addr || o->futex.wake != woken_pi || user_get32(o, addr, &word) ||
		    (word & FUTEX_TID_MASK_) != (uint32_t)t->tid)
			continue;
		(void)user_put32(o, addr, FUTEX_OWNER_DIED_);
		mm_futex_wake(t->machine->futexes, t->space, addr, 1, ANY);
	}
}

/* --- The call --- */

int64_t sys_futex(struct task *t, const uint32_t a[6])
{
	struct mm_futexes *f = t->machine->futexes;
	uint32_t op = a[1] & ~(FUTEX_PRIVATE | FUTEX_REALTIME);
	bool realtime = a[1] & FUTEX_REALTIME;
	struct limit l;
	int err = get_limit(t, op, realtime, a[3], &l);

	if (err)
		return err;
	if (realtime && op != OP_WAIT_BITSET && op != OP_LOCK_PI2)
		return -ENOSYS;
	switch (op) {
	case OP_WAIT:
		return wait(t, a, ANY, &l);
	case OP_WAIT_BITSET:
		return wait(t, a, a[5], &l);
	case OP_WAKE:
		return mm_futex_wake(f, t->space, a[0], (int)a[2], ANY);
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
		return lock_pi(t, a[0], false, &l);
	case OP_TRYLOCK_PI:
		return lock_pi(t, a[0], true, &l);
	case OP_UNLOCK_PI:
		return unlock_pi(t, a[0]);
	default:
		return -ENOSYS;
	}
}
