/* SPDX-License-Identifier: MIT
 *
 * The AMD/Fujitsu command set, by loads and stores alone: each command as a driver gives it, and each way to give it
 * wrong.
 */
#include "tests/unit/flash_kit.h"
#include "tests/unit/run_suite.h"

enum { DQ7 = 0x80, DQ6 = 0x40, DQ5 = 0x20, DQ3 = 0x08, DQ2 = 0x04, DQ1 = 0x02 };
enum { LOCKED = 0x02, PROGRAM_SUSPENDED = 0x04, BUFFER_ABORTED = 0x08, PROGRAM = 0x10, ERASE = 0x20, ERASE_SUSPENDED = 0x40, RDY = 0x80 };
#define BUFFER 256u		/* words */
#define BLOCK(n) ((n) * KIT_ERASE)
#define MS 1000000ull
#define A555 WORD(0x555)
#define A2AA WORD(0x2aa)

static void up(void)
{
	struct flash_config c = kit_config(FLASH_AMD);

	kit_up(&c);
}

static void up_slow(void)
{
	struct flash_config c = kit_config(FLASH_AMD);

	c.time = 100;
	kit_up(&c);
}

static void unlock(void)
{
	cmd(A555, 0xaa);
	cmd(A2AA, 0x55);
}

static void unlocked(uint16_t command)
{
	unlock();
	cmd(A555, command);
}

static void program(uint32_t offset, uint32_t value)
{
	unlocked(0xa0);
	wr(offset, value);
}

static void erase(uint32_t sector)
{
	unlocked(0x80);
	unlock();
	cmd(sector, 0x30);
}

static void load_buffer(uint32_t offset, uint32_t words, uint32_t first)
{
	unlock();
	cmd(offset, 0x25);
	cmd(offset, (uint16_t)(words - 1));
	for (uint32_t i = 0; i < words; i++)
		wr(offset + 4 * i, first + i);
}

static uint32_t status(void)
{
	cmd(A555, 0x70);
	uint32_t s = rd(0);

	ck_assert_uint_eq(s >> 16, s & 0xffff);
	return s & 0xffff;
}

/* As Linux's chip_ready(): two loads are alike. */
static bool toggles(uint32_t offset)
{
	return rd(offset) != rd(offset);
}

START_TEST(query)
{
	static const char pri[] = "PRI15";
	uint32_t at;

	ck_assert(kit_direct());
	/* Linux asks with wrong widths first. */
	wr(0, 0xf0f0f0f0);
	wr(WORD(0x55), 0x98989898);
	cmd(0, 0xf0);
	cmd(0, 0xff);
	ck_assert(kit_direct());
	cmd(WORD(0x55), 0x98);
	ck_assert(!kit_direct());
	ck_assert_uint_eq(rd(WORD(0x10)), BOTH('Q'));
	ck_assert_uint_eq(rd(WORD(0x11)), BOTH('R'));
	ck_assert_uint_eq(rd(WORD(0x12)), BOTH('Y'));
	ck_assert_uint_eq(rd(WORD(0x13)), BOTH(2));
	at = rd(WORD(0x15)) & 0xff;
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(rd(WORD(at + i)), BOTH(pri[i]));
	ck_assert_uint_eq(1u << (rd(WORD(0x2a)) & 0xff), 2 * BUFFER);
	ck_assert_uint_eq(rd(WORD(0x2d)), BOTH(FLASH_SIZE_MIN / KIT_ERASE - 1));
	ck_assert_uint_eq(rd(WORD(0x2f)), BOTH(KIT_ERASE / 2 / 256));
	ck_assert_uint_eq(rd(WORD(2)), 0);
	cmd(0, 0xf0);
	ck_assert(kit_direct());
	cmd(WORD(0x54), 0x98);
	ck_assert(kit_direct());
}
END_TEST

START_TEST(identifiers)
{
	unlocked(0x90);
	ck_assert_uint_eq(rd(WORD(0)), BOTH(0x01));
	ck_assert_uint_eq(rd(WORD(1)), BOTH(0x227e));
	ck_assert_uint_eq(rd(WORD(0xe)), BOTH(0x2221));
	ck_assert_uint_eq(rd(WORD(0xf)), BOTH(0x2201));
	ck_assert_uint_eq(rd(BLOCK(1) + WORD(2)), 0);
	ck_assert_uint_eq(rd(WORD(3)), 0);
	cmd(WORD(0x55), 0x98);
	ck_assert_uint_eq(rd(WORD(0x10)), BOTH('Q'));
	cmd(0, 0xf0);
	ck_assert_uint_eq(rd(0), 0xffffffff);
}
END_TEST

