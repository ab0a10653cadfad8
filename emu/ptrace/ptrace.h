/* SPDX-License-Identifier: MIT
 *
 * ptrace(2): one task of the guest stops, looks into and steers another (kernel/ptrace.c, kernel/signal.c).
 *
 * A stopped tracee (TASK_TRACED) is plain data: its registers are those of struct task, what it stopped for and what is to
 * happen when it goes on are in struct ptrace.  A stop never waits on the host's stack: whoever finds that a task has to
 * stop calls one of the functions below and returns to the scheduler; ptrace_go_on() takes the thread up again.
 *
 * The ordinary path of a task that is not traced asks for t->ptrace and no more.
 */
#ifndef EMU_KERNEL_PTRACE_H
#define EMU_KERNEL_PTRACE_H

#include "emu/kernel/task.h"

/* Linux's numbers. */
enum {
	PTRACE_EVENT_FORK_ = 1, PTRACE_EVENT_VFORK_ = 2, PTRACE_EVENT_CLONE_ = 3, PTRACE_EVENT_EXEC_ = 4,
	PTRACE_EVENT_VFORK_DONE_ = 5, PTRACE_EVENT_EXIT_ = 6, PTRACE_EVENT_SECCOMP_ = 7, PTRACE_EVENT_STOP_ = 128,
};
#define PTRACE_O_TRACESYSGOOD_	1u
#define PTRACE_O_EVENT_(event)	(1u << (event))
#define PTRACE_O_EXITKILL_	0x100000u
#define PTRACE_O_SUSPEND_SECCOMP_ 0x200000u
#define PTRACE_O_MASK_		(0xffu | PTRACE_O_EXITKILL_ | PTRACE_O_SUSPEND_SECCOMP_)

/* What a stopped tracee does first when it goes on. */
enum ptrace_after {
	PTRACE_AFTER_NOTHING,	/* a trap, or an event in a call: that is tried again */
	PTRACE_AFTER_SIGNAL,	/* takes the signal the tracer gives */
	PTRACE_AFTER_ENTRY,	/* makes the call its registers say */
	PTRACE_AFTER_NO_CALL,	/* the tracer has done what the call was to do */
	PTRACE_AFTER_SECCOMP,	/* the same as ENTRY, and its filters need not ask the tracer again */
	PTRACE_AFTER_CALL,	/* the call is over */
	PTRACE_AFTER_EXIT,	/* ends */
};

/* One per tracee.  Owned by it. */
struct ptrace {
	struct task *tracee;
	struct task *tracer;		/* NULL: let go while it was stopped; kept until it has gone on */
	struct ptrace *next, *prev;	/* of the same tracer */
	uint32_t options;		/* PTRACE_O_* */
	bool seized;			/* PTRACE_SEIZE */
	bool calls;			/* PTRACE_SYSCALL: stops at calls */
	bool emulates;			/* PTRACE_SYSEMU: stops at calls and makes none */
	bool trap_stop, trap_notify;	/* JOBCTL_TRAP_STOP, JOBCTL_TRAP_NOTIFY: why t->trap_pending */
	bool group_pending;		/* trap_stop is for a group stop that SIGCONT takes back */
	bool listening;			/* PTRACE_LISTEN: in a stop, but for its tracer running */
	bool exiting;			/* PTRACE_EVENT_EXIT is behind it */
	uint32_t group_signal;		/* of the last group stop */
	/* The stop it is in, while TASK_TRACED. */
	enum ptrace_after after;
	uint32_t code;			/* wait status >> 8; 0 once told. When it goes on: the tracer's signal */
	uint32_t message;		/* PTRACE_GETEVENTMSG */
	bool has_info;
	struct signal_info info;	/* PTRACE_GETSIGINFO */
	uint32_t first_arg;		/* a0 as it was at the ecall (orig_a0) */
	uint32_t exit_code;		/* of the end that waits for PTRACE_AFTER_EXIT */
};

static inline bool task_is_traced(const struct task *t)
{
	return t->ptrace && t->ptrace->tracer;
}

/* Its tracer is of another process than its parent (ptrace_reparented). */
static inline bool task_is_traced_by_other(const struct task *t)
{
	return task_is_traced(t) && t->ptrace->tracer->process != t->process->parent;
}

/* --- Called by the rest of the kernel, for tasks with t->ptrace only --- */

/* ptrace_stop.c */
/* Scheduler: before each turn of t.  What is left of a stop is done; t may have stopped or ended again afterwards. */
void ptrace_go_on(struct task *t);
/* Dispatch: t is about to make the call of its registers.  True: it stopped first, ptrace_go_on() makes the call. */
bool ptrace_call_begins(struct task *t);
/* seccomp: a filter wants the tracer to see the call first, which then is begun as above. False: it does not want to. */
bool ptrace_seccomp(struct task *t, uint32_t data, uint32_t first_arg);
/* Dispatch: the call with result is over (t->sys is empty again); first_arg: its first argument. Sets a0. */
void ptrace_call_ends(struct task *t, int64_t result, uint32_t first_arg);
/* Signal delivery: stops for a pending trap; true if so. */
bool ptrace_trap(struct task *t);
/* Signal delivery: t stops before it takes the signal. */
void ptrace_signal(struct task *t, const struct signal_info *info);
/* Signal delivery: a handler has been entered by a task that is stepped. */
void ptrace_handler_entered(struct task *t);
/* Scheduler: the one instruction has been executed. */
void ptrace_stepped(struct task *t);
/* Job control: t's process stops, continues. */
void ptrace_group_stop(struct task *t, int signo);
void ptrace_group_continue(struct task *t);
/* t is to stop for the event, if its tracer wants to know: true, and the call has to return SYS_BLOCK. */
bool ptrace_event(struct task *t, int event, uint32_t message);
/* t is to end with code: true if it stops first; task_exit() is called again afterwards. */
bool ptrace_exit_event(struct task *t, uint32_t code);

/* ptrace.c */
/* execve() is done: PTRACE_EVENT_EXEC (true: it stopped) or the SIGTRAP of old. */
bool ptrace_exec(struct task *t, int old_tid);
/*
 * A new child c of t that is to be traced as t is, if t is: memory for it, 0 or -ENOMEM; and, once c has all else, the
 * beginning (c->ptrace is not NULL then).
 */
int ptrace_prepare(struct task *t, struct task *c);
void ptrace_child(struct task *t, struct task *c);
/* Which event the flags of a clone() are, if the tracer of t wants to know of it; else 0. */
int ptrace_clone_event(const struct task *t, uint64_t flags, uint32_t exit_signal);
/* t ends or goes: lets go of all it traces (t->tracees may be NULL). */
void ptrace_tracer_exit(struct task *t);
/* t is not traced any more.  Wakes nothing. */
void ptrace_unlink(struct task *t);
/* Drops t->ptrace, whatever it is; for tasks that go. */
void ptrace_free(struct task *t);

/* ptrace_access.c */
enum ptrace_creds { PTRACE_FSCREDS, PTRACE_REALCREDS };
/* May who look into and change t?  __ptrace_may_access(): 0 or -EPERM. */
int ptrace_may_access(const struct task *who, const struct task *t, enum ptrace_creds creds);
/* Moves bytes of t's memory as far as its mappings, with all of prot, go.  How many. Decoded code is made stale. */
uint32_t ptrace_read(struct task *t, uint32_t addr, void *dst, uint32_t len, uint32_t prot);
uint32_t ptrace_write(struct task *t, uint32_t addr, const void *src, uint32_t len, uint32_t prot);

#endif
