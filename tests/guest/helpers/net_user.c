/* SPDX-License-Identifier: MIT
 *
 * What programs see of --net user: argument 1 is the port of a server on the host's loopback (peer.c) that is reached by
 * 10.0.2.2.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "../tap.h"

#define GUEST "10.0.2.15"
#define HOST "10.0.2.2"

static char buf[65536];
static int port;

static struct sockaddr_in at(const char *ip, int number)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)number), .sin_addr.s_addr = inet_addr(ip) };
}

static int made(int type, const char *ip, int number)
{
	struct sockaddr_in a = at(ip, number);
	int s = socket(AF_INET, type, 0);

	return connect(s, (void *)&a, sizeof a) ? -1 : s;
}

static int wait_for(int s, short events)
{
	struct pollfd p = { s, events, 0 };

	return poll(&p, 1, 10000) == 1 ? p.revents : 0;
}

static void connecting(void)
{
	struct sockaddr_in a = at(HOST, port), b;
	socklen_t len = sizeof b;
	int s = made(SOCK_STREAM, HOST, port), err = 0, done;

	tap_ok(!getsockname(s, (void *)&b, &len) && b.sin_addr.s_addr == inet_addr(GUEST) && b.sin_port,
	       "the source is eth0's address");
	tap_ok(!getpeername(s, (void *)&b, &len) && b.sin_addr.s_addr == a.sin_addr.s_addr && b.sin_port == a.sin_port,
	       "getpeername()");
	close(s);
	s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	tap_errno(connect(s, (void *)&a, sizeof a), EINPROGRESS, "connect() does not wait if it must not");
	done = connect(s, (void *)&a, sizeof a);
	tap_ok(!done || errno == EALREADY, "and says that it goes on");
	tap_ok(wait_for(s, POLLOUT) == POLLOUT, "poll() says when it stands");
	tap_ok(!connect(s, (void *)&a, sizeof a) || errno == EISCONN, "connect() once more: it stands");
	close(s);
	s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	a = at(HOST, 1);
	connect(s, (void *)&a, sizeof a);
	done = wait_for(s, POLLOUT);
	len = sizeof err;
	getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len);
	tap_ok((done & (POLLOUT | POLLERR | POLLHUP)) == (POLLOUT | POLLERR | POLLHUP) && err == ECONNREFUSED,
	       "SO_ERROR of a refused one");
	close(s);
}

static void data(void)
{
	int s = made(SOCK_STREAM, HOST, port), e = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN };

	epoll_ctl(e, EPOLL_CTL_ADD, s, &ev);
	write(s, "Ehello", 6);
	tap_ok(epoll_wait(e, &ev, 1, 10000) == 1 && ev.events == EPOLLIN, "epoll tells of data");
	tap_ok(recv(s, buf, 5, MSG_PEEK) > 0 && buf[0] == 'h', "MSG_PEEK leaves it there");
	tap_ok(recv(s, buf, 5, MSG_WAITALL) == 5 && !memcmp(buf, "hello", 5), "and it can be read");
	write(s, "bye", 3);
	shutdown(s, SHUT_WR);
	tap_ok(recv(s, buf, 3, MSG_WAITALL) == 3 && !memcmp(buf, "bye", 3) && read(s, buf, 1) == 0,
	       "after shutdown() the rest comes, and then the end");
	tap_errno(write(s, "x", 1), EPIPE, "a write behind that is EPIPE");
	close(s);
	close(e);
	s = made(SOCK_STREAM, HOST, port);
	write(s, "Rx", 2);
	tap_errno(read(s, buf, 1), ECONNRESET, "a reset is told once");
	tap_is(read(s, buf, 1), 0, "then there is the end");
	close(s);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static void waiting(void)
{
	int s = made(SOCK_STREAM, HOST, port), n;
	struct timeval tv = { 0, 200000 };
	int64_t before;

	write(s, "W", 1);
	fcntl(s, F_SETFL, O_NONBLOCK);
	/* Until nothing moves any more: the host's buffers and libslirp's take some. */
	for (int idle = 0; idle < 20; idle++) {
		for (; (n = (int)write(s, buf, sizeof buf)) > 0; idle = 0)
			;
		usleep(10000);
	}
	tap_errno(write(s, buf, sizeof buf), EAGAIN, "a full buffer: EAGAIN");
	fcntl(s, F_SETFL, 0);
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	before = now_ms();
	n = (int)write(s, buf, 1000);
	tap_ok(n < 0 && errno == EAGAIN && now_ms() - before >= 190, "SO_SNDTIMEO");
	before = now_ms();
	n = (int)read(s, buf, 1);
	tap_ok(n < 0 && errno == EAGAIN && now_ms() - before >= 190, "SO_RCVTIMEO");
	close(s);
}

