/* SPDX-License-Identifier: MIT */
#include "emu/ipc/msg.h"

#include <errno.h>

static struct msg_wait *waiter(struct list *place)
{
	return list_entry(place, struct msg_wait, wait.place);
}

static struct message *message(struct list *place)
{
	return list_entry(place, struct message, place);
}

int msg_queue_new(struct task *t, int32_t key, uint32_t flags)
{
	struct ipc_cred c = ipc_cred(t, CAP_IPC_OWNER_);
	struct ipc *ipc = t->machine->ipc;
	struct msg_queue *q = ipc_alloc(t->machine, sizeof *q);
	int err;

	if (!q)
		return -ENOMEM;
	q->perm.key = key;
	q->perm.mode = flags & 0777;
	q->ctime = ipc_now(t->machine);
	q->limit = (uint32_t)ipc->msg.mnb;
	list_init(&q->messages);
	list_init(&q->receivers);
	list_init(&q->senders);
	err = ipc_ids_add(&ipc->queues, &q->perm, ipc->msg.mni, &c);
	if (err) {
		ipc_release(t->machine, q, sizeof *q);
		return err;
	}
	return q->perm.id;
}

/* What is in it becomes less. */
static void uncount(struct machine *m, struct msg_queue *q, struct message *msg)
{
	list_remove(&msg->place);
	q->bytes -= msg->len;
	q->count--;
	m->ipc->msg_bytes -= msg->len;
	m->ipc->msg_count--;
}

void msg_queue_remove(struct machine *m, struct msg_queue *q)
{
	while (!list_empty(&q->receivers))
		ipc_wait_decide(&waiter(q->receivers.next)->wait, -EIDRM);
	while (!list_empty(&q->senders))
		ipc_wait_decide(&waiter(q->senders.next)->wait, -EIDRM);
	while (!list_empty(&q->messages)) {
		struct message *msg = message(q->messages.next);

		uncount(m, q, msg);
		message_free(m, msg);
	}
	ipc_ids_remove(&m->ipc->queues, &q->perm);
	ipc_release(m, q, sizeof *q);
}

/* --- Messages --- */

static bool wanted(const struct message *msg, enum msg_mode mode, int32_t type)
{
	switch (mode) {
	case MSG_EQUAL:
		return msg->type == type;
	case MSG_NOT_EQUAL:
		return msg->type != type;
	case MSG_LESS_EQUAL:
		return msg->type <= type;
	default:
		return true;
	}
}

/* pipelined_send(): receivers for whom it is too long are told so, and the next one gets it. */
static bool hand_over(struct machine *m, struct msg_queue *q, struct message *msg)
{
	list_for_each(&q->receivers, n, following) {
		struct msg_wait *w = waiter(n);

		if (!wanted(msg, w->mode, w->type))
			continue;
		if (w->size < msg->len) {
			ipc_wait_decide(&w->wait, -E2BIG);
			continue;
		}
		q->lrpid = w->wait.task->process->pid;
		q->rtime = ipc_now(m);
		w->msg = msg;
		ipc_wait_decide(&w->wait, 0);
		return true;
	}
	return false;
}

void msg_put(struct machine *m, struct msg_queue *q, struct message *msg, int pid)
{
	q->lspid = pid;
	q->stime = ipc_now(m);
	if (hand_over(m, q, msg))
		return;
	list_add_tail(&q->messages, &msg->place);
	q->bytes += msg->len;
	q->count++;
	m->ipc->msg_bytes += msg->len;
	m->ipc->msg_count++;
}

struct message *msg_find(const struct msg_queue *q, enum msg_mode mode, int32_t type)
{
	struct message *found = NULL;

	for (struct list *n = q->messages.next; n != &q->messages; n = n->next) {
		struct message *msg = message(n);

		if (!wanted(msg, mode, type))
			continue;
		if (mode != MSG_LESS_EQUAL || msg->type == 1)
			return msg;
		/* The first of the lowest type: from here on only lower ones will do. */
		found = msg;
		type = msg->type - 1;
	}
	return found;
}

/*
 * ss_wakeup(): a sender whose message fits looks again; one whose message does not goes to the end, as if it had
 * looked and found so, and when the first of these comes up again all have been asked.
 */
static void wake_senders(struct msg_queue *q)
{
	struct list *stop = NULL;

	list_for_each(&q->senders, n, following) {
		struct msg_wait *w = waiter(n);

		if (n == stop)
			break;
		if (msg_fits(q, w->msg->len)) {
			task_wake(w->wait.task);
			continue;
		}
		if (!stop)
			stop = n;
		list_remove(n);
		list_add_tail(&q->senders, n);
	}
}

void msg_take(struct machine *m, struct msg_queue *q, struct message *msg, int pid)
{
	uncount(m, q, msg);
	q->rtime = ipc_now(m);
	q->lrpid = pid;
	wake_senders(q);
}

void msg_queue_changed(struct msg_queue *q)
{
	list_for_each(&q->receivers, n, following)
		task_wake(waiter(n)->wait.task);
	wake_senders(q);
}

/* --- Waiting --- */

static void end_wait(struct machine *m, struct ipc_wait *wait)
{
	struct msg_wait *w = list_entry(wait, struct msg_wait, wait);

	list_remove(&wait->place);
	if (w->msg)
		message_free(m, w->msg);
	ipc_release(m, w, sizeof *w);
}

struct msg_wait *msg_wait_new(struct task *t, struct msg_queue *q, struct message *msg)
{
	struct msg_wait *w = ipc_alloc(t->machine, sizeof *w);

	if (!w)
		return NULL;
	list_init(&w->wait.place);
	w->wait.task = t;
	w->wait.status = IPC_WAITING;
	w->wait.end = end_wait;
	w->queue = q;
	w->msg = msg;
	t->ipc = &w->wait;
	return w;
}
