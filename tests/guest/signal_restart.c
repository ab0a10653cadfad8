/* SPDX-License-Identifier: MIT
 * What becomes of an interrupted call.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

static volatile int calls;
static pthread_t main_thread;
static int fds[2];

static void note(int sig)
{
	(void)sig;
	calls++;
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* After 30 ms a signal, after 60 ms a byte into the pipe. */
static void *disturb(void *arg)
{
	int sig = *(int *)arg;

	usleep(30000);
	pthread_kill(main_thread, sig);
	usleep(30000);
	if (write(fds[1], "x", 1) != 1)
		tap_diag("write failed");
	return NULL;
}

static pthread_t start(int *sig)
{
	pthread_t th;

	calls = 0;
	if (pthread_create(&th, NULL, disturb, sig))
		tap_bail("pthread_create");
	return th;
}

static void drain(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };
	char c;

	while (poll(&p, 1, 0) == 1 && read(fds[0], &c, 1) == 1)
		;
}

static void test_read(void)
{
	int sig = SIGUSR1;
	pthread_t th;
	char c;

	set(SIGUSR1, note, 0);
	th = start(&sig);
	tap_errno(read(fds[0], &c, 1), EINTR, "read: EINTR without SA_RESTART");
	tap_is(calls, 1, "after the handler");
	pthread_join(th, NULL);
	drain();
	set(SIGUSR1, note, SA_RESTART);
	th = start(&sig);
	tap_is(read(fds[0], &c, 1), 1, "read: goes on with SA_RESTART");
	tap_is(calls, 1, "the handler ran meanwhile");
	pthread_join(th, NULL);
	/* An ignored signal does not even interrupt. */
	signal(SIGUSR1, SIG_IGN);
	th = start(&sig);
	tap_is(read(fds[0], &c, 1), 1, "read: an ignored signal does not disturb");
	pthread_join(th, NULL);
	signal(SIGWINCH, SIG_DFL);
	sig = SIGWINCH;
	th = start(&sig);
	tap_is(read(fds[0], &c, 1), 1, "read: nor one that default ignores");
	pthread_join(th, NULL);
}

static void test_sleep(void)
{
	struct timespec rem, ts = { 0, 80000000 }, at;
	int sig = SIGUSR1;
	pthread_t th;
	long t0;

	set(SIGUSR1, note, SA_RESTART);
	th = start(&sig);
	rem = (struct timespec){ 9, 9 };
	t0 = now_ms();
	tap_errno(nanosleep(&ts, &rem), EINTR, "nanosleep: EINTR in spite of SA_RESTART");
	tap_ok(rem.tv_sec == 0 && rem.tv_nsec > 20000000 && rem.tv_nsec < 60000000, "the remaining time is told");
	if (rem.tv_sec || rem.tv_nsec <= 20000000 || rem.tv_nsec >= 60000000)
		tap_diag("%ld.%09ld", (long)rem.tv_sec, rem.tv_nsec);
	pthread_join(th, NULL);
	drain();
	signal(SIGUSR1, SIG_IGN);
	th = start(&sig);
	t0 = now_ms();
	tap_zero(nanosleep(&ts, &rem), "nanosleep: an ignored signal does not disturb");
	tap_ok(now_ms() - t0 >= 79, "it slept all the time");
	pthread_join(th, NULL);
	drain();
	set(SIGUSR1, note, SA_RESTART);
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += 80000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	th = start(&sig);
	rem = (struct timespec){ 9, 9 };
	tap_is(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, &rem), EINTR, "clock_nanosleep until a time: EINTR");
	tap_ok(rem.tv_sec == 9, "no remaining time there");
	pthread_join(th, NULL);
	drain();
}

static void test_poll(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };
	int sig = SIGUSR1;
	pthread_t th;

	set(SIGUSR1, note, SA_RESTART);
	th = start(&sig);
	tap_errno(poll(&p, 1, -1), EINTR, "poll: EINTR in spite of SA_RESTART");
	pthread_join(th, NULL);
	drain();
	th = start(&sig);
	tap_errno(pause(), EINTR, "pause: EINTR");
	pthread_join(th, NULL);
	drain();
	signal(SIGUSR1, SIG_IGN);
	th = start(&sig);
	tap_is(poll(&p, 1, -1), 1, "poll: an ignored signal does not disturb");
	pthread_join(th, NULL);
	drain();
}

static void test_futex(void)
{
	struct timespec ts = { 0, 80000000 };
	int word = 0, sig = SIGUSR1;
	pthread_t th;

	set(SIGUSR1, note, SA_RESTART);
	th = start(&sig);
	tap_errno(syscall(SYS_futex_time64, &word, 0, 0, (long long[2]){ 0, 80000000 }, NULL, 0), EINTR,
		  "futex with a time-out: EINTR in spite of SA_RESTART");
	pthread_join(th, NULL);
	drain();
	signal(SIGUSR1, SIG_IGN);
	th = start(&sig);
	tap_errno(syscall(SYS_futex_time64, &word, 0, 0, (long long[2]){ 0, 80000000 }, NULL, 0), ETIMEDOUT,
		  "futex: an ignored signal does not disturb");
	pthread_join(th, NULL);
	drain();
	(void)ts;
}

static void partial(int sig)
{
	note(sig);
}

static void test_write(void)
{
	static char big[100000];
	int pipe2_[2], n;
	int sig = SIGUSR1;
	pthread_t th;

	if (pipe(pipe2_))
		tap_bail("pipe");
	set(SIGUSR1, partial, 0);
	th = start(&sig);
	n = (int)write(pipe2_[1], big, sizeof big);
	tap_is(n, 65536, "write: a part that was written is the result, not EINTR");
	pthread_join(th, NULL);
	th = start(&sig);
	tap_errno(write(pipe2_[1], big, 1), EINTR, "write: EINTR when nothing was");
	pthread_join(th, NULL);
	close(pipe2_[0]);
	calls = 0;
	set(SIGPIPE, note, 0);
	tap_errno(write(pipe2_[1], big, 1), EPIPE, "write: EPIPE without a reader");
	tap_is(calls, 1, "and SIGPIPE");
	signal(SIGPIPE, SIG_IGN);
	tap_errno(write(pipe2_[1], big, 1), EPIPE, "write: EPIPE with SIGPIPE ignored");
	close(pipe2_[1]);
	drain();
}

int main(void)
{
	main_thread = pthread_self();
	if (pipe(fds))
		tap_bail("pipe: %s", strerror(errno));
	tap_plan(0);
	test_read();
	test_sleep();
	test_poll();
	test_futex();
	test_write();
	return tap_done();
}
