/* SPDX-License-Identifier: MIT
 *
 * Anonymous mappings: nommu-mmap.txt, and what Linux 6.12 was seen to answer.
 */
#include "mm/page.h"
#include "tests/unit/mm_fake.h"

START_TEST(requests_are_refused_in_the_kernels_order)
{
	struct fake_machine m;

	fake_machine(&m, 16 << 20, NULL);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE | M_ANON | M_FIXED, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, PG, P_R, M_ANON, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, PG, P_R, M_ANON | 3, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, PG, P_R, M_ANON | 4, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, PG, P_R, M_ANON | 15, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, 0, P_R, M_PRIVATE | M_ANON, NULL, 0), -EINVAL);
	ck_assert_int_eq(map(m.s, 0xfffff001u, P_R, M_PRIVATE | M_ANON, NULL, 0), -ENOMEM);
	ck_assert_int_eq(map(m.s, 0xffffffffu, P_R, M_PRIVATE | M_ANON, NULL, 0xffffffffu), -ENOMEM);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE | M_ANON, NULL, 0xffffffffu), -EOVERFLOW);
	ck_assert_int_gt(map(m.s, PG, P_R, M_PRIVATE | M_ANON, NULL, 0xfffffffeu), 0);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, NULL, 0), -ENODEV);
	ck_assert_str_eq(m.log, "");
	ck_assert_int_eq(map(m.s, 0xfffff000u, P_R, M_PRIVATE | M_ANON, NULL, 0), -ENOMEM);
	ck_assert_ptr_eq(strstr(m.log, "nommu: Allocation of length 4294963200 from process 7 (tester) failed\n"),
			 m.log);
	fake_machine_end(&m);
}
END_TEST

START_TEST(flags_without_meaning_are_accepted)
{
	struct fake_machine m;
	struct mm_map q = { .len = PG, .prot = 0xffffff, .flags = M_PRIVATE | M_ANON };
	uint32_t addr;

	fake_machine(&m, 16 << 20, NULL);
	q.flags |= 0x8000 | 0x4000 | 0x2000 | 0x20000 | 0x40000 | 0x100 | 0x800 | 0x1000 | 0x80000;
	ck_assert_int_eq(mm_mmap(m.s, &q, &addr), 0);
	ck_assert_uint_ge(addr, RAM);
	fake_machine_end(&m);
}
END_TEST

/* The text wants an error for both; the kernel refuses MAP_FIXED and does not look at the hint. */
START_TEST(how_far_mappings_reach)
{
	struct fake_machine m;
	int64_t a;
	uint32_t at;

	fake_machine(&m, 16 << 20, NULL);
	a = map(m.s, 8 * PG, P_R | P_W, M_PRIVATE | M_ANON, NULL, 0);
	ck_assert_int_gt(a, 0);
	at = (uint32_t)a;
	ck_assert_uint_eq(mm_reach(m.s, at, 100, 0), 100);
	ck_assert_uint_eq(mm_reach(m.s, at + 5, 9 * PG, 0), 8 * PG - 5);
	ck_assert_uint_eq(mm_reach(m.s, at - 1, 100, 0), 0);
	ck_assert_uint_eq(mm_reach(m.s, at + 8 * PG, 1, 0), 0);
	ck_assert_uint_eq(mm_reach(m.s, at, 0, 0), 0);
	ck_assert_uint_eq(mm_reach(m.s, 0xfffffff0u, 0xffffffffu, 0), 0);
	/* Over VMAs side by side, up to a hole. */
	ck_assert_int_eq(mm_munmap(m.s, at + 4 * PG, PG), 0);
	ck_assert_uint_eq(mm_reach(m.s, at, 8 * PG, 0), 4 * PG);
	ck_assert_uint_eq(mm_reach(m.s, at + 5 * PG, 8 * PG, P_R | P_W), 3 * PG);
	ck_assert_uint_eq(mm_reach(m.s, at, PG, P_R), PG);
	ck_assert_uint_eq(mm_reach(m.s, at, PG, 4), 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(a_place_cannot_be_asked_for)
{
	static const uint32_t places[] = { 1, 0x1234, PG, RAM, RAM + 5 * PG, 0xfffff000u };
	struct fake_machine m;

	for (int compat = 0; compat < 2; compat++) {
		int64_t a, want = compat ? 0 : -EINVAL;

		fake_machine(&m, 16 << 20, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = compat });
		a = map_anon(m.s, PG);
		for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
			struct mm_map q = { .addr = places[i], .len = PG, .flags = M_PRIVATE | M_ANON };
			uint32_t at = 0;

			ck_assert_int_eq(mm_mmap(m.s, &q, &at), want);
			ck_assert(!compat || at >= RAM);
			q.flags |= M_NOREPLACE;
			ck_assert_int_eq(mm_mmap(m.s, &q, &at), want);
			q.flags = M_PRIVATE | M_ANON | M_FIXED;
			ck_assert_int_eq(mm_mmap(m.s, &q, &at), -EINVAL);
		}
		/* Even the place where it would go. */
		ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE | M_ANON | M_NOREPLACE, NULL, 0) > 0, compat);
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), 0);
		struct mm_map q = { .addr = (uint32_t)a, .len = PG, .flags = M_PRIVATE | M_ANON };
		uint32_t at;

		ck_assert_int_eq(mm_mmap(m.s, &q, &at), want);
		fake_machine_end(&m);
	}
}
END_TEST

