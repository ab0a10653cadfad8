/* SPDX-License-Identifier: MIT
 * ptrace: how tracing begins and ends, who may, and what is seen of it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/prctl.h>
#include "tracer.h"

static int role(char **argv)
{
	if (!strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	if (!strcmp(argv[1], "pause"))
		for (;;)
			pause();
	if (!strcmp(argv[1], "nobody")) {	/* a user without rights, who can still be looked at */
		setuid(1000);
		prctl(PR_SET_DUMPABLE, 1);
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "attach")) {	/* as nobody: the errno of attaching to argv[2] */
		setgid(1000);
		setuid(1000);
		return trace(PTRACE_ATTACH, atoi(argv[2]), 0, 0) ? errno : 0;
	}
	if (!strcmp(argv[1], "tracer")) {	/* traces argv[2] and ends */
		pid_t pid = atoi(argv[2]);

		if (trace(PTRACE_ATTACH, pid, 0, 0) || wait_for(pid, 0) != STOP(SIGSTOP))
			return 1;
		return 0;
	}
	if (!strcmp(argv[1], "watcher")) {	/* traces argv[2] to its end, and takes its time between the steps */
		pid_t pid = atoi(argv[2]);

		if (trace(PTRACE_SEIZE, pid, 0, 0) || trace(PTRACE_INTERRUPT, pid, 0, 0))
			return 1;
		usleep(100000);
		if ((wait_for(pid, 0) & 0xffff) != STOP(SIGTRAP) || trace(PTRACE_CONT, pid, 0, 0))
			return 2;
		usleep(200000);
		if (wait_for(pid, 0) != STOP(SIGTERM) || trace(PTRACE_CONT, pid, 0, SIGTERM))
			return 3;
		usleep(100000);
		return wait_for(pid, 0) == SIGTERM ? 0 : 4;
	}
	if (!strcmp(argv[1], "killer")) {	/* the same, with PTRACE_O_EXITKILL */
		pid_t pid = atoi(argv[2]);

		if (trace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL))
			return 1;
		return 0;
	}
	if (!strcmp(argv[1], "second")) {	/* somebody else's tracee */
		pid_t pid = atoi(argv[2]);
		uint32_t word;
		int err = trace(PTRACE_ATTACH, pid, 0, 0) ? errno : 0;

		return err == EPERM && trace(PTRACE_PEEKDATA, pid, 0, (unsigned long)&word) && errno == ESRCH ? 0 : 1;
	}
	return 98;
}

static void test_traceme(void)
{
	pid_t pid = start("exit", "7", 1);

	tap_is(wait_for(pid, 0), STOP(SIGTRAP), "a traced program stops at its execve");
	tap_is(wait_info.si_code, CLD_TRAPPED, "as trapped");
	tap_is(wait_info.si_pid, pid, "by its number");
	tap_is(wait_for(pid, WNOHANG), 0, "told once");
	tap_ok(!strcmp(status_line(pid, "State:"), "t (tracing stop)"), "State: %s", status_line(pid, "State:"));
	tap_is(atoi(status_line(pid, "TracerPid:")), getpid(), "TracerPid");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(7), "it goes on and ends");
	tap_errno(wait_for(pid, WNOHANG), ECHILD, "and is gone");
	tap_errno(trace(PTRACE_CONT, pid, 0, 0), ESRCH, "for ptrace, too");
}

static void test_attach(void)
{
	pid_t pid = start("pause", NULL, 0);
	char text[16];

	tap_errno(trace(PTRACE_CONT, pid, 0, 0), ESRCH, "not traced: ESRCH");
	tap_is(atoi(status_line(pid, "TracerPid:")), 0, "TracerPid of one that is not");
	usleep(50000);
	tap_zero(trace(PTRACE_ATTACH, pid, 0, 0), "attach");
	tap_errno(trace(PTRACE_ATTACH, pid, 0, 0), EPERM, "twice");
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "it stops with SIGSTOP");
	snprintf(text, sizeof text, "%d", (int)pid);
	tap_is(wait_for(start("second", text, 0), 0), EXITED(0), "a second tracer: EPERM, and for requests ESRCH");
	tap_zero(trace(PTRACE_DETACH, pid, 0, 0), "detach");
	tap_is(atoi(status_line(pid, "TracerPid:")), 0, "it has no tracer any more");
	tap_errno(trace(PTRACE_DETACH, pid, 0, 0), ESRCH, "detach again");
	usleep(50000);
	tap_ok(status_line(pid, "State:")[0] == 'S', "it goes on with what it did");

	tap_zero(trace(PTRACE_ATTACH, pid, 0, 0), "attach once more");
	wait_for(pid, 0);
	tap_errno(trace(PTRACE_DETACH, pid, 0, 65), EIO, "detach with no signal");
	tap_zero(trace(PTRACE_DETACH, pid, 0, SIGTERM), "detach with a signal");
	tap_is(wait_for(pid, 0), SIGTERM, "which it takes");
}

