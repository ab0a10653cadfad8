/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt on private mappings of files: shown where they lie, shared, or copied; and what can be mapped at all.
 * flat32: --flash :1M
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "nommu.h"

#define PAGES 6u

/* Another process: maps "shared" from this page on, read-only, and exits with 0 if it lies at the address given. */
static int same_place(unsigned long want)
{
	int fd = open("shared", O_RDONLY);
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (!p || (unsigned long)p != want)
		return 1;
	return nommu_lines("/proc/self/maps", want, want + 1, NULL) == 1 ? 0 : 2;
}

static void shared_read_only(void)
{
	int fd = nommu_file("shared", PAGES), ro = open("shared", O_RDONLY);
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0), *q;
	struct nommu_line l;

	tap_ok(p && p[0] == 'a' && p[5 * PAGE] == 'f', "S12 a private read-only mapping shows the file");
	q = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
	tap_ok(q == p, "S12 a second one, by another descriptor: the same memory");
	tap_zero(nommu_run("same", (unsigned long)p), "S12 one by another process: the same memory");
	nommu_unmap(q, PAGES * PAGE);
	q = nommu_map(2 * PAGE, PROT_READ, MAP_PRIVATE, ro, 3);
	tap_ok(q == p + 3 * PAGE, "S12 a part of the segment: the same memory, at its offset");
	tap_ok(nommu_global(q, PAGE, &l) == 1 && l.start == (unsigned long)p, "S12 one region for all of them");
	tap_zero(nommu_unmap(q, 2 * PAGE), "S12 the part is unmapped");
	tap_ok(p[3 * PAGE] == 'd', "S12 and the first mapping stays");
	q = nommu_map(PAGES * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, ro, 0);
	tap_ok(q == p, "S12 PROT_EXEC is compatible with PROT_READ");
	nommu_unmap(q, PAGES * PAGE);
	q = nommu_map(PAGES * PAGE, RW, MAP_PRIVATE, ro, 0);
	tap_ok(q && q != p, "S12 S20 PROT_WRITE is not: a copy");
	nommu_unmap(q, PAGES * PAGE);
	nommu_unmap(p, PAGES * PAGE);
	close(ro);
	close(fd);
	unlink("shared");
}

