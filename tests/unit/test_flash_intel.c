/* SPDX-License-Identifier: MIT
 *
 * The Intel/Sharp command set, by loads and stores alone: each command as a driver gives it, and each way to give it
 * wrong.
 */
#include "tests/unit/flash_kit.h"
#include "tests/unit/run_suite.h"

enum { LOCKED = 0x02, PROGRAM_SUSPENDED = 0x04, VPP = 0x08, PROGRAM = 0x10, ERASE = 0x20, ERASE_SUSPENDED = 0x40, RDY = 0x80 };
#define SEQUENCE (RDY | PROGRAM | ERASE)
#define BUFFER 32u		/* words */
#define BLOCK(n) ((n) * KIT_ERASE)
#define MS 1000000ull

static void up(void)
{
	struct flash_config c = kit_config(FLASH_INTEL);

	kit_up(&c);
}

static void up_slow(void)
{
	struct flash_config c = kit_config(FLASH_INTEL);

	c.time = 100;
	kit_up(&c);
}

static uint32_t status(void)
{
	cmd(0, 0x70);
	uint32_t s = rd(0);

	ck_assert_uint_eq(s >> 16, s & 0xffff);
	return s & 0xffff;
}

static void unlock(uint32_t block)
{
	cmd(block, 0x60);
	cmd(block, 0xd0);
	ck_assert_uint_eq(status(), RDY);
}

static void program(uint32_t offset, uint32_t value)
{
	cmd(offset, 0x40);
	wr(offset, value);
}

static void erase(uint32_t block)
{
	cmd(block, 0x20);
	cmd(block, 0xd0);
}

START_TEST(power_on)
{
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(0), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	ck_assert_ptr_null(flat_span_write(kit.flat, KIT_DATA, 4));
	ck_assert_uint_eq(status(), RDY);
	ck_assert(!kit_direct());
	cmd(0, 0xff);
	ck_assert(kit_direct());
	for (uint32_t b = 0; b < FLASH_SIZE_MIN; b += KIT_ERASE)
		ck_assert_int_eq(flash_locked(kit.flash, b), 1);
}
END_TEST

/* As cfi_probe.c of Linux asks, wrong widths first. */
START_TEST(query)
{
	static const char pri[] = "PRI11";
	uint32_t at;

	wr(0, 0xf0f0f0f0);
	wr(WORD(0x55), 0x98989898);
	ck_assert_uint_eq(rd(WORD(0x10)), BOTH('Q'));
	cmd(0, 0xf0);
	cmd(0, 0xff);
	ck_assert(kit_direct());
	cmd(0, 0xf0);
	cmd(WORD(0x55), 0x98);
	ck_assert_uint_eq(rd(WORD(0x10)), BOTH('Q'));
	ck_assert_uint_eq(rd(WORD(0x11)), BOTH('R'));
	ck_assert_uint_eq(rd(WORD(0x12)), BOTH('Y'));
	ck_assert_uint_eq(rd(WORD(0x13)), BOTH(1));
	ck_assert_uint_eq(rd(WORD(0x14)), 0);
	at = rd(WORD(0x15)) & 0xff;
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(rd(WORD(at + i)), BOTH(pri[i]));
	ck_assert_uint_eq(1u << (rd(WORD(0x27)) & 0xff), FLASH_SIZE_MIN / 2);
	ck_assert_uint_eq(1u << (rd(WORD(0x2a)) & 0xff), 2 * BUFFER);
	ck_assert_uint_eq(rd(WORD(0x2c)), BOTH(1));
	ck_assert_uint_eq(rd(WORD(0x2d)), BOTH(FLASH_SIZE_MIN / KIT_ERASE - 1));
	ck_assert_uint_eq(rd(WORD(0x2f)), BOTH(KIT_ERASE / 2 / 256));
	ck_assert_uint_eq(rd(WORD(0x500)), 0);
	ck_assert_uint_eq(data(WORD(0x10)), 0xffffffff);	/* never in the data window */
}
END_TEST

