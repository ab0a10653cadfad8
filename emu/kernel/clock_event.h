/* SPDX-License-Identifier: MIT
 *
 * What happens when a clock reaches a time: the machine's timers of all kinds (setitimer, timer_create, timerfd).
 * (Deadlines of blocked calls are the scheduler's own.)
 *
 * All lie in one heap by monotonic time, which the scheduler asks for the next and runs when it is due: O(log n).  Those
 * that count on the real-time clock move when that is set.
 */
#ifndef EMU_KERNEL_CLOCK_EVENT_H
#define EMU_KERNEL_CLOCK_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/kernel/time_heap.h"

struct machine;

#define CLOCK_EVENT_REST_NS 10000u

struct clock_event {
	struct time_node due;
	bool realtime;			/* expires is since 1970; else monotonic */
	uint64_t expires;		/* ns */
	/* Due; still in the heap: it takes itself out, or adds itself again for another time. */
	void (*fire)(struct clock_event *e);
};

int clock_events_new(struct machine *m);
void clock_events_free(struct machine *m);
/* Adds e, or moves it if it is there already.  0 or -ENOMEM (it is not there then). */
int clock_event_add(struct machine *m, struct clock_event *e);
/*
 * The same for the next of its periods, which may be shorter than what serving it takes: not before CLOCK_EVENT_REST_NS from now,
 * whenever it expires.  Linux's timer on RISC-V takes nothing nearer either (drivers/clocksource/timer-riscv.c: min_delta 100
 * at 10 MHz).  Who counts periods goes by `expires`, and so misses none.
 */
int clock_event_again(struct machine *m, struct clock_event *e);
void clock_event_remove(struct machine *m, struct clock_event *e);	/* nothing happens if it is not there */
static inline bool clock_event_armed(const struct clock_event *e) { return e->due.place != 0; }
/* The earliest (monotonic ns), UINT64_MAX: none. */
uint64_t clock_events_next(struct machine *m);
/* Lets everything due by now happen. */
void clock_events_run(struct machine *m, uint64_t now);

/* Who wants to hear that the real-time clock was set. */
struct clock_watch {
	void (*was_set)(struct clock_watch *w);
	struct clock_watch *next, **link;	/* link NULL: it is not there */
};
void clock_watch_add(struct machine *m, struct clock_watch *w);		/* nothing happens if it is there already */
void clock_watch_remove(struct clock_watch *w);
void clock_was_set(struct machine *m);

#endif
