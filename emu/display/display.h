/* SPDX-License-Identifier: MIT
 *
 * What people get to see of the framebuffer: pictures and recordings of it (and the place of a window).
 *
 * None of it costs the guest anything while it draws: video memory is looked at, from time to time, by whoever wants to show
 * it. The pictures of a recording are taken by the guest's clock, so with --deterministic they are the same in each run.
 */
#ifndef EMU_DISPLAY_DISPLAY_H
#define EMU_DISPLAY_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include "devices/framebuffer.h"

struct machine;
struct display;

#define DISPLAY_WHY 240
#define DISPLAY_PIXELS_MAX (64u << 20)	/* of which two frames have room: fbdev.c */

struct display_config {
	struct framebuffer_mode mode;	/* --display; width 0: none */
	bool headless;			/* no window */
	bool touch;			/* the window's mouse is a finger on the touch screen */
	const char *title;		/* of the window; NULL: none */
	const char *screenshot, *record;	/* --screenshot, --record; NULL: none */
};

/* "800x600x32", "640x480,headless", "none". False: why[] says what is wrong with it. */
bool display_parse(const char *text, struct display_config *out, char why[DISPLAY_WHY]);

/*
 * Makes m->display, if there is something to do for one: files are opened now, so that a wrong name is known before anything
 * runs. 0 or -errno; why[] says more.
 */
int display_new(struct machine *m, const struct display_config *c, char why[DISPLAY_WHY]);
/* m->frame_due has come: now is the guest's monotonic time. */
void display_frame(struct machine *m, uint64_t now);
/* Takes the screenshot now. 0 or -errno; -ENOENT: none was asked for. */
int display_screenshot(struct machine *m, char why[DISPLAY_WHY]);
/* The machine has stopped: the last picture is taken and all is closed. 0, or -errno for what could not be written. */
int display_end(struct machine *m, char why[DISPLAY_WHY]);
void display_free(struct machine *m);		/* without a last picture */

#endif
