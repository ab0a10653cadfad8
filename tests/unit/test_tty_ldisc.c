/* SPDX-License-Identifier: MIT
 *
 * The line discipline by itself: what is typed, what is shown, what a reader gets.
 */
#include <poll.h>
#include "emu/kernel/tasks.h"
#include "emu/tty/tty.h"
#include "tests/unit/fs_kit.h"

static struct tty tty;
static struct file *file;
static char shown[65536];
static size_t shown_len;
static size_t driver_room;	/* what the driver takes in one go; SIZE_MAX: all */

static void drain(struct tty *t)
{
	const uint8_t *data;
	size_t len;

	while (driver_room && (data = tty_out_data(t, &len))) {
		if (len > driver_room)
			len = driver_room;
		ck_assert_uint_lt(shown_len + len, sizeof shown);
		memcpy(shown + shown_len, data, len);
		shown_len += len;
		tty_out_taken(t, len);
		if (driver_room != SIZE_MAX)
			driver_room -= len;
	}
}

static void up(void)
{
	static const struct tty_driver driver = { .drain = drain };
	struct inode *i;

	kit_up();
	(void)user_cred;
	ck_assert_int_eq(tasks_new(m), 0);
	memset(&tty, 0, sizeof tty);
	ck_assert_int_eq(tty_init(&tty, m, "test", vfs_makedev(4, 64), &driver, NULL), 0);
	i = vfs_anon_inode(m, S_IFCHR | 0600);
	file = file_new(i, &tty_file_ops, O_RDWR);
	inode_put(i);
	ck_assert_int_eq(tty_open(&tty, file), 0);
	shown_len = 0;
	driver_room = SIZE_MAX;
}

static void down(void)
{
	file_put(file);
	tty_fini(&tty);
	tasks_free(m);
	kit_down();
}

static void type(const char *text)
{
	ck_assert_uint_eq(tty_receive(&tty, text, strlen(text)), strlen(text));
}

/* One read of up to `size` bytes gives exactly `want`; NULL: would block. */
static void reads_of(size_t size, const char *want)
{
	char buf[8192];
	int64_t n = file_read(file, buf, size, NULL);

	if (!want) {
		ck_assert_int_eq(n, -EAGAIN);
		return;
	}
	ck_assert_int_eq(n, (int64_t)strlen(want));
	ck_assert_int_eq(memcmp(buf, want, strlen(want)), 0);
}

static void reads(const char *want) { reads_of(8192, want); }

static void shows(const char *want)
{
	shown[shown_len] = 0;
	ck_assert_str_eq(shown, want);
	shown_len = 0;
}

START_TEST(lines)
{
	type("ab");
	reads(NULL);
	type("c\r");			/* ICRNL */
	shows("abc\r\n");
	reads("abc\n");
	reads(NULL);
	type("one\ntwo\n");
	reads("one\n");			/* one line at a time */
	reads_of(2, "tw");
	reads("o\n");
}
END_TEST

START_TEST(end_of_file)
{
	type("\4");
	reads("");
	reads(NULL);
	type("ab\4");			/* pushes an unfinished line */
	reads("ab");
	reads(NULL);
	type("abc\4");
	reads_of(3, "abc");		/* the EOF right behind the bytes asked for goes with them */
	reads(NULL);
	type("abc\4");
	reads_of(2, "ab");
	reads("c");
	shown_len = 0;
	type("\4");
	shows("");			/* EOF is not echoed */
	tty.termios.cc[TTY_VEOL] = 'x';
	type("abx");
	reads("");
	reads("abx");
}
END_TEST

START_TEST(erasing)
{
	type("abc\177\177");
	shows("abc\b \b\b \b");
	type("\n");
	reads("a\n");
	type("\177");			/* nothing to erase: nothing shown */
	shown_len = 0;
	type("\177");
	shows("");
	type("a\1\177");		/* ^A takes two places */
	shows("a^A\b \b\b \b");
	type("\25");			/* kill */
	shows("\b \b");
	type("foo bar_1  \27");		/* word: blanks, then the word */
	shows("foo bar_1  \b \b\b \b\b \b\b \b\b \b\b \b\b \b");
	type("\27");
	shows("\b \b\b \b\b \b\b \b");
	type("x\n");
	reads("x\n");
}
END_TEST

START_TEST(erasing_a_tab)
{
	ck_assert_int_eq(file_write(file, "$ ", 2, NULL), 2);
	shown_len = 0;
	type("ab\tc\177\177");
	/* "$ ab" is 4 wide: the tab went from 4 to 8 */
	shows("ab\tc\b \b\b\b\b\b");
	type("\n");
	reads("ab\n");
}
END_TEST

START_TEST(erasing_utf8)
{
	tty.termios.iflag |= TTY_IUTF8;
	type("a\303\244\177");
	shows("a\303\244\b \b");
	type("\n");
	reads("a\n");
	tty.termios.iflag &= ~(uint32_t)TTY_IUTF8;
	type("a\303\244\177\n");
	reads("a\303\n");
}
END_TEST

