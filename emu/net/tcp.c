/* SPDX-License-Identifier: MIT
 *
 * TCP connections: shut, closed, asked whether they are ready (net/ipv4/tcp.c, tcp_input.c tcp_reset()).
 */
#include "emu/net/tcp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/net/sockopt.h"

enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, POLLRDHUP_ = 0x2000 };

void tcp_set_peer(struct tcp_sock *t, struct tcp_sock *peer)
{
	struct tcp_sock *old = t->peer;

	if (peer)
		sock_get(&peer->i.s);
	t->peer = peer;
	if (old)
		sock_put(&old->i.s);
}

/* --- Shutting and closing --- */

void tcp_reset(struct tcp_sock *t, int err)
{
	struct sock *s = &t->i.s;

	if (t->peer && t->peer->peer == t)
		tcp_set_peer(t->peer, NULL);
	tcp_set_peer(t, NULL);
	s->state = SOCK_CLOSED;
	s->shut = SHUT_BOTH;
	s->error = err;
	s->urgent = NULL;
	t->active = false;
	sock_wake(s);
}

void tcp_finish(struct tcp_sock *t)
{
	if (t->fin_sent && t->fin_received)
		t->i.s.state = SOCK_CLOSED;
}

static void send_fin(struct tcp_sock *t)
{
	struct tcp_sock *peer = t->peer;

	if (t->fin_sent)
		return;
	t->fin_sent = true;
	t->active = !t->fin_received;
	if (t->wire) {
		usertcp_fin(t);
		return;
	}
	netdev_count(t->i.s.net, 60);
	if (!peer)
		return;
	peer->fin_received = true;
	peer->i.s.shut |= SHUT_RECEIVE;
	tcp_finish(peer);
	sock_wake(&peer->i.s);
}

static int tcp_shutdown(struct sock *s, int how)
{
	struct tcp_sock *t = tcp_sk(s);

	if (s->state == SOCK_LISTENING && !(how & SHUT_RECEIVE)) {
		return 0;
	} else if (s->state == SOCK_LISTENING || s->state == SOCK_CONNECTING) {
		tcp_disconnect(t);
		return 0;
	}
	s->shut |= (uint8_t)how;
	if (s->state == SOCK_CLOSED) {
		sock_wake(s);
		return -ENOTCONN;
	}
	if (how & SHUT_SEND)
		send_fin(t);
	tcp_finish(t);
	sock_wake(s);
	return 0;
}

/* Those in its queue, and those who waited to get there. */
static void stop_listening(struct tcp_sock *l)
{
	struct sock *s = &l->i.s;
	struct packet *p;

	inet_port_listens(&l->i, false);
	s->state = SOCK_CLOSED;
	while ((p = packet_take(s))) {
		struct tcp_sock *child = tcp_sk(p->child);

		if (child->peer)
			tcp_reset(child->peer, ECONNRESET);
		else if (child->wire)
			usertcp_end(child, true);
		child->i.s.ops->release(&child->i.s);
		packet_free(s->net, p);
	}
	while (l->client_first) {
		struct tcp_sock *c = l->client_first;

		tcp_leave(c);
		tcp_refuse(c, ECONNREFUSED);
	}
}

static void drop_queue(struct sock *s)
{
	struct packet *p;

	s->urgent = NULL;
	while ((p = packet_take(s)))
		packet_free(s->net, p);
}

/* The connection ends: by a reset if what was received is thrown away, or if that is asked for. */
static void end(struct tcp_sock *t, bool hard)
{
	struct sock *s = &t->i.s;
	struct tcp_sock *peer = t->peer;

	if (s->state == SOCK_LISTENING)
		stop_listening(t);
	tcp_leave(t);
	hard = hard || s->first || (s->linger && !s->linger_seconds);
	if (t->wire) {
		t->active |= s->state == SOCK_CONNECTED && !t->fin_received;
		usertcp_end(t, hard);
	}
	if (hard)
		t->active = false;
	if (peer && hard) {
		tcp_reset(peer, peer->fin_received ? EPIPE : ECONNRESET);
	} else if (peer) {
		send_fin(t);
		tcp_set_peer(peer, NULL);
	}
	tcp_set_peer(t, NULL);
	drop_queue(s);
	s->state = SOCK_CLOSED;
}

/* connect(2) with AF_UNSPEC: it can connect, or listen, once more. */
void tcp_disconnect(struct tcp_sock *t)
{
	bool under_way = t->i.s.state == SOCK_CONNECTING;

	end(t, true);
	tcp_refuse(t, under_way ? ECONNRESET : 0);
	t->i.s.shut = 0;
	t->connecting = TCP_UNCONNECTED;
	t->fin_sent = t->fin_received = t->active = false;
}

static void tcp_release(struct sock *s)
{
	struct tcp_sock *t = tcp_sk(s);

	s->dead = true;
	end(t, false);
	s->shut = SHUT_BOTH;
	if (t->active)
		inet_tw_add(&t->i);
	inet_port_put(&t->i);
}

/* --- Readiness --- */

static unsigned tcp_poll(struct sock *s, struct waiter *w)
{
	unsigned r = 0;

	poll_wait(&s->wait, w);
	if (s->state == SOCK_LISTENING)
		return s->first ? POLLIN | POLLRDNORM_ : 0;
	if (s->shut == SHUT_BOTH || s->state == SOCK_CLOSED)
		r |= POLLHUP;
	if (s->shut & SHUT_RECEIVE)
		r |= POLLIN | POLLRDNORM_ | POLLRDHUP_;
	if (s->state != SOCK_CONNECTING) {
		if (s->first && s->first->at < s->first->len && (s->first != s->urgent || s->oob_inline))
			r |= POLLIN | POLLRDNORM_;
		else if (s->first && s->first->next && !s->first->next->urgent)
			r |= POLLIN | POLLRDNORM_;
		if ((s->shut & SHUT_SEND) || (packet_writable(s) && usertcp_writable(tcp_sk(s))))
			r |= POLLOUT | POLLWRNORM_;
		if (s->urgent)
			r |= POLLPRI;
	}
	return s->error ? r | POLLERR : r;
}

static void option_changed(struct sock *s, int name)
{
	if (name == G_SO_SNDBUF || name == G_SO_SNDBUFFORCE)
		s->send_limit_set = true;
	usertcp_options(tcp_sk(s));
}

const struct sock_ops tcp_ops = {
	.name = "TCP", .bind = inet_bind, .connect = tcp_sock_connect, .listen = tcp_sock_listen, .accept = tcp_sock_accept,
	.name_of = inet_name_of, .poll = tcp_poll, .send = tcp_send, .receive = tcp_receive, .shutdown = tcp_shutdown,
	.set_option = inet_set_option, .get_option = inet_get_option, .ioctl = inet_ioctl, .release = tcp_release,
	.option_changed = option_changed, .streams = true, .writable = 8,
	.peek_waits = true,
};
