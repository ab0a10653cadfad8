/* SPDX-License-Identifier: MIT
 * Priority-inheriting locks: the word, who gets it, deadlocks, dead owners, time.
 */
#define _GNU_SOURCE
#include "futex.h"

static word a, b, c;
static struct actor one, two, three;

static int lock(struct actor *x, word *p)
{
	return actor_do(x, p, LOCK_PI, 0, NULL, NULL, 0);
}

static int unlock(struct actor *x, word *p)
{
	return actor_do(x, p, UNLOCK_PI, 0, NULL, NULL, 0);
}

static void block(struct actor *x, word *p)
{
	actor_block(x, p, LOCK_PI, 0, NULL, NULL, 0);
}

static void test_word(void)
{
	unsigned self = gettid_();

	a = 0;
	lock(&one, &a);
	tap_ok(a == one.tid, "the word is the owner's number");
	tap_errno(futex(&a, TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN, "TRYLOCK_PI: somebody else's");
	tap_ok(a == (one.tid | WAITERS), "and the owner will have to call to unlock it");
	tap_errno(futex(&a, UNLOCK_PI, 0, NULL, NULL, 0), EPERM, "UNLOCK_PI: not ours");
	tap_zero(unlock(&one, &a), "UNLOCK_PI by the owner");
	tap_ok(a == 0, "nobody waits: the word is 0");
	a = 32700;
	tap_errno(futex(&a, LOCK_PI, 0, NULL, NULL, 0), ESRCH, "LOCK_PI: an owner that is not there");
	tap_ok(a == (32700 | WAITERS), "leaves the waiters bit");
	a = OWNER_DIED | WAITERS;
	tap_zero(futex(&a, LOCK_PI, 0, NULL, NULL, 0), "LOCK_PI: the owner died");
	tap_ok(a == (self | OWNER_DIED), "the bit stays, for the new owner to see");
	tap_zero(futex(&a, UNLOCK_PI, 0, NULL, NULL, 0), "UNLOCK_PI takes it away");
	tap_ok(a == 0, "with the rest");
	tap_zero(futex(&a, TRYLOCK_PI, 0, NULL, NULL, 0), "TRYLOCK_PI: free");
	tap_zero(futex(&a, UNLOCK_PI, 0, NULL, NULL, 0), "and back");
	tap_errno(futex((word *)((char *)&a + 2), LOCK_PI, 0, NULL, NULL, 0), EINVAL, "LOCK_PI: misaligned");
}

static void test_handing_over(void)
{
	a = 0;
	futex(&a, LOCK_PI, 0, NULL, NULL, 0);
	block(&one, &a);
	block(&two, &a);
	tap_ok(a == (gettid_() | WAITERS), "two wait: the waiters bit");
	futex(&a, UNLOCK_PI, 0, NULL, NULL, 0);
	tap_ok(actor_wait(&one) && !one.err && two.busy, "the first is given it");
	tap_ok(a == (one.tid | WAITERS), "the word says so");
	unlock(&one, &a);
	tap_ok(actor_wait(&two) && !two.err, "then the second");
	tap_ok(a == (two.tid | WAITERS), "the bit stays, though nobody waits");
	unlock(&two, &a);
	tap_ok(a == 0, "until it is unlocked");
}

static void test_misuse(void)
{
	a = 0;
	futex(&a, LOCK_PI, 0, NULL, NULL, 0);
	block(&one, &a);
	tap_errno(futex(&a, WAKE, 1, NULL, NULL, 0), EINVAL, "WAKE of who waits for a lock");
	tap_errno(futex(&a, REQUEUE, 0, (void *)1, &b, 0), EINVAL, "REQUEUE of who waits for a lock");
	tap_errno(futex(&b, WAKE_OP, 0, (void *)1, &a, 1u << 24 | 1u << 28), EINVAL, "WAKE_OP of who waits for a lock");
	a = two.tid;
	tap_is(unlock(&two, &a), EINVAL, "UNLOCK_PI by one who wrote his own number there");
	tap_is(lock(&three, &a), EINVAL, "LOCK_PI: the word and the lock disagree");
	a = gettid_() | WAITERS;
	futex(&a, UNLOCK_PI, 0, NULL, NULL, 0);
	actor_wait(&one);
	unlock(&one, &a);
	a = one.tid;
	actor_block(&two, &a, WAIT, a, NULL, NULL, 0);
	tap_errno(futex(&a, LOCK_PI, 0, NULL, NULL, 0), EINVAL, "LOCK_PI where somebody waits plainly");
	tap_is(unlock(&one, &a), EINVAL, "UNLOCK_PI where somebody waits plainly");
	tap_is(futex(&a, WAKE, 1, NULL, NULL, 0), 1, "who can be woken");
	actor_wait(&two);
}

static void test_deadlock(void)
{
	a = b = c = 0;
	lock(&one, &a);
	lock(&two, &b);
	lock(&three, &c);
	block(&one, &b);
	tap_is(lock(&two, &a), EDEADLK, "two who wait for each other");
	block(&two, &c);
	tap_is(lock(&three, &a), EDEADLK, "three in a ring");
	tap_ok(c == (three.tid | WAITERS), "the word is as it was");
	unlock(&three, &c);
	tap_ok(actor_wait(&two) && !two.err, "one gives way, the next goes on");
	unlock(&two, &b);
	tap_ok(actor_wait(&one) && !one.err, "and the next");
	unlock(&two, &c);
	unlock(&one, &a);
	unlock(&one, &b);
	tap_ok(!(a | b | c), "all are free");
}

static void set_priority(unsigned tid, int policy, int priority)
{
	if (syscall(SYS_sched_setscheduler, tid, policy, &priority))
		tap_bail("sched_setscheduler: %s", strerror(errno));
}

static void test_priority(void)
{
	if (!tap_own_machine()) {
		tap_skip(4, "needs real-time priorities");
		return;
	}
	a = 0;
	returned = 0;
	set_priority(two.tid, 1, 10);
	set_priority(three.tid, 2, 50);
	futex(&a, LOCK_PI, 0, NULL, NULL, 0);
	block(&one, &a);
	block(&two, &a);
	block(&three, &a);
	futex(&a, UNLOCK_PI, 0, NULL, NULL, 0);
	tap_ok(actor_wait(&three) && one.busy && two.busy, "the one of highest priority comes first");
	unlock(&three, &a);
	tap_ok(actor_wait(&two) && one.busy, "then the next");
	block(&three, &a);
	set_priority(one.tid, 1, 60);
	unlock(&two, &a);
	tap_ok(actor_wait(&one) && three.busy, "one that is raised while it waits overtakes");
	unlock(&one, &a);
	actor_wait(&three);
	unlock(&three, &a);

	/* One waits for b as the last, but three waits for what one has. */
	set_priority(one.tid, 0, 0);
	a = b = 0;
	futex(&b, LOCK_PI, 0, NULL, NULL, 0);
	lock(&one, &a);
	block(&two, &b);
	block(&one, &b);
	block(&three, &a);
	futex(&b, UNLOCK_PI, 0, NULL, NULL, 0);
	tap_ok(actor_wait(&one) && two.busy, "a priority that is inherited counts");
	unlock(&one, &a);
	actor_wait(&three);
	unlock(&one, &b);
	actor_wait(&two);
	unlock(&two, &b);
	unlock(&three, &a);
	set_priority(two.tid, 0, 0);
	set_priority(three.tid, 0, 0);
}

static void test_plain_priority(void)
{
	if (!tap_own_machine()) {
		tap_skip(1, "needs real-time priorities");
		return;
	}
	a = 5;
	set_priority(two.tid, 1, 10);
	actor_block(&one, &a, WAIT, 5, NULL, NULL, 0);
	actor_block(&two, &a, WAIT, 5, NULL, NULL, 0);
	futex(&a, WAKE, 1, NULL, NULL, 0);
	tap_ok(actor_wait(&two) && one.busy, "WAKE too goes by priority");
	futex(&a, WAKE, 1, NULL, NULL, 0);
	actor_wait(&one);
	set_priority(two.tid, 0, 0);
}

/* --- Owners that end --- */

static void *lock_and_end(void *arg)
{
	futex(arg, LOCK_PI, 0, NULL, NULL, 0);
	usleep(60000);
	return NULL;
}

static void test_death(void)
{
	pthread_t th;

	a = 0;
	pthread_create(&th, NULL, lock_and_end, (void *)&a);
	while (!a)
		usleep(1000);
	block(&one, &a);
	block(&two, &a);
	pthread_join(th, NULL);
	tap_ok(actor_wait(&one) && !one.err && two.busy, "the owner ends: the first waiter is given the lock");
	tap_ok(a == (one.tid | WAITERS | OWNER_DIED), "with the news in the word");
	unlock(&one, &a);
	tap_ok(actor_wait(&two) && a == (two.tid | WAITERS), "the next one does not see it");
	unlock(&two, &a);
}

/* --- Time and signals --- */

static void test_time(void)
{
	long long ts[2], bad[2] = { 0, 1000000000 };

	a = 0;
	lock(&one, &a);
	in_ms(ts, CLOCK_REALTIME, 20);
	tap_errno(futex(&a, LOCK_PI, 0, ts, NULL, 0), ETIMEDOUT, "LOCK_PI: until a time of day");
	tap_errno(futex(&a, LOCK_PI, 0, bad, NULL, 0), EINVAL, "LOCK_PI: no time");
	tap_errno(futex(&a, LOCK_PI | REALTIME, 0, ts, NULL, 0), ENOSYS, "LOCK_PI has no choice of clock");
	in_ms(ts, CLOCK_MONOTONIC, 20);
	tap_errno(futex(&a, LOCK_PI2, 0, ts, NULL, 0), ETIMEDOUT, "LOCK_PI2: monotonic");
	in_ms(ts, CLOCK_REALTIME, 20);
	tap_errno(futex(&a, LOCK_PI2 | REALTIME, 0, ts, NULL, 0), ETIMEDOUT, "LOCK_PI2: a time of day");
	tap_zero(unlock(&one, &a), "the owner does not notice");
	tap_ok(a == 0, "and the word is free");
}

static void test_clock_set(void)
{
	struct timespec now, later;
	long long ts[2];

	if (!tap_own_machine()) {
		tap_skip(2, "would set the host's clock");
		return;
	}
	a = 0;
	lock(&one, &a);
	b = 1;
	in_ms(ts, CLOCK_REALTIME, 100000);
	actor_block(&two, &a, LOCK_PI, 0, ts, NULL, 0);
	actor_block(&three, &b, WAIT_BITSET | REALTIME, 1, ts, NULL, -1u);
	clock_gettime(CLOCK_REALTIME, &now);
	later = now;
	later.tv_sec += 200;
	clock_settime(CLOCK_REALTIME, &later);
	tap_ok(actor_wait(&two) && two.err == ETIMEDOUT, "LOCK_PI: the clock is set past its time");
	tap_ok(actor_wait(&three) && three.err == ETIMEDOUT, "WAIT_BITSET: the clock is set past its time");
	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec -= 200;
	clock_settime(CLOCK_REALTIME, &later);
	unlock(&one, &a);
}

static volatile int hits;

static void on_signal(int sig)
{
	(void)sig;
	hits++;
}

static void test_signal(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &sa, NULL);
	a = b = 0;
	futex(&a, LOCK_PI, 0, NULL, NULL, 0);
	block(&one, &a);
	pthread_kill(one.th, SIGUSR1);
	usleep(20000);
	tap_ok(hits == 1 && one.busy, "LOCK_PI goes on after a handler, SA_RESTART or not");
	futex(&a, UNLOCK_PI, 0, NULL, NULL, 0);
	tap_ok(actor_wait(&one) && !one.err && a == (one.tid | WAITERS), "and gets the lock");
	unlock(&one, &a);
	actor_block(&one, &b, WAIT, 0, NULL, NULL, 0);
	pthread_kill(one.th, SIGUSR1);
	tap_ok(actor_wait(&one) && one.err == EINTR, "WAIT is interrupted");
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	actor_block(&one, &b, WAIT, 0, NULL, NULL, 0);
	pthread_kill(one.th, SIGUSR1);
	usleep(20000);
	tap_ok(one.busy && hits == 3, "or begun again, with SA_RESTART");
	futex(&b, WAKE, 1, NULL, NULL, 0);
	actor_wait(&one);
	tap_zero(one.err, "and woken");
	actor_block(&one, &b, WAIT, 0, (long long[2]){ 10, 0 }, NULL, 0);
	pthread_kill(one.th, SIGUSR1);
	tap_ok(actor_wait(&one) && one.err == EINTR, "but not if there is a limit");
}

/* --- As a program sees it --- */

static pthread_mutex_t mutex;
static int count;

static void *work(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&mutex);
		count++;
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void test_mutex(void)
{
	pthread_mutexattr_t attr;
	pthread_t th[8];
	int err;

	pthread_mutexattr_init(&attr);
	err = pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	tap_is(err, 0, "the C library finds PI locks");
	pthread_mutex_init(&mutex, &attr);
	for (int i = 0; i < 8; i++)
		pthread_create(&th[i], NULL, work, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(th[i], NULL);
	tap_is(count, 4000, "a PI mutex lets one in at a time");
}

int main(void)
{
	tap_plan(0);
	actor_start(&one);
	actor_start(&two);
	actor_start(&three);
	test_word();
	test_handing_over();
	test_misuse();
	test_deadlock();
	test_priority();
	test_plain_priority();
	test_death();
	test_time();
	test_clock_set();
	test_signal();
	test_mutex();
	actor_end(&one);
	actor_end(&two);
	actor_end(&three);
	return tap_done();
}
