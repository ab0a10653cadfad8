/* SPDX-License-Identifier: MIT
 *
 * For tests of futex calls: the calls themselves, and threads that make one when they are told to, so that a test
 * can have several of them blocked at once and look at who comes back when, and how.
 */
#ifndef FUTEX_H
#define FUTEX_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

enum { WAIT, WAKE, FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_BITSET, WAKE_BITSET,
       WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2, PRIVATE = 128, REALTIME = 256 };
#define WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u

typedef volatile unsigned word;

static inline long futex(word *p, int op, unsigned val, const void *timeout, word *p2, unsigned val3)
{
	return syscall(SYS_futex_time64, p, op, val, timeout, p2, val3);
}

static inline unsigned gettid_(void)
{
	return (unsigned)syscall(SYS_gettid);
}

/* The kernel's timespec: a time of the clock, so many milliseconds from now. */
static inline void in_ms(long long ts[2], clockid_t clock, long ms)
{
	struct timespec now;

	clock_gettime(clock, &now);
	ts[0] = now.tv_sec + (now.tv_nsec / 1000000 + ms) / 1000;
	ts[1] = (now.tv_nsec + (long long)(ms % 1000) * 1000000) % 1000000000;
}

/* --- Threads --- */

struct actor {
	pthread_t th;
	volatile unsigned tid;
	volatile int busy, quit;	/* busy: it is to make its call, or in it */
	long args[7];			/* of syscall() */
	long result;
	int err;			/* errno; 0 if the call went well */
	volatile int order;		/* the how manieth it was to come back */
};

static volatile int returned;	/* calls, of all actors */

static void *act(void *arg)
{
	struct actor *a = arg;

	a->tid = gettid_();
	while (!a->quit) {
		if (!a->busy) {
			usleep(1000);
			continue;
		}
		errno = 0;
		a->result = syscall(a->args[0], a->args[1], a->args[2], a->args[3], a->args[4], a->args[5], a->args[6]);
		a->err = errno;
		a->order = __atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
		a->busy = 0;
	}
	return NULL;
}

static inline void actor_start(struct actor *a)
{
	pthread_attr_t attr;

	memset(a, 0, sizeof *a);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	if (pthread_create(&a->th, &attr, act, a))
		tap_bail("pthread_create");
	while (!a->tid)
		usleep(1000);
}

/* False: it is still in its call after two seconds. */
static inline int actor_wait(struct actor *a)
{
	for (int i = 0; i < 2000 && a->busy; i++)
		usleep(1000);
	return !a->busy;
}

static inline void actor_end(struct actor *a)
{
	actor_wait(a);
	a->quit = 1;
	pthread_join(a->th, NULL);
}

/* Begins a futex call. */
static inline void actor_call(struct actor *a, word *p, int op, unsigned val, const void *timeout, word *p2, unsigned val3)
{
	const long args[7] = { SYS_futex_time64, (long)p, op, (long)val, (long)timeout, (long)p2, (long)val3 };

	memcpy(a->args, args, sizeof args);
	__sync_synchronize();
	a->busy = 1;
}

/* The same, for a call that is to block: gives it the time to. */
static inline void actor_block(struct actor *a, word *p, int op, unsigned val, const void *timeout, word *p2, unsigned val3)
{
	actor_call(a, p, op, val, timeout, p2, val3);
	usleep(20000);
}

/* Makes a call and waits for its end: 0, or its errno. */
static inline int actor_do(struct actor *a, word *p, int op, unsigned val, const void *timeout, word *p2, unsigned val3)
{
	actor_call(a, p, op, val, timeout, p2, val3);
	return actor_wait(a) ? a->err : -1;
}

#endif
