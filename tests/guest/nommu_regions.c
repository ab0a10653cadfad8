/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "Further notes", the numbered statements on VMAs and regions; and the two lists of them.
 */
#define _GNU_SOURCE
#include "nommu.h"

#define PAGES 4u

static int fd;			/* of "file", PAGES pages in one run */

/* --- Another process --- */

/* Maps the file at its known place, tells by exit status whether its own list has it and no more. */
static int maps_file(unsigned long want)
{
	int f = open("file", O_RDONLY);
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE | 0x1000 /* MAP_EXECUTABLE */, f, 0);

	if ((unsigned long)p != want)
		return 1;
	if (nommu_mine(p, PAGES * PAGE, NULL) != 1)
		return 2;
	return 0;		/* exit unmaps it */
}

/* Is `addr` in a mapping of this process's? */
static int is_mapped(unsigned long addr)
{
	return nommu_mine((void *)addr, 1, NULL) > 0;
}

/* --- Lists --- */

static void per_process(void)
{
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE | 0x1000, fd, 0), *own = nommu_anon(1);
	char path[32];
	struct nommu_line l;

	tap_is(nommu_mine(p, PAGES * PAGE, NULL), 1, "S35 S70 a mapping is in the list of the process that made it");
	tap_is(nommu_run("is-mapped", (unsigned long)p), 0, "S35 and not in another's");
	tap_is(nommu_run("is-mapped", (unsigned long)own), 0, "S35 nor is an anonymous one");
	tap_is(nommu_run("maps", (unsigned long)p), 0, "S35 S37 another maps the same file: a VMA of its own");
	tap_is(nommu_mine(p, PAGES * PAGE, NULL), 1, "S37 its exit takes that one, and not ours");
	tap_is(nommu_global(p, PAGES * PAGE, &l), 1, "S38 two processes or one: there is one region");
	tap_ok(l.start == (unsigned long)p && l.end == (unsigned long)p + PAGES * PAGE && strstr(l.name, "/file"),
	       "S38 S69 listed with its range and its file");
	snprintf(path, sizeof path, "/proc/%d/maps", getpid());
	tap_is(nommu_lines(path, (uintptr_t)own, (uintptr_t)own + 1, &l), 1,
		"S70 /proc/PID/maps has it by number, too");
	tap_ok(!strcmp(l.flags, "rw-p") && l.ino == 0, "S70 anonymous: rw-p, no file");
	nommu_unmap(own, PAGE);
	tap_is(nommu_lines(path, (uintptr_t)own, (uintptr_t)own + 1, &l), 0, "S70 unmapped, it is not listed");
	nommu_unmap(p, PAGES * PAGE);
	tap_is(nommu_global(p, PAGES * PAGE, &l), 0, "S38 S69 the region goes with the last of its mappings");
}

static void global(void)
{
	char *p = nommu_anon(3), *q = nommu_map(PAGE, RW, MAP_PRIVATE, fd, 0);
	struct nommu_line l;

	tap_ok(nommu_global(p, 3 * PAGE, &l) == 1 && l.end - l.start == 3 * PAGE && !strcmp(l.flags, "rw-p"),
	       "S52 S69 an anonymous region is in /proc/maps");
	tap_ok(nommu_global(q, PAGE, &l) == 1 && strstr(l.name, "/file"),
		"S52 S69 a private copy, with its file's name");
	tap_is(nommu_run("others", (unsigned long)p), 0, "S52 S69 another process sees both there");
	nommu_unmap(q, PAGE);
	nommu_unmap(p, 3 * PAGE);
	/* The region keeps what mremap() took off the mapping. */
	p = nommu_anon(2);
	nommu_remap(p, 2 * PAGE, PAGE, 0, NULL);
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && l.end - l.start == PAGE, "S52 a mapping is shrunk to one page");
	tap_ok(nommu_global(p, PAGE, &l) == 1 && l.end - l.start == 2 * PAGE,
	       "S52 its region in /proc/maps still has two: a bit that is not mapped anywhere");
	nommu_remap(p, PAGE, 2 * PAGE, 0, NULL);
	nommu_unmap(p, 2 * PAGE);
}

/* --- MmapCopy --- */

