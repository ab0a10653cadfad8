/* SPDX-License-Identifier: MIT
 *
 * Options of the levels IP, IPV6, TCP and UDP: a table of those that are a number, whose values most often are only kept
 * (there are no segments whose delay they could change), and the rest by hand.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/net/tcp.h"

enum { L_IP = 0, L_TCP = 6, L_UDP = 17, L_IPV6 = 41, CAP_NET_ADMIN_ = 12, MSS_LO = 65483, MSS_WIRE = 1460 };
enum { IP_TOS_ = 1, IP_TTL_ = 2, IP_OPTIONS_ = 4, IP_PKTINFO_ = 8, IP_RECVTTL_ = 12, IP_RECVTOS_ = 13, IP_MTU_ = 14,
       IP_TRANSPARENT_ = 19, IP_MULTICAST_IF_ = 32, IP_MULTICAST_TTL_ = 33, IP_MULTICAST_LOOP_ = 34,
       IP_ADD_MEMBERSHIP_ = 35, IP_DROP_MEMBERSHIP_ = 36, IP_LOCAL_PORT_RANGE_ = 51 };
enum { IPV6_UNICAST_HOPS_ = 16, IPV6_MULTICAST_IF_ = 17, IPV6_ADD_MEMBERSHIP_ = 20, IPV6_DROP_MEMBERSHIP_ = 21, IPV6_MTU_ = 24,
       IPV6_V6ONLY_ = 26, IPV6_RECVPKTINFO_ = 49, IPV6_PKTINFO_ = 50, IPV6_RECVHOPLIMIT_ = 51, IPV6_HOPLIMIT_ = 52,
       IPV6_RECVTCLASS_ = 66, IPV6_TCLASS_ = 67 };
enum { TCP_MAXSEG_ = 2, TCP_INFO_ = 11, TCP_CONGESTION_ = 13 };

struct option { int level, name; int32_t least, most, normal; };

/* Bits are 0 to 1: other numbers count as 1. */
static const struct option options[] = {
	{ L_IP, IP_TOS_, INT32_MIN, INT32_MAX, 0 }, { L_IP, IP_TTL_, -1, 255, -1 }, { L_IP, 6 /* RECVOPTS */, 0, 1, 0 },
	{ L_IP, 7 /* RETOPTS */, 0, 1, 0 }, { L_IP, IP_PKTINFO_, 0, 1, 0 }, { L_IP, 10 /* MTU_DISCOVER */, 0, 5, 1 },
	{ L_IP, 11 /* RECVERR */, 0, 1, 0 }, { L_IP, IP_RECVTTL_, 0, 1, 0 }, { L_IP, IP_RECVTOS_, 0, 1, 0 },
	{ L_IP, 15 /* FREEBIND */, 0, 1, 0 }, { L_IP, IP_TRANSPARENT_, 0, 1, 0 },
	{ L_IP, 20 /* RECVORIGDSTADDR */, 0, 1, 0 }, { L_IP, 21 /* MINTTL */, 0, 255, 0 },
	{ L_IP, 24 /* BIND_ADDRESS_NO_PORT */, 0, 1, 0 }, { L_IP, IP_MULTICAST_TTL_, -1, 255, 1 },
	{ L_IP, IP_MULTICAST_LOOP_, 0, 1, 1 }, { L_IP, 49 /* MULTICAST_ALL */, 0, 1, 1 },
	{ L_IP, IP_LOCAL_PORT_RANGE_, INT32_MIN, INT32_MAX, 0 },
	{ L_IPV6, IPV6_UNICAST_HOPS_, -1, 255, -1 }, { L_IPV6, IPV6_MULTICAST_IF_, 0, INT32_MAX, 0 }, { L_IPV6, 18 /* MULTICAST_HOPS */, -1, 255, 1 },
	{ L_IPV6, 19 /* MULTICAST_LOOP */, 0, 1, 1 }, { L_IPV6, 23 /* MTU_DISCOVER */, 0, 5, 1 },
	{ L_IPV6, 25 /* RECVERR */, 0, 1, 0 }, { L_IPV6, IPV6_V6ONLY_, 0, 1, 0 }, { L_IPV6, IPV6_RECVPKTINFO_, 0, 1, 0 },
	{ L_IPV6, IPV6_RECVHOPLIMIT_, 0, 1, 0 }, { L_IPV6, IPV6_RECVTCLASS_, 0, 1, 0 },
	{ L_IPV6, IPV6_TCLASS_, -1, 255, 0 },
	{ L_TCP, 1 /* NODELAY */, 0, 1, 0 }, { L_TCP, 3 /* CORK */, 0, 1, 0 }, { L_TCP, 4 /* KEEPIDLE */, 1, 32767, 7200 },
	{ L_TCP, 5 /* KEEPINTVL */, 1, 32767, 75 }, { L_TCP, 6 /* KEEPCNT */, 1, 127, 9 },
	{ L_TCP, 7 /* SYNCNT */, 1, 127, 6 }, { L_TCP, 8 /* LINGER2 */, INT32_MIN, INT32_MAX, 60 },
	{ L_TCP, 9 /* DEFER_ACCEPT */, 0, INT32_MAX, 0 }, { L_TCP, 10 /* WINDOW_CLAMP */, 0, INT32_MAX, 0 },
	{ L_TCP, 12 /* QUICKACK */, 0, 1, 1 }, { L_TCP, 18 /* USER_TIMEOUT */, 0, INT32_MAX, 0 },
	{ L_TCP, 25 /* NOTSENT_LOWAT */, INT32_MIN, INT32_MAX, 0 }, { L_TCP, 36 /* INQ */, 0, 1, 0 },
	{ L_TCP, TCP_MAXSEG_, 88, 32767, 0 },
	{ L_UDP, 1 /* CORK */, 0, 1, 0 },
};
enum { OPTIONS = sizeof options / sizeof *options };
_Static_assert((int)OPTIONS <= (int)INET_VALUES, "struct inet_sock has room for all");

