/* SPDX-License-Identifier: MIT
 *
 * The text screen: what bytes make of cells, by what is to be seen afterwards.
 */
#include "emu/vt/screen.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/vt/font.h"

static struct vt_screen s;
static char answers[200];
static bool out_of_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return out_of_memory ? NULL : __real_calloc(n, size);
}

static void answer(void *owner, const char *bytes, size_t len)
{
	ck_assert_ptr_eq(owner, &s);
	strncat(answers, bytes, len);
}

static void up(void)
{
	ck_assert_int_eq(vt_screen_init(&s, 5, 10), 0);
	s.reply = answer;
	s.owner = &s;
	answers[0] = 0;
}

static void down(void)
{
	vt_screen_fini(&s);
}

static void put(const char *text)
{
	vt_screen_write(&s, text, strlen(text));
}

/* All rows, without what is blank at their ends; above 127 as "?". */
static const char *text(void)
{
	static char buf[VT_ROWS_MAX * 64];
	char *out = buf;

	for (unsigned row = 0; row < s.rows; row++) {
		char *end = out;

		for (unsigned i = 0; i < s.columns; i++) {
			uint32_t c = vt_screen_at(&s, row, i)->character;

			*out++ = !c ? '<' : c < 128 ? (char)c : '?';
			if (c != ' ')
				end = out;
		}
		out = end;
		*out++ = '|';
	}
	*out = 0;
	return buf;
}

#define SHOWS(bytes, want) do { vt_screen_reset(&s); put(bytes); ck_assert_str_eq(text(), want); } while (0)
#define CURSOR(r, c) ck_assert_msg(s.cursor.row == (r) && s.cursor.column == (c), "at %u,%u", s.cursor.row, s.cursor.column)

START_TEST(text_fills_lines)
{
	SHOWS("", "|||||");
	SHOWS("one\r\ntwo", "one|two||||");
	SHOWS("one\ntwo", "one|   two||||");
	SHOWS("0123456789", "0123456789|||||");
	CURSOR(0, 9);
	SHOWS("0123456789A", "0123456789|A||||");
	SHOWS("0123456789\r\nA", "0123456789|A||||");
	SHOWS("0123456789\bA", "012345678A|||||");
	SHOWS("\033[?7l0123456789ABC", "012345678C|||||");
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\r\nf", "b|c|d|e|f|");
	SHOWS("ab\bC\bD", "aD|||||");
	SHOWS("a\tb", "a       b|||||");
	SHOWS("a\t\tb", "a        b|||||");
	SHOWS("a\007b\177c", "abc|||||");
	ck_assert(s.bell);
}
END_TEST

START_TEST(utf8_is_one_cell)
{
	SHOWS("\xc3\xa9\xe2\x82\xac\xf0\x90\x8d\x88x", "???x|||||");
	ck_assert_uint_eq(vt_screen_at(&s, 0, 0)->character, 0xe9);
	ck_assert_uint_eq(vt_screen_at(&s, 0, 1)->character, 0x20ac);
	ck_assert_uint_eq(vt_screen_at(&s, 0, 2)->character, 0x10348);
	SHOWS("\xe2\x82x\xff\x80y", "?x??y|||||");
	ck_assert_uint_eq(vt_screen_at(&s, 0, 0)->character, 0xfffd);
	SHOWS("\xc0\xafz", "??z|||||");			/* too long */
	SHOWS("\xe0\x80\xafz", "?z|||||");
	SHOWS("\xed\xa0\x80z", "?z|||||");		/* half a pair */
	SHOWS("\xf4\x90\x80\x80z", "?z|||||");		/* beyond the end */
	SHOWS("\xe2\033[1mx", "?x|||||");
	SHOWS("e\xcc\x81x", "ex|||||");			/* no place of its own */
	SHOWS("\xe4\xb8\xad-", "?<-|||||");		/* two cells */
	SHOWS("123456789\xe4\xb8\xad", "123456789|?<||||");
	SHOWS("\033%@\xc3\xa9", "??|||||");
	ck_assert_uint_eq(vt_screen_at(&s, 0, 0)->character, 0xc3);
}
END_TEST

