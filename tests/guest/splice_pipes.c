/* SPDX-License-Identifier: MIT
 * splice, tee, vmsplice: between pipes, files and memory; who waits for what; errors in their order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include "scratch.h"

static int a[2], b[2];
static char buf[70000] __attribute__((aligned(4096)));	/* pages as such fill a pipe best */

static void pipes(void)
{
	pipe(a), pipe(b);
}

static void closed(void)
{
	close(a[0]), close(a[1]), close(b[0]), close(b[1]);
}

static long sp(int in, loff_t *in_pos, int out, loff_t *out_pos, size_t len, unsigned flags)
{
	return syscall(SYS_splice, in, in_pos, out, out_pos, len, flags);
}

static int is_text(int fd, const char *want)
{
	ssize_t n = read(fd, buf, sizeof buf);

	return n == (ssize_t)strlen(want) && !memcmp(buf, want, (size_t)n);
}

static void errors(void)
{
	int file = open("f", O_RDWR | O_CREAT, 0644), append = open("f", O_WRONLY | O_APPEND), e = eventfd(1, 0);
	loff_t zero = 0, bad = -1;
	struct iovec v = { "x", 1 };

	pipes();
	tap_is(sp(99, NULL, 98, NULL, 0, 99), 0, "splice: nothing is nothing, whatever else");
	tap_errno(sp(99, NULL, 98, NULL, 1, 16), EINVAL, "splice: unknown flags");
	tap_errno(sp(99, NULL, a[1], NULL, 1, 0), EBADF, "splice: from what is not open");
	tap_errno(sp(a[0], NULL, 99, NULL, 1, 0), EBADF, "splice: to what is not open");
	tap_errno(sp(a[0], &zero, b[1], NULL, 1, 0), ESPIPE, "splice: a position in the first pipe");
	tap_errno(sp(a[0], NULL, b[1], &zero, 1, 0), ESPIPE, "splice: a position in the second");
	tap_errno(sp(a[1], NULL, b[1], NULL, 1, 0), EBADF, "splice: from a pipe's writing end");
	tap_errno(sp(a[0], NULL, b[0], NULL, 1, 0), EBADF, "splice: to a reading end");
	tap_errno(sp(a[0], NULL, a[1], NULL, 1, 0), EINVAL, "splice: a pipe to itself");
	tap_errno(sp(file, NULL, file, NULL, 1, 0), EINVAL, "splice: no pipe at all");
	tap_errno(sp(file, &bad, a[1], NULL, 1, 0), EINVAL, "splice: a negative position");
	write(a[1], "x", 1);
	tap_errno(sp(a[0], NULL, append, NULL, 1, 0), EINVAL, "splice: to a file that is appended to");
	tap_errno(sp(a[0], NULL, e, NULL, 1, 0), EINVAL, "splice: to an eventfd");
	tap_errno(sp(e, NULL, b[1], NULL, 8, 0), EINVAL, "splice: from an eventfd");
	tap_errno(syscall(SYS_tee, a[0], b[1], 1, 16), EINVAL, "tee: unknown flags");
	tap_is(syscall(SYS_tee, 99, 99, 0, 0), 0, "tee: nothing");
	tap_errno(syscall(SYS_tee, 99, b[1], 1, 0), EBADF, "tee: from what is not open");
	tap_errno(syscall(SYS_tee, a[1], b[1], 1, 0), EBADF, "tee: from a writing end");
	tap_errno(syscall(SYS_tee, a[0], a[1], 1, 0), EINVAL, "tee: a pipe to itself");
	tap_errno(syscall(SYS_tee, file, b[1], 1, 0), EINVAL, "tee: from a file");
	tap_errno(syscall(SYS_vmsplice, 99, &v, 1, 0), EBADF, "vmsplice: not open");
	tap_errno(syscall(SYS_vmsplice, a[1], &v, 1, 16), EINVAL, "vmsplice: unknown flags");
	tap_errno(syscall(SYS_vmsplice, a[1], &v, 1025, 0), EINVAL, "vmsplice: too many pieces");
	tap_errno(syscall(SYS_vmsplice, file, &v, 1, 0), EBADF, "vmsplice: to a file");
	tap_is(syscall(SYS_vmsplice, a[1], &v, 0, 0), 0, "vmsplice: nothing");
	closed();
	close(file), close(append), close(e);
	unlink("f");
}

