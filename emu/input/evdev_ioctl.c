/* SPDX-License-Identifier: MIT
 *
 * ioctl(2) of an event device (evdev_do_ioctl()). Where the size of what is asked for is part of the request, at most that much
 * is written, and how much it was is the result.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "emu/input/evdev.h"
#include "emu/sys/user.h"

/* Requests, as asm-generic/ioctl.h makes them: direction << 30 | size << 16 | 'E' << 8 | number. */
#define IOR(number, size) (2u << 30 | (uint32_t)(size) << 16 | 'E' << 8 | (number))
#define IOW(number, size) (1u << 30 | (uint32_t)(size) << 16 | 'E' << 8 | (number))
enum { READ = 2, WRITE = 1 };
static unsigned ioc_dir(uint32_t cmd) { return cmd >> 30; }
static uint32_t ioc_size(uint32_t cmd) { return cmd >> 16 & 0x3fff; }
static unsigned ioc_type(uint32_t cmd) { return cmd >> 8 & 0xff; }
static unsigned ioc_nr(uint32_t cmd) { return cmd & 0xff; }

enum { VERSION = 0x010001, KEYMAP_ENTRY = 40, FF_EFFECT = 44 };

struct mask_request { uint32_t type, size; uint64_t codes; };

/* --- Bitmaps and texts --- */

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* bits_to_user(): whole words up to the highest code. */
static int64_t put_bits(struct task *t, uint32_t addr, uint32_t size, const uint32_t *map, unsigned max)
{
	uint32_t len = least(INPUT_WORDS(max) * 4, size);

	return user_write(t, addr, map, len) ? -EFAULT : (int64_t)len;
}

static int64_t put_text(struct task *t, uint32_t addr, uint32_t size, const char *text)
{
	uint32_t len = text ? least((uint32_t)strlen(text) + 1, size) : 0;

	return !text ? -ENOENT : user_write(t, addr, text, len) ? -EFAULT : (int64_t)len;
}

/* The state, which makes what the queue has to say of it old. */
static int64_t put_state(struct evdev_client *c, struct task *t, unsigned type, const uint32_t *map, unsigned max, uint32_t addr,
			 uint32_t size)
{
	int64_t r;

	evdev_forget(c, type);
	r = put_bits(t, addr, size, map, max);
	if (r < 0)
		evdev_dropped(c, evdev_now(c, t->machine));
	return r;
}

static int64_t put_slots(struct task *t, const struct input_device *d, uint32_t addr, uint32_t size)
{
	uint32_t code;

	if (user_get32(t, addr, &code))
		return -EFAULT;
	if (!d->slots || !input_is_mt(code))
		return -EINVAL;
	/* A size below that of the code is one below zero, which is many: as the kernel counts. */
	for (uint32_t i = 0; i < d->nslots && i < (size - 4) / 4; i++)
		if (user_put32(t, addr + 4 + 4 * i, (uint32_t)d->slots[i].value[code - ABS_MT_TOUCH_MAJOR]))
			return -EFAULT;
	return 0;
}

/* --- Masks --- */

static int64_t set_mask(struct evdev_client *c, struct task *t, const struct mask_request *r)
{
	unsigned count = evdev_mask_count(r->type);
	uint32_t *mask;
	int err = 0;

	if (!count)
		return 0;
	mask = calloc(INPUT_WORDS(count), sizeof *mask);
	if (!mask)
		return -ENOMEM;
	if (r->size % 4)
		err = -EINVAL;
	else if (user_read(t, mask, (uint32_t)r->codes, least(INPUT_WORDS(count - 1) * 4, r->size)))
		err = -EFAULT;
	if (err) {
		free(mask);
		return err;
	}
	free(c->masks[r->type]);
	c->masks[r->type] = mask;
	return 0;
}

static int put_fill(struct task *t, uint32_t addr, int byte, uint32_t len)
{
	void *p;

	if (!len)
		return 0;
	p = user_span_write(t, addr, len);
	if (p)
		memset(p, byte, len);
	return p ? 0 : -EFAULT;
}

