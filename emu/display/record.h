/* SPDX-License-Identifier: MIT
 *
 * A recording: a folder with a picture for each frame that differs from the one before it, and frames.ffconcat, which says how
 * long each was shown. `ffmpeg -i DIR/frames.ffconcat -vsync vfr FILE.mp4` makes a film of it.
 */
#ifndef EMU_DISPLAY_RECORD_H
#define EMU_DISPLAY_RECORD_H

#include "emu/display/png.h"

struct recording;

/* Makes the folder, if it is not there; one that holds a recording is refused. 0 or -errno; why[] says more. */
int recording_new(struct recording **out, const char *folder, char why[DISPLAY_WHY]);
/* What is shown from the beginning of frame number n on. 0 or -errno. */
int recording_frame(struct recording *r, struct png_writer *w, const struct framebuffer_view *v, uint64_t n,
		    char why[DISPLAY_WHY]);
/* Nothing is shown any more from frame n on; frees it. NULL is fine. 0 or -errno. */
int recording_end(struct recording *r, uint64_t n, char why[DISPLAY_WHY]);

#endif
