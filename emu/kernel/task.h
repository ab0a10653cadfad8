/* SPDX-License-Identifier: MIT
 *
 * Tasks and processes.  As in Linux: a task is what is scheduled; a process (Linux's
 * signal_struct, a thread group) is what is waited for and signalled as one; what clone(2)
 * may share (memory, descriptors, fs context, signal actions) is reference-counted on its own.
 */
#ifndef EMU_KERNEL_TASK_H
#define EMU_KERNEL_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cpu/hart.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/futex.h"
#include "emu/kernel/groups.h"
#include "emu/kernel/machine.h"
#include "emu/signal/signal.h"
#include "emu/kernel/run_queue.h"
#include "emu/kernel/wait.h"
#include "mm/mm.h"

/*
 * What a system call handler returns: >= 0 the result (an address may be any 32-bit number), -1..-4095 an
 * errno; the kernel's internal restart codes, seen by signal delivery only (include/linux/errno.h);
 * or one of the two below.
 */
#define SYS_BLOCK	INT64_MIN	/* call me again when woken; task_block() makes it, and who waits whatever signals come */
#define SYS_NO_RETURN	(INT64_MIN + 1)	/* registers are set already: execve, rt_sigreturn, exit */
#define ERESTARTSYS		512	/* restart if SA_RESTART, else EINTR */
#define ERESTARTNOINTR		513	/* always restart */
#define ERESTARTNOHAND		514	/* restart unless a handler ran */
#define ERESTART_RESTARTBLOCK	516	/* as NOHAND; t->sys keeps the deadline */

enum __attribute__((packed)) task_state {
	TASK_RUNNABLE = 0,	/* see task.attention */
	TASK_SLEEPING,		/* in a blocked call, wakes for signals ('S') */
	TASK_STOPPED,		/* job control ('T') */
	TASK_TRACED,		/* ptrace ('t') */
	TASK_ZOMBIE,		/* waiting to be reaped ('Z') */
	TASK_DEAD,
};

#define RLIMITS 16
struct rlimit_pair { uint64_t cur, max; };	/* UINT64_MAX: infinity */

/* Pointers to functions that are given to the kernel, signal handlers, are descriptors (FDPIC_FUNCPTRS). */
#define PER_FDPIC_FUNCPTRS 0x00080000u
#define PER_MASK_ 0xffu

struct blkdev_closing;
struct ipc_wait;
struct mount_ns;
struct uts_ns;
struct pid_ref;
struct seccomp_filter;
struct seccomp_request;
struct sem_undo_list;

struct cred {
	uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	struct groups *groups;		/* supplementary ones: groups.h.  A task's own cred holds a reference */
	uint64_t cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	uint32_t securebits;
};

struct tty;

/* A process: the thread group. */
struct process {
	struct machine *machine;
	int pid;			/* tgid */
	int pgid, sid;
	struct tty *tty;		/* controlling terminal, or NULL; not a reference: tty outlives it */
	struct task *leader;		/* kept as zombie until reaped */
	struct task *threads;		/* all live tasks, linked by thread_next */
	unsigned nthreads;
	struct process *parent, *children, *sibling_next, *sibling_prev;
	int creator;			/* tid of the parent's thread that made it */
	struct wait_queue child_wait;	/* wait4/waitid of this process */
	struct signal_queue pending;	/* directed at the process */
	bool group_exit;		/* exit_group or fatal signal under way */
	uint32_t exit_code;		/* wait status encoding: code << 8 | signal | 0x80 core */
	int fatal_signal;		/* it will end by this one as soon as any of its tasks runs; 0: none */
	bool init_exposed;		/* pid 1 only: it faulted, signals may end it (no SIGNAL_UNKILLABLE) */
	bool stopped, continued;	/* job control: to be reported by wait (WUNTRACED, WCONTINUED) */
	uint32_t stop_signal;
	bool stop_reported;
	bool continue_untold;		/* the parent gets its SIGCHLD when one of our tasks runs again */
	bool exec_done;			/* for setpgid's -EACCES */
	uint32_t execs;			/* programs executed (self_exec_id) */
	uint32_t membarrier;		/* registrations, as MEMBARRIER_CMD_REGISTER_* bits */
	int exit_signal;		/* to the parent: SIGCHLD */
	bool subreaper;
	uint8_t dumpable;		/* PR_SET_DUMPABLE: 1 its user may look inside, 0 only the privileged may */
	struct rlimit_pair rlimit[RLIMITS];
	uint64_t start_ns;		/* monotonic */
	/* CPU time of threads that ended and of reaped children, in ns; counters as getrusage. */
	uint64_t dead_utime, dead_stime, child_utime, child_stime;
	uint64_t dead_nvcsw, dead_nivcsw, child_nvcsw, child_nivcsw;
	struct posix_timers *timers;	/* setitimer, timer_create: emu/kernel/timers.c */
	struct process *next, *prev;	/* all processes, by start */
	struct path_ref exe;		/* what it executes; a reference */
	bool zombie;			/* all threads gone, not reaped */
	int16_t oom_score_adj;		/* /proc/PID/oom_score_adj; children have their parent's */
};

