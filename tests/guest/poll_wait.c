/* SPDX-License-Identifier: MIT
 * poll, ppoll, select, pselect: readiness, time-outs, signals and masks; eventfd.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "tap.h"

static volatile sig_atomic_t alarms, usrs;
static void on_signal(int sig)
{
	if (sig == SIGALRM)
		alarms++;
	else
		usrs++;
}

static long ms_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static struct timespec start;
static void begin(void) { clock_gettime(CLOCK_MONOTONIC, &start); }
/* The call took its time, and not much more (a busy host may be late). */
static int took(long ms) { long t = ms_since(&start); return t >= ms && t < ms + 2000; }

static void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void handle(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void after_ms(int ms)
{
	struct itimerval it = { { 0, 0 }, { ms / 1000, ms % 1000 * 1000 } };

	setitimer(ITIMER_REAL, &it, NULL);
}

static void readiness(void)
{
	struct pollfd f[4];
	int p[2], q[2], null = open("/dev/null", O_RDWR), file = open("/proc/self/exe", O_RDONLY);
	char c;

	pipe(p), pipe(q);
	f[0] = (struct pollfd){ p[0], POLLIN, 99 };
	f[1] = (struct pollfd){ p[1], POLLOUT, 99 };
	f[2] = (struct pollfd){ -1, POLLIN, 99 };
	f[3] = (struct pollfd){ 999, POLLIN, 99 };
	tap_is(poll(f, 4, 0), 2, "poll counts what is ready");
	tap_ok(f[0].revents == 0 && f[1].revents == POLLOUT && f[2].revents == 0 && f[3].revents == POLLNVAL,
	       "empty, writable, ignored, not open");
	write(p[1], "x", 1);
	tap_ok(poll(f, 1, -1) == 1 && f[0].revents == POLLIN, "a byte makes it readable");
	f[0].events = POLLIN | POLLRDNORM;
	tap_ok(poll(f, 1, -1) == 1 && f[0].revents == (POLLIN | POLLRDNORM), "POLLRDNORM, too");
	f[0].events = POLLOUT;
	tap_is(poll(f, 1, 0), 0, "the reading end is never writable");
	f[0].events = POLLIN;
	close(p[1]);
	tap_ok(poll(f, 1, 0) == 1 && f[0].revents == (POLLIN | POLLHUP), "POLLHUP with bytes left");
	read(p[0], &c, 1);
	f[0].events = 0;
	tap_ok(poll(f, 1, 0) == 1 && f[0].revents == POLLHUP, "POLLHUP needs no asking");
	close(q[0]);
	f[0] = (struct pollfd){ q[1], POLLOUT, 0 };
	tap_ok(poll(f, 1, 0) == 1 && (f[0].revents & POLLERR), "POLLERR for a writer without reader");
	f[0] = (struct pollfd){ null, POLLIN | POLLOUT, 0 };
	f[1] = (struct pollfd){ file, POLLIN | POLLOUT, 0 };
	tap_ok(poll(f, 2, -1) == 2 && f[0].revents == (POLLIN | POLLOUT) &&
		       f[1].revents == (POLLIN | POLLOUT),
	       "files are always ready");
	struct pollfd same[2] = { { null, POLLIN, 0 }, { null, POLLOUT, 0 } };
	tap_is(poll(same, 2, 0), 2, "one descriptor twice");
	tap_errno(poll(f, 100000, 0), EINVAL, "more than RLIMIT_NOFILE");
	if (tap_bad_pointers())
		tap_errno(poll((void *)8, 1, 0), EFAULT, "a bad pointer");
	else
		tap_skip(1, "the kernel panics");
	close(p[0]), close(q[1]), close(null), close(file);
}

static void timeouts(void)
{
	struct pollfd f = { -1, 0, 0 };
	struct timespec ts, bad = { 0, 1000000000 };
	struct timespec zero = { 0, 0 };
	int p[2];

	pipe(p);
	f = (struct pollfd){ p[0], POLLIN, 0 };
	begin();
	tap_ok(poll(&f, 1, 50) == 0 && took(50), "poll: 50 ms");
	begin();
	tap_ok(poll(NULL, 0, 30) == 0 && took(30), "poll of nothing is a sleep");
	ts = (struct timespec){ 0, 40000000 };
	begin();
	tap_ok(ppoll(&f, 1, &ts, NULL) == 0 && took(40), "ppoll: 40 ms");
	tap_is(ppoll(&f, 1, &zero, NULL), 0, "ppoll: no time at all");
	tap_errno(ppoll(&f, 1, &bad, NULL), EINVAL, "ppoll: too many nanoseconds");
	bad = (struct timespec){ -1, 0 };
	tap_errno(ppoll(&f, 1, &bad, NULL), EINVAL, "ppoll: negative time");
	/* The call itself writes back what is left. */
	long long raw[2] = { 5, 0 };
	write(p[1], "x", 1);
	tap_is(syscall(414, &f, 1, raw, NULL, 8), 1, "ppoll with time left");
	tap_ok(raw[0] == 4 && raw[1] > 900000000, "which is written back");
	close(p[0]), close(p[1]);
}

static int wake_fd;
static void *waker(void *arg)
{
	nap((int)(long)arg);
	write(wake_fd, "x", 1);
	return NULL;
}

static void waking(void)
{
	struct pollfd f[2];
	pthread_t t;
	int p[2], q[2];

	pipe(p), pipe(q);
	f[0] = (struct pollfd){ p[0], POLLIN, 0 };
	f[1] = (struct pollfd){ q[0], POLLIN, 0 };
	wake_fd = q[1];
	begin();
	pthread_create(&t, NULL, waker, (void *)30);
	tap_ok(poll(f, 2, 10000) == 1 && f[0].revents == 0 && f[1].revents == POLLIN && took(30),
	       "poll wakes when another thread writes");
	pthread_join(t, NULL);
	pthread_create(&t, NULL, waker, (void *)30);
	wake_fd = p[1];
	tap_ok(poll(f, 1, -1) == 1, "and waits for ever if asked to");
	pthread_join(t, NULL);
	close(p[0]), close(p[1]), close(q[0]), close(q[1]);
}

static void signals(void)
{
	struct pollfd f;
	struct timespec ts;
	sigset_t none, usr, old, now;
	int p[2];

	pipe(p);
	f = (struct pollfd){ p[0], POLLIN, 0 };
	handle(SIGALRM, SA_RESTART);
	handle(SIGUSR1, 0);
	after_ms(30);
	begin();
	tap_errno(poll(&f, 1, 10000), EINTR, "a handler ends poll, SA_RESTART or not");
	tap_ok(took(30) && alarms == 1, "when it ran");
	long long raw[2] = { 10, 0 };
	after_ms(30);
	tap_errno(syscall(414, &f, 1, raw, NULL, 8), EINTR, "ppoll, too");
	tap_ok(raw[0] == 9 && alarms == 2, "and says what time was left");
	signal(SIGALRM, SIG_IGN);
	after_ms(10);
	begin();
	tap_ok(poll(&f, 1, 60) == 0 && took(60), "an ignored signal does not");

	sigemptyset(&none);
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr, &old);
	kill(getpid(), SIGUSR1);
	ts = (struct timespec){ 5, 0 };
	begin();
	tap_errno(ppoll(&f, 1, &ts, &none), EINTR, "ppoll's mask lets a pending signal in");
	sigprocmask(SIG_SETMASK, NULL, &now);
	tap_ok(usrs == 1 && sigismember(&now, SIGUSR1) && ms_since(&start) < 1000,
	       "and is undone afterwards");
	kill(getpid(), SIGUSR1);
	write(p[1], "x", 1);
	tap_ok(ppoll(&f, 1, &ts, &none) == 1, "a ready file comes before a pending signal");
	sigprocmask(SIG_SETMASK, NULL, &now);
	tap_ok(usrs == 1 && sigismember(&now, SIGUSR1), "which stays pending");
	sigprocmask(SIG_SETMASK, &old, NULL);
	tap_is(usrs, 2, "until it is let in");
	tap_errno(syscall(414, &f, 1, NULL, &none, 4), EINVAL, "ppoll: a mask of the wrong size");
	close(p[0]), close(p[1]);
}

