/* SPDX-License-Identifier: MIT
 * ptrace and programs: set-user-ID ones gain nothing under a tracer without rights, unreadable ones stay unread, mappings of
 * a tracee are its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "scratch.h"
#include "tracer.h"

static int copy_self(const char *to, mode_t mode)
{
	char buf[4096];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n, ok = 0;

	while ((n = read(in, buf, sizeof buf)) > 0)
		ok |= write(out, buf, (size_t)n) != n;
	close(in);
	close(out);
	return ok || chmod(to, mode) ? -1 : 0;
}

static pid_t start_file(const char *file, const char *role, int traced)
{
	char *argv[] = { (char *)file, (char *)role, NULL }, *envp[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		if (traced)
			syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
		execve(file, argv, envp);
		_exit(127);
	}
	return pid;
}

static int role(char **argv)
{
	if (!strcmp(argv[1], "who"))
		return geteuid() == 0 ? 10 : 11;
	if (!strcmp(argv[1], "dumpable"))
		return 20 + prctl(PR_GET_DUMPABLE);
	if (!strcmp(argv[1], "map")) {	/* is the file at argv[2] here, too? */
		int fd = open("data", O_RDONLY);
		void *p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);

		return p == (void *)(uintptr_t)strtoul(argv[2], NULL, 16) ? 30 : p == MAP_FAILED ? 39 : 31;
	}
	return 98;
}

/* As somebody without rights, in a child: what each of our programs ends with. */
static int as_nobody(int what)
{
	struct regs r;
	uint32_t word;
	pid_t pid;
	int err = 0;

	if (setgid(1000) || setuid(1000))
		return 1;
	pid = start_file(what == 2 ? "./unread" : "./setuid", what == 2 ? "dumpable" : "who", what != 0);
	if (what == 0)
		return wait_for(pid, 0) >> 8;
	if (wait_for(pid, 0) != STOP(SIGTRAP))
		return 2;
	if (what == 1)
		return go(PTRACE_CONT, pid, 0) >> 8;
	if (get_regs(pid, &r))
		return 3;
	if (trace(PTRACE_PEEKDATA, pid, r.sp, (unsigned long)&word))
		err = errno;
	if (go(PTRACE_CONT, pid, 0) != EXITED(20))
		return 4;
	return err;
}

static int owner(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (int)st.st_uid;
}

/* Who has given up rights is guarded from those that have no more than it. */
static int guarded(void)
{
	int bits = 0, fd;

	if (setgid(1000) || setuid(1000))
		return 1;
	bits |= (owner("/proc/self/.") == 1000) << 1;
	bits |= (owner("/proc/self/status") == 0) << 2;
	fd = open("/proc/self/environ", O_RDONLY);
	bits |= (fd < 0 && errno == EACCES) << 3;
	fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	bits |= (fd >= 0) << 4;
	prctl(PR_SET_DUMPABLE, 1);
	bits |= (owner("/proc/self/status") == 1000) << 5;
	fd = open("/proc/self/environ", O_RDONLY);
	bits |= (fd >= 0) << 6;
	return bits;
}

static int nobody(const char *what)
{
	return wait_for(start("nobody", what, 0), 0) >> 8;
}

static void test_mappings(void)
{
	char text[16];
	void *p;
	int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0644);

	/* In one piece, so that it can be shown where it lies. */
	tap_zero(ftruncate(fd, 8192), "a file in memory");
	p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	tap_ok(p != MAP_FAILED, "mapped, not to be written");
	snprintf(text, sizeof text, "%lx", (unsigned long)p);
	tap_is(wait_for(start("map", text, 0), 0), EXITED(30), "others that map it see the same memory");
	tap_is(go(PTRACE_CONT, start_traced("map", text), 0), EXITED(31), "a tracee has its own");
	munmap(p, 8192);
	unlink("data");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "nobody"))
		return as_nobody(atoi(argv[2]));
	if (argc > 1 && !strcmp(argv[1], "guarded"))
		return guarded();
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	scratch_enter();
	tap_zero(copy_self("setuid", 04755), "a set-user-ID program");
	tap_zero(copy_self("unread", 0711), "one that not all may read");
	tap_is(nobody("0"), 10, "nobody becomes root by the first");
	tap_is(nobody("1"), 11, "but not under a tracer that is nobody");
	tap_is(nobody("2"), EIO, "the second one's memory nobody sees");
	tap_is(prctl(PR_GET_DUMPABLE), 1, "PR_GET_DUMPABLE");
	tap_zero(prctl(PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE 0");
	tap_is(prctl(PR_GET_DUMPABLE), 0, "is 0");
	tap_errno(prctl(PR_SET_DUMPABLE, 2), EINVAL, "2 is not to be had");
	tap_is(wait_for(start("dumpable", NULL, 0), 0), EXITED(21), "after execve it is 1");
	tap_is(wait_for(start("guarded", NULL, 0), 0) >> 8, 0x7e,
	       "what gave up rights is root's in /proc until it says otherwise");
	test_mappings();
	unlink("setuid");
	unlink("unread");
	scratch_leave();
	return tap_done();
}
