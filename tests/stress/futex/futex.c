/* SPDX-License-Identifier: MIT
 * futex() itself: waiting and waking, times that run out, waiters moved from one word to another, locks that inherit priorities.
 */
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include "../stress.h"

#ifdef SYS_futex
#define CALL SYS_futex
#define TIME struct timespec
#else
#define CALL SYS_futex_time64
#define TIME struct { int64_t tv_sec, tv_nsec; }
#endif

#define MS 1000000

/* arg: a time, or a number */
static long futex(_Atomic uint32_t *word, int op, uint32_t value, const void *arg, _Atomic uint32_t *other, uint32_t value3)
{
	return syscall(CALL, word, op | FUTEX_PRIVATE_FLAG, value, arg, other, value3);
}

static const void *number(uint32_t n)
{
	return (const void *)(uintptr_t)n;
}

struct turn {
	struct worker *w;
	_Atomic uint32_t word;		/* even: the first's turn */
	_Atomic uint32_t end;
};

/* Waits until the word's lowest bit is this. */
static void await(struct turn *t, uint32_t bit)
{
	for (;;) {
		uint32_t now = t->word;

		if ((now & 1) == bit)
			return;
		if (futex(&t->word, FUTEX_WAIT, now, NULL, NULL, 0) && errno != EAGAIN && errno != EINTR)
			stress_fail(t->w, "FUTEX_WAIT: %s", strerror(errno));
	}
}

static void pass(struct turn *t)
{
	t->word++;
	if (futex(&t->word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
		stress_fail(t->w, "FUTEX_WAKE: %s", strerror(errno));
}

static void *second(void *arg)
{
	struct turn *t = arg;

	for (;;) {
		await(t, 1);
		if (t->end)
			return NULL;
		pass(t);
	}
}

enum stress_status stress_futex(struct worker *w)
{
	struct turn t = { .w = w };
	pthread_t other;

	if (!stress_thread(&other, second, &t))
		return stress_errno(w, "pthread_create");
	while (stress_go(w)) {
		pass(&t);
		await(&t, 0);
		stress_bogo(w);
	}
	t.end = 1;
	pass(&t);
	pthread_join(other, NULL);
	if (t.word != 2 * w->done + 1)
		stress_fail(w, "%lu turns, the word is %lu", w->done, (unsigned long)t.word);
	return STRESS_PASSED;
}

/* A time runs out, no sooner than it should; a word that is another is told at once; nobody waits. */
enum stress_status stress_futex_timeout(struct worker *w)
{
	_Atomic uint32_t word = 7;

	while (stress_go(w)) {
		TIME time = { 0, stress_below(w, MS) };
		double from = stress_now(), took;

		if (futex(&word, FUTEX_WAIT, 7, &time, NULL, 0) != -1 || (errno != ETIMEDOUT && errno != EINTR))
			stress_fail(w, "FUTEX_WAIT with a time: %s", strerror(errno));
		took = stress_now() - from;
		if (took < time.tv_nsec / 1e9 - 1e-6)
			stress_fail(w, "waited %g s, not %g", took, time.tv_nsec / 1e9);
		if (futex(&word, FUTEX_WAIT, 8, NULL, NULL, 0) != -1 || errno != EAGAIN)
			stress_fail(w, "FUTEX_WAIT for another word: %s", strerror(errno));
		if (futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0) != 0)
			stress_fail(w, "somebody was woken where nobody waits");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

#define WAITERS 3

struct crowd {
	struct worker *w;
	_Atomic uint32_t from, to, ended;
};

static void *stand(void *arg)
{
	struct crowd *c = arg;

	/* Woken is only who was moved to the other word: from stays 0 until the round is over. */
	while (futex(&c->from, FUTEX_WAIT, 0, NULL, NULL, 0) && errno == EINTR)
		;
	c->ended++;
	return NULL;
}

/* Three wait at one word, are moved to another, and woken there. */
enum stress_status stress_futex_requeue(struct worker *w)
{
	while (stress_go(w)) {
		struct crowd c = { .w = w };
		pthread_t t[WAITERS];
		uint32_t made = 0, moved = 0, woken = 0;

		while (made < WAITERS && stress_thread(&t[made], stand, &c))
			made++;
		if (made < WAITERS && !stress_short(w))
			stress_errno(w, "pthread_create");
		while (moved + woken < made) {
			long n = futex(&c.from, FUTEX_CMP_REQUEUE, 0, number(10), &c.to, 0);

			if (n < 0) {
				stress_fail(w, "FUTEX_CMP_REQUEUE: %s", strerror(errno));
				break;
			}
			moved += n;
			if (c.ended > woken)
				stress_fail(w, "one has gone on that was only moved");
			n = futex(&c.to, FUTEX_WAKE, 1, NULL, NULL, 0);
			if (n < 0 || n > (long)moved)
				stress_fail(w, "FUTEX_WAKE: %ld of %lu", n, (unsigned long)moved);
			else
				moved -= n, woken += n;
			if (!n)
				sched_yield();
		}
		futex(&c.to, FUTEX_WAKE, WAITERS, NULL, NULL, 0);
		while (made--)
			pthread_join(t[made], NULL);
		if (futex(&c.from, FUTEX_CMP_REQUEUE, 0, number(1), &c.to, 1) != -1 || errno != EAGAIN)
			stress_fail(w, "FUTEX_CMP_REQUEUE of another word");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

struct shared {
	struct worker *w;
	_Atomic uint32_t lock;
	uint32_t inside, count;
	_Atomic bool end;
};

static void pi_lock(struct shared *s, uint32_t me)
{
	uint32_t zero = 0;
	long r;

	if (atomic_compare_exchange_strong(&s->lock, &zero, me))
		return;
	do
		r = futex(&s->lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	while (r && (errno == EINTR || errno == EAGAIN));
	if (r)
		stress_fail(s->w, "FUTEX_LOCK_PI: %s", strerror(errno));
}

static void pi_unlock(struct shared *s, uint32_t me)
{
	if (!atomic_compare_exchange_strong(&s->lock, &(uint32_t){ me }, 0) && futex(&s->lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0))
		stress_fail(s->w, "FUTEX_UNLOCK_PI: %s", strerror(errno));
}

static void inside(struct shared *s, uint32_t me)
{
	pi_lock(s, me);
	if (s->inside++)
		stress_fail(s->w, "two have the lock");
	if ((s->lock & FUTEX_TID_MASK) != me)
		stress_fail(s->w, "the word says that another has the lock");
	s->count++;
	if (s->count % 8 == 0)
		sched_yield();
	s->inside--;
	pi_unlock(s, me);
}

static void *rival(void *arg)
{
	struct shared *s = arg;
	uint32_t me = stress_tid();

	while (!s->end)
		inside(s, me);
	return NULL;
}

enum stress_status stress_futex_pi(struct worker *w)
{
	struct shared s = { .w = w };
	uint32_t me = stress_tid();
	pthread_t t;

	if (futex(&s.lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) != -1 || errno != EPERM)
		return stress_errno(w, "FUTEX_UNLOCK_PI");
	if (!stress_thread(&t, rival, &s))
		return stress_errno(w, "pthread_create");
	while (stress_go(w)) {
		inside(&s, me);
		stress_bogo(w);
	}
	s.end = true;
	pthread_join(t, NULL);
	if (s.lock || s.count < w->done)
		stress_fail(w, "%lu times locked, the word is %lx", (unsigned long)s.count, (unsigned long)s.lock);
	return STRESS_PASSED;
}
