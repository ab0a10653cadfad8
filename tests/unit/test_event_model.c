/* SPDX-License-Identifier: MIT
 *
 * epoll against poll: random operations on pipes, eventfds and epolls in epolls; after each, what an epoll hands out must be
 * what asking all its files finds.  Edges are counted apart: a watch that is edge-triggered must tell what changed, and may not
 * tell what it has told.
 */
#include <poll.h>
#include "emu/event/epoll.h"
#include "emu/event/eventfd.h"
#include "emu/fs/vfs.h"
#include "tests/unit/signal_kit.h"

enum { FILES = 24, EPOLLS = 3, FDS = 40, STEPS = 20000 };

/* What is watched: by which epoll, under which number. */
struct watch { bool there, edge, oneshot, spent; uint32_t events; struct file *file; };

static struct file *files[FILES], *epolls[EPOLLS];
static struct watch watches[EPOLLS][FDS];
static uint64_t state = 88172645463325252u;

static unsigned random_below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

static bool is_epoll(const struct file *f)
{
	return epoll_of(f) != NULL;
}

/* Pairs of a pipe's ends, then eventfds. */
static void make_files(void)
{
	for (int i = 0; i < FILES / 2; i += 2)
		ck_assert_int_eq(pipe_new(m, 0, &files[i], &files[i + 1]), 0);
	for (int i = FILES / 2; i < FILES; i++)
		ck_assert_int_eq(eventfd_new(m, 0, i % 2, 0, &files[i]), 0);
	for (int i = 0; i < EPOLLS; i++)
		ck_assert_int_eq(epoll_new(m, 0, &epolls[i]), 0);
}

/* A file is closed and replaced: its watches are gone. */
static void replace(int i)
{
	struct file *old = files[i], *fresh;

	if (i < FILES / 2)
		return;		/* the other end would tell */
	for (int e = 0; e < EPOLLS; e++)
		for (int fd = 0; fd < FDS; fd++)
			if (watches[e][fd].there && watches[e][fd].file == old)
				watches[e][fd].there = false;
	file_put(old);
	ck_assert_int_eq(eventfd_new(m, 0, i % 2, 0, &fresh), 0);
	files[i] = fresh;
}

static void touch(struct file *f)
{
	uint8_t buf[3000] = { 1 };
	uint64_t one = 1;
	bool event = !file_is_pipe(f);

	if (random_below(2) && file_writable(f))
		file_write(f, event ? (void *)&one : buf, event ? 8 : 1 + random_below(sizeof buf), NULL);
	else if (file_readable(f))
		file_read(f, buf, event ? 8 : sizeof buf, NULL);
}

/* Adds, changes or removes a watch; the epoll above may watch those below it. */
static void control(void)
{
	int e = (int)random_below(EPOLLS), fd = (int)random_below(FDS), pick = (int)random_below(FILES + EPOLLS);
	struct watch *w = &watches[e][fd];
	struct epoll *ep = epoll_of(epolls[e]);
	uint32_t events = (random_below(3) ? POLLIN : 0) | (random_below(3) ? POLLOUT : 0);
	uint32_t how = random_below(4) ? 0 : random_below(2) ? EPOLL_ET : EPOLL_ONESHOT;
	struct file *f = pick < FILES ? files[pick] : epolls[pick - FILES];

	if (!w->there) {
		if (is_epoll(f) && pick - FILES <= e)
			return;
		ck_assert_int_eq(epoll_add(ep, f, fd, events | how, (uint64_t)fd), 0);
		ck_assert_int_eq(epoll_add(ep, f, fd, events, 0), -EEXIST);
		*w = (struct watch){ .there = true, .file = f };
	} else if (random_below(3)) {
		ck_assert_int_eq(epoll_change(ep, w->file, fd, events | how, (uint64_t)fd), 0);
	} else {
		ck_assert_int_eq(epoll_remove(ep, w->file, fd), 0);
		ck_assert_int_eq(epoll_remove(ep, w->file, fd), -ENOENT);
		w->there = false;
		return;
	}
	w->events = events | POLLERR | POLLHUP;
	w->edge = how == EPOLL_ET;
	w->oneshot = how == EPOLL_ONESHOT;
	w->spent = false;
}

struct told { unsigned n; uint64_t fd[FDS]; uint32_t events[FDS]; };

static bool put(void *ctx, unsigned n, uint32_t events, uint64_t data)
{
	struct told *t = ctx;

	ck_assert_uint_lt(n, FDS);
	t->fd[n] = data;
	t->events[n] = events;
	t->n = n + 1;
	return true;
}

/* Asking first: taking events from an epoll does not change whether those below are ready. */
static void compare(int e)
{
	struct told t = { .n = 0 };
	uint32_t now[FDS] = { 0 };
	bool any = false;

	for (int fd = 0; fd < FDS; fd++) {
		const struct watch *w = &watches[e][fd];

		now[fd] = w->there && !w->spent ? file_poll(w->file, NULL) & w->events : 0;
		any |= now[fd] && !w->edge;
	}
	if (any)
		ck_assert_uint_ne(file_poll(epolls[e], NULL), 0);
	ck_assert_int_ge(epoll_take(epoll_of(epolls[e]), FDS, put, &t), 0);
	for (unsigned i = 0; i < t.n; i++) {
		struct watch *w = &watches[e][t.fd[i]];

		ck_assert(w->there && now[t.fd[i]]);
		ck_assert_uint_eq(t.events[i], now[t.fd[i]]);
		now[t.fd[i]] = 0;
		w->spent = w->oneshot;
	}
	for (int fd = 0; fd < FDS; fd++)
		ck_assert_msg(!now[fd] || watches[e][fd].edge, "epoll %d does not tell of %d", e, fd);
}

START_TEST(epoll_says_what_poll_says)
{
	make_files();
	for (int step = 0; step < STEPS; step++) {
		unsigned what = random_below(10);

		if (what < 4)
			control();
		else if (what < 9)
			touch(files[random_below(FILES)]);
		else
			replace((int)random_below(FILES));
		compare((int)random_below(EPOLLS));
	}
	for (int i = 0; i < EPOLLS; i++)
		file_put(epolls[i]);
	for (int i = 0; i < FILES; i++)
		file_put(files[i]);
}
END_TEST

/* An edge is told once, and again after each change of what is asked for. */
START_TEST(edges_are_told_once)
{
	struct told t = { .n = 0 };
	uint64_t one = 1;
	struct file *e;

	make_files();
	e = files[FILES - 1];
	ck_assert_int_eq(epoll_add(epoll_of(epolls[0]), e, 1, POLLIN | EPOLL_ET, 1), 0);
	for (int i = 0; i < 100; i++) {
		t.n = 0;
		ck_assert_int_eq(file_write(e, &one, 8, NULL), 8);
		ck_assert_int_eq(epoll_take(epoll_of(epolls[0]), FDS, put, &t), 1);
		ck_assert_int_eq(epoll_take(epoll_of(epolls[0]), FDS, put, &t), 0);
	}
	for (int i = 0; i < EPOLLS; i++)
		file_put(epolls[i]);
	for (int i = 0; i < FILES; i++)
		file_put(files[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("event model");
	TCase *t = tcase_create("event model");

	tcase_add_test(t, epoll_says_what_poll_says);
	tcase_add_test(t, edges_are_told_once);
	return kit_run(s, t);
}
