/* SPDX-License-Identifier: MIT
 *
 * Waiting.  A blocked system call is a call to be made again: its handler finds that
 * it cannot go on, puts its task on the wait queues that could change that, and returns
 * task_block() (emu/kernel/task.h).  When one of the queues is woken, a deadline passes,
 * or a signal comes, the scheduler calls the same handler again with the same arguments.
 * So a blocked task has no host stack, only data.
 *
 * Every wake is a wake of all: whoever finds nothing to do blocks again.
 */
#ifndef EMU_KERNEL_WAIT_H
#define EMU_KERNEL_WAIT_H

#include <stdbool.h>

struct task;

struct wait_entry {
	struct task *task;
	struct wait_queue *queue;
	struct wait_entry *next, *prev;		/* on the queue */
	struct wait_entry *task_next;		/* the task's entries */
};

/* Embedded in whatever can be waited for; all zero is an empty queue. */
struct wait_queue {
	struct wait_entry *first, *last;
};

/*
 * Puts the task on q until its next wake-up.  A task on no queue (no memory for the entry)
 * still runs again: a failure to wait marks it runnable.  t NULL: does nothing (so that
 * poll operations can be called just to ask).
 */
void wait_on(struct wait_queue *q, struct task *t);
/* Makes every waiter runnable and empties the queue. */
void wake_all(struct wait_queue *q);
/* For the owner of a queue that goes away: the same as wake_all(). */
static inline void wait_queue_fini(struct wait_queue *q) { wake_all(q); }
/* Takes the task off all queues; the scheduler does it at each wake-up. */
void wait_cancel(struct task *t);

#endif
