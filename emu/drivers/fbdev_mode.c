/* SPDX-License-Identifier: MIT
 *
 * Modes: fb_set_var() and fb_pan_display() of drivers/video/fbdev/core/fbmem.c, and what a driver has to say to them (there
 * is none to be like: vfb.c is what this display comes closest to).
 *
 * Any size and depth will do whose picture fits into the memory. Timing is not for the asking: there are 60 frames a second,
 * and that is what comes back.
 */
#include "emu/drivers/fbdev.h"

#include <errno.h>
#include <string.h>
#include "emu/vt/vt.h"

enum { VISUAL_TRUECOLOR = 2, VISUAL_PSEUDOCOLOR = 3 };
enum { LEFT = 48, RIGHT = 16, UPPER = 30, LOWER = 10, HSYNC = 96, VSYNC = 2 };	/* margins, as any display has some */

void fbdev_fix(const struct fbdev *d, struct fb_fix *fix)
{
	const struct device *device = framebuffer_device(d->fb);
	struct framebuffer_mode mode;

	framebuffer_get_mode(d->fb, &mode);
	*fix = (struct fb_fix){
		.id = "flat32", .smem_start = d->addr, .smem_len = d->size,
		.visual = d->var.bits_per_pixel == 8 ? VISUAL_PSEUDOCOLOR : VISUAL_TRUECOLOR,
		.xpanstep = 1, .ypanstep = 1, .line_length = (uint32_t)framebuffer_stride(&mode),
		.mmio_start = device->window[FRAMEBUFFER_REGISTERS].addr,
		.mmio_len = device->window[FRAMEBUFFER_REGISTERS].size,
	};
}

/* --- What may be asked for --- */

static void set_channels(struct fb_var *v)
{
	static const struct fb_bitfield none, byte[3] = { { 0, 8, 0 }, { 8, 8, 0 }, { 16, 8, 0 } };

	v->transp = none;
	switch (v->bits_per_pixel) {
	case 8:
		v->red = v->green = v->blue = byte[0];
		break;
	case 16:
		v->red = (struct fb_bitfield){ 11, 5, 0 };
		v->green = (struct fb_bitfield){ 5, 6, 0 };
		v->blue = (struct fb_bitfield){ 0, 5, 0 };
		break;
	default:
		v->red = byte[2];
		v->green = byte[1];
		v->blue = byte[0];
		break;
	}
}

/* So that total pixels times the pixel clock (in ps) come to a 60th of a second. */
static void set_timing(struct fb_var *v)
{
	uint64_t total = ((uint64_t)v->xres + LEFT + RIGHT + HSYNC) * ((uint64_t)v->yres + UPPER + LOWER + VSYNC);

	v->left_margin = LEFT;
	v->right_margin = RIGHT;
	v->upper_margin = UPPER;
	v->lower_margin = LOWER;
	v->hsync_len = HSYNC;
	v->vsync_len = VSYNC;
	v->pixclock = (uint32_t)(UINT64_C(1000000000000) / FRAMEBUFFER_HZ / total);
	v->sync = 0;
	v->vmode = 0;
}

static uint32_t at_least(uint32_t size, uint32_t offset, uint32_t shown)
{
	uint64_t end = (uint64_t)offset + shown;

	return size > end ? size : end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
}

static struct framebuffer_mode mode_of(const struct fb_var *v)
{
	return (struct framebuffer_mode){ .width = v->xres, .height = v->yres, .bpp = v->bits_per_pixel,
					  .virtual_width = v->xres_virtual, .virtual_height = v->yres_virtual };
}

/* The driver's fb_check_var(): rounds up to what there is. */
static int check_var(const struct fbdev *d, struct fb_var *v)
{
	struct framebuffer_mode mode;
	int err;

	if (v->vmode & FB_VMODE_CONUPDATE) {
		v->xoffset = d->var.xoffset;
		v->yoffset = d->var.yoffset;
	}
	if (v->bits_per_pixel > 32)
		return -EINVAL;
	v->bits_per_pixel = v->bits_per_pixel <= 8 ? 8 : (v->bits_per_pixel + 7) & ~7u;
	v->xres_virtual = at_least(v->xres_virtual, v->xoffset, v->xres);
	v->yres_virtual = at_least(v->yres_virtual, v->yoffset, v->yres);
	mode = mode_of(v);
	err = framebuffer_check(d->fb, &mode);
	if (err)
		return err;
	set_channels(v);
	set_timing(v);
	v->grayscale = v->nonstd = v->accel_flags = v->rotate = v->colorspace = 0;
	v->height = v->width = UINT32_MAX;	/* in mm: who knows */
	memset(v->reserved, 0, sizeof v->reserved);
	return 0;
}

