/* SPDX-License-Identifier: MIT
 *
 * A window, as its thread has it.
 *
 *	window.c		the thread, and how it begins and ends
 *	window_picture.c	what is shown
 *	window_input.c		what the user does
 */
#ifndef EMU_DISPLAY_WINDOW_INTERNAL_H
#define EMU_DISPLAY_WINDOW_INTERNAL_H

#include <stdatomic.h>
#include "emu/display/sdl.h"
#include "emu/display/window.h"

struct window {
	struct window_config config;
	struct window_queue queue;
	pthread_t thread;
	/* While it is opened: what became of it. */
	pthread_mutex_t lock;
	pthread_cond_t known;
	bool opened;		/* err and why say how */
	int err;
	char why[DISPLAY_WHY];
	atomic_bool stop;
	/* The rest is the thread's. */
	struct sdl sdl;
	SDL_Window *window;
	SDL_Renderer *renderer;
	/* The picture. */
	SDL_Texture *texture;
	struct framebuffer_view shown;	/* its pixels are `copy` */
	uint8_t *copy;			/* the bytes of the rows that are in the texture, one after the other */
	uint32_t *row;			/* one row as the texture has it */
	bool stale;			/* none of it is */
	bool exposed;			/* the window has to be painted anew */
	bool integer;			/* scaled by whole numbers only */
	SDL_Rect place;			/* of the picture in the window, in the renderer's pixels */
	/* The user. */
	bool grabbed;
	float x, y;			/* where the mouse was last, in pixels of the picture */
	SDL_FingerID fingers[16];	/* contacts by their numbers; used says which are */
	uint32_t used;
};

/* --- window_picture.c --- */
/* Looks, and shows what has changed. 0; -ENOMEM, -EIO: it cannot be shown. */
int window_paint(struct window *w);
void window_picture_free(struct window *w);
/* A place in the window (in its own units, which need not be pixels) as one in the picture, in pixels. */
void window_to_picture(struct window *w, float x, float y, float *px, float *py);

/* --- window_input.c --- */
void window_event(struct window *w, const SDL_Event *e);
void window_set_title(struct window *w);

#endif
