/* SPDX-License-Identifier: MIT */
#include "emu/input/keys.h"

#include <string.h>
#include <strings.h>
#include "emu/input/input.h"

static const struct { char name[20]; uint16_t code, usage; } keys[] = {
#define KEY(name, usage) { #name, KEY_##name, usage },
#include "emu/input/keys.def"
#undef KEY
};

static const struct { char name[12]; uint16_t code; } buttons[] = {
	{ "btn_left", BTN_LEFT }, { "btn_right", BTN_RIGHT }, { "btn_middle", BTN_MIDDLE }, { "btn_side", BTN_SIDE },
	{ "btn_extra", BTN_EXTRA },
};

#define KEYS (sizeof keys / sizeof *keys)
#define BUTTONS (sizeof buttons / sizeof *buttons)

unsigned key_of_usage(unsigned usage)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].usage == usage)
			return keys[i].code;
	return 0;
}

static int is(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !strncasecmp(name, text, len);
}

unsigned key_of_name(const char *name, size_t len)
{
	for (size_t i = 0; i < KEYS; i++)
		if (is(keys[i].name, name, len))
			return keys[i].code;
	for (size_t i = 0; i < BUTTONS; i++)
		if (is(buttons[i].name, name, len))
			return buttons[i].code;
	return 0;
}

void keys_all(uint32_t *map)
{
	for (size_t i = 0; i < KEYS; i++)
		input_set_bit(map, keys[i].code);
}
