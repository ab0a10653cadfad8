/* SPDX-License-Identifier: MIT
 * sigaction, masks, handlers and what they are told.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include "tap.h"

static volatile int calls, last, depth, deepest, order[16];
static siginfo_t last_info;
static sigset_t last_mask;

static void note(int sig)
{
	last = sig;
	if (calls < 16)
		order[calls] = sig;
	calls++;
}

static void note_info(int sig, siginfo_t *info, void *uc)
{
	note(sig);
	last_info = *info;
	last_mask = ((ucontext_t *)uc)->uc_sigmask;
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void set_info(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = flags | SA_SIGINFO };

	sigaction(sig, &sa, NULL);
}

static void block(int how, int sig)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	sigprocmask(how, &s, NULL);
}

static void test_arguments(void)
{
	/* The kernel's structure: handler, flags, 64-bit mask. */
	unsigned long act[4] = { (unsigned long)note, 0xffffffff, 0xffffffff, 0xffffffff }, old[4];
	unsigned long set[2] = { 0, 0 };

	tap_errno(syscall(SYS_rt_sigaction, SIGUSR1, act, NULL, 4), EINVAL, "sigaction: wrong size of the set");
	tap_errno(syscall(SYS_rt_sigaction, 0, act, NULL, 8), EINVAL, "sigaction: signal 0");
	tap_errno(syscall(SYS_rt_sigaction, 65, act, NULL, 8), EINVAL, "sigaction: signal 65");
	tap_errno(syscall(SYS_rt_sigaction, SIGKILL, act, NULL, 8), EINVAL, "sigaction: SIGKILL cannot be caught");
	tap_errno(syscall(SYS_rt_sigaction, SIGSTOP, act, NULL, 8), EINVAL, "sigaction: nor SIGSTOP");
	tap_zero(syscall(SYS_rt_sigaction, SIGKILL, NULL, old, 8), "sigaction: SIGKILL's action can be read");
	tap_zero(syscall(SYS_rt_sigaction, SIGUSR1, act, NULL, 8), "sigaction: unknown flags are taken");
	tap_zero(syscall(SYS_rt_sigaction, SIGUSR1, NULL, old, 8), "sigaction: reads back");
	tap_is(old[1], 0xd8000807, "only the known flags are kept");
	tap_is(old[2], 0xffffffff & ~(1u << (SIGKILL - 1) | 1u << (SIGSTOP - 1)), "SIGKILL and SIGSTOP leave the mask");
	tap_is(old[3], 0xffffffff, "all real-time signals stay in it");
	signal(SIGUSR1, SIG_DFL);

	tap_errno(syscall(SYS_rt_sigprocmask, 3, set, NULL, 8), EINVAL, "sigprocmask: unknown how");
	tap_zero(syscall(SYS_rt_sigprocmask, 3, NULL, set, 8), "sigprocmask: how does not matter without a set");
	tap_errno(syscall(SYS_rt_sigprocmask, 0, set, NULL, 16), EINVAL, "sigprocmask: wrong size");
	tap_errno(syscall(SYS_rt_sigpending, set, 16), EINVAL, "sigpending: too large");
	tap_zero(syscall(SYS_rt_sigpending, set, 4), "sigpending: a smaller size is fine");
	tap_efault(syscall(SYS_rt_sigaction, SIGUSR1, 16, NULL, 8), "sigaction: bad pointer");
	tap_efault(syscall(SYS_rt_sigprocmask, 0, 16, NULL, 8), "sigprocmask: bad pointer");
	tap_efault(syscall(SYS_rt_sigpending, 16, 8), "sigpending: bad pointer");
	tap_errno(kill(getpid(), 65), EINVAL, "kill: signal 65");
	tap_errno(kill(getpid(), -1), EINVAL, "kill: signal -1");
	tap_errno(kill(32700, 0), ESRCH, "kill: nobody there");
	tap_errno(kill(-32700, 0), ESRCH, "kill: no such group");
	tap_errno(kill(-2147483647 - 1, 0), ESRCH, "kill: the most negative number");
	tap_zero(kill(getpid(), 0), "kill: signal 0 to ourselves");
	tap_zero(kill(0, 0), "kill: signal 0 to our group");
	tap_errno(syscall(SYS_tkill, 0, SIGUSR1), EINVAL, "tkill: 0");
	tap_errno(syscall(SYS_tkill, -1, SIGUSR1), EINVAL, "tkill: -1");
	tap_errno(syscall(SYS_tgkill, 0, getpid(), SIGUSR1), EINVAL, "tgkill: group 0");
	tap_errno(syscall(SYS_tgkill, 32700, getpid(), 0), ESRCH, "tgkill: wrong group");
}

