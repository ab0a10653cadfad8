/* SPDX-License-Identifier: MIT
 *
 * AF_INET and AF_INET6 on the internal loopback: private to emu/net/, but for what /proc/net shows.
 *
 *	inet.c		families, names, binding, what is the same for all protocols
 *	inet_addr.c	addresses, and where they lead
 *	inet_port.c	ports: who has which
 *	time_wait.c	ports of connections that were closed
 *	inet_opt.c	options of the levels IP, IPV6, TCP
 *	tcp_connect.c	connections being made
 *	tcp.c		shut, and closed
 *	tcp_data.c	and what flows through them
 *	udp.c		datagrams
 *	icmp.c		raw sockets of ICMP, ping sockets, answers to them
 *	netdev.c	the interfaces: lo, and with --net user eth0
 *	hostnet.c	sockets of the host, if --net host allows them
 *	user.c		--net user: what leads out through eth0, and what comes in there
 *	usertcp.c	connections that go there
 *
 * Within the machine there is no wire: a connection is two sockets that point at each other, and what one sends lies in
 * the other's queue.  Neither segments nor acknowledgements exist, so nothing is lost, retransmitted or kept waiting.  All
 * addresses are kept in IPv6 form, IPv4 as ::ffff:a.b.c.d, so that the rules for both are the same.
 */
#ifndef EMU_NET_INET_H
#define EMU_NET_INET_H

#include "emu/net/net.h"
#include "emu/net/netdev.h"
#include "emu/net/packet.h"

/* Options that are a number: see inet_opt.c. */
enum { INET_VALUES = 64 };

struct inet_sock {
	struct sock s;				/* first */
	struct inet_end local, remote;		/* remote.port 0: not connected */
	bool has_addr, has_port;		/* bind(2) named them: they outlive a connection */
	bool exclusive;				/* got by bind(2) or listen(2): no connection of others may share it */
	bool v6only;
	uint32_t uid;				/* who made it */
	struct inet_port *port;			/* whose list it is in; NULL: has none */
	struct inet_sock *port_next, *port_prev;
	int32_t value[INET_VALUES];		/* of options */
	char congestion[16];
	int host;				/* the host's socket that it has become; -1: it is ours */
	int host_awaited;			/* of that: POLLIN ... that are listened to */
};

enum inet_proto { INET_TCP, INET_UDP, INET_PROTOS };

/* All sockets of one port. */
struct inet_port {
	struct tree_node node;
	struct tree *tree;
	uint16_t number;
	unsigned listening;			/* TCP: of them */
	struct inet_sock *first, *last;		/* those that listen first; none: only tw keeps it */
	struct inet_tw *tw;			/* closed connections of it */
	struct tcp_pcb *wire;			/* usertcp.c: what connections from outside come to; or NULL */
};

struct inet_net {
	struct tree ports[INET_PROTOS];
	struct inet_sock *icmp;			/* raw and ping sockets, by port_next */
	struct inet_tw *tw_first, *tw_last;	/* of all ports, the oldest first */
	unsigned tws;
	uint16_t first_free, last_free;		/* ports that are given out (net.ipv4.ip_local_port_range) */
	struct netdev dev[NETDEVS];		/* by index, from 1 */
	unsigned devs;
	struct netdev_count lo;			/* what went through it */
	struct usernet *user;			/* --net user; or NULL */
};

extern const struct sock_family inet_family, inet6_family;
extern const struct sock_ops tcp_ops, udp_ops;
int inet_net_new(struct net *n);
void inet_net_free(struct net *n);
static inline struct inet_sock *inet_sk(struct sock *s) { return (struct inet_sock *)(void *)s; }
static inline bool inet_is_tcp(const struct sock *s) { return s->type == 1 /* SOCK_STREAM */; }

/* --- inet.c: operations that the protocols share --- */
int inet_bind(struct sock *s, struct task *t, const struct sock_addr *a);
int inet_name_of(struct sock *s, bool peer, struct sock_addr *out);
int64_t inet_ioctl(struct sock *s, struct task *t, uint32_t cmd, uint32_t arg);

/* --- inet_addr.c --- */
enum inet_kind { INET_ANY, INET_LOOPBACK, INET_BROADCAST, INET_MULTICAST, INET_FOREIGN };
enum { INET_HERE, INET_OUTSIDE };	/* where a route leads */
enum inet_kind inet_kind_of(const uint8_t ip[16]);
bool inet_is_v4(const uint8_t ip[16]);
bool inet_is_any(const uint8_t ip[16]);		/* of either family */
/* From a guest's address for s: -EINVAL (too short), -EAFNOSUPPORT. */
int inet_get_end(const struct sock *s, const struct sock_addr *a, struct inet_end *out);
void inet_forget_address(struct inet_sock *i);	/* local: any, of its family */
/* For s's program, in the form of its family. */
void inet_put_end(const struct sock *s, const struct inet_end *e, struct sock_addr *out);
bool inet_is_local(const struct net *n, const uint8_t ip[16]);	/* this machine's, loopback or not */
/*
 * To whom s sends with that address: *to (any is loopback) and the source address *from, if s has none.  INET_HERE,
 * INET_OUTSIDE (through eth0), -ENETUNREACH, -EACCES (broadcast not allowed), -EINVAL (out with a source of lo's).
 */
