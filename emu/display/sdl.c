/* SPDX-License-Identifier: MIT */
#include "emu/display/sdl.h"

#include <stdlib.h>

static const char *const names[] = { LIBRARY_NAMES(SDL_FUNCTIONS) };
static const struct library library = { "libSDL2-2.0.so.0", "libsdl2-2.0-0", names, sizeof names / sizeof *names };

int sdl_load(struct sdl *s, char why[LIBRARY_WHY])
{
	return library_load(&library, s, sizeof *s, why);
}

/* Xlib's: a handler of errors, and the function that sets it. Its structures are nobody's business here. */
typedef int (*x_handler)(void *display, void *event);
struct xlib { x_handler (*XSetErrorHandler)(x_handler); };

static int go_on(void *display, void *event)
{
	(void)display;
	(void)event;
	return 0;
}

void sdl_survive_errors(void)
{
	static const char *const xlib_names[] = { "XSetErrorHandler" };
	static const struct library libx11 = { "libX11.so.6", "libx11-6", xlib_names, 1 };
	struct xlib x;
	char why[LIBRARY_WHY];

	/* SDL will load it: this is the same one. What SDL sets itself asks the one before. */
	if (getenv("DISPLAY") && !library_load(&libx11, &x, sizeof x, why))
		x.XSetErrorHandler(go_on);
}