/* --- The list of modes: of one size there is one --- */

static void add_mode(struct fbdev *d)
{
	struct fbdev_size now = { d->var.xres, d->var.yres };

	for (unsigned i = 0; i < d->nmodes; i++)
		if (d->modes[i].width == now.width && d->modes[i].height == now.height)
			return;
	d->nmodes += d->nmodes < FBDEV_MODES;
	memmove(d->modes + 1, d->modes, (d->nmodes - 1) * sizeof *d->modes);
	d->modes[0] = now;
}

/* FB_ACTIVATE_INV_MODE: forgets one that is not in use. */
static int forget_mode(struct fbdev *d, const struct fb_var *v)
{
	if (v->xres == d->var.xres && v->yres == d->var.yres)
		return -EINVAL;
	for (unsigned i = 0; i < d->nmodes; i++)
		if (d->modes[i].width == v->xres && d->modes[i].height == v->yres) {
			memmove(d->modes + i, d->modes + i + 1, (--d->nmodes - i) * sizeof *d->modes);
			break;
		}
	return 0;
}

/* --- Changes --- */

static bool overflows(uint32_t a, uint32_t b)
{
	return (uint64_t)a * b > UINT32_MAX;
}

int fbdev_set_var(struct fbdev *d, struct fb_var *v)
{
	struct framebuffer_mode mode;
	int err;

	if (v->activate & FB_ACTIVATE_INV_MODE)
		return forget_mode(d, v);
	if (!(v->activate & FB_ACTIVATE_FORCE) && !memcmp(&d->var, v, sizeof *v))
		return 0;
	if (v->xres < 8 || v->yres < 8)
		return -EINVAL;
	if (overflows(v->xres, v->yres) || overflows(v->xres_virtual, v->yres_virtual))
		return -EINVAL;
	err = check_var(d, v);
	if (err)
		return err;
	if ((v->activate & FB_ACTIVATE_MASK) != FB_ACTIVATE_NOW)
		return 0;
	mode = mode_of(v);
	err = framebuffer_set_mode(d->fb, &mode);
	if (err)
		return err;
	d->var = *v;
	framebuffer_pan(d->fb, v->xoffset, v->yoffset);
	fbdev_show_colours(d);
	add_mode(d);
	vts_mode_changed(d->machine);
	return 0;
}

int fbdev_pan(struct fbdev *d, const struct fb_var *v)
{
	int err;

	if (v->vmode & FB_VMODE_YWRAP)
		return -EINVAL;		/* a row above the first one is not the last one: ywrapstep is 0 */
	err = framebuffer_pan(d->fb, v->xoffset, v->yoffset);
	if (err)
		return err;
	d->var.xoffset = v->xoffset;
	d->var.yoffset = v->yoffset;
	return 0;
}

/* How deep it sleeps cannot be seen. */
int fbdev_blank(struct fbdev *d, uint32_t level)
{
	framebuffer_set_blank(d->fb, level != FB_BLANK_UNBLANK);
	return 0;
}

void fbdev_show_colours(struct fbdev *d)
{
	for (unsigned i = 0; i < FRAMEBUFFER_COLOURS; i++)
		framebuffer_set_colour(d->fb, (uint8_t)i,
				       (struct framebuffer_colour){ d->red[i], d->green[i], d->blue[i] });
}

void fbdev_first_mode(struct fbdev *d)
{
	struct framebuffer_mode mode;

	framebuffer_get_mode(d->fb, &mode);
	d->var = (struct fb_var){
		.xres = mode.width, .yres = mode.height, .bits_per_pixel = mode.bpp, .xres_virtual = mode.virtual_width,
		.yres_virtual = mode.virtual_height, .height = UINT32_MAX, .width = UINT32_MAX,
	};
	set_channels(&d->var);
	set_timing(&d->var);
	fbdev_show_colours(d);
	add_mode(d);
}
