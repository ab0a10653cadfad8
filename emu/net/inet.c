/* SPDX-License-Identifier: MIT
 *
 * AF_INET and AF_INET6: families, names, binding (net/ipv4/af_inet.c, net/ipv6/af_inet6.c).
 */
#include "emu/net/inet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/stream.h"
#include "emu/net/tcp.h"
#include "emu/sys/user.h"

enum { CAP_NET_BIND_SERVICE_ = 10, CAP_NET_RAW_ = 13, PROTECTED_PORTS = 1024 };
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58, PROTO_MAX = 263 };
enum { SIOCINQ_ = 0x541b, SIOCOUTQ_ = 0x5411, SIOCATMARK_ = 0x8905 };
/* tcp_rmem[1], tcp_wmem[1]; datagram sockets have net.core's defaults. */
enum { TCP_RECEIVE = 131072, TCP_SEND = 16384 };

/* --- Families --- */

static int create(struct net *n, struct task *t, int family, int type, int protocol, struct sock **out)
{
	bool stream = type == SOCK_STREAM;
	struct inet_sock *i;
	struct sock *s;
	int err;

	if (protocol < 0 || protocol >= PROTO_MAX)
		return -EINVAL;
	if (type == SOCK_RAW && !task_capable(t, CAP_NET_RAW_) && protocol)
		return -EPERM;
	if ((type == SOCK_RAW || type == SOCK_DGRAM) && protocol == (family == AF_INET ? PROTO_ICMP : PROTO_ICMP6))
		return icmp_create(n, t, family, type, out);
	if (type == SOCK_RAW)	/* any protocol, but no other here */
		return -EPROTONOSUPPORT;
	if (!stream && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol && protocol != (stream ? PROTO_TCP : PROTO_UDP))
		return -EPROTONOSUPPORT;
	s = sock_alloc(n, stream ? sizeof(struct tcp_sock) : sizeof *i, stream ? &tcp_ops : &udp_ops, family, type,
		       stream ? PROTO_TCP : PROTO_UDP, &err);
	if (!s)
		return err;
	i = inet_sk(s);
	i->uid = t->cred.fsuid;
	i->host = -1;
	inet_forget_address(i);
	inet_options_init(i);
	if (stream) {
		s->send_limit = TCP_SEND;
		s->receive_limit = TCP_RECEIVE;
	}
	*out = s;
	return 0;
}

static int create4(struct net *n, struct task *t, int type, int protocol, struct sock **out)
{
	return create(n, t, AF_INET, type, protocol, out);
}

static int create6(struct net *n, struct task *t, int type, int protocol, struct sock **out)
{
	return create(n, t, AF_INET6, type, protocol, out);
}

const struct sock_family inet_family = { AF_INET, create4 }, inet6_family = { AF_INET6, create6 };

/* --- Binding --- */

/* The address to bind to: 0 or -errno, as __inet_bind() and __inet6_bind() check it. */
static int get_local(const struct inet_sock *i, const struct sock_addr *a, struct inet_end *out)
{
	bool six = i->s.family == AF_INET6;
	enum inet_kind kind;
	int err;

	if (a->len < (six ? 24 : 16))
		return -EINVAL;
	if (six && a->family != AF_INET6)
		return -EAFNOSUPPORT;
	err = inet_get_end(&i->s, a, out);
	if (err)
		return err;
	kind = inet_kind_of(out->ip);
	if (!six && a->family != AF_INET && kind != INET_ANY)
		return -EAFNOSUPPORT;
	if (six && inet_is_v4(out->ip) && i->v6only)
		return -EINVAL;
	return kind == INET_FOREIGN && !inet_is_local(i->s.net, out->ip) ? -EADDRNOTAVAIL : 0;
}

int inet_bind(struct sock *s, struct task *t, const struct sock_addr *a)
{
	struct inet_sock *i = inet_sk(s);
	struct inet_end old = i->local, local;
	int err = get_local(i, a, &local);

	if (err == -EADDRNOTAVAIL && !i->local.port && s->state == SOCK_CLOSED && inet_goes_to_host(s->net, local.ip)) {
		err = inet_host_begin(i, local.ip);
		return err ? err : s->ops->bind(s, t, a);
	}
	if (err)
		return err;
	if (local.port && local.port < PROTECTED_PORTS && !task_capable(t, CAP_NET_BIND_SERVICE_))
		return -EACCES;
	if (s->state != SOCK_CLOSED || i->local.port)
		return -EINVAL;
	memcpy(i->local.ip, local.ip, sizeof local.ip);
	err = inet_port_get(i, local.port, NULL);
	if (err) {
		i->local = old;
		return err;
	}
	i->has_addr = !inet_is_any(local.ip);
	i->has_port = local.port != 0;
	return 0;
}

int inet_name_of(struct sock *s, bool peer, struct sock_addr *out)
{
	struct inet_sock *i = inet_sk(s);

	if (peer && (!i->remote.port || s->state != SOCK_CONNECTED))
		return -ENOTCONN;
	inet_put_end(s, peer ? &i->remote : &i->local, out);
	return 0;
}

/* --- ioctl --- */

static uint32_t waiting_bytes(const struct sock *s)
{
	uint32_t n = 0;

	for (const struct packet *p = s->first; p && p != s->urgent; p = p->next) {
		n += p->len - p->at;
		if (!inet_is_tcp(s))
			break;
	}
	return n;
}

int64_t inet_ioctl(struct sock *s, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case SIOCINQ_:
		return s->state == SOCK_LISTENING ? -EINVAL : user_put32(t, arg, waiting_bytes(s));
	case SIOCOUTQ_:		/* what is sent has arrived */
		return s->state == SOCK_LISTENING ? -EINVAL : user_put32(t, arg, 0);
	case SIOCATMARK_:
		return inet_is_tcp(s) ? user_put32(t, arg, stream_at_mark(s)) : -ENOTTY;
	}
	return -ENOTTY;
}
