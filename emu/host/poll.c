/* SPDX-License-Identifier: MIT
 *
 * A handful of descriptors in an array, and one more that ends the wait: an eventfd that signal handlers write to.
 */
#define _GNU_SOURCE	/* ppoll */
#include "emu/host/poll.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "emu/kernel/machine.h"

struct listener {
	int fd, events;		/* events 0: nobody listens, the place is free */
	host_ready_fn ready;
	void *owner;
};

struct listeners {
	struct listener *list;
	struct pollfd *polled;	/* [0] is the eventfd; filled anew for each wait */
	size_t count, size;
	int wakeup;		/* eventfd */
};

static struct listeners *listeners(struct machine *m)
{
	struct listeners *l = m->listeners;

	if (l)
		return l;
	l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->polled = calloc(1, sizeof *l->polled);
	l->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wakeup < 0 || !l->polled) {
		if (l->wakeup >= 0)
			close(l->wakeup);
		free(l->polled);
		free(l);
		return NULL;
	}
	m->listeners = l;
	return l;
}

void host_poll_free(struct machine *m)
{
	struct listeners *l = m->listeners;

	if (!l)
		return;
	close(l->wakeup);
	free(l->list);
	free(l->polled);
	free(l);
	m->listeners = NULL;
}

int host_wakeup_fd(struct machine *m)
{
	struct listeners *l = listeners(m);

	return l ? l->wakeup : -ENOMEM;
}

static int grow(struct listeners *l)
{
	size_t size = l->size ? 2 * l->size : 8;
	struct listener *list = realloc(l->list, size * sizeof *list);
	struct pollfd *polled;

	if (!list)
		return -ENOMEM;
	l->list = list;
	polled = realloc(l->polled, (size + 1) * sizeof *polled);
	if (!polled)
		return -ENOMEM;
	l->polled = polled;
	l->size = size;
	return 0;
}

int host_listen(struct machine *m, int fd, int events, host_ready_fn ready, void *owner)
{
	struct listeners *l = listeners(m);
	struct listener *place = NULL;

	if (!l)
		return -ENOMEM;
	for (size_t i = 0; i < l->count && !place; i++)
		if (l->list[i].events && l->list[i].fd == fd)
			place = &l->list[i];
	if (!events) {
		if (place)
			place->events = 0;
		return 0;
	}
	for (size_t i = 0; i < l->count && !place; i++)
		if (!l->list[i].events)
			place = &l->list[i];
	if (!place) {
		if (l->count == l->size && grow(l))
			return -ENOMEM;
		place = &l->list[l->count++];
	}
	*place = (struct listener){ fd, events, ready, owner };
	return 0;
}

void host_poll(struct machine *m, int64_t timeout_ns)
{
	struct listeners *l = listeners(m);
	struct timespec ts, *timeout = NULL;
	size_t n;
	int ready;

	if (m->halted)
		timeout_ns = 0;		/* nothing is waited for any more */
	if (timeout_ns >= 0) {
		ts = (struct timespec){ timeout_ns / 1000000000, timeout_ns % 1000000000 };
		timeout = &ts;
	}
	if (!l) {
		/* No memory even for the list: nothing is listened to, and a short sleep beats a busy loop. */
		ts = (struct timespec){ 0, 1000000 };
		if (timeout_ns)
			nanosleep(&ts, NULL);
		return;
	}
	while (l->count && !l->list[l->count - 1].events)
		l->count--;
	n = l->count;
	if (!timeout_ns && !n)
		return;
	l->polled[0] = (struct pollfd){ l->wakeup, POLLIN, 0 };
	for (size_t i = 0; i < n; i++) {
		const struct listener *it = &l->list[i];

		l->polled[i + 1] = (struct pollfd){ it->events ? it->fd : -1, (short)it->events, 0 };
	}
	ready = ppoll(l->polled, n + 1, timeout, NULL);
	if (ready <= 0)
		return;
	if (l->polled[0].revents) {
		uint64_t count;

		while (read(l->wakeup, &count, sizeof count) > 0)
			;
	}
	/* A callback may change the list: what a place says then counts. */
	for (size_t i = 0; i < n; i++) {
		int fd = l->polled[i + 1].fd, events = l->polled[i + 1].revents;
		struct listener it = l->list[i];

		if (fd >= 0 && events && it.events && it.fd == fd)
			it.ready(it.owner, events);
	}
}
