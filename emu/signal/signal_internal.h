/* SPDX-License-Identifier: MIT
 *
 * What the signal files share: the kinds of signals (include/linux/signal.h of the kernel), and the
 * steps of sending and delivery that lie in different files.
 */
#ifndef EMU_KERNEL_SIGNAL_INTERNAL_H
#define EMU_KERNEL_SIGNAL_INTERNAL_H

#include <signal.h>
#include "emu/kernel/task.h"

/* Signal numbers are the host's own: x86, Arm and RISC-V hosts have the generic ones. */

#define SIGNAL_DFL 0u
#define SIGNAL_IGN 1u

/* asm-generic sa_flags. */
#define ACT_NOCLDSTOP	0x00000001u
#define ACT_NOCLDWAIT	0x00000002u
#define ACT_SIGINFO	0x00000004u
#define ACT_EXPOSE_TAGBITS 0x00000800u
#define ACT_ONSTACK	0x08000000u
#define ACT_RESTART	0x10000000u
#define ACT_NODEFER	0x40000000u
#define ACT_RESETHAND	0x80000000u
#define ACT_FLAGS	(ACT_NOCLDSTOP | ACT_NOCLDWAIT | ACT_SIGINFO | ACT_EXPOSE_TAGBITS | ACT_ONSTACK | \
			 ACT_RESTART | ACT_NODEFER | ACT_RESETHAND)

#define STACK_ONSTACK	1u
#define STACK_DISABLE	2u
#define STACK_AUTODISARM 0x80000000u
#define STACK_MIN	2048u		/* MINSIGSTKSZ */

#define SIGNAL_RT	32		/* the first real-time one */

static inline uint64_t signal_bit(int signo)
{
	return 1ull << (signo - 1);
}

static inline bool signal_in(int signo, uint64_t set)
{
	return set & signal_bit(signo);
}

#define SBIT(n) (1ull << ((n) - 1))
#define SIGNALS_KERNEL_ONLY (SBIT(SIGKILL) | SBIT(SIGSTOP))
#define SIGNALS_STOP	(SBIT(SIGSTOP) | SBIT(SIGTSTP) | SBIT(SIGTTIN) | SBIT(SIGTTOU))
#define SIGNALS_IGNORED	(SBIT(SIGCONT) | SBIT(SIGCHLD) | SBIT(SIGWINCH) | SBIT(SIGURG))
#define SIGNALS_CORE	(SBIT(SIGQUIT) | SBIT(SIGILL) | SBIT(SIGTRAP) | SBIT(SIGABRT) | SBIT(SIGFPE) | \
			 SBIT(SIGSEGV) | SBIT(SIGBUS) | SBIT(SIGSYS) | SBIT(SIGXCPU) | SBIT(SIGXFSZ))
#define SIGNALS_SYNC	(SBIT(SIGSEGV) | SBIT(SIGBUS) | SBIT(SIGILL) | SBIT(SIGTRAP) | SBIT(SIGFPE) | SBIT(SIGSYS))

/* signal_stop.c: job control; both tell the parent. */
void signal_stop_process(struct process *p, int signo);
void signal_continue_process(struct process *p);

/* signal_frame.c */
/* Builds the frame and points the registers at the handler. 0, or -EFAULT: nowhere to put it. */
int signal_frame_push(struct task *t, const struct signal_action *act, const struct signal_info *info, uint64_t mask);
/* SS_ONSTACK, SS_DISABLE or 0, as sigaltstack(2) reports it for a stack pointer. */
uint32_t signal_stack_state(const struct signal_stack *s, uint32_t sp);
/* The checks of do_sigaltstack(): 0, -EPERM, -EINVAL, -ENOMEM. */
int signal_stack_set(struct task *t, uint32_t sp, uint32_t flags, uint32_t size);

/* signal.c */
/* Drops what is pending of the set: from the process and all its tasks. */
void signal_discard(struct process *p, uint64_t set);
/*
 * A POSIX timer's signal to a task (NULL: the process).  True if it is now in a queue; false if it was
 * ignored, dropped, or there was no memory.
 */
bool signal_send_timer(struct process *p, struct task *t, const struct signal_info *info);
/* Timer id's last one is still in a queue: counts another overrun there.  False: it is in none. */
bool signal_timer_again(struct process *p, int timer_id);
/* Takes timer id's signal out of every queue, if it is in one. */
void signal_cancel_timer(struct process *p, int timer_id);

#endif