static const struct option *find(const struct inet_sock *i, int level, int name)
{
	if ((level == L_TCP && !inet_is_tcp(&i->s)) || (level == L_UDP && inet_is_tcp(&i->s)) ||
	    (level == L_IPV6 && i->s.family != AF_INET6))
		return NULL;
	for (const struct option *o = options; o < options + OPTIONS; o++)
		if (o->level == level && o->name == name)
			return o;
	return NULL;
}

static int32_t value(const struct inet_sock *i, int level, int name)
{
	for (int k = 0; k < OPTIONS; k++)
		if (options[k].level == level && options[k].name == name)
			return i->value[k];
	return 0;
}

void inet_options_init(struct inet_sock *i)
{
	for (int k = 0; k < OPTIONS; k++)
		i->value[k] = options[k].normal;
	strcpy(i->congestion, "cubic");
}

uint8_t inet_ttl(const struct inet_sock *i)
{
	int32_t v = i->s.family == AF_INET6 ? value(i, L_IPV6, IPV6_UNICAST_HOPS_) : value(i, L_IP, IP_TTL_);

	return v < 0 ? 64 : (uint8_t)v;
}

uint8_t inet_tos(const struct inet_sock *i)
{
	return (uint8_t)(i->s.family == AF_INET6 ? value(i, L_IPV6, IPV6_TCLASS_) : value(i, L_IP, IP_TOS_));
}

/* --- Setting --- */

/* A list of multicast groups could never get anything: no interface here has multicast. */
static int membership(const struct inet_sock *i, int level, int name)
{
	bool add = name == (level == L_IP ? IP_ADD_MEMBERSHIP_ : IPV6_ADD_MEMBERSHIP_);

	if (inet_is_tcp(&i->s))
		return level == L_IP ? -EPROTO : -EINVAL;
	return add || level == L_IP ? -ENODEV : -EADDRNOTAVAIL;
}

static int set_congestion(struct inet_sock *i, const void *val, uint32_t len)
{
	char name[16] = "";

	memcpy(name, val, len < sizeof name - 1 ? len : sizeof name - 1);
	if (strcmp(name, "cubic") && strcmp(name, "reno"))
		return -ENOENT;
	strcpy(i->congestion, name);
	return 0;
}

static int may_set(const struct inet_sock *i, const struct task *t, const struct option *o, int32_t v)
{
	if (o->level == L_IP && o->name == IP_TRANSPARENT_ && v && !task_capable(t, CAP_NET_ADMIN_))
		return -EPERM;
	if (o->level == L_IP && o->name == IP_TTL_ && v == 0)
		return -EINVAL;
	if (o->level == L_IP && (o->name == IP_MULTICAST_TTL_ || o->name == IP_MULTICAST_LOOP_) && inet_is_tcp(&i->s))
		return o->name == IP_MULTICAST_TTL_ ? -EINVAL : 0;
	if (o->level == L_IP && o->name == IP_LOCAL_PORT_RANGE_ && (v & 0xffff) && (uint32_t)v >> 16 &&
	    (uint32_t)(v & 0xffff) > (uint32_t)v >> 16)
		return -EINVAL;
	if (o->level == L_IPV6 && o->name == IPV6_V6ONLY_ && i->local.port)
		return -EINVAL;
	if (o->level == L_IPV6 && o->name == IPV6_MULTICAST_IF_)
		return inet_is_tcp(&i->s) ? -ENOPROTOOPT : v && !netdev_at(i->s.net, v) ? -ENODEV : 0;
	return 0;
}

