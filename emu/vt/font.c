/* SPDX-License-Identifier: MIT */
#include "emu/vt/font.h"

#include <stddef.h>
#include <string.h>

static const struct drawn { uint32_t character; uint8_t row[8]; } drawn[] = {
#define GLYPH(character, a, b, c, d, e, f, g, h) { character, { a, b, c, d, e, f, g, h } },
#include "emu/vt/font.def"
#undef GLYPH
};

/* By character: the table is in order. */
static const struct drawn *find(uint32_t c)
{
	size_t low = 0, high = sizeof drawn / sizeof *drawn;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (drawn[mid].character == c)
			return &drawn[mid];
		if (drawn[mid].character < c)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Each row twice; the middle one of the five columns twice, with a gap on both sides. */
static void stretch(const uint8_t in[8], uint8_t out[FONT_HEIGHT])
{
	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		uint8_t r = in[y / 2];

		out[y] = (uint8_t)((r & 0x1c) << 2 | (r & 7) << 1);
	}
}

/* --- Letters with accents --- */

enum { GRAVE = 0x0804, ACUTE = 0x0204, HAT = 0x040a, TILDE = 0x0d00, DOTS = 0x000a, RING = 0x0e0a, CEDILLA = 0 };

static const struct { uint8_t from, to; const char *base; } latin[] = {
	{ 0xc0, 0xdd, "AAAAAA CEEEEIIII NOOOOO  UUUUY" }, { 0xe0, 0xff, "aaaaaa ceeeeiiii nooooo  uuuuy y" },
};
/* Of both rows of the table. */
static const uint16_t accents[] = {
	GRAVE, ACUTE, HAT, TILDE, DOTS, RING, 0, CEDILLA, GRAVE, ACUTE, HAT, DOTS, GRAVE, ACUTE, HAT, DOTS, 0, TILDE, GRAVE, ACUTE, HAT,
	TILDE, DOTS, 0, 0, GRAVE, ACUTE, HAT, DOTS, ACUTE, 0, DOTS,
};

/* Two rows of accent over a small letter; capitals are moved down, and lose two of theirs. */
static bool with_accent(uint32_t c, uint8_t row[8])
{
	bool capital = c < 0xe0;
	const struct drawn *base;
	uint16_t accent;

	if (c < latin[!capital].from || c > latin[!capital].to || latin[!capital].base[c - latin[!capital].from] == ' ')
		return false;
	accent = accents[c - latin[!capital].from];
	base = find((uint8_t)latin[!capital].base[c - latin[!capital].from]);
	memcpy(row, base->row, 8);
	if (accent == CEDILLA) {
		row[7] = 0x0c;
		return true;
	}
	if (capital) {
		row[2] = base->row[0];
		row[3] = base->row[1];
		row[4] = base->row[3];
		row[5] = base->row[4];
		row[7] = 0;
	}
	row[0] = (uint8_t)(accent >> 8);
	row[1] = (uint8_t)(accent & 0xff);
	return true;
}

/* --- Lines, blocks --- */

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

/* Which arms a line has; heavy and double ones are drawn as light ones. */
static unsigned arms(uint32_t c)
{
	static const struct { uint16_t first, last; uint8_t arms; } light[] = {
		{ 0x2500, 0x2501, LEFT | RIGHT }, { 0x2502, 0x2503, UP | DOWN }, { 0x250c, 0x250f, DOWN | RIGHT },
		{ 0x2510, 0x2513, DOWN | LEFT }, { 0x2514, 0x2517, UP | RIGHT }, { 0x2518, 0x251b, UP | LEFT },
		{ 0x251c, 0x2523, UP | DOWN | RIGHT }, { 0x2524, 0x252b, UP | DOWN | LEFT }, { 0x252c, 0x2533, DOWN | LEFT | RIGHT },
		{ 0x2534, 0x253b, UP | LEFT | RIGHT }, { 0x253c, 0x254b, UP | DOWN | LEFT | RIGHT }, { 0x2550, 0x2550, LEFT | RIGHT },
		{ 0x2551, 0x2551, UP | DOWN }, { 0x2552, 0x2554, DOWN | RIGHT }, { 0x2555, 0x2557, DOWN | LEFT },
		{ 0x2558, 0x255a, UP | RIGHT }, { 0x255b, 0x255d, UP | LEFT }, { 0x255e, 0x2560, UP | DOWN | RIGHT },
		{ 0x2561, 0x2563, UP | DOWN | LEFT }, { 0x2564, 0x2566, DOWN | LEFT | RIGHT }, { 0x2567, 0x2569, UP | LEFT | RIGHT },
		{ 0x256a, 0x256c, UP | DOWN | LEFT | RIGHT }, { 0x256d, 0x256d, DOWN | RIGHT }, { 0x256e, 0x256e, DOWN | LEFT },
		{ 0x256f, 0x256f, UP | LEFT }, { 0x2570, 0x2570, UP | RIGHT },
	};

	for (size_t i = 0; i < sizeof light / sizeof *light; i++)
		if (c >= light[i].first && c <= light[i].last)
			return light[i].arms;
	return 0;
}

static bool line(uint32_t c, uint8_t out[FONT_HEIGHT])
{
	unsigned a = arms(c);

	if (!a)
		return false;
	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		out[y] = (a & UP && y <= 8) || (a & DOWN && y >= 7) ? 0x18 : 0;
		if (y == 7 || y == 8)
			out[y] |= (uint8_t)((a & LEFT ? 0xf8 : 0) | (a & RIGHT ? 0x1f : 0));
	}
	return true;
}

static bool block(uint32_t c, uint8_t out[FONT_HEIGHT])
{
	static const uint8_t shades[3][2] = { { 0x88, 0x22 }, { 0xaa, 0x55 }, { 0x77, 0xdd } };

	if (c < 0x2580 || c > 0x2593)
		return false;
	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		if (c == 0x2580)
			out[y] = y < 8 ? 0xff : 0;
		else if (c <= 0x2588)		/* eighths from below */
			out[y] = y >= FONT_HEIGHT - 2 * (c - 0x2580) ? 0xff : 0;
		else if (c <= 0x258f)		/* and from the left */
			out[y] = (uint8_t)(0xff << (c - 0x2588));
		else if (c == 0x2590)
			out[y] = 0x0f;
		else
			out[y] = shades[c - 0x2591][y & 1];
	}
	return true;
}

bool font_glyph(uint32_t c, uint8_t out[FONT_HEIGHT])
{
	const struct drawn *d = find(c == 0xa0 ? ' ' : c >= 0x2010 && c <= 0x2015 ? '-' : c == 0x2018 || c == 0x2019 ? '\'' :
				     c == 0x201c || c == 0x201d ? '"' : c);
	uint8_t row[8];

	if (d) {
		stretch(d->row, out);
		return true;
	}
	if (c < 0x100 && with_accent(c, row)) {
		stretch(row, out);
		return true;
	}
	if (line(c, out) || block(c, out))
		return true;
	stretch(find(0xfffd)->row, out);
	return false;
}
