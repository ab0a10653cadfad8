/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "emu/host/clock.h"
#include "emu/net/inet.h"

enum { MOST = 4096 };					/* net.ipv4.tcp_max_tw_buckets: beyond it none is kept */
#define KEPT UINT64_C(60000000000)			/* TCP_TIMEWAIT_LEN, ns */

static void drop(struct net *n, struct inet_tw *w)
{
	struct inet_net *in = n->inet;

	*(w->older ? &w->older->younger : &in->tw_first) = w->younger;
	*(w->younger ? &w->younger->older : &in->tw_last) = w->older;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	in->tws--;
	inet_port_unused(w->port);
	free(w);
}

void inet_tw_expire(struct net *n)
{
	uint64_t now;

	if (!n->inet->tw_first)
		return;
	now = clock_monotonic(n->machine);
	while (n->inet->tw_first && n->inet->tw_first->until <= now)
		drop(n, n->inet->tw_first);
}

void inet_tw_clear(struct net *n)
{
	while (n->inet->tw_first)
		drop(n, n->inet->tw_first);
}

void inet_tw_add(struct inet_sock *i)
{
	struct inet_net *in = i->s.net->inet;
	struct inet_tw *w;

	inet_tw_expire(i->s.net);
	if (!i->port || in->tws >= MOST)
		return;
	w = calloc(1, sizeof *w);
	if (!w)
		return;
	w->port = i->port;
	w->local = i->local;
	w->remote = i->remote;
	w->until = clock_monotonic(i->s.net->machine) + KEPT;
	w->uid = i->uid;
	w->family = i->s.family;
	w->reuse = i->s.reuse;
	w->reuse_port = i->s.reuse_port;
	w->v6only = i->v6only;
	w->exclusive = i->exclusive;
	w->next = i->port->tw;
	w->link = &i->port->tw;
	if (w->next)
		w->next->link = &w->next;
	i->port->tw = w;
	w->older = in->tw_last;
	*(in->tw_last ? &in->tw_last->younger : &in->tw_first) = w;
	in->tw_last = w;
	in->tws++;
}