START_TEST(other_ways_to_erase)
{
	tty.termios.lflag &= ~(uint32_t)(TTY_ECHOE | TTY_ECHOKE);
	type("ab\177");
	shows("ab^?");
	type("c\25");
	shows("c^U\r\n");
	tty.termios.lflag |= TTY_ECHOPRT;
	type("abc\177\177d\n");
	shows("abc\\cb/d\r\n");
	reads("ad\n");
	tty.termios.lflag &= ~(uint32_t)TTY_ECHO;
	type("xyz\25q\n");
	shows("");
	reads("q\n");
}
END_TEST

START_TEST(literal_and_reprint)
{
	type("a\26\4b\26\3");		/* VLNEXT EOF, VLNEXT INTR */
	shows("a^\b^Db^\b^C");
	type("\22");			/* reprint */
	shows("^R\r\na^Db^C");
	type("\n");
	reads("a\4b\3\n");
}
END_TEST

START_TEST(cr_and_nl)
{
	tty.termios.iflag = TTY_INLCR;
	tty.termios.lflag &= ~(uint32_t)TTY_ICANON;
	type("\r\n");
	reads("\r\r");
	tty.termios.iflag = TTY_IGNCR;
	type("a\rb");
	reads("ab");
	tty.termios.iflag = TTY_ISTRIP;
	type("\301");
	reads("A");
	tty.termios.iflag = TTY_IUCLC;
	type("AbC");
	reads("abc");
	tty.termios.iflag = TTY_PARMRK;
	type("\377");
	reads("\377\377");
}
END_TEST

START_TEST(signals_flush)
{
	type("abc\n");
	type("def\3");
	reads(NULL);
	shows("abc\r\ndef^C");
	tty.termios.lflag |= TTY_NOFLSH;
	type("abc\n\34");
	reads("abc\n");
	tty.termios.lflag &= ~(uint32_t)TTY_ISIG;
	type("\3\n");
	reads("\3\n");
}
END_TEST

START_TEST(flow)
{
	type("\23");			/* ^S */
	ck_assert_int_eq(file_write(file, "held", 4, NULL), 4);
	shows("");
	ck_assert_uint_eq(tty_out_pending(&tty), 4);
	type("\21");			/* ^Q */
	shows("held");
	type("\23");
	tty.termios.iflag |= TTY_IXANY;
	ck_assert_int_eq(file_write(file, "x", 1, NULL), 1);
	type("a");
	shows("xa");
	tty.termios.iflag &= ~(uint32_t)TTY_IXON;
	type("\23\n");
	reads("a\23\n");
}
END_TEST

START_TEST(output)
{
	ck_assert_int_eq(file_write(file, "a\nb\tc\b\r", 7, NULL), 7);
	shows("a\r\nb\tc\b\r");
	tty.termios.oflag |= TTY_XTABS | TTY_ONOCR;
	ck_assert_int_eq(file_write(file, "\rab\tc\r", 6, NULL), 6);
	shows("ab      c\r");
	tty.termios.oflag = TTY_OPOST | TTY_OCRNL | TTY_OLCUC;
	ck_assert_int_eq(file_write(file, "ab\r\n", 4, NULL), 4);
	shows("AB\n\n");
	tty.termios.oflag = 0;
	ck_assert_int_eq(file_write(file, "ab\r\n", 4, NULL), 4);
	shows("ab\r\n");
}
END_TEST

START_TEST(slow_output)
{
	static char text[100000];
	int64_t n, total = 0;

	memset(text, 'x', sizeof text);
	driver_room = 0;
	n = file_write(file, text, sizeof text, NULL);
	ck_assert_int_eq(n, TTY_OUTPUT);
	ck_assert_int_eq(file_write(file, text, 1, NULL), -EAGAIN);
	ck_assert_uint_eq(file_poll(file, NULL) & POLLOUT, 0);
	/* Echo still has room, and is lost rather than let in without bounds. */
	for (int i = 0; i < 10000; i++)
		tty_receive(&tty, "e", 1);
	ck_assert_uint_le(tty_out_pending(&tty), tty.out_size);
	driver_room = 40000;
	tty_out_drain(&tty);
	ck_assert_uint_ne(file_poll(file, NULL) & POLLOUT, 0);
	shown_len = 0;
	driver_room = 20000;
	while ((n = file_write(file, text, sizeof text - (size_t)total, NULL)) > 0)
		total += n;
	ck_assert_int_eq(total, 20000 + TTY_OUTPUT);
}
END_TEST

START_TEST(raw)
{
	tty.termios.lflag = 0;
	tty.termios.iflag = 0;
	reads(NULL);
	ck_assert_uint_eq(file_poll(file, NULL) & POLLIN, 0);
	type("\3a\r");
	ck_assert_uint_ne(file_poll(file, NULL) & POLLIN, 0);
	reads("\3a\r");
	shows("");
	tty.termios.cc[TTY_VMIN] = 0;
	reads("");			/* a poll: nothing there */
	tty.termios.cc[TTY_VMIN] = 3;
	type("ab");
	ck_assert_uint_eq(file_poll(file, NULL) & POLLIN, 0);
	reads(NULL);
	reads_of(2, "ab");		/* as much as was asked for is enough */
	type("cd");
	file->flags |= O_NONBLOCK;
	reads("cd");
	file->flags &= ~(uint32_t)O_NONBLOCK;
	type("efgh");
	reads("efgh");
}
END_TEST

