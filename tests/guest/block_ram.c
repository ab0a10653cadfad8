/* SPDX-License-Identifier: MIT
 * The RAM disk: a block device as a file, and mapped ("memory backed blockdev" of nommu-mmap.txt). Linux's own takes its
 * pages one by one and cannot be mapped shared.
 * flat32: --ramdisk 1M
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "fdpic/code.h"
#include "tap.h"

#define SIZE (1 << 20)
#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

enum { BLKRRPART = 0x125f, BLKROGET = 0x125e, BLKGETSIZE = 0x1260, BLKFLSBUF = 0x1261, BLKSSZGET = 0x1268,
       BLKDISCARD = 0x1277, BLKIOMIN = 0x1278, BLKIOOPT = 0x1279, BLKALIGNOFF = 0x127a, BLKPBSZGET = 0x127b,
       BLKROTATIONAL = 0x127e, BLKZEROOUT = 0x127f, BLKBSZGET = (int)0x80041270, BLKGETSIZE64 = (int)0x80041272 };

extern char **environ;
static int fd;

static long ioctl_value(int cmd)
{
	uint32_t v = 0xffff0000;

	return ioctl(fd, cmd, &v) ? -errno : (long)v;
}

static void numbers(void)
{
	struct stat st;
	unsigned long long bytes = 0;
	char text[8192];
	int in;

	tap_zero(fstat(fd, &st), "fstat");
	tap_ok(S_ISBLK(st.st_mode) && st.st_rdev == makedev(1, 0), "a block device, 1:0");
	tap_is(ioctl_value(BLKGETSIZE), SIZE / 512, "BLKGETSIZE");
	tap_zero(ioctl(fd, BLKGETSIZE64, &bytes), "BLKGETSIZE64");
	tap_is((long long)bytes, SIZE, "bytes");
	tap_is(ioctl_value(BLKSSZGET), 512, "BLKSSZGET");
	tap_is(ioctl_value(BLKPBSZGET), PAGE, "BLKPBSZGET");
	tap_is(ioctl_value(BLKBSZGET), PAGE, "BLKBSZGET");
	tap_is(ioctl_value(BLKIOMIN), PAGE, "BLKIOMIN");
	tap_is(ioctl_value(BLKIOOPT), 0, "BLKIOOPT");
	tap_is(ioctl_value(BLKALIGNOFF), 0, "BLKALIGNOFF");
	tap_is(ioctl_value(BLKROGET), 0, "BLKROGET");
	tap_is(ioctl_value(BLKROTATIONAL), (long)0xffff0000, "BLKROTATIONAL");
	tap_zero(ioctl(fd, BLKFLSBUF, 0), "BLKFLSBUF");
	tap_zero(ioctl(fd, BLKRRPART, 0), "BLKRRPART");
	tap_errno(ioctl(fd, 0x5401, text), ENOTTY, "TCGETS");
	in = open("/proc/partitions", O_RDONLY);
	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	tap_ok(strstr(text, "   1        0       1024 ram0\n") != NULL, "/proc/partitions");
	in = open("/proc/devices", O_RDONLY);
	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	tap_ok(strstr(text, "\nBlock devices:\n  1 ramdisk\n") != NULL, "/proc/devices");
	in = open("/proc/diskstats", O_RDONLY);
	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	tap_ok(strstr(text, "   1       0 ram0 ") != NULL, "/proc/diskstats");
}

static void file(void)
{
	uint64_t range[2] = { PAGE, 2 * PAGE };
	char buf[PAGE], *in = buf + 100;

	tap_is(pwrite(fd, "over a page's end", 17, PAGE - 5), 17, "written");
	tap_is(pread(fd, in, 17, PAGE - 5), 17, "and read");
	tap_ok(!memcmp(in, "over a page's end", 17), "the same");
	tap_is(lseek(fd, 0, SEEK_END), SIZE, "its end");
	tap_is(read(fd, in, 10), 0, "nothing to read there");
	tap_errno(write(fd, in, 10), ENOSPC, "nor room to write");
	tap_is(write(fd, in, 0), 0, "nothing can be written");
	tap_is(lseek(fd, -10, SEEK_CUR), SIZE - 10, "before the end");
	tap_is(write(fd, buf, 100), 10, "what fits is written");
	tap_is(pread(fd, buf, 100, SIZE - 3), 3, "what is there is read");
	tap_errno(lseek(fd, SIZE + 1, SEEK_SET), EINVAL, "no position behind the end");
	tap_errno(lseek(fd, -1, SEEK_SET), EINVAL, "nor before the start");
	tap_errno(lseek(fd, 0, SEEK_HOLE), EINVAL, "nor a hole");
	tap_errno(ftruncate(fd, 0), EINVAL, "it cannot be cut");
	tap_zero(fsync(fd), "fsync");
	memset(buf, 7, sizeof buf);
	for (int i = 0; i < 4; i++)
		if (pwrite(fd, buf, PAGE, i * PAGE) != PAGE)
			tap_bail("pwrite");
	tap_zero(ioctl(fd, BLKZEROOUT, range), "BLKZEROOUT");
	tap_ok(pread(fd, in, 1, PAGE) == 1 && !*in && pread(fd, in, 1, 3 * PAGE - 1) == 1 && !*in, "two pages are zero");
	tap_ok(pread(fd, in, 1, PAGE - 1) == 1 && *in == 7 && pread(fd, in, 1, 3 * PAGE) == 1 && *in == 7,
	       "those beside them are not");
	range[0] = 100;
	tap_errno(ioctl(fd, BLKZEROOUT, range), EINVAL, "not from the middle of a sector");
	range[0] = SIZE;
	tap_errno(ioctl(fd, BLKZEROOUT, range), EINVAL, "not behind the end");
}

static void other_node(void)
{
	char c = 0;
	int again;

	unlink("/tmp/ram0.node");
	tap_zero(mknod("/tmp/ram0.node", S_IFBLK | 0600, makedev(1, 0)), "another node");
	again = open("/tmp/ram0.node", O_RDONLY);
	tap_ok(again >= 0 && pread(again, &c, 1, 0) == 1 && c == 7, "is the same device");
	tap_errno((long)mmap(NULL, PAGE, RW, MAP_SHARED, again, 0), EACCES, "opened for reading: not shared and writable");
	close(again);
	unlink("/tmp/ram0.node");
}

static void private(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), *q, c = 0;

	tap_ok(p != MAP_FAILED && p[0] == 7 && p[PAGE - 1] == 7, "a private mapping shows the bytes");
	q = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(q != MAP_FAILED && q != p && q[0] == 7 && !q[PAGE], "a writable one is a copy");
	q[0] = 1;
	tap_ok(p[0] == 7 && pread(fd, &c, 1, 0) == 1 && c == 7, "what is written there stays there");
	tap_zero(munmap(p, PAGE), "unmapped");
	tap_zero(munmap(q, 2 * PAGE), "and the copy");
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, SIZE - PAGE);
	tap_ok(p != MAP_FAILED && p[PAGE] == 0 && p[2 * PAGE - 1] == 0, "behind the end is zero");
	tap_zero(munmap(p, 2 * PAGE), "unmapped, too");
}

/* The other process: sees a word where we said, and answers. */
static int other(const char *where)
{
	char *p;

	fd = open("/dev/ram0", O_RDWR);
	p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, PAGE);
	if (p != (char *)(uintptr_t)strtoul(where, NULL, 16))
		return 50;
	if (strcmp(p, "from the parent"))
		return 51;
	strcpy(p, "from the child");
	return 0;
}

