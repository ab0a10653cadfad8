/* SPDX-License-Identifier: MIT
 *
 * The driver's requests, beside what the command window does meanwhile, for both command sets; and power that fails.
 */
#include "tests/unit/flash_driver.h"
#include "tests/unit/run_suite.h"

#define BLOCK(n) ((n) * KIT_ERASE)
#define MS 1000000ull
#define SETS 2

static const enum flash_set sets[SETS] = { FLASH_INTEL, FLASH_AMD };
static uint8_t pattern[FLASH_SIZE_MIN];

static void up_with(int set, unsigned time, uint64_t cut, uint64_t seed)
{
	struct flash_config c = kit_config(sets[set]);

	c.time = time;
	c.cut = cut;
	c.seed = seed;
	kit_up(&c);
	for (uint32_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + (i >> 8));
	ck_assert_int_eq(flash_lock(kit.flash, 0, FLASH_SIZE_MIN, false), 0);
}

static struct flash_request *finished[8];
static unsigned finishes;

static void done(struct flash_request *r)
{
	ck_assert_int_ne(r->result, -EINPROGRESS);
	if (finishes < 8)
		finished[finishes] = r;
	finishes++;
}

static void start(void)
{
	finishes = 0;
}

static struct flash_request programs(uint32_t offset, uint32_t len)
{
	return (struct flash_request){ .kind = FLASH_PROGRAM, .offset = offset, .len = len, .data = pattern, .done = done };
}

static struct flash_request erases(uint32_t offset, uint32_t len)
{
	return (struct flash_request){ .kind = FLASH_ERASE, .offset = offset, .len = len, .done = done };
}

static bool all(uint32_t offset, uint32_t len, uint8_t value)
{
	for (uint32_t i = 0; i < len; i++)
		if (flash_array(kit.flash)[offset + i] != value)
			return false;
	return true;
}

/* Every alignment of beginning and end, within a line of the buffer and over several. */
START_TEST(any_alignment)
{
	uint32_t line;

	up_with(_i, 0, 0, 0);
	line = flash_geometry(kit.flash)->buffer;
	for (uint32_t from = 0; from < 5; from++)
		for (uint32_t len = 1; len < 3 * line; len += len < 10 ? 1 : line / 3 - 1) {
			struct flash_request e = erases(0, KIT_ERASE), p = programs(line - 6 + from, len);

			start();
			flash_submit(kit.flash, &e);
			flash_submit(kit.flash, &p);
			ck_assert_uint_eq(finishes, 2);
			ck_assert_int_eq(p.result, 0);
			ck_assert_uint_eq(p.moved, len);
			ck_assert(all(0, p.offset, 0xff));
			ck_assert_mem_eq(flash_array(kit.flash) + p.offset, pattern, len);
			ck_assert(all(p.offset + len, KIT_ERASE - p.offset - len, 0xff));
			ck_assert(kit_direct());
		}
	kit_down();
}
END_TEST

START_TEST(what_is_refused)
{
	struct flash_request bad[] = {
		programs(FLASH_SIZE_MIN, 1), programs(FLASH_SIZE_MIN - 1, 2), programs(0xffffffff, 2), programs(1, 0xffffffff),
		erases(4, KIT_ERASE), erases(0, KIT_ERASE - 4), erases(FLASH_SIZE_MIN, KIT_ERASE), erases(BLOCK(1), FLASH_SIZE_MIN),
	};

	up_with(_i, 0, 0, 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start();
		flash_submit(kit.flash, &bad[i]);
		ck_assert_uint_eq(finishes, 1);
		ck_assert_int_eq(bad[i].result, -EINVAL);
	}
	struct flash_request none = programs(FLASH_SIZE_MIN, 0);

	flash_submit(kit.flash, &none);
	ck_assert_int_eq(none.result, 0);
	ck_assert_int_eq(flash_lock(kit.flash, 4, KIT_ERASE, true), -EINVAL);
	ck_assert_int_eq(flash_lock(kit.flash, 0, FLASH_SIZE_MIN + KIT_ERASE, true), -EINVAL);
	ck_assert_int_eq(flash_locked(kit.flash, FLASH_SIZE_MIN), -EINVAL);
	kit_down();
}
END_TEST

