/* SPDX-License-Identifier: MIT
 *
 * A descriptor of the emulator's own (a pipe, file or terminal of the host) as an open file of the guest: standard
 * input, output and error of `flat32 run`.
 *
 * Reads and writes go straight through, but never block the emulator: what the host is not ready for is
 * -EAGAIN, and poll() wakes the task when it is.  A host terminal keeps its own settings and line
 * discipline, which the guest can change as a program of the host could; only job control is the guest's own (process
 * numbers mean nothing to the host), in m->terminal.
 */
#ifndef EMU_TTY_HOSTSTREAM_H
#define EMU_TTY_HOSTSTREAM_H

struct file;
struct machine;

/*
 * The file takes host_fd over and closes it with its last reference (0, 1 and 2 are pointed to /dev/null
 * instead).  It is opened as the descriptor allows.  0 or -errno; 0 with *out NULL if host_fd is not open.
 */
int hoststream_new(struct machine *m, int host_fd, struct file **out);
void hoststream_terminal_free(struct machine *m);

#endif
