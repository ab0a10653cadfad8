/* SPDX-License-Identifier: MIT
 *
 * One timer, and a process's timers.  Shared by timers.c (what happens when) and sys_timer.c (setitimer, timer_create and their kin).
 */
#ifndef EMU_KERNEL_TIMER_H
#define EMU_KERNEL_TIMER_H

#include <stddef.h>
#include "emu/kernel/clock_event.h"
#include "emu/kernel/guest_clock.h"
#include "emu/kernel/timers.h"
#include "emu/kernel/wait.h"
#include "mm/tree.h"

enum timer_notify { TIMER_SIGNAL = 0, TIMER_NONE = 1, TIMER_THREAD = 2, TIMER_THREAD_ID = 4 };	/* SIGEV_* */
enum { ITIMER_COUNT = 3 };	/* REAL, VIRTUAL, PROF */

struct timer {
	struct process *process;
	uint32_t uid;			/* timer_create's: whose place for a signal it has (QUOTA_SIGNALS) */
	int id;				/* timer_create's number; -1 - ITIMER_* for the three of setitimer */
	struct tree_node by_id;		/* timer_create's: of the process */
	struct tree_node cpu_armed;	/* of the process, too, while it is armed on a CPU clock */
	struct guest_clock base, clock;	/* as created; as the last setting wants it (relative: never set back) */
	uint64_t expires;		/* on its clock; 0: not armed */
	uint64_t rests_until;		/* CPU time: the next period begins no sooner (CLOCK_EVENT_REST_NS) */
	uint64_t interval;		/* 0: once */
	bool awaited;			/* its signal was sent; the next period begins when that is taken */
	bool sent;			/* its signal is in a queue, unless it was discarded there */
	struct clock_event event;	/* on clocks that pass by themselves */
	enum timer_notify notify;
	int signo, tid;			/* tid 0: to the process */
	uint32_t value;			/* sigev_value */
	uint64_t overrun;		/* periods missed before the signal taken last */
	uint64_t passed;		/* periods over since then, of those counted so far */
};

/* A process's timers. */
struct posix_timers {
	struct timer itimer[ITIMER_COUNT];
	struct tree by_id;		/* timer_create's */
	int next_id;
	struct tree cpu_armed;		/* on CPU clocks: looked at in timers_charge() */
	struct wait_queue cpu_wait;	/* sleepers on CPU time */
};

struct posix_timers *timers_of(struct process *p);	/* made at need; NULL: no memory */
/*
 * A new timer of t's process; numbers are given in turn, and none again before all are through (posix_timer_add()).  It has a place for
 * its signal, which counts as t's user's.  -EAGAIN: no memory, or RLIMIT_SIGPENDING, which is root's too (sigqueue_alloc()).
 */
int timer_new(struct task *t, struct timer **out);
void timer_delete_one(struct timer *t);
struct timer *timer_by_id(struct process *p, int id);	/* or NULL */
/* expires on t->clock; 0: disarms.  0 or -ENOMEM. */
int timer_arm(struct timer *t, uint64_t expires, uint64_t interval);
void timer_disarm(struct timer *t);
/* Time left in ns, as timer_gettime(2) and getitimer(2) tell it: 0 only when it is not armed, or setitimer's awaits its signal. */
uint64_t timer_left(struct timer *t);

#endif
