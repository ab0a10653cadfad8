/* SPDX-License-Identifier: MIT
 * Where mappings lie, and what is free afterwards, in one block of 4 MiB: the text of each line is the answer, and
 * equal to the real kernel's.
 * flat32: --max-order 10
 *
 * All memory is taken but for that block and runs of less than 16 pages. All sizes here are multiples of 16 pages, and
 * what the kernel allocates for itself comes from the smaller runs, so nothing but this test takes memory in the block. A page
 * that was freed is in /proc/buddyinfo at once: without an MMU the per-processor lists keep none (zone_batchsize()).
 */
#define _GNU_SOURCE
#include "nommu.h"

#define UNIT 16u			/* pages */
#define UNITS 64u			/* of the block */
#define DIRTY (ANON | NOMMU_UNINITIALIZED)

enum { TAKEN = 2048 };			/* more than there can be */

static char *block;
static unsigned char used[UNITS];	/* which slot has this unit, plus 1 */

/* --- The known state --- */

static void set(const char *name, int n)
{
	char path[64], text[16];
	int fd, len = snprintf(text, sizeof text, "%d\n", n);

	snprintf(path, sizeof path, "/proc/sys/vm/%s", name);
	fd = open(path, O_WRONLY);
	if (fd >= 0 && write(fd, text, (size_t)len) != len)
		tap_diag("%s: %s", path, strerror(errno));
	close(fd);
}

static void take_all(void)
{
	unsigned taken = 0;

	for (int order = 10; order >= 4; order--) {
		char *p;

		while (taken++ < TAKEN && (p = nommu_map(PAGE << order, RW, DIRTY, -1, 0)))
			if (order == 10)
				block = p;
	}
	if (!block || nommu_unmap(block, PAGE << 10))
		tap_bail("no block of 4 MiB");
}

/* --- What is free --- */

/* Free blocks of the orders 4 to 10, as text; the pages they are. */
static unsigned free_blocks(char *out, size_t size)
{
	static char text[2048];
	unsigned long sum[11] = { 0 };
	unsigned pages = 0;
	int fd = open("/proc/buddyinfo", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);
	size_t at = 0;

	close(fd);
	text[n > 0 ? n : 0] = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *s = strstr(line, "zone");

		if (!s)
			continue;
		s += strcspn(s, " ");
		s += strspn(s, " ");
		s += strcspn(s, " ");
		for (int order = 0; order <= 10; order++)
			sum[order] += strtoul(s, &s, 10);
	}
	for (int order = 4; order <= 10; order++) {
		at += (size_t)snprintf(out + at, size - at, "%s%lu", order > 4 ? " " : "", sum[order]);
		pages += (unsigned)sum[order] << order;
	}
	return pages;
}

static unsigned units_free(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < UNITS; i++)
		n += !used[i];
	return n;
}

/* --- Steps --- */

static struct { char *at; unsigned units; } slot[32];
static unsigned trim = 1;

static unsigned power(unsigned n)
{
	unsigned p = 1;

	while (p < n)
		p *= 2;
	return p;
}

/* What so many units take, by vm.nr_trim_pages. */
static unsigned held(unsigned units)
{
	unsigned excess = (power(units) - units) * UNIT;

	return trim && excess >= trim ? units : power(units);
}

static void mark(unsigned from, unsigned n, unsigned who)
{
	for (unsigned i = from; i < from + n && i < UNITS; i++)
		used[i] = (unsigned char)who;
}

static void result(int ok, const char *what)
{
	char blocks[80];
	unsigned pages = free_blocks(blocks, sizeof blocks);

	tap_ok(ok && pages == units_free() * UNIT, "%s; free: %s", what, blocks);
}

static void map(unsigned who, unsigned units)
{
	char *p = nommu_map(units * UNIT * PAGE, RW, DIRTY, -1, 0), text[64];
	unsigned at = p ? (unsigned)(p - block) / (UNIT * PAGE) : 0, ok = 1;

	if (!p) {
		snprintf(text, sizeof text, "map %u: %u units: none", who, units);
		result(1, text);
		return;
	}
	for (unsigned i = at; i < at + held(units); i++)
		ok &= i < UNITS && !used[i];
	mark(at, held(units), who + 1);
	slot[who].at = p;
	slot[who].units = units;
	snprintf(text, sizeof text, "map %u: %u units at %u", who, units, at);
	result((int)ok, text);
}