START_TEST(locked_in_the_midst)
{
	struct flash_request e = erases(0, FLASH_SIZE_MIN), p = programs(0, FLASH_SIZE_MIN);

	up_with(_i, 0, 0, 0);
	ck_assert_int_eq(flash_lock(kit.flash, BLOCK(3), KIT_ERASE, true), 0);
	ck_assert_int_eq(flash_locked(kit.flash, BLOCK(3) - 1), 0);
	ck_assert_int_eq(flash_locked(kit.flash, BLOCK(3)), 1);
	flash_submit(kit.flash, &p);
	ck_assert_int_eq(p.result, -EROFS);
	ck_assert_uint_eq(p.moved, BLOCK(3));
	ck_assert_mem_eq(flash_array(kit.flash), pattern, BLOCK(3));
	ck_assert(all(BLOCK(3), FLASH_SIZE_MIN - BLOCK(3), 0xff));
	flash_submit(kit.flash, &e);
	ck_assert_int_eq(e.result, -EROFS);
	ck_assert_uint_eq(e.moved, BLOCK(3));
	ck_assert(all(0, FLASH_SIZE_MIN, 0xff));
	/* The status registers are the command window's: nothing is in them. */
	cmd(_i ? WORD(0x555) : 0, 0x70);
	ck_assert_uint_eq(rd(0), BOTH(0x80));
	kit_down();
}
END_TEST

START_TEST(an_interrupt_for_each_operation)
{
	struct flash_request e = erases(0, 2 * KIT_ERASE), p;
	unsigned buffers = 3;

	up_with(_i, 100, 0, 0);
	p = programs(0, buffers * flash_geometry(kit.flash)->buffer);
	flash_submit(kit.flash, &e);
	ck_assert_uint_eq(kit.interrupts, 0);
	kit_wait(3000 * MS);
	ck_assert_int_eq(e.result, 0);
	ck_assert_uint_eq(kit.interrupts, 2);
	ck_assert_uint_eq(kit.hidden, 1);	/* the array was not shown in between */
	flash_submit(kit.flash, &p);
	kit_wait(3000 * MS);
	ck_assert_uint_eq(kit.interrupts, 2 + buffers);
	ck_assert_uint_eq(kit.hidden, 2);
	drv_set = sets[_i];
	drv_begin_erase(BLOCK(3));		/* what a program of the guest does is told, too */
	kit_wait(3000 * MS);
	ck_assert_uint_eq(kit.interrupts, 3 + buffers);
	ck_assert(kit.device->line.up);
	drv_begin_erase(BLOCK(3));
	ck_assert(!kit.device->line.up);
	kit.device->ops->reset(kit.device);	/* and what comes to nothing */
	ck_assert_uint_eq(kit.interrupts, 4 + buffers);
	kit_down();
	up_with(_i, 0, 0, 0);
	flash_submit(kit.flash, &e);
	ck_assert_int_eq(e.result, 0);
	ck_assert_uint_eq(kit.interrupts, 0);	/* nor what takes no time */
	kit_down();
}
END_TEST

START_TEST(a_line_that_is_not_heard)
{
	struct flash_request e = erases(0, 2 * KIT_ERASE);

	up_with(_i, 100, 0, 0);
	kit.device->line.moved = NULL;
	flash_submit(kit.flash, &e);
	kit_wait(3000 * MS);
	ck_assert_int_eq(e.result, -EINPROGRESS);
	ck_assert_uint_eq(flash_wear(kit.flash, 0), 1);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 0);
	flash_service(kit.flash);		/* a driver that looks for itself */
	kit_wait(3000 * MS);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 1);
	flash_service(kit.flash);
	ck_assert_int_eq(e.result, 0);
	kit_down();
}
END_TEST

