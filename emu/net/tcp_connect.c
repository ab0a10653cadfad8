/* SPDX-License-Identifier: MIT
 *
 * TCP connections being made: connect(2), listen(2), accept(2) (net/ipv4/af_inet.c, tcp_ipv4.c, inet_connection_sock.c).
 *
 * connect(2) makes the connection at once if the listener's queue has room, but says EINPROGRESS all the same where it
 * must not wait, as the kernel does whose answer comes a moment later.  A client of a full listener waits in
 * its list until somebody accepts, or until it would have given up sending its first segment again.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/net/tcp.h"

/* What the buffers of a connection grow to, if nobody has set them (tcp_wmem[2] of a machine of 64 MiB). */
enum { GROWN = 425984 };
enum { MOST_BETWEEN = 120 };	/* seconds: TCP_RTO_MAX */

bool tcp_full(const struct sock *listener) { return listener->queued > listener->backlog; }

struct tcp_sock *tcp_listener(struct net *n, const struct inet_end *from, const struct inet_end *to)
{
	struct inet_port *p = inet_port_find(n, INET_TCP, to->port);
	struct inet_sock *best = NULL;
	unsigned left = p ? p->listening : 0;

	for (struct inet_sock *i = left ? p->first : NULL; i && left; i = i->port_next, left--) {
		if (i->s.state != SOCK_LISTENING || !inet_receives(i, to->ip))
			continue;
		if (!best || (inet_is_any(best->local.ip) && !inet_is_any(i->local.ip)))
			best = i;
	}
	best = inet_port_share_out(best, from, to);
	return best ? tcp_sk(&best->s) : NULL;
}

void tcp_made(struct tcp_sock *t)
{
	struct sock *s = &t->i.s;

	s->state = SOCK_CONNECTED;
	if (s->send_limit < GROWN && !s->send_limit_set)
		s->send_limit = GROWN;
}

int tcp_child(struct tcp_sock *l, const struct inet_end *local, const struct inet_end *remote, struct tcp_sock **out,
	      struct packet **packet)
{
	struct sock *ls = &l->i.s, *s;
	struct net *n = ls->net;
	struct tcp_sock *new;
	struct packet *p;
	int err = packet_new(n, NULL, 0, &p);

	if (err)
		return err;
	s = sock_alloc(n, sizeof *new, ls->ops, ls->family, ls->type, (int)ls->protocol, &err);
	if (!s) {
		packet_free(n, p);
		return err;
	}
	p->child = s;
	new = tcp_sk(s);
	sock_inherit(s, ls);
	memcpy(new->i.value, l->i.value, sizeof new->i.value);
	memcpy(new->i.congestion, l->i.congestion, sizeof new->i.congestion);
	new->i.v6only = l->i.v6only;
	new->i.uid = l->i.uid;
	new->i.host = -1;
	new->i.local = *local;
	new->i.remote = *remote;
	new->connecting = TCP_MADE;
	inet_port_share(&new->i, l->i.port);
	*out = new;
	*packet = p;
	return 0;
}

/* The other end of c's connection, in the listener's queue. */
static int establish(struct tcp_sock *c, struct tcp_sock *l)
{
	struct tcp_sock *new;
	struct packet *p;
	int err = tcp_child(l, &c->i.remote, &c->i.local, &new, &p);

	if (err)
		return err;
	tcp_set_peer(new, c);
	tcp_set_peer(c, new);
	tcp_made(new);
	tcp_made(c);
	netdev_count(l->i.s.net, 180);		/* three segments without data */
	packet_queue(&l->i.s, p);
	sock_wake(&c->i.s);
	return 0;
}

static struct machine *machine_of(const struct tcp_sock *t) { return t->i.s.net->machine; }

void tcp_leave(struct tcp_sock *c)
{
	struct tcp_sock *l = c->listener;

	if (!l)
		return;
	clock_event_remove(machine_of(c), &c->gives_up);
	*(c->client_prev ? &c->client_prev->client_next : &l->client_first) = c->client_next;
	*(c->client_next ? &c->client_next->client_prev : &l->client_last) = c->client_prev;
	c->listener = NULL;
}

static void give_up(struct clock_event *e)
{
	struct tcp_sock *c = (struct tcp_sock *)(void *)((char *)e - offsetof(struct tcp_sock, gives_up));

	tcp_leave(c);
	tcp_refuse(c, ETIMEDOUT);
}

/* tcp_retransmit_timer(): the first segment goes again after 1 s, 2 s, 4 s more, ... as often as TCP_SYNCNT says. */
static int wait_at(struct tcp_sock *c, struct tcp_sock *l)
{
	int32_t tries = inet_value(&c->i, IPPROTO_TCP, TCP_SYNCNT);
	uint64_t seconds = 0, step = 1;

	for (int32_t n = 0; n <= tries; n++, step = step < MOST_BETWEEN ? 2 * step : MOST_BETWEEN)
		seconds += step < MOST_BETWEEN ? step : MOST_BETWEEN;
	c->gives_up.expires = clock_monotonic(machine_of(c)) + seconds * 1000000000;
	c->gives_up.fire = give_up;
	if (clock_event_add(machine_of(c), &c->gives_up))
		return -ENOMEM;
	c->i.s.state = SOCK_CONNECTING;
	c->listener = l;
	c->client_next = NULL;
	c->client_prev = l->client_last;
	*(l->client_last ? &l->client_last->client_next : &l->client_first) = c;
	l->client_last = c;
	return 0;
}

