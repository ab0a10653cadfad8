/* SPDX-License-Identifier: MIT
 *
 * `flat32 boot`: a root file system from an image, and its init on the console; or, with --exec, commands in its shell
 * with our own standard input, output and error.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/commands.h"
#include "emu/fs/vfs.h"
#include "emu/image.h"
#include "emu/machine.h"
#include "emu/share.h"
#include "emu/tty/console.h"
#include "emu/tty/hoststream.h"
#include "emu/tty/input_script.h"

static const char *const init_paths[] = { "/init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh", NULL };

/* --- The image --- */

/* The image that came with the program: beside it in the build tree, or where `make install` puts it. */
static const char *default_image(char buf[PATH_MAX])
{
	static const char *const places[] = { "rootfs.cpio.gz", "../rootfs.cpio.gz", "../share/flat32/rootfs.cpio.gz" };
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	exe[n] = 0;
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = 0;
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		if (snprintf(buf, PATH_MAX, "%s/%s", exe, places[i]) < PATH_MAX && !access(buf, R_OK))
			return buf;
	}
	return NULL;
}

/* --- Starting --- */

static bool exists(struct machine *m, const char *path)
{
	struct path_ref p;
	int err = machine_find(m, path, &p);

	if (!err)
		path_put(&p);
	return !err;
}

static char term[80];

static char *init_env[] = { (char *)"HOME=/", term, NULL };
static char *exec_env[] = {
	(char *)"HOME=/root", term, (char *)"USER=root", (char *)"SHELL=/bin/sh",
	(char *)"PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL,
};

/* Init on the console; script is then the console's. 0 or an exit status. */
static int start_init(struct machine *m, const struct options *o, struct input_script *script, char **args)
{
	struct file *console = NULL, *stdio[3];
	const char *init = o->init;
	char **argv, **env;
	size_t n = 0;
	int err;

	for (int i = 0; !init && init_paths[i]; i++)
		if (exists(m, init_paths[i]))
			init = init_paths[i];
	if (!init) {
		fprintf(stderr, "flat32: the image has no /init, /sbin/init, /etc/init, /bin/init or /bin/sh; "
			"name one with --init\n");
		input_script_free(script);
		return EXIT_NOT_FOUND;
	}
	while (args[n])
		n++;
	argv = calloc(n + 2, sizeof *argv);
	env = make_environment(o, init_env);
	err = argv && env ? console_new(m, script) : -ENOMEM;
	if (err)
		input_script_free(script);
	if (!err)
		err = console_open(m, &console);
	if (!err) {
		argv[0] = (char *)init;
		memcpy(argv + 1, args, n * sizeof *args);
		stdio[0] = stdio[1] = stdio[2] = console;
		err = machine_start(m, init, argv, env, NULL, stdio, true);
		file_put(console);
	}
	free(argv);
	free(env);
	return err ? explain_start(init, err) : 0;
}

/* The shell with our own descriptors. */
static int start_commands(struct machine *m, const struct options *o)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)o->exec, NULL };
	struct file *stdio[3] = { NULL };
	char **env = make_environment(o, exec_env);
	int err;

	err = env ? 0 : -ENOMEM;
	for (int fd = 0; !err && fd < 3; fd++)
		err = hoststream_new(m, fd, &stdio[fd]);
	if (!err)
		err = machine_start(m, "/bin/sh", argv, env, NULL, stdio, false);
	for (int fd = 0; fd < 3; fd++)
		if (stdio[fd])
			file_put(stdio[fd]);
	free(env);
	return err ? explain_start("/bin/sh", err) : 0;
}

/* A machine is started again for a person. A script would go on with the next thing, or do the same for ever. */
static bool somebody_is_there(const struct options *o)
{
	return !o->no_reboot && !o->exec && !o->input && (isatty(0) || (o->display.mode.width && !o->display.headless));
}

/*
 * The guest's reboot: the same command once more, as if the reset button had been pressed. What it has in files (disks, flash) is
 * as the guest left it; RAM, the clock and what we write (logs, pictures) begin anew.
 */
static int start_again(const struct options *o)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	/* Ignored signals stay ignored. */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* By its own name, for those who look at processes; or, where there is no such file any more, by what we are. */
	exe[n > 0 ? n : 0] = 0;
	execv(exe, o->argv);
	execv("/proc/self/exe", o->argv);
	fprintf(stderr, "flat32: cannot start again: %s\n", strerror(errno));
	return EXIT_OURS;
}

int command_boot(const struct options *o)
{
	struct input_script *script;
	char **args = o->rest, found[PATH_MAX];
	const char *path = NULL;
	struct image image;
	bool in_flash;
	struct machine *m;
	int status, err;

	/* Either `IMAGE -- ARGS` or, getopt having eaten the dashes, just the image. */
	if (args[0] && strcmp(args[0], "--") && strcmp(args[-1], "--")) {
		path = args[0];
		args++;
	}
	if (args[0] && !strcmp(args[0], "--"))
		args++;
	in_flash = !path && o->flash.file && image_in_flash(o->flash.file, &image);
	if (!path && !in_flash)
		path = default_image(found);
	if (!path && !in_flash) {
		fprintf(stderr, "flat32: boot: which image? (make one with 'make image' or guest-rootfs/mkimage)\n");
		return EXIT_OURS;
	}
	if (!read_script(o, !o->exec, &script))
		return EXIT_OURS;
	status = in_flash ? 0 : image_open(path, &image);
	m = status ? NULL : make_machine(o, &image, script);
	if (!m) {
		image_close(&image);
		input_script_free(script);
		return status ? status : EXIT_OURS;
	}
	snprintf(term, sizeof term, "TERM=%.60s", getenv("TERM") ? getenv("TERM") : "linux");
	status = image_root(m, &image);
	image_close(&image);
	if (!status) {
		machine_mount(m, MOUNT_DEV);
		/* An init mounts the rest itself. */
		err = o->exec ? machine_mount(m, MOUNT_PROC | MOUNT_SHM | MOUNT_TMP | MOUNT_PTS) : 0;
		status = o->exec && err ? explain_start("/bin/sh", err) : shares_mount(m, o);
	}
	if (status)
		input_script_free(script);
	else if (o->exec)
		status = play_script(m, script) ? start_commands(m, o) : EXIT_OURS;
	else
		status = start_init(m, o, script, args);
	if (status) {
		machine_free(m);
		return status;
	}
	status = run_machine(m, o, NULL, o->exec != NULL);
	if (status != RUN_AGAIN)
		return status;
	return somebody_is_there(o) ? start_again(o) : 0;
}
