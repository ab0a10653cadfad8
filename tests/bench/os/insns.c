/* SPDX-License-Identifier: MIT
 * How many instructions does a program take?  Run under "flat32 run --deterministic", where the
 * clock says one nanosecond for each: "insns PROGRAM [ARGUMENTS...]". */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	int status = -1, null = open("/dev/null", O_WRONLY);
	long long start = now();
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = vfork();
	if (!pid) {
		dup2(null, 1);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return 1;
	printf("%lld\n", now() - start);
	return 0;
}
