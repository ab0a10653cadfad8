/* SPDX-License-Identifier: MIT
 * UDP on the loopback: destinations, refusals, truncation, broadcast, what is told with a datagram; the ioctls of lo.
 */
#include "inet.h"

static int bound(uint32_t ip, int port)
{
	struct sockaddr_in a = in4(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, SA(a)))
		tap_diag("bind: %s", strerror(errno));
	return fd;
}

static void destinations(void)
{
	int a = bound(LO, 0), b = bound(LO, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to_a = in4(LO, port_of(a)), to_b = in4(LO, port_of(b)), from, bad;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = sizeof from;

	tap_is(ready(a, POLLIN | POLLOUT), POLLOUT, "poll of a new socket");
	tap_errno(send(c, "x", 1, 0), EDESTADDRREQ, "send without destination");
	tap_errno(listen(c, 1), EOPNOTSUPP, "listen");
	tap_errno(accept(c, NULL, NULL), EOPNOTSUPP, "accept");
	tap_errno(shutdown(c, SHUT_WR), ENOTCONN, "shutdown");
	close(c);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	tap_is(sendto(c, "hello", 5, 0, SA(to_a)), 5, "sendto");
	tap_ok(port_of(c) >= 32768 && own_ip(c) == 0, "has a port from then on");
	tap_ok(recvfrom(a, buf, 100, 0, (void *)&from, &len) == 5 && len == 16 && ntohl(from.sin_addr.s_addr) == LO &&
		       ntohs(from.sin_port) == port_of(c), "received from there");
	sendto(c, "longer", 6, 0, SA(to_a));
	tap_is(recv(a, buf, 3, MSG_PEEK), 3, "peek");
	tap_is(recv(a, buf, 3, MSG_TRUNC), 6, "MSG_TRUNC: the whole length");
	tap_errno(recv(a, buf, 3, MSG_DONTWAIT), EAGAIN, "the rest is gone");
	tap_is(sendto(c, "", 0, 0, SA(to_a)), 0, "an empty one");
	tap_is(recv(a, buf, 3, 0), 0, "arrives");
	bad = in4(LO, 0);
	tap_errno(sendto(c, "x", 1, 0, SA(bad)), EINVAL, "to port 0");
	tap_errno(sendto(c, "x", 1, 0, (void *)&to_a, 10), EINVAL, "address too short");
	bad = to_a;
	bad.sin_family = AF_INET6;
	tap_errno(sendto(c, "x", 1, 0, SA(bad)), EAFNOSUPPORT, "another family");
	bad = in4(0x0a000001, 9);
	tap_errno(sendto(c, "x", 1, 0, SA(bad)), ENETUNREACH, "10.0.0.1");
	tap_errno(connect(c, SA(bad)), ENETUNREACH, "nor connect");
	tap_errno(sendto(c, buf, 65508, 0, SA(to_a)), EMSGSIZE, "65508 bytes");
	tap_is(sendto(c, buf, 65507, 0, SA(to_a)), 65507, "65507 bytes");
	tap_is(recv(a, buf, sizeof buf, 0), 65507, "arrive");
	tap_errno(sendto(c, "x", 1, MSG_OOB, SA(to_a)), EOPNOTSUPP, "MSG_OOB");

	tap_zero(connect(b, SA(to_a)), "connect b to a");
	tap_ok(peer_ip(b) == LO && own_ip(b) == LO, "names");
	tap_is(write(b, "w", 1), 1, "write");
	tap_is(read(a, buf, 10), 1, "read");
	sendto(c, "stranger", 8, 0, SA(to_b));
	tap_errno(recv(b, buf, 10, MSG_DONTWAIT), EAGAIN, "b hears a only");
	sendto(a, "friend", 6, 0, SA(to_b));
	tap_is(recv(b, buf, 10, 0), 6, "a");
	tap_is(sendto(b, "other", 5, 0, SA(to_b)), 5, "connected, but to another");
	close(a);
	tap_is(send(b, "x", 1, 0), 1, "a is gone: the first is sent");
	tap_is(becomes(b, POLLIN) & POLLERR, POLLERR, "POLLERR");
	tap_errno(recv(b, buf, 1, 0), ECONNREFUSED, "then ECONNREFUSED");
	tap_errno(recv(b, buf, 1, MSG_DONTWAIT), EAGAIN, "once");
	send(b, "x", 1, 0);
	usleep(10000);
	tap_errno(send(b, "x", 1, 0), ECONNREFUSED, "or by the next send");
	tap_is(sendto(c, "x", 1, 0, SA(to_a)), 1, "not connected: not told");
	tap_errno(recv(c, buf, 1, MSG_DONTWAIT), EAGAIN, "at all");
	tap_zero(connect(b, &none, sizeof none), "AF_UNSPEC");
	tap_ok(!peer_ip(b) && own_ip(b) == LO, "keeps the address that bind gave");
	to_b = in4(LO, 9);
	connect(b, SA(to_b));
	tap_zero(shutdown(b, SHUT_RD), "SHUT_RD");
	tap_is(recv(b, buf, 1, 0), 0, "reads 0");
	tap_errno(recv(b, buf, 1, MSG_DONTWAIT), EAGAIN, "but not without waiting");
	close(b);
	close(c);
}

static void choice(void)
{
	int any = bound(INADDR_ANY, 0), one, c = socket(AF_INET, SOCK_DGRAM, 0), port = port_of(any), n;
	struct sockaddr_in to = in4(LO, port), other = in4(LO + 1, port), all = in4(0x7fffffff, port);

	set(any, SOL_SOCKET, SO_REUSEADDR, 1);
	one = socket(AF_INET, SOCK_DGRAM, 0);
	tap_errno(bind(one, SA(to)), EADDRINUSE, "taken");
	set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	tap_zero(bind(one, SA(to)), "SO_REUSEADDR on both");
	sendto(c, "exact", 5, 0, SA(to));
	tap_is(recv(one, buf, 10, MSG_DONTWAIT), 5, "the more exact one has it");
	sendto(c, "any", 3, 0, SA(other));
	tap_is(recv(any, buf, 10, MSG_DONTWAIT), 3, "the other one the rest");
	tap_errno(sendto(c, "x", 1, 0, SA(all)), EACCES, "broadcast: EACCES");
	set(c, SOL_SOCKET, SO_BROADCAST, 1);
	tap_is(sendto(c, "all", 3, 0, SA(all)), 3, "SO_BROADCAST");
	tap_is(recv(any, buf, 10, MSG_DONTWAIT), 3, "to any address");
	tap_errno(recv(one, buf, 10, MSG_DONTWAIT), EAGAIN, "not to another one");
	close(one);
	/* a full buffer loses */
	set(any, SOL_SOCKET, SO_RCVBUF, 1);
	for (n = 0; n < 50; n++)
		sendto(c, buf, 100, 0, SA(to));
	for (n = 0; recv(any, buf, 100, MSG_DONTWAIT) == 100; n++)
		;
	tap_ok(n >= 1 && n < 10, "what the buffer cannot take is lost");
	close(any);
	close(c);
}

static void told(void)
{
	union { char space[200]; struct cmsghdr h; } c;
	struct iovec v = { buf, 100 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c };
	int a = bound(INADDR_ANY, 0), s = socket(AF_INET, SOCK_DGRAM, 0), seen = 0;
	struct sockaddr_in to = in4(LO + 4, port_of(a));

	tap_zero(set(a, IPPROTO_IP, IP_PKTINFO, 1), "IP_PKTINFO");
	tap_zero(set(a, IPPROTO_IP, IP_RECVTTL, 1), "IP_RECVTTL");
	tap_zero(set(a, IPPROTO_IP, IP_RECVTOS, 1), "IP_RECVTOS");
	set(s, IPPROTO_IP, IP_TTL, 33);
	set(s, IPPROTO_IP, IP_TOS, 16);
	sendto(s, "x", 1, 0, SA(to));
	tap_is(recvmsg(a, &m, 0), 1, "recvmsg");
	/* CMSG_NXTHDR() of musl compares numbers of different signs. */
	for (struct cmsghdr *h = &c.h; (char *)h + sizeof *h <= c.space + m.msg_controllen;
	     h = (void *)((char *)h + CMSG_ALIGN(h->cmsg_len))) {
		if (h->cmsg_level != IPPROTO_IP)
			continue;
		if (h->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *p = (void *)CMSG_DATA(h);

			tap_ok(p->ipi_ifindex == 1 && ntohl(p->ipi_addr.s_addr) == LO + 4 && h->cmsg_len == CMSG_LEN(12),
			       "to 127.0.0.5");
			seen |= 1;
		} else if (h->cmsg_type == IP_TTL) {
			tap_is(*(int *)CMSG_DATA(h), 33, "its TTL");
			seen |= 2;
		} else if (h->cmsg_type == IP_TOS) {
			tap_ok(*CMSG_DATA(h) == 16 && h->cmsg_len == CMSG_LEN(1), "its TOS");
			seen |= 4;
		}
	}
	tap_is(seen, 7, "all three");
	struct ip_mreq mreq = { { htonl(0xe0000101) }, { 0 } };
	tap_errno(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq), ENODEV,
	       "no interface has multicast");
	tap_errno(setsockopt(a, IPPROTO_IP, IP_DROP_MEMBERSHIP, &mreq, sizeof mreq), ENODEV, "IP_DROP_MEMBERSHIP");
	tap_ok(option(a, IPPROTO_IP, IP_MULTICAST_TTL) == 1 && option(a, IPPROTO_IP, IP_MULTICAST_LOOP) == 1,
	       "multicast's options");
	to = in4(0xe0000101, 99);
	tap_errno(sendto(s, "x", 1, 0, SA(to)), ENETUNREACH, "nor can it be sent");
	close(a);
	close(s);
}

