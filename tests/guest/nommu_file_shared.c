/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt on MAP_SHARED: regular files, memory files (open, truncate, mmap), block devices; and its sections on
 * who provides that.
 * flat32: --ramdisk 1M
 */
#define _GNU_SOURCE
#include "nommu.h"

static char *share(int fd, unsigned pages, unsigned pgoff)
{
	return nommu_map(pages * PAGE, RW, MAP_SHARED, fd, pgoff);
}

static void regular(void)
{
	int fd = open("/proc/cpuinfo", O_RDONLY);

	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_SHARED, fd, 0), ENODEV,
		"S22 S27 a regular file without memory of its own");
	nommu_refused(nommu_map(PAGE, RW, MAP_SHARED, fd, 0), EACCES,
		"S22 S27 the descriptor's mode is looked at first");
	close(fd);
}

static void truncate_and_map(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644), fd2;
	char *p, *q, c;
	struct nommu_line l;

	nommu_refused(share(fd, 1, 0), ENODEV, "S24 S115 an empty file: there is nothing to map");
	tap_zero(ftruncate(fd, 10 * PAGE), "S24 S115 truncate asks for ten pages");
	p = share(fd, 10, 0);
	tap_ok(p != NULL, "S24 S25 S113 S115 and they can be mapped, shared and writable");
	if (!p)
		tap_bail("nothing to go on with");
	tap_ok(nommu_all(p, 0, 10 * PAGE), "S24 all zero");
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && !strcmp(l.flags, "rw-S"), "S25 listed as shared: rw-S");
	fd2 = open(name, O_RDWR);
	q = share(fd2, 10, 0);
	tap_ok(q == p, "S26 mapped again: the same memory");
	p[3 * PAGE + 5] = 'k';
	tap_ok(pread(fd2, &c, 1, 3 * PAGE + 5) == 1 && c == 'k', "S26 read() sees what was stored");
	tap_ok(pwrite(fd2, "w", 1, 9 * PAGE) == 1 && p[9 * PAGE] == 'w', "S26 and a load what write() wrote");
	tap_is(nommu_run("shared", (unsigned long)p), 0, "S26 S116 another process maps it, sees that and answers");
	tap_ok(p[1] == 'B', "S26 S116 and is heard");
	q = share(fd2, 2, 3);
	tap_ok(q == p + 3 * PAGE, "S114 the pages are one run: a part of it lies at its offset");
	nommu_refused(share(fd2, 11, 0), ENODEV, "S24 S27 more than the file has is refused");
	nommu_refused(share(fd2, 1, 10), ENODEV, "S24 S27 and what lies behind its end");
	nommu_unmap(q, 2 * PAGE);
	close(fd);
	close(fd2);
	tap_ok(p[3 * PAGE + 5] == 'k', "S26 S40 the mapping outlives the descriptors");
	nommu_unmap(p, 10 * PAGE);
	unlink(name);
}

static void grown(void)
{
	int fd = open("grown", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *p;

	tap_zero(ftruncate(fd, 2 * PAGE) | ftruncate(fd, 8 * PAGE), "S115 a file that was not empty is enlarged");
	p = share(fd, 2, 0);
	tap_ok(p != NULL, "S24 S115 the pages it had are mapped");
	nommu_unmap(p, 2 * PAGE);
	close(fd);
	unlink("grown");

	fd = nommu_scattered("scattered", 6);
	for (unsigned i = 0; i < 6; i++) {
		p = share(fd, 1, i);
		if (!p || *p != 'a' + (int)i)
			break;
		nommu_unmap(p, PAGE);
		if (i == 5)
			i = 6;
	}
	tap_ok(p && *p == 'f', "S25 each page of a file that was written piece by piece can be mapped");
	p = share(fd, 6, 0);
	tap_ok(p && p[0] == 'a' && p[5 * PAGE] == 'f', "S24 S114 all of them at once: they are moved together");
	if (p)
		nommu_unmap(p, 6 * PAGE);
	close(fd);
	unlink("scattered");
}

static void permissions(void)
{
	int fd = nommu_file("file", 2), ro = open("file", O_RDONLY), append = open("file", O_RDWR | O_APPEND);
	char *p;

	nommu_refused(share(ro, 1, 0), EACCES, "S25 shared and writable needs a descriptor for writing");
	p = nommu_map(PAGE, PROT_READ, MAP_SHARED, ro, 0);
	tap_ok(p && *p == 'a', "S25 shared and read-only does not");
	nommu_unmap(p, PAGE);
	p = share(append, 1, 0);
	tap_ok(p != NULL, "S25 one for appending will do");
	nommu_unmap(p, PAGE);
	close(fd);
	close(ro);
	close(append);
	unlink("file");
}

static void ram_disk(void)
{
	int fd = open("/dev/ram0", O_RDWR);
	char *p, *q, c;

	if (fd < 0) {
		tap_skip(6, "no RAM disk");
		return;
	}
	p = share(fd, 16, 0);
	tap_ok(p != NULL, "S29 S30 S118 S119 a RAM disk is mapped, shared and writable, without truncate");
	q = share(fd, 2, 4);
	tap_ok(q && q == p + 4 * PAGE, "S29 S30 S119 its memory is one run");
	if (p)
		p[100] = 'm';
	tap_ok(p && pread(fd, &c, 1, 100) == 1 && c == 'm', "S29 S118 read() of the device sees what was stored");
	tap_ok(p && pwrite(fd, "n", 1, 101) == 1 && p[101] == 'n', "S29 S118 and a load what write() wrote");
	if (q)
		nommu_unmap(q, 2 * PAGE);
	if (p)
		nommu_unmap(p, 16 * PAGE);
	c = 'p';
	if (pwrite(fd, &c, 1, 200) != 1)
		tap_diag("write: %s", strerror(errno));
	p = nommu_map(PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(p && p[200] == 'p', "S118 a private mapping of it is a copy");
	if (p)
		p[200] = 'q';
	tap_ok(pread(fd, &c, 1, 200) == 1 && c == 'p', "S118 that the device knows nothing of");
	if (p)
		nommu_unmap(p, PAGE);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		int fd = open("shared-file", O_RDWR);
		char *p = share(fd, 10, 0);

		if ((unsigned long)p != strtoul(argv[2], NULL, 16) || p[3 * PAGE + 5] != 'k')
			return 1;
		p[1] = 'B';
		return 0;
	}
	tap_plan(0);
	nommu_enter();
	regular();
	truncate_and_map("shared-file");
	grown();
	permissions();
	ram_disk();
	nommu_leave();
	return tap_done();
}
