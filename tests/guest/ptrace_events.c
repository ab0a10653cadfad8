/* SPDX-License-Identifier: MIT
 * ptrace: children traced with their parents, programs executed, ends: the events a tracer can ask for.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include "tracer.h"

static int child(void *arg)
{
	(void)arg;
	_exit(3);
}

static pid_t spawn(const char *role)
{
	char *argv[] = { (char *)"child", (char *)role, NULL }, *envp[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(127);
	}
	return pid;
}

static int role(char **argv)
{
	static char stack[65536] __attribute__((aligned(16)));
	char *args[] = { (char *)"again", (char *)"exit", NULL }, *envp[] = { NULL };

	if (!strcmp(argv[1], "exit"))
		return 9;
	if (!strcmp(argv[1], "vfork")) {
		int status = wait_for(spawn("exit"), 0);

		return status == EXITED(9) ? 1 : 97;
	}
	if (!strcmp(argv[1], "vfork-slow")) {
		if (vfork() == 0) {
			usleep(200000);
			_exit(3);
		}
		return 97;
	}
	if (!strcmp(argv[1], "clone") || !strcmp(argv[1], "fork")) {
		int sig = argv[1][0] == 'f' ? SIGCHLD : 0;
		int pid = clone(child, stack + sizeof stack, CLONE_VM | sig, NULL);

		return wait_for(pid, 0) == EXITED(3) ? 2 : 97;
	}
	if (!strcmp(argv[1], "exec")) {
		execve("/proc/self/exe", args, envp);
		return 97;
	}
	if (!strcmp(argv[1], "noexec")) {
		execve("/does/not/exist", args, envp);
		return errno;
	}
	return 98;
}

static unsigned long message(pid_t pid)
{
	unsigned long m = 0;

	trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&m);
	return m;
}


static void test_exec(void)
{
	siginfo_t si;
	struct regs r;
	pid_t pid = start_traced("exec", NULL);

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(PTRACE_EVENT_EXEC), "execve is an event");
	tap_is(message(pid), pid, "its message is the number before");
	trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si);
	tap_ok(si.si_signo == SIGTRAP && si.si_code == (SIGTRAP | PTRACE_EVENT_EXEC << 8), "siginfo");
	get_regs(pid, &r);
	tap_is(peek(pid, r.sp), 2, "the new program's stack is there");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(9), "no SIGTRAP besides");
	pid = start_traced("exec", NULL);
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGTRAP), "without the option a SIGTRAP");
	tap_is(go(PTRACE_CONT, pid, SIGTRAP), SIGTRAP, "which can be given on");
	pid = start_traced("noexec", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(ENOENT), "one that fails is no event");
	pid = start_traced("exec", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
	do {
		go(PTRACE_SYSCALL, pid, 0);
		get_regs(pid, &r);
	} while (r.a7 != SYS_execve);
	tap_is(go(PTRACE_SYSCALL, pid, 0), EVENT(PTRACE_EVENT_EXEC), "between the stops of the call");
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "the second one");
	get_regs(pid, &r);
	tap_is(r.a0, 0, "is that of the new program");
	finish(pid);
}

static void test_exit(void)
{
	pid_t pid = start_traced("exit", NULL);

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(PTRACE_EVENT_EXIT), "the end is an event");
	tap_is(message(pid), EXITED(9), "its message is the status to come");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(9), "it comes");
	pid = start_traced("exit", NULL);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
	kill(pid, SIGKILL);
	tap_is(wait_for(pid, 0), EVENT(PTRACE_EVENT_EXIT), "by SIGKILL, too");
	tap_is(message(pid), SIGKILL, "with its status");
	tap_is(go(PTRACE_CONT, pid, 0), SIGKILL, "it comes");
}

static void test_vfork(void)
{
	pid_t pid = start_traced("vfork", NULL), kid;
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(PTRACE_EVENT_VFORK), "vfork is an event");
	kid = (pid_t)message(pid);
	tap_ok(kid > pid, "its message is the child");
	tap_is(wait_for(kid, 0), STOP(SIGSTOP), "which begins with SIGSTOP");
	tap_is(atoi(status_line(kid, "TracerPid:")), getpid(), "traced by us");
	tap_is(atoi(status_line(kid, "PPid:")), pid, "a child of the tracee");
	trace(PTRACE_CONT, pid, 0, 0);
	usleep(20000);
	tap_is(wait_for(pid, WNOHANG), 0, "the parent waits");
	tap_is(go(PTRACE_CONT, kid, 0), STOP(SIGTRAP), "the child executes");
	tap_is(wait_for(pid, 0), EVENT(PTRACE_EVENT_VFORK_DONE), "the parent is free");
	tap_is(message(pid), kid, "by the child");
	trace(PTRACE_CONT, pid, 0, 0);
	tap_is(go(PTRACE_CONT, kid, 0), EXITED(9), "the child ends, and we know first");
	status = wait_for(pid, 0);
	if (status == STOP(SIGCHLD))
		status = go(PTRACE_CONT, pid, SIGCHLD);
	tap_is(status, EXITED(1), "then the parent");
}

static void test_clone(const char *how, int option, int event)
{
	pid_t pid = start_traced(how, NULL), kid;
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, option);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(event), "%s is an event", how);
	kid = (pid_t)message(pid);
	tap_is(wait_for(kid, 0), STOP(SIGSTOP), "%s: the child begins with SIGSTOP", how);
	trace(PTRACE_CONT, pid, 0, 0);
	tap_is(go(PTRACE_CONT, kid, 0), EXITED(3), "%s: the child ends", how);
	status = wait_for(pid, 0);
	if (status == STOP(SIGCHLD))
		status = go(PTRACE_CONT, pid, SIGCHLD);
	tap_is(status, EXITED(2), "%s: the parent is told afterwards", how);
}

/* Without options a child is not traced. */
static void test_untraced(void)
{
	pid_t pid = start_traced("fork", NULL);
	int status = go(PTRACE_CONT, pid, 0);

	if (status == STOP(SIGCHLD))
		status = go(PTRACE_CONT, pid, SIGCHLD);
	tap_is(status, EXITED(2), "without the option nobody is stopped");
	tap_errno(wait_for(-1, WNOHANG), ECHILD, "nobody is left");
}

/* Its child ends later than it, and has nobody to wake. */
static void test_killed_in_vfork(void)
{
	pid_t pid = start_traced("vfork-slow", NULL);

	trace(PTRACE_CONT, pid, 0, 0);
	usleep(50000);
	kill(pid, SIGKILL);
	tap_is(wait_for(pid, 0), SIGKILL, "killed while it waits for its vfork child");
	usleep(300000);
	tap_errno(wait_for(-1, WNOHANG), ECHILD, "and gone before that");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_exec();
	test_exit();
	test_vfork();
	test_killed_in_vfork();
	test_clone("clone", PTRACE_O_TRACECLONE, PTRACE_EVENT_CLONE);
	test_clone("fork", PTRACE_O_TRACEFORK, PTRACE_EVENT_FORK);
	test_untraced();
	return tap_done();
}
