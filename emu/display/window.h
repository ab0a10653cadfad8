/* SPDX-License-Identifier: MIT
 *
 * A window that shows a framebuffer, and takes keyboard, mouse and touch screen.
 *
 * It has a thread of its own, which does all there is to do with SDL: the guest's thread, which must not wait for anybody, is not
 * asked and loses nothing. Sixty times a second (or when the screen is refreshed) the thread compares what is shown with what
 * it showed last, by rows, and uploads those that differ (window_picture.c). What the user does comes back by a queue
 * (window_queue.h). All signals are the guest's thread's.
 *
 * The picture keeps its proportions; what is left of the window is black. Keys that are not for the guest:
 *
 *	Alt+Enter, F11	full screen, and back
 *	Ctrl+Alt+G	the mouse is the guest's alone, however far it moves; and is given back
 *	Ctrl+Alt+I	only whole multiples of the picture's size, for pixels of one size; or as large as the window allows
 */
#ifndef EMU_DISPLAY_WINDOW_H
#define EMU_DISPLAY_WINDOW_H

#include "devices/framebuffer.h"
#include "emu/display/display.h"
#include "emu/display/window_queue.h"

struct window;

struct window_config {
	const struct framebuffer *fb;
	const char *title;
	bool touch;		/* the mouse is a finger on the touch screen */
};

/* Opens it. 0 or -errno; why[] says what can be done. */
int window_new(struct window **out, const struct window_config *c, char why[DISPLAY_WHY]);
void window_free(struct window *w);		/* NULL is fine */
struct window_queue *window_events(struct window *w);

#endif
