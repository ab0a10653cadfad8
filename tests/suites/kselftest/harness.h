/* SPDX-License-Identifier: MIT
 *
 * What the kernel's tests have from their kselftest_harness.h, without fork(): the tests of a program, of which a run is given one.
 *
 *   PROGRAM		lists them, a line for each: NAME SIGNAL. NAME is FIXTURE[.VARIANT].TEST ("global" is the fixture of what
 *			has none), SIGNAL the one that ends it if all is well, or 0.
 *   TEST=NAME PROGRAM	runs that one. The status is that of kselftest.h: 0 passed, 1 failed, 2 failed as it was known to,
 *			4 skipped; what was wrong, or why it is skipped, is on stderr.
 *
 * Arguments are for the program.
 *
 * The macros mean what the kernel's Documentation/dev-tools/kselftest.rst says. Setup, test and teardown are one process, the
 * leader of its group if who runs it sees to that. A failed ASSERT in a child or a thread of the test ends that process.
 */
#ifndef __KSELFTEST_HARNESS_H
#define __KSELFTEST_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <asm/types.h>
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kselftest.h"

/* Tests use these names: exit_code, and _metadata as what helpers are given. */
struct __test_metadata {
	const char *name;
	struct harness_fixture *fixture;
	void (*run)(struct __test_metadata *test, const void *variant);
	int signal;			/* that is to end it, 0: none */
	struct __test_metadata *next;	/* of the fixture */

	pid_t pid;			/* who runs it */
	int exit_code;
	int trigger;			/* a check failed, and its block is being run */
	bool ready;			/* the setup is through */
	jmp_buf env;			/* to the teardown */
};

struct harness_variant {
	const char *name;
	const void *data;
	struct harness_variant *next;
};

/* What is known to fail. */
struct harness_xfail {
	const struct __test_metadata *test;
	const void *variant;
	struct harness_xfail *next;
};

struct harness_fixture {
	const char *name;
	struct __test_metadata *tests;
	struct harness_variant *variants;
	struct harness_fixture *next;
};

static struct harness_fixture harness_global = { .name = "global" };
static struct harness_fixture *harness_fixtures = &harness_global;
static struct harness_xfail *harness_xfails;

/* Puts something at the end of its list. */
#define HARNESS_APPEND(list, item) do { \
		__typeof__(item) *harness_end = &(list); \
		while (*harness_end) \
			harness_end = &(*harness_end)->next; \
		*harness_end = (item); \
	} while (0)

#define HARNESS_AT_START(name) static void __attribute__((constructor)) name(void)

/* Tests */

#define TEST(test_name) TEST_SIGNAL(test_name, 0)