START_TEST(memory_is_zero_unless_it_may_be_dirty)
{
	struct fake_machine m;
	int64_t a;
	static const uint32_t lens[] = { PG, 5 * PG, 2 << 20 };

	fake_machine(&m, 16 << 20, NULL);
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		uint32_t len = lens[i];

		a = map(m.s, len, 0, M_SHARED | M_ANON, NULL, 0);
		ck_assert(fake_full(guest(&m, a, len), len, 0));
		memset(guest(&m, a, len), 0xcc, len);
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, len), 0);
		ck_assert_int_eq(map(m.s, len, 0, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0), a);
		ck_assert(fake_full(guest(&m, a, len), len, 0xcc));
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, len), 0);
		ck_assert_int_eq(map_anon(m.s, len - 5), a);
		ck_assert(fake_full(guest(&m, a, len), len, 0));
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, len), 0);
	}
	fake_machine_end(&m);
}
END_TEST

START_TEST(uninitialized_can_be_refused)
{
	struct fake_machine m;
	int64_t a;

	fake_machine(&m, 16 << 20, &(struct mm_config){ .nr_trim_pages = 1, .ignore_uninitialized = true });
	a = map_anon(m.s, PG);
	memset(guest(&m, a, PG), 0xcc, PG);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), 0);
	ck_assert_int_eq(map(m.s, PG, 0, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0), a);
	ck_assert(fake_full(guest(&m, a, PG), PG, 0));
	fake_machine_end(&m);
}
END_TEST

/* real-kernel.md: what 5, 9, 17 and 33 pages hold under each setting of vm.nr_trim_pages. */
START_TEST(trimming_follows_the_watermark)
{
	static const struct { uint32_t trim, pages, held; } seen[] = {
		{ 0, 5, 8 }, { 1, 5, 5 }, { 4, 5, 8 }, { 4, 9, 9 }, { 16, 5, 8 }, { 16, 9, 16 },
		{ 16, 17, 32 }, { 16, 33, 33 }, { 0, 8, 8 }, { 1, 8, 8 }, { 3, 5, 5 },
	};
	struct fake_machine m;

	fake_machine(&m, 16 << 20, NULL);
	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
		int64_t a;

		mm_set_trim(m.mm, seen[i].trim);
		ck_assert_uint_eq(mm_trim(m.mm), seen[i].trim);
		a = map_anon(m.s, seen[i].pages * PG);
		ck_assert_uint_eq(fake_copied(&m), (uint64_t)seen[i].held * PG);
		fake_sound(&m);
		/* Slack is not the program's to unmap. */
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a + seen[i].pages * PG, PG), -EINVAL);
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, seen[i].pages * PG), 0);
		ck_assert_uint_eq(fake_copied(&m), 0);
	}
	fake_machine_end(&m);
}
END_TEST

