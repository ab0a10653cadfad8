/* SPDX-License-Identifier: MIT
 *
 * The contract of struct page_ops, for every strategy: each test runs once for each of them.  At the end
 * random calls, where each must place every run as a reference says that knows nothing clever.
 */
#include "tests/unit/alloc_kit.h"

static const struct page_ops *ops(int i)
{
	return page_strategy_at((unsigned)i);
}

START_TEST(any_memory_size_works)
{
	for (uint32_t count = 1; count <= 300; count++) {
		struct ref_pages r = { .base = BASE + count % 7, .count = count };
		struct pages p;
		uint32_t got = 0, f, largest;

		kit_start(&p, ops(_i), r.base, count);
		largest = kit_largest(&p);
		while ((f = pages_alloc(&p, 1, true)) != PAGE_NONE) {
			must(ref_all(&r, f, 1, false));
			ref_set(&r, f, 1, true);
			got++;
		}
		must(got == count && p.free == 0 && kit_largest(&p) == 0);
		sound(&p);
		pages_put(&p, p.base, count);
		sound(&p);
		must(p.free == count && kit_largest(&p) == largest);
		pages_fini(&p);
	}
}
END_TEST

START_TEST(runs_are_exact)
{
	struct ref_pages r = { .base = BASE, .count = KIT_PAGES };
	struct pages p;

	kit_start(&p, ops(_i), BASE, KIT_PAGES);
	for (uint32_t nr = 1; nr < 60; nr++) {
		uint32_t free = p.free, f = pages_alloc(&p, nr, nr % 2);

		must(f != PAGE_NONE && p.free == free - nr);
		must(ref_all(&r, f, nr, false));
		must(!p.ops->rounds || f % (1u << page_order(nr)) == 0);
		ref_set(&r, f, nr, true);
		sound(&p);
	}
	must(pages_alloc(&p, 0, true) == PAGE_NONE);
	must(pages_alloc(&p, KIT_PAGES + 1, true) == PAGE_NONE);
	must(pages_alloc(&p, UINT32_MAX, true) == PAGE_NONE);
	pages_fini(&p);
}
END_TEST

/* What stats say can be had can be had, and nothing larger; at every state of filling. */
START_TEST(the_largest_is_the_largest)
{
	struct pages p;

	kit_start(&p, ops(_i), BASE, 1000);
	for (uint32_t nr; (nr = kit_largest(&p)) > 0;) {
		must(pages_alloc(&p, nr + 1, true) == PAGE_NONE);
		must(pages_alloc(&p, nr, true) != PAGE_NONE);
		sound(&p);
	}
	must(p.free == 0);
	pages_fini(&p);
}
END_TEST

/* Freed in whatever order and pieces, memory is one again. */
START_TEST(what_is_freed_is_joined)
{
	for (int way = 0; way < 4; way++) {
		struct pages p;
		uint32_t largest, run[341];

		kit_start(&p, ops(_i), BASE, 1024);
		largest = kit_largest(&p);
		for (int i = 0; i < 341; i++) {
			run[i] = pages_alloc(&p, 3, true);
			must(run[i] != PAGE_NONE || p.ops->rounds);
		}
		for (int i = 0; i < 341; i++) {
			uint32_t f = run[way == 0 ? i : way == 1 ? 340 - i : i * 32 % 341];

			if (f == PAGE_NONE)
				continue;
			if (way == 3) {		/* in pieces, the middle one first */
				pages_put(&p, f + 1, 1);
				pages_put(&p, f, 1);
				pages_put(&p, f + 2, 1);
			} else {
				pages_put(&p, f, 3);
			}
			if (i % 20 == 0)
				sound(&p);
		}
		sound(&p);
		must(p.free == 1024 && kit_largest(&p) == largest);
		pages_fini(&p);
	}
}
END_TEST

/* Many small holes are no large run. */
START_TEST(fragments_are_no_run)
{
	struct page_stats st;
	struct pages p;

	kit_start(&p, ops(_i), BASE, 1024);
	for (int i = 0; i < 1024; i++)
		must(pages_alloc(&p, 1, true) != PAGE_NONE);
	for (uint32_t i = 0; i < 1024; i += 2)
		pages_put(&p, BASE + i, 1);
	sound(&p);
	p.ops->stats(&p, &st);
	must(p.free == 512 && st.largest == 1 && st.free_blocks[0] == 512);
	must(pages_alloc(&p, 2, true) == PAGE_NONE);
	pages_put(&p, BASE + 511, 1);
	sound(&p);
	must(pages_alloc(&p, 2, true) == BASE + 510);
	pages_fini(&p);
}
END_TEST

