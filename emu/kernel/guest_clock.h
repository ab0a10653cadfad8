/* SPDX-License-Identifier: MIT
 *
 * The clocks a program can name (clockid_t): what each counts, and what may be done with it
 * (kernel/time/posix-timers.c, posix-cpu-timers.c).
 */
#ifndef EMU_KERNEL_GUEST_CLOCK_H
#define EMU_KERNEL_GUEST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct process;
struct task;

enum clock_kind {
	CLOCK_KIND_REAL,		/* since 1970, can be set */
	CLOCK_KIND_MONOTONIC,		/* since the start of the machine */
	CLOCK_KIND_CPU_PROCESS,		/* CPU time of a process, */
	CLOCK_KIND_CPU_THREAD,		/* of one task */
};

struct guest_clock {
	enum clock_kind kind;
	uint32_t resolution;	/* ns */
	int id;			/* pid or tid of CPU clocks */
	bool user_only;		/* CPU time in user mode alone */
	bool timers;		/* can be slept on and have timers */
	bool settable;
	bool alarm;		/* REALTIME_ALARM and BOOTTIME_ALARM: there is no clock that could wake the machine */
};

/* 0, or -EINVAL: there is no such clock, or not for t. */
int guest_clock_find(struct task *t, int32_t clockid, struct guest_clock *out);
/* Nanoseconds; false when the process or thread is gone. */
bool guest_clock_read(struct machine *m, const struct guest_clock *c, uint64_t *ns);
static inline bool guest_clock_is_cpu(const struct guest_clock *c)
{
	return c->kind == CLOCK_KIND_CPU_PROCESS || c->kind == CLOCK_KIND_CPU_THREAD;
}

#endif
