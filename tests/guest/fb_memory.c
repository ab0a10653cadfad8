/* SPDX-License-Identifier: MIT
 * Video memory: read, written, mapped where it lies; what cannot be mapped; mappings that outlive their file.
 * flat32: --display 160x120x32,headless
 * linux: fbcon=map:1 video=vfb:160x120M-32 vfb.videomemorysize=4194304
 */
#include "fb.h"
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>

#define SIZE (4u << 20)

extern char **environ;
static char buf[2 * PAGE];

static void file(void)
{
	char *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	off_t pos;

	tap_is(pwrite(fd, "over a page's end", 17, PAGE - 5), 17, "written");
	tap_is(pread(fd, buf, 17, PAGE - 5), 17, "read");
	tap_ok(!memcmp(buf, "over a page's end", 17), "what was written");
	tap_is(read(fd, p, SIZE), SIZE, "all of it is read, to where it is");
	tap_is(read(fd, buf, 1), 0, "then comes the end");
	tap_is(pread(fd, buf, 100, SIZE - 3), 3, "what is left is read");
	tap_is(pread(fd, buf, 1, SIZE + 1), 0, "and nothing behind it");
	tap_is(pwrite(fd, buf, 100, SIZE - 3), 3, "what fits is written");
	tap_errno(pwrite(fd, buf, 100, SIZE), ENOSPC, "nothing fits at the end");
	tap_errno(pwrite(fd, buf, 100, SIZE + 1), EFBIG, "behind it is too far");
	/* Without an MMU there is something behind buf, whatever it is. */
	tap_errno(pwrite(fd, buf, SIZE + PAGE, SIZE), EFBIG, "too much at the end");
	tap_is(pwrite(fd, buf, SIZE + PAGE, PAGE), SIZE - PAGE, "of too much what fits");
	tap_is(pwrite(fd, buf, 0, SIZE), 0, "nothing can be written");
	tap_is(lseek(fd, 7, SEEK_SET), 7, "a position");
	tap_is(lseek(fd, 3, SEEK_CUR), 10, "further on");
	tap_is(lseek(fd, 5, SEEK_END), 5, "the end is where it begins");
	pos = lseek(fd, (off_t)SIZE * 2, SEEK_SET);
	tap_is(pos, (off_t)SIZE * 2, "behind the end");
	tap_errno(lseek(fd, -1, SEEK_SET), EINVAL, "before the beginning");
	tap_errno(lseek(fd, 0, SEEK_DATA), ENXIO, "no data to seek");
	tap_errno(ftruncate(fd, 0), EINVAL, "it cannot be cut");
	lseek(fd, 0, SEEK_SET);
	munmap(p, SIZE);
}

static void shared(void)
{
	uint32_t *p, *q;

	fb_get();
	p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	if (!tap_ok(p != MAP_FAILED, "all of it mapped"))
		return;
	tap_ok((uintptr_t)p == fix.smem_start, "where it lies");
	p[1000] = 0x12345678;
	tap_ok(pread(fd, buf, 4, 4000) == 4 && *(uint32_t *)buf == 0x12345678, "what is stored is read");
	pwrite(fd, "\1\2\3\4", 4, SIZE - 4);
	tap_is(p[SIZE / 4 - 1], 0x04030201, "what is written is seen");
	tap_ok(pwrite(fd, p, 12, 8) == 12 && pread(fd, p + 100, 16, 0) == 16 && p[102] == p[0], "from itself to itself");
	q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	tap_ok(q == p + PAGE / 4, "a page of it is a page of it");
	tap_zero(munmap(q, PAGE), "unmapped");
	q = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	tap_ok(q == p, "mapped twice it is there once");
	tap_zero(munmap(q, SIZE), "once unmapped");
	p[1] = 7;
	tap_ok(pread(fd, buf, 4, 4) == 4 && *(uint32_t *)buf == 7, "it is still there");
	tap_errno((long)mremap(p, SIZE, PAGE, 0), EPERM, "it cannot be resized");
	tap_errno(munmap(p, PAGE), EINVAL, "nor unmapped in parts");
	tap_zero(munmap(p, SIZE), "unmapped as a whole");
	p = mmap(NULL, 5000, RW, MAP_SHARED, fd, SIZE - 2 * PAGE);
	tap_ok((uintptr_t)p == fix.smem_start + SIZE - 2 * PAGE, "its end, with a length that is no page's");
	tap_zero(munmap(p, 5000), "unmapped, too");
}

