/* SPDX-License-Identifier: MIT
 *
 * The table of tasks and the scheduler's state: private to emu/kernel's own task files
 * (task.c, sched.c, clone.c, exec.c, exit.c, waitid.c).
 */
#ifndef EMU_KERNEL_TASKS_H
#define EMU_KERNEL_TASKS_H

#include "emu/kernel/sched_policy.h"
#include "emu/kernel/task.h"

#define PID_LIMIT 32768		/* kernel.pid_max */

/* What a number stands for.  A process outlives its tasks as a zombie. */
struct task_id {
	struct task *task;
	struct process *process;
	uint16_t in_group, in_session;		/* processes in each; of number 0 nothing of interest */
};

struct tasks {
	struct task_id id[PID_LIMIT];
	uint32_t pid_used[PID_LIMIT / 32];	/* tids, pids, and group and session ids in use */
	int last_pid;
	struct process *first, *last;		/* in order of start */
	struct process *init;
	struct process *watched;		/* its end is the machine's end */
	unsigned count, processes;
	uint64_t forks, switches, idle_ns;
	unsigned stopped;			/* processes under job control's stop */

	struct run_queue queue;			/* all that could run but current */
	struct task *current, *previous;	/* on the hart; before it (may be gone: only to compare) */
	uint64_t slice_start_ns;		/* since when current runs: not yet in its utime_ns */
	uint64_t slice_start_insns;		/* instret then */
	struct time_heap throttled;		/* SCHED_DEADLINE: without runtime; has room for all there are */
	uint64_t deadline_shares;		/* sum of their runtime / period, times 2^20 */
	uint64_t unsampled_ns;			/* CPU time since the last tick */
	uint64_t user_ns, nice_ns, system_ns;	/* CPU time of all there have been, as /proc/stat tells it apart */
	struct task *dead;			/* to be freed once nothing of theirs runs; by hash_next */

	struct time_heap deadlines;		/* of blocked tasks; has room for all there are */

	uint64_t last_poll_ns, last_load_ns;
	uint32_t load[3];
};

static inline struct task *task_of_deadline(struct time_node *node)
{
	return (struct task *)(void *)((char *)node - offsetof(struct task, deadline));
}

/* task.c */
/* A new task with a number of its own, in no process yet.  NULL: -EAGAIN or -ENOMEM in *err. */
struct task *task_alloc(struct machine *m, int *err);
void task_free(struct task *t);			/* drops everything it holds */
/* It is in these namespaces from now on, and in no other ones.  Takes new references. */
void task_enter(struct task *t, struct mount_ns *mounts, struct uts_ns *uts);
struct process *process_alloc(struct machine *m, struct task *leader, struct process *parent);
void process_free(struct process *p);		/* reaped: gone from every list */
void process_adopt(struct process *p, struct process *parent);
/* Moves it to another group and session (0, 0: to none). */
void process_set_group(struct process *p, int pgid, int sid);
void process_add_thread(struct process *p, struct task *t);
void process_remove_thread(struct task *t);
/* True if no process is in the group or session any more: the number may be used again. */
void pid_release(struct machine *m, int pid);

/* sched.c */
#define SCHED_RR_SLICE 100000000u	/* instructions: sched_rr_timeslice_ms, 100 */
/* It can run; how says what it did before. */
void sched_enqueue_as(struct task *t, enum run_how how);
void sched_enqueue(struct task *t);		/* RUN_WOKEN */
/* Whether it was waiting for its turn. */
bool sched_dequeue(struct task *t);
/* Priorities have changed: whether current is still the one to run. */
void sched_look(struct machine *m);

/* sched_deadline.c */
bool sched_deadline_valid(const struct sched_attributes *a);		/* __checkparam_dl() */
bool sched_deadline_admits(const struct task *t, const struct sched_attributes *a);	/* there is enough for all */
void sched_deadline_set(struct task *t, const struct sched_attributes *a);	/* having left; it is in no queue */
void sched_deadline_get(const struct task *t, struct sched_attributes *a);
void sched_deadline_leave(struct task *t);	/* of any policy; also at its end */
void sched_deadline_wake(struct task *t);	/* before it is queued */
/* It ran for so long.  False: it is throttled, and will be queued by sched_deadline_expire(). */
bool sched_deadline_ran(struct task *t, uint64_t ns, uint64_t now, bool goes_on);
void sched_deadline_expire(struct tasks *ts, uint64_t now);

/* cpu_time.c */
/* Adds what the running task has used of its slice to its CPU time: before anybody looks at it.  Returns the time. */
uint64_t sched_account(struct machine *m);
/* RLIMIT_CPU and RLIMIT_RTTIME, when t has run. */
void sched_check_limits(struct task *t);
/* Brings the load averages up to now; `active` tasks have been runnable since the last time. */
void sched_load(struct tasks *ts, uint64_t now, unsigned active);

/* exit.c */
void task_release_memory(struct task *t);	/* clear_tid, robust list, vfork parent: before its space goes */
void process_reap(struct process *p);
/* A zombie has been waited for: by its parent, or by its tracer (then the parent is told now). */
void task_reap(struct task *t);
/* A zombie is not traced any more by a task of `tracer`, which did not wait for it. */
void task_unwatched(struct task *t, const struct process *tracer);
void process_kill_other_threads(struct task *t);
bool pgrp_is_orphaned(struct machine *m, int pgid, const struct process *leaving);

#endif
