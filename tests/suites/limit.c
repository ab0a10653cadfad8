/* SPDX-License-Identifier: MIT
 * limit [-t] [-u UID] SECONDS PROGRAM [ARGUMENT...]: runs a program in a session of its own, as that user and group, and kills
 * what is left of it after so many seconds. The status is the program's, 128 + N if signal N ended it, 124 if it took too
 * long, 125 if it could not be begun. -t: the session has a terminal (/dev/tty), to which nobody types.
 * In the guest, where BusyBox's timeout(1) does not work: without an MMU it starts itself again, and then
 * does not see the option that says whom to kill, because its own argument parsing has stopped before that. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* terminal: its name, or NULL. Who leads a session and opens one has it. */
static pid_t start(char **argv, const sigset_t *old, const char *terminal)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t a;
	pid_t pid;
	int err;

	posix_spawnattr_init(&a);
	posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&a, old);
	posix_spawn_file_actions_init(&files);
	if (terminal) {
		posix_spawn_file_actions_addopen(&files, 100, terminal, O_RDWR, 0);
		posix_spawn_file_actions_addclose(&files, 100);
	}
	err = posix_spawnp(&pid, argv[0], &files, &a, argv, environ);
	if (!err)
		return pid;
	fprintf(stderr, "limit: %s: %s\n", argv[0], strerror(err));
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t child, old;
	struct timespec left;
	int option, status, with_terminal = 0;
	const char *name = NULL;
	pid_t pid;

	while ((option = getopt(argc, argv, "+tu:")) != -1) {
		if (option == 't')
			with_terminal = 1;
		else if (option != 'u' || setgroups(0, NULL) < 0 || setgid(atoi(optarg)) < 0 || setuid(atoi(optarg)) < 0)
			return 125;
	}
	argv += optind - 1;
	if (argc - optind < 2) {
		fputs("usage: limit [-t] [-u UID] SECONDS PROGRAM [ARGUMENT...]\n", stderr);
		return 125;
	}
	if (with_terminal) {
		struct winsize size = { .ws_row = 25, .ws_col = 80 };
		int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (terminal < 0 || unlockpt(terminal) < 0 || ioctl(terminal, TIOCSWINSZ, &size) < 0) {
			perror("limit: a terminal");
			return 125;
		}
		name = ptsname(terminal);
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	pid = start(argv + 2, &old, name);
	if (!pid)
		return 125;
	left = (struct timespec){ .tv_sec = atoi(argv[1]) };
	/* a SIGCHLD may also say that the program was stopped or goes on */
	while (sigtimedwait(&child, NULL, &left) == SIGCHLD || errno == EINTR) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			kill(-pid, SIGKILL);
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
	}
	kill(pid, SIGKILL);
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 124;
}
