/* SPDX-License-Identifier: MIT
 *
 * Signal frames of riscv32 without an MMU (arch/riscv/kernel/signal.c) and the alternate stack.
 *
 * There is no vdso to return through, so the kernel puts the two instructions of
 * rt_sigreturn on the stack, behind the ucontext, and points ra at them.  We do as it does:
 * debuggers and unwinders know a signal frame by these very bytes, and the frame's
 * size (AT_MINSIGSTKSZ, 960 bytes) comes out the same.  Decoded code is only thrown
 * away when the bytes are not already there from an earlier signal at the same depth.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "emu/kernel/klog.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/user.h"

enum { REG_RA = 1, REG_SP = 2, REG_GP = 3, REG_A0 = 10, REG_A1 = 11, REG_A2 = 12 };

#define CODE_LI_A7_139	0x08b00893u	/* li a7, __NR_rt_sigreturn */
#define CODE_ECALL	0x00000073u

struct guest_stack { uint32_t sp, flags, size; };

/* struct ucontext with sigcontext; the FP area has room for the Q extension and is 16-aligned. */
struct guest_ucontext {
	uint32_t flags, link;
	struct guest_stack stack;
	uint32_t mask[2];
	uint8_t unused[120];
	uint8_t align[12];
	uint32_t regs[32];		/* pc, then x1..x31 */
	uint64_t f[32];
	uint32_t fcsr;
	uint8_t unused_q[256];
	uint32_t reserved;		/* __riscv_extra_ext_header: must be 0, then an empty header */
	uint32_t ext_magic, ext_size;
};

struct guest_frame {
	uint8_t info[128];
	struct guest_ucontext uc;
	uint32_t code[2];
	uint32_t align[2];
};

_Static_assert(offsetof(struct guest_ucontext, regs) == 160, "uc_mcontext");
_Static_assert(offsetof(struct guest_ucontext, f) == 288, "sc_fpregs");
_Static_assert(offsetof(struct guest_ucontext, reserved) == 288 + 516, "sc_extdesc.reserved");
_Static_assert(offsetof(struct guest_frame, code) == 944, "sigreturn_code");
_Static_assert(sizeof(struct guest_frame) == 960, "AT_MINSIGSTKSZ");

/* --- The alternate stack --- */

static bool on_stack(const struct signal_stack *s, uint32_t sp)
{
	/* One that disarms itself is never in use as such. */
	return !(s->flags & STACK_AUTODISARM) && sp > s->sp && sp - s->sp <= s->size;
}

uint32_t signal_stack_state(const struct signal_stack *s, uint32_t sp)
{
	if (!s->size)
		return STACK_DISABLE;
	return on_stack(s, sp) ? STACK_ONSTACK : 0;
}

int signal_stack_set(struct task *t, uint32_t sp, uint32_t flags, uint32_t size)
{
	struct signal_stack *s = &t->altstack;
	uint32_t mode = flags & ~STACK_AUTODISARM;

	if (on_stack(s, t->regs.x[REG_SP]))
		return -EPERM;
	if (mode != STACK_DISABLE && mode != STACK_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == STACK_DISABLE) {
		sp = size = 0;
	} else if (size < STACK_MIN) {
		return -ENOMEM;
	}
	*s = (struct signal_stack){ .sp = sp, .flags = flags, .size = size };
	return 0;
}

/* --- Going in --- */

/* Where the frame goes. 0: the alternate stack is overrun. */
static uint32_t frame_address(const struct task *t, const struct signal_action *act)
{
	const struct signal_stack *s = &t->altstack;
	uint32_t sp = t->regs.x[REG_SP];

	/* Overrunning the alternate stack would go unseen: better to die here. */
	if (on_stack(s, sp) && !on_stack(s, sp - (uint32_t)sizeof(struct guest_frame)))
		return 0;
	if ((act->flags & ACT_ONSTACK) && signal_stack_state(s, sp) == 0)
		sp = s->sp + s->size;
	return (sp - (uint32_t)sizeof(struct guest_frame)) & ~15u;
}

