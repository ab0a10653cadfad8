/* SPDX-License-Identifier: MIT
 * The flash chip, driven by loads and stores as a driver of the guest's own would: query, locks, program, erase, and both of its
 * windows. Without an MMU a process needs nobody's leave to reach it. In a machine that has none there is nothing to test.
 * flat32: --flash :1M:64K
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
#define BLOCK 0x10000u

static volatile uint32_t *const chip = (volatile uint32_t *)0x20000000;
static volatile uint32_t *const array = (volatile uint32_t *)0x28000000;
static sigjmp_buf out;

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

	while (f && fgets(line, sizeof line, f))
		found |= strstr(line, "flash array") && strncmp(line, "28000000-", 9) == 0;
	if (f)
		fclose(f);
	return found;
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

int main(void)
{
	volatile int faults = 0;
	uint64_t wide;

	tap_plan(17);
	if (!there()) {
		tap_skip(17, "no flash");
		return tap_done();
	}
	signal(SIGSEGV, caught);
	tap_ok(chip[0] == 0xffffffff && array[0] == 0xffffffff, "erased");
	chip[0x55] = BOTH(0x98);
	tap_ok(chip[0x10] == BOTH('Q') && chip[0x11] == BOTH('R') && chip[0x12] == BOTH('Y'), "the query table");
	tap_ok(array[0x10] == 0xffffffff, "the array does not show it");
	tap_ok(((volatile uint16_t *)chip)[0x20] == 'Q' && ((volatile uint8_t *)chip)[0x42] == 'Q', "in half words and bytes");
	chip[0] = BOTH(0xff);

	chip[0] = BOTH(0x60);
	chip[0] = BOTH(0x01);
	program(0, 0);
	tap_ok(status() == BOTH(0x92) && array[0] == 0xffffffff, "a locked block is not programmed");
	chip[0] = BOTH(0x50);
	chip[0] = BOTH(0x60);
	chip[0] = BOTH(0xd0);
	program(8, 0x12345678);
	tap_ok(status() == BOTH(0x80) && array[2] == 0x12345678, "an unlocked one is");
	chip[0] = BOTH(0xff);
	tap_ok(chip[2] == 0x12345678, "and in read-array mode the same is in both windows");
	memcpy(&wide, (const void *)&chip[2], sizeof wide);
	tap_ok(wide == 0xffffffff12345678, "eight bytes at once");
	program(8, 0xffff0000);
	tap_ok(array[2] == 0x12340000, "bits only clear");

	chip[0] = BOTH(0xe8);
	chip[0] = BOTH(31);
	for (uint32_t i = 0; i < 32; i++)
		chip[0x40 + i] = i;
	chip[0] = BOTH(0xd0);
	wait_for_it();
	tap_ok(status() == BOTH(0x80) && array[0x40] == 0 && array[0x5f] == 31, "a buffered program");
	erase(0);
	tap_ok(status() == BOTH(0x80) && array[2] == 0xffffffff && array[0x40] == 0xffffffff, "an erase");

	if (!sigsetjmp(out, 1))
		array[0] = 0;
	else
		faults++;
	tap_ok(faults == 1 && array[0] == 0xffffffff, "the array cannot be stored to");
	tap_ok(syscall(SYS_getcwd, 0x28000000, 64) == -1 && array[0] == 0xffffffff, "nor by system calls");

	/* Code in the flash, and other code in its place. */
	put_code(0x100, 7);
	tap_ok(call(0x28000100) == 7 && call(0x20000100) == 7, "code is executed where it is");
	for (int i = 0; i < 3000; i++)
		call(0x28000100);
	erase(0);
	put_code(0x100, 9);
	tap_ok(call(0x28000100) == 9 && call(0x20000100) == 9, "what has changed is not remembered");
	/* In status mode there is no code to be had. */
	status();
	faults = 0;
	if (!sigsetjmp(out, 1))
		call(0x20000100);
	else
		faults++;
	tap_ok(faults == 1, "no code from the command window while it shows a status");
	tap_ok(call(0x28000100) == 9, "but from the array");
	chip[0] = BOTH(0xff);
	return tap_done();
}
