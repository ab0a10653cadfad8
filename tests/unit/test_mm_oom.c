/* SPDX-License-Identifier: MIT
 *
 * Every host allocation that mm/ makes is made to fail once, the first, the second and so on,
 * through a script of calls: the call must answer an errno, nothing may be lost, and the script
 * must then run through.  rules.mk has the linker put the wrappers below in front of malloc().
 */
#include "mm/futex.h"
#include "mm/page.h"
#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *p, size_t size);

static long fail_in;		/* 1: the next one fails; 0: none does */
static bool failed;

static bool fails(void)
{
	if (fail_in == 0 || --fail_in)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static const struct mm_shm_cred root = { .privileged = true };

static void no_log(void *owner, int level, const char *line)
{
	(void)owner;
	(void)level;
	(void)line;
}

/* -ENOMEM exactly if an allocation failed in this call; says whether the script goes on. */
static bool went(int64_t result)
{
	must((result == -ENOMEM) == failed);
	must(failed || result >= 0);
	return !failed;
}

/* A life of a machine; stops at the first failure. */
static void script(struct flat *flat, const char *strategy, struct fake_source *disk, struct fake_source *memory)
{
	struct mm_config c = {
		.ram_base = RAM, .ram_size = 4 << 20, .nr_trim_pages = 1, .log = no_log, .strategy = strategy,
		.poison = true,
	};
	struct mm_space *s[2] = { NULL, NULL };
	struct mm_futexes *f = NULL;
	struct mm *mm = NULL;
	uint32_t a = 0;
	int64_t b;
	int id;

	if (!went(mm_new(&mm, flat, &c)))
		return;
	if (!went(mm_futexes_new(&f)) || !went(mm_space_new(mm, &s[0])) || !went(mm_space_new(mm, &s[1])))
		goto out;
	b = map_anon(s[0], 16 * PG);
	if (!went(b) || !went(mm_munmap(s[0], (uint32_t)b + 4 * PG, 4 * PG)))
		goto out;
	if (!went(map(s[0], 4 * PG, P_R, M_PRIVATE, disk, 0)) || !went(map(s[1], PG, P_R, M_PRIVATE, disk, 1)) ||
	    !went(map(s[1], 4 * PG, P_R | P_W, M_PRIVATE, disk, 0)))
		goto out;
	if (!went(mm_pages_get(mm, 4, &memory->direct)) || !went(map(s[1], PG, P_R, M_SHARED, memory, 0)))
		goto out;
	for (int i = 0; i < 70; i++) {
		id = mm_shm_get(mm, i, PG, 01600, &root);
		if (!went(id) || !went(mm_shm_at(s[i % 2], id, 0, 0, &root, &a)))
			goto out;
	}
	went(mm_munmap(s[0], (uint32_t)b, 4 * PG));
out:
	fail_in = 0;
	if (mm) {
		const char *broken = mm_check(mm);

		if (broken)
			ck_abort_msg("mm_check: %s", broken);
	}
	mm_space_put(s[0]);
	mm_space_put(s[1]);
	must(!memory->live);
	must(disk->refs == 0 && memory->refs == 0 && !disk->source.regions && !memory->source.regions);
	mm_futexes_free(f);
	mm_free(mm);
	memory->direct = 0;
}

START_TEST(each_host_allocation_may_fail)
{
	struct fake_source disk, memory;
	struct flat_bytes *bytes = NULL;
	struct flat *flat = NULL;
	long n = 0;

	fake_source(&disk, MM_REGULAR, MM_CAN_COPY, 4 * PG);
	fake_source(&memory, MM_REGULAR, MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, 4 * PG);
	for (fail_in = 1; flat_new(&flat) < 0; fail_in = n + 1)
		n++;
	for (int i = 0; i < 20; i++) {
		fail_in = i == 8 ? 1 : 0;	/* the list of windows grows */
		must(flat_commit(flat, (uint32_t)i * 0x100000u, PG) == (i == 8 ? -ENOMEM : 0));
	}
	fail_in = 1;
	must(flat_bytes_new(PG, &bytes) == -ENOMEM && !bytes);
	must(flat_bytes_new(PG, &bytes) == 0);
	for (int i = 20; i < 40; i++) {
		fail_in = i == 33 ? 1 : 0;	/* and again */
		must(flat_show(flat, (uint32_t)i * 0x100000u, PG, bytes, 0, FLAT_READ) == (i == 33 ? -ENOMEM : 0));
	}
	flat_bytes_free(bytes);
	fail_in = 0;
	must(flat_commit(flat, RAM, 4 << 20) == 0);
	for (unsigned i = 0; page_strategy_at(i); i++) {
		for (n = 1, failed = true; failed; n++) {
			failed = false;
			fail_in = n;
			script(flat, page_strategy_at(i)->name, &disk, &memory);
			fail_in = 0;
		}
		/* It did fail in many places, and the last time in none. */
		ck_assert_int_gt(n, 100);
	}
	flat_free(flat);
}
END_TEST

/* A post-mortem that has no memory itself says so; the answer is the one it would have been. */
START_TEST(post_mortems_may_fail)
{
	static const char *const strategies[] = { "buddy", "first-fit" };

	for (unsigned i = 0; i < 2; i++) {
		const struct mm_config c = { .nr_trim_pages = 1, .strategy = strategies[i] };
		struct fake_machine m;
		long n = 0;

		do {
			fake_machine(&m, 1 << 20, &c);
			must(map_anon(m.s, PG) > 0);
			failed = false;
			fail_in = ++n;
			must(map_anon(m.s, 1 << 20) == -ENOMEM);
			fail_in = 0;
			/* The first is the region, which comes before the pages. */
			must(!strstr(m.log, "nommu: Allocation of length 1048576 ") == (n == 1));
			must(!strstr(m.log, "post-mortem: no host memory for more\n") == (n == 1 || !failed));
			must(!strstr(m.log, "verdict  OUT OF MEMORY") == failed);
			fake_machine_end(&m);
		} while (failed);
		ck_assert_int_ge(n, 4);
	}
}
END_TEST

/* The same with the pages of the guest. */
START_TEST(each_page_allocation_may_fail)
{
	struct fake_machine m;
	struct fake_source disk;
	bool all = false;

	for (uint64_t n = 1; !all; n++) {
		int64_t got[4];

		fake_machine(&m, 4 << 20, NULL);
		fake_source(&disk, MM_REGULAR, MM_CAN_COPY, 4 * PG);
		mm_fail_after(m.mm, n);
		got[0] = map_anon(m.s, 5 * PG);
		got[1] = map(m.s, 4 * PG, P_R, M_PRIVATE, &disk, 0);
		got[2] = mm_shm_get(m.mm, 1, PG, 01600, &root);
		got[3] = map(m.s, 4 * PG, P_R | P_W, M_PRIVATE, &disk, 0);
		all = true;
		for (uint64_t i = 0; i < 4; i++) {
			must(got[i] == -ENOMEM ? i + 1 == n : got[i] >= 0);
			all = all && got[i] >= 0;
		}
		fake_machine_end(&m);
		must(disk.refs == 0);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { each_host_allocation_may_fail, post_mortems_may_fail, each_page_allocation_may_fail };

	return run_suite("mm_oom", tests, sizeof(tests) / sizeof(*tests));
}
