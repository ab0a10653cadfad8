/* SPDX-License-Identifier: MIT
 *
 * window_guest RAW: draws a picture on /dev/fb0 (32 bits), writes it to RAW as it lies in memory, says "ready", and does what the
 * user wants:
 *
 *	C		another picture: red
 *	M		another mode: half as wide, half as high, blue
 *	a button	a white square where the mouse is
 *	Esc, SIGTERM	end
 *
 * What comes from keyboard, mouse and touch screen is printed as it is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEVICES = 3 };
static struct fb_var_screeninfo var;
static struct fb_fix_screeninfo fix;
static uint8_t *memory;
static volatile sig_atomic_t ended;
static int mouse_x, mouse_y;

static void on_term(int sig) { ended = sig; }

static uint32_t *at(uint32_t x, uint32_t y) { return (uint32_t *)(memory + y * fix.line_length) + x; }

static void picture(void)
{
	for (uint32_t y = 0; y < var.yres; y++)
		for (uint32_t x = 0; x < var.xres; x++)
			*at(x, y) = (x * 255 / var.xres) << 16 | (y * 255 / var.yres) << 8 | ((x ^ y) & 0xff);
}

static void fill(uint32_t colour)
{
	for (uint32_t y = 0; y < var.yres; y++)
		for (uint32_t x = 0; x < var.xres; x++)
			*at(x, y) = colour;
}

static void save(const char *name)
{
	FILE *f = fopen(name, "w");

	for (uint32_t y = 0; y < var.yres; y++)
		fwrite(at(0, y), 4, var.xres, f);
	fclose(f);
}

static void square(void)
{
	for (int y = mouse_y - 4; y <= mouse_y + 4; y++)
		for (int x = mouse_x - 4; x <= mouse_x + 4; x++)
			if (x >= 0 && y >= 0 && x < (int)var.xres && y < (int)var.yres)
				*at((uint32_t)x, (uint32_t)y) = 0xffffff;
}

static int clamp(int v, unsigned size) { return v < 0 ? 0 : v >= (int)size ? (int)size - 1 : v; }

static void react(const struct input_event *e, int fb)
{
	if (e->type == EV_REL && e->code == REL_X)
		mouse_x = clamp(mouse_x + e->value, var.xres);
	if (e->type == EV_REL && e->code == REL_Y)
		mouse_y = clamp(mouse_y + e->value, var.yres);
	if (e->type != EV_KEY || e->value != 1)
		return;
	if (e->code == KEY_C)
		fill(0xff0000);
	if (e->code == KEY_M) {
		var.xres = var.xres_virtual = var.xres / 2;
		var.yres = var.yres_virtual = var.yres / 2;
		ioctl(fb, FBIOPUT_VSCREENINFO, &var);
		ioctl(fb, FBIOGET_FSCREENINFO, &fix);
		fill(0x0000ff);
	}
	if (e->code == BTN_LEFT)
		square();
	if (e->code == KEY_ESC)
		ended = -1;
}

int main(int argc, char **argv)
{
	struct pollfd p[DEVICES];
	int fb = open("/dev/fb0", O_RDWR);

	if (argc < 2 || fb < 0 || ioctl(fb, FBIOGET_VSCREENINFO, &var) || ioctl(fb, FBIOGET_FSCREENINFO, &fix))
		return 1;
	memory = mmap(NULL, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fb, 0);
	if (memory == MAP_FAILED)
		return 1;
	for (int i = 0; i < DEVICES; i++) {
		char path[32];

		snprintf(path, sizeof path, "/dev/input/event%d", i);
		p[i] = (struct pollfd){ open(path, O_RDONLY | O_NONBLOCK), POLLIN, 0 };
	}
	signal(SIGTERM, on_term);
	picture();
	save(argv[1]);
	printf("ready\n");
	fflush(stdout);
	while (!ended && poll(p, DEVICES, -1) > 0)
		for (int i = 0; i < DEVICES; i++) {
			struct input_event e;

			while (read(p[i].fd, &e, sizeof e) == sizeof e) {
				if (e.type != EV_SYN)
					printf("event%d: %d %d %d\n", i, e.type, e.code, e.value);
				react(&e, fb);
			}
			fflush(stdout);
		}
	printf(ended == SIGTERM ? "terminated\n" : "escaped\n");
	return 0;
}
