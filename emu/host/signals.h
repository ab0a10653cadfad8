/* SPDX-License-Identifier: MIT
 *
 * Signals the host sends to the emulator's own process.  Handlers only take a note and end whatever the
 * emulator is in (hart_run(), host_poll()); the scheduler acts on the notes, between two tasks.
 *
 * A process has one set of signal handlers, so one machine per process can catch them: the one piece of static
 * state of the emulator, with the terminal's (emu/host/terminal.h).
 */
#ifndef EMU_HOST_SIGNALS_H
#define EMU_HOST_SIGNALS_H

#include <stdbool.h>

struct machine;

/*
 * Call once the first program is in place, before tasks_run().
 *
 * forward true (`flat32 run`): what comes from the keyboard (SIGINT, SIGQUIT, SIGTSTP) goes to the guest's
 * foreground group, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM ... to its first process, as if the host had run the
 * program itself.  When that process stops, so does the emulator; SIGCONT sets both going again.  SIGTERM, SIGHUP, SIGINT or SIGQUIT once
 * more, when the one of more than two seconds ago has not even been passed on, ends an emulator that hangs.
 *
 * forward false (`flat32 boot`): SIGTERM, SIGHUP, SIGINT and SIGQUIT stop the machine (status 128+n), a second one
 * ends the emulator at once.  SIGUSR1 says what state the devices
 * are in (board_dump()). SIGTSTP gives the terminal back while stopped.
 *
 * In both: SIGWINCH reaches the guest, SIGPIPE and SIGXFSZ are ignored (writes say EPIPE and EFBIG), a crash
 * restores the terminal.
 *
 * 0, or -ENOMEM: the guest's faults would be the emulator's, so it must not run.
 */
int host_signals_catch(struct machine *m, bool forward);
/* Acts on what has come.  Cheap when there is nothing. */
void host_signals_poll(struct machine *m);
/* There is no machine any more: what comes now does what it would have done before there was one. */
void host_signals_release(struct machine *m);
/* Stops the emulator as the terminal's Ctrl-Z would have, the terminal as we found it meanwhile. */
void host_suspend(struct machine *m);

#endif