START_TEST(one_after_the_other)
{
	struct flash_request a = erases(0, 2 * KIT_ERASE), b = programs(0, 4), c = programs(2, 4), d = erases(BLOCK(7), KIT_ERASE);

	up_with(_i, 100, 0, 0);
	start();
	flash_submit(kit.flash, &a);
	flash_submit(kit.flash, &b);
	flash_submit(kit.flash, &c);
	flash_submit(kit.flash, &d);
	ck_assert_int_eq(a.result, -EINPROGRESS);
	ck_assert_uint_eq(finishes, 0);
	ck_assert(!kit_direct());		/* a status is there to be read */
	flash_cancel(kit.flash, &c);
	flash_cancel(kit.flash, &c);
	kit_wait(3000 * MS);
	ck_assert_uint_eq(finishes, 2 + (_i == 1));
	ck_assert_ptr_eq(finished[0], &a);
	ck_assert_ptr_eq(finished[1], &b);
	kit_wait(3000 * MS);
	ck_assert_ptr_eq(finished[2], &d);
	ck_assert_int_eq(c.result, -EINPROGRESS);
	ck_assert_mem_eq(flash_array(kit.flash), pattern, 4);
	ck_assert(all(4, 4, 0xff));
	ck_assert_uint_eq(flash_wear(kit.flash, 7), 1);
	ck_assert(kit_direct());
	kit_down();
}
END_TEST

/* What has begun goes on, nothing more of it begins, and the next request has its turn. */
START_TEST(cancelled_in_the_midst)
{
	struct flash_request a = erases(0, 3 * KIT_ERASE), b = programs(BLOCK(2), 4);

	up_with(_i, 100, 0, 0);
	start();
	flash_submit(kit.flash, &a);
	flash_submit(kit.flash, &b);
	kit_wait(100 * MS);
	flash_cancel(kit.flash, &a);
	ck_assert_int_eq(b.result, -EINPROGRESS);
	kit_wait(1000 * MS);
	ck_assert_uint_eq(finishes, 1);
	ck_assert_int_eq(b.result, 0);
	ck_assert_uint_eq(flash_wear(kit.flash, 0), 1);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 0);
	kit_down();
}
END_TEST

static struct flash_request second;

static void submit_second(struct flash_request *r)
{
	(void)r;
	second = programs(8, 4);
	flash_submit(kit.flash, &second);
}

START_TEST(one_that_brings_another)
{
	struct flash_request a = programs(0, 4);

	up_with(_i, _i * 100, 0, 0);
	start();
	a.done = submit_second;
	flash_submit(kit.flash, &a);
	kit_wait(MS);
	ck_assert_int_eq(second.result, 0);
	ck_assert_mem_eq(flash_array(kit.flash) + 8, pattern, 4);
	kit_down();
}
END_TEST

/* --- Beside the command window --- */

static void begin_erase(uint32_t block)
{
	if (flash_geometry(kit.flash)->set == FLASH_INTEL) {
		cmd(block, 0x20);
		cmd(block, 0xd0);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		cmd(WORD(0x555), 0xaa);
		cmd(WORD(0x2aa), 0x55);
		cmd(i ? block : WORD(0x555), i ? 0x30 : 0x80);
	}
}

START_TEST(waits_for_the_command_window)
{
	struct flash_request p = programs(0, 4);

	up_with(_i, 100, 0, 0);
	start();
	begin_erase(BLOCK(1));
	kit_wait(100 * MS);
	flash_submit(kit.flash, &p);
	kit_wait(100 * MS);
	ck_assert_int_eq(p.result, -EINPROGRESS);
	kit_wait(1000 * MS);
	ck_assert_int_eq(p.result, 0);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 1);
	ck_assert(kit_direct());
	/* What is suspended goes on first: there is nobody else who would. */
	begin_erase(BLOCK(1));
	cmd(0, 0xb0);
	flash_submit(kit.flash, &p);
	kit_wait(100 * MS);
	ck_assert_int_eq(p.result, -EINPROGRESS);
	cmd(0, 0xb0);			/* and at once again */
	kit_wait(1000 * MS);
	ck_assert_int_eq(p.result, 0);
	ck_assert_uint_eq(flash_wear(kit.flash, 1), 2);
	ck_assert(kit_direct());
	kit_down();
}
END_TEST

