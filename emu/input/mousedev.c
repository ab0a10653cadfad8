/* SPDX-License-Identifier: MIT */
#include "emu/input/mousedev.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/vfs.h"
#include "emu/input/input.h"
#include "emu/kernel/machine.h"

enum { MINOR = 32, MINOR_MICE = 63, SCREEN_X = 1024, SCREEN_Y = 768, PACKETS = 16, SEQUENCE = 6 };
enum mode { PS2, INTELLIMOUSE, EXPLORER };

struct motion { int32_t dx, dy, dz; unsigned buttons; };

struct client {
	struct mousedev *dev;
	struct client *next;
	struct motion motion[PACKETS];	/* a ring: the one at head is still gathered */
	unsigned head, tail;
	int32_t x, y;			/* where on the screen */
	uint8_t bytes[6];		/* of the packet or the answer being read */
	unsigned left, length;		/* of them; all of them */
	bool ready;			/* there is motion to tell of */
	unsigned explorer_at, intellimouse_at;
	enum mode mode;
	unsigned told;			/* buttons of the last packet */
};

struct mousedev {
	struct input_handle handle;	/* of `mice` none */
	struct mousedevs *all;
	struct wait_queue wait;
	struct client *clients;
	struct motion now;		/* the packet of events under way; buttons as they are */
	int32_t x, y;			/* in it, if `placed` */
	bool placed;
};

struct mousedevs { struct mousedev mouse, touch, mice; };

/* --- Events become motion --- */

static void see_abs(struct mousedev *d, unsigned code, int32_t value)
{
	const struct input_absinfo *a = &d->handle.device->abs[code];
	int64_t at = value < a->minimum ? a->minimum : value > a->maximum ? a->maximum : value;
	int64_t range = (int64_t)a->maximum - a->minimum;
	int32_t side = code == ABS_X ? SCREEN_X : SCREEN_Y;

	if (range <= 0) {	/* EVIOCSABS can make it that */
		range = side;
		at = a->minimum;
	}
	at = (at - a->minimum) * side / range;
	if (code == ABS_X)
		d->x = (int32_t)at;
	else
		d->y = (int32_t)(side - at);
	d->placed = true;
}

static void see_rel(struct mousedev *d, unsigned code, int32_t value)
{
	if (code == REL_X)
		d->now.dx += value;
	else if (code == REL_Y)
		d->now.dy -= value;
	else if (code == REL_WHEEL)
		d->now.dz -= value;
}

static void see_key(struct mousedev *d, unsigned code, int32_t value)
{
	unsigned button;

	switch (code) {
	case BTN_LEFT: case BTN_TOUCH: button = 1; break;
	case BTN_RIGHT: button = 2; break;
	case BTN_MIDDLE: button = 4; break;
	case BTN_SIDE: button = 8; break;
	case BTN_EXTRA: button = 16; break;
	default: return;
	}
	d->now.buttons = value ? d->now.buttons | button : d->now.buttons & ~button;
	d->all->mice.now.buttons = value ? d->all->mice.now.buttons | button : d->all->mice.now.buttons & ~button;
}

static int32_t clamp(int64_t v, int32_t low, int32_t high)
{
	return v < low ? low : v > high ? high : (int32_t)v;
}

/* One may move it for ever without reading: sums stay where they can be counted. */
static void add(int32_t *sum, int64_t by) { *sum = clamp(*sum + by, -INT32_MAX, INT32_MAX); }

