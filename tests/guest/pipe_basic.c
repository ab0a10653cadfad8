/* SPDX-License-Identifier: MIT
 * Pipes and FIFOs: order, blocking, ends that close, capacity, atomic writes.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include "scratch.h"

static volatile sig_atomic_t got_pipe, got_usr;
static void on_pipe(int sig) { got_pipe += sig == SIGPIPE; }
static void on_usr(int sig) { got_usr += sig == SIGUSR1; }

static void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void basic(void)
{
	char buf[100];
	int p[2], n;

	tap_zero(pipe2(p, O_CLOEXEC | O_NONBLOCK), "pipe2");
	tap_ok(fcntl(p[0], F_GETFD) == FD_CLOEXEC && (fcntl(p[1], F_GETFL) & O_NONBLOCK), "its flags");
	tap_ok((fcntl(p[0], F_GETFL) & O_ACCMODE) == O_RDONLY &&
		       (fcntl(p[1], F_GETFL) & O_ACCMODE) == O_WRONLY,
	       "one end for each direction");
	tap_errno(read(p[0], buf, 1), EAGAIN, "empty: EAGAIN");
	tap_ok(write(p[1], "hello", 5) == 5 && write(p[1], "world", 5) == 5, "two writes");
	tap_ok(!ioctl(p[0], FIONREAD, &n) && n == 10, "FIONREAD");
	tap_ok(read(p[0], buf, 7) == 7 && !memcmp(buf, "hellowo", 7), "one read over both");
	tap_is(read(p[0], buf, 100), 3, "and the rest");
	tap_errno(read(p[1], buf, 1), EBADF, "read from the writing end");
	tap_errno(write(p[0], buf, 1), EBADF, "write to the reading end");
	tap_errno(lseek(p[0], 0, SEEK_SET), ESPIPE, "lseek");
	tap_errno(pread(p[0], buf, 1, 0), ESPIPE, "pread");
	tap_errno(pwrite(p[1], buf, 1, 0), ESPIPE, "pwrite");
	tap_errno(ftruncate(p[1], 0), EINVAL, "ftruncate");
	tap_errno(fsync(p[1]), EINVAL, "fsync");
	tap_is(write(p[1], buf, 0), 0, "a write of nothing");
	tap_errno(pipe2(p, O_APPEND), EINVAL, "pipe2: wrong flags");
	close(p[1]);
	tap_is(read(p[0], buf, 1), 0, "no writer: end of file");
	close(p[0]);

	pipe(p);
	write(p[1], "left", 4);
	close(p[1]);
	tap_ok(read(p[0], buf, 10) == 4 && read(p[0], buf, 10) == 0,
	       "what was written can be read after the writer is gone");
	close(p[0]);

	pipe(p);
	signal(SIGPIPE, on_pipe);
	close(p[0]);
	tap_errno(write(p[1], "x", 1), EPIPE, "no reader: EPIPE");
	tap_is(got_pipe, 1, "and SIGPIPE");
	signal(SIGPIPE, SIG_IGN);
	tap_errno(write(p[1], "x", 1), EPIPE, "EPIPE with the signal ignored");
	close(p[1]);
}

static void capacity(void)
{
	char *big = calloc(1, 200000);
	int p[2], total = 0, n;

	pipe2(p, O_NONBLOCK);
	n = fcntl(p[0], F_GETPIPE_SZ);
	tap_is(n, 65536, "F_GETPIPE_SZ");
	tap_is(write(p[1], big, 200000), 65536, "a large write is cut at the capacity");
	tap_errno(write(p[1], big, 1), EAGAIN, "full: EAGAIN");
	struct pollfd f = { p[1], POLLOUT, 0 };
	tap_is(poll(&f, 1, 0), 0, "not ready for writing");
	read(p[0], big, 4096);
	tap_is(poll(&f, 1, 0), 1, "ready again when a page is free");
	tap_is(write(p[1], big, 4096), 4096, "PIPE_BUF bytes fit");
	/* PIPE_BUF: all or nothing. */
	read(p[0], big, 100);
	tap_errno(write(p[1], big, 4096), EAGAIN, "PIPE_BUF bytes do not fit into 100: nothing is written");
	while ((n = (int)read(p[0], big, 10000)) > 0)
		total += n;
	tap_is(total, 65536 - 100, "all of it comes out");
	tap_ok(fcntl(p[1], F_SETPIPE_SZ, 8192) == 8192 && fcntl(p[0], F_GETPIPE_SZ) == 8192, "F_SETPIPE_SZ");
	tap_is(write(p[1], big, 200000), 8192, "a smaller pipe");
	tap_errno(fcntl(p[1], F_SETPIPE_SZ, 4096), EBUSY, "F_SETPIPE_SZ: more is in it");
	tap_is(fcntl(p[1], F_SETPIPE_SZ, 100000), 131072, "sizes are rounded up to a power of two");
	close(p[0]), close(p[1]);
	free(big);
}

