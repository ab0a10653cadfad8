/* SPDX-License-Identifier: MIT
 *
 * The page allocator.  The buddy is held against a reference that does what the kernel does, one
 * page at a time and with nothing clever: the same addresses must come out.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/page.h"

#define BASE 0x80000u
#define MAX_PAGES 4096u

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

static void sound(struct pages *p)
{
	const char *broken = pages_check(p);

	if (broken)
		ck_abort_msg("%s", broken);
}

/* --- The reference: free lists as plain arrays, freeing page by page --- */

struct ref {
	uint32_t base, count;
	unsigned max_order;
	uint32_t list[PAGE_ORDERS][MAX_PAGES];
	uint32_t nr[PAGE_ORDERS];
};

static int ref_find(const struct ref *r, uint32_t f, unsigned order)
{
	for (uint32_t i = 0; i < r->nr[order]; i++)
		if (r->list[order][i] == f)
			return (int)i;
	return -1;
}

static void ref_drop(struct ref *r, unsigned order, uint32_t at)
{
	r->nr[order]--;
	memmove(&r->list[order][at], &r->list[order][at + 1], (r->nr[order] - at) * sizeof(uint32_t));
}

static void ref_add(struct ref *r, uint32_t f, unsigned order, bool to_tail)
{
	uint32_t at = to_tail ? r->nr[order] : 0;

	memmove(&r->list[order][at + 1], &r->list[order][at], (r->nr[order] - at) * sizeof(uint32_t));
	r->list[order][at] = f;
	r->nr[order]++;
}

static void ref_free_block(struct ref *r, uint32_t f, unsigned order, bool to_tail)
{
	int at;

	while (order < r->max_order && (at = ref_find(r, f ^ (1u << order), order)) >= 0) {
		ref_drop(r, order, (uint32_t)at);
		f &= ~(1u << order);
		order++;
	}
	if (!to_tail && order + 1 < r->max_order)
		to_tail = ref_find(r, (f & ~(1u << order)) ^ (1u << (order + 1)), order + 1) >= 0;
	ref_add(r, f, order, to_tail);
}

static uint32_t ref_alloc(struct ref *r, uint32_t nr, bool trimmed)
{
	unsigned want = page_order(nr), order = want;
	uint32_t f;

	while (order <= r->max_order && r->nr[order] == 0)
		order++;
	if (order > r->max_order)
		return PAGE_NONE;
	f = r->list[order][0];
	ref_drop(r, order, 0);
	while (order-- > want)
		ref_add(r, f + (1u << order), order, false);
	for (uint32_t i = nr; i < 1u << want; i++)
		ref_free_block(r, f + i, 0, trimmed);
	return f;
}

static void ref_init(struct ref *r, uint32_t base, uint32_t count, unsigned max_order)
{
	memset(r, 0, sizeof(*r));
	r->base = base;
	r->count = count;
	r->max_order = max_order;
	/* mm/memblock.c: ascending, the largest aligned blocks that fit. */
	for (uint32_t f = base; f < base + count;) {
		unsigned order = max_order;

		while (f & ((1u << order) - 1) || f + (1u << order) > base + count)
			order--;
		ref_free_block(r, f, order, true);
		f += 1u << order;
	}
}

static void same_as_reference(uint32_t base, uint32_t count, unsigned max_order)
{
	static struct ref ref;
	static struct { uint32_t first, nr; } runs[MAX_PAGES];
	uint32_t nr_runs = 0;
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, base, count, max_order), 0);
	ref_init(&ref, base, count, p.max_order);
	for (int step = 0; step < 20000; step++) {
		if (nr_runs < 300 && rnd(100) < 55) {
			uint32_t nr = 1 + rnd(1u << rnd(9));
			bool trimmed = rnd(2);
			uint32_t first = pages_alloc(&p, nr, trimmed);

			ck_assert_uint_eq(first, ref_alloc(&ref, nr, trimmed));
			if (first == PAGE_NONE)
				continue;
			runs[nr_runs].first = first;
			runs[nr_runs++].nr = nr;
		} else if (nr_runs) {
			uint32_t at = rnd(nr_runs), first = runs[at].first, nr = runs[at].nr;
			uint32_t part = rnd(4) ? nr : 1 + rnd(nr);

			pages_put(&p, first, part);
			for (uint32_t i = 0; i < part; i++)
				ref_free_block(&ref, first + i, 0, false);
			runs[at].first += part;
			runs[at].nr -= part;
			if (runs[at].nr == 0)
				runs[at] = runs[--nr_runs];
		}
		if (step % 100 == 0)
			sound(&p);
	}
	while (nr_runs--)
		pages_put(&p, runs[nr_runs].first, runs[nr_runs].nr);
	sound(&p);
	ck_assert_uint_eq(p.free, count);
	pages_fini(&p);
}

START_TEST(buddy_places_as_the_reference)
{
	seed = 1;
	same_as_reference(BASE, MAX_PAGES, 10);
	same_as_reference(BASE, MAX_PAGES, 0);
	same_as_reference(BASE, 3000, 0);
	same_as_reference(BASE + 37, 3001, 10);
	same_as_reference(BASE + 1, 1, 0);
}
END_TEST

START_TEST(first_runs_ascend_from_the_bottom)
{
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 4096, 10), 0);
	ck_assert_uint_eq(pages_alloc(&p, 1, true), BASE);
	ck_assert_uint_eq(pages_alloc(&p, 1, true), BASE + 1);
	ck_assert_uint_eq(pages_alloc(&p, 4, true), BASE + 4);
	ck_assert_uint_eq(pages_alloc(&p, 5, true), BASE + 8);
	/* The excess of the 8-page block, and what expanding left: the smallest that fits is taken. */
	ck_assert_uint_eq(pages_alloc(&p, 1, true), BASE + 13);
	ck_assert_uint_eq(pages_alloc(&p, 2, true), BASE + 2);
	ck_assert_uint_eq(pages_alloc(&p, 1024, true), BASE + 1024);
	ck_assert_uint_eq(pages_alloc(&p, 1025, true), PAGE_NONE);
	pages_fini(&p);
}
END_TEST

