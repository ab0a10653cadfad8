/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mm/flat.h"

#define MIB (1u << 20)

static struct flat *f;

static void setup(void)
{
	ck_assert_int_eq(flat_new(&f), 0);
}

static void teardown(void)
{
	flat_free(f);
}

START_TEST(windows_must_be_pages_and_apart)
{
	ck_assert_int_eq(flat_commit(f, 0x80000000u, 64 * MIB), 0);
	ck_assert_int_eq(flat_commit(f, 0x80000001u, FLAT_PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(flat_commit(f, 0x10000000u, 100), -EINVAL);
	ck_assert_int_eq(flat_commit(f, 0x10000000u, 0), -EINVAL);
	ck_assert_int_eq(flat_commit(f, 0xfffff000u, 2 * FLAT_PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(flat_commit(f, 0x7ffff000u, 2 * FLAT_PAGE_SIZE), -EEXIST);
	ck_assert_int_eq(flat_commit(f, 0x83fff000u, FLAT_PAGE_SIZE), -EEXIST);
	ck_assert_int_eq(flat_commit(f, 0x84000000u, FLAT_PAGE_SIZE), 0);
	ck_assert_int_eq(flat_commit(f, 0xfffff000u, FLAT_PAGE_SIZE), 0);
	ck_assert_int_eq(flat_withdraw(f, 0x80000000u, MIB), -EINVAL);
	ck_assert_int_eq(flat_withdraw(f, 0x80000000u, 64 * MIB), 0);
	ck_assert_ptr_null(flat_span(f, 0x80000000u, 1));
	ck_assert_ptr_nonnull(flat_span(f, 0x84000000u, 1));
}
END_TEST

START_TEST(spans_stay_inside_one_window)
{
	ck_assert_int_eq(flat_commit(f, 0x80000000u, MIB), 0);
	ck_assert_int_eq(flat_commit(f, 0x10000000u, FLAT_PAGE_SIZE), 0);
	ck_assert_int_eq(flat_commit(f, 0xfffff000u, FLAT_PAGE_SIZE), 0);
	ck_assert_ptr_eq(flat_span(f, 0x80000000u, MIB), flat_base(f) + 0x80000000u);
	ck_assert_ptr_null(flat_span(f, 0x80000000u, MIB + 1));
	ck_assert_ptr_null(flat_span(f, 0x80000001u, MIB));
	ck_assert_ptr_null(flat_span(f, 0x800fffffu, 2));
	ck_assert_ptr_null(flat_span(f, 0x7fffffffu, 2));
	ck_assert_ptr_nonnull(flat_span(f, 0x10000ffcu, 4));
	ck_assert_ptr_null(flat_span(f, 0x10000ffdu, 4));
	ck_assert_ptr_null(flat_span(f, 0, 1));
	ck_assert_ptr_nonnull(flat_span(f, 0xffffffffu, 1));
	ck_assert_ptr_null(flat_span(f, 0xffffffffu, 2));
	ck_assert_ptr_null(flat_span(f, 0x80000000u, UINT64_MAX));
	ck_assert_ptr_null(flat_span(f, 0xffffffffu, UINT64_MAX));
	ck_assert_ptr_nonnull(flat_span(f, 0x12345678u, 0));
}
END_TEST

START_TEST(copies_are_all_or_nothing)
{
	uint32_t in = 0x11223344u, out = 0;

	ck_assert_int_eq(flat_commit(f, 0x80000000u, FLAT_PAGE_SIZE), 0);
	ck_assert_int_eq(flat_write(f, 0x80000ffcu, &in, 4), 0);
	ck_assert_int_eq(flat_read(f, &out, 0x80000ffcu, 4), 0);
	ck_assert_uint_eq(out, in);
	ck_assert_int_eq(flat_write(f, 0x80000ffeu, "\0\0\0", 4), -EFAULT);
	ck_assert_int_eq(flat_read(f, &out, 0x80000ffcu, 4), 0);
	ck_assert_uint_eq(out, in);
	out = 7;
	ck_assert_int_eq(flat_read(f, &out, 0x80000ffdu, 4), -EFAULT);
	ck_assert_uint_eq(out, 7);
	ck_assert_int_eq(flat_clear(f, 0x80000ffdu, 4), -EFAULT);
	ck_assert_int_eq(flat_clear(f, 0x80000ffdu, 3), 0);
	ck_assert_int_eq(flat_read(f, &out, 0x80000ffcu, 4), 0);
	ck_assert_uint_eq(out, 0x44);
	ck_assert_int_eq(flat_read(f, NULL, 0, 0), 0);
}
END_TEST

START_TEST(strings_end_at_nul_limit_or_memory)
{
	char text[16] = "unchanged";

	ck_assert_int_eq(flat_commit(f, 0x80000000u, FLAT_PAGE_SIZE), 0);
	ck_assert_int_eq(flat_write(f, 0x80000ff8u, "hello\0\0z", 8), 0);
	ck_assert_int_eq(flat_read_string(f, text, 0x80000ff8u, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	ck_assert_int_eq(flat_read_string(f, text, 0x80000ff8u, 6), 5);
	ck_assert_int_eq(flat_read_string(f, text, 0x80000ff8u, 5), -ENAMETOOLONG);
	ck_assert_int_eq(flat_read_string(f, text, 0x80000ff8u, 0), -ENAMETOOLONG);
	ck_assert_int_eq(flat_read_string(f, text, 0x80000fffu, sizeof(text)), -EFAULT);
	ck_assert_int_eq(flat_read_string(f, text, 0x80000fffu, 1), -ENAMETOOLONG);
	ck_assert_int_eq(flat_read_string(f, text, 0x80001000u, sizeof(text)), -EFAULT);
	ck_assert_int_eq(flat_read_string(f, text, 0, sizeof(text)), -EFAULT);
}
END_TEST

START_TEST(zeroed_pages_read_as_zero_small_and_large)
{
	static const uint32_t lengths[] = { FLAT_PAGE_SIZE, 64 * 1024, 4 * MIB };
	uint8_t *ram;

	ck_assert_int_eq(flat_commit(f, 0x80000000u, 8 * MIB), 0);
	ram = flat_span_write(f, 0x80000000u, 8 * MIB);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		memset(ram, 0xa5, 8 * MIB);
		ck_assert_int_eq(flat_zero_pages(f, 0x80001000u, lengths[i]), 0);
		ck_assert_uint_eq(ram[FLAT_PAGE_SIZE - 1], 0xa5);
		ck_assert_uint_eq(ram[FLAT_PAGE_SIZE + lengths[i]], 0xa5);
		for (uint32_t b = 0; b < lengths[i]; b++)
			if (ram[FLAT_PAGE_SIZE + b])
				ck_abort_msg("byte %u of %u is not zero", b, lengths[i]);
	}
	ck_assert_int_eq(flat_zero_pages(f, 0x80000100u, FLAT_PAGE_SIZE), -EFAULT);
	ck_assert_int_eq(flat_zero_pages(f, 0x80000000u, 9 * MIB), -EFAULT);
}
END_TEST

/* Whether the host may read a byte there, asked of a system call that answers instead of faulting. */
static bool readable(const uint8_t *p)
{
	int fd[2];
	ssize_t n;

	ck_assert_int_eq(pipe(fd), 0);
	n = write(fd[1], p, 1);
	ck_assert(n == 1 || errno == EFAULT);
	close(fd[0]);
	close(fd[1]);
	return n == 1;
}

START_TEST(nothing_but_windows_is_accessible)
{
	uint8_t *base = flat_base(f);

	ck_assert_int_eq(flat_commit(f, 0x80000000u, FLAT_PAGE_SIZE), 0);
	ck_assert(readable(base + 0x80000000u));
	ck_assert(readable(base + 0x80000fffu));
	ck_assert(!readable(base));
	ck_assert(!readable(base - 1));
	ck_assert(!readable(base - 65536));
	ck_assert(!readable(base + 0x7fffffffu));
	ck_assert(!readable(base + 0x80001000u));
	ck_assert(!readable(base + 0xffffffffu));
	ck_assert(!readable(base + (UINT64_C(1) << 32)));
	ck_assert(!readable(base + (UINT64_C(1) << 32) + 65535));
	ck_assert_int_eq(flat_withdraw(f, 0x80000000u, FLAT_PAGE_SIZE), 0);
	ck_assert(!readable(base + 0x80000000u));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flat");
	TCase *t = tcase_create("flat");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, windows_must_be_pages_and_apart);
	tcase_add_test(t, spans_stay_inside_one_window);
	tcase_add_test(t, copies_are_all_or_nothing);
	tcase_add_test(t, strings_end_at_nul_limit_or_memory);
	tcase_add_test(t, zeroed_pages_read_as_zero_small_and_large);
	tcase_add_test(t, nothing_but_windows_is_accessible);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
