/* SPDX-License-Identifier: MIT
 *
 * /proc/net of the internet families: the interface, routes, who has sockets (net/ipv4/tcp_ipv4.c, udp.c,
 * net/core/net-procfs.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/host/clock.h"
#include "emu/net/tcp.h"
#include "emu/proc/internal.h"
#include "emu/usernet/usernet.h"

/* --- The interfaces --- */

int show_net_dev(struct proc_out *o, const struct proc_who *w)
{
	const struct net *n = w->m->net;

	out(o, "Inter-|   Receive                                                |  Transmit\n"
	       " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
	       "colls carrier compressed\n");
	for (unsigned i = 0; i < n->inet->devs; i++) {
		struct netdev_count in, sent;

		netdev_counts(n, &n->inet->dev[i], &in, &sent);
		out(o, "%6s: %7llu %7llu %4d %4d %4d %5d %10d %9d %8llu %7llu %4d %4d %4d %5d %7d %10d\n", n->inet->dev[i].name,
		    (unsigned long long)in.bytes, (unsigned long long)in.packets, 0, 0, 0, 0, 0, 0, (unsigned long long)sent.bytes,
		    (unsigned long long)sent.packets, 0, 0, 0, 0, 0, 0);
	}
	return 0;
}

static void route(struct proc_out *o, const struct netdev *d, uint32_t to, uint32_t gateway, unsigned flags, uint32_t mask)
{
	size_t start = o->len;

	out(o, "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u", d->name, to, gateway, flags, 0, 0u, 0, mask, 0, 0u, 0u);
	out_pad(o, start, 127);
	out_text(o, "\n", 1);
}

/* What lo reaches is in no table that is shown here. */
int show_net_route(struct proc_out *o, const struct proc_who *w)
{
	const struct net *n = w->m->net;

	out(o, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	for (unsigned i = 0; i < n->inet->devs; i++) {
		const struct netdev *d = &n->inet->dev[i];
		uint32_t ip, gateway;

		memcpy(&ip, d->ip4 + 12, 4);
		memcpy(&gateway, d->gateway4 + 12, 4);
		if (d->down || !gateway)
			continue;
		route(o, d, 0, gateway, 3 /* RTF_UP, RTF_GATEWAY */, 0);
		route(o, d, ip & netdev_mask4(d), 0, 1, netdev_mask4(d));
	}
	return 0;
}

/* Who is at the other end of eth0 needs not be asked for, and is not kept. */
int show_net_arp(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "IP address       HW type     Flags       HW address            Mask     Device\n");
	return 0;
}

int show_net_if_inet6(struct proc_out *o, const struct proc_who *w)
{
	const struct net *n = w->m->net;

	for (unsigned i = 0; i < n->inet->devs; i++) {
		const struct netdev *d = &n->inet->dev[i];

		if (d->down)
			continue;
		for (unsigned k = 0; k < sizeof d->ip6; k++)
			out(o, "%02x", d->ip6[k]);
		/* The scope as IPV6_ADDR_SCOPE_MASK has it. */
		out(o, " %02x %02x %02x %02x %8s\n", d->index, d->bits6, d->index == NETDEV_LO ? 0x10 : 0x40, 0x80, d->name);
	}
	return 0;
}

/*
 * net/ipv4/ipconfig.c pnp_seq_show(): what ip= on the kernel's command line has set, in the form of /etc/resolv.conf, which
 * can be a link to it.
 */
int show_net_pnp(struct proc_out *o, const struct proc_who *w)
{
	const uint8_t *dns = usernet_dns4 + 12;

	out(o, "#MANUAL\n");
	if (netdev_at(w->m->net, NETDEV_ETH))
		out(o, "nameserver %u.%u.%u.%u\n", dns[0], dns[1], dns[2], dns[3]);
	return 0;
}

/* --- Sockets --- */

/* The kernel's numbers of TCP states, which UDP has as well. */
static unsigned state_of(const struct sock *s)
{
	const struct tcp_sock *t = (const struct tcp_sock *)(const void *)s;

	switch (s->state) {
	case SOCK_LISTENING:
		return 10;
	case SOCK_CONNECTING:
		return 2;
	case SOCK_CONNECTED:
		if (!inet_is_tcp(s))
			return 1;
		return t->fin_received ? 8 : t->fin_sent ? 5 : 1;
	default:
		return 7;
	}
}

/* As words of the host's order, of IPv4 the last one. */
static void end(struct proc_out *o, int family, const struct inet_end *e)
{
	uint32_t v[4];

	memcpy(v, e->ip, sizeof v);
	if (family == AF_INET6)
		out(o, " %08X%08X%08X%08X:%04X", v[0], v[1], v[2], v[3], e->port);
	else
		out(o, " %08X:%04X", e->port || v[3] ? v[3] : 0, e->port);
}

/* Everything up to the inode, which all of these files have alike. */
static void common(struct proc_out *o, const struct inet_sock *i, int width, int number)
{
	const struct sock *s = &i->s;
	bool tcp = inet_is_tcp(s);

	out(o, "%*d:", width, number);
	end(o, s->family, &i->local);
	end(o, s->family, &i->remote);
	out(o, " %02X %08X:%08X 00:00000000 00000000 %5u %8d %llu %u 00000000", state_of(s), tcp ? 0 : s->sent,
	    s->state == SOCK_LISTENING ? s->queued : s->received, i->uid, 0, (unsigned long long)s->ino, s->refs);
}

