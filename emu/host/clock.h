/* SPDX-License-Identifier: MIT
 *
 * Time and entropy: two of the things that could differ between two runs, behind one
 * boundary (DESIGN.md, "Determinism").  With options.deterministic the clock is derived
 * from retired instructions (one per nanosecond) plus the time slept, and random bytes
 * come from a seeded generator.
 */
#ifndef EMU_HOST_CLOCK_H
#define EMU_HOST_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct machine;

int clocks_new(struct machine *m);
void clocks_free(struct machine *m);
/* Nanoseconds since the machine started.  Never goes back. */
uint64_t clock_monotonic(struct machine *m);
/* Nanoseconds since 1970; settable by the guest (clock_settime). */
int64_t clock_realtime(struct machine *m);
void clock_set_realtime(struct machine *m, int64_t ns);
/* Nothing can run before `until` (monotonic ns): the virtual clock jumps there; the real one does nothing. */
void clock_skip(struct machine *m, uint64_t until);

/* Fills dst with random bytes.  Never fails once the machine is made. */
void entropy_bytes(struct machine *m, void *dst, size_t len);
void entropy_mix(struct machine *m, const void *src, size_t len);

#endif
