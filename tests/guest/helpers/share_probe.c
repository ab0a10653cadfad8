/* SPDX-License-Identifier: MIT
 *
 * What tests/cli/share.sh cannot ask a shell for.
 *	hello		says where it was started
 *	map FILE	private and shared mappings of it
 *	lock FILE	takes locks, and tries to take them as somebody else
 *	make FILE	makes it with mode 0444, and writes to it
 *	make6 FILE	makes it with mode 06755
 *	as UID COMMANDS	a shell of somebody else
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static void shared(const char *what, int fd, int prot)
{
	void *p = mmap(NULL, 4, prot, MAP_SHARED, fd, 0);

	printf("%s: %s\n", what, p == MAP_FAILED ? strerror(errno) : "mapped");
}

static int map(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p, text[6] = "";

	if (fd < 0)
		return fail(path);
	p = mmap(NULL, 6, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return fail("private");
	printf("private: %.5s\n", p);
	*p = 'j';
	printf("private, written: %.5s\n", p);
	if (read(fd, text, 5) != 5)
		return fail("read");
	printf("the file: %s\n", text);
	shared("shared", fd, PROT_READ);
	shared("shared, to be written", fd, PROT_READ | PROT_WRITE);
	return 0;
}

/* Record locks belong to a process: somebody else is this program once more. */
static int lock(const char *self, const char *path)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR), other = open(path, O_RDWR), status;
	pid_t pid;

	if (fd < 0 || other < 0)
		return fail(path);
	if (flock(fd, LOCK_EX) || fcntl(fd, F_SETLK, &l))
		return fail("lock");
	if (flock(other, LOCK_EX | LOCK_NB))
		fail("flock");
	fflush(stdout);
	pid = vfork();
	if (!pid) {
		execl(self, self, "locked", path, (char *)NULL);
		_exit(127);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

static int locked(const char *path)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return fail(path);
	if (fcntl(fd, F_SETLK, &l))
		fail("fcntl");
	return 0;
}

static int make(const char *path, mode_t mode)
{
	int fd;

	umask(0);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0 || write(fd, "made\n", 5) != 5)
		return fail(path);
	return 0;
}

static int as(const char *uid, char *commands)
{
	uid_t id = (uid_t)strtoul(uid, NULL, 10);

	if (setgid(id) || setuid(id))
		return fail(uid);
	execl("/bin/sh", "sh", "-c", commands, (char *)NULL);
	return fail("/bin/sh");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "hello", *path = argc > 2 ? argv[2] : "";

	if (!strcmp(what, "map"))
		return map(path);
	if (!strcmp(what, "lock"))
		return lock(argv[0], path);
	if (!strcmp(what, "locked"))
		return locked(path);
	if (!strcmp(what, "make"))
		return make(path, 0444);
	if (!strcmp(what, "make6"))
		return make(path, 06755);
	if (!strcmp(what, "as") && argc > 3)
		return as(path, argv[3]);
	printf("hello from %s\n", argv[0]);
	return 0;
}
