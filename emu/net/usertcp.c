/* SPDX-License-Identifier: MIT
 *
 * Connections through eth0: lwIP has the segments, the socket what was received and is not read yet.
 *
 * A connection of lwIP's points at its socket (callback_arg) as long as the socket wants to hear of it.  It is let go of
 * when the socket is closed, when it ends by a reset, or when both ends have said their last word: then it sends by itself
 * what has not arrived yet, or waits out TIME_WAIT, and is nobody's.
 *
 * lwIP listens on a port as a whole; which of our listeners gets the connection is decided here, when it stands.  While
 * none has room the first segment is not let in (ip.c), and the client tries again.
 *
 * No callback calls into lwIP's output other than by tcp_abort(), and none goes back to libslirp: usernet_run() comes
 * when the operation is over.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/log.h"
#include "emu/kernel/task.h"
#include "emu/net/tcp.h"
#include "emu/usernet/internal.h"

enum { POLLIN_ = 0x41, POLLOUT_ = 0x104, POLLRDHUP_ = 0x2000 };
enum { TRIES = 8, WRITE_MAX = 32768 };
enum { L_TCP = 6, NODELAY = 1, KEEPIDLE = 4, KEEPINTVL = 5, KEEPCNT = 6 };

static const struct lwip *lwip_of(const struct sock *s)
{
	return usernet_lwip(s->net->inet->user);
}

/* --- Letting go --- */

/* lwIP's connection and t have nothing to do with each other any more. */
static void forget(struct tcp_sock *t)
{
	struct sock *s = &t->i.s;

	t->wire = NULL;
	packet_repay(s, s->sent);
}

static void detach(struct tcp_sock *t)
{
	const struct lwip *l = lwip_of(&t->i.s);
	struct tcp_pcb *p = t->wire;

	l->tcp_arg(p, NULL);
	l->tcp_recv(p, NULL);
	l->tcp_sent(p, NULL);
	l->tcp_err(p, NULL);
	forget(t);
}

/* --- What lwIP tells --- */

static err_t on_sent(void *arg, struct tcp_pcb *p, u16_t len)
{
	struct tcp_sock *t = arg;

	(void)p;
	packet_repay(&t->i.s, len < t->i.s.sent ? len : t->i.s.sent);
	if (usertcp_writable(t))
		sock_wake_events(&t->i.s, POLLOUT_);
	return ERR_OK;
}

static void end_of_data(struct tcp_sock *t)
{
	struct sock *s = &t->i.s;

	t->fin_received = true;
	s->shut |= SHUT_RECEIVE;
	tcp_finish(t);
	if (t->fin_sent)
		detach(t);
	sock_wake(s);
}

/* ERR_MEM: lwIP keeps it, and asks again. */
static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *b, err_t err)
{
	struct tcp_sock *t = arg;
	struct sock *s = &t->i.s;
	const struct lwip *l = lwip_of(s);
	struct packet *p;

	(void)pcb, (void)err;
	if (!b) {
		end_of_data(t);
		return ERR_OK;
	}
	if (packet_new(s->net, NULL, b->tot_len, &p))
		return ERR_MEM;
	l->pbuf_copy_partial(b, p->data, b->tot_len, 0);
	l->pbuf_free(b);
	packet_queue(s, p);
	return ERR_OK;
}

/* It is over, and lwIP has freed its end. */
static void on_error(void *arg, err_t err)
{
	struct tcp_sock *t = arg;
	struct sock *s = &t->i.s;
	bool reset = err == ERR_RST;
	int code = reset ? ECONNRESET : err == ERR_MEM ? ENOBUFS : ETIMEDOUT;

	forget(t);
	log_info(s->net->machine, NET, "connection of port %u: %s", t->i.local.port, strerror(code));
	if (s->state == SOCK_CONNECTING)
		tcp_refuse(t, reset ? ECONNREFUSED : code);
	else
		tcp_reset(t, reset && t->fin_received ? EPIPE : code);
}

static err_t on_connected(void *arg, struct tcp_pcb *p, err_t err)
{
	struct tcp_sock *t = arg;

	(void)p, (void)err;
	tcp_made(t);
	usertcp_options(t);
	sock_wake(&t->i.s);
	return ERR_OK;
}

static void attach(struct tcp_sock *t, struct tcp_pcb *p)
{
	const struct lwip *l = lwip_of(&t->i.s);

	t->wire = p;
	l->tcp_arg(p, t);
	l->tcp_recv(p, on_received);
	l->tcp_sent(p, on_sent);
	l->tcp_err(p, on_error);
}

