/* SPDX-License-Identifier: MIT
 *
 * Words for what a survey found: sizes, holders and users of pages.
 */
#ifndef MM_POSTMORTEM_WHO_H
#define MM_POSTMORTEM_WHO_H

#include "mm/survey.h"

#define SIZE_TEXT 24	/* room for size_text() */
#define WHO_TEXT 320	/* for the other two */

/* "36 KiB", "4 MiB": exact. */
void size_text(char *out, uint32_t pages);
/* "pid 7 (ash), stack, 4 KiB of it slack": one stretch in the way. */
void holder_text(char *out, const struct survey_holder *h);
/* "pid 7 (ash) 12 KiB, pid 9 (httpd) 4 KiB": all that is in use in the window, by user, most first. */
void users_text(char *out, const struct survey *v);

#endif
