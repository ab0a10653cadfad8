/* SPDX-License-Identifier: MIT
 *
 * AF_NETLINK, NETLINK_ROUTE only, as far as C libraries (if_nameindex(), getifaddrs()) and ip(8) need it to see the
 * interfaces, their addresses and where they lead; and to take them up and down (net/netlink/af_netlink.c, net/core/rtnetlink.c).
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

enum { ERROR = 2, DONE = 3, NEWLINK = 16, GETLINK = 18, SETLINK = 19, NEWADDR = 20, GETADDR = 22, GETROUTE = 26,
       LAST_TYPE = 123 };
enum { F_REQUEST = 1, F_MULTI = 2, F_ACK = 4, F_DUMP = 0x300 };
enum { NEWROUTE = 24 };
enum { TABLE_MAIN = 254, PROTO_KERNEL = 2, PROTO_BOOT = 3, SCOPE_LINK = 253, SCOPE_UNIVERSE = 0, UNICAST = 1, LOCAL = 2 };
enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, CAP_NET_ADMIN_ = 12, REQUEST_MAX = 16384, ANSWER_MAX = 2048 };

struct header { uint32_t len; uint16_t type, flags; uint32_t seq, pid; };

struct netlink_sock {
	struct sock s;			/* first */
	uint32_t pid, groups;		/* its address; pid 0: none yet */
	uint32_t peer, peer_groups;
};

static struct netlink_sock *nl_sk(struct sock *s) { return (struct netlink_sock *)(void *)s; }

/* --- An answer being put together --- */

struct answer { uint8_t bytes[ANSWER_MAX]; uint32_t len, message; };

static void put(struct answer *a, const void *data, uint32_t len)
{
	uint32_t padded = (len + 3) & ~3u;

	if (padded > sizeof a->bytes - a->len)
		return;			/* there is room for all that there is to say */
	memcpy(a->bytes + a->len, data, len);
	memset(a->bytes + a->len + len, 0, padded - len);
	a->len += padded;
}

static void begin(struct answer *a, uint16_t type, uint16_t flags, const struct header *to, uint32_t pid)
{
	struct header h = { .type = type, .flags = flags, .seq = to->seq, .pid = pid };

	a->message = a->len;
	put(a, &h, sizeof h);
}

static void finish(struct answer *a)
{
	uint32_t len = a->len - a->message;

	memcpy(a->bytes + a->message, &len, sizeof len);
}

static void attribute(struct answer *a, uint16_t type, const void *data, uint16_t len)
{
	uint16_t h[2] = { (uint16_t)(len + 4), type };

	put(a, h, sizeof h);
	put(a, data, len);
}

/* --- What there is --- */

static void link(struct answer *a, const struct net *n, const struct netdev *d, const struct header *to, uint32_t pid,
		 uint16_t flags)
{
	struct { uint8_t family, pad; uint16_t type; int32_t index; uint32_t flags, change; } info = {
		.type = d->type, .index = d->index, .flags = netdev_flags(d) | (d->down ? 0 : NETDEV_LOWER_UP),
	};
	uint32_t stats[24] = { 0 };
	uint8_t state = d->type != 772 ? d->down ? 2 : 6 : 0;	/* IF_OPER_DOWN, _UP, _UNKNOWN */
	struct netdev_count in, out;

	netdev_counts(n, d, &in, &out);
	stats[0] = (uint32_t)in.packets;
	stats[1] = (uint32_t)out.packets;
	stats[2] = (uint32_t)in.bytes;
	stats[3] = (uint32_t)out.bytes;
	begin(a, NEWLINK, flags, to, pid);
	put(a, &info, sizeof info);
	attribute(a, 3 /* IFLA_IFNAME */, d->name, (uint16_t)(strlen(d->name) + 1));
	attribute(a, 13 /* IFLA_TXQLEN */, &d->queue, sizeof d->queue);
	attribute(a, 16 /* IFLA_OPERSTATE */, &state, sizeof state);
	attribute(a, 4 /* IFLA_MTU */, &d->mtu, sizeof d->mtu);
	attribute(a, 6 /* IFLA_QDISC */, "noqueue", 8);
	attribute(a, 1 /* IFLA_ADDRESS */, d->mac, sizeof d->mac);
	attribute(a, 2 /* IFLA_BROADCAST */, d->broadcast_mac, sizeof d->broadcast_mac);
	attribute(a, 7 /* IFLA_STATS */, stats, sizeof stats);
	finish(a);
}

static void addr(struct answer *a, const struct netdev *d, const struct header *to, uint32_t pid, uint8_t family)
{
	struct { uint8_t family, prefix, flags, scope; uint32_t index; } info = {
		family, d->bits4, 0x80, d->scope4, (uint32_t)d->index
	};
	uint32_t broadcast = netdev_broadcast4(d);

	if (family == AF_INET6) {
		info.prefix = d->bits6;
		info.scope = d->scope6;
	}
	begin(a, NEWADDR, F_MULTI, to, pid);
	put(a, &info, sizeof info);
	if (family == AF_INET6) {
		attribute(a, 1 /* IFA_ADDRESS */, d->ip6, 16);
	} else {
		attribute(a, 1, d->ip4 + 12, 4);
		attribute(a, 2 /* IFA_LOCAL */, d->ip4 + 12, 4);
		if (broadcast)
			attribute(a, 4 /* IFA_BROADCAST */, &broadcast, sizeof broadcast);
		attribute(a, 3 /* IFA_LABEL */, d->name, (uint16_t)(strlen(d->name) + 1));
	}
	finish(a);
}

