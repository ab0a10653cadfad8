/* SPDX-License-Identifier: MIT
 * /dev/rtc0: the time, the alarm, the interrupts that are read.
 * qemu: -rtc clock=vm,base=2025-01-01
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/rtc.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <time.h>
#include "tap.h"

static int fd;

static struct rtc_time at(int year, int mon, int mday, int hour, int min, int sec)
{
	return (struct rtc_time){ .tm_year = year - 1900, .tm_mon = mon - 1, .tm_mday = mday, .tm_hour = hour, .tm_min = min, .tm_sec = sec };
}

static int set(struct rtc_time t)
{
	return ioctl(fd, RTC_SET_TIME, &t);
}

static long long seconds(const struct rtc_time *t)
{
	struct tm tm = { .tm_year = t->tm_year, .tm_mon = t->tm_mon, .tm_mday = t->tm_mday, .tm_hour = t->tm_hour, .tm_min = t->tm_min,
			 .tm_sec = t->tm_sec };

	return (long long)timegm(&tm);
}

static int ready(int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents == POLLIN;
}

static void times(void)
{
	static const struct rtc_time bad[] = {
		{ .tm_year = 69, .tm_mday = 1 }, { .tm_year = 100, .tm_mon = 12, .tm_mday = 1 }, { .tm_year = 100, .tm_mday = 0 },
		{ .tm_year = 101, .tm_mon = 1, .tm_mday = 29 }, { .tm_year = 100, .tm_mday = 1, .tm_hour = 24 },
		{ .tm_year = 100, .tm_mday = 1, .tm_min = 60 }, { .tm_year = 100, .tm_mday = 1, .tm_sec = 60 },
		{ .tm_year = 100, .tm_mday = 1, .tm_sec = -1 },
	};
	struct rtc_time t;
	time_t before = time(NULL);

	tap_zero(ioctl(fd, RTC_RD_TIME, &t), "RTC_RD_TIME");
	tap_ok(llabs(seconds(&t) - (long long)before) <= 2, "it begins with the system's time");
	tap_zero(set(at(2000, 2, 29, 23, 59, 58)), "RTC_SET_TIME");
	tap_zero(ioctl(fd, RTC_RD_TIME, &t), "and read again");
	tap_ok(t.tm_year == 100 && t.tm_mon == 1 && t.tm_mday == 29 && t.tm_wday == 2 && t.tm_yday == 60 && t.tm_isdst == 0,
	       "the day, of the week and of the year, too");
	tap_ok(llabs((long long)time(NULL) - (long long)before) <= 2, "the system's clock goes its own way");
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_errno(set(bad[i]), EINVAL, "no such time: %u", i);
	tap_errno(set(at(2600, 1, 1, 0, 0, 0)), ERANGE, "a time that it cannot hold");
	tap_zero(set(at(2554, 1, 1, 0, 0, 0)), "and nearly the last that it can");
	tap_ok(!ioctl(fd, RTC_RD_TIME, &t) && t.tm_year == 654 && t.tm_mday == 1, "it is kept");
}

static void alarms(void)
{
	struct rtc_time t = at(1970, 1, 1, 6, 0, 0);
	struct rtc_wkalrm w = { .enabled = 1, .time = at(2030, 1, 1, 0, 0, 2) };
	unsigned long data;

	set(at(2029, 12, 31, 12, 0, 0));
	tap_zero(ioctl(fd, RTC_ALM_SET, &t), "RTC_ALM_SET: a time of day");
	tap_zero(ioctl(fd, RTC_ALM_READ, &t), "RTC_ALM_READ");
	tap_ok(t.tm_year == 130 && t.tm_mon == 0 && t.tm_mday == 1 && t.tm_hour == 6, "it is past today: tomorrow, and next year");
	tap_zero(ioctl(fd, RTC_WKALM_SET, &w), "RTC_WKALM_SET");
	memset(&w, 0x55, sizeof w);
	tap_ok(!ioctl(fd, RTC_WKALM_RD, &w) && w.enabled == 1 && w.pending == 0 && w.time.tm_year == 130 && w.time.tm_sec == 2,
	       "RTC_WKALM_RD");
	tap_ok(!ready(0), "it is not due");
	tap_errno(read(fd, &data, sizeof data), EAGAIN, "there is nothing to read");
	set(at(2029, 12, 31, 23, 59, 59));
	tap_ok(!ready(1200), "nor a second later");
	tap_ok(ready(4000), "it comes in its time");
	tap_is(read(fd, &data, sizeof data), sizeof data, "read");
	tap_is(data, 0x1a0, "one alarm");
	tap_ok(!ioctl(fd, RTC_WKALM_RD, &w) && !w.enabled, "which does not come again");
	tap_ok(!ready(0), "what was read is gone");
	tap_zero(ioctl(fd, RTC_AIE_ON, 0), "RTC_AIE_ON with an alarm that is past");
	tap_ok(ready(1000), "comes at once");
	tap_ok(read(fd, &data, sizeof data) == sizeof data && data == 0x1a0, "and says so");
	w.time.tm_year = 140;
	w.enabled = 1;
	tap_zero(ioctl(fd, RTC_WKALM_SET, &w), "an alarm in ten years");
	tap_zero(ioctl(fd, RTC_AIE_OFF, 0), "RTC_AIE_OFF");
	set(at(2050, 1, 1, 0, 0, 0));
	tap_ok(!ready(50), "is off");
	w.time.tm_mon = 12;
	tap_errno(ioctl(fd, RTC_WKALM_SET, &w), EINVAL, "no such time");
}

static volatile sig_atomic_t signals;

static void on_io(int sig)
{
	(void)sig;
	signals++;
}

static void interrupts(void)
{
	unsigned long data, n = 0;
	char small[3];

	tap_errno(read(fd, small, 3), EINVAL, "less than a word cannot be read");
	tap_zero(ioctl(fd, RTC_UIE_ON, 0), "RTC_UIE_ON");
	tap_ok(ready(3000) && read(fd, &data, sizeof data) == sizeof data && (data & 0xff) == 0x90 && data >> 8 >= 1, "a second passes");
	tap_zero(ioctl(fd, RTC_UIE_OFF, 0), "RTC_UIE_OFF");
	tap_zero(ioctl(fd, RTC_IRQP_READ, &data), "RTC_IRQP_READ");
	tap_is(data, 1, "the frequency");
	tap_errno(ioctl(fd, RTC_IRQP_SET, 0), EINVAL, "none");
	tap_errno(ioctl(fd, RTC_IRQP_SET, 8193), EINVAL, "too high");
	tap_zero(ioctl(fd, RTC_IRQP_SET, 64), "RTC_IRQP_SET");
	fcntl(fd, F_SETFL, O_RDONLY);
	tap_zero(ioctl(fd, RTC_PIE_ON, 0), "RTC_PIE_ON");
	for (int i = 0; i < 100 && n < 10; i++)
		if (read(fd, &data, sizeof data) == sizeof data && (data & 0xff) == 0xc0)
			n += data >> 8;
	tap_ok(n >= 10, "reads wait for it");
	signal(SIGIO, on_io);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_RDONLY | O_ASYNC);
	for (int i = 0; i < 200 && !signals; i++)
		usleep(10000);
	tap_ok(signals, "SIGIO");
	fcntl(fd, F_SETFL, O_RDONLY | O_NONBLOCK);
	tap_zero(ioctl(fd, RTC_PIE_OFF, 0), "RTC_PIE_OFF");
	signal(SIGIO, SIG_IGN);
}

static void others(void)
{
	struct rtc_param p = { .param = RTC_PARAM_FEATURES };

	tap_errno(open("/dev/rtc0", O_RDONLY), EBUSY, "one at a time");
	tap_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek");
	tap_errno(write(fd, "x", 1), EBADF, "write");
	tap_ok(!ioctl(fd, RTC_PARAM_GET, &p) && (p.uvalue & 0x11) == 0x11, "features: an alarm, an interrupt each second");
	p.param = 77;
	tap_errno(ioctl(fd, RTC_PARAM_GET, &p), EINVAL, "no such parameter");
	tap_errno(ioctl(fd, RTC_EPOCH_READ, &p), ENOTTY, "an ioctl for other clocks");
	tap_efault(ioctl(fd, RTC_RD_TIME, 8), "RTC_RD_TIME to nowhere");
	tap_efault(ioctl(fd, RTC_SET_TIME, 8), "RTC_SET_TIME from nowhere");
	tap_efault(ioctl(fd, RTC_WKALM_SET, 8), "RTC_WKALM_SET from nowhere");
	setresuid(-1, 1000, -1);
	tap_errno(ioctl(fd, RTC_SET_TIME, 8), EACCES, "who may not set clocks may not set this");
	tap_errno(ioctl(fd, RTC_IRQP_SET, 128), EACCES, "nor have more than 64 interrupts a second");
	tap_zero(ioctl(fd, RTC_IRQP_SET, 32), "but 32");
	setresuid(-1, 0, -1);
}

int main(void)
{
	tap_plan(0);
	fd = tap_own_machine() ? open("/dev/rtc0", O_RDONLY | O_NONBLOCK) : -1;
	if (fd < 0 || geteuid()) {
		printf("1..0 # SKIP no clock that is ours\n");
		return 0;
	}
	times();
	alarms();
	interrupts();
	others();
	close(fd);
	tap_ok((fd = open("/dev/rtc0", O_RDONLY)) >= 0, "closed, it can be opened again");
	return tap_done();
}
