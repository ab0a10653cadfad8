/* SPDX-License-Identifier: MIT
 * Two threads, of which one waits for the other all the time: by pipes, by semaphores.
 */
#include <fcntl.h>
#include <semaphore.h>
#include "../stress.h"

struct pair {
	struct worker *w;
	int there[2], back[2];
	sem_t ping, pong;
	uint32_t turns;
	bool end;
};

static void *answer(void *arg)
{
	struct pair *p = arg;
	uint32_t n;

	while (stress_read(p->there[0], &n, sizeof n) == sizeof n) {
		n++;
		if (stress_write(p->back[1], &n, sizeof n) != sizeof n)
			break;
	}
	return NULL;
}

enum stress_status stress_switch(struct worker *w)
{
	struct pair p = { .w = w };
	uint32_t n = 0, got;
	pthread_t t;

	if (pipe2(p.there, O_CLOEXEC))
		return stress_errno(w, "pipe2");
	if (pipe2(p.back, O_CLOEXEC)) {
		enum stress_status status = stress_errno(w, "pipe2");

		close(p.there[0]);
		close(p.there[1]);
		return status;
	}
	if (stress_thread(&t, answer, &p)) {
		while (stress_go(w)) {
			if (stress_write(p.there[1], &n, sizeof n) != sizeof n || stress_read(p.back[0], &got, sizeof got) != sizeof got ||
			    got != n + 1)
				stress_fail(w, "%lu was answered by %lu", (unsigned long)n, (unsigned long)got);
			n += 2;
			stress_bogo(w);
		}
		close(p.there[1]);
		pthread_join(t, NULL);
	} else {
		stress_errno(w, "pthread_create");
		close(p.there[1]);
	}
	close(p.there[0]);
	close(p.back[0]);
	close(p.back[1]);
	return w->why[0] ? STRESS_NO_RESOURCE : STRESS_PASSED;
}

static int down(sem_t *s)
{
	int r;

	do
		r = sem_wait(s);
	while (r && errno == EINTR);
	return r;
}

static void *pong(void *arg)
{
	struct pair *p = arg;

	for (;;) {
		if (down(&p->ping))
			stress_fail(p->w, "sem_wait: %s", strerror(errno));
		if (p->end)
			return NULL;
		p->turns++;
		sem_post(&p->pong);
	}
}

/* Turns by semaphores: who has waited sees what the other has done, and a semaphore is never above 1. */
enum stress_status stress_sem(struct worker *w)
{
	struct pair p = { .w = w };
	pthread_t t;
	int value;

	sem_init(&p.ping, 0, 0);
	sem_init(&p.pong, 0, 0);
	if (!stress_thread(&t, pong, &p))
		return stress_errno(w, "pthread_create");
	while (stress_go(w)) {
		sem_post(&p.ping);
		if (down(&p.pong))
			stress_fail(w, "sem_wait: %s", strerror(errno));
		stress_bogo(w);
		if (p.turns != w->done || sem_getvalue(&p.pong, &value) || value || !sem_trywait(&p.pong) || errno != EAGAIN)
			stress_fail(w, "turn %lu is %lu", w->done, (unsigned long)p.turns);
	}
	p.end = true;
	sem_post(&p.ping);
	pthread_join(t, NULL);
	sem_destroy(&p.ping);
	sem_destroy(&p.pong);
	return STRESS_PASSED;
}
