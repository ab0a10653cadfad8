/* SPDX-License-Identifier: MIT
 * Flash memory mapped where it lies, as a character device and as a disk: what may be mapped, what it shows when it is programmed and
 * erased, and after its descriptor and its process.
 * flat32: --flash :1M:64K
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "fdpic/code.h"
#include "mtd.h"

extern char **environ;
static int fd, ro;

/* mmap2(2) itself: the address, or NULL and errno. */
static char *map(size_t len, int prot, int flags, int f, unsigned long page)
{
	long r = syscall(SYS_mmap2, 0, len, prot, flags, f, page);

	return r == -1 ? NULL : (char *)r;
}

static void unmap(void *p, size_t len)
{
	if (p)
		munmap(p, len);
}

#define refused(call, error, ...) tap_errno((call) ? 0 : -1, error, __VA_ARGS__)

static void shared(void)
{
	char *p, *q;

	mtd_erase_at(fd, 0, 2 * MTD_BLOCK);
	pwrite(fd, "in flash", 9, PAGE + 5);
	p = map(2 * MTD_BLOCK, PROT_READ, MAP_SHARED, fd, 0);
	if (!tap_ok(p != NULL, "a shared mapping for reading"))
		return;
	tap_ok(!strcmp(p + PAGE + 5, "in flash"), "shows what was written");
	q = map(PAGE, PROT_READ, MAP_SHARED, ro, 1);
	tap_ok(q == p + PAGE, "a part of it lies in it, through the read-only device as well");
	unmap(q, PAGE);
	pwrite(fd, "programmed", 11, 100);
	tap_ok(!strcmp(p + 100, "programmed"), "what is programmed is seen at once");
	tap_zero(mtd_erase_at(fd, 0, MTD_BLOCK), "it can be erased while it is mapped");
	tap_ok((unsigned char)p[100] == 0xff && (unsigned char)p[PAGE + 5] == 0xff, "which is seen, too");
	tap_ok(pwrite(fd, p, PAGE, MTD_BLOCK) == PAGE && (unsigned char)p[MTD_BLOCK] == 0xff, "and written from where it is mapped");
	tap_errno(munmap(p, PAGE), EINVAL, "it is not unmapped in parts");
	tap_errno((long)mremap(p, 2 * MTD_BLOCK, PAGE, 0), EPERM, "nor resized");
	tap_zero(munmap(p, 2 * MTD_BLOCK), "but as a whole");
	p = map(100, PROT_READ, MAP_SHARED, fd, MTD_SIZE / PAGE - 1);
	tap_ok(p != NULL, "the last page");
	unmap(p, PAGE);
}

static void refusals(void)
{
	char *p;

	refused(map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES, "a private mapping is none of its own");
	refused(map(PAGE, RW, MAP_PRIVATE, fd, 0), EINVAL, "nor can it be copied");
	refused(map(PAGE, PROT_READ, MAP_SHARED, fd, MTD_SIZE / PAGE), EINVAL, "nothing is behind the end");
	refused(map(2 * PAGE, PROT_READ, MAP_SHARED, fd, MTD_SIZE / PAGE - 1), EINVAL, "nor across it");
	refused(map(MTD_SIZE + PAGE, PROT_READ, MAP_SHARED, fd, 0), EINVAL, "there is not more than all of it");
	refused(map(PAGE, PROT_READ, MAP_SHARED, fd, 0xfffff), EINVAL, "nor at the end of addresses");
	refused(map(PAGE, RW, MAP_SHARED, ro, 0), EACCES, "opened for reading: not to be written");
	errno = 0;
	p = map(PAGE, RW, MAP_SHARED, fd, 0);
	tap_ok(mtd_nor ? !p && errno == EINVAL : p != NULL, "flash cannot be written by storing to it");
	unmap(p, PAGE);
	refused(map(PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0), EINVAL, "nor does it come to an address");
}

static void executed(void)
{
	static const uint32_t code[2][2] = { { 0x02a00513, 0x00008067 }, { 0x02b00513, 0x00008067 } };	/* li a0, 42 or 43; ret */
	char *text;

	mtd_erase_at(fd, 0, MTD_BLOCK);
	pwrite(fd, code[0], sizeof code[0], 64);
	text = map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0) + 64;
	tap_is(call_code(text), 42, "code in flash is executed where it lies");
	mtd_erase_at(fd, 0, MTD_BLOCK);
	pwrite(fd, code[1], sizeof code[1], 64);
	__builtin___clear_cache(text, text + 8);
	tap_is(call_code(text), 43, "other code when it is programmed anew");
	unmap(text - 64, PAGE);
}

