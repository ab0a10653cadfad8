/* SPDX-License-Identifier: MIT
 * vfork, execve, waitid: children, their ends, and what is told of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

extern char **environ;
static const char *self;

/* A child that runs this program again in the given role. */
static pid_t spawn(const char *role, const char *arg)
{
	char *argv[] = { (char *)self, (char *)role, (char *)arg, NULL };
	pid_t pid;
	int err = posix_spawn(&pid, self, NULL, NULL, argv, environ);

	return err ? -err : pid;
}

static int role(int argc, char **argv)
{
	const char *arg = argc > 2 ? argv[2] : "0";

	if (!strcmp(argv[1], "exit"))
		return atoi(arg);
	if (!strcmp(argv[1], "signal")) {
		raise(atoi(arg));
		return 99;
	}
	if (!strcmp(argv[1], "stop")) {
		raise(SIGSTOP);
		return 7;
	}
	if (!strcmp(argv[1], "sleep")) {
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "fault")) {
		sigset_t set;

		/* The signal the fault makes is blocked and waits already: the fault must end us all the same. */
		sigemptyset(&set);
		sigaddset(&set, SIGILL);
		sigprocmask(SIG_BLOCK, &set, NULL);
		syscall(SYS_tkill, syscall(SYS_gettid), SIGILL);
		asm volatile("unimp");
		return 99;
	}
	if (!strcmp(argv[1], "grandchild")) {
		/* Leaves a child behind that outlives us. */
		spawn("exit", "0");
		return 5;
	}
	return 98;
}

static void test_exit_codes(void)
{
	int status, ok = 1;

	for (int code = 0; code < 256; code += 51) {
		char text[8];
		pid_t pid;

		snprintf(text, sizeof text, "%d", code);
		pid = spawn("exit", text);
		ok &= waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == code;
	}
	tap_ok(ok, "exit codes 0 to 255 arrive");
}

static void test_signals(void)
{
	static const int sigs[] = { SIGTERM, SIGKILL, SIGSEGV, SIGUSR1, SIGPIPE };
	int status, ok = 1;

	for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
		char text[8];
		pid_t pid;

		snprintf(text, sizeof text, "%d", sigs[i]);
		pid = spawn("signal", text);
		ok &= waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == sigs[i];
	}
	tap_ok(ok, "deaths by signal arrive");
}

static void test_siginfo(void)
{
	siginfo_t info;
	pid_t pid = spawn("exit", "3");

	memset(&info, 0x55, sizeof info);
	tap_ok(!waitid(P_PID, pid, &info, WEXITED | WNOWAIT) && info.si_signo == SIGCHLD && info.si_code == CLD_EXITED &&
	       info.si_pid == pid && info.si_status == 3, "waitid tells who and how");
	tap_ok(!waitid(P_PID, pid, &info, WEXITED) && info.si_status == 3, "WNOWAIT left the child waitable");
	tap_ok(waitid(P_PID, pid, &info, WEXITED) == -1 && errno == ECHILD, "a reaped child is gone");
	pid = spawn("sleep", NULL);
	memset(&info, 0x55, sizeof info);
	tap_ok(!waitid(P_PID, pid, &info, WEXITED | WNOHANG) && info.si_pid == 0 && info.si_signo == 0,
	       "WNOHANG with nothing to tell names nobody");
	kill(pid, SIGKILL);
	tap_ok(!waitid(P_PID, pid, &info, WEXITED) && info.si_code == CLD_KILLED && info.si_status == SIGKILL,
	       "a killed sleeper is reported as CLD_KILLED");
	tap_ok(waitid(P_PID, 0, &info, WEXITED) == -1 && errno == EINVAL, "waitid(P_PID, 0) is EINVAL");
	tap_ok(waitid(P_ALL, 0, &info, 0) == -1 && errno == EINVAL, "waitid with no event asked is EINVAL");
	tap_ok(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD, "waitid without children is ECHILD");
}

static void test_stop(void)
{
	int status;
	pid_t pid = spawn("stop", NULL);

	tap_ok(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP,
	       "a stop is reported with WUNTRACED");
	tap_ok(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0, "a stop is reported once");
	kill(pid, SIGCONT);
	tap_ok(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status), "going on is reported with WCONTINUED");
	tap_ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7, "it goes on where it was");
}

static volatile int shared;

static void test_vfork(void)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		shared = 42;
		_exit(9);
	}
	tap_ok(pid > 0 && shared == 42, "a vfork child runs first and shares memory");
	tap_ok(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9, "and its exit code is its own");

	pid = vfork();
	if (pid == 0) {
		execl("/nonexistent/program", "x", (char *)NULL);
		shared = errno;
		_exit(127);
	}
	waitpid(pid, &status, 0);
	tap_ok(shared == ENOENT && WEXITSTATUS(status) == 127, "a failed execve leaves the vfork child able to say so");
}

static void test_fork(void)
{
	/* The real kernel lets it through: a child on our own stack, in an address space that it thinks is empty. */
	if (tap_bad_pointers())
		tap_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), ENOSYS, "fork without memory of its own is ENOSYS");
	else
		tap_skip(1, "two tasks would run on one stack");
	errno = 0;
	tap_ok(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0) == -1 && errno == EINVAL, "CLONE_THREAD alone is EINVAL");
	errno = 0;
	tap_ok(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0) == -1 && errno == EINVAL, "CLONE_SIGHAND alone is EINVAL");
}

