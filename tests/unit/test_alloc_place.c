/* SPDX-License-Identifier: MIT
 *
 * What is each strategy's own: which run it picks, written out by hand; and what an operation costs, in
 * blocks looked at, when memory is cut up into 10, 1,000 and 100,000 runs.
 */
#include "tests/unit/alloc_kit.h"

#include <stdio.h>

/* --- Places --- */

/* Runs of 4, 3, 20, 3 and 10 pages are free, freed in this order. */
static const struct { uint32_t first, nr; } holes[] = { { 10, 4 }, { 20, 3 }, { 30, 20 }, { 60, 3 }, { 70, 10 } };

struct step {
	char what;			/* 'a'llocate: first is where it must be; 'f'ree */
	uint32_t nr, first;
};

static void places(const struct page_ops *ops, const struct step *steps)
{
	struct pages p;

	kit_start(&p, ops, BASE, 100);
	must(pages_take(&p, BASE, 100));
	for (size_t i = 0; i < sizeof(holes) / sizeof(*holes); i++)
		pages_put(&p, BASE + holes[i].first, holes[i].nr);
	for (int i = 0; steps[i].what; i++) {
		if (steps[i].what == 'a') {
			uint32_t got = pages_alloc(&p, steps[i].nr, true);

			if (got != BASE + steps[i].first)
				ck_abort_msg("%s: step %d: %d instead of %u", ops->name, i, (int)(got - BASE), steps[i].first);
		} else {
			pages_put(&p, BASE + steps[i].first, steps[i].nr);
		}
		sound(&p);
	}
	pages_fini(&p);
}

static const struct step lowest[] = {
	{ 'a', 3, 10 }, { 'a', 3, 20 }, { 'a', 2, 30 }, { 'a', 12, 32 }, { 'f', 3, 20 }, { 'a', 1, 13 }, { 'a', 1, 20 },
	{ 'a', 3, 44 }, { 0 },
};

START_TEST(first_fit_takes_the_lowest)
{
	places(&page_first_fit, lowest);
	places(&page_bitmap, lowest);
}
END_TEST

START_TEST(best_fit_takes_the_smallest)
{
	places(&page_best_fit, (struct step[]){
		{ 'a', 3, 20 }, { 'a', 3, 60 }, { 'a', 2, 10 }, { 'a', 2, 12 }, { 'a', 9, 70 }, { 'a', 1, 79 }, { 'a', 12, 30 },
		{ 'f', 3, 60 }, { 'f', 3, 20 }, { 'a', 1, 20 }, { 'a', 3, 60 }, { 0 },
	});
}
END_TEST

START_TEST(next_fit_goes_on)
{
	places(&page_next_fit, (struct step[]){
		{ 'a', 3, 10 }, { 'a', 3, 20 }, { 'a', 2, 30 }, { 'f', 3, 10 }, { 'a', 3, 32 }, { 'a', 3, 35 },
		/* Freed up to the rover: the run that it stands in begins lower now. */
		{ 'f', 3, 35 }, { 'a', 13, 35 }, { 'a', 3, 60 }, { 'a', 10, 70 },
		/* Round to the bottom; and what fits nowhere leaves the rover where it is. */
		{ 'a', 2, 10 }, { 'f', 3, 20 }, { 'a', 2, 12 }, { 0 },
	});
}
END_TEST

START_TEST(worst_fit_takes_the_largest)
{
	places(&page_worst_fit, (struct step[]){
		{ 'a', 3, 30 }, { 'a', 3, 33 }, { 'a', 4, 36 }, { 'a', 1, 40 }, { 'a', 1, 70 }, { 'a', 9, 41 }, { 'a', 9, 71 },
		{ 'a', 4, 10 }, { 'a', 1, 20 }, { 'a', 1, 60 }, { 0 },
	});
}
END_TEST

START_TEST(two_ended_takes_from_both_ends)
{
	places(&page_two_ended, (struct step[]){
		{ 'a', 3, 77 }, { 'a', 3, 74 }, { 'a', 2, 10 }, { 'a', 1, 12 }, { 'a', 12, 38 }, { 'a', 4, 70 }, { 'a', 3, 60 },
		{ 'a', 2, 20 }, { 'a', 8, 30 }, { 'a', 1, 13 }, { 'a', 1, 22 }, { 0 },
	});
}
END_TEST

START_TEST(tlsf_takes_from_the_next_class)
{
	/* Of one class what was freed last; else the lowest class that has one. */
	places(&page_tlsf, (struct step[]){
		{ 'a', 3, 60 }, { 'a', 3, 20 }, { 'f', 3, 20 }, { 'a', 3, 20 }, { 'a', 2, 10 }, { 'a', 12, 30 },
		{ 'a', 8, 42 }, { 'a', 9, 70 }, { 0 },
	});
}
END_TEST

/* From 32 pages on a class has several lengths: the request is rounded up, and what is cut is not. */
START_TEST(tlsf_leaves_what_it_may_not_find)
{
	struct pages p;

	kit_start(&p, &page_tlsf, BASE, 1000);
	must(kit_largest(&p) == 992);		/* 512 + 30 * 16 */
	must(pages_alloc(&p, 993, true) == PAGE_NONE);
	must(pages_alloc(&p, 992, true) == BASE);
	must(p.free == 8 && kit_largest(&p) == 8);
	pages_fini(&p);
	kit_start(&p, &page_tlsf, BASE, 1024);
	must(kit_largest(&p) == 1024 && pages_alloc(&p, 1024, true) == BASE);
	pages_fini(&p);
}
END_TEST