/* mousedev_notify_readers(): buttons are those of `to`. */
static void tell(struct mousedev *to, const struct mousedev *from)
{
	bool wake = false;

	for (struct client *c = to->clients; c; c = c->next) {
		struct motion *p = &c->motion[c->head];

		if (c->ready && p->buttons != to->now.buttons && (c->head + 1) % PACKETS != c->tail) {
			c->head = (c->head + 1) % PACKETS;
			p = &c->motion[c->head];
			*p = (struct motion){ 0 };
		}
		if (from->placed) {
			add(&p->dx, from->x - c->x);
			add(&p->dy, from->y - c->y);
			c->x = from->x;
			c->y = from->y;
		}
		c->x = clamp((int64_t)c->x + from->now.dx, 0, SCREEN_X);
		c->y = clamp((int64_t)c->y + from->now.dy, 0, SCREEN_Y);
		add(&p->dx, from->now.dx);
		add(&p->dy, from->now.dy);
		add(&p->dz, from->now.dz);
		p->buttons = to->now.buttons;
		if (p->dx || p->dy || p->dz || p->buttons != c->told)
			c->ready = true;
		wake |= c->ready;
	}
	if (wake)
		wake_events(&to->wait, POLLIN | POLLRDNORM);
}

static void events(struct input_handle *h, const struct input_value *values, unsigned count)
{
	struct mousedev *d = (struct mousedev *)(void *)h;

	for (const struct input_value *v = values; v < values + count; v++) {
		if (v->type == EV_ABS && (v->code == ABS_X || v->code == ABS_Y))
			see_abs(d, v->code, v->value);
		else if (v->type == EV_REL)
			see_rel(d, v->code, v->value);
		else if (v->type == EV_KEY && v->value != 2)
			see_key(d, v->code, v->value);
		else if (v->type == EV_SYN && v->code == SYN_REPORT) {
			tell(d, d);
			tell(&d->all->mice, d);
			d->now = (struct motion){ .buttons = d->now.buttons };
			d->placed = false;
		}
	}
}

static const struct input_handler handler = { .name = "mousedev", .events = events };

/* --- Motion becomes bytes --- */

/* mousedev_packet() */
static void make_packet(struct client *c, uint8_t *out)
{
	struct motion *p = &c->motion[c->tail];
	int32_t dx = clamp(p->dx, -127, 127), dy = clamp(p->dy, -127, 127), dz;
	unsigned side = (p->buttons & 16) >> 3 | (p->buttons & 8) >> 1;	/* in modes that know three buttons */

	p->dx -= dx;
	p->dy -= dy;
	out[0] = (uint8_t)(8 | (dx < 0) << 4 | (dy < 0) << 5 | (p->buttons & 7));
	out[1] = (uint8_t)dx;
	out[2] = (uint8_t)dy;
	c->length = c->mode == PS2 ? 3 : 4;
	if (c->mode == EXPLORER) {
		dz = clamp(p->dz, -7, 7);
		out[3] = (uint8_t)((dz & 15) | (p->buttons & 24) << 1);
	} else {
		dz = c->mode == PS2 ? p->dz : clamp(p->dz, -127, 127);
		out[0] |= (uint8_t)side;
		out[3] = (uint8_t)dz;
	}
	p->dz -= dz;
	if (p->dx || p->dy || p->dz)
		return;
	if (c->tail != c->head) {
		c->tail = (c->tail + 1) % PACKETS;
	} else {
		c->ready = false;
		c->told = p->buttons;
	}
}

/* What a mouse says to a byte that it is sent: mousedev_generate_response(). */
static void answer(struct client *c, uint8_t command)
{
	static const uint8_t ids[] = { [PS2] = 0, [INTELLIMOUSE] = 3, [EXPLORER] = 4 };

	c->bytes[0] = 0xfa;
	c->length = 1;
	switch (command) {
	case 0xeb:	/* the packet, asked for */
		make_packet(c, c->bytes + 1);
		c->length++;
		break;
	case 0xf2:
		c->bytes[1] = ids[c->mode];
		c->length = 2;
		break;
	case 0xe9:
		memcpy(c->bytes + 1, (const uint8_t[]){ 0x60, 3, 200 }, 3);
		c->length = 4;
		break;
	case 0xff:
		c->explorer_at = c->intellimouse_at = 0;
		c->mode = PS2;
		c->bytes[1] = 0xaa;
		c->bytes[2] = 0;
		c->length = 3;
		break;
	}
	c->left = c->length;
}

static bool sequence(const uint8_t *want, unsigned *at, uint8_t byte)
{
	*at = byte == want[*at] ? *at + 1 : 0;
	if (*at < SEQUENCE)
		return false;
	*at = 0;
	return true;
}

