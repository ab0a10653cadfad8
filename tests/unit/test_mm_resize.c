/* SPDX-License-Identifier: MIT
 *
 * Mappings and breaks that change in size: mremap(2), brk(2).
 */
#include "tests/unit/mm_fake.h"

static int64_t remap(struct mm_space *s, uint32_t a, uint32_t was, uint32_t want, uint32_t flags, uint32_t to)
{
	uint32_t addr = 0;
	int err = mm_mremap(s, a, was, want, flags, to, &addr);

	return err ? err : (int64_t)addr;
}

START_TEST(mremap_works_on_whole_mappings_in_place)
{
	struct fake_machine m;
	uint32_t a;

	fake_machine(&m, 16 << 20, NULL);
	a = (uint32_t)map_anon(m.s, 5 * PG);
	memset(guest(&m, a, 5 * PG), 0x22, 5 * PG);
	ck_assert_int_eq(remap(m.s, a + PG, 4 * PG, PG, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 4 * PG, PG, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 6 * PG, PG, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a + 1, 5 * PG, PG, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 5 * PG, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 0, PG, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 5 * PG, 0xfffff001u, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 5 * PG, 0x80000000u, 1, 0), -ENOMEM);
	ck_assert_int_eq(remap(m.s, a, 5 * PG, 5 * PG, 3, a + PG), -EINVAL);
	ck_assert_int_eq(remap(m.s, a, 5 * PG, 5 * PG, 3, a), a);
	ck_assert_int_eq(remap(m.s, a, 5 * PG - 1, 2 * PG - 7, 0x100, 0), a);
	fake_sound(&m);
	ck_assert_uint_eq(fake_copied(&m), 5 * PG);
	ck_assert(!mm_mapped(m.s, a + 2 * PG, 1));
	ck_assert_int_eq(remap(m.s, a, 2 * PG, 6 * PG, 1, 0), -ENOMEM);
	ck_assert_uint_eq(m.code_gone, 0);
	ck_assert_int_eq(remap(m.s, a, 2 * PG, 5 * PG, 0, 0), a);
	ck_assert_uint_eq(m.code_gone, 3 * PG);	/* cleared: code that was there is gone */
	fake_sound(&m);
	ck_assert(fake_full(guest(&m, a, 2 * PG), 2 * PG, 0x22));
	ck_assert(fake_full(guest(&m, a + 2 * PG, 3 * PG), 3 * PG, 0));
	/* After a shrink the mapping is the shorter one; all its pages go with it. */
	ck_assert_int_eq(remap(m.s, a, 5 * PG, PG, 0, 0), a);
	ck_assert_int_eq(mm_munmap(m.s, a, 5 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), 0);
	ck_assert_uint_eq(fake_copied(&m), 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(mremap_grows_into_slack_but_not_in_compat)
{
	struct fake_machine m;
	struct mm_usage u;
	uint32_t a;

	for (int compat = 0; compat < 2; compat++) {
		fake_machine(&m, 16 << 20, &(struct mm_config){ .compat_linux = compat });
		a = (uint32_t)map_anon(m.s, 8 * PG);
		memset(guest(&m, a, 8 * PG), 0x33, 8 * PG);
		ck_assert_int_eq(mm_munmap(m.s, a, 8 * PG), 0);
		ck_assert_int_eq(map_anon(m.s, 5 * PG), a);
		ck_assert_int_eq(remap(m.s, a, 5 * PG, 9 * PG, 1, 0), -ENOMEM);
		/* /proc/PID/status: Slack is what was mapped and is not, not what rounding left over. */
		mm_space_usage(m.s, &u);
		ck_assert(u.bytes == 5 * PG && u.slack == 0);
		ck_assert_int_eq(remap(m.s, a, 5 * PG, 3 * PG, 1, 0), a);
		mm_space_usage(m.s, &u);
		ck_assert(u.bytes == 5 * PG && u.slack == 2 * PG);
		ck_assert_int_eq(remap(m.s, a, 3 * PG, 5 * PG, 1, 0), a);
		ck_assert_int_eq(remap(m.s, a, 5 * PG, 8 * PG, 1, 0), compat ? -ENOMEM : (int64_t)a);
		ck_assert(compat || fake_full(guest(&m, a, 8 * PG), 8 * PG, 0));
		fake_sound(&m);
		ck_assert_int_eq(mm_munmap(m.s, a, (compat ? 5 : 8) * PG), 0);
		fake_machine_end(&m);
	}
}
END_TEST

START_TEST(brk_moves_inside_its_bounds)
{
	struct fake_machine m;
	struct mm_layout *l;

	fake_machine(&m, 1 << 20, NULL);
	l = mm_layout(m.s);
	ck_assert_uint_eq(mm_brk(m.s, 0), 0);
	l->start_brk = l->brk = RAM + 0x1000;
	l->end_brk = RAM + 0x3000;
	ck_assert_uint_eq(mm_brk(m.s, 0), RAM + 0x1000);
	ck_assert_uint_eq(mm_brk(m.s, RAM + 0x2001), RAM + 0x2001);
	ck_assert_uint_eq(mm_brk(m.s, RAM + 0x3000), RAM + 0x3000);
	ck_assert_uint_eq(mm_brk(m.s, RAM + 0x3001), RAM + 0x3000);
	ck_assert_uint_eq(mm_brk(m.s, RAM + 0xfff), RAM + 0x3000);
	ck_assert_uint_eq(mm_brk(m.s, RAM + 0x1000), RAM + 0x1000);
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		mremap_works_on_whole_mappings_in_place, mremap_grows_into_slack_but_not_in_compat, brk_moves_inside_its_bounds,
	};

	return run_suite("mm_resize", tests, sizeof(tests) / sizeof(*tests));
}
