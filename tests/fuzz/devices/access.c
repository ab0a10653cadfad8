/* SPDX-License-Identifier: MIT
 *
 * Accesses that may fault. Each is one instruction of four bytes; whoever faults there goes on behind it.
 */
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>
#include "fuzz.h"

typedef uint32_t access_fn(uintptr_t addr, uint32_t value);
extern access_fn do_lb, do_lh, do_lw, do_flw, do_fld, do_lr_sc, do_amo, do_sb, do_sh, do_sw, do_fsw, do_fsd;
extern const char access_begin[], access_end[];

__asm__(".text\n.option push\n.option norvc\n.balign 4\n"
	"access_begin:\n"
	"do_lb:	lb a0, 0(a0)\n	ret\n"
	"do_lh:	lh a0, 0(a0)\n	ret\n"
	"do_lw:	lw a0, 0(a0)\n	ret\n"
	"do_flw:	flw fa0, 0(a0)\n	ret\n"
	"do_fld:	fld fa0, 0(a0)\n	ret\n"
	"do_lr_sc:	lr.w a2, (a0)\n	sc.w a0, a1, (a0)\n	ret\n"
	"do_amo:	amoadd.w a0, a1, (a0)\n	ret\n"
	"do_sb:	sb a1, 0(a0)\n	ret\n"
	"do_sh:	sh a1, 0(a0)\n	ret\n"
	"do_sw:	sw a1, 0(a0)\n	ret\n"
	"do_fsw:	fmv.w.x fa0, a1\n	fsw fa0, 0(a0)\n	ret\n"
	"do_fsd:	fcvt.d.w fa0, a1\n	fsd fa0, 0(a0)\n	ret\n"
	"access_end:\n"
	".option pop\n");

static access_fn *const table[ACCESSES] = {
	do_lb, do_lh, do_lw, do_flw, do_fld, do_lr_sc, do_amo, do_sb, do_sh, do_sw, do_fsw, do_fsd,
};

unsigned long access_made, access_faults;
static uintptr_t wanted;
static volatile int came;

static void on_fault(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;
	uintptr_t pc = uc->uc_mcontext.__gregs[REG_PC], at = (uintptr_t)si->si_addr;

	if (pc < (uintptr_t)access_begin || pc >= (uintptr_t)access_end)
		wrong("signal %d at pc %lx, address %lx", sig, (unsigned long)pc, (unsigned long)at);
	if (at - wanted >= 8)
		wrong("signal %d says %lx of an access to %lx", sig, (unsigned long)at, (unsigned long)wanted);
	uc->uc_mcontext.__gregs[REG_PC] = pc + 4;
	came = sig;
}

void access_catch(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &sa, NULL);
}

int access_do(enum access a, uintptr_t addr, uint32_t value)
{
	wanted = addr;
	came = 0;
	table[a](addr, value);
	if (came && came != SIGSEGV && came != SIGBUS)
		wrong("signal %d came of access %d to %lx", came, a, (unsigned long)addr);
	access_made++;
	access_faults += came != 0;
	return came;
}
