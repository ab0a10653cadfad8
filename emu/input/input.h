/* SPDX-License-Identifier: MIT
 *
 * Input devices: a keyboard, a mouse and a touch screen, as drivers/input/input.c of Linux sees such.
 *
 * A device says what it can (bitmaps, axes), and keeps what is: keys that are down, where its axes are, which contacts touch it.
 * What happens is an *event*: type, code, value, as in <linux/input-event-codes.h>. An event that changes nothing is no event
 * (but for relative motion). Events are gathered until EV_SYN/SYN_REPORT ends their *packet*, which is then passed to the
 * handlers that have the device open: evdev (/dev/input/eventN) and mousedev (/dev/input/mouseN, mice); or only to the one that
 * has grabbed it. Keys that stay down repeat by the guest's clock.
 *
 *	input.c		events: what they change and who is told
 *	devices.c	the three devices, and the ways in: what a window or a script has to say of keys, buttons, contacts
 *	evdev*.c, mousedev.c	the handlers, with their files
 *	show.c		/proc/bus/input, and what sysfs says of a device
 *
 * Everything lives as long as the machine. Events come in on the guest's thread.
 */
#ifndef EMU_INPUT_INPUT_H
#define EMU_INPUT_INPUT_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/kernel/clock_event.h"

struct machine;
struct input_device;
struct input_handle;
struct proc_out;

#define INPUT_MAJOR 13u
enum { FF_MAX = 0x7f, FF_CNT };	/* <linux/input.h> has them, with structures of the host */

/* Bitmaps are words of the guest, its unsigned long. */
#define INPUT_WORDS(count) (((count) + 31u) / 32u)
static inline bool input_bit(const uint32_t *map, unsigned n) { return map[n / 32] >> (n % 32) & 1; }
static inline void input_set_bit(uint32_t *map, unsigned n) { map[n / 32] |= 1u << (n % 32); }
static inline void input_flip_bit(uint32_t *map, unsigned n) { map[n / 32] ^= 1u << (n % 32); }

struct input_value { uint16_t type, code; int32_t value; };
struct input_id { uint16_t bus, vendor, product, version; };
/* The guest's struct input_absinfo. */
struct input_absinfo { int32_t value, minimum, maximum, fuzz, flat, resolution; };

#define INPUT_MT_CODES (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1)
static inline bool input_is_mt(unsigned code) { return code >= ABS_MT_TOUCH_MAJOR && code <= ABS_MT_TOOL_Y; }
struct input_slot { int32_t value[INPUT_MT_CODES]; };	/* by code - ABS_MT_TOUCH_MAJOR */

struct input_handler {
	const char *name;
	void (*events)(struct input_handle *h, const struct input_value *values, unsigned count);
};

/* A handler's tie to a device: embedded in what the handler keeps of it. */
struct input_handle {
	const struct input_handler *handler;
	struct input_device *device;
	char name[12];			/* "event0" */
	unsigned open;			/* files: 0, and it is told nothing */
	struct input_handle *next;
};

struct input_device {
	struct machine *machine;
	unsigned number;		/* as in "input0" */
	const char *name, *phys, *uniq;	/* constants; NULL: it has none */
	struct input_id id;
	/* What it can. */
	uint32_t can_prop[INPUT_WORDS(INPUT_PROP_CNT)], can[INPUT_WORDS(EV_CNT)], can_key[INPUT_WORDS(KEY_CNT)];
	uint32_t can_rel[INPUT_WORDS(REL_CNT)], can_abs[INPUT_WORDS(ABS_CNT)], can_msc[INPUT_WORDS(MSC_CNT)];
	uint32_t can_led[INPUT_WORDS(LED_CNT)], can_snd[INPUT_WORDS(SND_CNT)], can_sw[INPUT_WORDS(SW_CNT)];
	uint32_t can_ff[INPUT_WORDS(FF_CNT)];
	/* What is. */
	uint32_t key[INPUT_WORDS(KEY_CNT)], led[INPUT_WORDS(LED_CNT)], snd[INPUT_WORDS(SND_CNT)], sw[INPUT_WORDS(SW_CNT)];
	struct input_absinfo *abs;	/* ABS_CNT of them; NULL: it has no axes */
	struct input_slot *slots;	/* contacts (protocol B); NULL: it has none */
	unsigned nslots, slot;		/* slot: the one that events are of */
	int32_t next_contact;		/* ABS_MT_TRACKING_ID of the next */
	uint32_t rep[REP_CNT];		/* ms */
	struct clock_event repeat;
	unsigned repeat_key;
	struct input_value *values;	/* the packet to be */
	unsigned nvalues, values_max;
	unsigned packet;		/* events a packet has at most, as a rule: queues are made for eight such */
	struct input_handle *handles, *grab;
};

