/* SPDX-License-Identifier: MIT */
#include "emu/drivers/rtc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "devices/goldfish_rtc.h"
#include "emu/drivers/chip_time.h"
#include "emu/fs/vfs.h"
#include "emu/host/clock.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/task.h"
#include "emu/machine.h"
#include "emu/sys/user.h"

#define SECOND UINT64_C(1000000000)
#define RANGE_MAX (UINT64_MAX / SECOND)		/* seconds since 1970 */
#define MAJOR 254u				/* the first that Linux gives to who asks for any */

enum { CAP_SYS_RESOURCE_ = 24, CAP_SYS_TIME_ = 25 };
enum { RTC_UF_ = 0x10, RTC_AF_ = 0x20, RTC_PF_ = 0x40, RTC_IRQF_ = 0x80 };
enum { MAX_USER_FREQ = 64, MAX_FREQ = 8192 };
enum { FEATURES = 1 << 0 /* an alarm */ | 1 << 4 /* an interrupt each second */ };

struct rtc {
	struct machine *machine;
	struct goldfish *chip;
	struct chip_time time;		/* the chip's */
	uint64_t alarm;			/* seconds since 1970 */
	uint64_t update;		/* of the chip's ns: when the next second begins */
	bool alarm_on, update_on;	/* these are to be told */
	struct clock_event periodic;	/* armed: so is this */
	uint32_t freq;			/* of that */
	bool open;
	uint32_t irq_data;		/* what a read gets: how many << 8, and which */
	struct wait_queue wait;
};

/* struct rtc_time, struct rtc_wkalrm, struct rtc_param */
struct rtc_time { int32_t sec, min, hour, mday, mon, year, wday, yday, isdst; };
struct rtc_alarm { uint8_t enabled, pending; struct rtc_time time; };
struct rtc_param { uint64_t param, value; uint32_t index, pad; };

/* --- Time --- */

static uint64_t now_ns(const struct rtc *r)
{
	return goldfish_time(r->chip);
}

static struct rtc_time broken_down(uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	/* rtc_time64_to_tm() counts the days of a year from 1. */
	return (struct rtc_time){ tm.tm_sec, tm.tm_min, tm.tm_hour, tm.tm_mday, tm.tm_mon, tm.tm_year, tm.tm_wday, tm.tm_yday + 1, 0 };
}

static int days_in_month(int mon, int64_t year)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[mon] + (mon == 1 && year % 4 == 0 && (year % 100 || year % 400 == 0));
}

/* rtc_valid_tm() and rtc_valid_range(): 0 and the seconds, -EINVAL, -ERANGE. */
static int to_seconds(const struct rtc_time *t, uint64_t *seconds)
{
	struct tm tm = { .tm_sec = t->sec, .tm_min = t->min, .tm_hour = t->hour, .tm_mday = t->mday, .tm_mon = t->mon,
			 .tm_year = t->year };

	if (t->year < 70 || t->year > INT32_MAX - 1900 || (uint32_t)t->mon >= 12 || t->mday < 1 ||
	    t->mday > days_in_month(t->mon, (int64_t)t->year + 1900) || (uint32_t)t->hour >= 24 || (uint32_t)t->min >= 60 ||
	    (uint32_t)t->sec >= 60)
		return -EINVAL;
	*seconds = (uint64_t)timegm(&tm);
	return *seconds > RANGE_MAX ? -ERANGE : 0;
}

/* --- Interrupts --- */

static void raise(struct rtc *r, uint64_t n, uint32_t which)
{
	r->irq_data = (r->irq_data + (uint32_t)(n << 8)) | RTC_IRQF_ | which;
	wake_events(&r->wait, POLLIN);
}

/* The chip is to interrupt when the first of what is wanted is due: at once, if that is past (rtc_timer_enqueue()). */
static void program(struct rtc *r)
{
	uint64_t alarm = r->alarm_on ? r->alarm * SECOND : UINT64_MAX, update = r->update_on ? r->update : UINT64_MAX;

	if (r->alarm_on || r->update_on)
		goldfish_set_alarm(r->chip, alarm < update ? alarm : update);
	else
		goldfish_clear_alarm(r->chip);
}

/* goldfish_rtc_interrupt(), rtc_timer_do_work() */
static void interrupt(void *owner)
{
	struct rtc *r = owner;
	uint64_t now = now_ns(r);

	goldfish_clear_interrupt(r->chip);
	if (r->update_on && r->update <= now) {
		uint64_t seconds = (now - r->update) / SECOND + 1;

		r->update += seconds * SECOND;
		raise(r, seconds, RTC_UF_);
	}
	if (r->alarm_on && r->alarm * SECOND <= now) {
		r->alarm_on = false;
		raise(r, 1, RTC_AF_);
	}
	program(r);
}

static void alarm_enable(struct rtc *r, bool on)
{
	r->alarm_on = on;
	program(r);
}

