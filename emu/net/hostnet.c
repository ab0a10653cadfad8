/* SPDX-License-Identifier: MIT
 *
 * `--net host`: a socket of the internet families that is to reach another address than this machine's becomes a plain
 * socket of the host, and stays one.  Loopback addresses never get there: they mean the guest.
 *
 * The host's readiness comes through emu/host/poll.h, whose calls say that it is so, not that it has become so.  So each
 * event is listened to until it came once, and again when the guest has found it not to be there, or has used it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/poll.h"
#include "emu/host/socket.h"
#include "emu/kernel/task.h"
#include "emu/net/sockopt.h"
#include "emu/net/tcp.h"
#include "emu/sys/user.h"

enum { POLLRDNORM_ = 0x40, POLLWRNORM_ = 0x100, L_TCP = 6, TCP_NODELAY_ = 1, SIOCINQ_ = 0x541b, VEC_MAX = 1024 };

static const struct sock_ops stream_ops, datagram_ops;

/* --- Events --- */

static void ready(void *owner, int events)
{
	struct sock *s = owner;
	struct inet_sock *i = inet_sk(s);

	i->host_awaited = events & (POLLERR | POLLHUP) ? 0 : i->host_awaited & ~events;
	host_listen(s->net->machine, i->host, i->host_awaited, ready, s);
	sock_wake_events(s, (unsigned)events | (events & POLLIN ? POLLRDNORM_ : 0) | (events & POLLOUT ? POLLWRNORM_ : 0));
}

static void await(struct inet_sock *i, int events)
{
	if ((i->host_awaited & events) == events)
		return;
	i->host_awaited |= events;
	/* Without memory for it nobody would ever be woken: better too soon. */
	if (host_listen(i->s.net->machine, i->host, i->host_awaited, ready, &i->s)) {
		i->host_awaited = 0;
		sock_wake(&i->s);
	}
}

/* --- Becoming one --- */

bool inet_goes_to_host(const struct net *n, const uint8_t ip[16])
{
	return n->machine->options.net_host && inet_kind_of(ip) == INET_FOREIGN;
}

static void pass_options(const struct inet_sock *i)
{
	const struct sock *s = &i->s;

	host_socket_option(i->host, HOST_REUSE, s->reuse);
	host_socket_option(i->host, HOST_KEEPALIVE, s->keep_alive);
	host_socket_option(i->host, HOST_BROADCAST, s->broadcast);
	if (inet_is_tcp(s))
		host_socket_linger(i->host, s->linger, (int)s->linger_seconds);
}

int inet_host_begin(struct inet_sock *i, const uint8_t ip[16])
{
	struct sock *s = &i->s;
	bool four = inet_is_v4(ip);
	struct host_end any = { .port = i->local.port };
	int fd = host_socket_open(inet_is_tcp(s), four), err = 0;

	if (fd < 0)
		return fd;
	i->host = fd;
	pass_options(i);
	if (four)
		memset(any.ip + 10, 0xff, 2);
	if (i->has_port)
		err = i->has_addr ? -EADDRNOTAVAIL : host_socket_bind(fd, &any);
	if (err) {
		host_socket_close(fd);
		i->host = -1;
		return err;
	}
	inet_port_put(i);
	s->ops = inet_is_tcp(s) ? &stream_ops : &datagram_ops;
	return 0;
}

/* An address of the host's world: 0, or -ENETUNREACH for all that is not meant for it. */
static int outside(const struct sock *s, const struct sock_addr *a, struct host_end *out)
{
	struct inet_end e;
	int err = inet_get_end(s, a, &e);

	if (err)
		return err;
	if (inet_kind_of(e.ip) != INET_FOREIGN)
		return -ENETUNREACH;
	memcpy(out->ip, e.ip, sizeof out->ip);
	out->port = e.port;
	return 0;
}

/* --- Operations --- */

static int bind_(struct sock *s, struct task *t, const struct sock_addr *a)
{
	struct host_end e;
	int err = outside(s, a, &e);

	(void)t;
	return err ? err : host_socket_bind(inet_sk(s)->host, &e);
}

/* A connection under way: 0, -EALREADY, or how it failed. */
static int outcome(struct inet_sock *i)
{
	struct sock *s = &i->s;
	int err;

	if (!(host_socket_ready(i->host) & (POLLOUT | POLLERR | POLLHUP))) {
		await(i, POLLOUT);
		return -EALREADY;
	}
	err = host_socket_error(i->host);
	s->state = err ? SOCK_CLOSED : SOCK_CONNECTED;
	return -err;
}

static int connect_(struct sock *s, struct task *t, const struct sock_addr *a, struct wait_queue **wait)
{
	struct inet_sock *i = inet_sk(s);
	struct host_end to;
	int err;

	(void)t;
	(void)wait;
	if (a->len >= 2 && a->family == AF_UNSPEC) {
		err = host_socket_disconnect(i->host);
		if (!err)
			s->state = SOCK_CLOSED;
		sock_wake(s);
		return err;
	}
	if (s->state == SOCK_CONNECTING)
		return outcome(i);
	if (s->state == SOCK_LISTENING || (s->state == SOCK_CONNECTED && inet_is_tcp(s)))
		return -EISCONN;
	err = outside(s, a, &to);
	if (!err)
		err = host_socket_connect(i->host, &to);
	if (!err)
		s->state = SOCK_CONNECTED;
	if (err == -EINPROGRESS) {
		s->state = SOCK_CONNECTING;
		await(i, POLLOUT);
	}
	return err;
}

static int listen_(struct sock *s, struct task *t, int backlog)
{
	int err = host_socket_listen(inet_sk(s)->host, backlog);

	(void)t;
	if (!err)
		s->state = SOCK_LISTENING;
	return err;
}

