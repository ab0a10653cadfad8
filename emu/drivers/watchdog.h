/* SPDX-License-Identifier: MIT
 *
 * /dev/watchdog and /dev/watchdog0: who opens it must write to it again and again, or the machine is reset
 * (drivers/watchdog/watchdog_dev.c of the kernel). There being nobody to start the machine anew, a reset is its end, with an exit
 * status of its own.
 */
#ifndef EMU_DRIVERS_WATCHDOG_H
#define EMU_DRIVERS_WATCHDOG_H

#include "emu/board.h"

#define WATCHDOG_STATUS 142		/* of the emulator after a reset: 128 + SIGALRM */

int watchdog_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
