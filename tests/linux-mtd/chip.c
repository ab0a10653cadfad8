/* SPDX-License-Identifier: MIT */
#include "tests/linux-mtd/chip.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
/* This is no test of Check's. */
#undef ck_abort_msg
#undef ck_assert_msg
#undef ck_assert_int_eq
#define ck_abort_msg(what) do { fprintf(stderr, "%s\n", what); abort(); } while (0)
#define ck_assert_msg(x, ...) do { if (!(x)) ck_abort_msg(#x); } while (0)
#define ck_assert_int_eq(a, b) do { if ((a) != (b)) ck_abort_msg(#a); } while (0)
#include "tests/unit/flash_kit.h"

void chip_up(bool amd, unsigned time, uint32_t size, uint32_t erase)
{
	struct flash_config c = kit_config(amd ? FLASH_AMD : FLASH_INTEL);

	c.time = time;
	c.size = size;
	c.erase = erase;
	kit_up(&c);
}

uint32_t chip_load(uint32_t offset) { return rd(offset); }
uint8_t chip_load_byte(uint32_t offset) { return (uint8_t)kit_load(offset, 1); }
void chip_store(uint32_t offset, uint32_t value) { wr(offset, value); }
void chip_wait(uint64_t us) { kit_wait(1000 * us); }
uint64_t chip_ms(void) { return kit.now / 1000000; }
const uint8_t *chip_array(void) { return flash_array(kit.flash); }
bool chip_locked(uint32_t offset) { return flash_locked(kit.flash, offset) == 1; }
