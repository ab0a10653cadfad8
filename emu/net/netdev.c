/* SPDX-License-Identifier: MIT
 *
 * The interfaces, and the ioctls of net/core/dev_ioctl.c and net/ipv4/devinet.c that show them.  They are up from the
 * start; one that is taken down reaches nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/sys/user.h"
#include "emu/usernet/usernet.h"

enum {
	GIFNAME = 0x8910, GIFCONF = 0x8912, GIFFLAGS = 0x8913, SIFFLAGS = 0x8914, GIFADDR = 0x8915, SIFADDR = 0x8916,
	GIFDSTADDR = 0x8917, GIFBRDADDR = 0x8919, SIFBRDADDR = 0x891a, GIFNETMASK = 0x891b, SIFNETMASK = 0x891c,
	GIFMETRIC = 0x891d, GIFMTU = 0x8921, SIFMTU = 0x8922, GIFHWADDR = 0x8927, GIFINDEX = 0x8933, GIFTXQLEN = 0x8942,
	GIFMAP = 0x8970, ADDRT = 0x890b, DELRT = 0x890c,
};
enum { ETHER = 1, LOOPBACK = 772 /* ARPHRD_* */, LO_MTU = 65536, QUEUE = 1000, CAP_NET_ADMIN_ = 12 };
enum { SCOPE_HOST = 254, SCOPE_SITE = 200, SCOPE_GLOBAL = 0 };

/* --- What there is --- */

void netdev_add_lo(struct net *n)
{
	n->inet->dev[n->inet->devs++] = (struct netdev){
		.name = "lo", .index = NETDEV_LO, .type = LOOPBACK, .flags = NETDEV_LOOPBACK, .mtu = LO_MTU, .queue = QUEUE,
		.ip4 = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 }, .bits4 = 8, .scope4 = SCOPE_HOST,
		.ip6 = { [15] = 1 }, .bits6 = 128, .scope6 = SCOPE_HOST,
	};
}

void netdev_add_eth(struct net *n)
{
	struct netdev *d = &n->inet->dev[n->inet->devs++];

	*d = (struct netdev){
		.name = "eth0", .index = NETDEV_ETH, .type = ETHER, .flags = NETDEV_BROADCAST, .mtu = USERNET_MTU, .queue = QUEUE,
		.bits4 = 24, .scope4 = SCOPE_GLOBAL, .bits6 = 64, .scope6 = SCOPE_SITE,
	};
	memcpy(d->mac, usernet_mac, sizeof d->mac);
	memset(d->broadcast_mac, 0xff, sizeof d->broadcast_mac);
	memcpy(d->ip4, usernet_ip4, 16);
	memcpy(d->ip6, usernet_ip6, 16);
	memcpy(d->gateway4, usernet_gateway4, 16);
	memcpy(d->gateway6, usernet_gateway6, 16);
}

struct netdev *netdev_at(const struct net *n, int index)
{
	return index >= 1 && (unsigned)index <= n->inet->devs ? &n->inet->dev[index - 1] : NULL;
}

struct netdev *netdev_find(const struct net *n, const char *name)
{
	for (unsigned i = 0; i < n->inet->devs; i++)
		if (!strcmp(n->inet->dev[i].name, name))
			return &n->inet->dev[i];
	return NULL;
}

uint32_t netdev_flags(const struct netdev *d)
{
	return d->flags | (d->down ? 0 : NETDEV_UP | NETDEV_RUNNING);
}

void netdev_counts(const struct net *n, const struct netdev *d, struct netdev_count *in, struct netdev_count *out)
{
	struct usernet_count i, o;

	if (d->index == NETDEV_LO) {
		*in = *out = n->inet->lo;
		return;
	}
	usernet_counts(n->inet->user, &i, &o);
	*in = (struct netdev_count){ i.packets, i.bytes };
	*out = (struct netdev_count){ o.packets, o.bytes };
}

struct netdev *netdev_of_address(const struct net *n, const uint8_t ip[16])
{
	for (unsigned i = 0; i < n->inet->devs; i++) {
		struct netdev *d = &n->inet->dev[i];

		if (!memcmp(d->ip4, ip, 16) || !memcmp(d->ip6, ip, 16))
			return d;
	}
	return NULL;
}

struct netdev *netdev_towards(const struct net *n, const uint8_t ip[16])
{
	for (unsigned i = 0; i < n->inet->devs; i++) {
		struct netdev *d = &n->inet->dev[i];

		if (!d->down && !inet_is_any(inet_is_v4(ip) ? d->gateway4 : d->gateway6))
			return d;
	}
	return NULL;
}

uint32_t netdev_mask4(const struct netdev *d)
{
	return htonl(UINT32_MAX << (32 - d->bits4));
}

uint32_t netdev_broadcast4(const struct netdev *d)
{
	uint32_t ip;

	memcpy(&ip, d->ip4 + 12, 4);
	return d->flags & NETDEV_BROADCAST ? ip | ~netdev_mask4(d) : 0;
}

/* --- Asked by ioctl --- */

/* struct ifreq of riscv32 */
struct ifreq_ { char name[16]; union { uint8_t bytes[16]; uint16_t half[8]; int32_t word[4]; }; };

