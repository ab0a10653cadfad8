/* SPDX-License-Identifier: MIT
 *
 * UDP on the internal loopback (net/ipv4/udp.c).  A datagram goes to the socket of its port that fits best: connected to
 * the sender, bound to the address, bound to any.  Where there is none, a connected sender is told ECONNREFUSED by its next
 * call.  What the receiver's buffer cannot take is lost.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/net/inet.h"

enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, POLLWRBAND_ = 0x200, POLLRDHUP_ = 0x2000 };
enum { LARGEST4 = 65507, LARGEST6 = 65527 };

static bool same(const struct inet_end *a, const struct inet_end *b)
{
	return a->port == b->port && !memcmp(a->ip, b->ip, sizeof a->ip);
}

/* --- Connecting --- */

static void disconnect(struct inet_sock *i)
{
	i->remote = (struct inet_end){ 0 };
	i->s.state = SOCK_CLOSED;
	if (!i->has_addr)
		inet_forget_address(i);
	if (!i->has_port)
		inet_port_put(i);
}

static int udp_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct inet_sock *i = inet_sk(s);
	struct inet_end dest, to, from;
	int err;

	if (a->len < 2)
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		disconnect(i);
		return 0;
	}
	if (!inet_get_end(s, a, &dest) && inet_goes_to_host(s->net, dest.ip)) {
		err = inet_host_begin(i, dest.ip);
		return err ? err : s->ops->connect(s, t, a, wait);
	}
	if (!i->port) {
		err = inet_port_get(i, 0, NULL);
		if (err)
			return err == -EADDRINUSE ? -EAGAIN : err;
	}
	err = inet_get_end(s, a, &dest);
	if (!err && i->remote.port && !i->has_addr)
		inet_forget_address(i);		/* another destination, another source */
	if (!err)
		err = inet_route(i, &dest, &to, &from);
	if (err < 0)
		return err;
	memcpy(i->local.ip, from.ip, sizeof from.ip);
	i->remote = to;
	s->state = SOCK_CONNECTED;
	return 0;
}

int udp_shutdown(struct sock *s, int how)
{
	s->shut |= (uint8_t)how;
	sock_wake(s);
	return s->state == SOCK_CONNECTED ? 0 : -ENOTCONN;
}

static void udp_release(struct sock *s)
{
	struct packet *p;

	s->dead = true;
	inet_port_put(inet_sk(s));
	while ((p = packet_take(s)))
		packet_free(s->net, p);
}

/* --- Sending --- */

/* How well i fits (0: not at all), as compute_score() reckons. */
static unsigned fit(const struct inet_sock *i, const struct inet_end *from, const struct inet_end *to)
{
	unsigned n = 1;

	if (!inet_receives(i, to->ip))
		return 0;
	if (i->remote.port) {
		if (!same(&i->remote, from))
			return 0;
		n += 4;
	}
	if (!inet_is_any(i->local.ip))
		n += 4;
	return n + (inet_is_v4(i->local.ip) ? 2 : 0);
}

struct packet *udp_room(struct inet_sock *to, uint32_t len, const struct inet_datagram *d)
{
	struct sock *r = &to->s;
	struct packet *p;

	if (r->received + packet_charge(len) > r->receive_limit || (r->shut & SHUT_RECEIVE) ||
	    packet_new(r->net, NULL, len, &p)) {
		r->drops++;
		return NULL;
	}
	p->from = d->from;
	p->to = d->to;
	p->ttl = d->ttl;
	p->tos = d->tos;
	p->stamp = (uint64_t)clock_realtime(r->net->machine);
	return p;
}

static void deliver(struct sock *s, const struct sock_msg *m, struct inet_sock *to, const struct inet_end *from,
		    const struct inet_end *at)
{
	struct inet_datagram d = { *from, *at, inet_ttl(inet_sk(s)), inet_tos(inet_sk(s)) };
	struct packet *p = udp_room(to, (uint32_t)m->len, &d);

	if (!p)
		return;
	msg_read(m, 0, p->data, m->len);	/* the caller has seen that it is there */
	packet_queue(&to->s, p);
}

/* To everybody there. */
static void broadcast(struct sock *s, const struct sock_msg *m, struct inet_port *p, const struct inet_end *from,
		      const struct inet_end *to)
{
	for (struct inet_sock *i = p ? p->first : NULL; i; i = i->port_next)
		if (fit(i, from, to))
			deliver(s, m, i, from, to);
}

struct inet_sock *udp_receiver(struct net *n, const struct inet_end *from, const struct inet_end *to)
{
	struct inet_port *p = inet_port_find(n, INET_UDP, to->port);
	struct inet_sock *best = NULL;
	unsigned most = 0;