/* What a blocked call keeps between its tries. */
struct sys_state {
	uint32_t nr;			/* system call number; ~0: none */
	uint32_t args[6];		/* as at entry */
	int fd;
	struct file *file;		/* the descriptor the call began with: a reference, dropped at its end */
	/* From here on all is zero when a call begins. */
	uint64_t deadline;		/* monotonic ns; 0: none.  Set once, on the first try */
	uint64_t done;			/* progress: bytes written so far, and the like */
	uint64_t limit;			/* user_get_limit() */
	uint32_t flag;			/* the handler's own */
	bool restarted;			/* this is not the first try */
	bool timed_out;			/* the deadline has passed (set by the scheduler) */
};

/*
 * How an interrupted call of a traced task goes on: its registers stand on the ecall again, for all to see (of others
 * t->sys simply stays as it is).
 */
struct sys_restart {
	int32_t code;			/* ERESTART*, negative, while the signal it was interrupted for is dealt with */
	uint32_t pc;			/* where it stands then */
	bool resumable;			/* restart_syscall(2) goes on with: */
	uint32_t nr, args[6], flag;
	uint64_t deadline, done, limit;
};

/* A registration of rseq(2): emu/kernel/rseq.h.  addr 0: none. */
struct task_rseq { uint32_t addr, len, signature; };

/* SCHED_DEADLINE: sched_deadline.c.  All zero for others. */
struct task_deadline {
	uint64_t runtime, deadline, period;	/* ns, as asked for */
	uint32_t flags;			/* SCHED_FLAG_RECLAIM, _DL_OVERRUN */
	int64_t left;			/* ns it may run before its deadline */
	struct time_node throttled;	/* it has used that up: when there is more */
};

/* Why a task leaves the hart early. */
#define YIELD_PREEMPTED	1u	/* another is to run now; it is the next of its kind */
#define YIELD_BEHIND	2u	/* sched_yield(2) and the like: others first */

struct task {
	struct machine *machine;
	struct process *process;
	int tid;
	/*
	 * Side by side, so that the end of each system call need not look at them one by one: attention is 0 if the task just
	 * runs on.
	 */
	union {
		uint64_t attention;
		struct {
			enum task_state state;
			bool killed;		/* a fatal signal is on its way: takes no more of anything */
			/* There may be a signal for it: of several threads only the one chosen looks (TIF_SIGPENDING). */
			bool notified;
			bool restore_blocked;	/* sigsuspend, ppoll, pselect: the signal mask goes back to saved_blocked */
			bool in_syscall;	/* blocked in one */
			uint8_t yields;		/* it leaves the hart at the end of its call: YIELD_* */
			bool traced;		/* ptrace is not NULL */
			uint8_t filtered;	/* its calls may be refused: SECCOMP_* of emu/seccomp/seccomp.h; 0: no */
		};
	};
	struct hart_regs regs;		/* while it does not run */
	struct mm_space *space;
	struct fd_table *fds;
	struct fs_context *fs;
	struct mount_ns *mounts;	/* its namespaces, with references: emu/fs/nsfs.h */
	struct uts_ns *uts;
	struct sighand *sighand;
	struct cred cred;
	char comm[16];
	/* personality(2): kept, inherited and told; of its bits only PER_FDPIC_FUNCPTRS has an effect. */
	uint32_t personality;

