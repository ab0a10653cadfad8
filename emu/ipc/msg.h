/* SPDX-License-Identifier: MIT
 *
 * System V message queues (ipc/msg.c): queues and who waits at them.  The calls are emu/sys/sys_msg.c.
 */
#ifndef EMU_IPC_MSG_H
#define EMU_IPC_MSG_H

#include "emu/ipc/ipc.h"

struct msg_queue {
	struct ipc_perm perm;
	int64_t stime, rtime, ctime;	/* last msgsnd, msgrcv, change; seconds */
	uint32_t bytes, count, limit;	/* in it; msg_qbytes */
	int lspid, lrpid;		/* who sent and received last */
	struct list messages, receivers, senders;
};

enum msg_mode { MSG_ANY, MSG_EQUAL, MSG_NOT_EQUAL, MSG_LESS_EQUAL };

/* Who sends to a full queue, or finds no message in it. */
struct msg_wait {
	struct ipc_wait wait;
	struct msg_queue *queue;	/* not once it was removed: status is -EIDRM then */
	struct message *msg;		/* to be sent; or, with status 0, received */
	enum msg_mode mode;		/* receivers: what they want */
	int32_t type;
	uint32_t size;			/* they can take */
};

static inline struct msg_queue *msg_queue_of(struct ipc_perm *p) { return tree_entry(p, struct msg_queue, perm); }

/* A new queue's id, -ENOSPC or -ENOMEM. */
int msg_queue_new(struct task *t, int32_t key, uint32_t flags);
/* Its messages are lost, its waiters get -EIDRM. */
void msg_queue_remove(struct machine *m, struct msg_queue *q);
static inline bool msg_fits(const struct msg_queue *q, uint32_t len)
{
	return (uint64_t)len + q->bytes <= q->limit && (uint64_t)q->count + 1 <= q->limit;
}
/* Takes the message: hands it to the first receiver that wants it, or lets it queue. */
void msg_put(struct machine *m, struct msg_queue *q, struct message *msg, int pid);
/* The message that a receiver with this wish is to have; it stays where it is.  NULL: there is none. */
struct message *msg_find(const struct msg_queue *q, enum msg_mode mode, int32_t type);
/* Takes it out, and wakes senders that have room now. */
void msg_take(struct machine *m, struct msg_queue *q, struct message *msg, int pid);
/* Permissions or the limit changed: all look again. */
void msg_queue_changed(struct msg_queue *q);
/* The task's wait, in no queue yet; msg: what the sender keeps meanwhile, NULL for receivers.  NULL: no memory. */
struct msg_wait *msg_wait_new(struct task *t, struct msg_queue *q, struct message *msg);

#endif
