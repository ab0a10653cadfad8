/* SPDX-License-Identifier: MIT
 *
 * Ports (net/ipv4/inet_connection_sock.c, udp.c): for each protocol a tree of those in use, each with its sockets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/net/tcp.h"

static struct inet_port *of_node(const struct tree_node *n) { return tree_entry(n, struct inet_port, node); }

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return of_node(a)->number < of_node(b)->number ? -1 : 1;
}

static const struct tree_ops port_ops = { .compare = compare };

int inet_net_new(struct net *n)
{
	n->inet = calloc(1, sizeof *n->inet);
	if (!n->inet)
		return -ENOMEM;
	for (int i = 0; i < INET_PROTOS; i++)
		tree_init(&n->inet->ports[i], &port_ops);
	n->inet->first_free = 32768;
	n->inet->last_free = 60999;
	netdev_add_lo(n);
	return 0;
}

void inet_net_free(struct net *n)
{
	inet_user_stop(n);
	inet_tw_clear(n);
	free(n->inet);
	n->inet = NULL;
}

struct inet_port *inet_port_find(struct net *n, enum inet_proto proto, uint16_t number)
{
	struct tree_node *t = n->inet->ports[proto].root;

	while (t && of_node(t)->number != number)
		t = number < of_node(t)->number ? t->left : t->right;
	return t ? of_node(t) : NULL;
}

/* --- A port's list --- */

static void link_in(struct inet_sock *i, struct inet_port *p, bool first)
{
	i->port = p;
	if (first) {
		i->port_prev = NULL;
		i->port_next = p->first;
		*(p->first ? &p->first->port_prev : &p->last) = i;
		p->first = i;
	} else {
		i->port_next = NULL;
		i->port_prev = p->last;
		*(p->last ? &p->last->port_next : &p->first) = i;
		p->last = i;
	}
}

static void unlink_from(struct inet_sock *i)
{
	struct inet_port *p = i->port;

	*(i->port_prev ? &i->port_prev->port_next : &p->first) = i->port_next;
	*(i->port_next ? &i->port_next->port_prev : &p->last) = i->port_prev;
	i->port = NULL;
}

void inet_port_share(struct inet_sock *i, struct inet_port *p)
{
	link_in(i, p, false);
}

void inet_port_listens(struct inet_sock *i, bool on)
{
	struct inet_port *p = i->port;

	unlink_from(i);
	p->listening += on ? 1u : -1u;
	link_in(i, p, on);
	if (!p->listening && p->wire)
		usertcp_unlisten(p, i->s.net);
}

void inet_port_put(struct inet_sock *i)
{
	struct inet_port *p = i->port;

	i->local.port = 0;
	i->exclusive = false;
	if (!p)
		return;
	if (i->s.state == SOCK_LISTENING)
		p->listening--;
	unlink_from(i);
	inet_port_unused(p);
}

void inet_port_unused(struct inet_port *p)
{
	if (p->first || p->tw)
		return;
	tree_remove(p->tree, &p->node);
	free(p);
}

/* --- Sharing out (net/core/sock_reuseport.c) --- */

