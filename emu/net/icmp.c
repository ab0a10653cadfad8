/* SPDX-License-Identifier: MIT
 *
 * ICMP: raw sockets for it (net/ipv4/raw.c, net/ipv6/raw.c), ping sockets (net/ipv4/ping.c), and the machine's own
 * answers.
 *
 * A raw socket hears all messages of its protocol, those it sent to this machine included, of IPv4 with the header.  A
 * ping socket sends echo requests only, under a number of its own instead of a port, and hears the answers to them.  Who
 * may have one is what the kernel's net.ipv4.ping_group_range says; here it is everybody, as most distributions have it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/usernet/usernet.h"

enum { ICMP4 = 1, ICMP6 = 58, HEADER = 8, HEADER4 = 20, LARGEST = 65535 - 40 };
enum { ECHO4 = 8, REPLY4 = 0, ECHO6 = 128, REPLY6 = 129, SUM_AT = 2, ID_AT = 4 };
enum { SOL_RAW_ = 255, ICMP_FILTER_ = 1, SOL_ICMPV6_ = 58, ICMPV6_FILTER_ = 1, IPV6_CHECKSUM_ = 7, HDRINCL = 3 };

struct icmp_sock {
	struct inet_sock i;		/* first; in a list of their own by port_next, port_prev */
	uint32_t filter[8];		/* raw: a bit for each type that is not wanted */
};

static struct icmp_sock *icmp_sk(struct sock *s) { return (struct icmp_sock *)(void *)s; }
static bool is_raw(const struct inet_sock *i) { return i->s.type == SOCK_RAW; }
static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* --- Hearing --- */

/* A message, and how it came. */
struct message {
	struct inet_datagram d;
	bool four;
	const uint8_t *data;		/* behind IP's header */
	uint32_t len;
	uint8_t header[HEADER4];	/* of IPv4 */
};

static bool hears(struct inet_sock *i, const struct message *m)
{
	static const uint8_t any[16];
	uint8_t type = m->data[0];

	if ((i->s.protocol == ICMP4) != m->four || !inet_receives(i, m->d.to.ip))
		return false;
	if (i->s.state == SOCK_CONNECTED && memcmp(i->remote.ip, any, 16) && memcmp(i->remote.ip, m->d.from.ip, 16))
		return false;
	if (is_raw(i))
		return !(icmp_sk(&i->s)->filter[type / 32] >> type % 32 & 1);
	return type == (m->four ? REPLY4 : REPLY6) && i->local.port && get16(m->data + ID_AT) == i->local.port;
}

static void hear(struct net *n, const struct message *m)
{
	if (m->len < HEADER)
		return;
	for (struct inet_sock *i = n->inet->icmp; i; i = i->port_next) {
		uint32_t header = m->four && is_raw(i) ? HEADER4 : 0;
		struct packet *p = hears(i, m) ? udp_room(i, header + m->len, &m->d) : NULL;

		if (!p)
			continue;
		memcpy(p->data, m->header, header);
		memcpy(p->data + header, m->data, m->len);
		packet_queue(&i->s, p);
	}
}

static void make_header(struct message *m)
{
	uint8_t *h = m->header;

	if (!m->four)
		return;
	memset(h, 0, HEADER4);
	h[0] = 0x45;
	h[1] = m->d.tos;
	put16(h + 2, HEADER4 + m->len);
	h[6] = 0x40;
	h[8] = m->d.ttl;
	h[9] = ICMP4;
	memcpy(h + 12, m->d.from.ip + 12, 4);
	memcpy(h + 16, m->d.to.ip + 12, 4);
	put16(h + 10, usernet_sum(NULL, NULL, 0, h, HEADER4));
}

void icmp_receive(struct net *n, const struct usernet_packet *p)
{
	struct message m = { .d = { .ttl = p->ttl, .tos = p->tos }, .four = p->proto == ICMP4, .data = p->data,
			     .len = (uint32_t)p->len };

	memcpy(m.d.from.ip, p->from, 16);
	memcpy(m.d.to.ip, p->to, 16);
	make_header(&m);
	hear(n, &m);
}

/* To this machine: everybody hears it, and a request is answered (icmp_echo()). */
static void deliver(struct net *n, struct message *m, uint8_t *data)
{
	struct inet_end from = m->d.from;
	uint8_t request = m->four ? ECHO4 : ECHO6;
	bool good;

	netdev_count(n, m->len);
	make_header(m);
	hear(n, m);
	if (m->len < HEADER || data[0] != request)
		return;
	good = !usernet_sum(m->d.from.ip, m->d.to.ip, m->four ? 0 : ICMP6, data, m->len);
	if (!good)
		return;
	m->d.from = m->d.to;
	m->d.to = from;
	m->d.ttl = 64;
	data[0] = m->four ? REPLY4 : REPLY6;
	put16(data + SUM_AT, 0);
	put16(data + SUM_AT, usernet_sum(m->d.from.ip, m->d.to.ip, m->four ? 0 : ICMP6, data, m->len));
	netdev_count(n, m->len);
	make_header(m);
	hear(n, m);
}

