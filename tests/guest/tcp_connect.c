/* SPDX-License-Identifier: MIT
 * TCP on the loopback: ports, connections, refusals, what is told and when.
 */
#include "inet.h"

static void making(void)
{
	int fd;

	tap_errno(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT, "a stream is not UDP");
	tap_errno(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT, "a datagram is not TCP");
	tap_errno(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT, "SOCK_SEQPACKET");
	tap_errno(socket(AF_INET, SOCK_STREAM, -1), EINVAL, "protocol -1");
	tap_errno(socket(AF_INET, SOCK_STREAM, 99), EPROTONOSUPPORT, "protocol 99");
	tap_errno(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){ 0 }), EOPNOTSUPP, "socketpair");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	tap_is(option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP, "SO_PROTOCOL");
	tap_is(option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET, "SO_DOMAIN");
	tap_is(ready(fd, POLLIN | POLLOUT), POLLOUT | POLLHUP, "poll of a new socket");
	tap_errno(read(fd, buf, 1), ENOTCONN, "read");
	got_pipe = 0;
	tap_errno(write(fd, buf, 1), EPIPE, "write");
	tap_is(got_pipe, 1, "SIGPIPE");
	tap_errno(accept(fd, NULL, NULL), EINVAL, "accept");
	tap_errno(shutdown(fd, SHUT_WR), ENOTCONN, "shutdown");
	tap_ok(own_ip(fd) == 0 && port_of(fd) == 0, "no name");
	close(fd);
}

static void binding(void)
{
	int a = socket(AF_INET, SOCK_STREAM, 0), b = socket(AF_INET, SOCK_STREAM, 0), port;
	struct sockaddr_in addr = in4(LO, 0), far = in4(0x0a000001, 1234), any;

	tap_errno(bind(a, (void *)&addr, 8), EINVAL, "bind: too short");
	addr.sin_family = AF_UNIX;
	tap_errno(bind(a, SA(addr)), EAFNOSUPPORT, "another family");
	addr.sin_family = AF_INET;
	tap_errno(bind(a, SA(far)), EADDRNOTAVAIL, "an address that is not ours");
	tap_zero(bind(a, SA(addr)), "any port");
	port = port_of(a);
	tap_ok(port >= 32768 && port <= 60999, "of those for that");
	tap_errno(bind(a, SA(addr)), EINVAL, "twice");
	addr = in4(LO, port);
	tap_errno(bind(b, SA(addr)), EADDRINUSE, "taken");
	any = in4(INADDR_ANY, port);
	tap_errno(bind(b, SA(any)), EADDRINUSE, "with any address, too");
	addr = in4(LO + 1, port);
	tap_zero(bind(b, SA(addr)), "127.0.0.2 is another");
	close(b);
	b = socket(AF_INET, SOCK_STREAM, 0);
	set(a, SOL_SOCKET, SO_REUSEADDR, 1);
	set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	addr = in4(LO, port);
	tap_zero(bind(b, SA(addr)), "SO_REUSEADDR on both: shared");
	tap_zero(listen(a, 5), "one listens");
	tap_errno(listen(b, 5), EADDRINUSE, "not the other one, then");
	close(a);
	tap_zero(listen(b, 5), "but when it is gone");
	close(b);
	a = socket(AF_INET, SOCK_STREAM, 0);
	b = socket(AF_INET, SOCK_STREAM, 0);
	set(a, SOL_SOCKET, SO_REUSEPORT, 1);
	set(b, SOL_SOCKET, SO_REUSEPORT, 1);
	bind(a, SA(addr));
	tap_zero(listen(a, 5), "SO_REUSEPORT");
	tap_zero(bind(b, SA(addr)), "both");
	tap_zero(listen(b, 5), "may listen");
	close(a);
	close(b);
	a = socket(AF_INET, SOCK_STREAM, 0);
	tap_zero(listen(a, 5), "listen without bind");
	tap_ok(port_of(a) >= 32768 && own_ip(a) == 0, "has a port then");
	close(a);
	a = socket(AF_INET, SOCK_STREAM, 0);
	syscall(147 /* setresuid */, -1, 1000, -1);
	addr = in4(LO, 80);
	tap_errno(bind(a, SA(addr)), EACCES, "port 80 is root's");
	syscall(147, -1, 0, -1);
	tap_zero(bind(a, SA(addr)), "root may");
	close(a);
}