static int64_t get_mask(struct evdev_client *c, struct task *t, const struct mask_request *r)
{
	unsigned count = evdev_mask_count(r->type);
	uint32_t len = least(INPUT_WORDS(count) * 4, r->size), addr = (uint32_t)r->codes;
	int err = 0;

	if (count && c->masks[r->type])
		err = user_write(t, addr, c->masks[r->type], least(INPUT_WORDS(count - 1) * 4, len));
	else if (count)
		err = put_fill(t, addr, 0xff, len);
	if (!err)
		err = put_fill(t, addr + len, 0, r->size - len);
	return err ? -EFAULT : 0;
}

/* --- Requests of one size --- */

static int64_t set_clock(struct evdev_client *c, struct task *t, uint32_t arg)
{
	uint32_t id;
	enum evdev_clock clock;

	if (user_get32(t, arg, &id))
		return -EFAULT;
	switch (id) {
	case 0: clock = EVDEV_REALTIME; break;
	case 1: clock = EVDEV_MONOTONIC; break;
	case 7: clock = EVDEV_BOOTTIME; break;
	default: return -EINVAL;
	}
	if (clock != c->clock) {
		struct evdev_client then = { .clock = clock };

		evdev_set_clock(c, clock, evdev_now(&then, t->machine));
	}
	return 0;
}

static int64_t repeat(struct evdev_client *c, struct task *t, uint32_t arg, bool set)
{
	struct input_device *d = c->evdev->handle.device;
	uint32_t rep[REP_CNT];

	if (!input_bit(d->can, EV_REP))
		return -ENOSYS;
	if (!set)
		return user_write(t, arg, d->rep, sizeof d->rep) ? -EFAULT : 0;
	if (user_read(t, rep, arg, sizeof rep))
		return -EFAULT;
	for (unsigned i = 0; i < REP_CNT; i++)
		input_inject(&c->evdev->handle, EV_REP, i, (int32_t)rep[i]);
	return 0;
}

static int64_t revoke(struct evdev_client *c, uint32_t arg)
{
	if (arg)
		return -EINVAL;
	c->revoked = true;
	evdev_ungrab(c);
	wake_events(&c->wait, POLLHUP | POLLERR);
	return 0;
}

/* The devices have no table of scancodes: what can be read is looked at, and then refused. */
static int64_t keycode(struct task *t, uint32_t arg, uint32_t size)
{
	return user_span(t, arg, size) ? -EINVAL : -EFAULT;
}

static int64_t mask(struct evdev_client *c, struct task *t, uint32_t arg, bool set)
{
	struct mask_request r;

	if (user_read(t, &r, arg, sizeof r))
		return -EFAULT;
	return set ? set_mask(c, t, &r) : get_mask(c, t, &r);
}

#define NOT_FIXED INT64_MIN

static int64_t fixed(struct evdev_client *c, struct task *t, uint32_t cmd, uint32_t arg)
{
	const struct input_device *d = c->evdev->handle.device;

	switch (cmd) {
	case IOR(0x01, 4):
		return user_put32(t, arg, VERSION);
	case IOR(0x02, sizeof d->id):
		return user_write(t, arg, &d->id, sizeof d->id);
	case IOR(0x03, 8): case IOW(0x03, 8):
		return repeat(c, t, arg, ioc_dir(cmd) == WRITE);
	case IOR(0x04, 8):
		return keycode(t, arg, 4);
	case IOW(0x04, 8):
		return keycode(t, arg, 8);
	case IOR(0x04, KEYMAP_ENTRY): case IOW(0x04, KEYMAP_ENTRY):
		return keycode(t, arg, KEYMAP_ENTRY);
	case IOW(0x81, 4):		/* EVIOCRMFF */
		return -ENOSYS;
	case IOR(0x84, 4):		/* EVIOCGEFFECTS */
		return user_put32(t, arg, 0);
	case IOW(0x90, 4):
		return arg ? evdev_grab(c) : evdev_ungrab(c);
	case IOW(0x91, 4):
		return revoke(c, arg);
	case IOR(0x92, 16): case IOW(0x93, 16):
		return mask(c, t, arg, ioc_dir(cmd) == WRITE);
	case IOW(0xa0, 4):
		return set_clock(c, t, arg);
	}
	return NOT_FIXED;
}

