/* SPDX-License-Identifier: MIT
 * Threads and what they wait for: mutexes, condition variables, barriers, read-write locks, semaphores, TLS.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

#define MANY 60
#define ROUNDS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static volatile long counter;
static __thread int tls_zero;
static __thread int tls_set = 42;

static struct timespec after_ms(clockid_t c, long ms)
{
	struct timespec ts;

	clock_gettime(c, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t th;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	err = pthread_create(&th, &attr, fn, arg);
	if (err)
		tap_bail("pthread_create: %s", strerror(err));
	return th;
}

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter = counter + 1;
		pthread_mutex_unlock(&lock);
	}
	return arg;
}

static void test_mutex(void)
{
	pthread_t th[MANY];
	int ok = 1;

	for (intptr_t i = 0; i < MANY; i++)
		th[i] = start(count, (void *)i);
	for (intptr_t i = 0; i < MANY; i++) {
		void *r;

		ok &= pthread_join(th[i], &r) == 0 && r == (void *)i;
	}
	tap_ok(ok, "%d threads end with their results", MANY);
	tap_is(counter, (long)MANY * ROUNDS, "a mutex lets one in at a time");
}

static void *try_mutexes(void *arg)
{
	pthread_mutex_t *m = arg;
	struct timespec ts = after_ms(CLOCK_REALTIME, 20);

	tap_is(pthread_mutex_trylock(m), EBUSY, "trylock: busy");
	tap_is(pthread_mutex_timedlock(m, &ts), ETIMEDOUT, "timedlock: time-out");
	return NULL;
}

static void test_mutex_kinds(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;

	pthread_mutex_lock(&lock);
	pthread_join(start(try_mutexes, &lock), NULL);
	pthread_mutex_unlock(&lock);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&m, &a);
	tap_ok(!pthread_mutex_lock(&m) && !pthread_mutex_lock(&m) && !pthread_mutex_unlock(&m) && !pthread_mutex_unlock(&m),
	       "a recursive mutex");
	pthread_mutex_destroy(&m);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m, &a);
	tap_is(pthread_mutex_unlock(&m), EPERM, "error-checking: not locked");
	pthread_mutex_lock(&m);
	tap_is(pthread_mutex_lock(&m), EDEADLK, "error-checking: locked by us");
	pthread_mutex_unlock(&m);
	pthread_mutex_destroy(&m);
}

/* --- Condition variables: a queue of one --- */

static int box, full, got;

static void *consume(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&lock);
		while (!full)
			pthread_cond_wait(&cond, &lock);
		got += box;
		full = 0;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return arg;
}

static int released;

static void *wait_release(void *arg)
{
	pthread_mutex_lock(&lock);
	counter = counter + 1;
	while (!released)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void test_cond(void)
{
	pthread_t th = start(consume, NULL), many[MANY];
	struct timespec ts;
	int r, want = 0;
	pthread_condattr_t ca;
	pthread_cond_t mono;

	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&lock);
		while (full)
			pthread_cond_wait(&cond, &lock);
		box = i;
		want += i;
		full = 1;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	pthread_join(th, NULL);
	tap_is(got, want, "500 items pass from hand to hand");
	counter = 0;
	for (int i = 0; i < MANY; i++)
		many[i] = start(wait_release, NULL);
	while (counter < MANY)
		sched_yield();
	pthread_mutex_lock(&lock);
	released = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < MANY; i++)
		pthread_join(many[i], NULL);
	tap_ok(1, "a broadcast wakes %d threads", MANY);

	ts = after_ms(CLOCK_REALTIME, 20);
	pthread_mutex_lock(&lock);
	r = pthread_cond_timedwait(&cond, &lock, &ts);
	tap_is(r, ETIMEDOUT, "timedwait: time-out");
	tap_is(pthread_mutex_trylock(&lock), EBUSY, "with the mutex locked");
	pthread_condattr_init(&ca);
	pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
	pthread_cond_init(&mono, &ca);
	ts = after_ms(CLOCK_MONOTONIC, 20);
	tap_is(pthread_cond_timedwait(&mono, &lock, &ts), ETIMEDOUT, "timedwait on the monotonic clock");
	pthread_mutex_unlock(&lock);
}

/* --- Barriers --- */

static pthread_barrier_t barrier;
static atomic_int serials, phase_errors, phase[3];

static void *meet(void *arg)
{
	for (int p = 0; p < 3; p++) {
		atomic_fetch_add(&phase[p], 1);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			atomic_fetch_add(&serials, 1);
		if (atomic_load(&phase[p]) != 20)
			atomic_fetch_add(&phase_errors, 1);
	}
	return arg;
}

static void test_barrier(void)
{
	pthread_t th[20];

	pthread_barrier_init(&barrier, NULL, 20);
	for (int i = 0; i < 20; i++)
		th[i] = start(meet, NULL);
	for (int i = 0; i < 20; i++)
		pthread_join(th[i], NULL);
	tap_is(phase_errors, 0, "a barrier holds all back until the last is there");
	tap_is(serials, 3, "one of each round is the serial one");
	pthread_barrier_destroy(&barrier);
}

/* --- Read-write locks --- */

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int readers, most, writers, clashes;

