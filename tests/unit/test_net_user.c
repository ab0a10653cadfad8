/* SPDX-License-Identifier: MIT
 *
 * --net user: its command line, frames that make no sense, and every allocation failing once, with a server of this
 * process's at the other end.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>
#include "emu/host/poll.h"
#include "emu/net/tcp.h"
#include "emu/usernet/internal.h"
#include "tests/unit/socket_kit.h"

enum { HOST = 0x0202000a /* 10.0.2.2 as it lies in memory */, ANY = 0 };

/* --- The command line --- */

START_TEST(what_can_be_said)
{
	static const char *const wrong[] = {
		"x", ",", ",x", ",hostfwd=", ",hostfwd=tcp", ",hostfwd=tcp:::", ",hostfwd=tcp::80-", ",hostfwd=tcp::80-:",
		",hostfwd=tcp::80-:0", ",hostfwd=tcp::80-:65536", ",hostfwd=tcp::0-:80", ",hostfwd=sctp::80-:80",
		",hostfwd=tcp:127.0.0:80-:80", ",hostfwd=tcp::80-10.0.2.16:80", ",hostfwd=tcp::80-:80x", ",hostfwd=tcp::-1-:80",
		",restrict=", ",restrict=on,", ",restrict=maybe", ",smb=/", ",restrict=on,,restrict=on",
	};
	char why[LIBRARY_WHY], many[2000] = "";
	struct usernet_config c;

	ck_assert_int_eq(usernet_parse("", &c, why), 0);
	ck_assert(!c.restricted && !c.forwards);
	ck_assert_int_eq(usernet_parse(",restrict=on,hostfwd=tcp::8080-:80,hostfwd=udp:127.0.0.1:53-10.0.2.15:5353,hostfwd=::1-:2",
				       &c, why), 0);
	ck_assert(c.restricted && c.forwards == 3);
	ck_assert(!c.forward[0].udp && c.forward[0].host_port == 8080 && c.forward[0].guest_port == 80 && !c.forward[0].host[0]);
	ck_assert(c.forward[1].udp && c.forward[1].host_port == 53 && c.forward[1].guest_port == 5353);
	ck_assert(!memcmp(c.forward[1].host, "\177\0\0\1", 4) && !memcmp(c.forward[1].guest, "\12\0\2\17", 4));
	ck_assert(!c.forward[2].udp);
	ck_assert_int_eq(usernet_parse(",restrict=yes,restrict=off", &c, why), 0);
	ck_assert(!c.restricted);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		*why = 0;
		ck_assert_msg(usernet_parse(wrong[i], &c, why) == -EINVAL, "%s", wrong[i]);
		ck_assert_msg(*why, "%s", wrong[i]);
	}
	for (int i = 0; i <= USERNET_FORWARDS; i++)
		strcat(many, ",hostfwd=::1-:2");
	ck_assert_int_eq(usernet_parse(many, &c, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "more than"));
}
END_TEST

/* The example of RFC 1071, and an odd length. */
START_TEST(checksums)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	ck_assert_uint_eq(ip_sum(data, 8, 0), (uint16_t)~0xddf2);
	ck_assert_uint_eq(ip_sum(data, 3, 0), (uint16_t)~(0x0001 + 0xf200));
	ck_assert_uint_eq(ip_sum(data, 0, 0x1fffe), 0);
}
END_TEST

/* --- A machine on the wire --- */

static int server, datagrams;		/* of the host's */
static uint16_t host_port;
static uint16_t forwarded;

static void on_host(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int probe = socket(AF_INET, SOCK_STREAM, 0);

	server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert(!bind(server, (void *)&a, sizeof a) && !listen(server, 10) && !getsockname(server, (void *)&a, &len));
	host_port = ntohs(a.sin_port);
	ck_assert(!bind(datagrams, (void *)&a, sizeof a));
	a.sin_port = 0;
	ck_assert(!bind(probe, (void *)&a, sizeof a) && !getsockname(probe, (void *)&a, &len));
	forwarded = ntohs(a.sin_port);
	close(probe);
}

