/* SPDX-License-Identifier: MIT
 * Pages as /proc counts them: meminfo, buddyinfo, pagetypeinfo, vmstat and zoneinfo agree with one another and with what
 * the program did; sys/vm takes what it should.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tap.h"

#define PAGE 4096

static char text[32768];

static char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && len < sizeof text - 1 && (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

/* The number behind a name at the start of a word; -1: there is no such name. */
static long number(const char *path, const char *name)
{
	size_t len = strlen(name);

	for (char *p = slurp(path); (p = strstr(p, name)); p++)
		if ((p == text || p[-1] == '\n' || p[-1] == ' ') && (p[len] == ' ' || p[len] == ':'))
			return atol(p + len + (p[len] == ':'));
	return -1;
}

/* Pages in the free blocks that follow p, up to the end of its line, and how many orders there are. */
static long blocks(const char *p, int *orders)
{
	long pages = 0;
	char *end;

	for (*orders = 0;; ++*orders, p = end) {
		long n = strtol(p, &end, 10);

		if (end == p || memchr(p, '\n', (size_t)(end - p)))
			return pages;
		pages += n << *orders;
	}
}

static long buddy_pages(int *orders)
{
	char *p = strstr(slurp("/proc/buddyinfo"), "Normal");

	return p ? blocks(p + 6, orders) : -1;
}

static long type_pages(int *orders)
{
	long pages = 0;

	for (char *p = slurp("/proc/pagetypeinfo"); (p = strstr(p, ", type ")); pages += blocks(p, orders)) {
		p += strspn(p, ", type");
		p += strspn(p, " ");
		p += strcspn(p, " ");
	}
	return pages;
}

/* The kernel itself takes and gives pages between two looks: what holds once holds. */
#define AGREE(a, b, what) do { \
	int tries_ = 20; \
	while (--tries_ && (a) != (b)) \
		; \
	tap_ok(tries_ > 0, what); \
} while (0)

static void sums(void)
{
	int orders = 0, types = 0;

	AGREE(buddy_pages(&orders) * 4, number("/proc/meminfo", "MemFree"), "buddyinfo: the blocks are MemFree");
	AGREE(type_pages(&types), buddy_pages(&orders), "pagetypeinfo: those of all types are buddyinfo's");
	tap_is(types, orders, "in as many orders");
	AGREE(number("/proc/vmstat", "nr_free_pages") * 4, number("/proc/meminfo", "MemFree"), "vmstat: nr_free_pages");
	AGREE(number("/proc/zoneinfo", "nr_free_pages"), number("/proc/vmstat", "nr_free_pages"), "zoneinfo: the same");
	AGREE(number("/proc/zoneinfo", "free"), number("/proc/vmstat", "nr_free_pages"), "zoneinfo: pages free");
	tap_is(number("/proc/zoneinfo", "managed") * 4, number("/proc/meminfo", "MemTotal"), "zoneinfo: managed is MemTotal");
	AGREE(number("/proc/vmstat", "nr_file_pages") * 4,
	      number("/proc/meminfo", "Cached") + number("/proc/meminfo", "Buffers"), "vmstat: nr_file_pages");
	tap_is(number("/proc/vmstat", "nr_shmem") * 4, number("/proc/meminfo", "Shmem"), "vmstat: nr_shmem");
	tap_ok(number("/proc/zoneinfo", "start_pfn") == 0x80000, "zoneinfo: RAM begins at 2 GiB");
	tap_ok(number("/proc/meminfo", "MemAvailable") <= number("/proc/meminfo", "MemTotal"), "not all is available");
	tap_ok(number("/proc/meminfo", "MmapCopy") > 0, "this program is in MmapCopy");
}

/* A mapping of 1 MiB leaves the free pages, and comes back. */
static void moves(void)
{
	long before = number("/proc/vmstat", "nr_free_pages"), copy = number("/proc/meminfo", "MmapCopy"), during;
	void *p = mmap(NULL, 256 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	during = number("/proc/vmstat", "nr_free_pages");
	tap_ok(p != MAP_FAILED && before - during >= 250 && before - during <= 262, "256 pages fewer are free");
	tap_is(number("/proc/meminfo", "MmapCopy") - copy, 1024, "and are in MmapCopy");
	munmap(p, 256 * PAGE);
	tap_is(number("/proc/meminfo", "MmapCopy"), copy, "until they are given back");
}

static const char *const names[] = {
	"nr_zone_inactive_anon", "nr_zone_unevictable", "nr_mlock", "nr_free_cma", "nr_slab_unreclaimable",
	"workingset_nodes", "nr_anon_pages", "nr_mapped", "nr_dirty", "nr_writeback", "nr_kernel_stack",
	"nr_page_table_pages", "pgdemote_kswapd", "nr_dirty_threshold", "nr_memmap_boot_pages", "nr_unstable",
};

static int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

static void trim(const char *value, int err, long want)
{
	static const char path[] = "/proc/sys/vm/nr_trim_pages";
	int got = put(path, value);
	long now = atol(slurp(path));

	tap_ok(got == err && now == want, "nr_trim_pages '%s': errno %d, then %ld", value, got, now);
}

static void sysctl(void)
{
	trim("0", 0, 0);
	trim("2147483647\n", 0, 2147483647);
	trim("2147483648", EINVAL, 2147483647);
	trim("4294967297", EINVAL, 2147483647);
	trim("-1", EINVAL, 2147483647);
	trim("x", EINVAL, 2147483647);
	trim("3x", EINVAL, 2147483647);
	trim("3 4", 0, 3);
	trim("0x10", 0, 16);
	trim(" 1 ", 0, 1);
	tap_is(put("/proc/sys/vm/drop_caches", "3\n"), 0, "drop_caches");
	tap_is(put("/proc/sys/vm/drop_caches", "0\n"), EINVAL, "drop_caches: 0");
	tap_is(put("/proc/sys/vm/drop_caches", "5\n"), EINVAL, "drop_caches: 5");
	tap_is((long)strlen(slurp("/proc/sys/vm/drop_caches")), 0, "drop_caches cannot be read");
	tap_is(atol(slurp("/proc/sys/vm/overcommit_ratio")), 50, "overcommit_ratio");
	tap_is(atol(slurp("/proc/sys/vm/swappiness")), 60, "swappiness");
	tap_ok(access("/proc/sys/vm/max_map_count", F_OK) < 0, "no max_map_count without an MMU");
	tap_ok(access("/proc/sys/vm/mmap_min_addr", F_OK) < 0, "nor mmap_min_addr");
}

int main(void)
{
	tap_plan(0);
	sums();
	moves();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		tap_ok(number("/proc/vmstat", names[i]) >= 0, "vmstat has %s", names[i]);
	sysctl();
	return tap_done();
}
