/* SPDX-License-Identifier: MIT
 * Signals that call handlers: while one waits for them, inside of each other, on a stack of their own, for errors of the program.
 *
 * Handlers are the process's; what they are to do for whom is in the value of the signal, or in a variable of the thread's own.
 */
#include <fcntl.h>
#include <setjmp.h>
#include "../stress.h"

static bool handle(struct worker *w, int sig, void (*handler)(int, siginfo_t *, void *), int flags, int masked)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < masked; i++)
		sigaddset(&sa.sa_mask, stress_signal(STRESS_SIG_NEST + i));
	if (!sigaction(sig, &sa, NULL))
		return true;
	stress_fail(w, "sigaction: %s", strerror(errno));
	return false;
}

static void count(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	++*(volatile uint32_t *)info->si_value.sival_ptr;
}

struct sender {
	struct worker *w;
	pid_t to;
	volatile uint32_t handled;
	_Atomic uint32_t wanted;
	_Atomic bool end;
};

static void *send_when_wanted(void *arg)
{
	struct sender *s = arg;
	uint32_t sent = 0;

	while (!s->end) {
		if (sent == s->wanted) {
			usleep(50);
			continue;
		}
		if (!stress_queue(s->to, stress_signal(STRESS_SIG_SUSPEND), (void *)&s->handled))
			sent++;
		else if (errno != EAGAIN)
			stress_fail(s->w, "rt_tgsigqueueinfo: %s", strerror(errno));
	}
	return NULL;
}

/* One thread waits in sigsuspend(), another sends: none is lost, as it is blocked at all other times. */
enum stress_status stress_sigsuspend(struct worker *w)
{
	int sig = stress_signal(STRESS_SIG_SUSPEND);
	struct sender s = { .w = w, .to = stress_tid() };
	sigset_t open;
	pthread_t t;

	if (!handle(w, sig, count, SA_RESTART, 0))
		return STRESS_FAILED;
	if (!stress_thread(&t, send_when_wanted, &s))
		return stress_errno(w, "pthread_create");
	pthread_sigmask(SIG_BLOCK, NULL, &open);
	sigdelset(&open, sig);
	while (stress_go(w)) {
		uint32_t before = s.handled;

		s.wanted++;
		while (s.handled == before)
			if (sigsuspend(&open) != -1 || errno != EINTR)
				stress_fail(w, "sigsuspend: %s", strerror(errno));
		if (s.handled != before + 1)
			stress_fail(w, "a signal was handled twice");
		stress_bogo(w);
	}
	s.end = true;
	pthread_join(t, NULL);
	return STRESS_PASSED;
}

#define DEPTH 4

struct nest {
	struct worker *w;
	uint32_t order;			/* a digit for each handler that begins (1 to 4) or ends (5 to 8) */
};

static void nested(int sig, siginfo_t *info, void *context)
{
	struct nest *n = info->si_value.sival_ptr;
	uint32_t level = sig - stress_signal(STRESS_SIG_NEST);
	sigset_t mask;

	(void)context;
	n->order = n->order * 10 + level + 1;
	/* Its own number is blocked while it is handled. */
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	if (!sigismember(&mask, sig))
		stress_fail(n->w, "a handler can be called while it runs");
	if (level + 1 < DEPTH) {
		while (stress_queue(stress_tid(), sig + 1, n) && errno == EAGAIN)
			;
	}
	n->order = n->order * 10 + level + 5;
}

enum stress_status stress_signest(struct worker *w)
{
	struct nest n = { .w = w };