static void options(void)
{
	static const int set[][3] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, 5 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 6 }, { IPPROTO_TCP, TCP_KEEPCNT, 7 }, { IPPROTO_IP, IP_TTL, 33 }, { IPPROTO_IP, IP_TOS, 16 },
	};
	int s = made(SOCK_STREAM, HOST, port), good = 1, v;

	for (unsigned i = 0; i < sizeof set / sizeof *set; i++) {
		socklen_t len = sizeof v;

		v = set[i][2];
		good &= !setsockopt(s, set[i][0], set[i][1], &v, sizeof v);
		v = 0;
		good &= !getsockopt(s, set[i][0], set[i][1], &v, &len) && v == set[i][2];
	}
	write(s, "Ex", 2);
	tap_ok(good && read(s, buf, 1) == 1 && *buf == 'x', "TCP_NODELAY, SO_KEEPALIVE and their like");
	close(s);
}

static void addresses(void)
{
	struct sockaddr_in lo = at("127.0.0.1", 0), own = at(GUEST, 0), far = at(HOST, port), other = at("10.0.2.16", 0);
	int s = socket(AF_INET, SOCK_STREAM, 0), l, u;
	socklen_t len = sizeof own;

	bind(s, (void *)&lo, sizeof lo);
	tap_errno(connect(s, (void *)&far, sizeof far), EINVAL, "bound to 127.0.0.1 nothing leads out: EINVAL");
	close(s);
	u = socket(AF_INET, SOCK_DGRAM, 0);
	bind(u, (void *)&lo, sizeof lo);
	tap_errno(sendto(u, "x", 1, 0, (void *)&far, sizeof far), EINVAL, "UDP: EINVAL as well");
	close(u);
	l = socket(AF_INET, SOCK_STREAM, 0);
	tap_ok(!bind(l, (void *)&own, sizeof own) && !listen(l, 1) && !getsockname(l, (void *)&own, &len), GUEST " is this machine");
	s = made(SOCK_STREAM, GUEST, ntohs(own.sin_port));
	tap_ok(s >= 0 && accept(l, NULL, NULL) >= 0, "its own server is reached by that");
	close(s);
	close(l);
	s = socket(AF_INET, SOCK_STREAM, 0);
	tap_errno(bind(s, (void *)&other, sizeof other), EADDRNOTAVAIL, "other addresses cannot be bound to");
	close(s);
}

static void datagrams(void)
{
	struct sockaddr_in far = at(HOST, port), from, own = at("0.0.0.0", 4444), all = at("255.255.255.255", 9);
	char control[100];
	struct iovec v = { buf, sizeof buf };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof control };
	int u = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
	struct in_pktinfo *info;
	socklen_t len = sizeof from;

	setsockopt(u, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
	bind(u, (void *)&own, sizeof own);
	sendto(u, "hello", 5, 0, (void *)&far, sizeof far);
	wait_for(u, POLLIN);
	tap_ok(recvmsg(u, &m, MSG_DONTWAIT) == 5 && !memcmp(buf, "hello", 5) && from.sin_addr.s_addr == far.sin_addr.s_addr &&
	       from.sin_port == far.sin_port, "a datagram that is not connected");
	info = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	tap_ok(CMSG_FIRSTHDR(&m) && info->ipi_addr.s_addr == inet_addr(GUEST) && info->ipi_ifindex == 2,
	       "IP_PKTINFO: it came by eth0's address");
	tap_ok(!getsockname(u, (void *)&from, &len) && from.sin_port == own.sin_port && !from.sin_addr.s_addr,
	       "a port that is bound stays that one");
	tap_errno(sendto(u, "x", 1, 0, (void *)&all, sizeof all), EACCES, "broadcasts must be allowed");
	close(u);
}