int inet_set_option(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len)
{
	struct inet_sock *i = inet_sk(s);
	const struct option *o = find(i, level, name);
	int32_t v = 0;
	int err;

	if (level == L_TCP && name == TCP_CONGESTION_ && inet_is_tcp(s))
		return len ? set_congestion(i, val, len) : -EINVAL;
	if (level == L_IP && (name == IP_ADD_MEMBERSHIP_ || name == IP_DROP_MEMBERSHIP_))
		return len < 8 ? -EINVAL : membership(i, level, name);
	if (level == L_IPV6 && s->family == AF_INET6 &&
	    (name == IPV6_ADD_MEMBERSHIP_ || name == IPV6_DROP_MEMBERSHIP_))
		return len < 20 ? -EINVAL : membership(i, level, name);
	if (level == L_IP && name == IP_MULTICAST_IF_)
		return len < 4 ? -EINVAL : 0;
	if (!o)
		return -ENOPROTOOPT;
	if (level == L_IP && name == IP_LOCAL_PORT_RANGE_ && len != sizeof v)
		return -EINVAL;
	if (len >= sizeof v)
		memcpy(&v, val, sizeof v);
	else if (level == L_IP && len)
		v = *(const uint8_t *)val;
	else
		return -EINVAL;
	err = may_set(i, t, o, v);
	if (err)
		return err;
	if (o->least == 0 && o->most == 1)
		v = v != 0;
	if (v < o->least || v > o->most)
		return -EINVAL;
	i->value[o - options] = v;
	if (level == L_IPV6 && name == IPV6_V6ONLY_)
		i->v6only = v;
	if (s->ops == &tcp_ops)
		usertcp_options(tcp_sk(s));
	return 0;
}

/* --- Getting --- */

static int answer(void *val, uint32_t *len, const void *from, uint32_t size)
{
	if (*len > size)
		*len = size;
	memcpy(val, from, *len);
	return 0;
}

static int32_t mss(const struct sock *s)
{
	return s->ops == &tcp_ops && !((const struct tcp_sock *)(const void *)s)->wire ? MSS_LO : MSS_WIRE;
}

/* struct tcp_info, as far as there is something to tell. */
static int get_info(struct sock *s, void *val, uint32_t *len)
{
	static const uint8_t state[] = { [SOCK_CLOSED] = 7, [SOCK_LISTENING] = 10, [SOCK_CONNECTING] = 2,
					 [SOCK_CONNECTED] = 1 };
	const struct tcp_sock *t = tcp_sk(s);
	uint32_t v[26] = { 0 };
	uint8_t st = state[s->state];

	if (s->state == SOCK_CONNECTED)
		st = t->fin_received ? 8 : t->fin_sent ? 5 : st;	/* CLOSE_WAIT, FIN_WAIT2 */
	memcpy(v, &st, 1);
	v[2] = 200000;		/* tcpi_rto */
	v[4] = v[5] = s->state == SOCK_CONNECTED ? (uint32_t)mss(s) : 536;	/* tcpi_snd_mss, tcpi_rcv_mss */
	if (s->state == SOCK_LISTENING) {
		v[6] = s->queued;	/* tcpi_unacked */
		v[7] = s->backlog;	/* tcpi_sacked */
	}
	v[15] = 65535;		/* tcpi_pmtu */
	return answer(val, len, v, sizeof v);
}

/* Of the interface that a connected socket sends through. */
static uint32_t mtu(const struct inet_sock *i)
{
	const struct netdev *d = netdev_of_address(i->s.net, i->local.ip);

	return d ? d->mtu : netdev_at(i->s.net, NETDEV_LO)->mtu;
}

uint32_t inet_port_range(const struct inet_sock *i)
{
	return (uint32_t)value(i, L_IP, IP_LOCAL_PORT_RANGE_);
}

int32_t inet_value(const struct inet_sock *i, int level, int name)
{
	return value(i, level, name);
}

