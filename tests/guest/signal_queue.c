/* SPDX-License-Identifier: MIT
 * Real-time signals, sigtimedwait, sigsuspend, ppoll's mask.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include "tap.h"

static volatile int calls, values[32], signals[32];

static void note(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	if (calls < 32) {
		values[calls] = info->si_value.sival_int;
		signals[calls] = sig;
	}
	calls++;
}

static void set(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = flags | SA_SIGINFO };

	sigfillset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static sigset_t one(int sig)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	return s;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void test_queueing(void)
{
	int rt = SIGRTMIN + 2;
	sigset_t all, old;

	set(rt, 0);
	set(rt + 1, 0);
	set(SIGUSR1, 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	for (int i = 0; i < 3; i++) {
		sigqueue(getpid(), rt + 1, (union sigval){ .sival_int = 10 + i });
		sigqueue(getpid(), rt, (union sigval){ .sival_int = i });
		sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 20 + i });
	}
	calls = 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	tap_is(calls, 7, "real-time signals come as often as sent, others once");
	tap_ok(signals[0] == SIGUSR1 && values[0] == 20, "the lowest number first, with what came first");
	tap_ok(signals[1] == rt && values[1] == 0 && values[2] == 1 && values[3] == 2, "of one number in the order sent");
	tap_ok(signals[4] == rt + 1 && values[4] == 10 && values[6] == 12, "then the next number");
}

static void test_limit(void)
{
	int rt = SIGRTMIN + 3, n, err;
	struct rlimit old, r;
	sigset_t s = one(rt);
	siginfo_t info;
	struct timespec zero = { 0, 0 };

	getrlimit(RLIMIT_SIGPENDING, &old);
	r = old;
	r.rlim_cur = 20;
	setrlimit(RLIMIT_SIGPENDING, &r);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (n = 0; n < 100; n++)
		if (sigqueue(getpid(), rt, (union sigval){ .sival_int = n }))
			break;
	err = errno;
	tap_ok(n <= 20 && n > 10 && err == EAGAIN, "RLIMIT_SIGPENDING: EAGAIN when the queue is full");
	tap_zero(kill(getpid(), rt), "kill() never fails for that");
	setrlimit(RLIMIT_SIGPENDING, &old);
	while (sigtimedwait(&s, &info, &zero) > 0)
		n--;
	tap_ok(n <= 0, "all of them can be taken");
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void *send_later(void *arg)
{
	usleep(30000);
	kill(getpid(), *(int *)arg);
	return NULL;
}

static void test_timedwait(void)
{
	sigset_t s = one(SIGUSR1), both = one(SIGUSR1);
	struct timespec zero = { 0, 0 }, bit = { 0, 50000000 }, bad = { 0, 1000000000 }, neg = { -1, 0 };
	siginfo_t info;
	pthread_t th;
	long t0;
	int sig;

	sigaddset(&both, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	tap_errno(sigtimedwait(&s, &info, &zero), EAGAIN, "sigtimedwait: nothing there");
	tap_errno(sigtimedwait(&s, &info, &bad), EINVAL, "sigtimedwait: too many nanoseconds");
	tap_errno(sigtimedwait(&s, &info, &neg), EINVAL, "sigtimedwait: negative time");
	t0 = now_ms();
	tap_errno(sigtimedwait(&s, &info, &bit), EAGAIN, "sigtimedwait: time-out");
	tap_ok(now_ms() - t0 >= 49, "it took its time");
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 5 });
	tap_is(sigtimedwait(&s, &info, &zero), SIGUSR1, "sigtimedwait takes a pending one");
	tap_ok(info.si_value.sival_int == 5 && info.si_code == SI_QUEUE, "with its siginfo");
	tap_errno(sigtimedwait(&s, &info, &zero), EAGAIN, "and only once");

	sig = SIGUSR1;
	pthread_create(&th, NULL, send_later, &sig);
	tap_is(sigwaitinfo(&s, &info), SIGUSR1, "sigwaitinfo waits");
	pthread_join(th, NULL);

	set(SIGUSR2, SA_RESTART);
	calls = 0;
	sig = SIGUSR2;
	sigprocmask(SIG_BLOCK, &both, NULL);
	sigset_t s2 = one(SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &s2, NULL);
	pthread_create(&th, NULL, send_later, &sig);
	tap_errno(syscall(SYS_rt_sigtimedwait_time64, &s, NULL, NULL, 8), EINTR, "another signal's handler: EINTR, SA_RESTART or not");
	tap_is(calls, 1, "the handler ran");
	pthread_join(th, NULL);
	sigprocmask(SIG_UNBLOCK, &both, NULL);
}

static void test_suspend(void)
{
	sigset_t s = one(SIGUSR1), empty, now;
	pthread_t th;
	int sig = SIGUSR1;

	sigemptyset(&empty);
	set(SIGUSR1, SA_RESTART);
	sigprocmask(SIG_BLOCK, &s, NULL);
	kill(getpid(), SIGUSR1);
	calls = 0;
	tap_errno(sigsuspend(&empty), EINTR, "sigsuspend with a signal pending: EINTR at once");
	tap_is(calls, 1, "its handler ran");
	sigprocmask(SIG_BLOCK, NULL, &now);
	tap_ok(sigismember(&now, SIGUSR1), "the mask is what it was");
	/* All threads block it but the main one while it is in sigsuspend(). */
	pthread_create(&th, NULL, send_later, &sig);
	tap_errno(sigsuspend(&empty), EINTR, "sigsuspend waits");
	tap_is(calls, 2, "for the handler");
	pthread_join(th, NULL);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void test_poll_mask(void)
{
	sigset_t s = one(SIGUSR1), empty, now;
	struct timespec bit = { 0, 20000000 };
	struct pollfd pfd;
	int fds[2];
	fd_set set_r;
	char c = 'x';

	if (pipe(fds))
		tap_bail("pipe: %s", strerror(errno));
	sigemptyset(&empty);
	set(SIGUSR1, SA_RESTART);
	sigprocmask(SIG_BLOCK, &s, NULL);
	kill(getpid(), SIGUSR1);
	calls = 0;
	pfd = (struct pollfd){ fds[0], POLLIN, 0 };
	tap_errno(ppoll(&pfd, 1, NULL, &empty), EINTR, "ppoll: the mask lets a pending signal in");
	tap_is(calls, 1, "its handler ran");
	sigprocmask(SIG_BLOCK, NULL, &now);
	tap_ok(sigismember(&now, SIGUSR1), "ppoll: the mask is what it was");
	kill(getpid(), SIGUSR1);
	if (write(fds[1], &c, 1) != 1)
		tap_bail("write");
	pfd.revents = 0;
	tap_is(ppoll(&pfd, 1, NULL, &empty), 1, "ppoll: a ready file goes before the signal");
	tap_is(calls, 1, "which stays pending");
	if (read(fds[0], &c, 1) != 1)
		tap_bail("read");
	FD_ZERO(&set_r);
	FD_SET(fds[0], &set_r);
	tap_errno(pselect(fds[0] + 1, &set_r, NULL, NULL, NULL, &empty), EINTR, "pselect: the same");
	tap_is(calls, 2, "handler ran");
	tap_is(ppoll(NULL, 0, &bit, &empty), 0, "ppoll: time-out with a mask");
	sigprocmask(SIG_BLOCK, NULL, &now);
	tap_ok(sigismember(&now, SIGUSR1), "the mask is back after a time-out");
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	tap_plan(0);
	test_queueing();
	test_limit();
	test_timedwait();
	test_suspend();
	test_poll_mask();
	return tap_done();
}