START_TEST(the_cursor_moves)
{
	SHOWS("\033[3;4Hx", "||   x|||");
	SHOWS("\033[99;99Hx", "||||         x|");
	SHOWS("\033[Hx\033[0;0Hy", "y|||||");
	SHOWS("\033[3;4H\033[Ax", "|   x||||");
	SHOWS("\033[3;4H\033[9Ax\033[2Bx", "   x||    x|||");
	SHOWS("\033[3;4H\033[2Cx\033[2Dy", "||    yx|||");
	SHOWS("\033[3;4H\033[99Cx", "||         x|||");
	SHOWS("\033[3;4H\033[Ex\033[3Fy", "y|||x||");
	SHOWS("\033[3;4H\033[8Gx\033[2dy", "|        y|       x|||");
	SHOWS("ab\0337cd\0338X", "abXd|||||");
	SHOWS("ab\033[scd\033[uX", "abXd|||||");
	SHOWS("a\033Db\033Ec\033Md", "a| d|c|||");
	SHOWS("a\033Mb", " b|a||||");		/* above the first line */
	SHOWS("\033[3g\tx", "         x|||||");
	SHOWS("ab\033H\r\t^", "ab^|||||");
}
END_TEST

START_TEST(cells_are_erased_inserted_deleted)
{
	SHOWS("0123456789\033[1;4H\033[K", "012|||||");
	SHOWS("0123456789\033[1;4H\033[1K", "    456789|||||");
	SHOWS("0123456789\033[1;4H\033[2K", "|||||");
	SHOWS("a\r\nb\r\nc\033[2;1H\033[J", "a|||||");
	SHOWS("a\r\nb\r\nc\033[2;1H\033[1J", "||c|||");
	SHOWS("a\r\nb\r\nc\033[2J", "|||||");
	SHOWS("0123456789\033[1;4H\033[2P", "01256789|||||");
	SHOWS("0123456789\033[1;4H\033[99P", "012|||||");
	SHOWS("0123456789\033[1;4H\033[2@", "012  34567|||||");
	SHOWS("0123456789\033[1;4H\033[99@", "012|||||");
	SHOWS("0123456789\033[1;4H\033[2X", "012  56789|||||");
	SHOWS("0123\033[1;2H\033[4hAB\033[4lC", "0ABC23|||||");
	SHOWS("a\r\nb\r\nc\033[2;1H\033[L", "a||b|c||");
	SHOWS("a\r\nb\r\nc\033[2;1H\033[M", "a|c||||");
	SHOWS("a\r\nb\r\nc\033[2;1H\033[99M", "a|||||");
}
END_TEST

