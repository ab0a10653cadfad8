/* SPDX-License-Identifier: MIT
 *
 * The user at the window: what the window's thread has queued happens on the machine's input devices, on the guest's thread.
 *
 * With --deterministic only the window itself is the user's: what is typed into it would not be the same in the next run.
 * Closing it is SIGTERM to flat32: `boot` stops the machine, `run` hands it to the program. Closing it once more, because nothing
 * came of that, stops the machine.
 */
#ifndef EMU_DISPLAY_WINDOW_USER_H
#define EMU_DISPLAY_WINDOW_USER_H

#include "emu/display/window.h"

struct machine;

struct window_user { struct machine *machine; struct window *window; unsigned closed; };

/* From now on, until it is ended. 0 or -ENOMEM. */
int window_user_begin(struct window_user *u);
void window_user_end(struct window_user *u);

#endif
