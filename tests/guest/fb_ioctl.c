/* SPDX-License-Identifier: MIT
 * Modes, panning, frames, colours: the ioctls of /dev/fb0 and their errors.
 * flat32: --deterministic --display 160x120x32,headless
 * linux: fbcon=map:1 video=vfb:160x120M-32 vfb.videomemorysize=4194304
 */
#include "fb.h"
#include <signal.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>

#define SIZE (4u << 20)
#define FRAME_NS 16666667ll

static void what_there_is(void)
{
	struct stat st;
	char text[4096] = "";
	int in;

	tap_zero(fstat(fd, &st), "fstat");
	tap_ok(S_ISCHR(st.st_mode) && st.st_rdev == makedev(29, 0), "a character device, 29:0");
	tap_zero(fb_get(), "it tells of itself");
	tap_ok(var.xres == 160 && var.yres == 120 && var.bits_per_pixel == 32, "160x120x32");
	tap_ok(var.xres_virtual == 160 && var.yres_virtual == 120 && !var.xoffset && !var.yoffset, "shown as a whole");
	tap_ok(var.red.offset == 16 && var.green.offset == 8 && var.blue.offset == 0 && var.red.length == 8 &&
	       var.green.length == 8 && var.blue.length == 8 && !var.transp.length, "XRGB 8888");
	tap_ok(!var.grayscale && !var.nonstd && !var.accel_flags && !var.rotate && !var.vmode && !var.activate, "nothing special");
	tap_ok(!strcmp(fix.id, "flat32") && fix.type == FB_TYPE_PACKED_PIXELS && fix.visual == FB_VISUAL_TRUECOLOR &&
	       fix.accel == FB_ACCEL_NONE && !fix.capabilities, "packed pixels of true colour");
	tap_is(fix.smem_len, SIZE, "smem_len");
	tap_is(fix.line_length, 640, "line_length");
	tap_ok(fix.xpanstep == 1 && fix.ypanstep == 1 && !fix.ywrapstep, "pans, does not wrap");
	tap_ok(fix.smem_start && fix.smem_start % PAGE == 0 && fix.mmio_start && fix.mmio_len == PAGE, "memory and registers");
	in = open("/proc/fb", O_RDONLY);
	tap_ok(read(in, text, sizeof text - 1) == 9 && !strcmp(text, "0 flat32\n"), "/proc/fb");
	close(in);
	in = open("/proc/devices", O_RDONLY);
	text[read(in, text, sizeof text - 1)] = 0;
	close(in);
	tap_ok(strstr(text, "\n 29 fb\n") != NULL, "/proc/devices");
	tap_efault(ioctl(fd, FBIOGET_VSCREENINFO, (void *)16), "FBIOGET_VSCREENINFO to nowhere");
	tap_efault(ioctl(fd, FBIOGET_FSCREENINFO, (void *)16), "FBIOGET_FSCREENINFO to nowhere");
	tap_efault(ioctl(fd, FBIOPUT_VSCREENINFO, (void *)16), "FBIOPUT_VSCREENINFO from nowhere");
	tap_efault(ioctl(fd, FBIOPAN_DISPLAY, (void *)16), "FBIOPAN_DISPLAY from nowhere");
	tap_errno(ioctl(fd, 0x4603, &var), ENOTTY, "an ioctl that there is not");
	tap_errno(ioctl(fd, 0x5401, text), ENOTTY, "TCGETS");
	tap_errno(ioctl(fd, _IOWR('F', 0x08, char[72]), text), EINVAL, "FBIO_CURSOR");
}

/* Sets what is in `var`; -errno. */
static int put(void)
{
	return ioctl(fd, FBIOPUT_VSCREENINFO, &var) ? -errno : 0;
}

static void one_mode(unsigned bpp, unsigned rounded, unsigned visual, unsigned stride)
{
	fb_get();
	var.xres = 64;
	var.yres = 48;
	var.xres_virtual = 65;
	var.yres_virtual = 96;
	var.bits_per_pixel = bpp;
	var.red.length = var.green.offset = 77;
	tap_zero(put(), "%u bits", bpp);
	tap_ok(var.bits_per_pixel == rounded && var.red.length == (rounded == 16 ? 5 : 8), "are %u", rounded);
	fb_get();
	tap_ok(var.xres == 64 && var.yres == 48 && var.xres_virtual == 65 && var.yres_virtual == 96 &&
	       var.bits_per_pixel == rounded, "that is the mode then");
	tap_ok(fix.visual == visual && fix.line_length == stride, "with rows of %u bytes", stride);
}

