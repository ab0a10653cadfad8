/* SPDX-License-Identifier: MIT
 *
 * /dev/rtc0: the clock that a machine keeps while it is off (drivers/rtc/dev.c, interface.c of the kernel).
 *
 * It starts with the time that the system's clock starts with (emu/host/clock.h) and goes on by itself from there: neither
 * follows when the other is set.  Its alarm, the interrupt of each second and the periodic one are read from the file.
 *
 * As in the kernel the chip (devices/goldfish_rtc.h) has one alarm, which is that of the alarm or of the next second, whichever comes
 * first; the periodic interrupt is one of the system's timers. Nothing is asked of the chip while nobody wants to hear of it.
 */
#ifndef EMU_DRIVERS_RTC_H
#define EMU_DRIVERS_RTC_H

#include "emu/board.h"

/* For the board's list. */
int rtc_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
int rtc_start(struct machine *m, struct device *d);
int rtc_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
