/* SPDX-License-Identifier: MIT
 *
 * AF_INET and AF_INET6: addresses, ports, and every allocation failing once.
 */
#include "emu/net/tcp.h"
#include "tests/unit/socket_kit.h"

enum { LO = 0x0100007f /* 127.0.0.1 as it lies in memory */ };

START_TEST(kinds_of_addresses)
{
	static const struct { uint8_t four[4]; enum inet_kind kind; } t[] = {
		{ { 0, 0, 0, 0 }, INET_ANY }, { { 127, 0, 0, 1 }, INET_LOOPBACK }, { { 127, 255, 255, 254 }, INET_LOOPBACK },
		{ { 127, 255, 255, 255 }, INET_BROADCAST }, { { 255, 255, 255, 255 }, INET_BROADCAST },
		{ { 224, 0, 0, 1 }, INET_MULTICAST }, { { 239, 255, 255, 255 }, INET_MULTICAST },
		{ { 240, 0, 0, 1 }, INET_FOREIGN }, { { 10, 0, 0, 1 }, INET_FOREIGN }, { { 126, 0, 0, 1 }, INET_FOREIGN },
	};
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff }, six[16] = { 0 };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		memcpy(ip + 12, t[i].four, 4);
		ck_assert_int_eq(inet_kind_of(ip), t[i].kind);
		ck_assert(inet_is_v4(ip));
	}
	ck_assert_int_eq(inet_kind_of(six), INET_ANY);
	six[15] = 1;
	ck_assert_int_eq(inet_kind_of(six), INET_LOOPBACK);
	six[0] = 0xff;
	ck_assert_int_eq(inet_kind_of(six), INET_MULTICAST);
	six[0] = 0x20;
	ck_assert_int_eq(inet_kind_of(six), INET_FOREIGN);
	ck_assert(!inet_is_v4(six));
}
END_TEST

/* Each of the ports for it is given out once; then there is none, but connections may share them. */
START_TEST(ports_run_out)
{
	unsigned n = 0;
	struct inet_sock *i;
	struct inet_end far = { .port = 9, .ip = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };
	int fd;

	begin();
	boss->process->rlimit[7].cur = 100000;
	while ((fd = make(SOCK_DGRAM)) >= 0 && !bind_to(fd, LO, 0))
		n++;
	ck_assert_uint_eq(n, 60999 - 32768 + 1);
	ck_assert_int_eq(bind_to(fd, LO, 0), -EADDRINUSE);
	ck_assert(tree_check(&m->net->inet->ports[INET_UDP]));
	fd = make(SOCK_STREAM);
	i = sk(fd);
	ck_assert_int_eq(inet_port_get(i, 0, &far), 0);
	inet_port_put(i);
	end();
	ck_assert_uint_eq(m->net->inet->ports[INET_UDP].count, 0);
	ck_assert_uint_eq(m->net->inet->ports[INET_TCP].count, 0);
}
END_TEST

/* As long as both are open each has a reference on the other; whichever goes first. */
START_TEST(ends_let_go)
{
	begin();
	for (int first = 0; first < 3; first++) {
		int l = make(SOCK_STREAM), c = make(SOCK_STREAM), s;

		ck_assert_int_eq(bind_to(l, LO, 77), 0);
		ck_assert_int_eq(CALL(sys_listen, l, 1), 0);
		ck_assert_int_eq(connect_to(c, LO, 77), -EINPROGRESS);
		s = (int)CALL(sys_accept, l, 0, 0);
		ck_assert_int_ge(s, 0);
		ck_assert_ptr_eq(tcp_sk(&sk(c)->s)->peer, tcp_sk(&sk(s)->s));
		CALL(sys_write, c, room + AT_DATA, 100);
		shut(first == 0 ? l : first == 1 ? c : s);
		shut(first == 0 ? c : first == 1 ? s : l);
		shut(first == 0 ? s : first == 1 ? l : c);
		ck_assert_uint_eq(m->net->count, 0);
	}
	end();
}
END_TEST

