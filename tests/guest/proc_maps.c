/* SPDX-License-Identifier: MIT
 * What /proc tells of memory agrees with itself and with what the program did: maps, smaps, status, statm, meminfo.
 * The real kernel has no smaps without an MMU; those lines are left out there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include "scratch.h"
#include "tap.h"

#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)

static char text[65536];

static const char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;
	size_t len = 0;

	while (fd >= 0 && len < sizeof text - 1 && (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

/* The line of a maps file that starts at p; NULL: there is none. */
static const char *line_of(const char *path, const void *p)
{
	char start[16], *line, *end;

	snprintf(start, sizeof start, "%08lx-", (unsigned long)(uintptr_t)p);
	for (line = strstr(slurp(path), start); line && line != text && line[-1] != '\n';)
		line = strstr(line + 1, start);
	end = line ? strchr(line, '\n') : NULL;
	if (end)
		*end = 0;
	return line;
}

/* The line without its two addresses and its inode, which differ from machine to machine: "rw-p 00000000  [stack]". */
static const char *rest_of(const char *path, const void *p)
{
	static char rest[512];
	const char *line = line_of(path, p), *name;
	char prot[8], offset[16];

	if (!line || sscanf(line, "%*s %7s %15s", prot, offset) != 2)
		return "(none)";
	name = strchr(line, '/');
	if (!name)
		name = strchr(line, '[');
	snprintf(rest, sizeof rest, "%s %s %s", prot, offset, name ? name : "");
	return rest;
}

static void is_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s", what))
		tap_diag("got '%s', want '%s'", got, want);
}

static unsigned long size_of(const char *path, const void *p)
{
	const char *line = line_of(path, p);
	unsigned long start, end;

	return line && sscanf(line, "%lx-%lx", &start, &end) == 2 ? end - start : 0;
}

/* The sum of all that maps lists. */
static unsigned long mapped(void)
{
	unsigned long sum = 0, start, end;

	for (char *p = (slurp("/proc/self/maps"), text); sscanf(p, "%lx-%lx", &start, &end) == 2;) {
		sum += end - start;
		p = strchr(p, '\n');
		if (!p++)
			break;
	}
	return sum;
}

static long number(const char *path, const char *name)
{
	const char *p = strstr(slurp(path), name);

	return p ? atol(p + strlen(name)) : -1;
}

/* The sum of a field over all mappings of smaps, in kB. */
static long smaps_sum(const char *name)
{
	long sum = 0;

	slurp("/proc/self/smaps");
	for (char *p = text; (p = strstr(p, name)); p++)
		if (p[-1] == '\n')
			sum += atol(p + strlen(name));
	return sum;
}

static int file_with(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size))
		tap_bail("cannot make %s", path);
	return fd;
}

static void maps(void)
{
	char *a = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *n = mmap(NULL, PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *f, *s, *h;
	int fd = file_with("mapped file", 4 * PAGE), id;

	is_text(rest_of("/proc/self/maps", a), "rw-p 00000000 ", "anonymous memory");
	tap_is((long)size_of("/proc/self/maps", a), 3 * PAGE, "as long as it was asked for");
	is_text(rest_of("/proc/maps", a), "rw-p 00000000 ", "its region");
	is_text(rest_of("/proc/self/maps", n), "---p 00000000 ", "anonymous, shared, no rights: private all the same");
	s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	is_text(rest_of("/proc/self/maps", s) + 14, strchr(rest_of("/proc/self/maps", s), '/'), "a file's path");
	tap_ok(!strncmp(rest_of("/proc/self/maps", s), "rw-S 00000000 ", 14), "shared memory of a file");
	f = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 2 * PAGE);
	tap_ok(f == s + 2 * PAGE, "a part of it lies inside");
	tap_ok(!strncmp(rest_of("/proc/self/maps", f), "rw-S 00002000 ", 14), "and has its offset");
	tap_is((long)size_of("/proc/self/maps", f), PAGE, "and its length");
	is_text(rest_of("/proc/maps", f), "(none)", "but no region of its own");
	tap_is((long)size_of("/proc/maps", s), 4 * PAGE, "for that is the whole file's");
	munmap(f, PAGE);
	unlink("mapped file");
	tap_ok(strstr(rest_of("/proc/self/maps", s), "mapped file (deleted)") != NULL, "a removed file");
	munmap(s, 4 * PAGE);
	is_text(rest_of("/proc/self/maps", s), "(none)", "what is unmapped is gone");
	close(fd);
	id = shmget(0x1234, 3 * PAGE - 5, IPC_CREAT | 0600);
	h = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	is_text(rest_of("/proc/self/maps", h), "rw-S 00000000 /SYSV00001234 (deleted)", "a SysV segment");
	tap_is((long)size_of("/proc/self/maps", h), 3 * PAGE, "in whole pages");
	shmdt(h);
	munmap(a, 3 * PAGE);
	munmap(n, PAGE);
}

