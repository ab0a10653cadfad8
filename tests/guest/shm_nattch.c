/* SPDX-License-Identifier: MIT
 * SysV shared memory: how many are attached, across vfork, exec, exit, threads and death; locking; /proc/sysvipc/shm.
 * (Stock Linux 6.12 without an MMU cannot attach at all.)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

extern char **environ;
static const char *self;
static int id;
static int seen;

static int attached(void)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? -errno : (int)ds.shm_nattch;
}

static unsigned mode(void)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? 0 : ds.shm_perm.mode;
}

static char *text(int n)
{
	static char buf[16];

	snprintf(buf, sizeof buf, "%d", n);
	return buf;
}

/* Another process: attaches, says what it sees by its exit status. */
static int child(const char *role)
{
	volatile char *p;

	if (!strcmp(role, "look"))
		return attached();
	p = shmat(id, NULL, 0);
	if (p == (void *)-1)
		return 100;
	if (!strcmp(role, "attach"))
		return attached();
	if (!strcmp(role, "detach"))
		return shmdt((void *)p) ? 101 : attached();
	if (!strcmp(role, "die"))
		raise(SIGKILL);
	if (!strcmp(role, "exec"))	/* exec lets go of what was attached */
		execl(self, self, "look", text(id), NULL);
	if (!strcmp(role, "wait"))
		pause();
	return 102;
}

static pid_t spawn(const char *role)
{
	char *argv[] = { (char *)self, (char *)role, text(id), NULL };
	pid_t pid;

	return posix_spawn(&pid, self, NULL, NULL, argv, environ) ? -1 : pid;
}

static int ask(const char *role)
{
	int status = -1;

	waitpid(spawn(role), &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *thread(void *arg)
{
	(void)arg;
	seen = attached();
	return NULL;
}

static void processes(void)
{
	pthread_t t;
	pid_t pid;
	char *p;

	tap_is(attached(), 0, "nobody is attached");
	tap_is(ask("attach"), 1, "a process attaches");
	tap_is(attached(), 0, "and lets go by exit");
	p = shmat(id, NULL, 0);
	tap_ok(p != (void *)-1, "we attach");
	tap_is(attached(), 1, "one");
	pid = vfork();
	if (!pid) {
		seen = attached();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	tap_is(seen, 1, "a vfork child is in the same memory: still one");
	tap_is(attached(), 1, "nor does its end change it");
	tap_is(ask("look"), 1, "after exec it has nothing attached");
	tap_is(attached(), 1, "but we have");
	tap_is(ask("attach"), 2, "two");
	tap_is(attached(), 1, "and one again");
	tap_is(ask("detach"), 1, "shmdt() lets go of one");
	tap_is(ask("exec"), 1, "exec lets go of what was attached before it");
	tap_is(ask("die"), -SIGKILL, "one dies");
	tap_is(attached(), 1, "and has let go");
	if (!pthread_create(&t, NULL, thread, NULL))
		pthread_join(t, NULL);
	tap_is(seen, 1, "a thread is in the same memory");
	tap_is(attached(), 1, "and its end changes nothing");
	pid = spawn("wait");
	for (int i = 0; i < 2000 && attached() != 2; i++)
		usleep(1000);
	tap_is(attached(), 2, "another one waits");
	tap_zero(shmdt(p), "we let go");
	tap_is(attached(), 1, "one is left");
	tap_zero(shmctl(id, IPC_RMID, NULL), "removed while it is attached");
	tap_is(attached(), 1, "it lives on");
	p = shmat(id, NULL, 0);
	tap_ok(p != (void *)-1, "and can be attached");
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	tap_is(attached(), 1, "one is left of the two");
	tap_zero(shmdt(p), "the last one lets go");
	tap_is(attached(), -EINVAL, "and it is gone");
}

/* Twice in one process: the real kernel loses one of two mappings with the same start. */
static void twice(void)
{
	char *p = shmat(id, NULL, 0), *q = shmat(id, NULL, 0);

	tap_ok(p == q && p != (void *)-1, "attached twice, at one address");
	tap_is(attached(), 2, "two attachments");
	tap_zero(shmdt(p), "one shmdt()");
	tap_is(attached(), 1, "drops one of them");
	q[0] = 1;
	tap_zero(shmdt(q), "the second shmdt()");
	tap_is(attached(), 0, "drops the other");
	tap_errno(shmdt(q), EINVAL, "there is no third");
}

static void locking(void)
{
	tap_zero(shmctl(id, SHM_LOCK, NULL), "SHM_LOCK");
	tap_is(mode(), 02640, "shows in the mode");
	tap_zero(shmctl(id, SHM_LOCK, NULL), "again");
	tap_zero(shmctl(id, SHM_UNLOCK, NULL), "SHM_UNLOCK");
	tap_is(mode(), 0640, "does not");
	tap_errno(shmctl(id + 1, SHM_LOCK, NULL), EINVAL, "no such segment");
}

static void listed(void)
{
	static char list[4096];
	char head[] = "       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime"
		      "      ctime        rss       swap\n";
	int fd = open("/proc/sysvipc/shm", O_RDONLY), n = 0, key, shmid, cpid, lpid;
	unsigned perms, size, nattch, rss, swap;
	long long atime, dtime, ctime;
	char *line;
	void *p = shmat(id, NULL, 0);

	list[fd < 0 ? 0 : read(fd, list, sizeof list - 1)] = 0;
	close(fd);
	tap_ok(!strncmp(list, head, sizeof head - 1), "/proc/sysvipc/shm: its head");
	for (line = strchr(list, '\n'); line; line = strchr(line + 1, '\n')) {
		n = sscanf(line, "%d %d %o %u %d %d %u %*u %*u %*u %*u %lld %lld %lld %u %u", &key, &shmid, &perms,
			   &size, &cpid, &lpid, &nattch, &atime, &dtime, &ctime, &rss, &swap);
		if (n == 12 && shmid == id)
			break;
	}
	if (!tap_ok(line != NULL, "its line"))
		return;
	tap_is((long)(strchr(line + 1, 0x0a) - line - 1), 136, "its width");
	tap_is(key, 0x4e41, "key");
	tap_is(perms, 0640, "mode");
	tap_is(size, 10000, "size");
	tap_is(nattch, 1, "attached");
	tap_is(rss, 12288, "bytes in memory");
	tap_is(swap, 0, "none swapped");
	tap_ok(cpid == getpid() && lpid == getpid(), "maker and last user");
	tap_ok(atime >= ctime && ctime > 0 && dtime <= atime, "times");
	shmdt(p);
}

static int make(void)
{
	id = shmget(0x4e41, 10000, IPC_CREAT | IPC_EXCL | 0640);
	if (id < 0)
		tap_bail("shmget: %s", strerror(errno));
	return id;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 2) {
		id = atoi(argv[2]);
		return child(argv[1]);
	}
	tap_plan(0);
	make();
	locking();
	if (tap_own_machine())
		listed();
	else
		tap_skip(10, "another kernel's list");
	processes();
	make();
	twice();
	shmctl(id, IPC_RMID, NULL);
	return tap_done();
}
