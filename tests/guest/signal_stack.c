/* SPDX-License-Identifier: MIT
 * sigaltstack and faults.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include "fdpic/code.h"
#include "tap.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static char alt[16384] __attribute__((aligned(16)));
static volatile int calls, inside, eperm, nested_inside;
static stack_t seen;
static siginfo_t info;
static sigjmp_buf out;
static volatile uintptr_t fault_pc;

static int is_inside(void *p)
{
	return (char *)p >= alt && (char *)p < alt + sizeof alt;
}

static void look(int sig)
{
	char here;

	calls++;
	if (calls == 1) {
		inside = is_inside(&here);
		sigaltstack(NULL, &seen);
		errno = 0;
		eperm = sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL) == -1 && errno == EPERM;
		if (sig == SIGUSR2)
			kill(getpid(), SIGUSR1);
	} else {
		nested_inside = is_inside(&here);
	}
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void test_stack(void)
{
	stack_t ss, old;

	tap_zero(sigaltstack(NULL, &old), "sigaltstack: none at first");
	tap_is(old.ss_flags, SS_DISABLE, "SS_DISABLE");
	ss = (stack_t){ .ss_sp = alt, .ss_size = 2047 };
	tap_errno(sigaltstack(&ss, NULL), ENOMEM, "sigaltstack: too small");
	ss = (stack_t){ .ss_sp = alt, .ss_size = sizeof alt, .ss_flags = 4 };
	tap_errno(sigaltstack(&ss, NULL), EINVAL, "sigaltstack: unknown flag");
	ss.ss_flags = SS_ONSTACK;	/* musl's function says no */
	tap_zero(syscall(SYS_sigaltstack, &ss, NULL), "sigaltstack: SS_ONSTACK may be said");
	ss.ss_flags = 0;
	tap_zero(sigaltstack(&ss, &old), "sigaltstack: set");
	tap_ok(old.ss_sp == alt && old.ss_size == sizeof alt && old.ss_flags == 0, "the old one is told");

	set(SIGUSR1, look, 0);
	calls = 0;
	kill(getpid(), SIGUSR1);
	tap_ok(!inside && seen.ss_flags == 0, "without SA_ONSTACK a handler runs where we are");
	set(SIGUSR1, look, SA_ONSTACK);
	calls = 0;
	tap_zero(sigaltstack(&ss, NULL), "set again");
	kill(getpid(), SIGUSR1);
	tap_ok(inside, "SA_ONSTACK: on the alternate stack");
	tap_is(seen.ss_flags, SS_ONSTACK, "sigaltstack tells so");
	tap_ok(eperm, "it cannot be changed meanwhile: EPERM");
	set(SIGUSR2, look, SA_ONSTACK);
	calls = 0;
	kill(getpid(), SIGUSR2);
	tap_ok(calls == 2 && inside && nested_inside, "a second signal stays on it");

	ss.ss_flags = (int)SS_AUTODISARM;
	tap_zero(sigaltstack(&ss, NULL), "SS_AUTODISARM");
	calls = 0;
	eperm = 1;
	kill(getpid(), SIGUSR1);
	tap_ok(inside && !eperm && seen.ss_flags == SS_DISABLE, "in the handler there is none, and it may be changed");
	sigaltstack(NULL, &old);
	tap_ok(old.ss_sp == alt && (unsigned)old.ss_flags == SS_AUTODISARM, "afterwards it is there again");
	ss = (stack_t){ .ss_flags = SS_DISABLE };
	tap_zero(sigaltstack(&ss, NULL), "SS_DISABLE");
	calls = 0;
	kill(getpid(), SIGUSR1);
	tap_ok(!inside, "SA_ONSTACK without a stack: where we are");
	tap_is(getauxval(51) ? getauxval(51) : 960, 960, "AT_MINSIGSTKSZ is the size of a frame");
}

static void fault(int sig, siginfo_t *i, void *p)
{
	(void)sig;
	info = *i;
	fault_pc = ((ucontext_t *)p)->uc_mcontext.__gregs[0];
	siglongjmp(out, 1);
}

