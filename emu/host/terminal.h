/* SPDX-License-Identifier: MIT
 *
 * The host's terminal in raw mode, and back: whatever way the emulator ends, the terminal
 * is left as it was found.
 */
#ifndef EMU_HOST_TERMINAL_H
#define EMU_HOST_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Puts the terminal on fd into raw mode (no echo, no line editing, no signals, output as it is); remembers how it
 * was and arranges for that to be restored at exit.  0 or -errno (-ENOTTY: not a terminal).
 */
int terminal_raw(int fd);
/* As it was before.  Async-signal-safe; does nothing when nothing is changed. */
void terminal_restore(void);
/* Raw again after terminal_restore(), if it has been raw before. */
void terminal_raw_again(void);
/* Is it raw just now?  Then a line on stderr needs its own carriage return. */
bool terminal_is_raw(void);
/* For hart_catch_host_faults(). */
void terminal_crash(int sig);
/* Did the terminal treat input as UTF-8 when we found it? */
bool terminal_was_utf8(void);
/* Size in characters.  False if fd is no terminal or does not know. */
bool terminal_size(int fd, uint16_t *rows, uint16_t *columns);

#endif