static void plug_in(void)
{
	struct usernet_config c = { .forwards = 1, .forward[0] = { .host = { 127, 0, 0, 1 }, .guest = { 10, 0, 2, 15 },
								    .host_port = forwarded, .guest_port = 77 } };
	char why[LIBRARY_WHY] = "";

	m->options.deterministic = false;
	ck_assert_msg(!inet_user_start(m->net, &c, why), "%s", why);
}

/* What the network does in that time. */
static void pass(int ms)
{
	for (int i = 0; i < ms; i++)
		host_poll(m, 1000000);
}

/* The server's end of a connection that was made: it says something, and hangs up. */
static int answer(const char *text)
{
	char buf[100];
	int c = accept(server, NULL, NULL);

	if (c >= 0 && text) {
		(void)!write(c, text, strlen(text));
		(void)!recv(c, buf, sizeof buf, MSG_DONTWAIT);
	}
	if (c >= 0)
		close(c);
	return c;
}

static struct tcp_sock *tcp_of(int fd) { return tcp_sk(&sk(fd)->s); }

START_TEST(one_at_a_time)
{
	struct usernet_config c = { 0 };
	struct usernet *other = NULL;
	char why[LIBRARY_WHY] = "";

	on_host();
	plug_in();
	ck_assert_int_eq(usernet_new(m, &c, m->net->inet->user->ops, m->net, &other, why), -EBUSY);
	ck_assert_ptr_nonnull(strstr(why, "another machine"));
	ck_assert_ptr_null(other);
	/* What leaves goes back to where it came from: the next can have it. */
	inet_user_stop(m->net);
	m->net->inet->devs = 1;
	plug_in();
	close(server);
	close(datagrams);
}
END_TEST

START_TEST(a_connection)
{
	static const uint8_t nothing[16];
	struct tcp_sock *t;
	int s;

	begin();
	on_host();
	plug_in();
	s = make(SOCK_STREAM);
	ck_assert_int_eq(connect_to(s, HOST, host_port), -EINPROGRESS);
	pass(20);
	t = tcp_of(s);
	ck_assert_int_eq(t->i.s.state, SOCK_CONNECTED);
	ck_assert_ptr_nonnull(t->wire);
	ck_assert(memcmp(t->i.local.ip, nothing, 16));
	ck_assert_int_eq(CALL(sys_write, s, room + AT_DATA, 20000), 20000);
	ck_assert_ptr_null(net_check(m->net));
	pass(20);
	ck_assert_uint_eq(t->i.s.sent, 0);		/* all has arrived */
	ck_assert_int_ge(answer("hello"), 0);
	for (int i = 0; i < 200 && !(t->i.s.shut & SHUT_RECEIVE); i++)
		pass(10);
	/* It was closed with data unread: by a reset, or, if libslirp has not seen that, by an end. */
	ck_assert(t->wire ? t->fin_received : t->i.s.error == ECONNRESET);
	ck_assert_ptr_null(net_check(m->net));
	shut(s);
	end();
	close(server);
	close(datagrams);
}
END_TEST

/* While the queue is full nobody is let in; the client's system tries again. */
START_TEST(a_full_listener)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int l, c[4], got = 0;

	begin();
	on_host();
	plug_in();
	a.sin_port = htons(forwarded);
	l = make(SOCK_STREAM);
	ck_assert_int_eq(bind_to(l, ANY, 77), 0);
	ck_assert_int_eq(CALL(sys_listen, l, 1), 0);
	ck_assert_ptr_nonnull(tcp_of(l)->i.port->wire);
	for (int i = 0; i < 4; i++) {
		c[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(c[i], (void *)&a, sizeof a);
		pass(10);
	}
	ck_assert_uint_eq(tcp_of(l)->i.s.queued, 2);
	for (int i = 0; i < 8000 && got < 4; i++) {
		int s = (int)CALL(sys_accept, l, 0, 0);

		got += s >= 0;
		shut(s);
		pass(1);
	}
	ck_assert_int_eq(got, 4);
	shut(l);
	inet_tw_clear(m->net);
	ck_assert_uint_eq(m->net->inet->ports[INET_TCP].count, 0);
	for (int i = 0; i < 4; i++)
		close(c[i]);
	end();
	close(server);
	close(datagrams);
}
END_TEST