START_TEST(a_part_scrolls)
{
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\033[2;4r\033[4;1H\nX", "a|c|d|X|e|");
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\033[2;4r\033[2;1H\033MX", "a|X|b|c|e|");
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\033[2;4r\033[5;1H\nX", "a|b|c|d|X|");
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\033[2;4r\033[3;1H\033[L", "a|b||c|e|");
	SHOWS("a\r\nb\r\nc\r\nd\r\ne\033[2;4r\033[5;1H\033[L", "a|b|c|d|e|");
	SHOWS("\033[2;4r\033[?6h\033[1;1Hx\033[9;1Hy", "|x||y||");
	SHOWS("\033[4;2rx", "x|||||");		/* no part */
}
END_TEST

START_TEST(attributes)
{
	const struct vt_attr *a;

	put("\033[1;4;7;31;42mx");
	a = &vt_screen_at(&s, 0, 0)->attr;
	ck_assert(a->bold && a->underline && a->reverse && a->foreground == 1 && a->background == 2);
	put("\033[22;24;27;39;49mx");
	a = &vt_screen_at(&s, 0, 1)->attr;
	ck_assert(!a->bold && !a->underline && !a->reverse && a->foreground == 7 && a->background == 0);
	put("\033[2;5;94;103mx");
	a = &vt_screen_at(&s, 0, 2)->attr;
	ck_assert(a->dim && a->blink && a->foreground == 12 && a->background == 11);
	put("\033[mx");
	a = &vt_screen_at(&s, 0, 3)->attr;
	ck_assert(!a->dim && !a->blink && a->foreground == 7 && a->background == 0);
	put("\033[38;5;9;48;2;0;0;160mx");
	a = &vt_screen_at(&s, 0, 4)->attr;
	ck_assert(a->foreground == 9 && a->background == 4);
	put("\033[38;5;46;48;5;232mx");
	a = &vt_screen_at(&s, 0, 5)->attr;
	ck_assert(a->foreground == 10 && a->background == 0);
	put("\033[0;41m\033[2J");			/* what is erased has the background */
	ck_assert_uint_eq(vt_screen_at(&s, 4, 9)->attr.background, 1);
	put("\033]P1123456");
	ck_assert_uint_eq(s.colour[1], 0x123456);
	put("\033]P1xyzxyz");
	ck_assert_uint_eq(s.colour[1], 0x123456);
	put("\033]R");
	ck_assert_uint_eq(s.colour[1], 0xaa0000);
}
END_TEST

START_TEST(questions_are_answered)
{
	put("\033[5n\033[3;4H\033[6n\033[c\033Z");
	ck_assert_str_eq(answers, "\033[0n\033[3;4R\033[?6c\033[?6c");
	s.reply = NULL;
	put("\033[5n");
}
END_TEST

START_TEST(what_is_not_known_leaves_no_trace)
{
	SHOWS("a\033]0;a title\007b", "ab|||||");
	SHOWS("a\033]0;a title\033\\b", "ab|||||");
	SHOWS("a\033Psomething\033\\b", "ab|||||");
	SHOWS("a\033[?2004h\033[>c\033[99zb", "ab|||||");
	SHOWS("a\033[[Ab\033#8c", "abc|||||");
	SHOWS("a\033[12\030b", "ab|||||");		/* CAN */
	SHOWS("a\033[\nCb", "a|  b||||");			/* controls act in the middle */
	SHOWS("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19mx", "x|||||");
	SHOWS("\033[99999999999999999999;1Hx", "||||x|");
	SHOWS("\033(0lqk\033(Bx", "???x|||||");
	ck_assert_uint_eq(vt_screen_at(&s, 0, 0)->character, 0x250c);
}
END_TEST

START_TEST(only_changed_rows_are_dirty)
{
	s.dirty_from = s.dirty_to = 0;
	put("x");
	ck_assert(s.dirty_from == 0 && s.dirty_to == 1);
	s.dirty_from = s.dirty_to = 0;
	put("\033[4;1H");			/* the cursor, where it was and where it is */
	ck_assert(s.dirty_from == 0 && s.dirty_to == 4);
	s.dirty_from = s.dirty_to = 0;
	put("y");
	ck_assert(s.dirty_from == 3 && s.dirty_to == 4);
	s.dirty_from = s.dirty_to = 0;
	put("\n\n");
	ck_assert(s.dirty_from == 0 && s.dirty_to == 5);
}
END_TEST

START_TEST(sizes_change)
{
	put("0123456789\r\nb\r\nc\r\nd\r\ne");
	ck_assert_int_eq(vt_screen_resize(&s, 3, 4), 0);
	ck_assert_str_eq(text(), "c|d|e|");
	CURSOR(2, 1);
	ck_assert_int_eq(vt_screen_resize(&s, 6, 12), 0);
	ck_assert_str_eq(text(), "c|d|e||||");
	put("\033[99;99Hx");
	CURSOR(5, 11);
	ck_assert_int_eq(vt_screen_resize(&s, 0, 12), -EINVAL);
	ck_assert_int_eq(vt_screen_resize(&s, 257, 12), -EINVAL);
	ck_assert_int_eq(vt_screen_resize(&s, 5, 513), -EINVAL);
	out_of_memory = true;
	ck_assert_int_eq(vt_screen_resize(&s, 9, 9), -ENOMEM);
	out_of_memory = false;
	ck_assert(s.rows == 6 && s.columns == 12);
	out_of_memory = true;
	struct vt_screen other;
	ck_assert_int_eq(vt_screen_init(&other, 2, 2), -ENOMEM);
	out_of_memory = false;
}
END_TEST

/* Bytes that chance chose, on small and on changing screens: under a sanitizer it would be seen if anything lay outside. */
START_TEST(random_bytes_stay_inside)
{
	static const char common[] = "\033[;0123456789ABCDEFGHJKLMPXhlmr@?78\n\r\b\t\xe4\xb8\xad x";
	uint32_t seed = 1;

	for (unsigned i = 0; i < 300000; i++) {
		char c;

		seed = seed * 1664525 + 1013904223;
		c = seed >> 30 ? common[(seed >> 8) % (sizeof common - 1)] : (char)(seed >> 16);
		vt_screen_write(&s, &c, 1);
		ck_assert(s.cursor.row < s.rows && s.cursor.column < s.columns && s.top < s.bottom && s.bottom <= s.rows);
		if (i % 1000 == 0)
			ck_assert_int_eq(vt_screen_resize(&s, 1 + (seed >> 9) % 7, 1 + (seed >> 13) % 20), 0);
	}
}
END_TEST

static bool same(uint32_t a, uint32_t b)
{
	uint8_t one[FONT_HEIGHT], other[FONT_HEIGHT];

	font_glyph(a, one);
	font_glyph(b, other);
	return !memcmp(one, other, sizeof one);
}

START_TEST(characters_have_pixels)
{
	uint8_t rows[FONT_HEIGHT], all = 0;

	for (uint32_t c = ' '; c < 127; c++) {
		ck_assert(font_glyph(c, rows));
		for (uint32_t d = ' '; d < c; d++)
			ck_assert_msg(!same(c, d), "%c and %c", (int)c, (int)d);
		for (unsigned y = 0; y < FONT_HEIGHT; y++)
			all |= rows[y];
	}
	ck_assert_uint_eq(all, 0x7e);			/* a gap on both sides */
	for (uint32_t c = 0xc0; c < 0x100; c++)
		ck_assert_msg(font_glyph(c, rows) || c == 0xd0 || c == 0xde || c == 0xfe, "%x", c);
	ck_assert(font_glyph(0x253c, rows) && rows[0] == 0x18 && rows[7] == 0xff && rows[15] == 0x18);
	ck_assert(font_glyph(0x2588, rows) && rows[0] == 0xff && rows[15] == 0xff);
	ck_assert(font_glyph(0x2584, rows) && !rows[7] && rows[8] == 0xff);
	ck_assert(!font_glyph(0x4e2d, rows) && same(0x4e2d, 0xfffd));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vt_screen");
	TCase *t = tcase_create("vt_screen");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, text_fills_lines);
	tcase_add_test(t, utf8_is_one_cell);
	tcase_add_test(t, the_cursor_moves);
	tcase_add_test(t, cells_are_erased_inserted_deleted);
	tcase_add_test(t, a_part_scrolls);
	tcase_add_test(t, attributes);
	tcase_add_test(t, questions_are_answered);
	tcase_add_test(t, what_is_not_known_leaves_no_trace);
	tcase_add_test(t, only_changed_rows_are_dirty);
	tcase_add_test(t, sizes_change);
	tcase_add_test(t, random_bytes_stay_inside);
	tcase_add_test(t, characters_have_pixels);
	suite_add_tcase(suite, t);
	r = srunner_create(suite);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