START_TEST(identifiers)
{
	cmd(0, 0x90);
	ck_assert_uint_eq(rd(WORD(0)), BOTH(0x89));
	ck_assert_uint_eq(rd(WORD(1)), BOTH(0x8801));
	ck_assert_uint_eq(rd(BLOCK(3) + WORD(2)), BOTH(1));
	ck_assert_uint_eq(rd(WORD(3)), 0);
	cmd(BLOCK(3), 0x60);
	cmd(BLOCK(3), 0xd0);
	cmd(0, 0x90);
	ck_assert_uint_eq(rd(BLOCK(3) + WORD(2)), 0);
	ck_assert_uint_eq(rd(BLOCK(2) + WORD(2)), BOTH(1));
	/* The configuration register is set by an address. */
	cmd(WORD(0x123), 0x60);
	cmd(WORD(0x123), 0x03);
	cmd(0, 0x90);
	ck_assert_uint_eq(rd(WORD(5)), BOTH(0x123));
}
END_TEST

START_TEST(programs_clear_bits)
{
	unlock(0);
	program(8, 0x0ff0f00f);
	ck_assert_uint_eq(rd(0), BOTH(RDY));
	ck_assert_uint_eq(data(8), 0x0ff0f00f);
	ck_assert_uint_eq(kit.changed_at, 8);
	ck_assert_uint_eq(kit.changed_len, 4);
	program(8, 0xff00ffff);
	ck_assert_uint_eq(data(8), 0x0f00f00f);
	ck_assert_uint_eq(data(4), 0xffffffff);
	ck_assert_uint_eq(data(12), 0xffffffff);
	cmd(0, 0xff);
	ck_assert_uint_eq(rd(8), 0x0f00f00f);
	/* The other command for the same. */
	cmd(12, 0x10);
	wr(12, 0);
	ck_assert_uint_eq(data(12), 0);
}
END_TEST

START_TEST(erases_set_a_block)
{
	unlock(BLOCK(1));
	unlock(BLOCK(2));
	program(BLOCK(1), 0);
	program(BLOCK(2) - 4, 0x12345678);
	program(BLOCK(2), 0);
	erase(BLOCK(1) + 0x100);
	ck_assert_uint_eq(status(), RDY);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(2) - 4), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(2)), 0);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 1);
	ck_assert_uint_eq(flash_wear(kit.flash, 2), 0);
}
END_TEST

START_TEST(locks)
{
	program(0, 0);
	ck_assert_uint_eq(status(), RDY | PROGRAM | LOCKED);
	ck_assert_uint_eq(data(0), 0xffffffff);
	/* Until they are cleared. */
	cmd(0, 0x60);
	cmd(0, 0xd0);
	ck_assert_uint_eq(status(), RDY | PROGRAM | LOCKED);
	cmd(0, 0x50);
	ck_assert_uint_eq(status(), RDY);
	erase(BLOCK(1));
	ck_assert_uint_eq(status(), RDY | ERASE | LOCKED);
	cmd(0, 0x50);
	program(0, 0);
	ck_assert_uint_eq(data(0), 0);
	cmd(0, 0x60);
	cmd(0, 0x01);
	erase(0);
	ck_assert_uint_eq(status(), RDY | ERASE | LOCKED);
	ck_assert_uint_eq(data(0), 0);
}
END_TEST

START_TEST(lock_down)
{
	unlock(0);
	cmd(0, 0x60);
	cmd(0, 0x2f);
	cmd(0, 0x90);
	ck_assert_uint_eq(rd(WORD(2)), BOTH(3));
	cmd(0, 0x60);
	cmd(0, 0xd0);
	ck_assert_uint_eq(status(), RDY);
	cmd(0, 0x90);
	ck_assert_uint_eq(rd(WORD(2)), BOTH(3));
	ck_assert_int_eq(flash_lock(kit.flash, 0, KIT_ERASE, false), -EROFS);
	kit.device->ops->reset(kit.device);
	unlock(0);
	ck_assert_int_eq(flash_locked(kit.flash, 0), 0);
}
END_TEST

static void load_buffer(uint32_t offset, uint32_t words, uint32_t first)
{
	cmd(offset, 0xe8);
	ck_assert_uint_eq(rd(offset) & BOTH(RDY), BOTH(RDY));
	cmd(offset, (uint16_t)(words - 1));
	for (uint32_t i = 0; i < words; i++)
		wr(offset + 4 * i, first + i);
}