/* --- Frames without sense --- */

static uint32_t seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Headers that could be, of whom and to whom they could be, with lengths that lie. */
static size_t make_frame(uint8_t *f)
{
	static const uint16_t types[] = { 0x0806, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x1234 };
	static const uint8_t protos[] = { 1, 6, 6, 17, 17, 58, 0, 44 };
	uint16_t type = types[rnd(6)];
	size_t len = rnd(8) ? rnd(200) : rnd(2000);
	uint8_t *p = f + ETHERNET;

	for (size_t i = 0; i < ETHERNET + len; i++)
		f[i] = (uint8_t)rnd(256);
	put16(f + 12, type);
	if (type == 0x0800 && len >= 20) {
		if (rnd(10))
			p[0] = 0x45;
		if (rnd(4))
			put16(p + 2, (unsigned)len);
		if (rnd(10))
			put16(p + 6, 0);
		p[9] = protos[rnd(8)];
		memcpy(p + 12, usernet_gateway4 + 12, 4);
		if (rnd(10))
			memcpy(p + 16, usernet_ip4 + 12, 4);
		put16(p + 10, 0);
		if (rnd(10))
			put16(p + 10, ip_sum(p, 20, 0));
	} else if (type == 0x86dd && len >= 40) {
		if (rnd(10))
			p[0] = 0x60;
		if (rnd(4))
			put16(p + 4, (unsigned)len - 40);
		p[6] = protos[rnd(8)];
		memcpy(p + 8, usernet_gateway6, 16);
		if (rnd(10))
			memcpy(p + 24, usernet_ip6, 16);
	} else if (type == 0x0806 && len >= 28 && rnd(2)) {
		put16(p + 6, 1);
		memcpy(p + 24, usernet_ip4 + 12, 4);
	}
	/* Ports that somebody has; ICMP types that mean something. */
	if (len >= 48 && rnd(2))
		put16(p + (type == 0x0800 ? 22 : 42), 77);
	if (len >= 48 && rnd(4) == 0) {
		p[type == 0x0800 ? 20 : 40] = (uint8_t[]){ 3, 1, 135, 0, 8 }[rnd(5)];
		p[type == 0x0800 ? 21 : 41] = (uint8_t)rnd(6);
	}
	return rnd(20) ? ETHERNET + len : rnd(ETHERNET);
}

