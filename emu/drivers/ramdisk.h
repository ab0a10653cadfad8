/* SPDX-License-Identifier: MIT
 *
 * --ramdisk: /dev/ram0 in pages of the RAM, taken in one run when the machine is made (devices/ramdisk.h).
 */
#ifndef EMU_DRIVERS_RAMDISK_H
#define EMU_DRIVERS_RAMDISK_H

#include "emu/board.h"

bool ramdisk_wanted(const struct machine_config *c);
int ramdisk_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
