/* SPDX-License-Identifier: MIT
 *
 * msgget, msgsnd, msgrcv, msgctl: structures of riscv32 around emu/ipc/msg.h, in the order of ipc/msg.c.
 */
#include "emu/ipc/msg.h"

#include <errno.h>
#include <limits.h>
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { MSG_STAT_ = 11, MSG_INFO_ = 12, MSG_STAT_ANY_ = 13 };
#define MSG_NOERROR_ 010000u
#define MSG_EXCEPT_ 020000u
#define MSG_COPY_ 040000u

/* struct msqid64_ds */
struct guest_msqid {
	struct guest_ipc_perm perm;
	uint32_t stime, stime_high, rtime, rtime_high, ctime, ctime_high;
	uint32_t cbytes, qnum, qbytes;
	int32_t lspid, lrpid;
	uint32_t unused[2];
};
_Static_assert(sizeof(struct guest_msqid) == 88, "struct msqid64_ds");

/* struct msginfo */
struct guest_msginfo { int32_t pool, map, max, mnb, mni, ssz, tql; uint16_t seg, pad; };
_Static_assert(sizeof(struct guest_msginfo) == 32, "struct msginfo");

static struct msg_queue *queue_by_id(struct task *t, int id)
{
	struct ipc_perm *p = ipc_ids_by_id(&t->machine->ipc->queues, id);

	return p ? msg_queue_of(p) : NULL;
}

static bool may(struct task *t, const struct msg_queue *q, uint32_t mode)
{
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);

	return ipc_permitted(&q->perm, mode, &c);
}

static int make(struct task *t, int32_t key, uint32_t flags, uint32_t arg)
{
	(void)arg;
	return msg_queue_new(t, key, flags);
}

int64_t sys_msgget(struct task *t, const uint32_t a[6])
{
	const struct ipc_get get = { .ids = &t->machine->ipc->queues, .make = make };

	return ipc_get(t, &get, (int32_t)a[0], a[1], 0);
}

/* A wait that ended by itself, without a result: the queue is still there.  0: look again. */
static int64_t resume(struct task *t, struct msg_wait *w)
{
	if (w->wait.status != IPC_WAITING)
		return w->wait.status;
	list_remove(&w->wait.place);
	return task_signalled(t) ? -ERESTARTNOHAND : 0;
}

/* --- Sending --- */

static int load(struct task *t, const uint32_t a[6], struct message **out)
{
	uint32_t len = a[2];
	int32_t type;
	int err;

	if (user_get32(t, a[1], (uint32_t *)&type))
		return -EFAULT;
	if (len > (uint32_t)t->machine->ipc->msg.max || (int32_t)len < 0 || (int32_t)a[0] < 0 || type < 1)
		return -EINVAL;
	err = message_load(t, a[1] + 4, len, out);
	if (!err)
		(*out)->type = type;
	return err;
}

/* One look at the queue.  Takes the message, in w or (NULL: the first try) on its own. */
static int64_t try_send(struct task *t, struct msg_queue *q, struct message *msg, struct msg_wait *w, uint32_t flags)
{
	int64_t err = -EACCES;

	if (!may(t, q, 0222))
		goto fail;
	if (msg_fits(q, msg->len)) {
		if (w)
			w->msg = NULL;
		msg_put(t->machine, q, msg, t->process->pid);
		return 0;
	}
	err = -EAGAIN;
	if (flags & IPC_NOWAIT_)
		goto fail;
	err = -ENOMEM;
	if (!w)
		w = msg_wait_new(t, q, msg);
	if (!w)
		goto fail;
	list_add_tail(&q->senders, &w->wait.place);
	/* A signal that is there already ends the sleep as it begins. */
	return task_signalled(t) ? -ERESTARTNOHAND : task_block(t);
fail:
	if (!w)
		message_free(t->machine, msg);
	return err;
}