static void selecting(void)
{
	fd_set in, out, ex;
	struct timeval tv = { 0, 30000 };
	struct timespec ts = { 5, 0 };
	sigset_t none, usr, old;
	int p[2], max;

	pipe(p);
	max = p[0] > p[1] ? p[0] : p[1];
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&ex);
	FD_SET(p[0], &in), FD_SET(p[1], &out), FD_SET(p[0], &ex);
	tap_ok(select(max + 1, &in, &out, &ex, NULL) == 1 && !FD_ISSET(p[0], &in) && FD_ISSET(p[1], &out) &&
	       !FD_ISSET(p[0], &ex), "select: one writable");
	FD_SET(p[0], &in);
	begin();
	tap_ok(select(max + 1, &in, NULL, NULL, &tv) == 0 && took(30) && !FD_ISSET(p[0], &in),
	       "select: 30 ms");
	write(p[1], "x", 1);
	FD_SET(p[0], &in), FD_SET(p[1], &out);
	tap_ok(select(max + 1, &in, &out, NULL, NULL) == 2 && FD_ISSET(p[0], &in) && FD_ISSET(p[1], &out),
	       "select: both");
	FD_ZERO(&in);
	FD_SET(max + 1, &in);
	tap_errno(select(max + 2, &in, NULL, NULL, &(struct timeval){ 1, 0 }), EBADF, "select: not open");
	tap_is(select(0, NULL, NULL, NULL, &(struct timeval){ 0, 0 }), 0, "select of nothing");
	tap_errno(select(-1, NULL, NULL, NULL, &(struct timeval){ 0, 0 }), EINVAL, "select: -1 descriptors");
	close(p[1]);
	char c;
	read(p[0], &c, 1);
	FD_ZERO(&in);
	FD_SET(p[0], &in);
	tap_is(select(max + 1, &in, NULL, NULL, NULL), 1, "the end of file is readable");
	close(p[0]);

	sigemptyset(&none), sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr, &old);
	usrs = 0;
	kill(getpid(), SIGUSR1);
	tap_errno(pselect(0, NULL, NULL, NULL, &ts, &none), EINTR, "pselect's mask");
	tap_is(usrs, 1, "lets the signal in");
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static int counter;
static void *adder(void *arg)
{
	unsigned long long v = (unsigned long)arg;

	nap(20);
	write(counter, &v, 8);
	return NULL;
}

