/* SPDX-License-Identifier: MIT
 *
 * loop WHAT: says "begin" and does it for ever.  For tests/cli/deterministic_ends.sh.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int there[2], back[2], fd;
static volatile unsigned n;
static volatile unsigned *registers;

static void busy(void) { n++; }
static void call(void) { syscall(SYS_getpid); }
static void sleeps(void) { usleep(1000); }
static void polls(void) { poll(NULL, 0, 1); }
static void yields(void) { sched_yield(); }
static void reads_register(void) { n += *registers; }

static void *echo(void *arg)
{
	char c;

	while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
		;
	return arg;
}

static void pingpong(void)
{
	char c = 0;
	pthread_t t;

	if (!there[1] && (pipe(there) || pipe(back) || pthread_create(&t, NULL, echo, NULL)))
		_exit(1);
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		_exit(1);
}

static void reads_timer(void)
{
	unsigned long long times;

	if (read(fd, &times, sizeof times) != sizeof times)
		_exit(1);
}

static void erases(void)
{
	unsigned where[2] = { 0, 65536 };

	if (ioctl(fd, 0x40084d02 /* MEMERASE */, where))
		_exit(1);
}

static void writes_block(void)
{
	static char block[512];

	block[0]++;
	if (pwrite(fd, block, sizeof block, 0) != sizeof block || fsync(fd))
		_exit(1);
}

static const struct { const char *name, *file; void (*step)(void); } loops[] = {
	{ "busy", NULL, busy }, { "call", NULL, call }, { "sleep", NULL, sleeps }, { "poll", NULL, polls }, { "yield", NULL, yields },
	{ "pingpong", NULL, pingpong }, { "timer", NULL, reads_timer }, { "register", "/dev/uio0", reads_register },
	{ "flash", "/dev/mtd0", erases }, { "block", "/dev/mtdblock0", writes_block },
};

int main(int argc, char **argv)
{
	const struct itimerspec soon = { { 0, 1 }, { 0, 1 } };

	for (unsigned i = 0; i < sizeof loops / sizeof *loops; i++) {
		if (argc < 2 || strcmp(argv[1], loops[i].name))
			continue;
		if (loops[i].file)
			fd = open(loops[i].file, O_RDWR);
		if (fd >= 0 && loops[i].step == reads_timer && (fd = timerfd_create(CLOCK_MONOTONIC, 0)) >= 0)
			timerfd_settime(fd, 0, &soon, NULL);
		if (fd >= 0 && loops[i].step == reads_register)
			registers = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (fd < 0 || registers == MAP_FAILED) {
			perror(argv[1]);
			return 1;
		}
		puts("begin");
		fflush(stdout);
		for (;;)
			loops[i].step();
	}
	return 1;
}
