/* SPDX-License-Identifier: MIT
 *
 * Where random bytes come from: made and freed with the clocks (emu/host/clock.h has the calls others need).
 */
#ifndef EMU_HOST_ENTROPY_H
#define EMU_HOST_ENTROPY_H

struct machine;

int entropy_new(struct machine *m);	/* 0 or -ENOMEM */
void entropy_free(struct machine *m);

#endif