static int accept_(struct sock *s, struct sock **out)
{
	struct inet_sock *i = inet_sk(s), *new;
	int fd = host_socket_accept(i->host), err;

	await(i, POLLIN);
	if (fd < 0)
		return fd;
	*out = sock_alloc(s->net, sizeof(struct tcp_sock), s->ops, s->family, s->type, (int)s->protocol, &err);
	if (!*out) {
		host_socket_close(fd);
		return err;
	}
	new = inet_sk(*out);
	sock_inherit(*out, s);
	memcpy(new->value, i->value, sizeof new->value);
	memcpy(new->congestion, i->congestion, sizeof new->congestion);
	new->uid = i->uid;
	new->host = fd;
	(*out)->state = SOCK_CONNECTED;
	return 0;
}

static int name_of(struct sock *s, bool peer, struct sock_addr *out)
{
	struct inet_end e;
	struct host_end h;
	int err = host_socket_name(inet_sk(s)->host, peer, &h);

	if (err)
		return err;
	memcpy(e.ip, h.ip, sizeof e.ip);
	e.port = h.port;
	inet_put_end(s, &e, out);
	return 0;
}

static unsigned poll_(struct sock *s, struct waiter *w)
{
	struct inet_sock *i = inet_sk(s);
	unsigned r = (unsigned)host_socket_ready(i->host);

	poll_wait(&s->wait, w);
	if (s->state == SOCK_CONNECTING && (r & POLLOUT) && !(r & POLLERR))
		outcome(i);
	if (!(r & POLLIN))
		await(i, POLLIN);
	if (!(r & POLLOUT) && s->state != SOCK_LISTENING)
		await(i, POLLOUT);
	return r | (r & POLLIN ? POLLRDNORM_ : 0u) | (r & POLLOUT ? POLLWRNORM_ : 0u);
}

/* What is left of the message after `done` bytes. */
static unsigned rest(const struct sock_msg *m, struct iovec out[VEC_MAX])
{
	size_t skip = m->done;
	unsigned n = 0;

	for (unsigned i = 0; i < m->count; i++) {
		if (skip >= m->vec[i].iov_len) {
			skip -= m->vec[i].iov_len;
			continue;
		}
		out[n].iov_base = (uint8_t *)m->vec[i].iov_base + skip;
		out[n++].iov_len = m->vec[i].iov_len - skip;
		skip = 0;
	}
	return n;
}

static int64_t send_(struct sock *s, struct sock_msg *m)
{
	struct inet_sock *i = inet_sk(s);
	struct iovec vec[VEC_MAX];
	struct host_end to;
	bool named = m->name && m->name->len && !inet_is_tcp(s);
	uint8_t last;
	int64_t n;
	int err = named ? outside(s, m->name, &to) : 0;

	if (!err && m->len && msg_read(m, m->len - 1, &last, 1))
		err = -EFAULT;
	if (err)
		return err;
	n = host_socket_send(i->host, vec, rest(m, vec), (int)m->flags, named ? &to : NULL);
	if (n == -EAGAIN)
		await(i, POLLOUT);
	m->broken = n == -EPIPE;
	return n;
}

static int64_t receive(struct sock *s, struct sock_msg *m)
{
	struct inet_sock *i = inet_sk(s);
	struct iovec vec[VEC_MAX];
	struct host_end from;
	struct inet_end e;
	bool truncated;
	int64_t n = host_socket_receive(i->host, vec, rest(m, vec), (int)m->flags, &from, &truncated);

	await(i, POLLIN);
	if (n < 0)
		return n;
	if (truncated)
		m->out_flags |= MSG_TRUNC;
	if (m->name && !inet_is_tcp(s)) {
		memcpy(e.ip, from.ip, sizeof e.ip);
		e.port = from.port;
		inet_put_end(s, &e, m->name);
	}
	return n;
}

static int shutdown_(struct sock *s, int how)
{
	return host_socket_shutdown(inet_sk(s)->host, how - 1);
}

static int set_option(struct sock *s, struct task *t, int level, int name, const void *val, uint32_t len)
{
	int err = inet_set_option(s, t, level, name, val, len);

	if (!err && level == L_TCP && name == TCP_NODELAY_)
		host_socket_option(inet_sk(s)->host, HOST_NODELAY, *(const uint8_t *)val != 0);
	return err;
}

static void option_changed(struct sock *s, int name)
{
	if (name == G_SO_KEEPALIVE || name == G_SO_BROADCAST || name == G_SO_LINGER || name == G_SO_REUSEADDR)
		pass_options(inet_sk(s));
}

static int64_t ioctl_(struct sock *s, struct task *t, uint32_t cmd, uint32_t arg)
{
	if (cmd != SIOCINQ_)
		return -ENOTTY;
	return s->state == SOCK_LISTENING ? -EINVAL : user_put32(t, arg, host_socket_waiting(inet_sk(s)->host));
}

static int pending_error(struct sock *s)
{
	return host_socket_error(inet_sk(s)->host);
}

static void release(struct sock *s)
{
	struct inet_sock *i = inet_sk(s);

	s->dead = true;
	host_listen(s->net->machine, i->host, 0, ready, s);
	host_socket_close(i->host);
	i->host = -1;
}

#define COMMON \
	.bind = bind_, .connect = connect_, .name_of = name_of, .poll = poll_, .send = send_, .receive = receive, \
	.shutdown = shutdown_, .set_option = set_option, .get_option = inet_get_option, .ioctl = ioctl_, \
	.release = release, .option_changed = option_changed, .pending_error = pending_error, .writable = 12

static const struct sock_ops stream_ops = {
	.name = "TCP", COMMON, .listen = listen_, .accept = accept_, .streams = true,
};
static const struct sock_ops datagram_ops = { .name = "UDP", COMMON };