struct io { int fd; char *buf; size_t len; ssize_t result; int err; };

static void *reader(void *arg)
{
	struct io *io = arg;

	io->result = read(io->fd, io->buf, io->len);
	io->err = errno;
	return NULL;
}

static void *writer(void *arg)
{
	struct io *io = arg;

	io->result = write(io->fd, io->buf, io->len);
	io->err = errno;
	return NULL;
}

static void blocking(void)
{
	enum { LONG = 300000 };
	char *big = malloc(LONG), *back = malloc(LONG), small[16] = "";
	struct io io;
	pthread_t t;
	size_t n = 0;
	int p[2];

	for (int i = 0; i < LONG; i++)
		big[i] = (char)(i * 13 + i / 300);
	pipe(p);
	io = (struct io){ .fd = p[0], .buf = small, .len = 10 };
	pthread_create(&t, NULL, reader, &io);
	nap(20);
	write(p[1], "abc", 3);
	pthread_join(t, NULL);
	tap_ok(io.result == 3 && !memcmp(small, "abc", 3), "a reader waits for the writer");

	io = (struct io){ .fd = p[1], .buf = big, .len = LONG };
	pthread_create(&t, NULL, writer, &io);
	while (n < LONG) {
		ssize_t r = read(p[0], back + n, n < 1000 ? 7 : 20000);

		if (r <= 0)
			break;
		n += (size_t)r;
	}
	pthread_join(t, NULL);
	tap_ok(io.result == LONG && n == LONG && !memcmp(big, back, LONG),
	       "a long write goes on until all is read");

	/* The reader's end closes while a write waits. */
	signal(SIGPIPE, SIG_IGN);
	io = (struct io){ .fd = p[1], .buf = big, .len = LONG };
	pthread_create(&t, NULL, writer, &io);
	nap(20);
	close(p[0]);
	pthread_join(t, NULL);
	tap_is(io.result, 65536, "a write whose reader goes returns what it had written");
	close(p[1]);

	pipe(p);
	io = (struct io){ .fd = p[0], .buf = small, .len = 10 };
	pthread_create(&t, NULL, reader, &io);
	nap(20);
	close(p[1]);
	pthread_join(t, NULL);
	tap_is(io.result, 0, "a waiting reader sees the last writer go");
	close(p[0]);

	struct sigaction sa = { .sa_handler = on_usr };
	sigaction(SIGUSR1, &sa, NULL);
	pipe(p);
	io = (struct io){ .fd = p[0], .buf = small, .len = 10 };
	pthread_create(&t, NULL, reader, &io);
	nap(20);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	tap_ok(io.result == -1 && io.err == EINTR && got_usr == 1, "a signal ends a waiting read with EINTR");
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, reader, &io);
	nap(20);
	pthread_kill(t, SIGUSR1);
	nap(20);
	write(p[1], "x", 1);
	pthread_join(t, NULL);
	tap_ok(io.result == 1 && got_usr == 2, "with SA_RESTART it goes on");
	io = (struct io){ .fd = p[1], .buf = big, .len = LONG };
	pthread_create(&t, NULL, writer, &io);
	nap(20);
	sa.sa_flags = 0;
	sigaction(SIGUSR1, &sa, NULL);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	tap_is(io.result, 65536, "a signal ends a waiting write with what it had written");
	close(p[0]), close(p[1]);
	free(big), free(back);
}

/* Several writers of PIPE_BUF bytes each: pieces never mix. */
static int shared[2];

