/* SPDX-License-Identifier: MIT
 *
 * The run queue: who runs next.  It knows no tasks, only nodes embedded in them, and no time but what it is told.
 *
 * Three classes, each before all of the next, as in Linux:
 *
 *	deadline	the earliest deadline first
 *	real-time	the highest priority first, and within one the order of the queue
 *	fair		the smallest virtual runtime first: instructions, scaled by 1024 / weight
 *
 * Fair nodes that wake up are placed at most a bonus before the others, however long they slept: so they run soon, and
 * have nothing saved up.  (kernel/sched/fair.c up to 6.5 did it so; EEVDF's shares are the same.)  Real-time nodes
 * leave a twentieth of the processor to fair ones, lest one that spins stop the machine (the fair server of
 * kernel/sched/deadline.c: 50 ms of each s).
 *
 * Adding, removing and taking the first cost O(log n).
 */
#ifndef EMU_KERNEL_RUN_QUEUE_H
#define EMU_KERNEL_RUN_QUEUE_H

#include <stdbool.h>
#include "emu/kernel/time_heap.h"

enum run_class { RUN_FAIR, RUN_RT, RUN_DEADLINE };	/* all zero: fair, weight to be set */

#define RUN_PRIORITIES 100u	/* of real-time nodes: 1 to 99 */
#define RUN_WEIGHT 1024u	/* of nice 0 */

/* All zero but for the weight is a new node.  Class, priority and weight are changed only while it is in no queue. */
struct run_node {
	enum run_class class;
	uint32_t priority;	/* RUN_RT */
	uint32_t weight;	/* RUN_FAIR */
	uint64_t vruntime;	/* RUN_FAIR: kept while it sleeps */
	uint64_t deadline;	/* RUN_DEADLINE: set by the owner before it is added */
	bool queued;
	struct time_node place;	/* in a heap */
	struct run_node *next, *prev;	/* in a list of a priority */
};

struct run_queue {
	struct time_heap fair, deadline;
	struct { struct run_node *first, *last; } rt[RUN_PRIORITIES];
	uint64_t rt_used[2];	/* a bit for each priority with nodes */
	unsigned count, rt_count;
	uint64_t now;		/* virtual time: no fair node in the queue is behind it by more than a bonus */
	uint64_t bonus;		/* instructions; set by the owner */
	uint64_t rt_ran;	/* ns of real-time nodes while fair ones waited, less what these have had for it */
	bool fair_turn;		/* before real-time ones, until rt_ran is paid off */
};

/* How a node comes. */
enum run_how {
	RUN_WOKEN,		/* it slept, or is new */
	RUN_ON,			/* it has run and could go on: of equals the last, but a real-time node the first */
	RUN_BEHIND,		/* it gives way: behind the next that would run, or its priority */
};

/* Room for n nodes.  0 or -ENOMEM.  run_queue_add() needs it. */
int run_queue_reserve(struct run_queue *q, size_t n);
void run_queue_add(struct run_queue *q, struct run_node *n, enum run_how how);
/* Nothing happens if it is in no queue. */
void run_queue_remove(struct run_queue *q, struct run_node *n);
/* Who is to run, NULL: nobody.  It stays in the queue. */
struct run_node *run_queue_first(const struct run_queue *q);
/*
 * A node that is not in the queue has run for so many instructions, which took so many ns of CPU time.  Fair nodes share by
 * instructions, which no noise of the host changes; what real-time ones leave is a part of the time, as in Linux.
 */
void run_queue_charge(struct run_queue *q, struct run_node *n, uint64_t instructions, uint64_t ns);
/* Whether a node that has just been added should not wait until the slice of the one that runs is over. */
bool run_queue_preempts(const struct run_node *woken, const struct run_node *running);
void run_queue_fini(struct run_queue *q);

/* The weight of a nice value, -20 to 19: each step is a factor of 1.25 (sched_prio_to_weight). */
uint32_t run_weight(int nice);
#define RUN_WEIGHT_IDLE 3u	/* SCHED_IDLE */

#endif