START_TEST(the_largest_block_is_the_kernels_or_all_memory)
{
	struct fake_machine m;

	fake_machine(&m, 64 << 20, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = true });
	ck_assert_int_gt(map_anon(m.s, 4 << 20), 0);
	ck_assert_int_eq(map_anon(m.s, (4 << 20) + 1), -ENOMEM);
	fake_machine_end(&m);
	/* Whatever hands out the pages. */
	for (unsigned i = 0; page_strategy_at(i); i++) {
		uint32_t pages;

		fake_machine(&m, 64 << 20, &(struct mm_config){
			.nr_trim_pages = 1, .compat_linux = true, .strategy = page_strategy_at(i)->name });
		ck_assert_int_gt(map_anon(m.s, 4 << 20), 0);
		ck_assert_int_eq(map_anon(m.s, (4 << 20) + 1), -ENOMEM);
		ck_assert_int_eq(mm_pages_get(m.mm, 1025, &pages), -EFBIG);
		fake_machine_end(&m);
	}
	fake_machine(&m, 64 << 20, NULL);
	ck_assert_int_eq(map_anon(m.s, 64 << 20), RAM);
	ck_assert_int_eq(map_anon(m.s, 1), -ENOMEM);
	fake_machine_end(&m);
	fake_machine(&m, 96 << 20, NULL);
	ck_assert_int_eq(map_anon(m.s, 40 << 20), RAM);
	ck_assert_int_gt(map_anon(m.s, 32 << 20), 0);
	fake_machine_end(&m);
}
END_TEST

/* Where a real kernel put each of some hundred mappings, trimmed, cut and freed. */
START_TEST(placement_is_linuxs)
{
	enum { M, U };
	static const struct { uint16_t what, block, page, nr; } rows[] = {
#include "tests/unit/buddy_linux.h"
	};
	struct fake_machine m;
	uint32_t block = 4 << 20;

	fake_machine(&m, 3 * block, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = true });
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(map_anon(m.s, block), RAM + i * block);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(mm_munmap(m.s, RAM + i * block, block), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint32_t addr = RAM + rows[i].block * block + rows[i].page * PG;

		if (rows[i].what == U)
			ck_assert_int_eq(mm_munmap(m.s, addr, rows[i].nr * PG), 0);
		else
			ck_assert_int_eq(map(m.s, rows[i].nr * PG, P_R, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0),
					 addr);
	}
	fake_machine_end(&m);
}
END_TEST

/*
 * Where the excess of a block goes: a mapping's behind what is free already (alloc_pages_exact()), a memory file's before it
 * (fs/ramfs/file-nommu.c).
 */
START_TEST(the_excess_of_files_is_used_first)
{
	for (int file = 0; file < 2; file++) {
		struct fake_machine m;
		uint32_t at;

		fake_machine(&m, 1 << 20, NULL);
		ck_assert_int_eq(map_anon(m.s, PG), RAM);	/* its other half is free */
		if (file) {
			ck_assert_int_eq(mm_pages_get(m.mm, 3, &at), 0);
			ck_assert_uint_eq(at, RAM + 4 * PG);
		} else {
			ck_assert_int_eq(map_anon(m.s, 3 * PG), RAM + 4 * PG);
		}
		ck_assert_int_eq(map_anon(m.s, PG), file ? RAM + 7 * PG : RAM + PG);
		if (file)
			mm_pages_put(m.mm, at, 3);
		fake_machine_end(&m);
	}
}
END_TEST

