/* SPDX-License-Identifier: MIT
 *
 * What lies in the queues of sockets.
 *
 * A packet is one piece of host memory.  It is charged for as the kernel would charge for its skb, so that as many fit in
 * a buffer as there: the payload in a power of two together with what describes it, and the description of the skb itself.
 * Who sent it pays (sock.sent, limited by SO_SNDBUF); in the internet families who has it in its queue pays, too
 * (sock.received, SO_RCVBUF).
 *
 * All packets of the machine together are limited to 64 MiB.  Beyond that a socket has one small packet on its way at
 * most, so that nothing stands still; beyond twice that there is -ENOBUFS.
 */
#ifndef EMU_NET_PACKET_H
#define EMU_NET_PACKET_H

#include "emu/net/net.h"

/* An address of the internet families: IPv4 as ::ffff:a.b.c.d. */
struct inet_end { uint8_t ip[16]; uint16_t port; };

struct packet {
	struct packet *next;
	struct sock *owner;		/* who sent it, and pays: a reference; or NULL */
	struct sock *child;		/* a connection to be accepted: a reference */
	struct scm_files *files;
	struct sock_cred cred;
	uint64_t stamp;			/* ns since 1970; 0: nobody asked */
	uint32_t len, at;		/* bytes, and how many of them have been taken */
	uint32_t room;			/* bytes that fit */
	uint32_t charge;
	struct inet_end from, to;	/* datagrams of the internet families */
	uint8_t ttl, tos;
	bool urgent;			/* sent with MSG_OOB */
	uint8_t data[];
};

/* What a packet of len bytes costs. */
uint32_t packet_charge(uint32_t len);
/*
 * A packet with room for len bytes, charged to owner (which may be NULL).  -EAGAIN: the owner's buffer is full,
 * -ENOBUFS, -ENOMEM.
 */
int packet_new(struct net *n, struct sock *owner, uint32_t len, struct packet **out);
/* Gives back what it holds.  Descriptors in it are closed. */
void packet_free(struct net *n, struct packet *p);
/*
 * Bytes that s has given to somebody who keeps them outside of packets (lwIP): charged as those, until they are repaid.
 * How many of n may be taken now; 0: wait until some of its own are repaid.
 */
uint32_t packet_lend(struct sock *s, uint32_t n);
void packet_repay(struct sock *s, uint32_t n);
/* At the end of s's queue; s is woken. */
void packet_queue(struct sock *s, struct packet *p);
/* The first is taken out of the queue, not freed; NULL: none. */
struct packet *packet_take(struct sock *s);
/* Does s still have room to send?  What poll says, and when those who wait are woken. */
static inline bool packet_writable(const struct sock *s)
{
	return s->sent * UINT64_C(12) <= (uint64_t)s->send_limit * s->ops->writable;
}

#endif
