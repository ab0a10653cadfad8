/* SPDX-License-Identifier: MIT
 *
 * Which case it was when an engine crashes or does not come back.
 */
#ifndef FUZZ_WATCH_H
#define FUZZ_WATCH_H

#include <stdint.h>

/* This seed's case begins. */
void watch(uint64_t seed);
/* For hart_catch_host_faults(). */
void watch_crash(int sig);

#endif