static uint32_t hash(uint32_t h, const void *data, size_t len)
{
	for (const uint8_t *p = data; len; len--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

/* Of the same group?  That they have the port in common says that one user made them.  The connected take no part. */
static bool grouped(const struct inet_sock *a, const struct inet_sock *b)
{
	return b->s.reuse_port && b->s.state == a->s.state && b->s.family == a->s.family && b->v6only == a->v6only &&
	       !memcmp(a->local.ip, b->local.ip, sizeof a->local.ip);
}

struct inet_sock *inet_port_share_out(struct inet_sock *best, const struct inet_end *from, const struct inet_end *to)
{
	uint32_t h = 2166136261u, members = 0, left = UINT32_MAX;
	uint64_t turn;

	if (!best || !from || !best->s.reuse_port || best->remote.port)
		return best;
	/* Those that listen are the first in the list; behind them may be thousands of connections. */
	if (best->s.state == SOCK_LISTENING)
		left = best->port->listening;
	for (const struct inet_sock *o = best->port->first; o && left; o = o->port_next, left--)
		members += grouped(best, o);
	h = hash(hash(h, from->ip, sizeof from->ip), &from->port, sizeof from->port);
	h = hash(hash(h, to->ip, sizeof to->ip), &to->port, sizeof to->port);
	h ^= h >> 15;
	h *= 0x2c1b3c6du;
	turn = (uint64_t)(h ^ h >> 12) * members >> 32;
	for (struct inet_sock *o = best->port->first; o; o = o->port_next)
		if (grouped(best, o) && !turn--)
			return o;
	return best;
}

/* --- Who may have it --- */

/* Would one of them take what is meant for the other? */
static bool overlap(const struct inet_sock *a, const uint8_t ip[16], bool v6only)
{
	bool any_a = inet_is_any(a->local.ip), any_b = inet_is_any(ip);

	if (any_a && any_b) {
		bool four_a = inet_is_v4(a->local.ip), four_b = inet_is_v4(ip);

		return four_a == four_b || (four_a ? !v6only : !a->v6only);
	}
	return any_a ? inet_receives(a, ip) : inet_covers(ip, v6only, a->local.ip);
}

/* They have agreed to share. */
static bool shared(const struct inet_sock *a, const struct inet_sock *b)
{
	if (a->s.reuse_port && b->s.reuse_port && a->uid == b->uid)
		return true;
	return a->s.reuse && b->s.reuse &&
	       (!inet_is_tcp(&a->s) || (a->s.state != SOCK_LISTENING && b->s.state != SOCK_LISTENING));
}

static bool shared_tw(const struct inet_sock *a, const struct inet_tw *b)
{
	return (a->s.reuse && b->reuse) || (a->s.reuse_port && b->reuse_port && a->uid == b->uid);
}

static bool conflict(const struct inet_sock *i, const struct inet_port *p)
{
	for (const struct inet_sock *o = p->first; o; o = o->port_next)
		if (o != i && overlap(i, o->local.ip, o->v6only) && !shared(i, o))
			return true;
	for (const struct inet_tw *o = p->tw; o; o = o->next)
		if (overlap(i, o->local.ip, o->v6only) && !shared_tw(i, o))
			return true;
	return false;
}

bool inet_port_listened(const struct inet_sock *i)
{
	for (const struct inet_sock *o = i->port->first; o && i->port->listening; o = o->port_next)
		if (o->s.state == SOCK_LISTENING && overlap(i, o->local.ip, o->v6only) && !shared(i, o))
			return true;
	return false;
}

static bool same(const struct inet_end *a, const struct inet_end *b)
{
	return a->port == b->port && !memcmp(a->ip, b->ip, sizeof a->ip);
}

/* Is there such a connection already?  Ports that bind(2) has given out are not for others' connections. */
static bool connected(const struct inet_port *p, const struct inet_end *remote)
{
	for (const struct inet_sock *o = p->first; o; o = o->port_next)
		if (o->exclusive || !o->remote.port || same(&o->remote, remote))
			return true;
	for (const struct inet_tw *o = p->tw; o; o = o->next)
		if (o->exclusive || same(&o->remote, remote))
			return true;
	return false;
}

static int take(struct inet_sock *i, uint16_t number, struct inet_port *p, bool exclusive)
{
	if (!p) {
		p = calloc(1, sizeof *p);
		if (!p)
			return -ENOMEM;
		p->number = number;
		p->tree = &i->s.net->inet->ports[inet_is_tcp(&i->s) ? INET_TCP : INET_UDP];
		tree_insert(p->tree, &p->node);
	}
	link_in(i, p, false);
	i->local.port = number;
	i->exclusive = exclusive;
	return 0;
}

/* inet_sk_get_local_port_range(): a limit of the socket's that lies outside is none. */
static void given_out(const struct inet_sock *i, uint32_t *first, uint32_t *last)
{
	uint32_t own = inet_port_range(i), own_first = own & 0xffff, own_last = own >> 16;

	*first = i->s.net->inet->first_free;
	*last = i->s.net->inet->last_free;
	if (own_first >= *first && own_first <= *last)
		*first = own_first;
	if (own_last >= *first && own_last <= *last)
		*last = own_last;
}

int inet_port_get(struct inet_sock *i, uint16_t port, const struct inet_end *remote)
{
	enum inet_proto proto = inet_is_tcp(&i->s) ? INET_TCP : INET_UDP;
	struct inet_port *p;
	uint32_t start, first, last;

	inet_tw_expire(i->s.net);
	if (port) {
		p = inet_port_find(i->s.net, proto, port);
		return p && conflict(i, p) ? -EADDRINUSE : take(i, port, p, true);
	}
	entropy_bytes(i->s.net->machine, &start, sizeof start);
	given_out(i, &first, &last);
	for (uint32_t n = 0; n <= last - first; n++) {
		uint16_t number = (uint16_t)(first + (start + n) % (last - first + 1));

		p = inet_port_find(i->s.net, proto, number);
		if (!p || (remote && !connected(p, remote)))
			return take(i, number, p, !remote);
	}
	return remote ? -EADDRNOTAVAIL : -EADDRINUSE;
}