	for (struct inet_sock *i = p ? p->first : NULL; i; i = i->port_next) {
		unsigned now = fit(i, from, to);

		if (now > most) {
			most = now;
			best = i;
		}
	}
	return inet_port_share_out(best, from, to);
}

/* As inet_route(). */
static int destination(struct inet_sock *i, const struct sock_msg *m, struct inet_end *to, struct inet_end *from)
{
	struct inet_end dest = i->remote;
	int err;

	if (m->name && m->name->len) {
		err = inet_get_end(&i->s, m->name, &dest);
		if (err)
			return err;
		if (!dest.port)
			return -EINVAL;
	} else if (i->s.state != SOCK_CONNECTED) {
		return -EDESTADDRREQ;
	}
	return inet_route(i, &dest, to, from);
}

static int64_t udp_send(struct sock *s, struct sock_msg *m)
{
	struct inet_sock *i = inet_sk(s), *r;
	struct inet_end to, from;
	uint8_t last;
	int where, err;

	if (m->len > 65535)
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->name && m->name->len && !inet_get_end(s, m->name, &to) && to.port && inet_goes_to_host(s->net, to.ip)) {
		err = inet_host_begin(i, to.ip);
		return err ? err : s->ops->send(s, m);
	}
	where = destination(i, m, &to, &from);
	err = where < 0 ? where : 0;
	if (!err && s->error)
		err = sock_error(s);
	if (!err && m->len > (inet_is_v4(to.ip) ? LARGEST4 : LARGEST6))
		err = -EMSGSIZE;
	if (!err && (s->shut & SHUT_SEND)) {
		m->broken = true;
		err = -EPIPE;
	}
	if (!err && !i->port)
		err = inet_port_get(i, 0, NULL);
	if (!err && m->len && msg_read(m, m->len - 1, &last, 1))
		err = -EFAULT;
	if (err)
		return err;
	from.port = i->local.port;
	if (where == INET_OUTSIDE)
		return inet_user_send(i, &from, &to, m);
	netdev_count(s->net, m->len);
	if (inet_kind_of(to.ip) == INET_BROADCAST) {
		broadcast(s, m, inet_port_find(s->net, INET_UDP, to.port), &from, &to);
		return (int64_t)m->len;
	}
	r = udp_receiver(s->net, &from, &to);
	if (r) {
		deliver(s, m, r, &from, &to);
	} else if (same(&i->remote, &to)) {
		/* ICMP says that the port cannot be reached; who is not connected to there is not told. */
		s->error = ECONNREFUSED;
		sock_wake(s);
	}
	return (int64_t)m->len;
}

/* --- Receiving --- */

static int64_t none(struct sock *s, const struct sock_msg *m)
{
	return (s->shut & SHUT_RECEIVE) && !(m->flags & MSG_DONTWAIT) ? 0 : -EAGAIN;
}

int64_t udp_receive(struct sock *s, struct sock_msg *m)
{
	struct packet *p = s->first;
	uint32_t n, whole;
	int err;

	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (s->error)
		return sock_error(s);
	if (!p)
		return none(s, m);
	whole = p->len;
	n = m->len < whole ? (uint32_t)m->len : whole;
	if (n < whole)
		m->out_flags |= MSG_TRUNC;
	m->stamp = s->stamp ? p->stamp : 0;
	if (m->name)
		inet_put_end(s, &p->from, m->name);
	inet_tell(inet_sk(s), m, p);
	err = msg_write(m, 0, p->data, n);
	if (!(m->flags & MSG_PEEK)) {
		packet_take(s);
		packet_free(s->net, p);
	}
	return err ? err : (int64_t)(m->flags & MSG_TRUNC ? whole : n);
}

unsigned udp_poll(struct sock *s, struct waiter *w)
{
	unsigned r = POLLOUT | POLLWRNORM_ | POLLWRBAND_;

	poll_wait(&s->wait, w);
	if (s->error)
		r |= POLLERR;
	if (s->shut & SHUT_RECEIVE)
		r |= POLLRDHUP_ | POLLIN | POLLRDNORM_;
	if (s->shut == SHUT_BOTH)
		r |= POLLHUP;
	if (s->first)
		r |= POLLIN | POLLRDNORM_;
	return r;
}

const struct sock_ops udp_ops = {
	.name = "UDP", .bind = inet_bind, .connect = udp_connect, .name_of = inet_name_of, .poll = udp_poll,
	.send = udp_send, .receive = udp_receive, .shutdown = udp_shutdown, .set_option = inet_set_option,
	.get_option = inet_get_option, .ioctl = inet_ioctl, .release = udp_release, .writable = 6,
};
