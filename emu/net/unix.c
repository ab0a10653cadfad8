/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX: connections, names told, readiness, the end.
 *
 * A connecting stream socket makes its other end at once: that lies, as a packet's child, in the listener's queue until it
 * is accepted, and can be written to meanwhile.
 */
#include "emu/net/unix.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/stream.h"
#include "emu/sys/user.h"

enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, POLLWRBAND_ = 0x200, POLLRDHUP_ = 0x2000 };
enum { SIOCINQ_ = 0x541b, SIOCOUTQ_ = 0x5411, SIOCATMARK_ = 0x8905 };

static const struct sock_ops stream_ops, seqpacket_ops, dgram_ops;

struct unix_sock *unix_of_file(const struct file *f)
{
	struct sock *s = sock_of(f);

	return s && s->family == AF_UNIX ? unix_sk(s) : NULL;
}

void unix_set_peer(struct unix_sock *u, struct unix_sock *peer)
{
	struct unix_sock *old = u->peer;

	if (peer)
		sock_get(&peer->s);
	u->peer = peer;
	if (old)
		sock_put(&old->s);
}

static struct unix_sock *new_sock(struct net *n, int type, int *err)
{
	const struct sock_ops *ops = type == SOCK_STREAM ? &stream_ops : type == SOCK_DGRAM ? &dgram_ops : &seqpacket_ops;
	struct sock *s = sock_alloc(n, sizeof(struct unix_sock), ops, AF_UNIX, type, 0, err);

	if (!s)
		return NULL;
	s->backlog = UNIX_DGRAM_BACKLOG;
	return unix_sk(s);
}

static int create(struct net *n, struct task *t, int type, int protocol, struct sock **out)
{
	struct unix_sock *u;
	int err;

	(void)t;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)
		type = SOCK_DGRAM;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	u = new_sock(n, type, &err);
	if (!u)
		return err;
	*out = &u->s;
	return 0;
}

const struct sock_family unix_family = { AF_UNIX, create };

/* --- Connections --- */

static bool wants_name(const struct unix_sock *u)
{
	return u->s.pass_cred && !u->name;
}

/* Its file is open, or it is to be accepted by somebody: the other end of s. */
static struct unix_sock *make_other_end(struct unix_sock *u, struct unix_sock *listener, struct task *t,
					struct packet *p, int *err)
{
	struct unix_sock *new = new_sock(u->s.net, u->s.type, err);

	if (!new)
		return NULL;
	new->s.state = SOCK_CONNECTED;
	sock_peer_of(&new->s.peer_cred, t);
	new->name = listener->name;
	new->name->refs++;
	unix_set_peer(new, u);
	p->child = &new->s;
	return new;
}

static int stream_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct unix_sock *u = unix_sk(s), *other, *new;
	struct packet *p;
	int err = unix_check_name(a);

	if (!err && wants_name(u))
		err = unix_autobind(u);
	if (!err)
		err = unix_find(s, t, a, &other);
	if (err)
		return err;
	if (other->s.state != SOCK_LISTENING || (other->s.shut & SHUT_RECEIVE))
		return -ECONNREFUSED;
	if (unix_full(other)) {
		*wait = &other->room;
		return -EAGAIN;
	}
	if (s->state != SOCK_CLOSED)
		return s->state == SOCK_CONNECTED ? -EISCONN : -EINVAL;
	err = packet_new(s->net, NULL, 0, &p);
	if (err)
		return err;
	new = make_other_end(u, other, t, p, &err);
	if (!new) {
		packet_free(s->net, p);
		return err;
	}
	groups_put(s->peer_cred.groups);
	s->peer_cred = other->s.peer_cred;
	(void)groups_get(s->peer_cred.groups);
	s->state = SOCK_CONNECTED;
	unix_set_peer(u, new);
	packet_queue(&other->s, p);
	return 0;
}