/* --- Requests that carry their size --- */

static int64_t sized(struct evdev_client *c, struct task *t, uint32_t cmd, uint32_t arg)
{
	const struct input_device *d = c->evdev->handle.device;
	uint32_t size = ioc_size(cmd);

	switch (cmd & ~(0x3fffu << 16)) {
	case IOR(0x06, 0): return put_text(t, arg, size, d->name);
	case IOR(0x07, 0): return put_text(t, arg, size, d->phys);
	case IOR(0x08, 0): return put_text(t, arg, size, d->uniq);
	case IOR(0x09, 0): return put_bits(t, arg, size, d->can_prop, INPUT_PROP_MAX);
	case IOR(0x0a, 0): return put_slots(t, d, arg, size);
	case IOR(0x18, 0): return put_state(c, t, EV_KEY, d->key, KEY_MAX, arg, size);
	case IOR(0x19, 0): return put_state(c, t, EV_LED, d->led, LED_MAX, arg, size);
	case IOR(0x1a, 0): return put_state(c, t, EV_SND, d->snd, SND_MAX, arg, size);
	case IOR(0x1b, 0): return put_state(c, t, EV_SW, d->sw, SW_MAX, arg, size);
	case IOW(0x80, 0):		/* EVIOCSFF: of the right size, it is read before it is refused */
		return size == FF_EFFECT && user_span(t, arg, size) ? -ENOSYS : -EFAULT;
	}
	return NOT_FIXED;
}

/* --- Requests that carry a type or an axis --- */

static int64_t put_can(struct task *t, const struct input_device *d, unsigned type, uint32_t arg, uint32_t size)
{
	unsigned max;
	const uint32_t *can = input_device_can(d, type, &max);

	return can ? put_bits(t, arg, size, can, max) : -EINVAL;
}

static int64_t axis(struct task *t, struct input_device *d, uint32_t cmd, uint32_t arg)
{
	struct input_absinfo abs = { 0 };
	unsigned code = ioc_nr(cmd) & ABS_MAX;
	uint32_t size = least(ioc_size(cmd), sizeof abs);

	if (!d->abs)
		return -EINVAL;
	if (ioc_dir(cmd) == READ)
		return user_write(t, arg, &d->abs[code], size);
	if (user_read(t, &abs, arg, size))
		return -EFAULT;
	if (ioc_size(cmd) < sizeof abs)
		abs.resolution = 0;
	if (code == ABS_MT_SLOT)	/* how many contacts there are is not for the asking */
		return -EINVAL;
	d->abs[code] = abs;
	return 0;
}

int64_t evdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct evdev_client *c = f->private;
	struct input_device *d = c->evdev->handle.device;
	int64_t r;

	if (c->revoked)
		return -ENODEV;
	r = fixed(c, t, cmd, arg);
	if (r == NOT_FIXED)
		r = sized(c, t, cmd, arg);
	if (r != NOT_FIXED)
		return r;
	if (ioc_type(cmd) != 'E')
		return -EINVAL;
	if (ioc_dir(cmd) == READ && (ioc_nr(cmd) & ~EV_MAX) == 0x20)
		return put_can(t, d, ioc_nr(cmd) & EV_MAX, arg, ioc_size(cmd));
	if ((ioc_dir(cmd) == READ && (ioc_nr(cmd) & ~ABS_MAX) == 0x40) ||
	    (ioc_dir(cmd) == WRITE && (ioc_nr(cmd) & ~ABS_MAX) == 0xc0))
		return axis(t, d, cmd, arg);
	return -EINVAL;
}