START_TEST(taking_given_pages)
{
	struct pages p;

	kit_start(&p, ops(_i), BASE, 1000);
	must(pages_take(&p, BASE + 100, 7));	/* out of the middle */
	sound(&p);
	must(!pages_take(&p, BASE + 106, 1));
	must(!pages_take(&p, BASE + 90, 20));	/* over something in use */
	must(!pages_take(&p, BASE + 999, 2));
	must(!pages_take(&p, BASE - 1, 2));
	must(!pages_take(&p, BASE + 5, 0));
	must(pages_take(&p, BASE + 107, 3));	/* the lower end of a run */
	sound(&p);
	must(pages_take(&p, BASE + 97, 3));	/* the upper end */
	sound(&p);
	must(pages_take(&p, BASE + 110, 890));	/* the whole of one */
	must(pages_take(&p, BASE, 97));
	must(p.free == 0);
	sound(&p);
	pages_put(&p, BASE, 1000);
	sound(&p);
	must(p.free == 1000);
	pages_fini(&p);
}
END_TEST

struct seen {
	uint32_t nr, pages, end, stop_at;
};

static int see(void *ctx, uint32_t first, uint32_t nr)
{
	struct seen *s = ctx;

	must(nr > 0 && (s->nr == 0 || first > s->end));
	s->nr++;
	s->pages += nr;
	s->end = first + nr;
	return s->nr == s->stop_at ? -7 : 0;
}

START_TEST(the_walk_goes_upwards_by_maximal_runs)
{
	struct seen all = { 0 }, some = { .stop_at = 2 }, none = { 0 };
	struct pages p;

	kit_start(&p, ops(_i), BASE + 3, 777);
	must(pages_take(&p, BASE + 10, 1) && pages_take(&p, BASE + 64, 64) && pages_take(&p, BASE + 779, 1));
	must(p.ops->walk(&p, see, &all) == 0);
	must(all.nr == 3 && all.pages == p.free && all.end == BASE + 779);
	must(p.ops->walk(&p, see, &some) == -7 && some.nr == 2 && some.end == BASE + 64);
	must(pages_take(&p, BASE + 3, 7) && pages_take(&p, BASE + 11, 53) && pages_take(&p, BASE + 128, 651));
	must(p.ops->walk(&p, see, &none) == 0 && none.nr == 0);
	pages_fini(&p);
}
END_TEST

START_TEST(the_end_of_the_address_space)
{
	struct pages p;

	kit_name = ops(_i)->name;
	must(pages_init(&p, ops(_i), BASE, 0, 0) == -EINVAL);
	must(pages_init(&p, ops(_i), 0xfffff, 2, 0) == -EINVAL);
	kit_start(&p, ops(_i), 0xfff00, 0x100);
	must(pages_alloc(&p, 0x100, true) == 0xfff00);
	pages_put(&p, 0xfff80, 0x80);
	must(pages_take(&p, 0xfffff, 1));
	sound(&p);
	pages_fini(&p);
	/* All of 4 GiB. */
	kit_start(&p, ops(_i), 0, 1u << 20);
	must(kit_largest(&p) == 1u << 20);
	must(pages_alloc(&p, 1u << 20, true) == 0);
	pages_put(&p, 0, 1u << 20);
	must(kit_largest(&p) == 1u << 20);
	pages_fini(&p);
}
END_TEST

/* --- Random calls --- */

static int same_run(void *ctx, uint32_t first, uint32_t nr)
{
	struct { const struct ref_pages *r; uint32_t at; } *w = ctx;
	uint32_t f, n;

	must(ref_run(w->r, w->at, &f, &n));
	must(f == first && n == nr);
	w->at = f + n;
	return 0;
}

static void same_free_memory(struct pages *p, const struct ref_pages *r)
{
	struct { const struct ref_pages *r; uint32_t at; } w = { r, r->base };
	struct page_stats st;
	uint32_t f, n, sum = 0;

	sound(p);
	must(p->ops->walk(p, same_run, &w) == 0);
	must(!ref_run(r, w.at, &f, &n));
	p->ops->stats(p, &st);
	for (unsigned o = 0; o < PAGE_ORDERS; o++)
		sum += st.free_blocks[o] << o;
	must(sum == p->free);
}

/* The class of size, by its shortest length: what a strategy that seeks by classes tells apart. */
static uint32_t class_least(uint32_t nr, uint32_t steps)
{
	uint32_t step = 1;

	while (nr / step >= 2 * steps)
		step *= 2;
	return nr / step * step;
}

