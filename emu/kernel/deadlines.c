/* SPDX-License-Identifier: MIT
 *
 * Deadlines of blocked tasks: a binary heap by time, each task knowing its place, so that
 * setting, meeting and cancelling one costs O(log n).  Tasks with equal deadlines
 * are ordered by number, to make runs repeatable.
 */
#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/tasks.h"

static bool before(const struct task *a, const struct task *b)
{
	if (a->sys.deadline != b->sys.deadline)
		return a->sys.deadline < b->sys.deadline;
	return a->tid < b->tid;
}

static void place(struct tasks *ts, size_t i, struct task *t)
{
	ts->heap[i] = t;
	t->timer_index = i;
}

static void sift_up(struct tasks *ts, size_t i, struct task *t)
{
	for (; i > 1 && before(t, ts->heap[i / 2]); i /= 2)
		place(ts, i, ts->heap[i / 2]);
	place(ts, i, t);
}

static void sift_down(struct tasks *ts, size_t i, struct task *t)
{
	for (;;) {
		size_t child = 2 * i;

		if (child > ts->heap_count)
			break;
		if (child < ts->heap_count && before(ts->heap[child + 1], ts->heap[child]))
			child++;
		if (!before(ts->heap[child], t))
			break;
		place(ts, i, ts->heap[child]);
		i = child;
	}
	place(ts, i, t);
}

int deadline_reserve(struct tasks *ts)
{
	struct task **heap;
	size_t size;

	if (ts->count + 2 < ts->heap_size)
		return 0;
	size = ts->heap_size ? 2 * ts->heap_size : 64;
	heap = realloc(ts->heap, size * sizeof *heap);
	if (!heap)
		return -ENOMEM;
	ts->heap = heap;
	ts->heap_size = size;
	return 0;
}

void deadline_add(struct task *t)
{
	struct tasks *ts = t->machine->tasks;

	if (t->timer_index)
		deadline_remove(t);
	sift_up(ts, ++ts->heap_count, t);
}

void deadline_remove(struct task *t)
{
	struct tasks *ts = t->machine->tasks;
	size_t i = t->timer_index;
	struct task *last;

	if (!i)
		return;
	t->timer_index = 0;
	last = ts->heap[ts->heap_count--];
	if (last == t)
		return;
	if (i > 1 && before(last, ts->heap[i / 2]))
		sift_up(ts, i, last);
	else
		sift_down(ts, i, last);
}

uint64_t deadline_next(const struct tasks *ts)
{
	return ts->heap_count ? ts->heap[1]->sys.deadline : UINT64_MAX;
}

void deadline_expire(struct tasks *ts, uint64_t now)
{
	while (ts->heap_count && ts->heap[1]->sys.deadline <= now) {
		struct task *t = ts->heap[1];

		deadline_remove(t);
		t->sys.timed_out = true;
		task_wake(t);
	}
}
