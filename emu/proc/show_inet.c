/* SPDX-License-Identifier: MIT
 *
 * /proc/net of the internet families: the interface, routes, who has sockets (net/ipv4/tcp_ipv4.c, udp.c,
 * net/core/net-procfs.c).
 */
#include <string.h>
#include <sys/socket.h>
#include "emu/net/tcp.h"
#include "emu/proc/internal.h"

/* --- The interface --- */

int show_net_dev(struct proc_out *o, const struct proc_who *w)
{
	unsigned long long bytes = w->m->net->inet->bytes, packets = w->m->net->inet->packets;

	out(o, "Inter-|   Receive                                                |  Transmit\n"
	       " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
	       "colls carrier compressed\n");
	out(o, "%6s: %7llu %7llu %4d %4d %4d %5d %10d %9d %8llu %7llu %4d %4d %4d %5d %7d %10d\n", "lo", bytes, packets, 0,
	    0, 0, 0, 0, 0, bytes, packets, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* What lo reaches is in no table that is shown here. */
int show_net_route(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	return 0;
}

int show_net_arp(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "IP address       HW type     Flags       HW address            Mask     Device\n");
	return 0;
}

int show_net_if_inet6(struct proc_out *o, const struct proc_who *w)
{
	if (!w->m->net->inet->down)
		out(o, "00000000000000000000000000000001 01 80 10 80       lo\n");
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
static void end(struct proc_out *o, const struct sock *s, const struct inet_end *e)
{
	uint32_t v[4];

	memcpy(v, e->ip, sizeof v);
	if (s->family == AF_INET6)
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
	end(o, s, &i->local);
	end(o, s, &i->remote);
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

/* There are no raw sockets. */
int show_net_raw(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	datagram_header(o, "  ");
	return 0;
}