static void skip_ebreak(int sig, siginfo_t *i, void *p)
{
	ucontext_t *uc = p;

	(void)sig;
	info = *i;
	calls++;
	uc->uc_mcontext.__gregs[0] += 4;
}

/* A program may keep a frame and go back by its copy, wherever that lies. */
static void leave_by_copy(int sig, siginfo_t *i, void *p)
{
	static char copy[1024] __attribute__((aligned(16)));

	(void)p;
	calls += sig == SIGUSR1;
	memcpy(copy + 5, i, 960);
	__asm__ volatile("mv sp, %0; li a7, %1; ecall" :: "r"(copy + 5), "i"(SYS_rt_sigreturn) : "a7", "memory");
}

static void test_moved_frame(void)
{
	struct sigaction sa = { .sa_sigaction = leave_by_copy, .sa_flags = SA_SIGINFO }, old;
	volatile int here = 4711;

	sigaction(SIGUSR1, &sa, &old);
	calls = 0;
	raise(SIGUSR1);
	tap_ok(calls == 1 && here == 4711, "rt_sigreturn takes a frame from an odd address");
	sigaction(SIGUSR1, &old, NULL);
}

static void test_faults(void)
{
	struct sigaction sa = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO }, old;
	static unsigned words[3] __attribute__((aligned(8)));
	unsigned a, b;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sa.sa_sigaction = skip_ebreak;
	sigaction(SIGTRAP, &sa, NULL);

	if (!sigsetjmp(out, 1)) {
		*(volatile int *)0xf0001230 = 1;
		tap_ok(0, "a store to nothing faults");
	} else {
		tap_is(info.si_signo, SIGSEGV, "a store to nothing: SIGSEGV");
		/* The real no-MMU kernel tells the pc instead. */
		tap_ok((uintptr_t)info.si_addr == 0xf0001230, "si_addr is the address");
	}
	if (!sigsetjmp(out, 1)) {
		a = *(volatile int *)0xf0001230;
		tap_ok(0, "a load from nothing faults (%u)", a);
	} else {
		tap_is(info.si_signo, SIGSEGV, "a load from nothing: SIGSEGV");
	}
	if (!sigsetjmp(out, 1)) {
		call_code((void *)0xf0001000);
		tap_ok(0, "a jump to nothing faults");
	} else {
		tap_is(info.si_signo, SIGSEGV, "a jump to nothing: SIGSEGV");
		tap_is((unsigned)fault_pc, 0xf0001000u, "pc is where it went");
	}
	if (!sigsetjmp(out, 1)) {
		__asm__ volatile(".word 0" ::: "memory");
		tap_ok(0, "an illegal instruction faults");
	} else {
		tap_is(info.si_signo, SIGILL, "illegal instruction: SIGILL");
		tap_is(info.si_code, ILL_ILLOPC, "ILL_ILLOPC");
		tap_ok((uintptr_t)info.si_addr == fault_pc, "si_addr is the pc");
	}
	calls = 0;
	__asm__ volatile(".option push; .option norvc; ebreak; .option pop" ::: "memory");
	tap_ok(calls == 1 && info.si_code == TRAP_BRKPT, "ebreak: SIGTRAP, TRAP_BRKPT, and goes on behind it");
	if (!sigsetjmp(out, 1)) {
		__asm__ volatile("lr.w t0, (%0)" :: "r"((char *)words + 2) : "t0", "memory");
		tap_ok(0, "a misaligned lr.w faults");
	} else {
		tap_ok(info.si_signo == SIGBUS && info.si_code == BUS_ADRALN, "misaligned lr.w: SIGBUS, BUS_ADRALN");
	}
	words[0] = 0x03020100;
	words[1] = 0x07060504;
	memcpy(&b, (char *)words + 1, 4);
	__asm__ volatile("lw %0, 1(%1)" : "=r"(a) : "r"(words));
	tap_ok(a == b, "a misaligned lw works");
	sigaction(SIGSEGV, NULL, &old);
	tap_ok(old.sa_sigaction == fault, "the action is still set");
	/* Blocked: the action is reset and the process would end; seen in signal_jobs. */
}

int main(void)
{
	tap_plan(0);
	test_stack();
	test_moved_frame();
	test_faults();
	return tap_done();
}
