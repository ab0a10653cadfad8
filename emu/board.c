/* SPDX-License-Identifier: MIT */
#include "emu/board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/ram.h"
#include "emu/drivers/disk.h"
#include "emu/drivers/flash.h"
#include "emu/drivers/fbdev.h"
#include "emu/drivers/loop.h"
#include "emu/drivers/ramdisk.h"
#include "emu/drivers/rom.h"
#include "emu/drivers/rtc.h"
#include "emu/drivers/uio.h"
#include "emu/drivers/watchdog.h"
#include "emu/kernel/irq.h"
#include "emu/machine.h"

static int make_ram(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	(void)m;
	(void)why;
	*out = ram_new(e->name, e->addr[0], c->options.ram_size);
	return *out ? 0 : -ENOMEM;
}

/*
 * All devices there can be, in the order in which they are made, reset and dumped. The interrupt controller is at 0x0c000000, registers are
 * from 0x10000000 on, flash from 0x20000000, video memory from 0x50000000, RAM from 0x80000000: as on QEMU's virt board, as far
 * as that has them.
 */
static const struct board_entry entries[] = {
	{ .name = "ram", .addr = { FLAT_RAM_BASE }, .make = make_ram },
	{ .name = "plic", .addr = { 0x0c000000 }, .make = irq_make },
	{ .name = "rom0", .addr = { 0x40000000 }, .wanted = rom_wanted, .make = rom_make, .drive = rom_drive },
	{ .name = "flash0", .addr = { 0x20000000, 0x28000000 }, .irq = 1, .edge = true,
	  .wanted = flash_wanted, .make = flash_make, .start = flash_start, .drive = flash_drive },
	{ .name = "framebuffer", .addr = { [FRAMEBUFFER_REGISTERS] = 0x10010000, [FRAMEBUFFER_MEMORY] = 0x50000000 }, .irq = 2,
	  .wanted = fbdev_wanted, .make = fbdev_make, .drive = fbdev_drive },
	{ .name = "ram0", .wanted = ramdisk_wanted, .drive = ramdisk_drive },
	{ .name = "disk", .wanted = disks_wanted, .drive = disks_drive },
	{ .name = "loop", .drive = loop_drive },
	{ .name = "rtc0", .addr = { 0x00101000 }, .irq = 11, .make = rtc_make, .start = rtc_start, .drive = rtc_drive },
	{ .name = "watchdog0", .drive = watchdog_drive },
};
#define ENTRIES (sizeof entries / sizeof *entries)

struct board {
	struct bus *bus;
	struct device *made[ENTRIES];
	bool accessed;		/* by the hart, now */
};

static int explain(char *why, const struct board_entry *e, int err)
{
	char text[BOARD_WHY];

	if (!err)
		return 0;
	snprintf(text, sizeof text, "%s", *why ? why : strerror(-err));
	snprintf(why, BOARD_WHY, "%s: %.*s", e->name, (int)(BOARD_WHY - sizeof "0123456789abcdef: "), text);
	return err;
}

static bool wanted(const struct board_entry *e, const struct machine_config *c)
{
	return !e->wanted || e->wanted(c);
}

/* --- Devices --- */

static int make(struct machine *m, const struct machine_config *c, const struct board_entry *e, char *why)
{
	struct device *d = NULL;
	int err = e->make(m, c, e, &d, why);

	if (err)
		return explain(why, e, err);
	err = bus_add(m->board->bus, d);
	if (err) {
		d->ops->free(d);
		return explain(why, e, err);
	}
	if (e->irq)
		irq_connect(m, d, e->irq, e->edge);
	m->board->made[e - entries] = d;
	return 0;
}

/* --uio: what is asked for must be there, and have registers and a line. */
static int check_uio(const struct machine_config *c, char *why)
{
	for (char *const *name = c->uio; name && *name; name++) {
		size_t i = 0;

		while (i < ENTRIES && (strcmp(entries[i].name, *name) || !entries[i].start || !wanted(&entries[i], c)))
			i++;
		if (i == ENTRIES) {
			snprintf(why, BOARD_WHY, "--uio %.60s: there is no such device that can be left to programs", *name);
			return -ENODEV;
		}
	}
	return 0;
}

