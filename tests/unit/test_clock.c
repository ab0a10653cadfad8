/* SPDX-License-Identifier: MIT
 *
 * The boundary to the host: clocks, random bytes, descriptors; and the kernel log, which is stamped by the clock.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

static struct machine machine, *m = &machine;

static void up(bool deterministic)
{
	memset(m, 0, sizeof *m);
	m->options.deterministic = deterministic;
	m->options.log_level = -1;
	ck_assert_int_eq(clocks_new(m), 0);
	ck_assert_int_eq(klog_new(m), 0);
}

static void down(void)
{
	klog_free(m);
	clocks_free(m);
	host_poll_free(m);
}

START_TEST(virtual_time)
{
	int64_t start;

	up(true);
	ck_assert_uint_eq(clock_monotonic(m), 0);
	start = clock_realtime(m);
	m->hart.instret = 12345;
	ck_assert_uint_eq(clock_monotonic(m), 12345);
	ck_assert_int_eq(clock_realtime(m), start + 12345);
	clock_skip(m, 1000000);
	ck_assert_uint_eq(clock_monotonic(m), 1000000);
	clock_skip(m, 500);		/* never back */
	ck_assert_uint_eq(clock_monotonic(m), 1000000);
	m->hart.instret += 5;
	ck_assert_uint_eq(clock_monotonic(m), 1000005);
	clock_set_realtime(m, 42);
	ck_assert_int_eq(clock_realtime(m), 42);
	m->hart.instret += 8;
	ck_assert_int_eq(clock_realtime(m), 50);
	ck_assert_uint_eq(clock_monotonic(m), 1000013);
	down();
}
END_TEST

START_TEST(real_time)
{
	uint64_t before, t;
	int64_t far = INT64_C(4000000000000000000);

	up(false);
	before = clock_monotonic(m);
	for (int i = 0; i < 1000; i++) {
		t = clock_monotonic(m);
		ck_assert_uint_ge(t, before);
		before = t;
	}
	clock_skip(m, before + 1000000000000u);
	ck_assert_uint_lt(clock_monotonic(m), before + 1000000000000u);
	m->hart.instret = 1ull << 60;	/* has no say here */
	ck_assert_uint_lt(clock_monotonic(m), before + 1000000000000u);
	clock_set_realtime(m, far);
	ck_assert_int_ge(clock_realtime(m), far);
	ck_assert_int_lt(clock_realtime(m), far + 10000000000);
	down();
}
END_TEST

START_TEST(randomness)
{
	uint8_t a[1000], b[1000], c[1000], zero[1000] = { 0 };

	up(true);
	entropy_bytes(m, a, sizeof a);
	down();
	up(true);
	entropy_bytes(m, b, sizeof b);
	ck_assert_mem_eq(a, b, sizeof a);	/* the same every time */
	entropy_bytes(m, c, sizeof c);
	ck_assert_mem_ne(b, c, sizeof b);
	down();
	up(true);
	entropy_mix(m, "seed", 4);
	entropy_bytes(m, c, sizeof c);
	ck_assert_mem_ne(a, c, sizeof a);	/* what is mixed in counts */
	down();
	up(false);
	entropy_bytes(m, b, sizeof b);
	ck_assert_mem_ne(a, b, sizeof a);
	for (size_t n = 1; n < 300; n++) {	/* across the ends of batches */
		memset(c, 0, sizeof c);
		entropy_bytes(m, c, n);
		ck_assert_mem_eq(c + n, zero, sizeof c - n);
		if (n >= 16)
			ck_assert_mem_ne(c, zero, n);
	}
	down();
}
END_TEST

START_TEST(log_records)
{
	struct klog_record r;

	up(true);
	ck_assert_int_eq(klog_read(m, 0, &r), -EAGAIN);
	m->hart.instret = 7;
	klog(m, KLOG_INFO, "number %d", 1);
	klog(m, KLOG_ERR, "%s", "");
	ck_assert_int_eq(klog_read(m, 0, &r), 0);
	ck_assert_str_eq(r.text, "number 1");
	ck_assert_uint_eq(r.time_ns, 7);
	ck_assert_int_eq(r.level, KLOG_INFO);
	ck_assert_int_eq(klog_read(m, 1, &r), 0);
	ck_assert_str_eq(r.text, "");
	ck_assert_int_eq(klog_read(m, 2, &r), -EAGAIN);
	ck_assert_uint_eq(klog_next_seq(m), 2);
	down();
}
END_TEST

