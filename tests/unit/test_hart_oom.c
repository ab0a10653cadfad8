/* SPDX-License-Identifier: MIT
 *
 * hart_init() with every allocation failing in turn.
 */
#include "tests/unit/cpu_kit.h"

#include <errno.h>

static int allocations_left = -1, live;

void *__real_calloc(size_t n, size_t size);
void __real_free(void *p);
void *__wrap_calloc(size_t n, size_t size);
void __wrap_free(void *p);

void *__wrap_calloc(size_t n, size_t size)
{
	void *p;

	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	p = __real_calloc(n, size);
	live += p != NULL;
	return p;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

START_TEST(nothing_is_kept)
{
	int failures = 0, err, kept;

	do {
		/* The test library allocates too, but not here. */
		live = 0;
		allocations_left = failures++;
		err = hart_init(&hart, NULL);
		allocations_left = -1;
		kept = live;
		if (err) {
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_int_eq(kept, 0);
		}
	} while (err);
	ck_assert_int_gt(failures, 1);
	live = kept;
	hart_fini(&hart);
	kept = live;
	ck_assert_int_eq(kept, 0);
	hart_fini(&hart);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart oom");
	TCase *t = tcase_create("oom");

	tcase_add_test(t, nothing_is_kept);
	suite_add_tcase(s, t);
	return kit_main(s);
}
