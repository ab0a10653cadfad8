/* SPDX-License-Identifier: MIT
 *
 * Timers that end in a signal: setitimer(2), alarm, timer_create(2).  (Deadlines of blocked calls
 * are the scheduler's own: deadlines.c.)
 *
 * Timers on clocks that pass by themselves lie in one heap by time, which the scheduler
 * asks for the next and runs when it is due: O(log n).  Timers on CPU time are looked at when
 * a task of their process has run: timers_charge().
 */
#ifndef EMU_KERNEL_TIMERS_H
#define EMU_KERNEL_TIMERS_H

#include <stdint.h>

struct machine;
struct process;
struct signal_info;
struct task;

int timers_new(struct machine *m);
void timers_free(struct machine *m);		/* all processes are gone */
/* The earliest (monotonic ns), UINT64_MAX: none. */
uint64_t timers_next(struct machine *m);
/* Lets everything due by now expire. */
void timers_run(struct machine *m, uint64_t now);
/* The process has used CPU time. */
void timers_charge(struct process *p);
/* The real-time clock was set: absolute timers on it are due at another time. */
void timers_realtime_set(struct machine *m);
void timers_exit(struct process *p);		/* all of its timers go; also when called twice */
void timers_exec(struct process *p);		/* timer_create's go, setitimer's stay */
/* A timer's signal left its queue: counts the overruns into it, starts the next period. */
void timers_signal_taken(struct process *p, struct signal_info *info);
/* Puts the task on a queue that is woken whenever its process has used CPU time. */
void timers_wait_cpu(struct task *t);

#endif
