/* SPDX-License-Identifier: MIT
 * Register sets: the ABI's places of registers, partial transfers, bits that no register has.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ptrace/regset.h"

static struct hart_regs sample(void)
{
	struct hart_regs r = { .pc = 0x80001000, .fcsr = 0x21 };

	for (uint32_t i = 1; i < 32; i++)
		r.x[i] = 0x1000 + i;
	for (uint32_t i = 0; i < 32; i++)
		r.f[i] = 0xffffffff00000000u + i;
	return r;
}

START_TEST(sizes)
{
	uint32_t unit = 0;

	ck_assert_uint_eq(regset_size(REGSET_NT_PRSTATUS, &unit), 128);
	ck_assert_uint_eq(unit, 4);
	ck_assert_uint_eq(regset_size(REGSET_NT_PRFPREG, &unit), 264);
	ck_assert_uint_eq(unit, 8);
	ck_assert_uint_eq(regset_size(0, &unit), 0);
	ck_assert_uint_eq(regset_size(3, &unit), 0);
	ck_assert_uint_eq(regset_size(0x900, &unit), 0);	/* NT_RISCV_CSR */
}
END_TEST

START_TEST(places)
{
	struct hart_regs r = sample();
	uint8_t buf[REGSET_MAX];
	uint32_t w[REGSET_MAX / 4];

	regset_get(&r, REGSET_NT_PRSTATUS, buf);
	memcpy(w, buf, sizeof w);
	ck_assert_uint_eq(w[0], 0x80001000);
	for (uint32_t i = 1; i < 32; i++)
		ck_assert_uint_eq(w[i], 0x1000 + i);
	regset_get(&r, REGSET_NT_PRFPREG, buf);
	memcpy(w, buf, sizeof w);
	for (uint32_t i = 0; i < 32; i++) {
		ck_assert_uint_eq(w[2 * i], i);
		ck_assert_uint_eq(w[2 * i + 1], 0xffffffff);
	}
	ck_assert_uint_eq(w[64], 0x21);
	ck_assert_uint_eq(w[65], 0);
}
END_TEST

START_TEST(set_whole)
{
	struct hart_regs from = sample(), r = { 0 };
	uint8_t buf[REGSET_MAX];

	regset_get(&from, REGSET_NT_PRSTATUS, buf);
	regset_set(&r, REGSET_NT_PRSTATUS, buf, 128);
	ck_assert_mem_eq(r.x, from.x, sizeof r.x);
	ck_assert_uint_eq(r.pc, from.pc);
	ck_assert_uint_eq(r.f[1], 0);		/* the other set is not touched */
	regset_get(&from, REGSET_NT_PRFPREG, buf);
	regset_set(&r, REGSET_NT_PRFPREG, buf, 264);
	ck_assert_mem_eq(r.f, from.f, sizeof r.f);
	ck_assert_uint_eq(r.fcsr, from.fcsr);
}
END_TEST

START_TEST(set_part)
{
	struct hart_regs r = sample();
	uint32_t w[3] = { 0x80002001, 7, 8 };

	/* pc loses the bit that mepc has not. */
	regset_set(&r, REGSET_NT_PRSTATUS, (const uint8_t *)w, 8);
	ck_assert_uint_eq(r.pc, 0x80002000);
	ck_assert_uint_eq(r.x[1], 7);
	ck_assert_uint_eq(r.x[2], 0x1002);
	regset_set(&r, REGSET_NT_PRFPREG, (const uint8_t *)w, 8);
	ck_assert_uint_eq(r.f[0], 0x780002001u);
	ck_assert_uint_eq(r.f[1], 0xffffffff00000001u);
	ck_assert_uint_eq(r.fcsr, 0x21);
}
END_TEST

START_TEST(set_bits)
{
	struct hart_regs r = sample();
	struct regset_fp fp;

	regset_get_fp(&r, &fp);
	fp.fcsr = 0xffffffff;
	fp.pad = 0xffffffff;
	regset_set_fp(&r, &fp);
	ck_assert_uint_eq(r.fcsr, 0xff);
	regset_get_fp(&r, &fp);
	ck_assert_uint_eq(fp.pad, 0);
	ck_assert_uint_eq(r.x[0], 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("regset");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, sizes);
	tcase_add_test(tc, places);
	tcase_add_test(tc, set_whole);
	tcase_add_test(tc, set_part);
	tcase_add_test(tc, set_bits);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