static void modes(void)
{
	struct fb_var_screeninfo before;
	unsigned long long total;

	one_mode(8, 8, FB_VISUAL_PSEUDOCOLOR, 68);
	tap_ok(!var.red.offset && !var.green.offset && !var.blue.offset && var.green.length == 8, "an index of 8 bits");
	one_mode(16, 16, FB_VISUAL_TRUECOLOR, 132);
	tap_ok(var.red.offset == 11 && var.green.offset == 5 && var.green.length == 6 && !var.blue.offset &&
	       var.blue.length == 5, "RGB 565");
	one_mode(24, 24, FB_VISUAL_TRUECOLOR, 196);
	tap_ok(var.red.offset == 16 && var.green.offset == 8 && !var.blue.offset, "RGB 888");
	one_mode(32, 32, FB_VISUAL_TRUECOLOR, 260);
	one_mode(0, 8, FB_VISUAL_PSEUDOCOLOR, 68);
	one_mode(1, 8, FB_VISUAL_PSEUDOCOLOR, 68);
	one_mode(15, 16, FB_VISUAL_TRUECOLOR, 132);
	one_mode(17, 24, FB_VISUAL_TRUECOLOR, 196);
	one_mode(25, 32, FB_VISUAL_TRUECOLOR, 260);
	total = (var.xres + var.left_margin + var.right_margin + var.hsync_len) *
		(unsigned long long)(var.yres + var.upper_margin + var.lower_margin + var.vsync_len) * var.pixclock;
	tap_ok(total > 16660000000 && total < 16670000000, "timing comes to a 60th of a second");
	fb_get();
	before = var;
	var.bits_per_pixel = 33;
	tap_is(put(), -EINVAL, "33 bits");
	var = before;
	var.xres = 7;
	tap_is(put(), -EINVAL, "7 pixels wide");
	var = before;
	var.yres = 7;
	tap_is(put(), -EINVAL, "7 high");
	var = before;
	var.xres = var.yres = 65536;
	tap_is(put(), -EINVAL, "2^32 pixels");
	var = before;
	var.xres_virtual = var.yres_virtual = 0x10000;
	tap_is(put(), -EINVAL, "2^32 virtual ones");
	var = before;
	var.yres_virtual = SIZE / 260 + 1;
	tap_is(put(), -ENOMEM, "a row more than there is memory");
	var = before;
	var.xres = 2000;
	var.yres = 1000;
	tap_is(put(), -ENOMEM, "larger than the memory");
	var = before;
	var.xoffset = 0xfffffff0;
	tap_is(put(), -ENOMEM, "shown from far away");
	fb_get();
	tap_ok(!memcmp(&var, &before, sizeof var), "none of that changed anything");
	var.yres_virtual = SIZE / 260;
	tap_zero(put(), "all of the memory");
	var.xres_virtual = var.yres_virtual = 0;
	var.xoffset = 10;
	var.yoffset = 20;
	tap_zero(put(), "a virtual size that is too small");
	tap_ok(var.xres_virtual == 74 && var.yres_virtual == 68 && var.xoffset == 10 && var.yoffset == 20, "is made large enough");
	var.xoffset = 2;
	var.vmode = 512;	/* FB_VMODE_CONUPDATE */
	tap_zero(put(), "a mode without an offset");
	tap_is(var.xoffset, 10, "keeps the one that is");
}