int64_t sys_msgsnd(struct task *t, const uint32_t a[6])
{
	struct msg_wait *w = t->ipc ? list_entry(t->ipc, struct msg_wait, wait) : NULL;
	struct msg_queue *q;
	struct message *msg;
	int64_t r;

	if (w) {
		r = resume(t, w);
		if (!r)
			r = try_send(t, w->queue, w->msg, w, a[3]);
	} else {
		r = load(t, a, &msg);
		if (r)
			return r;
		q = queue_by_id(t, (int)a[0]);
		if (!q) {
			message_free(t->machine, msg);
			return -EINVAL;
		}
		r = try_send(t, q, msg, NULL, a[3]);
	}
	if (r != SYS_BLOCK)
		ipc_wait_end(t);
	return r;
}

/* --- Receiving --- */

/* convert_mode() */
static enum msg_mode mode_of(int32_t *type, uint32_t flags)
{
	if (*type == 0)
		return MSG_ANY;
	if (*type < 0) {
		*type = *type == INT32_MIN ? INT32_MAX : -*type;
		return MSG_LESS_EQUAL;
	}
	return flags & MSG_EXCEPT_ ? MSG_NOT_EQUAL : MSG_EQUAL;
}

/* Gives it to the program.  As in the kernel it is gone if there is no memory there. */
static int64_t deliver(struct task *t, uint32_t addr, struct message *msg, uint32_t size)
{
	uint32_t len = size < msg->len ? size : msg->len;
	int64_t r = (int64_t)len;

	if (user_put32(t, addr, (uint32_t)msg->type) || message_store(t, addr + 4, msg, len))
		r = -EFAULT;
	message_free(t->machine, msg);
	return r;
}

static int64_t try_receive(struct task *t, const uint32_t a[6], struct msg_queue *q, struct msg_wait *w)
{
	uint32_t size = a[2], flags = a[4];
	int32_t type = (int32_t)a[3];
	enum msg_mode mode = mode_of(&type, flags);
	struct message *msg;

	if (!may(t, q, 0444))
		return -EACCES;
	msg = msg_find(q, mode, type);
	if (msg) {
		if (size < msg->len && !(flags & MSG_NOERROR_))
			return -E2BIG;
		msg_take(t->machine, q, msg, t->process->pid);
		return deliver(t, a[1], msg, size);
	}
	if (flags & IPC_NOWAIT_)
		return -ENOMSG;
	if (!w)
		w = msg_wait_new(t, q, NULL);
	if (!w)
		return -ENOMEM;
	w->mode = mode;
	w->type = type;
	w->size = flags & MSG_NOERROR_ ? INT32_MAX : size;
	list_add_tail(&q->receivers, &w->wait.place);
	return task_signalled(t) ? -ERESTARTNOHAND : task_block(t);
}

int64_t sys_msgrcv(struct task *t, const uint32_t a[6])
{
	struct msg_wait *w = t->ipc ? list_entry(t->ipc, struct msg_wait, wait) : NULL;
	struct msg_queue *q;
	int64_t r;

	if (w) {
		r = resume(t, w);
		if (!r && w->msg) {
			struct message *msg = w->msg;

			w->msg = NULL;
			r = deliver(t, a[1], msg, a[2]);
		} else if (!r) {
			r = try_receive(t, a, w->queue, w);
		}
	} else {
		if ((int32_t)a[0] < 0 || (int32_t)a[2] < 0)
			return -EINVAL;
		/* Looking without taking is for checkpoints, which the kernel is built without. */
		if (a[4] & MSG_COPY_)
			return (a[4] & MSG_EXCEPT_) || !(a[4] & IPC_NOWAIT_) ? -EINVAL : -ENOSYS;
		q = queue_by_id(t, (int)a[0]);
		if (!q)
			return -EINVAL;
		r = try_receive(t, a, q, NULL);
	}
	if (r != SYS_BLOCK)
		ipc_wait_end(t);
	return r;
}

