/* SPDX-License-Identifier: MIT
 *
 * The clock's chip alone: its time, its alarm, its line, and words that are none of its registers.
 */
#include "devices/goldfish_rtc.h"
#include "tests/unit/chip_kit.h"

#include <string.h>

#define START UINT64_C(1700000000123456789)

static struct goldfish *clk;
static uint64_t now_ns, asked;
static bool freed;

static uint64_t now(void *owner)
{
	ck_assert_ptr_eq(owner, &asked);
	return now_ns;
}

static void alarm_at(void *owner, uint64_t at)
{
	ck_assert_ptr_eq(owner, &asked);
	ck_assert_uint_ne(at, asked);	/* it asks for what is new only */
	asked = at;
}

static void gone(void *owner)
{
	ck_assert_ptr_eq(owner, &asked);
	freed = true;
}

static const struct goldfish_config config = {
	.name = "rtc0", .addr = 0x00101000, .time = START, .now = now, .alarm = alarm_at, .gone = gone, .owner = &asked,
};

static void up(void)
{
	now_ns = 5000;
	asked = UINT64_MAX;
	freed = false;
	clk = goldfish_new(&config);
	ck_assert_ptr_nonnull(clk);
	dev = goldfish_device(clk);
	dev->ops->reset(dev);
}

static void down(void)
{
	dev->ops->free(dev);
	ck_assert(freed);
}

static uint64_t rd_time(void)
{
	uint32_t low = rd(GOLDFISH_TIME_LOW);

	return (uint64_t)rd(GOLDFISH_TIME_HIGH) << 32 | low;
}

static void wr_alarm(uint64_t time)
{
	wr(GOLDFISH_ALARM_HIGH, (uint32_t)(time >> 32));
	wr(GOLDFISH_ALARM_LOW, (uint32_t)time);
}

/* Time goes by; what was asked for is called for. */
static void wait_ns(uint64_t ns)
{
	uint64_t until = now_ns + ns;

	while (asked <= until) {
		now_ns = asked > now_ns ? asked : now_ns;
		goldfish_run(clk);
	}
	now_ns = until;
}

START_TEST(it_counts_ns)
{
	ck_assert_uint_eq(rd_time(), START);
	wait_ns(1000);
	ck_assert_uint_eq(rd_time(), START + 1000);
	ck_assert_uint_eq(goldfish_time(clk), START + 1000);
}
END_TEST

START_TEST(the_upper_word_is_that_of_the_lower_one)
{
	goldfish_set_time(clk, UINT64_C(0x1ffffffff));
	ck_assert_uint_eq(rd(GOLDFISH_TIME_LOW), 0xffffffff);
	wait_ns(1);
	ck_assert_uint_eq(rd(GOLDFISH_TIME_HIGH), 1);
	ck_assert_uint_eq(rd_time(), UINT64_C(0x200000000));
}
END_TEST

START_TEST(its_time_is_set_word_by_word)
{
	wr(GOLDFISH_TIME_HIGH, 7);
	ck_assert_uint_eq(rd_time(), UINT64_C(7) << 32 | (uint32_t)START);
	wr(GOLDFISH_TIME_LOW, 9);
	ck_assert_uint_eq(rd_time(), UINT64_C(7) << 32 | 9);
}
END_TEST

START_TEST(the_alarm_comes_once)
{
	wr(GOLDFISH_IRQ_ENABLED, 1);
	wr_alarm(START + 500);
	ck_assert_uint_eq(asked, now_ns + 500);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_STATUS), 1);
	wait_ns(499);
	ck_assert(!dev->line.up);
	wait_ns(1);
	ck_assert(dev->line.up);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_STATUS), 0);
	ck_assert_uint_eq(asked, UINT64_MAX);
	wait_ns(1000);
	ck_assert(dev->line.up);	/* until somebody has seen it */
	wr(GOLDFISH_CLEAR_INTERRUPT, 1);
	ck_assert(!dev->line.up);
	wr_alarm(0);
	ck_assert(dev->line.up);	/* what is past comes at once */
}
END_TEST

