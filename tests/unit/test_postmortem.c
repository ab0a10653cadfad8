/* SPDX-License-Identifier: MIT
 *
 * When an allocation fails: each cause in a situation made for it, and every figure of the report.
 */
#include "tests/unit/mm_fake.h"

#include "mm/postmortem.h"
#include "mm/request.h"
#include "mm/shm.h"
#include "mm/survey.h"

static void says(const struct fake_machine *m, const char *text)
{
	if (!strstr(m->log, text))
		ck_abort_msg("no '%s' in:\n%s", text, m->log);
}

static void says_not(const struct fake_machine *m, const char *text)
{
	if (strstr(m->log, text))
		ck_abort_msg("'%s' in:\n%s", text, m->log);
}

/* Maps nr pieces of len bytes, in ascending order if memory is fresh. */
static void fill(struct mm_space *s, uint32_t len, int64_t *at, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		at[i] = map_anon(s, len);
		ck_assert_int_gt(at[i], 0);
	}
}

static int by_address(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

START_TEST(kernel_lines_come_first)
{
	struct fake_machine m;

	fake_machine(&m, 1 << 20, NULL);
	ck_assert_int_gt(map_anon(m.s, PG), 0);
	ck_assert_int_eq(map_anon(m.s, 1 << 20), -ENOMEM);
	ck_assert_ptr_eq(strstr(m.log, "tester: page allocation failure: order:8, mode:0xcc0(GFP_KERNEL), nodemask=(null)\n"
				"nommu: Allocation of length 1048576 from process 7 (tester) failed\nMem-Info:\n"), m.log);
	m.log[0] = '\0';
	ck_assert_int_eq(mm_munmap(m.s, RAM, PG), 0);
	/* Larger than any block: the page allocator is silent. */
	ck_assert_int_eq(map_anon(m.s, 2 << 20), -ENOMEM);
	ck_assert_ptr_eq(strstr(m.log, "nommu: Allocation of length 2097152 from process 7 (tester) failed\nMem-Info:\n"
				"Normal: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (M) = 1024kB\n"),
			 m.log);
	says(&m, "256 pages RAM\n");
	fake_machine_end(&m);
}
END_TEST

START_TEST(lack_of_memory)
{
	struct fake_machine m;
	int64_t at[3];

	fake_machine(&m, 1 << 20, NULL);
	fill(m.s, 256 << 10, at, 3);
	ck_assert_int_eq(map_anon(m.s, 300 << 10), -ENOMEM);
	says(&m, "asked    307200 bytes: 75 pages (300 KiB), rounded up to a block of order 7: 128 pages (512 KiB)\n");
	says(&m, "free     256 KiB of 1 MiB, in 1 run; largest run 256 KiB at 0x800c0000, largest block 256 KiB (order 6)\n");
	says(&m, "verdict  OUT OF MEMORY: 44 KiB more than is free in all\n");
	says(&m, "|################################################................| 800fffff\n");
	/* The upper half: 256 KiB are in use in it, in the lower one all. */
	says(&m, "nearest  512 KiB at 0x80080000, of which 256 KiB are in use:\n");
	says(&m, "80080000-800c0000  256 KiB  pid 7 (tester), anonymous\n");
	says(&m, "- 64 pages (256 KiB) at 0x80080000 given back by pid 7 (tester)\n");
	/* Free from 768 KiB on; the next multiple of 512 KiB is 1 MiB. */
	says(&m, "- more RAM (-m 1536K)");
	says_not(&m, "--alloc");
	says(&m, "cause=lack");
	/* And so it is. */
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)at[2], 256 << 10), 0);
	ck_assert_int_eq(map_anon(m.s, 300 << 10), 0x80080000);
	fake_machine_end(&m);
}
END_TEST

START_TEST(nothing_is_free)
{
	struct fake_machine m;

	fake_machine(&m, 1 << 20, NULL);
	ck_assert_int_eq(map_anon(m.s, 1 << 20), RAM);
	ck_assert_int_eq(map_anon(m.s, 1), -ENOMEM);
	says(&m, "free     nothing of 1 MiB\n");
	says(&m, "verdict  OUT OF MEMORY: 4 KiB more");
	says(&m, "index=0 ");
	fake_machine_end(&m);
}
END_TEST

