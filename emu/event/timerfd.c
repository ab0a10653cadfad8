/* SPDX-License-Identifier: MIT */
#include "emu/event/timerfd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/machine.h"
#include "emu/proc/out.h"

enum { REALTIME = 0, REALTIME_ALARM = 8, BOOTTIME_ALARM = 9 };

struct timerfd {
	struct machine *m;
	int clockid;
	struct clock_event event;
	struct clock_watch on_set;	/* TFD_TIMER_CANCEL_ON_SET */
	bool clock_set;			/* and so it happened */
	uint64_t interval, ticks;	/* ns; expirations nobody has read */
	bool expired;			/* since somebody looked: a periodic timer has to be moved on */
	uint32_t settime_flags;
	struct wait_queue wait;
};

#define CONTAINER(pointer, member) ((struct timerfd *)(void *)((char *)(pointer) - offsetof(struct timerfd, member)))

static uint64_t clock_now(const struct timerfd *tf)
{
	return tf->event.realtime ? (uint64_t)clock_realtime(tf->m) : clock_monotonic(tf->m);
}

static void fire(struct clock_event *e)
{
	struct timerfd *tf = CONTAINER(e, event);

	clock_event_remove(tf->m, e);
	tf->expired = true;
	tf->ticks++;
	wake_events(&tf->wait, POLLIN);
}

static void clock_set(struct clock_watch *w)
{
	struct timerfd *tf = CONTAINER(w, on_set);

	tf->clock_set = true;
	tf->ticks++;
	wake_events(&tf->wait, POLLIN);
}

/* The scheduler looks at timers between slices only; who asks sees the time as it is. */
static void catch_up(struct timerfd *tf)
{
	if (clock_event_armed(&tf->event) && tf->event.expires <= clock_now(tf))
		fire(&tf->event);
}

/* An expired periodic timer goes behind now.  How many periods that were. */
static uint64_t move_on(struct timerfd *tf)
{
	uint64_t n;

	if (!tf->expired || !tf->interval)
		return 0;
	n = (clock_now(tf) - tf->event.expires) / tf->interval + 1;
	tf->event.expires += n * tf->interval;
	return n;
}

/* And is armed again; n - 1 expirations were missed. */
static void next_period(struct timerfd *tf)
{
	uint64_t n = move_on(tf);

	tf->expired = false;
	if (!n)
		return;
	tf->ticks += n - 1;
	(void)clock_event_again(tf->m, &tf->event);	/* cannot fail: it was in the heap before */
}

static bool canceled(struct timerfd *tf)
{
	bool was = tf->on_set.link && tf->clock_set;

	if (was)
		tf->clock_set = false;
	return was;
}

/* --- Setting and asking --- */

static uint64_t remaining(const struct timerfd *tf)
{
	uint64_t now = clock_now(tf);

	return tf->event.expires > now ? tf->event.expires - now : 0;
}

static void watch_clock(struct timerfd *tf, uint32_t flags)
{
	uint32_t both = TIMERFD_ABSTIME | TIMERFD_CANCEL_ON_SET;

	if ((tf->clockid == REALTIME || tf->clockid == REALTIME_ALARM) && (flags & both) == both)
		clock_watch_add(tf->m, &tf->on_set);
	else
		clock_watch_remove(&tf->on_set);
}

int timerfd_set(struct timerfd *tf, uint32_t flags, const struct timerfd_setting *set, struct timerfd_setting *old)
{
	bool real = tf->clockid == REALTIME || tf->clockid == REALTIME_ALARM;
	uint64_t now;
	int err;

	catch_up(tf);
	watch_clock(tf, flags);
	clock_event_remove(tf->m, &tf->event);
	move_on(tf);
	*old = (struct timerfd_setting){ remaining(tf), tf->interval };

	tf->expired = false;
	tf->ticks = 0;
	tf->interval = set->interval;
	/* A time from now on does not move with the clock (hrtimer_init()). */
	tf->event.realtime = real && (flags & TIMERFD_ABSTIME);
	now = clock_now(tf);
	tf->event.expires = set->value;
	if (set->value) {
		if (!(flags & TIMERFD_ABSTIME))
			tf->event.expires = set->value > UINT64_MAX - 1 - now ? UINT64_MAX - 1 : now + set->value;
		err = clock_event_add(tf->m, &tf->event);
		if (err)
			return err;
		catch_up(tf);
		if (canceled(tf))
			return -ECANCELED;
	}
	tf->settime_flags = flags;
	return 0;
}

void timerfd_get(struct timerfd *tf, struct timerfd_setting *out)
{
	catch_up(tf);
	if (tf->expired && tf->interval)
		next_period(tf);
	*out = (struct timerfd_setting){ remaining(tf), tf->interval };
}

bool timerfd_is_alarm(const struct timerfd *tf)
{
	return tf->clockid == REALTIME_ALARM || tf->clockid == BOOTTIME_ALARM;
}

/* --- Its file --- */

static int64_t timerfd_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct timerfd *tf = f->private;
	uint64_t ticks;

	(void)pos;
	if (len < sizeof ticks)
		return -EINVAL;
	catch_up(tf);
	if (canceled(tf)) {
		/* It is not moved on: the program has to think again anyway. */
		tf->ticks = 0;
		tf->expired = false;
		return -ECANCELED;
	}
	if (!tf->ticks)
		return -EAGAIN;
	next_period(tf);
	ticks = tf->ticks;
	tf->ticks = 0;
	memcpy(buf, &ticks, sizeof ticks);
	return sizeof ticks;
}

static unsigned timerfd_poll(struct file *f, struct waiter *w)
{
	struct timerfd *tf = f->private;

	poll_wait(&tf->wait, w);
	catch_up(tf);
	return tf->ticks ? POLLIN : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *tf = f->private;

	clock_watch_remove(&tf->on_set);
	clock_event_remove(tf->m, &tf->event);
	wait_queue_fini(&tf->wait);
	free(tf);
}

static void timerfd_describe(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[timerfd]");
}

static void timerfd_show(struct file *f, struct proc_out *o)
{
	const struct timerfd *tf = f->private;
	const uint64_t ns = 1000000000, left = remaining(tf);

	out(o, "clockid: %d\nticks: %llu\nsettime flags: 0%o\n", tf->clockid, (unsigned long long)tf->ticks,
	    tf->settime_flags);
	out(o, "it_value: (%llu, %llu)\nit_interval: (%llu, %llu)\n", (unsigned long long)(left / ns),
	    (unsigned long long)(left % ns), (unsigned long long)(tf->interval / ns),
	    (unsigned long long)(tf->interval % ns));
}

static const struct file_ops timerfd_ops = {
	.release = timerfd_release, .read = timerfd_read, .poll = timerfd_poll, .lseek = file_noop_lseek,
	.describe = timerfd_describe, .show = timerfd_show,
};

struct timerfd *timerfd_of(const struct file *f)
{
	return f->ops == &timerfd_ops ? f->private : NULL;
}

int timerfd_new(struct machine *m, int clockid, uint32_t flags, struct file **out)
{
	struct timerfd *tf = calloc(1, sizeof *tf);

	if (!tf)
		return -ENOMEM;
	*out = vfs_anon_file(m, &timerfd_ops, tf, 2u /* O_RDWR */ | flags);
	if (!*out) {
		free(tf);
		return -ENOMEM;
	}
	tf->m = m;
	tf->clockid = clockid;
	tf->event.realtime = clockid == REALTIME || clockid == REALTIME_ALARM;
	tf->event.fire = fire;
	tf->on_set.was_set = clock_set;
	return 0;
}
