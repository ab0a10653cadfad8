/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/display/window_internal.h"

void window_picture_free(struct window *w)
{
	if (w->texture)
		w->sdl.SDL_DestroyTexture(w->texture);
	free(w->copy);
	free(w->row);
	w->texture = NULL;
	w->copy = NULL;
	w->row = NULL;
}

/* A mode of another size: another texture, and a window to fit, if it is for us to say how large that is. */
static int resize(struct window *w, const struct framebuffer_view *v)
{
	const uint32_t theirs = SDL_WINDOW_FULLSCREEN | SDL_WINDOW_MAXIMIZED;

	window_picture_free(w);
	w->texture = w->sdl.SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, (int)v->width,
					  (int)v->height);
	w->copy = malloc((size_t)v->row * v->height);
	w->row = malloc(sizeof *w->row * v->width);
	if (!w->texture)
		return -EIO;
	if (!w->copy || !w->row)
		return -ENOMEM;
	if (w->shown.width && !(w->sdl.SDL_GetWindowFlags(w->window) & theirs))
		w->sdl.SDL_SetWindowSize(w->window, (int)v->width, (int)v->height);
	return 0;
}

static bool same_size(const struct framebuffer_view *a, const struct framebuffer_view *b)
{
	return a->width == b->width && a->height == b->height && a->row == b->row && a->bpp == b->bpp;
}

/* Takes over rows that differ, and shows them: from our copy, for the guest goes on drawing. True: there were some. */
static bool upload(struct window *w, const struct framebuffer_view *v)
{
	bool changed = false;

	for (uint32_t y = 0; y < v->height; y++) {
		uint8_t *copy = w->copy + (size_t)y * v->row;
		const uint8_t *now = v->pixels + (size_t)y * v->stride;
		SDL_Rect rect = { 0, (int)y, (int)v->width, 1 };

		if (!w->stale && !memcmp(copy, now, v->row))
			continue;
		memcpy(copy, now, v->row);
		framebuffer_rows(&w->shown, y, 1, w->row);
		w->sdl.SDL_UpdateTexture(w->texture, &rect, w->row, (int)(v->width * sizeof *w->row));
		changed = true;
	}
	w->stale = false;
	return changed;
}

/* The largest place with the picture's proportions, in the middle. */
static void put_in_place(struct window *w)
{
	uint64_t width = w->shown.width, height = w->shown.height;
	int room_x = 0, room_y = 0;
	uint64_t x, y, whole;

	w->sdl.SDL_GetRendererOutputSize(w->renderer, &room_x, &room_y);
	x = room_x > 0 ? (uint64_t)room_x : 1;
	y = room_y > 0 ? (uint64_t)room_y : 1;
	whole = x / width < y / height ? x / width : y / height;
	if (w->integer && whole) {
		x = whole * width;
		y = whole * height;
	} else if (x * height > y * width) {
		x = y * width / height;
	} else {
		y = x * height / width;
	}
	x = x ? x : 1;
	y = y ? y : 1;
	w->place = (SDL_Rect){ (room_x - (int)x) / 2, (room_y - (int)y) / 2, (int)x, (int)y };
	/* A multiple stays sharp; else each pixel should have its part. */
	w->sdl.SDL_SetTextureScaleMode(w->texture, x % width || y % height ? SDL_ScaleModeLinear : SDL_ScaleModeNearest);
}

int window_paint(struct window *w)
{
	struct framebuffer_view v;
	bool changed = w->exposed;
	int err = 0;

	if (w->sdl.SDL_GetWindowFlags(w->window) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN))
		return 0;
	framebuffer_look(w->config.fb, &v);
	if (!w->texture || !same_size(&v, &w->shown)) {
		err = resize(w, &v);
		w->stale = true;
	} else if (v.changes != w->shown.changes) {
		w->stale = true;
	}
	if (err)
		return err;
	w->shown = v;
	w->shown.pixels = w->copy;
	w->shown.stride = v.row;
	changed |= upload(w, &v);
	w->exposed = false;
	if (!changed)
		return 0;
	put_in_place(w);
	w->sdl.SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
	w->sdl.SDL_RenderClear(w->renderer);
	w->sdl.SDL_RenderCopy(w->renderer, w->texture, NULL, &w->place);
	w->sdl.SDL_RenderPresent(w->renderer);
	return 0;
}

void window_to_picture(struct window *w, float x, float y, float *px, float *py)
{
	int window_x = 1, window_y = 1, pixels_x = 1, pixels_y = 1;

	w->sdl.SDL_GetWindowSize(w->window, &window_x, &window_y);
	w->sdl.SDL_GetRendererOutputSize(w->renderer, &pixels_x, &pixels_y);
	x = x * (float)pixels_x / (float)window_x - (float)w->place.x;
	y = y * (float)pixels_y / (float)window_y - (float)w->place.y;
	*px = w->place.w ? x * (float)w->shown.width / (float)w->place.w : x;
	*py = w->place.h ? y * (float)w->shown.height / (float)w->place.h : y;
}
