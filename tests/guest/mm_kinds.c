/* SPDX-License-Identifier: MIT
 * What can be mapped of which kind of file, and what a refusal says: nommu-mmap.txt's cases, and mm/nommu.c's order of
 * checks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

/* The errno of a mapping that is undone at once; 0: it could be made. */
static int try(int fd, int prot, int flags, size_t len, unsigned long pgoff)
{
	long p = syscall(SYS_mmap2, 0, len, prot, flags, fd, pgoff);

	if (p == -1)
		return errno;
	munmap((void *)p, len);
	return 0;
}

static void kind(const char *name, int fd, int private, int writable, int shared)
{
	if (fd < 0) {
		tap_skip(3, "no %s", name);
		return;
	}
	tap_is(try(fd, PROT_READ, MAP_PRIVATE, PAGE, 0), private, "%s: private", name);
	tap_is(try(fd, RW, MAP_PRIVATE, PAGE, 0), writable, "%s: private and writable", name);
	tap_is(try(fd, PROT_READ, MAP_SHARED, PAGE, 0), shared, "%s: shared", name);
	close(fd);
}

static void text(void)
{
	static char want[PAGE];
	int fd = open("/proc/version", O_RDONLY);
	ssize_t n = read(fd, want, sizeof want);
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	tap_ok(n > 0 && p != MAP_FAILED && !memcmp(p, want, PAGE), "a text of /proc in a copy");
	munmap(p, PAGE);
	close(fd);
}

static int fifo(void)
{
	unlink("/tmp/mm_kinds.fifo");
	mkfifo("/tmp/mm_kinds.fifo", 0600);
	return open("/tmp/mm_kinds.fifo", O_RDWR);
}

static void kinds(void)
{
	int fds[2];

	if (pipe(fds))
		tap_bail("pipe");
	kind("a pipe", fds[0], ENODEV, ENODEV, ENODEV);
	kind("its other end", fds[1], ENODEV, ENODEV, ENODEV);
	kind("a FIFO", fifo(), ENODEV, ENODEV, ENODEV);
	kind("an eventfd", eventfd(0, 0), ENODEV, ENODEV, ENODEV);
	kind("a directory", open("/tmp", O_RDONLY), ENODEV, ENODEV, ENODEV);
	kind("/dev/null", open("/dev/null", O_RDWR), ENODEV, ENODEV, ENODEV);
	kind("/dev/full", open("/dev/full", O_RDWR), ENODEV, ENODEV, ENODEV);
	kind("/dev/random", open("/dev/random", O_RDWR), ENODEV, ENODEV, ENODEV);
	kind("/dev/kmsg", open("/dev/kmsg", O_RDONLY), ENODEV, ENODEV, ENODEV);
	kind("/dev/zero", open("/dev/zero", O_RDWR), EINVAL, EINVAL, ENODEV);
	kind("/proc/self/maps", open("/proc/self/maps", O_RDONLY), ENODEV, ENODEV, ENODEV);
	kind("/proc/self/status", open("/proc/self/status", O_RDONLY), ENODEV, ENODEV, ENODEV);
	kind("/proc/cpuinfo", open("/proc/cpuinfo", O_RDONLY), 0, 0, ENODEV);
	kind("/proc/meminfo", open("/proc/meminfo", O_RDONLY), 0, 0, ENODEV);
	kind("/proc/sys/vm/nr_trim_pages", open("/proc/sys/vm/nr_trim_pages", O_RDONLY),
	     ENODEV, ENODEV, ENODEV);
	kind("a path", open("/tmp", O_PATH), EBADF, EBADF, EBADF);
	unlink("/tmp/mm_kinds.fifo");
}

static void devmem(void)
{
	int fd = open("/dev/mem", O_RDWR), ro = open("/dev/mem", O_RDONLY);
	static volatile unsigned word;
	unsigned long page = (unsigned long)&word / PAGE;

	if (fd < 0) {
		tap_skip(7, "no /dev/mem");
		return;
	}
	tap_is(try(fd, RW, MAP_SHARED, PAGE, page), 0, "/dev/mem: shared");
	tap_is(try(fd, RW | PROT_EXEC, MAP_SHARED, PAGE, page), 0, "/dev/mem: executable");
	tap_is(try(fd, PROT_READ, MAP_PRIVATE, PAGE, page), ENODEV, "/dev/mem: private");
	tap_is(try(fd, RW, MAP_SHARED, 2 * PAGE, 0xfffff), EINVAL, "/dev/mem: over the end of memory");
	tap_is(try(ro, RW, MAP_SHARED, PAGE, page), EACCES, "/dev/mem: opened for reading");
	tap_is(try(ro, PROT_READ, MAP_SHARED, PAGE, page), 0, "/dev/mem: and read");
	tap_is(try(fd, RW, MAP_SHARED, PAGE, 0x10000), 0, "/dev/mem: a device");
	close(fd);
	close(ro);
}

