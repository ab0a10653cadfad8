/* SPDX-License-Identifier: MIT
 *
 * The newer futex calls, one for each thing to do (kernel/futex/syscalls.c): futex_waitv, futex_wake, futex_wait,
 * futex_requeue.  Their flags say how wide the word is and whether it is private; here only 32 bits are
 * to be had, and privacy makes no difference.
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define SIZE_MASK 3u
#define SIZE_U32 2u
#define PRIVATE 128u
#define WAITV_MAX 128u

enum { CLOCK_REALTIME_ = 0, CLOCK_MONOTONIC_ = 1 };

/* struct futex_waitv */
struct waitv { uint64_t val, uaddr; uint32_t flags, reserved; };
_Static_assert(sizeof(struct waitv) == 24, "struct futex_waitv");

struct futex_vector {
	uint32_t count;
	int woken;			/* the highest of those that were; -1: none yet */
	struct vector_waiter {
		struct mm_futex_waiter waiter;
		struct task *task;
	} of[];
};

static bool flags_valid(uint32_t flags)
{
	return !(flags & ~(SIZE_MASK | PRIVATE)) && (flags & SIZE_MASK) == SIZE_U32;
}

static int read_limit(struct task *t, uint32_t addr, uint32_t clock, struct futex_limit *l)
{
	*l = (struct futex_limit){ .absolute = true, .realtime = clock == CLOCK_REALTIME_ };
	if (addr && clock != CLOCK_REALTIME_ && clock != CLOCK_MONOTONIC_)
		return -EINVAL;
	return futex_limit_read(t, addr, l);
}

/* futex_parse_waitv() */
static int read_waitv(struct task *t, uint32_t addr, uint32_t i, struct waitv *out)
{
	uint64_t at = addr + (uint64_t)i * sizeof *out;

	if (at > UINT32_MAX || user_read(t, out, (uint32_t)at, sizeof *out))
		return -EFAULT;
	return flags_valid(out->flags) && !out->reserved && out->val <= UINT32_MAX ? 0 : -EINVAL;
}

/* --- One futex --- */

int64_t sys_futex_wake(struct task *t, const uint32_t a[6])
{
	int err;

	if (!flags_valid(a[3]) || !a[1])
		return -EINVAL;
	if (a[2])
		return mm_futex_wake(t->machine->futexes, t->space, a[0], (int)a[2], a[1]);
	/* Here, unlike FUTEX_WAKE, none is none (FLAGS_STRICT). */
	err = mm_futex_check(t->space, a[0]);
	return err;
}

int64_t sys_futex_wait(struct task *t, const uint32_t a[6])
{
	struct futex_limit l;
	int err;

	if (!flags_valid(a[3]))
		return -EINVAL;
	err = read_limit(t, a[4], a[5], &l);
	return err ? err : futex_wait(t, a[0], a[1], a[2], &l, -ERESTARTSYS);
}

int64_t sys_futex_requeue(struct task *t, const uint32_t a[6])
{
	struct waitv from, to;
	uint32_t val;
	int err;

	if (a[1] || !a[0])
		return -EINVAL;
	err = read_waitv(t, a[0], 0, &from);
	if (!err)
		err = read_waitv(t, a[0], 1, &to);
	if (err)
		return err;
	/* The kernel's flags are alike without an MMU even if one is private. */
	val = (uint32_t)from.val;
	return mm_futex_requeue(t->machine->futexes, t->space, (uint32_t)from.uaddr, (uint32_t)to.uaddr, (int)a[2],
				(int)a[3], &val);
}

/* --- Several --- */

static void woken(struct mm_futex_waiter *w)
{
	struct vector_waiter *v = (struct vector_waiter *)(void *)w;
	int i = (int)(v - v->task->futex.vector->of);

	if (i > v->task->futex.vector->woken)
		v->task->futex.vector->woken = i;
	task_wake(v->task);
}

void futex_vector_free(struct task *t)
{
	struct futex_vector *v = t->futex.vector;

	if (!v)
		return;
	for (uint32_t i = 0; i < v->count; i++)
		mm_futex_cancel(t->machine->futexes, &v->of[i].waiter);
	t->futex.vector = NULL;
	free(v);
}

/* All or none: what is said of a later one counts before the value of an earlier one. */
static int queue_all(struct task *t, uint32_t addr, struct futex_vector *v)
{
	struct waitv w;
	int err;

	for (uint32_t i = 0; i < v->count; i++) {
		err = read_waitv(t, addr, i, &w);
		if (err)
			return err;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		err = read_waitv(t, addr, i, &w);
		if (!err)
			err = mm_futex_check(t->space, (uint32_t)w.uaddr);
		if (err)
			return err;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		v->of[i].task = t;
		v->of[i].waiter.wake = woken;
		v->of[i].waiter.prio = futex_priority(t);
		err = read_waitv(t, addr, i, &w);
		if (!err)
			err = mm_futex_wait(t->machine->futexes, t->space, (uint32_t)w.uaddr, (uint32_t)w.val, FUTEX_ANY,
					    &v->of[i].waiter);
		if (err)
			return err;
	}
	return 0;
}

static int begin(struct task *t, const uint32_t a[6])
{
	struct futex_vector *v = calloc(1, sizeof *v + a[1] * sizeof v->of[0]);
	int err;

	if (!v)
		return -ENOMEM;
	v->count = a[1];
	v->woken = -1;
	t->futex.vector = v;
	err = queue_all(t, a[0], v);
	if (err)
		futex_vector_free(t);
	return err;
}

int64_t sys_futex_waitv(struct task *t, const uint32_t a[6])
{
	struct futex_limit l;
	int err, i;

	if (a[2] || !a[1] || a[1] > WAITV_MAX || !a[0])
		return -EINVAL;
	err = read_limit(t, a[3], a[4], &l);
	if (err)
		return err;
	if (!t->futex.vector) {
		err = begin(t, a);
		if (err)
			return err;
	}
	i = t->futex.vector->woken;
	if (i < 0)
		return futex_stay(t, &l, -ERESTARTSYS);
	futex_vector_free(t);
	return i;
}
