/* SPDX-License-Identifier: MIT
 *
 * SysV shared memory: ipc/shm.c's answers on no-MMU rules.
 */
#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

#define CREAT 01000u
#define EXCL 02000u
#define RDONLY 010000u
#define RND 020000u
#define REMAP 040000u
#define EXEC 0100000u

static struct fake_machine m;
static const struct mm_shm_cred root = { .pid = 7, .now = 100, .privileged = true };
static const struct mm_shm_cred ann = { .uid = 10, .gid = 10, .pid = 8, .now = 200 };
static const struct mm_shm_cred bob = { .uid = 20, .gid = 20, .pid = 9, .now = 300 };

static int64_t at(struct mm_space *s, int id, uint32_t addr, uint32_t flags, const struct mm_shm_cred *c)
{
	uint32_t out = 0;
	int err = mm_shm_at(s, id, addr, flags, c, &out);

	return err ? err : (int64_t)out;
}

static struct mm_shm_info stat_of(int id)
{
	struct mm_shm_info i;

	ck_assert_int_eq(mm_shm_stat(m.mm, id, false, &root, &i), 0);
	return i;
}

START_TEST(get_finds_makes_and_refuses)
{
	int id;

	fake_machine(&m, 16 << 20, NULL);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, PG, 0, &root), -ENOENT);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, 0, CREAT | 0600, &root), -EINVAL);
	id = mm_shm_get(m.mm, 5, 10000, CREAT | 0600, &root);
	ck_assert_int_ge(id, 0);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, 10000, 0, &root), id);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, 0, CREAT | 0600, &root), id);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, 10001, 0, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_get(m.mm, 5, 10000, CREAT | EXCL, &root), -EEXIST);
	ck_assert_int_ne(mm_shm_get(m.mm, 0, PG, 0600, &root), id);
	ck_assert_int_eq(mm_shm_get(m.mm, 6, 0xffffffffu, CREAT, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_get(m.mm, 6, 32 << 20, CREAT, &root), -ENOMEM);
	fake_sound(&m);
	fake_machine_end(&m);
	fake_machine(&m, 16 << 20, &(struct mm_config){ .compat_linux = true });
	ck_assert_int_eq(mm_shm_get(m.mm, 6, (4 << 20) + 1, CREAT, &root), -EFBIG);
	id = mm_shm_get(m.mm, 6, 4 << 20, CREAT, &root);
	ck_assert_int_ge(id, 0);
	/* Stock 6.12 can attach none. */
	ck_assert_int_eq(at(m.s, id, 0, 0, &root), -ENODEV);
	ck_assert_int_eq(at(m.s, id, RAM, 0, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, id + 1, 0, 0, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, id, 0, 0, &bob), -EACCES);
	ck_assert_uint_eq(stat_of(id).nattch, 0);
	fake_machine_end(&m);
}
END_TEST

START_TEST(every_attach_is_at_one_address)
{
	struct mm_space *other;
	struct fake_source dev;
	int64_t a;
	int id;

	fake_machine(&m, 16 << 20, NULL);
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	id = mm_shm_get(m.mm, 0x1234, 10000, CREAT | 0666, &root);
	a = at(m.s, id, 0, 0, &root);
	ck_assert_int_ge(a, RAM);
	for (uint32_t i = 0; i < 3 * PG; i++)
		ck_assert_uint_eq(guest(&m, a, 3 * PG)[i], 0);
	ck_assert_int_eq(at(m.s, id, 0, 0, &root), a);
	ck_assert_int_eq(at(other, id, 0, RDONLY | EXEC, &root), a);
	ck_assert_uint_eq(stat_of(id).nattch, 3);
	ck_assert_uint_eq(stat_of(id).size, 10000);
	ck_assert_uint_eq(stat_of(id).pages, 3);
	ck_assert_int_eq(at(m.s, id, (uint32_t)a, 0, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, id, (uint32_t)a + 1, RND, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, id, 0, REMAP, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, id + 1, 0, 0, &root), -EINVAL);
	ck_assert_int_eq(at(m.s, -1, 0, 0, &root), -EINVAL);
	fake_sound(&m);
	/* What one of several mappings of a place permits is permitted there, whichever came first. */
	ck_assert_uint_eq(mm_reach(other, (uint32_t)a, 4 * PG, P_W), 0);
	ck_assert_int_eq(at(other, id, 0, 0, &root), a);
	ck_assert_uint_eq(mm_reach(other, (uint32_t)a, 4 * PG, P_W), 3 * PG);
	ck_assert_uint_eq(mm_reach(other, (uint32_t)a, 4 * PG, P_X), 3 * PG);
	ck_assert_uint_eq(mm_reach(other, (uint32_t)a, 4 * PG, P_X | P_W), 0);
	ck_assert_int_eq(mm_munmap(other, (uint32_t)a, 3 * PG), 0);
	/* One detach drops one attachment. */
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a + PG, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a + 1, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_dt(m.s, 0, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), 0);
	ck_assert_uint_eq(stat_of(id).nattch, 2);
	/* What else starts there is none. */
	fake_source(&dev, MM_CHAR, MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, PG);
	dev.direct = (uint32_t)a;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &dev, 0), a);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), 0);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), 0);
	ck_assert_int_eq(at(m.s, id, 0, 0, &root), a);
	/* A segment goes whole, by munmap too. */
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 10000), 0);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), -EINVAL);
	ck_assert_uint_eq(stat_of(id).nattch, 1);
	/* The end of a space detaches. */
	mm_space_put(other);
	ck_assert_uint_eq(stat_of(id).nattch, 0);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &root), 0);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	fake_machine_end(&m);
}
END_TEST