static void update_enable(struct rtc *r, bool on)
{
	if (on && !r->update_on)
		r->update = (now_ns(r) / SECOND + 1) * SECOND;
	r->update_on = on;
	program(r);
}

/* rtc_pie_update_irq(): how often it should have come by now. */
static void period_due(struct clock_event *e)
{
	struct rtc *r = (struct rtc *)(void *)((char *)e - offsetof(struct rtc, periodic));
	uint64_t period = SECOND / r->freq, n = (clock_monotonic(r->machine) - e->expires) / period + 1;

	e->expires += n * period;
	(void)clock_event_add(r->machine, e);	/* cannot fail: it is in the heap */
	raise(r, n, RTC_PF_);
}

static int periodic_enable(struct rtc *r, bool on)
{
	clock_event_remove(r->machine, &r->periodic);
	if (!on)
		return 0;
	r->periodic.expires = clock_monotonic(r->machine) + SECOND / r->freq;
	return clock_event_add(r->machine, &r->periodic);
}

static int set_freq(struct rtc *r, struct task *t, uint32_t freq)
{
	if (freq > MAX_USER_FREQ && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EACCES;
	if (freq < 1 || freq > MAX_FREQ)
		return -EINVAL;
	r->freq = freq;
	return clock_event_armed(&r->periodic) ? periodic_enable(r, true) : 0;
}

static int periodic_on(struct rtc *r, struct task *t)
{
	if (r->freq > MAX_USER_FREQ && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EACCES;
	return clock_event_armed(&r->periodic) ? 0 : periodic_enable(r, true);
}

/* --- ioctl --- */

static int get_time(struct rtc *r, struct task *t, uint32_t arg)
{
	struct rtc_time time = broken_down(now_ns(r) / SECOND);

	return user_write(t, arg, &time, sizeof time);
}

/* What is due when the clock shows some time is due when it does so now. */
static int set_time(struct rtc *r, struct task *t, uint32_t arg)
{
	bool update = r->update_on;
	struct rtc_time time;
	uint64_t seconds;
	int err;

	if (!task_capable(t, CAP_SYS_TIME_))
		return -EACCES;
	if (user_read(t, &time, arg, sizeof time))
		return -EFAULT;
	err = to_seconds(&time, &seconds);
	if (err)
		return err;
	update_enable(r, false);
	goldfish_set_time(r->chip, seconds * SECOND);
	update_enable(r, update);
	return 0;
}

static int set_alarm(struct rtc *r, const struct rtc_time *time, bool enabled)
{
	uint64_t seconds;
	int err = to_seconds(time, &seconds);

	if (err)
		return err;
	alarm_enable(r, false);
	r->alarm = seconds;
	alarm_enable(r, enabled);
	return 0;
}

/* RTC_ALM_SET knows a time of day only: the next time that it is this late. */
static int set_day_alarm(struct rtc *r, struct task *t, uint32_t arg)
{
	uint64_t now = now_ns(r) / SECOND, then;
	struct rtc_time today = broken_down(now), time;
	int err;

	if (user_read(t, &time, arg, sizeof time))
		return -EFAULT;
	time.mday = today.mday;
	time.mon = today.mon;
	time.year = today.year;
	err = to_seconds(&time, &then);
	if (err)
		return err;
	if (then < now)
		time = broken_down(then + 24 * 60 * 60);
	return set_alarm(r, &time, false);
}

static int get_alarm(struct rtc *r, struct task *t, uint32_t arg, bool whole)
{
	struct rtc_alarm a = { .enabled = r->alarm_on, .time = broken_down(r->alarm) };

	return whole ? user_write(t, arg, &a, sizeof a) : user_write(t, arg, &a.time, sizeof a.time);
}

static int get_param(struct task *t, uint32_t arg)
{
	struct rtc_param p;

	if (user_read(t, &p, arg, sizeof p))
		return -EFAULT;
	if (p.param || p.index)		/* RTC_PARAM_FEATURES is all there is */
		return -EINVAL;
	p.value = FEATURES;
	return user_write(t, arg, &p, sizeof p);
}

static int set_param(struct task *t, uint32_t arg)
{
	if (!task_capable(t, CAP_SYS_TIME_))
		return -EACCES;
	return user_span(t, arg, sizeof(struct rtc_param)) ? -EINVAL : -EFAULT;
}

enum {
	AIE_ON = 0x7001, AIE_OFF = 0x7002, UIE_ON = 0x7003, UIE_OFF = 0x7004, PIE_ON = 0x7005, PIE_OFF = 0x7006,
};
/* Numbers with the size of what they take in them: struct rtc_time has 36 bytes, struct rtc_wkalrm 40, struct rtc_param 24. */
#define ALM_SET 0x40247007u
#define ALM_READ 0x80247008u
#define RD_TIME 0x80247009u
#define SET_TIME 0x4024700au
#define IRQP_READ 0x8004700bu
#define IRQP_SET 0x4004700cu
#define EPOCH_SET 0x4004700eu
#define WKALM_SET 0x4028700fu
#define WKALM_RD 0x80287010u
#define PARAM_GET 0x40187013u
#define PARAM_SET 0x40187014u
_Static_assert(sizeof(struct rtc_time) == 36 && sizeof(struct rtc_alarm) == 40 && sizeof(struct rtc_param) == 24, "as in linux/rtc.h");

static int64_t rtc_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct rtc *r = f->private;
	struct rtc_alarm a;

	switch (cmd) {
	case AIE_ON: case AIE_OFF:
		alarm_enable(r, cmd == AIE_ON);
		return 0;
	case UIE_ON: case UIE_OFF:
		update_enable(r, cmd == UIE_ON);
		return 0;
	case PIE_ON:
		return periodic_on(r, t);
	case PIE_OFF:
		return periodic_enable(r, false);
	case RD_TIME:
		return get_time(r, t, arg);
	case SET_TIME:
		return set_time(r, t, arg);
	case ALM_SET:
		return set_day_alarm(r, t, arg);
	case ALM_READ: case WKALM_RD:
		return get_alarm(r, t, arg, cmd == WKALM_RD);
	case WKALM_SET:
		return user_read(t, &a, arg, sizeof a) ? -EFAULT : set_alarm(r, &a.time, a.enabled);
	case IRQP_READ:
		return user_put32(t, arg, r->freq);
	case IRQP_SET:
		return set_freq(r, t, arg);
	case PARAM_GET:
		return get_param(t, arg);
	case PARAM_SET:
		return set_param(t, arg);
	case EPOCH_SET:
		return task_capable(t, CAP_SYS_TIME_) ? -ENOTTY : -EACCES;
	}
	return -ENOTTY;
}

/* --- The file --- */

static int rtc_open(struct file *f)
{
	struct rtc *r = f->private;

	if (r->open)
		return -EBUSY;
	r->open = true;
	r->irq_data = 0;
	return 0;
}

/* The alarm stays: it might be for waking up. */
static void rtc_release(struct file *f)
{
	struct rtc *r = f->private;

	update_enable(r, false);
	periodic_enable(r, false);
	r->open = false;
}

static int64_t rtc_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct rtc *r = f->private;

	(void)pos;
	if (len < sizeof r->irq_data)
		return -EINVAL;
	if (!r->irq_data)
		return -EAGAIN;
	memcpy(buf, &r->irq_data, sizeof r->irq_data);
	r->irq_data = 0;
	return sizeof r->irq_data;
}

