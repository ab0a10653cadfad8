/* SPDX-License-Identifier: MIT
 *
 * Keys and buttons by their names (of scripts) and numbers (of USB). The table is keys.def.
 */
#ifndef EMU_INPUT_KEYS_H
#define EMU_INPUT_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* KEY_* of its usage on USB's page of keyboards; 0: the keyboard has no such key. */
unsigned key_of_usage(unsigned usage);
/* KEY_* or BTN_* of a name: "a", "leftctrl", "btn_left"; 0: there is none. */
unsigned key_of_name(const char *name, size_t len);
void keys_all(uint32_t *map);		/* sets the bits of all keys of the keyboard */

#endif
