/* SPDX-License-Identifier: MIT
 *
 * Reading, setting and sleeping on clocks (kernel/time/posix-timers.c, hrtimer.c, ntp.c).
 */
#include <errno.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/guest_clock.h"
#include "emu/kernel/rusage.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/timers.h"
#include "emu/sys/user.h"

#define NS 1000000000u
#define NS_PER_TICK 10000000u	/* USER_HZ 100 */
#define CAP_SYS_TIME_ 25
#define TIMER_ABSTIME_ 1u

int64_t sys_clock_gettime64(struct task *t, const uint32_t a[6])
{
	struct guest_clock c;
	uint64_t ns;
	int err = guest_clock_find(t, (int32_t)a[0], &c);

	if (err)
		return err;
	if (c.alarm || !guest_clock_read(t->machine, &c, &ns))
		return -EINVAL;
	return user_put_timespec(t, a[1], ns);
}

int64_t sys_clock_getres_time64(struct task *t, const uint32_t a[6])
{
	struct guest_clock c;
	int err = guest_clock_find(t, (int32_t)a[0], &c);

	if (err)
		return err;
	if (c.alarm)
		return -EINVAL;
	return a[1] ? user_put_timespec(t, a[1], c.resolution) : 0;
}

/* After a jump of the real-time clock: whoever sleeps until a time on it looks again. */
static void set_realtime(struct machine *m, int64_t ns)
{
	struct tasks *ts = m->tasks;

	clock_set_realtime(m, ns);
	clock_was_set(m);
	for (size_t i = 1; i <= ts->deadlines.count; i++)
		task_wake(task_of_deadline(ts->deadlines.at[i]));
}

int64_t sys_clock_settime64(struct task *t, const uint32_t a[6])
{
	struct user_timespec ts;
	struct guest_clock c;
	int err = guest_clock_find(t, (int32_t)a[0], &c);

	if (err)
		return err;
	if (!c.settable && !((int32_t)a[0] < 0))
		return -EINVAL;
	err = user_get_timespec(t, a[1], &ts);
	if (err)
		return err;
	if (!c.settable || !task_capable(t, CAP_SYS_TIME_))
		return -EPERM;		/* CPU clocks: "you can never reset a CPU clock" */
	/* timespec64_valid_settod(): room for 30 years of uptime. */
	if (ts.sec >= INT64_MAX / NS - 30ll * 365 * 24 * 3600)
		return -EINVAL;
	/* Nor may the machine have been started before 1970 (do_settimeofday64). */
	if (user_timespec_ns(&ts) < clock_monotonic(t->machine))
		return -EINVAL;
	set_realtime(t->machine, (int64_t)user_timespec_ns(&ts));
	return 0;
}

/* --- Sleeping --- */

