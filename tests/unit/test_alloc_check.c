/* SPDX-License-Identifier: MIT
 *
 * Each strategy's check finds damage: its records are broken in turn, the check must say so, and be
 * content again once they are mended.  The strategies are compiled into this file, so that their records
 * can be reached; these take the place of those in the library.
 */
#include "mm/alloc/bitmap.c"
#include "mm/alloc/buddy.c"
#include "mm/alloc/runs.h"
#include "mm/alloc/tlsf.c"
#include "tests/unit/alloc_kit.h"

static struct pages p;

/* 128 pages of which three runs are free: 5, 1 and 70 pages. */
static void start(const struct page_ops *ops)
{
	kit_start(&p, ops, BASE, 128);
	must(pages_take(&p, BASE, 128));
	pages_put(&p, BASE + 4, 5);
	pages_put(&p, BASE + 16, 1);
	pages_put(&p, BASE + 40, 70);
	sound(&p);
}

static void stop(void)
{
	sound(&p);
	pages_fini(&p);
}

/* Puts another value there, checks, and puts the old one back. */
#define BREAK(what, value) do { \
	__typeof__(what) old_ = (what); \
	(what) = (value); \
	if (!pages_check(&p)) \
		ck_abort_msg("%s: unseen: " #what " = " #value, kit_name); \
	(what) = old_; \
	sound(&p); \
} while (0)

START_TEST(pages_themselves)
{
	start(page_strategy_at((unsigned)_i));
	BREAK(p.free, p.free + 1);
	BREAK(p.free, 0);
	BREAK(p.extra[3], 1);
	BREAK(p.extra_total, 1);
	stop();
}
END_TEST

START_TEST(buddy_records)
{
	struct buddy *b;

	start(_i ? &page_buddy_notrim : &page_buddy);
	b = p.state;
	BREAK(b->nr[0], 1);
	BREAK(b->filled, b->filled ^ 1u << 1);
	BREAK(b->filled, b->filled | 1u << 20);
	BREAK(b->head[2], PAGE_NONE);
	BREAK(b->head[0], 5);
	BREAK(b->head[0], 100000);
	BREAK(b->tail[0], PAGE_NONE);
	BREAK(b->block[16].next, 16);
	BREAK(b->block[16].prev, 16);
	BREAK(b->block[16].order, 2);
	BREAK(b->block[16].order, NOT_FREE);
	BREAK(b->block[0].order, 1);	/* free, and on no list */
	BREAK(b->block[66].order, 2);	/* inside another */
	stop();
}
END_TEST

START_TEST(unjoined_buddies)
{
	struct buddy *b;

	start(&page_buddy);
	b = p.state;
	unlink_block(b, 4, 2);
	link_block(b, 4, 1, false);
	link_block(b, 6, 1, false);
	ck_assert_str_eq(pages_check(&p), "buddy: two free buddies were not joined");
	unlink_block(b, 4, 1);
	unlink_block(b, 6, 1);
	link_block(b, 5, 1, false);
	ck_assert_str_eq(pages_check(&p), "buddy: a free block is misaligned or leaves the memory");
	unlink_block(b, 5, 1);
	link_block(b, 4, 2, false);
	stop();
}
END_TEST

static const struct page_ops *const fits[] = {
	&page_first_fit, &page_best_fit, &page_next_fit, &page_worst_fit, &page_two_ended,
};

START_TEST(records_of_runs)
{
	struct runs *rs;
	struct run *low, *high;

	start(fits[_i]);
	rs = p.state;
	low = runs_lowest(rs, 0, 1);
	high = runs_highest(rs, 1);
	BREAK(low->first, BASE - 1);
	BREAK(low->first, BASE + 17);
	BREAK(low->first, BASE + 13);		/* overlaps the next */
	BREAK(low->nr, 0);
	BREAK(low->nr, 4);
	BREAK(low->nr, 12);			/* touches the next */
	BREAK(low->nr, 13);
	BREAK(high->nr, 100);			/* leaves the memory */
	BREAK(high->first, UINT32_MAX);
	BREAK(low->largest, 6);
	BREAK(high->largest, 1);
	BREAK(rs->by_addr.count, 2);
	BREAK(rs->by_addr.root->height, 7);
	BREAK(high->by_addr.parent, NULL);
	BREAK(rs->blocks[0], 0);
	BREAK(rs->blocks[20], 1);
	BREAK(rs->pool_used, 1);
	if (rs->sized) {
		BREAK(rs->by_size.count, 2);
		BREAK(rs->by_size.root, NULL);
		BREAK(rs->by_size.root->height, 7);
	}
	stop();
}
END_TEST

