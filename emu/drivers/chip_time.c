/* SPDX-License-Identifier: MIT */
#include "emu/drivers/chip_time.h"

#include <stddef.h>
#include "emu/board.h"
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"
#include "emu/kernel/tasks.h"

uint64_t chip_time_now(void *time)
{
	struct chip_time *t = time;
	const struct machine *m = t->machine;
	bool exact = !m->options.deterministic || !board_accessed(m);
	uint64_t now = (exact ? clock_monotonic(t->machine) : m->tasks->slice_start_ns) + t->ahead;

	if (now > t->told)
		t->told = now;
	return t->told;
}

void chip_time_alarm(void *time, uint64_t at)
{
	struct chip_time *t = time;

	t->event.expires = at;
	if (clock_event_armed(&t->event))
		(void)clock_event_add(t->machine, &t->event);	/* cannot fail: it is in the heap */
}

static void fire(struct clock_event *e)
{
	struct chip_time *t = (struct chip_time *)(void *)((char *)e - offsetof(struct chip_time, event));

	chip_time_alarm(t, UINT64_MAX);
	t->run(t->chip);
}

struct chip_time chip_time(struct machine *m, void (*run)(void *chip))
{
	return (struct chip_time){ .machine = m, .run = run, .event = { .fire = fire, .expires = UINT64_MAX } };
}

int chip_time_start(struct chip_time *t)
{
	return clock_event_add(t->machine, &t->event);
}

void chip_time_stop(struct chip_time *t)
{
	clock_event_remove(t->machine, &t->event);
}

bool chip_time_hurry(struct chip_time *t)
{
	uint64_t at = t->event.expires, now = chip_time_now(t);

	if (at == UINT64_MAX)
		return false;
	t->ahead += at > now ? at - now : 0;
	chip_time_alarm(t, UINT64_MAX);
	t->run(t->chip);
	return true;
}