#define TEST_SIGNAL(test_name, signal_number) \
	static void test_name(struct __test_metadata *_metadata); \
	static void harness_run_##test_name(struct __test_metadata *test, const void *variant) \
	{ \
		test->ready = true; \
		if (!setjmp(test->env)) \
			test_name(test); \
	} \
	static struct __test_metadata harness_test_##test_name = { \
		.name = #test_name, .fixture = &harness_global, .run = harness_run_##test_name, .signal = signal_number \
	}; \
	HARNESS_AT_START(harness_add_##test_name) \
	{ \
		HARNESS_APPEND(harness_global.tests, &harness_test_##test_name); \
	} \
	static void test_name(struct __test_metadata *_metadata)

#define TEST_F(fixture_name, test_name) TEST_F_SIGNAL(fixture_name, test_name, 0)
#define TEST_F_TIMEOUT(fixture_name, test_name, seconds) TEST_F_SIGNAL(fixture_name, test_name, 0)

#define TEST_F_SIGNAL(fixture_name, test_name, signal_number) \
	static void fixture_name##_##test_name(struct __test_metadata *_metadata, \
		FIXTURE_DATA(fixture_name) *self, const FIXTURE_VARIANT(fixture_name) *variant); \
	static void harness_run_##fixture_name##_##test_name(struct __test_metadata *test, const void *variant) \
	{ \
		static FIXTURE_DATA(fixture_name) self; \
		if (!setjmp(test->env)) { \
			fixture_name##_setup(test, &self, variant); \
			if (test->exit_code) \
				return; \
			test->ready = true; \
			fixture_name##_##test_name(test, &self, variant); \
		} \
		if (test->ready && getpid() == test->pid) \
			fixture_name##_teardown(test, &self, variant); \
	} \
	static struct __test_metadata harness_test_##fixture_name##_##test_name = { \
		.name = #test_name, .fixture = &harness_fixture_##fixture_name, \
		.run = harness_run_##fixture_name##_##test_name, .signal = signal_number \
	}; \
	HARNESS_AT_START(harness_add_##fixture_name##_##test_name) \
	{ \
		HARNESS_APPEND(harness_fixture_##fixture_name.tests, &harness_test_##fixture_name##_##test_name); \
	} \
	static void fixture_name##_##test_name(struct __test_metadata *_metadata, \
		FIXTURE_DATA(fixture_name) *self, const FIXTURE_VARIANT(fixture_name) *variant)

/* Fixtures: the data of a test, setup and teardown, and variants that each of its tests is run with. */

#define FIXTURE_DATA(fixture_name) struct _test_data_##fixture_name
#define FIXTURE_VARIANT(fixture_name) struct harness_variant_##fixture_name

#define FIXTURE(fixture_name) \
	FIXTURE_VARIANT(fixture_name); \
	static struct harness_fixture harness_fixture_##fixture_name = { .name = #fixture_name }; \
	HARNESS_AT_START(harness_add_##fixture_name) \
	{ \
		HARNESS_APPEND(harness_fixtures, &harness_fixture_##fixture_name); \
	} \
	FIXTURE_DATA(fixture_name)

#define HARNESS_FIXTURE_FUNCTION(fixture_name, function) \
	void fixture_name##_##function(struct __test_metadata *_metadata, \
		FIXTURE_DATA(fixture_name) *self, const FIXTURE_VARIANT(fixture_name) *variant)
#define FIXTURE_SETUP(fixture_name) HARNESS_FIXTURE_FUNCTION(fixture_name, setup)
#define FIXTURE_TEARDOWN(fixture_name) HARNESS_FIXTURE_FUNCTION(fixture_name, teardown)
#define FIXTURE_TEARDOWN_PARENT(fixture_name) HARNESS_FIXTURE_FUNCTION(fixture_name, teardown)

#define FIXTURE_VARIANT_ADD(fixture_name, variant_name) \
	extern const FIXTURE_VARIANT(fixture_name) harness_data_##fixture_name##_##variant_name; \
	static struct harness_variant harness_variant_##fixture_name##_##variant_name = { \
		.name = #variant_name, .data = &harness_data_##fixture_name##_##variant_name \
	}; \
	HARNESS_AT_START(harness_add_variant_##fixture_name##_##variant_name) \
	{ \
		HARNESS_APPEND(harness_fixture_##fixture_name.variants, &harness_variant_##fixture_name##_##variant_name); \
	} \
	const FIXTURE_VARIANT(fixture_name) harness_data_##fixture_name##_##variant_name =

#define XFAIL_ADD(fixture_name, variant_name, test_name) \
	static struct harness_xfail harness_xfail_##fixture_name##_##variant_name##_##test_name = { \
		.test = &harness_test_##fixture_name##_##test_name, .variant = &harness_data_##fixture_name##_##variant_name \
	}; \
	HARNESS_AT_START(harness_add_xfail_##fixture_name##_##variant_name##_##test_name) \
	{ \
		HARNESS_APPEND(harness_xfails, &harness_xfail_##fixture_name##_##variant_name##_##test_name); \
	}

/* Checks. After each may stand a block, which is run if it failed. ASSERT then ends the test, EXPECT goes on. */

#define TH_LOG_ENABLED 1
#define TH_LOG(format, ...) \
	fprintf(stderr, "# %s:%d:%s: " format "\n", strrchr("/" __FILE__, '/') + 1, __LINE__, _metadata->name, ##__VA_ARGS__)

#define SKIP(statement, format, ...) do { \
		fprintf(stderr, "# SKIP " format "\n", ##__VA_ARGS__); \
		_metadata->exit_code = KSFT_SKIP; \
		_metadata->trigger = 0; \
		statement; \
	} while (0)

#define HARNESS_CHECK(fatal, holds, format, ...) \
	do { \
		if (!(holds)) { \
			TH_LOG(format, ##__VA_ARGS__); \
			_metadata->exit_code = KSFT_FAIL; \
			_metadata->trigger = 1; \
		} \
	} while (0); \
	for (; _metadata->trigger; _metadata->trigger = harness_failed(fatal, _metadata))

#define HARNESS_COMPARE(fatal, expected, seen, op) \
	HARNESS_CHECK(fatal, ({ \
			__typeof__(expected) harness_e = (expected); \
			__typeof__(seen) harness_s = (seen); \
			harness_expected = (intmax_t)harness_e; \
			harness_seen = (intmax_t)harness_s; \
			harness_e op harness_s; \
		}), "Expected %s (%jd) %s %s (%jd)", #expected, harness_expected, #op, #seen, harness_seen)

#define HARNESS_STRINGS(fatal, expected, seen, op) \
	HARNESS_CHECK(fatal, ({ \
			harness_expected_string = (expected); \
			harness_seen_string = (seen); \
			strcmp(harness_expected_string, harness_seen_string) op 0; \
		}), "Expected '%s' %s '%s'", harness_expected_string, #op, harness_seen_string)

#define ASSERT_EQ(expected, seen) HARNESS_COMPARE(1, expected, seen, ==)
#define ASSERT_NE(expected, seen) HARNESS_COMPARE(1, expected, seen, !=)
#define ASSERT_LT(expected, seen) HARNESS_COMPARE(1, expected, seen, <)
#define ASSERT_LE(expected, seen) HARNESS_COMPARE(1, expected, seen, <=)
#define ASSERT_GT(expected, seen) HARNESS_COMPARE(1, expected, seen, >)
#define ASSERT_GE(expected, seen) HARNESS_COMPARE(1, expected, seen, >=)
#define ASSERT_NULL(seen) HARNESS_COMPARE(1, NULL, seen, ==)
#define ASSERT_TRUE(seen) HARNESS_COMPARE(1, 0, seen, !=)
#define ASSERT_FALSE(seen) HARNESS_COMPARE(1, 0, seen, ==)
#define ASSERT_STREQ(expected, seen) HARNESS_STRINGS(1, expected, seen, ==)
#define ASSERT_STRNE(expected, seen) HARNESS_STRINGS(1, expected, seen, !=)
#define EXPECT_EQ(expected, seen) HARNESS_COMPARE(0, expected, seen, ==)
#define EXPECT_NE(expected, seen) HARNESS_COMPARE(0, expected, seen, !=)
#define EXPECT_LT(expected, seen) HARNESS_COMPARE(0, expected, seen, <)
#define EXPECT_LE(expected, seen) HARNESS_COMPARE(0, expected, seen, <=)
#define EXPECT_GT(expected, seen) HARNESS_COMPARE(0, expected, seen, >)
#define EXPECT_GE(expected, seen) HARNESS_COMPARE(0, expected, seen, >=)
#define EXPECT_NULL(seen) HARNESS_COMPARE(0, NULL, seen, ==)
#define EXPECT_TRUE(seen) HARNESS_COMPARE(0, 0, seen, !=)
#define EXPECT_FALSE(seen) HARNESS_COMPARE(0, 0, seen, ==)
#define EXPECT_STREQ(expected, seen) HARNESS_STRINGS(0, expected, seen, ==)
#define EXPECT_STRNE(expected, seen) HARNESS_STRINGS(0, expected, seen, !=)

/* What the check at hand compared. */
static _Thread_local intmax_t harness_expected, harness_seen;
static _Thread_local const char *harness_expected_string, *harness_seen_string;

/* The block after a failed check is through. Only who runs the test can go to its teardown. */
static inline int harness_failed(bool fatal, struct __test_metadata *test)
{
	if (fatal) {
		if (syscall(SYS_gettid) == test->pid)
			longjmp(test->env, 1);
		fflush(NULL);
		_exit(KSFT_FAIL);
	}
	return 0;
}

/* The program */

static int harness_run(struct __test_metadata *test, const void *variant)
{
	test->pid = getpid();
	test->run(test, variant);
	for (struct harness_xfail *x = harness_xfails; x; x = x->next)
		if (x->test == test && x->variant == variant && test->exit_code != KSFT_SKIP)
			test->exit_code = test->exit_code ? KSFT_XFAIL : KSFT_XPASS;
	fflush(NULL);
	/* a child that came out of the test's function has said what it has to say */
	_exit(getpid() == test->pid ? test->exit_code : KSFT_PASS);
}

/* wanted: the test to run, NULL: list them all. */
static int harness_main(const char *wanted)
{
	static struct harness_variant none = { .name = "" };
	char name[256];

	for (struct harness_fixture *f = harness_fixtures; f; f = f->next)
		for (struct harness_variant *v = f->variants ? f->variants : &none; v; v = v->next)
			for (struct __test_metadata *t = f->tests; t; t = t->next) {
				snprintf(name, sizeof(name), "%s%s%s.%s", f->name, *v->name ? "." : "", v->name, t->name);
				if (!wanted)
					printf("%s %d\n", name, t->signal);
				else if (!strcmp(name, wanted))
					return harness_run(t, v->data);
			}
	return wanted ? KSFT_FAIL : KSFT_PASS;
}

static inline int test_harness_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return harness_main(getenv("TEST"));
}

#define TEST_HARNESS_MAIN \
	int main(int argc, char **argv) \
	{ \
		return test_harness_run(argc, argv); \
	}

#endif
