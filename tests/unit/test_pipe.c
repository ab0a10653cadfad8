/* SPDX-License-Identifier: MIT
 *
 * Pipes and FIFOs.
 */
#include <poll.h>
#include "tests/unit/fs_kit.h"

static struct file *r, *wr;
static uint8_t big[200000];

static void up(void)
{
	kit_up();
	ck_assert_int_eq(pipe_new(m, 0, &r, &wr), 0);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)(i * 31 + i / 256);
}

static void down(void)
{
	if (r)
		file_put(r);
	if (wr)
		file_put(wr);
	kit_down();
}

static int64_t in(size_t n) { return file_write(wr, big, n, NULL); }
static int64_t out(size_t n)
{
	static uint8_t buf[200000];

	return file_read(r, buf, n, NULL);
}

START_TEST(bytes_go_through)
{
	char buf[16], name[32];

	ck_assert_int_eq(file_write(wr, "hello", 5, NULL), 5);
	ck_assert_int_eq(file_read(r, buf, 3, NULL), 3);
	ck_assert_int_eq(memcmp(buf, "hel", 3), 0);
	ck_assert_int_eq(file_read(r, buf, sizeof buf, NULL), 2);
	ck_assert_int_eq(memcmp(buf, "lo", 2), 0);
	ck_assert_int_eq(file_read(r, buf, sizeof buf, NULL), -EAGAIN);
	ck_assert_int_eq(file_read(r, buf, 0, NULL), 0);
	ck_assert_int_eq(file_write(wr, buf, 0, NULL), 0);
	ck_assert_int_eq(file_read(wr, buf, 1, NULL), -EBADF);
	ck_assert_int_eq(file_write(r, buf, 1, NULL), -EBADF);
	ck_assert_int_eq(file_lseek(r, 0, 0), -ESPIPE);
	r->ops->describe(r, name, sizeof name);
	snprintf(buf, sizeof buf, "pipe:[%u]", (unsigned)r->inode->ino);
	ck_assert_str_eq(name, buf);
}
END_TEST

START_TEST(capacity_and_atomicity)
{
	int ones = 0;

	ck_assert_int_eq(in(sizeof big), 65536);
	ck_assert_int_eq(in(1), -EAGAIN);
	ck_assert_uint_eq(file_poll(wr, NULL), 0);
	ck_assert_int_eq(out(100), 100);
	ck_assert_uint_eq(file_poll(wr, NULL), 0);	/* not yet PIPE_BUF */
	ck_assert_int_eq(in(101), -EAGAIN);		/* all or nothing ... */
	ck_assert_int_eq(in(5000), 100);		/* ... only up to PIPE_BUF */
	ck_assert_int_eq(out(4096), 4096);
	ck_assert_uint_eq(file_poll(wr, NULL), POLLOUT | POLLWRNORM);
	ck_assert_int_eq(in(4096), 4096);
	ck_assert_int_eq(out(sizeof big), 65536);
	ck_assert_int_eq(out(1), -EAGAIN);
	for (int i = 0; i < 65536; i++)
		ones += in(1) == 1;
	ck_assert_int_eq(ones, 65536);
	ck_assert_int_eq(in(1), -EAGAIN);
}
END_TEST

