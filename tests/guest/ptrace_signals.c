/* SPDX-License-Identifier: MIT
 * ptrace: signals on their way to a tracee: seen, changed, kept back; group stops; masks and queues.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include "tracer.h"

static volatile sig_atomic_t got, got_code, got_value;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	got = sig;
	got_code = si->si_code;
	got_value = si->si_value.sival_int;
}

static void on_chld(int sig)
{
	(void)sig;
	got++;
}

/* Sends itself a signal and ends with what came of it. */
static int role(char **argv)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	if (!strcmp(argv[1], "usr1")) {
		raise(SIGUSR1);
		return got;
	}
	if (!strcmp(argv[1], "ignored")) {
		signal(SIGUSR1, SIG_IGN);
		raise(SIGUSR1);
		return 4;
	}
	if (!strcmp(argv[1], "queue")) {
		union sigval v = { .sival_int = 33 };

		sigqueue(getpid(), SIGRTMIN, v);
		return got == SIGRTMIN && got_code == SI_QUEUE ? got_value : 99;
	}
	if (!strcmp(argv[1], "blocked")) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR1);
		kill(getpid(), SIGUSR1);
		asm volatile("ebreak");
		return got;
	}
	if (!strcmp(argv[1], "stop")) {
		raise(SIGSTOP);
		return 6;
	}
	if (!strcmp(argv[1], "pause")) {
		pause();
		return got;
	}
	return 98;
}

static void test_delivery(void)
{
	siginfo_t si;
	pid_t pid = start_traced("usr1", NULL);

	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "siginfo of the stop at execve");
	tap_ok(si.si_signo == SIGTRAP && si.si_code == SI_USER && si.si_pid == pid, "SIGTRAP, from itself");
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGUSR1), "it stops before a signal");
	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "siginfo");
	tap_ok(si.si_signo == SIGUSR1 && si.si_code == SI_TKILL && si.si_pid == pid, "as sent");
	tap_is(go(PTRACE_CONT, pid, SIGUSR1), EXITED(SIGUSR1), "given on: the handler runs");

	pid = start_traced("usr1", NULL);
	go(PTRACE_CONT, pid, 0);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(0), "kept back: it does not");
	pid = start_traced("usr1", NULL);
	go(PTRACE_CONT, pid, 0);
	tap_is(go(PTRACE_CONT, pid, SIGUSR2), EXITED(SIGUSR2), "another one instead");
	pid = start_traced("usr1", NULL);
	go(PTRACE_CONT, pid, 0);
	tap_is(go(PTRACE_CONT, pid, SIGTERM), SIGTERM, "one without a handler");
	pid = start_traced("ignored", NULL);
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGUSR1), "an ignored one is seen, too");
	tap_is(go(PTRACE_CONT, pid, SIGUSR1), EXITED(4), "and then ignored");
	pid = start_traced("usr1", NULL);
	tap_is(go(PTRACE_CONT, pid, SIGCHLD), STOP(SIGUSR1), "one that does nothing");
	finish(pid);
}

static void test_siginfo(void)
{
	siginfo_t si;
	pid_t pid = start_traced("queue", NULL);

	go(PTRACE_CONT, pid, 0);
	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "siginfo of sigqueue");
	tap_ok(si.si_code == SI_QUEUE && si.si_value.sival_int == 33, "its value");
	si.si_value.sival_int = 44;
	tap_zero(trace(PTRACE_SETSIGINFO, pid, 0, (unsigned long)&si), "change it");
	tap_is(go(PTRACE_CONT, pid, SIGRTMIN), EXITED(44), "the handler gets it");
}

