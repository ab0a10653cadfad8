/* SPDX-License-Identifier: MIT
 * limit SECONDS PROGRAM [ARGUMENT...]: runs a program in a session of its own, and kills what is left of that after so many
 * seconds. The status is the program's, 128 + N if signal N ended it, 124 if it took too long, 125 if it could not be begun.
 * In the guest, where BusyBox's timeout(1) does not work: without an MMU it starts itself again, and then
 * does not see the option that says whom to kill, because its own argument parsing has stopped before that. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t start(char **argv, const sigset_t *old)
{
	posix_spawnattr_t a;
	pid_t pid;
	int err;

	posix_spawnattr_init(&a);
	posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&a, old);
	err = posix_spawnp(&pid, argv[0], NULL, &a, argv, environ);
	if (!err)
		return pid;
	fprintf(stderr, "limit: %s: %s\n", argv[0], strerror(err));
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t child, old;
	struct timespec left;
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: limit SECONDS PROGRAM [ARGUMENT...]\n", stderr);
		return 125;
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	pid = start(argv + 2, &old);
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