START_TEST(fragmentation)
{
	struct fake_machine m;
	struct mm_space *other;
	int64_t at[256];

	fake_machine(&m, 1 << 20, NULL);
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	mm_space_owner(other, 9, "other");
	fill(m.s, PG, at, 128);
	fill(other, PG, at + 128, 128);
	/* Every second page goes, but in the last 128 KiB all but two. */
	for (unsigned i = 0; i < 256; i++) {
		uint32_t a = (uint32_t)at[i], page = (a - RAM) / PG;

		if (page >= 224 ? page != 230 && page != 240 : page % 2)
			ck_assert_int_eq(mm_munmap(i < 128 ? m.s : other, a, PG), 0);
	}
	ck_assert_int_eq(map_anon(m.s, 128 << 10), -ENOMEM);
	says(&m, "free     568 KiB of 1 MiB, in 114 runs; largest run 60 KiB at 0x800f1000");
	says(&m, "verdict  FRAGMENTATION: enough is free, but in pieces (fragmentation index 0.");
	says(&m, "nearest  128 KiB at 0x800e0000, of which 8 KiB are in use:\n");
	says(&m, "800e6000-800e7000    4 KiB  pid 9 (other), anonymous\n");
	says(&m, "800f0000-800f1000    4 KiB  pid 9 (other), anonymous\n");
	says(&m, "- 2 pages (8 KiB) at 0x800e0000 given back by pid 9 (other)\n");
	says(&m, "cause=fragmentation");
	says_not(&m, "trim 1");
	ck_assert_int_eq(mm_munmap(other, RAM + 230 * PG, PG), 0);
	ck_assert_int_eq(mm_munmap(other, RAM + 240 * PG, PG), 0);
	ck_assert_int_eq(map_anon(m.s, 128 << 10), 0x800e0000);
	mm_space_put(other);
	fake_machine_end(&m);
}
END_TEST

/* Runs are not blocks: two that nearly do are as far from "in pieces" as it goes. */
START_TEST(an_index_below_zero_has_its_sign)
{
	struct fake_machine m;
	int64_t at[256];

	fake_machine(&m, 1 << 20, &(struct mm_config){ .strategy = "first-fit" });
	fill(m.s, PG, at, 256);
	for (unsigned page = 0; page < 20; page++)
		if (page != 9)
			ck_assert_int_eq(mm_munmap(m.s, RAM + page * PG, PG), 0);
	ck_assert_int_eq(map_anon(m.s, 11 * PG), -ENOMEM);
	/* 1000 - (1000 + 19000 / 11) / 2 */
	says(&m, "verdict  FRAGMENTATION: enough is free, but in pieces (fragmentation index -0.363)\n");
	says(&m, " index=-363 ");
	fake_machine_end(&m);
}
END_TEST

/* A name is what the program says it is. */
START_TEST(a_name_makes_no_lines)
{
	struct fake_machine m;

	fake_machine(&m, 1 << 20, NULL);
	mm_space_owner(m.s, 7, "%s%n\n\x1b[2J\x7f");
	ck_assert_int_gt(map_anon(m.s, PG), 0);
	ck_assert_int_eq(map_anon(m.s, 1 << 20), -ENOMEM);
	says(&m, "nommu: Allocation of length 1048576 from process 7 (%s%n??[2J?) failed\n");
	says(&m, "pid 7 (%s%n??[2J?), anonymous\n");
	for (const char *c = m.log; *c; c++)
		ck_assert(*c == '\n' || (*c >= ' ' && *c < 0x7f));
	fake_machine_end(&m);
}
END_TEST

START_TEST(rounding)
{
	struct fake_machine m;
	int64_t at[16];

	fake_machine(&m, 1 << 20, NULL);
	fill(m.s, 64 << 10, at, 16);
	qsort(at, 16, sizeof(*at), by_address);
	/* 192 KiB in one run, but across the middle of a block: 64 KiB to 256 KiB are no 256. */
	for (unsigned i = 1; i < 4; i++)
		ck_assert_int_eq(mm_munmap(m.s, (uint32_t)at[i], 64 << 10), 0);
	ck_assert_int_eq(map_anon(m.s, 160 << 10), -ENOMEM);
	says(&m, "verdict  ROUNDING: the run of 192 KiB is long enough for 160 KiB, but no whole block of 256 KiB lies in it\n");
	says(&m, "- a strategy that does not round (--alloc first-fit): the free run of 192 KiB at 0x80010000\n");
	says(&m, "nearest  256 KiB at 0x80000000, of which 64 KiB are in use:\n");
	says(&m, "cause=rounding");
	fake_machine_end(&m);
}
END_TEST

