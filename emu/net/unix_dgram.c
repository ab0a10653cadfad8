/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX datagrams and sequenced packets: one send, one packet, one receive.
 */
#include <errno.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/net/unix.h"

/* --- Sending --- */

/* To whom.  A peer that is gone is forgotten, by datagram sockets. */
static int destination(struct sock *s, struct sock_msg *m, struct unix_sock **out)
{
	struct unix_sock *u = unix_sk(s);

	if (m->name && m->name->len && s->type == SOCK_DGRAM)
		return unix_find(s, m->task, m->name, out);
	if (!u->peer)
		return -ENOTCONN;
	*out = u->peer;
	if (!u->peer->s.dead)
		return 0;
	if (s->type == SOCK_SEQPACKET)
		return -EPIPE;
	unix_set_peer(u, NULL);
	s->state = SOCK_CLOSED;
	return -ECONNREFUSED;
}

static int check(struct sock *s, struct sock_msg *m)
{
	struct unix_sock *u = unix_sk(s);
	bool named = m->name && m->name->len && s->type == SOCK_DGRAM;
	int err;

	if (s->type == SOCK_SEQPACKET) {
		err = sock_error(s);
		if (err)
			return err;
		if (s->state != SOCK_CONNECTED)
			return -ENOTCONN;
	}
	err = unix_prepare(s, m);
	if (err)
		return err;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = named ? unix_check_name(m->name) : u->peer ? 0 : -ENOTCONN;
	if (!err && s->pass_cred && !u->name)
		err = unix_autobind(u);
	if (!err && m->len > s->send_limit - UNIX_OVERHEAD)
		err = -EMSGSIZE;
	return err;
}

int64_t unix_dgram_send(struct sock *s, struct sock_msg *m)
{
	struct unix_sock *u = unix_sk(s), *to = NULL;
	struct packet *p;
	int err = check(s, m);

	if (!err)
		err = unix_packet(s, (uint32_t)m->len, &p);
	if (err)
		return err;
	err = msg_read(m, 0, p->data, m->len);
	if (!err)
		err = destination(s, m, &to);
	if (!err && to->peer && to->peer != u)
		err = -EPERM;
	if (!err && (to->s.shut & SHUT_RECEIVE))
		err = -EPIPE;
	if (!err && to != u && to->peer != u && unix_full(to)) {
		m->wait = &to->room;
		err = -EAGAIN;
	}
	if (!err && to->s.stamp)
		p->stamp = (uint64_t)clock_realtime(s->net->machine);
	if (!err)
		err = unix_deliver(s, to, p, m);
	if (!err)
		return (int64_t)m->len;
	packet_free(s->net, p);
	return err;
}

/* --- Receiving --- */

/* The first packet, or with MSG_PEEK and SO_PEEK_OFF the one the offset lies in; *skip: where in it. */
static struct packet *find(struct sock *s, const struct sock_msg *m, uint32_t *skip)
{
	struct packet *p = s->first;

	*skip = 0;
	if (!(m->flags & MSG_PEEK) || s->peek_offset < 0)
		return p;
	*skip = (uint32_t)s->peek_offset;
	while (p && *skip && *skip >= p->len) {
		*skip -= p->len;
		p = p->next;
	}
	return p;
}

static int64_t none(struct sock *s, const struct sock_msg *m)
{
	if (s->shut & SHUT_RECEIVE)
		return s->type == SOCK_SEQPACKET || !(m->flags & MSG_DONTWAIT) ? 0 : -EAGAIN;
	return -EAGAIN;
}

int64_t unix_dgram_receive(struct sock *s, struct sock_msg *m)
{
	struct unix_sock *u = unix_sk(s);
	bool peek = m->flags & MSG_PEEK;
	struct packet *p;
	uint32_t n, skip, whole;

	if (s->type == SOCK_SEQPACKET && s->state != SOCK_CONNECTED)
		return -ENOTCONN;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (s->error)
		return sock_error(s);
	p = find(s, m, &skip);
	if (!p)
		return none(s, m);
	whole = p->len - skip;
	n = m->len < whole ? (uint32_t)m->len : whole;
	if (n < whole)
		m->out_flags |= MSG_TRUNC;
	m->stamp = s->stamp ? p->stamp : 0;
	unix_tell_cred(s, m, p);
	if (m->name && p->owner && unix_sk(p->owner)->name)
		unix_tell_name(unix_sk(p->owner), m->name);
	if (!peek) {
		packet_take(s);
		wake_all(&u->room);
		if (p->files) {
			unix_flight_end(s->net, p->files);
			m->files = p->files;
			p->files = NULL;
		}
		if (s->peek_offset > 0)
			s->peek_offset = (uint32_t)s->peek_offset > p->len ? s->peek_offset - (int32_t)p->len : 0;
	} else {
		if (s->peek_offset >= 0)
			s->peek_offset += (int32_t)n;
		if (p->files)
			m->files = scm_copy(p->files);
	}
	/* What could not be stored is gone, as in the kernel. */
	if (msg_write(m, 0, p->data + skip, n))
		n = UINT32_MAX;
	if (!peek)
		packet_free(s->net, p);
	if (n == UINT32_MAX)
		return -EFAULT;
	return m->flags & MSG_TRUNC ? whole : n;
}