START_TEST(buffered_program)
{
	unlock(0);
	load_buffer(WORD(64), BUFFER, 0x11110000);
	ck_assert_uint_eq(data(WORD(64)), 0xffffffff);
	cmd(WORD(64), 0xd0);
	ck_assert_uint_eq(status(), RDY);
	for (uint32_t i = 0; i < BUFFER; i++)
		ck_assert_uint_eq(data(WORD(64 + i)), 0x11110000 + i);
	ck_assert_uint_eq(data(WORD(63)), 0xffffffff);
	ck_assert_uint_eq(data(WORD(64 + BUFFER)), 0xffffffff);
	ck_assert_uint_eq(kit.changed_len, 4 * BUFFER);
	/* Part of a line, backwards, one word twice; the block's address as that of the command. */
	cmd(BLOCK(0), 0xe8);
	cmd(BLOCK(0), 3 - 1);
	wr(WORD(34), 34);
	wr(WORD(32), 32);
	wr(WORD(34), 7);
	cmd(BLOCK(0), 0xd0);
	ck_assert_uint_eq(status(), RDY);
	ck_assert_uint_eq(data(WORD(32)), 32);
	ck_assert_uint_eq(data(WORD(33)), 0xffffffff);
	ck_assert_uint_eq(data(WORD(34)), 7);
}
END_TEST

/* Each of them is a sequence error, or is ignored; nothing changes, and a good program works afterwards. */
START_TEST(malformed)
{
	unlock(0);
	unlock(BLOCK(1));
	switch (_i) {
	case 0: cmd(0, 0x20); cmd(0, 0x20); break;
	case 1: cmd(0, 0x20); cmd(0, 0xff); break;
	case 2: cmd(0, 0x60); cmd(0, 0x00); break;
	case 3: cmd(0, 0x60); cmd(0, 0xff); break;
	case 4: cmd(0, 0xe8); cmd(0, BUFFER); break;
	case 5: cmd(0, 0xe8); cmd(0, 0xffff); break;
	case 6: load_buffer(0, 4, 0); cmd(0, 0xff); break;
	case 7: load_buffer(0, 4, 0); cmd(0, 0xe8); break;
	case 8: load_buffer(0, 4, 0); cmd(BLOCK(1), 0xd0); break;
	case 9: cmd(0, 0xe8); cmd(0, 1); wr(WORD(1), 0); wr(WORD(BUFFER), 0); break;	/* out of the line */
	case 10: cmd(0, 0xe8); cmd(0, 1); wr(BLOCK(1), 0); break;			/* out of the block */
	case 11: cmd(BLOCK(1), 0xe8); cmd(BLOCK(1), 1); wr(BLOCK(1), 0); wr(BLOCK(1) - 4, 0); break;
	}
	ck_assert_uint_eq(rd(0), BOTH(SEQUENCE));
	ck_assert_uint_eq(status(), SEQUENCE);
	ck_assert_uint_eq(data(0), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	cmd(0, 0x50);
	ck_assert_uint_eq(status(), RDY);
	program(0, 1);
	ck_assert_uint_eq(data(0), 1);
}
END_TEST

START_TEST(no_commands)
{
	static const uint8_t known[] = { 0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0xe8, 0xff };

	for (unsigned i = 0; i < 256; i++) {
		cmd(0, 0xff);
		if (memchr(known, (int)i, sizeof(known)))
			continue;
		cmd(0, (uint16_t)i);
		ck_assert(kit_direct());
		ck_assert_uint_eq(rd(0), 0xffffffff);
	}
	cmd(0, 0xd0);		/* nothing to resume */
	ck_assert(kit_direct());
	cmd(0, 0xb0);		/* nothing to suspend */
	ck_assert(kit_direct());
	ck_assert_uint_eq(status(), RDY);
}
END_TEST

START_TEST(time_passes)
{
	unlock(0);
	program(0, 0);
	ck_assert_uint_eq(rd(0), 0);
	ck_assert_uint_eq(data(0), 0xffffffff);
	ck_assert_uint_eq(kit.alarm, 128000);
	kit.now = 127999;
	ck_assert_uint_eq(rd(0), 0);
	cmd(0, 0xff);			/* not taken while busy */
	cmd(0, 0x40);
	kit.now = 128000;
	ck_assert_uint_eq(rd(0), BOTH(RDY));
	ck_assert_uint_eq(data(0), 0);
	ck_assert_uint_eq(kit.alarm, UINT64_MAX);
	/* The data window changes although nobody asks for the status. */
	erase(0);
	cmd(0, 0x70);
	kit_wait(1023 * MS);
	ck_assert_uint_eq(data(0), 0);
	kit_wait(5 * MS);
	ck_assert_uint_eq(data(0), 0xffffffff);
	ck_assert_uint_eq(rd(0), BOTH(RDY));
	/* A full buffer takes four times as long as a word. */
	cmd(0, 0xff);
	uint64_t from = kit.now;

	load_buffer(0, BUFFER, 0);
	cmd(0, 0xd0);
	ck_assert_uint_eq(kit.alarm - from, 512000);
	kit_wait(MS);
	ck_assert_uint_eq(data(4), 1);
}
END_TEST

START_TEST(erase_suspended)
{
	unlock(0);
	unlock(BLOCK(1));
	program(BLOCK(1), 5);
	kit_wait(MS);
	program(0, 0);
	kit_wait(MS);
	uint64_t from = kit.now;

	erase(0);
	kit_wait(1000 * MS);
	cmd(0, 0xb0);
	ck_assert_uint_eq(rd(0), BOTH(RDY | ERASE_SUSPENDED));
	ck_assert_uint_eq(kit.alarm, UINT64_MAX);
	kit_wait(5000 * MS);
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED);
	cmd(0, 0xff);
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(BLOCK(1)), 5);
	/* Another block can be programmed, */
	program(BLOCK(1) + 4, 6);
	ck_assert_uint_eq(rd(0), BOTH(ERASE_SUSPENDED));
	kit_wait(MS);
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED);
	ck_assert_uint_eq(data(BLOCK(1) + 4), 6);
	/* this one not, */
	program(4, 0);
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED | PROGRAM);
	cmd(0, 0x50);
	/* nor another erased. */
	erase(BLOCK(1));
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED | PROGRAM | ERASE);
	cmd(0, 0x50);
	/* A lock that comes too late. */
	cmd(0, 0x60);
	cmd(0, 0x01);
	cmd(0, 0xd0);
	ck_assert_uint_eq(rd(0), 0);
	ck_assert_uint_eq(data(0), 0);
	ck_assert_uint_eq(kit.alarm - kit.now, 24 * MS);
	ck_assert_uint_gt(kit.now - from, 6000ull * MS);
	kit_wait(24 * MS);
	ck_assert_uint_eq(status(), RDY);
	ck_assert_uint_eq(data(0), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(1)), 5);
}
END_TEST

