/* SPDX-License-Identifier: MIT
 *
 * --log's value: levels of the kernel's messages, categories with and without a level, and what is wrong.
 */
#include <check.h>
#include <string.h>
#include "emu/kernel/log.h"

static struct machine_options o;
static char why[160];

static int parse(const char *text)
{
	o = (struct machine_options){ .log_level = 4 };
	*why = 0;
	return log_parse(&o, text, why);
}

/* The level of each category is what is given; others are off. */
static void gives(const char *text, int a, int a_level, int b, int b_level)
{
	ck_assert_msg(parse(text) == 0, "%s: %s", text, why);
	ck_assert_int_eq(o.log_level, 4);
	for (int i = 0; i < LOG_CATEGORIES; i++)
		ck_assert_msg(o.log[i] == (i == a ? a_level + 1 : i == b ? b_level + 1 : 0), "%s: %s is %d", text,
			      log_categories[i].name, o.log[i] - 1);
}

START_TEST(levels)
{
	ck_assert_int_eq(parse("0"), 0);
	ck_assert_int_eq(o.log_level, 0);
	ck_assert_int_eq(parse("debug"), 0);
	ck_assert_int_eq(o.log_level, 7);
	for (int i = 0; i < LOG_CATEGORIES; i++)
		ck_assert_uint_eq(o.log[i], 0);
}
END_TEST

START_TEST(categories)
{
	gives("mm", LOG_MM, KLOG_INFO, -1, 0);
	gives("mm:debug", LOG_MM, KLOG_DEBUG, -1, 0);
	gives("mm,exec", LOG_MM, KLOG_INFO, LOG_EXEC, KLOG_INFO);
	gives("mm,exec:7", LOG_MM, KLOG_DEBUG, LOG_EXEC, KLOG_DEBUG);
	gives("mm:debug,exec", LOG_MM, KLOG_DEBUG, LOG_EXEC, KLOG_INFO);
	gives("mm:err,exec:info", LOG_MM, KLOG_ERR, LOG_EXEC, KLOG_INFO);
	ck_assert_int_eq(parse("all:debug"), 0);
	for (int i = 0; i < LOG_CATEGORIES; i++)
		ck_assert_uint_eq(o.log[i], KLOG_DEBUG + 1);
}
END_TEST

START_TEST(what_is_wanted)
{
	static struct machine m;

	ck_assert_int_eq(parse("mm"), 0);
	m.options = o;
	ck_assert(log_wants(&m, LOG_MM, KLOG_INFO) && log_wants(&m, LOG_MM, KLOG_ERR));
	ck_assert(!log_wants(&m, LOG_MM, KLOG_DEBUG) && !log_wants(&m, LOG_EXEC, KLOG_EMERG));
}
END_TEST

START_TEST(mistakes)
{
	static const char *const wrong[] = { "", "8", "-1", "mn", "mm,", ",mm", "mm:", "mm:loud", "mm exec", "debug,mm", "mm:8" };

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(parse(wrong[i]) == -1 && *why, "'%s' is taken", wrong[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");
	SRunner *r;
	int failed;

	tcase_add_test(tc, levels);
	tcase_add_test(tc, categories);
	tcase_add_test(tc, what_is_wanted);
	tcase_add_test(tc, mistakes);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