static void test_attach_stopped(void)
{
	pid_t pid = start("pause", NULL, 0);
	struct regs r;

	usleep(50000);
	kill(pid, SIGSTOP);
	tap_is(wait_for(pid, WSTOPPED), STOP(SIGSTOP), "a job stops");
	tap_is(wait_info.si_code, CLD_STOPPED, "as stopped");
	tap_zero(trace(PTRACE_ATTACH, pid, 0, 0), "attach to it");
	tap_zero(get_regs(pid, &r), "it can be looked at at once");
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "and is a stopped tracee");
	tap_zero(trace(PTRACE_DETACH, pid, 0, 0), "detach");
	usleep(50000);
	tap_ok(status_line(pid, "State:")[0] == 'T', "a stopped job again: %s", status_line(pid, "State:"));
	kill(pid, SIGCONT);
	usleep(50000);
	tap_ok(status_line(pid, "State:")[0] == 'S', "that goes on: %s", status_line(pid, "State:"));
	finish(pid);
}

static void test_errors(void)
{
	pid_t pid = start_traced("exit", "0");

	tap_errno(trace(PTRACE_ATTACH, getpid(), 0, 0), EPERM, "attach to oneself");
	tap_errno(trace(PTRACE_ATTACH, 99999, 0, 0), ESRCH, "to nobody");
	tap_errno(trace(PTRACE_ATTACH, -1, 0, 0), ESRCH, "to -1");
	tap_errno(trace(PTRACE_SEIZE, 99999, 0, 0), ESRCH, "seize nobody");
	tap_errno(trace(PTRACE_CONT, 99999, 0, 0), ESRCH, "continue nobody");
	tap_errno(trace(PTRACE_CONT, pid, 0, 65), EIO, "continue with no signal");
	tap_errno(trace(PTRACE_SYSCALL, pid, 0, -1ul), EIO, "nor here");
	tap_errno(trace(PTRACE_PEEKUSER, pid, 0, 0), EIO, "PEEKUSER");
	tap_errno(trace(PTRACE_POKEUSER, pid, 0, 0), EIO, "POKEUSER");
	tap_errno(trace(PTRACE_GETREGS, pid, 0, 0), EIO, "GETREGS");
	tap_errno(trace(33 + 64, pid, 0, 0), EIO, "request 97");
	tap_errno(trace(9999, pid, 0, 0), EIO, "request 9999");
	tap_errno(trace(-1, pid, 0, 0), EIO, "request -1");
	tap_errno(trace(PTRACE_SETOPTIONS, pid, 0, 0x100), EINVAL, "an option that is none");
	tap_errno(trace(PTRACE_SETOPTIONS, pid, 0, 1 << 21), EINVAL, "SUSPEND_SECCOMP");
	tap_zero(trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD), "two that are");
	tap_errno(trace(PTRACE_INTERRUPT, pid, 0, 0), EIO, "INTERRUPT is for the seized");
	tap_errno(trace(PTRACE_LISTEN, pid, 0, 0), EIO, "LISTEN, too");
	tap_zero(trace(PTRACE_KILL, pid, 0, 0), "KILL");
	tap_is(wait_for(pid, 0), SIGKILL, "ends it");
}

static void test_permissions(void)
{
	char text[16];
	pid_t other, pid;

	snprintf(text, sizeof text, "%d", (int)getpid());
	pid = start("attach", text, 0);
	tap_is(wait_for(pid, 0), EXITED(EPERM), "nobody may not trace root");

	other = start("nobody", NULL, 0);
	usleep(50000);
	tap_is(atoi(status_line(other, "Uid:")), 1000, "somebody else");
	snprintf(text, sizeof text, "%d", (int)other);
	tap_zero(trace(PTRACE_ATTACH, other, 0, 0), "root may trace nobody");
	wait_for(other, 0);
	trace(PTRACE_DETACH, other, 0, 0);
	finish(other);
}

