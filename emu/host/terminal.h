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

/*
 * A descriptor for the same pipe or character device with its own O_NONBLOCK, which setting it on fd itself would
 * not be: that flag belongs to everybody who shares it.  flags: O_RDONLY or O_WRONLY.  -errno where there is none
 * (files, sockets): then fd itself must do.
 */
int host_reopen(int fd, int flags);
/* Which of `events` (POLLIN, POLLOUT), POLLHUP and POLLERR it is ready for. */
int host_ready(int fd, int events);

#endif