static void test_senders(void)
{
	union sigval v = { .sival_int = 4711 };
	unsigned words[32] = { 0 };

	set_info(SIGUSR1, note_info, 0);
	calls = 0;
	kill(getpid(), SIGUSR1);
	tap_is(calls, 1, "kill: the handler has run when the call is back");
	tap_is(last_info.si_signo, SIGUSR1, "kill: si_signo");
	tap_is(last_info.si_code, SI_USER, "kill: si_code");
	tap_is(last_info.si_pid, getpid(), "kill: si_pid");
	tap_is(last_info.si_uid, getuid(), "kill: si_uid");
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	tap_is(last_info.si_code, SI_TKILL, "tgkill: si_code");
	sigqueue(getpid(), SIGUSR1, v);
	tap_is(last_info.si_code, SI_QUEUE, "sigqueue: si_code");
	tap_is(last_info.si_value.sival_int, 4711, "sigqueue: si_value");
	words[0] = 1, words[1] = 7, words[2] = (unsigned)-60, words[5] = 99;
	tap_zero(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, words), "rt_sigqueueinfo: a code of our own");
	tap_is(last_info.si_code, -60, "it arrives");
	tap_is(last_info.si_signo, SIGUSR1, "si_signo is the true one");
	tap_is(last_info.si_errno, 7, "si_errno as sent");
	words[2] = SI_USER;
	if (getppid() > 0)
		tap_errno(syscall(SYS_rt_sigqueueinfo, getppid(), 0, words), EPERM, "pretending kill() to others is refused");
	else
		tap_skip(1, "no parent");
	tap_zero(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, words), "to ourselves it is allowed");
	tap_errno(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, words), EINVAL, "rt_tgsigqueueinfo: thread 0");
	tap_zero(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, words), "rt_tgsigqueueinfo");
	signal(SIGUSR1, SIG_DFL);
}

static void nest(int sig)
{
	note(sig);
	if (++depth > deepest)
		deepest = depth;
	if (calls < 3)
		kill(getpid(), sig);
	depth--;
}

static void raise_other(int sig)
{
	note(sig);
	if (sig == SIGUSR1) {
		kill(getpid(), SIGUSR2);
		order[15] = calls;	/* has SIGUSR2 interrupted us? */
	}
}

