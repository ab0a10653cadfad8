/* SPDX-License-Identifier: MIT
 *
 * NETLINK_ROUTE, as far as C libraries (if_nameindex(), getifaddrs()) and ip(8) need it to see the interfaces, their addresses
 * and where they lead; and to take them up and down (net/core/rtnetlink.c, net/ipv4/devinet.c, fib_frontend.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/net/netlink.h"

enum { DONE = 3, NEWLINK = 16, GETLINK = 18, SETLINK = 19, NEWADDR = 20, GETADDR = 22, NEWROUTE = 24, GETROUTE = 26,
       LAST_TYPE = 123 };
enum { F_REQUEST = 1, F_MULTI = 2, F_DUMP = 0x300, CAP_NET_ADMIN_ = 12 };
enum { TABLE_MAIN = 254, PROTO_KERNEL = 2, PROTO_BOOT = 3, SCOPE_LINK = 253, SCOPE_UNIVERSE = 0, UNICAST = 1, LOCAL = 2 };

/* --- An answer being put together --- */

void netlink_put(struct netlink_answer *a, const void *data, uint32_t len)
{
	uint32_t padded = (len + 3) & ~3u;

	if (padded > sizeof a->bytes - a->len)
		return;			/* there is room for all that there is to say */
	memcpy(a->bytes + a->len, data, len);
	memset(a->bytes + a->len + len, 0, padded - len);
	a->len += padded;
}

void netlink_begin(struct netlink_answer *a, uint16_t type, uint16_t flags, const struct netlink_header *to, uint32_t pid)
{
	struct netlink_header h = { .type = type, .flags = flags, .seq = to->seq, .pid = pid };

	a->message = a->len;
	netlink_put(a, &h, sizeof h);
}

void netlink_finish(struct netlink_answer *a)
{
	uint32_t len = a->len - a->message;

	memcpy(a->bytes + a->message, &len, sizeof len);
}

static void attribute(struct netlink_answer *a, uint16_t type, const void *data, uint16_t len)
{
	uint16_t h[2] = { (uint16_t)(len + 4), type };

	netlink_put(a, h, sizeof h);
	netlink_put(a, data, len);
}

/* --- What there is --- */

static void link(struct netlink_answer *a, const struct net *n, const struct netdev *d, const struct netlink_header *to, uint32_t pid,
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
	netlink_begin(a, NEWLINK, flags, to, pid);
	netlink_put(a, &info, sizeof info);
	attribute(a, 3 /* IFLA_IFNAME */, d->name, (uint16_t)(strlen(d->name) + 1));
	attribute(a, 13 /* IFLA_TXQLEN */, &d->queue, sizeof d->queue);
	attribute(a, 16 /* IFLA_OPERSTATE */, &state, sizeof state);
	attribute(a, 4 /* IFLA_MTU */, &d->mtu, sizeof d->mtu);
	attribute(a, 6 /* IFLA_QDISC */, "noqueue", 8);
	attribute(a, 1 /* IFLA_ADDRESS */, d->mac, sizeof d->mac);
	attribute(a, 2 /* IFLA_BROADCAST */, d->broadcast_mac, sizeof d->broadcast_mac);
	attribute(a, 7 /* IFLA_STATS */, stats, sizeof stats);
	netlink_finish(a);
}

static void addr(struct netlink_answer *a, const struct netdev *d, const struct netlink_header *to, uint32_t pid, uint8_t family)
{
	struct { uint8_t family, prefix, flags, scope; uint32_t index; } info = {
		family, d->bits4, 0x80, d->scope4, (uint32_t)d->index
	};
	uint32_t broadcast = netdev_broadcast4(d);

	if (family == AF_INET6) {
		info.prefix = d->bits6;
		info.scope = d->scope6;
	}
	netlink_begin(a, NEWADDR, F_MULTI, to, pid);
	netlink_put(a, &info, sizeof info);
	if (family == AF_INET6) {
		attribute(a, 1 /* IFA_ADDRESS */, d->ip6, 16);
	} else {
		attribute(a, 1, d->ip4 + 12, 4);
		attribute(a, 2 /* IFA_LOCAL */, d->ip4 + 12, 4);
		if (broadcast)
			attribute(a, 4 /* IFA_BROADCAST */, &broadcast, sizeof broadcast);
		attribute(a, 3 /* IFA_LABEL */, d->name, (uint16_t)(strlen(d->name) + 1));
	}
	netlink_finish(a);
}