static void between_pipes(void)
{
	pipes();
	write(a[1], "hello, world", 12);
	tap_is(sp(a[0], NULL, b[1], NULL, 5, 0), 5, "splice: five bytes");
	tap_is(syscall(SYS_tee, a[0], b[1], 4, 0), 4, "tee: four more, which stay");
	tap_ok(is_text(b[0], "hello, wo"), "the second pipe has nine");
	tap_is(sp(a[0], NULL, b[1], NULL, 100, 0), 7, "splice: as many as there are");
	tap_ok(is_text(b[0], ", world"), "the rest");
	tap_errno(sp(a[0], NULL, b[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN, "SPLICE_F_NONBLOCK: empty");
	tap_errno(syscall(SYS_tee, a[0], b[1], 1, SPLICE_F_NONBLOCK), EAGAIN, "tee: empty");
	fcntl(b[1], F_SETFL, O_NONBLOCK);
	tap_errno(sp(a[0], NULL, b[1], NULL, 1, 0), EAGAIN, "O_NONBLOCK of either will do");
	fcntl(b[1], F_SETFL, 0);
	write(a[1], "x", 1);
	fcntl(b[1], F_SETPIPE_SZ, 4096);
	write(b[1], buf, 4096);
	tap_errno(sp(a[0], NULL, b[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN, "full");
	read(b[0], buf, sizeof buf);
	close(a[1]);
	tap_is(sp(a[0], NULL, b[1], NULL, 10, 0), 1, "the last byte");
	read(b[0], buf, sizeof buf);
	tap_is(sp(a[0], NULL, b[1], NULL, 10, 0), 0, "then the end");
	tap_is(syscall(SYS_tee, a[0], b[1], 10, 0), 0, "tee: the end");
	closed();

	pipes();
	signal(SIGPIPE, SIG_IGN);
	write(a[1], "x", 1);
	close(b[0]);
	tap_errno(sp(a[0], NULL, b[1], NULL, 1, 0), EPIPE, "nobody reads");
	closed();
}

static void files(void)
{
	int file = open("f", O_RDWR | O_CREAT, 0644), out, null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
	loff_t pos = 3;

	pipes();
	scratch_file("f", "0123456789");
	tap_is(sp(file, NULL, a[1], NULL, 4, 0), 4, "from a file");
	tap_is(lseek(file, 0, SEEK_CUR), 4, "its position moves");
	tap_is(sp(file, &pos, a[1], NULL, 3, 0), 3, "from a position");
	tap_ok(pos == 6 && lseek(file, 0, SEEK_CUR) == 4, "that one moves");
	tap_ok(is_text(a[0], "0123345"), "both arrive");
	tap_is(sp(file, NULL, a[1], NULL, 100, 0), 6, "up to its end");
	tap_is(sp(file, NULL, a[1], NULL, 100, 0), 0, "behind that nothing");
	out = open("g", O_RDWR | O_CREAT, 0644);
	tap_is(sp(a[0], NULL, out, NULL, 2, 0), 2, "to a file");
	pos = 5;
	tap_is(sp(a[0], NULL, out, &pos, 100, 0), 4, "to a position");
	tap_ok(pos == 9 && lseek(out, 0, SEEK_CUR) == 2, "that one moves");
	lseek(out, 0, SEEK_SET);
	tap_ok(read(out, buf, 20) == 9 && !memcmp(buf, "45\0\0\0" "6789", 9), "the file has both, and a hole");
	write(a[1], "gone", 4);
	tap_is(sp(a[0], NULL, null, NULL, 100, 0), 4, "to /dev/null");
	fcntl(a[1], F_SETPIPE_SZ, 65536);
	tap_is(sp(zero, NULL, a[1], NULL, 1000000, 0), 65536, "as much as the pipe holds");
	tap_errno(sp(zero, NULL, a[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN, "and no more");
	tap_errno(sp(file, &pos, a[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN, "nor from a file");
	closed();
	close(file), close(out), close(null), close(zero);
	unlink("f"), unlink("g");
}

static void memory(void)
{
	struct iovec v[3] = { { "one ", 4 }, { "", 0 }, { "two", 3 } }, in[2] = { { buf, 3 }, { buf + 10, 100 } };

	pipes();
	tap_is(syscall(SYS_vmsplice, a[1], v, 3, 0), 7, "vmsplice: to a pipe");
	tap_is(syscall(SYS_vmsplice, a[0], in, 2, 0), 7, "vmsplice: from it");
	tap_ok(!memcmp(buf, "one", 3) && !memcmp(buf + 10, " two", 4), "what was written");
	tap_errno(syscall(SYS_vmsplice, a[0], in, 2, SPLICE_F_NONBLOCK), EAGAIN, "empty");
	v[0] = (struct iovec){ buf, sizeof buf };
	tap_is(syscall(SYS_vmsplice, a[1], v, 1, 0), 65536, "as much as fits");
	tap_errno(syscall(SYS_vmsplice, a[1], v, 1, SPLICE_F_NONBLOCK), EAGAIN, "full");
	close(a[0]);
	tap_errno(syscall(SYS_vmsplice, a[1], v, 1, 0), EPIPE, "nobody reads");
	closed();
	pipes();
	close(a[1]);
	tap_is(syscall(SYS_vmsplice, a[0], in, 2, 0), 0, "nobody writes");
	closed();
}

static void *helper(void *arg)
{
	struct timespec ts = { 0, 30000000 };

	nanosleep(&ts, NULL);
	if (arg)
		write(a[1], "late", 4);
	else
		read(b[0], buf, sizeof buf);
	return NULL;
}

static volatile sig_atomic_t alarms;
static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void waiting(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	struct pollfd p;
	pthread_t t;

	pipes();
	pthread_create(&t, NULL, helper, "");
	tap_is(sp(a[0], NULL, b[1], NULL, 100, 0), 4, "splice waits for bytes");
	pthread_join(t, NULL);
	read(b[0], buf, sizeof buf);
	pthread_create(&t, NULL, helper, "");
	tap_is(syscall(SYS_tee, a[0], b[1], 100, 0), 4, "tee, too");
	pthread_join(t, NULL);
	fcntl(b[1], F_SETPIPE_SZ, 4096);
	fcntl(b[1], F_SETFL, O_NONBLOCK);
	while (write(b[1], buf, 4096) > 0 || write(b[1], buf, 1) > 0)
		;
	fcntl(b[1], F_SETFL, 0);
	pthread_create(&t, NULL, helper, NULL);
	tap_is(sp(a[0], NULL, b[1], NULL, 100, 0), 4, "splice waits for room");
	pthread_join(t, NULL);
	read(b[0], buf, sizeof buf);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_errno(sp(a[0], NULL, b[1], NULL, 1, 0), EINTR, "a signal ends the wait");
	p = (struct pollfd){ b[0], POLLIN, 0 };
	write(a[1], "x", 1);
	sp(a[0], NULL, b[1], NULL, 1, 0);
	tap_ok(poll(&p, 1, 0) == 1, "what was spliced wakes a reader");
	closed();
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	errors();
	between_pipes();
	files();
	memory();
	waiting();
	scratch_leave();
	return tap_done();
}
