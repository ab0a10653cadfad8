/* SPDX-License-Identifier: MIT
 *
 * Escape sequences: do_con_trol() and csi_*() of drivers/tty/vt/vt.c, and what console_codes(4) says of them.
 */
#include "emu/vt/screen.h"

#include <stdio.h>
#include <string.h>

static uint32_t parameter(const struct vt_screen *s, unsigned i)
{
	return i < s->parameters ? s->parameter[i] : 0;
}

/* As a count: 0 is 1, and more than the screen has is no more than that. */
static int count(const struct vt_screen *s)
{
	uint32_t n = parameter(s, 0);

	return !n ? 1 : n > VT_COLUMNS_MAX ? (int)VT_COLUMNS_MAX : (int)n;
}

static void say(struct vt_screen *s, const char *text)
{
	if (s->reply)
		s->reply(s->owner, text, strlen(text));
}

/* --- Erasing, inserting, deleting --- */

/* ED */
static void erase_display(struct vt_screen *s, uint32_t how)
{
	unsigned row = s->cursor.row;

	if (how > 3)
		return;
	if (how == 0)
		vt_erase(s, row, s->cursor.column, s->columns);
	if (how == 1)
		vt_erase(s, row, 0, s->cursor.column + 1);
	for (unsigned i = 0; i < s->rows; i++)
		if (how >= 2 || (how == 0 ? i > row : i < row))
			vt_erase(s, i, 0, s->columns);
	s->cursor.wrap = false;
}

/* EL */
static void erase_line(struct vt_screen *s, uint32_t how)
{
	if (how <= 2)
		vt_erase(s, s->cursor.row, how == 0 ? s->cursor.column : 0, how == 1 ? s->cursor.column + 1 : s->columns);
	s->cursor.wrap = false;
}

/* ICH, DCH */
static void shift_cells(struct vt_screen *s, int n)
{
	unsigned left = s->columns - s->cursor.column, by = (unsigned)(n < 0 ? -n : n);
	struct vt_cell *at = vt_screen_at(s, s->cursor.row, s->cursor.column);

	if (by > left)
		by = left;
	if (n > 0) {
		memmove(at + by, at, (left - by) * sizeof *at);
		vt_erase(s, s->cursor.row, s->cursor.column, s->cursor.column + by);
	} else {
		memmove(at, at + by, (left - by) * sizeof *at);
		vt_erase(s, s->cursor.row, s->columns - by, s->columns);
	}
	s->cursor.wrap = false;
}

/* IL, DL: in the part that scrolls only. */
static void shift_lines(struct vt_screen *s, int n)
{
	if (s->cursor.row < s->top || s->cursor.row >= s->bottom)
		return;
	vt_scroll(s, s->cursor.row, s->bottom, -n);
	s->cursor.wrap = false;
}

/* --- Attributes --- */

/* The nearest of the sixteen: as many as a text cell has (rgb_foreground() of the kernel). */
static uint8_t nearest(uint32_t r, uint32_t g, uint32_t b)
{
	uint32_t most = r > g ? r : g, level;
	uint8_t hue;

	if (b > most)
		most = b;
	level = most / 2 + 32;
	hue = (uint8_t)((r > level ? 1 : 0) | (g > level ? 2 : 0) | (b > level ? 4 : 0));
	if (hue == 7 && most <= 0x55)
		return 8;
	return most > 0xaa ? hue | 8 : hue;
}

/* One of the 256 of xterm. */
static uint8_t of_256(uint32_t n)
{
	static const uint8_t step[] = { 0, 95, 135, 175, 215, 255 };

	if (n < 16)
		return (uint8_t)n;
	if (n < 232)
		return nearest(step[(n - 16) / 36], step[(n - 16) / 6 % 6], step[(n - 16) % 6]);
	if (n < 256)
		return nearest((n - 232) * 10 + 8, (n - 232) * 10 + 8, (n - 232) * 10 + 8);
	return 7;
}

/* 38 and 48: ;5;N or ;2;R;G;B. Returns the last parameter that was used. */
static unsigned extended(struct vt_screen *s, unsigned i, uint8_t *colour)
{
	if (parameter(s, i + 1) == 5 && i + 2 < s->parameters) {
		*colour = of_256(parameter(s, i + 2));
		return i + 2;
	}
	if (parameter(s, i + 1) == 2 && i + 4 < s->parameters) {
		*colour = nearest(parameter(s, i + 2) & 255, parameter(s, i + 3) & 255, parameter(s, i + 4) & 255);
		return i + 4;
	}
	return i;
}