static void put_trampoline(struct task *t, uint32_t addr, struct guest_frame *f)
{
	if (f->code[0] == CODE_LI_A7_139 && f->code[1] == CODE_ECALL)
		return;
	f->code[0] = CODE_LI_A7_139;
	f->code[1] = CODE_ECALL;
	hart_flush(&t->machine->hart, addr, sizeof f->code);
}

/*
 * Where the handler is.  In FDPIC programs sa_handler points to its descriptor { entry, gp } (setup_return() of Arm,
 * setup_rt_frame() of sh and Xtensa; there is no sa_restorer on RISC-V).  -EFAULT: it points to nothing.
 */
static int find_handler(struct task *t, const struct signal_action *act, uint32_t *entry, uint32_t *gp)
{
	*entry = act->handler;
	*gp = t->regs.x[REG_GP];
	if (!(t->personality & PER_FDPIC_FUNCPTRS))
		return 0;
	if (!user_get32(t, act->handler, entry) && !user_get32(t, act->handler + 4, gp))
		return 0;
	klog(t->machine, KLOG_WARNING, "%s[%d]: a signal handler is 0x%08x, which points to no function descriptor",
	     t->comm, t->tid, act->handler);
	return -EFAULT;
}

int signal_frame_push(struct task *t, const struct signal_action *act, const struct signal_info *info, uint64_t mask)
{
	struct hart_regs *r = &t->regs;
	uint32_t addr = frame_address(t, act);
	struct guest_frame *f = addr ? user_span_write(t, addr, sizeof *f) : NULL;
	struct guest_ucontext *uc;
	uint32_t entry, gp;

	if (!f || find_handler(t, act, &entry, &gp))
		return -EFAULT;
	(void)signal_info_to_guest(t, addr, info);	/* in the span */
	uc = &f->uc;
	uc->flags = 0;
	uc->link = 0;
	uc->stack = (struct guest_stack){
		t->altstack.sp, signal_stack_state(&t->altstack, r->x[REG_SP]) | (t->altstack.flags & STACK_AUTODISARM),
		t->altstack.size,
	};
	uc->mask[0] = (uint32_t)mask;
	uc->mask[1] = (uint32_t)(mask >> 32);
	uc->regs[0] = r->pc;
	memcpy(&uc->regs[1], &r->x[1], 31 * sizeof r->x[0]);
	memcpy(uc->f, r->f, sizeof uc->f);
	uc->fcsr = r->fcsr;
	uc->reserved = uc->ext_magic = uc->ext_size = 0;
	put_trampoline(t, addr + (uint32_t)offsetof(struct guest_frame, code), f);

	r->x[REG_RA] = addr + (uint32_t)offsetof(struct guest_frame, code);
	r->x[REG_SP] = addr;
	r->x[REG_A0] = (uint32_t)info->signo;
	r->x[REG_A1] = addr;
	r->x[REG_A2] = addr + (uint32_t)offsetof(struct guest_frame, uc);
	r->x[REG_GP] = gp;
	r->pc = entry & ~1u;
	return 0;
}

/* --- And back --- */

int64_t signal_return(struct task *t)
{
	struct hart_regs *r = &t->regs;
	uint32_t addr = r->x[REG_SP];
	struct guest_ucontext uc;	/* a copy: the stack pointer may be odd */

	t->restart.resumable = false;	/* a handler has come between */
	if (user_read(t, &uc, addr + (uint32_t)offsetof(struct guest_frame, uc), sizeof uc))
		goto bad;
	signal_set_blocked(t, uc.mask[0] | (uint64_t)uc.mask[1] << 32);
	/* Before anything is taken: no other extension's state is known here. */
	if (uc.reserved || uc.ext_magic || uc.ext_size)
		goto bad;
	r->pc = uc.regs[0] & ~1u;
	memcpy(&r->x[1], &uc.regs[1], 31 * sizeof r->x[0]);
	memcpy(r->f, uc.f, sizeof uc.f);
	r->fcsr = uc.fcsr & 0xff;
	/* Like the kernel, with the restored sp, and whatever is wrong with the stack is not our concern. */
	(void)signal_stack_set(t, uc.stack.sp, uc.stack.flags, uc.stack.size);
	return SYS_NO_RETURN;
bad:
	signal_fault(t, SIGSEGV, SI_KERNEL, 0);
	return SYS_NO_RETURN;
}
