/* SPDX-License-Identifier: MIT */
#include "emu/net/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include "emu/event/sigio.h"

void stream_tell_urgent(struct sock *s)
{
	sock_wake_events(s, POLLPRI);
	if (s->file)
		sigio_urgent(s->file);
}

bool stream_at_mark(const struct sock *s)
{
	const struct packet *p = s->first;

	return p && (p == s->urgent || (p->at == p->len && (!s->urgent || p->next == s->urgent)));
}

/* MSG_OOB: the byte, if it has not been read or passed over. */
static int64_t receive_urgent(struct sock *s, struct sock_msg *m)
{
	struct packet *p = s->urgent;

	if (s->oob_inline || !p || !m->len)
		return -EINVAL;
	if (msg_write(m, 0, p->data, 1))
		return -EFAULT;
	if (!(m->flags & MSG_PEEK)) {
		p->at = 1;
		s->urgent = NULL;
	}
	m->out_flags |= MSG_OOB;
	return 1;
}

static struct packet *drop_first(struct sock *s, const struct stream_ops *ops)
{
	struct packet *p = packet_take(s);

	if (p->files && ops->files_out)
		ops->files_out(s->net, p->files);
	packet_free(s->net, p);
	return s->first;
}

/*
 * net/unix/af_unix.c manage_oob(): where a receive that has `copied` bytes goes on, at p: a packet, or NULL.  *ends: because
 * of the mark.
 */
static struct packet *pass_mark(struct sock *s, const struct sock_msg *m, const struct stream_ops *ops,
				struct packet *p, bool copied, bool *ends)
{
	bool peek = m->flags & MSG_PEEK;

	while (p && (p->at == p->len || p == s->urgent)) {
		/* one that has been read ends nothing where another one is to come */
		if (copied && p->urgent && (!s->urgent || p == s->urgent)) {
			*ends = true;
			return NULL;
		}
		if (p == s->urgent) {
			if (!peek)
				s->urgent = NULL;
			if (s->oob_inline)
				return p;
		}
		p = peek ? p->next : drop_first(s, ops);
	}
	return p;
}

static bool follows(const struct sock *s, const struct sock_msg *m, const struct stream_ops *ops, const struct packet *p)
{
	return !ops->follows || ops->follows(s, m, p);
}

/* The rest of p, from skip on, as far as there is room.  Bytes or -EFAULT. */
static int64_t take(struct sock *s, struct sock_msg *m, const struct stream_ops *ops, struct packet *p, uint32_t skip,
		    size_t copied)
{
	size_t room = m->len - m->done - copied;
	uint32_t n = p->len - p->at - skip;

	if (n > room)
		n = (uint32_t)room;
	if (!(ops->truncates && (m->flags & MSG_TRUNC)) && msg_write(m, m->done + copied, p->data + p->at + skip, n))
		return -EFAULT;
	if (ops->tell)
		ops->tell(s, m, p);
	return n;
}

/* Without taking anything, from SO_PEEK_OFF on. */
static int64_t peek(struct sock *s, struct sock_msg *m, const struct stream_ops *ops)
{
	uint32_t skip = s->peek_offset > 0 ? (uint32_t)s->peek_offset : 0;
	struct packet *p = s->first;
	size_t copied = 0;
	bool ends = false;

	m->done = 0;
	while ((p = pass_mark(s, m, ops, p, copied, &ends)) && copied < m->len) {
		int64_t n;

		if (skip >= p->len - p->at) {
			skip -= p->len - p->at;
			p = p->next;
			continue;
		}
		if (!follows(s, m, ops, p))
			break;
		n = take(s, m, ops, p, skip, copied);
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
	return copied ? (int64_t)copied : ops->nothing(s);
}

int64_t stream_receive(struct sock *s, struct sock_msg *m, const struct stream_ops *ops)
{
	size_t copied = 0;
	struct packet *p;
	bool ends = false;

	if (m->flags & MSG_OOB)
		return receive_urgent(s, m);
	if (m->flags & MSG_PEEK)
		return peek(s, m, ops);
	while ((p = pass_mark(s, m, ops, s->first, copied + m->done, &ends))) {
		int64_t n;

		if (!follows(s, m, ops, p)) {
			ends = true;
			break;
		}
		n = take(s, m, ops, p, 0, copied);
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
			if (ops->files_out)
				ops->files_out(s->net, p->files);
			m->files = p->files;
			p->files = NULL;
			ends = true;
		}
		if (p->at < p->len)
			break;
		drop_first(s, ops);
		if (ends || copied + m->done == m->len)
			break;
	}
	m->stop = ends;
	return copied || p ? (int64_t)copied : ends ? 0 : ops->nothing(s);
}
