/* SPDX-License-Identifier: MIT
 *
 * fb_flip FRAMES: shows so many pictures of one colour each, 60 a second, with two buffers: draws in the one that is not shown,
 * pans to it, waits for the next frame. Picture n is n * 0x010203. Then a blank screen, and a last picture that is left.
 */
#include <fcntl.h>
#include <linux/fb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#ifndef FBIO_WAITFORVSYNC
#define FBIO_WAITFORVSYNC _IOW('F', 0x20, uint32_t)
#endif

int main(int argc, char **argv)
{
	struct fb_var_screeninfo var;
	struct fb_fix_screeninfo fix;
	int fd = open("/dev/fb0", O_RDWR), frames = argc > 1 ? atoi(argv[1]) : 10;
	uint32_t zero = 0, *memory;

	if (fd < 0 || ioctl(fd, FBIOGET_VSCREENINFO, &var))
		return 1;
	var.bits_per_pixel = 32;
	var.xres_virtual = var.xres;
	var.yres_virtual = 2 * var.yres;
	if (ioctl(fd, FBIOPUT_VSCREENINFO, &var) || ioctl(fd, FBIOGET_FSCREENINFO, &fix))
		return 2;
	memory = mmap(NULL, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return 3;
	ioctl(fd, FBIO_WAITFORVSYNC, &zero);
	for (int n = 1; n <= frames; n++) {
		var.yoffset = n % 2 * var.yres;
		for (uint32_t i = 0; i < var.xres * var.yres; i++)
			memory[var.yoffset * var.xres + i] = (uint32_t)n * 0x010203;
		if (ioctl(fd, FBIOPAN_DISPLAY, &var) || ioctl(fd, FBIO_WAITFORVSYNC, &zero))
			return 4;
	}
	ioctl(fd, FBIOBLANK, FB_BLANK_POWERDOWN);
	for (int n = 0; n < 30; n++) {
		memory[var.yoffset * var.xres] = (uint32_t)n;	/* nobody sees it */
		ioctl(fd, FBIO_WAITFORVSYNC, &zero);
	}
	ioctl(fd, FBIOBLANK, FB_BLANK_UNBLANK);
	return 0;
}