static void connecting(void)
{
	int l = socket(AF_INET, SOCK_STREAM, 0), c, s, port;
	struct sockaddr_in addr = in4(LO, 0), none, a;
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	socklen_t len;

	bind(l, SA(addr));
	listen(l, 5);
	port = port_of(l);
	addr = in4(LO, port);
	tap_is(ready(l, POLLIN | POLLOUT), 0, "listener: nobody there");
	tap_errno(connect(l, SA(addr)), EISCONN, "a listener cannot connect");
	tap_errno(read(l, buf, 1), ENOTCONN, "nor read");
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	tap_errno(connect(c, (void *)&addr, 8), EINVAL, "connect: too short");
	addr.sin_family = AF_INET6;
	tap_errno(connect(c, SA(addr)), EAFNOSUPPORT, "another family");
	addr.sin_family = AF_INET;
	tap_errno(connect(c, SA(addr)), EINPROGRESS, "non-blocking: EINPROGRESS");
	tap_is(becomes(c, POLLOUT), POLLOUT, "then writable");
	tap_is(option(c, SOL_SOCKET, SO_ERROR), 0, "no error");
	tap_zero(connect(c, SA(addr)), "connect says 0");
	tap_errno(connect(c, SA(addr)), EISCONN, "once");
	tap_is(becomes(l, POLLIN), POLLIN, "listener is ready");
	len = sizeof a;
	s = accept4(l, (void *)&a, &len, SOCK_CLOEXEC);
	tap_ok(s >= 0 && len == 16 && ntohl(a.sin_addr.s_addr) == LO && ntohs(a.sin_port) == port_of(c),
	       "accept: from whom");
	tap_ok(port_of(s) == port && own_ip(s) == LO && peer_ip(s) == LO && peer_ip(c) == LO, "names");
	tap_is(fcntl(s, F_GETFD), FD_CLOEXEC, "its flags");
	close(s);
	close(c);
	c = socket(AF_INET, SOCK_STREAM, 0);
	tap_zero(connect(c, SA(addr)), "blocking connect");
	tap_zero(connect(c, &un, sizeof un), "AF_UNSPEC disconnects");
	tap_is(peer_ip(c), 0, "no peer any more");
	s = accept(l, NULL, NULL);
	tap_ok(s >= 0, "it can be accepted all the same");
	tap_errno(read(s, buf, 1), ECONNRESET, "and was reset");
	close(s);
	tap_zero(connect(c, SA(addr)), "connect again");
	close(accept(l, NULL, NULL));
	close(c);
	none = in4(INADDR_ANY, port);
	c = socket(AF_INET, SOCK_STREAM, 0);
	tap_zero(connect(c, SA(none)), "to 0.0.0.0: this machine");
	tap_is(peer_ip(c), LO, "by 127.0.0.1");
	close(accept(l, NULL, NULL));
	close(c);
	c = socket(AF_INET, SOCK_STREAM, 0);
	none = in4(LO + 1, port);
	tap_errno(connect(c, SA(none)), ECONNREFUSED, "nobody listens at 127.0.0.2");
	none = in4(LO, 1);
	tap_errno(connect(c, SA(none)), ECONNREFUSED, "nor at port 1");
	none = in4(0x0a000001, 80);
	tap_errno(connect(c, SA(none)), ENETUNREACH, "10.0.0.1: ENETUNREACH");
	tap_zero(connect(c, SA(addr)), "after all that it still connects");
	close(c);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	none = in4(LO, 1);
	tap_errno(connect(c, SA(none)), EINPROGRESS, "non-blocking, refused");
	tap_is(becomes(c, POLLOUT), POLLOUT | POLLERR | POLLHUP, "poll");
	tap_is(option(c, SOL_SOCKET, SO_ERROR), ECONNREFUSED, "SO_ERROR");
	tap_errno(connect(c, SA(none)), ECONNABORTED, "told: the next connect knows no more than that it failed");
	close(c);
	close(l);
}

