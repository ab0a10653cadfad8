/* SPDX-License-Identifier: MIT
 * The memory devices: null, zero, full, random, urandom, kmsg, mem; nodes of one's own; mappings of them.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include "scratch.h"

static char buf[8192];

static int all_zero(const char *p, size_t n)
{
	while (n && !*p)
		p++, n--;
	return !n;
}

static void null_zero_full(void)
{
	struct stat st;
	int fd = open("/dev/null", O_RDWR | O_TRUNC);

	tap_is(write(fd, buf, sizeof buf), sizeof buf, "null takes all");
	tap_is(read(fd, buf, sizeof buf), 0, "null gives nothing");
	tap_is(lseek(fd, 77, SEEK_SET), 0, "null has no position");
	tap_zero(fstat(fd, &st), "fstat");
	tap_ok(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3), "null is 1:3");
	tap_errno(ftruncate(fd, 0), EINVAL, "null cannot be truncated");
	tap_errno((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == -1 ? -1 : 0, ENODEV, "null cannot be mapped");
	close(fd);
	fd = open("/dev/zero", O_RDWR);
	memset(buf, 1, sizeof buf);
	tap_is(read(fd, buf, sizeof buf), sizeof buf, "zero gives all");
	tap_ok(all_zero(buf, sizeof buf), "all zero");
	tap_is(write(fd, buf, 10), 10, "zero takes all");
	close(fd);
	fd = open("/dev/full", O_RDWR);
	tap_errno(write(fd, buf, 1), ENOSPC, "full is full");
	tap_is(read(fd, buf, 10), 10, "full gives zeros");
	close(fd);
}

static void random_bytes(void)
{
	static const char *const names[] = { "/dev/random", "/dev/urandom" };
	char a[64], b[64];

	for (int i = 0; i < 2; i++) {
		int fd = open(names[i], O_RDWR), bits = 0;
		struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

		tap_is(read(fd, a, sizeof a), sizeof a, "%s gives what is asked for", names[i]);
		tap_is(read(fd, b, sizeof b), sizeof b, "%s again", names[i]);
		tap_ok(memcmp(a, b, sizeof a), "%s gives something else each time", names[i]);
		tap_is(write(fd, a, sizeof a), sizeof a, "%s takes bytes", names[i]);
		tap_is(poll(&p, 1, 0), 1, "%s is ready", names[i]);
		tap_zero(ioctl(fd, 0x80045200, &bits), "RNDGETENTCNT");
		tap_ok(bits > 0, "it has %d bits", bits);
		close(fd);
	}
}

static void kernel_log(void)
{
	struct pollfd p;
	char line[1024];
	int found = 0, n, fd;

	if (!tap_own_machine()) {
		tap_skip(7, "not our kernel's log");
		return;
	}
	fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		tap_skip(7, "no /dev/kmsg");
		return;
	}
	tap_is(lseek(fd, 0, SEEK_END), 0, "to the end of the log");
	tap_errno(read(fd, line, sizeof line), EAGAIN, "nothing there");
	tap_is(write(fd, "<5>fs_devices says\thello\n", 25), 25, "a line written");
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	tap_is(poll(&p, 1, 1000), 1, "can be read");
	for (int i = 0; i < 50 && (n = (int)read(fd, line, sizeof line - 1)) > 0; i++) {
		line[n] = 0;
		found += !strncmp(line, "13,", 3) && strstr(line, ";fs_devices says\\x09hello\n");
	}
	tap_is(found, 1, "and is there once, with what is not printable spelt out");
	if (write(fd, "more\n", 5) != 5)
		tap_diag("cannot write");
	tap_errno(read(fd, line, 4), EINVAL, "not into a small buffer");
	tap_errno(lseek(fd, 5, SEEK_SET), ESPIPE, "no other position");
	close(fd);
}

static void memory(void)
{
	static volatile unsigned word = 0x12345678;
	unsigned seen = 0;
	volatile unsigned *p;
	off_t where = (off_t)(unsigned long)&word;
	int fd = open("/dev/mem", O_RDWR);

	if (fd < 0 || !tap_own_machine()) {
		tap_skip(4, "no /dev/mem");
		return;
	}
	tap_is(pread(fd, &seen, 4, where), 4, "pread of our own memory");
	tap_is(seen, 0x12345678, "by its address");
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, where & ~4095);
	tap_ok((unsigned long)p == ((unsigned long)&word & ~4095ul), "a mapping of it is where it is");
	tap_errno((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, where & ~4095) == -1 ? -1 : 0, ENODEV,
		  "never a private one");
	munmap((void *)p, 4096);
	close(fd);
}

static void own_nodes(void)
{
	int fd;

	if (mknod("zero", S_IFCHR | 0600, makedev(1, 5))) {
		tap_skip(3, "may not make nodes");
		return;
	}
	fd = open("zero", O_RDONLY);
	tap_is(read(fd, buf, 5), 5, "a node elsewhere is the same device");
	close(fd);
	mknod("none", S_IFCHR | 0600, makedev(200, 200));
	tap_errno(open("none", O_RDONLY), ENXIO, "a node without a driver");
	mknod("disk", S_IFBLK | 0600, makedev(200, 200));
	tap_errno(open("disk", O_RDONLY), ENXIO, "a disk without a driver");
	unlink("zero"), unlink("none"), unlink("disk");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	null_zero_full();
	random_bytes();
	kernel_log();
	memory();
	own_nodes();
	scratch_leave();
	return tap_done();
}