/* --- Routes --- */

struct route {
	const struct netdev *d;
	const uint8_t *to, *gateway, *source;	/* NULL: not told */
	uint8_t bits, table, proto, scope, type;
};

static void route(struct answer *a, const struct route *r, const struct header *h, uint32_t pid, uint16_t flags, uint8_t family)
{
	struct { uint8_t family, bits, from_bits, tos, table, proto, scope, type; uint32_t flags; } info = {
		family, r->bits, 0, 0, r->table, r->proto, r->scope, r->type, 0
	};
	uint16_t size = family == AF_INET6 ? 16 : 4;
	uint32_t skip = 16u - size, table = r->table;

	begin(a, NEWROUTE, flags, h, pid);
	put(a, &info, sizeof info);
	attribute(a, 15 /* RTA_TABLE */, &table, sizeof table);
	if (r->to)
		attribute(a, 1 /* RTA_DST */, r->to + skip, size);
	if (r->source)
		attribute(a, 7 /* RTA_PREFSRC */, r->source + skip, size);
	if (r->gateway)
		attribute(a, 5 /* RTA_GATEWAY */, r->gateway + skip, size);
	attribute(a, 4 /* RTA_OIF */, &r->d->index, sizeof r->d->index);
	finish(a);
}

/* The main table: the interfaces' networks, but for lo's, and where all else goes. */
static void routes(struct answer *a, const struct net *n, const struct header *h, uint32_t pid, uint8_t family)
{
	for (unsigned k = 0; k < n->inet->devs; k++) {
		const struct netdev *d = &n->inet->dev[k];
		bool six = family == AF_INET6;
		const uint8_t *gateway = six ? d->gateway6 : d->gateway4;
		uint8_t network[16], bits = six ? d->bits6 : d->bits4;

		if (d->down || inet_is_any(gateway))
			continue;
		memcpy(network, six ? d->ip6 : d->ip4, 16);
		memset(network + (six ? 0 : 12) + bits / 8, 0, 16u - (six ? 0u : 12u) - bits / 8u);
		route(a, &(struct route){ d, NULL, gateway, NULL, 0, TABLE_MAIN, PROTO_BOOT, SCOPE_UNIVERSE, UNICAST }, h, pid, F_MULTI, family);
		route(a, &(struct route){ d, network, NULL, six ? NULL : d->ip4, bits, TABLE_MAIN, PROTO_KERNEL,
					  six ? SCOPE_UNIVERSE : SCOPE_LINK, UNICAST }, h, pid, F_MULTI, family);
	}
}

/* ip route get: which way goes a packet to RTA_DST? */
static int route_to(struct answer *a, const struct net *n, const struct header *h, const uint8_t *body, uint32_t len, uint32_t pid)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff }, family = body[0];
	uint16_t size = family == AF_INET6 ? 16 : 4, at[2];
	const struct netdev *d;
	bool found = false;

	for (uint32_t i = 12; i + 4 <= len; i += (at[0] + 3u) & ~3u) {
		memcpy(at, body + i, sizeof at);
		if (at[0] < 4 || at[0] > len - i)
			return -EINVAL;
		if (at[1] == 1 && at[0] >= 4 + size) {
			memcpy(ip + (16 - size), body + i + 4, size);
			found = true;
		}
	}
	if (!found || (family != AF_INET && family != AF_INET6))
		return -EINVAL;
	d = inet_is_local(n, ip) ? netdev_at(n, NETDEV_LO) : netdev_towards(n, ip);
	if (!d || d->down)
		return -ENETUNREACH;
	route(a, &(struct route){ d, ip, inet_is_local(n, ip) ? NULL : family == AF_INET6 ? d->gateway6 : d->gateway4,
				  family == AF_INET6 ? d->ip6 : d->ip4, (uint8_t)(8 * size), TABLE_MAIN, 0, SCOPE_UNIVERSE,
				  inet_is_local(n, ip) ? LOCAL : UNICAST }, h, pid, 0, family);
	return 1;
}