/* A datagram socket has another peer, or none: what the old one sent is lost. */
static void disconnected(struct unix_sock *u, struct unix_sock *old)
{
	struct packet *p;

	if (u->s.first) {
		while ((p = packet_take(&u->s))) {
			if (p->files)
				unix_flight_end(u->s.net, p->files);
			packet_free(u->s.net, p);
		}
		wake_all(&u->room);
		if (!old->s.dead && old->peer == u) {
			old->s.error = ECONNRESET;
			sock_wake(&old->s);
		}
	}
	if (!old->peer)
		old->s.state = SOCK_CLOSED;
}

static bool may_send(const struct unix_sock *u, const struct unix_sock *to)
{
	return !to->peer || to->peer == u;
}

static int dgram_connect(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct unix_sock *u = unix_sk(s), *other = NULL, *old;
	int err;

	(void)wait;
	if (a->len < 2)
		return -EINVAL;
	if (a->family != AF_UNSPEC) {
		err = unix_check_name(a);
		if (!err && wants_name(u))
			err = unix_autobind(u);
		if (!err)
			err = unix_find(s, t, a, &other);
		if (err)
			return err;
		if (!may_send(u, other))
			return -EPERM;
		s->state = other->s.state = SOCK_CONNECTED;
	}
	old = u->peer;
	if (old)
		sock_get(&old->s);
	unix_set_peer(u, other);
	if (!old)
		return 0;
	if (!other)
		s->state = SOCK_CLOSED;
	if (other != old)
		disconnected(u, old);
	sock_wake(s);
	sock_put(&old->s);
	return 0;
}

static int pair(struct sock *a, struct sock *b, struct task *t)
{
	unix_set_peer(unix_sk(a), unix_sk(b));
	unix_set_peer(unix_sk(b), unix_sk(a));
	sock_peer_of(&a->peer_cred, t);
	sock_peer_of(&b->peer_cred, t);
	a->state = b->state = SOCK_CONNECTED;
	return 0;
}