START_TEST(programs_and_erases)
{
	program(8, 0x0ff0f00f);
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(8), 0x0ff0f00f);
	ck_assert_uint_eq(data(8), 0x0ff0f00f);
	program(8, 0xff00ffff);
	ck_assert_uint_eq(data(8), 0x0f00f00f);
	program(BLOCK(1), 0);
	erase(0x100);
	ck_assert_uint_eq(data(8), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(1)), 0);
	ck_assert_uint_eq(flash_wear(kit.flash, 0), 1);
	ck_assert_uint_eq(status(), RDY);
	/* Unlock addresses are those of 11 bits. */
	cmd(A555 + BLOCK(2), 0xaa);
	cmd(A2AA + WORD(0x800), 0x55);
	cmd(A555 + BLOCK(3), 0xa0);
	wr(0, 7);
	ck_assert_uint_eq(data(0), 7);
}
END_TEST

START_TEST(chip_erase)
{
	for (uint32_t b = 0; b < FLASH_SIZE_MIN; b += KIT_ERASE)
		program(b, b);
	unlocked(0xe0);		/* dynamic protection of sector 2 */
	cmd(BLOCK(2), 0xa0);
	cmd(BLOCK(2), 0x00);
	cmd(0, 0x90);
	cmd(0, 0x00);
	unlocked(0x80);
	unlock();
	cmd(A555, 0x10);
	for (uint32_t b = 0; b < FLASH_SIZE_MIN; b += KIT_ERASE)
		ck_assert_uint_eq(data(b), b == BLOCK(2) ? b : 0xffffffff);
	ck_assert_uint_eq(flash_wear(kit.flash, 0), 1);
	ck_assert_uint_eq(flash_wear(kit.flash, 2), 0);
}
END_TEST

START_TEST(buffered_program)
{
	load_buffer(WORD(BUFFER), BUFFER, 0x77770000);
	ck_assert_uint_eq(data(WORD(BUFFER)), 0xffffffff);
	cmd(WORD(BUFFER), 0x29);
	for (uint32_t i = 0; i < BUFFER; i++)
		ck_assert_uint_eq(data(WORD(BUFFER + i)), 0x77770000 + i);
	ck_assert_uint_eq(data(WORD(BUFFER - 1)), 0xffffffff);
	ck_assert_uint_eq(data(WORD(2 * BUFFER)), 0xffffffff);
	/* Unlock cycles and 0x70 among the data are data. */
	load_buffer(WORD(0), 1, BOTH(0xaa));
	cmd(WORD(0), 0x29);
	ck_assert_uint_eq(data(0), BOTH(0xaa));
	unlock();
	cmd(A555, 0x25);
	cmd(A555, 0);
	cmd(A555, 0x70);
	cmd(A555, 0x29);
	ck_assert_uint_eq(data(A555), BOTH(0x70));
	program(A555 + BLOCK(1), BOTH(0x71));
	ck_assert_uint_eq(data(A555 + BLOCK(1)), BOTH(0x71));
}
END_TEST