static void six(void)
{
	int a = socket(AF_INET6, SOCK_DGRAM, 0), c = socket(AF_INET6, SOCK_DGRAM, 0), f = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in6 to = in6("0", 0), from;
	struct sockaddr_in four;
	socklen_t len = sizeof from;
	int tcp;

	bind(a, SA(to));
	to = in6("1", port_of(a));
	tap_is(sendto(c, "six", 3, 0, SA(to)), 3, "to ::1");
	tap_ok(recvfrom(a, buf, 10, 0, (void *)&from, &len) == 3 && len == 28 && IN6_IS_ADDR_LOOPBACK(&from.sin6_addr),
	       "from ::1");
	four = in4(LO, port_of(a));
	sendto(f, "four", 4, 0, SA(four));
	tap_ok(recvfrom(a, buf, 10, 0, (void *)&from, &len) == 4 && IN6_IS_ADDR_V4MAPPED(&from.sin6_addr),
	       "IPv4 comes there, mapped");
	tap_is(sendto(a, "back", 4, 0, SA(from)), 4, "and goes back");
	tap_is(recv(f, buf, 10, MSG_DONTWAIT), 4, "to IPv4");
	tap_is(option(a, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 64, "IPV6_UNICAST_HOPS");
	tap_is(option(a, IPPROTO_IPV6, IPV6_MULTICAST_IF), 0, "IPV6_MULTICAST_IF: any");
	tap_ok(!set(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1) && option(a, IPPROTO_IPV6, IPV6_MULTICAST_IF) == 1, "lo");
	tap_errno(set(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, 9999), ENODEV, "no such interface");
	tap_errno(set(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, -1), ENODEV, "nor -1");
	tap_zero(set(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0), "any again");
	tcp = socket(AF_INET6, SOCK_STREAM, 0);
	tap_errno(set(tcp, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0), ENOPROTOOPT, "not for a stream");
	close(tcp);
	close(a);
	close(c);
	close(f);
}

static void lo(void)
{
	struct ifreq r = { .ifr_name = "lo" }, many[4];
	struct ifconf conf = { .ifc_len = sizeof many, .ifc_buf = (void *)many };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	tap_ok(!ioctl(s, SIOCGIFFLAGS, &r) && r.ifr_flags == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING), "SIOCGIFFLAGS");
	tap_ok(!ioctl(s, SIOCGIFADDR, &r) && !memcmp(r.ifr_addr.sa_data + 2, "\177\0\0\1", 4), "SIOCGIFADDR");
	tap_ok(!ioctl(s, SIOCGIFNETMASK, &r) && !memcmp(r.ifr_addr.sa_data + 2, "\377\0\0\0", 4), "SIOCGIFNETMASK");
	tap_ok(!ioctl(s, SIOCGIFMTU, &r) && r.ifr_mtu == 65536, "SIOCGIFMTU");
	tap_ok(!ioctl(s, SIOCGIFINDEX, &r) && r.ifr_ifindex == 1, "SIOCGIFINDEX");
	tap_ok(!ioctl(s, SIOCGIFHWADDR, &r) && r.ifr_hwaddr.sa_family == 772, "SIOCGIFHWADDR");
	tap_ok(!ioctl(s, SIOCGIFTXQLEN, &r) && r.ifr_metric == 1000, "SIOCGIFTXQLEN");
	r.ifr_ifindex = 1;
	tap_ok(!ioctl(s, SIOCGIFNAME, &r) && !strcmp(r.ifr_name, "lo"), "SIOCGIFNAME");
	r.ifr_ifindex = 77;
	tap_errno(ioctl(s, SIOCGIFNAME, &r), ENODEV, "no such number");
	strcpy(r.ifr_name, "eth0");
	tap_errno(ioctl(s, SIOCGIFFLAGS, &r), ENODEV, "no such interface");
	tap_ok(!ioctl(s, SIOCGIFCONF, &conf) && conf.ifc_len == sizeof *many && !strcmp(many[0].ifr_name, "lo"),
	       "SIOCGIFCONF");
	tap_errno(ioctl(s, 0x1234, &r), ENOTTY, "an unknown ioctl");
	close(s);
}

int main(void)
{
	tap_plan(0);
	inet_begin();
	destinations();
	choice();
	told();
	six();
	lo();
	return tap_done();
}
