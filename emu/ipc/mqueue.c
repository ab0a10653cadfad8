/* SPDX-License-Identifier: MIT */
#include "emu/ipc/mqueue.h"

#include <errno.h>
#include <stdlib.h>
#include "emu/kernel/sched_policy.h"

enum { MSG_MAX = 65536, MSGSIZE_MAX = 16 << 20 };	/* HARD_MSGMAX, HARD_MSGSIZEMAX */
enum { RLIMIT_MSGQUEUE_ = 12 };
/* What the kernel counts for a message besides its text: struct msg_msg and posix_msg_tree_node, of 32 bits. */
enum { MESSAGE_COST = 24, PRIORITY_COST = 24 };
enum { SI_MESGQ_ = -3, SIGEV_SIGNAL_ = 0 };

/* --- Whose they are --- */

struct mq_user {
	struct tree_node node;
	uint32_t uid;
	uint64_t bytes;
	unsigned queues;
};

static struct mq_user *of_node(const struct tree_node *n)
{
	return tree_entry(n, struct mq_user, node);
}

static int compare_users(const struct tree_node *a, const struct tree_node *b)
{
	uint32_t ua = of_node(a)->uid, ub = of_node(b)->uid;

	return ua < ub ? -1 : ua > ub;
}

static const struct tree_ops user_ops = { compare_users, NULL };

void mqueue_users_init(struct ipc *ipc)
{
	tree_init(&ipc->mq_users, &user_ops);
}

static struct mq_user *user_of(struct machine *m, uint32_t uid)
{
	struct tree_node *n = m->ipc->mq_users.root;
	struct mq_user *u;

	while (n && of_node(n)->uid != uid)
		n = uid < of_node(n)->uid ? n->left : n->right;
	if (n)
		return of_node(n);
	u = ipc_alloc(m, sizeof *u);
	if (!u)
		return NULL;
	u->uid = uid;
	tree_insert(&m->ipc->mq_users, &u->node);
	return u;
}

static void user_put(struct machine *m, struct mq_user *u)
{
	if (u->queues)
		return;
	tree_remove(&m->ipc->mq_users, &u->node);
	ipc_release(m, u, sizeof *u);
}

/* --- Queues --- */

static struct message *of_rank(const struct tree_node *n)
{
	return tree_entry(n, struct message, rank.node);
}

static int compare_messages(const struct tree_node *a, const struct tree_node *b)
{
	const struct message *ma = of_rank(a), *mb = of_rank(b);

	if (ma->type != mb->type)
		return ma->type > mb->type ? -1 : 1;
	return ma->rank.serial < mb->rank.serial ? -1 : ma->rank.serial > mb->rank.serial;
}

static const struct tree_ops rank_ops = { compare_messages, NULL };

/* The checks of mqueue_get_inode(); *cost is what counts against the user's limit. */
static int check_sizes(const struct mq_limits *l, bool privileged, int32_t maxmsg, int32_t msgsize, uint64_t *cost)
{
	uint64_t most = (uint32_t)maxmsg < MQ_PRIO_MAX_ ? (uint32_t)maxmsg : MQ_PRIO_MAX_, rest;

	if (maxmsg <= 0 || msgsize <= 0)
		return -EINVAL;
	if (privileged ? maxmsg > MSG_MAX || msgsize > MSGSIZE_MAX : maxmsg > l->msg_max || msgsize > l->msgsize_max)
		return -EINVAL;
	if ((uint32_t)msgsize > UINT32_MAX / (uint32_t)maxmsg)
		return -EOVERFLOW;
	*cost = (uint64_t)maxmsg * (uint32_t)msgsize;
	rest = (uint64_t)maxmsg * MESSAGE_COST + most * PRIORITY_COST;
	if (*cost + rest > UINT32_MAX)
		return -EOVERFLOW;
	*cost += rest;
	return 0;
}

/* inc_rlimit_ucounts(): all of the user's queues together; more than a long can say is too much in any case. */
static int charge(struct mqueue *q, const struct task *t, uint64_t cost)
{
	uint64_t limit = t ? task_rlimit(t, RLIMIT_MSGQUEUE_) : UINT64_MAX;
	struct mq_user *u = user_of(q->machine, t ? t->cred.uid : 0);

	if (!u)
		return -ENOMEM;
	if (u->bytes + cost > INT32_MAX || u->bytes + cost > limit) {
		user_put(q->machine, u);
		return -EMFILE;
	}
	u->bytes += cost;
	u->queues++;
	q->user = u;
	q->charged = cost;
	return 0;
}

