/* SPDX-License-Identifier: MIT
 *
 * --poison: free pages are filled with a pattern, and looked at when they are handed out again (kernel:
 * CONFIG_PAGE_POISONING, mm/page_poison.c).
 *
 * A page that is freed is filled with POISON_FREE.  Memory mapped with MAP_UNINITIALIZED shows it, and so
 * does a pointer into memory that was given back.  The kernel fills pages with 0xaa and slab objects with
 * 0x6b; here it is 0x6b, since 0x6b6b6b6b is never RAM, which starts at 0x80000000, and is no instruction
 * (its opcode is reserved): a program that follows what it finds there is stopped at once.
 *
 * When a page is handed out it must be as it was left: full of poison, or full of zeros if it was never
 * handed out before.  If it is not, somebody has written to memory that was nobody's.  The log says so in
 * the kernel's words, with address, old and new value.
 *
 * Cost: a pass over each page when it is freed, and one when it is handed out.  Pages never used stay
 * untouched, as they are only read and the host has one page of zeros for all of them; pages freed do
 * not go back to the host.
 */
#include "mm/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON_FREE 0x6b
#define SHOWN_BYTES 16u		/* of a damaged page */
#define SHOWN_PAGES 8u		/* of a damaged run */

/* The bytes of a page that are not what they were: [from, to). */
struct damage {
	const uint8_t *page;
	uint8_t was;
	uint32_t from, to;
};

static const uint8_t *page_at(struct mm *mm, uint32_t frame)
{
	return flat_span(mm->flat, frame * FLAT_PAGE_SIZE, FLAT_PAGE_SIZE);
}

static bool look(struct mm *mm, uint32_t frame, struct damage *d)
{
	const uint8_t *b = page_at(mm, frame);

	if (!b)
		return false;
	*d = (struct damage){ b, mm->poisoned[frame - mm->pages.base] ? POISON_FREE : 0, 0, FLAT_PAGE_SIZE };
	if (b[0] == d->was && memcmp(b, b + 1, FLAT_PAGE_SIZE - 1) == 0)
		return false;
	while (b[d->from] == d->was)
		d->from++;
	while (b[d->to - 1] == d->was)
		d->to--;
	return true;
}

/* A weak memory chip rather than a program, says the kernel of one bit. */
static bool single_bit(const struct damage *d)
{
	return d->to - d->from == 1 && __builtin_popcount(d->page[d->from] ^ d->was) == 1;
}

static void report(struct mm *mm, uint32_t frame, const struct damage *d)
{
	uint32_t nr = d->to - d->from, addr = frame * FLAT_PAGE_SIZE + d->from;
	char bytes[3 * SHOWN_BYTES + 1] = "";

	for (uint32_t i = 0; i < nr && i < SHOWN_BYTES; i++)
		sprintf(bytes + 3 * i, " %02x", d->page[d->from + i]);
	mm_log_at(mm, MM_LOG_ERR, "pagealloc: %s", single_bit(d) ? "single bit error" : "memory corruption");
	mm_log_at(mm, MM_LOG_ERR, "pagealloc: %08x-%08x, free and %s, was %02x, is now%s%s", addr, addr + nr - 1,
	       d->was ? "poisoned" : "never used", d->was, bytes, nr > SHOWN_BYTES ? " ..." : "");
}

/* The run has just been taken from the strategy. */
static void taken(void *owner, uint32_t first, uint32_t nr)
{
	struct mm *mm = owner;
	uint32_t bad = 0;
	struct damage d;

	for (uint32_t f = first; f < first + nr; f++)
		if (look(mm, f, &d) && ++bad <= SHOWN_PAGES)
			report(mm, f, &d);
	if (bad > SHOWN_PAGES)
		mm_log_at(mm, MM_LOG_ERR, "pagealloc: and %u more pages of the same run", bad - SHOWN_PAGES);
}

/* The run is about to go back to it. */
static void given_back(void *owner, uint32_t first, uint32_t nr)
{
	struct mm *mm = owner;
	uint8_t *run = flat_span_write(mm->flat, first * FLAT_PAGE_SIZE, (uint64_t)nr * FLAT_PAGE_SIZE);

	if (!run)
		return;
	memset(run, POISON_FREE, (size_t)nr * FLAT_PAGE_SIZE);
	memset(&mm->poisoned[first - mm->pages.base], true, nr);
}

int poison_init(struct mm *mm)
{
	static const struct page_watch watch = { taken, given_back };

	mm->poisoned = calloc(mm->pages.count, sizeof(*mm->poisoned));
	if (!mm->poisoned)
		return -ENOMEM;
	mm->pages.watch = &watch;
	mm->pages.watch_owner = mm;
	return 0;
}

void poison_fini(struct mm *mm)
{
	free(mm->poisoned);
}
