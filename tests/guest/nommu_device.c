/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt on character devices with memory of their own, from the outside. What only a driver sees is in
 * tests/unit/test_mm_driver.c. flat32: --flash :1M
 */
#define _GNU_SOURCE
#include "nommu.h"

/*
 * /dev/mem shows memory at its own addresses; here a file's, which no process maps: 6.12 does not stand two mappings
 * of one process that start at the same address.
 */
static void memory_device(void)
{
	int fd = open("/dev/mem", O_RDWR), ro = open("/dev/mem", O_RDONLY), file = nommu_file("file", 4);
	char *mine = nommu_map(4 * PAGE, PROT_READ, MAP_PRIVATE, file, 0), *p, *q, c;
	unsigned long pgoff = (uintptr_t)mine / PAGE;
	long before = nommu_mmap_copy();
	struct nommu_line l;

	nommu_unmap(mine, 4 * PAGE);

	p = nommu_map(4 * PAGE, RW, MAP_SHARED, fd, pgoff);
	tap_ok(p == mine, "S32 S94 S95 the device says where its memory is, and there the mapping lies");
	if (!p)
		tap_bail("nothing to go on with");
	tap_is(nommu_mmap_copy() - before, 0, "S32 directly: no copy is made");
	tap_is(p[PAGE], 'b', "S32 the device's memory is seen");
	p[PAGE] = 'z';
	tap_ok(pread(file, &c, 1, PAGE) == 1 && c == 'z', "S32 and a store reaches it");
	tap_ok(nommu_lines("/proc/self/maps", (uintptr_t)p, (uintptr_t)p + 1, &l) >= 1 && l.start == (uintptr_t)p,
	       "S32 it is listed");
	q = nommu_map(PAGE, RW, MAP_SHARED, fd, pgoff + 2);
	tap_ok(q == p + 2 * PAGE, "S103 part of what is mapped already, mapped again: the same memory");
	tap_zero(nommu_unmap(q, PAGE), "S103 the part goes");
	tap_zero(nommu_unmap(p, 4 * PAGE), "S32 and the whole");
	p = nommu_map(PAGE, PROT_READ, MAP_SHARED, ro, pgoff);
	tap_ok(p == mine, "S32 S97 reading needs a descriptor for reading");
	nommu_unmap(p, PAGE);
	nommu_refused(nommu_map(PAGE, RW, MAP_SHARED, ro, pgoff), EACCES, "S32 S97 writing one for writing");
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, pgoff), ENODEV, "S97 S108 it cannot be copied");
	nommu_refused(nommu_map(PAGE, RW, MAP_PRIVATE, fd, pgoff), ENODEV, "S97 S108 for writing neither");
	nommu_refused(nommu_map(2 * PAGE, RW, MAP_SHARED, fd, 0xfffff), EINVAL,
		"S96 a range beyond the last address: the device refuses");
	close(fd);
	close(ro);
	close(file);
	unlink("file");
}

static void without_memory(void)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random" };

	for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
		int fd = open(devices[i], O_RDWR);

		nommu_refused(nommu_map(PAGE, RW, MAP_SHARED, fd, 0), ENODEV,
			"S34 shared: %s has no memory", devices[i]);
		close(fd);
	}
}

/* Flash memory: mapped where it lies, for reading. */
static void flash(void)
{
	int fd = open("/dev/mtd0ro", O_RDONLY);
	char *p, *q, buf[64];

	if (fd < 0) {
		tap_skip(3, "no flash memory");
		return;
	}
	p = nommu_map(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	tap_ok(p && pread(fd, buf, sizeof buf, 0) == (ssize_t)sizeof buf && !memcmp(p, buf, sizeof buf),
	       "S33 flash memory is mapped where it lies");
	q = nommu_map(PAGE, PROT_READ, MAP_SHARED, fd, 2);
	tap_ok(q && q == p + 2 * PAGE, "S33 a part of it at its offset");
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_SHARED, fd, 0x10000), EINVAL,
		"S96 beyond its end the driver refuses");
	if (q)
		nommu_unmap(q, PAGE);
	if (p)
		nommu_unmap(p, 4 * PAGE);
	close(fd);
}

static void frame_buffer(void)
{
	int fd = open("/dev/fb0", O_RDWR);
	char *p;

	if (fd < 0) {
		tap_skip(1, "no frame buffer");
		return;
	}
	p = nommu_map(PAGE, RW, MAP_SHARED, fd, 0);
	tap_ok(p != NULL, "S33 S107 a frame buffer is mapped where it lies");
	if (p)
		nommu_unmap(p, PAGE);
	close(fd);
}

int main(void)
{
	tap_plan(0);
	nommu_enter();
	nommu_mmap_copy();
	memory_device();
	without_memory();
	flash();
	frame_buffer();
	nommu_leave();
	return tap_done();
}
