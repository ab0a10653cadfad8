/* SPDX-License-Identifier: MIT
 * The pair of programs that comes with "NOMMU: Make futexes work under NOMMU conditions": one waits on a word of
 * shared memory, in another process another one changes it and wakes the first.  They are this program too, by its
 * argument; what they write into their shells goes into pipes here.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include "futex.h"

#define SYSERROR(x, y) do { if ((long)(x) == -1L) { perror(y); exit(1); } } while (0)

static int dowait(void)
{
	int shmid, tmp, n;
	int *f;

	shmid = shmget(23, 4, IPC_CREAT | 0666);
	SYSERROR(shmid, "shmget");
	f = shmat(shmid, NULL, 0);
	SYSERROR(f, "shmat");
	n = *f;
	printf("WAIT: %p{%x}\n", (void *)f, (unsigned)n);
	fflush(stdout);
	tmp = (int)futex((word *)f, WAIT, (unsigned)n, NULL, NULL, 0);
	SYSERROR(tmp, "futex");
	printf("WAITED: %d\n", tmp);
	tmp = shmdt(f);
	SYSERROR(tmp, "shmdt");
	return 0;
}

static int dowake(void)
{
	int shmid, tmp;
	int *f;

	shmid = shmget(23, 4, IPC_CREAT | 0666);
	SYSERROR(shmid, "shmget");
	f = shmat(shmid, NULL, 0);
	SYSERROR(f, "shmat");
	(*f)++;
	printf("WAKE: %p{%x}\n", (void *)f, (unsigned)*f);
	tmp = (int)futex((word *)f, WAKE, 1, NULL, NULL, 0);
	SYSERROR(tmp, "futex");
	printf("WOKE: %d\n", tmp);
	tmp = shmdt(f);
	SYSERROR(tmp, "shmdt");
	return 0;
}

static pid_t start(const char *role, FILE **out)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd))
		tap_bail("pipe");
	pid = vfork();
	if (!pid) {
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		execl("/proc/self/exe", role, role, (char *)NULL);
		_exit(9);
	}
	close(fd[1]);
	*out = fdopen(fd[0], "r");
	return pid;
}

static void test_pair(int round)
{
	FILE *waiter, *waker;
	void *at = NULL, *at_wake = NULL;
	int status = -1, held = -1, tmp = -1;
	pid_t pid, pid_wake;

	pid = start("dowait", &waiter);
	tap_ok(fscanf(waiter, "WAIT: %p{%x}", &at, (unsigned *)&held) == 2, "dowait says where it waits");
	tap_is(held, round, "and what for");
	usleep(20000);
	pid_wake = start("dowake", &waker);
	tap_ok(fscanf(waker, "WAKE: %p{%x}", &at_wake, (unsigned *)&held) == 2, "dowake says where it wakes");
	tap_ok(at && at == at_wake, "at the same address, in another process");
	tap_is(held, round + 1, "having changed the number");
	tap_ok(fscanf(waker, " WOKE: %d", &tmp) == 1 && tmp == 1, "WOKE: 1");
	tap_ok(fscanf(waiter, " WAITED: %d", &tmp) == 1 && tmp == 0, "WAITED: 0");
	waitpid(pid, &status, 0);
	tap_is(status, 0, "dowait ends well");
	waitpid(pid_wake, &status, 0);
	tap_is(status, 0, "dowake ends well");
	fclose(waiter);
	fclose(waker);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return strcmp(argv[1], "dowait") ? dowake() : dowait();
	tap_plan(0);
	shmctl(shmget(23, 4, 0), IPC_RMID, NULL);
	test_pair(0);
	test_pair(1);
	tap_zero(shmctl(shmget(23, 4, 0), IPC_RMID, NULL), "the segment goes");
	return tap_done();
}
