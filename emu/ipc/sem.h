/* SPDX-License-Identifier: MIT
 *
 * System V semaphores (ipc/sem.c): sets, operations that wait, and what is undone at the end of a process.  The
 * calls are emu/sys/sys_sem.c.
 *
 * Order: first come, first served, among those that can be served.  As long as only single operations wait, those
 * that change a value stand in a queue of their semaphore; while an operation on several waits, they all stand in
 * one queue of the set, in the order they came.
 */
#ifndef EMU_IPC_SEM_H
#define EMU_IPC_SEM_H

#include "emu/ipc/ipc.h"

#define SEM_UNDO_ 0x1000u
#define SEM_VALUE_MAX_ 32767	/* SEMVMX; also what an adjustment may be (SEMAEM) */

/* struct sembuf */
struct sem_op { uint16_t num; int16_t op; uint16_t flags; };
_Static_assert(sizeof(struct sem_op) == 6, "struct sembuf");

struct sem {
	int value;
	int pid;			/* who changed it last */
	struct list alter, zero;	/* single operations that wait: for more, for zero */
};

struct sem_set {
	struct ipc_perm perm;
	int64_t otime, ctime;		/* last semop, change; seconds */
	struct list alter, zero;	/* operations on several that wait; see above */
	unsigned several;		/* of these */
	struct list undos;		/* adjustments kept for processes */
	unsigned count;
	struct sem sems[];
};

/* What a group of tasks did with SEM_UNDO to one set. */
struct sem_undo {
	struct tree_node by_id;		/* in its list's tree */
	struct list of_list;		/* used last comes first */
	struct list of_set;
	struct sem_undo_list *list;
	struct sem_set *set;
	int16_t adjust[];		/* for each semaphore */
};

struct sem_undo_list;			/* shared by CLONE_SYSVSEM */

/* Operations, as they are tried and as they wait. */
struct sem_wait {
	struct ipc_wait wait;
	struct sem_set *set;		/* not once it was removed: status is -EIDRM then */
	struct sem_undo *undo;		/* if any operation has SEM_UNDO */
	int pid;
	bool alter;			/* any of them changes something */
	const struct sem_op *blocking;	/* the first that could not be done */
	unsigned count;
	struct sem_op ops[];
};

static inline struct sem_set *sem_set_of(struct ipc_perm *p) { return tree_entry(p, struct sem_set, perm); }

/* --- sem.c --- */
/* A new set's id, -EINVAL (no semaphores), -ENOSPC or -ENOMEM. */
int sem_set_new(struct task *t, int32_t key, uint32_t flags, uint32_t count);
void sem_set_remove(struct machine *m, struct sem_set *s);
/* Does all of the operations or none.  0; 1 if it has to wait; -EAGAIN, -ERANGE. */
int sem_try(struct sem_set *s, struct sem_wait *w);
/* They were done: serves those who can go on now. */
void sem_done(struct machine *m, struct sem_set *s, struct sem_wait *w);
/* Values were changed by other means. done: it counts as an operation, for the time of the last one. */
void sem_changed(struct machine *m, struct sem_set *s, bool done);
/* Stands in the queue it belongs to. */
void sem_enqueue(struct sem_set *s, struct sem_wait *w);
void sem_dequeue(struct sem_set *s, struct sem_wait *w);
/* How many wait for this semaphore to become more, or zero. */
int sem_waiting(const struct sem_set *s, unsigned num, bool zero);

/* --- sem_undo.c --- */
/* The task's adjustments of the set, made at need.  NULL: no memory. */
struct sem_undo *sem_undo_get(struct task *t, struct sem_set *s);
/* A semaphore was set (ALL: they were): nothing is to be undone of it. */
#define SEM_ALL UINT32_MAX
void sem_undo_forget(struct sem_set *s, uint32_t num);
/* The set goes. */
void sem_undo_drop(struct machine *m, struct sem_set *s);
/* clone(2) with CLONE_SYSVSEM.  0 or -ENOMEM. */
int sem_undo_share(struct task *t, struct task *child);
/* The task ends: with the last of its group the adjustments are made. */
void sem_undo_exit(struct task *t);

#endif