/* Of several faults the first in the kernel's order is told. */
static void order(void)
{
	int wo, ro, rw, bad = 99;

	unlink("/dev/shm/mm_kinds.file");
	rw = open("/dev/shm/mm_kinds.file", O_RDWR | O_CREAT, 0600);
	ro = open("/dev/shm/mm_kinds.file", O_RDONLY);
	wo = open("/dev/shm/mm_kinds.file", O_WRONLY);
	if (write(rw, "x", 1) != 1)
		tap_bail("write");
	tap_is(try(bad, RW, MAP_PRIVATE | MAP_FIXED, 0, 0), EBADF, "descriptor before MAP_FIXED");
	tap_is(try(wo, RW, MAP_FIXED, 0, 0), EINVAL, "MAP_FIXED before type");
	tap_is(try(wo, RW, 0, 0xfffff001, 0), EINVAL, "type before length");
	tap_is(try(wo, RW, MAP_PRIVATE, 0, 0xffffffff), EINVAL, "length 0 before offset");
	tap_is(try(wo, RW, MAP_PRIVATE, 0xfffff001, 0xffffffff), ENOMEM, "length before offset");
	tap_is(try(wo, RW, MAP_PRIVATE, 2 * PAGE, 0xffffffff), EOVERFLOW, "offset before permission");
	tap_is(try(wo, RW, MAP_SHARED, PAGE, 0), EACCES, "not opened for reading");
	tap_is(try(wo, RW, MAP_PRIVATE, PAGE, 0), EACCES, "nor for a copy");
	tap_is(try(ro, RW, MAP_SHARED, PAGE, 100), EACCES, "permission before what can be shared");
	tap_is(try(rw, RW, MAP_SHARED, PAGE, 100), ENODEV, "behind the end: nothing to share");
	tap_is(try(ro, RW, MAP_PRIVATE, PAGE, 100), 0, "but zeros to copy");
	tap_is(try(ro, RW, MAP_SHARED_VALIDATE, PAGE, 0), EINVAL, "MAP_SHARED_VALIDATE is no type here");
	tap_is(try(ro, PROT_READ, MAP_SHARED | MAP_PRIVATE | 0xc, PAGE, 0), EINVAL, "nor is 15");
	tap_is(try(rw, PROT_NONE, MAP_SHARED, PAGE, 0), 0, "PROT_NONE, shared");
	tap_is(try(rw, 0xffffff, MAP_PRIVATE, PAGE, 0), 0, "unknown protections");
	close(rw);
	rw = open("/dev/shm/mm_kinds.file", O_RDWR | O_APPEND);
	tap_is(try(rw, RW, MAP_SHARED, PAGE, 0), 0, "O_APPEND does not matter");
	close(rw);
	close(ro);
	close(wo);
	unlink("/dev/shm/mm_kinds.file");
}

static void noexec(void)
{
	int fd;

	mkdir("/tmp/mm_kinds.dir", 0700);
	if (mount("none", "/tmp/mm_kinds.dir", "tmpfs", MS_NOEXEC, NULL)) {
		tap_skip(4, "may not mount");
		return;
	}
	fd = open("/tmp/mm_kinds.dir/f", O_RDWR | O_CREAT, 0600);
	if (write(fd, "x", 1) != 1)
		tap_bail("write");
	tap_is(try(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE, PAGE, 0), EPERM, "noexec: not executable");
	tap_is(try(fd, RW | PROT_EXEC, MAP_SHARED, PAGE, 0), EPERM, "noexec: nor shared");
	tap_is(try(fd, PROT_READ | PROT_EXEC, MAP_SHARED, PAGE, 5), EPERM, "noexec: before what can be shared");
	tap_is(try(fd, RW, MAP_SHARED, PAGE, 0), 0, "noexec: but read and written");
	close(fd);
	umount("/tmp/mm_kinds.dir");
	rmdir("/tmp/mm_kinds.dir");
}

int main(void)
{
	tap_plan(0);
	if (!tap_own_machine()) {
		tap_skip(1, "the host has an MMU");
		return tap_done();
	}
	kinds();
	text();
	devmem();
	order();
	noexec();
	return tap_done();
}