void usertcp_options(struct tcp_sock *t)
{
	struct tcp_pcb *p = t->wire;

	if (!p)
		return;
	p->so_options = (u8_t)(SOF_REUSEADDR | (t->i.s.keep_alive ? SOF_KEEPALIVE : 0));
	p->keep_idle = (u32_t)inet_value(&t->i, L_TCP, KEEPIDLE) * 1000;
	p->keep_intvl = (u32_t)inet_value(&t->i, L_TCP, KEEPINTVL) * 1000;
	p->keep_cnt = (u32_t)inet_value(&t->i, L_TCP, KEEPCNT);
	p->ttl = inet_ttl(&t->i);
	p->tos = inet_tos(&t->i);
	if (inet_value(&t->i, L_TCP, NODELAY))
		tcp_nagle_disable(p);
	else
		tcp_nagle_enable(p);
}

/* --- Connecting --- */

/* lwIP's numbers for what can go wrong here. */
static int errno_of(err_t err)
{
	return err == ERR_OK ? 0 : err == ERR_USE ? -EADDRNOTAVAIL : err == ERR_RTE ? -ENETUNREACH :
	       err == ERR_MEM || err == ERR_BUF ? -ENOBUFS : -EINVAL;
}

static struct tcp_pcb *new_pcb(const struct lwip *l, u8_t type)
{
	struct tcp_pcb *p = l->tcp_new_ip_type(type);

	if (p)
		ip_set_option(p, SOF_REUSEADDR);	/* who may have which port is known to inet_port.c */
	return p;
}

static int try(struct tcp_sock *c, const struct inet_end *to)
{
	const struct lwip *l = lwip_of(&c->i.s);
	ip_addr_t local, remote;
	struct tcp_pcb *p;
	err_t err;

	lwip_address(c->i.local.ip, &local);
	lwip_address(to->ip, &remote);
	p = new_pcb(l, (u8_t)IP_GET_TYPE(&remote));
	if (!p)
		return -ENOBUFS;
	err = l->tcp_bind(p, &local, c->i.local.port);
	if (err == ERR_OK) {
		attach(c, p);
		usertcp_options(c);
		err = l->tcp_connect(p, &remote, to->port, on_connected);
	}
	if (err != ERR_OK && c->wire)
		detach(c);
	if (err != ERR_OK)
		l->tcp_abort(p);
	return errno_of(err);
}

int usertcp_connect(struct tcp_sock *c, const struct inet_end *to)
{
	struct usernet *u = c->i.s.net->inet->user;
	int err;

	if (usernet_full(u))
		return -ENOBUFS;
	err = try(c, to);
	/* The very connection may have been there a minute ago.  A port that nobody asked for can be another one. */
	for (int n = 0; err == -EADDRNOTAVAIL && !c->i.has_port && n < TRIES; n++) {
		inet_port_put(&c->i);
		err = inet_port_get(&c->i, 0, to);
		if (!err)
			err = try(c, to);
	}
	if (err)
		return err;
	c->i.s.state = SOCK_CONNECTING;
	usernet_run(u);
	return 0;
}

/* A connection from outside stands. */
static err_t on_accept(void *arg, struct tcp_pcb *p, err_t err)
{
	struct net *n = arg;
	const struct lwip *l = usernet_lwip(n->inet->user);
	struct inet_end local, remote;
	struct tcp_sock *to, *new;
	struct packet *packet;

	if (!p || err != ERR_OK)
		return ERR_VAL;
	lwip_put_address(&p->local_ip, local.ip);
	lwip_put_address(&p->remote_ip, remote.ip);
	local.port = p->local_port;
	remote.port = p->remote_port;
	to = tcp_listener(n, &remote, &local);
	if (!to || tcp_child(to, &local, &remote, &new, &packet)) {
		l->tcp_abort(p);
		return ERR_ABRT;
	}
	attach(new, p);
	tcp_made(new);
	usertcp_options(new);
	packet_queue(&to->i.s, packet);
	return ERR_OK;
}

int usertcp_listen(struct inet_port *port, struct net *n)
{
	const struct lwip *l = usernet_lwip(n->inet->user);
	const ip_addr_t any = { .type = IPADDR_TYPE_ANY };
	struct tcp_pcb *p, *listening;
	err_t err;

	if (port->wire)
		return 0;
	p = new_pcb(l, IPADDR_TYPE_ANY);
	if (!p)
		return -ENOBUFS;
	err = l->tcp_bind(p, &any, port->number);
	listening = err == ERR_OK ? l->tcp_listen_with_backlog(p, 255) : NULL;
	if (!listening) {
		l->tcp_abort(p);
		return -ENOBUFS;
	}
	l->tcp_arg(listening, n);
	l->tcp_accept(listening, on_accept);
	port->wire = listening;
	return 0;
}