START_TEST(an_interrupt_that_is_disabled_waits)
{
	wr_alarm(START);
	ck_assert(!dev->line.up);
	wr(GOLDFISH_IRQ_ENABLED, 0xfffffffe);
	ck_assert_uint_eq(rd(GOLDFISH_IRQ_ENABLED), 0);
	wr(GOLDFISH_IRQ_ENABLED, 0xffffffff);
	ck_assert_uint_eq(rd(GOLDFISH_IRQ_ENABLED), 1);
	ck_assert(dev->line.up);
	wr(GOLDFISH_IRQ_ENABLED, 0);
	ck_assert(!dev->line.up);
	wr(GOLDFISH_IRQ_ENABLED, 1);
	ck_assert(dev->line.up);
}
END_TEST

START_TEST(the_alarm_can_be_cleared)
{
	wr(GOLDFISH_IRQ_ENABLED, 1);
	wr_alarm(START + 500);
	wr(GOLDFISH_CLEAR_ALARM, 0);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_STATUS), 0);
	ck_assert_uint_eq(asked, UINT64_MAX);
	wait_ns(1000);
	ck_assert(!dev->line.up);
}
END_TEST

START_TEST(the_alarm_goes_by_the_time_that_is_shown)
{
	wr(GOLDFISH_IRQ_ENABLED, 1);
	wr_alarm(START + 500);
	goldfish_set_time(clk, START - 500);
	ck_assert_uint_eq(asked, now_ns + 1000);
	goldfish_set_time(clk, START + 500);
	ck_assert(dev->line.up);
}
END_TEST

START_TEST(an_alarm_may_be_centuries_ahead)
{
	goldfish_set_time(clk, 0);
	wr_alarm(UINT64_MAX);
	ck_assert_uint_eq(asked, UINT64_MAX - 1);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_STATUS), 1);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_LOW), UINT32_MAX);
	ck_assert_uint_eq(rd(GOLDFISH_ALARM_HIGH), UINT32_MAX);
}
END_TEST

START_TEST(only_its_words_are_registers)
{
	uint64_t value;

	for (uint32_t offset = 0; offset < 0x100; offset++)
		for (uint32_t size = 1; size <= 8; size *= 2) {
			bool there = size == 4 && offset % 4 == 0 && offset <= GOLDFISH_CLEAR_INTERRUPT;

			ck_assert_int_eq(dev->ops->load(dev, 0, offset, size, &value), there);
			ck_assert_int_eq(dev->ops->store(dev, 0, offset, size, 0), there);
		}
}
END_TEST

START_TEST(reset_keeps_the_time)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	wr(GOLDFISH_IRQ_ENABLED, 1);
	wr_alarm(0);
	wr_alarm(START + 1000000000u);
	dev->ops->dump(dev, f);
	dev->ops->reset(dev);
	dev->ops->dump(dev, f);
	fclose(f);
	ck_assert_str_eq(text, "time  2023-11-14 22:13:20\nalarm 2023-11-14 22:13:21\nalarm on, interrupt enabled, pending\n"
			       "time  2023-11-14 22:13:20\nalarm 1970-01-01 00:00:00\nalarm off, interrupt disabled\n");
	free(text);
	ck_assert(!dev->line.up);
	ck_assert_uint_eq(asked, UINT64_MAX);
	ck_assert_uint_eq(rd_time(), START);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
	out_of_memory = true;
	ck_assert_ptr_null(goldfish_new(&config));
	out_of_memory = false;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("goldfish_rtc");
	TCase *t = tcase_create("goldfish_rtc");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, it_counts_ns);
	tcase_add_test(t, the_upper_word_is_that_of_the_lower_one);
	tcase_add_test(t, its_time_is_set_word_by_word);
	tcase_add_test(t, the_alarm_comes_once);
	tcase_add_test(t, an_interrupt_that_is_disabled_waits);
	tcase_add_test(t, the_alarm_can_be_cleared);
	tcase_add_test(t, the_alarm_goes_by_the_time_that_is_shown);
	tcase_add_test(t, an_alarm_may_be_centuries_ahead);
	tcase_add_test(t, only_its_words_are_registers);
	tcase_add_test(t, reset_keeps_the_time);
	tcase_add_test(t, without_memory_there_is_none);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
