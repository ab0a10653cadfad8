/* SPDX-License-Identifier: MIT
 * futex(2) itself.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

enum { WAIT, WAKE, FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_BITSET, WAKE_BITSET,
       LOCK_PI2 = 13, PRIVATE = 128, REALTIME = 256 };

static volatile int a, b, started, ended;

static long futex(volatile int *p, int op, int val, const void *timeout, volatile int *p2, int val3)
{
	return syscall(SYS_futex_time64, p, op, val, timeout, p2, val3);
}

struct job { volatile int *word; int op, val, val3; long result; int err; pthread_t th; };

static void *wait_job(void *arg)
{
	struct job *j = arg;

	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	j->result = futex(j->word, j->op, j->val, NULL, NULL, j->val3);
	j->err = errno;
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(struct job *j, int n, volatile int *word, int op, int val3)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	started = ended = 0;
	for (int i = 0; i < n; i++) {
		j[i] = (struct job){ .word = word, .op = op, .val = *word, .val3 = val3 };
		if (pthread_create(&j[i].th, &attr, wait_job, &j[i]))
			tap_bail("pthread_create");
	}
	while (started < n)
		usleep(1000);
	usleep(20000);
}

static void join(struct job *j, int n)
{
	for (int i = 0; i < n; i++)
		pthread_join(j[i].th, NULL);
}

static void settle(int n)
{
	for (int i = 0; i < 200 && ended < n; i++)
		usleep(1000);
	usleep(5000);
}

static void test_arguments(void)
{
	long long bit[2] = { 0, 20000000 }, zero[2] = { 0, 0 }, neg[2] = { -1, 0 }, bad[2] = { 0, 1000000000 };
	struct timespec now;
	long long t[2];

	a = 1;
	tap_errno(futex(&a, WAIT, 2, NULL, NULL, 0), EAGAIN, "WAIT: another value");
	tap_errno(futex(&a, WAIT | PRIVATE, 2, NULL, NULL, 0), EAGAIN, "WAIT: private is the same");
	tap_errno(futex(&a, WAIT, 1, bit, NULL, 0), ETIMEDOUT, "WAIT: time-out");
	tap_errno(futex(&a, WAIT, 1, zero, NULL, 0), ETIMEDOUT, "WAIT: no time at all");
	tap_errno(futex(&a, WAIT, 1, neg, NULL, 0), EINVAL, "WAIT: negative time");
	tap_errno(futex(&a, WAIT, 1, bad, NULL, 0), EINVAL, "WAIT: too many nanoseconds");
	tap_errno(futex((int *)((char *)&a + 1), WAIT, 1, NULL, NULL, 0), EINVAL, "WAIT: misaligned");
	tap_errno(futex((int *)((char *)&a + 2), WAKE, 1, NULL, NULL, 0), EINVAL, "WAKE: misaligned");
	tap_errno(futex(&a, WAIT_BITSET, 1, NULL, NULL, 0), EINVAL, "WAIT_BITSET: no bits");
	tap_errno(futex(&a, WAKE_BITSET, 1, NULL, NULL, 0), EINVAL, "WAKE_BITSET: no bits");
	tap_errno(futex(&a, FD, 1, NULL, NULL, 0), ENOSYS, "FD: gone long ago");
	tap_errno(futex(&a, 99, 1, NULL, NULL, 0), ENOSYS, "99: never was");
	tap_errno(futex(&a, WAIT | REALTIME, 1, NULL, NULL, 0), ENOSYS, "WAIT has no choice of clock");
	tap_errno(futex(&a, WAKE | REALTIME, 1, NULL, NULL, 0), ENOSYS, "WAKE has no clock");
	tap_is(futex(&a, WAKE, 1, NULL, NULL, 0), 0, "WAKE: nobody");
	clock_gettime(CLOCK_MONOTONIC, &now);
	t[0] = now.tv_sec;
	t[1] = now.tv_nsec;
	tap_errno(futex(&a, WAIT_BITSET, 1, t, NULL, -1), ETIMEDOUT, "WAIT_BITSET: until a time, monotonic");
	clock_gettime(CLOCK_REALTIME, &now);
	t[0] = now.tv_sec;
	t[1] = now.tv_nsec + 20000000;
	t[0] += t[1] / 1000000000;
	t[1] %= 1000000000;
	tap_errno(futex(&a, WAIT_BITSET | REALTIME, 1, t, NULL, -1), ETIMEDOUT, "WAIT_BITSET: until a time of day");
	tap_errno(syscall(98, &a, WAKE, 1, NULL, NULL, 0), ENOSYS, "futex with 32-bit time is not there");
}

static void test_wake(void)
{
	struct job j[5];
	int ok = 1;

	a = 0;
	start(j, 5, &a, WAIT, 0);
	tap_is(futex(&a, WAKE, 1, NULL, NULL, 0), 1, "WAKE 1");
	settle(1);
	tap_is(ended, 1, "one wakes");
	tap_is(futex(&a, WAKE, 2, NULL, NULL, 0), 2, "WAKE 2");
	settle(3);
	tap_is(ended, 3, "two wake");
	tap_is(futex(&a, WAKE, 0x7fffffff, NULL, NULL, 0), 2, "WAKE all");
	join(j, 5);
	for (int i = 0; i < 5; i++)
		ok &= j[i].result == 0;
	tap_ok(ok, "WAIT returns 0");

	start(j, 2, &a, WAIT_BITSET, 1);
	start(j + 2, 3, &a, WAIT_BITSET, 6);
	tap_is(futex(&a, WAKE_BITSET, 10, NULL, NULL, 8), 0, "WAKE_BITSET: bits of nobody");
	tap_is(futex(&a, WAKE_BITSET, 10, NULL, NULL, 2), 3, "WAKE_BITSET: bits of three");
	join(j + 2, 3);
	tap_is(futex(&a, WAKE, 10, NULL, NULL, 0), 2, "WAKE meets any bits");
	join(j, 2);

	if (!tap_own_machine()) {
		tap_skip(1, "with an MMU, private and shared are different");
		return;
	}
	start(j, 1, &a, WAIT | PRIVATE, 0);
	tap_is(futex(&a, WAKE, 10, NULL, NULL, 0), 1, "without an MMU, private and shared are the same");
	join(j, 1);
}

static void test_requeue(void)
{
	struct job j[6];

	a = b = 0;
	start(j, 6, &a, WAIT, 0);
	tap_errno(futex(&a, CMP_REQUEUE, 1, (void *)10, &b, 5), EAGAIN, "CMP_REQUEUE: another value");
	tap_errno(futex(&a, REQUEUE, -1, (void *)10, &b, 0), EINVAL, "REQUEUE: negative number");
	tap_is(futex(&a, CMP_REQUEUE, 1, (void *)3, &b, 0), 4, "CMP_REQUEUE: one woken and three moved");
	settle(1);
	tap_is(ended, 1, "one woke");
	tap_is(futex(&b, WAKE, 10, NULL, NULL, 0), 3, "three wait for the other word");
	settle(4);
	tap_is(futex(&a, REQUEUE, 0, (void *)10, &b, 0), 2, "REQUEUE: the rest");
	tap_is(futex(&a, WAKE, 10, NULL, NULL, 0), 0, "nobody is left");
	tap_is(futex(&b, WAKE, 10, NULL, NULL, 0), 2, "they are there");
	join(j, 6);
}

static int op(int what, int arg, int cmp, int cmp_arg)
{
	return (int)((unsigned)what << 28 | (unsigned)cmp << 24 | ((unsigned)arg & 0xfff) << 12 | ((unsigned)cmp_arg & 0xfff));
}

static void test_wake_op(void)
{
	struct job j[2], k[2];

	a = 0;
	b = 5;
	start(j, 2, &a, WAIT, 0);
	start(k, 2, &b, WAIT, 0);
	/* b += 3; wake one of a, and, as b was 5, one of b */
	tap_is(futex(&a, WAKE_OP, 1, (void *)1, &b, op(1, 3, 0, 5)), 2, "WAKE_OP: adds, the old value was equal");
	tap_is(b, 8, "added");
	tap_is(futex(&a, WAKE_OP, 1, (void *)1, &b, op(0, -1, 2, 0)), 1, "WAKE_OP: sets; the old value was not less");
	tap_is(b, -1, "set, with its sign");
	tap_is(futex(&b, WAKE, 10, NULL, NULL, 0), 1, "one was left");
	join(j, 2);
	join(k, 2);
	b = 12;
	futex(&a, WAKE_OP, 0, (void *)0, &b, op(2, 3, 0, 0));
	tap_is(b, 15, "WAKE_OP: or");
	futex(&a, WAKE_OP, 0, (void *)0, &b, op(3, 5, 0, 0));
	tap_is(b, 10, "WAKE_OP: and not");
	futex(&a, WAKE_OP, 0, (void *)0, &b, op(4, 6, 0, 0));
	tap_is(b, 12, "WAKE_OP: exclusive or");
	futex(&a, WAKE_OP, 0, (void *)0, &b, op(8 | 2, 8, 0, 0));
	tap_is(b, 268, "WAKE_OP: a shifted bit");
	tap_errno(futex(&a, WAKE_OP, 0, (void *)0, &b, op(7, 0, 0, 0)), ENOSYS, "WAKE_OP: no such operation");
}