/* Clients of a listener whose queue is full: the one in the middle leaves, the others go on in order. */
START_TEST(clients_wait_in_line)
{
	int l, c[6], s;

	begin();
	l = make(SOCK_STREAM);
	bind_to(l, LO, 77);
	CALL(sys_listen, l, 0);
	for (int i = 0; i < 6; i++) {
		c[i] = make(SOCK_STREAM);
		connect_to(c[i], LO, 77);
		ck_assert_int_eq(sk(c[i])->s.state, i ? SOCK_CONNECTING : SOCK_CONNECTED);
	}
	shut(c[3]);
	shut(c[5]);
	for (int i = 0; i < 5; i++) {
		s = (int)CALL(sys_accept, l, 0, 0);
		ck_assert_int_eq(s >= 0, i < 4);
		shut(s);
	}
	shut(l);
	end();
}
END_TEST

/* An echo request to this machine, by a raw socket and a ping socket, and what comes back. */
static void pings(void)
{
	static const uint8_t request[8] = { 8, 0, 0xf7, 0xff };
	int s[2] = { (int)CALL(sys_socket, AF_INET, SOCK_RAW | SOCK_NONBLOCK, 1), (int)CALL(sys_socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 1) };

	user_write(boss, room + AT_DATA, request, sizeof request);
	for (int i = 0; i < 2; i++) {
		uint32_t len = inet_name(LO, 0);

		CALL(sys_sendto, s[i], room + AT_DATA, sizeof request, 0, room + AT_ADDR, len);
		while (CALL(sys_recvfrom, s[i], room + AT_DATA + 100, 100, 0, 0, 0) >= 0)
			;
		shut(s[i]);
	}
}

static void everything(void)
{
	int l = make(SOCK_STREAM), c = make(SOCK_STREAM), s, u = make(SOCK_DGRAM), v = make(SOCK_DGRAM);

	bind_to(l, LO, 77);
	CALL(sys_listen, l, 1);
	for (int i = 0; i < 2; i++) {
		connect_to(c, LO, 77);
		connect_to(c, LO, 77);
		s = (int)CALL(sys_accept, l, 0, 0);
		CALL(sys_write, c, room + AT_DATA, 2000);
		CALL(sys_sendto, c, room + AT_DATA, 3, MSG_OOB, 0, 0);
		CALL(sys_read, s, room + AT_DATA, 100);
		CALL(sys_shutdown, c, 1);
		shut(s);
		shut(c);
		c = make(SOCK_STREAM);
		connect_to(c, LO, 78);
	}
	connect_to(c, LO, 77);
	shut(l);
	shut(c);
	pings();
	bind_to(u, LO, 77);
	connect_to(v, LO, 77);
	CALL(sys_write, v, room + AT_DATA, 100);
	CALL(sys_recvfrom, u, room + AT_DATA, 100, 0, 0, 0);
	CALL(sys_write, v, room + AT_DATA, 100);
	shut(u);
	CALL(sys_write, v, room + AT_DATA, 100);
	shut(v);
}

START_TEST(every_allocation_fails_once)
{
	bool more = true;

	for (long n = 1; more; n++) {
		begin();
		fail_in = n;
		everything();
		more = !fail_in;
		fail_in = 0;
		everything();
		end();
		ck_assert_uint_eq(m->net->inet->ports[INET_UDP].count + m->net->inet->ports[INET_TCP].count, 0);
		give_back();
		ck_assert_int_lt(n, 1000);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("net_inet");
	TCase *t = tcase_create("inet");

	tcase_add_test(t, kinds_of_addresses);
	tcase_add_test(t, ports_run_out);
	tcase_add_test(t, ends_let_go);
	tcase_add_test(t, clients_wait_in_line);
	tcase_add_test(t, every_allocation_fails_once);
	return kit_run(s, t);
}
