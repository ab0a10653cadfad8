/* SPDX-License-Identifier: MIT
 *
 * /dev/loopN: a file, or a part of it, as a block device; /dev/loop-control makes more of them (drivers/block/loop.c).
 *
 * Eight are there from the start, as a kernel has them by default, and there can be 64: who stacks one on another goes as deep at most.
 * An unbound one has no bytes. What the file does not have (somebody cut it) reads as zeros; what is written there makes it longer.
 */
#ifndef EMU_DRIVERS_LOOP_H
#define EMU_DRIVERS_LOOP_H

#include "emu/board.h"

int loop_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
