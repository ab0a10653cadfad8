/* SPDX-License-Identifier: MIT
 *
 * The interfaces: lo, and with --net user eth0.  One record each, which ioctls (netdev.c), netlink (netlink.c), routing
 * (inet_addr.c), /proc/net and /sys show.  Their addresses are fixed; what can be changed is whether they are up.
 */
#ifndef EMU_NET_NETDEV_H
#define EMU_NET_NETDEV_H

#include <stdbool.h>
#include <stdint.h>

struct net;
struct task;

enum { NETDEV_LO = 1, NETDEV_ETH = 2, NETDEVS = 2 };	/* indices; how many there can be */
enum { NETDEV_UP = 1, NETDEV_BROADCAST = 2, NETDEV_LOOPBACK = 8, NETDEV_RUNNING = 0x40, NETDEV_LOWER_UP = 0x10000 };

struct netdev_count { uint64_t packets, bytes; };

struct netdev {
	const char *name;
	int index;
	uint16_t type;			/* ARPHRD_* */
	uint32_t flags;			/* IFF_*, without those that being up brings */
	uint32_t mtu, queue;
	uint8_t mac[6], broadcast_mac[6];
	uint8_t ip4[16], ip6[16];	/* its addresses, in IPv6 form; their networks' bits; their scopes */
	uint8_t bits4, bits6, scope4, scope6;
	uint8_t gateway4[16], gateway6[16];	/* where all else leads to; any address: nowhere */
	bool down;
};

/* By index or name; NULL: there is none. */
struct netdev *netdev_at(const struct net *n, int index);
struct netdev *netdev_find(const struct net *n, const char *name);
uint32_t netdev_flags(const struct netdev *d);
void netdev_counts(const struct net *n, const struct netdev *d, struct netdev_count *in, struct netdev_count *out);
void netdev_add_lo(struct net *n);
void netdev_add_eth(struct net *n);
/* Whose address is it?  Up or not. */
struct netdev *netdev_of_address(const struct net *n, const uint8_t ip[16]);
/* The interface that leads there, which is up: not to its own addresses.  NULL: none. */
struct netdev *netdev_towards(const struct net *n, const uint8_t ip[16]);
/* The network's mask and broadcast address, as they lie in memory. */
uint32_t netdev_mask4(const struct netdev *d);
uint32_t netdev_broadcast4(const struct netdev *d);

int64_t netdev_ioctl(struct net *n, struct task *t, uint32_t cmd, uint32_t arg);

#endif