START_TEST(frames_without_sense)
{
	uint8_t *frame;
	int l, u, c, raw[3], heard[3] = { 0 };

	begin();
	on_host();
	plug_in();
	l = make(SOCK_STREAM);
	bind_to(l, ANY, 77);
	CALL(sys_listen, l, 5);
	u = make(SOCK_DGRAM);
	bind_to(u, ANY, 77);
	c = make(SOCK_STREAM);
	connect_to(c, HOST, host_port);
	raw[0] = (int)CALL(sys_socket, AF_INET, SOCK_RAW | SOCK_NONBLOCK, 1);
	raw[1] = (int)CALL(sys_socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 1);
	raw[2] = (int)CALL(sys_socket, AF_INET6, SOCK_RAW | SOCK_NONBLOCK, 58);
	bind_to(raw[1], ANY, 0x1234);
	for (int i = 0; i < 200000; i++) {
		uint8_t whole[ETHERNET + 2000];
		size_t len = make_frame(whole);

		/* A copy of just that size: what lies behind it must not be looked at. */
		frame = __real_malloc(len ? len : 1);
		memcpy(frame, whole, len);
		link_receive(m->net->inet->user, frame, len);
		free(frame);
		if (i % 1000 == 0) {
			usernet_run(m->net->inet->user);
			host_poll(m, 0);
			ck_assert_ptr_null(net_check(m->net));
			for (int s; (s = (int)CALL(sys_accept, l, 0, 0)) >= 0; )
				shut(s);
			while (CALL(sys_recvfrom, u, room + AT_DATA, 2000, 0, 0, 0) >= 0)
				;
			for (int k = 0; k < 3; k++)
				while (CALL(sys_recvfrom, raw[k], room + AT_DATA, 2000, 0, 0, 0) >= 0)
					heard[k]++;
		}
	}
	/* The raw ones had some that made sense. */
	ck_assert(heard[0] > 0 && heard[2] > 0);
	for (int k = 0; k < 3; k++)
		shut(raw[k]);
	shut(c);
	shut(u);
	shut(l);
	end();
	close(server);
	close(datagrams);
}
END_TEST

/* --- Want of memory --- */

static void everything(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(forwarded), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = make(SOCK_STREAM), l = make(SOCK_STREAM), u = make(SOCK_DGRAM), in, c, t;
	char buf[100];

	bind_to(l, ANY, 77);
	CALL(sys_listen, l, 5);
	connect_to(s, HOST, host_port);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(c, (void *)&a, sizeof a);
	pass(5);
	CALL(sys_write, s, room + AT_DATA, 2000);
	in = accept(server, NULL, NULL);
	if (in >= 0) {
		(void)!write(in, "hello", 5);
		(void)!write(c, "hello", 5);
	}
	pass(5);
	CALL(sys_read, s, room + AT_DATA, 3);
	t = (int)CALL(sys_accept, l, 0, 0);
	CALL(sys_read, t, room + AT_DATA, 3);
	CALL(sys_shutdown, s, 1);
	connect_to(u, HOST, host_port);
	CALL(sys_write, u, room + AT_DATA, 50);
	pass(3);
	a.sin_port = 0;
	if (recv(datagrams, buf, sizeof buf, MSG_DONTWAIT) == 50)
		a.sin_port = 1;
	shut(s);
	shut(t);
	shut(u);
	shut(l);
	if (in >= 0)
		close(in);
	close(c);
	pass(3);
}

START_TEST(every_allocation_fails_once)
{
	bool more = true;

	on_host();
	for (long n = 1; more; n++) {
		struct usernet_config c = { .forwards = 1, .forward[0] = { .host = { 127, 0, 0, 1 }, .guest = { 10, 0, 2, 15 },
									    .host_port = forwarded, .guest_port = 77 } };
		char why[LIBRARY_WHY] = "";

		m->options.deterministic = false;
		m->net->inet->devs = 1;
		begin();
		fail_in = n;
		if (!inet_user_start(m->net, &c, why)) {
			everything();
			more = !fail_in;
			fail_in = 0;
			everything();
		} else {
			fail_in = 0;
			ck_assert_str_ne(why, "");
			ck_assert_ptr_null(m->net->inet->user);
		}
		end();
		inet_user_stop(m->net);
		ck_assert_uint_eq(m->net->inet->ports[INET_UDP].count + m->net->inet->ports[INET_TCP].count, 0);
		give_back();
		ck_assert_int_lt(n, 1000);
	}
	close(server);
	close(datagrams);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("net_user");
	TCase *t = tcase_create("user");

	tcase_add_test(t, what_can_be_said);
	tcase_add_test(t, checksums);
	tcase_add_test(t, one_at_a_time);
	tcase_add_test(t, a_connection);
	tcase_add_test(t, a_full_listener);
	tcase_add_test(t, frames_without_sense);
	tcase_add_test(t, every_allocation_fails_once);
	return kit_run(s, t);
}
