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

struct machine;
struct machine_config;
/* cmd_common.c */
void config_from_options(const struct options *o, struct machine_config *c);
/* Opens the strace output the options ask for.  False: said on stderr. */
bool start_tracing(struct machine *m, const struct options *o);
/* The environment: `base` less --unset-env, plus --env.  NULL-terminated, owned (the list, not the strings). */
char **make_environment(const struct options *o, char **base);

#endif