START_TEST(any_memory_size_works)
{
	for (uint32_t count = 1; count <= 300; count++) {
		struct pages p;
		uint32_t got = 0;

		ck_assert_int_eq(pages_init(&p, &page_buddy, BASE + count % 7, count, 0), 0);
		sound(&p);
		while (pages_alloc(&p, 1, true) != PAGE_NONE)
			got++;
		ck_assert_uint_eq(got, count);
		pages_put(&p, p.base, count);
		sound(&p);
		ck_assert_uint_eq(p.free, count);
		pages_fini(&p);
	}
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 0, 0), -EINVAL);
	ck_assert_int_eq(pages_init(&p, &page_buddy, 0xfffff, 2, 0), -EINVAL);
	ck_assert_int_eq(pages_init(&p, &page_buddy, 0xfffff, 1, 0), 0);
	pages_fini(&p);
}
END_TEST

START_TEST(a_page_lives_as_long_as_its_last_reference)
{
	struct pages p;
	uint32_t run;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 64, 0), 0);
	run = pages_alloc(&p, 8, true);
	pages_get(&p, run + 2, 3);
	pages_get(&p, run + 3, 1);
	pages_put(&p, run, 8);
	ck_assert_uint_eq(p.free, 64 - 3);
	sound(&p);
	pages_put(&p, run + 2, 3);
	ck_assert_uint_eq(p.free, 64 - 1);
	pages_put(&p, run + 3, 1);
	ck_assert_uint_eq(p.free, 64);
	ck_assert_uint_eq(p.extra_total, 0);
	sound(&p);
	pages_fini(&p);
}
END_TEST

START_TEST(taking_given_pages)
{
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 1000, 0), 0);
	ck_assert(pages_take(&p, BASE + 100, 7));
	sound(&p);
	ck_assert(!pages_take(&p, BASE + 106, 1));
	ck_assert(!pages_take(&p, BASE + 90, 20));
	ck_assert(!pages_take(&p, BASE + 999, 2));
	ck_assert(!pages_take(&p, BASE - 1, 2));
	ck_assert(pages_take(&p, BASE + 107, 893));
	ck_assert(pages_take(&p, BASE, 100));
	ck_assert_uint_eq(p.free, 0);
	sound(&p);
	pages_put(&p, BASE, 1000);
	sound(&p);
	ck_assert_uint_eq(p.free, 1000);
	pages_fini(&p);
}
END_TEST

static int sum_runs(void *ctx, uint32_t first, uint32_t nr)
{
	uint32_t *sum = ctx;

	(void)first;
	sum[0] += nr;
	sum[1]++;
	return 0;
}

START_TEST(walk_and_stats_tell_what_is_free)
{
	struct page_stats st;
	struct pages p;
	uint32_t sum[2] = { 0 };

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 256, 0), 0);
	ck_assert(pages_take(&p, BASE + 10, 1));
	ck_assert(pages_take(&p, BASE + 255, 1));
	p.ops->walk(&p, sum_runs, sum);
	ck_assert_uint_eq(sum[0], 254);
	ck_assert_uint_eq(sum[1], 2);
	p.ops->stats(&p, &st);
	ck_assert_uint_eq(st.largest, 64);
	ck_assert_uint_eq(st.free_blocks[6], 2);
	ck_assert_uint_eq(st.free_blocks[0], 2);
	pages_fini(&p);
}
END_TEST

START_TEST(the_nth_allocation_fails_once)
{
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 64, 0), 0);
	p.fail_in = 2;
	ck_assert_uint_ne(pages_alloc(&p, 1, true), PAGE_NONE);
	ck_assert_uint_eq(pages_alloc(&p, 1, true), PAGE_NONE);
	ck_assert_uint_ne(pages_alloc(&p, 1, true), PAGE_NONE);
	ck_assert_uint_eq(p.asked, 3);
	ck_assert_uint_eq(p.refused, 1);
	pages_fini(&p);
}
END_TEST

START_TEST(and_then_each_so_many_th)
{
	struct pages p;

	ck_assert_int_eq(pages_init(&p, &page_buddy, BASE, 64, 0), 0);
	p.fail_in = 2;
	p.fail_every = 3;
	for (int i = 1; i <= 20; i++)
		ck_assert_int_eq(pages_alloc(&p, 1, true) == PAGE_NONE, i % 3 == 2);
	ck_assert_uint_eq(p.refused, 7);
	/* Taking in place counts too, and what cannot be had is refused without being told. */
	p.fail_in = 1;
	ck_assert(!pages_take(&p, BASE + 40, 1));
	ck_assert(pages_take(&p, BASE + 40, 1));
	ck_assert_uint_eq(p.asked, 22);
	ck_assert_uint_eq(pages_alloc(&p, 64, true), PAGE_NONE);
	ck_assert_uint_eq(p.refused, 9);
	pages_fini(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("page");
	TCase *t = tcase_create("page");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, buddy_places_as_the_reference);
	tcase_add_test(t, first_runs_ascend_from_the_bottom);
	tcase_add_test(t, any_memory_size_works);
	tcase_add_test(t, a_page_lives_as_long_as_its_last_reference);
	tcase_add_test(t, taking_given_pages);
	tcase_add_test(t, walk_and_stats_tell_what_is_free);
	tcase_add_test(t, the_nth_allocation_fails_once);
	tcase_add_test(t, and_then_each_so_many_th);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
