/* SPDX-License-Identifier: MIT
 *
 * Waiting.  A blocked system call is a call to be made again: its handler finds that
 * it cannot go on, puts its task on the wait queues that could change that, and returns
 * task_block() (emu/kernel/task.h).  When one of the queues is woken, a deadline passes,
 * or a signal comes, the scheduler calls the same handler again with the same arguments.
 * So a blocked task has no host stack, only data.
 *
 * Who stands on a queue is a waiter.  A task's leaves its queues when it is woken; others stay, and hear of each
 * wake-up until they are cancelled: an epoll's watch of a file, a file that sends SIGIO.
 *
 * Every wake is a wake of all: whoever finds nothing to do blocks again.  Only of those that asked for it (exclusive)
 * one is enough: wake_events() stops asking them when one has taken what there is.
 */
#ifndef EMU_KERNEL_WAIT_H
#define EMU_KERNEL_WAIT_H

#include <stdbool.h>

struct task;
struct wait_queue;
struct waiter;

struct wait_entry {
	struct waiter *waiter;
	struct wait_queue *queue;
	struct wait_entry *next, *prev;		/* on the queue */
	struct wait_entry *waiter_next;		/* the waiter's entries */
};

struct waiter {
	/*
	 * A queue it is on was woken.  events: the poll bits that may have come, 0: any.  Of an exclusive waiter true: it
	 * has taken the event.  It may wake other queues, but must not leave or join any.
	 */
	bool (*woken)(struct waiter *w, unsigned events);
	struct wait_entry *entries;
	bool stays, exclusive;
	bool failed;		/* there was no memory for an entry: it is not on all the queues it should be */
};

/* Embedded in whatever can be waited for; all zero is an empty queue. */
struct wait_queue {
	struct wait_entry *first, *last;
};

/*
 * Puts the waiter on q.  Without memory for the entry it is marked as failed and woken at once, so that a task still
 * runs again.  w NULL: does nothing (so that poll operations can be called just to ask).
 */
void poll_wait(struct wait_queue *q, struct waiter *w);
/* The same for a task: until its next wake-up. */
void wait_on(struct wait_queue *q, struct task *t);
/* Wakes everybody; tasks become runnable and leave the queue. */
void wake_all(struct wait_queue *q);
/* The same, but of exclusive waiters only until one takes the event.  events: poll bits. */
void wake_events(struct wait_queue *q, unsigned events);
/* For the owner of a queue that goes away: a wake_all() after which nobody is on it, whether he stays or not. */
void wait_queue_fini(struct wait_queue *q);
/* Takes the waiter off all queues. */
void waiter_cancel(struct waiter *w);
/* The same for a task; the scheduler does it at each wake-up. */
void wait_cancel(struct task *t);

#endif
