/* SPDX-License-Identifier: MIT */
#include "emu/display/window_queue.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int window_queue_init(struct window_queue *q)
{
	int err;

	*q = (struct window_queue){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (q->fd < 0)
		return -errno;
	err = -pthread_mutex_init(&q->lock, NULL);
	if (err)
		close(q->fd);
	return err;
}

void window_queue_fini(struct window_queue *q)
{
	pthread_mutex_destroy(&q->lock);
	close(q->fd);
}

static struct window_event *at(struct window_queue *q, unsigned n) { return &q->events[(q->first + n) % WINDOW_QUEUE]; }

/* Motion behind motion is one. */
static bool joined(struct window_queue *q, const struct window_event *e)
{
	struct window_event *last = q->count ? at(q, q->count - 1) : NULL;

	if (!last || last->kind != WINDOW_MOVE || e->kind != WINDOW_MOVE)
		return false;
	last->a += e->a;
	last->b += e->b;
	return true;
}

void window_queue_put(struct window_queue *q, const struct window_event *e)
{
	const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&q->lock);
	first = !q->count && !q->lost;
	if (e->kind == WINDOW_CLOSE && q->count == WINDOW_QUEUE)	/* of all, this one must not be lost */
		q->count--;
	if (q->count == WINDOW_QUEUE)
		q->lost = true;
	else if ((!q->lost || e->kind == WINDOW_CLOSE) && !joined(q, e))
		*at(q, q->count++) = *e;
	pthread_mutex_unlock(&q->lock);
	if (first && write(q->fd, &one, sizeof one) < 0) {
		/* It is ready already. */
	}
}

bool window_queue_take(struct window_queue *q, struct window_event *e)
{
	uint64_t ready;
	bool got = true;

	pthread_mutex_lock(&q->lock);
	if (q->count) {
		*e = *at(q, 0);
		q->first = (q->first + 1) % WINDOW_QUEUE;
		q->count--;
	} else if (q->lost) {
		*e = (struct window_event){ .kind = WINDOW_RELEASE };
		q->lost = false;
	} else {
		got = false;
		if (read(q->fd, &ready, sizeof ready) < 0) {
			/* It was not. */
		}
	}
	pthread_mutex_unlock(&q->lock);
	return got;
}
