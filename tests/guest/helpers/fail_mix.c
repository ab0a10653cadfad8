/* SPDX-License-Identifier: MIT
 *
 * A bit of everything that takes memory, for tests/cli/fail_pages.sh: each part may fail, but only with an errno that says
 * that there is no memory, and what succeeds must hold what was put there. Status 1 and a line that begins with "BAD" if not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u

static int bad;

static void wrong(const char *what)
{
	printf("BAD: %s\n", what);
	bad = 1;
}

/* A call failed: is the error (0: errno's) one of no memory? */
static void refused(const char *what, int err)
{
	if (!err)
		err = errno;
	printf("%s: %s\n", what, strerror(err));
	if (err != ENOMEM && err != EAGAIN && err != ENOSPC)
		wrong("not an error of no memory");
}

static void clear(const unsigned char *p, size_t len, const char *what)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i]) {
			wrong(what);
			return;
		}
	}
}

static void maps(void)
{
	static const size_t sizes[] = { 1, 5 * PAGE, PAGE, 33 * PAGE, 17 * PAGE };
	unsigned char *p[5];

	for (int i = 0; i < 5; i++) {
		p[i] = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p[i] == MAP_FAILED) {
			refused("mmap", 0);
			continue;
		}
		clear(p[i], sizes[i], "fresh memory is not clear");
		memset(p[i], i + 1, sizes[i]);
	}
	for (int i = 0; i < 5; i++) {
		if (p[i] == MAP_FAILED)
			continue;
		if (p[i][0] != i + 1 || p[i][sizes[i] - 1] != i + 1)
			wrong("memory lost what was written");
		if (munmap(p[i], sizes[i]))
			wrong("munmap");
	}
}

static void *thread(void *arg)
{
	char *p = malloc(30000);

	if (p)
		memset(p, 1, 30000);
	else
		refused("malloc in a thread", 0);
	free(p);
	return arg;
}

static void threads(void)
{
	pthread_t t[4];
	int err[4];
	void *back;

	for (long i = 0; i < 4; i++)
		if ((err[i] = pthread_create(&t[i], NULL, thread, (void *)i)))
			refused("pthread_create", err[i]);
	for (long i = 0; i < 4; i++)
		if (!err[i] && (pthread_join(t[i], &back) || back != (void *)i))
			wrong("pthread_join");
}

static void shm(void)
{
	int id = shmget(IPC_PRIVATE, 6 * PAGE, IPC_CREAT | 0600);
	char *p;

	if (id < 0) {
		refused("shmget", 0);
		return;
	}
	p = shmat(id, NULL, 0);
	if (p == (void *)-1) {
		refused("shmat", 0);
	} else {
		clear((unsigned char *)p, 6 * PAGE, "a fresh segment is not clear");
		if (shmdt(p))
			wrong("shmdt");
	}
	if (shmctl(id, IPC_RMID, NULL))
		wrong("shmctl");
}

/* A file of so many pages, mapped whole. */
static void file(int fd, const char *what, int flags)
{
	char *p = MAP_FAILED;

	if (fd < 0 || ftruncate(fd, 9 * PAGE) || pwrite(fd, "text", 4, 8 * PAGE) != 4)
		refused(what, 0);
	else if ((p = mmap(NULL, 9 * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0)) == MAP_FAILED)
		refused(what, 0);
	if (p != MAP_FAILED && memcmp(p + 8 * PAGE, "text", 4))
		wrong("a mapping does not show its file");
	if (p != MAP_FAILED && munmap(p, 9 * PAGE))
		wrong("munmap of a file");
	if (fd >= 0)
		close(fd);
}

/* Until there is no memory for more of it. */
static void too_large(void)
{
	static char text[65536];
	int fd = open("/tmp/large", O_CREAT | O_TRUNC | O_RDWR, 0600);
	ssize_t n = 0;

	if (fd < 0) {
		refused("open", 0);
		return;
	}
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 4096; i++)
		if ((n = write(fd, text, sizeof(text))) < 0)
			break;
	if (n < 0)
		refused("a file larger than memory", 0);
	else
		wrong("a file larger than memory found room");
	if (pread(fd, text, 1, 0) == 1 && text[0] != 'x')
		wrong("the large file lost its text");
	close(fd);
	unlink("/tmp/large");
}

static void child(void)
{
	extern char **environ;
	char *argv[] = { "true", NULL };
	int status, err;
	pid_t pid;

	err = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
	if (err)
		refused("posix_spawn", err);
	else if (waitpid(pid, &status, 0) != pid)
		wrong("waitpid");
}

static void pipes(void)
{
	static char text[8192];
	int p[2];

	if (pipe(p)) {
		refused("pipe", 0);
		return;
	}
	if (write(p[1], text, sizeof(text)) < 0)
		refused("write to a pipe", 0);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	maps();
	threads();
	shm();
	file(open("/tmp/file", O_CREAT | O_TRUNC | O_RDWR, 0600), "a file, mapped shared", MAP_SHARED);
	file(open("/tmp/file", O_RDWR, 0600), "a file, mapped private", MAP_PRIVATE);
	file(memfd_create("mix", 0), "memfd", MAP_SHARED);
	unlink("/tmp/file");
	child();
	pipes();
	too_large();
	maps();
	return bad;
}
