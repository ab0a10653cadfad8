/* SPDX-License-Identifier: MIT
 * ptrace: one instruction at a time.  (The real kernel cannot on riscv: it answers EIO.)
 */
#define _GNU_SOURCE
#include "tracer.h"

static volatile sig_atomic_t got;

static void handler(int sig)
{
	got = sig;
}

static int role(void)
{
	int n;

	signal(SIGUSR1, handler);
	asm volatile(
		"ebreak\n"
		"li	%0, 0\n"
		"addi	%0, %0, 5\n"
		"c.addi	%0, 1\n"
		"j	1f\n"
		"li	%0, 99\n"
		"1:	li a7, 172\n"		/* getpid */
		"ecall\n"
		"addi	%0, %0, 1\n" : "=&r"(n) :: "a0", "a7", "memory");
	kill(getpid(), SIGUSR1);
	return n + got;
}

int main(int argc, char **argv)
{
	struct regs r, r2;
	siginfo_t si;
	pid_t pid;
	int n = 0, status;

	(void)argv;
	if (argc > 1)
		return role();
	tap_plan(0);
	pid = start_traced("step", NULL);
	go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	r.pc += (peek(pid, r.pc) & 3) == 3 ? 4 : 2;
	set_regs(pid, &r);
	tap_errno(trace(PTRACE_SINGLESTEP, pid, 0, 65), EIO, "with no signal");
	for (; n < 5; n++) {
		if (go(PTRACE_SINGLESTEP, pid, 0) != STOP(SIGTRAP))
			break;
		get_regs(pid, &r2);
		if (n != 3 && r2.pc - r.pc != 2 && r2.pc - r.pc != 4)
			break;
		r = r2;
	}
	tap_is(n, 5, "five instructions, each a stop");
	tap_ok(!trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si) && si.si_signo == SIGTRAP && si.si_code == TRAP_TRACE,
	       "SIGTRAP, TRAP_TRACE");
	tap_ok(!get_regs(pid, &r) && (peek(pid, r.pc) & 0x7f) == 0x73 && r.a7 == SYS_getpid,
	       "the jump is taken, next is a call");
	tap_is(go(PTRACE_SINGLESTEP, pid, 0), STOP(SIGTRAP), "a call is one step");
	tap_ok(!get_regs(pid, &r) && r.a0 == (uint32_t)pid, "it is made");
	/* From here to the handler, in steps. */
	for (n = 0; n < 10000; n++) {
		status = go(PTRACE_SINGLESTEP, pid, 0);
		if (status != STOP(SIGTRAP))
			break;
	}
	tap_is(status, STOP(SIGUSR1), "thousands of steps to a signal");
	tap_is(go(PTRACE_SINGLESTEP, pid, SIGUSR1), STOP(SIGTRAP), "a step into its handler");
	tap_ok(!get_regs(pid, &r) && r.a0 == SIGUSR1, "at its first instruction");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(7 + SIGUSR1), "all was done once");
	return tap_done();
}
