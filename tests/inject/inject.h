/* SPDX-License-Identifier: MIT
 *
 * The failures of inject.c, moved by hand.
 */
#ifndef TESTS_INJECT_H
#define TESTS_INJECT_H

#include <stdbool.h>

/* Counts a host call: true if it is the one that fails. errno is set. */
bool inject_fails(void);
/* The nth host call from now fails, once; 0: none does. */
void inject_arm(unsigned long n);
/* It was made. */
bool inject_fired(void);
/* Allocations that were made by the emulator's own code and not freed yet. */
long inject_live(void);

#endif
