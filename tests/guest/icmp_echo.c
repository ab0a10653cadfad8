/* SPDX-License-Identifier: MIT
 * ICMP on the loopback: raw sockets hear all of it, ping sockets the answers to what they asked.
 */
#include "inet.h"
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/syscall.h>

static unsigned short sum(const void *data, int len)
{
	const unsigned char *p = data;
	unsigned s = 0;

	for (int i = 0; i + 1 < len; i += 2)
		s += (unsigned)(p[i] << 8 | p[i + 1]);
	s = (s & 0xffff) + (s >> 16);
	return htons((unsigned short)~(s + (s >> 16)));
}

static struct { struct icmphdr h; char text[8]; } echo;

static void make_echo(int id, int seq)
{
	memset(&echo, 0, sizeof echo);
	echo.h.type = ICMP_ECHO;
	echo.h.un.echo.id = htons(id);
	echo.h.un.echo.sequence = htons(seq);
	memcpy(echo.text, "payload", 8);
	echo.h.checksum = sum(&echo, sizeof echo);
}

static void making(void)
{
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), v = 0;
	struct sockaddr_in none = in4(0x0a000001, 0);

	tap_ok(s >= 0, "a raw socket");
	tap_is(option(s, SOL_SOCKET, SO_PROTOCOL), IPPROTO_ICMP, "SO_PROTOCOL");
	tap_is(option(s, SOL_SOCKET, SO_TYPE), SOCK_RAW, "SO_TYPE");
	tap_errno(socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT, "protocol 0");
	tap_is(ready(s, POLLIN | POLLOUT), POLLOUT, "ready for sending");
	tap_errno(recv(s, buf, 10, MSG_DONTWAIT), EAGAIN, "nothing there");
	tap_errno(send(s, buf, 10, 0), EDESTADDRREQ, "to nobody");
	tap_errno(listen(s, 1), EOPNOTSUPP, "listen");
	tap_errno(accept(s, NULL, NULL), EOPNOTSUPP, "accept");
	tap_errno(bind(s, SA(none)), EADDRNOTAVAIL, "an address that is not ours");
	tap_errno(getpeername(s, (void *)buf, &(socklen_t){ 16 }), ENOTCONN, "no peer");
	tap_zero(setsockopt(s, 255, 1, &v, sizeof v), "ICMP_FILTER");
	close(s);
	if (tap_own_machine()) {
		syscall(SYS_setresuid, -1, 1000, -1);
		tap_errno(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM, "only for those who may");
		syscall(SYS_setresuid, -1, 0, -1);
	} else {
		tap_skip(1, "not a machine of our own");
	}
}

static void raw(void)
{
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), filter = 1 << ICMP_ECHO;
	struct sockaddr_in to = in4(LO, 0), from;
	socklen_t len = sizeof from;
	struct iphdr *ip = (void *)buf;
	struct icmphdr *h = (void *)(buf + 20);

	make_echo(77, 1);
	tap_is(sendto(s, &echo, sizeof echo, 0, SA(to)), sizeof echo, "a request to 127.0.0.1");
	becomes(s, POLLIN);
	tap_is(recvfrom(s, buf, sizeof buf, 0, (void *)&from, &len), 20 + sizeof echo, "is heard itself, with its header");
	tap_ok(ip->version == 4 && ip->ihl == 5 && ip->protocol == IPPROTO_ICMP && ip->daddr == htonl(LO) && ip->saddr == htonl(LO) &&
	       ip->ttl == 64 && ntohs(ip->tot_len) == 20 + sizeof echo, "which is right");
	tap_ok(h->type == ICMP_ECHO && !memcmp(h, &echo, sizeof echo), "as it was sent");
	becomes(s, POLLIN);
	tap_is(recv(s, buf, sizeof buf, 0), 20 + sizeof echo, "and the answer");
	tap_ok(h->type == ICMP_ECHOREPLY && h->un.echo.id == echo.h.un.echo.id && !memcmp(h + 1, echo.text, 8) &&
	       !sum(h, sizeof echo), "has the same in it");
	tap_ok(from.sin_addr.s_addr == htonl(LO) && from.sin_port == 0, "whoever sent it");
	setsockopt(s, 255, 1, &filter, sizeof filter);
	sendto(s, &echo, sizeof echo, 0, SA(to));
	becomes(s, POLLIN);
	tap_ok(recv(s, buf, sizeof buf, 0) > 0 && h->type == ICMP_ECHOREPLY, "a filter leaves only that");
	echo.h.checksum ^= 1;
	sendto(s, &echo, sizeof echo, 0, SA(to));
	usleep(20000);
	tap_errno(recv(s, buf, sizeof buf, MSG_DONTWAIT), EAGAIN, "what is damaged is not answered");
	to = in4(LO + 1, 0);
	tap_zero(connect(s, SA(to)), "connect to 127.0.0.2");
	make_echo(77, 2);
	tap_is(send(s, &echo, sizeof echo, 0), sizeof echo, "send");
	becomes(s, POLLIN);
	tap_ok(recv(s, buf, sizeof buf, 0) > 0 && ip->saddr == htonl(LO + 1), "answered from there");
	to = in4(LO, 0);
	sendto(s, &echo, sizeof echo, 0, SA(to));
	usleep(20000);
	tap_errno(recv(s, buf, sizeof buf, MSG_DONTWAIT), EAGAIN, "others are not heard");
	close(s);
}

