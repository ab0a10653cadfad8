/* SPDX-License-Identifier: MIT
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: what condition variables with a PI mutex are made of.
 */
#define _GNU_SOURCE
#include "futex.h"

static word cond, lock, other;
static struct actor one, two, three;

static long signal_one(void)
{
	return futex(&cond, CMP_REQUEUE_PI, 1, (void *)0, &lock, cond);
}

static long broadcast(void)
{
	return futex(&cond, CMP_REQUEUE_PI, 1, (void *)0x7fffffff, &lock, cond);
}

static void block(struct actor *x)
{
	actor_block(x, &cond, WAIT_REQUEUE_PI, cond, NULL, &lock, 0);
}

static int unlock(struct actor *x)
{
	return actor_do(x, &lock, UNLOCK_PI, 0, NULL, NULL, 0);
}

static void test_arguments(void)
{
	long long ts[2];

	cond = 1;
	lock = 0;
	tap_errno(futex(&cond, WAIT_REQUEUE_PI, 1, NULL, &cond, 0), EINVAL, "WAIT_REQUEUE_PI: the same word twice");
	tap_errno(futex(&cond, WAIT_REQUEUE_PI, 2, NULL, &lock, 0), EAGAIN, "WAIT_REQUEUE_PI: another value");
	tap_errno(futex(&cond, WAIT_REQUEUE_PI, 1, NULL, (word *)((char *)&lock + 1), 0), EINVAL, "WAIT_REQUEUE_PI: misaligned");
	in_ms(ts, CLOCK_MONOTONIC, 20);
	tap_errno(futex(&cond, WAIT_REQUEUE_PI, 1, ts, &lock, 0), ETIMEDOUT, "WAIT_REQUEUE_PI: time-out, monotonic");
	in_ms(ts, CLOCK_REALTIME, 20);
	tap_errno(futex(&cond, WAIT_REQUEUE_PI | REALTIME, 1, ts, &lock, 0), ETIMEDOUT, "WAIT_REQUEUE_PI: time of day");
	tap_ok(lock == 0, "without the lock");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 0, (void *)1, &lock, 1), EINVAL, "CMP_REQUEUE_PI: wakes none");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 2, (void *)1, &lock, 1), EINVAL, "CMP_REQUEUE_PI: wakes two");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 1, (void *)-1, &lock, 1), EINVAL, "CMP_REQUEUE_PI: negative number");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 1, (void *)1, &cond, 1), EINVAL, "CMP_REQUEUE_PI: the same word twice");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 1, (void *)1, &lock, 2), EAGAIN, "CMP_REQUEUE_PI: another value");
	tap_zero(broadcast(), "CMP_REQUEUE_PI: nobody waits");
}

static void test_free_lock(void)
{
	lock = 0;
	block(&one);
	block(&two);
	tap_errno(futex(&cond, WAKE, 1, NULL, NULL, 0), EINVAL, "WAKE does not wake them");
	tap_errno(futex(&cond, CMP_REQUEUE, 1, (void *)1, &other, cond), EINVAL, "nor does CMP_REQUEUE move them");
	tap_errno(futex(&cond, CMP_REQUEUE_PI, 1, (void *)1, &other, cond), EINVAL, "nor to another lock than they said");
	tap_is(signal_one(), 1, "signal: one");
	tap_ok(actor_wait(&one) && !one.err && two.busy, "the first is back");
	tap_ok(lock == one.tid, "and has the lock: nobody waits for it");
	tap_is(signal_one(), 1, "signal: the other");
	usleep(20000);
	tap_ok(two.busy && lock == (one.tid | WAITERS), "who has to wait for the lock now");
	unlock(&one);
	tap_ok(actor_wait(&two) && !two.err && lock == (two.tid | WAITERS), "and gets it");
	unlock(&two);
}

static void test_broadcast(void)
{
	lock = 0;
	block(&one);
	block(&two);
	block(&three);
	tap_is(broadcast(), 3, "broadcast: three");
	tap_ok(actor_wait(&one) && two.busy && three.busy, "one is back, with the lock");
	tap_ok(lock == (one.tid | WAITERS), "which others wait for");
	unlock(&one);
	tap_ok(actor_wait(&two) && !two.err && three.busy, "then the second");
	unlock(&two);
	tap_ok(actor_wait(&three) && !three.err, "then the third");
	unlock(&three);
	tap_ok(lock == 0, "then it is free");

	futex(&lock, LOCK_PI, 0, NULL, NULL, 0);
	block(&one);
	block(&two);
	tap_is(broadcast(), 2, "broadcast by one who has the lock");
	tap_ok(lock == (gettid_() | WAITERS) && one.busy && two.busy, "all wait for it");
	futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0);
	tap_ok(actor_wait(&one) && !one.err && two.busy, "until it is unlocked");
	unlock(&one);
	actor_wait(&two);
	unlock(&two);
}

static void test_misuse(void)
{
	lock = 0;
	actor_block(&one, &cond, WAIT, cond, NULL, NULL, 0);
	tap_errno(broadcast(), EINVAL, "CMP_REQUEUE_PI does not move who waits plainly");
	futex(&cond, WAKE, 1, NULL, NULL, 0);
	actor_wait(&one);
	block(&one);
	lock = 32700;
	tap_errno(broadcast(), ESRCH, "CMP_REQUEUE_PI: the lock's owner is not there");
	lock = one.tid;
	tap_errno(broadcast(), EDEADLK, "CMP_REQUEUE_PI: the lock is the waiter's own");
	lock = 0;
	tap_is(broadcast(), 1, "the waiter is still there");
	actor_wait(&one);
	unlock(&one);
}

static volatile int hits;

static void on_signal(int sig)
{
	(void)sig;
	hits++;
}

static void test_interrupted(void)
{
	long long ts[2];

	signal(SIGUSR1, on_signal);
	lock = 0;
	block(&one);
	pthread_kill(one.th, SIGUSR1);
	usleep(20000);
	tap_ok(one.busy && hits == 1, "a signal before it is moved: it waits again");
	futex(&lock, LOCK_PI, 0, NULL, NULL, 0);
	tap_is(broadcast(), 1, "it is moved");
	usleep(5000);
	pthread_kill(one.th, SIGUSR1);
	tap_ok(actor_wait(&one) && one.err == EAGAIN && hits == 2, "a signal after that: it comes back without the lock");
	in_ms(ts, CLOCK_MONOTONIC, 100);
	actor_block(&one, &cond, WAIT_REQUEUE_PI, cond, ts, &lock, 0);
	tap_is(broadcast(), 1, "moved again");
	tap_ok(actor_wait(&one) && one.err == ETIMEDOUT, "the limit holds for the lock as well");
	tap_zero(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0), "the lock has stayed with us");
	tap_ok(lock == 0, "and is free");
}

int main(void)
{
	tap_plan(0);
	actor_start(&one);
	actor_start(&two);
	actor_start(&three);
	test_arguments();
	test_free_lock();
	test_broadcast();
	test_misuse();
	test_interrupted();
	actor_end(&one);
	actor_end(&two);
	actor_end(&three);
	return tap_done();
}