/* Whatever the lengths: what can be read is the newest, in order, undamaged. */
START_TEST(log_is_a_ring)
{
	static char long_text[3000];
	struct klog_record r;
	uint32_t x = 1;

	up(true);
	memset(long_text, 'y', sizeof long_text - 1);
	klog(m, KLOG_INFO, "0:%s", long_text);	/* cut, not refused */
	ck_assert_int_eq(klog_read(m, 0, &r), 0);
	ck_assert_uint_lt(strlen(r.text), 1100);
	for (unsigned i = 1; i < 30000; i++) {
		x = x * 1664525 + 1013904223;
		klog(m, KLOG_INFO, "%u:%.*s", i, (int)((x >> 16) % (i % 7 ? 40 : 1000)), long_text);
		if (i % 1000)
			continue;
		uint64_t seq = 0, first;
		unsigned n = 0;

		ck_assert_int_eq(klog_read(m, 0, &r), 0);
		for (first = seq = r.seq; !klog_read(m, seq, &r); seq++, n++) {
			ck_assert_uint_eq(r.seq, seq);
			ck_assert_uint_eq((uint64_t)atoi(r.text), seq);
			ck_assert_uint_eq(strspn(strchr(r.text, ':') + 1, "y"), strlen(strchr(r.text, ':') + 1));
		}
		ck_assert_uint_eq(seq, klog_next_seq(m));
		ck_assert_uint_le(n, 4096);
		ck_assert_uint_ge(n, 200);
		ck_assert_uint_ge(seq, first);
	}
	down();
}
END_TEST

/* --- Descriptors --- */

struct seen { int fd, events, times; };

static void on_ready(void *owner, int events)
{
	struct seen *s = owner;
	char c;

	s->events = events;
	s->times++;
	if (events & POLLIN)
		ck_assert_int_eq(read(s->fd, &c, 1), 1);
	if (s->times == 2)
		host_listen(m, s->fd, 0, NULL, NULL);
}

START_TEST(listening)
{
	struct seen s = { 0 };
	int p[2];

	up(false);
	ck_assert_int_eq(pipe(p), 0);
	s.fd = p[0];
	host_poll(m, 0);		/* nothing to listen to: returns */
	ck_assert_int_eq(host_listen(m, p[0], POLLIN, on_ready, &s), 0);
	host_poll(m, 0);
	ck_assert_int_eq(s.times, 0);
	ck_assert_int_eq(write(p[1], "abc", 3), 3);
	host_poll(m, -1);
	ck_assert_int_eq(s.times, 1);
	ck_assert_int_ne(s.events & POLLIN, 0);
	host_poll(m, -1);		/* takes itself off the list */
	host_poll(m, 1000000);
	ck_assert_int_eq(s.times, 2);
	host_listen(m, p[0], POLLIN, on_ready, &s);
	host_listen(m, p[0], 0, NULL, NULL);
	host_poll(m, 0);
	ck_assert_int_eq(s.times, 2);
	close(p[0]);
	close(p[1]);
	down();
}
END_TEST

START_TEST(ending_a_wait)
{
	uint64_t one = 1, before;

	up(false);
	ck_assert_int_ge(host_wakeup_fd(m), 0);
	ck_assert_int_eq(write(host_wakeup_fd(m), &one, sizeof one), sizeof one);
	host_poll(m, -1);		/* would hang otherwise */
	before = clock_monotonic(m);
	host_poll(m, 20000000);		/* and the wake-up is used up */
	ck_assert_uint_ge(clock_monotonic(m) - before, 19000000);
	down();
}
END_TEST

START_TEST(many_descriptors)
{
	struct seen s[50] = { 0 };
	int p[50][2];

	up(false);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(pipe(p[i]), 0);
		s[i].fd = p[i][0];
		ck_assert_int_eq(host_listen(m, p[i][0], POLLIN, on_ready, &s[i]), 0);
	}
	for (int i = 0; i < 50; i += 3)
		ck_assert_int_eq(write(p[i][1], "x", 1), 1);
	host_poll(m, -1);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(s[i].times, i % 3 == 0);
		close(p[i][0]);
		close(p[i][1]);
	}
	down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock");
	TCase *t = tcase_create("host");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, virtual_time);
	tcase_add_test(t, real_time);
	tcase_add_test(t, randomness);
	tcase_add_test(t, log_records);
	tcase_add_test(t, log_is_a_ring);
	tcase_add_test(t, listening);
	tcase_add_test(t, ending_a_wait);
	tcase_add_test(t, many_descriptors);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
