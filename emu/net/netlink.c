/* SPDX-License-Identifier: MIT
 *
 * AF_NETLINK: sockets (net/netlink/af_netlink.c).  There is NETLINK_ROUTE only, whose requests rtnetlink.c serves.
 *
 * Each request is answered while it is sent: the answer is a packet in the sender's own queue.
 */
#include "emu/net/netlink.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/net/packet.h"

enum { ERROR = 2, F_ACK = 4 };
enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, REQUEST_MAX = 16384 };
#define FIRST_FREE 0xffffefffu		/* -4097: numbers that are nobody's go down from here */

struct netlink_sock {
	struct sock s;			/* first */
	uint32_t pid, groups;		/* its address; pid 0: none yet, and not in the tree */
	struct tree_node by_pid;
	uint32_t peer, peer_groups;
};

static struct netlink_sock *nl_sk(struct sock *s) { return (struct netlink_sock *)(void *)s; }

/* --- Numbers: each belongs to one socket --- */

static struct netlink_sock *of_node(const struct tree_node *n) { return tree_entry(n, struct netlink_sock, by_pid); }

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return of_node(a)->pid < of_node(b)->pid ? -1 : 1;
}

void netlink_net_init(struct net *n)
{
	static const struct tree_ops ops = { .compare = compare };

	tree_init(&n->netlinks, &ops);
	n->next_netlink = FIRST_FREE;
}

static bool taken(const struct net *n, uint32_t pid)
{
	const struct tree_node *t = n->netlinks.root;

	while (t && of_node(t)->pid != pid)
		t = pid < of_node(t)->pid ? t->left : t->right;
	return t;
}

static void take(struct netlink_sock *k, uint32_t pid)
{
	k->pid = pid;
	tree_insert(&k->s.net->netlinks, &k->by_pid);
}

/* The process's number if no other socket has it, or else the next of those that are nobody's (netlink_autobind()). */
static void bind_self(struct netlink_sock *k, const struct task *t)
{
	struct net *n = k->s.net;
	uint32_t pid = (uint32_t)t->process->pid;

	while (taken(n, pid)) {
		pid = n->next_netlink--;
		if (n->next_netlink < 0x80000000u)
			n->next_netlink = FIRST_FREE;
	}
	take(k, pid);
}

/* --- Messages --- */

static void acknowledge(struct netlink_answer *a, const struct netlink_sock *k, const struct netlink_header *h, int err)
{
	int32_t code = err;

	netlink_begin(a, ERROR, 0, h, k->pid);
	netlink_put(a, &code, sizeof code);
	netlink_put(a, h, sizeof *h);
	netlink_finish(a);
}

static int reply(struct sock *s, const struct netlink_answer *a)
{
	struct packet *p;
	int err = s->received > s->receive_limit ? -ENOBUFS : packet_new(s->net, NULL, a->len, &p);

	if (err) {
		s->error = ENOBUFS;
		return 0;
	}
	memcpy(p->data, a->bytes, a->len);
	packet_queue(s, p);
	return 0;
}

static int64_t send_(struct sock *s, struct sock_msg *m)
{
	struct netlink_sock *k = nl_sk(s);
	uint8_t request[REQUEST_MAX];
	uint32_t at = 0, len = (uint32_t)m->len;
	struct netlink_header h;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->name && m->name->len && (m->name->len < 12 || m->name->family != AF_NETLINK))
		return -EINVAL;
	if (!k->pid)
		bind_self(k, m->task);
	if (m->len > sizeof request)
		return -EMSGSIZE;
	if (msg_read(m, 0, request, m->len))
		return -EFAULT;
	while (len - at >= sizeof h) {
		struct netlink_answer a = { .len = 0 };
		int r;

		memcpy(&h, request + at, sizeof h);
		if (h.len < sizeof h || h.len > len - at)
			break;
		r = rtnetlink_serve(k->s.net, k->pid, m->task, &h, request + at + sizeof h, h.len - (uint32_t)sizeof h, &a);
		if (r < 0 || (!r && (h.flags & F_ACK)))
			acknowledge(&a, k, &h, r);
		if (a.len)
			reply(s, &a);
		at += (h.len + 3) & ~3u;
		if (at > len)
			break;
	}
	return (int64_t)m->len;
}

