/* SPDX-License-Identifier: MIT
 *
 * The console: the host's standard input and output as the guest's first serial line (ttyS0, and
 * /dev/console).
 *
 * A terminal on standard input is put into raw mode, the guest's own line discipline does the rest.  Ctrl-A is
 * the emulator's: Ctrl-A x ends it, Ctrl-A h lists the others.
 *
 * Input from a pipe or file is typed line by line, each when somebody reads, so that a script and its output
 * look as they would on a terminal.  At its end the reader gets an end of file.
 */
#ifndef EMU_TTY_CONSOLE_H
#define EMU_TTY_CONSOLE_H

struct file;
struct input_script;
struct machine;

/*
 * Makes m->console and registers its devices (5:1, 4:64, 5:0).  script: what is typed (--input; becomes the console's if
 * this succeeds); NULL: standard input is.  0 or -errno.
 */
int console_new(struct machine *m, struct input_script *script);
/* Shows what is still to be shown, and gives the terminal back.  NULL is fine. */
void console_free(struct machine *m);
/* A new open file on it, as of /dev/console. */
int console_open(struct machine *m, struct file **out);
/* The host's terminal has a new size. */
void console_resized(struct machine *m);

#endif
