/* SPDX-License-Identifier: MIT
 *
 * Letters as Linux's terminals see them (lib/ctype.c): bytes are Latin-1, whatever the terminal's encoding.
 */
#ifndef EMU_TTY_CTYPE_H
#define EMU_TTY_CTYPE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool tty_is_control(uint8_t c) { return c < 0x20 || c == 0x7f; }

static inline bool tty_is_upper(uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7); }

static inline bool tty_is_lower(uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7); }

static inline bool tty_is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || c == '_' || tty_is_upper(c) || tty_is_lower(c);
}

static inline uint8_t tty_to_lower(uint8_t c) { return tty_is_upper(c) ? c + 0x20 : c; }

static inline uint8_t tty_to_upper(uint8_t c) { return tty_is_lower(c) ? c - 0x20 : c; }

#endif
