/* SPDX-License-Identifier: MIT
 * Memory files: open, truncate, mmap as nommu-mmap.txt has it; shared between processes; executed from; limits.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include "scratch.h"

extern char **environ;
enum { PAGE = 4096 };

static int run(char *const *argv)
{
	int status, err;
	pid_t pid;

	err = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
	if (err)
		return -err;
	if (waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static char *map(int fd, size_t len, off_t off, int flags)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, off);

	return p == MAP_FAILED ? NULL : p;
}

/* The other process: maps the file, checks a word, adds to it. */
static int other(const char *name)
{
	int fd = open(name, O_RDWR);
	char *p = map(fd, 5 * PAGE, 0, MAP_SHARED);

	if (!p)
		return 50;
	if (strcmp(p + 4 * PAGE, "from the parent"))
		return 51;
	strcpy(p + 4 * PAGE, "from the child");
	return 7;
}

static void shared(char *self)
{
	char *argv[] = { self, (char *)"other", (char *)"file", NULL }, c;
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *p, *q;

	tap_zero(ftruncate(fd, 5 * PAGE), "open, truncate");
	p = map(fd, 5 * PAGE, 0, MAP_SHARED);
	if (!tap_ok(p != NULL, "and map"))
		return;
	tap_ok(!p[0] && !p[5 * PAGE - 1], "it is zero");
	strcpy(p + 4 * PAGE, "from the parent");
	tap_is(pread(fd, &c, 1, 4 * PAGE), 1, "read");
	tap_is(c, 'f', "sees what was stored");
	pwrite(fd, "w", 1, PAGE);
	tap_is(p[PAGE], 'w', "what is written is seen");
	if (tap_own_machine()) {
		tap_is(run(argv), 7, "another process maps it");
		tap_ok(!strcmp(p + 4 * PAGE, "from the child"), "and both see the same");
	} else {
		tap_skip(2, "the host cannot execute us");
	}
	if (!tap_own_machine()) {
		tap_skip(8, "rules of memory without an MMU");
	} else {
		q = map(fd, 2 * PAGE, PAGE, MAP_SHARED);
		tap_ok(q == p + PAGE, "a part is a part of it");
		munmap(q, 2 * PAGE);
		tap_errno(ftruncate(fd, 4 * PAGE), ETXTBSY, "not cut while it is mapped");
		tap_errno(ftruncate(fd, 0), ETXTBSY, "not to nothing");
		tap_errno(open("file", O_RDWR | O_TRUNC), ETXTBSY, "not by open");
		tap_zero(ftruncate(fd, 6 * PAGE), "made longer");
		tap_ok(!map(fd, 7 * PAGE, 0, MAP_SHARED) && errno == ENODEV, "not mapped behind its end");
		munmap(p, 5 * PAGE);
		tap_zero(ftruncate(fd, 100), "cut when nobody maps it");
		p = map(fd, 100, 0, MAP_SHARED);
		tap_ok(p && !p[200], "behind its end there is nothing");
	}
	if (p)
		munmap(p, PAGE);
	close(fd);
	unlink("file");
}

/* It keeps its bytes when its name and descriptors are gone. */
static void unnamed(void)
{
	int fd = open("gone", O_RDWR | O_CREAT, 0644);
	char *p;

	write(fd, "still here", 11);
	p = mmap(NULL, 11, PROT_READ, MAP_PRIVATE, fd, 0);
	unlink("gone");
	close(fd);
	tap_ok(p != MAP_FAILED && !strcmp(p, "still here"), "a mapping outlives name and descriptor");
	munmap(p, 11);
}