static void ping(void)
{
	int s, t, seq = 5;
	struct sockaddr_in to = in4(LO, 0), own;
	struct icmphdr *h = (void *)buf;
	FILE *f = fopen("/proc/sys/net/ipv4/ping_group_range", "w");

	if (f) {
		fputs("0 2147483647\n", f);
		fclose(f);
	}
	s = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	if (s < 0 && !tap_own_machine()) {
		tap_skip(13, "not allowed here");
		return;
	}
	tap_ok(s >= 0, "a ping socket");
	t = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	make_echo(99, seq);
	tap_is(sendto(s, &echo, sizeof echo, 0, SA(to)), sizeof echo, "a request");
	becomes(s, POLLIN);
	tap_is(recv(s, buf, sizeof buf, 0), sizeof echo, "is answered, without a header");
	tap_ok(h->type == ICMP_ECHOREPLY && ntohs(h->un.echo.sequence) == seq && ntohs(h->un.echo.id) == port_of(s),
	       "its id is the socket's number");
	tap_ok(port_of(s) > 0, "which getsockname() tells");
	tap_errno(recv(s, buf, sizeof buf, MSG_DONTWAIT), EAGAIN, "the request is not heard");
	tap_errno(recv(t, buf, sizeof buf, MSG_DONTWAIT), EAGAIN, "nor anything by another one");
	tap_errno(sendto(s, &echo, 4, 0, SA(to)), EINVAL, "too short");
	echo.h.type = ICMP_ECHOREPLY;
	tap_errno(sendto(s, &echo, sizeof echo, 0, SA(to)), EINVAL, "only requests are sent");
	own = in4(LO, port_of(s));
	tap_is(option(t, SOL_SOCKET, SO_REUSEADDR), 1, "SO_REUSEADDR is on");
	set(t, SOL_SOCKET, SO_REUSEADDR, 0);
	tap_errno(bind(t, SA(own)), EADDRINUSE, "without it a number has one only");
	own = in4(LO, 4242);
	tap_ok(!bind(t, SA(own)) && port_of(t) == 4242, "but can be chosen");
	tap_errno(bind(t, SA(own)), EINVAL, "once");
	close(s);
	close(t);
}

static void six(void)
{
	int s = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	struct sockaddr_in6 to = in6("1", 0);
	struct icmp6_hdr *h = (void *)buf;
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	tap_zero(setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter), "ICMP6_FILTER");
	make_echo(55, 1);
	echo.h.type = ICMP6_ECHO_REQUEST;
	echo.h.checksum = 0;
	tap_is(sendto(s, &echo, sizeof echo, 0, SA(to)), sizeof echo, "IPv6: a request, whose checksum is made");
	becomes(s, POLLIN);
	tap_is(recv(s, buf, sizeof buf, MSG_DONTWAIT), sizeof echo, "is answered");
	tap_ok(h->icmp6_type == ICMP6_ECHO_REPLY && ntohs(h->icmp6_id) == 55 && !memcmp(buf + 8, "payload", 8), "with the same in it");
	close(s);
}

int main(void)
{
	tap_plan(0);
	inet_begin();
	if (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 && errno == EPERM)
		tap_bail("needs root");
	making();
	raw();
	ping();
	six();
	return tap_done();
}