/* csi_m() */
static void set_attributes(struct vt_screen *s)
{
	struct vt_attr *a = &s->cursor.attr;

	for (unsigned i = 0; i < (s->parameters ? s->parameters : 1); i++) {
		uint32_t p = parameter(s, i);

		switch (p) {
		case 0: vt_default_attr(a); break;
		case 1: a->bold = true; a->dim = false; break;
		case 2: a->dim = true; a->bold = false; break;
		case 4: a->underline = true; break;
		case 5: a->blink = true; break;
		case 7: a->reverse = true; break;
		case 10: s->cursor.graphics = false; break;
		case 21: a->underline = true; break;
		case 22: a->bold = a->dim = false; break;
		case 24: a->underline = false; break;
		case 25: a->blink = false; break;
		case 27: a->reverse = false; break;
		case 38: i = extended(s, i, &a->foreground); break;
		case 39: a->foreground = 7; break;
		case 48: i = extended(s, i, &a->background); break;
		case 49: a->background = 0; break;
		default:
			if (p >= 30 && p <= 37)
				a->foreground = (uint8_t)(p - 30);
			else if (p >= 40 && p <= 47)
				a->background = (uint8_t)(p - 40);
			else if (p >= 90 && p <= 97)
				a->foreground = (uint8_t)(p - 90 + 8);
			else if (p >= 100 && p <= 107)
				a->background = (uint8_t)(p - 100 + 8);
		}
	}
}

/* --- Modes --- */

/* set_mode(): ESC [ ? n h and l. */
static void set_private_modes(struct vt_screen *s, bool on)
{
	for (unsigned i = 0; i < s->parameters; i++)
		switch (s->parameter[i]) {
		case 1: s->application_keys = on; break;
		case 5:
			s->reverse_screen = on;
			vt_screen_touch(s);
			break;
		case 6:
			s->origin = on;
			vt_goto(s, on ? (int)s->top : 0, 0);
			break;
		case 7: s->autowrap = on; break;
		case 25:
			s->show_cursor = on;
			vt_dirty(s, s->cursor.row);
			break;
		}
}

static void set_modes(struct vt_screen *s, bool on)
{
	for (unsigned i = 0; i < s->parameters; i++)
		switch (s->parameter[i]) {
		case 4: s->insert = on; break;
		case 20: s->newline = on; break;
		}
}

static void set_margins(struct vt_screen *s)
{
	uint32_t top = parameter(s, 0) ? parameter(s, 0) : 1, bottom = parameter(s, 1) ? parameter(s, 1) : s->rows;

	if (top >= bottom || bottom > s->rows)
		return;
	s->top = top - 1;
	s->bottom = bottom;
	vt_goto(s, s->origin ? (int)s->top : 0, 0);
}

static void save(struct vt_screen *s)
{
	s->saved = s->cursor;
}

static void restore(struct vt_screen *s)
{
	vt_dirty(s, s->cursor.row);
	s->cursor = s->saved;
	s->cursor.wrap = false;
	vt_dirty(s, s->cursor.row);
}

static void report(struct vt_screen *s)
{
	char text[32];

	if (parameter(s, 0) == 5) {
		say(s, "\033[0n");
	} else if (parameter(s, 0) == 6) {
		snprintf(text, sizeof text, "\033[%u;%uR", s->cursor.row - (s->origin ? s->top : 0) + 1, s->cursor.column + 1);
		say(s, text);
	}
}

static void clear_tabs(struct vt_screen *s)
{
	if (parameter(s, 0) == 0)
		s->tabs[s->cursor.column / 8] &= (uint8_t)~(1u << s->cursor.column % 8);
	else if (parameter(s, 0) == 3)
		memset(s->tabs, 0, sizeof s->tabs);
}

/* --- ESC [ ... letter --- */

static void finish_csi(struct vt_screen *s, uint8_t c)
{
	int row = (int)s->cursor.row, column = (int)s->cursor.column, n = count(s), home = s->origin ? (int)s->top : 0;
	uint32_t second = parameter(s, 1);

	switch (c) {
	case '@': shift_cells(s, n); break;
	case 'A': vt_goto(s, row - n, column); break;
	case 'B': case 'e': vt_goto(s, row + n, column); break;
	case 'C': case 'a': vt_goto(s, row, column + n); break;
	case 'D': vt_goto(s, row, column - n); break;
	case 'E': vt_goto(s, row + n, 0); break;
	case 'F': vt_goto(s, row - n, 0); break;
	case 'G': case '`': vt_goto(s, row, n - 1); break;
	case 'd': vt_goto(s, home + n - 1, column); break;
	case 'H': case 'f':
		vt_goto(s, home + n - 1, !second ? 0 : second > VT_COLUMNS_MAX ? (int)VT_COLUMNS_MAX : (int)second - 1);
		break;
	case 'J': erase_display(s, parameter(s, 0)); break;
	case 'K': erase_line(s, parameter(s, 0)); break;
	case 'L': shift_lines(s, n); break;
	case 'M': shift_lines(s, -n); break;
	case 'P': shift_cells(s, -n); break;
	case 'X': vt_erase(s, s->cursor.row, s->cursor.column, s->cursor.column + (unsigned)n); break;
	case 'c':
		if (!parameter(s, 0))
			say(s, "\033[?6c");
		break;
	case 'g': clear_tabs(s); break;
	case 'h': set_modes(s, true); break;
	case 'l': set_modes(s, false); break;
	case 'm': set_attributes(s); break;
	case 'n': report(s); break;
	case 'r': set_margins(s); break;
	case 's': save(s); break;
	case 'u': restore(s); break;
	}
}