/* The bitmap's placement is first fit's, at every step of a long life. */
START_TEST(the_bitmap_is_first_fit)
{
	static struct { uint32_t first, nr; } run[400];
	struct pages a, b;
	int runs = 0;

	kit_start(&a, &page_first_fit, BASE + 5, 20000);
	kit_start(&b, &page_bitmap, BASE + 5, 20000);
	for (int step = 0; step < 30000; step++) {
		if (runs < 400 && rnd(100) < 52) {
			uint32_t nr = 1 + rnd(1u << rnd(10)), first = pages_alloc(&a, nr, true);

			must(pages_alloc(&b, nr, true) == first);
			run[runs].first = first;
			run[runs].nr = nr;
			runs += first != PAGE_NONE;
		} else if (runs) {
			int at = (int)rnd((uint32_t)runs);
			uint32_t part = rnd(3) ? run[at].nr : 1 + rnd(run[at].nr);

			pages_put(&a, run[at].first, part);
			pages_put(&b, run[at].first, part);
			run[at].first += part;
			run[at].nr -= part;
			if (run[at].nr == 0)
				run[at] = run[--runs];
		}
	}
	sound(&a);
	sound(&b);
	pages_fini(&a);
	pages_fini(&b);
}
END_TEST

START_TEST(notrim_keeps_its_blocks)
{
	struct pages p;

	kit_start(&p, &page_buddy_notrim, BASE, 64);
	must(pages_kept(&p, 5, 0) == 8 && pages_kept(&p, 5, 1) == 8);
	pages_fini(&p);
	kit_start(&p, &page_buddy, BASE, 64);
	must(pages_kept(&p, 5, 0) == 8 && pages_kept(&p, 5, 1) == 5);
	must(pages_kept(&p, 5, 3) == 5 && pages_kept(&p, 5, 4) == 8);
	pages_fini(&p);
	kit_start(&p, &page_first_fit, BASE, 64);
	must(pages_kept(&p, 5, 0) == 5 && pages_rounded(&p, 5) == 5);
	pages_fini(&p);
}
END_TEST

/* --- Costs --- */

static uint64_t most;			/* blocks looked at by one operation, the dearest so far */

#define COST(p, call) do { \
	uint64_t before_ = kit_visited(p); \
	must(call); \
	uint64_t cost_ = kit_visited(p) - before_; \
	most = cost_ > most ? cost_ : most; \
} while (0)

static bool put(struct pages *p, uint32_t first, uint32_t nr)
{
	pages_put(p, first, nr);
	return true;
}

/* Each second page of the lower part is free, and a block of 64 behind it. */
static uint64_t dearest(const struct page_ops *ops, uint32_t runs)
{
	uint32_t f, count = 2 * runs + 256;
	struct pages p;

	most = 0;
	kit_seed = 1;
	kit_name = ops->name;
	must(pages_init(&p, ops, BASE, count, 0) == 0);
	must(pages_take(&p, BASE, count));
	for (uint32_t i = 0; i < runs; i++)
		COST(&p, put(&p, BASE + 2 * (uint32_t)(i * UINT64_C(7919) % runs), 1));
	COST(&p, put(&p, BASE + (2 * runs + 127) / 64 * 64, 64));
	for (uint32_t i = 0; i < 200; i++) {
		COST(&p, (f = pages_alloc(&p, 1, true)) != PAGE_NONE);
		COST(&p, put(&p, f, 1));
		COST(&p, (f = pages_alloc(&p, 2 + i % 60, true)) != PAGE_NONE);
		COST(&p, put(&p, f, 2 + i % 60));
		COST(&p, pages_alloc(&p, 100, true) == PAGE_NONE);
		/* Two joined by the page between them, and cut again. */
		f = BASE + 2 * rnd(runs - 1) + 1;
		COST(&p, put(&p, f, 1));
		COST(&p, pages_take(&p, f, 1));
		COST(&p, pages_take(&p, f - 1, 1));
		COST(&p, put(&p, f - 1, 1));
	}
	sound(&p);
	pages_fini(&p);
	return most;
}

/* The logarithm rises by 13.3 from 10 to 100,000: best fit, with two trees to keep, may look at ten more for each. */
START_TEST(costs_grow_as_the_logarithm)
{
	uint64_t few = dearest(page_strategy_at((unsigned)_i), 10);
	uint64_t some = dearest(page_strategy_at((unsigned)_i), 1000);
	uint64_t many = dearest(page_strategy_at((unsigned)_i), 100000);

	printf("# %-12s %3llu %3llu %3llu blocks looked at with 10, 1000, 100000 runs\n", kit_name, (unsigned long long)few,
	       (unsigned long long)some, (unsigned long long)many);
	must(few > 0 && many <= few + 10 * 14);
	must(some <= few + 10 * 7);
	/* Constant is constant. */
	must(strcmp(kit_name, "tlsf") || many == few);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		first_fit_takes_the_lowest, best_fit_takes_the_smallest, next_fit_goes_on, worst_fit_takes_the_largest,
		two_ended_takes_from_both_ends, tlsf_takes_from_the_next_class, tlsf_leaves_what_it_may_not_find,
		the_bitmap_is_first_fit, notrim_keeps_its_blocks,
	};
	Suite *s = suite_create("alloc_place");
	TCase *t = tcase_create("alloc_place");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(t, tests[i]);
	tcase_add_loop_test(t, costs_grow_as_the_logarithm, 0, kit_strategies());
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
