/* SPDX-License-Identifier: MIT
 * cachestat: the pages of files in memory, and its errors.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "scratch.h"

enum { PAGE = 4096 };
struct range { uint64_t off, len; };
struct stats { uint64_t cache, dirty, writeback, evicted, recent; };

static int cachestat(int fd, uint64_t off, uint64_t len, struct stats *s)
{
	struct range r = { off, len };

	memset(s, 0xff, sizeof *s);
	return (int)syscall(451, fd, &r, s, 0);
}

static long long pages(int fd, uint64_t off, uint64_t len)
{
	struct stats s;

	return cachestat(fd, off, len, &s) ? -errno : (long long)s.cache;
}

static char data[3 * PAGE];

static void test_pages(void)
{
	struct stats s;
	int fd = open("f", O_RDWR | O_CREAT, 0644), other = open("g", O_RDWR | O_CREAT, 0644);

	tap_is(pages(fd, 0, 0), 0, "an empty file has none");
	write(fd, data, sizeof data);
	tap_zero(cachestat(fd, 0, 0, &s), "a file of three pages");
	tap_ok(s.cache == 3 && !s.writeback && !s.evicted && !s.recent, "has them in memory");
	tap_is((long long)s.dirty, 0, "and none that would have to be written");
	tap_is(pages(fd, 0, 1), 1, "the first byte is one");
	tap_is(pages(fd, PAGE - 1, 2), 2, "two bytes may be two");
	tap_is(pages(fd, PAGE, PAGE), 1, "one in the middle");
	tap_is(pages(fd, 2 * PAGE, 100 * PAGE), 1, "the last");
	tap_is(pages(fd, 3 * PAGE, 0), 0, "behind the end");
	pwrite(fd, data, 1, 10 * PAGE);
	pwrite(fd, data, 1, 12 * PAGE + 5);
	tap_is(pages(fd, 0, 0), 5, "a hole has none");
	tap_is(pages(fd, 3 * PAGE, 7 * PAGE), 0, "in the hole");
	tap_is(pages(fd, 10 * PAGE, 3 * PAGE), 2, "behind it");
	ftruncate(fd, 11 * PAGE);
	tap_is(pages(fd, 0, 0), 4, "what is cut off is gone");
	ftruncate(other, 5 * PAGE);
	tap_is(pages(other, 0, 0), 5, "an empty file that is made longer gets its pages at once");
	close(fd);
	close(other);
	unlink("f");
	unlink("g");
}

/* --- Who may ask --- */

static char stack[16384] __attribute__((aligned(16)));

static int as_nobody(void *arg)
{
	int fd, bad = 0;

	(void)arg;
	if (setresuid(1000, 1000, 1000))
		return 100;
	fd = open("private", O_RDONLY);
	bad |= pages(fd, 0, 0) != -EPERM;
	close(fd);
	fd = open("public", O_RDONLY);
	bad |= (pages(fd, 0, 0) != 0) << 1;
	close(fd);
	return bad;
}

static void test_rights(void)
{
	pid_t pid;
	int status = -1;

	scratch_file("private", "");
	scratch_file("public", "");
	chmod("public", 0666);
	pid = clone(as_nobody, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	waitpid(pid, &status, 0);
	tap_is(WEXITSTATUS(status), 0, "who could not write to a file is not told: EPERM");
	unlink("private");
	unlink("public");
}

static void test_errors(void)
{
	struct range r = { 0, 0 };
	struct stats s;
	int fd = open("f", O_RDWR | O_CREAT, 0644), path = open("f", O_PATH), p[2];

	tap_errno(syscall(451, -1, &r, &s, 0), EBADF, "no descriptor");
	tap_errno(syscall(451, path, &r, &s, 0), EBADF, "O_PATH");
	tap_errno(syscall(451, fd, &r, &s, 1), EINVAL, "flags");
	tap_efault(syscall(451, fd, 16, &s, 1), "no range");
	tap_efault(syscall(451, fd, &r, 16, 0), "no place for the answer");
	pipe(p);
	tap_is(pages(p[0], 0, 0), 0, "a pipe has no pages");
	close(p[0]), close(p[1]), close(path), close(fd);
	fd = open("/dev/null", O_RDWR);
	tap_is(pages(fd, 0, 0), 0, "nor has a device");
	close(fd);
	fd = open(".", O_RDONLY);
	tap_is(pages(fd, 0, 0), 0, "nor a folder");
	close(fd);
	unlink("f");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	test_pages();
	test_rights();
	test_errors();
	scratch_leave();
	return tap_done();
}
