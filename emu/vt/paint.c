/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "emu/vt/font.h"
#include "emu/vt/vt.h"

/* What the 16 colours of ANSI are among those of VGA (color_table[] of the kernel): of depth 8, whose palette has these. */
static const uint8_t vga[16] = { 0, 4, 2, 6, 1, 5, 3, 7, 8, 12, 10, 14, 9, 13, 11, 15 };

/* A colour as a pixel. */
static uint32_t pixel(const struct vt_screen *s, uint32_t bpp, uint8_t colour)
{
	uint32_t rgb = s->colour[colour & 15];

	switch (bpp) {
	case 8: return vga[colour & 15];
	case 16: return (rgb >> 19 & 31) << 11 | (rgb >> 10 & 63) << 5 | (rgb >> 3 & 31);
	default: return rgb;
	}
}

static void colours(const struct vt_screen *s, struct vt_attr a, uint8_t *front, uint8_t *back)
{
	*front = a.bold ? a.foreground | 8 : a.dim ? 8 : a.foreground;
	*back = a.blink ? a.background | 8 : a.background;
	if (a.reverse != s->reverse_screen) {
		uint8_t was = *front;

		*front = *back;
		*back = was;
	}
}

static void cell(const struct vt_screen *s, uint8_t *out, uint32_t stride, uint32_t bpp, const struct vt_cell *c, bool cursor)
{
	uint8_t glyph[FONT_HEIGHT], front, back;
	uint32_t bytes = bpp / 8, on, off;

	font_glyph(c->character ? c->character : ' ', glyph);
	if (c->attr.underline)
		glyph[FONT_HEIGHT - 1] = 0xff;
	if (cursor)
		glyph[FONT_HEIGHT - 2] = glyph[FONT_HEIGHT - 1] = 0xff;
	colours(s, c->attr, &front, &back);
	on = pixel(s, bpp, front);
	off = pixel(s, bpp, back);
	for (unsigned y = 0; y < FONT_HEIGHT; y++, out += stride)
		for (unsigned x = 0; x < FONT_WIDTH; x++)
			memcpy(out + x * bytes, glyph[y] & 0x80 >> x ? &on : &off, bytes);	/* little-endian, as the host */
}

/* Where a pixel of what is shown lies. */
static uint8_t *at(const struct fbdev *fb, const struct framebuffer_mode *m, uint32_t x, uint32_t y)
{
	return fb->memory + (size_t)(y + fb->var.yoffset) * framebuffer_stride(m) + (size_t)(x + fb->var.xoffset) * m->bpp / 8;
}

void vt_paint(const struct vt_screen *s, const struct fbdev *fb, unsigned from, unsigned to)
{
	struct framebuffer_mode m;
	unsigned rows, columns;

	framebuffer_get_mode(fb->fb, &m);
	rows = m.height / FONT_HEIGHT;
	columns = m.width / FONT_WIDTH;
	for (unsigned row = from; row < to && row < s->rows && row < rows; row++)
		for (unsigned column = 0; column < s->columns && column < columns; column++)
			cell(s, at(fb, &m, column * FONT_WIDTH, row * FONT_HEIGHT), (uint32_t)framebuffer_stride(&m), m.bpp,
			     vt_screen_at(s, row, column),
			     s->show_cursor && row == s->cursor.row && column == s->cursor.column);
}

void vt_paint_rest(const struct vt_screen *s, const struct fbdev *fb)
{
	struct framebuffer_mode m;
	uint32_t width = s->columns * FONT_WIDTH, height = s->rows * FONT_HEIGHT;

	framebuffer_get_mode(fb->fb, &m);
	for (uint32_t y = 0; y < m.height; y++) {
		uint32_t from = y < height ? width : 0;

		if (from < m.width)
			memset(at(fb, &m, from, y), 0, (size_t)(m.width - from) * m.bpp / 8);
	}
}