static void echo(void)
{
	static uint8_t request[16] = { 8, 0, 0, 0, 0x12, 0x34, 0, 1 };
	struct sockaddr_in to = at(HOST, 0);
	int s = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

	sendto(s, request, sizeof request, 0, (void *)&to, sizeof to);
	wait_for(s, POLLIN);
	tap_ok(recv(s, buf, sizeof buf, MSG_DONTWAIT) == sizeof request && buf[0] == 0 && buf[7] == 1, "ICMP: " HOST " answers");
	close(s);
}

static void interface(void)
{
	struct ifreq r = { .ifr_name = "eth0" };
	int s = socket(AF_INET, SOCK_DGRAM, 0), c;

	ioctl(s, SIOCGIFFLAGS, &r);
	r.ifr_flags &= ~IFF_UP;
	ioctl(s, SIOCSIFFLAGS, &r);
	c = made(SOCK_STREAM, HOST, port);
	tap_ok(c < 0 && errno == ENETUNREACH, "eth0 down: unreachable");
	r.ifr_flags |= IFF_UP;
	ioctl(s, SIOCSIFFLAGS, &r);
	c = made(SOCK_STREAM, HOST, port);
	tap_ok(c >= 0, "and up again: reached");
	close(c);
	close(s);
	tap_ok(if_nametoindex("eth0") == 2 && !strcmp(if_indextoname(1, buf), "lo"), "interfaces by name and number");
}

/* Answers to a request of NETLINK_ROUTE for IPv4, in buf: their length. */
static int ask(int type, int flags, const void *to)
{
	struct { struct nlmsghdr h; struct rtmsg r; struct rtattr a; uint8_t ip[4]; } q = {
		.h = { sizeof q, (uint16_t)type, (uint16_t)(NLM_F_REQUEST | flags), 1, 0 }, .r = { .rtm_family = AF_INET },
		.a = { 8, RTA_DST },
	};
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), n;

	if (to)
		memcpy(q.ip, to, 4);
	else
		q.h.nlmsg_len -= 8;
	send(s, &q, q.h.nlmsg_len, 0);
	n = (int)recv(s, buf, sizeof buf, MSG_DONTWAIT);
	close(s);
	return n;
}

/* The attribute of that type in a route, or NULL. */
static const uint8_t *attribute(const struct nlmsghdr *h, int type)
{
	const struct rtattr *a = RTM_RTA(NLMSG_DATA(h));

	for (int left = (int)RTM_PAYLOAD(h); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type)
			return RTA_DATA(a);
	return NULL;
}

static void routes(void)
{
	static const uint8_t gateway[] = { 10, 0, 2, 2 }, own[] = { 10, 0, 2, 15 }, far[] = { 192, 0, 2, 1 };
	struct nlmsghdr *h = (void *)buf;
	struct ifaddrs *all, *i;
	int n = ask(RTM_GETROUTE, NLM_F_DUMP, NULL), routes = 0, through = 0, found = 0;

	for (; NLMSG_OK(h, (unsigned)n) && h->nlmsg_type == RTM_NEWROUTE; h = NLMSG_NEXT(h, n)) {
		const uint8_t *via = attribute(h, RTA_GATEWAY);

		routes++;
		through += via && !memcmp(via, gateway, 4) && !attribute(h, RTA_DST) && attribute(h, RTA_OIF)[0] == 2;
	}
	tap_ok(routes == 2 && through == 1, "routes: its network, and all else by the gateway");
	h = (void *)buf;
	n = ask(RTM_GETROUTE, 0, far);
	tap_ok(n > 0 && h->nlmsg_type == RTM_NEWROUTE && attribute(h, RTA_PREFSRC) && !memcmp(attribute(h, RTA_PREFSRC), own, 4) &&
	       attribute(h, RTA_OIF)[0] == 2, "the route to 192.0.2.1");
	getifaddrs(&all);
	for (i = all; i; i = i->ifa_next)
		if (!strcmp(i->ifa_name, "eth0") && i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
			found += !memcmp(&((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr, own, 4) &&
				 ((struct sockaddr_in *)(void *)i->ifa_netmask)->sin_addr.s_addr == htonl(0xffffff00) &&
				 ((struct sockaddr_in *)(void *)i->ifa_broadaddr)->sin_addr.s_addr == inet_addr("10.0.2.255");
	freeifaddrs(all);
	tap_is(found, 1, "getifaddrs(): eth0's address, mask and broadcast address");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	port = atoi(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	tap_plan(0);
	connecting();
	data();
	waiting();
	options();
	addresses();
	datagrams();
	echo();
	routes();
	interface();
	return tap_done();
}
