/* SPDX-License-Identifier: MIT
 *
 * Descriptors that are events, with the N-th host allocation failing, for every N: each operation works or says so, what
 * failed is as if it had not been tried, and in the end everything is given back.
 */
#include <limits.h>
#include <poll.h>
#include "emu/event/epoll.h"
#include "emu/event/eventfd.h"
#include "emu/event/inotify.h"
#include "emu/event/pidfd.h"
#include "emu/event/quota.h"
#include "emu/event/sigio.h"
#include "emu/event/signalfd.h"
#include "emu/event/timerfd.h"
#include "emu/fs/vfs.h"
#include "tests/unit/oom_kit.h"
#include "tests/unit/signal_kit.h"

static unsigned failures;

/* Check's own macros allocate, and would be counted. */
#define must(condition) do { if (!(condition)) ck_abort_msg("not so: %s", #condition); } while (0)

/* Fine, or out of memory. */
static bool ok(int64_t r)
{
	if (r >= 0)
		return true;
	if (r != -ENOMEM && r != -ENOSPC)
		ck_abort_msg("%s", strerror((int)-r));
	if (fail_in)
		ck_abort_msg("%s without a failed allocation", strerror((int)-r));
	failures++;
	return false;
}

struct took { unsigned n; uint64_t data[8]; };

static bool take_one(void *ctx, unsigned n, uint32_t events, uint64_t data)
{
	struct took *t = ctx;

	(void)events;
	t->data[n] = data;
	t->n = n + 1;
	return true;
}

static unsigned ready(struct file *ep, struct took *t)
{
	t->n = 0;
	must(epoll_take(epoll_of(ep), 8, take_one, t) >= 0);
	return t->n;
}

/* A pipe and an eventfd in an epoll, which is in another one. */
static void epolls(void)
{
	struct file *r = NULL, *w = NULL, *e = NULL, *ep = NULL, *top = NULL;
	uint64_t one = 1;
	struct took t;

	if (!ok(pipe_new(m, 0, &r, &w)))
		return;
	if (ok(eventfd_new(m, 0, false, 0, &e)) && ok(epoll_new(m, 7, &ep)) && ok(epoll_new(m, 7, &top))) {
		bool in_top = ok(epoll_add(epoll_of(top), ep, 9, POLLIN, 9));
		bool has_pipe = ok(epoll_add(epoll_of(ep), r, 3, POLLIN, 3));
		bool has_event = ok(epoll_add(epoll_of(ep), e, 4, POLLIN | EPOLL_ET, 4));

		must(ready(ep, &t) == 0);
		must(file_write(e, &one, 8, NULL) == 8);
		must(ready(top, &t) == (in_top && has_event));
		must(ready(ep, &t) == has_event);
		must(ready(ep, &t) == 0);
		if (ok(file_write(w, "x", 1, NULL)))
			must(ready(ep, &t) == has_pipe);
		/* What could not be added is not there. */
		must(epoll_remove(epoll_of(ep), e, 4) == (has_event ? 0 : -ENOENT));
		must(epoll_change(epoll_of(ep), r, 3, POLLOUT, 5) == (has_pipe ? 0 : -ENOENT));
	}
	if (top)
		file_put(top);
	if (e)
		file_put(e);
	if (ep)
		file_put(ep);
	file_put(r);
	file_put(w);
}

static void inotifys(void)
{
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct fs_context fs;
	struct walk walk = { .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };
	struct file *in, *f;
	uint8_t buf[512];
	int wd;

	fs_context_root(m, &fs);
	if (ok(inotify_new(m, 7, 0, &in))) {
		wd = inotify_watch(inotify_of(in), fs.root.dentry->inode, 0xfff);
		if (ok(wd) && ok(vfs_open(&walk, "/file", 0102 /* O_CREAT, O_RDWR */, 0644, &f))) {
			file_put(f);
			/* Open, at least, or that events were lost. */
			must(file_read(in, buf, sizeof buf, NULL) > 0);
		}
		file_put(in);
	}
	(void)vfs_unlink(&walk, "/file");
	path_put(&fs.root);
	path_put(&fs.cwd);
}

