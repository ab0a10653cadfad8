/* SPDX-License-Identifier: MIT
 *
 * The ids of System V IPC: indices in turn, sequence numbers, keys, permissions.
 */
#include "mm/ipc_ids.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

static struct ipc_ids t;
static const struct ipc_cred root = { .privileged = true };
static const uint32_t bobs_groups[] = { 7, 10 };
static const struct ipc_cred ann = { .uid = 10, .gid = 10 };
static const struct ipc_cred bob = { .uid = 20, .gid = 20, .ngroups = 2, .groups = bobs_groups };
static const struct ipc_cred eve = { .uid = 30, .gid = 30 };

static int add(struct ipc_perm *p, int32_t key)
{
	*p = (struct ipc_perm){ .key = key, .mode = 0640 };
	return ipc_ids_add(&t, p, IPC_IDS_MAX, &ann);
}

START_TEST(indices_go_round)
{
	static struct ipc_perm p[70];
	struct ipc_perm one;

	ipc_ids_init(&t);
	ck_assert_int_eq(ipc_ids_highest(&t), 0);
	/* One after another, though each is free again: 64 of them before they start over. */
	for (int i = 0; i < 130; i++) {
		ck_assert_int_eq(add(&one, 0), 0);
		ck_assert_int_eq(one.id, i / 64 << 15 | i % 64);
		ck_assert_int_eq(t.highest, i % 64);
		ck_assert_ptr_eq(ipc_ids_by_id(&t, one.id), &one);
		ck_assert_ptr_eq(ipc_ids_by_index(&t, i % 64), &one);
		ck_assert_ptr_eq(ipc_ids_by_index(&t, i % 64 | 5 << 15), &one);
		ck_assert_ptr_null(ipc_ids_by_id(&t, one.id ^ 1 << 15));
		ipc_ids_remove(&t, &one);
		ck_assert_ptr_null(ipc_ids_by_id(&t, one.id));
		ck_assert_int_eq(t.highest, -1);
	}
	ck_assert_ptr_null(ipc_ids_by_id(&t, -1));
	/* With many in use there are more. */
	for (int i = 0; i < 70; i++)
		ck_assert_int_eq(add(&p[i], 0), 0);
	ck_assert_ptr_null(ipc_ids_check(&t));
	ck_assert_int_gt(t.highest, 64);
	ipc_ids_fini(&t);
}
END_TEST

START_TEST(sequence_numbers_start_over)
{
	struct ipc_perm one;

	ipc_ids_init(&t);
	t.seq = 0xfffe;
	t.last = 63;
	ck_assert_int_eq(add(&one, 0), 0);
	ck_assert_int_eq(one.id, 0);	/* ipcid_seq_max() itself is never used */
	ipc_ids_remove(&t, &one);
	ipc_ids_fini(&t);
}
END_TEST

START_TEST(keys_and_limits)
{
	struct ipc_perm a, b, c;

	ipc_ids_init(&t);
	ck_assert_int_eq(add(&a, 5), 0);
	ck_assert_int_eq(add(&b, -7), 0);
	ck_assert_ptr_eq(ipc_ids_by_key(&t, 5), &a);
	ck_assert_ptr_eq(ipc_ids_by_key(&t, -7), &b);
	ck_assert_ptr_null(ipc_ids_by_key(&t, 6));
	ck_assert_ptr_eq(ipc_ids_next(&t, 0), &a);
	ck_assert_ptr_eq(ipc_ids_next(&t, 1), &b);
	ck_assert_ptr_null(ipc_ids_next(&t, 2));
	ipc_ids_forget_key(&t, &a);
	ck_assert_ptr_null(ipc_ids_by_key(&t, 5));
	ck_assert_ptr_eq(ipc_ids_by_id(&t, a.id), &a);
	c = (struct ipc_perm){ .key = 9 };
	ck_assert_int_eq(ipc_ids_add(&t, &c, 2, &root), -ENOSPC);
	ck_assert_ptr_null(ipc_ids_by_key(&t, 9));
	ck_assert_ptr_null(ipc_ids_check(&t));
	ipc_ids_remove(&t, &b);
	ck_assert_ptr_null(ipc_ids_by_key(&t, -7));
	ck_assert_int_eq(ipc_ids_add(&t, &c, 2, &root), 0);
	ck_assert_ptr_null(ipc_ids_check(&t));
	ipc_ids_fini(&t);
}
END_TEST

START_TEST(permissions)
{
	struct ipc_perm p;

	ipc_ids_init(&t);
	ck_assert_int_eq(add(&p, 0), 0);	/* ann's, 0640, group 10 */
	ck_assert(ipc_permitted(&p, 0666, &ann));
	ck_assert(!ipc_permitted(&p, 0111, &ann));
	ck_assert(ipc_permitted(&p, 0444, &bob));	/* by a supplementary group */
	ck_assert(!ipc_permitted(&p, 0222, &bob));
	ck_assert(!ipc_permitted(&p, 0444, &eve));
	ck_assert(ipc_permitted(&p, 0, &eve));
	ck_assert(ipc_permitted(&p, 0777, &root));
	ck_assert(ipc_owns(&p, &ann) && ipc_owns(&p, &root) && !ipc_owns(&p, &bob));
	ck_assert_int_eq(ipc_set_perm(&p, UINT32_MAX, 0, 0), -EINVAL);
	ck_assert_int_eq(ipc_set_perm(&p, 0, UINT32_MAX, 0), -EINVAL);
	p.mode |= 01000;
	ck_assert_int_eq(ipc_set_perm(&p, 30, 31, 07604), 0);
	ck_assert_uint_eq(p.mode, 01604);
	ck_assert(ipc_owns(&p, &eve) && ipc_owns(&p, &ann));	/* the creator stays one of them */
	ck_assert(!ipc_permitted(&p, 0444, &bob));	/* a group comes before the others */
	ipc_ids_fini(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ipc_ids");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, indices_go_round);
	tcase_add_test(tc, sequence_numbers_start_over);
	tcase_add_test(tc, keys_and_limits);
	tcase_add_test(tc, permissions);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
