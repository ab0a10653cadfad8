/* SPDX-License-Identifier: MIT
 *
 * Sockets by the ten thousand: each has a number of its own, and getting one does not take the longer the more there are.
 */
#include <arpa/inet.h>
#include <time.h>
#include "emu/net/tcp.h"
#include "tests/unit/socket_kit.h"
#include "emu/fs/internal.h"

enum { MANY = 40000, AF_NETLINK_ = 16 };

static void begin_many(void)
{
	begin();
	m->vfs->charge_limit = UINT64_C(1) << 30;	/* the machine's RAM would do for fewer files */
	boss->process->rlimit[7] = (struct rlimit_pair){ MANY + 100, MANY + 100 };
}

static int netlink(void)
{
	return (int)CALL(sys_socket, AF_NETLINK_, SOCK_RAW, 0);
}

static int64_t netlink_bind(int fd, uint32_t pid)
{
	const uint32_t a[3] = { AF_NETLINK_, pid, 0 };

	user_write(boss, room + AT_ADDR, a, sizeof a);
	return CALL(sys_bind, fd, room + AT_ADDR, sizeof a);
}

static uint32_t netlink_number(int fd)
{
	uint32_t len = 12, a[3];

	user_write(boss, room + AT_LEN, &len, sizeof len);
	ck_assert_int_eq(CALL(sys_getsockname, fd, room + AT_ADDR, room + AT_LEN), 0);
	ck_assert_int_eq(user_read(boss, a, room + AT_ADDR, sizeof a), 0);
	return a[1];
}

START_TEST(netlink_numbers)
{
	uint32_t pid = (uint32_t)boss->process->pid;
	int a, b, c, d;

	begin();
	a = netlink();
	b = netlink();
	ck_assert_int_eq(netlink_bind(a, 0), 0);
	ck_assert_int_eq(netlink_bind(b, 0), 0);
	ck_assert_uint_eq(netlink_number(a), pid);
	ck_assert_int_lt((int32_t)netlink_number(b), -4096);
	/* The process's is free again; the one after that must not get b's, which is now the first socket there is. */
	shut(a);
	c = netlink();
	d = netlink();
	ck_assert_int_eq(netlink_bind(c, 0), 0);
	ck_assert_int_eq(netlink_bind(d, 0), 0);
	ck_assert_uint_eq(netlink_number(c), pid);
	ck_assert_int_lt((int32_t)netlink_number(d), -4096);
	ck_assert_uint_ne(netlink_number(d), netlink_number(b));
	/* By name. */
	a = netlink();
	ck_assert_int_eq(netlink_bind(a, netlink_number(b)), -EADDRINUSE);
	ck_assert_int_eq(netlink_bind(a, 12345), 0);
	ck_assert_int_eq(netlink_bind(a, 12345), 0);
	ck_assert_int_eq(netlink_bind(a, 12346), -EINVAL);
	ck_assert_int_eq(netlink_bind(netlink(), 12345), -EADDRINUSE);
	shut(a);
	ck_assert_int_eq(netlink_bind(netlink(), 12345), 0);
	end();
}
END_TEST

START_TEST(many_netlinks)
{
	begin_many();
	for (int n = 0; n < MANY; n++) {
		int fd = netlink();

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(netlink_bind(fd, 0), 0);
	}
	ck_assert_uint_eq(m->net->netlinks.count, MANY);
	end();
	ck_assert_uint_eq(m->net->netlinks.count, 0);
}
END_TEST

START_TEST(many_pings)
{
	begin_many();
	for (int n = 1; n <= MANY; n++) {
		int fd = (int)CALL(sys_socket, AF_INET, SOCK_DGRAM, 1 /* IPPROTO_ICMP */);

		ck_assert_int_ge(fd, 0);
		if (n + 50 <= MANY) {
			sk(fd)->local.port = (uint16_t)n;	/* as bind(2) would, one by one */
			continue;
		}
		ck_assert_int_eq(bind_to(fd, 0, 0), 0);
		ck_assert_uint_gt(sk(fd)->local.port, MANY - 50);
	}
	end();
}
END_TEST

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* They wait at a listener that takes nobody, and leave: the last comes first, who would have all others to go past. */
START_TEST(many_clients)
{
	enum { CLIENTS = 20000 };
	static int fd[CLIENTS];
	uint32_t lo = htonl(0x7f000001);
	struct tcp_sock *l;
	double at, coming, leaving;
	int server;

	begin_many();
	server = make(SOCK_STREAM);
	ck_assert_int_eq(bind_to(server, lo, 1000), 0);
	ck_assert_int_eq(CALL(sys_listen, server, 0), 0);
	l = tcp_sk(&sk(server)->s);
	at = now();
	for (int n = 0; n < CLIENTS; n++) {
		fd[n] = make(SOCK_STREAM);
		connect_to(fd[n], lo, 1000);
	}
	coming = now() - at;
	ck_assert_ptr_eq(l->client_last, tcp_sk(&sk(fd[CLIENTS - 1])->s));
	/* From the middle of the list, too. */
	shut(fd[CLIENTS - 2]);
	ck_assert_ptr_eq(l->client_last->client_prev, tcp_sk(&sk(fd[CLIENTS - 3])->s));
	at = now();
	shut(fd[CLIENTS - 1]);
	for (int n = CLIENTS - 3; n > 0; n--)
		shut(fd[n]);
	leaving = now() - at;
	ck_assert_ptr_null(l->client_first);
	ck_assert_ptr_null(l->client_last);
	ck_assert_msg(leaving < 2 * coming + 0.05, "%f s to come, %f s to leave", coming, leaving);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("net_many");
	TCase *t = tcase_create("many");

	tcase_add_test(t, netlink_numbers);
	tcase_add_test(t, many_netlinks);
	tcase_add_test(t, many_pings);
	tcase_add_test(t, many_clients);
	return kit_run(s, t);
}
