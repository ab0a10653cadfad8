/* SPDX-License-Identifier: MIT
 *
 * What a task waits for, and holds, of futexes; and what the files of futex system calls share.
 * Queues and values are mm/futex.h's; here are tasks, time and signals.
 *
 * Priority-inheriting locks (kernel/futex/pi.c): the lock's word holds its owner's tid.  Only while somebody waits
 * for it does it have a struct pi_lock, which says whose it is whatever is written to the word.  Unlocking it, or its
 * owner's end, hands it over to the first waiter.  What its owner inherits is the waiters' priority: on the hart, and in
 * the queues of other locks.
 */
#ifndef EMU_KERNEL_FUTEX_H
#define EMU_KERNEL_FUTEX_H

#include <stdbool.h>
#include <stdint.h>
#include "mm/futex.h"

struct task;
struct pi_lock;
struct futex_vector;

/* A futex word of a lock. */
#define FUTEX_WAITERS_		0x80000000u
#define FUTEX_OWNER_DIED_	0x40000000u
#define FUTEX_TID_MASK_		0x3fffffffu

#define FUTEX_ANY		0xffffffffu	/* the bitset that meets all */

/* Embedded in struct task; all zero: waits for nothing and holds nothing. */
struct task_futex {
	struct mm_futex_waiter waiter;	/* one wait at a time ... */
	struct futex_vector *vector;	/* ... but for futex_waitv(); NULL: it is in none */
	bool woken;			/* it was woken, or given the lock: the next try of its call ends it */
	uint32_t requeue_to;		/* FUTEX_WAIT_REQUEUE_PI: the lock its waiter may be moved to */
	struct pi_lock *waits_for;	/* the lock it is queued for */
	struct pi_lock *holds;		/* those it has and others wait for; linked by held_next */
};

/* Takes the task off all queues: its wait is over, without having been woken. */
void futex_leave(struct task *t);
/* The task ends or leaves its memory: what it holds goes to those who wait for it. */
void futex_release_pi(struct task *t);
/* The task's memory goes; the machine may be at its end, and tasks that waited for each other go one by one. */
void futex_task_free(struct task *t);
/* The task's policy or priority has changed. */
void futex_priority_changed(struct task *t);

/* --- sys_futex_time64.c: time and waiting --- */

struct futex_limit { bool given, absolute, realtime; uint64_t ns; };

/* The timespec at addr (0: none) into ns.  0, -EFAULT or -EINVAL. */
int futex_limit_read(struct task *t, uint32_t addr, struct futex_limit *out);
/* Queued, or still so: goes to sleep, unless the time is over or a signal waits (then on_signal). */
int64_t futex_stay(struct task *t, const struct futex_limit *l, int64_t on_signal);
/* True if a retry was woken; starts afresh otherwise. */
bool futex_was_woken(struct task *t);
/* Waits while the word holds val. */
int64_t futex_wait(struct task *t, uint32_t addr, uint32_t val, uint32_t bitset, const struct futex_limit *l,
		   int64_t on_signal);
/* The task's priority for its place in a queue: lowest first. */
unsigned futex_priority(const struct task *t);

/* --- sys_futex2.c --- */

/* What futex_waitv() waits for is forgotten. */
void futex_vector_free(struct task *t);

/* --- futex_pi.c --- */

int64_t futex_lock_pi(struct task *t, uint32_t addr, bool try, const struct futex_limit *l);
int64_t futex_unlock_pi(struct task *t, uint32_t addr);
/*
 * Takes the lock at addr for t if it is free: 1.  0: it is somebody's, *lock (the caller's reference) is what to wait
 * for.  Or -errno.  waiters: others will come to wait for it at once: *lock is there for 1 too.
 */
int pi_lock_take(struct task *t, uint32_t addr, bool waiters, struct pi_lock **lock);
/* Queues t for the lock; -EDEADLK if its owner waits, by however many steps, for t. */
int pi_lock_wait(struct task *t, struct pi_lock *lock);
void pi_lock_put(struct pi_lock *lock);		/* NULL is fine */

/* --- futex_requeue_pi.c: condition variables whose mutex is a PI lock --- */

int64_t futex_wait_requeue_pi(struct task *t, uint32_t addr, uint32_t val, uint32_t lock_addr,
			      const struct futex_limit *l);
int64_t futex_cmp_requeue_pi(struct task *t, uint32_t addr, uint32_t lock_addr, int nr_wake, int nr_requeue,
			     uint32_t val);

#endif
