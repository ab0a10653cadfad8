/* SPDX-License-Identifier: MIT
 *
 * Signals, with Linux's numbers and structures for riscv32 (asm-generic).
 *
 * Sending queues a signal (real-time ones as often as sent, with siginfo; the others once) and wakes a
 * task that may take it.  Delivery happens when a task is about to run user code: signal_deliver().
 */
#ifndef EMU_KERNEL_SIGNAL_H
#define EMU_KERNEL_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "emu/kernel/wait.h"

struct machine;
struct process;
struct task;

#define SIGNALS 64

/* What a siginfo carries; written to the guest as struct siginfo (128 bytes). */
struct signal_info {
	int signo, code, err;
	union {
		struct { int pid; uint32_t uid; uint32_t value; } rt;	/* kill, sigqueue, tgkill */
		struct { int pid; uint32_t uid; int status; uint32_t utime, stime; } child;	/* SIGCHLD; clock ticks */
		struct { uint32_t addr; } fault;			/* SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP */
		struct { int timer_id, overrun; uint32_t value; } timer;
		struct { int32_t band; int fd; } poll;
		struct { uint32_t call_addr; int nr; uint32_t arch; } sys;
	};
};

struct signal_pending {
	struct signal_info info;
	struct signal_pending *next;
	struct machine *machine;
	uint32_t uid;			/* whose it counts as: the receiver's when it was sent */
	bool of_timer;			/* it has the timer's place, and counts as nobody's */
};
/* All zero is empty. */
struct signal_queue { uint64_t set; struct signal_pending *first, *last; unsigned count; };

/* In an action's flags: it ends the process, whatever becomes of it meanwhile (SA_IMMUTABLE). */
#define SIGNAL_FINAL 0x00800000u
struct signal_action { uint32_t handler; uint32_t flags; uint64_t mask; };	/* riscv32 has no sa_restorer */
struct sighand {
	unsigned refs;
	struct signal_action action[SIGNALS];	/* [signo - 1] */
	struct wait_queue signalfds;		/* who waits for a signal to be read: woken by each that is queued */
};
struct signal_stack { uint32_t sp, flags, size; };

/*
 * Sends.  0, -EAGAIN when the queue of a real-time signal is full.  info NULL: as from the kernel
 * (SI_KERNEL).  Ignored signals are dropped as Linux does.
 */
int signal_send_task(struct task *t, int signo, const struct signal_info *info);
int signal_send_process(struct process *p, int signo, const struct signal_info *info);
/* To each process of the group.  Number of processes reached. */
int signal_send_group(struct machine *m, int pgid, int signo, const struct signal_info *info);
/* A fault of the task's own instruction: cannot be blocked or ignored (force_sig_fault). */
void signal_fault(struct task *t, int signo, int code, uint32_t addr);
/* Any signal like that (force_sig_info()); `fatal`: it cannot be caught either, nor does a tracer see it (HANDLER_EXIT). */
void signal_force(struct task *t, const struct signal_info *info, bool fatal);
/*
 * SIGSEGV that must be taken (force_sigsegv): the frame of `signo` could not be written.  With SIGSEGV itself it cannot
 * be caught either: the end of the process.
 */
void signal_force_segv(struct task *t, int signo);

/*
 * Before t runs user code: takes pending signals, does default actions (which may stop or end the task),
 * sets up handler frames.  syscall_result: NULL when not coming from a system call; else the handler's result, which
 * is written to a0 or turned into a restart: with a handler, pc back on the ecall and a0 as it was; without,
 * t->in_syscall is left true and the call simply goes on (stopped or not) with what it keeps in t->sys.
 */
void signal_deliver(struct task *t, const int64_t *syscall_result);
/* As much for one signal that a tracer lets through. */
void signal_deliver_one(struct task *t, const struct signal_info *info);
int64_t signal_return(struct task *t);		/* rt_sigreturn: SYS_NO_RETURN, or the task gets SIGSEGV */
/* At execve: caught signals back to default (sighand un-shared by the caller), altstack off. */
void signal_exec(struct task *t);
void signal_queue_clear(struct signal_queue *q);
/* Takes the lowest pending one of `mask`; false if none. (sigtimedwait, signalfd) */
bool signal_take(struct task *t, uint64_t mask, struct signal_info *out);
/* Writes/reads struct siginfo of the guest. 0 or -EFAULT. */
int signal_info_to_guest(struct task *t, uint32_t addr, const struct signal_info *info);
void signal_info_bytes(const struct signal_info *info, uint8_t out[128]);
int signal_info_from_guest(struct task *t, uint32_t addr, struct signal_info *info);
/* Changes the mask; wakes the task if that makes a signal deliverable. SIGKILL and SIGSTOP are left out. */
void signal_set_blocked(struct task *t, uint64_t mask);
/*
 * The mask for the length of a blocking call (sigsuspend, ppoll, pselect): put in place on the call's
 * first try, taken back by signal_deliver() when the call ends or a handler has been entered.
 */
void signal_mask_for_call(struct task *t, uint64_t mask);
/* The first of a continued process's tasks is about to run: tells the parent (p->continue_untold). */
void signal_continued(struct process *p);
const char *signal_name(int signo);		/* "SIGINT"; "SIGRT_3"; never NULL */

#endif
