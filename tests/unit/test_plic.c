/* SPDX-License-Identifier: MIT
 *
 * The interrupt controller alone: what is pending, in which order it is claimed, what is masked, and that lines are levels.
 */
#include "devices/plic.h"
#include "tests/unit/chip_kit.h"

#include <string.h>

#define BASE 0x0c000000u

static struct plic *plic;
static char moves[64];		/* of its own line: a letter each, U or D */
static unsigned claims;		/* how many who hears of it makes at once */

static void moved(void *owner, unsigned number, bool up)
{
	ck_assert_ptr_eq(owner, moves);
	ck_assert_uint_eq(number, 0);
	ck_assert_uint_lt(strlen(moves), sizeof moves - 1);
	strcat(moves, up ? "U" : "D");
	if (up && claims) {
		claims--;
		plic_claim(plic);
	}
}

static void up(void)
{
	moves[0] = 0;
	claims = 0;
	plic = plic_new("plic", BASE);
	ck_assert_ptr_nonnull(plic);
	dev = plic_device(plic);
	dev->line.moved = moved;
	dev->line.owner = moves;
	dev->ops->reset(dev);
}

static void down(void)
{
	dev->ops->free(dev);
}

/* As a driver does it that wants to hear of a source. */
static void listen(unsigned source, uint32_t priority)
{
	wr(PLIC_PRIORITY + 4 * source, priority);
	wr(PLIC_ENABLE, rd(PLIC_ENABLE) | UINT32_C(1) << source);
}

START_TEST(a_line_is_claimed_and_completed)
{
	listen(3, 1);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 0);
	plic_line(plic, 3, true);
	ck_assert_str_eq(moves, "U");
	ck_assert_uint_eq(rd(PLIC_PENDING), 1u << 3);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	ck_assert_str_eq(moves, "UD");
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 0);
	plic_line(plic, 3, false);
	wr(PLIC_CLAIM, 3);
	ck_assert_str_eq(moves, "UD");
}
END_TEST

START_TEST(a_line_that_stays_up_comes_again)
{
	listen(3, 1);
	plic_line(plic, 3, true);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
		ck_assert_uint_eq(rd(PLIC_PENDING), 0);	/* not before it is completed */
		wr(PLIC_CLAIM, 3);
		ck_assert_uint_eq(rd(PLIC_PENDING), 1u << 3);
	}
	ck_assert_str_eq(moves, "UDUDUDU");
}
END_TEST

START_TEST(a_pulse_is_kept)
{
	plic_line(plic, 3, true);
	plic_line(plic, 3, false);
	ck_assert_str_eq(moves, "");
	ck_assert_uint_eq(rd(PLIC_PENDING), 1u << 3);	/* though nobody listens yet */
	listen(3, 1);
	ck_assert_str_eq(moves, "U");
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	plic_line(plic, 3, true);	/* while it is claimed it is not */
	plic_line(plic, 3, false);
	wr(PLIC_CLAIM, 3);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
}
END_TEST

START_TEST(a_line_by_edge_comes_when_it_goes_up)
{
	plic_by_edge(plic, 3);
	listen(3, 1);
	plic_line(plic, 3, true);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	wr(PLIC_CLAIM, 3);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);	/* that it is up is no news */
	plic_line(plic, 3, false);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
	plic_line(plic, 3, true);
	plic_line(plic, 3, false);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	plic_line(plic, 3, true);		/* while it is claimed: later */
	plic_line(plic, 3, false);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
	wr(PLIC_CLAIM, 3);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	wr(PLIC_CLAIM, 3);
	ck_assert_str_eq(moves, "UDUDUD");
}
END_TEST

START_TEST(the_highest_priority_comes_first)
{
	listen(1, 2);
	listen(2, 7);
	listen(9, 2);
	listen(31, 7);
	for (unsigned i = 1; i < PLIC_SOURCES; i++)
		plic_line(plic, i, true);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0xfffffffe);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 2);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 31);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 1);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 9);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 0);
	ck_assert_str_eq(moves, "UD");
}
END_TEST

START_TEST(what_is_masked_is_not_heard)
{
	plic_line(plic, 3, true);
	wr(PLIC_ENABLE, 1u << 3);	/* of priority 0 it never is */
	ck_assert_str_eq(moves, "");
	ck_assert_uint_eq(rd(PLIC_CLAIM), 0);
	wr(PLIC_THRESHOLD, 2);
	wr(PLIC_PRIORITY + 4 * 3, 2);	/* nor of one that is not above the threshold, */
	ck_assert_str_eq(moves, "");
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);	/* but that is claimed (chapter 8) */
	wr(PLIC_CLAIM, 3);
	wr(PLIC_THRESHOLD, 1);
	ck_assert_str_eq(moves, "U");
	wr(PLIC_ENABLE, 0);
	ck_assert_str_eq(moves, "UD");
	wr(PLIC_ENABLE, 1u << 3);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
	wr(PLIC_ENABLE, 0);
	wr(PLIC_CLAIM, 3);		/* nor completed, if it is not enabled */
	wr(PLIC_ENABLE, 1u << 3);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
	wr(PLIC_CLAIM, 3);
	ck_assert_uint_eq(rd(PLIC_PENDING), 1u << 3);
}
END_TEST

