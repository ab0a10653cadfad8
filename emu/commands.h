/* SPDX-License-Identifier: MIT
 *
 * The commands of flat32, one file each.  They return the exit status; what went wrong is on stderr.
 */
#ifndef EMU_COMMANDS_H
#define EMU_COMMANDS_H

#include "emu/options.h"

int command_run(const struct options *o);	/* cmd_run.c */
int command_boot(const struct options *o);	/* cmd_boot.c */
int command_inspect(const struct options *o);	/* cmd_inspect.c */
int command_machine(const struct options *o);	/* cmd_machine.c */

struct input_script;
struct machine;
struct image;
/* cmd_common.c */
/*
 * The machine the options describe, traced if they say so; with a ROM if this is an image for one (NULL: no image), and with what
 * the script needs (NULL: none).  NULL: said on stderr; exit with EXIT_OURS.
 */
struct machine *make_machine(const struct options *o, const struct image *image, const struct input_script *script);
/* --input, NULL in *out if there is none. console: the machine has one. False: said on stderr why not. */
bool read_script(const struct options *o, bool console, struct input_script **out);
/* Begins one of a machine without a console, and takes it in any case; NULL is fine. False: as above. */
bool play_script(struct machine *m, struct input_script *script);
/* Says why the first program did not start; the exit status for it. */
int explain_start(const char *program, int err);
/*
 * Runs it to its end and frees it; the exit status, or RUN_AGAIN: the guest wants it started again, which may be refused by
 * taking that for 0.  forward: as host_signals_catch(); program: the file of the host that
 * the first process runs, NULL: it is none.
 */
enum { RUN_AGAIN = -1 };
int run_machine(struct machine *m, const struct options *o, const char *program, bool forward);
/* The environment: `base` less --unset-env, plus --env.  NULL-terminated, owned (the list, not the strings). */
char **make_environment(const struct options *o, char **base);

#endif