static void direct(void)
{
	int fd = nommu_file("direct", PAGES);
	long before = nommu_mmap_copy();
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	tap_is(nommu_mmap_copy() - before, 0, "S13 S14 S54 the file's own memory is mapped: no copy is made");
	tap_ok(pwrite(fd, "!", 1, 7) == 1 && p[7] == '!', "S13 it is the file's memory: what is written there shows");
	nommu_unmap(p, PAGES * PAGE);
	p = nommu_map(PAGES * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	tap_is(nommu_mmap_copy() - before, 0, "S13 with PROT_EXEC as well");
	nommu_unmap(p, PAGES * PAGE);
	p = nommu_map(PAGES * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_is(nommu_mmap_copy() - before, (long)(PAGES * PAGE / 1024),
		"S13 S20 S54 but not with PROT_WRITE: that is a copy");
	nommu_unmap(p, PAGES * PAGE);
	close(fd);
	unlink("direct");
}

/* A file of /proc can be read and nothing else; its length is not known before it is. */
static void copied(void)
{
	static char text[8 * PAGE];
	int fd = open("/proc/cpuinfo", O_RDONLY);
	size_t len = 0;
	ssize_t n;
	long before = nommu_mmap_copy();
	char *p, *q;

	while ((n = read(fd, text + len, sizeof text - len)) > 0)
		len += (size_t)n;
	p = nommu_map(3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(p && !memcmp(p, text, len), "S15 S72 what cannot be mapped directly is read into a copy");
	tap_is(nommu_mmap_copy() - before, 12, "S15 S53 S54 of three pages, as long as the mapping");
	tap_ok(p && nommu_all(p + len, 0, 3 * PAGE - len), "S15 what is behind the end of the file is cleared");
	q = nommu_map(3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(q == p, "S12 S15 the copy is shared by who asks for the same");
	tap_is(nommu_mmap_copy() - before, 12, "S12 and costs memory once");
	nommu_unmap(q, 3 * PAGE);
	q = nommu_map(PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(q && q != p && q[0] == text[0], "S20 the writable one has its own");
	nommu_unmap(q, PAGE);
	nommu_unmap(p, 3 * PAGE);
	close(fd);

	fd = nommu_file("odd", 2);
	if (ftruncate(fd, 5000))
		tap_bail("ftruncate");
	p = nommu_map(2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(p && p[4999] == 'b' && nommu_all(p + 5000, 0, 2 * PAGE - 5000),
		"S15 S20 cleared in a writable copy, too");
	nommu_unmap(p, 2 * PAGE);
	p = nommu_map(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(p && p[4999] == 'b' && nommu_all(p + 5000, 0, 4 * PAGE - 5000),
	       "S15 and where whole pages lie behind the end");
	nommu_unmap(p, 4 * PAGE);
	close(fd);
	unlink("odd");
}

static void writes(void)
{
	int fd = nommu_file("odd", 2);
	char *p, *q;

	/* Longer than the file: nothing but a copy can show it. */
	p = nommu_map(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(pwrite(fd, "!", 1, 3) == 1 && p && p[3] == 'a', "S16 a write to the file does not change the copy");
	*(volatile char *)(p + 4) = 77;
	tap_is(nommu_run("see", (unsigned long)p + 4), 77, "S16 a write to the mapping is seen by another process");
	q = nommu_map(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_ok(q == p && q[4] == 77, "S16 and by who maps it next");
	nommu_unmap(q, 4 * PAGE);
	nommu_unmap(p, 4 * PAGE);
	p = nommu_map(2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	q = nommu_map(2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_ok(p && q && p != q, "S20 two writable mappings: two copies");
	p[0] = 'x';
	tap_ok(q[0] == 'a', "S20 a store is seen in one only");
	tap_ok(pwrite(fd, "?", 1, 1) == 1 && p[1] == 'a', "S16 S20 a write to the file in neither");
	tap_ok(pread(fd, q, 1, 0) == 1 && q[0] == 'a', "S20 nor does a store change the file");
	nommu_unmap(p, 2 * PAGE);
	nommu_unmap(q, 2 * PAGE);
	close(fd);
	unlink("odd");
}

/* What has no bytes to be read for a mapping. */
static void unreadable(void)
{
	static const char *const devices[] = { "/dev/null", "/dev/full", "/dev/random", "/dev/mem" };
	int fds[2], fd;

	for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
		fd = open(devices[i], O_RDWR);
		nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV, "S73 S74 %s", devices[i]);
		close(fd);
	}
	fd = open("/dev/zero", O_RDWR);
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL,
		"S73 S74 /dev/zero cannot be read by mmap()");
	close(fd);
	if (pipe(fds))
		tap_bail("pipe");
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), ENODEV, "S73 S74 a pipe");
	close(fds[0]);
	close(fds[1]);
	mkfifo("fifo", 0600);
	fd = open("fifo", O_RDWR);
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV, "S73 S74 a FIFO");
	close(fd);
	unlink("fifo");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) {
		tap_skip(1, "no sockets");
	} else {
		nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), EINVAL, "S73 S74 a socket");
		close(fds[0]);
		close(fds[1]);
	}
	fd = open(".", O_RDONLY);
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV, "S73 a directory");
	close(fd);
	fd = open("wo", O_WRONLY | O_CREAT, 0600);
	nommu_refused(nommu_map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES, "S72 S73 a file not opened for reading");
	close(fd);
	unlink("wo");
}

/*
 * A romfs with one file, "f" (Documentation/filesystems/romfs.rst): the header, the root's entry, the file's, and its
 * data. The first 512 bytes, as big-endian words, add up to 0.
 */
static void romfs_image(unsigned char *image, size_t data)
{
	static const unsigned char head[] = {
		'-', 'r', 'o', 'm', '1', 'f', 's', '-', 0, 0, 0x30, 0, 0, 0, 0, 0, 't', 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0x49, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, '.', 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'f', 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
	};
	uint32_t sum = 0;

	memcpy(image, head, sizeof head);
	image[0x40 + 10] = (unsigned char)(data >> 8);
	image[0x40 + 11] = (unsigned char)data;
	for (size_t i = 0; i < data; i++)
		image[sizeof head + i] = (unsigned char)('a' + i % 23);
	image[10] = (unsigned char)((sizeof head + data) >> 8);
	image[11] = (unsigned char)(sizeof head + data);
	for (size_t i = 0; i < 512; i += 4)
		sum += (uint32_t)image[i] << 24 | (uint32_t)image[i + 1] << 16 | (uint32_t)image[i + 2] << 8 | image[i + 3];
	sum = -sum;
	for (int i = 0; i < 4; i++)
		image[12 + i] = (unsigned char)(sum >> (24 - 8 * i));
}

/* Executing in place: a file of a romfs in flash memory lies where its headers left room for it. */
static void in_place(void)
{
	static unsigned char image[4 * PAGE];
	int fd = open("/dev/mtd0", O_WRONLY);
	long before;
	char *p;

	romfs_image(image, 2 * PAGE + 100);
	mkdir("rom", 0755);
	if (fd < 0 || write(fd, image, sizeof image) != (ssize_t)sizeof image || close(fd) ||
	    mount("mtd0", "rom", "romfs", MS_RDONLY, NULL)) {
		tap_diag("no romfs in flash memory: %s", strerror(errno));
		tap_skip(4, "no romfs in flash memory");
		rmdir("rom");
		return;
	}
	fd = open("rom/f", O_RDONLY);
	before = nommu_mmap_copy();
	p = nommu_map(2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	tap_ok(p && p[0] == 'a' && p[2 * PAGE - 1] == (char)('a' + (2 * PAGE - 1) % 23),
		"S14 romfs in flash memory is mapped");
	tap_is(nommu_mmap_copy() - before, 0, "S13 S14 S112 directly: it is executed in place");
	tap_ok((uintptr_t)p % PAGE == 0x60, "S57 S58 not page-aligned: 96 bytes of headers lie before it");
	tap_zero(nommu_unmap(p, 2 * PAGE), "S57 and unmapped at that address");
	close(fd);
	umount("rom");
	rmdir("rom");
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		unsigned long n = strtoul(argv[2], NULL, 16);

		return strcmp(argv[1], "see") ? same_place(n) : *(volatile char *)n;
	}
	tap_plan(0);
	nommu_enter();
	nommu_mmap_copy();
	shared_read_only();
	direct();
	copied();
	writes();
	unreadable();
	in_place();
	nommu_leave();
	return tap_done();
}
