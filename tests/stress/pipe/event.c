/* SPDX-License-Identifier: MIT
 * Who waits for several things: poll(), select() and epoll on pipes, of which some have something to say; eventfd.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include "../stress.h"

#define PIPES 8

struct pipes {
	int in[PIPES], out[PIPES];
	bool full[PIPES];
	int made;
};

static void end(struct pipes *p)
{
	for (int i = 0; i < p->made; i++) {
		close(p->in[i]);
		close(p->out[i]);
	}
}

static bool begin(struct pipes *p)
{
	for (p->made = 0; p->made < PIPES; p->made++) {
		int fds[2];

		if (pipe2(fds, O_NONBLOCK | O_CLOEXEC)) {
			int error = errno;

			end(p);
			errno = error;
			return false;
		}
		p->out[p->made] = fds[0], p->in[p->made] = fds[1];
		p->full[p->made] = false;
	}
	return true;
}

/* A byte into one of the pipes, or out of it. */
static void change(struct worker *w, struct pipes *p)
{
	int i = stress_below(w, PIPES);
	char c = i;

	if (p->full[i] ? read(p->out[i], &c, 1) != 1 || c != i : write(p->in[i], &c, 1) != 1)
		stress_fail(w, "pipe %d: %s", i, strerror(errno));
	p->full[i] = !p->full[i];
}

static int full(const struct pipes *p)
{
	int n = 0;

	for (int i = 0; i < PIPES; i++)
		n += p->full[i];
	return n;
}

enum stress_status stress_poll(struct worker *w)
{
	struct pollfd fds[2 * PIPES];
	struct pipes p;

	if (!begin(&p))
		return stress_errno(w, "pipe2");
	while (stress_go(w)) {
		struct timespec none = { 0, 0 }, short_time = { 0, 1000 };
		fd_set in, out;
		int n, top = 0;

		change(w, &p);
		for (int i = 0; i < PIPES; i++) {
			fds[2 * i] = (struct pollfd){ .fd = p.out[i], .events = POLLIN | POLLPRI };
			fds[2 * i + 1] = (struct pollfd){ .fd = i % 3 ? p.in[i] : -1, .events = POLLOUT };
		}
		n = w->done % 2 ? poll(fds, 2 * PIPES, 0) : ppoll(fds, 2 * PIPES, full(&p) ? NULL : &short_time, NULL);
		if (n < full(&p))
			stress_fail(w, "poll says %d of %d", n, full(&p));
		for (int i = 0; i < PIPES; i++) {
			if (fds[2 * i].revents != (p.full[i] ? POLLIN : 0))
				stress_fail(w, "poll of pipe %d says %x", i, fds[2 * i].revents);
			if (fds[2 * i + 1].revents != (i % 3 ? POLLOUT : 0))
				stress_fail(w, "poll of the other end of pipe %d says %x", i, fds[2 * i + 1].revents);
		}
		FD_ZERO(&in);
		FD_ZERO(&out);
		for (int i = 0; i < PIPES; i++) {
			if (p.out[i] >= FD_SETSIZE || p.in[i] >= FD_SETSIZE)
				continue;
			FD_SET(p.out[i], &in);
			FD_SET(p.in[i], &out);
			top = p.out[i] > top ? p.out[i] : top;
			top = p.in[i] > top ? p.in[i] : top;
		}
		n = w->done % 2 ? pselect(top + 1, &in, &out, NULL, &none, NULL) : select(top + 1, &in, &out, NULL, &(struct timeval){ 0, 0 });
		if (top && n < 1)
			stress_fail(w, "select says %d: %s", n, strerror(errno));
		for (int i = 0; i < PIPES; i++)
			if (p.out[i] < FD_SETSIZE && !FD_ISSET(p.out[i], &in) == p.full[i])
				stress_fail(w, "select of pipe %d is wrong", i);
		stress_bogo(w);
	}
	end(&p);
	return STRESS_PASSED;
}

enum stress_status stress_epoll(struct worker *w)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[PIPES + 1];
	struct pipes p;

	if (fd < 0)
		return stress_errno(w, "epoll_create1");
	if (!begin(&p)) {
		enum stress_status status = stress_errno(w, "pipe2");

		close(fd);
		return status;
	}
	for (int i = 0; i < PIPES; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };

		if (epoll_ctl(fd, EPOLL_CTL_ADD, p.out[i], &e)) {
			enum stress_status status = stress_errno(w, "EPOLL_CTL_ADD");

			end(&p);
			close(fd);
			return status;
		}
	}
	while (stress_go(w)) {
		uint32_t seen = 0;
		int n, i = stress_below(w, PIPES);
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };

		change(w, &p);
		n = epoll_wait(fd, events, PIPES + 1, full(&p) ? -1 : 0);
		if (n != full(&p))
			stress_fail(w, "epoll_wait says %d, not %d", n, full(&p));
		while (n-- > 0) {
			if (events[n].data.u32 >= PIPES || !p.full[events[n].data.u32] || events[n].events != EPOLLIN || seen >> events[n].data.u32 & 1)
				stress_fail(w, "epoll_wait says %x of %d", events[n].events, (int)events[n].data.u32);
			seen |= 1u << events[n].data.u32 % 32;
		}
		if (stress_below(w, 4) == 0 && (epoll_ctl(fd, EPOLL_CTL_DEL, p.out[i], NULL) || epoll_ctl(fd, EPOLL_CTL_ADD, p.out[i], &e)))
			stress_errno(w, "epoll_ctl");
		stress_bogo(w);
	}
	end(&p);
	close(fd);
	return STRESS_PASSED;
}

struct counter {
	struct worker *w;
	int fd;
	uint64_t sum;
};

#define LAST 0x100000000ull

static void *add_up(void *arg)
{
	struct counter *c = arg;
	uint64_t n;

	do {
		if (read(c->fd, &n, sizeof n) != sizeof n || !n) {
			stress_fail(c->w, "read: %s", strerror(errno));
			return NULL;
		}
		c->sum += n;
	} while (c->sum < LAST);
	return NULL;
}

enum stress_status stress_eventfd(struct worker *w)
{
	struct counter c = { .w = w, .fd = eventfd(0, EFD_CLOEXEC) };
	uint64_t sum = 0, n;
	pthread_t t;

	if (c.fd < 0)
		return stress_errno(w, "eventfd");
	if (!stress_thread(&t, add_up, &c)) {
		close(c.fd);
		return stress_errno(w, "pthread_create");
	}
	while (stress_go(w)) {
		n = 1 + stress_below(w, 100);
		if (write(c.fd, &n, sizeof n) != sizeof n)
			stress_fail(w, "write: %s", strerror(errno));
		sum += n;
		stress_bogo(w);
	}
	n = LAST;
	if (write(c.fd, &n, sizeof n) != sizeof n)
		stress_fail(w, "write: %s", strerror(errno));
	pthread_join(t, NULL);
	if (c.sum != sum + LAST)
		stress_fail(w, "%llu added, %llu read", (unsigned long long)sum, (unsigned long long)(c.sum - LAST));
	close(c.fd);
	return STRESS_PASSED;
}
