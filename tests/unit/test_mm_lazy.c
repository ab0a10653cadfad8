/* SPDX-License-Identifier: MIT
 *
 * Clearing is lazy where the guest cannot tell: what it costs is counted in host pages that are there, not in time.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

#define MIB (1u << 20)

static struct fake_machine m;

/* KiB of [addr, addr+len) that the host holds pages for. */
static uint64_t resident(uint32_t addr, uint32_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), nr = len / page;
	unsigned char *there = malloc(nr);
	uint64_t n = 0;

	ck_assert_ptr_nonnull(there);
	ck_assert_int_eq(mincore(flat_base(m.flat) + addr, len, there), 0);
	for (size_t i = 0; i < nr; i++)
		n += there[i] & 1;
	free(there);
	return n * page / 1024;
}

static void dirty(uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += PG)
		guest(&m, addr, len)[i] = 0xcc;
}

static bool clear(uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += PG)
		if (guest(&m, addr, len)[i])
			return false;
	return true;
}

START_TEST(a_large_mapping_touches_nothing)
{
	int64_t a;

	fake_machine(&m, 256 * MIB, NULL);
	a = map_anon(m.s, 256 * MIB);
	ck_assert_int_eq(a, RAM);
	ck_assert_uint_eq(resident(RAM, 256 * MIB), 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(nor_does_one_of_memory_used_before)
{
	int64_t a;

	fake_machine(&m, 64 * MIB, NULL);
	a = map_anon(m.s, 64 * MIB);
	dirty((uint32_t)a, 64 * MIB);
	ck_assert_uint_eq(resident(RAM, 64 * MIB), 64 * 1024);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 64 * MIB), 0);
	ck_assert_int_eq(map_anon(m.s, 64 * MIB), a);
	ck_assert_uint_eq(resident(RAM, 64 * MIB), 0);
	ck_assert(clear((uint32_t)a, 64 * MIB));
	fake_machine_end(&m);
}
END_TEST

/* Unless it is to come as it is, then nothing is done to it at all. */
START_TEST(uninitialized_memory_is_not_touched_either)
{
	int64_t a;

	fake_machine(&m, 8 * MIB, NULL);
	a = map_anon(m.s, 8 * MIB);
	dirty((uint32_t)a, 4 * MIB);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 8 * MIB), 0);
	ck_assert_int_eq(map(m.s, 8 * MIB, P_R, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0), a);
	ck_assert_uint_eq(resident(RAM, 8 * MIB), 4 * 1024);
	ck_assert(!clear((uint32_t)a, 4 * MIB));
	fake_machine_end(&m);
}
END_TEST

START_TEST(segments_and_growth_are_lazy_too)
{
	static const struct mm_shm_cred root = { .privileged = true };
	uint32_t a, at;
	int id;

	fake_machine(&m, 64 * MIB, NULL);
	a = (uint32_t)map_anon(m.s, 64 * MIB);
	dirty(a, 64 * MIB);
	ck_assert_int_eq(mm_munmap(m.s, a, 64 * MIB), 0);
	id = mm_shm_get(m.mm, 1, 32 * MIB, 01600, &root);
	ck_assert_int_ge(id, 0);
	ck_assert_int_eq(mm_shm_at(m.s, id, 0, 0, &root, &at), 0);
	ck_assert_uint_eq(resident(at, 32 * MIB), 0);
	ck_assert(clear(at, 32 * MIB));
	ck_assert_int_eq(mm_shm_dt(m.s, at, &root), 0);
	/* mremap() into the slack of an untrimmed block. */
	mm_set_trim(m.mm, 0);
	a = (uint32_t)map(m.s, 18 * MIB, P_R | P_W, M_PRIVATE | M_ANON | M_UNINIT, NULL, 0);
	dirty(a, 18 * MIB);
	ck_assert_int_eq(mm_mremap(m.s, a, 18 * MIB, 32 * MIB, 0, 0, &at), 0);
	ck_assert_uint_eq(resident(a, 32 * MIB), 18 * 1024);
	ck_assert(clear(a + 18 * MIB, 14 * MIB));
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_large_mapping_touches_nothing, nor_does_one_of_memory_used_before,
		uninitialized_memory_is_not_touched_either, segments_and_growth_are_lazy_too,
	};

	return run_suite("mm_lazy", tests, sizeof(tests) / sizeof(*tests));
}
