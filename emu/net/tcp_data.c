/* SPDX-License-Identifier: MIT
 *
 * What flows through TCP connections.
 *
 * Small writes fill the packet before them, as far as it has room and has not been looked at by the receiver.
 */
#include <errno.h>
#include <sys/socket.h>
#include "emu/net/stream.h"
#include "emu/net/tcp.h"

enum { PIECE = 65483 /* of lo: its MTU without headers */, LEAST = 1024 };

/* Room behind what was sent last, if it still lies there. */
static struct packet *last_of(const struct sock *from, const struct sock *to)
{
	struct packet *p = to->last;

	return p && p->owner == from && !p->urgent && p->len < p->room ? p : NULL;
}

/* n more bytes: 0 or -errno.  They lie in the peer's queue then. */
static int put(struct sock *s, struct sock *to, const struct sock_msg *m, size_t at, uint32_t *n, bool urgent)
{
	struct packet *p = urgent ? NULL : last_of(s, to);
	uint32_t here;
	int err;

	if (p) {
		here = p->room - p->len < *n ? p->room - p->len : *n;
		if (msg_read(m, at, p->data + p->len, here))
			return -EFAULT;
		p->len += here;
		*n = here;
		sock_wake_events(to, 0x41 /* POLLIN | POLLRDNORM */);
		return 0;
	}
	here = *n < PIECE ? *n : PIECE;
	err = packet_new(s->net, s, here < LEAST && !urgent ? LEAST : here, &p);
	if (err)
		return err;
	p->len = here;
	if (msg_read(m, at, p->data, here)) {
		packet_free(s->net, p);
		return -EFAULT;
	}
	p->urgent = urgent;
	if (urgent)
		to->urgent = p;
	packet_queue(to, p);
	*n = here;
	return 0;
}

/* sk_stream_error(): why nothing can be sent. */
static int64_t cannot(struct sock *s, struct sock_msg *m)
{
	int err = sock_error(s);

	if (!err)
		err = -EPIPE;
	m->broken = err == -EPIPE;
	return err;
}

int64_t tcp_send(struct sock *s, struct sock_msg *m)
{
	struct tcp_sock *t = tcp_sk(s);
	size_t sent = m->done, plain = m->len - ((m->flags & MSG_OOB) && m->len);
	int err = 0;

	if (s->state == SOCK_CONNECTING)
		return -EAGAIN;
	if (t->connecting == TCP_UNDER_WAY && s->state == SOCK_CONNECTED)
		t->connecting = TCP_MADE;
	if (s->error || (s->shut & SHUT_SEND) || s->state != SOCK_CONNECTED)
		return cannot(s, m);
	if (t->wire)
		return usertcp_send(t, m);
	if (!t->peer) {
		/* The other has closed: the first that it is sent comes back as a reset. */
		tcp_reset(t, EPIPE);
		return (int64_t)(m->len - m->done);
	}
	while (sent < m->len) {
		bool urgent = sent >= plain;
		uint32_t n = urgent ? 1 : (uint32_t)(plain - sent);

		err = put(s, &t->peer->i.s, m, sent, &n, urgent);
		if (err)
			break;
		if (urgent)
			stream_tell_urgent(&t->peer->i.s);
		sent += n;
		netdev_count(s->net, n);
	}
	return sent > m->done ? (int64_t)(sent - m->done) : err;
}

static int64_t nothing(struct sock *s)
{
	const struct tcp_sock *t = tcp_sk(s);

	if (t->fin_received)
		return 0;
	if (s->error)
		return sock_error(s);
	if (s->shut & SHUT_RECEIVE)
		return 0;
	return s->state == SOCK_CLOSED ? -ENOTCONN : -EAGAIN;
}

static const struct stream_ops receiving = { .nothing = nothing, .truncates = true };

int64_t tcp_receive(struct sock *s, struct sock_msg *m)
{
	int64_t n;

	if (s->state == SOCK_LISTENING)
		return -ENOTCONN;
	n = stream_receive(s, m, &receiving);
	if (n > 0 && !(m->flags & (MSG_PEEK | MSG_OOB)))
		usertcp_taken(tcp_sk(s), (size_t)n);
	return n;
}