static void activate(void)
{
	struct fb_var_screeninfo before;

	fb_get();
	before = var;
	var.xres = 40;
	var.bits_per_pixel = 15;
	var.activate = FB_ACTIVATE_TEST;
	tap_zero(put(), "FB_ACTIVATE_TEST");
	tap_is(var.bits_per_pixel, 16, "says what would be");
	fb_get();
	tap_ok(!memcmp(&var, &before, sizeof var), "and changes nothing");
	var.xres = 4000000;
	var.activate = FB_ACTIVATE_TEST;
	tap_is(put(), -ENOMEM, "or that it would not");
	fb_get();
	var.activate = FB_ACTIVATE_NXTOPEN;
	var.xres = 41;
	tap_zero(put(), "FB_ACTIVATE_NXTOPEN");
	fb_get();
	tap_is(var.xres, before.xres, "is not now");
	var.activate = FB_ACTIVATE_FORCE;
	tap_zero(put(), "FB_ACTIVATE_FORCE");
	var.activate = FB_ACTIVATE_INV_MODE;
	tap_is(put(), -EINVAL, "the mode that is cannot be forgotten");
	var.activate = FB_ACTIVATE_INV_MODE;
	var.xres = 160;
	var.yres = 120;
	tap_zero(put(), "another can");
	fb_get();
	tap_ok(var.xres == before.xres && var.yres == before.yres, "which leaves the mode");
}

static int pan(unsigned x, unsigned y, unsigned vmode)
{
	fb_get();
	var.xoffset = x;
	var.yoffset = y;
	var.vmode = vmode;
	return ioctl(fd, FBIOPAN_DISPLAY, &var) ? -errno : 0;
}

static void panning(void)
{
	tap_zero(fb_mode(64, 48, 16, 80, 96), "a picture larger than the screen");
	tap_zero(pan(0, 48, 0), "the second frame");
	fb_get();
	tap_ok(var.yoffset == 48 && var.xoffset == 0, "is shown");
	tap_zero(pan(16, 13, 0), "some pixels right and down");
	tap_is(pan(17, 0, 0), -EINVAL, "a pixel too far right");
	tap_is(pan(0, 49, 0), -EINVAL, "and too far down");
	tap_is(pan(0xffffffff, 0, 0), -EINVAL, "left of it");
	tap_is(pan(0, 1, FB_VMODE_YWRAP), -EINVAL, "it does not wrap");
	fb_get();
	tap_ok(var.xoffset == 16 && var.yoffset == 13, "it stays where it was");
	var.yoffset = 2;
	var.xres = 12345;
	tap_zero(ioctl(fd, FBIOPAN_DISPLAY, &var), "of the rest nothing is looked at");
	fb_get();
	tap_ok(var.yoffset == 2 && var.xres == 64, "or changed");
	tap_zero(fb_mode(64, 48, 16, 64, 48), "a picture that is the screen");
	tap_is(pan(0, 1, 0), -EINVAL, "has nowhere to go");
}

static void blank(void)
{
	for (unsigned long i = 0; i <= 4; i++)
		tap_zero(ioctl(fd, FBIOBLANK, i), "FBIOBLANK %lu", i);
	tap_errno(ioctl(fd, FBIOBLANK, 5), EINVAL, "FBIOBLANK 5");
	tap_zero(ioctl(fd, FBIOBLANK, 0), "and on again");
}

/* --- Colours --- */

static uint16_t r[300], g[300], b[300], a[300];

static int cmap(int cmd, unsigned start, unsigned len)
{
	struct fb_cmap c = { start, len, r, g, b, a };

	return ioctl(fd, cmd, &c) ? -errno : 0;
}

