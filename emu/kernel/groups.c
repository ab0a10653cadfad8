/* SPDX-License-Identifier: MIT */
#include "emu/kernel/groups.h"

#include <stdlib.h>

struct groups *groups_new(uint32_t count)
{
	struct groups *g = malloc(sizeof *g + count * sizeof *g->ids);

	if (g) {
		g->refs = 1;
		g->count = count;
	}
	return g;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void groups_sort(struct groups *g)
{
	qsort(g->ids, g->count, sizeof *g->ids, ascending);
}

struct groups *groups_get(struct groups *g)
{
	if (g)
		g->refs++;
	return g;
}

void groups_put(struct groups *g)
{
	if (g && !--g->refs)
		free(g);
}
