/* SPDX-License-Identifier: MIT
 *
 * A text screen: what a terminal of TERM=linux shows (drivers/tty/vt/vt.c of Linux 6.12, as console_codes(4) describes it). It knows
 * cells, colours and a cursor, and nothing of pixels, files or machines.
 *
 * Bytes come in with vt_screen_write(); the cells are there to be drawn at any time, and `dirty` says which rows have changed.
 * Text is UTF-8; what is no valid sequence is shown as U+FFFD.
 */
#ifndef EMU_VT_SCREEN_H
#define EMU_VT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_COLUMNS_MAX 512u
#define VT_ROWS_MAX 256u
#define VT_PARAMETERS 16u	/* of an escape sequence; more are dropped (NPAR) */

/* How a cell looks. Colours are the 16 of ANSI: blue, green and red are bits 4, 2 and 1. */
struct vt_attr {
	uint8_t foreground, background;
	bool bold, dim, underline, blink, reverse;
};
struct vt_cell {
	uint32_t character;	/* Unicode; 0: the right half of a wide one */
	struct vt_attr attr;
};

struct vt_cursor {
	unsigned row, column;
	bool wrap;		/* in the last column, which has a character: the next one goes to the next line (DECAWM) */
	bool graphics;		/* DEC's line drawing instead of letters */
	struct vt_attr attr;
};

enum vt_state {
	VT_TEXT, VT_ESCAPE, VT_CSI, VT_CSI_PRIVATE, VT_CHARSET, VT_PERCENT,
	VT_SKIP,		/* a letter that means nothing here */
	VT_OSC, VT_OSC_PALETTE, VT_STRING,	/* text up to BEL or ESC \\ */
};

struct vt_screen {
	unsigned rows, columns;
	struct vt_cell *cells;		/* rows * columns, owned */
	struct vt_cursor cursor, saved;
	unsigned top, bottom;		/* the part that scrolls: rows [top, bottom) */
	uint8_t tabs[VT_COLUMNS_MAX / 8];	/* a bit for each column */
	/* Modes. */
	bool origin, autowrap, insert, show_cursor, reverse_screen, newline, application_keys, keypad;
	bool utf8;			/* ESC % G, ESC % @ */
	/* Parsing. */
	enum vt_state state;
	unsigned parameters;
	uint32_t parameter[VT_PARAMETERS];
	char palette[8];		/* of ESC ] P: digits so far */
	unsigned palette_len;
	uint32_t code;			/* UTF-8: so far */
	unsigned more, least;		/* bytes that are to come; below this it was too long */
	uint32_t colour[16];		/* 0x00RRGGBB */
	/* What changed: rows [dirty_from, dirty_to). */
	unsigned dirty_from, dirty_to;
	bool bell;			/* it was rung: the owner clears it */
	/* An answer to a question (DSR, DA), to be typed. NULL: nobody asks. */
	void (*reply)(void *owner, const char *bytes, size_t len);
	void *owner;
};

/* An empty one with the cursor at home. 0 or -ENOMEM, -EINVAL (no size). */
int vt_screen_init(struct vt_screen *s, unsigned rows, unsigned columns);
void vt_screen_fini(struct vt_screen *s);
/* Another size: what still has room stays. 0, or as above and nothing has changed. */
int vt_screen_resize(struct vt_screen *s, unsigned rows, unsigned columns);
void vt_screen_reset(struct vt_screen *s);		/* ESC c */
void vt_screen_write(struct vt_screen *s, const void *bytes, size_t len);
static inline struct vt_cell *vt_screen_at(const struct vt_screen *s, unsigned row, unsigned column)
{
	return s->cells + (size_t)row * s->columns + column;
}
/* All rows are to be drawn. */
static inline void vt_screen_touch(struct vt_screen *s) { s->dirty_from = 0; s->dirty_to = s->rows; }

/* --- Inside: screen.c, escape.c --- */
void vt_put(struct vt_screen *s, uint32_t character);
void vt_control(struct vt_screen *s, uint8_t c);		/* below 32, and 127 */
void vt_goto(struct vt_screen *s, int row, int column);	/* kept inside */
void vt_scroll(struct vt_screen *s, unsigned top, unsigned bottom, int rows);	/* up; negative: down */
void vt_erase(struct vt_screen *s, unsigned row, unsigned from, unsigned to);	/* cells [from, to) of a row */
void vt_line_feed(struct vt_screen *s);
void vt_dirty(struct vt_screen *s, unsigned row);
void vt_default_attr(struct vt_attr *a);
void vt_default_colours(struct vt_screen *s);
/* A byte of a sequence. */
void vt_escape(struct vt_screen *s, uint8_t c);

#endif
