/* SPDX-License-Identifier: MIT
 *
 * Keys as bytes: kbd_keycode() and the k_*() of drivers/tty/vt/keyboard.c, with its default key map.
 *
 * In raw modes a terminal gets key codes, those of up as well as of down. Else it gets characters and sequences; Shift, Ctrl, Alt and
 * the locks are the keyboard's, whichever terminal is in front.
 */
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include "emu/vt/vt.h"

enum { SHIFT = 1, ALTGR = 2, CTRL = 4, ALT = 8 };	/* vts.shifts: 1 << value of type 7 */
enum { SCROLL = 1, NUM = 2, CAPS = 4 };			/* vts.locks, as LEDs */
enum { LATIN = 0, FN = 1, SPEC = 2, PAD = 3, CURSOR = 6, MODIFIER = 7, LETTER = 11 };	/* types */
#define K_HOLE 0x200

static const struct { uint16_t plain, shifted; } map[KEY_MAX > 127 ? 128 : KEY_MAX] = {
#define KEY(code, a, b) [KEY_##code] = { a, b },
#include "emu/vt/keymap.def"
#undef KEY
};

int vt_key_entry(unsigned table, unsigned code)
{
	uint16_t v;

	if (table > 15)
		return -1;
	v = code >= sizeof map / sizeof *map ? 0 : table & SHIFT ? map[code].shifted : map[code].plain;
	if (table & CTRL && (v >> 8 == LETTER || (v >= 0x40 && v < 0x60)))
		v &= 0x1f;
	return v ? v : K_HOLE;
}

static void type(struct vt *v, const char *bytes, size_t len)
{
	tty_receive(&v->tty, bytes, len);
}

static void type_text(struct vt *v, const char *text)
{
	type(v, text, strlen(text));
}

/* A character, with Alt as this terminal has it: ESC before it, or its highest bit. */
static void type_char(struct vt *v, char c)
{
	char text[2] = { 0x1b, c };

	if (!(v->all->shifts & ALT))
		type(v, &c, 1);
	else if (v->meta == 3 /* K_METABIT */)
		type(v, &(char){ (char)(c | 0x80) }, 1);
	else
		type(v, text, 2);
}

/* With Ctrl: what the default map has for it. */
static char control(char c)
{
	switch (c) {
	case ' ': case '2': case '@': return 0;
	case '3': return 0x1b;
	case '4': return 0x1c;
	case '5': return 0x1d;
	case '6': case '~': return 0x1e;
	case '7': case '-': case '_': return 0x1f;
	case '8': case '/': case '?': return 0x7f;
	case '`': return 0;
	}
	return c >= '@' && c <= '~' ? c & 0x1f : c;
}

static void latin(struct vt *v, uint16_t entry)
{
	struct vts *s = v->all;
	char c = (char)entry;

	if (entry >> 8 == LETTER && s->locks & CAPS)
		c ^= 0x20;
	type_char(v, s->shifts & CTRL ? control(c) : c);
}

/* ESC [ A, or ESC O A if the application has asked for that (applkey()). */
static void cursor(struct vt *v, char key)
{
	char text[4] = { 0x1b, v->screen.application_keys ? 'O' : '[', key, 0 };

	type_text(v, text);
}

static void function(struct vt *v, unsigned n)
{
	static const uint8_t codes[] = { 0, 0, 0, 0, 0, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
					 1, 2, 3, 4, 5, 6 };	/* F1..F20, Home, Insert, Delete, End, PageUp, PageDown */
	char text[8];

	if (n >= sizeof codes || (n >= 5 && !codes[n]))
		return;
	if (n < 5)
		snprintf(text, sizeof text, "\033[[%c", (int)('A' + n));
	else
		snprintf(text, sizeof text, "\033[%u~", codes[n]);
	type_text(v, text);
}

/* k_pad() */
static void keypad(struct vt *v, unsigned n)
{
	static const char chars[] = "0123456789+-*/\r,.", application[] = "pqrstuvwxylSRQMnnmPQS";
	static const uint8_t keys[10] = { 21, 23, 0, 25, 1, 0, 2, 20, 3, 24 };	/* without Num Lock: function() or cursor */

	if (n >= sizeof chars - 1)
		return;
	if (v->screen.keypad && !(v->all->shifts & SHIFT)) {
		char text[4] = { 0x1b, 'O', application[n], 0 };

		type_text(v, text);
		return;
	}
	if (!(v->all->locks & NUM) && n < 10) {
		switch (n) {
		case 2: cursor(v, 'B'); break;
		case 4: cursor(v, 'D'); break;
		case 5: cursor(v, 'G'); break;
		case 6: cursor(v, 'C'); break;
		case 8: cursor(v, 'A'); break;
		default: function(v, keys[n]); break;
		}
		return;
	}
	if (!(v->all->locks & NUM) && n == 16) {
		function(v, 22);
		return;
	}
	type(v, &chars[n], 1);
	if (n == 14 && v->screen.newline)
		type(v, "\n", 1);
}

