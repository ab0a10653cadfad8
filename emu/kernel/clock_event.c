/* SPDX-License-Identifier: MIT */
#include "emu/kernel/clock_event.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"

struct clock_events {
	struct time_heap heap;
	struct clock_watch *watches;
};

static struct clock_event *of(struct time_node *node)
{
	return (struct clock_event *)(void *)((char *)node - offsetof(struct clock_event, due));
}

int clock_events_new(struct machine *m)
{
	m->clock_events = calloc(1, sizeof *m->clock_events);
	return m->clock_events ? 0 : -ENOMEM;
}

void clock_events_free(struct machine *m)
{
	if (!m->clock_events)
		return;
	time_heap_fini(&m->clock_events->heap);
	free(m->clock_events);
	m->clock_events = NULL;
}

static uint64_t due_time(struct machine *m, const struct clock_event *e)
{
	uint64_t now, real;

	if (!e->realtime)
		return e->expires;
	now = clock_monotonic(m);
	real = (uint64_t)clock_realtime(m);
	if (e->expires <= real)
		return now;
	return e->expires - real > UINT64_MAX - 1 - now ? UINT64_MAX - 1 : now + (e->expires - real);
}

int clock_event_add(struct machine *m, struct clock_event *e)
{
	clock_event_remove(m, e);
	e->due.when = due_time(m, e);
	return time_heap_add(&m->clock_events->heap, &e->due);
}

int clock_event_again(struct machine *m, struct clock_event *e)
{
	uint64_t soonest = clock_monotonic(m) + CLOCK_EVENT_REST_NS, due;

	clock_event_remove(m, e);
	due = due_time(m, e);
	e->due.when = due > soonest ? due : soonest;
	return time_heap_add(&m->clock_events->heap, &e->due);
}

void clock_event_remove(struct machine *m, struct clock_event *e)
{
	if (clock_event_armed(e))
		time_heap_remove(&m->clock_events->heap, &e->due);
}

uint64_t clock_events_next(struct machine *m)
{
	return time_heap_next(&m->clock_events->heap);
}

void clock_events_run(struct machine *m, uint64_t now)
{
	struct time_heap *h = &m->clock_events->heap;
	/* Each expires once: what is due again by now has its turn next time. */
	size_t turns = h->count;

	while (turns-- && time_heap_next(h) <= now) {
		struct clock_event *e = of(time_heap_first(h));

		e->fire(e);
	}
}

/* --- The real-time clock is set --- */

void clock_watch_add(struct machine *m, struct clock_watch *w)
{
	struct clock_watch **first = &m->clock_events->watches;

	if (w->link)
		return;
	w->next = *first;
	w->link = first;
	if (w->next)
		w->next->link = &w->next;
	*first = w;
}

void clock_watch_remove(struct clock_watch *w)
{
	if (!w->link)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
}

void clock_was_set(struct machine *m)
{
	struct time_heap *h = &m->clock_events->heap;

	for (size_t i = 1; i <= h->count; i++)
		if (of(h->at[i])->realtime)
			h->at[i]->when = due_time(m, of(h->at[i]));
	time_heap_rebuild(h);
	for (struct clock_watch *w = m->clock_events->watches; w; w = w->next)
		w->was_set(w);
}
