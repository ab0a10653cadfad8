/* SPDX-License-Identifier: MIT
 *
 * Keys of a virtual terminal as bytes: characters, sequences, modifiers, locks, raw modes, other terminals.
 */
#include <linux/input-event-codes.h>
#include "emu/kernel/tasks.h"
#include "emu/vt/vt.h"
#include "tests/unit/fs_kit.h"

static struct vts s;

static void nothing(struct tty *t)
{
	size_t len;

	while (tty_out_data(t, &len))
		tty_out_taken(t, len);
}

static void up(void)
{
	static const struct tty_driver driver = { .drain = nothing };

	kit_up();
	(void)user_cred;
	ck_assert_int_eq(tasks_new(m), 0);
	memset(&s, 0, sizeof s);
	s.machine = m;
	s.active = 1;
	for (unsigned i = 0; i < VT_COUNT; i++) {
		struct vt *v = &s.vt[i];

		v->all = &s;
		v->number = i + 1;
		v->made = true;
		v->kb_mode = K_UNICODE;
		v->meta = 4;
		ck_assert_int_eq(vt_screen_init(&v->screen, 25, 80), 0);
		ck_assert_int_eq(tty_init(&v->tty, m, "tty", vfs_makedev(4, i + 1), &driver, v), 0);
		v->tty.termios.lflag = 0;	/* neither lines nor echo */
		v->tty.termios.iflag = 0;
	}
}

static void down(void)
{
	for (unsigned i = 0; i < VT_COUNT; i++) {
		tty_fini(&s.vt[i].tty);
		vt_screen_fini(&s.vt[i].screen);
	}
	tasks_free(m);
	kit_down();
}

static void press(unsigned code)
{
	vt_key(&s, code, 1);
	vt_key(&s, code, 0);
}

/* What the terminal in front has got since this was last asked. */
static void got(const char *want, size_t len)
{
	char buf[256];
	struct tty *tty = &s.vt[s.active - 1].tty;
	int64_t n = tty_in_count(tty) ? tty_take(tty, buf, sizeof buf) : 0;

	ck_assert_int_eq(n, (int64_t)len);
	ck_assert_int_eq(memcmp(buf, want, len), 0);
}
#define GOT(want) got(want, sizeof want - 1)

START_TEST(characters)
{
	static const unsigned keys[] = { KEY_A, KEY_Z, KEY_1, KEY_0, KEY_SPACE, KEY_MINUS, KEY_APOSTROPHE, KEY_BACKSLASH, KEY_102ND, KEY_TAB };

	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		press(keys[i]);
	GOT("az10 -'\\<\t");
	vt_key(&s, KEY_RIGHTSHIFT, 1);
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		press(keys[i]);
	vt_key(&s, KEY_RIGHTSHIFT, 0);
	GOT("AZ!) _\"|>\t");
	press(KEY_ENTER);
	press(KEY_BACKSPACE);
	press(KEY_ESC);
	GOT("\r\177\033");
	s.vt[0].screen.newline = true;
	press(KEY_ENTER);
	GOT("\r\n");
	vt_key(&s, KEY_A, 1);
	vt_key(&s, KEY_A, 2);
	vt_key(&s, KEY_A, 2);
	vt_key(&s, KEY_A, 0);
	GOT("aaa");
	press(KEY_MUTE);			/* has no meaning */
	press(KEY_MAX);
	press(4000000000u);
	GOT("");
}
END_TEST

START_TEST(modifiers_and_locks)
{
	vt_key(&s, KEY_LEFTCTRL, 1);
	press(KEY_A);
	press(KEY_C);
	press(KEY_LEFTBRACE);
	press(KEY_SPACE);
	press(KEY_SLASH);
	press(KEY_MINUS);
	press(KEY_6);
	vt_key(&s, KEY_LEFTCTRL, 0);
	GOT("\001\003\033\0\177\037\036");
	vt_key(&s, KEY_LEFTALT, 1);
	press(KEY_X);
	GOT("\033x");
	s.vt[0].meta = 3;
	press(KEY_X);
	GOT("\xf8");
	vt_key(&s, KEY_LEFTALT, 0);
	press(KEY_CAPSLOCK);
	ck_assert_uint_eq(s.locks, 4);
	press(KEY_A);
	press(KEY_1);
	vt_key(&s, KEY_LEFTSHIFT, 1);
	press(KEY_A);
	vt_key(&s, KEY_LEFTSHIFT, 0);
	vt_key(&s, KEY_CAPSLOCK, 1);
	vt_key(&s, KEY_CAPSLOCK, 2);		/* held down: once */
	vt_key(&s, KEY_CAPSLOCK, 0);
	press(KEY_A);
	GOT("A1aa");
}
END_TEST

