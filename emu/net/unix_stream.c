/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX streams: sending and receiving bytes.
 *
 * A send becomes packets of up to 32 KiB.  Descriptors and credentials belong to a packet, and a receive does not go
 * on beyond one with descriptors, nor (with SO_PASSCRED) to another writer's.
 */
#include <errno.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/stream.h"
#include "emu/net/unix.h"

enum { PIECE = 32768 + 3776 };

/* --- Sending --- */

int unix_prepare(struct sock *s, struct sock_msg *m)
{
	(void)s;
	return m->control_len ? scm_parse(m) : 0;
}

int unix_deliver(struct sock *from, struct unix_sock *to, struct packet *p, struct sock_msg *m)
{
	int err = m->files ? unix_count_files(m) : 0;

	if (err)
		return err;
	p->cred = m->cred;
	if (!p->cred.pid) {
		/* What the receiver is told when nobody asked in time: nobody. */
		p->cred = (struct sock_cred){ 0, 65534, 65534 };
		if (m->task && (from->pass_cred || to->s.pass_cred || !to->s.file))
			p->cred = (struct sock_cred){ m->task->process->pid, m->task->cred.uid, m->task->cred.gid };
	}
	if (m->files) {
		p->files = m->files;
		m->files = NULL;
		unix_flight_begin(from->net, p->files);
	}
	packet_queue(&to->s, p);
	return 0;
}

/* sock_alloc_send_pskb(): what stands in the way of a packet of n bytes. */
int unix_packet(struct sock *s, uint32_t len, struct packet **out)
{
	int err = sock_error(s);

	if (!err && (s->shut & SHUT_SEND))
		err = -EPIPE;
	return err ? err : packet_new(s->net, s, len, out);
}

static bool gone(const struct unix_sock *u)
{
	return u->s.dead || (u->s.shut & SHUT_RECEIVE);
}

int64_t unix_stream_send(struct sock *s, struct sock_msg *m)
{
	size_t sent = m->done, plain = m->len;
	struct unix_sock *u = unix_sk(s), *to;
	int err = m->done ? 0 : unix_prepare(s, m);

	if (err)
		return err;
	if (m->flags & MSG_OOB) {
		if (!m->len)
			return -EOPNOTSUPP;
		plain--;
	}
	if (m->name && m->name->len)
		return s->state == SOCK_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	to = u->peer;
	if (!to)
		return -ENOTCONN;
	if (s->shut & SHUT_SEND)
		goto broken;
	while (sent < m->len) {
		bool urgent = sent >= plain;
		uint32_t n = urgent ? 1 : plain - sent < PIECE ? (uint32_t)(plain - sent) : PIECE;
		struct packet *p;

		if (n > s->send_limit / 2 - 64)
			n = s->send_limit / 2 - 64;
		err = unix_packet(s, n, &p);
		if (err)
			break;
		if (msg_read(m, sent, p->data, n)) {
			packet_free(s->net, p);
			err = -EFAULT;
			break;
		}
		if (gone(to)) {
			packet_free(s->net, p);
			goto broken;
		}
		err = unix_deliver(s, to, p, m);
		if (err) {
			packet_free(s->net, p);
			break;
		}
		if (urgent) {
			p->urgent = true;
			to->s.urgent = p;
			stream_tell_urgent(&to->s);
		}
		sent += n;
	}
	return sent > m->done ? (int64_t)(sent - m->done) : err;
broken:
	m->broken = true;
	return sent > m->done ? (int64_t)(sent - m->done) : -EPIPE;
}

/* --- Receiving --- */

void unix_tell_cred(struct sock *s, struct sock_msg *m, const struct packet *p)
{
	if (!s->pass_cred)
		return;
	m->has_cred = true;
	m->cred = p->cred;
}

/* Is p from the writer of what was received so far? */
static bool follows(const struct sock *s, const struct sock_msg *m, const struct packet *p)
{
	return !s->pass_cred || !m->has_cred ||
	       (p->cred.pid == m->cred.pid && p->cred.uid == m->cred.uid && p->cred.gid == m->cred.gid);
}

static void tell(struct sock *s, struct sock_msg *m, const struct packet *p)
{
	unix_tell_cred(s, m, p);
	if (m->name && p->owner && !m->name->len && unix_sk(p->owner)->name)
		unix_tell_name(unix_sk(p->owner), m->name);
}

static int64_t nothing(struct sock *s)
{
	if (s->error)
		return sock_error(s);
	return s->shut & SHUT_RECEIVE ? 0 : -EAGAIN;
}

static const struct stream_ops receiving = {
	.nothing = nothing, .tell = tell, .follows = follows, .files_out = unix_flight_end,
};

int64_t unix_stream_receive(struct sock *s, struct sock_msg *m)
{
	return s->state == SOCK_CONNECTED ? stream_receive(s, m, &receiving) : -EINVAL;
}
