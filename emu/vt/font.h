/* SPDX-License-Identifier: MIT
 *
 * Characters as pixels: 8 columns, 16 rows.
 */
#ifndef EMU_VT_FONT_H
#define EMU_VT_FONT_H

#include <stdbool.h>
#include <stdint.h>

#define FONT_WIDTH 8u
#define FONT_HEIGHT 16u

/* The pixels of a character: bit 7 of each row is the left one. False: there is none, and it is U+FFFD's. */
bool font_glyph(uint32_t character, uint8_t rows[FONT_HEIGHT]);

#endif
