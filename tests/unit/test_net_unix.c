/* SPDX-License-Identifier: MIT
 *
 * AF_UNIX: what queues cost, descriptors in flight, and every allocation failing once.
 */
#include "tests/unit/socket_kit.h"

START_TEST(a_packet_costs_what_a_kernel_charges)
{
	ck_assert_uint_eq(packet_charge(0), 192 + 256);
	ck_assert_uint_eq(packet_charge(1), 192 + 512);
	ck_assert_uint_eq(packet_charge(256), 192 + 512);
	ck_assert_uint_eq(packet_charge(257), 192 + 1024);
	ck_assert_uint_eq(packet_charge(3840), 192 + 4096);
	ck_assert_uint_eq(packet_charge(3841), 192 + 4096 + 4096);
	ck_assert_uint_eq(packet_charge(3840 + 8192), 192 + 4096 + 8192);
}
END_TEST

START_TEST(buffers_are_bounded)
{
	uint64_t before;
	int s[2], n = 0;

	begin();
	ck_assert_int_eq(pair(SOCK_STREAM, s), 0);
	while (CALL(sys_write, s[0], room + AT_DATA, 1) == 1)
		n++;
	ck_assert_int_eq(CALL(sys_write, s[0], room + AT_DATA, 1), -EAGAIN);
	/* The last packet may go over the limit, no other. */
	ck_assert_int_eq(n, 180224 / 704);
	before = m->net->bytes;
	ck_assert_uint_eq(before, 256 * 704);
	ck_assert_int_eq(CALL(sys_read, s[1], room + AT_DATA, 8000), n);
	ck_assert_uint_eq(m->net->bytes, 0);
	/* As if others had taken all there is: one small packet at a time still goes, a large one does not. */
	m->net->bytes = UINT64_C(64) << 20;
	ck_assert_int_eq(CALL(sys_write, s[0], room + AT_DATA, 1), 1);
	ck_assert_int_eq(CALL(sys_write, s[0], room + AT_DATA, 1), -EAGAIN);
	ck_assert_int_eq(CALL(sys_read, s[1], room + AT_DATA, 8000), 1);
	ck_assert_int_eq(CALL(sys_write, s[0], room + AT_DATA, 8000), -ENOBUFS);
	m->net->bytes = 0;
	end();
}
END_TEST

/* Sockets are limited, whoever makes them. */
START_TEST(sockets_are_bounded)
{
	int s[2];

	begin();
	m->net->count = 65536;
	ck_assert_int_eq(pair(SOCK_STREAM, s), -ENFILE);
	m->net->count = 65535;
	ck_assert_int_eq(pair(SOCK_STREAM, s), -ENFILE);
	ck_assert_uint_eq(m->net->count, 65535);
	m->net->count = 0;
	end();
}
END_TEST

START_TEST(descriptors_in_flight_are_bounded)
{
	int s[2], p[2];

	begin();
	ck_assert_int_eq(pair(SOCK_STREAM, s), 0);
	ck_assert_int_eq(pair(SOCK_STREAM, p), 0);
	m->net->unix_->files = 65535;
	ck_assert_int_eq(give(s[0], p, 2), -ETOOMANYREFS);
	ck_assert_int_eq(give(s[0], p, 1), 1);
	ck_assert_uint_eq(m->net->unix_->files, 65536);
	ck_assert_uint_eq(m->net->unix_->in_flight, 1);
	m->net->unix_->files = 1;
	shut(take_fd(s[1]));
	ck_assert_uint_eq(m->net->unix_->in_flight, 0);
	end();
}
END_TEST

/* A cycle of n sockets, each in the queue of the next one's peer. */
static void ring(int n)
{
	int s[10][2];

	for (int i = 0; i < n; i++)
		ck_assert_int_eq(pair(SOCK_DGRAM, s[i]), 0);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(give(s[i][0], &s[(i + 1) % n][1], 1), 1);
	for (int i = 0; i < n; i++) {
		shut(s[i][0]);
		shut(s[i][1]);
	}
}

START_TEST(cycles_end)
{
	begin();
	for (int n = 1; n <= 10; n++) {
		ring(n);
		ck_assert_msg(m->net->count == 0, "%d in a ring: %u left", n, m->net->count);
	}
	end();
}
END_TEST

