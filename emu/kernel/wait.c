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

void poll_wait(struct wait_queue *q, struct waiter *w)
{
	struct wait_entry *e;

	if (!w)
		return;
	e = malloc(sizeof *e);
	if (!e) {
		w->failed = true;
		w->woken(w, 0);
		return;
	}
	*e = (struct wait_entry){ .waiter = w, .queue = q, .prev = q->last, .waiter_next = w->entries };
	*(q->last ? &q->last->next : &q->first) = e;
	q->last = e;
	w->entries = e;
}

void wait_on(struct wait_queue *q, struct task *t)
{
	poll_wait(q, &t->waiter);
}

/* Whoever is woken neither leaves nor joins a queue before he runs: the list changes by our own hand only. */
static void wake(struct wait_queue *q, unsigned events, bool one_exclusive)
{
	struct wait_entry *e, *next;
	bool taken = false;

	for (e = q->first; e; e = next) {
		struct waiter *w = e->waiter;

		next = e->next;
		if (w->exclusive && taken)
			continue;
		if (!w->stays)
			unlink_from_queue(e);
		if (w->woken(w, events) && w->exclusive)
			taken = one_exclusive;
	}
}

void wake_all(struct wait_queue *q)
{
	wake(q, 0, false);
}

void wake_events(struct wait_queue *q, unsigned events)
{
	wake(q, events, true);
}

void wait_queue_fini(struct wait_queue *q)
{
	struct wait_entry *e;

	while ((e = q->first)) {
		unlink_from_queue(e);
		e->waiter->woken(e->waiter, 0);
	}
}

void waiter_cancel(struct waiter *w)
{
	struct wait_entry *e;

	while ((e = w->entries)) {
		w->entries = e->waiter_next;
		unlink_from_queue(e);
		free(e);
	}
	w->failed = false;
}

void wait_cancel(struct task *t)
{
	waiter_cancel(&t->waiter);
}