/* --- Routes --- */

struct route {
	const struct netdev *d;
	const uint8_t *to, *gateway, *source;	/* NULL: not told */
	uint8_t bits, table, proto, scope, type;
};

static void route(struct netlink_answer *a, const struct route *r, const struct netlink_header *h, uint32_t pid, uint16_t flags, uint8_t family)
{
	struct { uint8_t family, bits, from_bits, tos, table, proto, scope, type; uint32_t flags; } info = {
		family, r->bits, 0, 0, r->table, r->proto, r->scope, r->type, 0
	};
	uint16_t size = family == AF_INET6 ? 16 : 4;
	uint32_t skip = 16u - size, table = r->table;

	netlink_begin(a, NEWROUTE, flags, h, pid);
	netlink_put(a, &info, sizeof info);
	attribute(a, 15 /* RTA_TABLE */, &table, sizeof table);
	if (r->to)
		attribute(a, 1 /* RTA_DST */, r->to + skip, size);
	if (r->source)
		attribute(a, 7 /* RTA_PREFSRC */, r->source + skip, size);
	if (r->gateway)
		attribute(a, 5 /* RTA_GATEWAY */, r->gateway + skip, size);
	attribute(a, 4 /* RTA_OIF */, &r->d->index, sizeof r->d->index);
	netlink_finish(a);
}

/* The main table: the interfaces' networks, but for lo's, and where all else goes. */
static void routes(struct netlink_answer *a, const struct net *n, const struct netlink_header *h, uint32_t pid, uint8_t family)
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
		route(a, &(struct route){ d, NULL, gateway, NULL, 0, TABLE_MAIN, PROTO_BOOT, SCOPE_UNIVERSE, UNICAST }, h, pid,
		      F_MULTI, family);
		route(a, &(struct route){ d, network, NULL, six ? NULL : d->ip4, bits, TABLE_MAIN, PROTO_KERNEL,
					  six ? SCOPE_UNIVERSE : SCOPE_LINK, UNICAST }, h, pid, F_MULTI, family);
	}
}

/* ip route get: which way goes a packet to RTA_DST? */
static int route_to(struct netlink_answer *a, const struct net *n, const struct netlink_header *h, const uint8_t *body,
		    uint32_t len, uint32_t pid)
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

static void dump(struct netlink_answer *a, const struct net *n, const struct netlink_header *h, uint32_t pid, uint8_t family)
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
	netlink_begin(a, DONE, F_MULTI, h, pid);
	netlink_put(a, &none, sizeof none);
	netlink_finish(a);
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

int rtnetlink_serve(struct net *n, uint32_t pid, const struct task *t, const struct netlink_header *h, const uint8_t *body,
		    uint32_t len, struct netlink_answer *a)
{
	bool get = (h->type & 3) == 2;
	const struct netdev *d;

	if (!(h->flags & F_REQUEST) || h->type < NEWLINK)
		return 0;
	if (h->type > LAST_TYPE)
		return -EOPNOTSUPP;
	if (!len)
		return -EINVAL;
	if (get && (h->flags & F_DUMP) == F_DUMP) {
		dump(a, n, h, pid, body[0]);
		return 1;
	}
	if (h->type == GETLINK) {
		d = link_asked(n, body, len);
		if (!d)
			return -ENODEV;
		link(a, n, d, h, pid, 0);
		return 1;
	}
	if (h->type == GETROUTE)
		return route_to(a, n, h, body, len, pid);
	if (h->type == NEWLINK || h->type == SETLINK)
		return set_link(n, t, body, len);
	return !get && !task_capable(t, CAP_NET_ADMIN_) ? -EPERM : -EOPNOTSUPP;
}
