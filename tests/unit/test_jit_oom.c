/* SPDX-License-Identifier: MIT
 *
 * The JIT without memory: each of its allocations and mappings fails in turn, alone or with all
 * that come after it.  Enabling then says so and keeps nothing; a translation that fails is one
 * that the interpreter does without, and results are the same.
 */
#define _GNU_SOURCE	/* mremap() */
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>

#define X(n) (hart.regs->x[n])

/* Until one fails; below 0: none does. */
static int left = -1, failed;
static bool all_that_follow;

/* Only what is called between these is watched: the test library allocates, too. */
#define WATCHED(call) (inside = true, watched = (int)(call), inside = false, watched)

static bool inside;
static int watched;

/* What was allocated there and is not yet freed: memory, mappings. */
static const void *kept[64];
static int live;

#define WRAP(type, name, parameters) \
	type __real_##name parameters; \
	type __wrap_##name parameters

static void keep(const void *p)
{
	for (int i = 0; inside && p; i++) {
		ck_assert_int_lt(i, 64);
		if (!kept[i]) {
			kept[i] = p;
			live++;
			break;
		}
	}
}

static void drop(const void *p)
{
	for (int i = 0; p && i < 64; i++) {
		if (kept[i] == p) {
			kept[i] = NULL;
			live--;
		}
	}
}

static bool fails(void)
{
	if (left < 0 || !inside)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	if (!all_that_follow)
		left = -1;
	failed++;
	errno = ENOMEM;
	return true;
}

WRAP(void *, calloc, (size_t n, size_t size));
WRAP(void *, realloc, (void *p, size_t size));
WRAP(void, free, (void *p));
WRAP(void *, mmap, (void *at, size_t size, int prot, int flags, int fd, off_t offset));
WRAP(int, munmap, (void *at, size_t size));
WRAP(int, mprotect, (void *at, size_t size, int prot));
WRAP(void *, mremap, (void *old, size_t old_size, size_t size, int flags, ...));

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	keep(p);
	return p;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *p = fails() ? NULL : __real_realloc(old, size);

	if (p) {
		drop(old);
		keep(p);
	}
	return p;
}

void __wrap_free(void *p)
{
	drop(p);
	__real_free(p);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	void *p = fails() ? MAP_FAILED : __real_mmap(at, size, prot, flags, fd, offset);

	keep(p == MAP_FAILED ? NULL : p);
	return p;
}

int __wrap_munmap(void *at, size_t size)
{
	drop(at);
	return __real_munmap(at, size);
}

int __wrap_mprotect(void *at, size_t size, int prot)
{
	return fails() ? -1 : __real_mprotect(at, size, prot);
}

void *__wrap_mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *p = fails() ? MAP_FAILED : __real_mremap(old, old_size, size, flags);

	/* Of no bytes: what there was stays. */
	if (old_size)
		drop(old);
	keep(p == MAP_FAILED ? NULL : p);
	return p;
}

#define FUNCTIONS 300u

/* Calls function after function, each with loads, stores and branches, until one faults; with changes to the code. */
static void run_program(void)
{
	CODE(RAM, ADDI(A0, S0, 0), JALR(RA, 0, A0), ADDI(A0, A0, 64), BNE(A0, S1, -8), ADDI(A1, A1, -1),
	     BNE(A1, ZERO, -20), ECALL);
	for (uint32_t i = 0; i < FUNCTIONS; i++)
		CODE(RAM + 0x10000 + 64 * i, LW(T0, 0, A2), ADDI(T0, T0, i), SW(T0, 0, A2), ADD(A3, A3, T0),
		     BNE(A3, ZERO, 8), ADDI(A4, A4, 1), LW(T1, 4, A2), ADD(A2, A2, A5), SB(T1, 9, A2), JALR(ZERO, 0, RA));
	X(S0) = RAM + 0x10000;
	X(S1) = RAM + 0x10000 + 64 * FUNCTIONS;
	X(A1) = 30;
	X(A2) = RAM + 0x8000;
	for (int i = 0; i < 4; i++) {
		hart.regs->pc = RAM;
		X(A1) = 10;
		ck_assert_int_eq(WATCHED(hart_run(&hart, 1000000)), HART_ECALL);
		hart_flush(&hart, i % 2 ? 0 : RAM + 0x11000, i % 2 ? 0 : 0x800);
	}
	hart.regs->pc = RAM;
	X(A1) = 10;
	X(A2) = RAM + RAM_SIZE - 2000;
	X(A5) = 1;
	ck_assert_int_eq(WATCHED(hart_run(&hart, 1000000)), HART_FAULT);
}

static const struct jit_config config = { .hot = 1, .cache_bytes = 1u << 20 };
static struct hart_regs expected;
static uint64_t expected_instret;

static void expect(void)
{
	kit_setup();
	run_program();
	expected = *hart.regs;
	expected_instret = hart.instret;
	kit_teardown();
	ck_assert_int_eq(live, 0);
}

static void check(void)
{
	ck_assert_mem_eq(hart.regs, &expected, sizeof(expected));
	ck_assert_uint_eq(hart.instret, expected_instret);
}

START_TEST(enabling)
{
	int n = 0, err;

	expect();
	do {
		kit_setup();
		left = n++;
		failed = 0;
		all_that_follow = _i;
		err = WATCHED(hart_enable_jit(&hart, &config));
		left = -1;
		/* The table of entries has a second place to be. */
		ck_assert(err || !failed || !all_that_follow);
		if (err) {
			ck_assert_int_eq(err, jit_built_in ? -ENOMEM : -ENOSYS);
			ck_assert_int_eq(live, 0);
		}
		run_program();
		check();
		kit_teardown();
		ck_assert_int_eq(live, 0);
	} while (jit_built_in && failed);
	ck_assert_int_ge(n, jit_built_in ? 6 : 0);
}
END_TEST

START_TEST(translating)
{
	int n = 0;

	expect();
	do {
		struct hart_stats stats;

		kit_setup();
		ck_assert_int_eq(WATCHED(hart_enable_jit(&hart, &config)), jit_built_in ? 0 : -ENOSYS);
		left = n++;
		failed = 0;
		all_that_follow = _i;
		run_program();
		left = -1;
		check();
		hart_get_stats(&hart, &stats);
		ck_assert(stats.regions || failed || !jit_built_in);
		kit_teardown();
		ck_assert_int_eq(live, 0);
	} while (failed);
	ck_assert_int_gt(n, jit_built_in ? 10 : 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jit oom");
	TCase *t = tcase_create("oom");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, enabling, 0, 2);
	tcase_add_loop_test(t, translating, 0, 2);
	suite_add_tcase(s, t);
	return kit_main(s);
}
