/* SPDX-License-Identifier: MIT
 * The interrupts of a flash whose operations take their time: one for each, and nobody waits for others.
 * flash0 is programmed in lines of 1 KiB.
 * flat32: --deterministic --flash :1M:64K --flash-chip amd --flash-time 100
 */
#include <pthread.h>
#include <time.h>
#include "irq.h"
#include "mtd.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned char data[8192];

static void *program(void *fd)
{
	return (void *)(intptr_t)pwrite(*(int *)fd, data, sizeof data, 2 * MTD_BLOCK);
}

int main(void)
{
	int fd = mtd_open();
	pthread_t other;
	long before = irq_count("flash0");
	double begin;

	tap_plan(0);
	if (fd < 0 || before < 0) {
		printf("1..0 # SKIP no flash that interrupts\n");
		return 0;
	}
	for (uint32_t at = 0; at < MTD_SIZE; at += MTD_BLOCK)
		ioctl(fd, MEMUNLOCK, &(struct erase_info_user){ at, MTD_BLOCK });
	before = irq_count("flash0");
	begin = seconds();
	tap_zero(mtd_erase_at(fd, 0, 3 * MTD_BLOCK), "three blocks are erased");
	tap_ok(seconds() - begin > 0.3, "which takes its time");
	tap_is(irq_count("flash0") - before, 3, "an interrupt each");
	memset(data, 0x5a, sizeof data);
	tap_is(pwrite(fd, data, sizeof data, 0), sizeof data, "8 KiB are programmed");
	tap_is(irq_count("flash0") - before, 3 + 8, "an interrupt for each line");
	tap_is(mtd_others(fd, 0, sizeof data, 0x5a), 0, "all of it is there");
	before = irq_count("flash0");
	pthread_create(&other, NULL, program, &fd);
	mtd_erase_at(fd, 4 * MTD_BLOCK, MTD_BLOCK);
	pthread_join(other, NULL);
	tap_is(irq_count("flash0") - before, 9, "two threads at once: one after the other");
	tap_ok(!mtd_others(fd, 2 * MTD_BLOCK, sizeof data, 0x5a) && !mtd_others(fd, 4 * MTD_BLOCK, MTD_BLOCK, 0xff), "and both are done");
	return tap_done();
}
