/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "Futexes", and the note that brought them: its two programs dowait and dowake, as they are there but
 * for what they print going through pipes to this test.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <time.h>
#include "nommu.h"

static long futex(volatile void *p, int op, int val, const struct timespec *timeout)
{
	long long t[2] = { timeout ? timeout->tv_sec : 0, timeout ? timeout->tv_nsec : 0 };

	return syscall(SYS_futex_time64, p, op, val, timeout ? t : NULL, NULL, 0);
}

/* --- The two programs --- */

#define SYSERROR(X, Y) do { if ((long)(X) == -1L) { perror(Y); exit(1); } } while (0)

static int dowait(void)
{
	int shmid, tmp, *f, n;

	shmid = shmget(23, 4, IPC_CREAT | 0666);
	SYSERROR(shmid, "shmget");
	f = shmat(shmid, NULL, 0);
	SYSERROR(f, "shmat");
	n = *f;
	printf("WAIT: %p{%x}\n", (void *)f, n);
	fflush(stdout);
	tmp = (int)futex(f, FUTEX_WAIT, n, NULL);
	SYSERROR(tmp, "futex");
	printf("WAITED: %d\n", tmp);
	tmp = shmdt(f);
	SYSERROR(tmp, "shmdt");
	exit(0);
}

static int dowake(void)
{
	int shmid, tmp, *f;

	shmid = shmget(23, 4, IPC_CREAT | 0666);
	SYSERROR(shmid, "shmget");
	f = shmat(shmid, NULL, 0);
	SYSERROR(f, "shmat");
	(*f)++;
	printf("WAKE: %p{%x}\n", (void *)f, *f);
	tmp = (int)futex(f, FUTEX_WAKE, 1, NULL);
	SYSERROR(tmp, "futex");
	printf("WOKE: %d\n", tmp);
	tmp = shmdt(f);
	SYSERROR(tmp, "shmdt");
	exit(0);
}

/* Starts ROLE with its output in a pipe. */
static pid_t start(const char *role, FILE **from)
{
	char *argv[] = { (char *)"nommu", (char *)role, (char *)"0", NULL };
	posix_spawn_file_actions_t acts;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		tap_bail("pipe");
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, fds[1], 1);
	if (posix_spawn(&pid, "/proc/self/exe", &acts, NULL, argv, environ))
		tap_bail("posix_spawn");
	close(fds[1]);
	*from = fdopen(fds[0], "r");
	return pid;
}

/* A line "WORD: 0xADDRESS{NUMBER}" or "WORD: NUMBER". */
static int line(FILE *from, const char *word, unsigned long *addr, unsigned *n)
{
	char text[80], name[16];

	if (!fgets(text, sizeof text, from))
		return 0;
	if (addr && sscanf(text, "%15[A-Z]: %lx{%x}", name, addr, n) != 3)
		return 0;
	if (!addr && sscanf(text, "%15[A-Z]: %x", name, n) != 2)
		return 0;
	return !strcmp(name, word);
}

/* Waits until the process sleeps in a system call. */
static void until_asleep(pid_t pid)
{
	char path[32], text[256], state;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	for (int i = 0; i < 1000; i++) {
		f = fopen(path, "r");
		state = 0;
		if (f && fgets(text, sizeof text, f))
			sscanf(strrchr(text, ')') + 1, " %c", &state);
		if (f)
			fclose(f);
		if (state == 'S')
			return;
		usleep(1000);
	}
}

static void pair(void)
{
	int id = shmget(IPC_PRIVATE, 4, 0600);
	void *probe = shmat(id, NULL, 0);
	FILE *from1, *from2;
	unsigned long at1 = 0, at2 = 0;
	unsigned n1 = 9, n2 = 9, waited = 9, woke = 9;
	pid_t one, two;

	shmctl(id, IPC_RMID, NULL);
	if (probe == (void *)-1) {
		tap_skip(7, "nothing can be attached (stock 6.12)");
		return;
	}
	shmdt(probe);
	one = start("dowait", &from1);
	tap_ok(line(from1, "WAIT", &at1, &n1) && n1 == 0, "S78 S80 S82 dowait prints WAIT: ADDRESS{0}");
	until_asleep(one);
	two = start("dowake", &from2);
	tap_ok(line(from2, "WAKE", &at2, &n2) && n2 == 1, "S79 S81 S82 dowake prints WAKE: ADDRESS{1}");
	tap_ok(at1 && at1 == at2, "S77 S82 the address is the same");
	tap_ok(line(from1, "WAITED", NULL, &waited) && waited == 0, "S80 S82 dowait prints WAITED: 0");
	tap_ok(line(from2, "WOKE", NULL, &woke) && woke == 1, "S81 S82 dowake prints WOKE: 1");
	tap_zero(nommu_status(one), "S78 dowait ends well");
	tap_zero(nommu_status(two), "S79 dowake ends well");
	fclose(from1);
	fclose(from2);
	shmctl(shmget(23, 4, 0), IPC_RMID, NULL);
}

/* --- Support, and errors --- */

static int word;

static void operations(void)
{
	static const struct timespec soon = { 0, 1000000 };
	volatile int *p = (int *)nommu_anon(1);

	tap_zero(futex(&word, FUTEX_WAKE, 1, NULL), "S83 FUTEX_WAKE: nobody waits");
	tap_errno(futex(&word, FUTEX_WAIT, 1, NULL), EAGAIN, "S83 FUTEX_WAIT: the word has changed");
	tap_errno(futex(&word, FUTEX_WAIT, 0, &soon), ETIMEDOUT, "S83 FUTEX_WAIT: until a time");
	tap_errno(futex(p, FUTEX_WAIT, 0, &soon), ETIMEDOUT, "S77 S83 in an anonymous mapping");
	tap_errno(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL), EINVAL, "S83 not on a word's boundary");
	tap_errno(futex(&word, 99, 0, NULL), ENOSYS, "S83 an operation there is not");
	nommu_unmap((void *)p, PAGE);
}

/*
 * Addresses of memory, so that the real kernel survives being asked: what was unmapped, and /dev/mem's mapping of
 * what no process maps.
 */
static void outside(void)
{
	static const struct timespec soon = { 0, 1000000 };
	char *p = nommu_anon(4), *q;
	int fd = open("/dev/mem", O_RDWR);

	memset(p, 0, 4 * PAGE);
	nommu_unmap(p, 4 * PAGE);
	tap_errno(futex(p, FUTEX_WAIT, 1, &soon), EFAULT, "S84 FUTEX_WAIT outside of the process's mappings");
	tap_errno(futex(p, FUTEX_WAKE, 1, NULL), EFAULT, "S84 FUTEX_WAKE outside of them");
	q = nommu_map(PAGE, RW, MAP_SHARED, fd, (uintptr_t)p / PAGE);
	if (!q) {
		tap_skip(2, "no /dev/mem");
	} else {
		tap_errno(futex(q, FUTEX_WAIT, 1, &soon), EFAULT, "S84 FUTEX_WAIT in a mapping of a character device");
		tap_errno(futex(q, FUTEX_WAKE, 1, NULL), EFAULT, "S84 FUTEX_WAKE in one");
		nommu_unmap(q, PAGE);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return strcmp(argv[1], "dowait") ? dowake() : dowait();
	tap_plan(0);
	pair();
	operations();
	outside();
	return tap_done();
}