static void test_queue(void)
{
	struct { uint64_t off; uint32_t flags; int32_t nr; } arg = { 0, 0, 4 };
	siginfo_t si[4];
	sigset_t set, none;
	pid_t pid = start_traced("blocked", NULL);

	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGTRAP), "blocked signals stop nobody");
	tap_is(trace(PTRACE_PEEKSIGINFO, pid, (unsigned long)&arg, (unsigned long)si), 1, "one waits for the thread");
	tap_ok(si[0].si_signo == SIGUSR1 && si[0].si_code == SI_TKILL, "as sent");
	arg.flags = 1;
	tap_is(trace(PTRACE_PEEKSIGINFO, pid, (unsigned long)&arg, (unsigned long)si), 1, "one for the process");
	tap_ok(si[0].si_signo == SIGUSR1 && si[0].si_code == SI_USER, "as sent");
	arg.off = 1;
	tap_is(trace(PTRACE_PEEKSIGINFO, pid, (unsigned long)&arg, (unsigned long)si), 0, "no second");
	arg.flags = 2;
	tap_errno(trace(PTRACE_PEEKSIGINFO, pid, (unsigned long)&arg, (unsigned long)si), EINVAL, "bad flags");
	arg.flags = 0;
	arg.nr = -1;
	tap_errno(trace(PTRACE_PEEKSIGINFO, pid, (unsigned long)&arg, (unsigned long)si), EINVAL, "bad number");

	memset(&set, 0, sizeof set);
	tap_zero(trace(PTRACE_GETSIGMASK, pid, 8, (unsigned long)&set), "mask");
	tap_ok(sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2), "is SIGUSR1");
	tap_errno(trace(PTRACE_GETSIGMASK, pid, 16, (unsigned long)&set), EINVAL, "of another size");
	sigemptyset(&none);
	tap_errno(trace(PTRACE_SETSIGMASK, pid, 4, (unsigned long)&none), EINVAL, "set one of another size");
	tap_zero(trace(PTRACE_SETSIGMASK, pid, 8, (unsigned long)&none), "set");
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGUSR1), "what is not blocked any more comes");
	finish(pid);
}

static void test_group_stop(void)
{
	siginfo_t si;
	pid_t pid = start_traced("stop", NULL);

	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGSTOP), "SIGSTOP is a signal first");
	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "with siginfo");
	tap_is(go(PTRACE_CONT, pid, SIGSTOP), STOP(SIGSTOP), "then a group stop");
	tap_errno(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), EINVAL, "which has none");
	tap_ok(!strcmp(status_line(pid, "State:"), "t (tracing stop)"), "State: %s", status_line(pid, "State:"));
	kill(pid, SIGCONT);
	usleep(20000);
	tap_is(wait_for(pid, WNOHANG), 0, "SIGCONT alone does not end it");
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGCONT), "it is a signal for later");
	tap_is(go(PTRACE_CONT, pid, SIGCONT), EXITED(6), "the end");

	pid = start_traced("stop", NULL);
	go(PTRACE_CONT, pid, 0);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(6), "SIGSTOP kept back stops nobody");

	pid = start_traced("stop", NULL);
	go(PTRACE_CONT, pid, 0);
	go(PTRACE_CONT, pid, SIGSTOP);
	tap_zero(trace(PTRACE_DETACH, pid, 0, 0), "detach in a group stop");
	usleep(20000);
	tap_ok(status_line(pid, "State:")[0] == 'T', "leaves a stopped job: %s", status_line(pid, "State:"));
	kill(pid, SIGCONT);
	tap_is(wait_for(pid, 0), EXITED(6), "that can be continued");
}

/* The tracer gets SIGCHLD for each stop, unless it said no. */
static void test_sigchld(void)
{
	struct sigaction sa = { .sa_handler = on_chld };
	int before;
	pid_t pid;

	sigaction(SIGCHLD, &sa, NULL);
	pid = start_traced("usr1", NULL);
	tap_is(got, 1, "SIGCHLD for a stop");
	go(PTRACE_CONT, pid, 0);
	tap_is(got, 2, "for each");
	sa.sa_flags = SA_NOCLDSTOP;
	sigaction(SIGCHLD, &sa, NULL);
	before = got;
	pid_t other = start_traced("usr1", NULL);
	tap_is(got, before, "none with SA_NOCLDSTOP");
	finish(pid);
	finish(other);
	signal(SIGCHLD, SIG_DFL);
}

/* Interrupted calls under a signal that is handled, and one that is not. */
static void test_interrupt(void)
{
	struct regs r;
	pid_t pid = start_traced("pause", NULL);

	trace(PTRACE_CONT, pid, 0, 0);
	usleep(50000);
	kill(pid, SIGWINCH);
	tap_is(wait_for(pid, 0), STOP(SIGWINCH), "a signal interrupts a call");
	get_regs(pid, &r);
	tap_ok(peek(pid, r.pc) == 0x73, "pc is on its ecall");
	trace(PTRACE_CONT, pid, 0, SIGWINCH);
	usleep(50000);
	tap_is(wait_for(pid, WNOHANG), 0, "it goes on with the call");
	tap_ok(status_line(pid, "State:")[0] == 'S', "sleeping");
	kill(pid, SIGUSR1);
	tap_is(wait_for(pid, 0), STOP(SIGUSR1), "another one");
	tap_is(go(PTRACE_CONT, pid, SIGUSR1), EXITED(SIGUSR1), "has a handler, and the call ends");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_delivery();
	test_siginfo();
	test_queue();
	test_group_stop();
	test_sigchld();
	test_interrupt();
	return tap_done();
}
