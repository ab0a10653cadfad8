/* SPDX-License-Identifier: MIT
 * ptrace: stops at system calls; calls changed, left out, made in the program's place.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <time.h>
#include "tracer.h"

/* struct ptrace_syscall_info */
struct call_info {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct { uint64_t nr, args[6]; } entry;
		struct { int64_t rval; uint8_t is_error; } exit;
	};
};

static long raw(long nr, long x, long y, long z)
{
	register long a0 asm("a0") = x, a1 asm("a1") = y, a2 asm("a2") = z, a7 asm("a7") = nr;

	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
}

static int role(char **argv)
{
	char c = 'x';

	if (!strcmp(argv[1], "getpid"))
		return (int)raw(SYS_getpid, 1, 2, 3);
	if (!strcmp(argv[1], "write")) {
		long n = raw(SYS_write, atoi(argv[2]), (long)&c, 1);

		return n < 0 ? (int)-n : (int)n + 100;
	}
	if (!strcmp(argv[1], "sleep")) {
		struct timespec ts = { 0, 400000000 }, from, to;

		clock_gettime(CLOCK_MONOTONIC, &from);
		asm volatile("ebreak");
		if (nanosleep(&ts, NULL))
			return 1;
		clock_gettime(CLOCK_MONOTONIC, &to);
		to.tv_nsec += (to.tv_sec - from.tv_sec) * 1000000000 - from.tv_nsec;
		return to.tv_nsec >= 400000000 && to.tv_nsec < 900000000 ? 0 : 2;
	}
	return 98;
}

/* To the next stop at a call of this number; its entry. */
static int to_call(pid_t pid, long nr, struct regs *r)
{
	int status;

	for (;;) {
		status = go(PTRACE_SYSCALL, pid, 0);
		if (status != CALL_STOP)
			return status;
		get_regs(pid, r);
		if ((long)r->a7 == nr)
			return status;
		status = go(PTRACE_SYSCALL, pid, 0);
		if (status != CALL_STOP)
			return status;
	}
}

static pid_t start_good(const char *name, const char *arg)
{
	pid_t pid = start_traced(name, arg);

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	return pid;
}

static void test_stops(void)
{
	struct call_info ci;
	siginfo_t si;
	struct regs r;
	unsigned long message = 99;
	pid_t pid = start_good("getpid", NULL);

	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof ci, (unsigned long)&ci), 24, "not at a call");
	tap_is(ci.op, 0, "PTRACE_SYSCALL_INFO_NONE");
	tap_is(ci.arch, 0x400000f3, "AUDIT_ARCH_RISCV32");
	tap_is(to_call(pid, SYS_getpid, &r), CALL_STOP, "stops before a call, 0x857f");
	tap_is(wait_info.si_code, CLD_TRAPPED, "trapped");
	tap_ok(peek(pid, r.pc - 4) == 0x73, "pc is behind the ecall");
	tap_ok(r.a1 == 2 && r.a2 == 3, "its arguments are in the registers");
	tap_is((int)r.a0, -ENOSYS, "a0 is ENOSYS");
	memset(&ci, 0xff, sizeof ci);
	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof ci, (unsigned long)&ci), 80, "info of the call");
	tap_is(ci.op, 1, "PTRACE_SYSCALL_INFO_ENTRY");
	tap_ok(ci.ip == r.pc && ci.sp == r.sp, "pc and sp");
	tap_ok(ci.entry.nr == SYS_getpid && ci.entry.args[0] == 1 && ci.entry.args[1] == 2 && ci.entry.args[2] == 3,
	       "number and arguments, the first, too");
	memset(&ci, 0xff, sizeof ci);
	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, 8, (unsigned long)&ci), 80, "with little room");
	tap_ok(ci.op == 1 && ci.ip == ~0ull, "no more than that is written");
	tap_zero(trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&si), "siginfo");
	tap_ok(si.si_signo == SIGTRAP && si.si_code == (SIGTRAP | 0x80) && si.si_pid == pid, "SIGTRAP, 0x85, its number");
	tap_zero(trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message), "message");
	tap_is(message, 1, "of an entry");

	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "stops behind it");
	get_regs(pid, &r);
	tap_is(r.a0, pid, "the result is in a0");
	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof ci, (unsigned long)&ci), 33, "info");
	tap_ok(ci.op == 2 && ci.exit.rval == pid && !ci.exit.is_error, "PTRACE_SYSCALL_INFO_EXIT, the result");
	trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
	tap_is(message, 2, "message of an exit");
	r.a0 = 77;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(77), "another result put in is what the program sees");
}

