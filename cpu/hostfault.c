/* SPDX-License-Identifier: MIT
 *
 * From a host SIGSEGV or SIGBUS back to the guest access that caused it: the faulting
 * host instruction is looked up in the table that access.h builds, and execution
 * resumes at its landing.  Everything else is a crash of the emulator.
 */
#define _GNU_SOURCE	/* register names of ucontext_t */
#include "cpu/access.h"
#include "cpu/hart.h"
#include "cpu/jit/jit.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

/* As assembled: both fields are relative to their own address. */
struct extable_entry {
	int32_t insn, landing;
};

/* Made by the linker from the section's name. */
extern const struct extable_entry __start_guest_extable[], __stop_guest_extable[];

/*
 * What was found last, by host instruction. The table is in no order that the linker promises, and most programs never have
 * a fault: so nothing is made of it before there is one, and then what is looked up again and again is found here.
 */
#define FOUND 64
static struct { uintptr_t insn, landing; } found[FOUND];

static void (*crash_hook)(int sig);

static uintptr_t target(const int32_t *field)
{
	return (uintptr_t)field + (uintptr_t)(intptr_t)*field;
}

/* Where to go on after a fault of the host instruction at pc; 0: not an access to guest memory. */
static uintptr_t find_landing(uintptr_t pc)
{
	size_t slot = pc / 4 % FOUND;

	if (found[slot].insn == pc)
		return found[slot].landing;
	for (const struct extable_entry *e = __start_guest_extable; e < __stop_guest_extable; e++) {
		if (target(&e->insn) != pc)
			continue;
		found[slot].landing = target(&e->landing);
		found[slot].insn = pc;
		return found[slot].landing;
	}
	return 0;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uintptr_t landing = 0;

	/* Sent by kill(): not an access at all. */
	if (info->si_code > 0) {
		if (jit_on_fault(uc, (uintptr_t)info->si_addr))
			return;
#if defined(__x86_64__)
		landing = find_landing((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
		if (landing)
			uc->uc_mcontext.gregs[REG_RIP] = (greg_t)landing;
#elif defined(__aarch64__)
		landing = find_landing((uintptr_t)uc->uc_mcontext.pc);
		if (landing)
			uc->uc_mcontext.pc = landing;
#endif
	}
	if (landing)
		return;

	if (crash_hook)
		crash_hook(sig);
	/* The fault repeats with the default action; a signal that was sent is raised again. */
	signal(sig, SIG_DFL);
	if (info->si_code <= 0)
		raise(sig);
}

int hart_catch_host_faults(void (*on_crash)(int sig))
{
	/* A stack of its own lets the crash hook run after a host stack overflow. */
	static char stack[64 * 1024];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa;

	crash_hook = on_crash;
	if (sigaltstack(&alt, NULL) != 0)
		return -errno;
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_fault;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGSEGV, &sa, NULL) != 0 || sigaction(SIGBUS, &sa, NULL) != 0)
		return -errno;
	return 0;
}
