/* SPDX-License-Identifier: MIT
 * This program once more, as a process: vfork() and execve(), and what it does there.
 */
#include <sys/wait.h>
#include "../stress.h"

extern char **environ;

/* Adds up the bytes of stdin. */
static int sum(void)
{
	unsigned char c;
	int n = 0;

	while (read(0, &c, 1) == 1)
		n += c;
	return n & 0x7f;
}

int stress_child(char **argv)
{
	if (!strcmp(argv[0], "exit"))
		return atoi(argv[1]);
	if (!strcmp(argv[0], "sum"))
		return sum();
	if (!strcmp(argv[0], "wait"))
		for (;;)
			pause();
	return STRESS_USAGE;
}

pid_t stress_spawn(const char *what, const char *arg, int in)
{
	char self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *argv[] = { self, "--child", (char *)what, (char *)arg, NULL };
	volatile int error = 0;		/* the child's, in this memory */
	pid_t pid;

	if (n < 0)
		return -1;
	self[n] = 0;
	pid = vfork();
	if (!pid) {
		if (in >= 0 && in != 0)
			dup2(in, 0);
		execve(self, argv, environ);
		error = errno;
		_exit(127);
	}
	if (pid > 0 && error) {
		stress_wait(pid, 0);
		errno = error == ENOEXEC ? ENOSYS : error;	/* under an emulator of programs */
		return -1;
	}
	return pid;
}

int stress_wait(pid_t pid, int flags)
{
	int status;
	pid_t r;

	do
		r = waitpid(pid, &status, flags);
	while (r < 0 && errno == EINTR);
	return r == pid ? status : -1;
}
