/* SPDX-License-Identifier: MIT */
#include <linux/input-event-codes.h>
#include <stdio.h>
#include "emu/display/window_internal.h"
#include "emu/input/input.h"
#include "emu/input/keys.h"

static void say(struct window *w, enum window_event_kind kind, uint32_t code, int32_t a, int32_t b)
{
	window_queue_put(&w->queue, &(struct window_event){ kind, code, a, b });
}

void window_set_title(struct window *w)
{
	char title[160];

	snprintf(title, sizeof title, "flat32: %.100s%s", w->config.title, w->grabbed ? " (Ctrl+Alt+G gives the mouse back)" : "");
	w->sdl.SDL_SetWindowTitle(w->window, title);
}

static void grab(struct window *w, bool on)
{
	if (w->grabbed == on)
		return;
	w->grabbed = on;
	w->sdl.SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE);
	w->sdl.SDL_SetWindowKeyboardGrab(w->window, on ? SDL_TRUE : SDL_FALSE);
	window_set_title(w);
}

static void full_screen(struct window *w)
{
	bool is = w->sdl.SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN;

	w->sdl.SDL_SetWindowFullscreen(w->window, is ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
	w->exposed = true;
}

/* Keys that are ours. */
static bool own_key(struct window *w, const SDL_KeyboardEvent *e)
{
	bool alt = e->keysym.mod & KMOD_ALT, both = alt && (e->keysym.mod & KMOD_CTRL);

	if (e->keysym.scancode == SDL_SCANCODE_F11 || (alt && e->keysym.scancode == SDL_SCANCODE_RETURN)) {
		if (e->type == SDL_KEYDOWN && !e->repeat)
			full_screen(w);
	} else if (both && e->keysym.scancode == SDL_SCANCODE_G) {
		if (e->type == SDL_KEYDOWN && !e->repeat)
			grab(w, !w->grabbed);
	} else if (both && e->keysym.scancode == SDL_SCANCODE_I) {
		w->integer ^= e->type == SDL_KEYDOWN && !e->repeat;
		w->exposed = true;
	} else {
		return false;
	}
	return true;
}

static void key(struct window *w, const SDL_KeyboardEvent *e)
{
	unsigned code = key_of_usage(e->keysym.scancode);

	if (!own_key(w, e) && code && !e->repeat)	/* the guest's keyboard repeats by the guest's clock */
		say(w, WINDOW_KEY, code, e->type == SDL_KEYDOWN, 0);
}

/*
 * The guest's mouse is moved as ours moves over the picture, so that its pointer is where ours is, once both have been in a
 * corner; grabbed, as the mouse itself moves.
 */
static void motion(struct window *w, const SDL_MouseMotionEvent *e)
{
	float x, y;
	int32_t dx = e->xrel, dy = e->yrel;

	if (!w->grabbed) {
		window_to_picture(w, (float)e->x, (float)e->y, &x, &y);
		dx = (int32_t)(floorf(x) - floorf(w->x));
		dy = (int32_t)(floorf(y) - floorf(w->y));
		w->x = x;
		w->y = y;
	}
	if (dx || dy)
		say(w, WINDOW_MOVE, 0, dx, dy);
}

static void button(struct window *w, const SDL_MouseButtonEvent *e)
{
	static const uint16_t codes[] = {
		[SDL_BUTTON_LEFT] = BTN_LEFT, [SDL_BUTTON_MIDDLE] = BTN_MIDDLE, [SDL_BUTTON_RIGHT] = BTN_RIGHT,
		[SDL_BUTTON_X1] = BTN_SIDE, [SDL_BUTTON_X2] = BTN_EXTRA,
	};

	if (e->button < sizeof codes / sizeof *codes && codes[e->button])
		say(w, WINDOW_KEY, codes[e->button], e->type == SDL_MOUSEBUTTONDOWN, 0);
}

/* Which contact a finger is; one that has just come gets a number. -1: there are too many. */
static int contact(struct window *w, SDL_FingerID id, bool come)
{
	for (unsigned i = 0; i < INPUT_CONTACTS; i++)
		if ((w->used >> i & 1) && w->fingers[i] == id)
			return (int)i;
	for (unsigned i = 0; come && i < INPUT_CONTACTS; i++)
		if (!(w->used >> i & 1)) {
			w->used |= 1u << i;
			w->fingers[i] = id;
			return (int)i;
		}
	return -1;
}

/* (fminf() and its like would have every start load libm.) */
static int32_t part(float at, uint32_t of)
{
	float share = at / (float)of * 65536 + 0.5f;

	return share > 65535 ? 65535 : share > 0 ? (int32_t)share : 0;
}

static void finger(struct window *w, const SDL_TouchFingerEvent *e)
{
	int n = contact(w, e->fingerId, e->type == SDL_FINGERDOWN), width = 1, height = 1;
	float x, y;

	if (n < 0)
		return;
	if (e->type == SDL_FINGERUP) {
		w->used &= ~(1u << n);
		say(w, WINDOW_LIFT, (uint32_t)n, 0, 0);
		return;
	}
	w->sdl.SDL_GetWindowSize(w->window, &width, &height);
	window_to_picture(w, e->x * (float)width, e->y * (float)height, &x, &y);
	say(w, WINDOW_TOUCH, (uint32_t)n, part(x, w->shown.width), part(y, w->shown.height));
}

void window_event(struct window *w, const SDL_Event *e)
{
	switch (e->type) {
	case SDL_QUIT:
		say(w, WINDOW_CLOSE, 0, 0, 0);
		break;
	case SDL_WINDOWEVENT:
		w->exposed = true;
		if (e->window.event == SDL_WINDOWEVENT_FOCUS_LOST) {
			grab(w, false);
			say(w, WINDOW_RELEASE, 0, 0, 0);
			w->used = 0;
		}
		break;
	case SDL_KEYDOWN: case SDL_KEYUP:
		key(w, &e->key);
		break;
	case SDL_MOUSEMOTION:
		if (!w->config.touch)
			motion(w, &e->motion);
		break;
	case SDL_MOUSEBUTTONDOWN: case SDL_MOUSEBUTTONUP:
		if (!w->config.touch)
			button(w, &e->button);
		break;
	case SDL_MOUSEWHEEL:
		if (e->wheel.direction == SDL_MOUSEWHEEL_FLIPPED)
			say(w, WINDOW_WHEEL, 0, -e->wheel.x, -e->wheel.y);
		else
			say(w, WINDOW_WHEEL, 0, e->wheel.x, e->wheel.y);
		break;
	case SDL_FINGERDOWN: case SDL_FINGERUP: case SDL_FINGERMOTION:
		finger(w, &e->tfinger);
		break;
	case SDL_RENDER_TARGETS_RESET: case SDL_RENDER_DEVICE_RESET:
		w->stale = w->exposed = true;
		break;
	}
}