/* A cycle that does not fit: back to reading, and what follows is no part of it. */
START_TEST(malformed)
{
	switch (_i) {
	case 0: cmd(A555, 0xaa); cmd(A555, 0x55); cmd(A555, 0xa0); break;
	case 1: cmd(A2AA, 0xaa); cmd(A2AA, 0x55); cmd(A555, 0xa0); break;
	case 2: unlock(); cmd(A2AA, 0xa0); break;
	case 3: cmd(A555, 0xaa); cmd(A2AA, 0xf0); cmd(A555, 0xa0); break;
	case 4: unlock(); cmd(A555, 0xf0); break;
	case 5: unlock(); cmd(A555, 0x20); cmd(0, 0xa0); break;		/* unlock bypass, which it has not */
	case 6: unlocked(0x80); cmd(A555, 0xa0); break;
	case 7: unlocked(0x80); cmd(A555, 0xaa); cmd(A555, 0x55); cmd(0, 0x30); break;
	case 8: unlocked(0x80); unlock(); cmd(0, 0x31); break;
	case 9: unlocked(0x80); unlock(); cmd(A2AA, 0x10); break;
	case 10: unlocked(0x80); cmd(0, 0x30); break;
	case 11: cmd(0, 0x30); break;
	case 12: cmd(A555, 0xaa); cmd(A555, 0x98); break;
	case 13: unlocked(0x90); unlock(); break;
	case 14: cmd(0, 0xb0); break;
	case 15: cmd(0, 0xaa); break;
	}
	if (_i != 13)
		wr(0, 0);
	else
		cmd(0, 0xf0);
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(0), 0xffffffff);
	for (uint32_t i = 0; i < FLASH_SIZE_MIN; i += 4)
		ck_assert_uint_eq(data(i), 0xffffffff);
	program(0, 1);
	ck_assert_uint_eq(data(0), 1);
}
END_TEST

/* A wrong buffer load is told until it is reset behind unlock cycles. */
START_TEST(buffer_aborted)
{
	uint32_t last = 0;

	switch (_i) {
	case 0: unlock(); cmd(0, 0x25); cmd(0, BUFFER); break;
	case 1: unlock(); cmd(0, 0x25); cmd(BLOCK(1), 0); break;
	case 2: unlock(); cmd(0, 0x25); cmd(0, 1); wr(0, 0xff); wr(WORD(BUFFER), 0xff); last = 0x80; break;
	case 3: unlock(); cmd(0, 0x25); cmd(0, 0); wr(BLOCK(1), 0); break;
	case 4: load_buffer(0, 2, 0); cmd(0, 0x28); break;
	case 5: load_buffer(0, 2, 0); cmd(BLOCK(1), 0x29); break;
	}
	ck_assert_uint_eq(rd(0) & DQ1, DQ1);
	ck_assert_uint_eq(rd(0) & DQ7, ~last & DQ7);
	ck_assert(toggles(0));
	ck_assert_uint_eq(status(), RDY | BUFFER_ABORTED | PROGRAM);
	cmd(0, 0xf0);
	ck_assert_uint_eq(rd(0) & DQ1, DQ1);
	program(0, 0);
	ck_assert_uint_eq(rd(0) & DQ1, DQ1);
	ck_assert_uint_eq(data(0), 0xffffffff);
	if (_i % 2)
		unlocked(0xf0);
	else
		cmd(A555, 0x71);
	ck_assert(kit_direct());
	ck_assert_uint_eq(status(), RDY);
	program(0, 1);
	ck_assert_uint_eq(data(0), 1);
}
END_TEST

/* As cfi_cmdset_0002.c of Linux does it (do_ppb_xxlock()). */
START_TEST(persistent_protection)
{
	unlocked(0xc0);
	ck_assert_uint_eq(rd(BLOCK(1)), BOTH(1));
	cmd(BLOCK(1), 0xa0);
	cmd(BLOCK(1), 0x00);
	ck_assert_uint_eq(rd(BLOCK(1)), 0);
	ck_assert_uint_eq(rd(BLOCK(2)), BOTH(1));
	ck_assert(!toggles(BLOCK(1)));
	cmd(0, 0x90);
	cmd(0, 0x00);
	ck_assert(kit_direct());
	program(BLOCK(1), 0);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	ck_assert_uint_eq(status(), RDY | PROGRAM | LOCKED);
	cmd(A555, 0x71);
	erase(BLOCK(1));
	ck_assert_uint_eq(status(), RDY | ERASE | LOCKED);
	cmd(A555, 0x71);
	ck_assert_uint_eq(status(), RDY);
	kit.device->ops->reset(kit.device);
	ck_assert_int_eq(flash_locked(kit.flash, BLOCK(1)), 1);
	unlocked(0x90);
	ck_assert_uint_eq(rd(BLOCK(1) + WORD(2)), BOTH(1));
	cmd(0, 0xf0);
	/* All together are unlocked. */
	unlocked(0xc0);
	cmd(0, 0x80);
	cmd(0, 0x31);
	ck_assert_uint_eq(rd(BLOCK(1)), 0);
	cmd(0, 0x80);
	cmd(0, 0x30);
	ck_assert_uint_eq(rd(BLOCK(1)), BOTH(1));
	cmd(0, 0x90);
	cmd(0, 0x01);		/* no exit */
	ck_assert(!kit_direct());
	cmd(0, 0xf0);
	ck_assert(kit_direct());
	program(BLOCK(1), 0);
	ck_assert_uint_eq(data(BLOCK(1)), 0);
}
END_TEST

