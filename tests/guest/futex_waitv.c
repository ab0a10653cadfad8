/* SPDX-License-Identifier: MIT
 * The newer futex calls: futex_waitv, futex_wake, futex_wait, futex_requeue.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "futex.h"

enum { SYS_waitv_ = 449, SYS_wake_ = 454, SYS_wait_, SYS_requeue_ };
enum { U8, U16, U32, U64, NUMA };
#define ANY (-1)

struct waitv { uint64_t val, uaddr; uint32_t flags, reserved; };

static word w[130];
static struct waitv v[130];
static struct actor one, two;

static void call(struct actor *x, long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
	const long args[7] = { nr, a0, a1, a2, a3, a4, a5 };

	memcpy(x->args, args, sizeof args);
	__sync_synchronize();
	x->busy = 1;
}

static void test_wait_and_wake(void)
{
	long long ts[2], bad[2] = { 0, -1 };

	w[0] = 7;
	tap_errno(syscall(SYS_wake_, w, ANY, 1, U8), EINVAL, "wake: 8 bits");
	tap_errno(syscall(SYS_wake_, w, ANY, 1, U64), EINVAL, "wake: 64 bits");
	tap_errno(syscall(SYS_wake_, w, ANY, 1, U32 | NUMA), EINVAL, "wake: NUMA");
	tap_errno(syscall(SYS_wake_, w, ANY, 1, U32 | 1 << 20), EINVAL, "wake: an unknown flag");
	tap_errno(syscall(SYS_wake_, w, 0, 1, U32), EINVAL, "wake: no bits");
	tap_errno(syscall(SYS_wake_, (char *)w + 1, ANY, 1, U32), EINVAL, "wake: misaligned");
	tap_zero(syscall(SYS_wake_, w, ANY, 1, U32 | PRIVATE), "wake: nobody");
	tap_errno(syscall(SYS_wait_, w, 8, ANY, U32, NULL, 0), EAGAIN, "wait: another value");
	tap_errno(syscall(SYS_wait_, w, 7, 0, U32, NULL, 0), EINVAL, "wait: no bits");
	tap_errno(syscall(SYS_wait_, w, 7, ANY, U16, NULL, 0), EINVAL, "wait: 16 bits");
	in_ms(ts, CLOCK_MONOTONIC, 20);
	tap_errno(syscall(SYS_wait_, w, 7, ANY, U32, ts, 1), ETIMEDOUT, "wait: until a time, monotonic");
	tap_errno(syscall(SYS_wait_, w, 7, ANY, U32, ts, 7), EINVAL, "wait: on the boot clock");
	tap_errno(syscall(SYS_wait_, w, 7, ANY, U32, bad, 1), EINVAL, "wait: until no time");
	in_ms(ts, CLOCK_REALTIME, 20);
	tap_errno(syscall(SYS_wait_, w, 7, ANY, U32, ts, 0), ETIMEDOUT, "wait: until a time of day");
	call(&one, SYS_wait_, (long)w, 7, 6, U32, 0, 0);
	usleep(20000);
	tap_zero(syscall(SYS_wake_, w, ANY, 0, U32), "wake: none is none here");
	tap_zero(syscall(SYS_wake_, w, 9, 1, U32), "wake: bits of nobody");
	tap_is(syscall(SYS_wake_, w, 2, 1, U32), 1, "wake: a bit");
	tap_ok(actor_wait(&one) && one.result == 0, "wait returns 0");
}

static void set(int i, uint64_t val, volatile void *addr, uint32_t flags)
{
	v[i] = (struct waitv){ .val = val, .uaddr = (uintptr_t)addr, .flags = flags };
}

static void test_waitv_arguments(void)
{
	long long ts[2];

	for (int i = 0; i < 130; i++)
		set(i, 0, &w[i], U32);
	memset((void *)w, 0, sizeof w);
	tap_errno(syscall(SYS_waitv_, v, 0, 0, NULL, 0), EINVAL, "waitv: of nothing");
	tap_errno(syscall(SYS_waitv_, NULL, 1, 0, NULL, 0), EINVAL, "waitv: no vector");
	tap_errno(syscall(SYS_waitv_, v, 129, 0, NULL, 0), EINVAL, "waitv: of 129");
	tap_errno(syscall(SYS_waitv_, v, 1, 1, NULL, 0), EINVAL, "waitv: flags");
	in_ms(ts, CLOCK_MONOTONIC, 20);
	tap_errno(syscall(SYS_waitv_, v, 128, 0, ts, 1), ETIMEDOUT, "waitv: of 128, for a time");
	tap_errno(syscall(SYS_waitv_, v, 1, 0, ts, 9), EINVAL, "waitv: a clock that is none");
	in_ms(ts, CLOCK_REALTIME, 20);
	tap_errno(syscall(SYS_waitv_, v, 2, 0, ts, 0), ETIMEDOUT, "waitv: until a time of day");
	v[1].reserved = 1;
	tap_errno(syscall(SYS_waitv_, v, 2, 0, NULL, 0), EINVAL, "waitv: a reserved field");
	set(1, 0, &w[1], U64);
	tap_errno(syscall(SYS_waitv_, v, 2, 0, NULL, 0), EINVAL, "waitv: 64 bits");
	set(1, 1ull << 32, &w[1], U32);
	tap_errno(syscall(SYS_waitv_, v, 2, 0, NULL, 0), EINVAL, "waitv: a value of more than 32 bits");
	set(1, 0, (char *)&w[1] + 2, U32);
	tap_errno(syscall(SYS_waitv_, v, 2, 0, NULL, 0), EINVAL, "waitv: misaligned");
	set(1, 5, &w[1], U32);
	tap_errno(syscall(SYS_waitv_, v, 2, 0, NULL, 0), EAGAIN, "waitv: one of them holds another value");
	tap_is(futex(w, WAKE, 1, NULL, NULL, 0), 0, "waitv: nobody is left waiting for the one before");
}

static volatile int hits;

static void on_signal(int sig)
{
	(void)sig;
	hits++;
}

static void test_waitv(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	for (int i = 0; i < 3; i++)
		set(i, 0, &w[i], U32 | (i ? PRIVATE : 0));
	call(&one, SYS_waitv_, (long)v, 3, 0, 0, 0, 0);
	usleep(20000);
	tap_is(futex(&w[1], WAKE, 1, NULL, NULL, 0), 1, "waitv: one of three is woken");
	tap_ok(actor_wait(&one) && one.result == 1, "waitv: its number");
	tap_is(futex(&w[0], WAKE, 1, NULL, NULL, 0), 0, "waitv: it waits for the others no longer");
	call(&one, SYS_waitv_, (long)v, 3, 0, 0, 0, 0);
	usleep(20000);
	sigaction(SIGUSR1, &sa, NULL);
	pthread_kill(one.th, SIGUSR1);
	tap_ok(actor_wait(&one) && one.err == EINTR && hits == 1, "waitv: interrupted");
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	call(&one, SYS_waitv_, (long)v, 3, 0, 0, 0, 0);
	usleep(20000);
	pthread_kill(one.th, SIGUSR1);
	usleep(20000);
	tap_ok(one.busy && hits == 2, "waitv: begun again, with SA_RESTART");
	set(0, 0, &w[2], U32);
	tap_is(futex(&w[2], WAKE, 1, NULL, NULL, 0), 1, "waitv: woken");
	tap_ok(actor_wait(&one) && one.result == 2, "waitv: the vector was read at the beginning");
}

static void test_requeue(void)
{
	memset((void *)w, 0, sizeof w);
	set(0, 0, &w[0], U32);
	set(1, 0, &w[1], U32);
	tap_errno(syscall(SYS_requeue_, v, 1, 1, 1), EINVAL, "requeue: flags");
	tap_errno(syscall(SYS_requeue_, NULL, 0, 1, 1), EINVAL, "requeue: no vector");
	tap_errno(syscall(SYS_requeue_, v, 0, -1, 1), EINVAL, "requeue: a negative number");
	v[0].val = 1;
	tap_errno(syscall(SYS_requeue_, v, 0, 1, 1), EAGAIN, "requeue: another value");
	v[0].val = 0;
	v[1].flags = U16;
	tap_errno(syscall(SYS_requeue_, v, 0, 1, 1), EINVAL, "requeue: 16 bits");
	v[1].flags = U32;
	call(&one, SYS_wait_, (long)&w[0], 0, ANY, U32, 0, 0);
	usleep(20000);
	call(&two, SYS_wait_, (long)&w[0], 0, ANY, U32, 0, 0);
	usleep(20000);
	tap_is(syscall(SYS_requeue_, v, 0, 1, 1), 2, "requeue: one woken, one moved");
	tap_ok(actor_wait(&one) && two.busy, "requeue: the first is back");
	tap_is(futex(&w[1], WAKE, 1, NULL, NULL, 0), 1, "requeue: the second is there");
	tap_ok(actor_wait(&two) && two.result == 0, "requeue: and woken");
}

static void test_addresses(void)
{
	word *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap((void *)p, 4096);
	tap_efault(syscall(SYS_wake_, p, ANY, 1, U32), "wake outside of our mappings: EFAULT");
	tap_efault(syscall(SYS_wait_, p, 0, ANY, U32, NULL, 0), "wait outside of our mappings: EFAULT");
	set(0, 0, &w[0], U32);
	set(1, 0, p, U32);
	tap_efault(syscall(SYS_waitv_, v, 2, 0, NULL, 0), "waitv outside of our mappings: EFAULT");
	tap_efault(syscall(SYS_waitv_, 0xf0000000, 2, 0, NULL, 0), "waitv with a vector outside of memory: EFAULT");
}

int main(void)
{
	tap_plan(0);
	actor_start(&one);
	actor_start(&two);
	test_wait_and_wake();
	test_waitv_arguments();
	test_waitv();
	test_requeue();
	test_addresses();
	actor_end(&one);
	actor_end(&two);
	return tap_done();
}