START_TEST(sequences)
{
	press(KEY_UP);
	press(KEY_DOWN);
	press(KEY_LEFT);
	press(KEY_RIGHT);
	GOT("\033[A\033[B\033[D\033[C");
	s.vt[0].screen.application_keys = true;
	press(KEY_UP);
	GOT("\033OA");
	s.vt[0].screen.application_keys = false;
	press(KEY_HOME);
	press(KEY_INSERT);
	press(KEY_DELETE);
	press(KEY_END);
	press(KEY_PAGEUP);
	press(KEY_PAGEDOWN);
	GOT("\033[1~\033[2~\033[3~\033[4~\033[5~\033[6~");
	press(KEY_F1);
	press(KEY_F5);
	press(KEY_F6);
	press(KEY_F10);
	press(KEY_F11);
	press(KEY_F12);
	GOT("\033[[A\033[[E\033[17~\033[21~\033[23~\033[24~");
}
END_TEST

START_TEST(the_keypad)
{
	press(KEY_KP8);
	press(KEY_KP7);
	press(KEY_KP0);
	press(KEY_KPDOT);
	press(KEY_KPPLUS);
	press(KEY_KPENTER);
	GOT("\033[A\033[1~\033[2~\033[3~+\r");
	press(KEY_NUMLOCK);
	press(KEY_KP8);
	press(KEY_KP7);
	press(KEY_KP0);
	press(KEY_KPDOT);
	press(KEY_KPSLASH);
	GOT("870./");
	s.vt[0].screen.keypad = true;
	press(KEY_KP5);
	GOT("\033Ou");
}
END_TEST

START_TEST(raw_modes)
{
	s.vt[0].kb_mode = K_MEDIUMRAW;
	press(KEY_A);
	vt_key(&s, KEY_LEFTSHIFT, 1);
	press(KEY_MICMUTE);			/* 248: more than a byte has */
	vt_key(&s, KEY_LEFTSHIFT, 0);
	GOT("\036\236\052\0\201\370\200\201\370\252");
	s.vt[0].kb_mode = K_RAW;
	press(KEY_A);
	press(KEY_MICMUTE);
	GOT("\036\236");
	s.vt[0].kb_mode = K_OFF;
	press(KEY_A);
	GOT("");
}
END_TEST

START_TEST(alt_and_f_switch)
{
	vt_key(&s, KEY_LEFTALT, 1);
	press(KEY_F3);
	ck_assert_uint_eq(s.active, 3);
	press(KEY_LEFT);
	ck_assert_uint_eq(s.active, 2);
	press(KEY_RIGHT);
	press(KEY_RIGHT);
	ck_assert_uint_eq(s.active, 4);
	press(KEY_F12);				/* no such terminal: a key like others */
	vt_key(&s, KEY_LEFTALT, 0);
	GOT("\033[24~");
	press(KEY_Q);
	GOT("q");
	s.vt[3].kd_mode = KD_GRAPHICS;		/* it could not be asked to stop drawing */
	vt_key(&s, KEY_LEFTALT, 1);
	press(KEY_F1);
	ck_assert_uint_eq(s.active, 4);
	s.vt[3].kd_mode = KD_TEXT;
	s.vt[3].kb_mode = K_MEDIUMRAW;		/* and whoever has raw keys has all of them */
	press(KEY_F1);
	ck_assert_uint_eq(s.active, 4);
	s.vt[3].kb_mode = K_XLATE;
	s.locked = true;
	press(KEY_F1);
	ck_assert_uint_eq(s.active, 4);
	s.locked = false;
	press(KEY_F1);
	ck_assert_uint_eq(s.active, 1);
	GOT("");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vt_keyboard");
	TCase *t = tcase_create("vt_keyboard");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, characters);
	tcase_add_test(t, modifiers_and_locks);
	tcase_add_test(t, sequences);
	tcase_add_test(t, the_keypad);
	tcase_add_test(t, raw_modes);
	tcase_add_test(t, alt_and_f_switch);
	suite_add_tcase(suite, t);
	return kit_run(suite);
}