/* --- Saying --- */

/* Those who both allow it may have the same. */
static bool taken(const struct inet_sock *i, uint16_t id)
{
	for (const struct inet_sock *o = i->s.net->inet->icmp; o; o = o->port_next)
		if (o != i && !is_raw(o) && o->s.protocol == i->s.protocol && o->local.port == id && !(o->s.reuse && i->s.reuse))
			return true;
	return false;
}

/* One that nobody has, of those from a random one on; 0: there is none. */
static uint16_t free_id(const struct inet_sock *i)
{
	uint8_t used[65536 / 8] = { 1 };	/* 0 is no number */
	uint16_t id;

	for (const struct inet_sock *o = i->s.net->inet->icmp; o; o = o->port_next)
		if (o != i && !is_raw(o) && o->s.protocol == i->s.protocol)
			used[o->local.port / 8] |= (uint8_t)(1u << o->local.port % 8);
	entropy_bytes(i->s.net->machine, &id, sizeof id);
	for (unsigned n = 0; n < 65536; n++, id++)
		if (!(used[id / 8] >> id % 8 & 1))
			return id;
	return 0;
}

/* A ping socket's number (ping_get_port()): that one, or 0: any. */
static int get_id(struct inet_sock *i, uint16_t id)
{
	if (i->local.port)
		return -EINVAL;
	if (id && taken(i, id))
		return -EADDRINUSE;
	i->local.port = id ? id : free_id(i);
	return i->local.port ? 0 : -EADDRINUSE;
}

/* What is sent, as the kernel completes it: 0 or -errno. */
static int complete(struct inet_sock *i, const struct inet_end *from, const struct inet_end *to, uint8_t *data, uint32_t len)
{
	bool four = i->s.protocol == ICMP4;
	int err;

	if (is_raw(i) && four)
		return 0;
	if (!is_raw(i)) {
		if (len < HEADER || data[0] != (four ? ECHO4 : ECHO6) || data[1])
			return -EINVAL;
		err = i->local.port ? 0 : get_id(i, 0);
		if (err)
			return err;
		put16(data + ID_AT, i->local.port);
	}
	if (len < SUM_AT + 2)
		return -EINVAL;
	put16(data + SUM_AT, 0);
	put16(data + SUM_AT, usernet_sum(from->ip, to->ip, four ? 0 : ICMP6, data, len));
	return 0;
}

static int destination(struct inet_sock *i, const struct sock_msg *m, struct inet_end *to, struct inet_end *from)
{
	struct inet_end dest = i->remote;
	int err;

	if (m->name && m->name->len) {
		err = inet_get_end(&i->s, m->name, &dest);
		if (err)
			return err;
	} else if (i->s.state != SOCK_CONNECTED) {
		return -EDESTADDRREQ;
	}
	return inet_is_v4(dest.ip) == (i->s.protocol == ICMP4) ? inet_route(i, &dest, to, from) : -EAFNOSUPPORT;
}

static int64_t icmp_send(struct sock *s, struct sock_msg *m)
{
	struct inet_sock *i = inet_sk(s);
	struct inet_end to, from;
	struct packet *p;
	struct message msg;
	int where, err;

	if (m->len > LARGEST)
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	where = destination(i, m, &to, &from);
	err = where < 0 ? where : s->error ? sock_error(s) : 0;
	if (!err && (s->shut & SHUT_SEND)) {
		m->broken = true;
		err = -EPIPE;
	}
	if (err)
		return err;
	err = packet_new(s->net, NULL, (uint32_t)m->len, &p);
	if (err)
		return err;
	err = msg_read(m, 0, p->data, m->len);
	if (!err)
		err = complete(i, &from, &to, p->data, p->len);
	msg = (struct message){ .d = { from, to, inet_ttl(i), inet_tos(i) }, .four = s->protocol == ICMP4, .data = p->data,
				.len = p->len };
	msg.d.from.port = msg.d.to.port = 0;
	if (!err && where == INET_OUTSIDE) {
		memcpy(usernet_room(s->net->inet->user, msg.four), p->data, p->len);
		usernet_send(s->net->inet->user, (uint8_t)s->protocol, from.ip, to.ip, msg.d.ttl, msg.d.tos, p->len, -1);
		usernet_run(s->net->inet->user);
	} else if (!err) {
		deliver(s->net, &msg, p->data);
	}
	packet_free(s->net, p);
	return err ? err : (int64_t)m->len;
}