static void refused(void)
{
	int other;

	tap_errno((long)mmap(NULL, SIZE + PAGE, RW, MAP_SHARED, fd, 0), EINVAL, "too long");
	tap_errno((long)mmap(NULL, SIZE, RW, MAP_SHARED, fd, PAGE), EINVAL, "too long from there");
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_SHARED, fd, SIZE), EINVAL, "behind the end: no registers for processes");
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_SHARED, fd, (off_t)1 << 40), EINVAL, "far behind it");
	tap_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV, "a private mapping");
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0), ENODEV, "a private one to be written");
	tap_errno((long)mmap(NULL, PAGE, RW | PROT_EXEC, MAP_SHARED, fd, 0), EINVAL, "one to be executed");
	tap_errno((long)mmap((void *)fix.smem_start, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0), EINVAL, "one at a fixed address");
	tap_errno((long)mmap(NULL, 0, RW, MAP_SHARED, fd, 0), EINVAL, "an empty one");
	other = open("/dev/fb0", O_RDONLY);
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_SHARED, other, 0), EACCES, "opened for reading: not to be written");
	tap_ok(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, other, 0) == (void *)fix.smem_start, "but to be read");
	munmap((void *)fix.smem_start, PAGE);
	close(other);
	other = open("/dev/fb0", O_WRONLY);
	tap_errno((long)mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, other, 0), EACCES, "opened for writing: not at all");
	close(other);
}

static unsigned long meminfo(const char *what)
{
	char text[4096];
	int in = open("/proc/meminfo", O_RDONLY);
	const char *line;

	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	line = strstr(text, what);
	return line ? strtoul(line + strlen(what), NULL, 10) : ULONG_MAX;
}

static void costs_no_memory(void)
{
	unsigned long before = meminfo("MmapCopy:"), during;
	char *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0), text[8192], line[80], *end;
	int in;

	memset(p, 1, SIZE);
	during = meminfo("MmapCopy:");
	tap_is((long)during - (long)before, 0, "a mapping of %u MiB takes no memory", SIZE >> 20);
	in = open("/proc/self/maps", O_RDONLY);
	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	snprintf(line, sizeof line, "%08lx-%08lx rw-S 00000000", (long)p, (long)p + SIZE);
	end = strstr(text, line);
	tap_ok(end && strstr(end, "/dev/fb0\n"), "/proc/self/maps has it");
	munmap(p, SIZE);
}

/* --- After its file is closed, and its process has ended --- */

/* What the others do: see main(). */
static int other(const char *what)
{
	uint32_t *p;

	if (fb_get())
		fd = open("/dev/fb0", O_RDWR);
	p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	if (fb_get() || (uintptr_t)p != fix.smem_start)
		return 50;
	if (!strcmp(what, "look"))
		return p[77] == 4711 ? 0 : 51;
	p[77] = 4711;
	if (!strcmp(what, "exec")) {
		char *argv[] = { (char *)"/proc/self/exe", (char *)"look", NULL };

		execv(argv[0], argv);
		return 52;
	}
	if (!strcmp(what, "crash"))
		abort();
	return 0;
}

static int run(char *self, const char *what)
{
	char *argv[] = { self, (char *)what, NULL };
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	return status;
}

static void outlived(char *self)
{
	uint32_t *p = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0), *q;

	p[77] = 0;
	tap_is(run(self, "leave"), 0, "another maps it, stores, and ends");
	tap_is(p[77], 4711, "what it stored is seen");
	p[77] = 0;
	tap_is(run(self, "exec"), 0, "another maps it, stores, and executes");
	tap_is(run(self, "look"), 0, "a third sees what it stored");
	tap_is(run(self, "crash") & 0x7f, 6, "one crashes with it mapped");
	tap_zero(close(fd), "closed");
	p[5] = 99;
	tap_is(p[5], 99, "the mapping stays");
	fd = open("/dev/fb0", O_RDWR);
	tap_ok(pread(fd, buf, 4, 20) == 4 && *(uint32_t *)buf == 99, "and is that of the next open");
	q = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	tap_ok(q == p, "mapped again it is the same");
	tap_zero(munmap(p, SIZE), "unmapped");
	tap_zero(munmap(q, SIZE), "and again");
	tap_errno(munmap(q, SIZE), EINVAL, "then it is gone");
	q = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	tap_ok(q == p && q[5] == 99, "what is in it stays");
	tap_zero(fb_mode(100, 100, 16, 100, 100), "the mode changes");
	q[5] = 98;
	tap_ok(pread(fd, buf, 4, 20) == 4 && *(uint32_t *)buf == 98, "the mapping does not");
	munmap(q, SIZE);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return other(argv[1]);
	if (!fb_open())
		return tap_done();
	file();
	shared();
	refused();
	costs_no_memory();
	outlived(argv[0]);
	close(fd);
	return tap_done();
}