/* --- Files --- */

static struct mousedev *one(struct mousedevs *ms, unsigned n) { return n ? &ms->touch : &ms->mouse; }

static int open_op(struct file *f)
{
	struct mousedev *d = f->private;
	struct client *c = calloc(1, sizeof *c);

	if (!c)
		return -ENOMEM;
	c->dev = d;
	c->x = SCREEN_X / 2;
	c->y = SCREEN_Y / 2;
	c->next = d->clients;
	d->clients = c;
	for (unsigned i = 0; i < 2; i++)
		if (d == one(d->all, i) || d == &d->all->mice)
			one(d->all, i)->handle.open++;
	f->private = c;
	return 0;
}

static void release_op(struct file *f)
{
	struct client *c = f->private, **p = &c->dev->clients;
	struct mousedevs *all = c->dev->all;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	for (unsigned i = 0; i < 2; i++)
		if (c->dev == one(all, i) || c->dev == &all->mice)
			one(all, i)->handle.open--;
	free(c);
}

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct client *c = f->private;

	(void)pos;
	if (!c->left && !c->ready)
		return -EAGAIN;
	if (!c->left) {
		make_packet(c, c->bytes);
		c->left = c->length;
	}
	if (len > c->left)
		len = c->left;
	memcpy(buf, c->bytes + c->length - c->left, len);
	c->left -= (unsigned)len;
	return (int64_t)len;
}

static int64_t write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	static const uint8_t intellimouse[SEQUENCE] = { 0xf3, 200, 0xf3, 100, 0xf3, 80 };
	static const uint8_t explorer[SEQUENCE] = { 0xf3, 200, 0xf3, 200, 0xf3, 80 };
	struct client *c = f->private;
	const uint8_t *bytes = buf;

	(void)pos;
	for (size_t i = 0; i < len; i++) {
		if (sequence(explorer, &c->explorer_at, bytes[i]))
			c->mode = EXPLORER;
		if (sequence(intellimouse, &c->intellimouse_at, bytes[i]))
			c->mode = INTELLIMOUSE;
		answer(c, bytes[i]);
	}
	wake_events(&c->dev->wait, POLLIN | POLLRDNORM);
	return (int64_t)len;
}

static unsigned poll_op(struct file *f, struct waiter *w)
{
	struct client *c = f->private;

	poll_wait(&c->dev->wait, w);
	return POLLOUT | POLLWRNORM | (c->ready || c->left ? POLLIN | POLLRDNORM : 0);
}

static const struct file_ops fops = {
	.open = open_op, .release = release_op, .read = read_op, .write = write_op, .poll = poll_op,
	.async = true,
};

/* --- Life --- */

static int add_file(struct machine *m, struct mousedev *d, const char *name, unsigned minor)
{
	const struct vfs_chrdev dev = {
		.dev = vfs_makedev(INPUT_MAJOR, minor), .name = name, .dir = "input", .mode = 0600, .fops = &fops, .private = d,
	};

	return vfs_register_chrdev(m, &dev);
}

int mousedev_new(struct machine *m, struct mousedevs **out)
{
	static const unsigned devices[] = { INPUT_MOUSE, INPUT_TOUCH };
	struct mousedevs *ms = calloc(1, sizeof *ms);
	int err = 0;

	if (!ms)
		return -ENOMEM;
	*out = ms;
	ms->mouse.all = ms->touch.all = ms->mice.all = ms;
	for (unsigned i = 0; i < 2 && !err; i++) {
		struct mousedev *d = one(ms, i);

		d->handle.handler = &handler;
		snprintf(d->handle.name, sizeof d->handle.name, "mouse%u", i);
		input_handle_add(&d->handle, &m->inputs->device[devices[i]]);
		err = add_file(m, d, d->handle.name, MINOR + i);
	}
	return err ? err : add_file(m, &ms->mice, "mice", MINOR_MICE);
}

void mousedev_free(struct mousedevs *ms)
{
	free(ms);
}
