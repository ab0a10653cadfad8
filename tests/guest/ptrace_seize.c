/* SPDX-License-Identifier: MIT
 * ptrace: PTRACE_SEIZE, which stops nobody, and what only the seized have: INTERRUPT, LISTEN, EVENT_STOP.
 */
#define _GNU_SOURCE
#include <sched.h>
#include "tracer.h"

static int child(void *arg)
{
	(void)arg;
	_exit(3);
}

static int role(char **argv)
{
	static char stack[65536] __attribute__((aligned(16)));

	if (!strcmp(argv[1], "pause"))
		for (;;)
			pause();
	if (!strcmp(argv[1], "spin"))
		for (;;)
			asm volatile("");
	if (!strcmp(argv[1], "clone")) {
		usleep(100000);
		return wait_for(clone(child, stack + sizeof stack, CLONE_VM, NULL), 0) == EXITED(3) ? 2 : 97;
	}
	return 98;
}

#define EVENT_STOP(sig) ((sig) << 8 | 0x7f | PTRACE_EVENT_STOP << 16)

static void test_interrupt(const char *how)
{
	struct regs r;
	siginfo_t si;
	pid_t pid = start(how, NULL, 0);

	usleep(50000);
	tap_errno(trace(PTRACE_SEIZE, pid, 1, 0), EIO, "%s: seize with an address", how);
	tap_errno(trace(PTRACE_SEIZE, pid, 0, 0x100), EIO, "%s: with an option that is none", how);
	tap_zero(trace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD), "%s: seize", how);
	usleep(20000);
	tap_is(wait_for(pid, WNOHANG), 0, "%s: stops nobody", how);
	tap_errno(get_regs(pid, &r), ESRCH, "%s: and a running one cannot be looked at", how);
	tap_zero(trace(PTRACE_INTERRUPT, pid, 0, 0), "%s: interrupt", how);
	tap_is(wait_for(pid, 0), EVENT_STOP(SIGTRAP), "%s: stops it", how);
	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "%s: siginfo", how);
	tap_ok(si.si_signo == SIGTRAP && si.si_code == EVENT_STOP(SIGTRAP) >> 8, "%s: says what it is", how);
	tap_zero(get_regs(pid, &r), "%s: now it can be looked at", how);
	tap_zero(trace(PTRACE_CONT, pid, 0, 0), "%s: go on", how);
	usleep(20000);
	tap_ok(status_line(pid, "State:")[0] == (how[0] == 'p' ? 'S' : 'R'), "%s: as if nothing had been", how);
	trace(PTRACE_INTERRUPT, pid, 0, 0);
	wait_for(pid, 0);
	tap_zero(trace(PTRACE_INTERRUPT, pid, 0, 0), "%s: interrupt a stopped one", how);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT_STOP(SIGTRAP), "%s: it stops again", how);
	tap_zero(trace(PTRACE_DETACH, pid, 0, 0), "%s: detach", how);
	finish(pid);
}

static void test_group_stop(void)
{
	struct regs r;
	pid_t pid = start("pause", NULL, 0);

	trace(PTRACE_SEIZE, pid, 0, 0);
	usleep(50000);
	kill(pid, SIGSTOP);
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "SIGSTOP is a signal first");
	tap_errno(trace(PTRACE_LISTEN, pid, 0, 0), EIO, "not to be listened from");
	tap_is(go(PTRACE_CONT, pid, SIGSTOP), EVENT_STOP(SIGSTOP), "then a group stop, and known as such");
	tap_zero(trace(PTRACE_LISTEN, pid, 0, 0), "listen");
	tap_errno(get_regs(pid, &r), ESRCH, "a listening one cannot be looked at");
	tap_is(wait_for(pid, WNOHANG), 0, "and tells nothing");
	kill(pid, SIGCONT);
	tap_is(wait_for(pid, 0), EVENT_STOP(SIGTRAP), "until SIGCONT");
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGCONT), "which comes as a signal, too");
	trace(PTRACE_CONT, pid, 0, SIGCONT);
	kill(pid, SIGSTOP);
	wait_for(pid, 0);
	go(PTRACE_CONT, pid, SIGSTOP);
	trace(PTRACE_LISTEN, pid, 0, 0);
	tap_zero(trace(PTRACE_INTERRUPT, pid, 0, 0), "interrupt a listening one");
	tap_is(wait_for(pid, 0), EVENT_STOP(SIGSTOP), "it stops again, with the signal of the group stop");
	finish(pid);
}

static void test_children(void)
{
	unsigned long kid = 0;
	pid_t pid = start("clone", NULL, 0);

	trace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACECLONE);
	tap_is(wait_for(pid, 0), EVENT(PTRACE_EVENT_CLONE), "a child");
	trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&kid);
	tap_is(wait_for((pid_t)kid, 0), EVENT_STOP(SIGTRAP), "begins seized, without SIGSTOP");
	trace(PTRACE_CONT, pid, 0, 0);
	tap_is(go(PTRACE_CONT, (pid_t)kid, 0), EXITED(3), "the child ends");
	tap_is(wait_for(pid, 0), EXITED(2), "and the parent");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_interrupt("pause");
	test_interrupt("spin");
	test_group_stop();
	test_children();
	return tap_done();
}
