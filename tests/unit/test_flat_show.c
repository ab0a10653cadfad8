/* SPDX-License-Identifier: MIT
 *
 * Windows that show bytes others show as well: what they allow, and that the accessors keep to it and never fault.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mm/flat.h"

#define MIB (1u << 20)
#define RAM 0x80000000u
#define COMMAND 0x20000000u
#define DATA 0x28000000u
#define SIZE (2 * MIB)

static struct flat *f;
static struct flat_bytes *b;

static void setup(void)
{
	ck_assert_int_eq(flat_new(&f), 0);
	ck_assert_int_eq(flat_bytes_new(SIZE, &b), 0);
	ck_assert_int_eq(flat_commit(f, RAM, MIB), 0);
}

static void teardown(void)
{
	flat_bytes_free(b);
	flat_free(f);
}

/* What the host itself may do there, asked of system calls that answer instead of faulting. */
static enum flat_access host_access(uint32_t addr)
{
	uint8_t *p = flat_base(f) + addr;
	enum flat_access a = FLAT_NONE;
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	if (write(fd[1], p, 1) == 1)
		a = read(fd[0], p, 1) == 1 ? FLAT_WRITE : FLAT_READ;
	close(fd[0]);
	close(fd[1]);
	return a;
}

/* All accessors agree that this is what [addr, addr+4) allows; what is written is zero. */
static void allows(uint32_t addr, enum flat_access access)
{
	int reads = access >= FLAT_READ ? 0 : -EFAULT, writes = access >= FLAT_WRITE ? 0 : -EFAULT;
	uint32_t word = 0;
	char text[8];

	ck_assert_int_eq(host_access(addr), access);
	ck_assert_int_eq(flat_span(f, addr, 4) ? 0 : -EFAULT, reads);
	ck_assert_int_eq(flat_span_write(f, addr, 4) ? 0 : -EFAULT, writes);
	ck_assert_int_eq(flat_write(f, addr, &word, 4), writes);
	ck_assert_int_eq(flat_read(f, &word, addr, 4), reads);
	ck_assert_int_eq(flat_clear(f, addr, 4), writes);
	if (flat_read_string(f, text, addr, sizeof(text)) != -ENAMETOOLONG)
		ck_assert_int_eq(flat_read_string(f, text, addr, sizeof(text)), reads);
	ck_assert_int_eq(flat_zero_pages(f, addr & ~(FLAT_PAGE_SIZE - 1), FLAT_PAGE_SIZE), writes);
}

START_TEST(windows_allow_what_they_say)
{
	flat_bytes_view(b)[0x1000] = 'x';
	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, 0, FLAT_READ), 0);
	ck_assert_int_eq(flat_show(f, COMMAND, SIZE, b, 0, FLAT_NONE), 0);
	ck_assert_int_eq(flat_show(f, 0x50000000u, MIB, b, MIB, FLAT_WRITE), 0);
	allows(DATA, FLAT_READ);
	allows(DATA + SIZE - 4, FLAT_READ);
	allows(COMMAND, FLAT_NONE);
	allows(0x50000000u, FLAT_WRITE);
	allows(RAM + MIB - 4, FLAT_WRITE);
	allows(DATA + SIZE, FLAT_NONE);
	ck_assert_ptr_null(flat_span(f, DATA + SIZE - 3, 4));
	ck_assert_ptr_nonnull(flat_span(f, COMMAND, 0));
	ck_assert_ptr_nonnull(flat_span_write(f, DATA, 0));
	ck_assert_int_eq(flat_write(f, DATA, NULL, 0), 0);
}
END_TEST