START_TEST(forgets_a_cycle_in_between)
{
	struct flash_request p = programs(0, 4);

	up_with(_i, 0, 0, 0);
	if (_i == 0) {
		cmd(BLOCK(1), 0x40);
	} else {
		cmd(WORD(0x555), 0xaa);
		cmd(WORD(0x2aa), 0x55);
		cmd(WORD(0x555), 0xa0);
	}
	flash_submit(kit.flash, &p);
	ck_assert_int_eq(p.result, 0);
	ck_assert(kit_direct());
	cmd(BLOCK(1), 0);
	ck_assert_uint_eq(data(BLOCK(1)), 0xffffffff);
	kit_down();
}
END_TEST

START_TEST(suspended_by_the_command_window)
{
	struct flash_request e = erases(0, KIT_ERASE);

	up_with(_i, 100, 0, 0);
	flash_submit(kit.flash, &e);
	for (unsigned i = 0; i < 20; i++) {
		kit_wait(MS);
		cmd(0, 0xb0);
	}
	kit_wait(1024 * MS);
	ck_assert_int_eq(e.result, 0);
	ck_assert(kit_direct());
	kit_down();
}
END_TEST

/* --- Power --- */

/* Programs only clear bits, and only those that are to be cleared. */
static bool between(const uint8_t *old, const uint8_t *new, const uint8_t *now, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if ((now[i] & ~old[i]) || (~now[i] & old[i] & new[i]))
			return false;
	return true;
}

START_TEST(cut_in_a_program)
{
	static const uint8_t ff[4096] = { [0 ... 4095] = 0xff };
	struct flash_request p = programs(0, 4096), late = programs(0, 4);
	bool old = false, new = false;

	up_with(_i % 2, _i & 2 ? 100 : 0, 4, (uint64_t)_i);
	start();
	flash_submit(kit.flash, &p);
	kit_wait(100 * MS);
	ck_assert_uint_eq(kit.power_losses, 1);
	ck_assert_int_eq(p.result, -EIO);
	ck_assert_uint_eq(finishes, 1);
	/* The second piece was under way: each chip's operation is one. */
	uint32_t line = flash_geometry(kit.flash)->buffer;

	ck_assert_uint_eq(p.moved, line);
	ck_assert_mem_eq(flash_array(kit.flash), pattern, line);
	ck_assert(between(ff, pattern + line, flash_array(kit.flash) + line, line));
	ck_assert(all(2 * line, KIT_ERASE - 2 * line, 0xff));
	for (uint32_t i = line; i < 2 * line; i++) {
		old |= flash_array(kit.flash)[i] != pattern[i];
		new |= flash_array(kit.flash)[i] != 0xff;
	}
	ck_assert(old || new);
	/* Without power there is nothing. */
	flash_submit(kit.flash, &late);
	ck_assert_int_eq(late.result, -EIO);
	ck_assert(!kit_direct());
	cmd(0, 0xff);
	ck_assert_uint_eq(rd(0), 0xffffffff);
	flash_run(kit.flash);
	flash_cut_power(kit.flash, 1);
	ck_assert_uint_eq(kit.power_losses, 1);
	/* It comes back. */
	kit.device->ops->reset(kit.device);
	ck_assert(kit_direct());
	ck_assert_int_eq(flash_lock(kit.flash, 0, FLASH_SIZE_MIN, false), 0);
	flash_submit(kit.flash, &late);
	kit_wait(MS);
	ck_assert_int_eq(late.result, 0);
	kit_down();
}
END_TEST