START_TEST(slack_in_the_way)
{
	struct mm_config c = { .nr_trim_pages = 0 };
	struct fake_machine m;
	int64_t at[4];

	fake_machine(&m, 1 << 20, &c);
	/* 132 KiB in blocks of 256: 124 KiB of slack behind each, that would hold another 64. */
	fill(m.s, 132 << 10, at, 4);
	ck_assert_int_eq(map_anon(m.s, 64 << 10), -ENOMEM);
	says(&m, "free     nothing of 1 MiB\n");
	says(&m, "- vm.nr_trim_pages=1 (--trim 1) from the start: only slack is in the way at 0x80030000 (it is 0 now; slack in all "
		 "496 KiB, behind 4 mappings)\n");
	says(&m, "slack=124 ");
	fake_machine_end(&m);

	c.nr_trim_pages = 1;
	fake_machine(&m, 1 << 20, &c);
	fill(m.s, 132 << 10, at, 4);
	ck_assert_int_gt(map_anon(m.s, 64 << 10), 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(block_limit)
{
	struct mm_config c = { .nr_trim_pages = 1, .max_order = 4 };
	struct fake_machine m;

	fake_machine(&m, 1 << 20, &c);
	ck_assert_int_eq(map_anon(m.s, 100 << 10), -ENOMEM);
	says(&m, "verdict  BLOCK LIMIT: the largest block allowed is of order 4 (64 KiB)\n");
	says(&m, "- a larger limit (--max-order 5): all of 0x80000000-0x8001ffff is free\n");
	says(&m, "cause=limit");
	fake_machine_end(&m);
	c.max_order = 5;
	fake_machine(&m, 1 << 20, &c);
	ck_assert_int_gt(map_anon(m.s, 100 << 10), 0);
	/* Where a larger limit alone would not do. */
	m.log[0] = '\0';
	ck_assert_int_eq(map_anon(m.s, 1 << 20), -ENOMEM);
	says(&m, "would have fitted with\n           - smaller requests: no block may be larger than 128 KiB\n");
	says_not(&m, "--max-order");
	fake_machine_end(&m);
}
END_TEST

START_TEST(more_than_there_can_be)
{
	static const struct { uint32_t len; const char *line; } rows[] = {
		{ 0xfffff000u, "           - nothing: there is no RAM of that size\n" },
		{ 0x80000000u, "           - nothing: there is no RAM of that size\n" },
		{ 0x7ff00000u - (1 << 20), "           - more RAM (-m 2047M): as things lie now, the block behind all that is in use\n" },
		{ 0x7ff00000u - (1 << 20) + PG, "           - nothing: there is no RAM of that size\n" },
	};
	const struct mm_config c = { .strategy = "first-fit" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fake_machine m;

		fake_machine(&m, 1 << 20, &c);
		ck_assert_int_eq(map_anon(m.s, 1 << 20), RAM);
		ck_assert_int_eq(map_anon(m.s, rows[i].len), -ENOMEM);
		says(&m, "would have fitted with\n");
		ck_assert_ptr_nonnull(strstr(strstr(m.log, "would have fitted with\n"), rows[i].line));
		fake_machine_end(&m);
	}
}
END_TEST

START_TEST(shared_text_in_the_way)
{
	struct fake_machine m;
	struct fake_source f;
	struct mm_space *other;
	int64_t at[3];

	fake_machine(&m, 1 << 20, NULL);
	fake_source(&f, MM_REGULAR, MM_CAN_COPY, 8 * PG);
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	mm_space_owner(other, 9, "other");
	fill(m.s, 256 << 10, at, 3);
	at[0] = map(m.s, 8 * PG, P_R | P_X, M_PRIVATE, &f, 0);
	ck_assert_int_eq(at[0], 0x800c0000);
	ck_assert_int_eq(map(other, 8 * PG, P_R | P_X, M_PRIVATE, &f, 0), at[0]);
	ck_assert_int_eq(map_anon(m.s, 256 << 10), -ENOMEM);
	says(&m, "nearest  256 KiB at 0x800c0000, of which 32 KiB are in use:\n");
	says(&m, "800c0000-800c8000   32 KiB  pid 7 (tester) and 1 more, a copy of /fake\n");
	says(&m, "given back by pid 7 (tester) and those who share it\n");
	mm_space_put(other);
	fake_machine_end(&m);
	ck_assert_int_eq(f.refs, 0);
}
END_TEST

START_TEST(files_and_segments_in_the_way)
{
	const struct mm_shm_cred cred = { .pid = 3, .privileged = true };
	struct fake_machine m;
	struct fake_source dev;
	uint32_t file, at;
	int id;

	fake_machine(&m, 256 << 10, NULL);
	ck_assert_int_eq(mm_pages_get(m.mm, 4, &file), 0);
	id = mm_shm_get(m.mm, 0x1234, 2 * PG, 01600, &cred);
	ck_assert_int_ge(id, 0);
	ck_assert_int_eq(map_anon(m.s, 256 << 10), -ENOMEM);
	says(&m, "  8 KiB  SysV segment 0, key 0x00001234: nobody has attached it\n");
	says(&m, " 16 KiB  no mapping's: files in memory (ramfs, tmpfs), the RAM disk\n");
	says(&m, "- 6 pages (24 KiB) at 0x80000000 given back by files and segments\n");
	m.log[0] = '\0';
	ck_assert_int_eq(mm_shm_get(m.mm, 0x1235, 250 << 10, 01600, &cred), -ENOMEM);
	ck_assert_ptr_eq(strstr(m.log, "swapper: page allocation failure: order:6, mode:0x100cc2(GFP_HIGHUSER), nodemask=(null)\n"
				"Mem-Info:\n"), m.log);
	/* Attached it is a mapping as any other, and a device's that lies over it all has no pages. */
	fake_source(&dev, MM_CHAR, MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, 256 << 10);
	dev.direct = RAM;
	ck_assert_int_eq(map(m.s, 256 << 10, P_R, M_SHARED, &dev, 0), RAM);
	ck_assert_int_eq(mm_shm_at(m.s, id, 0, 0, &cred, &at), 0);
	m.log[0] = '\0';
	ck_assert_int_eq(map_anon(m.s, 256 << 10), -ENOMEM);
	says(&m, "  8 KiB  pid 7 (tester), the pages of /SYSV00001234 (deleted)\n");
	says(&m, " 16 KiB  no mapping's: files in memory (ramfs, tmpfs), the RAM disk\n");
	says(&m, "- 6 pages (24 KiB) at 0x80000000 given back by pid 7 (tester) 8 KiB, others 16 KiB\n");
	says_not(&m, "nobody has attached");
	says_not(&m, "/fake");
	ck_assert_int_eq(mm_shm_dt(m.s, at, &cred), 0);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &cred), 0);
	mm_pages_put(m.mm, file, 4);
	fake_machine_end(&m);
}
END_TEST