static void test_masks(void)
{
	struct sigaction sa = { .sa_handler = raise_other };
	sigset_t s;

	calls = deepest = 0;
	set(SIGUSR1, nest, 0);
	kill(getpid(), SIGUSR1);
	tap_ok(calls == 3 && deepest == 1, "a signal waits for its own handler to end");
	calls = deepest = 0;
	set(SIGUSR1, nest, SA_NODEFER);
	kill(getpid(), SIGUSR1);
	tap_ok(calls == 3 && deepest == 3, "SA_NODEFER: it does not");
	calls = 0;
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	kill(getpid(), SIGUSR1);
	tap_ok(calls == 2 && order[15] == 2, "another signal interrupts the handler");
	calls = 0;
	sigaddset(&sa.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &sa, NULL);
	kill(getpid(), SIGUSR1);
	tap_ok(calls == 2 && order[15] == 1, "sa_mask: it waits");

	set_info(SIGUSR1, note_info, 0);
	block(SIG_BLOCK, SIGHUP);
	kill(getpid(), SIGUSR1);
	tap_ok(sigismember(&last_mask, SIGHUP) == 1 && sigismember(&last_mask, SIGUSR1) == 0,
	       "uc_sigmask is the mask before the handler");
	block(SIG_UNBLOCK, SIGHUP);

	calls = 0;
	set(SIGUSR1, note, SA_RESETHAND);
	kill(getpid(), SIGUSR1);
	sigaction(SIGUSR1, NULL, &sa);
	tap_ok(calls == 1 && sa.sa_handler == SIG_DFL, "SA_RESETHAND: back to default");

	set(SIGUSR1, note, 0);
	set(SIGUSR2, note, 0);
	calls = 0;
	block(SIG_BLOCK, SIGUSR1);
	block(SIG_BLOCK, SIGUSR2);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	sigpending(&s);
	tap_ok(calls == 0 && sigismember(&s, SIGUSR1) == 1 && sigismember(&s, SIGUSR2) == 1, "blocked signals are pending");
	sigemptyset(&s);
	sigprocmask(SIG_SETMASK, &s, NULL);
	tap_is(calls, 2, "unblocked: each comes once");
	tap_ok(order[0] == SIGUSR2 && order[1] == SIGUSR1, "frames are stacked by number: the higher one's handler runs first");
	sigpending(&s);
	tap_ok(!sigismember(&s, SIGUSR1) && !sigismember(&s, SIGUSR2), "nothing is pending any more");

	block(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&s);
	tap_ok(!sigismember(&s, SIGUSR1), "ignoring a signal discards it");
	kill(getpid(), SIGUSR1);
	sigpending(&s);
	tap_ok(sigismember(&s, SIGUSR1), "blocked and ignored: pending all the same");
	set(SIGUSR1, note, 0);
	calls = 0;
	block(SIG_UNBLOCK, SIGUSR1);
	tap_is(calls, 1, "and delivered if it is caught by then");
	block(SIG_BLOCK, SIGCHLD);
	kill(getpid(), SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigpending(&s);
	tap_ok(!sigismember(&s, SIGCHLD), "setting SIG_DFL discards what default ignores");
	block(SIG_UNBLOCK, SIGCHLD);
	for (int sig = 1; sig < 32; sig++) {
		if (sig != SIGCONT && sig != SIGCHLD && sig != SIGWINCH && sig != SIGURG)
			continue;
		kill(getpid(), sig);
	}
	tap_ok(1, "SIGCONT, SIGCHLD, SIGWINCH, SIGURG do nothing by default");
	block(SIG_BLOCK, SIGKILL);
	sigprocmask(SIG_BLOCK, NULL, &s);
	tap_ok(!sigismember(&s, SIGKILL), "SIGKILL cannot be blocked");
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

/* --- Registers --- */

static void change_a0(int sig, siginfo_t *info, void *p)
{
	ucontext_t *uc = p;

	(void)info;
	note(sig);
	uc->uc_mcontext.__gregs[9] = 0x12345678;	/* s1 */
}

static void spoil_fp(int sig)
{
	note(sig);
	__asm__ volatile("fcvt.d.w fs0, zero; fcvt.d.w fa5, zero; fcvt.d.w ft11, zero; fsrmi 1; fsflagsi 31" ::: "memory");
}

static void test_context(void)
{
	unsigned s1, frm, a5;
	double d, e;

	set_info(SIGUSR1, change_a0, 0);
	__asm__ volatile("mv s1, zero; mv a0, %1; li a1, %2; li a7, %3; ecall; mv %0, s1"
			 : "=r"(s1) : "r"(getpid()), "i"(SIGUSR1), "i"(SYS_kill) : "s1", "a0", "a1", "a7", "memory");
	tap_is(s1, 0x12345678, "a handler can change the registers it returns to");
	set(SIGUSR1, spoil_fp, 0);
	__asm__ volatile("fsflags zero; fsrm zero; li t0, 7; fcvt.d.w fs0, t0; fcvt.d.w ft11, t0;"
			 "mv a0, %4; li a1, %5; li a7, %6; li a5, 77; ecall;"
			 "fmv.d %0, fs0; fmv.d %1, ft11; frcsr %2; mv %3, a5"
			 : "=f"(d), "=f"(e), "=r"(frm), "=r"(a5)
			 : "r"(getpid()), "i"(SIGUSR1), "i"(SYS_kill)
			 : "fs0", "ft11", "t0", "a0", "a1", "a5", "a7", "memory");
	tap_ok(d == 7 && e == 7, "floating-point registers survive a handler");
	tap_is(frm, 0, "so do rounding mode and flags");
	tap_is(a5, 77, "so does a caller-saved register");
	signal(SIGUSR1, SIG_DFL);
}

int main(void)
{
	tap_plan(0);
	test_arguments();
	test_senders();
	test_masks();
	test_context();
	return tap_done();
}
