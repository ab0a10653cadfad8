/* SPDX-License-Identifier: MIT
 *
 * Loads and stores of every width in every window of a device. Small windows are gone through offset by offset, and a bit beyond
 * their ends; then chance chooses. System calls are given such addresses, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

enum { WINDOWS = 32, SMALL = 4096, BEYOND = 8 };

static struct window { uint32_t start, size; char name[60]; } windows[WINDOWS];
static unsigned nr;

static void read_iomem(void)
{
	FILE *f = fopen("/proc/iomem", "r");
	char line[160];

	if (!f)
		wrong("no /proc/iomem");
	while (nr < WINDOWS && fgets(line, sizeof line, f)) {
		struct window *w = &windows[nr];
		unsigned start, end;

		/* What is indented is a part of something, and RAM is where we are. */
		if (line[0] == ' ' || strstr(line, "System RAM"))
			continue;
		if (sscanf(line, "%x-%x : %59[^\n]", &start, &end, w->name) != 3 || !end)
			wrong("in /proc/iomem: %s", line);
		w->start = start;
		w->size = end - start + 1;
		nr++;
	}
	fclose(f);
}

/* /dev/mem shows all of it, at its own address; held for good, the descriptor is not. */
static void map(const struct window *w)
{
	int fd = open("/dev/mem", O_RDWR);
	void *p = mmap(NULL, w->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)w->start);

	if (p == MAP_FAILED)
		wrong("/dev/mem at %x, %u bytes: %s", w->start, w->size, strerror(errno));
	if ((uintptr_t)p != w->start)
		wrong("/dev/mem at %x is mapped at %p", w->start, p);
	close(fd);
}

static void each_offset(const struct window *w)
{
	for (uint32_t offset = 0; offset < w->size + 2 * BEYOND; offset++)
		for (int a = 0; a < ACCESSES; a++)
			access_do(a, w->start - BEYOND + offset, number());
}

/* The interrupt controller has few registers, far from each other. */
static uint32_t controller(void)
{
	static const uint32_t registers[] = { 0x1000, 0x2000, 0x200000, 0x200004 };

	return registers[below(sizeof registers / sizeof *registers)] + (below(8) ? 0 : below(8));
}

/* Registers are at the beginning more often than elsewhere, mistakes at the ends. */
static uintptr_t somewhere(const struct window *w)
{
	if (!strncmp(w->name, "plic ", 5) && below(2))
		return w->start + controller();
	switch (below(8)) {
	case 0:
		return w->start - BEYOND + below(2 * BEYOND);
	case 1:
		return w->start + w->size - BEYOND + below(2 * BEYOND);
	case 2: case 3: case 4:
		return w->start + below(w->size < 256 ? w->size : 256);
	default:
		return w->start + (below(4) ? below(w->size) & ~3u : below(w->size));
	}
}

/* A driver's sequence: the same place again, as with a command and its status. */
static void some_accesses(const struct window *w)
{
	uintptr_t addr = somewhere(w);

	for (unsigned n = 1 + below(6); n; n--) {
		access_do(below(ACCESSES), addr, number());
		if (!below(3))
			addr = somewhere(w);
	}
}

static void good(long r, uintptr_t addr, const char *what)
{
	if (r < 0 && errno == ENOSYS)
		wrong("%s: %s at %lx", what, strerror(errno), (unsigned long)addr);
}

/* Calls that read or write memory, and one that only looks at a word. */
static void system_call(const struct window *w)
{
	static int zero = -1, full = -1, file = -1;
	const struct timespec soon = { 0, 1000 };
	uintptr_t addr = somewhere(w);
	size_t len = below(3) ? below(64) : below(100000);

	if (zero < 0) {
		zero = open("/dev/zero", O_RDONLY);
		full = open("/dev/full", O_RDONLY);
		file = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	}
	switch (below(7)) {
	case 0: good(read(zero, (void *)addr, len), addr, "read"); break;
	case 1: good(pread(full, (void *)addr, len, 0), addr, "pread"); break;
	case 2: good(pwrite(file, (void *)addr, len, 0), addr, "pwrite"); break;
	case 3: good(syscall(SYS_futex_time64, addr & ~3u, below(2) ? 1 : 0, 0xffffffff, &soon, NULL, 0), addr, "futex"); break;
	case 4: good(syscall(SYS_openat, AT_FDCWD, addr, O_RDONLY), addr, "openat"); break;
	case 5: good(syscall(SYS_clock_gettime64, 1, addr), addr, "clock_gettime"); break;
	case 6: good(syscall(SYS_ppoll_time64, addr, below(20), &soon, NULL, 8), addr, "ppoll"); break;
	}
}

bool windows_run(unsigned long n)
{
	unsigned long before;

	read_iomem();
	for (unsigned i = 0; i < nr; i++) {
		map(&windows[i]);
		if (windows[i].size <= SMALL)
			each_offset(&windows[i]);
		printf("%08x %8u %s\n", windows[i].start, windows[i].size, windows[i].name);
	}
	before = access_made;
	while (nr && access_made - before < n) {
		const struct window *w = &windows[below(nr)];

		some_accesses(w);
		if (!below(16))
			system_call(w);
	}
	/* What no device has. */
	for (unsigned i = 0; i < 1000; i++)
		access_do(below(ACCESSES), 0x00100000u + below(0x0fe00000u), number());
	return nr;
}
