/* SPDX-License-Identifier: MIT
 *
 * ioctl(2) on /dev/fb0 (do_fb_ioctl() of fb_chrdev.c, fbcmap.c), with the two that belong to drivers and that programs ask for:
 * FBIO_WAITFORVSYNC and FBIOGET_VBLANK.
 */
#include "emu/drivers/fbdev.h"

#include <errno.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/sys/user.h"

enum {
	GET_VSCREENINFO = 0x4600, PUT_VSCREENINFO = 0x4601, GET_FSCREENINFO = 0x4602, GETCMAP = 0x4604, PUTCMAP = 0x4605,
	PAN_DISPLAY = 0x4606, GET_CON2FBMAP = 0x460f, PUT_CON2FBMAP = 0x4610, BLANK = 0x4611,
};
/* Numbers with a size in them. */
#define WAITFORVSYNC 0x40044620u
#define GET_VBLANK 0x80204612u
#define CURSOR 0xc0484608u

/* --- Colour maps --- */

struct fb_cmap { uint32_t start, len, red, green, blue, transp; };

/* The largest that kmalloc() gives for each channel. */
#define CMAP_BYTES_MAX (4u << 20)

/* The 16 colours of old (default_16_colors), and black. */
void fbdev_default_colours(struct fbdev *d)
{
	for (unsigned i = 0; i < 16; i++) {
		uint16_t bright = i & 8 ? 0x5555 : 0;

		d->red[i] = (uint16_t)((i & 4 ? 0xaaaa : 0) + bright);
		d->green[i] = (uint16_t)((i & 2 ? 0xaaaa : 0) + bright);
		d->blue[i] = (uint16_t)((i & 1 ? 0xaaaa : 0) + bright);
	}
	d->green[6] = 0x5555;	/* brown */
}

/* fb_set_user_cmap(): what is beyond the last entry goes nowhere. */
static int put_cmap(struct fbdev *d, struct task *t, const struct fb_cmap *c)
{
	const uint32_t from[] = { c->red, c->green, c->blue, c->transp };
	uint16_t *const to[] = { d->red, d->green, d->blue };
	const void *span[4] = { NULL };
	uint32_t bytes = c->len * 2;

	if ((int32_t)bytes < 0 || bytes < c->len)
		return -E2BIG;
	if (bytes > CMAP_BYTES_MAX)
		return -ENOMEM;
	if (!c->len)
		return -EINVAL;
	for (unsigned i = 0; i < 3 + (c->transp != 0); i++) {
		span[i] = user_span(t, from[i], bytes);
		if (!span[i])
			return -EFAULT;
	}
	if ((int32_t)c->start < 0)
		return -EINVAL;
	if (c->start >= FRAMEBUFFER_COLOURS)
		return 0;
	if (bytes > (FRAMEBUFFER_COLOURS - c->start) * 2)
		bytes = (FRAMEBUFFER_COLOURS - c->start) * 2;
	for (unsigned i = 0; i < 3; i++)
		memcpy(to[i] + c->start, span[i], bytes);
	fbdev_show_colours(d);
	return 0;
}

/* fb_cmap_to_user(); there is no map of transparencies to give. */
static int get_cmap(const struct fbdev *d, struct task *t, const struct fb_cmap *c)
{
	const uint32_t to[] = { c->red, c->green, c->blue };
	const uint16_t *const from[] = { d->red, d->green, d->blue };
	uint32_t n;

	if (c->start >= FRAMEBUFFER_COLOURS || !c->len)
		return -EINVAL;
	n = FRAMEBUFFER_COLOURS - c->start;
	if (n > c->len)
		n = c->len;
	for (unsigned i = 0; i < 3; i++)
		if (user_write(t, to[i], from[i] + c->start, n * 2))
			return -EFAULT;
	return 0;
}

/* --- Frames --- */

