/* SPDX-License-Identifier: MIT
 * The framebuffer in /sys.
 * flat32: --display 160x120x32,headless
 * linux: fbcon=map:1 video=vfb:160x120M-32 vfb.videomemorysize=4194304
 */
#include "fb.h"
#include <sys/mount.h>

#define S "/tmp/fb.sys"
#define G S "/class/graphics/fb0/"

static void is(const char *name, const char *want)
{
	char path[200], text[600] = "";
	int in;

	snprintf(path, sizeof path, G "%s", name);
	in = open(path, O_RDONLY);
	if (in < 0 || read(in, text, sizeof text - 1) < 0)
		strcpy(text, strerror(errno));
	close(in);
	for (char *p = text; (p = strchr(p, '\n')); )
		*p = ' ';
	if (!tap_ok(!strcmp(text, want), "%s: %s", name, want))
		tap_diag("got %s", text);
}

/* 0 or -errno; all of it is taken. */
static int put(const char *name, const char *text)
{
	char path[200];
	int out, r;

	snprintf(path, sizeof path, G "%s", name);
	out = open(path, O_WRONLY | O_TRUNC);
	if (out < 0)
		return -errno;
	r = write(out, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
	close(out);
	return r;
}

static void look(void)
{
	char link[100];
	ssize_t n = readlink(S "/class/graphics/fb0", link, sizeof link - 1);

	link[n < 0 ? 0 : n] = 0;
	tap_ok(!strcmp(link, "../../devices/virtual/graphics/fb0"), "where it is");
	is("dev", "29:0 ");
	is("uevent", "MAJOR=29 MINOR=0 DEVNAME=fb0 ");
	is("name", "flat32 ");
	is("bits_per_pixel", "32 ");
	is("virtual_size", "160,120 ");
	is("stride", "640 ");
	is("pan", "0,0 ");
	is("rotate", "0 ");
	is("state", "0 ");
	is("blank", "");
	is("mode", "");
	is("modes", "U:160x120p-60 ");
}

static void change(void)
{
	tap_zero(put("bits_per_pixel", "16\n"), "16 bits");
	is("bits_per_pixel", "16 ");
	is("stride", "320 ");
	tap_is(put("bits_per_pixel", "64\n"), -EINVAL, "64 bits");
	tap_zero(put("virtual_size", "200,240\n"), "a larger picture");
	is("virtual_size", "200,240 ");
	is("stride", "400 ");
	tap_is(put("virtual_size", "200\n"), -EINVAL, "one number");
	tap_is(put("virtual_size", "200,100000\n"), -ENOMEM, "too large");
	tap_zero(put("pan", "40,120"), "panned");
	is("pan", "40,120 ");
	tap_is(put("pan", "41,120"), -EINVAL, "too far");
	tap_is(put("pan", "1"), -EINVAL, "one number");
	tap_zero(put("rotate", "1"), "rotated");
	is("rotate", "0 ");
	tap_zero(put("blank", "4\n"), "blank");
	tap_zero(put("blank", "0\n"), "and not");
	fb_get();
	tap_ok(var.xoffset == 40 && var.yoffset == 120 && var.bits_per_pixel == 16, "ioctl sees it");
}

static void modes(void)
{
	tap_zero(fb_mode(320, 200, 8, 320, 200), "another size");
	tap_zero(fb_mode(64, 64, 8, 64, 64), "a third");
	tap_zero(fb_mode(320, 200, 16, 320, 400), "the second again");
	is("modes", "U:64x64p-60 U:320x200p-60 U:160x120p-60 ");
	is("mode", "");
	tap_zero(put("mode", "U:160x120p-60\n"), "one of them");
	is("mode", "U:160x120p-60 ");
	fb_get();
	tap_ok(var.xres == 160 && var.yres == 120 && var.xres_virtual == 160 && var.yres_virtual == 120 &&
	       var.bits_per_pixel == 16, "is set, in the depth that was");
	tap_is(put("mode", "U:160x120p-61\n"), -EINVAL, "none of them");
	tap_is(put("mode", "U:160x120p-60"), -EINVAL, "a line must end");
	for (unsigned i = 0; i < 40; i++)
		if (fb_mode(100 + i, 100, 8, 0, 0))
			tap_bail("mode %u", i);
	is("modes", "U:139x100p-60 U:138x100p-60 U:137x100p-60 U:136x100p-60 U:135x100p-60 U:134x100p-60 U:133x100p-60 "
	   "U:132x100p-60 U:131x100p-60 U:130x100p-60 U:129x100p-60 U:128x100p-60 U:127x100p-60 U:126x100p-60 U:125x100p-60 "
	   "U:124x100p-60 ");
}

static void state(void)
{
	char c = 7;

	tap_zero(put("state", "1\n"), "suspended");
	is("state", "1 ");
	tap_errno(read(fd, &c, 1), EPERM, "it is not read");
	tap_errno(write(fd, &c, 1), EPERM, "and not written");
	tap_zero(put("state", "0\n"), "and resumed");
	tap_is(write(fd, &c, 1), 1, "written again");
}

int main(void)
{
	if (!fb_open())
		return tap_done();
	mkdir(S, 0755);
	tap_zero(mount("none", S, "sysfs", 0, NULL), "sysfs");
	look();
	change();
	modes();
	state();
	tap_zero(umount(S), "unmounted");
	rmdir(S);
	close(fd);
	return tap_done();
}