START_TEST(a_removed_segment_lives_until_the_last_detach)
{
	struct mm_shm_info i;
	int64_t a;
	int id;

	fake_machine(&m, 16 << 20, NULL);
	id = mm_shm_get(m.mm, 77, PG, CREAT | 0640, &root);
	a = at(m.s, id, 0, 0, &root);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &root), 0);
	i = stat_of(id);
	ck_assert_uint_eq(i.mode, 01640);
	ck_assert_int_eq(i.key, 0);
	ck_assert_int_eq(mm_shm_get(m.mm, 77, PG, 0, &root), -ENOENT);
	ck_assert_int_eq(at(m.s, id, 0, 0, &root), a);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &root), 0);
	fake_sound(&m);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), 0);
	fake_sound(&m);
	ck_assert_int_eq(mm_shm_dt(m.s, (uint32_t)a, &root), 0);
	ck_assert_int_eq(mm_shm_stat(m.mm, id, false, &root, &i), -EINVAL);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &root), -EINVAL);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	fake_machine_end(&m);
}
END_TEST

START_TEST(permissions_and_owners)
{
	struct mm_shm_info i;
	int id;

	fake_machine(&m, 16 << 20, NULL);
	id = mm_shm_get(m.mm, 1, PG, CREAT | 0640, &ann);
	ck_assert_int_eq(mm_shm_get(m.mm, 1, PG, 0400, &ann), id);
	ck_assert_int_eq(mm_shm_get(m.mm, 1, PG, 0400, &bob), -EACCES);
	ck_assert_int_eq(mm_shm_get(m.mm, 1, PG, 0700, &ann), -EACCES);
	ck_assert_int_eq(at(m.s, id, 0, RDONLY, &bob), -EACCES);
	ck_assert_int_gt(at(m.s, id, 0, 0, &ann), 0);
	ck_assert_int_eq(at(m.s, id, 0, EXEC, &ann), -EACCES);
	ck_assert_int_eq(mm_shm_stat(m.mm, id, false, &bob, &i), -EACCES);
	ck_assert_int_eq(mm_shm_set(m.mm, id, 10, 20, 0640, &bob), -EPERM);
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &bob), -EPERM);
	ck_assert_int_eq(mm_shm_set(m.mm, id, 10, 20, 07640, &ann), 0);
	ck_assert_uint_eq(stat_of(id).mode, 0640);
	ck_assert_int_eq(stat_of(id).ctime, 200);
	ck_assert_int_gt(at(m.s, id, 0, RDONLY, &bob), 0);
	ck_assert_int_eq(at(m.s, id, 0, 0, &bob), -EACCES);
	ck_assert_int_eq(stat_of(id).atime, 300);
	ck_assert_int_eq(stat_of(id).lpid, 9);
	ck_assert_int_eq(stat_of(id).cpid, 8);
	ck_assert_int_eq(mm_shm_set(m.mm, id, 20, 20, 0600, &root), 0);
	ck_assert_int_gt(at(m.s, id, 0, 0, &bob), 0);
	fake_machine_end(&m);
}
END_TEST

static int count(void *ctx, const struct mm_shm_info *i)
{
	(void)i;
	++*(int *)ctx;
	return 0;
}

START_TEST(locking_is_a_mark)
{
	struct mm_shm_cred own = { .uid = 10, .gid = 99, .privileged = false };
	int id;

	fake_machine(&m, 16 << 20, NULL);
	id = mm_shm_get(m.mm, 1, PG, CREAT | 0600, &ann);
	ck_assert_int_eq(mm_shm_lock(m.mm, id + 1, true, false, &root), -EINVAL);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, true, false, &bob), -EPERM);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, true, true, &own), -EPERM);
	ck_assert_uint_eq(stat_of(id).mode, 0600);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, true, false, &own), 0);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, true, true, &root), 0);
	ck_assert_uint_eq(stat_of(id).mode, 02600);
	/* IPC_SET leaves the mark. */
	ck_assert_int_eq(mm_shm_set(m.mm, id, 10, 10, 0640, &ann), 0);
	ck_assert_uint_eq(stat_of(id).mode, 02640);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, false, true, &own), 0);
	ck_assert_int_eq(mm_shm_lock(m.mm, id, false, true, &own), 0);
	ck_assert_uint_eq(stat_of(id).mode, 0640);
	fake_machine_end(&m);
}
END_TEST