START_TEST(dynamic_protection)
{
	unlocked(0xe0);
	cmd(BLOCK(1), 0xa0);
	cmd(BLOCK(1), 0x00);
	cmd(BLOCK(2), 0xa0);
	cmd(BLOCK(2), 0x00);
	cmd(BLOCK(2), 0xa0);
	cmd(BLOCK(2), 0x02);	/* is nothing */
	ck_assert_uint_eq(rd(BLOCK(2)), 0);
	cmd(BLOCK(2), 0xa0);
	cmd(BLOCK(2), 0x01);
	cmd(0, 0x80);		/* not here */
	cmd(0, 0x30);
	ck_assert_uint_eq(rd(BLOCK(1)), 0);
	ck_assert_uint_eq(rd(BLOCK(2)), BOTH(1));
	cmd(0, 0x90);
	cmd(0, 0x00);
	program(BLOCK(1), 0);
	program(BLOCK(2), 0);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(2)), 0);
	kit.device->ops->reset(kit.device);
	program(BLOCK(1), 0);
	ck_assert_uint_eq(data(BLOCK(1)), 0);
}
END_TEST

START_TEST(polling)
{
	uint32_t a, b;

	program(8, BOTH(0x80));
	a = rd(8);
	b = rd(8);
	ck_assert_uint_eq(a & BOTH(DQ7), 0);		/* the complement of the data */
	ck_assert_uint_eq((a ^ b), BOTH(DQ6));
	ck_assert_uint_eq(a & BOTH(DQ5 | DQ3 | DQ1), 0);
	ck_assert_uint_eq(data(8), 0xffffffff);
	kit.now = kit.alarm - 1;
	ck_assert(toggles(0));
	program(12, 0);					/* not taken while busy */
	kit.now = kit.alarm;
	ck_assert(!toggles(8));
	ck_assert_uint_eq(rd(8), BOTH(0x80));
	ck_assert_uint_eq(data(12), 0xffffffff);
	program(8, BOTH(0x00));
	ck_assert_uint_eq(rd(8) & BOTH(DQ7), BOTH(DQ7));
	ck_assert_uint_eq(status(), 0);
	kit_wait(MS);
	ck_assert(kit_direct());
	/* Erase: DQ2 toggles in the sector. */
	erase(0);
	a = rd(0);
	b = rd(0);
	ck_assert_uint_eq(a ^ b, BOTH(DQ6 | DQ2));
	ck_assert_uint_eq(a & BOTH(DQ7 | DQ5 | DQ3), BOTH(DQ3));
	a = rd(BLOCK(1));
	b = rd(BLOCK(1));
	ck_assert_uint_eq(a ^ b, BOTH(DQ6));
	kit_wait(256 * MS);
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(8), 0xffffffff);
}
END_TEST

START_TEST(erase_suspended)
{
	uint32_t a, b;

	program(BLOCK(1), 5);
	kit_wait(MS);
	program(0, 0);
	kit_wait(MS);
	erase(0);
	kit_wait(200 * MS);
	cmd(0, 0xb0);
	ck_assert_uint_eq(kit.alarm, UINT64_MAX);
	ck_assert(!kit_direct());
	ck_assert_uint_eq(rd(BLOCK(1)), 5);
	a = rd(0);
	b = rd(0);
	ck_assert_uint_eq(a ^ b, BOTH(DQ2));
	ck_assert_uint_eq(a & BOTH(DQ7), BOTH(DQ7));
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED);
	program(BLOCK(1) + 4, BOTH(0xff));
	ck_assert_uint_eq(rd(BLOCK(1)) & BOTH(DQ7), 0);
	kit_wait(MS);
	ck_assert_uint_eq(rd(BLOCK(1) + 4), BOTH(0xff));
	program(4, 0);				/* in the sector */
	kit_wait(MS);
	ck_assert_uint_eq(status(), RDY | ERASE_SUSPENDED | PROGRAM | LOCKED);
	cmd(A555, 0x71);
	erase(BLOCK(1));			/* no second one */
	cmd(0, 0xf0);
	kit_wait(1000 * MS);
	ck_assert_uint_eq(data(BLOCK(1)), 5);
	cmd(WORD(0x55), 0x98);
	ck_assert_uint_eq(rd(WORD(0x10)), BOTH('Q'));
	cmd(0, 0xf0);
	cmd(BLOCK(3), 0x30);
	ck_assert(toggles(BLOCK(1)));
	ck_assert_uint_eq(data(0), 0);
	kit_wait(56 * MS);
	ck_assert(kit_direct());
	ck_assert_uint_eq(data(0), 0xffffffff);
}
END_TEST

