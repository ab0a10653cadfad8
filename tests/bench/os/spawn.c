/* SPDX-License-Identifier: MIT
 * vfork, execve, wait: "spawn COUNT PROGRAM [ARGUMENTS...]"; PROGRAM's output goes to /dev/null. */
#include "rate.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_WRONLY);
	long n = rate_begin(argc, argv, 100);

	if (argc < 3)
		return 2;
	for (long i = 0; i < n; i++) {
		int status = -1;
		pid_t pid = vfork();

		if (!pid) {
			dup2(null, 1);
			execv(argv[2], argv + 2);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return rate_end(n);
}