static int64_t interrupted(struct task *t, bool absolute, uint32_t rem_addr)
{
	uint64_t now = clock_monotonic(t->machine);
	uint64_t left = t->sys.deadline > now ? t->sys.deadline - now : 0;

	if (absolute)
		return -ERESTARTNOHAND;
	if (rem_addr && user_put_timespec(t, rem_addr, left))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

/* CPU time has no deadline: whenever the process has run, look again.  sys.done: until when. */
static int64_t sleep_on_cpu(struct task *t, const struct guest_clock *c, bool absolute, uint64_t ns, uint32_t rem_addr)
{
	uint64_t now;

	if (!guest_clock_read(t->machine, c, &now))
		return -ESRCH;
	if (!t->sys.done)
		t->sys.done = (absolute ? ns : now + ns) + 1;
	if (now + 1 >= t->sys.done)
		return 0;
	if (task_signalled(t)) {
		if (absolute)
			return -ERESTARTNOHAND;
		if (rem_addr && user_put_timespec(t, rem_addr, t->sys.done - 1 - now))
			return -EFAULT;
		return -ERESTART_RESTARTBLOCK;
	}
	timers_wait_cpu(t);
	return task_block(t);
}

int64_t sys_clock_nanosleep_time64(struct task *t, const uint32_t a[6])
{
	bool absolute = a[1] & TIMER_ABSTIME_;
	int32_t id = (int32_t)a[0];
	struct guest_clock c;
	uint64_t ns;
	bool over;
	int err = guest_clock_find(t, id, &c);

	if (err)
		return err;
	if (!c.timers || id == 3)
		return -EOPNOTSUPP;
	err = user_get_limit(t, a[2], &ns);
	if (err)
		return err;
	if (guest_clock_is_cpu(&c)) {
		if (c.kind == CLOCK_KIND_CPU_THREAD && c.id == t->tid)
			return -EINVAL;		/* for ever */
		return sleep_on_cpu(t, &c, absolute, ns, a[3]);
	}
	if (!absolute)
		over = task_deadline(t, ns);
	else if (c.kind == CLOCK_KIND_MONOTONIC)
		over = task_deadline_at(t, ns);
	else
		over = task_deadline_realtime(t, ns);
	if (over)
		return 0;
	return task_signalled(t) ? interrupted(t, absolute, a[3]) : task_block(t);
}

/* --- times, adjtimex --- */

int64_t sys_times(struct task *t, const uint32_t a[6])
{
	const struct process *p = t->process;
	uint64_t utime, stime;
	uint32_t out[4];

	process_cpu_time(p, &utime, &stime);
	out[0] = (uint32_t)(utime / NS_PER_TICK);
	out[1] = (uint32_t)(stime / NS_PER_TICK);
	out[2] = (uint32_t)(p->child_utime / NS_PER_TICK);
	out[3] = (uint32_t)(p->child_stime / NS_PER_TICK);
	if (a[0] && user_write(t, a[0], out, sizeof out))
		return -EFAULT;
	return (uint32_t)(clock_monotonic(t->machine) / NS_PER_TICK);
}

#define ADJ_OFFSET_	0x0001u
#define ADJ_SETOFFSET_	0x0100u
#define ADJ_NANO_	0x2000u
#define ADJ_TICK_	0x4000u
#define ADJ_ADJTIME_	0x8000u
#define ADJ_READONLY_	0x2000u		/* with ADJ_ADJTIME */

/* struct __kernel_timex */
struct guest_timex {
	uint32_t modes, pad1;
	int64_t offset, freq, maxerror, esterror;
	int32_t status, pad2;
	int64_t constant, precision, tolerance, sec, usec, tick, ppsfreq, jitter;
	int32_t shift, pad3;
	int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
	int32_t tai, pad4[11];
};
_Static_assert(sizeof(struct guest_timex) == 208, "struct __kernel_timex");

/*
 * The host keeps the time, so there is nothing to discipline: steps and single-shot offsets are made at once,
 * the parameters of the loop read as those of a machine that nobody synchronises and take no effect when set.
 */
int64_t sys_clock_adjtime64(struct task *t, const uint32_t a[6])
{
	struct guest_timex x;
	struct guest_clock c;
	int64_t now, step = 0;
	bool may = task_capable(t, CAP_SYS_TIME_);
	int err;

	if (user_read(t, &x, a[1], sizeof x))
		return -EFAULT;
	err = guest_clock_find(t, (int32_t)a[0], &c);
	if (err)
		return err;
	if (!c.settable)
		return -EOPNOTSUPP;
	if (x.modes & ADJ_ADJTIME_) {
		if (!(x.modes & ADJ_OFFSET_))
			return -EINVAL;
		if (!(x.modes & ADJ_READONLY_)) {
			if (!may)
				return -EPERM;
			step = x.offset > INT32_MAX ? INT32_MAX : x.offset < INT32_MIN ? INT32_MIN : x.offset;
			step *= 1000;
		}
	} else {
		if (x.modes && !may)
			return -EPERM;
		if ((x.modes & ADJ_TICK_) && (x.tick < 9000 || x.tick > 11000))
			return -EINVAL;
		if (x.modes & ADJ_SETOFFSET_) {
			int64_t limit = x.modes & ADJ_NANO_ ? NS : 1000000;

			if (x.usec < 0 || x.usec >= limit || x.sec > INT64_MAX / NS / 4 || x.sec < -(INT64_MAX / NS / 4))
				return -EINVAL;
			step = x.sec * NS + (x.modes & ADJ_NANO_ ? x.usec : x.usec * 1000);
		}
	}
	now = clock_realtime(t->machine);
	if (step) {
		if (step < 0 ? now + step < 0 : now > INT64_MAX - step)
			return -EINVAL;
		now += step;
		set_realtime(t->machine, now);
	}
	memset(&x.offset, 0, sizeof x - offsetof(struct guest_timex, offset));
	x.maxerror = x.esterror = 16000000;
	x.status = 0x40;		/* STA_UNSYNC */
	x.constant = 2;
	x.precision = 1;
	x.tolerance = 32768000;
	x.tick = 10000;
	x.sec = now / NS;
	x.usec = now % NS / 1000;
	return user_write(t, a[1], &x, sizeof x) ? -EFAULT : 5;	/* TIME_ERROR: not synchronised */
}