START_TEST(program_suspended)
{
	unlock(0);
	unlock(BLOCK(1));
	erase(0);
	cmd(0, 0xb0);
	load_buffer(BLOCK(1), BUFFER, 0);
	cmd(BLOCK(1), 0xd0);
	kit_wait(100000);
	cmd(0, 0xb0);
	ck_assert_uint_eq(rd(0), BOTH(RDY | ERASE_SUSPENDED | PROGRAM_SUSPENDED));
	cmd(0, 0xff);
	ck_assert_uint_eq(rd(BLOCK(1)), 0xffffffff);
	/* No second program: the cycles that follow are first cycles. */
	cmd(BLOCK(1) + 0x400, 0x40);
	ck_assert(kit_direct());
	cmd(BLOCK(1) + 0x400, 0xff);
	ck_assert_uint_eq(data(BLOCK(1) + 0x400), 0xffffffff);
	/* The program first, then the erase. */
	cmd(0, 0xd0);
	ck_assert_uint_eq(rd(0), BOTH(ERASE_SUSPENDED));
	kit_wait(412000);
	ck_assert_uint_eq(rd(0), BOTH(RDY | ERASE_SUSPENDED));
	ck_assert_uint_eq(data(BLOCK(1)), 0);
	cmd(0, 0xd0);
	kit_wait(1024 * MS);
	ck_assert_uint_eq(rd(0), BOTH(RDY));
	/* Suspended when it is over already: nothing. */
	program(BLOCK(1) + 0x800, 1);
	kit.now += MS;
	cmd(0, 0xb0);
	ck_assert_uint_eq(rd(0), BOTH(RDY));
}
END_TEST