int inet_route(const struct inet_sock *i, const struct inet_end *dest, struct inet_end *to, struct inet_end *from);
/* Does i, by what it is bound to, receive what is sent to `ip`?  And what is bound to `bound`? */
bool inet_receives(const struct inet_sock *i, const uint8_t ip[16]);
bool inet_covers(const uint8_t bound[16], bool v6only, const uint8_t ip[16]);

/* --- inet_port.c --- */
/*
 * Gives s the port, 0: any that is free of those given out, or of IP_LOCAL_PORT_RANGE's among these.  -EADDRINUSE, -EADDRNOTAVAIL, -ENOMEM.  remote: it is for a
 * connection to there, and may be another connection's to somewhere else; or NULL.
 */
int inet_port_get(struct inet_sock *i, uint16_t port, const struct inet_end *remote);
void inet_port_put(struct inet_sock *i);
/* An accepted socket has the port of its listener. */
void inet_port_share(struct inet_sock *i, struct inet_port *p);
/* Somebody listens on i's port where it would, too. */
bool inet_port_listened(const struct inet_sock *i);
/* It listens from now on, or not any more: its place in the list changes. */
void inet_port_listens(struct inet_sock *i, bool on);
struct inet_port *inet_port_find(struct net *n, enum inet_proto proto, uint16_t number);	/* NULL: nobody */
/*
 * best, a listener or a datagram socket, is for what comes from there.  Or one of those that share its address by
 * SO_REUSEPORT, always the same for the same two ends.  from NULL: not known yet.
 */
struct inet_sock *inet_port_share_out(struct inet_sock *best, const struct inet_end *from, const struct inet_end *to);

/* Nobody has it any more, perhaps: then it is freed. */
void inet_port_unused(struct inet_port *p);

/* --- time_wait.c --- */
/*
 * A connection that this machine was the first to close: its port is taken for a minute more, for those who bind without
 * SO_REUSEADDR (include/net/inet_timewait_sock.h).  Nothing else is left of it.
 */
struct inet_tw {
	struct inet_tw *older, *younger;	/* of all */
	struct inet_tw *next, **link;		/* of its port */
	struct inet_port *port;
	struct inet_end local, remote;
	uint64_t until;				/* monotonic ns */
	uint32_t uid;
	uint16_t family;
	bool reuse, reuse_port, v6only, exclusive;
};
void inet_tw_add(struct inet_sock *i);		/* i is closed; it still has its port.  For want of memory nothing is kept */
void inet_tw_expire(struct net *n);		/* whose time is over */
void inet_tw_clear(struct net *n);		/* all */

/* --- inet_opt.c --- */
void inet_options_init(struct inet_sock *i);
int inet_set_option(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len);
int inet_get_option(struct sock *s, struct task *t, int level, int name, void *val, uint32_t *len);
/* Control messages with a received datagram: IP_PKTINFO and so on. */
void inet_tell(struct inet_sock *i, struct sock_msg *m, const struct packet *p);
uint8_t inet_ttl(const struct inet_sock *i);
uint8_t inet_tos(const struct inet_sock *i);
int32_t inet_value(const struct inet_sock *i, int level, int name);	/* of one that is a number */
uint32_t inet_port_range(const struct inet_sock *i);	/* IP_LOCAL_PORT_RANGE: the last << 16 | the first, each 0: not limited */

/* --- hostnet.c --- */
bool inet_goes_to_host(const struct net *n, const uint8_t ip[16]);	/* only the host can reach it, and may be asked */
/* Makes s a socket of the host's, with other operations (s->ops), which is then to be asked again. */
int inet_host_begin(struct inet_sock *i, const uint8_t ip[16]);

/* --- udp.c, user.c --- */
/* A datagram that came is handed to r, or lost.  The data: len bytes of host memory. */
struct inet_datagram { struct inet_end from, to; uint8_t ttl, tos; };
struct packet *udp_room(struct inet_sock *r, uint32_t len, const struct inet_datagram *d);
int64_t udp_receive(struct sock *s, struct sock_msg *m);
unsigned udp_poll(struct sock *s, struct waiter *w);
int udp_shutdown(struct sock *s, int how);
struct inet_sock *udp_receiver(struct net *n, const struct inet_end *from, const struct inet_end *to);
/* icmp.c: type SOCK_RAW or SOCK_DGRAM; what comes from outside. */
struct usernet_packet;
int icmp_create(struct net *n, struct task *t, int family, int type, struct sock **out);
void icmp_receive(struct net *n, const struct usernet_packet *p);
/* --net user.  0, or -errno and the reason in why. */
struct usernet_config;
int inet_user_start(struct net *n, const struct usernet_config *c, char *why);
void inet_user_stop(struct net *n);
/* s sends a datagram through eth0: its length, or -errno. */
int64_t inet_user_send(struct inet_sock *i, const struct inet_end *from, const struct inet_end *to, const struct sock_msg *m);

static inline void netdev_count(struct net *n, size_t bytes)
{
	n->inet->lo.packets++;
	n->inet->lo.bytes += bytes;
}

#endif
