/* SPDX-License-Identifier: MIT
 * That scheduling policies have their effect: who runs first, who gets how much, who inherits what.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

#define NR_setscheduler 119
#define NR_setpriority 140

enum { OTHER, FIFO, RR, BATCH, IDLE = 5 };

static int set(int pid, int policy, int priority)
{
	return (int)syscall(NR_setscheduler, pid, policy, &priority);
}

/* --- Who runs first --- */

static int pipes[2];
static char order[16];
static volatile int at;

static void mark(char c)
{
	order[at++] = c;
}

static void *reader(void *arg)
{
	char c;

	tap_is(set(0, FIFO, (int)(intptr_t)arg), 0, "SCHED_FIFO %d", (int)(intptr_t)arg);
	for (int i = 0; i < 2; i++) {
		if (read(pipes[0], &c, 1) != 1)
			break;
		mark('r');
	}
	return NULL;
}

/* Who wakes a task of higher priority does not come to the next instruction before it is through. */
static void preemption(int priority_of_reader, const char *wanted)
{
	pthread_t t;

	at = 0;
	memset(order, 0, sizeof order);
	if (pipe(pipes) || pthread_create(&t, NULL, reader, (void *)(intptr_t)priority_of_reader))
		return;
	usleep(20000);		/* it waits */
	set(0, FIFO, 10);
	for (int i = 0; i < 2; i++) {
		if (write(pipes[1], "x", 1) != 1)
			break;
		mark('w');
	}
	set(0, OTHER, 0);
	pthread_join(t, NULL);
	tap_ok(!strcmp(order, wanted), "a reader of priority %d wakes: %s", priority_of_reader, order);
	close(pipes[0]);
	close(pipes[1]);
}

/* --- Inheritance of priorities --- */

static pthread_mutex_t lock;

static void burn(long ms)
{
	struct timespec ts;
	long long end = 0, at_ns;
	volatile int x = 0;

	do {
		for (int i = 0; i < 10000; i++)
			x += i;
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
		at_ns = ts.tv_sec * 1000000000ll + ts.tv_nsec;
		end = end ? end : at_ns + ms * 1000000ll;
	} while (at_ns < end);
}

/* Has the lock, and something to do before it gives it back. */
static void *low(void *arg)
{
	int policy_ = (int)(intptr_t)arg;

	set(0, policy_, policy_ == FIFO ? 10 : 0);
	pthread_mutex_lock(&lock);
	if (write(pipes[1], "x", 1) != 1)
		return NULL;
	burn(50);
	pthread_mutex_unlock(&lock);
	mark('l');
	return NULL;
}

static void *medium(void *arg)
{
	(void)arg;
	set(0, FIFO, 20);
	burn(200);
	mark('m');
	return NULL;
}

static void *high(void *arg)
{
	(void)arg;
	set(0, FIFO, 30);
	pthread_mutex_lock(&lock);
	mark('h');
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void inversion(int protocol, int policy_, const char *wanted, const char *what)
{
	pthread_mutexattr_t attr;
	pthread_t t[3];
	char c;

	at = 0;
	memset(order, 0, sizeof order);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutex_init(&lock, &attr);
	if (pipe(pipes))
		return;
	set(0, FIFO, 40);
	pthread_create(&t[0], NULL, low, (void *)(intptr_t)policy_);
	if (read(pipes[0], &c, 1) != 1)
		return;
	pthread_create(&t[1], NULL, high, NULL);
	pthread_create(&t[2], NULL, medium, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	set(0, OTHER, 0);
	tap_ok(!strcmp(order, wanted), "%s: %s", what, order);
	close(pipes[0]);
	close(pipes[1]);
}

/* --- Who gets how much --- */

static volatile int stop;

struct spinner { int policy, nice; volatile unsigned long rounds; };

static void *spin(void *arg)
{
	struct spinner *s = arg;

	set(0, s->policy, 0);
	syscall(NR_setpriority, 0, (int)syscall(SYS_gettid), s->nice);
	while (!stop)
		s->rounds++;
	return NULL;
}

/* How many times as much the first of two gets, in hundredths. */
static unsigned long share(int policy1, int nice1, int policy2, int nice2)
{
	struct spinner s[2] = { { policy1, nice1, 0 }, { policy2, nice2, 0 } };
	pthread_t t[2];

	stop = 0;
	for (int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, spin, &s[i]))
			return 0;
	usleep(1000000);
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	tap_diag("%lu and %lu", s[0].rounds, s[1].rounds);
	return s[1].rounds ? (unsigned long)((unsigned long long)s[0].rounds * 100 / s[1].rounds) : 0;
}

int main(void)
{
	unsigned long n;

	tap_plan(0);
	preemption(20, "rwrw");
	preemption(5, "wwrr");
	inversion(PTHREAD_PRIO_NONE, FIFO, "mhl", "a lock without inheritance waits for what does not concern it");
	inversion(PTHREAD_PRIO_INHERIT, FIFO, "hml", "one with it does not");
	inversion(PTHREAD_PRIO_INHERIT, OTHER, "hml", "whatever its owner's policy");
	n = share(OTHER, 0, OTHER, 5);
	tap_ok(n > 250 && n < 370, "nice 0 gets about three times what nice 5 gets");
	n = share(OTHER, 0, BATCH, 0);
	tap_ok(n > 80 && n < 125, "SCHED_BATCH as much as SCHED_OTHER");
	n = share(OTHER, 0, IDLE, 0);
	tap_ok(n > 5000 || !n, "SCHED_IDLE next to nothing");
	return tap_done();
}