/* Half words and bytes reach one chip; what nobody drives reads as ones. */
START_TEST(narrow_and_wide)
{
	unlock(0);
	kit_store(2, 2, 0x40);
	kit_store(2, 2, 0x1234);
	ck_assert_uint_eq(data(0), 0x1234ffff);
	cmd(0, 0xff);
	kit_store(2, 2, 0x70);
	ck_assert_uint_eq(rd(0), RDY << 16 | 0xffff);
	ck_assert_uint_eq(kit_load(2, 1), RDY);
	ck_assert_uint_eq(kit_load(3, 1), 0);
	ck_assert_uint_eq(kit_load(1, 4), 0xff0080ff);	/* chip 0, 1, and 0's next word */
	cmd(0, 0xff);
	/* The upper byte of a chip's data. */
	kit_store(8, 1, 0x40);
	kit_store(9, 1, 0x5a);
	ck_assert_uint_eq(data(8), 0xffff5aff);
	cmd(0, 0xff);
	/* Two words at once: commands to both addresses, in turn. */
	kit_store(16, 8, 0x0001000200400040);
	ck_assert_uint_eq(data(16), 0xffffffff);
	ck_assert_uint_eq(data(20), 0x00010002);
	cmd(0, 0xff);
	ck_assert_uint_eq(kit_load(16, 8), 0x00010002ffffffff);
	/* A word across two words: the command to chip 1, and to chip 0 at the next. */
	kit_store(26, 4, BOTH(0x40));
	kit_store(26, 4, 0x00070008);
	ck_assert_uint_eq(data(24), 0x0008ffff);
	ck_assert_uint_eq(data(28), 0xffff0007);
}
END_TEST

START_TEST(reset_in_between)
{
	unlock(0);
	program(0, 0);
	kit_wait(MS);
	cmd(0, 0x40);
	kit.device->ops->reset(kit.device);
	ck_assert(kit_direct());
	ck_assert_int_eq(flash_locked(kit.flash, 0), 1);
	unlock(0);
	erase(0);
	kit_wait(900 * MS);
	kit.device->ops->reset(kit.device);
	ck_assert(kit_direct());
	ck_assert_uint_eq(flash_wear(kit.flash, 0), 1);
	ck_assert_uint_eq(kit.alarm, UINT64_MAX);
	ck_assert_uint_ne(data(0), 0);		/* nearly erased by now */
	ck_assert_uint_eq(status(), RDY);
}
END_TEST

/* What the device says of itself. */
START_TEST(dump)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	unlock(0);
	erase(0);
	kit_wait(512 * MS);
	kit.device->ops->dump(kit.device, out);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "Intel/Sharp, 64 KiB in 8 blocks of 8 KiB, memory\n"));
	ck_assert_ptr_nonnull(strstr(text, "7 blocks locked; erases: 0"));
	ck_assert_ptr_nonnull(strstr(text, "chip 1 erases 0x0: running, 50% done\n"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flash_intel");
	TCase *fast = tcase_create("at once"), *slow = tcase_create("in time");

	tcase_add_checked_fixture(fast, up, kit_down);
	tcase_add_test(fast, power_on);
	tcase_add_test(fast, query);
	tcase_add_test(fast, identifiers);
	tcase_add_test(fast, programs_clear_bits);
	tcase_add_test(fast, erases_set_a_block);
	tcase_add_test(fast, locks);
	tcase_add_test(fast, lock_down);
	tcase_add_test(fast, buffered_program);
	tcase_add_loop_test(fast, malformed, 0, 12);
	tcase_add_test(fast, no_commands);
	tcase_add_test(fast, narrow_and_wide);
	suite_add_tcase(s, fast);
	tcase_add_checked_fixture(slow, up_slow, kit_down);
	tcase_add_test(slow, time_passes);
	tcase_add_test(slow, erase_suspended);
	tcase_add_test(slow, program_suspended);
	tcase_add_test(slow, reset_in_between);
	tcase_add_test(slow, dump);
	suite_add_tcase(s, slow);
	return run_suite(s);
}