void tcp_refuse(struct tcp_sock *c, int err)
{
	struct sock *s = &c->i.s;

	s->state = SOCK_CLOSED;
	s->error = err;
	c->i.remote = (struct inet_end){ 0 };
	if (!c->i.has_addr)
		inet_forget_address(&c->i);
	if (!c->i.has_port)
		inet_port_put(&c->i);
	sock_wake(s);
}

/* There is room in l's queue: for those who wait. */
static void admit(struct tcp_sock *l)
{
	while (l->client_first && !tcp_full(&l->i.s)) {
		struct tcp_sock *c = l->client_first;

		tcp_leave(c);
		if (establish(c, l))
			tcp_refuse(c, ETIMEDOUT);
	}
}

static int begin(struct tcp_sock *c, const struct inet_end *dest)
{
	struct inet_end from, to;
	struct tcp_sock *l;
	int where = inet_route(&c->i, dest, &to, &from), err = 0;

	if (where < 0)
		return where;
	if (where == INET_HERE ? !inet_is_local(c->i.s.net, to.ip) : inet_kind_of(to.ip) != INET_FOREIGN)
		return -ENETUNREACH;
	memcpy(c->i.local.ip, from.ip, sizeof from.ip);
	if (!c->i.port)
		err = inet_port_get(&c->i, 0, &to);
	if (!err) {
		c->i.remote = to;
		err = where == INET_OUTSIDE ? usertcp_connect(c, &to) : 0;
	}
	if (err) {
		tcp_refuse(c, 0);
		return err;
	}
	if (where == INET_OUTSIDE)
		return 0;
	l = tcp_listener(c->i.s.net, &c->i.local, &to);
	if (!l)
		tcp_refuse(c, ECONNREFUSED);
	else if (tcp_full(&l->i.s) ? wait_at(c, l) : establish(c, l))
		tcp_refuse(c, ETIMEDOUT);
	return 0;
}

int tcp_sock_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct tcp_sock *c = tcp_sk(s);
	struct inet_end dest;
	int err;

	if (a->len < 2)
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		tcp_disconnect(c);
		return 0;
	}
	switch (c->connecting) {
	case TCP_MADE:
		return -EISCONN;
	case TCP_UNDER_WAY:
		if (s->state == SOCK_CONNECTING)
			return -EALREADY;
		c->connecting = s->state == SOCK_CLOSED ? TCP_UNCONNECTED : TCP_MADE;
		if (s->state != SOCK_CLOSED)
			return 0;
		err = sock_error(s);
		return err ? err : -ECONNABORTED;
	case TCP_UNCONNECTED:
		break;
	}
	if (s->state != SOCK_CLOSED)
		return -EISCONN;
	err = inet_get_end(s, a, &dest);
	if (!err && s->family != a->family)
		err = -EAFNOSUPPORT;
	if (!err && inet_goes_to_host(s->net, dest.ip)) {
		err = inet_host_begin(&c->i, dest.ip);
		return err ? err : s->ops->connect(s, t, a, wait);
	}
	if (!err)
		err = begin(c, &dest);
	if (err)
		return err;
	c->connecting = TCP_UNDER_WAY;
	return -EINPROGRESS;
}

int tcp_sock_listen(struct sock *s, struct task *t, int backlog)
{
	struct inet_sock *i = inet_sk(s);
	int err;

	(void)t;
	if (tcp_sk(s)->connecting != TCP_UNCONNECTED || (s->state != SOCK_CLOSED && s->state != SOCK_LISTENING))
		return -EINVAL;
	s->backlog = (uint32_t)backlog;
	if (s->state == SOCK_LISTENING) {
		admit(tcp_sk(s));
		return 0;
	}
	if (!i->port) {
		err = inet_port_get(i, 0, NULL);
		if (err)
			return err;
	}
	/* Others with SO_REUSEADDR may have the port, but one only may listen. */
	if (inet_port_listened(i))
		return -EADDRINUSE;
	if (s->net->inet->user && inet_kind_of(i->local.ip) != INET_LOOPBACK) {
		err = usertcp_listen(i->port, s->net);
		if (err)
			return err;
	}
	inet_port_listens(i, true);
	s->state = SOCK_LISTENING;
	s->shut = 0;
	return 0;
}

int tcp_sock_accept(struct sock *s, struct sock **out)
{
	struct packet *p;

	if (s->state != SOCK_LISTENING)
		return -EINVAL;
	p = packet_take(s);
	if (!p)
		return -EAGAIN;
	*out = p->child;
	p->child = NULL;
	packet_free(s->net, p);
	admit(tcp_sk(s));
	return 0;
}
