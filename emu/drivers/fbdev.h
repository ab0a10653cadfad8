/* SPDX-License-Identifier: MIT
 *
 * /dev/fb0: the framebuffer (devices/framebuffer.h) as programs of Linux see it, as drivers/video/fbdev/core and a driver of a
 * display without a timing of its own would have it.
 *
 *	fbdev.c		the device: made and registered; read, write; mapped where the memory is
 *	fbdev_mode.c	what mode there is, what may be asked for, panning
 *	fbdev_ioctl.c	ioctl(2), and colour maps
 *
 * It lives as long as the machine. sysfs (emu/sysfs/graphics.c) and /proc/fb look at it by m->fbdev.
 */
#ifndef EMU_DRIVERS_FBDEV_H
#define EMU_DRIVERS_FBDEV_H

#include "devices/framebuffer.h"
#include "emu/board.h"
#include "emu/drivers/chip_time.h"
#include "emu/fs/vfs.h"

struct fb_bitfield { uint32_t offset, length, msb_right; };

/* The guest's struct fb_var_screeninfo and fb_fix_screeninfo (include/uapi/linux/fb.h). */
struct fb_var {
	uint32_t xres, yres, xres_virtual, yres_virtual, xoffset, yoffset, bits_per_pixel, grayscale;
	struct fb_bitfield red, green, blue, transp;
	uint32_t nonstd, activate, height, width, accel_flags;
	uint32_t pixclock, left_margin, right_margin, upper_margin, lower_margin, hsync_len, vsync_len;
	uint32_t sync, vmode, rotate, colorspace, reserved[4];
};
struct fb_fix {
	char id[16];
	uint32_t smem_start, smem_len, type, type_aux, visual;
	uint16_t xpanstep, ypanstep, ywrapstep;
	uint32_t line_length, mmio_start, mmio_len, accel;
	uint16_t capabilities, reserved[2];
};
_Static_assert(sizeof(struct fb_var) == 160 && sizeof(struct fb_fix) == 68, "the guest's structures");

enum {	/* of fb_var.activate and vmode */
	FB_ACTIVATE_NOW = 0, FB_ACTIVATE_NXTOPEN = 1, FB_ACTIVATE_TEST = 2, FB_ACTIVATE_MASK = 15, FB_ACTIVATE_FORCE = 128,
	FB_ACTIVATE_INV_MODE = 256, FB_ACTIVATE_KD_TEXT = 512,
	FB_VMODE_YWRAP = 256, FB_VMODE_CONUPDATE = 512,
};
enum { FB_BLANK_UNBLANK = 0, FB_BLANK_POWERDOWN = 4 };

#define FBDEV_MODES 16u

struct fbdev_size { uint32_t width, height; };

struct fbdev {
	struct machine *machine;
	struct framebuffer *fb;		/* the board's */
	struct chip_time time;		/* the device's */
	uint32_t frames;		/* that have interrupted: only while somebody waits for one */
	struct wait_queue frame_begins;
	uint8_t *memory;		/* of the host; size bytes */
	uint32_t addr, size;		/* of the guest */
	struct fb_var var;
	/* What PUTCMAP has left, of which the device shows what it can: fb_info.cmap. */
	uint16_t red[FRAMEBUFFER_COLOURS], green[FRAMEBUFFER_COLOURS], blue[FRAMEBUFFER_COLOURS];
	/* Sizes there have been, the last one first; of more than so many the oldest are forgotten. */
	struct fbdev_size modes[FBDEV_MODES];
	unsigned nmodes;
	struct fbdev_size chosen;	/* by sysfs's "mode"; 0: none */
	bool suspended;			/* by sysfs's "state": no read() or write() */
	struct mm_source source;
};

/* For the board's list: the device with m->fbdev, and the driver, which is /dev/fb0 and what tells of it. */
bool fbdev_wanted(const struct machine_config *c);
int fbdev_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
int fbdev_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);
void fbdev_free(struct machine *m);	/* the driver; when no task and no file is left */

/* --- fbdev_mode.c --- */
void fbdev_first_mode(struct fbdev *d);		/* the device's */
void fbdev_fix(const struct fbdev *d, struct fb_fix *fix);
/* fb_set_var(), fb_pan_display(): 0, *var is as it was rounded; -EINVAL, -ENOMEM: larger than the memory. */
int fbdev_set_var(struct fbdev *d, struct fb_var *var);
int fbdev_pan(struct fbdev *d, const struct fb_var *var);
int fbdev_blank(struct fbdev *d, uint32_t level);
void fbdev_show_colours(struct fbdev *d);	/* the device's palette is made that of the colour map */

/* --- fbdev_ioctl.c --- */
int64_t fbdev_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
void fbdev_default_colours(struct fbdev *d);

#endif