START_TEST(any_part_of_one_mapping_can_go)
{
	struct fake_machine m;
	struct mm_stats st;
	uint32_t a, b;

	fake_machine(&m, 16 << 20, NULL);
	a = (uint32_t)map_anon(m.s, 16 * PG);
	b = (uint32_t)map_anon(m.s, 16 * PG);
	ck_assert_uint_eq(b, a + 16 * PG);
	memset(guest(&m, a, 16 * PG), 0x11, 16 * PG);
	ck_assert_int_eq(mm_munmap(m.s, a, 0), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a + 1, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a + 8 * PG, 16 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 0xfffff001u), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 0xfffff000u), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a + 6 * PG, PG + 1), 0);	/* hole: 6, 7 */
	fake_sound(&m);
	mm_get_stats(m.mm, &st);
	ck_assert_uint_eq(st.vmas, 3);
	ck_assert_uint_eq(st.regions, 3);
	ck_assert_uint_eq(st.mmap_copy, 30 * PG);
	ck_assert(!mm_mapped(m.s, a + 6 * PG, 1));
	ck_assert(mm_mapped(m.s, a + 5 * PG, PG));
	ck_assert(!mm_mapped(m.s, a + 5 * PG, PG + 1));
	ck_assert(mm_mapped(m.s, a + 8 * PG, 8 * PG));
	ck_assert_int_eq(mm_munmap(m.s, a, 16 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 2 * PG), 0);			/* head */
	ck_assert_int_eq(mm_munmap(m.s, a + 12 * PG, 4 * PG), 0);	/* tail */
	fake_sound(&m);
	ck_assert(fake_full(guest(&m, a + 2 * PG, 4 * PG), 4 * PG, 0x11));
	ck_assert(fake_full(guest(&m, a + 8 * PG, 4 * PG), 4 * PG, 0x11));
	ck_assert_int_eq(mm_munmap(m.s, a + 8 * PG, 4 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, a + 2 * PG, 4 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, b, 16 * PG), 0);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	ck_assert_uint_eq(m.code_gone, 32 * PG);
	fake_machine_end(&m);
}
END_TEST

START_TEST(cutting_the_tail_frees_the_slack)
{
	struct fake_machine m;
	uint32_t a;

	fake_machine(&m, 16 << 20, &(struct mm_config){ .nr_trim_pages = 0 });
	a = (uint32_t)map_anon(m.s, 5 * PG);
	ck_assert_uint_eq(fake_copied(&m), 8 * PG);
	ck_assert_int_eq(mm_munmap(m.s, a + 2 * PG, PG), 0);
	ck_assert_uint_eq(fake_copied(&m), 7 * PG);
	ck_assert_int_eq(mm_munmap(m.s, a + 4 * PG, PG), 0);
	ck_assert_uint_eq(fake_copied(&m), 3 * PG);
	fake_machine_end(&m);
}
END_TEST

START_TEST(unmapping_nothing_is_logged_five_times)
{
	struct fake_machine m;
	char want[1024] = "";

	fake_machine(&m, 16 << 20, NULL);
	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(mm_munmap(m.s, RAM + 0x1000, 0x1fff), -EINVAL);
		if (i < 5)
			strcat(want, "nommu: munmap of memory not mmapped by process 7 (tester): "
				     "0x80001000-0x80002fff\n");
	}
	ck_assert_str_eq(m.log, want);
	fake_machine_end(&m);
}
END_TEST

static int list(void *ctx, const struct mm_vma_info *i)
{
	char *out = ctx, line[400];

	snprintf(line, sizeof(line), "%x-%x %u%s %s;", i->start, i->end, i->prot, i->shared ? "S" : "p", i->path);
	strcat(out, line);
	return 0;
}