/* --- Devices: input.c --- */

/* Once its `can`, abs and slots are set: what else it needs. 0 or -ENOMEM. */
int input_device_start(struct input_device *d);
void input_device_stop(struct input_device *d);		/* frees what it has, not itself */
/* The bitmap of what it can of events of a type, and the highest code; NULL: there is no such type. EV_SYN: the types. */
const uint32_t *input_device_can(const struct input_device *d, unsigned type, unsigned *max);
void input_handle_add(struct input_handle *h, struct input_device *d);

/* Something happens on the device. What it cannot do is ignored. */
void input_event(struct input_device *d, unsigned type, unsigned code, int32_t value);
static inline void input_sync(struct input_device *d) { input_event(d, EV_SYN, SYN_REPORT, 0); }
/* The same, from a handler: nothing happens if another has grabbed the device. */
void input_inject(struct input_handle *h, unsigned type, unsigned code, int32_t value);
int input_grab(struct input_handle *h);		/* 0 or -EBUSY */
void input_ungrab(struct input_handle *h);

/* --- The machine's: devices.c --- */

enum { INPUT_KEYBOARD, INPUT_MOUSE, INPUT_TOUCH, INPUT_DEVICES };
#define INPUT_CONTACTS 10u

#define INPUT_WIDTH 800u		/* of machines without a screen */
#define INPUT_HEIGHT 600u
struct input_config { uint32_t width, height; };	/* of the screen, in pixels: what the touch screen's axes go to */

struct inputs {
	struct input_device device[INPUT_DEVICES];
	struct evdev *evdev[INPUT_DEVICES];
	struct mousedevs *mousedevs;
	struct input_script *script;	/* of --input, where no console has it; or NULL */
};

/* Makes m->inputs, with the files. 0 or -errno. */
int inputs_new(struct machine *m, const struct input_config *c);
void inputs_free(struct machine *m);		/* after all files, before the clock's events */
/* Begins a script that needs no console, and takes it. 0 or -ENOMEM: then it is not taken. */
int inputs_play(struct machine *m, struct input_script *s);

/* Each is a packet of its own. A button (BTN_*) is the mouse's, any other key the keyboard's. */
void inputs_key(struct machine *m, unsigned code, bool down);
void inputs_move(struct machine *m, int32_t dx, int32_t dy);
void inputs_wheel(struct machine *m, int32_t dx, int32_t dy);	/* notches; up and to the right are positive */
/* Contact number `contact` (below INPUT_CONTACTS) is at x, y; or no more. */
void inputs_touch(struct machine *m, unsigned contact, int32_t x, int32_t y);
void inputs_lift(struct machine *m, unsigned contact);
/* All keys and buttons up, all contacts lifted: whoever held them is gone. */
void inputs_release(struct machine *m);

/* --- show.c --- */

/* The text of a bitmap with codes up to max, as in /proc and /sys: words in hex, the highest first. Length as snprintf(). */
int input_bits_text(char *buf, size_t size, const uint32_t *map, unsigned max);
void inputs_show(struct machine *m, struct proc_out *o);		/* /proc/bus/input/devices */
void inputs_show_handlers(struct machine *m, struct proc_out *o);	/* /proc/bus/input/handlers */

#endif
