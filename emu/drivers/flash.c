/* SPDX-License-Identifier: MIT */
#include "emu/drivers/flash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/drivers/mtd.h"
#include "emu/host/clock.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/tasks.h"
#include "emu/machine.h"

/* What the chip's callbacks know. */
struct host {
	struct machine *machine;
	struct flash *flash;
	uint64_t ahead;			/* ns that its clock was put forward: flash_hurry() */
	struct clock_event event;	/* in the heap from flash_drive() on, so that moving it cannot fail */
};

/*
 * With --deterministic the clock counts instructions, and how many there are inside a run of the hart depends on the
 * engine: there the time is that at which the slice began.
 */
static uint64_t now(void *owner)
{
	const struct host *h = owner;
	struct machine *m = h->machine;

	if (m->options.deterministic && m->tasks && m->tasks->current)
		return m->tasks->slice_start_ns + h->ahead;
	return clock_monotonic(m) + h->ahead;
}

static void set_alarm(void *owner, uint64_t at)
{
	struct host *h = owner;

	h->event.expires = at;
	clock_event_add(h->machine, &h->event);
}

static void fire(struct clock_event *e)
{
	struct host *h = (struct host *)((char *)e - offsetof(struct host, event));

	set_alarm(h, UINT64_MAX);
	flash_run(h->flash);
}

static void changed(void *owner, uint32_t addr, uint32_t len)
{
	struct machine *m = ((struct host *)owner)->machine;

	if (m->hart.engine)
		hart_flush(&m->hart, addr, len);
}

static void say(void *owner, const char *line)
{
	klog(((struct host *)owner)->machine, KLOG_ERR, "%s", line);
}

static void power_lost(void *owner)
{
	struct machine *m = ((struct host *)owner)->machine;

	klog(m, KLOG_EMERG, "the power has failed");
	m->halted = true;
	m->status = FLASH_POWER_STATUS;
	hart_interrupt(&m->hart);
}

bool flash_wanted(const struct machine_config *c)
{
	return c->flash.set;
}

int flash_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	struct flash_config fc = c->flash;
	struct host *h = calloc(1, sizeof *h);
	int err;

	if (!h)
		return -ENOMEM;
	h->machine = m;
	h->event.fire = fire;
	fc.name = e->name;
	for (unsigned i = 0; i < 2; i++)
		fc.addr[i] = e->addr[i];
	fc.host = (struct flash_host){
		.owner = h, .now = now, .alarm = set_alarm, .changed = changed, .log = say, .power_lost = power_lost, .gone = free,
	};
	_Static_assert(BOARD_WHY == FLASH_WHY, "one buffer for both");
	err = flash_new(m->flat, &fc, &h->flash, why);
	if (err) {
		free(h);
		return err;
	}
	*out = flash_device(h->flash);
	if (fc.file && !flash_geometry(h->flash)->writable)
		klog(m, KLOG_NOTICE, "%s: %s cannot be written: nothing can be programmed or erased", e->name, fc.file);
	return 0;
}

int flash_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct host *h = flash_host(flash_of(d))->owner;

	int err;

	(void)e;
	h->event.expires = UINT64_MAX;
	err = clock_event_add(m, &h->event);
	return err ? err : mtd_add_flash(m, h->flash, c->mtdparts, why);
}

void flash_hurry(struct flash *f)
{
	struct host *h = flash_host(f)->owner;

	while (h->event.expires != UINT64_MAX) {
		uint64_t at = now(h);

		h->ahead += h->event.expires > at ? h->event.expires - at : 0;
		flash_run(f);
	}
}
