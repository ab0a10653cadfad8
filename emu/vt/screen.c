/* SPDX-License-Identifier: MIT
 *
 * Cells, cursor, scrolling, and bytes that are text.
 */
#include "emu/vt/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t ansi[16] = {
	0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
	0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

void vt_dirty(struct vt_screen *s, unsigned row)
{
	if (s->dirty_from >= s->dirty_to) {
		s->dirty_from = row;
		s->dirty_to = row + 1;
	} else if (row < s->dirty_from) {
		s->dirty_from = row;
	} else if (row >= s->dirty_to) {
		s->dirty_to = row + 1;
	}
}

void vt_default_colours(struct vt_screen *s)
{
	memcpy(s->colour, ansi, sizeof ansi);
	vt_screen_touch(s);
}

void vt_default_attr(struct vt_attr *a)
{
	*a = (struct vt_attr){ .foreground = 7, .background = 0 };
}

/* What is erased has the background of the moment (bce). */
static struct vt_cell blank(const struct vt_screen *s)
{
	struct vt_cell c = { .character = ' ' };

	vt_default_attr(&c.attr);
	c.attr.background = s->cursor.attr.background;
	c.attr.foreground = s->cursor.attr.foreground;
	return c;
}

void vt_erase(struct vt_screen *s, unsigned row, unsigned from, unsigned to)
{
	struct vt_cell c = blank(s);

	for (unsigned i = from; i < to && i < s->columns; i++)
		*vt_screen_at(s, row, i) = c;
	vt_dirty(s, row);
}

void vt_scroll(struct vt_screen *s, unsigned top, unsigned bottom, int rows)
{
	unsigned height = bottom - top, n = rows < 0 ? (unsigned)-rows : (unsigned)rows;
	size_t row = s->columns * sizeof *s->cells;

	if (n > height)
		n = height;
	if (rows > 0)
		memmove(vt_screen_at(s, top, 0), vt_screen_at(s, top, 0) + (size_t)n * s->columns, (height - n) * row);
	else
		memmove(vt_screen_at(s, top, 0) + (size_t)n * s->columns, vt_screen_at(s, top, 0), (height - n) * row);
	for (unsigned i = 0; i < n; i++)
		vt_erase(s, rows > 0 ? bottom - 1 - i : top + i, 0, s->columns);
	vt_dirty(s, top);
	vt_dirty(s, bottom - 1);
}

/* The cursor's row is drawn anew before and after it moves. */
void vt_goto(struct vt_screen *s, int row, int column)
{
	int top = s->origin ? (int)s->top : 0, bottom = s->origin ? (int)s->bottom : (int)s->rows;

	vt_dirty(s, s->cursor.row);
	row = row < top ? top : row >= bottom ? bottom - 1 : row;
	column = column < 0 ? 0 : column >= (int)s->columns ? (int)s->columns - 1 : column;
	s->cursor.row = (unsigned)row;
	s->cursor.column = (unsigned)column;
	s->cursor.wrap = false;
	vt_dirty(s, s->cursor.row);
}

void vt_line_feed(struct vt_screen *s)
{
	vt_dirty(s, s->cursor.row);
	if (s->cursor.row + 1 == s->bottom)
		vt_scroll(s, s->top, s->bottom, 1);
	else if (s->cursor.row + 1 < s->rows)
		s->cursor.row++;
	s->cursor.wrap = false;
	vt_dirty(s, s->cursor.row);
}

static void tab(struct vt_screen *s)
{
	unsigned c = s->cursor.column;

	while (c + 1 < s->columns) {
		c++;
		if (s->tabs[c / 8] >> (c % 8) & 1)
			break;
	}
	vt_dirty(s, s->cursor.row);
	s->cursor.column = c;
}

/* do_con_trol()'s, of those that are no letter of a sequence. */
void vt_control(struct vt_screen *s, uint8_t c)
{
	switch (c) {
	case 7: s->bell = true; break;
	case 8:
		if (s->cursor.column && !s->cursor.wrap)
			s->cursor.column--;
		s->cursor.wrap = false;
		vt_dirty(s, s->cursor.row);
		break;
	case 9: tab(s); break;
	case 10: case 11: case 12:
		vt_line_feed(s);
		if (!s->newline)
			break;
		/* fall through */
	case 13:
		s->cursor.column = 0;
		s->cursor.wrap = false;
		vt_dirty(s, s->cursor.row);
		break;
	case 14: s->cursor.graphics = true; break;
	case 15: s->cursor.graphics = false; break;
	case 24: case 26: s->state = VT_TEXT; break;
	case 27: s->state = VT_ESCAPE; break;
	}
}

/* Combining marks have no place of their own; East Asian wide ones and emoji take two. (The large blocks; not each character.) */
static unsigned width(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) ||
	    c == 0xfeff)
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	return 1;
}

/* DEC's line drawing: G1 after SO, or G0 after ESC ( 0. */
static uint32_t graphic(uint32_t c)
{
	static const uint16_t special[] = {	/* from '`' on */
		0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0xb0, 0xb1, 0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba,
		0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x3c0, 0x2260, 0xa3, 0xb7,
	};

	return c >= '`' && c - '`' < sizeof special / sizeof *special ? special[c - '`'] : c;
}

