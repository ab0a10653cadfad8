/* SPDX-License-Identifier: MIT
 * Starts and reaps N children one after the other, then says how the guest stands and waits for a line on stdin, so
 * that a host script can look at the emulator meanwhile.
 *
 *	spawner N
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static long meminfo_free(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "MemFree: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static long open_files(void)
{
	long n = -1;
	FILE *f = fopen("/proc/sys/fs/file-nr", "r");

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

static int run(int n)
{
	for (int i = 0; i < n; i++) {
		char *argv[] = { (char *)"/proc/self/exe", (char *)"child", NULL };
		pid_t pid;
		int status, err = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);

		if (err) {
			printf("spawn %d: %s\n", i, strerror(err));
			return 1;
		}
		if (waitpid(pid, &status, 0) != pid || status != 3 << 8) {
			printf("child %d: status %x\n", i, status);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char line[16];
	long mem, files;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return 3;
	if (run(20))	/* everything that is made once is made */
		return 1;
	mem = meminfo_free();
	files = open_files();
	if (run(argc > 1 ? atoi(argv[1]) : 100))
		return 1;
	printf("memory %ld files %ld\n", meminfo_free() - mem, open_files() - files);
	fflush(stdout);
	return !fgets(line, sizeof line, stdin);
}
