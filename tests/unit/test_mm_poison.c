/* SPDX-License-Identifier: MIT
 *
 * --poison: what free memory looks like, what is said of a store to it, and that nothing is said without one.
 */
#include "mm/page.h"
#include "tests/unit/mm_fake.h"

static struct fake_machine m;

static void start(const char *strategy)
{
	fake_machine(&m, 1 << 20, &(struct mm_config){ .nr_trim_pages = 1, .poison = true, .strategy = strategy });
}

static int64_t map_dirty(uint32_t len)
{
	return map(m.s, len, P_R | P_W, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0);
}

static bool all(int64_t addr, uint32_t len, uint8_t value)
{
	const uint8_t *p = guest(&m, addr, len);

	for (uint32_t i = 0; i < len; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* A page that is freed and handed out again, by whichever strategy: its address. */
static uint32_t freed_page(void)
{
	uint32_t a = (uint32_t)map_anon(m.s, PG);

	memset(guest(&m, a, PG), 1, PG);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), 0);
	return a;
}

START_TEST(freed_pages_are_filled)
{
	uint32_t a, b;

	start(page_strategy_at((unsigned)_i)->name);
	/* What was never used is still zero. */
	a = (uint32_t)map_dirty(4 * PG);
	ck_assert(all(a, 4 * PG, 0));
	memset(guest(&m, a, 4 * PG), 7, 4 * PG);
	/* A part, and then the rest. */
	ck_assert_int_eq(mm_munmap(m.s, a + PG, PG), 0);
	ck_assert(all(a, PG, 7) && all(a + PG, PG, 0x6b) && all(a + 2 * PG, 2 * PG, 7));
	ck_assert_int_eq(mm_munmap(m.s, a, PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, a + 2 * PG, 2 * PG), 0);
	ck_assert(all(a, 4 * PG, 0x6b));
	/* Handed out again, it is shown to who asks for that, and to nobody else. */
	while ((b = (uint32_t)map_dirty(PG)) < a || b >= a + 4 * PG)
		ck_assert(all(b, PG, 0));
	ck_assert(all(b, PG, 0x6b));
	ck_assert_int_eq(mm_munmap(m.s, b, PG), 0);
	while ((b = (uint32_t)map_anon(m.s, PG)) < a || b >= a + 4 * PG)
		ck_assert(all(b, PG, 0));
	ck_assert(all(b, PG, 0));
	ck_assert_str_eq(m.log, "");
	fake_machine_end(&m);
}
END_TEST

/* Everything handed out and given back many times over: no false alarm, slack and trimmed ends included. */
START_TEST(nothing_is_said_without_a_cause)
{
	int64_t at[20] = { 0 };

	start(page_strategy_at((unsigned)_i)->name);
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t slot = i * 7919 % 20, pages = 1 + slot % 7;

		mm_set_trim(m.mm, i % 5);
		if (at[slot] > 0) {
			must(mm_munmap(m.s, (uint32_t)at[slot], pages * PG) == 0);
			at[slot] = 0;
		} else {
			at[slot] = i % 3 ? map_dirty(pages * PG) : map_anon(m.s, pages * PG);
			must(at[slot] > 0);
			memset(guest(&m, at[slot], pages * PG), (int)i, pages * PG);
		}
	}
	ck_assert_str_eq(m.log, "");
	fake_machine_end(&m);
}
END_TEST

START_TEST(a_store_to_freed_memory_is_reported)
{
	char want[200];
	uint32_t a;

	start(NULL);
	a = freed_page();
	memcpy(guest(&m, a + 0x10, 4), "ABCD", 4);
	ck_assert_uint_eq(map_anon(m.s, PG), a);
	snprintf(want, sizeof(want), "pagealloc: memory corruption\n"
		 "pagealloc: %08x-%08x, free and poisoned, was 6b, is now 41 42 43 44\n", a + 0x10, a + 0x13);
	ck_assert_str_eq(m.log, want);
	fake_machine_end(&m);
}
END_TEST

