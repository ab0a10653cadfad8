/* SPDX-License-Identifier: MIT
 *
 * A driver for the flash of flash_kit.h, by loads and stores alone, after the manner of cfi_cmdset_0001.c and
 * cfi_cmdset_0002.c of Linux. It lets time pass while it waits.
 */
#ifndef TESTS_UNIT_FLASH_DRIVER_H
#define TESTS_UNIT_FLASH_DRIVER_H

#include "tests/unit/flash_kit.h"

enum { READY = 0x80, AMD_SUSPENDED = 0x40, ERRORS = 0x3a };	/* of both status registers */

static enum flash_set drv_set;

static inline void amd_unlock(void)
{
	cmd(WORD(0x555), 0xaa);
	cmd(WORD(0x2aa), 0x55);
}

static inline void amd_command(uint16_t command)
{
	amd_unlock();
	cmd(WORD(0x555), command);
}

static inline void drv_read_array(void)
{
	cmd(0, drv_set == FLASH_INTEL ? 0xff : 0xf0);
}

static inline uint32_t drv_buffer(void)
{
	return drv_set == FLASH_INTEL ? 32 : 256;
}

static inline void drv_begin_program(uint32_t offset, uint32_t value)
{
	if (drv_set == FLASH_INTEL)
		cmd(offset, 0x40);
	else
		amd_command(0xa0);
	wr(offset, value);
}

/* Words of one line of the buffer. */
static inline void drv_begin_buffer(uint32_t offset, const uint32_t *value, uint32_t words)
{
	if (drv_set == FLASH_INTEL) {
		cmd(offset, 0xe8);
		KIT_CHECK((rd(offset) & BOTH(READY)) == BOTH(READY));
	} else {
		amd_unlock();
		cmd(offset, 0x25);
	}
	cmd(offset, (uint16_t)(words - 1));
	for (uint32_t i = 0; i < words; i++)
		wr(offset + 4 * i, value[i]);
	cmd(offset, drv_set == FLASH_INTEL ? 0xd0 : 0x29);
}

static inline void drv_begin_erase(uint32_t offset)
{
	if (drv_set == FLASH_INTEL) {
		cmd(offset, 0x20);
		cmd(offset, 0xd0);
		return;
	}
	amd_command(0x80);
	amd_unlock();
	cmd(offset, 0x30);
}

static inline uint32_t amd_status(void)
{
	cmd(WORD(0x555), 0x70);
	return rd(0);
}

static inline bool drv_ready(void)
{
	uint32_t status;

	if (drv_set == FLASH_INTEL)
		return (rd(0) & BOTH(READY)) == BOTH(READY);
	status = amd_status();
	if ((status & BOTH(READY)) != BOTH(READY))
		return false;
	/* In the sector whose erase is suspended DQ2 toggles. */
	return (status & BOTH(AMD_SUSPENDED)) || rd(0) == rd(0);
}

/*
 * Until it is done, `step` ns at a time.  False: it says that something was wrong; that is cleared.  Leaves the mode
 * as it is.
 */
static inline bool drv_wait(uint64_t step)
{
	bool good;

	while (!drv_ready())
		kit_wait(step);
	if (drv_set == FLASH_INTEL) {
		good = !(rd(0) & BOTH(ERRORS));
		cmd(0, 0x50);
		return good;
	}
	good = !(amd_status() & BOTH(ERRORS));
	if (!good)
		cmd(WORD(0x555), 0x71);
	return good;
}

static inline void drv_suspend(void)
{
	cmd(0, 0xb0);
}

static inline void drv_resume(uint32_t offset)
{
	cmd(offset, drv_set == FLASH_INTEL ? 0xd0 : 0x30);
}

/* AMD: persistent protection bits are set one by one and cleared together. */
static inline void drv_lock(uint32_t offset)
{
	if (drv_set == FLASH_INTEL) {
		cmd(offset, 0x60);
		cmd(offset, 0x01);
		cmd(0, 0xff);
		return;
	}
	amd_command(0xc0);
	cmd(offset, 0xa0);
	cmd(offset, 0x00);
	cmd(0, 0x90);
	cmd(0, 0x00);
}

static inline void drv_unlock(uint32_t offset)
{
	if (drv_set == FLASH_INTEL) {
		cmd(offset, 0x60);
		cmd(offset, 0xd0);
		cmd(0, 0xff);
		return;
	}
	amd_command(0xc0);
	cmd(0, 0x80);
	cmd(0, 0x30);
	cmd(0, 0x90);
	cmd(0, 0x00);
}

static inline bool drv_locked(uint32_t offset)
{
	bool locked;

	if (drv_set == FLASH_INTEL)
		cmd(0, 0x90);
	else
		amd_command(0x90);
	locked = rd(offset + WORD(2)) & BOTH(1);
	drv_read_array();
	return locked;
}

#endif
