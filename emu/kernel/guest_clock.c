/* SPDX-License-Identifier: MIT */
#include "emu/kernel/guest_clock.h"

#include <errno.h>
#include "emu/host/clock.h"
#include "emu/kernel/rusage.h"
#include "emu/kernel/tasks.h"

#define TICK_NS 4000000u	/* coarse clocks: a kernel with HZ=250, as the defconfig has it */

enum { CPU_PROF, CPU_VIRT, CPU_SCHED, CPU_KINDS, CPU_PER_THREAD = 4 };

/* Negative numbers: ~pid << 3, a bit for threads, and what is counted (MAKE_PROCESS_CPUCLOCK). */
static int find_cpu_clock(struct task *t, int32_t clockid, struct guest_clock *out)
{
	int id = ~(clockid >> 3), which = clockid & 3;
	struct task *other;

	if (which >= CPU_KINDS)
		return -EINVAL;		/* a clock device's descriptor: there are none */
	out->user_only = which == CPU_VIRT;
	out->timers = true;
	out->resolution = 1;
	if (clockid & CPU_PER_THREAD) {
		out->kind = CLOCK_KIND_CPU_THREAD;
		out->id = id ? id : t->tid;
		other = task_find(t->machine, out->id);
		return other && other->process == t->process ? 0 : -EINVAL;
	}
	out->kind = CLOCK_KIND_CPU_PROCESS;
	out->id = id ? id : t->process->pid;
	if (out->id == t->tid)
		out->id = t->process->pid;
	return process_find(t->machine, out->id) ? 0 : -EINVAL;
}

int guest_clock_find(struct task *t, int32_t clockid, struct guest_clock *out)
{
	*out = (struct guest_clock){ .resolution = 1 };
	if (clockid < 0)
		return find_cpu_clock(t, clockid, out);
	switch (clockid) {
	case 0:			/* REALTIME */
		out->settable = true;
		/* fall through */
	case 11:		/* TAI: nobody has told us of leap seconds */
		out->kind = CLOCK_KIND_REAL;
		out->timers = true;
		return 0;
	case 1:			/* MONOTONIC */
	case 7:			/* BOOTTIME: the machine never sleeps */
		out->kind = CLOCK_KIND_MONOTONIC;
		out->timers = true;
		return 0;
	case 2:			/* PROCESS_CPUTIME_ID */
		out->kind = CLOCK_KIND_CPU_PROCESS;
		out->id = t->process->pid;
		out->timers = true;
		return 0;
	case 3:			/* THREAD_CPUTIME_ID */
		out->kind = CLOCK_KIND_CPU_THREAD;
		out->id = t->tid;
		out->timers = true;
		return 0;
	case 4:			/* MONOTONIC_RAW */
		out->kind = CLOCK_KIND_MONOTONIC;
		return 0;
	case 5:			/* REALTIME_COARSE */
		out->kind = CLOCK_KIND_REAL;
		out->resolution = TICK_NS;
		return 0;
	case 6:			/* MONOTONIC_COARSE */
		out->kind = CLOCK_KIND_MONOTONIC;
		out->resolution = TICK_NS;
		return 0;
	case 8:			/* REALTIME_ALARM, BOOTTIME_ALARM */
	case 9:
		out->alarm = true;
		return 0;
	default:
		return -EINVAL;
	}
}

bool guest_clock_read(struct machine *m, const struct guest_clock *c, uint64_t *ns)
{
	const struct process *p;
	const struct task *t;
	uint64_t utime, stime;

	switch (c->kind) {
	case CLOCK_KIND_REAL:
		*ns = (uint64_t)clock_realtime(m);
		break;
	case CLOCK_KIND_MONOTONIC:
		*ns = clock_monotonic(m);
		break;
	case CLOCK_KIND_CPU_PROCESS:
		p = process_find(m, c->id);
		if (!p)
			return false;
		process_cpu_time(p, &utime, &stime);
		*ns = c->user_only ? utime : utime + stime;
		break;
	case CLOCK_KIND_CPU_THREAD:
		t = task_find(m, c->id);
		if (!t)
			return false;
		sched_account(m);
		*ns = c->user_only ? t->utime_ns : t->utime_ns + t->stime_ns;
		break;
	}
	*ns -= *ns % c->resolution;
	return true;
}