void usertcp_unlisten(struct inet_port *port, struct net *n)
{
	usernet_lwip(n->inet->user)->tcp_close(port->wire);
	port->wire = NULL;
}

/* --- Data --- */

bool usertcp_writable(const struct tcp_sock *t)
{
	const struct tcp_pcb *p = t->wire;

	return !p || (packet_writable(&t->i.s) && tcp_sndbuf(p) > TCP_SNDLOWAT && tcp_sndqueuelen(p) < TCP_SNDQUEUELOWAT);
}

/* len bytes as far as there is room: how many, or -errno. */
static int64_t put(struct tcp_sock *t, const uint8_t *from, size_t len, bool more)
{
	const struct lwip *l = lwip_of(&t->i.s);
	struct tcp_pcb *p = t->wire;
	uint32_t n = tcp_sndbuf(p) < WRITE_MAX ? tcp_sndbuf(p) : WRITE_MAX;
	err_t err;

	if (n > len)
		n = (uint32_t)len;
	n = packet_lend(&t->i.s, n);
	if (!n)
		return -EAGAIN;
	err = l->tcp_write(p, from, (u16_t)n, (u8_t)(TCP_WRITE_FLAG_COPY | (more || n < len ? TCP_WRITE_FLAG_MORE : 0)));
	if (err == ERR_OK)
		return n;
	packet_repay(&t->i.s, n);
	/* When what is on its way has arrived there is room again; if nothing is, there is no memory. */
	return t->i.s.sent ? -EAGAIN : -ENOBUFS;
}

int64_t usertcp_send(struct tcp_sock *t, struct sock_msg *m)
{
	const struct lwip *l = lwip_of(&t->i.s);
	size_t skip = m->done, sent = 0;
	int64_t n = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	for (unsigned i = 0; i < m->count && n >= 0; i++) {
		const uint8_t *from = m->vec[i].iov_base;
		size_t len = m->vec[i].iov_len, at = skip < len ? skip : len;

		skip -= at;
		for (; at < len; at += (size_t)n, sent += (size_t)n) {
			n = put(t, from + at, len - at, i + 1 < m->count);
			if (n < 0)
				break;
		}
	}
	if (n >= 0 && m->done + sent < m->len)
		n = -EFAULT;
	if (sent)
		l->tcp_output(t->wire);
	usernet_run(t->i.s.net->inet->user);
	return sent ? (int64_t)sent : n < 0 ? n : 0;
}

void usertcp_taken(struct tcp_sock *t, size_t bytes)
{
	if (!t->wire)
		return;
	for (size_t n; bytes; bytes -= n) {
		n = bytes < WRITE_MAX ? bytes : WRITE_MAX;
		lwip_of(&t->i.s)->tcp_recved(t->wire, (u16_t)n);
	}
	usernet_run(t->i.s.net->inet->user);
}

/* --- The end --- */

void usertcp_fin(struct tcp_sock *t)
{
	struct usernet *u = t->i.s.net->inet->user;
	struct tcp_pcb *p = t->wire;

	/* For want of memory lwIP sends it later, by itself. */
	if (t->fin_received) {
		detach(t);
		if (usernet_lwip(u)->tcp_close(p) != ERR_OK)
			usernet_lwip(u)->tcp_abort(p);
	} else {
		usernet_lwip(u)->tcp_shutdown(p, 0, 1);
	}
	usernet_run(u);
}

void usertcp_end(struct tcp_sock *t, bool hard)
{
	struct usernet *u = t->i.s.net->inet->user;
	const struct lwip *l = usernet_lwip(u);
	struct tcp_pcb *p = t->wire;

	detach(t);
	if (hard || l->tcp_close(p) != ERR_OK)
		l->tcp_abort(p);
	usernet_run(u);
}

void usertcp_unreachable(struct net *n, const struct inet_end *local, const struct inet_end *remote, int err)
{
	struct inet_port *port = inet_port_find(n, INET_TCP, local->port);
	struct inet_sock *i = port ? port->first : NULL;

	while (i && (i->remote.port != remote->port || memcmp(i->remote.ip, remote->ip, 16)))
		i = i->port_next;
	/* Once a connection stands it may be a matter of seconds (tcp_v4_err()). */
	if (!i || i->s.state != SOCK_CONNECTING || !tcp_sk(&i->s)->wire)
		return;
	usertcp_end(tcp_sk(&i->s), true);
	tcp_refuse(tcp_sk(&i->s), err);
}