START_TEST(all_show_the_same_bytes)
{
	uint8_t *view = flat_bytes_view(b);
	char text[8];

	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, 0, FLAT_READ), 0);
	ck_assert_int_eq(flat_show(f, COMMAND, SIZE, b, 0, FLAT_READ), 0);
	ck_assert_int_eq(flat_show(f, 0x50000000u, MIB, b, MIB, FLAT_WRITE), 0);
	for (uint32_t i = 0; i < SIZE; i++)
		if (view[i])
			ck_abort_msg("byte %u is not zero at first", i);
	strcpy((char *)view + MIB + 5, "hello");
	ck_assert_int_eq(flat_read_string(f, text, DATA + MIB + 5, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	ck_assert_str_eq((const char *)flat_base(f) + DATA + MIB + 5, "hello");
	ck_assert_str_eq((const char *)flat_base(f) + COMMAND + MIB + 5, "hello");
	ck_assert_str_eq((const char *)flat_span(f, 0x50000005u, 6), "hello");
	ck_assert_int_eq(flat_write(f, 0x50000005u, "j", 1), 0);
	ck_assert_str_eq((const char *)flat_base(f) + DATA + MIB + 5, "jello");
	memset(view, 0xff, SIZE);
	ck_assert_int_eq(flat_zero_pages(f, 0x50000000u, MIB), 0);
	ck_assert_uint_eq(view[MIB - 1], 0xff);
	for (uint32_t i = MIB; i < SIZE; i++)
		if (view[i])
			ck_abort_msg("byte %u was not cleared", i);
	ck_assert_uint_eq(flat_base(f)[DATA + MIB - 1], 0xff);
	ck_assert_uint_eq(flat_base(f)[DATA + MIB], 0);
}
END_TEST

/* A chip that leaves the mode in which it can be read, while a system call still works on what it was told. */
START_TEST(spans_outlive_protection)
{
	const uint8_t *span;
	uint8_t byte;

	flat_bytes_view(b)[7] = 42;
	ck_assert_int_eq(flat_show(f, COMMAND, SIZE, b, 0, FLAT_READ), 0);
	span = flat_span(f, COMMAND, SIZE);
	ck_assert_int_eq(flat_protect(f, COMMAND, SIZE, FLAT_NONE), 0);
	ck_assert_int_eq(host_access(COMMAND), FLAT_NONE);
	ck_assert_uint_eq(span[7], 42);
	ck_assert_int_eq(flat_read(f, &byte, COMMAND + 7, 1), -EFAULT);
	ck_assert_int_eq(flat_protect(f, COMMAND, SIZE, FLAT_NONE), 0);
	ck_assert_int_eq(flat_protect(f, COMMAND, SIZE, FLAT_READ), 0);
	allows(COMMAND, FLAT_READ);
	ck_assert_int_eq(flat_protect(f, COMMAND, SIZE, FLAT_WRITE), 0);
	allows(COMMAND, FLAT_WRITE);
}
END_TEST

START_TEST(wrong_requests_change_nothing)
{
	struct flat_bytes *none = NULL;

	ck_assert_int_eq(flat_bytes_new(0, &none), -EINVAL);
	ck_assert_int_eq(flat_bytes_new(100, &none), -EINVAL);
	ck_assert_int_eq(flat_bytes_new(UINT64_C(1) << 33, &none), -EINVAL);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(flat_show(f, DATA, SIZE + FLAT_PAGE_SIZE, b, 0, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, FLAT_PAGE_SIZE, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, DATA, FLAT_PAGE_SIZE, b, 1, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, DATA, FLAT_PAGE_SIZE, b, UINT64_MAX - FLAT_PAGE_SIZE + 1, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, DATA + 1, FLAT_PAGE_SIZE, b, 0, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, RAM, FLAT_PAGE_SIZE, b, 0, FLAT_READ), -EEXIST);
	ck_assert_int_eq(flat_protect(f, DATA, SIZE, FLAT_READ), -EINVAL);
	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, 0, FLAT_READ), 0);
	ck_assert_int_eq(flat_protect(f, DATA, MIB, FLAT_WRITE), -EINVAL);
	/* RAM always is: an answer of flat_span() there must stay good. */
	ck_assert_int_eq(flat_protect(f, RAM, MIB, FLAT_READ), -EINVAL);
	allows(DATA, FLAT_READ);
	allows(RAM, FLAT_WRITE);
}
END_TEST

/* Whoever made the bytes may be gone before the windows are. */
START_TEST(windows_keep_the_bytes)
{
	flat_bytes_view(b)[1] = 9;
	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, 0, FLAT_READ), 0);
	flat_bytes_free(b);
	b = NULL;
	ck_assert_uint_eq(((const uint8_t *)flat_span(f, DATA, 2))[1], 9);
	ck_assert_int_eq(flat_withdraw(f, DATA, SIZE), 0);
	allows(DATA, FLAT_NONE);
	ck_assert_int_eq(flat_bytes_new(SIZE, &b), 0);
	ck_assert_uint_eq(flat_bytes_view(b)[1], 0);
	ck_assert_int_eq(flat_show(f, DATA, SIZE, b, 0, FLAT_READ), 0);
}
END_TEST

/* With a soft limit of 0; it is lifted before the next assertion writes to a file of its own. */
static int bytes_within(int what)
{
	struct flat_bytes *more = NULL;
	struct rlimit was, none;
	int err, set;

	ck_assert_int_eq(getrlimit(what, &was), 0);
	none = (struct rlimit){ 0, was.rlim_max };
	set = setrlimit(what, &none);
	err = flat_bytes_new(SIZE, &more);
	set |= setrlimit(what, &was);
	ck_assert_int_eq(set, 0);
	ck_assert_ptr_null(more);
	return err;
}

/* The host would send SIGXFSZ. */
START_TEST(the_hosts_limits)
{
	ck_assert_int_eq(bytes_within(RLIMIT_FSIZE), -EFBIG);
	ck_assert_int_eq(bytes_within(RLIMIT_NOFILE), -ENOMEM);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flat_show");
	TCase *t = tcase_create("flat_show");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, windows_allow_what_they_say);
	tcase_add_test(t, all_show_the_same_bytes);
	tcase_add_test(t, spans_outlive_protection);
	tcase_add_test(t, wrong_requests_change_nothing);
	tcase_add_test(t, windows_keep_the_bytes);
	tcase_add_test(t, the_hosts_limits);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
