/* SPDX-License-Identifier: MIT
 *
 * A device, as whoever drives it sees it: an opaque structure that begins with struct device, with
 *
 *	windows		of the guest's physical addresses. A *trapped* one is registers: no memory is committed there, so
 *			every access of the hart faults on the host and comes to load() or store(). A *direct* one is memory
 *			(devices/bus.c commits it, or the device did): an access is one host instruction and nobody is asked.
 *	a line		by which it interrupts: up as long as something of it wants to be looked at. Who tells the controller is the board's business
 *	a state		that reset() makes that of power-on, and dump() prints
 *
 * A device knows the flat memory and nothing of tasks, files or system calls. Its driver (emu/drivers/) includes the header of
 * its kind for whatever a register would make tedious.
 *
 * Guest input is hostile: load() and store() are called with any offset inside the window and any size of 1, 2, 4 or 8 bytes,
 * aligned or not, and a window's last bytes may be passed by none of it: offset + size <= the window's size.
 */
#ifndef DEVICES_DEVICE_H
#define DEVICES_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct device;
struct device_tree;

enum device_window_kind {
	DEVICE_TRAPPED,		/* registers: each access is load() or store() */
	DEVICE_DIRECT,		/* memory, committed by the bus when the device is added */
	DEVICE_DIRECT_OWN,	/* memory, or at times not: the device commits and protects it itself (devices/flash) */
	DEVICE_VIEW,		/* as DEVICE_DIRECT_OWN, but of bytes that another of its windows has: not its driver's, so in no device tree */
	DEVICE_PART,		/* a piece of another's DEVICE_DIRECT window that is this device's (a RAM disk in the RAM): only listed */
};

struct device_window {
	const char *what;	/* "registers", "video memory": in the memory map and in /proc/iomem */
	uint32_t addr, size;	/* guest address and bytes, whole pages */
	enum device_window_kind kind;
};

#define DEVICE_WINDOWS 3u

struct device_ops {
	const char *compatible;	/* of the device tree: "cfi-flash" */
	const char *also;	/* what it is compatible with besides; NULL: nothing */
	/* window: index in windows[]. False: nothing there answers, which is a bus error (SIGSEGV of the task). NULL: none does. */
	bool (*load)(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value);
	bool (*store)(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value);
	void (*reset)(struct device *d);		/* as after power-on; memory that keeps its contents keeps them. NULL: nothing to do */
	void (*dump)(struct device *d, FILE *out);	/* registers and modes, a line each: "status 0x80 ready". NULL: nothing to say */
	/* Properties of its own in the device tree, in the form of `struct device_tree` (devices/tree.h). NULL: reg and compatible do. */
	void (*describe)(struct device *d, struct device_tree *node);
	void (*free)(struct device *d);
};

/*
 * An interrupt line. The device moves it with device_set_line(); `moved` is told, which may load and store at once. Mostly it is up until
 * somebody has acknowledged what there is; of one whose going up is the news (a chip that is ready again) the controller is told so.
 */
struct device_line {
	bool up;
	unsigned number;	/* at the controller (devices/plic.h), from 1; 0: it leads nowhere */
	/* Set by whoever connects it, before the first access. NULL: nobody listens. */
	void (*moved)(void *owner, unsigned number, bool up);
	void *owner;
};

struct device {
	const struct device_ops *ops;
	char name[16];		/* "flash0" */
	unsigned windows;	/* used of the following */
	struct device_window window[DEVICE_WINDOWS];
	struct device_line line;
};

/* For the device: its line is up, or down. Nothing happens if it is so already. Last in what it does: its driver may call it. */
static inline void device_set_line(struct device *d, bool up)
{
	if (d->line.up == up)
		return;
	d->line.up = up;
	if (d->line.moved)
		d->line.moved(d->line.owner, d->line.number, up);
}

#endif
