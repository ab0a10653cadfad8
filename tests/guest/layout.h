/* SPDX-License-Identifier: MIT
 *
 * What the layout_* tests of single pages share: a known state, in which one block of 4 MiB (the largest the buddy
 * allocator has) is free and nothing else that a mapping could be made of, and words for what lies in it.
 *
 * Addresses are said as pages from the start of the block, and free blocks as what /proc/buddyinfo counts more than in
 * the known state. On the real kernel that holds only as long as the kernel takes no page for itself, hence:
 *   - lines are kept and printed at the end (a pipe takes a page for each write);
 *   - the files in /proc are open from the beginning, and were read before;
 *   - VMAs, regions and nodes of the maple tree come from slabs. Half of many mappings of one file, which cost no memory,
 *     are unmapped before: each slab has room then, and none gets empty, so that none is made or freed. They are
 *     unmapped in runs: a single one leaves a gap, which takes a slot of the tree as a mapping does, and frees no node.
 * layout_step() compares the pages free with those that should be: if the kernel has taken one after all, it is seen.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "nommu.h"

#define DIRTY (ANON | NOMMU_UNINITIALIZED)
#define BLOCK_PAGES 1024u

enum { LAYOUT_ORDERS = 11, LAYOUT_ROUNDS = 4, LAYOUT_TAKEN = 4096, LAYOUT_PRIMES = 1024, LAYOUT_RUN = 32, LAYOUT_TEXT = 256 * 1024 };

static char *layout_block, *layout_big[LAYOUT_ROUNDS];
static int layout_bigs;
static unsigned layout_held;				/* pages of the block that are not free */
static unsigned layout_trim = 1;
static unsigned long layout_base[LAYOUT_ORDERS];	/* free blocks in the known state, without the block */
static int layout_buddyinfo, layout_self, layout_global;
static char layout_text[LAYOUT_TEXT];			/* lines: '1' or '0' and the text */
static size_t layout_at;

/* --- Lines, printed by layout_done() --- */

__attribute__((format(printf, 2, 3)))
static inline void layout_say(int ok, const char *fmt, ...)
{
	va_list ap;

	if (layout_at + 300 > sizeof layout_text)
		tap_bail("too many lines");
	layout_text[layout_at++] = ok ? '1' : '0';
	va_start(ap, fmt);
	layout_at += (size_t)vsnprintf(layout_text + layout_at, 298, fmt, ap);
	va_end(ap);
	layout_text[layout_at++] = '\n';
}

static inline int layout_done(void)
{
	layout_text[layout_at] = 0;
	for (char *line = strtok(layout_text, "\n"); line; line = strtok(NULL, "\n"))
		tap_ok(line[0] == '1', "%s", line + 1);
	return tap_done();
}

/* --- What is free --- */

/* All of a file that is open, from its start. */
static inline char *layout_read(int fd)
{
	static char text[512 * 1024];
	size_t have = 0;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while (have < sizeof text - 1 && (n = read(fd, text + have, sizeof text - 1 - have)) > 0)
		have += (size_t)n;
	text[have] = 0;
	return text;
}

static inline void layout_count(unsigned long *sum)
{
	memset(sum, 0, LAYOUT_ORDERS * sizeof *sum);
	for (char *line = strtok(layout_read(layout_buddyinfo), "\n"); line; line = strtok(NULL, "\n")) {
		char *s = strstr(line, "zone");

		if (!s)
			continue;
		s += strcspn(s, " ");
		s += strspn(s, " ");
		s += strcspn(s, " ");
		for (int order = 0; order < LAYOUT_ORDERS; order++)
			sum[order] += strtoul(s, &s, 10);
	}
}

/* Free blocks as text, and the pages they are. */
static inline long layout_free(char *out, size_t size)
{
	unsigned long sum[LAYOUT_ORDERS];
	long pages = 0;
	size_t at = 0;

	layout_count(sum);
	for (int order = 0; order < LAYOUT_ORDERS; order++) {
		long n = (long)(sum[order] - layout_base[order]);

		at += (size_t)snprintf(out + at, size - at, "%s%ld", order ? " " : "", n);
		pages += n * (1L << order);
	}
	return pages;
}

__attribute__((format(printf, 2, 3)))
static inline void layout_step(int ok, const char *fmt, ...)
{
	char what[128], blocks[96];
	long pages = layout_free(blocks, sizeof blocks);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	layout_say(ok && pages == (long)(BLOCK_PAGES - layout_held), "%s; free: %s", what, blocks);
}

/* --- What is listed --- */

