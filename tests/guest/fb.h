/* SPDX-License-Identifier: MIT
 *
 * What the tests of the framebuffer share: it is opened, or the test is skipped.
 */
#ifndef FB_H
#define FB_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fb.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "tap.h"

#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)

#ifndef FBIO_WAITFORVSYNC
#define FBIO_WAITFORVSYNC _IOW('F', 0x20, uint32_t)
#endif

static int fd;
static struct fb_var_screeninfo var;
static struct fb_fix_screeninfo fix;

static inline int fb_get(void)
{
	return ioctl(fd, FBIOGET_VSCREENINFO, &var) || ioctl(fd, FBIOGET_FSCREENINFO, &fix);
}

/* Sets size, depth and virtual size from the first pixel on; -1 and errno. */
static inline int fb_mode(unsigned width, unsigned height, unsigned bpp, unsigned vwidth, unsigned vheight)
{
	if (fb_get())
		return -1;
	var.xres = width;
	var.yres = height;
	var.bits_per_pixel = bpp;
	var.xres_virtual = vwidth;
	var.yres_virtual = vheight;
	var.xoffset = var.yoffset = 0;
	var.activate = FB_ACTIVATE_NOW;
	return ioctl(fd, FBIOPUT_VSCREENINFO, &var) || ioctl(fd, FBIOGET_FSCREENINFO, &fix) ? -1 : 0;
}

/* False: there is none, and the plan says so. */
static inline int fb_open(void)
{
	tap_plan(0);
	fd = open("/dev/fb0", O_RDWR);
	if (fd >= 0 && tap_own_machine())
		return 1;
	tap_skip(1, "no /dev/fb0");
	return 0;
}

#endif