static int64_t receive(struct sock *s, struct sock_msg *m)
{
	struct packet *p = s->first;
	uint32_t n, whole;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (s->error)
		return sock_error(s);
	if (!p)
		return -EAGAIN;
	whole = p->len;
	n = m->len < whole ? (uint32_t)m->len : whole;
	if (n < whole)
		m->out_flags |= MSG_TRUNC;
	if (m->name) {
		memset(m->name, 0, sizeof *m->name);
		m->name->len = 12;
		m->name->family = AF_NETLINK;
	}
	err = msg_write(m, 0, p->data, n);
	if (!(m->flags & MSG_PEEK)) {
		packet_take(s);
		packet_free(s->net, p);
	}
	return err ? err : (int64_t)(m->flags & MSG_TRUNC ? whole : n);
}

/* --- The rest --- */

static int bind_(struct sock *s, struct task *t, const struct sock_addr *a)
{
	struct netlink_sock *k = nl_sk(s);
	uint32_t v[2];		/* nl_pid, nl_groups */

	if (a->len < 12 || a->family != AF_NETLINK)
		return -EINVAL;
	memcpy(v, a->bytes + 4, sizeof v);
	if (k->pid && v[0] != k->pid)
		return -EINVAL;
	if (!k->pid && v[0]) {
		if (taken(s->net, v[0]))
			return -EADDRINUSE;
		take(k, v[0]);
	} else if (!k->pid) {
		bind_self(k, t);
	}
	k->groups = v[1];
	return 0;
}

static int connect_(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct netlink_sock *k = nl_sk(s);

	(void)wait;
	if (a->len < 2)
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		k->peer = k->peer_groups = 0;
		return 0;
	}
	if (a->len < 12 || a->family != AF_NETLINK)
		return -EINVAL;
	if (!k->pid)
		bind_self(k, t);
	memcpy(&k->peer, a->bytes + 4, 4);
	memcpy(&k->peer_groups, a->bytes + 8, 4);
	return 0;
}

static int name_of(struct sock *s, bool peer, struct sock_addr *out)
{
	const struct netlink_sock *k = nl_sk(s);
	uint32_t v[2] = { peer ? k->peer : k->pid, peer ? k->peer_groups : k->groups };

	memset(out, 0, sizeof *out);
	out->len = 12;
	out->family = AF_NETLINK;
	memcpy(out->bytes + 4, v, sizeof v);
	return 0;
}

static unsigned poll_(struct sock *s, struct waiter *w)
{
	poll_wait(&s->wait, w);
	return POLLOUT | POLLWRNORM_ | (s->first ? POLLIN | POLLRDNORM_ : 0u) | (s->error ? POLLERR : 0u);
}

static int shutdown_(struct sock *s, int how)
{
	(void)s;
	(void)how;
	return -EOPNOTSUPP;
}

/* SOL_NETLINK: what would be told more, or checked more strictly.  There is no more, and it is strict already. */
static int set_option(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len)
{
	(void)s, (void)t, (void)val, (void)len;
	return level == 270 && name >= 1 && name <= 12 ? 0 : -ENOPROTOOPT;
}

static void release(struct sock *s)
{
	struct packet *p;

	s->dead = true;
	if (nl_sk(s)->pid)
		tree_remove(&s->net->netlinks, &nl_sk(s)->by_pid);
	nl_sk(s)->pid = 0;
	while ((p = packet_take(s)))
		packet_free(s->net, p);
}

static const struct sock_ops netlink_ops = {
	.name = "NETLINK", .bind = bind_, .connect = connect_, .name_of = name_of, .poll = poll_, .send = send_,
	.receive = receive, .shutdown = shutdown_, .set_option = set_option, .release = release, .writable = 12,
};

static int create(struct net *n, struct task *t, int type, int protocol, struct sock **out)
{
	int err = 0;

	(void)t;
	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol)
		return -EPROTONOSUPPORT;
	*out = sock_alloc(n, sizeof(struct netlink_sock), &netlink_ops, AF_NETLINK, type, protocol, &err);
	return *out ? 0 : err;
}

const struct sock_family netlink_family = { AF_NETLINK, create };