/* What is in use survives, and garbage beside it is at most as much. */
START_TEST(searches_pay_off)
{
	int keep[2], s[2];
	unsigned most = 0;

	begin();
	pair(SOCK_STREAM, keep);
	for (int i = 0; i < 50; i++) {
		pair(SOCK_DGRAM, s);
		ck_assert_int_eq(give(keep[0], s, 2), 1);
		shut(s[0]);
		shut(s[1]);
	}
	ck_assert_uint_eq(m->net->unix_->in_flight, 100);
	for (int i = 0; i < 1000; i++) {
		ring(1);
		if (m->net->count > most)
			most = m->net->count;
	}
	ck_assert_uint_le(most, 2 + 100 + 2 * 110);
	for (int i = 0; i < 50; i++) {
		int fd = take_fd(keep[1]);

		ck_assert_int_ge(fd, 0);
		shut(fd);
	}
	end();
}
END_TEST

/* Records that are tampered with are found, and right ones are not. */
START_TEST(damage_is_found)
{
	struct sock *sent, *got;
	int s[2], p[2];

	begin();
	ck_assert_int_eq(pair(SOCK_STREAM, s), 0);
	ck_assert_int_eq(pair(SOCK_DGRAM, p), 0);
	ck_assert_int_eq(give(s[0], p, 2), 1);
	sent = sock_of(fds_look(boss->fds, (unsigned)s[0]));
	got = sock_of(fds_look(boss->fds, (unsigned)s[1]));
	ck_assert_ptr_null(net_check(m->net));
#define FOUND(damage, repair) do { damage; ck_assert_ptr_nonnull(net_check(m->net)); repair; } while (0)
	FOUND(sent->refs++, sent->refs--);
	FOUND(sent->sent -= 4, sent->sent += 4);
	FOUND(got->queued++, got->queued--);
	FOUND(got->received++, got->received--);
	FOUND(got->first->at = 2, got->first->at = 0);
	FOUND(got->dead = true, got->dead = false);
	FOUND(m->net->bytes++, m->net->bytes--);
	FOUND(m->net->count++, m->net->count--);
	FOUND(m->net->unix_->files++, m->net->unix_->files--);
	FOUND(unix_sk(sent)->in_flight++, unix_sk(sent)->in_flight--);
#undef FOUND
	ck_assert_ptr_null(net_check(m->net));
	end();
}
END_TEST

/* A little of everything.  Each call may fail, with an errno that says so. */
static void everything(void)
{
	int s[2] = { -1, -1 }, p[2], l, c, a;
	uint32_t len;

	if (!pair(SOCK_STREAM, s) && !pair(SOCK_DGRAM, p)) {
		give(s[0], p, 2);
		give(s[0], s, 2);
		shut(take_fd(s[1]));
		give(p[0], p, 2);
		shut(p[0]);
		shut(p[1]);
		CALL(sys_write, s[0], room + AT_DATA, 20000);
		CALL(sys_recvfrom, s[1], room + AT_DATA, 100, MSG_PEEK);
	}
	l = (int)CALL(sys_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	c = (int)CALL(sys_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	len = unix_name("name");
	CALL(sys_bind, l, room + AT_ADDR, len);
	CALL(sys_listen, l, 5);
	CALL(sys_connect, c, room + AT_ADDR, len);
	give(c, &l, 1);
	a = (int)CALL(sys_accept, l, 0, 0);
	shut(a);
	shut(c);
	c = (int)CALL(sys_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CALL(sys_connect, c, room + AT_ADDR, len);
	give(c, &l, 1);
	shut(c);
	shut(l);
	CALL(sys_unlinkat, -100, room + AT_ADDR + 2, 0);
	l = (int)CALL(sys_socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	len = unix_name("@abstract");
	CALL(sys_bind, l, room + AT_ADDR, len);
	CALL(sys_bind, l, room + AT_ADDR, 2);
	CALL(sys_sendto, l, room + AT_DATA, 10, 0, room + AT_ADDR, len);
	shut(l);
	shut(s[0]);
	shut(s[1]);
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
		fds_put(boss->fds);
		boss->fds = NULL;
		fs_context_put(boss->fs);
		boss->fs = NULL;
		ck_assert_int_lt(n, 1000);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("net_unix");
	TCase *t = tcase_create("unix");

	tcase_add_test(t, a_packet_costs_what_a_kernel_charges);
	tcase_add_test(t, buffers_are_bounded);
	tcase_add_test(t, sockets_are_bounded);
	tcase_add_test(t, descriptors_in_flight_are_bounded);
	tcase_add_test(t, cycles_end);
	tcase_add_test(t, searches_pay_off);
	tcase_add_test(t, damage_is_found);
	tcase_add_test(t, every_allocation_fails_once);
	return kit_run(s, t);
}