START_TEST(failures_on_purpose_say_so)
{
	struct fake_machine m;

	fake_machine(&m, 1 << 20, NULL);
	mm_fail_after(m.mm, 1);
	ck_assert_int_eq(map_anon(m.s, PG), -ENOMEM);
	says(&m, "verdict  ON PURPOSE: it was made to fail, for a test\n");
	says_not(&m, "would have fitted");
	m.log[0] = '\0';
	ck_assert_int_eq(map_anon(m.s, 2 << 20), -ENOMEM);
	says(&m, "OUT OF MEMORY");
	fake_machine_end(&m);
}
END_TEST

static void fake_caller(void *owner, struct mm_caller *out)
{
	(void)owner;
	*out = (struct mm_caller){ .pid = 12, .pc = 0x80001234 };
	strcpy(out->comm, "sh");
	strcpy(out->call, "execve");
	strcpy(out->where, "0x80001234 (sh+0x1234)");
}

START_TEST(who_asked_comes_from_the_machine)
{
	struct mm_config c = { .nr_trim_pages = 1, .caller = fake_caller };
	struct fake_machine m;

	fake_machine(&m, 1 << 20, &c);
	ck_assert_int_eq(map_anon(m.s, 2 << 20), -ENOMEM);
	says(&m, "nommu: Allocation of length 2097152 from process 12 (sh) failed\n");
	says(&m, "post-mortem: execve() by pid 12 (sh) at 0x80001234 (sh+0x1234)\n");
	says(&m, "call=execve pid=12 pc=0x80001234 ");
	says(&m, " comm=sh\n");
	fake_machine_end(&m);
}
END_TEST

static int64_t the_time;

