/* SPDX-License-Identifier: MIT
 *
 * The tick: while this thread works, and only then, a signal of the host's looks every few milliseconds at what
 * the running task does.  An idle machine is not woken by it.
 *
 * It counts the ticks that find a system call (emu/kernel/cpu_time.c), and ends a slice that has lasted for two: a task
 * that makes long system calls retires few instructions.  With a deterministic machine there are no ticks; time is retired
 * instructions there, and system calls take none.
 */
#ifndef EMU_HOST_TICKS_H
#define EMU_HOST_TICKS_H

struct machine;

/* In the thread that runs the guest.  Without timers (host limits) all CPU time is user time. */
void host_ticks_start(struct machine *m);
void host_ticks_stop(void);
/* How many there were since this was last asked, and how many of them found the machine's task in a system call. */
unsigned host_ticks_take(struct machine *m, unsigned *in_calls);

#endif