static void test_changes(void)
{
	char text[8];
	struct regs r;
	int p[2];
	pid_t pid;

	if (pipe(p))
		return;
	snprintf(text, sizeof text, "%d", p[1]);
	pid = start_good("write", text);
	to_call(pid, SYS_write, &r);
	r.a7 = -1u;
	set_regs(pid, &r);
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "a call left out has its second stop");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(ENOSYS), "and returns ENOSYS");

	pid = start_good("write", text);
	to_call(pid, SYS_write, &r);
	r.a7 = -1u;
	r.a0 = 9;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(109), "or what the tracer wants");

	pid = start_good("write", text);
	to_call(pid, SYS_write, &r);
	r.a2 = 0;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(100), "an argument changed");

	pid = start_good("write", text);
	to_call(pid, SYS_write, &r);
	r.a7 = SYS_getppid;
	set_regs(pid, &r);
	go(PTRACE_SYSCALL, pid, 0);
	get_regs(pid, &r);
	tap_is(r.a0, getpid(), "another call instead");
	r.a0 = 3;
	set_regs(pid, &r);
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(103), "another result");
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	tap_errno(read(p[0], text, 1), EAGAIN, "nothing was written in all that");
	close(p[0]);
	close(p[1]);
}

/* PTRACE_SYSEMU: the tracer makes the calls. */
static void test_emulation(void)
{
	struct regs r;
	int status, calls = 0;
	pid_t pid = start_good("write", "99");

	to_call(pid, SYS_write, &r);
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "after a call");
	get_regs(pid, &r);
	r.a0 = 1;
	set_regs(pid, &r);
	while ((status = go(31, pid, 0)) == CALL_STOP) {
		get_regs(pid, &r);
		calls++;
		if (r.a7 == SYS_exit_group)
			break;
		r.a0 = 0;
		set_regs(pid, &r);
	}
	tap_is(status, CALL_STOP, "SYSEMU stops at each");
	tap_ok(calls > 0, "up to the end");
	finish(pid);
}

/* Signals sent when a call stops. */
static void test_signals(void)
{
	struct regs r;
	pid_t pid = start_good("getpid", NULL);

	to_call(pid, SYS_getpid, &r);
	tap_is(go(PTRACE_SYSCALL, pid, SIGTERM), CALL_STOP, "a signal given there lets the call go on");
	tap_is(go(PTRACE_CONT, pid, 0), STOP(SIGTERM), "and stops it itself");
	tap_is(go(PTRACE_CONT, pid, SIGTERM), SIGTERM, "before it is taken");
}

/* A call that is interrupted: what a tracer sees, and that it goes on for its full time. */
static void test_interrupted(void)
{
	struct regs r;
	pid_t pid = start_good("sleep", NULL);

	go(PTRACE_CONT, pid, 0);
	get_regs(pid, &r);
	r.pc += 2;
	set_regs(pid, &r);
	to_call(pid, SYS_clock_nanosleep_time64, &r);
	trace(PTRACE_SYSCALL, pid, 0, 0);
	usleep(100000);
	kill(pid, SIGWINCH);
	tap_is(wait_for(pid, 0), CALL_STOP, "an interrupted call has its stop");
	get_regs(pid, &r);
	tap_is((int)r.a0, -516, "with ERESTART_RESTARTBLOCK");
	tap_is(go(PTRACE_SYSCALL, pid, 0), STOP(SIGWINCH), "then comes the signal, though it is ignored");
	get_regs(pid, &r);
	tap_ok(peek(pid, r.pc) == 0x73, "pc is on the ecall again");
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "it is entered");
	get_regs(pid, &r);
	tap_is(r.a7, SYS_restart_syscall, "and is restart_syscall now");
	tap_is(go(PTRACE_SYSCALL, pid, 0), CALL_STOP, "and is over");
	get_regs(pid, &r);
	tap_is(r.a0, 0, "with success");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(0), "it took its time and no more");
}

/* Without PTRACE_O_TRACESYSGOOD they look like breakpoints. */
static void test_plain(void)
{
	struct call_info ci;
	pid_t pid = start_traced("getpid", NULL);

	tap_is(go(PTRACE_SYSCALL, pid, 0), STOP(SIGTRAP), "without the option: 0x57f");
	tap_is(trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof ci, (unsigned long)&ci), 24, "and no info");
	finish(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_stops();
	test_changes();
	test_emulation();
	test_signals();
	test_interrupted();
	test_plain();
	return tap_done();
}
