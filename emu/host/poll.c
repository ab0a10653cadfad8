/* SPDX-License-Identifier: MIT
 *
 * A handful of descriptors in an array, and one more that ends the wait: an eventfd that signal handlers write to.
 * Behind them lie those of a group, in the order in which they were added.
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
	size_t room;		/* in polled */
	const struct host_poll_group *group;	/* NULL: there is none */
	void *group_owner;
	size_t group_first, group_count;	/* of polled */
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
	l->room = 1;
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

	if (!list)
		return -ENOMEM;
	l->list = list;
	l->size = size;
	return 0;
}

/* Room for n in polled. */
static int grow_polled(struct listeners *l, size_t n)
{
	size_t room = l->room ? l->room : 16;
	struct pollfd *polled;

	if (n <= l->room)
		return 0;
	while (room < n)
		room *= 2;
	polled = realloc(l->polled, room * sizeof *polled);
	if (!polled)
		return -ENOMEM;
	l->polled = polled;
	l->room = room;
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
		if ((l->count == l->size && grow(l)) || grow_polled(l, l->count + 2))
			return -ENOMEM;
		place = &l->list[l->count++];
	}
	*place = (struct listener){ fd, events, ready, owner };
	return 0;
}

/* --- The group --- */

int host_poll_group(struct machine *m, const struct host_poll_group *ops, void *owner)
{
	struct listeners *l = listeners(m);

	if (!l)
		return -ENOMEM;
	if (ops && l->group)
		return -EBUSY;
	l->group = ops;
	l->group_owner = owner;
	return 0;
}

int host_poll_add(struct machine *m, int fd, int events)
{
	struct listeners *l = m->listeners;
	size_t at = l->group_first + l->group_count;

	if (grow_polled(l, at + 1))
		return -ENOMEM;
	l->polled[at] = (struct pollfd){ fd, (short)events, 0 };
	return (int)l->group_count++;
}

int host_poll_events(struct machine *m, int number)
{
	const struct listeners *l = m->listeners;

	return number >= 0 && (size_t)number < l->group_count ? l->polled[l->group_first + (size_t)number].revents : 0;
}

/* --- Waiting --- */

static void drain(int wakeup)
{
	uint64_t count;

	while (read(wakeup, &count, sizeof count) > 0)
		;
}

/* Calls whose descriptors are ready.  A callback may change the list: what a place says then counts. */
static void serve(struct listeners *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int fd = l->polled[i + 1].fd, events = l->polled[i + 1].revents;
		struct listener it = l->list[i];

		if (fd >= 0 && events && it.events && it.fd == fd)
			it.ready(it.owner, events);
	}
}

void host_poll(struct machine *m, int64_t timeout_ns)
{
	struct listeners *l = listeners(m);
	struct timespec ts, *timeout = NULL;
	size_t n;
	int ready;

	if (m->halted)
		timeout_ns = 0;		/* nothing is waited for any more */
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
	if (!timeout_ns && !n && !l->group)
		return;
	l->polled[0] = (struct pollfd){ l->wakeup, POLLIN, 0 };
	for (size_t i = 0; i < n; i++) {
		const struct listener *it = &l->list[i];

		l->polled[i + 1] = (struct pollfd){ it->events ? it->fd : -1, (short)it->events, 0 };
	}
	l->group_first = n + 1;
	l->group_count = 0;
	if (l->group)
		l->group->prepare(l->group_owner, m, &timeout_ns);
	if (timeout_ns >= 0) {
		ts = (struct timespec){ timeout_ns / 1000000000, timeout_ns % 1000000000 };
		timeout = &ts;
	}
	ready = ppoll(l->polled, n + 1 + l->group_count, timeout, NULL);
	for (size_t i = 0; ready < 0 && i <= n + l->group_count; i++)
		l->polled[i].revents = 0;
	if (l->polled[0].revents)
		drain(l->wakeup);
	/* The group first: it looks at polled, which a listener's callback may move. */
	if (l->group)
		l->group->finish(l->group_owner, m);
	if (ready > 0)
		serve(l, n);
}