	uint64_t blocked;		/* signal mask: bit n-1 for signal n */
	uint64_t saved_blocked;		/* the mask to go back to; set by signal_mask_for_call() */
	uint64_t awaited;		/* sigtimedwait: wakes for these although they are blocked */
	struct signal_queue pending;	/* directed at the task */
	struct signal_stack altstack;

	struct sys_state sys;
	struct sys_restart restart;
	/* Disks it has closed that still take what was written to them: emu/fs/blkdev.h.  NULL: none. */
	struct blkdev_closing *closing;
	bool call_over;			/* but for that: its result is in */
	int64_t result;
	bool woken;			/* while it ran: its next block ends at once */
	struct waiter waiter;		/* on the queues it waits at */
	struct time_node deadline;	/* in the scheduler's heap, while it sleeps with sys.deadline */

	uint32_t clear_tid;		/* guest address, 0: none (set_tid_address) */
	struct task_rseq rseq;
	uint32_t robust_list;		/* guest address of struct robust_list_head */
	struct task_futex futex;
	struct ipc_wait *ipc;		/* it waits at a queue or semaphore: emu/ipc/ipc.h */
	struct sem_undo_list *undo;	/* SEM_UNDO; shared by CLONE_SYSVSEM; or NULL */

	struct task *vfork_parent;	/* a vfork parent waits until we exec or exit */
	struct task *vfork_child;	/* we are that parent, and this is who we wait for */
	struct wait_queue vfork_done;

	/* How it wants to be scheduled: sched_policy.h. */
	int nice; unsigned policy, rt_priority; uint64_t affinity;
	unsigned inherited;		/* a real-time priority from who waits for it; 0: none */
	bool reset_on_fork;		/* its children do not have that */
	uint16_t ioprio;		/* ioprio_set(2): kept and reported */
	uint32_t fair_slice_ns;		/* sched_setattr(2)'s runtime of a fair task: reported; 0: none */
	struct task_deadline dl;
	struct run_node run;		/* in the run queue */
	uint64_t rr_left;		/* SCHED_RR: instructions until the next one's turn */

	uint64_t start_ns;		/* monotonic */
	uint64_t utime_ns, stime_ns;	/* CPU time */
	uint64_t system_credit_ns;	/* of the time to come, what ticks have found to be system time */
	uint64_t rt_ns;			/* real-time tasks: CPU time since it slept last (RLIMIT_RTTIME) */
	uint64_t instructions;		/* retired in this task */
	uint64_t nvcsw, nivcsw;

	struct task *thread_next, *thread_prev;	/* in the process */
	struct task *hash_next;			/* by tid */
	uint32_t pdeath_signal;
	uint32_t exit_code;
	bool no_new_privs;
	struct seccomp_filter *filters;	/* the newest; NULL: none */
	struct seccomp_request *asked;	/* a supervisor, about the call it is in: emu/seccomp/notify.h; or NULL */

	struct pid_ref *pid_ref;	/* what pidfds of it have in common: emu/event/pidfd.h; NULL: there are none */
	struct ptrace *ptrace;		/* how it is traced: emu/ptrace/ptrace.h; NULL: not at all */
	struct ptrace *tracees;		/* of those it traces, linked by ->next */
	bool trap_pending;		/* of a tracee: it has to stop before it runs on */
	bool stepping;			/* of a tracee: it stops after one instruction */
};

/* --- Finding --- */
struct task *task_find(struct machine *m, int tid);		/* any live task, O(1); NULL */
struct process *process_find(struct machine *m, int pid);	/* also zombies; NULL */
struct process *process_first(struct machine *m);		/* in order of start; linked by ->next */
struct process *process_init(struct machine *m);		/* pid 1 */
unsigned task_count(struct machine *m);
unsigned task_running(struct machine *m);			/* runnable ones */
uint64_t task_forks(struct machine *m);				/* since boot: /proc/stat processes */
uint64_t task_switches(struct machine *m);			/* ctxt */
uint64_t task_idle_ns(struct machine *m);
int task_last_pid(struct machine *m);
void task_loadavg(struct machine *m, uint32_t avg[3]);		/* fixed point, 11 bits, as the kernel's avenrun */
struct task *task_current(struct machine *m);			/* the one whose call is being served, or NULL */

