/* SPDX-License-Identifier: MIT
 * The interrupts of the clock: counted, masked at the controller, and the clock's registers beside its driver.
 * flat32: --deterministic
 * qemu: -rtc clock=vm,base=2025-01-01
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/rtc.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "irq.h"
#include "tap.h"

enum { TIME_LOW, TIME_HIGH, ALARM_LOW, ALARM_HIGH, IRQ_ENABLED, CLEAR_ALARM, ALARM_STATUS, CLEAR_INTERRUPT };
enum { IRQ = 11 };
static const char *name = "rtc";	/* the end of "101000.rtc" */
static volatile uint32_t *clock_, *controller;
static int fd;

/* Without an MMU it is where it is. */
static volatile uint32_t *map(uint32_t addr, size_t size)
{
	int mem = open("/dev/mem", O_RDWR);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, mem, (off_t)addr);

	tap_ok(p == (void *)(uintptr_t)addr, "/dev/mem at %x", addr);
	close(mem);
	return p;
}

static int ready(int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static unsigned long take(void)
{
	unsigned long data = 0;

	return read(fd, &data, sizeof data) == sizeof data ? data : 0;
}

static uint64_t now(void)
{
	uint32_t low = clock_[TIME_LOW];

	return (uint64_t)clock_[TIME_HIGH] << 32 | low;
}

static void counted(void)
{
	long before = irq_count(name), total = irq_total(), since;
	struct rtc_wkalrm w = { .enabled = 1 };

	tap_ok(before >= 0, "its driver listens");
	tap_zero(ioctl(fd, RTC_UIE_ON, 0), "an interrupt each second");
	tap_ok(ready(3000) && take() >> 8 == 1, "comes");
	tap_ok(ready(3000) && take() >> 8 == 1, "and again");
	tap_zero(ioctl(fd, RTC_UIE_OFF, 0), "no more");
	since = irq_count(name) - before;
	tap_is(since, 2, "two are counted");
	tap_ok(irq_total() - total >= 2, "in /proc/stat, too");
	usleep(1500000);
	tap_is(irq_count(name) - before, 2, "while nobody wants any, none comes");
	ioctl(fd, RTC_RD_TIME, &w.time);
	w.time.tm_year++;
	w.time.tm_mday = 1;
	tap_zero(ioctl(fd, RTC_WKALM_SET, &w), "an alarm in a year");
	tap_is(irq_count(name) - before, 2, "is none today");
	tap_zero(ioctl(fd, RTC_AIE_OFF, 0), "nor any more");
}

static void alarm_in(uint64_t ns)
{
	uint64_t then = now() + ns;

	clock_[ALARM_HIGH] = (uint32_t)(then >> 32);
	clock_[ALARM_LOW] = (uint32_t)then;
}

static void masked(void)
{
	volatile uint32_t *enable = controller + 0x2000 / 4, *pending = controller + 0x1000 / 4;
	long before = irq_count(name);

	tap_ok(*enable >> IRQ & 1 && controller[IRQ] > 0, "the controller lets it through");
	*enable &= ~(1u << IRQ);
	clock_[IRQ_ENABLED] = 1;
	alarm_in(100000000);
	tap_is(clock_[ALARM_STATUS], 1, "an alarm is set");
	tap_ok(!(*pending >> IRQ & 1), "it is not due");
	usleep(200000);
	tap_is(clock_[ALARM_STATUS], 0, "it came");
	tap_ok(*pending >> IRQ & 1, "and waits at the controller");
	tap_is(irq_count(name), before, "the driver has heard nothing");
	*enable |= 1u << IRQ;
	tap_is(irq_count(name), before + 1, "now it has");
	tap_ok(!(*pending >> IRQ & 1), "and has served it");
	alarm_in(0);
	tap_is(irq_count(name), before + 2, "one that is past comes at once");
	clock_[IRQ_ENABLED] = 0;
	alarm_in(0);
	tap_is(irq_count(name), before + 2, "not if the clock is told to keep silent");
	clock_[IRQ_ENABLED] = 1;
	tap_is(irq_count(name), before + 3, "till it may speak");
	tap_ok(!ready(0), "none of these was one that a program had asked the driver for");
}

static sigjmp_buf out;

static void caught(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

static int refused(volatile void *addr)
{
	if (sigsetjmp(out, 1))
		return 1;
	*(volatile uint8_t *)addr = 1;
	return 0;
}

static void registers(void)
{
	struct rtc_time t;
	uint64_t a = now(), b = now();

	tap_ok(b >= a, "time goes on");
	tap_ok(!ioctl(fd, RTC_RD_TIME, &t) && (a / 1000000000u) % 60 - (uint64_t)t.tm_sec < 2, "the driver's is the same");
	clock_[TIME_HIGH] = (uint32_t)(UINT64_C(946684800000000000) >> 32);
	tap_ok(!ioctl(fd, RTC_RD_TIME, &t) && t.tm_year >= 99 && t.tm_year <= 100, "and can be set behind its back");
	signal(SIGSEGV, caught);
	signal(SIGBUS, caught);
	tap_ok(refused(clock_ + ALARM_LOW), "a byte is none of its registers");
	tap_ok(refused(controller), "nor of the controller's");
}

int main(void)
{
	tap_plan(0);
	fd = tap_own_machine() ? open("/dev/rtc0", O_RDONLY | O_NONBLOCK) : -1;
	if (fd < 0 || geteuid()) {
		printf("1..0 # SKIP no clock that is ours\n");
		return 0;
	}
	if (irq_count(name) < 0)
		name = "rtc0";
	clock_ = map(0x00101000, 4096);
	controller = map(0x0c000000, 0x201000);
	counted();
	masked();
	registers();
	return tap_done();
}