/* The other process: leaves mapped what it was told to map. */
static int other(const char *where)
{
	int f = open("/dev/mtd0", O_RDONLY);
	char *p = map(PAGE, PROT_READ, MAP_SHARED, f, 0);

	if (p != (char *)(uintptr_t)strtoul(where, NULL, 16))
		return 50;
	close(f);
	return strcmp(p, "kept") ? 51 : 0;
}

static void kept(char *self)
{
	char where[16], *argv[] = { self, where, NULL }, *p;
	int f = open("/dev/mtd0", O_RDONLY), status = -1;
	pid_t pid;

	mtd_erase_at(fd, 0, MTD_BLOCK);
	pwrite(fd, "kept", 5, 0);
	p = map(PAGE, PROT_READ, MAP_SHARED, f, 0);
	close(f);
	tap_ok(p && !strcmp(p, "kept"), "a mapping stays when its descriptor is closed");
	snprintf(where, sizeof where, "%x", (unsigned)(uintptr_t)p);
	if (posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	tap_is(status, 0, "another process has it at the same address");
	tap_ok(!strcmp(p, "kept"), "and its end takes it from nobody");
	pwrite(fd, "\0\0\0", 3, 0);
	tap_ok(!p[0] && p[3] == 't', "it shows what is programmed from then on");
	unmap(p, PAGE);
}

/* --- As a disk --- */

static void disk(void)
{
	int f = open("/dev/mtdblock0", O_RDWR);
	char *p, buf[16];

	if (!tap_ok(f >= 0, "the disk is opened"))
		return;
	mtd_erase_at(fd, 0, 2 * MTD_BLOCK);
	tap_is(pwrite(f, "on the disk", 12, 0), 12, "and written");
	tap_zero(fsync(f), "for good");
	tap_ok(pread(fd, buf, 12, 0) == 12 && !strcmp(buf, "on the disk"), "it is in the flash");
	p = map(PAGE, PROT_READ, MAP_PRIVATE, f, 0);
	tap_ok(p && !strcmp(p, "on the disk"), "a private mapping shows it");
	unmap(p, PAGE);
	p = map(PAGE, RW, MAP_PRIVATE, f, 0);
	tap_ok(p && !strcmp(p, "on the disk"), "a writable one");
	if (p)
		p[0] = 'O';
	tap_ok(pread(f, buf, 12, 0) == 12 && !strcmp(buf, "on the disk"), "is a copy");
	unmap(p, PAGE);
	close(f);
}

/* Where the disk is memory a mapping can be shared; the kernel's is none. */
static void disk_shared(void)
{
	int f = open("/dev/mtdblock0", O_RDWR);
	char *p, *q;

	pwrite(f, "not yet written back", 21, 8 * PAGE);
	p = map(PAGE, PROT_READ, MAP_SHARED, f, 8);
	tap_ok(p && !strcmp(p, "not yet written back"), "the disk is mapped shared, with what was written last");
	q = map(PAGE, PROT_READ, MAP_SHARED, fd, 8);
	tap_ok(p && q == p, "where the flash lies");
	unmap(q, PAGE);
	pwrite(f, "N", 1, 8 * PAGE);
	fsync(f);
	tap_ok(p && p[0] == 'N', "and shows what is written to the disk then");
	unmap(p, PAGE);
	close(f);
}

static void disk_refusals(void)
{
	int f = open("/dev/mtdblock0", O_RDWR);

	errno = 0;
	tap_ok(!map(PAGE, RW, MAP_SHARED, f, 0) && (errno == ENODEV || errno == EINVAL), "a disk in flash is not written by storing to it");
	refused(map(2 * PAGE, PROT_READ, MAP_SHARED, f, MTD_SIZE / PAGE - 1), ENODEV, "nothing to share behind its end");
	close(f);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return other(argv[1]);
	tap_plan(0);
	fd = mtd_open();
	ro = open("/dev/mtd0ro", O_RDONLY);
	if (fd < 0 || ro < 0) {
		tap_skip(1, "no flash memory");
		return tap_done();
	}
	shared();
	refusals();
	executed();
	kept(argv[0]);
	disk();
	disk_shared();
	disk_refusals();
	close(ro);
	close(fd);
	return tap_done();
}