START_TEST(order_is_kept)
{
	uint64_t seed = 7, put = 0, got = 0, wrong = 0;
	static uint8_t buf[9000];

	for (int i = 0; i < 20000; i++) {
		size_t n;
		int64_t k;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		n = 1 + (seed >> 33) % 9000;
		if (seed >> 63) {
			for (size_t j = 0; j < n; j++)
				buf[j] = (uint8_t)((put + j) * 2654435761u >> 13);
			k = file_write(wr, buf, n, NULL);
			if (k > 0)
				put += (uint64_t)k;
			else
				ck_assert_int_eq(k, -EAGAIN);
		} else {
			k = file_read(r, buf, n, NULL);
			if (k < 0) {
				ck_assert_int_eq(k, -EAGAIN);
				ck_assert_uint_eq(put, got);
			}
			for (int64_t j = 0; j < k; j++)
				wrong += buf[j] != (uint8_t)((got + (uint64_t)j) * 2654435761u >> 13);
			if (k > 0)
				got += (uint64_t)k;
		}
	}
	ck_assert_uint_gt(got, 1000000);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(ends)
{
	ck_assert_uint_eq(file_poll(r, NULL), 0);
	ck_assert_int_eq(in(3), 3);
	ck_assert_uint_eq(file_poll(r, NULL), POLLIN | POLLRDNORM);
	file_put(wr);
	wr = NULL;
	ck_assert_uint_eq(file_poll(r, NULL), POLLIN | POLLRDNORM | POLLHUP);
	ck_assert_int_eq(out(10), 3);
	ck_assert_int_eq(out(10), 0);
	ck_assert_uint_eq(file_poll(r, NULL), POLLHUP);
}
END_TEST

START_TEST(broken)
{
	file_put(r);
	r = NULL;
	ck_assert_int_eq(in(3), -EPIPE);
	ck_assert_uint_eq(file_poll(wr, NULL), POLLOUT | POLLWRNORM | POLLERR);
}
END_TEST

START_TEST(resizing)
{
	ck_assert_int_eq(pipe_capacity(r), 65536);
	ck_assert_int_eq(in(10000), 10000);
	ck_assert_int_eq(pipe_set_capacity(r, 4096, false), -EBUSY);
	ck_assert_int_eq(pipe_set_capacity(r, 10000, false), 16384);
	ck_assert_int_eq(in(10000), 6384);
	ck_assert_int_eq(pipe_set_capacity(r, 1 << 20, false), 1 << 20);
	ck_assert_int_eq(pipe_set_capacity(r, (1 << 20) + 1, false), -EPERM);
	ck_assert_int_eq(in(100000), 100000);
	ck_assert_int_eq(out(sizeof big), 116384);
	ck_assert_int_eq(pipe_set_capacity(r, 0, false), 4096);
	ck_assert_int_eq(in(4097), 4096);
	ck_assert_int_eq(out(1), 1);
	ck_assert_uint_eq(file_poll(wr, NULL), 0);
	{
		struct file *f = must_open("/f", FO_CREAT | FO_RDWR);

		ck_assert_int_eq(pipe_capacity(f), -EBADF);
		file_put(f);
	}
}
END_TEST

START_TEST(many_full_pipes_are_limited)
{
	enum { N = 1500 };
	static struct file *rs[N], *ws[N];
	int small = 0;

	for (int i = 0; i < N; i++) {
		int64_t n;

		ck_assert_int_eq(pipe_new(m, 0, &rs[i], &ws[i]), 0);
		n = file_write(ws[i], big, sizeof big, NULL);
		ck_assert_int_ge(n, 8192);
		small += n == 8192;
		ck_assert_uint_eq(file_poll(ws[i], NULL), 0);
	}
	ck_assert_int_gt(small, 100);
	ck_assert_uint_le(m->vfs->pipe_bytes, (65u << 20) + N * 8192);
	for (int i = 0; i < N; i++) {
		file_put(rs[i]);
		file_put(ws[i]);
	}
	ck_assert_uint_eq(m->vfs->pipe_bytes, 0);
}
END_TEST

static void fifo(void)
{
	ck_assert_int_eq(vfs_mknod(&w, "/p", S_IFIFO | 0644, 0), 0);
}

START_TEST(fifo_waits_for_its_other_end)
{
	struct file *a, *b;
	char c;

	fifo();
	ck_assert_int_eq(vfs_open(&w, "/p", FO_RDONLY, 0, &a), -EAGAIN);
	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(file_open_again(a), -EAGAIN);
	ck_assert_uint_eq(file_poll(a, NULL), 0);
	ck_assert_int_eq(vfs_open(&w, "/p", FO_WRONLY, 0, &b), 0);
	ck_assert_int_eq(file_write(b, "x", 1, NULL), 1);
	file_put(b);		/* it came and went: the reader has had its writer */
	ck_assert_uint_ne(file_poll(a, NULL), 0);
	ck_assert_int_eq(file_open_again(a), 0);
	ck_assert_int_eq(file_read(a, &c, 1, NULL), 1);
	ck_assert_int_eq(file_read(a, &c, 1, NULL), 0);
	ck_assert_uint_eq(file_poll(a, NULL), POLLHUP);
	file_put(a);
	ck_assert_ptr_null(at("/p")->pipe);
	/* The writer waits for a reader. */
	ck_assert_int_eq(vfs_open(&w, "/p", FO_WRONLY, 0, &a), -EAGAIN);
	ck_assert_int_eq(vfs_open(&w, "/p", FO_RDONLY, 0, &b), 0);
	ck_assert_int_eq(file_open_again(a), 0);
	file_put(a);
	file_put(b);
	/* Given up: the half-open end goes. */
	ck_assert_int_eq(vfs_open(&w, "/p", FO_WRONLY, 0, &a), -EAGAIN);
	file_put(a);
	ck_assert_int_eq(try_open(&w, "/p", FO_RDONLY, 0), -EAGAIN);
}
END_TEST

START_TEST(fifo_without_waiting)
{
	struct file *a, *b;
	char c;

	fifo();
	ck_assert_int_eq(try_open(&w, "/p", FO_WRONLY | FO_NONBLOCK, 0), -ENXIO);
	ck_assert_int_eq(vfs_open(&w, "/p", FO_RDONLY | FO_NONBLOCK, 0, &a), 0);
	ck_assert_uint_eq(file_poll(a, NULL), 0);		/* no writer yet is no hang-up */
	ck_assert_int_eq(file_read(a, &c, 1, NULL), 0);
	ck_assert_int_eq(vfs_open(&w, "/p", FO_WRONLY | FO_NONBLOCK, 0, &b), 0);
	ck_assert_int_eq(file_read(a, &c, 1, NULL), -EAGAIN);
	file_put(b);
	ck_assert_uint_eq(file_poll(a, NULL), POLLHUP);
	file_put(a);
	ck_assert_int_eq(vfs_open(&w, "/p", FO_RDWR, 0, &a), 0);
	ck_assert_int_eq(file_write(a, "y", 1, NULL), 1);
	ck_assert_int_eq(file_read(a, &c, 1, NULL), 1);
	ck_assert_int_eq(file_read(a, &c, 1, NULL), -EAGAIN);
	file_put(a);
}
END_TEST

START_TEST(reopened_by_descriptor)
{
	struct path_ref p;
	struct file *again;
	char c;

	ck_assert_int_eq(file_path(wr, &p), 0);
	ck_assert_int_eq(vfs_open_path(&p, FO_WRONLY, &root_cred, &again), 0);
	ck_assert_int_eq(file_write(again, "z", 1, NULL), 1);
	file_put(again);
	path_put(&p);
	ck_assert_int_eq(file_read(r, &c, 1, NULL), 1);
	ck_assert_int_eq(file_read(r, &c, 1, NULL), -EAGAIN);	/* wr is still there */
	/* `echo | cat /dev/stdin`: nobody is waited for, and what was written is not lost. */
	ck_assert_int_eq(file_write(wr, "last", 4, NULL), 4);
	file_put(wr);
	wr = NULL;
	ck_assert_int_eq(file_path(r, &p), 0);
	ck_assert_int_eq(vfs_open_path(&p, FO_RDONLY, &root_cred, &again), 0);
	path_put(&p);
	ck_assert_int_eq(file_read(again, &c, 1, NULL), 1);
	ck_assert_int_eq(c, 'l');
	file_put(again);
	ck_assert_int_eq(file_read(r, &c, 1, NULL), 1);
	ck_assert_int_eq(c, 'a');
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pipe");
	TCase *t = tcase_create("pipe");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, bytes_go_through);
	tcase_add_test(t, capacity_and_atomicity);
	tcase_add_test(t, order_is_kept);
	tcase_add_test(t, ends);
	tcase_add_test(t, broken);
	tcase_add_test(t, resizing);
	tcase_add_test(t, many_full_pipes_are_limited);
	tcase_add_test(t, fifo_waits_for_its_other_end);
	tcase_add_test(t, fifo_without_waiting);
	tcase_add_test(t, reopened_by_descriptor);
	suite_add_tcase(s, t);
	return kit_run(s);
}
