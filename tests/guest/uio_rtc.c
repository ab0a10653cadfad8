/* SPDX-License-Identifier: MIT
 * A driver among the programs: the clock's registers and its interrupts by /dev/uio0. The kernel has no UIO without an MMU.
 * flat32: --deterministic --uio rtc0
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "irq.h"
#include "tap.h"

enum { TIME_LOW, TIME_HIGH, ALARM_LOW, ALARM_HIGH, IRQ_ENABLED, CLEAR_ALARM, ALARM_STATUS, CLEAR_INTERRUPT };
#define RW (PROT_READ | PROT_WRITE)
static volatile uint32_t *reg;
static int fd;
static sigjmp_buf out;
static volatile sig_atomic_t signals;

static const char *text(const char *name)
{
	static char buf[64];
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "/tmp/uio-sys/class/uio/uio0/%s", name);
	buf[0] = 0;
	f = fopen(path, "r");
	if (f && fgets(buf, sizeof buf, f))
		buf[strcspn(buf, "\n")] = 0;
	if (f)
		fclose(f);
	return buf;
}

static void told(void)
{
	static const struct { const char *name, *text; } files[] = {
		{ "name", "rtc0" }, { "version", "devicetree" }, { "event", "0" }, { "dev", "252:0" }, { "maps/map0/addr", "0x00101000" },
		{ "maps/map0/size", "0x00001000" }, { "maps/map0/offset", "0x0" }, { "maps/map0/name", "registers" },
	};

	mkdir("/tmp/uio-sys", 0700);
	mount("sys", "/tmp/uio-sys", "sysfs", 0, NULL);
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
		tap_ok(!strcmp(text(files[i].name), files[i].text), "class/uio/uio0/%s is %s", files[i].name, files[i].text);
	tap_errno(open("/dev/rtc0", O_RDONLY), ENOENT, "the kernel does not drive it");
	tap_is(irq_count("rtc0"), 0, "its interrupt is listened to");
}

static void caught(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

static int reads(const volatile uint8_t *p)
{
	if (sigsetjmp(out, 1))
		return 0;
	(void)*p;
	return 1;
}

static int reads_word(const volatile uint32_t *p)
{
	if (sigsetjmp(out, 1))
		return 0;
	(void)*p;
	return 1;
}

static void mapped(void)
{
	tap_errno((long)mmap(NULL, 8192, RW, MAP_SHARED, fd, 0), EINVAL, "more than its window cannot be mapped");
	tap_errno((long)mmap(NULL, 4096, RW, MAP_SHARED, fd, 4096), EINVAL, "nor is there a second map");
	reg = mmap(NULL, 4096, RW, MAP_SHARED, fd, 0);
	tap_ok(reg == (void *)0x00101000, "its registers, where they are");
	signal(SIGSEGV, caught);
	signal(SIGBUS, caught);
	tap_ok(reads_word(reg + TIME_LOW), "a register");
	tap_ok(!reads((uint8_t *)reg + 1), "a byte of one is a bus error");
	tap_ok(!reads_word(reg + 9) && !reads_word(reg + 1024), "behind them there is nothing");
	tap_errno(read(open("/dev/zero", O_RDONLY), (void *)reg, 16), EFAULT, "the kernel does not read into registers");
}

static void alarm_in(uint64_t ns)
{
	uint64_t then = reg[TIME_LOW];

	then |= (uint64_t)reg[TIME_HIGH] << 32;
	then += ns;
	reg[ALARM_HIGH] = (uint32_t)(then >> 32);
	reg[ALARM_LOW] = (uint32_t)then;
}

static int ready(int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents == POLLIN;
}

static long take(void)
{
	int32_t n = -1;

	return read(fd, &n, sizeof n) == sizeof n ? n : -1;
}

static int allow(int32_t on)
{
	return write(fd, &on, sizeof on) == sizeof on;
}

static void on_io(int sig)
{
	(void)sig;
	signals++;
}

static void interrupts(void)
{
	int other = open("/dev/uio0", O_RDWR | O_NONBLOCK);
	struct timespec begin, end;
	char small[3];
	int32_t n;

	tap_errno(read(fd, small, 3), EINVAL, "three bytes cannot be read");
	tap_errno(write(fd, small, 3), EINVAL, "nor written");
	tap_errno(read(other, &n, sizeof n), EAGAIN, "there was none");
	reg[IRQ_ENABLED] = 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	alarm_in(200000000);
	tap_ok(!ready(100), "nor for a while");
	tap_is(take(), 1, "a read waits for one");
	clock_gettime(CLOCK_MONOTONIC, &end);
	tap_ok((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 >= 199, "as long as the alarm says");
	tap_ok(!ready(0), "which is told once");
	tap_ok(read(other, &n, sizeof n) == sizeof n && n == 1, "to each who has it open");
	tap_ok(allow(1) && take() == 2, "allowed without having been acknowledged it comes again");
	reg[CLEAR_INTERRUPT] = 1;
	tap_ok(allow(1) && !ready(50), "not if it was");
	tap_ok(allow(0), "masked");
	alarm_in(0);
	tap_ok(!ready(50), "it is not told");
	tap_ok(allow(-1) && ready(0), "but later");
	tap_is(take(), 3, "the third");
	tap_ok(!strcmp(text("event"), "3") && irq_count("rtc0") == 3, "so it is counted");
	reg[CLEAR_INTERRUPT] = 1;
	signal(SIGIO, on_io);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_RDWR | O_ASYNC);
	allow(1);
	alarm_in(0);
	usleep(1000);
	tap_is(signals, 1, "SIGIO");
	close(fd);
	fd = open("/dev/uio0", O_RDWR);
	tap_ok(!ready(0), "who opens it later has not missed any");
}

int main(void)
{
	tap_plan(0);
	fd = tap_own_machine() ? open("/dev/uio0", O_RDWR) : -1;
	if (fd < 0 || geteuid()) {
		printf("1..0 # SKIP no device that is left to us\n");
		return 0;
	}
	told();
	mapped();
	interrupts();
	return tap_done();
}