static void csi(struct vt_screen *s, uint8_t c)
{
	if (c >= '0' && c <= '9') {
		uint32_t *p;

		if (!s->parameters)
			s->parameters = 1;
		p = &s->parameter[s->parameters - 1];
		if (*p < 100000)
			*p = *p * 10 + (c - '0');
	} else if (c == ';' || c == ':') {
		if (!s->parameters)
			s->parameters = 1;
		if (s->parameters < VT_PARAMETERS)
			s->parameters++;
	} else if (c == '?' && !s->parameters) {
		s->state = VT_CSI_PRIVATE;
	} else if (c == '[') {
		s->state = VT_SKIP;	/* ESC [ [ letter: a function key's echo */
	} else if (c >= 0x40 && c < 0x7f) {
		if (s->state == VT_CSI)
			finish_csi(s, c);
		else if (c == 'h' || c == 'l')
			set_private_modes(s, c == 'h');
		s->state = VT_TEXT;
	}
}

/* --- ESC letter --- */

static void escape(struct vt_screen *s, uint8_t c)
{
	s->state = VT_TEXT;
	switch (c) {
	case '[':
		s->state = VT_CSI;
		s->parameters = 0;
		memset(s->parameter, 0, sizeof s->parameter);
		break;
	case ']': s->state = VT_OSC; s->palette_len = 0; break;
	case '%': s->state = VT_PERCENT; break;
	case '(': case ')': s->state = VT_CHARSET; s->code = c; break;
	case '#': s->state = VT_SKIP; break;
	case 'P': case '^': case '_': case 'X': s->state = VT_STRING; break;
	case 'D': vt_line_feed(s); break;
	case 'E':
		s->cursor.column = 0;
		vt_line_feed(s);
		break;
	case 'M':
		vt_dirty(s, s->cursor.row);
		if (s->cursor.row == s->top)
			vt_scroll(s, s->top, s->bottom, -1);
		else if (s->cursor.row)
			s->cursor.row--;
		s->cursor.wrap = false;
		vt_dirty(s, s->cursor.row);
		break;
	case 'H': s->tabs[s->cursor.column / 8] |= (uint8_t)(1u << s->cursor.column % 8); break;
	case 'Z': say(s, "\033[?6c"); break;
	case '7': save(s); break;
	case '8': restore(s); break;
	case 'c': vt_screen_reset(s); break;
	case '=': s->keypad = true; break;
	case '>': s->keypad = false; break;
	}
}

/* ESC ] P n rr gg bb: a colour; ESC ] R: all as they were. Any other text goes on to BEL or ESC \. */
static void osc(struct vt_screen *s, uint8_t c)
{
	unsigned index, rgb;

	if (s->state == VT_OSC && c == 'P') {
		s->state = VT_OSC_PALETTE;
	} else if (s->state == VT_OSC && c == 'R') {
		vt_default_colours(s);
		s->state = VT_TEXT;
	} else if (s->state == VT_OSC) {
		s->state = VT_STRING;
	} else {
		s->palette[s->palette_len++] = (char)c;
		if (s->palette_len < sizeof s->palette - 1)
			return;
		s->palette[s->palette_len] = 0;
		s->state = VT_TEXT;
		if (sscanf(s->palette, "%1x%6x", &index, &rgb) == 2) {
			s->colour[index] = rgb;
			vt_screen_touch(s);
		}
	}
}

void vt_escape(struct vt_screen *s, uint8_t c)
{
	switch (s->state) {
	case VT_ESCAPE: escape(s, c); break;
	case VT_CSI: case VT_CSI_PRIVATE: csi(s, c); break;
	case VT_OSC: case VT_OSC_PALETTE: osc(s, c); break;
	case VT_STRING: break;
	case VT_CHARSET:
		if (s->code == '(')
			s->cursor.graphics = c == '0';
		s->state = VT_TEXT;
		break;
	case VT_PERCENT:
		if (c == '@' || c == 'G' || c == '8')
			s->utf8 = c != '@';
		s->state = VT_TEXT;
		break;
	default: s->state = VT_TEXT; break;
	}
}