/* Until the next frame begins. There is one display; argument: which. */
static int64_t wait_for_vsync(struct fbdev *d, struct task *t, uint32_t arg)
{
	uint32_t which;

	if (user_get32(t, arg, &which))
		return -EFAULT;
	if (which)
		return -ENODEV;
	if (!t->sys.flag) {
		t->sys.flag = 1;
		t->sys.done = d->frames;
		framebuffer_interrupts(d->fb, true);
	}
	if (d->frames != t->sys.done)
		return 0;
	wait_on(&d->frame_begins, t);
	return task_block(t);
}

static int64_t get_vblank(const struct fbdev *d, struct task *t, uint32_t arg)
{
	enum { VBLANKING = 1, HAVE_VBLANK = 4, HAVE_COUNT = 0x10, HAVE_VCOUNT = 0x20 };
	uint64_t now = clock_monotonic(d->machine), frame = framebuffer_frame_at(now);
	uint64_t begin = framebuffer_frame_begin(frame), length = framebuffer_frame_begin(frame + 1) - begin;
	uint32_t rows = d->var.yres + d->var.upper_margin + d->var.lower_margin + d->var.vsync_len;
	struct { uint32_t flags, count, vcount, hcount, reserved[4]; } v = { 0 };

	v.count = (uint32_t)frame;
	v.vcount = (uint32_t)((now - begin) * rows / length);
	v.flags = HAVE_VBLANK | HAVE_COUNT | HAVE_VCOUNT | (v.vcount >= d->var.yres ? VBLANKING : 0);
	return user_write(t, arg, &v, sizeof v);
}

/* --- */

/* Those that take a struct fb_var_screeninfo and give back what came of it. */
static int64_t var_ioctl(struct fbdev *d, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct fb_var v;
	int err;

	if (user_read(t, &v, arg, sizeof v))
		return -EFAULT;
	if (cmd == PUT_VSCREENINFO) {
		v.activate &= ~(uint32_t)FB_ACTIVATE_KD_TEXT;
		err = fbdev_set_var(d, &v);
	} else {
		err = fbdev_pan(d, &v);
	}
	return err ? err : user_write(t, arg, &v, sizeof v);
}

static int64_t cmap_ioctl(struct fbdev *d, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct fb_cmap c;

	if (user_read(t, &c, arg, sizeof c))
		return -EFAULT;
	return cmd == PUTCMAP ? put_cmap(d, t, &c) : get_cmap(d, t, &c);
}

/* fbcon_get_con2fb_map_ioctl() and its sister: every terminal there could be (1 to 63) is on this framebuffer, the only one. */
static int64_t console_map(struct task *t, uint32_t cmd, uint32_t arg)
{
	struct { uint32_t console, framebuffer; } map;

	if (user_read(t, &map, arg, sizeof map))
		return -EFAULT;
	if (map.console < 1 || map.console > 63)
		return -EINVAL;
	if (cmd == PUT_CON2FBMAP)
		return map.framebuffer ? -EINVAL : 0;
	map.framebuffer = 0;
	return user_write(t, arg, &map, sizeof map);
}

int64_t fbdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct fbdev *d = f->private;
	struct fb_fix fix;

	switch (cmd) {
	case GET_VSCREENINFO:
		return user_write(t, arg, &d->var, sizeof d->var);
	case PUT_VSCREENINFO: case PAN_DISPLAY:
		return var_ioctl(d, t, cmd, arg);
	case GET_FSCREENINFO:
		fbdev_fix(d, &fix);
		return user_write(t, arg, &fix, sizeof fix);
	case PUTCMAP: case GETCMAP:
		return cmap_ioctl(d, t, cmd, arg);
	case GET_CON2FBMAP: case PUT_CON2FBMAP:
		return console_map(t, cmd, arg);
	case BLANK:
		return arg > FB_BLANK_POWERDOWN ? -EINVAL : fbdev_blank(d, arg);
	case CURSOR:
		return -EINVAL;
	case WAITFORVSYNC:
		return wait_for_vsync(d, t, arg);
	case GET_VBLANK:
		return get_vblank(d, t, arg);
	}
	return -ENOTTY;
}
