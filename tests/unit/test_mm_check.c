/* SPDX-License-Identifier: MIT
 *
 * mm_check() finds damage: each record is broken in turn behind mm/'s back, the check must say so,
 * and be content again once it is mended.
 */
#include "mm/internal.h"
#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

static struct fake_machine m;
static struct fake_source disk, memory;
static struct mm_vma *anon, *copy, *direct;

static void start(void)
{
	const struct mm_shm_cred root = { .privileged = true };
	uint32_t a;

	fake_machine(&m, 1 << 20, &(struct mm_config){ .nr_trim_pages = 0 });
	fake_source(&disk, MM_REGULAR, MM_CAN_COPY, 2 * PG);
	fake_source(&memory, MM_REGULAR, MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ, 2 * PG);
	ck_assert_int_eq(mm_pages_get(m.mm, 2, &memory.direct), 0);
	a = (uint32_t)map_anon(m.s, 3 * PG);
	anon = vma_exact(m.s, a, a + 3 * PG);
	a = (uint32_t)map(m.s, 2 * PG, P_R, M_PRIVATE, &disk, 0);
	copy = vma_exact(m.s, a, a + 2 * PG);
	a = (uint32_t)map(m.s, 2 * PG, P_R, M_SHARED, &memory, 0);
	direct = vma_exact(m.s, a, a + 2 * PG);
	ck_assert_int_ge(mm_shm_get(m.mm, 1, PG, 01600, &root), 0);
	ck_assert(anon && copy && direct);
	fake_sound(&m);
}

static void stop(void)
{
	fake_sound(&m);
	mm_pages_put(m.mm, memory.direct, 2);
	fake_machine_end(&m);
}

/* Changes a number by something, checks, and changes it back. */
#define BREAK(what, by) do { \
	what += (by); \
	if (!mm_check(m.mm)) \
		ck_abort_msg("unseen: " #what " += " #by); \
	what -= (by); \
	fake_sound(&m); \
} while (0)

START_TEST(broken_counts_are_seen)
{
	start();
	BREAK(m.mm->copy_pages, 1);
	BREAK(m.mm->other_pages, 1);
	BREAK(m.mm->nr_vmas, 1);
	BREAK(m.mm->pages.free, 1);
	BREAK(m.mm->pages.extra_total, 1);
	BREAK(m.mm->regions.count, 1);
	BREAK(m.s->vmas.count, 1);
	BREAK(m.s->anon.count, 1);
	BREAK(anon->region->refs, 1);
	BREAK(copy->region->refs, 1);
	stop();
}
END_TEST

START_TEST(broken_bounds_are_seen)
{
	start();
	BREAK(anon->start, PG);
	BREAK(anon->end, PG);
	BREAK(anon->all.lo, PG);
	BREAK(anon->anon.hi, PG);
	BREAK(anon->region->start, PG);
	BREAK(anon->region->start, 1);
	BREAK(anon->region->end, 2 * PG);
	BREAK(anon->region->top, PG);
	BREAK(anon->region->held.hi, PG);
	BREAK(copy->region->pgs.hi, 1);
	BREAK(copy->region->pgoff, 1);
	BREAK(direct->region->end, PG);
	BREAK(direct->all.highest, 1);
	stop();
}
END_TEST

START_TEST(broken_pages_are_seen)
{
	struct pages *p;
	uint32_t lost;

	start();
	p = &m.mm->pages;
	/* A reference nobody has, and one too few. */
	p->extra[memory.direct / PG - p->base]++;
	p->extra_total++;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	p->extra[memory.direct / PG - p->base]--;
	p->extra_total--;
	fake_sound(&m);
	/* A page that is nobody's. */
	lost = pages_alloc(p, 1, true);
	ck_assert_ptr_nonnull(mm_check(m.mm));
	pages_put(p, lost, 1);
	fake_sound(&m);
	/* A page that is free and a region's. */
	pages_put(p, anon->start / PG, 1);
	ck_assert_ptr_nonnull(mm_check(m.mm));
	ck_assert(pages_take(p, anon->start / PG, 1));
	fake_sound(&m);
	/* A page that two regions own. */
	region_set(m.mm, copy->region, anon->start, anon->start + 2 * PG, anon->start + 2 * PG);
	ck_assert_ptr_nonnull(mm_check(m.mm));
	region_set(m.mm, copy->region, copy->start, copy->end, copy->end);
	stop();
}
END_TEST

START_TEST(broken_flags_are_seen)
{
	start();
	anon->region->overlay = true;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	anon->region->overlay = false;
	anon->region->added = false;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	anon->region->added = true;
	anon->region->copy = false;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	anon->region->copy = true;
	direct->region->holds_pages = false;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	direct->region->holds_pages = true;
	copy->region->source->mappings = 0;
	ck_assert_ptr_nonnull(mm_check(m.mm));
	copy->region->source->mappings = 1;
	stop();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		broken_counts_are_seen, broken_bounds_are_seen, broken_pages_are_seen, broken_flags_are_seen,
	};

	return run_suite("mm_check", tests, sizeof(tests) / sizeof(*tests));
}
