/* SPDX-License-Identifier: MIT
 *
 * costs COMMAND...: runs it twice, with its output thrown away, and prints two numbers that hardly depend on what else the
 * machine does: its page faults that needed no disk, and its system calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static pid_t start(char **argv, int traced)
{
	pid_t pid = fork();
	int null;

	if (pid < 0)
		fail("fork");
	if (pid)
		return pid;
	null = open("/dev/null", O_WRONLY);
	if (null < 0 || dup2(null, 1) < 0 || close(null))
		fail("/dev/null");
	if (traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		fail("ptrace");
	execvp(argv[0], argv);
	fail(argv[0]);
	return -1;
}

static void succeeded(int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "costs: the command failed: %#x\n", (unsigned)status);
		exit(2);
	}
}

static long faults(char **argv)
{
	struct rusage used;
	int status;

	if (wait4(start(argv, 0), &status, 0, &used) < 0)
		fail("wait4");
	succeeded(status);
	return used.ru_minflt;
}

/* Of the process that is started, from execve() on, not of children it may have. */
static long calls(char **argv)
{
	pid_t pid = start(argv, 1);
	long stops = 0;
	int status, sig;

	for (;;) {
		if (waitpid(pid, &status, 0) < 0)
			fail("waitpid");
		if (!WIFSTOPPED(status))
			break;
		sig = WSTOPSIG(status);
		stops += sig == (SIGTRAP | 0x80);
		if (sig == SIGTRAP && ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD))
			fail("PTRACE_SETOPTIONS");
		if (ptrace(PTRACE_SYSCALL, pid, NULL, sig == SIGTRAP || sig == (SIGTRAP | 0x80) ? 0 : sig) && errno != ESRCH)
			fail("PTRACE_SYSCALL");
	}
	succeeded(status);
	/* One stop before each and one behind it, but for the last. */
	return (stops + 1) / 2;
}

int main(int argc, char **argv)
{
	long f;

	if (argc < 2)
		return 2;
	f = faults(argv + 1);
	printf("%ld %ld\n", f, calls(argv + 1));
	return 0;
}