void vt_put(struct vt_screen *s, uint32_t c)
{
	unsigned w;
	struct vt_cell *at;

	if (s->cursor.graphics)
		c = graphic(c);
	w = width(c);
	if (!w)
		return;
	if (s->cursor.wrap || (w == 2 && s->cursor.column + 2 > s->columns && s->autowrap)) {
		s->cursor.column = 0;
		vt_line_feed(s);
	}
	if (s->cursor.column + w > s->columns)
		w = s->columns - s->cursor.column;
	at = vt_screen_at(s, s->cursor.row, s->cursor.column);
	if (s->insert)
		memmove(at + w, at, (s->columns - s->cursor.column - w) * sizeof *at);
	at[0] = (struct vt_cell){ .character = c, .attr = s->cursor.attr };
	if (w == 2)
		at[1] = (struct vt_cell){ .character = 0, .attr = s->cursor.attr };
	vt_dirty(s, s->cursor.row);
	if (s->cursor.column + w < s->columns)
		s->cursor.column += w;
	else
		s->cursor.wrap = s->autowrap;
}

/* --- Bytes --- */

/* A byte of text. False: a sequence was cut short, and this byte begins anew. */
static bool text_byte(struct vt_screen *s, uint8_t c)
{
	if (s->more) {
		if ((c & 0xc0) != 0x80) {
			s->more = 0;
			vt_put(s, 0xfffd);
			return false;
		}
		s->code = s->code << 6 | (c & 0x3f);
		if (!--s->more)
			vt_put(s, s->code < s->least || s->code > 0x10ffff || (s->code >= 0xd800 && s->code < 0xe000) ? 0xfffd : s->code);
		return true;
	}
	if (!s->utf8 || c < 0x80) {
		vt_put(s, c);
		return true;
	}
	if (c >= 0xc2 && c < 0xe0) {
		s->code = c & 0x1f;
		s->more = 1;
		s->least = 0x80;
	} else if (c >= 0xe0 && c < 0xf0) {
		s->code = c & 0xf;
		s->more = 2;
		s->least = 0x800;
	} else if (c >= 0xf0 && c < 0xf5) {
		s->code = c & 7;
		s->more = 3;
		s->least = 0x10000;
	} else {
		vt_put(s, 0xfffd);
	}
	return true;
}

void vt_screen_write(struct vt_screen *s, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = p[i];

		if (c < 32 && s->state >= VT_OSC && c != 24 && c != 26 && c != 27) {
			if (c == 7)
				s->state = VT_TEXT;
		} else if (c < 32) {	/* in the middle of a sequence, too */
			if (s->more) {
				s->more = 0;
				vt_put(s, 0xfffd);
			}
			vt_control(s, c);
		} else if (s->state != VT_TEXT) {
			vt_escape(s, c);
		} else if (c != 127 && !text_byte(s, c)) {
			text_byte(s, c);
		}
	}
}

/* --- Life --- */

static void clear(struct vt_screen *s)
{
	for (unsigned row = 0; row < s->rows; row++)
		vt_erase(s, row, 0, s->columns);
}

void vt_screen_reset(struct vt_screen *s)
{
	s->top = 0;
	s->bottom = s->rows;
	s->origin = s->insert = s->reverse_screen = s->newline = s->application_keys = s->keypad = false;
	s->autowrap = s->show_cursor = s->utf8 = true;
	s->state = VT_TEXT;
	s->more = 0;
	s->cursor = (struct vt_cursor){ 0 };
	vt_default_attr(&s->cursor.attr);
	s->saved = s->cursor;
	memset(s->tabs, 1, sizeof s->tabs);	/* each eighth column */
	vt_default_colours(s);
	clear(s);
}

int vt_screen_init(struct vt_screen *s, unsigned rows, unsigned columns)
{
	if (!rows || !columns || rows > VT_ROWS_MAX || columns > VT_COLUMNS_MAX)
		return -EINVAL;
	*s = (struct vt_screen){ .rows = rows, .columns = columns };
	s->cells = calloc((size_t)rows * columns, sizeof *s->cells);
	if (!s->cells)
		return -ENOMEM;
	vt_screen_reset(s);
	return 0;
}

void vt_screen_fini(struct vt_screen *s)
{
	free(s->cells);
	s->cells = NULL;
}

/* vc_do_resize(): if the cursor would be below the end, it is the upper rows that go. */
int vt_screen_resize(struct vt_screen *s, unsigned rows, unsigned columns)
{
	unsigned lost = s->cursor.row >= rows ? s->cursor.row + 1 - rows : 0;
	unsigned keep = s->columns < columns ? s->columns : columns;
	struct vt_cell *old = s->cells, *cells;
	unsigned old_rows = s->rows, old_columns = s->columns;

	if (!rows || !columns || rows > VT_ROWS_MAX || columns > VT_COLUMNS_MAX)
		return -EINVAL;
	cells = calloc((size_t)rows * columns, sizeof *cells);
	if (!cells)
		return -ENOMEM;
	s->cells = cells;
	s->rows = rows;
	s->columns = columns;
	clear(s);
	for (unsigned row = 0; row < rows && row + lost < old_rows; row++)
		memcpy(vt_screen_at(s, row, 0), old + (size_t)(row + lost) * old_columns, keep * sizeof *cells);
	free(old);
	s->top = 0;
	s->bottom = rows;
	s->cursor.row -= lost;
	if (s->cursor.column >= columns)
		s->cursor.column = columns - 1;
	s->cursor.wrap = false;
	if (s->saved.row >= rows)
		s->saved.row = rows - 1;
	if (s->saved.column >= columns)
		s->saved.column = columns - 1;
	vt_screen_touch(s);
	return 0;
}