START_TEST(changing_modes)
{
	struct tty_termios old = tty.termios;

	type("abc");			/* no line yet */
	tty.termios.lflag &= ~(uint32_t)TTY_ICANON;
	tty_mode_changed(&tty, &old);
	reads_of(2, "ab");
	old = tty.termios;
	tty.termios.lflag |= TTY_ICANON;
	tty_mode_changed(&tty, &old);
	reads("c");			/* what was there counts as a line */
	type("de\4");
	old = tty.termios;
	tty.termios.lflag &= ~(uint32_t)TTY_ICANON;
	tty_mode_changed(&tty, &old);
	ck_assert_int_eq(file_read(file, (char[8]){ 0 }, 8, NULL), 3);	/* d, e and the EOF, a NUL now */
}
END_TEST

START_TEST(a_full_buffer)
{
	char text[6000], got[8192];
	int64_t n;

	memset(text, 'x', sizeof text);
	/* An endless line: all is taken, the end still fits. */
	ck_assert_uint_eq(tty_receive(&tty, text, sizeof text), sizeof text);
	type("y\n");
	n = file_read(file, got, sizeof got, NULL);
	ck_assert_int_gt(n, 4000);
	ck_assert_int_le(n, 4096);
	ck_assert_int_eq(got[n - 1], '\n');
	/* With a line that can be read the rest has to wait. */
	type("line\n");
	ck_assert_uint_lt(tty_receive(&tty, text, sizeof text), 4096);
	ck_assert_uint_eq(tty_receive(&tty, text, 1), 0);
	reads("line\n");
	ck_assert_uint_eq(tty_receive(&tty, text, 1), 1);
	/* So does everything without lines. */
	tty_in_flush(&tty);
	tty.termios.lflag &= ~(uint32_t)TTY_ICANON;
	n = (int64_t)tty_receive(&tty, text, sizeof text);
	ck_assert_int_le(n, 4096);
	ck_assert_int_eq(file_read(file, got, sizeof got, NULL), n);
}
END_TEST

START_TEST(counting)
{
	type("ab\ncd\4ef");
	ck_assert_uint_eq(tty_in_count(&tty), 5);	/* "ab\n" and "cd": neither the EOF nor the rest */
	tty.termios.lflag &= ~(uint32_t)TTY_ICANON;
	ck_assert_uint_eq(tty_in_count(&tty), 8);
}
END_TEST

START_TEST(hanging_up)
{
	type("abc\n");
	tty_hangup(&tty, false);
	reads("");
	ck_assert_int_eq(file_write(file, "x", 1, NULL), -EIO);
	ck_assert_uint_ne(file_poll(file, NULL) & POLLHUP, 0);
	ck_assert_int_eq(tty_open(&tty, file), 0);
	reads(NULL);
}
END_TEST

/* Random typing and reading: nothing breaks, and the ring's positions stay in order. */
START_TEST(random_typing)
{
	static const char special[] = "\n\r\4\177\25\27\26\22\3\34\32\21\23\t\1ab \377\303\244";
	uint32_t x = 12345;

	for (int i = 0; i < 200000; i++) {
		char c, buf[300];

		x = x * 1664525 + 1013904223;
		c = special[(x >> 16) % (sizeof special - 1)];
		tty_receive(&tty, &c, 1);
		if ((x >> 8) % 64 == 0)
			file_read(file, buf, (x >> 20) % sizeof buf, NULL);
		if ((x >> 8) % 512 == 1) {
			struct tty_termios old = tty.termios;

			tty.termios.lflag ^= 1u << (x >> 24 & 15);
			tty.termios.iflag ^= 1u << (x >> 28);
			tty_mode_changed(&tty, &old);
		}
		shown_len = 0;
		ck_assert_uint_le(tty.head - tty.tail, TTY_INPUT);
		ck_assert_uint_le(tty.line - tty.tail, tty.head - tty.tail);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tty_ldisc");
	TCase *t = tcase_create("ldisc");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, lines);
	tcase_add_test(t, end_of_file);
	tcase_add_test(t, erasing);
	tcase_add_test(t, erasing_a_tab);
	tcase_add_test(t, erasing_utf8);
	tcase_add_test(t, other_ways_to_erase);
	tcase_add_test(t, literal_and_reprint);
	tcase_add_test(t, cr_and_nl);
	tcase_add_test(t, signals_flush);
	tcase_add_test(t, flow);
	tcase_add_test(t, output);
	tcase_add_test(t, slow_output);
	tcase_add_test(t, raw);
	tcase_add_test(t, changing_modes);
	tcase_add_test(t, a_full_buffer);
	tcase_add_test(t, counting);
	tcase_add_test(t, hanging_up);
	tcase_add_test(t, random_typing);
	suite_add_tcase(s, t);
	return kit_run(s);
}