/* Unmaps units [from, from+n) of a slot; all of it gives back the slack, too. */
static void unmap(unsigned who, unsigned from, unsigned n)
{
	unsigned at = (unsigned)(slot[who].at - block) / (UNIT * PAGE), end = from + n;
	int ok = !nommu_unmap(slot[who].at + from * UNIT * PAGE, n * UNIT * PAGE);
	char text[64];

	if (end == slot[who].units)
		while (at + end < UNITS && used[at + end] == who + 1)
			end++;
	mark(at + from, end - from, 0);
	snprintf(text, sizeof text, "unmap %u: %u units from %u", who, n, from);
	result(ok, text);
}

static void trimming(unsigned pages)
{
	trim = pages;
	set("nr_trim_pages", (int)pages);
}

/* --- Sequences; each leaves the block as it found it --- */

static void splitting(void)
{
	map(0, 1);
	map(1, 1);
	map(2, 2);
	map(3, 8);
	map(4, 1);
	map(5, 16);
	map(6, 4);
	unmap(1, 0, 1);
	map(7, 1);
	unmap(0, 0, 1);
	unmap(7, 0, 1);
	unmap(3, 0, 8);
	map(8, 5);
	unmap(2, 0, 2);
	unmap(4, 0, 1);
	unmap(5, 0, 16);
	unmap(6, 0, 4);
	unmap(8, 0, 5);
}

static void trimmed(void)
{
	map(0, 3);
	map(1, 5);
	map(2, 1);
	map(3, 9);
	map(4, 7);
	map(5, 3);
	unmap(0, 0, 3);
	map(6, 2);
	unmap(3, 0, 9);
	map(7, 11);
	unmap(1, 0, 5);
	unmap(2, 0, 1);
	unmap(4, 0, 7);
	unmap(5, 0, 3);
	unmap(6, 0, 2);
	unmap(7, 0, 11);
}

static void holes(void)
{
	map(0, 16);
	unmap(0, 5, 1);
	map(1, 1);
	unmap(1, 0, 1);
	map(2, 8);
	slot[3].at = slot[0].at + 6 * UNIT * PAGE;
	slot[3].units = 10;
	mark((unsigned)(slot[3].at - block) / (UNIT * PAGE), 10, 4);
	unmap(3, 2, 4);
	map(4, 4);
	map(5, 2);
	unmap(4, 0, 4);
	unmap(3, 0, 2);
	slot[3].at += 6 * UNIT * PAGE;
	slot[3].units = 4;
	unmap(3, 0, 4);
	unmap(0, 0, 5);
	unmap(2, 0, 8);
	unmap(5, 0, 2);
}

/* Frees in an order that is neither up nor down. */
static void order_of_frees(void)
{
	static const unsigned char order[16] = { 3, 11, 7, 0, 14, 5, 9, 1, 12, 6, 15, 2, 8, 4, 13, 10 };

	for (unsigned i = 0; i < 16; i++)
		map(i, 1 + i % 3);
	for (unsigned i = 0; i < 8; i++)
		unmap(order[i], 0, slot[order[i]].units);
	for (unsigned i = 0; i < 4; i++)
		map(16 + i, 2 - i % 2);
	for (unsigned i = 8; i < 16; i++)
		unmap(order[i], 0, slot[order[i]].units);
	for (unsigned i = 0; i < 4; i++)
		unmap(16 + i, 0, slot[16 + i].units);
}

int main(void)
{
	char blocks[80];

	tap_plan(0);
	set("min_free_kbytes", 128);
	take_all();
	free_blocks(blocks, sizeof blocks);
	tap_ok(!strcmp(blocks, "0 0 0 0 0 0 1"), "one block of 4 MiB is free; orders 4 to 10: %s", blocks);
	splitting();
	trimmed();
	trimming(0);
	trimmed();
	trimming(32);
	trimmed();
	trimming(1);
	holes();
	order_of_frees();
	free_blocks(blocks, sizeof blocks);
	tap_ok(!strcmp(blocks, "0 0 0 0 0 0 1"), "it is whole again: %s", blocks);
	return tap_done();
}