static void dump(struct answer *a, const struct net *n, const struct header *h, uint32_t pid, uint8_t family)
{
	int32_t none = 0;

	for (unsigned i = 0; i < n->inet->devs; i++) {
		const struct netdev *d = &n->inet->dev[i];

		if (h->type == GETLINK)
			link(a, n, d, h, pid, F_MULTI);
		if (h->type == GETADDR && !d->down && (family == AF_UNSPEC || family == AF_INET))
			addr(a, d, h, pid, AF_INET);
		if (h->type == GETADDR && !d->down && (family == AF_UNSPEC || family == AF_INET6))
			addr(a, d, h, pid, AF_INET6);
	}
	if (h->type == GETROUTE && (family == AF_UNSPEC || family == AF_INET))
		routes(a, n, h, pid, AF_INET);
	if (h->type == GETROUTE && (family == AF_UNSPEC || family == AF_INET6))
		routes(a, n, h, pid, AF_INET6);
	begin(a, DONE, F_MULTI, h, pid);
	put(a, &none, sizeof none);
	finish(a);
}

/* --- Requests --- */

/* ip link set lo up, down; the interface by index, or by name if that is 0. */
static struct netdev *link_asked(const struct net *n, const uint8_t *body, uint32_t len)
{
	uint16_t at[2];
	int32_t index = 0;
	char name[16];

	if (len >= 8)
		memcpy(&index, body + 4, 4);
	if (index || len < 16)
		return netdev_at(n, index);
	for (uint32_t i = 16; i + 4 <= len; i += (at[0] + 3u) & ~3u) {
		memcpy(at, body + i, sizeof at);
		if (at[0] < 4 || at[0] > len - i)
			return NULL;
		if (at[1] != 3 /* IFLA_IFNAME */)
			continue;
		memset(name, 0, sizeof name);
		memcpy(name, body + i + 4, at[0] - 4u < sizeof name - 1 ? at[0] - 4u : sizeof name - 1);
		return netdev_find(n, name);
	}
	return NULL;
}

static int set_link(struct net *n, const struct task *t, const uint8_t *body, uint32_t len)
{
	uint32_t info[4];	/* family and type, index, flags, which of them change */
	struct netdev *d;

	if (!task_capable(t, CAP_NET_ADMIN_))
		return -EPERM;
	if (len < sizeof info)
		return -EINVAL;
	memcpy(info, body, sizeof info);
	d = link_asked(n, body, len);
	if (!d)
		return -ENODEV;
	if ((info[3] & NETDEV_UP) || !info[3])
		d->down = !(info[2] & NETDEV_UP);
	return 0;
}

/* 0: done (an acknowledgement, if wanted, is due); 1: *a is the answer; -errno. */
static int serve(struct netlink_sock *k, const struct task *t, const struct header *h, const uint8_t *body, uint32_t len,
		 struct answer *a)
{
	struct net *n = k->s.net;
	bool get = (h->type & 3) == 2;
	const struct netdev *d;

	if (!(h->flags & F_REQUEST) || h->type < NEWLINK)
		return 0;
	if (h->type > LAST_TYPE)
		return -EOPNOTSUPP;
	if (!len)
		return -EINVAL;
	if (get && (h->flags & F_DUMP) == F_DUMP) {
		dump(a, n, h, k->pid, body[0]);
		return 1;
	}
	if (h->type == GETLINK) {
		d = link_asked(n, body, len);
		if (!d)
			return -ENODEV;
		link(a, n, d, h, k->pid, 0);
		return 1;
	}
	if (h->type == GETROUTE)
		return route_to(a, n, h, body, len, k->pid);
	if (h->type == NEWLINK || h->type == SETLINK)
		return set_link(n, t, body, len);
	return !get && !task_capable(t, CAP_NET_ADMIN_) ? -EPERM : -EOPNOTSUPP;
}

static void acknowledge(struct answer *a, const struct netlink_sock *k, const struct header *h, int err)
{
	int32_t code = err;

	begin(a, ERROR, 0, h, k->pid);
	put(a, &code, sizeof code);
	put(a, h, sizeof *h);
	finish(a);
}

static int reply(struct sock *s, const struct answer *a)
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

static void bind_self(struct netlink_sock *k, const struct task *t)
{
	/* The process's number, as long as it has no other such socket; the kernel then takes what is left. */
	uint32_t pid = (uint32_t)t->process->pid;

	for (const struct sock *s = k->s.net->first; s; s = s->next)
		if (s->family == AF_NETLINK && ((const struct netlink_sock *)(const void *)s)->pid == pid) {
			pid = pid < 0x80000000u ? 0xfffff000u : pid - 1;
			s = k->s.net->first;
		}
	k->pid = pid;
}

static int64_t send_(struct sock *s, struct sock_msg *m)
{
	struct netlink_sock *k = nl_sk(s);
	uint8_t request[REQUEST_MAX];
	uint32_t at = 0, len = (uint32_t)m->len;
	struct header h;

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
		struct answer a = { .len = 0 };
		int r;

		memcpy(&h, request + at, sizeof h);
		if (h.len < sizeof h || h.len > len - at)
			break;
		r = serve(k, m->task, &h, request + at + sizeof h, h.len - (uint32_t)sizeof h, &a);
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
		for (const struct sock *o = s->net->first; o; o = o->next)
			if (o->family == AF_NETLINK && ((const struct netlink_sock *)(const void *)o)->pid == v[0])
				return -EADDRINUSE;
		k->pid = v[0];
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