START_TEST(a_store_to_memory_never_used_is_reported)
{
	char want[200];
	uint32_t a;

	start(NULL);
	a = RAM + 5 * PG;
	*guest(&m, a + PG - 1, 1) = 0x55;
	ck_assert_uint_eq(map_anon(m.s, 8 * PG), RAM);
	snprintf(want, sizeof(want), "pagealloc: memory corruption\n"
		 "pagealloc: %08x-%08x, free and never used, was 00, is now 55\n", a + PG - 1, a + PG - 1);
	ck_assert_str_eq(m.log, want);
	fake_machine_end(&m);
}
END_TEST

START_TEST(one_bit_is_told_apart)
{
	uint32_t a;

	start(NULL);
	a = freed_page();
	*guest(&m, a + 1, 1) ^= 8;
	ck_assert_uint_eq(map_anon(m.s, PG), a);
	ck_assert_ptr_nonnull(strstr(m.log, "pagealloc: single bit error\n"));
	ck_assert_ptr_nonnull(strstr(m.log, "was 6b, is now 63\n"));
	fake_machine_end(&m);
}
END_TEST

/* A store reported once is not reported again; and a long one does not fill the log. */
START_TEST(reports_are_short)
{
	uint32_t a, lines = 0;

	start(NULL);
	a = (uint32_t)map_anon(m.s, 16 * PG);
	ck_assert_int_eq(mm_munmap(m.s, a, 16 * PG), 0);
	memset(guest(&m, a, 16 * PG), 9, 16 * PG);
	ck_assert_uint_eq(map_dirty(16 * PG), a);
	ck_assert(all(a, 16 * PG, 9));
	for (const char *c = m.log; *c; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, 2 * 8 + 1);
	ck_assert_ptr_nonnull(strstr(m.log, "is now 09 09 09 09 09 09 09 09 09 09 09 09 09 09 09 09 ...\n"));
	ck_assert_ptr_nonnull(strstr(m.log, "pagealloc: and 8 more pages of the same run\n"));
	m.log[0] = 0;
	ck_assert_int_eq(mm_munmap(m.s, a, 16 * PG), 0);
	ck_assert_uint_eq(map_anon(m.s, 16 * PG), a);
	ck_assert_str_eq(m.log, "");
	fake_machine_end(&m);
}
END_TEST

/* A page of a file that a mapping still shows is not free, whoever has put it. */
START_TEST(pages_still_held_are_left_alone)
{
	struct fake_source f;
	int64_t a;

	start(NULL);
	fake_source(&f, MM_REGULAR, MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, 2 * PG);
	ck_assert_int_eq(mm_pages_get(m.mm, 2, &f.direct), 0);
	memset(guest(&m, f.direct, 2 * PG), 3, 2 * PG);
	a = map(m.s, PG, P_R, M_SHARED, &f, 0);
	ck_assert_int_eq(a, f.direct);
	mm_pages_put(m.mm, f.direct, 2);
	ck_assert(all(a, PG, 3) && all(a + PG, PG, 0x6b));
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), 0);
	ck_assert(all(a, PG, 0x6b));
	ck_assert_str_eq(m.log, "");
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mm_poison");
	TCase *t = tcase_create("mm_poison");
	SRunner *r;
	int strategies = 0, failed;

	while (page_strategy_at((unsigned)strategies))
		strategies++;
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, freed_pages_are_filled, 0, strategies);
	tcase_add_loop_test(t, nothing_is_said_without_a_cause, 0, strategies);
	tcase_add_test(t, a_store_to_freed_memory_is_reported);
	tcase_add_test(t, a_store_to_memory_never_used_is_reported);
	tcase_add_test(t, one_bit_is_told_apart);
	tcase_add_test(t, reports_are_short);
	tcase_add_test(t, pages_still_held_are_left_alone);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