static unsigned rtc_poll(struct file *f, struct waiter *w)
{
	struct rtc *r = f->private;

	poll_wait(&r->wait, w);
	return r->irq_data ? POLLIN | POLLRDNORM : 0;
}

static int64_t no_lseek(struct file *f, int64_t offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return -ESPIPE;
}

static const struct file_ops rtc_fops = {
	.open = rtc_open, .release = rtc_release, .read = rtc_read, .poll = rtc_poll, .lseek = no_lseek, .ioctl = rtc_ioctl, .async = true,
};

/* --- The device --- */

static struct rtc *rtc_of_time(void *time)
{
	return (struct rtc *)(void *)((char *)time - offsetof(struct rtc, time));
}

static void rtc_free(void *time)
{
	free(rtc_of_time(time));
}

static void run(void *chip)
{
	goldfish_run(chip);
}

/* What the driver knows of it lives as long as the chip. */
int rtc_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	struct rtc *r = calloc(1, sizeof *r);
	struct goldfish_config gc = {
		.name = e->name, .addr = e->addr[0], .time = (uint64_t)clock_realtime(m), .now = chip_time_now, .alarm = chip_time_alarm,
		.gone = rtc_free,
	};

	(void)c;
	(void)why;
	if (!r)
		return -ENOMEM;
	r->machine = m;
	r->freq = 1;
	r->periodic.fire = period_due;
	r->time = chip_time(m, run);
	gc.owner = &r->time;
	r->chip = goldfish_new(&gc);
	if (!r->chip) {
		free(r);
		return -ENOMEM;
	}
	r->time.chip = r->chip;
	*out = goldfish_device(r->chip);
	return 0;
}

int rtc_start(struct machine *m, struct device *d)
{
	(void)m;
	return chip_time_start(&rtc_of_time(goldfish_owner(goldfish_of(d)))->time);
}

int rtc_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct rtc *r = rtc_of_time(goldfish_owner(goldfish_of(d)));
	struct vfs_chrdev dev = { .dev = vfs_makedev(MAJOR, 0), .name = e->name, .mode = 0600, .fops = &rtc_fops, .private = r };
	int err;

	(void)c;
	(void)why;
	err = irq_request(m, d, d->name, interrupt, r);
	if (err)
		return err;
	goldfish_enable(r->chip, true);
	return vfs_register_chrdev(m, &dev);
}
