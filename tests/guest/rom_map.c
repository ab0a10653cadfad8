/* SPDX-License-Identifier: MIT
 * Files of romfs and cramfs, mapped: where they lie in the device's memory, or as copies. On flash memory and on a RAM disk
 * (Linux's own cannot be mapped).
 * flat32: --flash :1M --ramdisk 1M
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <mtd/mtd-user.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include "rom_image.h"
#include "scratch.h"

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

extern char **environ;

/* Where a test is: the device's file, what mount(2) is to be given, and what the lines begin with. */
struct place { const char *file, *source, *what; };

static char *base;		/* of the device's memory; NULL: it cannot be mapped */

static char *map(const char *path, unsigned pages, unsigned pgoff, int prot, int flags)
{
	int fd = open(path, O_RDONLY);
	char *p = mmap(NULL, pages * ROM_PAGE, prot, flags, fd, (off_t)(pgoff * ROM_PAGE));
	int e = errno;

	close(fd);
	errno = e;
	return p;
}

/* Does the range lie where the device has this offset? */
static int lies(const char *p, uint32_t offset)
{
	return base && p == base + offset;
}

static int put_image(const struct place *w)
{
	int fd = open(w->file, O_RDWR);
	struct mtd_info_user info;
	struct erase_info_user all = { 0, ROM_SIZE };
	int good = fd >= 0;

	if (good && !ioctl(fd, MEMGETINFO, &info)) {
		if (all.length % info.erasesize)
			all.length += info.erasesize - all.length % info.erasesize;
		good = !ioctl(fd, MEMERASE, &all);
	}
	good = good && pwrite(fd, rom, sizeof rom, 0) == (ssize_t)sizeof rom;

	if (good) {
		base = mmap(NULL, ROM_PAGE, PROT_READ, MAP_SHARED, fd, 0);
		if (base == MAP_FAILED)
			base = NULL;
		else
			munmap(base, ROM_PAGE);
	}
	close(fd);
	return good;
}

/* The line of this mapping in /proc/PID/maps ends with the file's name. */
static int listed(const char *p, const char *name)
{
	char line[512];
	FILE *f = fopen("/proc/self/maps", "r");
	int found = 0;

	while (f && fgets(line, sizeof line, f))
		if (strtoul(line, NULL, 16) == (unsigned long)p && strstr(line, name))
			found = 1;
	if (f)
		fclose(f);
	return found;
}

/* Another process: maps the file and exits with 0 if it lies where we said. */
static int other(const char *path, const char *where)
{
	char *p = map(path, 1, 0, PROT_READ, MAP_PRIVATE);

	return (unsigned long)p != strtoul(where, NULL, 16);
}

static int elsewhere(const char *path, const char *p)
{
	char where[16], *argv[] = { (char *)"rom_map", (char *)path, where, NULL };
	int status = -1;
	pid_t pid;

	snprintf(where, sizeof where, "%lx", (unsigned long)p);
	if (!posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
	return status;
}

/* The file at path, of 3 pages or more, whose bytes are at `data` in the device. */
static void in_place(const char *what, const char *path, uint32_t data)
{
	char *p = map(path, 2, 0, RX, MAP_PRIVATE), *q;

	if (!tap_ok(p != MAP_FAILED && p[0] == 'A' && p[2 * ROM_PAGE - 1] == 'B', "%s: a private mapping to be read", what))
		return;
	tap_ok(lies(p, data), "%s: lies in the device", what);
	tap_ok(listed(p, path), "%s: listed with its name", what);
	q = map(path, 1, 1, PROT_READ, MAP_PRIVATE);
	tap_ok(q == p + ROM_PAGE, "%s: a part of it is a part of that", what);
	munmap(q, ROM_PAGE);
	tap_is(elsewhere(path, p), 0, "%s: another process has it in the same place", what);
	tap_errno(umount("m"), EBUSY, "%s: the file system is busy", what);
	tap_zero(munmap(p, 2 * ROM_PAGE), "%s: unmapped", what);
	p = map(path, 2, 1, PROT_READ, MAP_SHARED);
	tap_ok(p != MAP_FAILED && lies(p, data + ROM_PAGE) && p[0] == 'B', "%s: a shared one lies there, too", what);
	if (p != MAP_FAILED)
		munmap(p, 2 * ROM_PAGE);
	tap_errno((long)map(path, 9, 0, PROT_READ, MAP_SHARED), EINVAL, "%s: nothing to share behind the end", what);
}

/* What holds for files that can be shown and for those that cannot. */
static void copies(const char *what, const char *path)
{
	char *p = map(path, 2, 1, RW, MAP_PRIVATE), *q = map(path, 2, 1, RW, MAP_PRIVATE);

	tap_ok(p != MAP_FAILED && q != MAP_FAILED && p != q, "%s: two that can be written to are two", what);
	if (p == MAP_FAILED || q == MAP_FAILED)
		return;
	tap_ok(!base || p < base || p >= base + ROM_SIZE, "%s: and lie in RAM", what);
	p[0] = 'x';
	tap_ok(q[0] != 'x', "%s: what is stored in one is not in the other", what);
	munmap(p, 2 * ROM_PAGE);
	munmap(q, 2 * ROM_PAGE);
	tap_errno((long)map(path, 1, 0, RW, MAP_SHARED), EACCES, "%s: none that is shared", what);
}

static void romfs(const struct place *w)
{
	char what[40];

	romfs_image();
	snprintf(what, sizeof what, "%s, romfs", w->what);
	if (!put_image(w) || mount(w->source, "m", "romfs", MS_RDONLY, NULL)) {
		tap_skip(1, "no such device");
		return;
	}
	in_place(what, "m/sub/big", ROM_BIG_DATA);
	copies(what, "m/sub/big");
	tap_zero(umount("m"), "%s: unmounted", what);
}

static void cramfs(const struct place *w)
{
	char what[40], *p;

	cramfs_image();
	snprintf(what, sizeof what, "%s, cramfs", w->what);
	if (!put_image(w) || mount(w->source, "m", "cramfs", MS_RDONLY, NULL)) {
		tap_skip(1, "no such device");
		return;
	}
	in_place(what, "m/xip", CRAM_XIP_DATA);
	copies(what, "m/xip");
	p = map("m/big", 3, 0, PROT_READ, MAP_PRIVATE);
	tap_ok(p != MAP_FAILED && p[0] == 'A' && !p[ROM_PAGE] && p[2 * ROM_PAGE] == 'C', "%s: a compressed file is mapped", what);
	tap_ok(!base || p < base || p >= base + ROM_SIZE, "%s: as a copy", what);
	munmap(p, 3 * ROM_PAGE);
	tap_errno((long)map("m/big", 1, 0, PROT_READ, MAP_SHARED), ENODEV, "%s: which cannot be shared", what);
	copies(what, "m/big");
	tap_errno((long)map("m/bad", 1, 0, PROT_READ, MAP_PRIVATE), EIO, "%s: one that is damaged is not", what);
	tap_zero(umount("m"), "%s: unmounted", what);
}

int main(int argc, char **argv)
{
	static const struct place places[] = {
		{ "/dev/mtd0", "mtd0", "flash" }, { "/dev/ram0", "/dev/ram0", "RAM disk" },
	};

	if (argc == 3)
		return other(argv[1], argv[2]);
	tap_plan(0);
	if (!tap_own_machine()) {
		tap_skip(1, "not our own machine");
		return tap_done();
	}
	scratch_enter();
	mkdir("m", 0755);
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		romfs(&places[i]);
		cramfs(&places[i]);
	}
	scratch_leave();
	return tap_done();
}