/* --- Control --- */

static int64_t stat_queue(struct task *t, int id, uint32_t cmd, uint32_t buf)
{
	struct guest_msqid out;
	struct msg_queue *q;
	struct ipc_perm *p;
	int err;

	p = ipc_for_stat(t, &t->machine->ipc->queues, id, cmd != IPC_STAT_, cmd == MSG_STAT_ANY_, &err);
	if (!p)
		return err;
	q = msg_queue_of(p);
	out = (struct guest_msqid){
		.perm = ipc_perm_to_guest(p),
		.stime = (uint32_t)q->stime, .stime_high = (uint32_t)((uint64_t)q->stime >> 32),
		.rtime = (uint32_t)q->rtime, .rtime_high = (uint32_t)((uint64_t)q->rtime >> 32),
		.ctime = (uint32_t)q->ctime, .ctime_high = (uint32_t)((uint64_t)q->ctime >> 32),
		.cbytes = q->bytes, .qnum = q->count, .qbytes = q->limit, .lspid = q->lspid, .lrpid = q->lrpid,
	};
	if (user_write(t, buf, &out, sizeof out))
		return -EFAULT;
	return cmd == IPC_STAT_ ? 0 : p->id;
}

/* IPC_INFO tells limits, most of them historical (include/uapi/linux/msg.h); MSG_INFO what there is. */
static int64_t info(struct task *t, uint32_t cmd, uint32_t buf)
{
	const struct ipc *ipc = t->machine->ipc;
	struct guest_msginfo out = {
		.pool = 32000 * 16384 / 1024, .map = 16384, .max = ipc->msg.max, .mnb = ipc->msg.mnb,
		.mni = ipc->msg.mni, .ssz = 16, .tql = 16384, .seg = 0xffff,
	};

	if (cmd == MSG_INFO_) {
		out.pool = ipc->queues.used;
		out.map = ipc->msg_count > INT_MAX ? INT_MAX : (int32_t)ipc->msg_count;
		out.tql = ipc->msg_bytes > INT_MAX ? INT_MAX : (int32_t)ipc->msg_bytes;
	}
	if (user_write(t, buf, &out, sizeof out))
		return -EFAULT;
	return ipc_ids_highest(&ipc->queues);
}

static int64_t set(struct task *t, int id, uint32_t buf)
{
	struct guest_msqid in;
	struct msg_queue *q;
	struct ipc_perm *p;
	int err;

	if (user_read(t, &in, buf, sizeof in))
		return -EFAULT;
	p = ipc_for_change(t, &t->machine->ipc->queues, id, &err);
	if (!p)
		return err;
	if (in.qbytes > (uint32_t)t->machine->ipc->msg.mnb && !task_capable(t, CAP_SYS_RESOURCE_IPC_))
		return -EPERM;
	err = ipc_set_perm(p, in.perm.uid, in.perm.gid, in.perm.mode);
	if (err)
		return err;
	q = msg_queue_of(p);
	q->limit = in.qbytes;
	q->ctime = ipc_now(t->machine);
	msg_queue_changed(q);
	return 0;
}

int64_t sys_msgctl(struct task *t, const uint32_t a[6])
{
	struct ipc_perm *p;
	int id = (int)a[0], err;

	if (id < 0 || (int32_t)a[1] < 0)
		return -EINVAL;
	switch (a[1]) {
	case IPC_INFO_:
	case MSG_INFO_:
		return info(t, a[1], a[2]);
	case IPC_STAT_:
	case MSG_STAT_:
	case MSG_STAT_ANY_:
		return stat_queue(t, id, a[1], a[2]);
	case IPC_SET_:
		return set(t, id, a[2]);
	case IPC_RMID_:
		p = ipc_for_change(t, &t->machine->ipc->queues, id, &err);
		if (p)
			msg_queue_remove(t->machine, msg_queue_of(p));
		return err;
	default:
		return -EINVAL;
	}
}