int mqueue_new(struct machine *m, bool given, int32_t maxmsg, int32_t msgsize, struct mqueue **out)
{
	const struct mq_limits *l = &m->ipc->mq;
	const struct task *t = task_current(m);
	bool privileged = !t || task_capable(t, CAP_SYS_RESOURCE_IPC_);
	struct mqueue *q;
	uint64_t cost;
	int err;

	if (m->ipc->mq_count >= l->queues_max && !privileged)
		return -ENOSPC;
	if (!given) {
		maxmsg = l->msg_default < l->msg_max ? l->msg_default : l->msg_max;
		msgsize = l->msgsize_default < l->msgsize_max ? l->msgsize_default : l->msgsize_max;
	}
	err = check_sizes(l, privileged, maxmsg, msgsize, &cost);
	if (err)
		return err;
	q = ipc_alloc(m, sizeof *q);
	if (!q)
		return -ENOMEM;
	q->machine = m;
	q->maxmsg = maxmsg;
	q->msgsize = msgsize;
	tree_init(&q->messages, &rank_ops);
	list_init(&q->senders);
	list_init(&q->receivers);
	err = charge(q, t, cost);
	if (err) {
		ipc_release(m, q, sizeof *q);
		return err;
	}
	m->ipc->mq_count++;
	*out = q;
	return 0;
}

static struct message *first(struct mqueue *q)
{
	struct message *msg = of_rank(tree_first(&q->messages));

	tree_remove(&q->messages, &msg->rank.node);
	q->count--;
	q->bytes -= msg->len;
	return msg;
}

void mqueue_free(struct mqueue *q)
{
	struct machine *m = q->machine;

	while (q->count)
		message_free(m, first(q));
	wait_queue_fini(&q->poll);
	q->user->bytes -= q->charged;
	q->user->queues--;
	user_put(m, q->user);
	m->ipc->mq_count--;
	ipc_release(m, q, sizeof *q);
}

/* --- Messages --- */

static struct mq_wait *served_first(struct list *queue)
{
	return list_empty(queue) ? NULL : list_entry(queue->prev, struct mq_wait, wait.place);
}

static void enter(struct mqueue *q, struct message *msg)
{
	msg->rank.serial = q->serial++;
	tree_insert(&q->messages, &msg->rank.node);
	q->count++;
	q->bytes += msg->len;
}

bool mqueue_notice_of(struct mqueue *q, const struct process *p, bool forget)
{
	struct mq_notice *n = &q->notice;
	bool is = n->pid && n->pid == p->pid && n->start_ns == p->start_ns;

	if (is && forget)
		n->pid = 0;
	return is;
}

/* __do_notify(): a message came to an empty queue that nobody waits at. */
static void notify(struct mqueue *q, const struct task *from)
{
	struct mq_notice n = q->notice;
	struct process *p = n.pid ? process_find(q->machine, n.pid) : NULL;

	if (!n.pid || q->count != 1)
		return;
	q->notice.pid = 0;
	if (n.how != SIGEV_SIGNAL_ || !n.signo || !p || p->start_ns != n.start_ns || p->zombie || p->execs != n.execs)
		return;
	struct signal_info info = { .signo = n.signo, .code = SI_MESGQ_ };

	info.rt.pid = from->process->pid;
	info.rt.uid = from->cred.uid;
	info.rt.value = n.value;
	(void)signal_send_process(p, n.signo, &info);
}

void mqueue_put(struct mqueue *q, struct message *msg, struct task *from)
{
	struct mq_wait *receiver = served_first(&q->receivers);

	if (receiver) {
		receiver->msg = msg;
		ipc_wait_decide(&receiver->wait, 0);
		return;
	}
	enter(q, msg);
	notify(q, from);
	wake_all(&q->poll);
}

struct message *mqueue_take(struct mqueue *q)
{
	struct mq_wait *sender = served_first(&q->senders);
	struct message *msg = first(q);

	if (sender) {
		enter(q, sender->msg);
		sender->msg = NULL;
		ipc_wait_decide(&sender->wait, 0);
	} else {
		wake_all(&q->poll);
	}
	return msg;
}

/* --- Waiting --- */

static void end_wait(struct machine *m, struct ipc_wait *wait)
{
	struct mq_wait *w = list_entry(wait, struct mq_wait, wait);

	list_remove(&wait->place);
	if (w->msg)
		message_free(m, w->msg);
	ipc_release(m, w, sizeof *w);
}

/* task_struct's prio. */
static int priority_of(const struct task *t)
{
	if (t->policy == POLICY_DEADLINE)
		return -1;
	return policy_is_rt(t->policy) ? 99 - (int)t->rt_priority : 120 + t->nice;
}

struct mq_wait *mqueue_wait(struct mqueue *q, struct task *t, struct message *msg)
{
	struct list *queue = msg ? &q->senders : &q->receivers, *at = queue->next;
	struct mq_wait *w = ipc_alloc(t->machine, sizeof *w);

	if (!w)
		return NULL;
	w->wait.task = t;
	w->wait.status = IPC_WAITING;
	w->wait.end = end_wait;
	w->msg = msg;
	w->priority = priority_of(t);
	/* wq_add(): before those that are as urgent, or more. */
	while (at != queue && list_entry(at, struct mq_wait, wait.place)->priority > w->priority)
		at = at->next;
	list_add_tail(at, &w->wait.place);
	t->ipc = &w->wait;
	return w;
}
