/* SPDX-License-Identifier: MIT
 * SysV shared memory: attaching; and the pair of programs from nommu-mmap.txt, "Futexes". (Stock Linux 6.12 without
 * an MMU cannot attach at all.)
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

#ifndef SHM_STAT
#define SHM_STAT 13
#endif

extern char **environ;
static const char *self;

static pid_t spawn(const char *role, const char *arg)
{
	char *argv[] = { (char *)self, (char *)role, (char *)arg, NULL };
	pid_t pid;

	return posix_spawn(&pid, self, NULL, NULL, argv, environ) ? -1 : pid;
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A pointer as words in argv, to compare addresses between processes. */
static char *text(const volatile void *p)
{
	static char buf[16];

	snprintf(buf, sizeof buf, "%x", (unsigned)(uintptr_t)p);
	return buf;
}

static long futex(volatile int *p, int op, int val)
{
	return syscall(SYS_futex_time64, p, op, val, NULL, NULL, 0);
}

/* dowait and dowake of nommu-mmap.txt; both say whether they saw the segment at the address given. */
static int play(const char *role, const char *arg)
{
	void *there = (void *)(uintptr_t)strtoul(arg, NULL, 16);
	int id = shmget(23, 4, IPC_CREAT | 0666), n;
	volatile int *f = shmat(id, NULL, 0);

	if (f != there)
		return 50;
	if (!strcmp(role, "wait")) {
		n = *f;
		f[1] = 1;		/* ready */
		if (futex(f, 0, n))
			return 51;
		if (*f != n + 1)
			return 52;
	} else if (!strcmp(role, "wake")) {
		(*f)++;
		if (futex(f, 1, 1) != 1)
			return 53;
	} else if (!strcmp(role, "leave")) {
		return 0;		/* exit detaches */
	} else if (!strcmp(role, "check")) {
		return f[2] == 0x1234 ? 0 : 54;
	}
	return shmdt((void *)f) ? 55 : 0;
}

static void test_attach(void)
{
	int id = shmget(0x77, 10000, IPC_CREAT | 0640);
	struct shmid_ds ds;
	struct shminfo info;
	struct shm_info used;
	char *p, *q;
	int ok = 1;

	p = shmat(id, NULL, 0);
	if (!tap_ok(p != (void *)-1, "shmat"))
		tap_bail("shmat: %s", strerror(errno));
	for (int i = 0; i < 12288; i++)
		ok &= p[i] == 0;
	tap_ok(ok, "three pages of zeros");
	q = shmat(id, NULL, SHM_RDONLY);
	tap_ok(q == p, "attached again: the same address");
	memset(&ds, 0, sizeof ds);
	tap_zero(shmctl(id, IPC_STAT, &ds), "IPC_STAT");
	tap_is((long)ds.shm_segsz, 10000, "size");
	tap_is((long)ds.shm_nattch, 2, "attached twice");
	tap_is(ds.shm_cpid, getpid(), "made by us");
	tap_is(ds.shm_lpid, getpid(), "last attached by us");
	tap_is(ds.shm_perm.mode & 0777, 0640, "mode");
	tap_ok(ds.shm_perm.uid == geteuid() && ds.shm_perm.cuid == geteuid(), "owner and maker");
	tap_ok(ds.shm_atime > 0 && ds.shm_ctime > 0 && ds.shm_dtime == 0, "times");
	tap_errno((long)shmat(id, p, 0), EINVAL, "an address is refused, even the right one");
	tap_errno((long)shmat(id, p + 1, SHM_RND), EINVAL, "SHM_RND, too");
	tap_errno((long)shmat(id, p, SHM_REMAP), EINVAL, "and SHM_REMAP");
	tap_errno((long)shmat(12345678, NULL, 0), EINVAL, "shmat: no such id");
	tap_errno(shmdt(p + 4096), EINVAL, "shmdt: inside");
	tap_errno(shmdt(p + 1), EINVAL, "shmdt: misaligned");
	tap_errno(shmdt(NULL), EINVAL, "shmdt: nothing");
	ds.shm_perm.mode = 0600;
	tap_zero(shmctl(id, IPC_SET, &ds), "IPC_SET");
	shmctl(id, IPC_STAT, &ds);
	tap_is(ds.shm_perm.mode & 0777, 0600, "the mode has changed");
	tap_ok(shmctl(0, IPC_INFO, (struct shmid_ds *)&info) >= 0, "IPC_INFO");
	tap_is((long)info.shmmin, 1, "least size");
	tap_ok(shmctl(0, SHM_INFO, (struct shmid_ds *)&used) >= 0, "SHM_INFO");
	tap_ok(used.used_ids >= 1 && used.shm_tot >= 3, "segments and pages in use");
	tap_errno(shmctl(id, 99, &ds), EINVAL, "shmctl: no such command");
	tap_errno(shmctl(-1, IPC_STAT, &ds), EINVAL, "shmctl: negative id");
	tap_efault(syscall(SYS_shmctl, id, 2, 16), "shmctl: bad pointer");

	tap_zero(shmctl(id, IPC_RMID, NULL), "IPC_RMID while it is attached");
	tap_zero(shmctl(id, IPC_STAT, &ds), "it is still there");
	tap_is(ds.shm_perm.mode & 01000, 01000, "marked for destruction");
	p[5000] = 9;
	tap_zero(shmdt(p), "shmdt");
	tap_is(q[5000], 9, "the other attachment still shows it");
	tap_zero(shmdt(q), "shmdt of the other");
	tap_errno(shmdt(q), EINVAL, "no third");
	tap_errno(shmctl(id, IPC_STAT, &ds), EINVAL, "with the last attachment it is gone");
}

static void test_processes(void)
{
	int id = shmget(23, 12, IPC_CREAT | 0666), n;
	volatile int *f = shmat(id, NULL, 0);
	struct shmid_ds ds;
	pid_t waiter;

	waiter = spawn("leave", text(f));
	if (waiter < 0) {
		tap_skip(1, "cannot run ourselves again");
		return;
	}
	tap_is(status_of(waiter), 0, "another process sees it at the same address");
	shmctl(id, IPC_STAT, &ds);
	tap_is((long)ds.shm_nattch, 1, "its attachment went with it");
	f[2] = 0x1234;
	tap_is(status_of(spawn("check", text(f))), 0, "and sees what we write");
	n = *f;
	waiter = spawn("wait", text(f));
	for (int i = 0; i < 2000 && !f[1]; i++)
		usleep(1000);
	usleep(30000);
	shmctl(id, IPC_STAT, &ds);
	tap_is((long)ds.shm_nattch, 2, "dowait has attached");
	tap_is(status_of(spawn("wake", text(f))), 0, "dowake woke one");
	tap_is(status_of(waiter), 0, "dowait was woken: WAITED: 0");
	tap_is(*f, n + 1, "the number has changed");
	shmdt((void *)f);
	shmctl(id, IPC_RMID, NULL);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 2)
		return play(argv[1], argv[2]);
	tap_plan(0);
	test_attach();
	test_processes();
	return tap_done();
}
