/* SPDX-License-Identifier: MIT */
#include "emu/drivers/flash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/drivers/chip_time.h"
#include "emu/drivers/mtd.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/klog.h"
#include "emu/machine.h"

/* What the chip's callbacks know. */
struct host {
	struct chip_time time;
	struct machine *machine;
	struct flash *flash;
};

static uint64_t now(void *owner)
{
	return chip_time_now(&((struct host *)owner)->time);
}

static void set_alarm(void *owner, uint64_t at)
{
	chip_time_alarm(&((struct host *)owner)->time, at);
}

static void run(void *chip)
{
	flash_run(chip);
}

/* The chips are ready: what is to be done next? Maybe nothing, if it was a program that had them at work. */
static void interrupt(void *owner)
{
	flash_service(owner);
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
	h->time = chip_time(m, run);
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
	h->time.chip = h->flash;
	*out = flash_device(h->flash);
	if (fc.file && !flash_geometry(h->flash)->writable)
		klog(m, KLOG_NOTICE, "%s: %s cannot be written: nothing can be programmed or erased", e->name, fc.file);
	return 0;
}

int flash_start(struct machine *m, struct device *d)
{
	(void)m;
	return chip_time_start(&((struct host *)flash_host(flash_of(d))->owner)->time);
}

int flash_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	int err = irq_request(m, d, d->name, interrupt, flash_of(d));

	(void)e;
	return err ? err : mtd_add_flash(m, flash_of(d), c->mtdparts, why);
}

void flash_hurry(struct flash *f)
{
	struct host *h = flash_host(f)->owner;

	do
		flash_service(f);	/* who cannot wait polls */
	while (chip_time_hurry(&h->time));
}
