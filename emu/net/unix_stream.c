/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX streams: sending and receiving bytes.
 *
 * A send becomes packets of up to 32 KiB.  Descriptors and credentials belong to a packet, and a receive does not go
 * on beyond one with descriptors, nor (with SO_PASSCRED) to another writer's.  A byte sent with MSG_OOB is a packet of its
 * own, which stays as a mark when it was taken with MSG_OOB.
 */
#include <errno.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/unix.h"
#include "emu/signal/signal.h"

enum { PIECE = 32768 + 3776, SIGURG_ = 23 };

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

static void tell_urgent(struct unix_sock *to)
{
	const struct file *f = to->s.file;
	struct process *p = f && f->owner_pid > 0 ? process_find(to->s.net->machine, f->owner_pid) : NULL;

	if (p)
		signal_send_process(p, SIGURG_, NULL);
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
			to->urgent = p;
			tell_urgent(to);
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

/* MSG_OOB: the byte, if it has not been read or passed over. */
static int64_t receive_urgent(struct sock *s, struct sock_msg *m)
{
	struct unix_sock *u = unix_sk(s);
	struct packet *p = u->urgent;

	if (s->oob_inline || !p || !m->len)
		return -EINVAL;
	if (msg_write(m, 0, p->data, 1))
		return -EFAULT;
	if (!(m->flags & MSG_PEEK)) {
		p->at = 1;
		u->urgent = NULL;
	}
	m->out_flags |= MSG_OOB;
	return 1;
}

static struct packet *drop_first(struct sock *s)
{
	struct packet *p = packet_take(s);

	if (p->files)
		unix_flight_end(s->net, p->files);
	packet_free(s->net, p);
	return s->first;
}

/* manage_oob(): where a receive that has `copied` bytes goes on, at p: a packet, or NULL: it ends. */
static struct packet *pass_mark(struct sock *s, const struct sock_msg *m, struct packet *p, bool copied, bool *ends)
{
	struct unix_sock *u = unix_sk(s);
	bool peek = m->flags & MSG_PEEK;

	while (p && (p->at == p->len || p == u->urgent)) {
		if (copied && (p->urgent || p == u->urgent)) {
			*ends = true;
			return NULL;
		}
		if (p == u->urgent) {
			if (!peek)
				u->urgent = NULL;
			if (s->oob_inline)
				return p;
		}
		p = peek ? p->next : drop_first(s);
	}
	return p;
}

/* Is p from another writer than what was received so far? */
static bool other_writer(const struct sock *s, const struct sock_msg *m, const struct packet *p)
{
	return s->pass_cred && m->has_cred &&
	       (p->cred.pid != m->cred.pid || p->cred.uid != m->cred.uid || p->cred.gid != m->cred.gid);
}

/* The rest of p, from skip on, as far as there is room.  Bytes or -EFAULT. */
static int64_t take(struct sock *s, struct sock_msg *m, struct packet *p, uint32_t skip, size_t copied)
{
	size_t room = m->len - m->done - copied;
	uint32_t n = p->len - p->at - skip;

	if (n > room)
		n = (uint32_t)room;
	if (msg_write(m, m->done + copied, p->data + p->at + skip, n))
		return -EFAULT;
	unix_tell_cred(s, m, p);
	if (m->name && p->owner && !m->name->len && unix_sk(p->owner)->name)
		unix_tell_name(unix_sk(p->owner), m->name);
	return n;
}

static int64_t nothing(struct sock *s)
{
	if (s->error)
		return sock_error(s);
	return s->shut & SHUT_RECEIVE ? 0 : -EAGAIN;
}

/* Without taking anything, from SO_PEEK_OFF on. */
static int64_t peek(struct sock *s, struct sock_msg *m)
{
	uint32_t skip = s->peek_offset > 0 ? (uint32_t)s->peek_offset : 0;
	struct packet *p = s->first;
	size_t copied = 0;
	bool ends = false;

	m->done = 0;
	while ((p = pass_mark(s, m, p, copied, &ends)) && copied < m->len) {
		int64_t n;

		if (skip >= p->len - p->at) {
			skip -= p->len - p->at;
			p = p->next;
			continue;
		}
		if (other_writer(s, m, p))
			break;
		n = take(s, m, p, skip, copied);
		if (n < 0)
			return copied ? (int64_t)copied : n;
		skip = 0;
		copied += (size_t)n;
		if (p->files) {
			m->files = scm_copy(p->files);
			break;
		}
		p = p->next;
	}
	if (s->peek_offset >= 0)
		s->peek_offset += (int32_t)copied;
	return copied ? (int64_t)copied : nothing(s);
}

int64_t unix_stream_receive(struct sock *s, struct sock_msg *m)
{
	size_t copied = 0;
	struct packet *p;
	bool ends = false;

	if (s->state != SOCK_CONNECTED)
		return -EINVAL;
	if (m->flags & MSG_OOB)
		return receive_urgent(s, m);
	if (m->flags & MSG_PEEK)
		return peek(s, m);
	while ((p = pass_mark(s, m, s->first, copied + m->done, &ends))) {
		int64_t n;

		if (other_writer(s, m, p)) {
			ends = true;
			break;
		}
		n = take(s, m, p, 0, copied);
		if (n < 0) {
			if (!copied)
				return n;
			break;
		}
		copied += (size_t)n;
		p->at += (uint32_t)n;
		if (s->peek_offset > 0)
			s->peek_offset = s->peek_offset > n ? s->peek_offset - (int32_t)n : 0;
		if (p->files) {
			unix_flight_end(s->net, p->files);
			m->files = p->files;
			p->files = NULL;
			ends = true;
		}
		if (p->at < p->len)
			break;
		drop_first(s);
		if (ends || copied + m->done == m->len)
			break;
	}
	m->stop = ends;
	return copied || p ? (int64_t)copied : ends ? 0 : nothing(s);
}
