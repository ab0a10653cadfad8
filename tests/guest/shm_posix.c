/* SPDX-License-Identifier: MIT
 * POSIX shared memory: files in /dev/shm: open, truncate, mmap; between processes; removed while mapped.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "tap.h"

#define RW (PROT_READ | PROT_WRITE)
#define NAME "/flat32-test"

extern char **environ;

static void test_posix(int fd)
{
	int fd2;
	char *p, *q;

	tap_errno((long)mmap(NULL, 4096, RW, MAP_SHARED, fd, 0), ENODEV, "shm_open: empty, nothing to map");
	tap_zero(ftruncate(fd, 40000), "ftruncate gathers the pages");
	p = mmap(NULL, 40000, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "mapped, shared");
	fd2 = shm_open(NAME, O_RDWR, 0);
	q = mmap(NULL, 40000, RW, MAP_SHARED, fd2, 0);
	tap_ok(q == p, "mapped again: the same address");
	p[39999] = 'z';
	tap_ok(pread(fd2, q, 1, 39999) == 1 && q[0] == 'z', "read() sees what was stored");
	tap_errno(ftruncate(fd, 0), ETXTBSY, "it cannot be cut while it is mapped");
	tap_zero(munmap(p, 40000), "unmapped");
	tap_zero(munmap(q, 40000), "and the other");
	close(fd2);
}

/* The line of /proc/self/maps that starts with the address. */
static int listed(const void *p, const char *flags, const char *path)
{
	static char text[16384];
	char start[16], *line;
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	snprintf(start, sizeof start, "%08x-", (unsigned)(uintptr_t)p);
	line = strstr(text, start);
	if (!line)
		return 0;
	line[strcspn(line, "\n")] = 0;
	return strstr(line, flags) && strlen(line) > strlen(path) &&
	       !strcmp(line + strlen(line) - strlen(path), path);
}

/* The other process: finds the word where we said, answers, and leaves. */
static int other(const char *where)
{
	int fd = shm_open(NAME, O_RDWR, 0);
	char *p = mmap(NULL, 8192, RW, MAP_SHARED, fd, 4096);

	if (p != (char *)(uintptr_t)strtoul(where, NULL, 16))
		return 50;
	if (strcmp(p, "from the parent"))
		return 51;
	strcpy(p, "from the child");
	return 0;
}

