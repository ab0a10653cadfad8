/* SPDX-License-Identifier: MIT
 * Where mappings of single pages and of a few lie, what is free and what /proc lists, after scripted calls.
 * flat32: --max-order 10
 *
 * See layout.h. A step's line has the free blocks of all orders: a page that the kernel kept aside (on its per-processor
 * lists) would be missing there; without an MMU it keeps none.
 */
#define _GNU_SOURCE
#include "layout.h"

static void orders(void)
{
	static const unsigned char pages[] = { 1, 1, 2, 1, 4, 8, 1, 3, 5, 7, 2, 9 };
	static const unsigned char back[] = { 3, 0, 8, 5, 1, 11, 2, 7, 4, 10, 6, 9 };

	for (unsigned i = 0; i < sizeof pages; i++)
		layout_map(i, pages[i]);
	layout_maps();
	for (unsigned i = 0; i < sizeof back / 2; i++)
		layout_unmap(back[i]);
	layout_maps();
	for (unsigned i = 0; i < 4; i++)
		layout_map(20 + i, 1 + i);
	for (unsigned i = 0; i < 4; i++)
		layout_unmap(20 + i);
	for (unsigned i = sizeof back / 2; i < sizeof back; i++)
		layout_unmap(back[i]);
}

/* Unmaps pages [from, from+n) of a slot; freed: how many come back, with the slack. */
static void part(unsigned who, unsigned from, unsigned n, unsigned freed)
{
	int ok = !nommu_unmap(layout_slot[who].at + from * PAGE, n * PAGE);

	layout_held -= freed;
	layout_step(ok, "unmap %u: %u from %u", who, n, from);
}

/* A tail, a head and a hole, then what is left, in two parts. */
static void parts(unsigned trim)
{
	unsigned slack;

	layout_trimming(trim);
	layout_map(0, 21);
	layout_map(1, 1);
	slack = layout_slot[0].kept - 21;
	part(0, 18, 3, 3 + slack);
	layout_map(2, 2);
	part(0, 0, 2, 2);
	layout_map(3, 1);
	part(0, 7, 4, 4);
	layout_maps();
	layout_map(4, 4);
	part(0, 11, 7, 7);
	part(0, 2, 5, 5);
	for (unsigned i = 1; i <= 4; i++)
		layout_unmap(i);
	layout_trimming(1);
}

/* Shrinking keeps the pages, and growing back finds them. */
static void remap(void)
{
	char *p;

	layout_map(0, 11);
	p = nommu_remap(layout_slot[0].at, 11 * PAGE, 6 * PAGE, 0, NULL);
	layout_step(p == layout_slot[0].at, "shrink to 6");
	layout_maps();
	layout_map(1, 4);
	p = nommu_remap(layout_slot[0].at, 6 * PAGE, 9 * PAGE, 0, NULL);
	layout_step(p == layout_slot[0].at, "grow to 9");
	layout_maps();
	p = nommu_remap(layout_slot[0].at, 9 * PAGE, 12 * PAGE, MREMAP_MAYMOVE, NULL);
	layout_step(!p && errno == ENOMEM, "grow to 12: ENOMEM");
	p = nommu_remap(layout_slot[0].at, 9 * PAGE, 11 * PAGE, 0, NULL);
	layout_step(p == layout_slot[0].at, "grow to 11");
	layout_unmap(1);
	layout_unmap(0);
}

int main(void)
{
	static const unsigned char trims[] = { 0, 1, 4, 16 };

	tap_plan(0);
	nommu_enter();
	layout_begin();
	orders();
	for (unsigned i = 0; i < sizeof trims; i++)
		parts(trims[i]);
	remap();
	layout_end();
	return layout_done();
}