static int get_value(const struct inet_sock *i, const struct option *o)
{
	int32_t v = i->value[o - options];

	if (o->level == L_IP && o->name == IP_TTL_)
		return v < 0 ? 64 : v;
	if (o->level == L_IPV6 && o->name == IPV6_UNICAST_HOPS_)
		return v < 0 ? 64 : v;
	if (o->level == L_IPV6 && o->name == IPV6_TCLASS_ && v < 0)
		return 0;
	if (o->level == L_TCP && o->name == TCP_MAXSEG_)
		return i->s.state == SOCK_CONNECTED ? mss(&i->s) : v ? v : 536;
	return v;
}

int inet_get_option(struct sock *s, struct task *t, int level, int name, void *val, uint32_t *len)
{
	struct inet_sock *i = inet_sk(s);
	const struct option *o = find(i, level, name);
	int32_t v;

	(void)t;
	if (level == L_TCP && name == TCP_CONGESTION_ && inet_is_tcp(s))
		return answer(val, len, i->congestion, sizeof i->congestion);
	if (level == L_TCP && name == TCP_INFO_ && inet_is_tcp(s))
		return get_info(s, val, len);
	if (level == L_IP && name == IP_OPTIONS_) {
		*len = 0;
		return 0;
	}
	if ((level == L_IP && name == IP_MTU_) || (level == L_IPV6 && s->family == AF_INET6 && name == IPV6_MTU_)) {
		if (s->state != SOCK_CONNECTED)
			return -ENOTCONN;
		v = (int32_t)mtu(i);
	} else if (level == L_IP && name == IP_MULTICAST_IF_) {
		v = 0;
	} else if (o) {
		v = get_value(i, o);
	} else {
		return -ENOPROTOOPT;
	}
	/* One byte, if there is room for no more and it fits. */
	if (level == L_IP && *len && *len < sizeof v && v >= 0 && v <= 255) {
		*len = 1;
		*(uint8_t *)val = (uint8_t)v;
		return 0;
	}
	return answer(val, len, &v, sizeof v);
}

/* --- With a datagram --- */

static void tell(struct sock_msg *m, int level, int type, const void *data, uint32_t len)
{
	struct sock_control *c = &m->extra[m->extras++];

	c->level = level;
	c->type = type;
	c->len = len;
	memcpy(c->data, data, len);
}

/* Of the interface that it came by. */
static int32_t index_of(const struct inet_sock *i, const struct packet *p)
{
	const struct netdev *d = inet_is_local(i->s.net, p->from.ip) ? NULL : netdev_of_address(i->s.net, p->to.ip);

	return d ? d->index : NETDEV_LO;
}

static void tell4(struct inet_sock *i, struct sock_msg *m, const struct packet *p)
{
	struct { int32_t index; uint8_t local[4], to[4]; } info = { .index = index_of(i, p) };
	int32_t ttl = p->ttl;

	memcpy(info.local, p->to.ip + 12, 4);
	memcpy(info.to, p->to.ip + 12, 4);
	if (value(i, L_IP, IP_PKTINFO_))
		tell(m, L_IP, IP_PKTINFO_, &info, sizeof info);
	if (value(i, L_IP, IP_RECVTTL_))
		tell(m, L_IP, IP_TTL_, &ttl, sizeof ttl);
	if (value(i, L_IP, IP_RECVTOS_))
		tell(m, L_IP, IP_TOS_, &p->tos, sizeof p->tos);
}

static void tell6(struct inet_sock *i, struct sock_msg *m, const struct packet *p)
{
	struct { uint8_t to[16]; int32_t index; } info = { .index = index_of(i, p) };
	int32_t hops = p->ttl, class = p->tos;

	memcpy(info.to, p->to.ip, 16);
	if (value(i, L_IPV6, IPV6_RECVPKTINFO_))
		tell(m, L_IPV6, IPV6_PKTINFO_, &info, sizeof info);
	if (value(i, L_IPV6, IPV6_RECVHOPLIMIT_))
		tell(m, L_IPV6, IPV6_HOPLIMIT_, &hops, sizeof hops);
	if (value(i, L_IPV6, IPV6_RECVTCLASS_))
		tell(m, L_IPV6, IPV6_TCLASS_, &class, sizeof class);
}

void inet_tell(struct inet_sock *i, struct sock_msg *m, const struct packet *p)
{
	if (i->s.family == AF_INET6)
		tell6(i, m, p);
	else
		tell4(i, m, p);
}