static void accounting(void)
{
	long before = nommu_mmap_copy();
	char *p, *q;

	tap_ok(before > 0, "S53 /proc/meminfo has MmapCopy: programs themselves are in it");
	p = nommu_anon(16);
	tap_is(nommu_mmap_copy() - before, 64, "S53 sixteen anonymous pages are counted");
	q = nommu_map(2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	tap_is(nommu_mmap_copy() - before, 72, "S53 S54 and two copied from a file");
	nommu_unmap(q, 2 * PAGE);
	q = nommu_map(2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_is(nommu_mmap_copy() - before, 64, "S53 what is mapped directly is not");
	nommu_unmap(q, 2 * PAGE);
	q = nommu_map(PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	tap_is(nommu_mmap_copy() - before, 64, "S53 nor what is shared");
	nommu_unmap(q, PAGES * PAGE);
	nommu_unmap(p, 16 * PAGE);
	tap_is(nommu_mmap_copy() - before, 0, "S53 S42 and all is given back");
	tap_is(nommu_run("maps", 0) & 1, 1, "S53 a process that comes and goes");
	tap_is(nommu_mmap_copy() - before, 0, "S53 S42 leaves nothing");
}

/* --- Pages --- */

static void pages(void)
{
	char *p = nommu_anon(16), *q;
	long before = nommu_mmap_copy();

	memset(p, 5, 16 * PAGE);
	tap_zero(nommu_unmap(p + 5 * PAGE, PAGE), "S39 S47 one page in the middle is unmapped");
	tap_is(nommu_mmap_copy() - before, -4, "S39 S47 that page is given back, for itself");
	q = nommu_map(PAGE, RW, ANON | NOMMU_UNINITIALIZED, -1, 0);
	tap_ok(q != NULL, "S39 it can be used anew");
	nommu_unmap(q, PAGE);
	tap_ok(nommu_all(p, 5, 5 * PAGE) && nommu_all(p + 6 * PAGE, 5, 10 * PAGE),
		"S39 S40 the others are kept, with what is in them");
	tap_zero(nommu_unmap(p, 5 * PAGE) | nommu_unmap(p + 6 * PAGE, 10 * PAGE), "S42 the rest is unmapped");
	tap_is(nommu_mmap_copy() - before, -64, "S42 and all of it given back");

	/* A file's page that is mapped has two users: the file and the region. */
	q = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	unlink("file");
	close(fd);
	tap_ok(q[0] == 'a' && q[3 * PAGE] == 'd',
		"S40 S41 a removed file's pages stay: the region has references on them");
	p = nommu_anon(64);
	memset(p, 0xee, 64 * PAGE);
	tap_ok(q[0] == 'a' && q[3 * PAGE] == 'd', "S41 nobody else gets them");
	nommu_unmap(p, 64 * PAGE);
	tap_zero(nommu_unmap(q, PAGES * PAGE), "S42 with the mapping the last user goes");
	fd = nommu_file("file", PAGES);
}

/* --- Trees and lists --- */

static void order(void)
{
	static char text[65536];
	char *p[8];
	unsigned long last = 0, start;
	size_t have = 0;
	ssize_t n;
	int sorted = 1, seen = 0, f;

	for (int i = 0; i < 8; i++)
		p[i] = nommu_anon((unsigned)(i % 3) + 1);
	f = open("/proc/self/maps", O_RDONLY);
	while ((n = read(f, text + have, sizeof text - 1 - have)) > 0)
		have += (size_t)n;
	close(f);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		start = strtoul(line, NULL, 16);
		sorted &= start >= last;
		last = start;
		for (int i = 0; i < 8; i++)
			seen += start == (unsigned long)p[i];
	}
	tap_ok(sorted && seen == 8, "S44 the list of mappings is in the order of their addresses");
	for (int i = 0; i < 8; i++)
		nommu_unmap(p[i], (size_t)(i % 3 + 1) * PAGE);
}

static void overlapping(void)
{
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	char *q = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	tap_ok(p && p == q, "S45 a file mapped twice: the same address");
	tap_is(nommu_mine(p, PAGES * PAGE, NULL), 2, "S45 both VMAs are listed");
	tap_zero(nommu_unmap(q, PAGES * PAGE), "S45 one is unmapped");
	tap_is(nommu_mine(p, PAGES * PAGE, NULL), 1, "S45 the other is left");
	tap_zero(nommu_unmap(p, PAGES * PAGE), "S45 and is unmapped");
	nommu_refused((errno = 0, nommu_unmap(p, PAGES * PAGE) ? NULL : p), EINVAL, "S45 a third is not there");
	/* That file stays busy on the real kernel: go on with another. */
	close(fd);
	unlink("file");
	fd = nommu_file("file", PAGES);
	p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	q = nommu_map(2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 1);
	tap_ok(p && q == p + PAGE, "S45 a part of it: inside the first");
	tap_zero(nommu_unmap(q, 2 * PAGE), "S45 the part is unmapped");
	tap_ok(p[PAGE] == 'b', "S45 the whole stays");
	tap_zero(nommu_unmap(p, PAGES * PAGE), "S45 and the whole");
}

/* The file knows who maps it: it is not cut under a shared mapping. */
static void inode_list(void)
{
	char *p = nommu_map(PAGES * PAGE, RW, MAP_SHARED, fd, 0);

	tap_errno(ftruncate(fd, PAGE), ETXTBSY, "S46 a file is not cut where it is mapped, shared");
	tap_zero(ftruncate(fd, PAGES * PAGE), "S46 to the same size it is");
	nommu_unmap(p, PAGES * PAGE);
	tap_zero(ftruncate(fd, PAGE), "S46 when the mapping is gone it is cut");
	if (ftruncate(fd, 0) || ftruncate(fd, PAGES * PAGE))
		tap_bail("ftruncate");
}

/* --- Holes --- */

static void holes(void)
{
	char *p = nommu_anon(16);
	struct nommu_line l;

	memset(p, 7, 16 * PAGE);
	tap_zero(nommu_unmap(p + 6 * PAGE, 4 * PAGE), "S47 a hole of four pages in sixteen");
	tap_ok(nommu_mine(p, 16 * PAGE, &l) == 2 && l.end == (unsigned long)p + 6 * PAGE, "S48 two mappings are left");
	tap_ok(nommu_global(p, 6 * PAGE, &l) == 1 && l.end == (unsigned long)p + 6 * PAGE,
		"S48 and two regions: one before it");
	tap_ok(nommu_global(p + 10 * PAGE, 6 * PAGE, &l) == 1 && l.start == (unsigned long)p + 10 * PAGE,
		"S48 and one behind it");
	nommu_refused((errno = 0, nommu_unmap(p + 5 * PAGE, 6 * PAGE) ? NULL : p), EINVAL,
		"S47 not over the hole: one VMA at a time");
	nommu_refused((errno = 0, nommu_unmap(p + 7 * PAGE, PAGE) ? NULL : p), EINVAL, "S47 nor in it");
	tap_zero(nommu_unmap(p, PAGE), "S47 the head is cut off");
	tap_zero(nommu_unmap(p + 15 * PAGE, PAGE), "S47 and the tail");
	tap_ok(nommu_all(p + PAGE, 7, 5 * PAGE) && nommu_all(p + 10 * PAGE, 7, 5 * PAGE),
		"S47 what is left is as it was");
	tap_ok(nommu_mine(p, 6 * PAGE, &l) == 1 && l.start == (unsigned long)p + PAGE && l.end == (unsigned long)p + 6 * PAGE,
	       "S48 the first is five pages");
	tap_zero(nommu_unmap(p + PAGE, 5 * PAGE) | nommu_unmap(p + 10 * PAGE, 5 * PAGE), "S48 each goes for itself");
	p = nommu_map(PAGES * PAGE, RW, MAP_PRIVATE, fd, 0);
	nommu_refused((errno = 0, nommu_unmap(p + PAGE, PAGE) ? NULL : p), EINVAL,
		"S47 in a file's mapping no hole is punched");
	nommu_refused((errno = 0, nommu_unmap(p, PAGE) ? NULL : p), EINVAL, "S47 nor its head cut off");
	tap_zero(nommu_unmap(p, PAGES * PAGE), "S47 it goes as a whole");
}

/* "Extra memory": what is noted of mappings. */
static void bookkeeping(void)
{
	enum { TIMES = 200 };
	char *p = nommu_map(PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	long before = nommu_mmap_copy();
	int ok = 1;

	for (int i = 0; i < TIMES; i++)
		ok &= nommu_map(2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 1 + (unsigned)i % 2) == p + (1 + i % 2) * PAGE;
	tap_ok(ok && nommu_mmap_copy() == before, "S55 S56 200 more mappings of a region: no page of it more");
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		unsigned long n = strtoul(argv[2], NULL, 16);

		if (!strcmp(argv[1], "maps"))
			return maps_file(n);
		if (!strcmp(argv[1], "others"))
			return nommu_global((void *)n, PAGE, NULL) != 1;
		return is_mapped(n);
	}
	tap_plan(0);
	nommu_enter();
	nommu_mmap_copy();
	fd = nommu_file("file", PAGES);
	per_process();
	global();
	accounting();
	pages();
	order();
	inode_list();
	holes();
	overlapping();
	bookkeeping();
	return tap_done();
}