static void *read_or_write(void *arg)
{
	intptr_t me = (intptr_t)arg;

	for (int i = 0; i < 100; i++) {
		if (me % 5 == 0) {
			pthread_rwlock_wrlock(&rw);
			if (atomic_fetch_add(&writers, 1) || atomic_load(&readers))
				atomic_fetch_add(&clashes, 1);
			sched_yield();
			atomic_fetch_sub(&writers, 1);
		} else {
			int n;

			pthread_rwlock_rdlock(&rw);
			n = atomic_fetch_add(&readers, 1) + 1;
			if (n > atomic_load(&most))
				atomic_store(&most, n);
			if (atomic_load(&writers))
				atomic_fetch_add(&clashes, 1);
			sched_yield();
			atomic_fetch_sub(&readers, 1);
		}
		pthread_rwlock_unlock(&rw);
	}
	return NULL;
}

static void test_rwlock(void)
{
	pthread_t th[20];

	for (intptr_t i = 0; i < 20; i++)
		th[i] = start(read_or_write, (void *)i);
	for (int i = 0; i < 20; i++)
		pthread_join(th[i], NULL);
	tap_is(clashes, 0, "writers are alone");
	tap_ok(most > 1, "readers are not");
	pthread_rwlock_rdlock(&rw);
	tap_is(pthread_rwlock_trywrlock(&rw), EBUSY, "trywrlock with a reader");
	tap_zero(pthread_rwlock_tryrdlock(&rw), "tryrdlock with a reader");
	pthread_rwlock_unlock(&rw);
	pthread_rwlock_unlock(&rw);
}

/* --- Semaphores, TLS, keys, once --- */

static sem_t sem;
static pthread_key_t key;
static atomic_int destroyed, onces;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *poster(void *arg)
{
	for (int i = 0; i < 100; i++)
		sem_post(&sem);
	return arg;
}

static void on_destroy(void *p)
{
	atomic_fetch_add(&destroyed, (int)(intptr_t)p);
}

static void on_once(void)
{
	atomic_fetch_add(&onces, 1);
}

static void *own_data(void *arg)
{
	int me = (int)(intptr_t)arg, ok = tls_zero == 0 && tls_set == 42;

	tls_zero = me;
	tls_set = -me;
	pthread_once(&once, on_once);
	pthread_setspecific(key, (void *)(intptr_t)1);
	errno = me;
	for (int i = 0; i < 50; i++)
		sched_yield();
	ok &= tls_zero == me && tls_set == -me && errno == me && pthread_getspecific(key) == (void *)(intptr_t)1;
	return (void *)(intptr_t)ok;
}

static void test_rest(void)
{
	struct timespec ts = after_ms(CLOCK_REALTIME, 20);
	pthread_t th[30], p;
	int ok = 1;

	sem_init(&sem, 0, 0);
	tap_errno(sem_trywait(&sem), EAGAIN, "semaphore: nothing there");
	tap_errno(sem_timedwait(&sem, &ts), ETIMEDOUT, "semaphore: time-out");
	p = start(poster, NULL);
	for (int i = 0; i < 100; i++)
		sem_wait(&sem);
	pthread_join(p, NULL);
	tap_errno(sem_trywait(&sem), EAGAIN, "semaphore: a hundred posts, a hundred waits");

	pthread_key_create(&key, on_destroy);
	for (intptr_t i = 0; i < 30; i++)
		th[i] = start(own_data, (void *)(i + 1));
	for (int i = 0; i < 30; i++) {
		void *r;

		pthread_join(th[i], &r);
		ok &= r != NULL;
	}
	tap_ok(ok, "thread-local variables, errno and keys are each thread's own");
	tap_is(destroyed, 30, "destructors of keys ran");
	tap_is(onces, 1, "pthread_once: once");
	tap_ok(tls_zero == 0 && tls_set == 42, "ours are untouched");
}

/* --- Detached, signals to threads, many in turn --- */

static atomic_int done;
static pthread_t target;
static volatile int hit_tid;

static void *detached(void *arg)
{
	atomic_fetch_add(&done, 1);
	return arg;
}

static void on_usr1(int sig)
{
	(void)sig;
	hit_tid = (int)syscall(SYS_gettid);
}

static void *wait_hit(void *arg)
{
	*(volatile int *)arg = (int)syscall(SYS_gettid);
	while (!hit_tid)
		usleep(1000);
	return NULL;
}

static void test_life(void)
{
	pthread_attr_t attr;
	volatile int tid = 0;
	pthread_t th;
	int failed = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 50; i++)
		failed += pthread_create(&th, &attr, detached, NULL) != 0;
	for (int i = 0; i < 1000 && atomic_load(&done) < 50; i++)
		usleep(1000);
	tap_ok(!failed && done == 50, "detached threads");
	done = 0;
	for (int i = 0; i < 500; i++)
		failed += pthread_join(start(detached, NULL), NULL) != 0;
	tap_ok(!failed && done == 500, "500 threads in turn leave nothing behind");

	signal(SIGUSR1, on_usr1);
	target = start(wait_hit, (void *)&tid);
	while (!tid)
		sched_yield();
	tap_zero(pthread_kill(target, SIGUSR1), "pthread_kill");
	pthread_join(target, NULL);
	tap_ok(hit_tid == tid && tid != getpid(), "the handler runs in that thread");
	tap_ok(syscall(SYS_gettid) == getpid(), "the main thread's number is the process's");
	tap_is(pthread_kill(pthread_self(), 65), EINVAL, "pthread_kill: signal 65");
}

int main(void)
{
	tap_plan(0);
	test_mutex();
	test_mutex_kinds();
	test_cond();
	test_barrier();
	test_rwlock();
	test_rest();
	test_life();
	return tap_done();
}