static void put_address(struct ifreq_ *r, uint32_t ip)
{
	memset(r->bytes, 0, sizeof r->bytes);
	r->half[0] = AF_INET;
	memcpy(r->bytes + 4, &ip, 4);
}

static uint32_t four(const uint8_t ip[16])
{
	uint32_t v;

	memcpy(&v, ip + 12, 4);
	return v;
}

/* SIOCGIFCONF: what has an address. */
static int64_t list(struct net *n, struct task *t, uint32_t arg)
{
	int32_t conf[2], at = 0;	/* length, buffer */

	if (user_read(t, conf, arg, sizeof conf))
		return -EFAULT;
	for (unsigned i = 0; i < n->inet->devs; i++) {
		const struct netdev *d = &n->inet->dev[i];
		struct ifreq_ r = { 0 };

		if (d->down || (conf[1] && conf[0] - at < (int32_t)sizeof r))
			continue;
		strcpy(r.name, d->name);
		put_address(&r, four(d->ip4));
		if (conf[1] && user_write(t, (uint32_t)conf[1] + (uint32_t)at, &r, sizeof r))
			return -EFAULT;
		at += (int32_t)sizeof r;
	}
	conf[0] = at;
	return user_write(t, arg, conf, sizeof conf);
}

static int set(struct netdev *d, struct task *t, uint32_t cmd, const struct ifreq_ *r)
{
	uint32_t ip;

	if (!task_capable(t, CAP_NET_ADMIN_))
		return -EPERM;
	memcpy(&ip, r->bytes + 4, 4);
	switch (cmd) {
	case SIFFLAGS:
		d->down = !(r->half[0] & NETDEV_UP);
		return 0;
	case SIFADDR:		/* the one it has, or none at all */
		if (r->half[0] != AF_INET)
			return -EINVAL;
		return ip == four(d->ip4) ? 0 : -EADDRNOTAVAIL;
	case SIFBRDADDR:
		return ip == netdev_broadcast4(d) ? 0 : -EINVAL;
	case SIFNETMASK:
		return ip == netdev_mask4(d) ? 0 : -EINVAL;
	}
	return r->word[0] == (int32_t)d->mtu ? 0 : -EINVAL;		/* SIFMTU */
}

/* 0: *r is the answer. */
static int get(const struct netdev *d, uint32_t cmd, struct ifreq_ *r)
{
	switch (cmd) {
	case GIFADDR: case GIFDSTADDR:
		put_address(r, four(d->ip4));
		return d->down ? -EADDRNOTAVAIL : 0;
	case GIFNETMASK:
		put_address(r, netdev_mask4(d));
		return d->down ? -EADDRNOTAVAIL : 0;
	case GIFBRDADDR:
		put_address(r, netdev_broadcast4(d));
		return d->down ? -EADDRNOTAVAIL : 0;
	}
	memset(r->bytes, 0, sizeof r->bytes);
	switch (cmd) {
	case GIFFLAGS:
		r->half[0] = (uint16_t)netdev_flags(d);
		return 0;
	case GIFMTU:
		r->word[0] = (int32_t)d->mtu;
		return 0;
	case GIFHWADDR:
		r->half[0] = d->type;
		memcpy(r->bytes + 2, d->mac, sizeof d->mac);
		return 0;
	case GIFINDEX:
		r->word[0] = d->index;
		return 0;
	case GIFTXQLEN:
		r->word[0] = (int32_t)d->queue;
		return 0;
	}
	return 0;	/* GIFMETRIC, GIFMAP: zeros */
}

int64_t netdev_ioctl(struct net *n, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct netdev *d;
	struct ifreq_ r;
	int err;

	switch (cmd) {
	case GIFCONF:
		return list(n, t, arg);
	case ADDRT: case DELRT:
		return task_capable(t, CAP_NET_ADMIN_) ? -EOPNOTSUPP : -EPERM;
	case GIFNAME: case GIFFLAGS: case SIFFLAGS: case GIFADDR: case SIFADDR: case GIFDSTADDR: case GIFBRDADDR:
	case SIFBRDADDR: case GIFNETMASK: case SIFNETMASK: case GIFMETRIC: case GIFMTU: case SIFMTU: case GIFHWADDR:
	case GIFINDEX: case GIFTXQLEN: case GIFMAP:
		break;
	default:
		return -ENOTTY;
	}
	if (user_read(t, &r, arg, sizeof r))
		return -EFAULT;
	r.name[15] = 0;
	d = cmd == GIFNAME ? netdev_at(n, r.word[0]) : netdev_find(n, r.name);
	if (!d)
		return -ENODEV;
	if (cmd == GIFNAME) {
		memset(r.name, 0, sizeof r.name);
		strcpy(r.name, d->name);
		return user_write(t, arg, &r, sizeof r);
	}
	if (cmd == SIFFLAGS || cmd == SIFADDR || cmd == SIFBRDADDR || cmd == SIFNETMASK || cmd == SIFMTU)
		return set(d, t, cmd, &r);
	err = get(d, cmd, &r);
	return err ? err : user_write(t, arg, &r, sizeof r);
}