START_TEST(who_hears_of_it_may_claim_at_once)
{
	listen(3, 1);
	claims = 1;
	plic_line(plic, 3, true);
	ck_assert_str_eq(moves, "UD");
	ck_assert(!dev->line.up);
	plic_line(plic, 3, false);
	claims = 1;
	plic_complete(plic, 3);
	plic_line(plic, 3, true);
	ck_assert_str_eq(moves, "UDUD");
}
END_TEST

START_TEST(registers_keep_what_they_have_room_for)
{
	static const uint32_t reserved[] = { PLIC_PRIORITY, 4 * PLIC_SOURCES, 0x1004, 0x2004, 0x2080, 0x200008, 0x201000 - 4 };

	for (unsigned i = 0; i < PLIC_SOURCES; i++)
		wr(PLIC_PRIORITY + 4 * i, 0xffffffff);
	for (unsigned i = 1; i < PLIC_SOURCES; i++)
		ck_assert_uint_eq(rd(PLIC_PRIORITY + 4 * i), PLIC_PRIORITIES);
	wr(PLIC_ENABLE, 0xffffffff);
	ck_assert_uint_eq(rd(PLIC_ENABLE), 0xfffffffe);
	wr(PLIC_THRESHOLD, 0xfffffffe);
	ck_assert_uint_eq(rd(PLIC_THRESHOLD), 6);
	wr(PLIC_PENDING, 0xffffffff);
	ck_assert_uint_eq(rd(PLIC_PENDING), 0);
	for (unsigned i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		wr(reserved[i], 0xffffffff);
		ck_assert_uint_eq(rd(reserved[i]), 0);
	}
	for (unsigned i = 0; i < 40; i++)
		wr(PLIC_CLAIM, i * i * i * 1000003u);	/* completes nobody */
	ck_assert_str_eq(moves, "");
}
END_TEST

START_TEST(only_words_are_registers)
{
	static const uint32_t offsets[] = { 4, PLIC_PENDING, PLIC_ENABLE, PLIC_THRESHOLD, PLIC_CLAIM };
	uint64_t value;

	listen(3, 1);
	plic_line(plic, 3, true);
	for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++)
		for (uint32_t size = 1; size <= 8; size *= 2)
			for (uint32_t shift = 0; shift < 4; shift++) {
				if (size == 4 && !shift)
					continue;
				ck_assert(!dev->ops->load(dev, 0, offsets[i] + shift, size, &value));
				ck_assert(!dev->ops->store(dev, 0, offsets[i] + shift, size, UINT64_MAX));
			}
	ck_assert_uint_eq(rd(PLIC_ENABLE), 1u << 3);
	ck_assert_uint_eq(rd(PLIC_CLAIM), 3);
}
END_TEST

START_TEST(reset_forgets_all_but_the_lines)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	listen(3, 1);
	listen(4, 1);
	wr(PLIC_THRESHOLD, 1);
	plic_line(plic, 3, true);
	plic_line(plic, 4, true);
	plic_line(plic, 4, false);
	rd(PLIC_CLAIM);
	dev->ops->dump(dev, f);
	dev->ops->reset(dev);
	dev->ops->dump(dev, f);
	fclose(f);
	ck_assert_str_eq(text, "threshold 1\nsource 3: up, priority 1, enabled, claimed\nsource 4: down, priority 1, enabled, pending\n"
			       "threshold 0\nsource 3: up, priority 0, pending\n");
	free(text);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
	out_of_memory = true;
	ck_assert_ptr_null(plic_new("plic", BASE));
	out_of_memory = false;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plic");
	TCase *t = tcase_create("plic");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, a_line_is_claimed_and_completed);
	tcase_add_test(t, a_line_that_stays_up_comes_again);
	tcase_add_test(t, a_pulse_is_kept);
	tcase_add_test(t, a_line_by_edge_comes_when_it_goes_up);
	tcase_add_test(t, the_highest_priority_comes_first);
	tcase_add_test(t, what_is_masked_is_not_heard);
	tcase_add_test(t, who_hears_of_it_may_claim_at_once);
	tcase_add_test(t, registers_keep_what_they_have_room_for);
	tcase_add_test(t, only_words_are_registers);
	tcase_add_test(t, reset_forgets_all_but_the_lines);
	tcase_add_test(t, without_memory_there_is_none);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