static void others(void)
{
	struct timerfd_setting set = { 1000, 0 }, old;
	struct signal_info info = { .signo = SIGUSR1 };
	struct file *f, *r, *w;
	uint8_t buf[128];

	if (ok(timerfd_new(m, 1, 0, &f))) {
		if (ok(timerfd_set(timerfd_of(f), 0, &set, &old))) {
			kit_pass(2000);
			must(file_poll(f, NULL) == POLLIN);
		}
		file_put(f);
	}
	if (ok(signalfd_new(m, 1ull << (SIGUSR1 - 1), 0, &f))) {
		boss->blocked = 1ull << (SIGUSR1 - 1);
		signal_send_process(boss->process, SIGUSR1, &info);
		must(file_read(f, buf, sizeof buf, NULL) == sizeof buf);
		file_put(f);
	}
	if (ok(pidfd_new(boss, 0, &f))) {
		must(file_poll(f, NULL) == 0);
		file_put(f);
	}
	if (ok(pipe_new(m, 0, &r, &w))) {
		must(sigio_set_owner(boss, r, SIGIO_OWNER_PROCESS, boss->process->pid) == 0);
		boss->blocked = 1ull << (SIGIO - 1);
		if (ok(sigio_switch(r, 3, true)) && ok(file_write(w, "x", 1, NULL)))
			must(boss->process->pending.set & 1ull << (SIGIO - 1));
		signal_queue_clear(&boss->process->pending);
		file_put(r);
		file_put(w);
	}
}

/* False: there were fewer allocations than n. */
static bool scenario(long n)
{
	long before = alive;
	bool more;

	failures = 0;
	fail_in = n;
	epolls();
	inotifys();
	others();
	more = !fail_in;
	fail_in = 0;
	/* In the first run there is what is made once and kept: quotas, the heap of times, the root's names. */
	ck_assert_msg(alive == before || n == LONG_MAX, "allocation %ld failed: %ld blocks lost", n, alive - before);
	return more;
}

START_TEST(every_allocation_fails_once)
{
	long n = 1;

	m->tasks->current = boss;
	scenario(LONG_MAX);
	while (scenario(n))
		n++;
	ck_assert_int_gt(n, 25);
	m->tasks->current = NULL;
}
END_TEST

START_TEST(quotas_are_each_users_own)
{
	struct file *a, *b, *e;

	ck_assert_int_eq(quota_set_limit(m, QUOTA_EPOLL_WATCHES, 1), 0);
	ck_assert_int_eq(epoll_new(m, 1, &a), 0);
	ck_assert_int_eq(epoll_new(m, 2, &b), 0);
	ck_assert_int_eq(eventfd_new(m, 0, false, 0, &e), 0);
	ck_assert_int_eq(epoll_add(epoll_of(a), e, 3, POLLIN, 0), 0);
	ck_assert_int_eq(epoll_add(epoll_of(a), e, 4, POLLIN, 0), -ENOSPC);
	ck_assert_int_eq(epoll_add(epoll_of(b), e, 4, POLLIN, 0), 0);
	ck_assert_int_eq(epoll_remove(epoll_of(a), e, 3), 0);
	ck_assert_int_eq(epoll_add(epoll_of(a), e, 4, POLLIN, 0), 0);
	file_put(e);			/* takes its watches with it */
	ck_assert_int_eq(epoll_remove(epoll_of(a), a, 4), -ENOENT);
	file_put(a);
	file_put(b);
}
END_TEST

/* Whoever watches is told of the end of a queue, and is off it. */
START_TEST(a_queue_that_goes_lets_go)
{
	struct sighand *other = sighand_copy(NULL), *own = boss->sighand;
	struct file *ep, *sf;
	struct took t;

	m->tasks->current = boss;
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(signalfd_new(m, 1ull << (SIGUSR1 - 1), 0, &sf), 0);
	ck_assert_int_eq(epoll_new(m, 0, &ep), 0);
	boss->sighand = other;
	ck_assert_int_eq(epoll_add(epoll_of(ep), sf, 3, POLLIN, 3), 0);
	boss->sighand = own;
	ck_assert_ptr_nonnull(other->signalfds.first);
	sighand_put(other);
	ck_assert_uint_eq(ready(ep, &t), 0);
	file_put(ep);
	file_put(sf);
	m->tasks->current = NULL;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("event");
	TCase *t = tcase_create("event");

	tcase_add_test(t, every_allocation_fails_once);
	tcase_add_test(t, quotas_are_each_users_own);
	tcase_add_test(t, a_queue_that_goes_lets_go);
	return kit_run(s, t);
}
