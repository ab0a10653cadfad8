/* SPDX-License-Identifier: MIT
 *
 * The requests of ptrace(2), by the files that serve them.  Each gets the caller, a tracee of its that stands in a stop,
 * and the call's last two arguments; the result is the call's.
 */
#ifndef EMU_KERNEL_PTRACE_INTERNAL_H
#define EMU_KERNEL_PTRACE_INTERNAL_H

#include "emu/ptrace/ptrace.h"

enum {
	PTRACE_TRACEME_ = 0, PTRACE_PEEKTEXT_ = 1, PTRACE_PEEKDATA_ = 2, PTRACE_POKETEXT_ = 4, PTRACE_POKEDATA_ = 5,
	PTRACE_CONT_ = 7, PTRACE_KILL_ = 8, PTRACE_SINGLESTEP_ = 9, PTRACE_ATTACH_ = 16, PTRACE_DETACH_ = 17,
	PTRACE_SYSCALL_ = 24, PTRACE_SYSEMU_ = 31, PTRACE_SYSEMU_SINGLESTEP_ = 32, PTRACE_GETFDPIC_ = 33,
	PTRACE_SETOPTIONS_ = 0x4200, PTRACE_GETEVENTMSG_ = 0x4201, PTRACE_GETSIGINFO_ = 0x4202,
	PTRACE_SETSIGINFO_ = 0x4203, PTRACE_GETREGSET_ = 0x4204, PTRACE_SETREGSET_ = 0x4205, PTRACE_SEIZE_ = 0x4206,
	PTRACE_INTERRUPT_ = 0x4207, PTRACE_LISTEN_ = 0x4208, PTRACE_PEEKSIGINFO_ = 0x4209,
	PTRACE_GETSIGMASK_ = 0x420a, PTRACE_SETSIGMASK_ = 0x420b, PTRACE_SECCOMP_GET_FILTER_ = 0x420c,
	PTRACE_SECCOMP_GET_METADATA_ = 0x420d, PTRACE_GET_SYSCALL_INFO_ = 0x420e,
};

/* ptrace_access.c: 0 or -EIO, -EFAULT */
int ptrace_peek(struct task *t, struct task *c, uint32_t addr, uint32_t data);
int ptrace_poke(struct task *t, struct task *c, uint32_t addr, uint32_t data);

/* ptrace_regs.c */
int ptrace_getregset(struct task *t, struct task *c, uint32_t note, uint32_t iov_addr);
int ptrace_setregset(struct task *t, struct task *c, uint32_t note, uint32_t iov_addr);
int ptrace_getfdpic(struct task *t, struct task *c, uint32_t which, uint32_t data);
/* The bytes there are. */
int ptrace_get_syscall_info(struct task *t, struct task *c, uint32_t size, uint32_t data);

/* ptrace_signals.c */
int ptrace_getsiginfo(struct task *t, struct task *c, uint32_t data);
int ptrace_setsiginfo(struct task *t, struct task *c, uint32_t data);
/* How many. */
int ptrace_peeksiginfo(struct task *t, struct task *c, uint32_t args, uint32_t data);
int ptrace_getsigmask(struct task *t, struct task *c, uint32_t size, uint32_t data);
int ptrace_setsigmask(struct task *t, struct task *c, uint32_t size, uint32_t data);

#endif
