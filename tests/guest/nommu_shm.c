/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "Interprocess shared memory", and statements (1) and (6) of the notes: counting attachments.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/shm.h>
#include "nommu.h"

static char *attach(int id)
{
	long r = syscall(SYS_shmat, id, 0, 0);

	return r == -1 ? NULL : (char *)r;
}

static int attached(int id)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? -1 : (int)ds.shm_nattch;
}

/* Another process, given the segment's number: attaches twice and leaves it to exit to detach. */
static int leave(int id)
{
	char *p = attach(id), *q = attach(id);

	return p && p == q ? attached(id) : 100;
}

/* 0 where nothing can be attached: stock 6.12. */
static int counting(void)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600), status;
	char *p, *q;
	pid_t pid;

	tap_is(attached(id), 0, "S36 S75 a new segment: no attachment");
	p = attach(id);
	if (!tap_ok(p && nommu_all(p, 0, 3 * PAGE), "S75 S76 it is attached, all zero")) {
		shmctl(id, IPC_RMID, NULL);
		return 0;
	}
	tap_is(attached(id), 1, "S36 one attachment");
	q = attach(id);
	tap_ok(q == p, "S50 attached again: the same address");
	tap_is(attached(id), 2, "S36 two attachments");
	pid = vfork();
	if (pid == 0) {
		int n = attached(id);

		_exit(n);
	}
	waitpid(pid, &status, 0);
	tap_is(WEXITSTATUS(status), 2, "S36 vfork() attaches nothing: the child uses its parent's memory");
	tap_is(attached(id), 2, "S36 and its exit detaches nothing");
	tap_is(nommu_run("leave", (unsigned long)id), 4,
		"S36 S50 another process attaches twice, at one address: four");
	tap_is(attached(id), 2, "S36 its exit drops its two");
	tap_zero(syscall(SYS_shmdt, p), "S49 shmdt()");
	tap_is(attached(id), 1, "S49 drops one attachment of two");
	tap_ok((*p = 3) == 3 && *q == 3, "S49 the memory stays");
	tap_zero(syscall(SYS_shmdt, q), "S49 shmdt() once more");
	tap_is(attached(id), 0, "S36 S49 drops the other");
	tap_errno(syscall(SYS_shmdt, q), EINVAL, "S49 there is no third");
	tap_zero(shmctl(id, IPC_RMID, NULL), "S75 and it is removed");
	tap_is(attached(id), -1, "S75 for good");
	return 1;
}

/* exec leaves the segments behind. */
static void across_exec(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	pid_t pid = nommu_spawn("exec", (unsigned long)id);

	tap_is(nommu_status(pid), 0, "S36 a process attaches and executes another program: that has none");
	tap_is(attached(id), 0, "S36 all are detached");
	shmctl(id, IPC_RMID, NULL);
}

static void addresses(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *p = attach(id);

	tap_errno(syscall(SYS_shmat, id, p, 0), EINVAL, "S50 an address is refused, the right one even");
	tap_errno(syscall(SYS_shmdt, p + PAGE), EINVAL, "S49 shmdt() behind it");
	tap_errno(syscall(SYS_shmdt, p + 4), EINVAL, "S49 shmdt() inside");
	syscall(SYS_shmdt, p);
	shmctl(id, IPC_RMID, NULL);
}

/* POSIX: a file, and truncate asks for its pages. */
static void posix(void)
{
	int fd = open("/dev/shm/nommu", O_RDWR | O_CREAT | O_EXCL, 0600);
	char *p;

	if (fd < 0) {
		tap_skip(4, "no /dev/shm");
		return;
	}
	tap_zero(ftruncate(fd, 3 * PAGE), "S76 S116 POSIX: a file in /dev/shm, ftruncate()");
	p = nommu_map(3 * PAGE, RW, MAP_SHARED, fd, 0);
	tap_ok(p != NULL, "S75 S76 S116 POSIX: mapped, shared");
	tap_is(nommu_run("posix", (unsigned long)p), 0, "S75 S76 POSIX: another process sees it at the same address");
	tap_is(p ? p[2 * PAGE] : 0, 'P', "S75 S76 POSIX: and writes to it");
	close(fd);
	unlink("/dev/shm/nommu");
	if (p)
		nommu_unmap(p, 3 * PAGE);
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		unsigned long n = strtoul(argv[2], NULL, 16);
		char *again[] = { argv[0], (char *)"count", argv[2], NULL };

		if (!strcmp(argv[1], "leave"))
			return leave((int)n);
		if (!strcmp(argv[1], "count"))
			return attached((int)n);
		if (!strcmp(argv[1], "exec"))
			return !attach((int)n) || attached((int)n) != 1 || execve("/proc/self/exe", again, environ);
		if (!strcmp(argv[1], "posix")) {
			int fd = open("/dev/shm/nommu", O_RDWR);
			char *p = nommu_map(3 * PAGE, RW, MAP_SHARED, fd, 0);

			if ((unsigned long)p != n)
				return 1;
			p[2 * PAGE] = 'P';
			return 0;
		}
	}
	tap_plan(0);
	if (counting()) {
		across_exec();
		addresses();
	}
	posix();
	return tap_done();
}