START_TEST(nodes_of_the_bitmap)
{
	struct bitmap *m;

	start(&page_bitmap);
	m = p.state;
	ck_assert_uint_eq(m->leaves, 2);
	BREAK(m->node[1].longest, 71);
	BREAK(m->node[1].low, 1);
	BREAK(m->node[1].high, 1);
	BREAK(m->node[2].longest, 23);
	BREAK(m->node[2].high, 0);
	BREAK(m->node[3].low, 1);
	BREAK(m->word[0], m->word[0] & ~(UINT64_C(1) << 16));
	BREAK(m->word[1], m->word[1] | UINT64_C(1) << 63);
	BREAK(m->blocks[0], 0);
	BREAK(m->blocks[7], 1);
	stop();
	/* Pages behind the end. */
	kit_start(&p, &page_bitmap, BASE, 100);
	m = p.state;
	set_range(m, root_of(m), 127, 128, true);
	ck_assert_str_eq(pages_check(&p), "bitmap: a page behind the end is free");
	set_range(m, root_of(m), 127, 128, false);
	stop();
}
END_TEST

START_TEST(lists_of_tlsf)
{
	struct class one = class_of(1), five = class_of(5);
	struct tlsf *t;

	start(&page_tlsf);
	t = p.state;
	BREAK(t->levels, t->levels ^ 1);
	BREAK(t->levels, t->levels | 1u << 9);
	BREAK(t->steps[0], t->steps[0] ^ 1u << 1);
	BREAK(t->steps[3], 1);
	BREAK(t->head[one.level][one.step], PAGE_NONE);
	BREAK(t->head[one.level][one.step], 4);
	BREAK(t->head[five.level][five.step], 500);
	BREAK(t->link[4].nr, 0);
	BREAK(t->link[4].nr, 6);
	BREAK(t->link[40].nr, 71);		/* the same class, more pages than are free */
	BREAK(t->link[4].prev, 16);
	BREAK(t->link[4].next, 16);
	BREAK(t->link[16].next, 16);		/* a ring */
	BREAK(t->starts.word[0][0], t->starts.word[0][0] | 1);
	BREAK(t->starts.word[0][0], t->starts.word[0][0] & ~(UINT64_C(1) << 16));
	BREAK(t->starts.word[1][0], 0);
	BREAK(t->blocks[0], 0);
	delist(t, 4);
	enlist(t, 4, 12);
	ck_assert_str_eq(pages_check(&p), "tlsf: two runs that touch were not joined");
	delist(t, 4);
	enlist(t, 4, 13);
	ck_assert_str_eq(pages_check(&p), "tlsf: two runs overlap");
	delist(t, 4);
	enlist(t, 4, 5);
	delist(t, 40);
	enlist(t, 40, 89);
	ck_assert_str_eq(pages_check(&p), "tlsf: a run leaves the memory");
	delist(t, 40);
	enlist(t, 40, 70);
	stop();
}
END_TEST

/* --- The set --- */

START_TEST(the_set_against_an_array)
{
	static bool in[70000];
	struct bitset s;
	uint32_t size = 1 + rnd(70000);

	memset(in, 0, sizeof(in));
	ck_assert_int_eq(bitset_init(&s, size), 0);
	for (int step = 0; step < 3000; step++) {
		uint32_t i = rnd(size), up = i, down = i;

		if (rnd(2))
			bitset_add(&s, i);
		else
			bitset_drop(&s, i);
		in[i] = bitset_has(&s, i);
		i = up = down = rnd(size);
		while (up < size && !in[up])
			up++;
		while (down != BITSET_NONE && !in[down])
			down--;
		must(bitset_next(&s, i) == (up < size ? up : BITSET_NONE));
		must(bitset_prev(&s, i) == down);
	}
	must(bitset_check(&s));
	must(bitset_next(&s, size + 64) == BITSET_NONE);
	s.word[0][0] ^= s.word[0][0] ? s.word[0][0] : 1;
	must(!bitset_check(&s));
	bitset_fini(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("alloc_check");
	TCase *t = tcase_create("alloc_check");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, pages_themselves, 0, kit_strategies());
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, buddy_records, 0, 2);
	tcase_add_test(t, unjoined_buddies);
	tcase_add_loop_test(t, records_of_runs, 0, 5);
	tcase_add_test(t, nodes_of_the_bitmap);
	tcase_add_test(t, lists_of_tlsf);
	tcase_add_loop_test(t, the_set_against_an_array, 0, 5);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
