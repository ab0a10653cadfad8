/* SPDX-License-Identifier: MIT
 * The interrupts of the framebuffer: one for each frame that somebody waits for, and no others.
 * flat32: --deterministic --display 160x120x32,headless
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "fb.h"
#include "irq.h"
#include "tap.h"

static int fd;

static void *wait_for_frame(void *unused)
{
	uint32_t zero = 0;

	(void)unused;
	return (void *)(intptr_t)ioctl(fd, FBIO_WAITFORVSYNC, &zero);
}

int main(void)
{
	long before = irq_count("framebuffer");
	pthread_t others[4];
	uint32_t zero = 0;
	int waited = 0;

	tap_plan(0);
	fd = open("/dev/fb0", O_RDWR);
	if (fd < 0 || before < 0) {
		printf("1..0 # SKIP no framebuffer that interrupts\n");
		return 0;
	}
	usleep(100000);
	tap_ok(write(fd, &zero, sizeof zero) == sizeof zero && irq_count("framebuffer") == before, "who draws and does not wait is not told of frames");
	for (int i = 0; i < 5; i++)
		waited += ioctl(fd, FBIO_WAITFORVSYNC, &zero) == 0;
	tap_is(waited, 5, "five frames");
	tap_is(irq_count("framebuffer") - before, 5, "an interrupt each");
	usleep(100000);
	tap_is(irq_count("framebuffer") - before, 5, "and no more");
	for (int i = 0; i < 4; i++)
		pthread_create(&others[i], NULL, wait_for_frame, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(others[i], NULL);
	tap_is(irq_count("framebuffer") - before, 6, "one for all who wait");
	return tap_done();
}
