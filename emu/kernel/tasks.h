/* SPDX-License-Identifier: MIT
 *
 * The table of tasks and the scheduler's state: private to emu/kernel's own task files
 * (task.c, sched.c, clone.c, exec.c, exit.c, waitid.c).
 */
#ifndef EMU_KERNEL_TASKS_H
#define EMU_KERNEL_TASKS_H

#include "emu/kernel/task.h"

#define PID_LIMIT 32768		/* kernel.pid_max */

struct tasks {
	/* Tasks and processes by number.  A process outlives its tasks as a zombie. */
	struct task *by_tid[PID_LIMIT];
	struct process *by_pid[PID_LIMIT];
	uint32_t pid_used[PID_LIMIT / 32];	/* tids, pids, and group and session ids in use */
	uint16_t group_size[PID_LIMIT], session_size[PID_LIMIT];	/* processes in each; [0] counts nothing of interest */
	int last_pid;
	struct process *first, *last;		/* in order of start */
	struct process *init;
	struct process *watched;		/* its end is the machine's end */
	unsigned count, processes;
	uint64_t forks, switches, idle_ns;
	unsigned stopped;			/* processes under job control's stop */

	/* The run queue: first in, first out. */
	struct task *run_first, *run_last;
	unsigned runnable;			/* queued tasks plus the running one */
	struct task *current;
	uint64_t slice_start_ns;		/* since when current runs: not yet in its utime_ns */
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
void sched_enqueue(struct task *t);
void sched_dequeue(struct task *t);
/* Adds what the running task has used of its slice to its CPU time: before anybody looks at it. */
void sched_account(struct machine *m);

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