static int64_t clock_of_the_test(void *owner)
{
	(void)owner;
	return the_time;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

START_TEST(not_more_than_a_few_at_a_time)
{
	struct fake_machine m;

	fake_machine(&m, 1 << 20, NULL);
	m.mm->config.now = clock_of_the_test;
	the_time = 100;
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(map_anon(m.s, 2 << 20), -ENOMEM);
	ck_assert_uint_eq(count(m.log, "nommu: Allocation"), 10);	/* the kernel does not limit these */
	ck_assert_uint_eq(count(m.log, "  verdict"), POSTMORTEM_BURST);
	m.log[0] = '\0';
	the_time += POSTMORTEM_SECONDS;
	ck_assert_int_eq(map_anon(m.s, 2 << 20), -ENOMEM);
	says(&m, "post-mortem: 7 more were not shown\n");
	ck_assert_uint_eq(count(m.log, "  verdict"), 1);
	fake_machine_end(&m);
}
END_TEST

START_TEST(many_holders_are_summed_up)
{
	struct fake_machine m;
	int64_t at[256];
	unsigned lines = 0;

	fake_machine(&m, 1 << 20, NULL);
	fill(m.s, PG, at, 256);
	ck_assert_int_eq(mm_munmap(m.s, RAM + PG, PG), 0);
	ck_assert_int_eq(map_anon(m.s, 1 << 20), -ENOMEM);
	says(&m, "of which 1020 KiB are in use:\n");
	says(&m, "and 249 more: 996 KiB\n");
	says(&m, "- 255 pages (1020 KiB) at 0x80000000 given back by pid 7 (tester) 256 KiB, others 764 KiB\n");
	for (const char *p = m.log; *p; p++)
		lines += *p == '\n';
	ck_assert_uint_le(lines, 32);
	fake_machine_end(&m);
}
END_TEST

/* The window against trying all of them, in memory with random holes. */
START_TEST(window_is_the_best_there_is)
{
	struct fake_machine m;
	struct survey *v = malloc(sizeof(*v));
	uint32_t seed = 1;

	ck_assert_ptr_nonnull(v);
	for (int round = 0; round < 50; round++) {
		int64_t at[256];
		bool used[256];

		fake_machine(&m, 1 << 20, NULL);
		fill(m.s, PG, at, 256);
		for (unsigned i = 0; i < 256; i++) {
			seed = seed * 1103515245 + 12345;
			used[(at[i] - RAM) / PG] = seed >> 16 & 3;
			if (!(seed >> 16 & 3))
				ck_assert_int_eq(mm_munmap(m.s, (uint32_t)at[i], PG), 0);
		}
		for (unsigned order = 0; order <= 8; order++) {
			uint32_t best = 256, best_at = 0, total = 0;

			for (uint32_t w = 0; w < 256; w += 1u << order) {
				uint32_t n = 0;

				for (uint32_t i = w; i < w + (1u << order); i++)
					n += used[i];
				total += n;
				if (n < best) {
					best = n;
					best_at = w;
				}
			}
			ck_assert_int_eq(survey_take(v, m.mm, 1u << order), 0);
			ck_assert_uint_eq(v->window_used, best);
			ck_assert_uint_eq(v->window, RAM / PG + best_at);
			ck_assert_uint_eq(v->free, 256 - total);
		}
		fake_machine_end(&m);
	}
	free(v);
}
END_TEST

START_TEST(index_is_the_kernels)
{
	/* fragmentation_index() of mm/vmstat.c: 1000 - (1000 + free * 1000 / wanted) / blocks. */
	ck_assert_int_eq(survey_index(0, 8, 0), 0);
	ck_assert_int_eq(survey_index(100, 8, 100), 1000 - (1000 + 12500) / 100);
	ck_assert_int_eq(survey_index(4, 8, 1), -500);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		kernel_lines_come_first, lack_of_memory, nothing_is_free, fragmentation, an_index_below_zero_has_its_sign,
		a_name_makes_no_lines, rounding, slack_in_the_way,
		block_limit, more_than_there_can_be, shared_text_in_the_way, files_and_segments_in_the_way, failures_on_purpose_say_so,
		who_asked_comes_from_the_machine, not_more_than_a_few_at_a_time, many_holders_are_summed_up,
		window_is_the_best_there_is, index_is_the_kernels,
	};

	return run_suite("postmortem", tests, sizeof(tests) / sizeof(*tests));
}
