/* SPDX-License-Identifier: MIT */
#include "emu/display/sdl.h"

static const char *const names[] = { LIBRARY_NAMES(SDL_FUNCTIONS) };
static const struct library library = { "libSDL2-2.0.so.0", "libsdl2-2.0-0", names, sizeof names / sizeof *names };

int sdl_load(struct sdl *s, char why[LIBRARY_WHY])
{
	return library_load(&library, s, sizeof *s, why);
}
