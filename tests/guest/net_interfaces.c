/* SPDX-License-Identifier: MIT
 * What programs find out about interfaces: netlink, and the C library on top of it.
 */
#include "inet.h"
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

struct request { struct nlmsghdr h; struct rtgenmsg g; char pad[31]; };

static void sockets(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK }, b;
	socklen_t len = sizeof b;
	int s, t;

	tap_errno(socket(AF_NETLINK, SOCK_STREAM, 0), ESOCKTNOSUPPORT, "no streams");
	tap_errno(socket(AF_NETLINK, SOCK_RAW, 31), EPROTONOSUPPORT, "a protocol that is not there");
	s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	tap_ok(s >= 0, "NETLINK_ROUTE");
	tap_errno(bind(s, (void *)&a, 4), EINVAL, "bind: too short");
	tap_zero(bind(s, SA(a)), "bind to any");
	tap_ok(!getsockname(s, (void *)&b, &len) && len == sizeof b && b.nl_pid == (unsigned)getpid(),
	       "is the process's number");
	t = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	a.nl_pid = (unsigned)getpid();
	tap_errno(bind(t, SA(a)), EADDRINUSE, "which only one can have");
	tap_errno(listen(t, 1), EOPNOTSUPP, "listen");
	tap_errno(recv(t, buf, 1, MSG_DONTWAIT), EAGAIN, "nothing to receive");
	close(t);
	close(s);
}

static union { struct nlmsghdr h; char space[4096]; } first;	/* of the messages asked for */

/* Sends a request and reads what comes: how many messages of the type; *done: what came at the end. */
static int ask(int s, int type, int flags, int want, int *done)
{
	struct request r = { .h = { .nlmsg_len = sizeof r.h + 16, .nlmsg_type = (unsigned short)type,
				    .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags), .nlmsg_seq = 7 } };
	int n = 0, len;

	*done = 0;
	send(s, &r, r.h.nlmsg_len, 0);
	while (!*done && (len = (int)recv(s, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		for (int at = 0; at + (int)sizeof(struct nlmsghdr) <= len; ) {
			struct nlmsghdr *h = (void *)(buf + at);

			if (h->nlmsg_seq != 7)
				tap_diag("sequence number %u", h->nlmsg_seq);
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				*done = h->nlmsg_type;
			if (h->nlmsg_type == want && n++ == 0)
				memcpy(&first, h, h->nlmsg_len);
			at += (int)NLMSG_ALIGN(h->nlmsg_len);
		}
	return n;
}

static void links(void)
{
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), done, name = 0, mtu = 0;
	struct ifinfomsg *i = NLMSG_DATA(&first.h);
	struct rtattr *at = IFLA_RTA(i);

	tap_ok(ask(s, RTM_GETLINK, NLM_F_DUMP, RTM_NEWLINK, &done) >= 1 && done == NLMSG_DONE, "dump of links");
	tap_ok(i->ifi_index == 1 && i->ifi_type == 772 && (i->ifi_flags & IFF_UP) && (i->ifi_flags & IFF_LOOPBACK),
	       "number 1 is lo, up");
	for (; (char *)at < (char *)&first + first.h.nlmsg_len; at = (void *)((char *)at + RTA_ALIGN(at->rta_len))) {
		name |= at->rta_type == IFLA_IFNAME && !strcmp(RTA_DATA(at), "lo");
		mtu |= at->rta_type == IFLA_MTU && *(int *)RTA_DATA(at) == 65536;
	}
	tap_ok(name && mtu, "its name and MTU");
	tap_ok(ask(s, RTM_GETADDR, NLM_F_DUMP, RTM_NEWADDR, &done) == 2 && done == NLMSG_DONE,
	       "dump of addresses: two");
	tap_ok(ask(s, 120, 0, NLMSG_ERROR, &done) == 1 && *(int *)NLMSG_DATA(&first.h) == -EOPNOTSUPP,
	       "an unknown request");
	close(s);
}

static void library(void)
{
	struct if_nameindex *list = if_nameindex();
	struct ifaddrs *all, *a;
	int four = 0, six = 0, packet = 0;

	tap_ok(list && list[0].if_index == 1 && !strcmp(list[0].if_name, "lo"), "if_nameindex()");
	if_freenameindex(list);
	tap_ok(if_nametoindex("lo") == 1 && if_nametoindex("eth9") == 0, "if_nametoindex()");
	tap_ok(!strcmp(if_indextoname(1, buf), "lo"), "if_indextoname()");
	tap_zero(getifaddrs(&all), "getifaddrs()");
	for (a = all; a; a = a->ifa_next) {
		if (strcmp(a->ifa_name, "lo") || !a->ifa_addr)
			continue;
		struct sockaddr_in *in = (void *)a->ifa_addr, *mask = (void *)a->ifa_netmask;
		struct sockaddr_in6 *in_six = (void *)a->ifa_addr;

		four += in->sin_family == AF_INET && in->sin_addr.s_addr == htonl(LO) &&
			mask->sin_addr.s_addr == htonl(0xff000000);
		six += in->sin_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in_six->sin6_addr);
		packet += a->ifa_addr->sa_family == AF_PACKET;
	}
	tap_ok(four == 1 && six == 1 && packet == 1, "lo: 127.0.0.1/8, ::1, and itself");
	freeifaddrs(all);
}

int main(void)
{
	tap_plan(0);
	inet_begin();
	sockets();
	links();
	library();
	return tap_done();
}
