/* SPDX-License-Identifier: MIT
 *
 * Pictures of the framebuffer as PNG files, by libpng, which is loaded for the first of them.
 */
#ifndef EMU_DISPLAY_PNG_H
#define EMU_DISPLAY_PNG_H

#include <stdbool.h>
#include <stdio.h>
#include "devices/framebuffer.h"
#include "emu/display/display.h"

struct png_writer;

/* 0 or -errno; why[] says more. */
int png_writer_new(struct png_writer **out, char why[DISPLAY_WHY]);
void png_writer_free(struct png_writer *w);	/* NULL is fine */
/* Writes what v shows to f, which stays open. fast: less well compressed. 0, -ENOMEM, -EIO. */
int png_write(struct png_writer *w, const struct framebuffer_view *v, FILE *f, bool fast, char why[DISPLAY_WHY]);

#endif
