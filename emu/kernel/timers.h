/* SPDX-License-Identifier: MIT
 *
 * Timers that end in a signal: setitimer(2), alarm, timer_create(2).
 *
 * Those on clocks that pass by themselves are clock events (emu/kernel/clock_event.h).  Timers on CPU time are looked at
 * when a task of their process has run: timers_charge().
 */
#ifndef EMU_KERNEL_TIMERS_H
#define EMU_KERNEL_TIMERS_H

#include <stdint.h>

struct machine;
struct process;
struct signal_info;
struct task;

/* The process has used CPU time. */
void timers_charge(struct process *p);
void timers_exit(struct process *p);		/* all of its timers go; also when called twice */
void timers_exec(struct process *p);		/* timer_create's go, setitimer's stay */
/* A timer's signal left its queue: counts the overruns into it, starts the next period. */
void timers_signal_taken(struct process *p, struct signal_info *info);
/* So did a process's SIGALRM, whoever sent it: ITIMER_REAL's next period begins. */
void timers_alarm_taken(struct process *p);
/* Puts the task on a queue that is woken whenever its process has used CPU time. */
void timers_wait_cpu(struct task *t);

#endif
