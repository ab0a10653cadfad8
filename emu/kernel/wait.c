/* SPDX-License-Identifier: MIT */
#include "emu/kernel/wait.h"

#include <stdlib.h>
#include "emu/kernel/task.h"

static void unlink_from_queue(struct wait_entry *e)
{
	struct wait_queue *q = e->queue;

	if (!q)
		return;
	*(e->prev ? &e->prev->next : &q->first) = e->next;
	*(e->next ? &e->next->prev : &q->last) = e->prev;
	e->queue = NULL;
}

void wait_on(struct wait_queue *q, struct task *t)
{
	struct wait_entry *e;

	if (!t)
		return;
	e = malloc(sizeof *e);
	if (!e) {
		/* Better to ask again too soon than to sleep for ever. */
		t->woken = true;
		return;
	}
	*e = (struct wait_entry){ .task = t, .queue = q, .prev = q->last, .task_next = t->waits };
	*(q->last ? &q->last->next : &q->first) = e;
	q->last = e;
	t->waits = e;
}

void wake_all(struct wait_queue *q)
{
	struct wait_entry *e;

	/* Waking does not run the task, so nobody joins the queue meanwhile. */
	while ((e = q->first)) {
		unlink_from_queue(e);
		task_wake(e->task);
	}
}

void wait_cancel(struct task *t)
{
	struct wait_entry *e;

	while ((e = t->waits)) {
		t->waits = e->task_next;
		unlink_from_queue(e);
		free(e);
	}
}