static void test_groups(void)
{
	pid_t a = spawn("sleep", NULL), b = spawn("sleep", NULL);
	int status;

	tap_ok(getpgid(a) == getpgrp() && getsid(a) == getsid(0), "children start in their parent's group and session");
	tap_ok(setpgid(a, a) == -1 && errno == EACCES, "setpgid after the child's execve is EACCES");
	tap_ok(setpgid(0, 0) == 0 || getpgrp() == getpid(), "one can lead a group of one's own");
	tap_ok(kill(-99999, 0) == -1 && errno == ESRCH, "an unknown group is ESRCH");
	kill(a, SIGTERM);
	kill(b, SIGKILL);
	tap_ok(waitpid(a, &status, 0) == a && WTERMSIG(status) == SIGTERM, "first by SIGTERM");
	tap_ok(waitpid(-1, &status, 0) == b && WTERMSIG(status) == SIGKILL, "second by SIGKILL, found by wait for any");
	tap_ok(getpgid(a) == -1 && errno == ESRCH, "a reaped process has no group");
}

static void test_orphan(void)
{
	int status;
	pid_t pid = spawn("grandchild", NULL);

	tap_ok(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5, "a parent may leave children behind");
	tap_ok(waitpid(-1, &status, 0) == -1 && errno == ECHILD, "which are init's now");
}

static void test_auto_reap(void)
{
	int status;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = spawn("exit", "0");
	tap_ok(waitpid(pid, &status, 0) == -1 && errno == ECHILD, "with SIGCHLD ignored children leave nothing to wait for");
	signal(SIGCHLD, SIG_DFL);
}

static void test_rusage(void)
{
	struct rusage ru;
	volatile unsigned sum = 0;

	for (unsigned i = 0; i < 3000000; i++)
		sum += i;
	tap_ok(!getrusage(RUSAGE_SELF, &ru) && ru.ru_utime.tv_sec * 1000000ll + ru.ru_utime.tv_usec > 0, "CPU time passes");
	tap_ok(ru.ru_maxrss > 0, "memory is counted");
	tap_ok(getrusage(99, &ru) == -1 && errno == EINVAL, "getrusage of nobody is EINVAL");
}

static void test_exec_errors(void)
{
	char *argv[] = { (char *)"x", NULL };
	static char big[140000];
	char *huge[] = { (char *)"x", big, NULL };
	int fd;

	tap_ok(execve("/nonexistent", argv, environ) == -1 && errno == ENOENT, "execve of nothing is ENOENT");
	tap_ok(execve("/proc", argv, environ) == -1 && errno == EACCES, "execve of a directory is EACCES");
	tap_ok(execve("/dev/null", argv, environ) == -1 && errno == EACCES, "execve of a device is EACCES");
	fd = open("/tmp/process_wait.txt", O_CREAT | O_TRUNC | O_WRONLY, 0755);
	tap_ok(fd >= 0 && write(fd, "hello\n", 6) == 6, "a text file is written");
	tap_ok(execve("/tmp/process_wait.txt", argv, environ) == -1 && errno == ETXTBSY,
	       "a file open for writing cannot be executed");
	close(fd);
	tap_ok(execve("/tmp/process_wait.txt", argv, environ) == -1 && errno == ENOEXEC, "text without a hash-bang line is ENOEXEC");
	unlink("/tmp/process_wait.txt");
	memset(big, 'a', sizeof big - 1);
	tap_ok(execve(self, huge, environ) == -1 && errno == E2BIG, "a string of 140000 bytes is E2BIG");
	if (!tap_bad_pointers()) {
		tap_skip(2, "bad pointers panic this kernel");
		return;
	}
	tap_ok(syscall(SYS_execve, 16, argv, environ) == -1 && errno == EFAULT, "a bad path pointer is EFAULT");
	tap_ok(syscall(SYS_execve, self, 16, environ) == -1 && errno == EFAULT, "a bad argv pointer is EFAULT");
}

static int exit_with_3(void *arg)
{
	(void)arg;
	return 3;
}

/* Any number up to 255 may be asked for; one that is no signal is not sent, and the child can be waited for. */
static void test_exit_signal(void)
{
	static char stack[8192] __attribute__((aligned(16)));
	static const int numbers[] = { 65, 128, 200, 255 };
	int status, ok = 1;

	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		pid_t pid = clone(exit_with_3, stack + sizeof stack, CLONE_VM | CLONE_VFORK | numbers[i], NULL);

		ok &= pid > 0 && waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3;
	}
	tap_ok(ok, "a child whose exit signal is no signal");
}

static void test_fault(void)
{
	int status;
	pid_t pid = spawn("fault", NULL);

	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGILL,
	       "a fault whose signal is blocked and pending ends the process");
}

int main(int argc, char **argv)
{
	self = "/proc/self/exe";
	if (argc > 1)
		return role(argc, argv);
	tap_plan(44);
	test_exit_codes();
	test_signals();
	test_exit_signal();
	test_fault();
	test_siginfo();
	test_stop();
	test_vfork();
	test_fork();
	test_groups();
	test_orphan();
	test_auto_reap();
	test_rusage();
	test_exec_errors();
	return tap_done();
}