/* Is it one for this file: TCP sockets that do something, UDP ones that have a port? */
static bool wanted(const struct sock *s, int family, int type)
{
	const struct inet_sock *i = (const struct inet_sock *)(const void *)s;

	return s->family == family && s->type == type && i->port && !s->dead &&
	       (type == SOCK_DGRAM || s->state != SOCK_CLOSED);
}

/* get_timewait4_sock(): a connection that is closed; ticks are hundredths of a second. */
static void time_wait(struct proc_out *o, const struct proc_who *w, int family, int n)
{
	uint64_t now = clock_monotonic(w->m);

	inet_tw_expire(w->m->net);
	for (const struct inet_tw *t = w->m->net->inet->tw_first; t; t = t->younger) {
		size_t start = o->len;

		if (t->family != family)
			continue;
		out(o, "%4d:", n++);
		end(o, family, &t->local);
		end(o, family, &t->remote);
		out(o, " 06 00000000:00000000 03:%08X 00000000 %5d %8d %d %d 00000000", (unsigned)((t->until - now) / 10000000), 0, 0, 0, 3);
		if (family == AF_INET)
			out_pad(o, start, 149);
		out_text(o, "\n", 1);
	}
}

static int tcp(struct proc_out *o, const struct proc_who *w, int family)
{
	int n = 0;

	for (struct sock *s = w->m->net->first; s; s = s->next) {
		size_t start = o->len;

		if (!wanted(s, family, SOCK_STREAM))
			continue;
		common(o, inet_sk(s), 4, n++);
		if (s->state == SOCK_LISTENING)
			out(o, " 100 0 0 10 0");
		else
			out(o, " 20 4 30 10 -1");
		if (family == AF_INET)
			out_pad(o, start, 149);
		out_text(o, "\n", 1);
	}
	time_wait(o, w, family, n);
	return 0;
}

static int udp(struct proc_out *o, const struct proc_who *w, int family)
{
	int n = 0;

	for (struct sock *s = w->m->net->first; s; s = s->next) {
		size_t start = o->len;

		if (!wanted(s, family, SOCK_DGRAM))
			continue;
		common(o, inet_sk(s), 5, n++);
		out(o, " %u", s->drops);
		if (family == AF_INET)
			out_pad(o, start, 127);
		out_text(o, "\n", 1);
	}
	return 0;
}

int show_net_tcp(struct proc_out *o, const struct proc_who *w)
{
	out(o, "%-149s\n", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
			   "inode");
	return tcp(o, w, AF_INET);
}

int show_net_tcp6(struct proc_out *o, const struct proc_who *w)
{
	out(o, "  sl  local_address                         remote_address                        st tx_queue rx_queue "
	       "tr tm->when retrnsmt   uid  timeout inode\n");
	return tcp(o, w, AF_INET6);
}

/* lead: that of raw sockets begins with a blank less. */
static void datagram_header(struct proc_out *o, const char *lead)
{
	size_t start = o->len;

	out(o, "%ssl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
	       "pointer drops", lead);
	out_pad(o, start, 127);
	out_text(o, "\n", 1);
}

int show_net_udp(struct proc_out *o, const struct proc_who *w)
{
	datagram_header(o, "   ");
	return udp(o, w, AF_INET);
}

int show_net_udp6(struct proc_out *o, const struct proc_who *w)
{
	out(o, "  sl  local_address                         remote_address                        st tx_queue rx_queue "
	       "tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n");
	return udp(o, w, AF_INET6);
}

/* Raw sockets: their protocol for a port (net/ipv4/raw.c raw_sock_seq_show()). */
int show_net_raw(struct proc_out *o, const struct proc_who *w)
{
	datagram_header(o, "  ");
	for (const struct inet_sock *i = w->m->net->inet->icmp; i; i = i->port_next) {
		size_t start = o->len;
		struct inet_sock shown = *i;

		if (i->s.family != AF_INET || i->s.type != SOCK_RAW)
			continue;
		shown.local.port = (uint16_t)i->s.protocol;
		common(o, &shown, 4, (int)i->s.protocol);
		out(o, " %u", i->s.drops);
		out_pad(o, start, 127);
		out_text(o, "\n", 1);
	}
	return 0;
}

/* --- sysctl --- */

int show_ip_local_port_range(struct proc_out *o, const struct proc_who *w)
{
	out(o, "%u\t%u\n", w->m->net->inet->first_free, w->m->net->inet->last_free);
	return 0;
}

/* ipv4_local_port_range(): one number alone is the first. */
int store_ip_local_port_range(const struct proc_who *w, char *text)
{
	struct inet_net *n = w->m->net->inet;
	long port[2] = { n->first_free, n->last_free };

	for (int i = 0; i < 2; i++) {
		char *end;
		long v = strtol(text, &end, 0);

		if (end == text && i && !text[strspn(text, " \t\n")])
			break;
		if (end == text || (*end && !strchr(" \t\n", *end)) || v < 1 || v > 65535)
			return -EINVAL;
		port[i] = v;
		text = end;
	}
	if (port[1] < port[0] || port[0] < 1024 /* those that not all may take */)
		return -EINVAL;
	n->first_free = (uint16_t)port[0];
	n->last_free = (uint16_t)port[1];
	return 0;
}