/* Both the listener that is more exact, and any address. */
static void listeners(void)
{
	int any = socket(AF_INET, SOCK_STREAM, 0), one, c;
	struct sockaddr_in addr = in4(INADDR_ANY, 0);
	int port;

	set(any, SOL_SOCKET, SO_REUSEADDR, 1);
	bind(any, SA(addr));
	listen(any, 5);
	port = port_of(any);
	c = socket(AF_INET, SOCK_STREAM, 0);
	addr = in4(LO + 41, port);
	tap_zero(connect(c, SA(addr)), "any address: 127.0.0.42");
	tap_ok(peer_ip(c) == LO + 41 && own_ip(c) == LO, "from 127.0.0.1");
	int s = accept(any, NULL, NULL);
	tap_ok(own_ip(s) == LO + 41, "the accepted one has that address");
	close(s);
	close(c);
	one = socket(AF_INET, SOCK_STREAM, 0);
	set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	addr = in4(LO, port);
	tap_errno(bind(one, SA(addr)), EADDRINUSE, "somebody listens at any: not even with SO_REUSEADDR");
	close(one);
	close(any);
	/* closing a listener resets those who wait */
	any = socket(AF_INET, SOCK_STREAM, 0);
	addr = in4(LO, 0);
	bind(any, SA(addr));
	listen(any, 5);
	addr = in4(LO, port_of(any));
	c = socket(AF_INET, SOCK_STREAM, 0);
	connect(c, SA(addr));
	close(any);
	tap_errno(read(c, buf, 1), ECONNRESET, "not accepted: reset");
	tap_is(read(c, buf, 1), 0, "once");
	close(c);
	/* shutdown of a listener */
	any = socket(AF_INET, SOCK_STREAM, 0);
	addr = in4(LO, 0);
	bind(any, SA(addr));
	listen(any, 5);
	addr = in4(LO, port_of(any));
	tap_zero(shutdown(any, SHUT_RD), "shutdown of a listener");
	tap_errno(accept(any, NULL, NULL), EINVAL, "accepts no more");
	c = socket(AF_INET, SOCK_STREAM, 0);
	tap_errno(connect(c, SA(addr)), ECONNREFUSED, "nobody there");
	tap_zero(listen(any, 5), "but it may listen again");
	addr = in4(LO, port_of(any));
	tap_zero(connect(c, SA(addr)), "and is found");
	close(c);
	close(any);
}

