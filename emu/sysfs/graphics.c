/* SPDX-License-Identifier: MIT
 *
 * class/graphics/fb0: drivers/video/fbdev/core/fbsysfs.c.
 */
#include "emu/sysfs/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/drivers/fbdev.h"

static struct fbdev *fb_of(const struct attribute *a)
{
	return a->machine->fbdev;
}

/* simple_strtoul(): digits up to what is none, and no complaint. */
static uint32_t number(const char *text, const char **end)
{
	char *after = (char *)text;
	unsigned long long n = *text >= '0' && *text <= '9' ? strtoull(text, &after, 0) : 0;

	*end = after;
	return (uint32_t)n;
}

/* "x,y", whatever the comma is. */
static bool two_numbers(const char *text, size_t len, uint32_t *x, uint32_t *y)
{
	const char *end;

	*x = number(text, &end);
	if ((size_t)(end + 1 - text) >= len)
		return false;
	*y = number(end + 1, &end);
	return true;
}

static int64_t activate(struct fbdev *d, struct fb_var *v, size_t len)
{
	int err;

	v->activate |= FB_ACTIVATE_FORCE;
	err = fbdev_set_var(d, v);
	return err ? err : (int64_t)len;
}

/* --- One number each --- */

int show_fb_bpp(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", fb_of(a)->var.bits_per_pixel);
}

int64_t store_fb_bpp(const struct attribute *a, const char *text, size_t len)
{
	struct fb_var v = fb_of(a)->var;
	const char *end;

	v.bits_per_pixel = number(text, &end);
	return activate(fb_of(a), &v, len);
}

int show_fb_rotate(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", fb_of(a)->var.rotate);
}

int64_t store_fb_rotate(const struct attribute *a, const char *text, size_t len)
{
	struct fb_var v = fb_of(a)->var;
	const char *end;

	v.rotate = number(text, &end);
	return activate(fb_of(a), &v, len);
}

int show_fb_state(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%d\n", fb_of(a)->suspended);
}

int64_t store_fb_state(const struct attribute *a, const char *text, size_t len)
{
	const char *end;

	fb_of(a)->suspended = number(text, &end) != 0;
	return (int64_t)len;
}

int64_t store_fb_blank(const struct attribute *a, const char *text, size_t len)
{
	const char *end;
	int err = fbdev_blank(fb_of(a), number(text, &end));

	return err ? err : (int64_t)len;
}

int show_fb_stride(const struct attribute *a, char *buf, size_t size)
{
	struct fb_fix fix;

	fbdev_fix(fb_of(a), &fix);
	return snprintf(buf, size, "%u\n", fix.line_length);
}

int show_fb_name(const struct attribute *a, char *buf, size_t size)
{
	struct fb_fix fix;

	fbdev_fix(fb_of(a), &fix);
	return snprintf(buf, size, "%s\n", fix.id);
}

/* --- Two --- */

int show_fb_virtual_size(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u,%u\n", fb_of(a)->var.xres_virtual, fb_of(a)->var.yres_virtual);
}

int64_t store_fb_virtual_size(const struct attribute *a, const char *text, size_t len)
{
	struct fb_var v = fb_of(a)->var;

	return two_numbers(text, len, &v.xres_virtual, &v.yres_virtual) ? activate(fb_of(a), &v, len) : -EINVAL;
}

int show_fb_pan(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u,%u\n", fb_of(a)->var.xoffset, fb_of(a)->var.yoffset);
}

int64_t store_fb_pan(const struct attribute *a, const char *text, size_t len)
{
	struct fb_var v = fb_of(a)->var;
	int err = two_numbers(text, len, &v.xoffset, &v.yoffset) ? fbdev_pan(fb_of(a), &v) : -EINVAL;

	return err ? err : (int64_t)len;
}

/* --- Modes --- */

/* mode_string() */
static int mode_line(char *buf, size_t size, struct fbdev_size m)
{
	return snprintf(buf, size, "U:%ux%up-%u\n", m.width, m.height, FRAMEBUFFER_HZ);
}

int show_fb_modes(const struct attribute *a, char *buf, size_t size)
{
	const struct fbdev *d = fb_of(a);
	int n = 0;

	for (unsigned i = 0; i < d->nmodes; i++)
		n += mode_line(buf + n, size - (size_t)n, d->modes[i]);
	return n;
}

/* The one that was chosen here; nothing if none was. */
int show_fb_mode(const struct attribute *a, char *buf, size_t size)
{
	const struct fbdev *d = fb_of(a);

	return d->chosen.width ? mode_line(buf, size, d->chosen) : snprintf(buf, size, "%s", "");
}

/* A line of modes, its end included. */
int64_t store_fb_mode(const struct attribute *a, const char *text, size_t len)
{
	struct fbdev *d = fb_of(a);

	for (unsigned i = 0; i < d->nmodes; i++) {
		struct fbdev_size m = d->modes[i];
		struct fb_var v = d->var;
		char line[40];
		int64_t r;

		mode_line(line, sizeof line, m);
		if (strcmp(line, text))
			continue;
		v.xres = m.width;
		v.yres = m.height;
		v.xres_virtual = v.yres_virtual = v.xoffset = v.yoffset = 0;
		r = activate(d, &v, len);
		if (r > 0)
			d->chosen = m;
		return r;
	}
	return -EINVAL;
}
