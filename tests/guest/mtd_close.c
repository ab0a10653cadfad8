/* SPDX-License-Identifier: MIT
 * Who closes a flash's disk last waits until what was written to it is in the flash: by close(2), dup2(2), close_range(2), execve(2), or
 * its end.
 * flat32: --deterministic --flash :1M:64K --flash-time 20
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/fs.h>
#include "mtd.h"

#define SYS_CLOSE_RANGE 436
#define DISK "/dev/mtdblock0"
extern char **environ;
static int flash;
static const char *self;

static int in_flash(unsigned block, const char *text)
{
	char got[32] = "";

	return pread(flash, got, sizeof got - 1, block * MTD_BLOCK + 100) > 0 && !strcmp(got, text);
}

/* A disk that the text was written to; it is not in the flash yet, where that takes time. */
static int written(unsigned block, const char *text)
{
	int fd = open(DISK, O_RDWR | O_CLOEXEC);

	if (pwrite(fd, text, strlen(text) + 1, block * MTD_BLOCK + 100) != (ssize_t)strlen(text) + 1)
		tap_diag("not written: %s", strerror(errno));
	return fd;
}

/* This program once more, told what to do; its process. */
static pid_t start(const char *what, const char *text)
{
	char *argv[] = { (char *)self, (char *)what, (char *)text, NULL };
	pid_t pid = -1;

	posix_spawn(&pid, self, NULL, NULL, argv, environ);
	return pid;
}

static int ended(const char *what, const char *text)
{
	int status = -1;

	waitpid(start(what, text), &status, 0);
	return status;
}

static void closes(void)
{
	int fd = written(0, "by close"), other;

	tap_zero(close(fd), "close");
	tap_ok(in_flash(0, "by close"), "it is in the flash then");
	fd = written(1, "by dup2");
	tap_is(dup2(flash, fd), fd, "dup2");
	tap_ok(in_flash(1, "by dup2"), "the same");
	close(fd);
	fd = written(2, "by close_range");
	other = dup(fd);
	tap_zero(syscall(SYS_CLOSE_RANGE, other, other, 0), "one of two descriptors");
	tap_zero(syscall(SYS_CLOSE_RANGE, fd, fd, 0), "close_range");
	tap_ok(in_flash(2, "by close_range"), "the same");
	fd = written(3, "another user");
	other = open(DISK, O_RDONLY);
	tap_zero(close(fd), "somebody else has it open");
	tap_zero(close(other), "the last one");
	tap_ok(in_flash(3, "another user"), "it is in the flash then");
}

static void ends(void)
{
	tap_zero(ended("exit", "by exit"), "a process that just ends");
	tap_ok(in_flash(4, "by exit"), "does so when it is in the flash");
	tap_zero(ended("exec", "by exec"), "one that executes another program");
	tap_ok(in_flash(5, "by exec"), "which begins when it is in the flash");
}

static void tick(int sig)
{
	(void)sig;
}

/* The wait is no sleep that a signal ends. */
static void signals(void)
{
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never = { 0 };
	struct sigaction act = { .sa_handler = tick };
	int fd;

	sigaction(SIGALRM, &act, NULL);
	fd = written(6, "among signals");
	setitimer(ITIMER_REAL, &often, NULL);
	tap_zero(close(fd), "signals do not end the wait");
	tap_ok(in_flash(6, "among signals"), "it is in the flash");
	setitimer(ITIMER_REAL, &never, NULL);
	tap_zero(ended("alarms", "more signals"), "nor that of a process that ends");
	tap_ok(in_flash(4, "more signals"), "it is in the flash");
}

static void killed(void)
{
	const struct timespec moment = { 0, 20000000 };
	int fd, status = -1;
	pid_t pid = start("wait", "in time");

	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
	tap_is(waitpid(pid, &status, 0), pid, "one that is killed while it waits");
	fd = open(DISK, O_RDONLY);
	tap_zero(fsync(fd), "what it wrote goes on its way");
	tap_ok(in_flash(7, "in time"), "and arrives");
	close(fd);
}

/* Nobody is told by close(2), nor by BLKFLSBUF: fsync(2) tells whoever calls it next. */
static void errors(void)
{
	struct erase_info_user first = { 0, MTD_BLOCK };
	int fd;

	if (ioctl(flash, MEMLOCK, &first) || ioctl(flash, MEMISLOCKED, &first) != 1) {
		tap_skip(7, "blocks cannot be locked");
		return;
	}
	fd = written(0, "lost");
	tap_zero(close(fd), "close, where the block is locked");
	fd = open(DISK, O_RDWR);
	tap_errno(fsync(fd), EIO, "the next to call fsync() hears of it");
	tap_zero(fsync(fd), "once");
	close(written(0, "lost"));
	tap_zero(ioctl(fd, BLKFLSBUF, 0), "BLKFLSBUF says nothing");
	tap_errno(fsync(fd), EIO, "but fsync() does");
	tap_zero(close(fd), "close");
	tap_ok(in_flash(0, "by close"), "the block is as it was");
	ioctl(flash, MEMUNLOCK, &first);
}

static int child(const char *what, const char *text)
{
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	char *argv[] = { (char *)self, "look", (char *)text, NULL };

	flash = open("/dev/mtd0", O_RDONLY | O_CLOEXEC);
	if (!strcmp(what, "look"))
		return in_flash(5, text) ? 0 : 1;
	if (!strcmp(what, "exec")) {
		written(5, text);
		execve(self, argv, environ);
		return 2;
	}
	if (!strcmp(what, "alarms")) {
		signal(SIGALRM, tick);
		setitimer(ITIMER_REAL, &often, NULL);
	}
	written(strcmp(what, "wait") ? 4 : 7, text);
	return 0;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 2)
		return child(argv[1], argv[2]);
	tap_plan(0);
	flash = mtd_open();
	if (flash < 0 || access(DISK, W_OK)) {
		tap_skip(1, "no flash");
		return tap_done();
	}
	mtd_erase_at(flash, 0, MTD_SIZE);
	closes();
	ends();
	signals();
	killed();
	errors();
	return tap_done();
}
