/* SPDX-License-Identifier: MIT
 * Cancellation, clean-up, robust and priority-inheriting mutexes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include "tap.h"

static atomic_int cleaned, reached;
static int fds[2];
static pthread_mutex_t lock;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static struct timespec after_ms(long ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static void clean(void *arg)
{
	atomic_fetch_add(&cleaned, (int)(intptr_t)arg);
}

static void *in_read(void *arg)
{
	char c;

	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)10);
	atomic_store(&reached, 1);
	if (read(fds[0], &c, 1) < 0)
		tap_diag("read failed");
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_sleep(void *arg)
{
	atomic_store(&reached, 1);
	sleep(20);
	return arg;
}

static void unlock(void *m)
{
	atomic_fetch_add(&cleaned, pthread_mutex_unlock(m) == 0);
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	atomic_store(&reached, 1);
	for (;;)
		pthread_cond_wait(&cond, &lock);
	pthread_cleanup_pop(1);
	return arg;
}

static void *in_loop(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	atomic_store(&reached, 1);
	for (;;)
		;
	return arg;
}

static void *deferred(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	atomic_store(&reached, 1);
	usleep(50000);
	atomic_store(&reached, 2);
	pthread_setcancelstate(old, NULL);
	pthread_testcancel();
	atomic_store(&reached, 3);
	return arg;
}

static void cancel(void *(*fn)(void *), const char *where)
{
	pthread_t th;
	void *r = NULL;

	atomic_store(&reached, 0);
	pthread_create(&th, NULL, fn, NULL);
	while (!atomic_load(&reached))
		usleep(1000);
	usleep(5000);
	pthread_cancel(th);
	pthread_join(th, &r);
	tap_ok(r == PTHREAD_CANCELED, "cancelled %s", where);
}

static void *exit_deep(void *arg)
{
	pthread_cleanup_push(clean, (void *)100);
	pthread_exit(arg);
	pthread_cleanup_pop(0);
}

static void test_cancel(void)
{
	pthread_t th;
	void *r;

	cleaned = 0;
	cancel(in_read, "in read");
	tap_is(cleaned, 11, "both clean-up functions ran");
	cancel(in_sleep, "in sleep");
	cleaned = 0;
	cancel(in_cond, "in pthread_cond_wait");
	tap_is(cleaned, 1, "the mutex was locked again, and unlocked by the clean-up");
	tap_ok(!pthread_mutex_trylock(&lock) && !pthread_mutex_unlock(&lock), "so it is free");
	cancel(in_loop, "in a loop, asynchronously");
	cancel(deferred, "when it allows it");
	tap_is(reached, 2, "not before");
	cleaned = 0;
	pthread_create(&th, NULL, exit_deep, (void *)77);
	pthread_join(th, &r);
	tap_ok(cleaned == 100 && r == (void *)77, "pthread_exit runs clean-up functions");
}

/* --- Robust mutexes: the owner ends without unlocking --- */

static void *die_locked(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

static void *wait_for_it(void *m)
{
	atomic_store(&reached, 1);
	return (void *)(intptr_t)pthread_mutex_lock(m);
}

static void *die_slowly(void *m)
{
	pthread_mutex_lock(m);
	atomic_store(&reached, 2);
	usleep(50000);
	return NULL;
}

static void test_robust(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;
	pthread_t th, waiter;
	struct timespec ts;
	void *r;

	pthread_mutexattr_init(&a);
	if (pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST)) {
		tap_skip(1, "no robust mutexes");
		return;
	}
	pthread_mutex_init(&m, &a);
	pthread_create(&th, NULL, die_locked, &m);
	pthread_join(th, NULL);
	tap_is(pthread_mutex_lock(&m), EOWNERDEAD, "robust: the owner died");
	tap_zero(pthread_mutex_consistent(&m), "made consistent");
	tap_zero(pthread_mutex_unlock(&m), "unlocked");
	tap_zero(pthread_mutex_lock(&m), "as good as new");
	pthread_mutex_unlock(&m);

	atomic_store(&reached, 0);
	pthread_create(&th, NULL, die_slowly, &m);
	while (atomic_load(&reached) != 2)
		usleep(1000);
	pthread_create(&waiter, NULL, wait_for_it, &m);
	pthread_join(th, NULL);
	pthread_join(waiter, &r);
	tap_is((intptr_t)r, EOWNERDEAD, "robust: who waits is woken");
	/* That one has died with it, too; and this time nobody makes it consistent. */
	tap_is(pthread_mutex_lock(&m), EOWNERDEAD, "robust: once more");
	tap_zero(pthread_mutex_unlock(&m), "unlocked as it is");
	ts = after_ms(20);
	tap_is(pthread_mutex_timedlock(&m, &ts), ENOTRECOVERABLE, "then it is lost");
	pthread_mutex_destroy(&m);
}

static void *pi_worker(void *arg)
{
	pthread_mutex_t *m = arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(m);
		fds[1]++;
		sched_yield();
		pthread_mutex_unlock(m);
	}
	return NULL;
}

static void *pi_busy(void *arg)
{
	struct timespec ts = after_ms(20);

	tap_is(pthread_mutex_trylock(arg), EBUSY, "PI: trylock");
	tap_is(pthread_mutex_timedlock(arg, &ts), ETIMEDOUT, "PI: time-out");
	return NULL;
}

static void test_pi(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;
	pthread_t th[10];
	int err;

	pthread_mutexattr_init(&a);
	err = pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	if (err) {
		tap_skip(1, "no PI futexes");
		return;
	}
	pthread_mutex_init(&m, &a);
	fds[1] = 0;
	for (int i = 0; i < 10; i++)
		pthread_create(&th[i], NULL, pi_worker, &m);
	for (int i = 0; i < 10; i++)
		pthread_join(th[i], NULL);
	tap_is(fds[1], 2000, "PI: one at a time");
	pthread_mutex_lock(&m);
	pthread_create(&th[0], NULL, pi_busy, &m);
	pthread_join(th[0], NULL);
	tap_zero(pthread_mutex_unlock(&m), "PI: unlock");
	pthread_mutex_destroy(&m);

	if (pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST)) {
		tap_skip(1, "no robust mutexes");
		return;
	}
	pthread_mutex_init(&m, &a);
	pthread_create(&th[0], NULL, die_locked, &m);
	pthread_join(th[0], NULL);
	tap_is(pthread_mutex_lock(&m), EOWNERDEAD, "PI and robust: the owner died");
	pthread_mutex_consistent(&m);
	pthread_mutex_unlock(&m);
	atomic_store(&reached, 0);
	pthread_create(&th[0], NULL, die_slowly, &m);
	while (atomic_load(&reached) != 2)
		usleep(1000);
	tap_is(pthread_mutex_lock(&m), EOWNERDEAD, "PI and robust: who waits is woken");
	pthread_mutex_consistent(&m);
	pthread_mutex_unlock(&m);
	pthread_join(th[0], NULL);
}

int main(void)
{
	if (pipe(fds))
		tap_bail("pipe");
	pthread_mutex_init(&lock, NULL);
	tap_plan(0);
	test_cancel();
	test_robust();
	test_pi();
	return tap_done();
}
