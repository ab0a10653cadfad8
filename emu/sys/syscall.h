/* SPDX-License-Identifier: MIT
 *
 * System calls: one table (syscalls.def) feeds dispatch, strace and the docs.
 *
 * A handler gets the task and its six argument registers and returns a result as task.h
 * says.  It checks arguments in Linux's order, touches guest memory only through user.h, and must be
 * able to run again from its start after it returned task_block().
 */
#ifndef EMU_KERNEL_SYSCALL_H
#define EMU_KERNEL_SYSCALL_H

#include "emu/kernel/task.h"

typedef int64_t (*syscall_fn)(struct task *t, const uint32_t a[6]);

#define SYSCALL_MAX 512		/* no call has a number beyond */

/* What syscalls.def says: "openat"; NULL: there is no such call. */
const char *syscall_name(uint32_t nr);
/* Argument types for strace: see emu/strace/strace.h; NULL: six hex words. */
const char *syscall_args(uint32_t nr);
/* "d" number, "x" address, "fd" ...; NULL: not known. */
const char *syscall_ret(uint32_t nr);

#define SYSCALL(nr, name, args, ret) int64_t sys_##name(struct task *t, const uint32_t a[6]);
#define SYSCALL_NONE(nr, name, args, ret)
#include "emu/sys/syscalls.def"
#undef SYSCALL
#undef SYSCALL_NONE

/* Calls the handler of t->sys.nr with t->sys.args; its result. */
int64_t syscall_handle(struct task *t);
/* Serves the ecall the task stands on (pc already behind it is arranged here). Called by the scheduler. */
void syscall_enter(struct task *t);
/*
 * hart.h's on_ecall: the same for the running task (owner) if nobody watches it, without leaving the hart.  HART_CALL_LOOK
 * unless the call just left its result in a0.
 */
enum hart_call syscall_in_hart(void *owner);
/*
 * For a tracee that has stopped before its call: makes it, or not, as its registers say now; a0 is first_arg.
 * after_seccomp: it was one of its filters that made it stop.
 */
void syscall_traced(struct task *t, uint32_t first_arg, bool make, bool after_seccomp);
/* t->sys becomes that of the interrupted call in t->restart; for restart_syscall(2), which then calls its handler. */
void syscall_restart(struct task *t);
/* The next try of a blocked one. */
void syscall_retry(struct task *t);

/* A 64-bit argument in two registers, low word first (no alignment on riscv32). */
static inline uint64_t arg64(const uint32_t a[6], int i) { return (uint64_t)a[i + 1] << 32 | a[i]; }

#endif
