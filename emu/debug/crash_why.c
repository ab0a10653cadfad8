/* SPDX-License-Identifier: MIT
 *
 * What a crash probably means.  A guess says that it is one; each ends with what to look at next.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "cpu/decode.h"
#include "emu/debug/crash.h"
#include "emu/strace/internal.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { SP = 2, NEAR = 64 * 1024, POISON = 0x6b6b6b6b };

/* --- What lies at an address --- */

struct place {
	uint32_t addr;
	struct mm_vma_info at, below, above;	/* end 0: none */
};

static int look(void *ctx, const struct mm_vma_info *v)
{
	struct place *p = ctx;

	if (v->start <= p->addr && p->addr < v->end)
		p->at = *v;
	else if (v->end <= p->addr && v->end > p->below.end)
		p->below = *v;
	else if (v->start > p->addr && (!p->above.end || v->start < p->above.start))
		p->above = *v;
	return 0;
}

static void find(struct place *p, struct task *t, uint32_t addr)
{
	*p = (struct place){ .addr = addr };
	mm_space_walk(t->space, look, p);
}

static void map_line(struct strace_text *o, const struct mm_vma_info *v, const char *note)
{
	text_printf(o, "    %08x-%08x %c%c%c%c %s%s%s\n", v->start, v->end, v->prot & 1 ? 'r' : '-', v->prot & 2 ? 'w' : '-',
		    v->prot & 4 ? 'x' : '-', v->may_share ? 's' : 'p', v->path[0] ? v->path : "[anonymous]", *note ? "   " : "",
		    note);
}

void crash_maps(struct strace_text *o, struct task *t, uint32_t addr)
{
	struct place p;

	find(&p, t, addr);
	if (p.at.end) {
		map_line(o, &p.at, "<- here");
		return;
	}
	if (p.below.end)
		map_line(o, &p.below, "below it");
	if (p.above.end)
		map_line(o, &p.above, "above it");
}

/* --- The instruction --- */

bool crash_of_access(const struct signal_info *info)
{
	return info->code > 0 && info->code != SI_KERNEL && (info->signo == SIGSEGV || info->signo == SIGBUS);
}

const char *crash_access(struct task *t, char buf[64])
{
	const struct hart_trap *trap = &t->machine->hart.trap;
	static const char *const kinds[] = { [HART_LOAD] = "load", [HART_STORE] = "store", [HART_FETCH] = "instruction" };

	if (trap->access == HART_FETCH)
		snprintf(buf, 64, "an instruction was to be fetched from %#x", trap->value);
	else
		snprintf(buf, 64, "a %s of %u byte%s, %s %#x", kinds[trap->access], trap->size, trap->size == 1 ? "" : "s",
			 trap->access == HART_STORE ? "to" : "from", trap->value);
	return buf;
}

/* --- Verdicts --- */

/* The stack of the first thread is one mapping; others are wherever their libc put them. */
static bool stack_overflow(struct strace_text *o, struct task *t)
{
	const struct mm_layout *l = mm_layout(t->space);
	uint32_t sp = t->regs.x[SP];

	if (!l->stack_top || sp >= l->stack_bottom || l->stack_bottom - sp > 16u << 20 || t->tid != t->process->pid)
		return false;
	text_printf(o, "  The stack has overflowed: sp is %u bytes below its end, %08x, and what lay there was written over.\n"
		    "  It has %u KiB; -s gives programs that do not say more, PT_GNU_STACK says (-Wl,-z,stack-size=N).\n",
		    l->stack_bottom - sp, l->stack_bottom, (l->stack_top - l->stack_bottom) >> 10);
	crash_maps(o, t, sp);
	return true;
}

/* What siginfo says is pc with --compat linux-6.12; the hart knows. */
static void bad_address(struct strace_text *o, struct task *t)
{
	uint32_t addr = t->machine->hart.trap.value;
	struct place p;

	find(&p, t, addr);
	if (t->machine->hart.trap.access == HART_FETCH)
		text_str(o, "  It jumped to where no code is: a function pointer or a return address was overwritten, or never set.\n");
	if (addr < 4096)
		text_printf(o, "  %s: a null pointer%s.\n", addr ? "A small address" : "Address 0", addr ?
			    ", most likely, and a member or element that far behind it" : "");
	else if (addr - POISON + 4096 < 8192)
		text_str(o, "  0x6b is what --poison fills freed memory with: the pointer was read from memory that had been freed.\n");
	else if (p.below.end && addr - p.below.end < NEAR)
		text_printf(o, "  It is %u bytes behind the end of a mapping: an index too large, most likely.\n", addr - p.below.end);
	else if (p.above.end && p.above.start - addr < NEAR)
		text_printf(o, "  It is %u bytes before a mapping: a negative index, most likely.\n", p.above.start - addr);
	else if (!p.at.end)
		text_printf(o, "  Nothing is mapped at %08x or near it: a pointer that was never set, or was overwritten.\n", addr);
	crash_maps(o, t, addr);
}

static void bad_instruction(struct strace_text *o, struct task *t)
{
	uint32_t bits = 0;

	if (user_read(t, &bits, t->regs.pc, 4) && user_read(t, &bits, t->regs.pc, 2))
		return;
	if ((bits & 0xffff) == 0 || bits == 0xc0001073)
		text_str(o, "  It is unimp: __builtin_trap(), or what the compiler takes for unreachable; zeros are also what\n"
			 "  lies behind the end of code, and in data.\n");
	else if (bits == POISON || (bits & 0xffff) == (POISON & 0xffff))
		text_str(o, "  0x6b is what --poison fills freed memory with: the code was in memory that has been freed.\n");
	else
		text_printf(o, "  %#x is no instruction of RV32IMAFDC_Zba_Zbb_Zbs: built for another processor (-march), or no code.\n",
			    bits);
	crash_maps(o, t, t->regs.pc);
}

/* signal_force_segv(): by no instruction of the program's. */
static void forced(struct strace_text *o, struct task *t)
{
	text_str(o, t->personality & PER_FDPIC_FUNCPTRS ?
		 "  A signal could not be delivered: its handler is no function descriptor (the log says which), or its frame\n"
		 "  has no room on the stack.\n" :
		 "  A signal could not be delivered: its frame has no room on the stack. Or a handler returned with a frame that\n"
		 "  it had written over.\n");
	crash_maps(o, t, t->regs.x[SP]);
}

void crash_verdict(struct strace_text *o, struct task *t, const struct signal_info *info)
{
	if (stack_overflow(o, t))
		return;
	if (info->code <= 0) {
		text_str(o, info->signo == SIGABRT ? "  It was sent by a process, most likely itself: abort(), or an assertion.\n" :
			 "  It was sent by a process; pc is where it took it.\n");
		return;
	}
	if (info->code == SI_KERNEL) {
		forced(o, t);
		return;
	}
	switch (info->signo) {
	case SIGSEGV:
		bad_address(o, t);
		break;
	case SIGBUS:
		text_str(o, "  The address of an atomic access must be a multiple of its size.\n");
		crash_maps(o, t, info->fault.addr);
		break;
	case SIGILL:
		bad_instruction(o, t);
		break;
	case SIGSYS:
		text_printf(o, "  A filter that it has, or was started with (seccomp), does not allow this call: number %d, %s.\n", info->sys.nr,
			    syscall_name((uint32_t)info->sys.nr) ? syscall_name((uint32_t)info->sys.nr) : "unknown");
		break;
	case SIGTRAP:
		text_str(o, "  It ran on an ebreak: __builtin_trap() and the like, or a breakpoint that nobody waits for.\n");
		break;
	}
}
