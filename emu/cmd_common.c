/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/commands.h"
#include "emu/debug/strace.h"
#include "emu/machine.h"

void config_from_options(const struct options *o, struct machine_config *c)
{
	*c = (struct machine_config){
		.options = { .ram_size = o->memory, .deterministic = o->deterministic, .log_level = o->log_level,
			     .slice = 1000000 },
		.nr_trim_pages = o->trim,
		.stack_size = o->stack_size,
	};
}

bool start_tracing(struct machine *m, const struct options *o)
{
	int err;

	if (!o->strace)
		return true;
	err = strace_new(m, o->strace_output);
	if (err)
		fprintf(stderr, "flat32: cannot write the trace to %s: %s\n",
			o->strace_output ? o->strace_output : "stderr", strerror(-err));
	return !err;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strcspn(b, "=") == n && !strncmp(a, b, n);
}

static bool in_list(char **list, const char *entry)
{
	for (; list && *list; list++)
		if (same_name(*list, entry))
			return true;
	return false;
}

char **make_environment(const struct options *o, char **base)
{
	size_t n = 0, room = 1;
	char **env;

	for (char **e = base; *e; e++)
		room++;
	for (char **e = o->env; e && *e; e++)
		room++;
	env = calloc(room, sizeof *env);
	if (!env)
		return NULL;
	for (char **e = base; *e; e++)
		if (!in_list(o->unset, *e) && !in_list(o->env, *e))
			env[n++] = *e;
	for (char **e = o->env; e && *e; e++)
		if (!in_list(e + 1, *e))	/* of two with one name the last counts */
			env[n++] = *e;
	return env;
}
