/* SPDX-License-Identifier: MIT
 * The flash chip, driven by loads and stores as a driver of the guest's own would: query, locks, program, erase, and both of its
 * windows. Without an MMU a process needs nobody's leave to reach it; so it is on the real kernel, where QEMU's board has such chips in
 * the same place, but no second window. In a machine that has none there is nothing to test.
 * flat32: --flash :1M:64K
 * linux: mtdparts=20000000.flash:-(flash)
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fdpic/code.h"
#include "tap.h"

#define BOTH(x) ((uint32_t)(x) * 0x10001u)
#define CHIP 0x20000000u
#define ARRAY 0x28000000u

static volatile uint32_t *const chip = (volatile uint32_t *)CHIP;
static int one_window;
static sigjmp_buf out;

/* A word of the array, which in a chip of one window is not there to be seen in all modes. */
static uint32_t array(unsigned i)
{
	if (!one_window)
		return ((volatile uint32_t *)ARRAY)[i];
	chip[0] = BOTH(0xff);
	return chip[i];
}

static void caught(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

static int there(void)
{
	char line[128];
	FILE *f = fopen("/proc/iomem", "r");
	int found = 0;

	while (f && fgets(line, sizeof line, f)) {
		found |= strstr(line, "flash array") && strncmp(line, "28000000-", 9) == 0;
		one_window |= strstr(line, "flash@20000000") && strncmp(line, "20000000-", 9) == 0;
	}
	if (f)
		fclose(f);
	return found || one_window;
}

static uint32_t status(void)
{
	chip[0] = BOTH(0x70);
	return chip[0];
}

static void wait_for_it(void)
{
	while (!(status() & BOTH(0x80)))
		;
}

static void program(uint32_t offset, uint32_t value)
{
	chip[offset / 4] = BOTH(0x40);
	chip[offset / 4] = value;
	wait_for_it();
}

static void erase(uint32_t block)
{
	chip[block / 4] = BOTH(0x20);
	chip[block / 4] = BOTH(0xd0);
	wait_for_it();
}

static void put_code(uint32_t offset, int value)
{
	program(offset, 0x00000513u | (uint32_t)value << 20);	/* li a0, value */
	program(offset + 4, 0x00008067);			/* ret */
	chip[0] = BOTH(0xff);
}

static int call(uint32_t addr)
{
	return call_code((void *)(uintptr_t)addr);
}

static void commands(void)
{
	uint64_t wide;

	if (one_window)
		erase(0);	/* its memory begins as zeros */
	tap_ok(array(0) == 0xffffffff && chip[0] == 0xffffffff, "erased");
	chip[0x55] = BOTH(0x98);
	tap_ok(chip[0x10] == BOTH('Q') && chip[0x11] == BOTH('R') && chip[0x12] == BOTH('Y'), "the query table");
	if (one_window)
		tap_skip(1, "one window");
	else
		tap_ok(array(0x10) == 0xffffffff, "the array does not show it");
	tap_ok(((volatile uint16_t *)chip)[0x20] == 'Q' && ((volatile uint8_t *)chip)[0x42] == 'Q', "in half words and bytes");
	chip[0] = BOTH(0xff);

	chip[0] = BOTH(0x60);
	chip[0] = BOTH(0x01);
	program(0, 0);
	tap_ok(status() == BOTH(0x92) && array(0) == 0xffffffff, "a locked block is not programmed");
	chip[0] = BOTH(0x50);
	chip[0] = BOTH(0x60);
	chip[0] = BOTH(0xd0);
	program(8, 0x12345678);
	tap_ok(status() == BOTH(0x80) && array(2) == 0x12345678, "an unlocked one is");
	chip[0] = BOTH(0xff);
	tap_ok(chip[2] == 0x12345678, "and in read-array mode the same is in both windows");
	memcpy(&wide, (const void *)&chip[2], sizeof wide);
	tap_ok(wide == 0xffffffff12345678, "eight bytes at once");
	program(8, 0xffff0000);
	tap_ok(array(2) == 0x12340000, "bits only clear");

	chip[0] = BOTH(0xe8);
	chip[0] = BOTH(31);
	for (uint32_t i = 0; i < 32; i++)
		chip[0x40 + i] = i;
	chip[0] = BOTH(0xd0);
	wait_for_it();
	tap_ok(status() == BOTH(0x80) && array(0x40) == 0 && array(0x5f) == 31, "a buffered program");
	erase(0);
	tap_ok(status() == BOTH(0x80) && array(2) == 0xffffffff && array(0x40) == 0xffffffff, "an erase");
}

static void array_window(void)
{
	volatile int faults = 0;

	if (!sigsetjmp(out, 1))
		*(volatile uint32_t *)ARRAY = 0;
	else
		faults++;
	tap_ok(faults == 1 && array(0) == 0xffffffff, "the array cannot be stored to");
	tap_ok(syscall(SYS_getcwd, ARRAY, 64) == -1 && array(0) == 0xffffffff, "nor by system calls");
}

static void code(void)
{
	uint32_t at = (one_window ? CHIP : ARRAY) + 0x100;

	put_code(0x100, 7);
	tap_ok(call(at) == 7 && call(CHIP + 0x100) == 7, "code is executed where it is");
	for (int i = 0; i < 3000; i++)
		call(at);
	erase(0);
	put_code(0x100, 9);
	tap_ok(call(at) == 9 && call(CHIP + 0x100) == 9, "what has changed is not remembered");
}

/* There is no code to be had from a status. */
static void code_in_status_mode(void)
{
	volatile int faults = 0;

	status();
	if (!sigsetjmp(out, 1))
		call(CHIP + 0x100);
	else
		faults++;
	tap_ok(faults == 1, "no code from the command window while it shows a status");
	tap_ok(call(ARRAY + 0x100) == 9, "but from the array");
	chip[0] = BOTH(0xff);
}

int main(void)
{
	tap_plan(17);
	if (!there()) {
		tap_skip(17, "no flash");
		return tap_done();
	}
	signal(SIGSEGV, caught);
	commands();
	if (one_window)
		tap_skip(2, "one window");
	else
		array_window();
	code();
	if (one_window)
		tap_skip(2, "one window");
	else
		code_in_status_mode();
	return tap_done();
}