static void executed(char *self)
{
	static char data[65536];
	char *argv[] = { (char *)"./copy", (char *)"exit", NULL };
	int in = open(self, O_RDONLY), out = open("copy", O_WRONLY | O_CREAT, 0700);
	ssize_t n;

	while ((n = read(in, data, sizeof data)) > 0)
		if (write(out, data, (size_t)n) != n)
			tap_diag("cannot copy: %s", strerror(errno));
	if (!tap_own_machine()) {
		tap_skip(8, "the host cannot execute us");
		close(in);
		close(out);
		unlink("copy");
		return;
	}
	tap_is(run(argv), -ETXTBSY, "not executed while it is being written");
	close(in);
	close(out);
	tap_is(run(argv), 9, "executed");
	tap_zero(chmod("copy", 0600), "without x");
	tap_is(run(argv), -EACCES, "not executed");
	chmod("copy", 0700);
	if (scratch_mounted) {
		tap_zero(mount("", scratch_dir, "", MS_REMOUNT | MS_NOEXEC, NULL), "noexec");
		tap_is(run(argv), -EACCES, "not executed from there");
		tap_zero(mount("", scratch_dir, "", MS_REMOUNT, NULL), "exec");
		tap_is(run(argv), 9, "executed again");
	} else {
		tap_skip(4, "not our own mount");
	}
	unlink("copy");
}

static void running(char *self)
{
	if (!tap_own_machine()) {
		tap_skip(1, "the host's file");
		return;
	}
	tap_errno(open(self, O_WRONLY), ETXTBSY, "nobody writes to what is being executed");
}

static void limits(void)
{
	static char block[PAGE];
	struct statfs st;
	int fd, n = 0;

	if (mkdir("small", 0755) || mount("small", "small", "tmpfs", 0, "size=64k,nr_inodes=5")) {
		tap_skip(9, "may not mount");
		rmdir("small");
		return;
	}
	tap_zero(statfs("small", &st), "statfs");
	if (st.f_blocks == 0) {		/* a no-MMU kernel's tmpfs is ramfs and knows no limits */
		tap_skip(8, "no limits here");
	} else {
		tap_is(st.f_blocks, 16, "16 pages");
		tap_is(st.f_bfree, 16, "all free");
		fd = open("small/f", O_WRONLY | O_CREAT, 0600);
		while (write(fd, block, PAGE) == PAGE)
			n++;
		tap_is(n, 16, "16 pages are written");
		tap_is(errno, ENOSPC, "and not one more");
		tap_zero(ftruncate(fd, 0), "cut");
		tap_is(write(fd, "x", 1), 1, "there is room again");
		close(fd);
		mkdir("small/1", 0700), mkdir("small/2", 0700), mkdir("small/3", 0700);
		tap_errno(mkdir("small/4", 0700), ENOSPC, "five inodes, the root is one");
		unlink("small/f");
		tap_zero(mkdir("small/4", 0700), "one went, one comes");
	}
	umount("small");
	rmdir("small");
}

static void anonymous(void)
{
	char name[64], link[64];
	int fd = memfd_create("memory", MFD_CLOEXEC);
	ssize_t n;
	char *p;

	if (fd < 0) {
		tap_skip(4, "memfd_create: %s", strerror(errno));	/* a no-MMU 6.12 cannot (EFBIG) */
		return;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof name - 1);
	name[n > 0 ? n : 0] = 0;
	tap_ok(!strcmp(name, "/memfd:memory (deleted)"), "memfd is called %s", name);
	tap_zero(ftruncate(fd, 3 * PAGE), "truncate");
	p = map(fd, 3 * PAGE, 0, MAP_SHARED);
	tap_ok(p != NULL, "map");
	if (p)
		p[2 * PAGE] = 'm';
	tap_ok(pread(fd, name, 1, 2 * PAGE) == 1 && name[0] == 'm', "it is a file like any other");
	close(fd);
}

int main(int argc, char **argv)
{
	char self[PATH_MAX];

	if (argc == 3)
		return other(argv[2]);
	if (argc == 2)
		return 9;
	if (!realpath("/proc/self/exe", self))
		return 1;
	tap_plan(0);
	scratch_enter();
	shared(self);
	unnamed();
	executed(self);
	running(self);
	limits();
	anonymous();
	scratch_leave();
	return tap_done();
}
