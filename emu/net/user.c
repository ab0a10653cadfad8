/* SPDX-License-Identifier: MIT
 *
 * --net user: the machine's sockets at the wire of emu/usernet/.  What leads out through eth0, and what comes in there;
 * connections are usertcp.c's.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"
#include "emu/net/tcp.h"
#include "emu/usernet/usernet.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58, UDP_HEADER = 8, UDP_SUM = 6, L_IP = 0, MTU_DISCOVER = 10, PROBE = 2 };

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* --- Out --- */

int64_t inet_user_send(struct inet_sock *i, const struct inet_end *from, const struct inet_end *to, const struct sock_msg *m)
{
	struct usernet *u = i->s.net->inet->user;
	bool four = inet_is_v4(to->ip);
	uint8_t *h = usernet_room(u, four);

	/* The wire would take it, but a program that asks for it wants to know. */
	if (four && inet_value(i, L_IP, MTU_DISCOVER) >= PROBE && m->len > USERNET_MTU - 20 - UDP_HEADER)
		return -EMSGSIZE;
	if (usernet_full(u))
		return (int64_t)m->len;		/* lost */
	put16(h, from->port);
	put16(h + 2, to->port);
	put16(h + 4, (unsigned)(UDP_HEADER + m->len));
	if (msg_read(m, 0, h + UDP_HEADER, m->len))
		return -EFAULT;
	usernet_send(u, UDP, from->ip, to->ip, inet_ttl(i), inet_tos(i), UDP_HEADER + m->len, UDP_SUM);
	usernet_run(u);
	return (int64_t)m->len;
}

/* --- In --- */

static void datagram(struct net *n, const struct usernet_packet *p)
{
	struct inet_datagram d = { .ttl = p->ttl, .tos = p->tos };
	struct inet_sock *r;
	struct packet *q;
	size_t len;

	if (p->len < UDP_HEADER)
		return;
	len = get16(p->data + 4);
	if (len < UDP_HEADER || len > p->len)
		return;
	len -= UDP_HEADER;
	memcpy(d.from.ip, p->from, 16);
	memcpy(d.to.ip, p->to, 16);
	d.from.port = (uint16_t)get16(p->data);
	d.to.port = (uint16_t)get16(p->data + 2);
	r = udp_receiver(n, &d.from, &d.to);
	q = r ? udp_room(r, (uint32_t)len, &d) : NULL;
	if (!q)
		return;
	memcpy(q->data, p->data + UDP_HEADER, len);
	packet_queue(&r->s, q);
}

/* icmp_err_convert[], and icmpv6_err_convert(): the errno; *hard: a UDP socket is told as well. */
static int errno_of(bool four, unsigned type, unsigned code, bool *hard)
{
	static const uint8_t v4[] = { ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED, EMSGSIZE, EOPNOTSUPP, ENETUNREACH,
				      EHOSTDOWN, ENONET, ENETUNREACH, EHOSTUNREACH, ENETUNREACH, EHOSTUNREACH, EHOSTUNREACH,
				      EHOSTUNREACH, EHOSTUNREACH };
	static const uint8_t v6[] = { ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES };

	*hard = four ? code == 2 || code == 3 : code == 1 || code >= 4;
	if (type != (four ? 3u : 1u))
		return 0;
	if (four)
		return code < sizeof v4 ? v4[code] : EHOSTUNREACH;
	return code < sizeof v6 ? v6[code] : EPROTO;
}

/* ICMP: what we sent to somewhere cannot get there.  It lies behind 8 bytes, as far as its ports. */
static void unreachable(struct net *n, const struct usernet_packet *p, int err, bool hard)
{
	bool four = p->proto == ICMP;
	const uint8_t *inner = p->data + 8, *ports;
	size_t left = p->len - 8, header = four ? (left ? (inner[0] & 15u) * 4 : 0) : 40;
	struct inet_end local = { .ip = { [10] = 0xff, [11] = 0xff } }, remote = local;
	struct inet_sock *i;
	unsigned proto;

	if (header < 20 || left < header + 4)
		return;
	proto = inner[four ? 9 : 6];
	ports = inner + header;
	memcpy(four ? local.ip + 12 : local.ip, inner + (four ? 12 : 8), four ? 4 : 16);
	memcpy(four ? remote.ip + 12 : remote.ip, inner + (four ? 16 : 24), four ? 4 : 16);
	local.port = (uint16_t)get16(ports);
	remote.port = (uint16_t)get16(ports + 2);
	if (proto == TCP) {
		usertcp_unreachable(n, &local, &remote, err);
	} else if (proto == UDP && hard) {
		i = udp_receiver(n, &remote, &local);
		if (!i || i->s.state != SOCK_CONNECTED)
			return;
		i->s.error = err;
		sock_wake(&i->s);
	}
}

static void control(struct net *n, const struct usernet_packet *p)
{
	bool hard;
	int err;

	if (p->len < 8)
		return;
	err = errno_of(p->proto == ICMP, p->data[0], p->data[1], &hard);
	if (err)
		unreachable(n, p, err, hard);
	icmp_receive(n, p);
}

static void on_packet(void *owner, const struct usernet_packet *p)
{
	if (p->proto == UDP)
		datagram(owner, p);
	else if (p->proto == ICMP || p->proto == ICMP6)
		control(owner, p);
}

static bool admits(void *owner, const uint8_t ip[16], uint16_t port)
{
	struct inet_end to = { .port = port };
	const struct tcp_sock *l;

	memcpy(to.ip, ip, 16);
	l = tcp_listener(owner, NULL, &to);
	return !l || !tcp_full(&l->i.s);
}

/* --- Life --- */

int inet_user_start(struct net *n, const struct usernet_config *c, char *why)
{
	static const struct usernet_ops ops = { on_packet, admits };
	int err = usernet_new(n->machine, c, &ops, n, &n->inet->user, why);

	if (!err)
		netdev_add_eth(n);
	return err;
}

void inet_user_stop(struct net *n)
{
	usernet_free(n->inet->user);
	n->inet->user = NULL;
}