	for (int i = 0; i < DEPTH; i++) {
		if (!handle(w, stress_signal(STRESS_SIG_NEST + i), nested, 0, 0))
			return STRESS_FAILED;
		stress_let(stress_signal(STRESS_SIG_NEST + i), true);
	}
	while (stress_go(w)) {
		n.order = 0;
		while (stress_queue(stress_tid(), stress_signal(STRESS_SIG_NEST), &n) && errno == EAGAIN)
			;
		if (n.order != 12348765)
			stress_fail(w, "handlers began and ended as %lu", (unsigned long)n.order);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

struct place {
	char *low, *high;
	volatile uint32_t calls, outside;
};

static void where(int sig, siginfo_t *info, void *context)
{
	struct place *p = info->si_value.sival_ptr;
	char here;
	stack_t now;

	(void)sig;
	(void)context;
	p->calls++;
	sigaltstack(NULL, &now);
	p->outside += &here < p->low || &here >= p->high || now.ss_flags != SS_ONSTACK;
}

enum stress_status stress_sigaltstack(struct worker *w)
{
	int sig = stress_signal(STRESS_SIG_ALTSTACK);
	struct place p = { 0 };
	stack_t stack = { .ss_size = 16384 }, off = { .ss_flags = SS_DISABLE };

	stack.ss_sp = p.low = malloc(stack.ss_size);
	if (!stack.ss_sp)
		return stress_errno(w, "malloc");
	p.high = p.low + stack.ss_size;
	if (!handle(w, sig, where, SA_ONSTACK, 0))
		return STRESS_FAILED;
	stress_let(sig, true);
	while (stress_go(w)) {
		stack_t now;

		if (sigaltstack(&stack, NULL))
			stress_fail(w, "sigaltstack: %s", strerror(errno));
		p.calls = 0;
		while (stress_queue(stress_tid(), sig, &p) && errno == EAGAIN)
			;
		if (p.calls != 1 || p.outside)
			stress_fail(w, "a handler was called %lu times, %lu not on its stack", (unsigned long)p.calls, (unsigned long)p.outside);
		if (sigaltstack(&off, &now) || now.ss_sp != stack.ss_sp || now.ss_flags)
			stress_fail(w, "the stack is another");
		stress_bogo(w);
	}
	free(p.low);
	return STRESS_PASSED;
}

static _Thread_local struct {
	sigjmp_buf env;
	volatile uintptr_t address;
	volatile int code;
} trap;

static void trapped(int sig, siginfo_t *info, void *context)
{
	(void)context;
	trap.address = (uintptr_t)info->si_addr;
	trap.code = info->si_code;
	siglongjmp(trap.env, sig);
}

/* Page 0 is nobody's: with an MMU nothing is mapped there, without one the bus has nothing there (SEGV_ACCERR on RISC-V). */
enum stress_status stress_sigsegv(struct worker *w)
{
	if (!handle(w, SIGSEGV, trapped, SA_NODEFER, 0))
		return STRESS_FAILED;
	while (stress_go(w)) {
		volatile uint32_t *volatile nowhere = (volatile uint32_t *)(uintptr_t)(4 * stress_below(w, 512));
		int sig = sigsetjmp(trap.env, 1);

		if (!sig) {
			if (w->random & 1)
				*nowhere = 1;
			else
				(void)*nowhere;
			stress_fail(w, "nothing happened at %p", (void *)nowhere);
		} else if (sig != SIGSEGV || trap.address != (uintptr_t)nowhere || trap.code <= 0) {
			stress_fail(w, "signal %d, code %d at %#lx, not at %p", sig, trap.code, (unsigned long)trap.address, (void *)nowhere);
		}
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_sigtrap(struct worker *w)
{
	if (!handle(w, SIGTRAP, trapped, SA_NODEFER, 0) || !handle(w, SIGILL, trapped, SA_NODEFER, 0))
		return STRESS_FAILED;
	while (stress_go(w)) {
		volatile bool ill = w->done % 2;
		int sig = sigsetjmp(trap.env, 1);

		if (!sig) {
#if defined __riscv
			if (ill)
				__asm__ volatile (".2byte 0");
			else
				__asm__ volatile ("ebreak");
#elif defined __x86_64__ || defined __i386__
			if (ill)
				__asm__ volatile ("ud2");
			else
				__asm__ volatile ("int3");
#else
			pthread_kill(pthread_self(), ill ? SIGILL : SIGTRAP);
#endif
			stress_fail(w, "nothing happened");
		} else if (sig != (ill ? SIGILL : SIGTRAP)) {
			stress_fail(w, "signal %d", sig);
		}
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

static _Thread_local volatile uint32_t pipes;

static void piped(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	pipes++;
}

/* Who writes to a pipe that nobody reads gets SIGPIPE, and EPIPE. */
enum stress_status stress_sigpipe(struct worker *w)
{
	if (!handle(w, SIGPIPE, piped, SA_RESTART, 0))
		return STRESS_FAILED;
	while (stress_go(w)) {
		uint32_t before = pipes;
		int fds[2];
		ssize_t n;

		if (pipe2(fds, O_CLOEXEC)) {
			if (!stress_short(w))
				stress_errno(w, "pipe2");
			continue;
		}
		close(fds[0]);
		/* Until it has called execve() a child of vfork() could read it. */
		while ((n = write(fds[1], "x", 1)) == 1)
			;
		if (n != -1 || errno != EPIPE)
			stress_fail(w, "write: %s", strerror(errno));
		if (pipes != before + 1)
			stress_fail(w, "SIGPIPE came %lu times", (unsigned long)(pipes - before));
		close(fds[1]);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