static void test_tracer_dies(void)
{
	pid_t pid = start("pause", NULL, 0), tracer;
	char text[16];

	snprintf(text, sizeof text, "%d", (int)pid);
	usleep(50000);
	tracer = start("tracer", text, 0);
	tap_is(wait_for(tracer, 0), EXITED(0), "a tracer stops somebody and ends");
	usleep(50000);
	tap_is(atoi(status_line(pid, "TracerPid:")), 0, "who has none any more");
	tap_ok(status_line(pid, "State:")[0] == 'S', "and goes on: %s", status_line(pid, "State:"));
	tracer = start("killer", text, 0);
	tap_is(wait_for(tracer, 0), EXITED(0), "a tracer with EXITKILL ends");
	tap_is(wait_for(pid, 0), SIGKILL, "and with it the tracee");
}

/* A tracee's stops and end are told its tracer, its end afterwards its parent, too. */
static void test_other_tracer(void)
{
	pid_t pid = start("pause", NULL, 0), tracer;
	char text[16];

	snprintf(text, sizeof text, "%d", (int)pid);
	usleep(50000);
	tracer = start("watcher", text, 0);
	usleep(50000);
	tap_is(atoi(status_line(pid, "TracerPid:")), tracer, "our child has another tracer");
	tap_is(wait_for(pid, WNOHANG | WSTOPPED), 0, "its stop is not told us");
	usleep(100000);
	kill(pid, SIGTERM);
	usleep(200000);
	tap_is(wait_for(pid, WNOHANG), 0, "nor that it has ended, as long as the tracer does not know");
	tap_ok(status_line(pid, "State:")[0] == 'Z', "State: %s", status_line(pid, "State:"));
	tap_is(wait_for(tracer, 0), EXITED(0), "the tracer saw all");
	tap_is(wait_for(pid, 0), SIGTERM, "then we do");
	tap_errno(wait_for(pid, 0), ECHILD, "once");
}

/* Who has been let go can be traced again at once, and loses nothing of what it goes on with. */
static void test_again(void)
{
	pid_t pid = start("pause", NULL, 0);
	long r;

	usleep(50000);
	trace(PTRACE_ATTACH, pid, 0, 0);
	wait_for(pid, 0);
	tap_zero(trace(PTRACE_DETACH, pid, 0, 0), "detach");
	tap_zero(trace(PTRACE_ATTACH, pid, 0, 0), "and attach at once");
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "it stops again");
	trace(PTRACE_DETACH, pid, 0, SIGTERM);
	r = trace(PTRACE_SEIZE, pid, 0, 0);
	if (getenv("REAL_KERNEL"))	/* there the signal may have ended it already */
		tap_skip(1, "detach with a signal, and seize at once");
	else
		tap_zero(r, "detach with a signal, and seize at once");
	tap_is(wait_for(pid, 0), SIGTERM, "the signal ends it");
	pid = start("pause", NULL, 0);
	usleep(50000);
	trace(PTRACE_SEIZE, pid, 0, 0);
	kill(pid, SIGSTOP);
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "a signal that stops");
	tap_is(go(PTRACE_CONT, pid, SIGSTOP) & 0xffff, STOP(SIGSTOP), "the job is stopped");
	trace(PTRACE_DETACH, pid, 0, 0);
	tap_zero(trace(PTRACE_SEIZE, pid, 0, 0), "detach and seize in a job that is stopped");
	tap_is(wait_for(pid, 0) & 0xffff, STOP(SIGSTOP), "its new tracer finds it stopped");
	kill(pid, SIGCONT);
	tap_is(go(PTRACE_CONT, pid, 0) & 0xffff, STOP(SIGTRAP), "and sees it continue");
	finish(pid);
}

static void test_death(void)
{
	pid_t pid = start_traced("pause", NULL);

	kill(pid, SIGKILL);
	tap_is(wait_for(pid, 0), SIGKILL, "SIGKILL ends it in a stop");
	pid = start_traced("exit", "3");
	tap_is(go(PTRACE_CONT, pid, SIGKILL), SIGKILL, "given by the tracer, too");
	pid = start_traced("exit", "3");
	tap_is(go(PTRACE_CONT, pid, SIGTERM), SIGTERM, "or another");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_traceme();
	test_attach();
	test_attach_stopped();
	test_errors();
	test_permissions();
	test_tracer_dies();
	test_other_tracer();
	test_again();
	test_death();
	return tap_done();
}