/* --- Names --- */

static int icmp_bind(struct sock *s, struct task *t, const struct sock_addr *a)
{
	struct inet_sock *i = inet_sk(s);
	struct inet_end e;
	int err = inet_get_end(s, a, &e);

	(void)t;
	if (!err && !inet_is_any(e.ip) && !inet_is_local(s->net, e.ip))
		err = -EADDRNOTAVAIL;
	if (!err && s->state == SOCK_CONNECTED)
		err = -EINVAL;
	if (!err && !is_raw(i))
		err = get_id(i, e.port);
	if (err)
		return err;
	memcpy(i->local.ip, e.ip, sizeof e.ip);
	i->has_addr = !inet_is_any(e.ip);
	return 0;
}

static int icmp_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct inet_sock *i = inet_sk(s);
	struct inet_end dest, to, from;
	int err;

	(void)t, (void)wait;
	if (a->len < 2)
		return -EINVAL;
	if (!i->has_addr)
		inet_forget_address(i);
	if (a->family == AF_UNSPEC) {
		i->remote = (struct inet_end){ 0 };
		s->state = SOCK_CLOSED;
		return 0;
	}
	err = inet_get_end(s, a, &dest);
	if (!err)
		err = inet_route(i, &dest, &to, &from);
	if (!err && !is_raw(i) && !i->local.port)
		err = get_id(i, 0);
	if (err < 0)
		return err;
	memcpy(i->local.ip, from.ip, sizeof from.ip);
	i->remote = to;
	s->state = SOCK_CONNECTED;
	return 0;
}

/* --- Options --- */

static int set_option(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len)
{
	struct icmp_sock *k = icmp_sk(s);
	bool four = s->protocol == ICMP4;

	if (is_raw(&k->i) && level == (four ? SOL_RAW_ : SOL_ICMPV6_) && name == (four ? ICMP_FILTER_ : ICMPV6_FILTER_)) {
		/* In both a bit is a type that is not wanted. */
		uint32_t most = four ? 4 : sizeof k->filter;

		if (!four && len < most)
			return -EINVAL;
		memcpy(k->filter, val, len < most ? len : most);
		return 0;
	}
	if (is_raw(&k->i) && !four && (level == SOL_RAW_ || level == IPPROTO_IPV6) && name == IPV6_CHECKSUM_)
		return len >= 4 && *(const int32_t *)val == SUM_AT ? 0 : -EINVAL;
	if (level == IPPROTO_IP && name == HDRINCL)
		return -ENOPROTOOPT;
	return inet_set_option(s, t, level, name, val, len);
}

static int get_option(struct sock *s, struct task *t, int level, int name, void *val, uint32_t *len)
{
	struct icmp_sock *k = icmp_sk(s);
	bool four = s->protocol == ICMP4;
	uint32_t most = four ? 4 : sizeof k->filter;

	if (!is_raw(&k->i) || level != (four ? SOL_RAW_ : SOL_ICMPV6_) || name != ICMP_FILTER_)
		return inet_get_option(s, t, level, name, val, len);
	if (*len > most)
		*len = most;
	memcpy(val, k->filter, *len);
	return 0;
}

/* --- Life --- */

static void icmp_release(struct sock *s)
{
	struct inet_sock *i = inet_sk(s);
	struct packet *p;

	s->dead = true;
	*(i->port_prev ? &i->port_prev->port_next : &s->net->inet->icmp) = i->port_next;
	if (i->port_next)
		i->port_next->port_prev = i->port_prev;
	while ((p = packet_take(s)))
		packet_free(s->net, p);
}

static const struct sock_ops icmp_ops = {
	.name = "ICMP", .bind = icmp_bind, .connect = icmp_connect, .name_of = inet_name_of, .poll = udp_poll, .send = icmp_send,
	.receive = udp_receive, .shutdown = udp_shutdown, .set_option = set_option, .get_option = get_option,
	.ioctl = inet_ioctl, .release = icmp_release, .writable = 6,
};

int icmp_create(struct net *n, struct task *t, int family, int type, struct sock **out)
{
	int err;
	struct inet_sock *i;

	*out = sock_alloc(n, sizeof(struct icmp_sock), &icmp_ops, family, type, family == AF_INET ? ICMP4 : ICMP6, &err);
	if (!*out)
		return err;
	i = inet_sk(*out);
	i->uid = t->cred.fsuid;
	i->host = -1;
	i->v6only = family == AF_INET6;
	(*out)->reuse = true;		/* INET_PROTOSW_REUSE: a number may have several, who all hear what comes */
	inet_forget_address(i);
	inet_options_init(i);
	i->port_next = n->inet->icmp;
	if (i->port_next)
		i->port_next->port_prev = i;
	n->inet->icmp = i;
	return 0;
}