static void *piece_writer(void *arg)
{
	char buf[4096];
	struct iovec v[2] = { { buf, 1000 }, { buf + 1000, 3096 } };

	memset(buf, 'a' + (int)(long)arg, sizeof buf);
	for (int i = 0; i < 20; i++)
		if (i % 2 ? write(shared[1], buf, sizeof buf) != sizeof buf
			  : writev(shared[1], v, 2) != sizeof buf)
			return (void *)1;
	return NULL;
}

static void atomic_pieces(void)
{
	char buf[4096];
	pthread_t t[4];
	int ok = 1, n = 0;

	pipe(shared);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, piece_writer, (void *)i);
	while (n < 80) {
		size_t have = 0;
		ssize_t r;

		while (have < sizeof buf && (r = read(shared[0], buf + have, sizeof buf - have)) > 0)
			have += (size_t)r;
		for (size_t i = 1; i < sizeof buf; i++)
			ok &= buf[i] == buf[0];
		n++;
	}
	for (int i = 0; i < 4; i++) {
		void *bad;

		pthread_join(t[i], &bad);
		ok &= !bad;
	}
	tap_ok(ok, "pieces of PIPE_BUF bytes from four writers stay whole");
	close(shared[0]), close(shared[1]);
}

struct opening { const char *name; int flags, fd, err; };

static void *opener(void *arg)
{
	struct opening *o = arg;

	o->fd = open(o->name, o->flags);
	o->err = errno;
	return NULL;
}

static void fifos(void)
{
	struct opening o = { "p", O_RDONLY, -2, 0 };
	char buf[16];
	pthread_t t;
	int r, w;

	if (tap_own_machine() && !scratch_mounted) {
		tap_skip(13, "FIFOs of the host are not opened");
		return;
	}
	mkfifo("p", 0644);
	tap_errno(open("p", O_WRONLY | O_NONBLOCK), ENXIO, "FIFO: no reader, O_NONBLOCK");
	r = open("p", O_RDONLY | O_NONBLOCK);
	tap_ok(r >= 0, "FIFO: a reader that does not wait");
	tap_is(read(r, buf, 1), 0, "no writer yet: end of file");
	w = open("p", O_WRONLY | O_NONBLOCK);
	tap_ok(w >= 0, "now there is a reader");
	tap_errno(read(r, buf, 1), EAGAIN, "and a writer: EAGAIN");
	tap_ok(write(w, "abc", 3) == 3 && read(r, buf, 10) == 3, "bytes go through");
	struct pollfd f = { r, POLLIN, 0 };
	close(w);
	tap_ok(poll(&f, 1, 0) == 1 && f.revents == POLLHUP, "POLLHUP when the writer is gone");
	close(r);
	pthread_create(&t, NULL, opener, &o);
	nap(20);
	tap_is(o.fd, -2, "a reader waits for a writer");
	w = open("p", O_WRONLY);
	pthread_join(t, NULL);
	tap_ok(w >= 0 && o.fd >= 0, "they meet");
	close(w), close(o.fd);
	o = (struct opening){ "p", O_WRONLY, -2, 0 };
	pthread_create(&t, NULL, opener, &o);
	nap(20);
	r = open("p", O_RDONLY);
	pthread_join(t, NULL);
	tap_ok(r >= 0 && o.fd >= 0, "a writer waits for a reader, too");
	close(r), close(o.fd);
	struct sigaction sa = { .sa_handler = on_usr };
	sigaction(SIGUSR1, &sa, NULL);
	o = (struct opening){ "p", O_RDONLY, -2, 0 };
	pthread_create(&t, NULL, opener, &o);
	nap(20);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	tap_ok(o.fd == -1 && o.err == EINTR, "a signal ends the waiting");
	tap_errno(open("p", O_WRONLY | O_NONBLOCK), ENXIO, "which leaves no reader behind");
	r = open("p", O_RDWR);
	tap_ok(r >= 0 && write(r, "x", 1) == 1 && read(r, buf, 1) == 1, "O_RDWR waits for nobody");
	close(r);
	unlink("p");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	basic();
	capacity();
	blocking();
	atomic_pieces();
	fifos();
	scratch_leave();
	return tap_done();
}