static void colours(void)
{
	struct fb_cmap c = { 0, 16, r, g, (void *)16, NULL };
	uint16_t first[16];

	memset(a, 0x33, sizeof a);
	tap_zero(cmap(FBIOGETCMAP, 0, 256), "all colours");
	tap_ok(!r[0] && !g[0] && !b[0] && r[1] == 0 && b[1] == 0xaaaa && r[6] == 0xaaaa && g[6] == 0x5555 && !b[6] &&
	       r[15] == 0xffff && g[15] == 0xffff && b[9] == 0xffff && r[9] == 0x5555 && !r[16] && !b[255], "are those of old");
	tap_is(a[0], 0x3333, "there is no transparency");
	memcpy(first, r, sizeof first);
	for (unsigned i = 0; i < 300; i++) {
		r[i] = (uint16_t)(i * 257);
		g[i] = (uint16_t)(i * 3);
		b[i] = (uint16_t)~i;
	}
	tap_zero(cmap(FBIOPUTCMAP, 16, 240), "240 are set");
	memset(r, 0, sizeof r);
	tap_zero(cmap(FBIOGETCMAP, 0, 300), "more than all are asked for");
	tap_ok(!memcmp(r, first, sizeof first) && r[16] == 0 && r[17] == 257 && g[255] == 239 * 3 && b[255] == 0xff10,
	       "which are 256, and what was set");
	tap_zero(cmap(FBIOPUTCMAP, 250, 300), "what is too much goes nowhere");
	tap_zero(cmap(FBIOPUTCMAP, 256, 1), "all of it if it begins there");
	tap_is(cmap(FBIOGETCMAP, 256, 1), -EINVAL, "but there is nothing to read");
	tap_is(cmap(FBIOGETCMAP, 0, 0), -EINVAL, "no colours are not read");
	tap_is(cmap(FBIOPUTCMAP, 0, 0), -EINVAL, "and not set");
	tap_is(cmap(FBIOPUTCMAP, 0x80000000, 1), -EINVAL, "there are none below 0");
	tap_is(cmap(FBIOPUTCMAP, 0, 0x40000000), -E2BIG, "2^30 colours");
	tap_is(cmap(FBIOPUTCMAP, 0, 0xffffffff), -E2BIG, "2^32 - 1");
	tap_is(cmap(FBIOPUTCMAP, 0, 0x3fffffff), -ENOMEM, "more than the kernel has room for");
	tap_efault(ioctl(fd, FBIOPUTCMAP, &c), "blue from nowhere");
	tap_efault(ioctl(fd, FBIOGETCMAP, &c), "and to there");
	tap_efault(ioctl(fd, FBIOPUTCMAP, (void *)16), "a map from nowhere");
	tap_zero(fb_mode(64, 48, 16, 64, 48), "true colour");
	tap_zero(cmap(FBIOPUTCMAP, 0, 256), "has a map as well");
}

/* --- Frames --- */

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static volatile int alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

/* The frame that is now, and where in it. */
static struct fb_vblank vblank(void)
{
	struct fb_vblank v = { 0 };

	tap_zero(ioctl(fd, FBIOGET_VBLANK, &v), "FBIOGET_VBLANK");
	return v;
}

static void frames(void)
{
	struct fb_vblank before, after;
	struct sigaction act = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 1000 };
	uint32_t zero = 0, one = 1;
	long long t;
	int waited = 0;

	before = vblank();
	tap_ok((before.flags & (FB_VBLANK_HAVE_COUNT | FB_VBLANK_HAVE_VCOUNT | FB_VBLANK_HAVE_VBLANK)) ==
	       (FB_VBLANK_HAVE_COUNT | FB_VBLANK_HAVE_VCOUNT | FB_VBLANK_HAVE_VBLANK), "what it knows");
	tap_is(!!(before.flags & FB_VBLANK_VBLANKING), before.vcount >= 48, "blanking behind the last row");
	t = now();
	for (int i = 0; i < 5; i++)
		waited += ioctl(fd, FBIO_WAITFORVSYNC, &zero) == 0;
	t = now() - t;
	after = vblank();
	tap_is(waited, 5, "five frames");
	tap_ok(after.count - before.count >= 5, "are counted");
	tap_ok(t > 4 * FRAME_NS, "and take more than four of them");
	tap_errno(ioctl(fd, FBIO_WAITFORVSYNC, &one), ENODEV, "there is one display");
	tap_efault(ioctl(fd, FBIO_WAITFORVSYNC, NULL), "FBIO_WAITFORVSYNC of nothing");
	tap_efault(ioctl(fd, FBIOGET_VBLANK, (void *)16), "FBIOGET_VBLANK to nowhere");
	sigaction(SIGALRM, &act, NULL);
	ioctl(fd, FBIO_WAITFORVSYNC, &zero);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_errno(ioctl(fd, FBIO_WAITFORVSYNC, &zero), EINTR, "a signal ends the wait");
	tap_is(alarms, 1, "and is handled");
	act.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &act, NULL);
	ioctl(fd, FBIO_WAITFORVSYNC, &zero);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_zero(ioctl(fd, FBIO_WAITFORVSYNC, &zero), "with SA_RESTART it goes on");
	tap_is(alarms, 2, "after it was handled");
}

int main(void)
{
	if (!fb_open())
		return tap_done();
	what_there_is();
	modes();
	activate();
	panning();
	blank();
	colours();
	frames();
	close(fd);
	return tap_done();
}
