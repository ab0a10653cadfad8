/* SPDX-License-Identifier: MIT
 * libc's locks, several threads at each: nobody is in where another is, and nothing is lost.
 */
#include <sched.h>
#include "../stress.h"

#define OTHERS 2

struct shared {
	struct worker *w;
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	pthread_cond_t cond;
	pthread_barrier_t barrier;
	_Atomic uint32_t readers;
	uint32_t inside, count, items, made, taken;
	_Atomic uint32_t own;			/* what each counted for itself */
	_Atomic bool end;
	uint32_t phase[OTHERS + 1];
	_Atomic uint32_t names, serial;
};

/* Runs the function in others as well; false: there are no threads to be had. */
static bool together(struct shared *s, pthread_t t[OTHERS], void *(*function)(void *))
{
	int made = 0;

	while (made < OTHERS && stress_thread(&t[made], function, s))
		made++;
	if (made == OTHERS)
		return true;
	stress_errno(s->w, "pthread_create");
	s->end = true;
	while (made--)
		pthread_join(t[made], NULL);
	return false;
}

static void join(pthread_t t[OTHERS])
{
	for (int i = 0; i < OTHERS; i++)
		pthread_join(t[i], NULL);
}

static void locked(struct shared *s, uint32_t n)
{
	if (n % 5 ? pthread_mutex_lock(&s->mutex) : pthread_mutex_trylock(&s->mutex))
		return;
	if (s->inside++)
		stress_fail(s->w, "two have the mutex");
	s->count++;
	if (n % 7 == 0)
		sched_yield();
	s->inside--;
	pthread_mutex_unlock(&s->mutex);
	s->own++;
}

static void *lock_too(void *arg)
{
	struct shared *s = arg;

	for (uint32_t n = 0; !s->end; n++)
		locked(s, n);
	return NULL;
}

static enum stress_status by_mutex(struct worker *w, int protocol)
{
	struct shared s = { .w = w };
	pthread_mutexattr_t attr;
	pthread_t t[OTHERS];

	pthread_mutexattr_init(&attr);
	if (pthread_mutexattr_setprotocol(&attr, protocol))
		return errno = ENOSYS, stress_errno(w, "pthread_mutexattr_setprotocol");
	pthread_mutex_init(&s.mutex, &attr);
	if (!together(&s, t, lock_too))
		return STRESS_NO_RESOURCE;
	for (uint32_t n = 0; stress_go(w); n++) {
		locked(&s, n);
		stress_bogo(w);
	}
	s.end = true;
	join(t);
	if (s.count != s.own)
		stress_fail(w, "%lu times locked, %lu counted", (unsigned long)s.own, (unsigned long)s.count);
	if (pthread_mutex_destroy(&s.mutex))
		stress_fail(w, "the mutex is still locked");
	return STRESS_PASSED;
}

enum stress_status stress_mutex(struct worker *w)
{
	return by_mutex(w, PTHREAD_PRIO_NONE);
}

enum stress_status stress_mutex_pi(struct worker *w)
{
	return by_mutex(w, PTHREAD_PRIO_INHERIT);
}

/* One in four writes; who reads sees no half of it. */
static void read_or_write(struct shared *s, uint32_t n)
{
	if (n % 4) {
		pthread_rwlock_rdlock(&s->rwlock);
		s->readers++;
		if (s->inside || s->made != s->taken)
			stress_fail(s->w, "a reader and a writer have the lock");
		if (n % 7 == 0)
			sched_yield();
		s->readers--;
	} else {
		pthread_rwlock_wrlock(&s->rwlock);
		if (s->inside++ || s->readers)
			stress_fail(s->w, "a writer is not alone");
		s->made++;
		if (n % 8 == 0)
			sched_yield();
		s->taken++;
		s->inside--;
	}
	pthread_rwlock_unlock(&s->rwlock);
}

static void *read_too(void *arg)
{
	struct shared *s = arg;

	for (uint32_t n = 1; !s->end; n++)
		read_or_write(s, n);
	return NULL;
}

enum stress_status stress_rwlock(struct worker *w)
{
	struct shared s = { .w = w };
	pthread_t t[OTHERS];

	pthread_rwlock_init(&s.rwlock, NULL);
	if (!together(&s, t, read_too))
		return STRESS_NO_RESOURCE;
	for (uint32_t n = 0; stress_go(w); n++) {
		read_or_write(&s, n);
		stress_bogo(w);
	}
	s.end = true;
	join(t);
	pthread_rwlock_destroy(&s.rwlock);
	return STRESS_PASSED;
}