/* At all times of an erase; what is left differs, and never leaves the block. */
START_TEST(cut_in_an_erase)
{
	unsigned ones = 0, zeros = 0, mixed = 0;

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct flash_request p = programs(0, FLASH_SIZE_MIN), e = erases(BLOCK(3), 2 * KIT_ERASE);
		uint64_t length = _i ? 256 * MS : 1024 * MS;

		up_with(_i, 100, 0, 0);
		flash_submit(kit.flash, &p);
		kit_wait(100000 * MS);
		flash_submit(kit.flash, &e);
		kit_wait(length + length / 40 * seed);
		if (seed % 3 == 0) {
			flash_cancel(kit.flash, &e);
			cmd(0, 0xb0);
		}
		flash_cut_power(kit.flash, seed);
		ck_assert_uint_eq(kit.power_losses, 1);
		ck_assert_int_eq(e.result, seed % 3 ? -EIO : -EINPROGRESS);
		ck_assert(all(BLOCK(3), KIT_ERASE, 0xff));
		ck_assert_mem_eq(flash_array(kit.flash), pattern, BLOCK(3));
		ck_assert_mem_eq(flash_array(kit.flash) + BLOCK(5), pattern + BLOCK(5), FLASH_SIZE_MIN - BLOCK(5));
		ck_assert_uint_eq(flash_wear(kit.flash, 4), 1);
		ones += all(BLOCK(4), KIT_ERASE, 0xff);
		zeros += all(BLOCK(4), KIT_ERASE, 0);
		for (uint32_t i = 0; i < KIT_ERASE; i++) {
			uint8_t b = flash_array(kit.flash)[BLOCK(4) + i];

			if (b != 0 && b != 0xff && b != pattern[BLOCK(4) + i]) {
				mixed++;
				break;
			}
		}
		kit_down();
	}
	ck_assert_uint_eq(ones, 0);
	ck_assert_uint_le(zeros, 2);
	ck_assert_uint_ge(mixed, 36);
}
END_TEST

/* With a suspended erase and a program in it, both are left in the midst. */
START_TEST(cut_while_suspended)
{
	up_with(0, 100, 0, 0);
	begin_erase(0);
	kit_wait(500 * MS);
	cmd(0, 0xb0);
	cmd(BLOCK(1), 0x40);
	cmd(BLOCK(1), 0);
	kit_wait(64000);
	flash_cut_power(kit.flash, 5);
	ck_assert(!all(0, KIT_ERASE, 0xff));
	ck_assert_uint_ne(data(BLOCK(1)), 0);
	ck_assert_uint_ne(data(BLOCK(1)), 0xffffffff);
	ck_assert(all(BLOCK(1) + 4, KIT_ERASE - 4, 0xff));
	kit_down();
}
END_TEST

/* The same seed, the same rest. */
START_TEST(cuts_repeat)
{
	static uint8_t first[FLASH_SIZE_MIN];

	for (unsigned i = 0; i < 3; i++) {
		struct flash_request p = programs(0, FLASH_SIZE_MIN), e = erases(0, FLASH_SIZE_MIN);

		up_with(0, 100, 2 * FLASH_SIZE_MIN / 128 + 5, i < 2 ? 77 : 78);
		flash_submit(kit.flash, &p);
		flash_submit(kit.flash, &e);
		kit_wait(100000 * MS);
		ck_assert_uint_eq(kit.power_losses, 1);
		if (i == 0)
			memcpy(first, flash_array(kit.flash), sizeof(first));
		ck_assert_int_eq(memcmp(first, flash_array(kit.flash), sizeof(first)) == 0, i < 2);
		kit_down();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flash_request");
	TCase *t = tcase_create("requests"), *p = tcase_create("power");

	tcase_add_loop_test(t, any_alignment, 0, SETS);
	tcase_add_loop_test(t, what_is_refused, 0, SETS);
	tcase_add_loop_test(t, locked_in_the_midst, 0, SETS);
	tcase_add_loop_test(t, an_interrupt_for_each_operation, 0, SETS);
	tcase_add_loop_test(t, a_line_that_is_not_heard, 0, SETS);
	tcase_add_loop_test(t, one_after_the_other, 0, SETS);
	tcase_add_loop_test(t, cancelled_in_the_midst, 0, SETS);
	tcase_add_loop_test(t, one_that_brings_another, 0, SETS);
	tcase_add_loop_test(t, waits_for_the_command_window, 0, SETS);
	tcase_add_loop_test(t, forgets_a_cycle_in_between, 0, SETS);
	tcase_add_loop_test(t, suspended_by_the_command_window, 0, SETS);
	suite_add_tcase(s, t);
	tcase_add_loop_test(p, cut_in_a_program, 0, 2 * SETS);
	tcase_add_loop_test(p, cut_in_an_erase, 0, SETS);
	tcase_add_test(p, cut_while_suspended);
	tcase_add_test(p, cuts_repeat);
	suite_add_tcase(s, p);
	return run_suite(s);
}
