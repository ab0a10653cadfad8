/* SPDX-License-Identifier: MIT
 *
 * `flat32 run`: one program from the host, with the host's files and our own standard input, output and error.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/commands.h"
#include "emu/fs/hostfs.h"
#include "emu/fs/vfs.h"
#include "emu/host/signals.h"
#include "emu/kernel/task.h"
#include "emu/machine.h"
#include "emu/tty/hoststream.h"

extern char **environ;

static int start(struct machine *m, const struct options *o)
{
	struct file *stdio[3] = { NULL };
	char cwd[PATH_MAX], **env = make_environment(o, environ);
	const char *program = o->rest[0];
	char *argv0 = o->rest[0];
	int err;

	err = env ? hostfs_mount_root(m) : -ENOMEM;
	if (!err)
		err = machine_mount(m, MOUNT_DEV | MOUNT_PROC | MOUNT_SHM);
	for (int fd = 0; !err && fd < 3; fd++)
		err = hoststream_new(m, fd, &stdio[fd]);
	if (!err) {
		if (o->argv0)
			o->rest[0] = (char *)o->argv0;
		err = machine_start(m, program, o->rest, env, getcwd(cwd, sizeof cwd) ? cwd : "/", stdio, false);
		o->rest[0] = argv0;
	}
	for (int fd = 0; fd < 3; fd++)
		if (stdio[fd])
			file_put(stdio[fd]);
	free(env);
	return err;
}

static int explain(const char *program, int err)
{
	fprintf(stderr, "flat32: cannot run %s: %s%s\n", program, strerror(-err),
		err == -ENOEXEC ? " (flat32 inspect says more)" :
		err == -ENOMEM ? " (give the guest more with -m)" : "");
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

int command_run(const struct options *o)
{
	struct machine_config config;
	struct machine *m;
	int err, status;

	if (!o->rest[0]) {
		fprintf(stderr, "flat32: run: which program?\nTry 'flat32 run --help'.\n");
		return EXIT_OURS;
	}
	config_from_options(o, &config);
	m = machine_new(&config, &err);
	if (!m) {
		fprintf(stderr, "flat32: cannot make the machine: %s\n", strerror(-err));
		return EXIT_OURS;
	}
	status = start_tracing(m, o) ? 0 : EXIT_OURS;
	if (!status) {
		err = start(m, o);
		if (err)
			status = explain(o->rest[0], err);
	}
	if (!status) {
		host_signals_catch(m, true);
		tasks_run(m);
		status = m->status;
	}
	machine_free(m);
	return status;
}
