/* SPDX-License-Identifier: MIT
 *
 * --flash: the chip (devices/flash/flash.h) in its machine.  Gives it the clock, an alarm, the log, and the hart's
 * caches to clear; and stops the machine when its power fails.
 */
#ifndef EMU_DRIVERS_FLASH_H
#define EMU_DRIVERS_FLASH_H

#include "devices/flash/flash.h"
#include "emu/board.h"

/* Exit status of a machine whose power failed (--flash-cut): as if SIGPWR, 30, had ended it. */
#define FLASH_POWER_STATUS (128 + 30)

bool flash_wanted(const struct machine_config *c);
int flash_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
int flash_start(struct machine *m, struct device *d);
int flash_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);
/*
 * The machine ends: what the flash was asked to do is done, as if the time for it had passed.  There are no tasks any
 * more, but the clock and its events.
 */
void flash_hurry(struct flash *f);

#endif