START_TEST(spaces_are_listed_shared_and_undone)
{
	struct fake_machine m;
	struct mm_space *other;
	struct mm_usage u;
	char text[1024] = "";
	int64_t a, b;

	fake_machine(&m, 1 << 20, NULL);
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	a = map_anon(m.s, 2 * PG);
	b = map(other, PG, P_R | P_X, M_PRIVATE | M_ANON, NULL, 9);
	ck_assert_int_eq(mm_munmap(other, (uint32_t)a, 2 * PG), -EINVAL);
	ck_assert(!mm_mapped(other, (uint32_t)a, 4));
	mm_layout(m.s)->start_stack = (uint32_t)a + 2 * PG - 16;
	ck_assert_int_eq(mm_space_walk(m.s, list, text), 0);
	ck_assert_str_eq(text, "80000000-80002000 3p [stack];");
	text[0] = '\0';
	ck_assert_int_eq(mm_region_walk(m.mm, list, text), 0);
	ck_assert_str_eq(text, "80000000-80002000 3p ;80002000-80003000 5p ;");
	mm_space_usage(other, &u);
	ck_assert_uint_eq(u.bytes, PG);
	ck_assert_uint_eq(u.shared, 0);
	ck_assert_ptr_eq(mm_space_get(other), other);
	mm_space_usage(other, &u);
	ck_assert_uint_eq(u.bytes, 0);
	ck_assert_uint_eq(u.shared, PG);
	mm_space_put(other);
	ck_assert(mm_mapped(other, (uint32_t)b, PG));
	mm_space_put(other);
	fake_sound(&m);
	ck_assert_uint_eq(fake_free(&m), (1 << 20) - 2 * PG);
	fake_machine_end(&m);
}
END_TEST

START_TEST(running_out_undoes_everything)
{
	struct fake_machine m;
	uint64_t free_before;

	fake_machine(&m, 1 << 20, NULL);
	while (map_anon(m.s, 3 * PG) > 0)
		;
	fake_sound(&m);
	free_before = fake_free(&m);
	ck_assert_int_eq(map_anon(m.s, 64 * PG), -ENOMEM);
	mm_fail_after(m.mm, 1);
	ck_assert_int_eq(map_anon(m.s, PG), -ENOMEM);
	ck_assert_uint_eq(fake_free(&m), free_before);
	ck_assert_int_gt(map_anon(m.s, PG), 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(a_bad_configuration_is_refused)
{
	struct flat *f;
	struct mm *mm;
	struct mm_config c = { .ram_base = RAM, .ram_size = 1 << 20 };

	ck_assert_int_eq(flat_new(&f), 0);
	ck_assert_int_eq(mm_new(&mm, f, &c), -EINVAL);
	ck_assert_int_eq(flat_commit(f, RAM, 1 << 20), 0);
	c.ram_size = (1 << 20) + PG;
	ck_assert_int_eq(mm_new(&mm, f, &c), -EINVAL);
	c.ram_size = (1 << 20) - 1;
	ck_assert_int_eq(mm_new(&mm, f, &c), -EINVAL);
	c.ram_size = 0;
	ck_assert_int_eq(mm_new(&mm, f, &c), -EINVAL);
	c.ram_size = 1 << 20;
	c.strategy = "no such";
	ck_assert_int_eq(mm_new(&mm, f, &c), -EINVAL);
	c.strategy = "buddy";
	ck_assert_int_eq(mm_new(&mm, f, &c), 0);
	mm_free(mm);
	flat_free(f);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		requests_are_refused_in_the_kernels_order, flags_without_meaning_are_accepted, a_place_cannot_be_asked_for,
		how_far_mappings_reach,
		memory_is_zero_unless_it_may_be_dirty, uninitialized_can_be_refused,
		trimming_follows_the_watermark, the_largest_block_is_the_kernels_or_all_memory,
		placement_is_linuxs, the_excess_of_files_is_used_first, any_part_of_one_mapping_can_go,
		cutting_the_tail_frees_the_slack,
		unmapping_nothing_is_logged_five_times, spaces_are_listed_shared_and_undone, running_out_undoes_everything,
		a_bad_configuration_is_refused,
	};

	return run_suite("mm_anon", tests, sizeof(tests) / sizeof(*tests));
}