static void shared(char *self)
{
	char where[16], *argv[] = { self, where, NULL }, *p, *q, buf[32];
	int status = -1;
	pid_t pid;

	p = mmap(NULL, 4 * PAGE, RW | PROT_EXEC, MAP_SHARED, fd, 0);
	if (!tap_ok(p != MAP_FAILED, "a shared mapping"))
		return;
	q = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	tap_ok(q == p + PAGE, "a part of it is a part of it");
	tap_zero(munmap(q, 2 * PAGE), "the part unmapped");
	q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE);
	tap_ok(q == p + 3 * PAGE, "a private read-only one is there, too");
	tap_zero(munmap(q, PAGE), "unmapped again");
	strcpy(p + PAGE, "stored");
	tap_ok(pread(fd, buf, 7, PAGE) == 7 && !strcmp(buf, "stored"), "what is stored is read");
	tap_ok(pwrite(fd, "written", 8, PAGE) == 8 && !strcmp(p + PAGE, "written"), "what is written is seen");
	tap_ok(pwrite(fd, p + PAGE, 8, PAGE + 4) == 8 && !strcmp(p + PAGE, "writwritten"), "written from where it goes to");
	strcpy(p + PAGE, "from the parent");
	snprintf(where, sizeof where, "%x", (unsigned)(uintptr_t)(p + PAGE));
	if (posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	tap_is(status, 0, "another process sees it at the same address");
	tap_ok(!strcmp(p + PAGE, "from the child"), "and we see what it wrote");
	((uint32_t *)p)[0] = 0x02a00513;	/* li a0, 42 */
	((uint32_t *)p)[1] = 0x00008067;	/* ret */
	__builtin___clear_cache(p, p + 8);
	tap_is(call_code(p), 42, "code in it runs");
	pwrite(fd, "\x13\x05\xb0\x02", 4, 0);
	__builtin___clear_cache(p, p + 8);
	tap_is(call_code(p), 43, "and is changed by write()");
	tap_errno((long)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, SIZE - PAGE), ENODEV, "nothing to share behind the end");
	tap_errno((long)mremap(p, 4 * PAGE, PAGE, 0), EPERM, "it cannot be resized");
	tap_errno(munmap(p, PAGE), EINVAL, "nor unmapped in parts");
	tap_zero(munmap(p, 4 * PAGE), "unmapped as a whole");
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return other(argv[1]);
	fd = open("/dev/ram0", O_RDWR);
	tap_plan(0);
	if (fd < 0 || !tap_own_machine()) {
		tap_skip(1, "no /dev/ram0");
		return tap_done();
	}
	numbers();
	file();
	other_node();
	private();
	shared(argv[0]);
	close(fd);
	return tap_done();
}