static int listen_(struct sock *s, struct task *t, int backlog)
{
	struct unix_sock *u = unix_sk(s);

	if (s->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (!u->name)
		return -EINVAL;
	if (s->state != SOCK_CLOSED && s->state != SOCK_LISTENING)
		return -EINVAL;
	if ((uint32_t)backlog > s->backlog)
		wake_all(&u->room);
	s->backlog = (uint32_t)backlog;
	s->state = SOCK_LISTENING;
	sock_peer_of(&s->peer_cred, t);
	return 0;
}

static int accept_(struct sock *s, struct sock **out)
{
	struct unix_sock *u = unix_sk(s);
	struct packet *p;

	if (s->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (s->state != SOCK_LISTENING)
		return -EINVAL;
	if (s->error)
		return sock_error(s);
	p = packet_take(s);
	if (!p)
		return s->shut & SHUT_RECEIVE ? -EINVAL : -EAGAIN;
	*out = p->child;
	p->child = NULL;
	(*out)->pass_cred = s->pass_cred;
	(*out)->pass_sec = s->pass_sec;
	packet_free(s->net, p);
	wake_all(&u->room);
	return 0;
}

static int name_of(struct sock *s, bool peer, struct sock_addr *out)
{
	struct unix_sock *u = unix_sk(s);

	if (peer && !u->peer)
		return -ENOTCONN;
	unix_tell_name(peer ? u->peer : u, out);
	return 0;
}

static int shutdown_(struct sock *s, int how)
{
	struct unix_sock *u = unix_sk(s), *peer = u->peer;

	s->shut |= (uint8_t)how;
	sock_wake(s);
	wake_all(&u->room);
	if (peer && unix_connected_type(s)) {
		peer->s.shut |= (uint8_t)((how & SHUT_RECEIVE ? SHUT_SEND : 0) | (how & SHUT_SEND ? SHUT_RECEIVE : 0));
		sock_wake(&peer->s);
	}
	return 0;
}

/* --- Readiness --- */

static unsigned poll_(struct sock *s, struct waiter *w)
{
	struct unix_sock *u = unix_sk(s);
	unsigned r = 0;

	poll_wait(&s->wait, w);
	if (s->error)
		r |= POLLERR;
	if (s->shut == SHUT_BOTH)
		r |= POLLHUP;
	if (s->shut & SHUT_RECEIVE)
		r |= POLLRDHUP_ | POLLIN | POLLRDNORM_;
	if (s->first)
		r |= POLLIN | POLLRDNORM_;
	if (s->urgent)
		r |= POLLPRI;
	if (unix_connected_type(s) && s->state == SOCK_CLOSED)
		r |= POLLHUP;
	if (s->state == SOCK_LISTENING || !packet_writable(s))
		return r;
	if (s->type != SOCK_STREAM && u->peer && u->peer->peer != u && unix_full(u->peer)) {
		poll_wait(&u->peer->room, w);
		return r;
	}
	return r | POLLOUT | POLLWRNORM_ | POLLWRBAND_;
}

/* --- ioctl --- */

static uint32_t waiting_bytes(const struct sock *s)
{
	uint32_t n = 0;

	for (const struct packet *p = s->first; p; p = p->next) {
		n += p->len - p->at;
		if (s->type == SOCK_DGRAM)
			break;
	}
	return n;
}

static int64_t ioctl_(struct sock *s, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case SIOCOUTQ_:
		return user_put32(t, arg, s->sent);
	case SIOCINQ_:
		return s->state == SOCK_LISTENING ? -EINVAL : user_put32(t, arg, waiting_bytes(s));
	case SIOCATMARK_:
		return s->type != SOCK_STREAM ? -EOPNOTSUPP : user_put32(t, arg, stream_at_mark(s));
	}
	return -ENOTTY;
}

/* --- The end --- */

static void end(struct unix_sock *u, bool embryo)
{
	struct sock *s = &u->s;
	bool listening = s->state == SOCK_LISTENING;
	struct unix_sock *peer = u->peer;
	struct packet *p;

	unix_unbind(u);
	s->dead = true;
	s->shut = SHUT_BOTH;
	s->state = SOCK_CLOSED;
	s->urgent = NULL;
	wake_all(&u->room);
	if (peer && unix_connected_type(s)) {
		peer->s.shut = SHUT_BOTH;
		if (embryo || (s->first && (s->first->at < s->first->len || s->first->next)))
			peer->s.error = ECONNRESET;
		sock_wake(&peer->s);
	}
	while ((p = packet_take(s))) {
		if (listening && p->child)
			end(unix_sk(p->child), true);
		if (p->files)
			unix_flight_end(s->net, p->files);
		packet_free(s->net, p);
	}
	unix_set_peer(u, NULL);
}

static void release(struct sock *s)
{
	end(unix_sk(s), false);
	unix_collect(s->net, NULL);
}

static void closing(struct sock *s)
{
	struct unix_sock *u = unix_sk(s);

	if (u->in_flight && s->file->refs - 1 == u->in_flight)
		unix_collect(s->net, u);
}

static void free_(struct sock *s)
{
	struct unix_sock *u = unix_sk(s);

	unix_name_put(u->name);
	wait_queue_fini(&u->room);
}

/* --- The tables --- */

#define COMMON \
	.bind = unix_bind, .pair = pair, .listen = listen_, .accept = accept_, .name_of = name_of, .poll = poll_, \
	.shutdown = shutdown_, .ioctl = ioctl_, .release = release, .free = free_, .closing = closing, \
	.peek_offset = true, .writable = 3

static const struct sock_ops stream_ops = {
	.name = "UNIX-STREAM", COMMON, .connect = stream_connect, .streams = true,
	.send = unix_stream_send, .receive = unix_stream_receive,
};
static const struct sock_ops seqpacket_ops = {
	.name = "UNIX", COMMON, .connect = stream_connect, .send = unix_dgram_send, .receive = unix_dgram_receive,
};
static const struct sock_ops dgram_ops = {
	.name = "UNIX", COMMON, .connect = dgram_connect, .send = unix_dgram_send, .receive = unix_dgram_receive,
};
