/* SPDX-License-Identifier: MIT
 *
 * Each allocation, host call and page allocation of the calls on memory and System V's objects fails once
 * (tests/guest/nth.h); for tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "nth.h"

#define PAGE 4096

static char block[20000];
static int file = -1;		/* 20,000 bytes on the root file system */

static void *map(size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void mapped(void *p, size_t len)
{
	if (p != MAP_FAILED)
		munmap(p, len);
}

static void do_anonymous(void)
{
	mapped((void *)NTH(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), 1);
	mapped((void *)NTH(mmap(NULL, 9 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), 9 * PAGE);
	mapped((void *)NTH(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)), PAGE);
}

static void do_file(void)
{
	mapped((void *)NTH(mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0)), 3 * PAGE);
	mapped((void *)NTH(mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE, file, PAGE)), 3 * PAGE);
}

static void do_shared(void)
{
	int fd = memfd_create("shared", 0);

	if (ftruncate(fd, 2 * PAGE))
		nth.bad = 1;
	mapped((void *)NTH(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)), 2 * PAGE);
	close(fd);
}

static void do_device(void)
{
	int fd = open("/dev/mem", O_RDWR);

	mapped((void *)NTH(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0x80000000)), PAGE);
	close(fd);
}

/* A hole in the middle makes two of one. */
static void do_hole(void)
{
	char *p = map(8 * PAGE);

	if (p == MAP_FAILED)
		return;
	if (NTH(munmap(p + 3 * PAGE, 2 * PAGE)) == 0) {
		munmap(p, 3 * PAGE);
		munmap(p + 5 * PAGE, 3 * PAGE);
	} else {
		munmap(p, 8 * PAGE);
	}
}

static void do_unmap(void)
{
	char *p = map(8 * PAGE);

	NTH(munmap(p, 8 * PAGE));
}

static void do_remap(void)
{
	char *p = map(2 * PAGE), *q = (char *)NTH(mremap(p, 2 * PAGE, PAGE, MREMAP_MAYMOVE));

	munmap(p, q == MAP_FAILED ? 2 * PAGE : PAGE);
}

static void do_brk(void)
{
	void *was = (void *)syscall(SYS_brk, 0);

	NTH(syscall(SYS_brk, (char *)was + 2 * PAGE));
	syscall(SYS_brk, was);
}

static void do_shm(void)
{
	int id = NTH(shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600));
	struct shmid_ds ds;
	void *p;

	if (id < 0)
		return;
	p = (void *)NTH(shmat(id, NULL, 0));
	NTH(shmctl(id, IPC_STAT, &ds));
	if (p != (void *)-1)
		NTH(shmdt(p));
	shmctl(id, IPC_RMID, NULL);
	if (p != (void *)-1)
		shmdt(p);
}

static void do_sem(void)
{
	struct sembuf up[2] = { { 0, 1, SEM_UNDO }, { 1, 1, 0 } }, down[2] = { { 0, -1, SEM_UNDO }, { 1, -1, 0 } };
	int id = NTH(semget(IPC_PRIVATE, 4, IPC_CREAT | 0600));

	if (id < 0)
		return;
	if (NTH(semop(id, up, 2)) == 0)
		NTH(semop(id, down, 2));
	semctl(id, 0, IPC_RMID);
}

static void do_msg(void)
{
	struct { long type; char text[600]; } m = { 1, "text" };
	int id = NTH(msgget(IPC_PRIVATE, IPC_CREAT | 0600));

	if (id < 0)
		return;
	if (NTH(msgsnd(id, &m, sizeof m.text, IPC_NOWAIT)) == 0)
		NTH(msgrcv(id, &m, sizeof m.text, 0, IPC_NOWAIT));
	NTH(msgsnd(id, &m, 100, IPC_NOWAIT));
	msgctl(id, IPC_RMID, NULL);
}

/* A wait that ends by its time limit. */
static void do_futex(void)
{
	static int word;
	struct { long long sec, nsec; } soon = { 0, 1000 };
	long r;

	r = NTH(syscall(SYS_futex_time64, &word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
	if (r == -1 && errno == ETIMEDOUT)
		nth.error = 0;
	r = NTH(syscall(SYS_futex_time64, &word, FUTEX_WAIT, 0, &soon, NULL, 0));
	if (r == -1 && errno == ETIMEDOUT)
		nth.error = 0;
	NTH(syscall(SYS_futex_time64, &word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

static void do_futex_pi(void)
{
	static int word;

	word = 0;
	if (NTH(syscall(SYS_futex_time64, &word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0)) == 0)
		NTH(syscall(SYS_futex_time64, &word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
}

static void do_process_vm(void)
{
	char here[3000];
	struct iovec to = { here, sizeof here }, from = { block, sizeof here };

	NTH(process_vm_readv(getpid(), &to, 1, &from, 1, 0));
}

static void do_posix_shm(void)
{
	int fd = NTH(shm_open("/nth", O_RDWR | O_CREAT, 0600));

	if (fd >= 0) {
		NTH(ftruncate(fd, PAGE));
		mapped((void *)NTH(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)), PAGE);
		close(fd);
	}
	shm_unlink("/nth");
}

static const struct nth_case cases[] = {
	{ "anonymous", do_anonymous }, { "file", do_file }, { "shared", do_shared }, { "device", do_device }, { "hole", do_hole },
	{ "unmap", do_unmap }, { "mremap", do_remap }, { "brk", do_brk }, { "shm", do_shm }, { "sem", do_sem }, { "msg", do_msg },
	{ "futex", do_futex }, { "futex_pi", do_futex_pi }, { "process_vm", do_process_vm }, { "posix_shm", do_posix_shm },
};

int main(int argc, char **argv)
{
	(void)argc;
	file = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(file, block, sizeof block) != (ssize_t)sizeof block)
		tap_bail("cannot write /tmp/file: %s", strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
