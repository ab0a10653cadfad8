/* SPDX-License-Identifier: MIT
 *
 * setitimer(2) and timer_create(2): arguments in and out; timers.c does the rest.
 */
#include <errno.h>
#include <signal.h>
#include "emu/sys/syscall.h"
#include "emu/kernel/timer.h"
#include "emu/sys/user.h"

#define NS 1000000000ull
#define TIMER_ABSTIME_ 1u

/* --- setitimer: struct __kernel_old_itimerval, four words --- */

static void read_itimer(struct process *p, uint32_t which, uint32_t out[4])
{
	uint64_t left = 0, interval = 0;

	if (p->timers) {
		struct timer *t = &p->timers->itimer[which];

		left = timer_left(t);
		interval = t->expires ? t->interval : 0;	/* also while it awaits its signal */
		if (left && left < 1000)
			left = 1000;	/* armed is not zero */
	}
	out[0] = (uint32_t)(interval / NS);
	out[1] = (uint32_t)(interval % NS / 1000);
	out[2] = (uint32_t)(left / NS);
	out[3] = (uint32_t)(left % NS / 1000);
}

int64_t sys_getitimer(struct task *t, const uint32_t a[6])
{
	uint32_t out[4];

	if (a[0] >= ITIMER_COUNT)
		return -EINVAL;
	read_itimer(t->process, a[0], out);
	return user_write(t, a[1], out, sizeof out);
}

int64_t sys_setitimer(struct task *t, const uint32_t a[6])
{
	struct process *p = t->process;
	uint32_t in[4] = { 0 }, old[4];
	uint64_t interval, value, now;
	int err = 0;

	if (a[1]) {
		if (user_read(t, in, a[1], sizeof in))
			return -EFAULT;
		if (in[1] >= 1000000 || in[3] >= 1000000 || (int32_t)in[0] < 0 || (int32_t)in[2] < 0)
			return -EINVAL;
	}
	if (a[0] >= ITIMER_COUNT)
		return -EINVAL;
	read_itimer(p, a[0], old);
	interval = in[0] * NS + in[1] * 1000ull;
	value = in[2] * NS + in[3] * 1000ull;
	if (value || p->timers) {
		struct posix_timers *pt = timers_of(p);
		struct timer *it;

		if (!pt)
			return -ENOMEM;
		it = &pt->itimer[a[0]];
		if (value && !guest_clock_read(t->machine, &it->clock, &now))
			return -EINVAL;
		err = timer_arm(it, value ? now + value : 0, interval);
	}
	if (!err && a[2])
		err = user_write(t, a[2], old, sizeof old);
	return err;
}

/* --- timer_create --- */

/* struct sigevent: value, signo, notify, tid; 64 bytes in all. */
struct guest_sigevent { uint32_t value; int32_t signo, notify, tid; uint32_t pad[12]; };

static int check_event(struct task *t, const struct guest_sigevent *e)
{
	struct task *to;

	switch (e->notify) {
	case TIMER_SIGNAL | TIMER_THREAD_ID:
		to = task_find(t->machine, e->tid);
		if (!to || to->process != t->process)
			return -EINVAL;
		/* fall through */
	case TIMER_SIGNAL:
	case TIMER_THREAD:
		return e->signo <= 0 || e->signo > SIGNALS ? -EINVAL : 0;
	case TIMER_NONE:
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t sys_timer_create(struct task *t, const uint32_t a[6])
{
	struct guest_sigevent event;
	struct guest_clock clock;
	struct timer *timer;
	int err;

	if (a[1] && user_read(t, &event, a[1], sizeof event))
		return -EFAULT;
	err = guest_clock_find(t, (int32_t)a[0], &clock);
	if (err)
		return err;
	if (!clock.timers)
		return -EOPNOTSUPP;
	if (a[1]) {
		err = check_event(t, &event);
		if (err)
			return err;
	}
	err = timer_new(t, &timer);
	if (err)
		return err;
	timer->base = timer->clock = clock;
	if (a[1]) {
		timer->notify = (enum timer_notify)event.notify;
		timer->signo = event.signo;
		timer->value = event.value;
		timer->tid = event.notify == TIMER_THREAD_ID ? event.tid : 0;
	} else {
		timer->notify = TIMER_SIGNAL;
		timer->signo = SIGALRM;
		timer->value = (uint32_t)timer->id;
	}
	if (user_put32(t, a[2], (uint32_t)timer->id)) {
		timer_delete_one(timer);
		return -EFAULT;
	}
	return 0;
}

/* struct __kernel_itimerspec: interval, value. */
static int put_setting(struct task *t, uint32_t addr, uint64_t interval, uint64_t left)
{
	int err = user_put_timespec(t, addr, interval);

	return err ? err : user_put_timespec(t, addr + 16, left);
}

int64_t sys_timer_gettime64(struct task *t, const uint32_t a[6])
{
	struct timer *timer = timer_by_id(t->process, (int)a[0]);

	if (!timer)
		return -EINVAL;
	return put_setting(t, a[1], timer->interval, timer_left(timer));
}

int64_t sys_timer_settime64(struct task *t, const uint32_t a[6])
{
	struct timer *timer;
	struct user_timespec interval, value;
	uint64_t old_left, old_interval, ns, now;
	int err;

	if (!a[2])
		return -EINVAL;
	err = user_get_timespec(t, a[2], &interval);
	if (err != -EFAULT) {
		int err2 = user_get_timespec(t, a[2] + 16, &value);

		err = err2 ? err2 : err;
	}
	if (err)
		return err;
	timer = timer_by_id(t->process, (int)a[0]);
	if (!timer)
		return -EINVAL;
	old_left = timer_left(timer);
	old_interval = timer->interval;
	timer_disarm(timer);
	timer->overrun = timer->passed = 0;
	ns = user_timespec_ns(&value);
	if (ns) {
		timer->clock = timer->base;
		/* A relative time on the real-time clock does not care how that is set. */
		if (!(a[1] & TIMER_ABSTIME_) && timer->clock.kind == CLOCK_KIND_REAL)
			timer->clock.kind = CLOCK_KIND_MONOTONIC;
		if (!guest_clock_read(t->machine, &timer->clock, &now))
			return -ESRCH;
		if (!(a[1] & TIMER_ABSTIME_))
			ns += now;
	}
	err = timer_arm(timer, ns, user_timespec_ns(&interval));
	if (err)
		return err;
	/* Already past, on CPU time: at once. */
	if (ns && guest_clock_is_cpu(&timer->clock))
		timers_charge(t->process);
	return a[3] ? put_setting(t, a[3], old_interval, old_left) : 0;
}

int64_t sys_timer_getoverrun(struct task *t, const uint32_t a[6])
{
	struct timer *timer = timer_by_id(t->process, (int)a[0]);

	if (!timer)
		return -EINVAL;
	return timer->overrun > INT32_MAX ? INT32_MAX : (int64_t)timer->overrun;
}

int64_t sys_timer_delete(struct task *t, const uint32_t a[6])
{
	struct timer *timer = timer_by_id(t->process, (int)a[0]);

	if (!timer)
		return -EINVAL;
	timer_delete_one(timer);
	return 0;
}
