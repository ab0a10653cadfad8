/* SPDX-License-Identifier: MIT
 * /proc/locks, the locks in /proc/PID/fdinfo; setgroups() with as many groups as there can be.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "tracer.h"

#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static char text[4096];
static unsigned long inode;		/* of the file that is locked */

/* The lines that are about our file, without numbers that differ from run to run: PIDs become names, the device goes. */
static const char *locks(void)
{
	static char out[4096];
	FILE *f = fopen("/proc/locks", "r");
	char line[256], arrow[4], kind[16], advice[16], type[16], dev[64], end[32];
	int pid;
	long long start;
	size_t n = 0;

	out[0] = 0;
	while (f && fgets(line, sizeof line, f)) {
		char *rest = strchr(line, ':');
		unsigned a, b;
		unsigned long ino;

		strcpy(arrow, "");
		if (!rest || (sscanf(rest, ": -> %15s %15s %15s %d %63s %lld %31s", kind, advice, type, &pid, dev, &start, end) == 7 ?
			      !strcpy(arrow, "->") : sscanf(rest, ": %15s %15s %15s %d %63s %lld %31s", kind, advice, type, &pid, dev,
							   &start, end) != 7))
			continue;
		if (sscanf(dev, "%x:%x:%lu", &a, &b, &ino) != 3 || ino != inode)
			continue;
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s %s %s %s %lld %s;", arrow, kind, advice, type,
				      pid == -1 ? "-1" : pid == getpid() ? "me" : "other", start, end);
	}
	if (f)
		fclose(f);
	return out;
}

static void is(const char *got, const char *want, const char *name)
{
	if (!tap_ok(!strcmp(got, want), "%s", name))
		tap_diag("got '%s', want '%s'", got, want);
}

static int set(int fd, int cmd, int type, long start, long len)
{
	struct flock l = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &l);
}

/* The "lock:" lines of a descriptor, from the kind on, up to the PID. */
static const char *in_fdinfo(int fd)
{
	char path[64], line[256], kind[16], advice[16], type[16];
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	text[0] = 0;
	while (f && fgets(line, sizeof line, f)) {
		unsigned n;

		if (sscanf(line, "lock:\t%u: %15s %15s %15s", &n, kind, advice, type) == 4)
			sprintf(text + strlen(text), "%u %s %s;", n, kind, type);
	}
	if (f)
		fclose(f);
	return text;
}

static int role(char **argv)
{
	int fd = open(argv[2], O_RDWR);

	if (fd < 0)
		return 90;
	if (!strcmp(argv[1], "flock"))
		return flock(fd, LOCK_EX) ? 91 : 3;
	return set(fd, F_SETLKW, F_WRLCK, 5, 20) ? 92 : 4;
}

/* Starts somebody who waits for a lock, and waits until he does. */
static pid_t waiter(const char *what, const char *path)
{
	pid_t pid = start(what, path, 0);

	for (int i = 0; i < 500 && !strstr(locks(), "->"); i++)
		usleep(10000);
	return pid;
}

static void test_locks(void)
{
	const char *path = "/tmp/proc_locks";
	struct stat st;
	int a, b;
	pid_t pid;

	mkdir("/tmp", 0777);
	a = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	b = open(path, O_RDWR | O_CLOEXEC);
	fstat(a, &st);
	inode = (unsigned long)st.st_ino;
	is(locks(), "", "no locks");
	set(a, F_SETLK, F_WRLCK, 10, 5);
	is(locks(), "POSIX ADVISORY WRITE me 10 14;", "a record");
	set(a, F_SETLK, F_RDLCK, 100, 0);
	is(locks(), "POSIX ADVISORY READ me 100 EOF;POSIX ADVISORY WRITE me 10 14;", "another, to the end of the file: the newest first");
	is(in_fdinfo(a), "1 POSIX READ;2 POSIX WRITE;", "both in fdinfo");
	is(in_fdinfo(b), "1 POSIX READ;2 POSIX WRITE;", "of all descriptors of the file");
	pid = waiter("record", path);
	is(locks(), "POSIX ADVISORY READ me 100 EOF;POSIX ADVISORY WRITE me 10 14;->POSIX ADVISORY WRITE other 5 24;",
	   "somebody waits for one");
	set(a, F_SETLK, F_UNLCK, 0, 0);
	tap_is(wait_for(pid, 0), EXITED(4), "and gets it");
	is(locks(), "", "no locks any more");
	flock(a, LOCK_SH);
	is(locks(), "FLOCK ADVISORY READ me 0 EOF;", "flock(), shared");
	is(in_fdinfo(a), "1 FLOCK READ;", "in fdinfo of its open file");
	is(in_fdinfo(b), "", "and of no other");
	pid = waiter("flock", path);
	is(locks(), "FLOCK ADVISORY READ me 0 EOF;->FLOCK ADVISORY WRITE other 0 EOF;", "somebody wants it for himself");
	flock(a, LOCK_UN);
	tap_is(wait_for(pid, 0), EXITED(3), "and gets it");
	set(b, F_OFD_SETLK, F_WRLCK, 0, 1);
	is(locks(), "OFDLCK ADVISORY WRITE -1 0 0;", "a record of an open file");
	is(in_fdinfo(b), "1 OFDLCK WRITE;", "in fdinfo");
	close(b);
	is(locks(), "", "closed: no locks");
	close(a);
	unlink(path);
}

static void test_groups(void)
{
	enum { MAX = 65536 };
	static gid_t groups[MAX + 1], got[MAX];
	int sorted = 1;

	for (unsigned i = 0; i <= MAX; i++)
		groups[i] = 200000 - 2 * i;
	tap_errno(syscall(SYS_setgroups, MAX + 1, groups), EINVAL, "more groups than there can be");
	tap_zero(syscall(SYS_setgroups, MAX, groups), "as many as there can be");
	tap_is(syscall(SYS_getgroups, 0, NULL), MAX, "how many there are");
	tap_errno(syscall(SYS_getgroups, MAX - 1, got), EINVAL, "no room for them");
	tap_is(syscall(SYS_getgroups, MAX, got), MAX, "all of them");
	for (unsigned i = 0; i < MAX; i++)
		sorted &= got[i] == groups[MAX - 1 - i];
	tap_ok(sorted, "in ascending order");
	tap_zero(syscall(SYS_setgroups, 3, groups), "fewer");
	is(status_line(getpid(), "Groups:"), "199996 199998 200000 ", "/proc/self/status: Groups");
	tap_zero(syscall(SYS_setgroups, 0, NULL), "none");
	tap_is(syscall(SYS_getgroups, 0, NULL), 0, "none there");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_locks();
	test_groups();
	return tap_done();
}