START_TEST(ids_are_not_reused_at_once)
{
	struct mm_shm_totals totals;
	struct mm_shm_info i;
	int ids[70], walked = 0;

	fake_machine(&m, 16 << 20, NULL);
	for (int n = 0; n < 64; n++) {
		ids[n] = mm_shm_get(m.mm, 0, PG, 0600, &root);
		ck_assert_int_eq(ids[n], n);
		ck_assert_int_eq(mm_shm_rmid(m.mm, ids[n], &root), 0);
	}
	ids[0] = mm_shm_get(m.mm, 0, PG, 0600, &root);
	ck_assert_int_eq(ids[0], 32768);
	ck_assert_int_eq(mm_shm_stat(m.mm, 0, false, &root, &i), -EINVAL);
	ck_assert_int_eq(mm_shm_stat(m.mm, 0, true, &root, &i), 32768);
	ck_assert_int_eq(mm_shm_stat(m.mm, 1, true, &root, &i), -EINVAL);
	ids[1] = mm_shm_get(m.mm, 0, 2 * PG, 0600, &root);
	ck_assert_int_eq(ids[1], 32769);
	mm_shm_totals(m.mm, &totals);
	ck_assert_int_eq(totals.used_ids, 2);
	ck_assert_int_eq(totals.max_index, 1);
	ck_assert_uint_eq(totals.total_pages, 3);
	mm_shm_walk(m.mm, count, &walked);
	ck_assert_int_eq(walked, 2);
	fake_sound(&m);
	fake_machine_end(&m);
}
END_TEST

START_TEST(ids_run_out_at_4096)
{
	fake_machine(&m, 32 << 20, NULL);
	for (int n = 0; n < 4096; n++)
		ck_assert_int_ge(mm_shm_get(m.mm, n + 1, PG, CREAT | 0600, &root), 0);
	ck_assert_int_eq(mm_shm_get(m.mm, 5000, PG, CREAT | 0600, &root), -ENOSPC);
	fake_sound(&m);
	fake_machine_end(&m);
}
END_TEST

START_TEST(remapping_and_failing)
{
	uint32_t to;
	int64_t a;
	int id;

	fake_machine(&m, 16 << 20, NULL);
	mm_fail_after(m.mm, 1);
	ck_assert_int_eq(mm_shm_get(m.mm, 3, PG, CREAT | 0600, &root), -ENOMEM);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	id = mm_shm_get(m.mm, 3, 2 * PG, CREAT | 0600, &root);
	a = at(m.s, id, 0, 0, &root);
	ck_assert_int_eq(mm_mremap(m.s, (uint32_t)a, 2 * PG, PG, 0, 0, &to), -EPERM);
	fake_machine_end(&m);
}
END_TEST

static int show(void *ctx, const struct mm_vma_info *i)
{
	snprintf(ctx, 300, "%s %u:%u %llu %s", i->shared ? "S" : "p", i->major, i->minor,
		 (unsigned long long)i->inode, i->path);
	return 1;
}

START_TEST(listed_as_the_kernel_lists_it)
{
	char text[300];
	int id;

	fake_machine(&m, 16 << 20, NULL);
	id = mm_shm_get(m.mm, 0x1234, PG, CREAT | 0600, &root);
	ck_assert_int_gt(at(m.s, id, 0, 0, &root), 0);
	ck_assert_int_eq(mm_space_walk(m.s, show, text), 1);
	ck_assert_str_eq(text, "S 0:1 0 /SYSV00001234 (deleted)");
	ck_assert_int_eq(mm_shm_rmid(m.mm, id, &root), 0);
	ck_assert_int_eq(mm_space_walk(m.s, show, text), 1);
	ck_assert_str_eq(text, "S 0:1 0 /SYSV00001234 (deleted)");
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		get_finds_makes_and_refuses, every_attach_is_at_one_address,
		a_removed_segment_lives_until_the_last_detach, permissions_and_owners, locking_is_a_mark,
		ids_are_not_reused_at_once, ids_run_out_at_4096, remapping_and_failing,
		listed_as_the_kernel_lists_it,
	};

	return run_suite("shm", tests, sizeof(tests) / sizeof(*tests));
}