static void test_processes(char *self, int fd)
{
	char where[16], *argv[] = { self, where, NULL };
	char *p = mmap(NULL, 40000, RW, MAP_SHARED, fd, 0);
	int status = -1;
	struct stat st;
	pid_t pid;

	if (p == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	tap_ok(listed(p, " rw-S ", "/dev/shm/flat32-test"), "listed with its name");
	strcpy(p + 4096, "from the parent");
	snprintf(where, sizeof where, "%x", (unsigned)(uintptr_t)(p + 4096));
	if (!posix_spawn(&pid, self, NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
	tap_is(status, 0, "another process maps a part of it, at the same address");
	tap_ok(!strcmp(p + 4096, "from the child"), "and we see what it wrote");
	tap_zero(shm_unlink(NAME), "shm_unlink");
	tap_errno(shm_open(NAME, O_RDWR, 0), ENOENT, "the name is gone");
	tap_ok(listed(p, " rw-S ", "/dev/shm/flat32-test (deleted)"), "listed as deleted");
	tap_zero(fstat(fd, &st), "fstat");
	tap_is(st.st_nlink, 0, "no link");
	close(fd);
	tap_ok(!strcmp(p + 4096, "from the child"), "the memory lives on");
	tap_zero(munmap(p, 40000), "until it is unmapped");
}

/* ftruncate() below a shared mapping: what it shows stays the file's, to the page; a private one is not in the way. */
static void test_cut(void)
{
	int fd = shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600);
	char *p, *q;

	tap_zero(ftruncate(fd, 40000), "ten pages");
	p = mmap(NULL, 40000, PROT_READ, MAP_PRIVATE, fd, 0);
	q = mmap(NULL, 8192, RW, MAP_SHARED, fd, 4096);
	tap_ok(p != MAP_FAILED && q == p + 4096, "shared where a private mapping shows it already");
	tap_errno(ftruncate(fd, 0), ETXTBSY, "it cannot be cut");
	tap_errno(ftruncate(fd, 12287), ETXTBSY, "nor by one byte of what is shared");
	tap_zero(ftruncate(fd, 12288), "but behind that");
	tap_zero(munmap(q, 8192), "unmapped");
	tap_zero(ftruncate(fd, 0), "now it can");
	close(fd);
	shm_unlink(NAME);
}

/* A file that is mapped, made longer by writes, and mapped behind that: what SQLite does with its index of a log. */
static void test_extended(const char *block)
{
	int fd = shm_open(NAME, O_RDWR | O_TRUNC, 0);
	char *p, *q, *r;

	tap_zero(ftruncate(fd, 8192), "extended: two pages");
	p = mmap(NULL, 8192, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "extended: mapped");
	p[5000] = 'p';
	for (int i = 2; i < 6; i++) {
		char *away;

		if (pwrite(fd, block, 4096, i * 4096) != 4096)
			tap_bail("pwrite");
		/* whatever lies behind that page now, the next cannot */
		away = mmap(NULL, 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (away == MAP_FAILED)
			tap_bail("mmap");
	}
	q = mmap(NULL, 16384, RW, MAP_SHARED, fd, 8192);
	tap_ok(q != MAP_FAILED, "extended: what was added is mapped beside it");
	if (q != MAP_FAILED) {
		q[9000] = 'q';
		tap_ok(p[5000] == 'p' && pread(fd, p, 1, 8192 + 9000) == 1 && p[0] == 'q', "extended: both show the file");
		r = mmap(NULL, 8192, RW, MAP_SHARED, fd, 12288);
		tap_ok(r == q + 4096, "extended: a part of that is where it was");
		if (r != MAP_FAILED)
			munmap(r, 8192);
		munmap(q, 16384);
	}
	tap_errno((long)mmap(NULL, 24576, RW, MAP_SHARED, fd, 0), ENODEV, "extended: not all, while a part is shown");
	munmap(p, 8192);
	close(fd);
}

/* What was not gathered at once. The kernel refuses what lies scattered; flat32 brings it together. */
static void test_scattered(void)
{
	static char block[4096];
	int fd = shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600);
	char *p;

	for (int i = 0; i < 4; i++)
		if (write(fd, block, sizeof block) != sizeof block)
			tap_bail("write");
	p = mmap(NULL, 4096, RW, MAP_SHARED, fd, 4096);
	tap_ok(p != MAP_FAILED, "written: a page of it is mapped, shared");
	if (p != MAP_FAILED)
		munmap(p, 4096);
	p = mmap(NULL, 16384, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "written: all of it");
	if (p != MAP_FAILED)
		munmap(p, 16384);
	tap_zero(ftruncate(fd, 0), "cut to nothing");
	tap_zero(ftruncate(fd, 4096), "and made longer");
	tap_zero(ftruncate(fd, 12288), "in two steps");
	p = mmap(NULL, 4096, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "grown: what was gathered");
	if (p != MAP_FAILED)
		munmap(p, 4096);
	p = mmap(NULL, 12288, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "grown: all of it");
	if (p != MAP_FAILED)
		munmap(p, 12288);
	close(fd);
	test_extended(block);
	fd = shm_open(NAME, O_RDWR | O_TRUNC, 0);
	tap_zero(ftruncate(fd, 12288), "emptied by O_TRUNC, and gathered anew");
	p = mmap(NULL, 12288, RW, MAP_SHARED, fd, 0);
	tap_ok(p != MAP_FAILED, "all of that is mapped");
	if (p != MAP_FAILED)
		munmap(p, 12288);
	close(fd);
	shm_unlink(NAME);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc == 2)
		return other(argv[1]);
	tap_plan(0);
	fd = shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || !tap_own_machine()) {
		tap_skip(1, "no /dev/shm of our own");
		return tap_done();
	}
	test_posix(fd);
	test_processes(argv[0], fd);
	test_cut();
	test_scattered();
	return tap_done();
}