static void counters(void)
{
	unsigned long long v = 5;
	struct pollfd f;
	pthread_t t;
	int e = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);

	tap_ok(e >= 0 && fcntl(e, F_GETFD) == FD_CLOEXEC && (fcntl(e, F_GETFL) & O_NONBLOCK), "eventfd");
	tap_ok(read(e, &v, 8) == 8 && v == 3, "read gives the count");
	tap_errno(read(e, &v, 8), EAGAIN, "and sets it to 0");
	f = (struct pollfd){ e, POLLIN | POLLOUT, 0 };
	tap_ok(poll(&f, 1, 0) == 1 && f.revents == POLLOUT, "writable, not readable");
	v = 5, write(e, &v, 8);
	v = 6, write(e, &v, 8);
	tap_ok(poll(&f, 1, 0) == 1 && f.revents == (POLLIN | POLLOUT), "now both");
	tap_ok(read(e, &v, 8) == 8 && v == 11, "writes add up");
	v = -2, write(e, &v, 8);
	tap_ok(poll(&f, 1, 0) == 1 && f.revents == POLLIN, "full: only readable");
	v = 1;
	tap_errno(write(e, &v, 8), EAGAIN, "full: EAGAIN");
	v = -1;
	tap_errno(write(e, &v, 8), EINVAL, "-1 cannot be added");
	tap_errno(write(e, &v, 4), EINVAL, "less than 8 bytes: write");
	tap_errno(read(e, &v, 4), EINVAL, "less than 8 bytes: read");
	close(e);
	e = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	tap_ok(read(e, &v, 8) == 8 && v == 1 && read(e, &v, 8) == 8 && v == 1 && read(e, &v, 8) == -1,
	       "EFD_SEMAPHORE counts down");
	close(e);
	counter = eventfd(0, 0);
	pthread_create(&t, NULL, adder, (void *)7ul);
	tap_ok(read(counter, &v, 8) == 8 && v == 7, "a reader waits");
	pthread_join(t, NULL);
	close(counter);
	tap_errno(eventfd(0, 0x1000), EINVAL, "eventfd: unknown flags");
}

int main(void)
{
	tap_plan(0);
	readiness();
	timeouts();
	waking();
	signals();
	selecting();
	counters();
	return tap_done();
}
