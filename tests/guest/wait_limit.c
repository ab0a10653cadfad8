/* SPDX-License-Identifier: MIT
 * The time limit of a call that waits is what it was when the call began, whatever is written there meanwhile.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/sem.h>
#include "futex.h"

#ifndef SYS_clock_nanosleep_time64
#define SYS_clock_nanosleep_time64 407
#endif
enum { SYS_ppoll64 = 414, SYS_mq_timedreceive64 = 419, SYS_semtimedop64 = 420, SYS_sigtimedwait64 = 421,
       SYS_waitv_ = 449 };

static struct actor a;
static word w[2];
static long long ts[2];

/* Begins the call, with ts as its limit, and spoils that once it waits. */
static void begin(long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
	const long args[7] = { nr, a0, a1, a2, a3, a4, a5 };

	memcpy(a.args, args, sizeof args);
	__sync_synchronize();
	a.busy = 1;
	usleep(20000);
	ts[0] = ts[1] = -1;
}

static void test_futex(void)
{
	ts[0] = 10, ts[1] = 0;
	begin(SYS_futex_time64, (long)w, WAIT, 0, (long)ts, 0, 0);
	tap_is(futex(w, WAKE, 1, NULL, NULL, 0), 1, "FUTEX_WAIT: woken");
	tap_ok(actor_wait(&a) && a.result == 0, "and returns 0");

	in_ms(ts, CLOCK_MONOTONIC, 10000);
	begin(SYS_futex_time64, (long)w, WAIT_BITSET, 0, (long)ts, 0, 1);
	tap_is(futex(w, WAKE, 1, NULL, NULL, 0), 1, "FUTEX_WAIT_BITSET: woken");
	tap_ok(actor_wait(&a) && a.result == 0, "and returns 0");

	w[0] = gettid_();
	in_ms(ts, CLOCK_REALTIME, 10000);
	begin(SYS_futex_time64, (long)w, LOCK_PI, 0, (long)ts, 0, 0);
	tap_zero(futex(w, UNLOCK_PI, 0, NULL, NULL, 0), "FUTEX_LOCK_PI: handed over");
	tap_ok(actor_wait(&a) && a.result == 0, "and returns 0");
	tap_ok((w[0] & ~WAITERS) == a.tid, "the lock is the waiter's");
	w[0] = 0;

	in_ms(ts, CLOCK_REALTIME, 50);
	begin(SYS_futex_time64, (long)w, WAIT_BITSET | REALTIME, 0, (long)ts, 0, 1);
	tap_ok(actor_wait(&a) && a.err == ETIMEDOUT, "FUTEX_WAIT_BITSET: until a time of day");
	tap_zero(futex(w, WAKE, 1, NULL, NULL, 0), "and is in no queue");

	struct { uint64_t val, uaddr; uint32_t flags, reserved; } v = { 0, (uintptr_t)w, 2, 0 };

	in_ms(ts, CLOCK_MONOTONIC, 10000);
	begin(SYS_waitv_, (long)&v, 1, 0, (long)ts, CLOCK_MONOTONIC, 0);
	tap_is(futex(w, WAKE, 1, NULL, NULL, 0), 1, "futex_waitv: woken");
	tap_ok(actor_wait(&a) && a.result == 0, "and returns the first");
}

static void test_ipc(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 4 };
	struct sembuf down = { 0, -1, 0 }, up = { 0, 1, 0 };
	int id = semget(IPC_PRIVATE, 1, 0600);
	char text[4] = "";
	mqd_t q;

	ts[0] = 10, ts[1] = 0;
	begin(SYS_semtimedop64, id, (long)&down, 1, (long)ts, 0, 0);
	tap_zero(semop(id, &up, 1), "semtimedop: served");
	tap_ok(actor_wait(&a) && a.result == 0, "and returns 0");
	semctl(id, 0, IPC_RMID);

	mq_unlink("/wait_limit");
	q = mq_open("/wait_limit", O_RDWR | O_CREAT, 0600, &attr);
	in_ms(ts, CLOCK_REALTIME, 10000);
	begin(SYS_mq_timedreceive64, q, (long)text, sizeof text, 0, (long)ts, 0);
	tap_zero(mq_send(q, "one", 4, 0), "mq_timedreceive: a message");
	tap_ok(actor_wait(&a) && a.result == 4 && !strcmp(text, "one"), "which it returns");
	in_ms(ts, CLOCK_REALTIME, 50);
	begin(SYS_mq_timedreceive64, q, (long)text, sizeof text, 0, (long)ts, 0);
	tap_ok(actor_wait(&a) && a.err == ETIMEDOUT, "mq_timedreceive: until a time of day");
	mq_close(q);
	mq_unlink("/wait_limit");
}

static void test_others(void)
{
	struct pollfd p = { .events = POLLIN };
	uint64_t set = 1 << (SIGUSR1 - 1);
	int fds[2];

	ts[0] = 0, ts[1] = 50000000;
	begin(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, (long)ts, 0, 0, 0);
	tap_ok(actor_wait(&a) && a.result == 0, "clock_nanosleep");
	in_ms(ts, CLOCK_REALTIME, 50);
	begin(SYS_clock_nanosleep_time64, CLOCK_REALTIME, 1, (long)ts, 0, 0, 0);
	tap_ok(actor_wait(&a) && a.result == 0, "clock_nanosleep: until a time of day");

	if (pipe(fds))
		tap_bail("pipe");
	p.fd = fds[0];
	ts[0] = 10, ts[1] = 0;
	begin(SYS_ppoll64, (long)&p, 1, (long)ts, 0, 0, 0);
	tap_is(write(fds[1], "x", 1), 1, "ppoll: something to read");
	tap_ok(actor_wait(&a) && a.result == 1, "and it returns 1");

	ts[0] = 10, ts[1] = 0;
	begin(SYS_sigtimedwait64, (long)&set, 0, (long)ts, 8, 0, 0);
	tap_zero(pthread_kill(a.th, SIGUSR1), "rt_sigtimedwait: a signal");
	tap_ok(actor_wait(&a) && a.result == SIGUSR1, "which it returns");
	ts[0] = 0, ts[1] = 50000000;
	begin(SYS_sigtimedwait64, (long)&set, 0, (long)ts, 8, 0, 0);
	tap_ok(actor_wait(&a) && a.err == EAGAIN, "rt_sigtimedwait: until the time is over");
}

int main(void)
{
	sigset_t usr1;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	actor_start(&a);
	test_futex();
	test_ipc();
	test_others();
	actor_end(&a);
	return tap_done();
}