#define ROOM 4

static void *take_items(void *arg)
{
	struct shared *s = arg;

	pthread_mutex_lock(&s->mutex);
	for (;;) {
		while (!s->items && !s->end)
			pthread_cond_wait(&s->cond, &s->mutex);
		if (!s->items)
			break;
		s->items--;
		s->taken++;
		pthread_cond_broadcast(&s->cond);
	}
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* Items from one to two others, never more than four: a condition variable. */
enum stress_status stress_cond(struct worker *w)
{
	struct shared s = { .w = w };
	pthread_t t[OTHERS];

	pthread_mutex_init(&s.mutex, NULL);
	pthread_cond_init(&s.cond, NULL);
	if (!together(&s, t, take_items)) {
		pthread_cond_broadcast(&s.cond);
		return STRESS_NO_RESOURCE;
	}
	while (stress_go(w)) {
		pthread_mutex_lock(&s.mutex);
		while (s.items == ROOM)
			pthread_cond_wait(&s.cond, &s.mutex);
		s.items++;
		s.made++;
		if (s.items > ROOM || s.made - s.taken != s.items)
			stress_fail(w, "%lu items are there", (unsigned long)s.items);
		pthread_cond_broadcast(&s.cond);
		pthread_mutex_unlock(&s.mutex);
		stress_bogo(w);
	}
	pthread_mutex_lock(&s.mutex);
	s.end = true;
	pthread_cond_broadcast(&s.cond);
	pthread_mutex_unlock(&s.mutex);
	join(t);
	if (s.made != s.taken)
		stress_fail(w, "%lu items were made, %lu taken", (unsigned long)s.made, (unsigned long)s.taken);
	pthread_cond_destroy(&s.cond);
	return STRESS_PASSED;
}

/* In step: after each barrier all have come to the same phase, and one of them was told to be the last. */
static bool step(struct shared *s, uint32_t me)
{
	bool end;
	int r;

	s->phase[me]++;
	r = pthread_barrier_wait(&s->barrier);
	if (r == PTHREAD_BARRIER_SERIAL_THREAD)
		s->serial++;
	else if (r)
		stress_fail(s->w, "pthread_barrier_wait: %s", strerror(r));
	for (int i = 0; i <= OTHERS; i++)
		if (s->phase[i] != s->phase[me])
			stress_fail(s->w, "one is at phase %lu, another at %lu", (unsigned long)s->phase[me], (unsigned long)s->phase[i]);
	end = s->end;
	pthread_barrier_wait(&s->barrier);
	return !end;
}

static void *step_too(void *arg)
{
	struct shared *s = arg;
	uint32_t me = ++s->names;

	pthread_mutex_lock(&s->mutex);
	pthread_mutex_unlock(&s->mutex);
	while (s->names != UINT32_MAX && step(s, me))
		;
	return NULL;
}

enum stress_status stress_barrier(struct worker *w)
{
	struct shared s = { .w = w };
	pthread_t t[OTHERS];
	uint32_t n = 0;

	pthread_mutex_init(&s.mutex, NULL);
	pthread_barrier_init(&s.barrier, NULL, OTHERS + 1);
	/* Who has begun waits here until it is known that all have. */
	pthread_mutex_lock(&s.mutex);
	for (int made = 0; made < OTHERS; made++)
		if (!stress_thread(&t[made], step_too, &s)) {
			stress_errno(w, "pthread_create");
			while (s.names < (uint32_t)made)
				sched_yield();
			s.names = UINT32_MAX;
			pthread_mutex_unlock(&s.mutex);
			while (made--)
				pthread_join(t[made], NULL);
			return STRESS_NO_RESOURCE;
		}
	pthread_mutex_unlock(&s.mutex);
	do {
		n++;
		s.end = !stress_go(w) || (w->limit && w->done + 1 == w->limit);
		if (stress_go(w))
			stress_bogo(w);
	} while (step(&s, 0));
	join(t);
	if (s.serial != n)
		stress_fail(w, "%lu barriers, at which %lu were the last", (unsigned long)n, (unsigned long)s.serial);
	pthread_barrier_destroy(&s.barrier);
	return STRESS_PASSED;
}
