/* SPDX-License-Identifier: MIT
 * Random calls of mmap and munmap, of 1 to 64 pages, from two seeds: where each mapping lies, and now and
 * then what is free and what /proc/self/maps lists.
 * flat32: --max-order 10
 *
 * See layout.h. A line has eight steps: "+PAGES@WHERE" or "-WHERE". No more than 700 pages are in use, so that the
 * real kernel never comes to where it reclaims.
 */
#define _GNU_SOURCE
#include "layout.h"

enum { SLOTS = 48, STEPS = 640, MOST = 700 };

static uint32_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Sizes are small as often as not. */
static unsigned size(void)
{
	static const unsigned char most[] = { 1, 4, 16, 64 };

	return 1 + any(most[any(4)]);
}

static void walk(uint32_t start)
{
	char text[160];
	size_t at = 0;
	int ok = 1;

	seed = start;
	for (unsigned step = 1; step <= STEPS; step++) {
		unsigned who = any(SLOTS), pages = size();

		if (layout_slot[who].at) {
			at += (size_t)snprintf(text + at, sizeof text - at, " -%u", layout_page(layout_slot[who].at));
			ok &= layout_put(who);
		} else if (layout_held + layout_kept(pages) <= MOST) {
			ok &= layout_get(who, pages);
			at += (size_t)snprintf(text + at, sizeof text - at, " +%u@%u", pages, layout_page(layout_slot[who].at));
		}
		if (step % 8 == 0) {
			layout_step(ok, "%u:%.*s", step, (int)at, text);
			at = 0;
			ok = 1;
		}
		if (step % 120 == 0)
			layout_maps();
	}
	for (unsigned who = 0; who < SLOTS; who++)
		if (layout_slot[who].at)
			layout_unmap(who);
}

int main(void)
{
	tap_plan(0);
	nommu_enter();
	layout_begin();
	walk(1);
	layout_trimming(8);
	walk(20261126);
	layout_trimming(1);
	layout_end();
	return layout_done();
}
