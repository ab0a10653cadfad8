/* SPDX-License-Identifier: MIT
 *
 * /dev/rtc0: the clock that a machine keeps while it is off (drivers/rtc/dev.c, interface.c of the kernel).
 *
 * It starts with the time that the system's clock starts with (emu/host/clock.h) and goes on by itself from there: neither
 * follows when the other is set.  It counts seconds. Its alarm, the interrupt of each second and the periodic one are read from the
 * file. There are no registers: what a chip would need a driver for is the driver here.
 */
#ifndef EMU_DRIVERS_RTC_H
#define EMU_DRIVERS_RTC_H

#include "emu/board.h"

int rtc_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