static void six(void)
{
	int l = socket(AF_INET6, SOCK_STREAM, 0), c, s, port;
	struct sockaddr_in6 addr = in6("0", 0), a;
	struct sockaddr_in four;
	socklen_t len = sizeof a;

	tap_errno(bind(l, (void *)&addr, 16), EINVAL, "IPv6: too short");
	tap_zero(bind(l, SA(addr)), "bind to ::");
	listen(l, 5);
	port = port_of(l);
	addr = in6("1", port);
	c = socket(AF_INET6, SOCK_STREAM, 0);
	tap_zero(connect(c, SA(addr)), "connect to ::1");
	s = accept(l, (void *)&a, &len);
	tap_ok(len == 28 && IN6_IS_ADDR_LOOPBACK(&a.sin6_addr), "from ::1");
	tap_ok(write(c, "six", 3) == 3 && read(s, buf, 10) == 3, "data");
	close(c);
	close(s);
	c = socket(AF_INET, SOCK_STREAM, 0);
	four = in4(LO, port);
	tap_zero(connect(c, SA(four)), "IPv4 comes there, too");
	len = sizeof a;
	s = accept(l, (void *)&a, &len);
	tap_ok(len == 28 && IN6_IS_ADDR_V4MAPPED(&a.sin6_addr) && a.sin6_addr.s6_addr[12] == 127,
	       "from ::ffff:127.0.0.1");
	close(c);
	close(s);
	c = socket(AF_INET, SOCK_STREAM, 0);
	tap_errno(bind(c, SA(four)), EADDRINUSE, "so the port is taken for IPv4");
	tap_errno(set(l, IPPROTO_IPV6, IPV6_V6ONLY, 1), EINVAL, "IPV6_V6ONLY comes before bind");
	close(l);
	l = socket(AF_INET6, SOCK_STREAM, 0);
	tap_ok(option(l, IPPROTO_IPV6, IPV6_V6ONLY) == 0 && !set(l, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
		       option(l, IPPROTO_IPV6, IPV6_V6ONLY) == 1, "IPV6_V6ONLY");
	addr = in6("0", port);
	bind(l, SA(addr));
	listen(l, 5);
	tap_errno(connect(c, SA(four)), ECONNREFUSED, "IPv4 does not come there now");
	tap_zero(bind(c, SA(four)), "and the port is free for it");
	close(c);
	close(l);
	c = socket(AF_INET6, SOCK_STREAM, 0);
	addr = in6("1", 1);
	tap_errno(connect(c, SA(addr)), ECONNREFUSED, "nobody there");
	addr.sin6_addr.s6_addr[0] = 0x20;
	tap_errno(connect(c, SA(addr)), ENETUNREACH, "another address: ENETUNREACH");
	tap_errno(bind(c, SA(addr)), EADDRNOTAVAIL, "and not ours");
	close(c);
}

/* A server that listens for both families on a socket for each, all with SO_REUSEADDR, as many do. */
static void both_families(void)
{
	int four = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0), dual = socket(AF_INET6, SOCK_STREAM, 0);
	int one = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET6, SOCK_STREAM, 0), port;
	struct sockaddr_in any = in4(INADDR_ANY, 0), lo;
	struct sockaddr_in6 any6, lo6;

	set(four, SOL_SOCKET, SO_REUSEADDR, 1);
	set(six, SOL_SOCKET, SO_REUSEADDR, 1);
	set(six, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	set(dual, SOL_SOCKET, SO_REUSEADDR, 1);
	set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	tap_ok(!bind(four, SA(any)) && !bind(one, SA(any)), "any address");
	close(one);
	port = port_of(four);
	any6 = in6("0", port);
	tap_ok(!bind(six, SA(any6)) && !bind(dual, SA(any6)), "the same port of IPv6, twice");
	lo = in4(LO, port);
	one = socket(AF_INET, SOCK_STREAM, 0);
	set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	tap_zero(bind(one, SA(lo)), "and of one address");
	tap_zero(listen(four, 5), "listening for IPv4");
	tap_zero(listen(six, 5), "and for IPv6, which is not the same");
	tap_errno(listen(dual, 5), EADDRINUSE, "but not for both at once");
	tap_errno(listen(one, 5), EADDRINUSE, "nor for one of the addresses");
	lo6 = in6("1", port);
	tap_zero(connect(c, SA(lo6)), "a client of IPv6");
	tap_is(becomes(six, POLLIN), POLLIN, "comes there");
	close(c);
	close(four);
	close(six);
	tap_zero(listen(one, 5), "one of the addresses, when nobody has them all");
	tap_errno(listen(dual, 5), EADDRINUSE, "then not all");
	close(one);
	close(dual);
}

int main(void)
{
	tap_plan(0);
	inet_begin();
	both_families();
	making();
	binding();
	connecting();
	listeners();
	six();
	return tap_done();
}
