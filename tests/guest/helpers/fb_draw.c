/* SPDX-License-Identifier: MIT
 *
 * fb_draw WIDTH HEIGHT DEPTH VIRTUAL_WIDTH VIRTUAL_HEIGHT X Y FILE: sets that mode, fills all of the picture with noise (through a
 * mapping; every fourth row with write()), shows it from X, Y on, and writes to FILE, as PPM, what should be seen then.
 */
#include <fcntl.h>
#include <linux/fb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fb_var_screeninfo var;
static struct fb_fix_screeninfo fix;
static uint16_t red[256], green[256], blue[256];

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* Any 32 bits, but the same for the same pixel. */
static uint32_t noise(uint32_t x, uint32_t y)
{
	uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u;

	h ^= h >> 15;
	h *= 0xc2b2ae3du;
	return h ^ h >> 13;
}

static uint8_t repeated(uint32_t v, unsigned bits)
{
	return (uint8_t)(v << (8 - bits) | v >> (2 * bits - 8));
}

static void seen(uint32_t pixel, uint8_t rgb[3])
{
	switch (var.bits_per_pixel) {
	case 8:
		rgb[0] = red[pixel & 255] >> 8;
		rgb[1] = green[pixel & 255] >> 8;
		rgb[2] = blue[pixel & 255] >> 8;
		break;
	case 16:
		rgb[0] = repeated(pixel >> var.red.offset & 31, 5);
		rgb[1] = repeated(pixel >> var.green.offset & 63, 6);
		rgb[2] = repeated(pixel >> var.blue.offset & 31, 5);
		break;
	default:
		rgb[0] = (uint8_t)(pixel >> var.red.offset);
		rgb[1] = (uint8_t)(pixel >> var.green.offset);
		rgb[2] = (uint8_t)(pixel >> var.blue.offset);
	}
}

static int draw(int fd)
{
	uint8_t *memory = mmap(NULL, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned bytes = var.bits_per_pixel / 8;
	uint8_t *row = malloc(fix.line_length);

	if (memory == MAP_FAILED || !row)
		return fail("mmap");
	for (uint32_t y = 0; y < var.yres_virtual; y++) {
		uint8_t *out = y % 4 ? memory + y * fix.line_length : row;

		for (uint32_t x = 0; x < var.xres_virtual; x++) {
			uint32_t pixel = noise(x, y);

			memcpy(out + x * bytes, &pixel, bytes);
		}
		if (y % 4 == 0 && pwrite(fd, row, fix.line_length, (off_t)y * fix.line_length) != (ssize_t)fix.line_length)
			return fail("pwrite");
	}
	free(row);
	return 0;
}

static int expect(const char *name)
{
	FILE *f = fopen(name, "w");
	uint8_t rgb[3];

	if (!f)
		return fail(name);
	fprintf(f, "P6\n%u %u\n255\n", var.xres, var.yres);
	for (uint32_t y = 0; y < var.yres; y++)
		for (uint32_t x = 0; x < var.xres; x++) {
			seen(noise(x + var.xoffset, y + var.yoffset), rgb);
			fwrite(rgb, 3, 1, f);
		}
	return fclose(f) ? fail(name) : 0;
}

int main(int argc, char **argv)
{
	struct fb_cmap map = { 0, 256, red, green, blue, NULL };
	int fd = open("/dev/fb0", O_RDWR);

	if (argc != 9)
		return 2;
	if (fd < 0 || ioctl(fd, FBIOGET_VSCREENINFO, &var))
		return fail("/dev/fb0");
	var.xres = (uint32_t)atoi(argv[1]);
	var.yres = (uint32_t)atoi(argv[2]);
	var.bits_per_pixel = (uint32_t)atoi(argv[3]);
	var.xres_virtual = (uint32_t)atoi(argv[4]);
	var.yres_virtual = (uint32_t)atoi(argv[5]);
	if (ioctl(fd, FBIOPUT_VSCREENINFO, &var) || ioctl(fd, FBIOGET_FSCREENINFO, &fix))
		return fail("FBIOPUT_VSCREENINFO");
	for (unsigned i = 0; i < 256; i++) {
		red[i] = (uint16_t)noise(i, 0);
		green[i] = (uint16_t)noise(i, 1);
		blue[i] = (uint16_t)noise(i, 2);
	}
	if (ioctl(fd, FBIOPUTCMAP, &map))
		return fail("FBIOPUTCMAP");
	if (draw(fd))
		return 1;
	var.xoffset = (uint32_t)atoi(argv[6]);
	var.yoffset = (uint32_t)atoi(argv[7]);
	if (ioctl(fd, FBIOPAN_DISPLAY, &var))
		return fail("FBIOPAN_DISPLAY");
	return expect(argv[8]);
}