/* --- Priority inheritance --- */

static void *pi_lock(void *arg)
{
	struct job *j = arg;

	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	j->result = futex(j->word, j->op, 0, NULL, NULL, 0);
	j->err = errno;
	j->val = *j->word;
	j->val3 = (int)syscall(SYS_gettid);
	if (!j->result)
		futex(j->word, UNLOCK_PI, 0, NULL, NULL, 0);
	return NULL;
}

static void test_pi(void)
{
	int self = (int)syscall(SYS_gettid);
	struct job j = { .word = &a, .op = LOCK_PI };

	a = 0;
	tap_zero(futex(&a, LOCK_PI, 0, NULL, NULL, 0), "LOCK_PI");
	tap_is(a, self, "the word is our number");
	tap_errno(futex(&a, LOCK_PI, 0, NULL, NULL, 0), EDEADLK, "LOCK_PI: ours already");
	tap_errno(futex(&a, TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK, "TRYLOCK_PI: ours already");
	started = 0;
	pthread_create(&j.th, NULL, pi_lock, &j);
	while (!started)
		usleep(1000);
	usleep(20000);
	tap_is(a, (int)(0x80000000u | (unsigned)self), "somebody waits: the top bit");
	tap_zero(futex(&a, UNLOCK_PI, 0, NULL, NULL, 0), "UNLOCK_PI");
	pthread_join(j.th, NULL);
	tap_ok(j.result == 0 && (j.val & 0x3fffffff) == j.val3, "the one who waited has it");
	tap_is(a, 0, "and has unlocked it");
	a = self + 1000;
	tap_errno(futex(&a, UNLOCK_PI, 0, NULL, NULL, 0), EPERM, "UNLOCK_PI: not ours");
	a = 32700;
	tap_errno(futex(&a, LOCK_PI, 0, NULL, NULL, 0), ESRCH, "LOCK_PI: an owner that is not there");
	a = 0;
	tap_zero(futex(&a, LOCK_PI2, 0, NULL, NULL, 0), "LOCK_PI2");
	futex(&a, UNLOCK_PI, 0, NULL, NULL, 0);
}

static void test_robust(void)
{
	struct { void *next; long offset; void *pending; } head = { &head, 0, NULL };
	void *got;
	size_t len;

	tap_errno(syscall(SYS_set_robust_list, &head, 8), EINVAL, "set_robust_list: wrong size");
	tap_zero(syscall(SYS_get_robust_list, 0, &got, &len), "get_robust_list");
	tap_is((long)len, 12, "its size");
	tap_errno(syscall(SYS_get_robust_list, 32700, &got, &len), ESRCH, "get_robust_list: nobody there");
	/* A C library has its own. */
	void *mine = got;
	tap_zero(syscall(SYS_set_robust_list, &head, 12), "set_robust_list");
	syscall(SYS_get_robust_list, getpid(), &got, &len);
	tap_ok(got == &head, "it reads back");
	syscall(SYS_set_robust_list, mine, 12);
}

static void test_addresses(void)
{
	int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*p = 3;
	tap_errno(futex(p, WAIT, 4, NULL, NULL, 0), EAGAIN, "a word in a mapping");
	tap_efault(futex((int *)0xf0000000, WAKE, 1, NULL, NULL, 0), "where no memory is: EFAULT");
	munmap(p, 4096);
	tap_efault(futex(p, WAIT, 3, NULL, NULL, 0), "outside our mappings: EFAULT");
}

int main(void)
{
	tap_plan(0);
	test_arguments();
	test_wake();
	test_requeue();
	test_wake_op();
	test_pi();
	test_robust();
	test_addresses();
	return tap_done();
}
