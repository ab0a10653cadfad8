/* SPDX-License-Identifier: MIT
 *
 * Things that are due at a time: a binary heap of nodes embedded in them, each knowing its place, so that adding,
 * cancelling and taking the earliest cost O(log n).  Of equal times the one added first comes first: runs repeat.
 */
#ifndef EMU_KERNEL_TIME_HEAP_H
#define EMU_KERNEL_TIME_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* All zero is a node in no heap. */
struct time_node {
	uint64_t when;		/* set by the owner before time_heap_add() */
	uint64_t serial;
	size_t place;		/* 0: in no heap */
};

/* All zero is empty. */
struct time_heap {
	struct time_node **at;	/* [1 .. count] */
	size_t count, size;
	uint64_t serial;
};

/* Room for n nodes in all.  0 or -ENOMEM. */
int time_heap_reserve(struct time_heap *h, size_t n);
/* 0 or -ENOMEM; cannot fail within what was reserved. */
int time_heap_add(struct time_heap *h, struct time_node *node);
/* Nothing happens if it is in no heap. */
void time_heap_remove(struct time_heap *h, struct time_node *node);
/* The earliest, or NULL. */
struct time_node *time_heap_first(const struct time_heap *h);
/* Its time, or UINT64_MAX. */
uint64_t time_heap_next(const struct time_heap *h);
/* The times of nodes in the heap were changed: puts it in order again, O(n). */
void time_heap_rebuild(struct time_heap *h);
void time_heap_fini(struct time_heap *h);

#endif
