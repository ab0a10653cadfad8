/* SPDX-License-Identifier: MIT */
#include "emu/display/window.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "emu/display/window_internal.h"

#define FRAME_NS (1000000000u / FRAMEBUFFER_HZ)

/* --- The thread --- */

static void set_hints(struct window *w)
{
	w->sdl.SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	w->sdl.SDL_SetHint(SDL_HINT_QUIT_ON_LAST_WINDOW_CLOSE, "1");
	w->sdl.SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	w->sdl.SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0");
	w->sdl.SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, w->config.touch ? "1" : "0");
}

static bool is_set(const char *name) { return getenv(name) && *getenv(name); }

/* Where it finds no screen, SDL draws into memory instead. Nobody wants that unless he says so. */
static bool is_unseen(struct window *w)
{
	const char *driver = w->sdl.SDL_GetCurrentVideoDriver();

	return !is_set("SDL_VIDEODRIVER") && (!driver || !strcmp(driver, "offscreen") || !strcmp(driver, "dummy") ||
					      !strcmp(driver, "evdev"));
}

static int open_window(struct window *w)
{
	struct framebuffer_view v;
	int err;

	if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") && !is_set("SDL_VIDEODRIVER")) {
		snprintf(w->why, DISPLAY_WHY, "there is no screen for a window: neither DISPLAY nor WAYLAND_DISPLAY is set. "
			 "With --display SIZE,headless there is none to be opened");
		return -ENODEV;
	}
	err = sdl_load(&w->sdl, w->why);
	if (err)
		return err;
	sdl_survive_errors();
	set_hints(w);
	if (w->sdl.SDL_Init(SDL_INIT_VIDEO))
		goto fail;
	if (is_unseen(w)) {
		w->sdl.SDL_QuitSubSystem(SDL_INIT_VIDEO);
		goto fail;
	}
	framebuffer_look(w->config.fb, &v);
	w->window = w->sdl.SDL_CreateWindow("flat32", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, (int)v.width, (int)v.height,
					SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
	if (!w->window)
		goto fail_window;
	w->renderer = w->sdl.SDL_CreateRenderer(w->window, -1, SDL_RENDERER_PRESENTVSYNC);
	if (!w->renderer)	/* some that draw by themselves cannot wait for the screen */
		w->renderer = w->sdl.SDL_CreateRenderer(w->window, -1, 0);
	if (!w->renderer)
		goto fail_window;
	w->sdl.SDL_EnableScreenSaver();
	window_set_title(w);
	return 0;
fail_window:
	snprintf(w->why, DISPLAY_WHY, "no window: %.120s. With --display SIZE,headless there is none", w->sdl.SDL_GetError());
	if (w->window)
		w->sdl.SDL_DestroyWindow(w->window);
	w->sdl.SDL_QuitSubSystem(SDL_INIT_VIDEO);
	return -EIO;
fail:
	snprintf(w->why, DISPLAY_WHY, "no screen that SDL could open a window on (DISPLAY is '%.60s'). With --display SIZE,headless "
		 "there is none", is_set("DISPLAY") ? getenv("DISPLAY") : "");
	return -ENODEV;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Serves the user until the next frame is due. */
static void wait_until(struct window *w, uint64_t due)
{
	SDL_Event e;

	for (;;) {
		uint64_t now = now_ns();
		int ms = now >= due ? 0 : (int)((due - now + 999999) / 1000000);

		if (!(ms ? w->sdl.SDL_WaitEventTimeout(&e, ms) : w->sdl.SDL_PollEvent(&e)))
			return;
		window_event(w, &e);
		if (atomic_load(&w->stop))
			return;
	}
}

static void show(struct window *w)
{
	uint64_t due = now_ns();

	w->exposed = true;
	while (!atomic_load(&w->stop)) {
		int err = window_paint(w);

		if (err) {	/* the user is served all the same */
			window_queue_put(&w->queue, &(struct window_event){ .kind = WINDOW_BLIND, .code = (uint32_t)-err });
			break;
		}
		due += FRAME_NS;
		if (due < now_ns())
			due = now_ns();
		wait_until(w, due);
	}
	while (!atomic_load(&w->stop))
		wait_until(w, now_ns() + 10 * (uint64_t)FRAME_NS);
	window_picture_free(w);
	w->sdl.SDL_DestroyRenderer(w->renderer);
	w->sdl.SDL_DestroyWindow(w->window);
	w->sdl.SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

static void *body(void *arg)
{
	struct window *w = arg;
	int err = open_window(w);

	pthread_mutex_lock(&w->lock);
	w->err = err;
	w->opened = true;
	pthread_cond_signal(&w->known);
	pthread_mutex_unlock(&w->lock);
	if (!err)
		show(w);
	return NULL;
}

/* --- From the guest's thread --- */

static int start(struct window *w)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&w->thread, NULL, body, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return err;
	pthread_mutex_lock(&w->lock);
	while (!w->opened)
		pthread_cond_wait(&w->known, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (w->err)
		pthread_join(w->thread, NULL);
	return w->err;
}

int window_new(struct window **out, const struct window_config *c, char why[DISPLAY_WHY])
{
	struct window *w = calloc(1, sizeof *w);
	int err;

	snprintf(why, DISPLAY_WHY, "%s", strerror(ENOMEM));
	if (!w)
		return -ENOMEM;
	w->config = *c;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->known, NULL);
	err = window_queue_init(&w->queue);
	if (err)
		goto fail;
	err = start(w);
	if (err)
		goto fail_queue;
	*out = w;
	return 0;
fail_queue:
	window_queue_fini(&w->queue);
fail:
	snprintf(why, DISPLAY_WHY, "%s", *w->why ? w->why : strerror(-err));
	free(w);
	return err;
}

void window_free(struct window *w)
{
	SDL_Event wake = { .type = SDL_USEREVENT };

	if (!w)
		return;
	atomic_store(&w->stop, true);
	w->sdl.SDL_PushEvent(&wake);
	pthread_join(w->thread, NULL);
	window_queue_fini(&w->queue);
	free(w);
}

struct window_queue *window_events(struct window *w)
{
	return &w->queue;
}