static inline void layout_list(const char *who, int fd)
{
	uintptr_t base = (uintptr_t)layout_block;

	for (char *line = strtok(layout_read(fd), "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long start, end, offset;
		char flags[5], name[128] = "", *kind;

		if (sscanf(line, "%lx-%lx %4s %lx %*x:%*x %*u %127[^\n]", &start, &end, flags, &offset, name) < 4)
			continue;
		if (start < base || start >= base + BLOCK_PAGES * PAGE)
			continue;
		kind = strrchr(name, '/');
		layout_say(1, "%s: %lx-%lx %s %lx %s", who, start - base, end - base, flags, offset, kind ? kind + 1 : name);
	}
}

/* The lines of /proc/self/maps and of /proc/maps that lie in the block. */
static inline void layout_maps(void)
{
	layout_list("self", layout_self);
	layout_list("all", layout_global);
}

/* --- The known state --- */

static inline int layout_inside(const char *p)
{
	return layout_block && p >= layout_block && p < layout_block + BLOCK_PAGES * PAGE;
}

static inline void layout_set(const char *name, unsigned n)
{
	char path[64], text[16];
	int fd, len = snprintf(text, sizeof text, "%u\n", n);

	snprintf(path, sizeof path, "/proc/sys/vm/%s", name);
	fd = open(path, O_WRONLY);
	if (fd >= 0 && write(fd, text, (size_t)len) != len)
		tap_diag("%s: %s", path, strerror(errno));
	close(fd);
}

static inline void layout_trimming(unsigned pages)
{
	layout_trim = pages;
	layout_set("nr_trim_pages", pages);
}

static char *layout_primes[LAYOUT_PRIMES];

/* Mappings of a file's pages, one each. */
static inline void layout_prime(void)
{
	int fd = open("primes", O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || ftruncate(fd, LAYOUT_PRIMES * PAGE))
		tap_bail("primes: %s", strerror(errno));
	for (unsigned i = 0; i < LAYOUT_PRIMES; i++)
		if (!(layout_primes[i] = nommu_map(PAGE, RW, MAP_SHARED, fd, i)))
			tap_bail("page %u of primes: %s", i, strerror(errno));
	close(fd);
}

/* Takes all there is of an order but for the block; what had to be cut from it, it gets back. */
static inline void layout_take(int order)
{
	for (unsigned taken = 0; taken < LAYOUT_TAKEN; taken++) {
		char *p = nommu_map(PAGE << order, RW, DIRTY, -1, 0);

		if (!p)
			return;
		if (order == LAYOUT_ORDERS - 1 && layout_bigs < LAYOUT_ROUNDS)
			layout_big[layout_bigs++] = p;
		if (order < 4 && layout_inside(p)) {
			nommu_unmap(p, PAGE << order);
			return;
		}
	}
	tap_bail("no end of order %d", order);
}

/*
 * Frees one block of 4 MiB of those that were taken, and takes all else. Taking makes the real kernel take pages, too,
 * and what is left of the last orders may be this block; so it is done with one block after the other, and the last
 * one remains whole.
 */
static inline void layout_take_all(void)
{
	for (int order = LAYOUT_ORDERS - 1; order >= 4; order--)
		layout_take(order);
	if (!layout_bigs || nommu_unmap(layout_big[--layout_bigs], BLOCK_PAGES * PAGE))
		tap_bail("no block of 4 MiB");
	layout_block = layout_big[layout_bigs];
	for (int order = 3; order >= 0; order--)
		layout_take(order);
	layout_read(layout_self);
	layout_read(layout_global);
	layout_count(layout_base);
}

/* In a folder of our own; what a test needs open or made, it opens or makes before. */
static inline void layout_begin(void)
{
	layout_buddyinfo = open("/proc/buddyinfo", O_RDONLY);
	layout_self = open("/proc/self/maps", O_RDONLY);
	layout_global = open("/proc/maps", O_RDONLY);
	layout_set("min_free_kbytes", 128);
	layout_set("nr_trim_pages", 1);
	layout_prime();
	for (unsigned i = 0; i < LAYOUT_PRIMES; i++)
		if (i / LAYOUT_RUN % 2)
			nommu_unmap(layout_primes[i], PAGE);
	for (int i = 0; i < LAYOUT_ROUNDS; i++)
		layout_take_all();
	layout_say(layout_base[LAYOUT_ORDERS - 1] == 1, "one block of 4 MiB is free");
	layout_base[LAYOUT_ORDERS - 1] = 0;
}

static inline void layout_end(void)
{
	layout_step(!layout_held, "it is whole again");
}

/* --- Steps --- */

static struct { char *at; unsigned pages, kept; } layout_slot[128];

/* What so many pages take, by vm.nr_trim_pages. */
static inline unsigned layout_kept(unsigned pages)
{
	unsigned p = 1;

	while (p < pages)
		p *= 2;
	return layout_trim && p - pages >= layout_trim ? pages : p;
}

static inline unsigned layout_page(const char *p)
{
	return (unsigned)(p - layout_block) / PAGE;
}

/* Maps silently: false if it does not lie in the block. */
static inline int layout_get(unsigned who, unsigned pages)
{
	char *p = nommu_map(pages * PAGE, RW, DIRTY, -1, 0);

	layout_slot[who].at = p;
	layout_slot[who].pages = pages;
	layout_slot[who].kept = layout_kept(pages);
	if (!layout_inside(p))
		return 0;
	layout_held += layout_slot[who].kept;
	return 1;
}

static inline int layout_put(unsigned who)
{
	int ok = !nommu_unmap(layout_slot[who].at, layout_slot[who].pages * PAGE);

	layout_held -= layout_slot[who].kept;
	layout_slot[who].at = NULL;
	return ok;
}

static inline void layout_map(unsigned who, unsigned pages)
{
	int ok = layout_get(who, pages);

	layout_step(ok, "map %u: %u at %u", who, pages, layout_page(layout_slot[who].at));
}

static inline void layout_unmap(unsigned who)
{
	int ok = layout_put(who);

	layout_step(ok, "unmap %u", who);
}

#endif