START_TEST(program_suspended)
{
	load_buffer(0, BUFFER, 0);
	cmd(0, 0x29);
	kit_wait(100000);
	cmd(0, _i ? 0x51 : 0xb0);
	ck_assert_uint_eq(status(), RDY | PROGRAM_SUSPENDED);
	ck_assert_uint_eq(rd(BLOCK(1)), 0xffffffff);
	program(BLOCK(1), 0);			/* refused */
	unlock();
	cmd(0, 0x25);
	cmd(0, 0xf0);
	unlocked(0x80);
	cmd(0, 0xf0);
	kit_wait(10 * MS);
	ck_assert_uint_eq(data(0), 0xffffffff);
	cmd(0, _i ? 0x50 : 0x30);
	kit_wait(412000);
	ck_assert_uint_eq(data(0), 0);
	ck_assert_uint_eq(data(4), 1);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	ck_assert(kit_direct());
}
END_TEST

START_TEST(chip_erase_takes_its_time)
{
	program(0, 0);
	kit_wait(MS);
	program(BLOCK(7), 0);
	kit_wait(MS);
	unlocked(0x80);
	unlock();
	cmd(A555, 0x10);
	kit_wait(256 * MS);
	ck_assert_uint_eq(data(0), 0xffffffff);
	ck_assert_uint_eq(data(BLOCK(7)), 0);
	cmd(0, 0xb0);				/* not of a chip erase */
	ck_assert(toggles(0));
	/* Late: all that was due by then happens. */
	kit.now += 6 * 256 * MS;
	flash_run(kit.flash);
	ck_assert_uint_eq(data(BLOCK(7)), 0);
	ck_assert_uint_eq(kit.alarm, kit.now + 256 * MS);
	kit_wait(256 * MS);
	ck_assert_uint_eq(data(BLOCK(7)), 0xffffffff);
	ck_assert(kit_direct());
}
END_TEST

START_TEST(dump)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	load_buffer(0, 1, 0);
	cmd(0, 0x29);
	cmd(0, 0xb0);
	kit.device->ops->dump(kit.device, out);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "AMD/Fujitsu, 64 KiB in 8 blocks of 8 KiB, memory\n"));
	ck_assert_ptr_nonnull(strstr(text, "chip 0 programs 0x0: suspended, 0% done\n"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flash_amd");
	TCase *fast = tcase_create("at once"), *slow = tcase_create("in time");

	tcase_add_checked_fixture(fast, up, kit_down);
	tcase_add_test(fast, query);
	tcase_add_test(fast, identifiers);
	tcase_add_test(fast, programs_and_erases);
	tcase_add_test(fast, chip_erase);
	tcase_add_test(fast, buffered_program);
	tcase_add_loop_test(fast, malformed, 0, 16);
	tcase_add_loop_test(fast, buffer_aborted, 0, 6);
	tcase_add_test(fast, persistent_protection);
	tcase_add_test(fast, dynamic_protection);
	suite_add_tcase(s, fast);
	tcase_add_checked_fixture(slow, up_slow, kit_down);
	tcase_add_test(slow, polling);
	tcase_add_test(slow, erase_suspended);
	tcase_add_loop_test(slow, program_suspended, 0, 2);
	tcase_add_test(slow, chip_erase_takes_its_time);
	tcase_add_test(slow, dump);
	suite_add_tcase(s, slow);
	return run_suite(s);
}
