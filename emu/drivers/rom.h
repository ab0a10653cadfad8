/* SPDX-License-Identifier: MIT
 *
 * The ROM that an image to boot from is put into (machine_config.rom), and its block device /dev/rom0.
 */
#ifndef EMU_DRIVERS_ROM_H
#define EMU_DRIVERS_ROM_H

#include "emu/board.h"

#define ROM_DEV (240u << 8)	/* 240 is for local use: Linux has no driver for a ROM but its MTD's */
#define ROM_MAX (256u << 20)	/* bytes of the largest image: up to where video memory is */

/* For the board's list. */
bool rom_wanted(const struct machine_config *c);
int rom_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
int rom_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
