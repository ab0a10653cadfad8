/* SPDX-License-Identifier: MIT
 *
 * `flat32 run`: one program from the host, with the host's files and our own standard input, output and error.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/commands.h"
#include "emu/fs/hostfs.h"
#include "emu/fs/vfs.h"
#include "emu/machine.h"
#include "emu/share.h"
#include "emu/tty/input_script.h"
#include "emu/tty/hoststream.h"

extern char **environ;

static int mount_host(struct machine *m)
{
	int err = hostfs_register(m);

	if (!err)
		err = hostfs_mount_root(m);
	return err ? err : machine_mount(m, MOUNT_DEV | MOUNT_PROC | MOUNT_SHM | MOUNT_PTS);
}

/* --prefix: a folder of the host, which is the guest's root. 0 or an exit status. */
static int set_prefix(struct machine *m, const char *dir)
{
	char path[PATH_MAX];
	struct path_ref p;
	int err;

	if (!dir)
		return 0;
	err = realpath(dir, path) ? machine_find(m, path, &p) : -errno;
	if (!err && !S_ISDIR(p.dentry->inode->mode)) {
		path_put(&p);
		err = -ENOTDIR;
	}
	if (err) {
		fprintf(stderr, "flat32: --prefix %s: %s\n", dir, strerror(-err));
		return EXIT_OURS;
	}
	vfs_prefix(m, &p);
	return 0;
}

static int start(struct machine *m, const struct options *o)
{
	struct file *stdio[3] = { NULL };
	char cwd[PATH_MAX], **env = make_environment(o, environ);
	const char *program = o->rest[0];
	char *argv0 = o->rest[0];
	int err = env ? 0 : -ENOMEM;

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

/* What the host's ls would have said of a file that must not be executed. */
static void hint_at_access(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return;
	if (S_ISDIR(st.st_mode))
		fprintf(stderr, "flat32: %s is a folder\n", path);
	else if (S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		fprintf(stderr, "flat32: it is not marked as executable: chmod +x, if it is a program or a script\n");
}

/* The program is there: what it is to be loaded by is not. A script's line has been named already. */
static void hint_at_linker(const char *path, const char *prefix)
{
	FILE *f = fopen(path, "r");
	bool script = f && getc(f) == '#';

	if (f && !script && prefix)
		fprintf(stderr, "flat32: its dynamic linker is neither in %s nor on the host\n", prefix);
	else if (f && !script)
		fprintf(stderr, "flat32: its dynamic linker is not on this host; -L DIR has it looked for in DIR first\n"
			"flat32: (for programs of flat32-cc -mfdpic: -L SDK/sysroot-fdpic)\n");
	if (f)
		fclose(f);
}

int command_run(const struct options *o)
{
	struct input_script *script;
	struct machine *m;
	int err, status = 0;

	if (!o->rest[0]) {
		fprintf(stderr, "flat32: run: which program?\nTry 'flat32 run --help'.\n");
		return EXIT_OURS;
	}
	if (!read_script(o, false, &script))
		return EXIT_OURS;
	m = make_machine(o, NULL, script);
	if (!m) {
		input_script_free(script);
		return EXIT_OURS;
	}
	if (!play_script(m, script)) {
		machine_free(m);
		return EXIT_OURS;
	}
	err = mount_host(m);
	if (!err)
		status = shares_mount(m, o);
	if (!err && !status)
		status = set_prefix(m, o->prefix);
	if (!err && !status)
		err = start(m, o);
	/* Before the machine is freed: with it go its standard streams, and they are ours. */
	if (err) {
		status = explain_start(o->rest[0], err);
		if (err == -EACCES)
			hint_at_access(o->rest[0]);
		if (err == -ENOENT)
			hint_at_linker(o->rest[0], o->prefix);
	}
	if (status) {
		machine_free(m);
		return status;
	}
	status = run_machine(m, o, o->rest[0], true);
	return status == RUN_AGAIN ? 0 : status;
}
