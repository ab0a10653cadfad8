/* SPDX-License-Identifier: MIT
 * What a user may not do to others, and how much of it: kill, priorities, limits, names, clocks.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

extern char **environ;
static const char *self;

static pid_t start(const char *role)
{
	char *argv[] = { (char *)self, (char *)role, NULL };
	pid_t pid;

	errno = posix_spawn(&pid, self, NULL, NULL, argv, environ);
	return errno ? -1 : pid;
}

static int limit(int what, rlim_t cur, rlim_t max)
{
	struct rlimit r = { cur, max };

	return setrlimit(what, &r);
}

static void test_kill(pid_t parent, pid_t peer)
{
	tap_errno(kill(1, 0), EPERM, "kill of init, even to ask");
	tap_errno(kill(parent, SIGCONT), EPERM, "SIGCONT to another user's process of another session");
	tap_errno(kill(parent, SIGTERM), EPERM, "kill of another user's process");
	tap_zero(kill(peer, 0), "one's own");
	tap_errno(kill(99999, 0), ESRCH, "of nobody");
	tap_errno(kill(getpid(), 65), EINVAL, "no such signal");
	tap_zero(kill(-1, 0), "all that one may");
}

static void test_priorities(pid_t parent)
{
	struct sched_param fifo = { .sched_priority = 1 };

	tap_errno(setpriority(PRIO_PROCESS, 0, -1), EACCES, "a better priority");
	tap_zero(setpriority(PRIO_PROCESS, 0, 5), "a worse one");
	tap_errno(setpriority(PRIO_PROCESS, 0, 4), EACCES, "and back");
	tap_errno(setpriority(PRIO_PROCESS, (id_t)parent, 5), EPERM, "another's");
	tap_is(getpriority(PRIO_PROCESS, (id_t)parent), 0, "asking is allowed");
	tap_errno(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &fifo), EPERM, "a real-time policy");
}

static void test_limits(void)
{
	struct timespec now = { 1700000000, 0 };
	int status;
	pid_t pid;

	tap_zero(limit(RLIMIT_NOFILE, 50, 100), "a lower limit");
	tap_errno(limit(RLIMIT_NOFILE, 50, 101), EPERM, "a higher one");
	tap_errno(limit(RLIMIT_NOFILE, 101, 100), EINVAL, "more than the limit allows");
	tap_zero(limit(RLIMIT_NOFILE, 100, 100), "up to it");
	tap_zero(limit(RLIMIT_NPROC, 2, 4), "two processes: we and our peer");
	tap_errno(start("sleep"), EAGAIN, "a third");
	limit(RLIMIT_NPROC, 3, 4);
	pid = start("end");
	tap_ok(pid > 0, "is too many no more");
	waitpid(pid, &status, 0);
	tap_is(status, 0, "and runs");
	tap_errno(sethostname("x", 1), EPERM, "the machine's name");
	tap_errno(clock_settime(CLOCK_REALTIME, &now), EPERM, "its clock");
	tap_errno(chroot("/"), EPERM, "another root");
	tap_errno(setgroups(0, NULL), EPERM, "other groups");
	tap_errno(setuid(1001), EPERM, "another user");
	tap_errno(setresgid(-1, 0, -1), EPERM, "another group");
	tap_zero(setresuid(1000, 1000, 1000), "what one is");
}

static int as_user(void)
{
	pid_t parent = getppid(), peer;

	setsid();
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		return 99;
	peer = start("sleep");
	tap_plan(0);
	test_kill(parent, peer);
	test_priorities(parent);
	test_limits();
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	return tap_done();
}

static void on_signal(int sig) { (void)sig; }

int main(int argc, char **argv)
{
	int status = -1;

	self = argv[0];
	if (argc > 1 && !strcmp(argv[1], "user"))
		return as_user();
	if (argc > 1) {
		signal(SIGCONT, on_signal);
		if (!strcmp(argv[1], "sleep"))
			sleep(20);
		return 0;
	}
	if (!tap_own_machine()) {
		printf("1..0 # SKIP not a machine of our own\n");
		return 0;
	}
	while (waitpid(start("user"), &status, 0) < 0 && errno == EINTR)
		;
	return WEXITSTATUS(status);
}
