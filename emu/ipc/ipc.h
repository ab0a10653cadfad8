/* SPDX-License-Identifier: MIT
 *
 * Inter-process communication: what message queues (msg.h), semaphores (sem.h) and POSIX message queues (mqueue.h)
 * share.  Shared memory is mm/shm.h.
 *
 * Waiting is not wait.h's way here.  The kernel hands a message or a semaphore over to a certain waiter, in
 * order; so whoever sleeps stands in a queue with a struct ipc_wait, and the one who serves it writes down
 * the result, and wakes it.  The handler that is called again finds that.
 *
 * Memory: the objects live on the host.  So that no guest can eat that, all of them together may take as much as the
 * guest has RAM; beyond that they are -ENOMEM, as they would be in a kernel that has no more.
 */
#ifndef EMU_IPC_IPC_H
#define EMU_IPC_IPC_H

#include "emu/ipc/list.h"
#include "emu/kernel/task.h"
#include "mm/ipc_ids.h"

enum { CAP_IPC_OWNER_ = 15, CAP_SYS_ADMIN_IPC_ = 21, CAP_SYS_RESOURCE_IPC_ = 24 };
enum { IPC_RMID_ = 0, IPC_SET_ = 1, IPC_STAT_ = 2, IPC_INFO_ = 3 };
#define IPC_NOWAIT_ 04000u

/* The limits, as sysctls show them and may set them. */
struct msg_limits { int max, mnb, mni; };		/* bytes of a message, of a queue; queues */
struct sem_limits { int msl, mns, opm, mni; };		/* semaphores in a set, in all; operations of a call; sets */
struct mq_limits { int queues_max, msg_max, msgsize_max, msg_default, msgsize_default; };

struct ipc {
	uint64_t charged, charge_limit;		/* bytes */
	struct ipc_ids queues, sets;
	struct msg_limits msg;
	struct sem_limits sem;
	struct mq_limits mq;
	uint64_t msg_bytes, msg_count;		/* in all queues */
	int sems_used;				/* in all sets */
	int mq_count;				/* POSIX queues */
	struct tree mq_users;			/* what each user's POSIX queues may take: mqueue.c */
};

int ipc_new(struct machine *m);
/* All tasks are gone, and so are the file systems. */
void ipc_free(struct machine *m);

/* Zeroed memory that counts.  NULL: no more. */
void *ipc_alloc(struct machine *m, uint64_t size);
void ipc_release(struct machine *m, void *p, uint64_t size);

/* The asker, for a question about this capability. */
struct ipc_cred ipc_cred(const struct task *t, int cap);
int64_t ipc_now(struct machine *m);		/* seconds */

/* --- What the *ctl calls have in common: struct ipc64_perm of riscv32 --- */
struct guest_ipc_perm {
	int32_t key;
	uint32_t uid, gid, cuid, cgid, mode;
	uint16_t seq, pad;
	uint32_t unused[2];
};
_Static_assert(sizeof(struct guest_ipc_perm) == 36, "struct ipc64_perm");
struct guest_ipc_perm ipc_perm_to_guest(const struct ipc_perm *p);

/*
 * The *get calls (ipcget()): what has the key, by `fits` (NULL: any does), or a new one.  make() gets arg and
 * flags, and returns an id or -errno.
 */
struct ipc_get {
	struct ipc_ids *ids;
	int (*fits)(const struct ipc_perm *p, uint32_t arg);
	int (*make)(struct task *t, int32_t key, uint32_t flags, uint32_t arg);
};
int ipc_get(struct task *t, const struct ipc_get *g, int32_t key, uint32_t flags, uint32_t arg);
/* For IPC_STAT and its relatives, with their checks: NULL and *err. */
struct ipc_perm *ipc_for_stat(struct task *t, const struct ipc_ids *ids, int id, bool by_index, bool anybody, int *err);
/* For IPC_SET and IPC_RMID (ipcctl_obtain_check()). */
struct ipc_perm *ipc_for_change(struct task *t, const struct ipc_ids *ids, int id, int *err);

/* --- Waiting --- */
#define IPC_WAITING 1		/* nobody has decided yet; else 0 or -errno */
struct ipc_wait {
	struct list place;
	struct task *task;
	int status;
	/* Takes it from its place and frees it, and what it holds. */
	void (*end)(struct machine *m, struct ipc_wait *w);
};
/* t->ipc, if any, comes to its end: the call is over, or the task is. */
void ipc_wait_end(struct task *t);
/* The waiter gets its result, and its turn.  It stands in no queue any more. */
void ipc_wait_decide(struct ipc_wait *w, int status);

/* --- Messages, of both kinds of queues --- */
struct message {
	union {
		struct list place;	/* System V: as they came */
		struct { struct tree_node node; uint64_t serial; } rank;	/* POSIX: by priority */
	};
	int32_t type;			/* or priority */
	uint32_t len;
	unsigned char text[];
};
/* Reads one from the guest.  0, -EFAULT or -ENOMEM. */
int message_load(struct task *t, uint32_t addr, uint32_t len, struct message **out);
/* Writes the first len bytes of its text. 0 or -EFAULT. */
int message_store(struct task *t, uint32_t addr, const struct message *msg, uint32_t len);
void message_free(struct machine *m, struct message *msg);

#endif