static void stack(void)
{
	int here;
	unsigned long start = 0, end = 0;
	char *p = strstr(slurp("/proc/self/maps"), "[stack]");

	while (p && p > text && p[-1] != '\n')
		p--;
	tap_ok(p && sscanf(p, "%lx-%lx", &start, &end) == 2 && (uintptr_t)&here >= start && (uintptr_t)&here < end,
	       "the stack is where it says");
	tap_ok(strstr(slurp("/proc/maps"), "[stack]") == NULL, "regions have no such name");
}

static void sums(void)
{
	unsigned long all;
	long before, size, resident, shared;
	char *a;

	all = mapped();
	tap_is(number("/proc/self/status", "Mem:") + number("/proc/self/status", "Shared:") >= (long)all, 1,
	       "status: Mem and Shared have all that is mapped");
	before = number("/proc/meminfo", "MmapCopy:");
	a = mmap(NULL, 5 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tap_is((long)mapped() - (long)all, 5 * PAGE, "maps: five pages more");
	tap_is(number("/proc/meminfo", "MmapCopy:") - before, 20, "meminfo: MmapCopy, too");
	tap_is(sscanf(slurp("/proc/self/statm"), "%ld %ld %ld", &size, &resident, &shared), 3, "statm");
	/* In pages: the kernel counts from the data to the stack, which wraps where the stack lies below. */
	tap_ok((unsigned long)size >= mapped() / PAGE && resident == size, "statm: all there is, and all of it resident");
	munmap(a, 5 * PAGE);
	tap_is((long)mapped(), (long)all, "and back");
	tap_is(number("/proc/meminfo", "MmapCopy:"), before, "and back");
}

static void smaps(void)
{
	char *a, *b;
	int fd;
	long pss;

	if (getenv("REAL_KERNEL")) {
		tap_skip(10, "no smaps without an MMU");
		return;
	}
	fd = file_with("small", 2 * PAGE);
	a = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	pss = smaps_sum("Pss:");
	tap_is(smaps_sum("Size:") * 1024, (long)mapped(), "smaps: the sizes are those of maps");
	tap_is(smaps_sum("Rss:"), smaps_sum("Size:"), "smaps: all of it is resident");
	tap_is(smaps_sum("Private_Dirty:") + smaps_sum("Private_Clean:") + smaps_sum("Shared_Dirty:") +
	       smaps_sum("Shared_Clean:"), smaps_sum("Rss:"), "smaps: shared or private, clean or dirty");
	tap_is(smaps_sum("Shared_Dirty:"), 0, "smaps: only we map the file");
	b = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	tap_ok(a == b, "twice at the same place");
	tap_is(smaps_sum("Shared_Dirty:"), 16, "smaps: two share it now");
	tap_is(smaps_sum("Pss:"), pss, "smaps: each has half of it");
	tap_is(number("/proc/self/smaps_rollup", "Rss:"), smaps_sum("Rss:"), "smaps_rollup: Rss");
	tap_is(number("/proc/self/smaps_rollup", "Pss:"), smaps_sum("Pss:"), "smaps_rollup: Pss");
	tap_ok(strstr(slurp("/proc/self/smaps"), "VmFlags: rd wr sh mr mw me ms \n") != NULL, "smaps: flags");
	munmap(a, 2 * PAGE);
	munmap(b, 2 * PAGE);
	close(fd);
	unlink("small");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	maps();
	stack();
	sums();
	smaps();
	scratch_leave();
	return tap_done();
}