static bool is_uio(const struct machine_config *c, const struct board_entry *e)
{
	for (char *const *name = c->uio; name && *name; name++)
		if (!strcmp(*name, e->name))
			return true;
	return false;
}

int board_new(struct machine *m, const struct machine_config *c, char *why)
{
	int err;

	*why = 0;
	m->board = calloc(1, sizeof *m->board);
	if (!m->board)
		return -ENOMEM;
	err = check_uio(c, why);
	if (!err)
		err = bus_new(&m->board->bus, m->flat);
	for (size_t i = 0; !err && i < ENTRIES; i++)
		if (entries[i].make && wanted(&entries[i], c))
			err = make(m, c, &entries[i], why);
	if (!err)
		bus_reset(m->board->bus);
	return err;
}

static int drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, char *why)
{
	struct device *d = m->board->made[e - entries];
	int err = e->start ? e->start(m, d) : 0;

	if (!err && is_uio(c, e))
		err = uio_drive(m, d);
	else if (!err && e->drive)
		err = e->drive(m, c, e, d, why);
	return explain(why, e, err);
}

int board_drive(struct machine *m, const struct machine_config *c, char *why)
{
	int err = 0;

	*why = 0;
	for (size_t i = 0; !err && i < ENTRIES; i++)
		if (wanted(&entries[i], c))
			err = drive(m, c, &entries[i], why);
	return err;
}

void board_free(struct machine *m)
{
	if (!m->board)
		return;
	bus_free(m->board->bus);
	irq_end(m);
	uio_free(m);
	free(m->board);
	m->board = NULL;
}

struct bus *board_bus(const struct machine *m)
{
	return m->board->bus;
}

static bool hart_load(void *owner, uint32_t addr, uint32_t size, uint64_t *value)
{
	struct board *b = owner;
	bool answered;

	b->accessed = true;
	answered = bus_load(b->bus, addr, size, value);
	b->accessed = false;
	return answered;
}

static bool hart_store(void *owner, uint32_t addr, uint32_t size, uint64_t value)
{
	struct board *b = owner;
	bool answered;

	b->accessed = true;
	answered = bus_store(b->bus, addr, size, value);
	b->accessed = false;
	return answered;
}

void board_wire(struct machine *m)
{
	m->hart.bus = (struct hart_bus){ .owner = m->board, .load = hart_load, .store = hart_store };
}

bool board_accessed(const struct machine *m)
{
	return m->board->accessed;
}

/* --- For people --- */

static void list_size(uint32_t size, FILE *out)
{
	unsigned shift = size % (1u << 20) == 0 ? 20 : 10;

	fprintf(out, "%6u%c", size >> shift, shift == 20 ? 'M' : 'K');
}

static void list_device(const struct device *d, const char *what, FILE *out)
{
	char irq[12] = "-";

	if (d->line.number)
		snprintf(irq, sizeof irq, "%u", d->line.number);
	fprintf(out, "  %-11s %3s  %s\n", d->name, irq, what);
}

void board_list(const struct machine *m, FILE *out)
{
	const struct bus *b = m->board->bus;
	struct bus_window at;
	struct device *d;

	fprintf(out, "addresses             size  kind       device      irq  what\n");
	for (size_t i = 0; bus_window(b, i, &at); i++) {
		const struct device_window *w = &at.device->window[at.index];
		bool part = w->kind == DEVICE_PART;

		fprintf(out, "%s%08x-%08x%s", part ? "  " : "", w->addr, w->addr + w->size - 1, part ? "" : "  ");
		list_size(w->size, out);
		fprintf(out, "  %-9s", bus_kind(w->kind));
		list_device(at.device, w->what, out);
	}
	for (size_t i = 0; (d = bus_device(b, i)) != NULL; i++)
		if (!d->windows) {
			fprintf(out, "%-19s%7s  %-9s", "-", "-", "-");
			list_device(d, d->ops->compatible ? d->ops->compatible : "", out);
		}
}
