/* SPDX-License-Identifier: MIT
 *
 * Time for chips: what their `now` and `alarm` want of the machine.
 *
 * It is the monotonic clock's, but for an access of the hart to registers with --deterministic: how many instructions there were by then
 * depends on the engine, so the chip sees the time at which it was last asked for, or at which the slice began.
 */
#ifndef EMU_DRIVERS_CHIP_TIME_H
#define EMU_DRIVERS_CHIP_TIME_H

#include "emu/kernel/clock_event.h"

struct machine;

struct chip_time {
	struct machine *machine;
	void (*run)(void *chip);	/* what was asked for is due */
	void *chip;
	uint64_t told;			/* ns: the latest */
	uint64_t ahead;			/* ns that it was put forward: chip_time_hurry() */
	struct clock_event event;	/* in the heap from chip_time_start() on, so that moving it cannot fail */
};

struct chip_time chip_time(struct machine *m, void (*run)(void *chip));
/* Before the chip is driven; `chip` and the object's place are what they will be. 0 or -ENOMEM. */
int chip_time_start(struct chip_time *t);
void chip_time_stop(struct chip_time *t);	/* it goes before the clock's events do */
/* A driver that cannot wait puts the clock forward to what was asked for. False: nothing was. */
bool chip_time_hurry(struct chip_time *t);

/* struct chip_time *time */
uint64_t chip_time_now(void *time);
void chip_time_alarm(void *time, uint64_t at);

#endif