/* --- Blocking: see wait.h --- */
static inline bool task_signalled(const struct task *t);	/* a deliverable signal is pending */
/*
 * Ends one try of a handler that cannot go on.  After wait_on() of what it waits for (or none, for a pure
 * deadline): returns SYS_BLOCK, or -ERESTARTSYS at once if a signal is pending (a handler that wants another
 * answer for signals checks task_signalled() itself first).
 */
int64_t task_block(struct task *t);
/* Sets sys.deadline on the first try: now + ns.  Later tries leave it.  True if it has passed. */
bool task_deadline(struct task *t, uint64_t ns_from_now);
bool task_deadline_at(struct task *t, uint64_t monotonic_ns);
/* A time of the real-time clock, which may be set meanwhile: looked at anew on each try. */
bool task_deadline_realtime(struct task *t, uint64_t realtime_ns);
/* Makes it runnable (wake-ups that are not queues: futex, signals).  A stopped task stays stopped. */
void task_wake(struct task *t);
/* Job control: takes it off the processor; lets it go on (a blocked call is tried again). */
void task_stop(struct task *t);
void task_resume(struct task *t);
/* The running task gives way at the end of its call. */
void task_yield(struct task *t);

/* The file behind fd: no reference needed for the length of the call (and of its retries). NULL: bad. */
struct file *task_file(struct task *t, uint32_t fd);
/* A walk from dirfd (AT_FDCWD or a descriptor) for t's credentials; 0, -EBADF, -ENOTDIR. */
int task_walk(struct task *t, int32_t dirfd, const char *path, unsigned flags, struct walk *out, struct vfs_cred *cred);
void task_vfs_cred(const struct task *t, struct vfs_cred *out);		/* by fsuid/fsgid */
bool task_capable(const struct task *t, int cap);			/* CAP_*: bit in cap_effective */
uint64_t task_rlimit(const struct task *t, int resource);		/* the soft limit */

/* --- Life: emu/kernel/clone.c, exec.c, exit.c --- */
struct clone_args_host {
	uint64_t flags; uint32_t exit_signal, stack, parent_tid, child_tid, tls, pidfd;
	uint32_t set_tid;
};
int64_t task_clone(struct task *t, const struct clone_args_host *a);	/* child tid, SYS_BLOCK (vfork) or -errno */
/* Opens a file to execute: regular, executable for t, not being written.  0 or -errno; the caller's reference. */
int task_open_program(struct task *t, int32_t dirfd, const char *path, unsigned walk_flags, struct file **out);
/*
 * All strings host memory; takes the open program (reference). 0 or -errno; registers are set on success.
 * TASK_EXEC_STOPPED: as 0, but the task has stopped for its tracer (PTRACE_EVENT_EXEC).
 */
#define TASK_EXEC_STOPPED 1
int task_exec(struct task *t, const char *path, struct file *program, char *const *argv, char *const *envp);
void task_exit(struct task *t, uint32_t code);		/* this thread; code as wait status */
void process_exit(struct process *p, uint32_t code);	/* all threads, the first code counts */

/* What /proc/PID/exe names; the file is denied writers meanwhile.  Takes a new reference. NULL: nothing. */
void process_set_exe(struct process *p, const struct path_ref *exe);

/*
 * auxv.c: the auxiliary vector as it lies on the stack, its end included; the program may have changed it.  False: there
 * is none, as in flat binaries.
 */
bool space_auxv(struct mm_space *s, uint32_t *addr, uint32_t *size);

/* --- What clone(2) shares --- */
struct fs_context *fs_context_copy(const struct fs_context *from);	/* NULL: no memory */
void fs_context_put(struct fs_context *c);				/* NULL is fine */
struct sighand *sighand_copy(const struct sighand *from);		/* from NULL: all default. NULL: no memory */
void sighand_put(struct sighand *s);

/* --- The scheduler: emu/kernel/sched.c --- */
int tasks_new(struct machine *m);
void tasks_free(struct machine *m);
/* The first process: pid 1, no memory, no files yet. NULL: no memory. */
struct task *tasks_make_init(struct machine *m);
/* Runs until m->halted. */
void tasks_run(struct machine *m);

#include "emu/kernel/task_inline.h"
#endif
