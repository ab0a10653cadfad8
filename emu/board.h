/* SPDX-License-Identifier: MIT
 *
 * The board: which devices a machine has, where they lie, and which source of the interrupt controller each one's line leads to.  One list,
 * in board.c, says so; the memory map, /proc/iomem, /proc/interrupts, the device tree and `flat32 machine` come from it.
 *
 * A device is made in two steps, for its driver needs tasks, files and the memory management, which need the machine's
 * memory: board_new() makes the devices and wires the hart to their bus, board_drive() has the drivers of emu/drivers/ take them up.
 */
#ifndef EMU_BOARD_H
#define EMU_BOARD_H

#include "devices/bus.h"

struct machine;
struct machine_config;
struct board;

#define BOARD_WHY 160u		/* bytes of a message that says why a machine could not be made */

/* What the hart has, and what a kernel's command line would be. */
#define BOARD_ISA "rv32imafdc_zicntr_zicsr_zifencei_zba_zbb_zbs"
#define BOARD_BOOTARGS "console=ttyS0"

/* An entry of the list. */
struct board_entry {
	const char *name;			/* the device's: "ram" */
	uint32_t addr[DEVICE_WINDOWS];		/* where its windows begin */
	unsigned irq;				/* the source its line leads to; 0: it has none */
	bool edge;				/* to tell of is that the line goes up, not that it is up */
	/* Whether this machine has one. NULL: every machine has. */
	bool (*wanted)(const struct machine_config *c);
	/*
	 * The device: *out is the board's then. 0 or -errno; who knows more of it than the errno writes it into why (BOARD_WHY bytes).
	 * Of the machine there is the flat memory and the log. NULL: `drive` makes it and calls bus_add().
	 */
	int (*make)(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
	/* What the chip needs of the machine before it is driven: its time. NULL: nothing. Only a device with one can be left to programs. */
	int (*start)(struct machine *m, struct device *d);
	/* Its driver; d is NULL if there is no `make`. NULL: it needs none. 0 or -errno, and why as above. */
	int (*drive)(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);
};

/*
 * Makes the board in m->board: all devices, reset, on a bus. m->flat must be there. 0, or -errno with a message in why; what has
 * been made by then goes with board_free().
 */
int board_new(struct machine *m, const struct machine_config *c, char *why);
/* Starts the drivers, in the order of the list. As above. */
int board_drive(struct machine *m, const struct machine_config *c, char *why);
/* After everything that uses the devices: files, tasks, the hart. */
void board_free(struct machine *m);

struct bus *board_bus(const struct machine *m);
/* The hart's loads and stores that hit no memory go to the devices from now on. */
void board_wire(struct machine *m);
/* Whether the hart is in the midst of an access of a device: where it stands then, and so what time it is, nobody knows exactly. */
bool board_accessed(const struct machine *m);

/* All of it for people: a line for each window, in the order of addresses. */
void board_list(const struct machine *m, FILE *out);
/* The state of all devices, for people. Between two tasks. */
void board_dump(struct machine *m, FILE *out);
/* The flattened device tree, the caller's to free(). 0, -ENOMEM or -EINVAL (devices/tree.h). */
int board_tree(const struct machine *m, void **blob, size_t *size);

#endif
