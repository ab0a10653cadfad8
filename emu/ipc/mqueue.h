/* SPDX-License-Identifier: MIT
 *
 * POSIX message queues (ipc/mqueue.c): a queue, who waits at it, and who is told that a message came.  Their names and
 * files are emu/fs/mqueuefs.h, the calls emu/sys/sys_mqueue.c.
 */
#ifndef EMU_IPC_MQUEUE_H
#define EMU_IPC_MQUEUE_H

#include "emu/ipc/ipc.h"

#define MQ_PRIO_MAX_ 32768u

/* Whom mq_notify(3) tells, once. */
struct mq_notice {
	int pid;			/* 0: nobody */
	uint64_t start_ns;		/* of that process: numbers are used again */
	uint32_t execs;			/* as it was then: another program does not expect it */
	int how, signo;			/* SIGEV_* */
	uint32_t value;
};

struct mqueue {
	struct machine *machine;
	int32_t maxmsg, msgsize;	/* messages, bytes of one */
	int32_t count;
	uint32_t bytes;			/* in it */
	uint64_t serial;
	struct tree messages;		/* highest priority first, then as they came */
	struct list senders, receivers;	/* the one to be served first comes last */
	struct wait_queue poll;
	struct mq_notice notice;
	struct mq_user *user;		/* whose limit it counts against */
	uint64_t charged;		/* bytes of that */
};

/* A sender to a full queue, or a receiver at an empty one. */
struct mq_wait {
	struct ipc_wait wait;
	struct message *msg;		/* to be sent; or, with status 0, received */
	int priority;			/* the kernel's: low is urgent */
};

void mqueue_users_init(struct ipc *ipc);
/*
 * A queue for the task whose call is being served; sizes 0, 0 and `given` false: the defaults.  -EINVAL, -ENOSPC,
 * -EOVERFLOW, -EMFILE (RLIMIT_MSGQUEUE), -ENOMEM.
 */
int mqueue_new(struct machine *m, bool given, int32_t maxmsg, int32_t msgsize, struct mqueue **out);
void mqueue_free(struct mqueue *q);		/* nobody waits at it */

/* There is room: hands the message to a receiver, or lets it queue and tells of it. */
void mqueue_put(struct mqueue *q, struct message *msg, struct task *from);
/* There is one: the first; a waiting sender's message comes in at the end. */
struct message *mqueue_take(struct mqueue *q);
/* The task waits as a sender (with its message) or receiver (NULL).  NULL: no memory. */
struct mq_wait *mqueue_wait(struct mqueue *q, struct task *t, struct message *msg);
/* Is the process the one to be told?  Then it no longer is, with forget. */
bool mqueue_notice_of(struct mqueue *q, const struct process *p, bool forget);

#endif
