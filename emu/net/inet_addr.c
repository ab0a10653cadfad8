/* SPDX-License-Identifier: MIT
 *
 * Addresses of the internet families, and where they lead: to this machine, out through eth0 if there is one, or nowhere.
 */
#include "emu/net/inet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const uint8_t any[16], loopback6[16] = { [15] = 1 };
static const uint8_t loopback4[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };

bool inet_is_v4(const uint8_t ip[16])
{
	return !memcmp(ip, mapped, sizeof mapped);
}

bool inet_is_any(const uint8_t ip[16])
{
	return !memcmp(ip, any, 10) && (inet_is_v4(ip) ? !memcmp(ip + 12, any, 4) : !memcmp(ip + 10, any, 6));
}

enum inet_kind inet_kind_of(const uint8_t ip[16])
{
	if (inet_is_any(ip))
		return INET_ANY;
	if (!inet_is_v4(ip))
		return !memcmp(ip, loopback6, 16) ? INET_LOOPBACK : ip[0] == 0xff ? INET_MULTICAST : INET_FOREIGN;
	if (!memcmp(ip + 12, "\377\377\377\377", 4) || !memcmp(ip + 12, "\177\377\377\377", 4))
		return INET_BROADCAST;
	return ip[12] == 127 ? INET_LOOPBACK : (ip[12] & 0xf0) == 0xe0 ? INET_MULTICAST : INET_FOREIGN;
}

int inet_get_end(const struct sock *s, const struct sock_addr *a, struct inet_end *out)
{
	bool six = s->family == AF_INET6;

	*out = (struct inet_end){ 0 };
	if (six && a->len >= 2 && a->family == AF_INET6) {
		if (a->len < 24)
			return -EINVAL;
		memcpy(out->ip, a->bytes + 8, 16);
	} else {
		if (a->len < 16)
			return -EINVAL;
		/* A datagram of IPv6 may be sent to an address of IPv4. */
		if (a->family != AF_INET && (six || a->family != AF_UNSPEC))
			return -EAFNOSUPPORT;
		memcpy(out->ip, mapped, sizeof mapped);
		memcpy(out->ip + 12, a->bytes + 4, 4);
	}
	out->port = (uint16_t)(a->bytes[2] << 8 | a->bytes[3]);
	return 0;
}

void inet_forget_address(struct inet_sock *i)
{
	memset(i->local.ip, 0, sizeof i->local.ip);
	if (i->s.family == AF_INET)
		memcpy(i->local.ip, mapped, sizeof mapped);
}

void inet_put_end(const struct sock *s, const struct inet_end *e, struct sock_addr *out)
{
	bool six = s->family == AF_INET6;

	memset(out, 0, sizeof *out);
	out->family = s->family;
	out->len = six ? 28 : 16;
	out->bytes[2] = (uint8_t)(e->port >> 8);
	out->bytes[3] = (uint8_t)e->port;
	if (six)
		memcpy(out->bytes + 8, e->ip, 16);
	else
		memcpy(out->bytes + 4, e->ip + 12, 4);
}

bool inet_is_local(const struct net *n, const uint8_t ip[16])
{
	return inet_kind_of(ip) == INET_LOOPBACK || netdev_of_address(n, ip);
}

/* Through eth0: RTN_UNICAST, and broadcasts. */
static int outward(const struct inet_sock *i, const struct inet_end *dest, struct inet_end *from)
{
	const struct netdev *d = netdev_towards(i->s.net, dest->ip);

	if (!d)
		return -ENETUNREACH;
	if (inet_is_any(i->local.ip))
		memcpy(from->ip, inet_is_v4(dest->ip) ? d->ip4 : d->ip6, 16);
	else if (inet_kind_of(i->local.ip) == INET_LOOPBACK)
		return -EINVAL;		/* __mkroute_output() */
	return INET_OUTSIDE;
}

/* 255.255.255.255, or that of lo's network or eth0's. */
static bool is_broadcast(const struct net *n, const uint8_t ip[16])
{
	const struct netdev *d = netdev_at(n, NETDEV_ETH);
	uint32_t own = d ? netdev_broadcast4(d) : 0;

	return inet_kind_of(ip) == INET_BROADCAST || (d && inet_is_v4(ip) && !memcmp(ip + 12, &own, 4));
}

static int to_broadcast(const struct inet_sock *i, const struct inet_end *dest, struct inet_end *from)
{
	if (!i->s.broadcast)
		return -EACCES;
	if (dest->ip[12] != 127)
		return outward(i, dest, from);
	if (inet_is_any(i->local.ip))
		memcpy(from->ip, loopback4, 16);
	return INET_HERE;
}

int inet_route(const struct inet_sock *i, const struct inet_end *dest, struct inet_end *to, struct inet_end *from)
{
	const struct net *n = i->s.net;
	enum inet_kind kind = inet_kind_of(dest->ip);
	const struct netdev *of;
	bool four = inet_is_v4(dest->ip);

	*to = *dest;
	*from = i->local;
	if (i->v6only && four)
		return -ENETUNREACH;
	if (kind == INET_ANY) {
		/* To whom it may concern here.  An IPv6 socket bound to an address of IPv4 means that one's. */
		four = four || inet_is_v4(i->local.ip);
		memcpy(to->ip, four ? loopback4 : loopback6, 16);
	}
	if (!inet_is_any(i->local.ip) && inet_is_v4(i->local.ip) != four)
		return -ENETUNREACH;
	if (is_broadcast(n, dest->ip))
		return n->inet->dev[0].down && dest->ip[12] == 127 ? -ENETUNREACH : to_broadcast(i, dest, from);
	of = kind == INET_ANY || kind == INET_LOOPBACK ? netdev_at(n, NETDEV_LO) : netdev_of_address(n, dest->ip);
	if (!of)
		return outward(i, dest, from);
	if (of->down)
		return -ENETUNREACH;
	if (inet_is_any(i->local.ip))
		memcpy(from->ip, of->index != NETDEV_LO ? dest->ip : four ? loopback4 : loopback6, 16);
	return INET_HERE;
}

bool inet_covers(const uint8_t bound[16], bool v6only, const uint8_t ip[16])
{
	if (!inet_is_any(bound))
		return !memcmp(bound, ip, 16);
	/* 0.0.0.0 has IPv4, :: has both unless it was told otherwise. */
	return inet_is_v4(bound) ? inet_is_v4(ip) : !v6only || !inet_is_v4(ip);
}

bool inet_receives(const struct inet_sock *i, const uint8_t ip[16])
{
	return inet_covers(i->local.ip, i->v6only, ip);
}