static void special(struct vt *v, unsigned n)
{
	struct vts *s = v->all;

	switch (n) {
	case 1:
		type_char(v, '\r');
		if (v->screen.newline)
			type(v, "\n", 1);
		break;
	case 7: s->locks ^= CAPS; break;
	case 8: s->locks ^= NUM; break;
	case 9:
		s->locks ^= SCROLL;
		if (s->locks & SCROLL)
			tty_stop(&v->tty);
		else
			tty_start(&v->tty);
		break;
	}
}

/* Alt-F1.. and Alt with left and right: another terminal. */
static bool switches(struct vts *s, uint16_t entry)
{
	unsigned n;

	if (!(s->shifts & ALT))
		return false;
	if (entry >> 8 == FN && (entry & 255) < VT_COUNT)
		n = (entry & 255) + 1;
	else if (entry == 0x601)
		n = s->active > 1 ? s->active - 1 : VT_COUNT;
	else if (entry == 0x602)
		n = s->active < VT_COUNT ? s->active + 1 : 1;
	else
		return false;
	vt_switch(s, n);
	return true;
}

static void modifier(struct vts *s, unsigned n, int value)
{
	if (value == 1)
		s->shifts |= (uint8_t)(1u << n);
	else if (!value)
		s->shifts &= (uint8_t)~(1u << n);
}

static void translated(struct vt *v, unsigned code)
{
	static const char arrows[] = "BDCA";
	uint16_t entry = (uint16_t)vt_key_entry(v->all->shifts & SHIFT, code);

	switch (entry >> 8) {
	case LATIN: case LETTER: latin(v, entry); break;
	case FN: function(v, entry & 255); break;
	case SPEC: special(v, entry & 255); break;
	case PAD: keypad(v, entry & 255); break;
	case CURSOR: cursor(v, arrows[entry & 3]); break;
	}
}

/* K_MEDIUMRAW; K_RAW is the same for codes that have only one byte, and nothing for others (emulate_raw()). */
static void raw(struct vt *v, unsigned code, bool up)
{
	uint8_t flag = up ? 0x80 : 0, bytes[3] = { flag, (uint8_t)(code >> 7 | 0x80), (uint8_t)(code | 0x80) };

	if (code < 128)
		type(v, &(char){ (char)(code | flag) }, 1);
	else if (v->kb_mode == K_MEDIUMRAW)
		type(v, (const char *)bytes, sizeof bytes);
}

void vt_key(struct vts *s, unsigned code, int value)
{
	struct vt *v = vt_active(s);
	int entry = vt_key_entry(0, code);

	if (entry >> 8 == MODIFIER)
		modifier(s, (unsigned)entry & 255, value);
	else if (value && v->kb_mode != K_RAW && v->kb_mode != K_MEDIUMRAW && v->kb_mode != K_OFF && switches(s, (uint16_t)entry))
		return;
	if (!v->made || v->kb_mode == K_OFF)
		return;
	if (v->kb_mode == K_RAW || v->kb_mode == K_MEDIUMRAW)
		raw(v, code, !value);
	else if (value && entry >> 8 != MODIFIER && !(value == 2 && entry >> 8 == SPEC && entry != 0x201))
		translated(v, code);
}

static void events(struct input_handle *h, const struct input_value *values, unsigned count)
{
	struct vts *s = (struct vts *)(void *)((char *)h - offsetof(struct vts, keyboard));

	for (unsigned i = 0; i < count; i++)
		if (values[i].type == EV_KEY && values[i].code < BTN_MISC)
			vt_key(s, values[i].code, values[i].value);
}

void vt_listen(struct vts *s, struct input_device *d)
{
	static const struct input_handler handler = { .name = "kbd", .events = events };

	s->keyboard.handler = &handler;
	strcpy(s->keyboard.name, "kbd");
	s->keyboard.open = 1;
	input_handle_add(&s->keyboard, d);
}
