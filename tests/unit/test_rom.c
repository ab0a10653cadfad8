/* SPDX-License-Identifier: MIT
 *
 * A ROM: its window, which nobody can write to, and its block device.
 */
#include "devices/rom.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/bus.h"

#define BASE 0x40000000u
#define PAGE FLAT_PAGE_SIZE

static struct flat *flat;

static void up(void)
{
	ck_assert_int_eq(flat_new(&flat), 0);
}

static void down(void)
{
	flat_free(flat);
}

START_TEST(it_is_read_only_memory)
{
	static uint8_t bytes[PAGE + 5];
	struct device *d, *other;
	struct block_device *b;
	const uint8_t *seen;
	uint8_t copy[8];
	struct bus *bus;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i % 251 + 1);
	ck_assert_int_eq(rom_new(flat, "rom0", BASE, bytes, sizeof bytes, &d), 0);
	ck_assert_int_eq(rom_new(flat, "rom1", BASE + PAGE, bytes, 1, &other), -EEXIST);
	ck_assert(d->windows == 1 && d->window[0].addr == BASE && d->window[0].size == 2 * PAGE);
	seen = flat_span(flat, BASE, 2 * PAGE);
	ck_assert_ptr_nonnull(seen);
	ck_assert(!memcmp(seen, bytes, sizeof bytes) && seen[sizeof bytes] == 0 && seen[2 * PAGE - 1] == 0);
	ck_assert_ptr_null(flat_span_write(flat, BASE, 1));
	ck_assert_int_eq(flat_write(flat, BASE, bytes, 1), -EFAULT);
	b = rom_block(d);
	ck_assert(b && b->size == 2 * PAGE && b->memory == BASE && b->read_only);
	ck_assert_int_eq(b->ops->read(b, copy, 8, PAGE + 1), 0);
	ck_assert(!memcmp(copy, bytes + PAGE + 1, 4) && !copy[4]);
	ck_assert_int_eq(b->ops->read(b, copy, 8, 2 * PAGE - 7), -EIO);
	ck_assert_int_eq(b->ops->read(b, copy, 1, UINT64_MAX), -EIO);
	ck_assert_int_eq(b->ops->write(b, copy, 8, 0), -EPERM);
	ck_assert_int_eq(b->ops->clear(b, 0, 512), -EPERM);
	b->ops->free(b);
	ck_assert_int_eq(bus_new(&bus, flat), 0);
	ck_assert_int_eq(bus_add(bus, d), 0);
	ck_assert(!bus_store(bus, BASE, 4, 1));
	bus_free(bus);
	ck_assert_ptr_null(flat_span(flat, BASE, 1));
}
END_TEST

START_TEST(what_there_cannot_be)
{
	struct device *d;

	ck_assert_int_eq(rom_new(flat, "rom0", BASE, "", 0, &d), -EINVAL);
	ck_assert_int_eq(rom_new(flat, "rom0", 0u - PAGE, "x", PAGE + 1, &d), -EINVAL);
	ck_assert_int_eq(rom_new(flat, "rom0", BASE + 1, "x", 1, &d), -EINVAL);
	ck_assert_int_eq(rom_new(flat, "rom0", 0u - PAGE, "x", 1, &d), 0);
	d->ops->free(d);
}
END_TEST

/* --- Host memory --- */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static unsigned until_failure;

void *__wrap_calloc(size_t n, size_t size)
{
	return until_failure && --until_failure == 0 ? NULL : __real_calloc(n, size);
}

START_TEST(host_memory_runs_out)
{
	struct device *d;
	int err = -1;

	for (unsigned n = 1; err; n++) {
		until_failure = n;
		err = rom_new(flat, "rom0", BASE, "x", 1, &d);
		until_failure = 0;
		ck_assert(err == 0 || err == -ENOMEM);
		ck_assert((flat_span(flat, BASE, 1) != NULL) == (err == 0));
	}
	until_failure = 1;
	ck_assert_ptr_null(rom_block(d));
	d->ops->free(d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rom");
	TCase *t = tcase_create("rom");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, it_is_read_only_memory);
	tcase_add_test(t, what_there_cannot_be);
	tcase_add_test(t, host_memory_runs_out);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