/* Whether a run came from the lowest class that has any of nr pages for sure; which of that class is not looked at. */
static bool ref_classed(const struct ref_pages *r, uint32_t nr, uint32_t steps, uint32_t got)
{
	uint32_t first, n, best = UINT32_MAX, of_got = 0;

	for (uint32_t f = r->base; ref_run(r, f, &first, &n); f = first + n) {
		uint32_t least = class_least(n, steps);

		if (least >= nr && least < best)
			best = least;
		if (first == got)
			of_got = least;
	}
	return got == PAGE_NONE ? best == UINT32_MAX : of_got == best;
}

/* Where a run of nr must come from: the maximal run that each fit picks, and its end. */
static uint32_t ref_place(struct ref_pages *r, const char *name, uint32_t nr)
{
	bool next = !strcmp(name, "next-fit"), best = !strcmp(name, "best-fit"), worst = !strcmp(name, "worst-fit");
	bool high = !strcmp(name, "two-ended") && nr > 2;
	uint32_t first, n, at = PAGE_NONE, size = 0;

	for (int round = next ? 0 : 1; round < 2 && at == PAGE_NONE; round++)
		for (uint32_t f = r->base; ref_run(r, f, &first, &n); f = first + n) {
			if (n < nr || (round == 0 && first + n <= r->rover))
				continue;
			if (at == PAGE_NONE || high || (best && n < size) || (worst && n > size)) {
				at = high ? first + n - nr : first;
				size = n;
			}
		}
	if (at != PAGE_NONE)
		r->rover = at + nr;
	return at;
}

static void one_alloc(struct pages *p, struct ref_pages *r, uint32_t nr)
{
	uint32_t largest = kit_largest(p), first = pages_alloc(p, nr, rnd(2));

	must((first != PAGE_NONE) == (nr <= largest));
	if (p->ops->steps) {
		must(largest == class_least(ref_largest(r), p->ops->steps));
		must(ref_classed(r, nr, p->ops->steps, first));
	} else if (!p->ops->rounds) {
		must(largest == ref_largest(r));
		must(first == ref_place(r, p->ops->name, nr));
	}
	if (first == PAGE_NONE)
		return;
	must(ref_all(r, first, nr, false));
	must(!p->ops->rounds || first % (1u << page_order(nr)) == 0);
	ref_set(r, first, nr, true);
}

/* Any stretch, as far as it is in use up from its beginning. */
static void one_free(struct pages *p, struct ref_pages *r)
{
	uint32_t first = r->base + rnd(r->count), most = 1 + rnd(1u << rnd(8)), nr = 0;

	while (nr < most && ref_all(r, first + nr, 1, true))
		nr++;
	if (nr == 0)
		return;
	pages_put(p, first, nr);
	ref_set(r, first, nr, false);
}

static void one_take(struct pages *p, struct ref_pages *r)
{
	uint32_t first = r->base + rnd(r->count), nr = 1 + rnd(1u << rnd(6));
	bool can = ref_all(r, first, nr, false);

	must(pages_take(p, first, nr) == can);
	if (can)
		ref_set(r, first, nr, true);
}

static void random_calls(const struct page_ops *o, uint32_t base, uint32_t count)
{
	static struct ref_pages r;
	struct pages p;

	r = (struct ref_pages){ .base = base, .count = count };
	kit_start(&p, o, base, count);
	for (int step = 0; step < 12000; step++) {
		uint32_t what = rnd(100), full = step / 1000 % 2 ? 55 : 35;	/* memory fills and empties again */

		if (what < full)
			one_alloc(&p, &r, 1 + rnd(1u << rnd(10)));
		else if (what < 95)
			one_free(&p, &r);
		else
			one_take(&p, &r);
		if (step % 50 == 0)
			same_free_memory(&p, &r);
	}
	for (uint32_t i = 0; i < count; i++)
		if (r.used[i])
			pages_put(&p, base + i, 1);
	sound(&p);
	must(p.free == count);
	pages_fini(&p);
}

START_TEST(random_calls_go_as_the_reference_says)
{
	kit_seed = (uint64_t)_i + 1;
	random_calls(ops(_i), BASE, 1500);
	random_calls(ops(_i), BASE + 37, 333);
	random_calls(ops(_i), BASE + 1, KIT_PAGES);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		any_memory_size_works, runs_are_exact, the_largest_is_the_largest, what_is_freed_is_joined,
		fragments_are_no_run, taking_given_pages, the_walk_goes_upwards_by_maximal_runs,
		the_end_of_the_address_space, random_calls_go_as_the_reference_says,
	};
	Suite *s = suite_create("alloc");
	TCase *t = tcase_create("alloc");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_loop_test(t, tests[i], 0, kit_strategies());
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
