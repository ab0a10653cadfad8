/* SPDX-License-Identifier: MIT */
#include "emu/kernel/time_heap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct time_node *a, const struct time_node *b)
{
	return a->when != b->when ? a->when < b->when : a->serial < b->serial;
}

static void put(struct time_heap *h, size_t i, struct time_node *node)
{
	h->at[i] = node;
	node->place = i;
}

static void sift_up(struct time_heap *h, size_t i, struct time_node *node)
{
	for (; i > 1 && before(node, h->at[i / 2]); i /= 2)
		put(h, i, h->at[i / 2]);
	put(h, i, node);
}

static void sift_down(struct time_heap *h, size_t i, struct time_node *node)
{
	for (;;) {
		size_t child = 2 * i;

		if (child > h->count)
			break;
		if (child < h->count && before(h->at[child + 1], h->at[child]))
			child++;
		if (!before(h->at[child], node))
			break;
		put(h, i, h->at[child]);
		i = child;
	}
	put(h, i, node);
}

int time_heap_reserve(struct time_heap *h, size_t n)
{
	struct time_node **at;
	size_t size = h->size ? h->size : 16;

	if (n < h->size)
		return 0;
	while (size <= n)
		size *= 2;
	at = realloc(h->at, size * sizeof *at);
	if (!at)
		return -ENOMEM;
	h->at = at;
	h->size = size;
	return 0;
}

int time_heap_add(struct time_heap *h, struct time_node *node)
{
	int err = time_heap_reserve(h, h->count + 1);

	if (err)
		return err;
	node->serial = ++h->serial;
	sift_up(h, ++h->count, node);
	return 0;
}

void time_heap_remove(struct time_heap *h, struct time_node *node)
{
	size_t i = node->place;
	struct time_node *last;

	if (!i)
		return;
	node->place = 0;
	last = h->at[h->count--];
	if (last == node)
		return;
	if (i > 1 && before(last, h->at[i / 2]))
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

struct time_node *time_heap_first(const struct time_heap *h)
{
	return h->count ? h->at[1] : NULL;
}

uint64_t time_heap_next(const struct time_heap *h)
{
	return h->count ? h->at[1]->when : UINT64_MAX;
}

void time_heap_rebuild(struct time_heap *h)
{
	for (size_t i = h->count / 2; i; i--)
		sift_down(h, i, h->at[i]);
}

void time_heap_fini(struct time_heap *h)
{
	free(h->at);
	*h = (struct time_heap){ 0 };
}
