/* SPDX-License-Identifier: MIT */
#include "emu/drivers/rtc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "emu/fs/vfs.h"
#include "emu/host/clock.h"
#include "emu/kernel/clock_event.h"
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
	struct device dev;
	struct machine *machine;
	uint64_t base;			/* ns: its time is this plus the monotonic clock's, modulo 2^64 */
	uint64_t alarm;			/* seconds since 1970 */
	uint32_t freq;			/* of the periodic interrupt */
	bool open;
	uint32_t irq_data;		/* what a read gets: how many << 8, and which */
	struct wait_queue wait;
	struct clock_event alarm_event, update_event, periodic_event;	/* armed: that interrupt is on */
};

/* struct rtc_time, struct rtc_wkalrm, struct rtc_param */
struct rtc_time { int32_t sec, min, hour, mday, mon, year, wday, yday, isdst; };
struct rtc_alarm { uint8_t enabled, pending; struct rtc_time time; };
struct rtc_param { uint64_t param, value; uint32_t index, pad; };

static struct rtc *rtc_of(struct device *d)
{
	return (struct rtc *)(void *)d;
}

/* --- Time --- */

static uint64_t now_ns(const struct rtc *r)
{
	return r->base + clock_monotonic(r->machine);
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

#define CONTAINER(e, member) ((struct rtc *)(void *)((char *)(e) - offsetof(struct rtc, member)))

static void alarm_due(struct clock_event *e)
{
	struct rtc *r = CONTAINER(e, alarm_event);

	clock_event_remove(r->machine, e);
	raise(r, 1, RTC_AF_);
}

/* One that comes again every `period` ns: how often it should have come by now, and when it is due next. */
static uint64_t periods(struct rtc *r, struct clock_event *e, uint64_t period)
{
	uint64_t n = (clock_monotonic(r->machine) - e->expires) / period + 1;

	e->expires += n * period;
	(void)clock_event_add(r->machine, e);	/* cannot fail: it is in the heap */
	return n;
}

static void update_due(struct clock_event *e)
{
	struct rtc *r = CONTAINER(e, update_event);

	raise(r, periods(r, e, SECOND), RTC_UF_);
}

static void period_due(struct clock_event *e)
{
	struct rtc *r = CONTAINER(e, periodic_event);

	raise(r, periods(r, e, SECOND / r->freq), RTC_PF_);
}

/* An alarm that lies in the past comes at once (rtc_timer_enqueue()). */
static int alarm_on(struct rtc *r)
{
	uint64_t now = now_ns(r), due = r->alarm * SECOND;

	r->alarm_event.expires = clock_monotonic(r->machine) + (due > now ? due - now : 0);
	return clock_event_add(r->machine, &r->alarm_event);
}

static int alarm_enable(struct rtc *r, bool on)
{
	if (!on)
		clock_event_remove(r->machine, &r->alarm_event);
	return on && !clock_event_armed(&r->alarm_event) ? alarm_on(r) : 0;
}

static int update_enable(struct rtc *r, bool on)
{
	if (!on)
		clock_event_remove(r->machine, &r->update_event);
	if (!on || clock_event_armed(&r->update_event))
		return 0;
	r->update_event.expires = clock_monotonic(r->machine) + SECOND - now_ns(r) % SECOND;
	return clock_event_add(r->machine, &r->update_event);
}

static int periodic_enable(struct rtc *r, bool on)
{
	clock_event_remove(r->machine, &r->periodic_event);
	if (!on)
		return 0;
	r->periodic_event.expires = clock_monotonic(r->machine) + SECOND / r->freq;
	return clock_event_add(r->machine, &r->periodic_event);
}

static int set_freq(struct rtc *r, struct task *t, uint32_t freq)
{
	if (freq > MAX_USER_FREQ && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EACCES;
	if (freq < 1 || freq > MAX_FREQ)
		return -EINVAL;
	r->freq = freq;
	return clock_event_armed(&r->periodic_event) ? periodic_enable(r, true) : 0;
}

static int periodic_on(struct rtc *r, struct task *t)
{
	if (r->freq > MAX_USER_FREQ && !task_capable(t, CAP_SYS_RESOURCE_))
		return -EACCES;
	return clock_event_armed(&r->periodic_event) ? 0 : periodic_enable(r, true);
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
	bool alarm = clock_event_armed(&r->alarm_event), update = clock_event_armed(&r->update_event);
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
	r->base = seconds * SECOND - clock_monotonic(r->machine);
	if (alarm)
		err = alarm_on(r);
	if (update) {
		update_enable(r, false);
		err = err ? err : update_enable(r, true);
	}
	return err;
}

static int set_alarm(struct rtc *r, const struct rtc_time *time, bool enabled)
{
	uint64_t seconds;
	int err = to_seconds(time, &seconds);

	if (err)
		return err;
	alarm_enable(r, false);
	r->alarm = seconds;
	return enabled ? alarm_enable(r, true) : 0;
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
	struct rtc_alarm a = { .enabled = clock_event_armed(&r->alarm_event), .time = broken_down(r->alarm) };

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
		return alarm_enable(r, cmd == AIE_ON);
	case UIE_ON: case UIE_OFF:
		return update_enable(r, cmd == UIE_ON);
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

static void dump_event(const char *name, const struct clock_event *e, FILE *out)
{
	fprintf(out, "%s %s\n", name, clock_event_armed(e) ? "on" : "off");
}

static void rtc_dump(struct device *d, FILE *out)
{
	const struct rtc *r = rtc_of(d);
	const struct { const char *name; uint64_t seconds; } times[] = { { "time ", now_ns(r) / SECOND }, { "alarm", r->alarm } };

	for (unsigned i = 0; i < 2; i++) {
		struct rtc_time t = broken_down(times[i].seconds);

		fprintf(out, "%s %04d-%02d-%02d %02d:%02d:%02d\n", times[i].name, t.year + 1900, t.mon + 1, t.mday, t.hour, t.min, t.sec);
	}
	dump_event("alarm interrupt", &r->alarm_event, out);
	dump_event("update interrupt", &r->update_event, out);
	dump_event("periodic interrupt", &r->periodic_event, out);
	fprintf(out, "periodic frequency %u Hz\n", r->freq);
}

static void rtc_free(struct device *d)
{
	free(rtc_of(d));
}

static const struct device_ops rtc_ops = { .compatible = "flat32,rtc", .dump = rtc_dump, .free = rtc_free };

int rtc_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct rtc *r = calloc(1, sizeof *r);
	struct vfs_chrdev dev = { .dev = vfs_makedev(MAJOR, 0), .name = e->name, .mode = 0600, .fops = &rtc_fops, .private = r };
	int err;

	(void)c;
	(void)d;
	(void)why;
	if (!r)
		return -ENOMEM;
	r->dev.ops = &rtc_ops;
	snprintf(r->dev.name, sizeof r->dev.name, "%s", e->name);
	r->machine = m;
	r->base = (uint64_t)clock_realtime(m) - clock_monotonic(m);
	r->freq = 1;
	r->alarm_event.fire = alarm_due;
	r->update_event.fire = update_due;
	r->periodic_event.fire = period_due;
	err = bus_add(board_bus(m), &r->dev);
	if (err) {
		free(r);
		return err;
	}
	return vfs_register_chrdev(m, &dev);
}
