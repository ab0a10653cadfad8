/* SPDX-License-Identifier: MIT
 *
 * A real-time clock: Android's goldfish RTC, which QEMU's virt board has and Linux drives (drivers/rtc/rtc-goldfish.c).
 *
 * It counts ns since 1970, and has one alarm. Its line is up while an interrupt is pending and enabled.
 *
 *	00	TIME_LOW	loaded: the time's lower word; the upper one is kept for TIME_HIGH. Stored: that word of the time
 *	04	TIME_HIGH	loaded: as of the last load of TIME_LOW. Stored: that word of the time
 *	08	ALARM_LOW	stored: the alarm is on, at this and what ALARM_HIGH was; one in the past comes at once
 *	0c	ALARM_HIGH
 *	10	IRQ_ENABLED	bit 0
 *	14	CLEAR_ALARM	stored: the alarm is off
 *	18	ALARM_STATUS	1: the alarm is on; when it comes it goes off. Only tells
 *	1c	CLEAR_INTERRUPT	stored: no interrupt is pending
 *
 * All are words, and loaded and stored as such; anything else is a bus error. What is only stored is loaded as 0.
 */
#ifndef DEVICES_GOLDFISH_RTC_H
#define DEVICES_GOLDFISH_RTC_H

#include "devices/device.h"

#define GOLDFISH_SIZE 4096u
enum {
	GOLDFISH_TIME_LOW = 0x00, GOLDFISH_TIME_HIGH = 0x04, GOLDFISH_ALARM_LOW = 0x08, GOLDFISH_ALARM_HIGH = 0x0c,
	GOLDFISH_IRQ_ENABLED = 0x10, GOLDFISH_CLEAR_ALARM = 0x14, GOLDFISH_ALARM_STATUS = 0x18, GOLDFISH_CLEAR_INTERRUPT = 0x1c,
};

struct goldfish;

struct goldfish_config {
	const char *name;
	uint32_t addr;
	uint64_t time;				/* ns since 1970: what it shows first */
	uint64_t (*now)(void *owner);		/* ns, never going back */
	/* Wants goldfish_run() to be called at that time of now() (instead of any asked for before); UINT64_MAX: no more. */
	void (*alarm)(void *owner, uint64_t at);
	void (*gone)(void *owner);		/* it was freed, and asks for nothing any more */
	void *owner;
};

/* NULL: no memory. Its device's ops->free() frees it. Reset leaves the time as it is: it has a battery. */
struct goldfish *goldfish_new(const struct goldfish_config *c);
struct device *goldfish_device(struct goldfish *g);
struct goldfish *goldfish_of(struct device *d);
void *goldfish_owner(const struct goldfish *g);
/* Lets happen what is due by now. Called for `alarm`; does no harm at other times. */
void goldfish_run(struct goldfish *g);

/* --- For a driver: what loads and stores of the registers would do. Times are in ns since 1970 --- */

uint64_t goldfish_time(const struct goldfish *g);
void goldfish_set_time(struct goldfish *g, uint64_t time);	/* an alarm that is past now comes at once */
void goldfish_set_alarm(struct goldfish *g, uint64_t time);
void goldfish_clear_alarm(struct goldfish *g);
void goldfish_enable(struct goldfish *g, bool on);
void goldfish_clear_interrupt(struct goldfish *g);

#endif
