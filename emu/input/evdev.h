/* SPDX-License-Identifier: MIT
 *
 * /dev/input/eventN, as drivers/input/evdev.c: each open file has a queue of its own, from which whole packets are read as the
 * guest's struct input_event of 16 bytes. Who reads too late finds SYN_DROPPED and what came last.
 *
 *	evdev.c		the device and its files: open, read, write, poll; grabs
 *	evdev_queue.c	the queue
 *	evdev_ioctl.c	ioctl(2)
 */
#ifndef EMU_INPUT_EVDEV_H
#define EMU_INPUT_EVDEV_H

#include "emu/fs/vfs.h"
#include "emu/input/input.h"
#include "emu/kernel/wait.h"

#define EVDEV_MINOR 64u

/* The guest's struct input_event: seconds and microseconds are its unsigned long. */
struct evdev_event { uint32_t sec, usec; uint16_t type, code; int32_t value; };
_Static_assert(sizeof(struct evdev_event) == 16, "the guest's structure");

enum evdev_clock { EVDEV_REALTIME, EVDEV_MONOTONIC, EVDEV_BOOTTIME };

struct evdev_client {
	struct evdev *evdev;
	struct evdev_client *next;
	struct wait_queue wait;
	enum evdev_clock clock;
	bool revoked;
	uint32_t *masks[EV_CNT];	/* what it wants to hear of; NULL: all */
	/* The queue: what can be read ends at `packet`, behind the last SYN_REPORT; a power of two of places. */
	uint32_t head, tail, packet, size;
	struct evdev_event queue[];
};

struct evdev {
	struct input_handle handle;
	struct evdev_client *clients, *grab;
};

/* /dev/input/eventN of the device. 0 or -errno. */
int evdev_new(struct input_device *d, struct evdev **out);
void evdev_free(struct evdev *e);		/* NULL is fine */
int evdev_grab(struct evdev_client *c);		/* EVIOCGRAB: 0 or -EBUSY */
int evdev_ungrab(struct evdev_client *c);	/* 0, -EINVAL: it is not the one that has it */
int64_t evdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

/* --- evdev_queue.c --- */
struct evdev_client *evdev_client_new(const struct input_device *d);	/* NULL: no memory */
void evdev_client_free(struct evdev_client *c);
/* A packet at that time of the client's clock. True if there is something to be read now that was not before. */
bool evdev_put(struct evdev_client *c, uint64_t ns, const struct input_value *values, unsigned count);
bool evdev_get(struct evdev_client *c, struct evdev_event *out);	/* false: nothing can be read */
static inline bool evdev_readable(const struct evdev_client *c) { return c->packet != c->tail; }
void evdev_forget(struct evdev_client *c, unsigned type);		/* takes all events of a type out of it */
void evdev_dropped(struct evdev_client *c, uint64_t ns);		/* SYN_DROPPED */
/* Another clock: what is in the queue has the wrong times. */
void evdev_set_clock(struct evdev_client *c, enum evdev_clock clock, uint64_t ns);
uint64_t evdev_now(struct evdev_client *c, struct machine *m);		/* ns on the client's clock */
unsigned evdev_mask_count(unsigned type);	/* codes a mask of that type has; 0: there are no masks of it */

#endif
