/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *folder;
static struct texts files;
static int keep;

/* Also called by a signal: unlink and rmdir may be. */
static void clean(void)
{
	if (!folder || keep)
		return;
	for (size_t i = 0; i < files.n; i++)
		unlink(files.v[i]);
	rmdir(folder);
}

static void on_signal(int sig)
{
	clean();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void make_folder(void)
{
	static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	const char *tmp = getenv("TMPDIR");
	char *name = text("%s/fdpic-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	if (!mkdtemp(name))
		die("cannot make a folder %s: %s", name, strerror(errno));
	folder = name;
	atexit(clean);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], on_signal);
}

char *run_temp(const char *name)
{
	char *path;

	if (!folder)
		make_folder();
	path = text("%s/%s", folder, name);
	texts_add(&files, path);
	return path;
}

void run_keep(void)
{
	keep = 1;
	if (folder)
		fprintf(stderr, "flat32-ld-fdpic: temporary files are in %s\n", folder);
}

const char *run_lld(void)
{
	const char *lld = getenv("FLAT32_LLD");

	return lld && *lld ? lld : "ld.lld-19";
}

void run(const struct texts *words)
{
	pid_t child;
	int err, status;

	fflush(NULL);
	err = posix_spawnp(&child, words->v[0], NULL, NULL, words->v, environ);
	if (err)
		die("cannot run %s: %s", words->v[0], strerror(err));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("lost %s: %s", words->v[0], strerror(errno));
	if (WIFSIGNALED(status))
		die("%s was killed by signal %d", words->v[0], WTERMSIG(status));
	if (WEXITSTATUS(status))
		exit(WEXITSTATUS(status));
}
