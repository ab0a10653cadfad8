/* SPDX-License-Identifier: MIT */
#include "emu/net/packet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* sizeof(struct sk_buff) and sizeof(struct skb_shared_info) of a kernel of 32 bits, in cache lines. */
enum { SKB_SIZE = 192, SHARED_SIZE = 256, HEAD_LIMIT = 4096 - SHARED_SIZE, PAGE = 4096 };
enum { SMALL = 4096 };
enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, POLLWRBAND_ = 0x200 };
#define ALL_PACKETS (UINT64_C(64) << 20)

/* alloc_skb_with_frags(): a linear part of up to a page, from kmalloc(), and pages. */
uint32_t packet_charge(uint32_t len)
{
	uint32_t head = len < HEAD_LIMIT ? len : HEAD_LIMIT, size = 64, pages = (len - head + PAGE - 1) / PAGE;

	while (size < head + SHARED_SIZE)
		size *= 2;
	return SKB_SIZE + size + pages * PAGE;
}

int packet_new(struct net *n, struct sock *owner, uint32_t len, struct packet **out)
{
	uint32_t charge = packet_charge(len);
	struct packet *p;

	/* sock_alloc_send_pskb(): the last one may go over the limit. */
	if (owner && owner->sent >= owner->send_limit)
		return -EAGAIN;
	if (n->bytes + charge > ALL_PACKETS) {
		if (owner && owner->sent)
			return -EAGAIN;
		if (!owner || charge > SMALL || n->bytes + charge > 2 * ALL_PACKETS)
			return -ENOBUFS;
	}
	p = malloc(sizeof *p + len);
	if (!p)
		return -ENOMEM;
	*p = (struct packet){ .len = len, .room = len, .charge = charge, .cred = { 0, 65534, 65534 } };
	if (owner) {
		p->owner = sock_get(owner);
		owner->sent += charge;
	}
	n->bytes += charge;
	*out = p;
	return 0;
}

uint32_t packet_lend(struct sock *s, uint32_t n)
{
	struct net *net = s->net;
	uint64_t all = net->bytes < ALL_PACKETS ? ALL_PACKETS - net->bytes : 0;
	uint32_t own = s->sent < s->send_limit ? s->send_limit - s->sent : 0;

	if (n > own)
		n = own;
	if (n > all)
		n = s->sent || net->bytes >= 2 * ALL_PACKETS ? (uint32_t)all : n < SMALL ? n : SMALL;
	s->sent += n;
	net->bytes += n;
	return n;
}

void packet_repay(struct sock *s, uint32_t n)
{
	s->sent -= n;
	s->net->bytes -= n;
}

void packet_free(struct net *n, struct packet *p)
{
	struct sock *owner = p->owner;

	n->bytes -= p->charge;
	scm_free(n, p->files);
	if (p->child)
		sock_put(p->child);
	if (owner) {
		bool full = !packet_writable(owner);

		owner->sent -= p->charge;
		/* Room appears when there was none: the edge that an epoll sees, too. */
		if (full && packet_writable(owner))
			sock_wake_events(owner, POLLOUT | POLLWRNORM_ | POLLWRBAND_);
		sock_put(owner);
	}
	free(p);
}

void packet_queue(struct sock *s, struct packet *p)
{
	p->next = NULL;
	if (s->last)
		s->last->next = p;
	else
		s->first = p;
	s->last = p;
	s->queued++;
	s->received += p->charge;
	sock_wake_events(s, POLLIN | POLLRDNORM_);
}

struct packet *packet_take(struct sock *s)
{
	struct packet *p = s->first;

	if (!p)
		return NULL;
	s->first = p->next;
	if (!s->first)
		s->last = NULL;
	s->queued--;
	s->received -= p->charge;
	return p;
}
