/* SPDX-License-Identifier: MIT
 * A stream of bytes from one thread to another: through a pipe, a FIFO, a pair of sockets, a TCP connection on the loopback.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "../stress.h"

#define MOST 2048		/* bytes in one go */

struct stream {
	struct worker *w;
	int out;		/* is read from by the other thread */
	uint32_t seed;
	size_t got;
};

static void *receive(void *arg)
{
	struct stream *s = arg;
	char block[MOST];
	uint32_t random = 1;

	for (;;) {
		size_t n = 1 + (random = random * 1664525 + 1013904223) % (MOST - 1);
		ssize_t r = read(s->out, block, n), bad;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) {
			if (r < 0)
				stress_fail(s->w, "read: %s", strerror(errno));
			return NULL;
		}
		bad = stress_check(block, r, s->seed, s->got);
		if (bad >= 0)
			stress_fail(s->w, "byte %zu is wrong", s->got + bad);
		s->got += r;
	}
}

/* Sends until it is enough, ends the stream, and sees that all has come. */
static enum stress_status stream(struct worker *w, int in, int out)
{
	struct stream s = { .w = w, .out = out, .seed = w->number };
	char block[MOST];
	size_t sent = 0;
	pthread_t t;

	if (!stress_thread(&t, receive, &s)) {
		enum stress_status status = stress_errno(w, "pthread_create");

		close(in);
		close(out);
		return status;
	}
	while (stress_go(w)) {
		size_t n = 1 + stress_below(w, MOST);

		stress_fill(block, n, s.seed, sent);
		if (stress_write(in, block, n) < 0) {
			stress_fail(w, "write: %s", strerror(errno));
			break;
		}
		sent += n;
		stress_bogo(w);
	}
	close(in);
	pthread_join(t, NULL);
	if (s.got != sent)
		stress_fail(w, "%zu bytes sent, %zu received", sent, s.got);
	close(out);
	return STRESS_PASSED;
}

enum stress_status stress_pipe(struct worker *w)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return stress_errno(w, "pipe2");
	return stream(w, fds[1], fds[0]);
}

enum stress_status stress_sockpair(struct worker *w)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return stress_errno(w, "socketpair");
	return stream(w, fds[1], fds[0]);
}

enum stress_status stress_fifo(struct worker *w)
{
	char path[STRESS_PATH];
	int in, out;

	if (mkfifo(stress_path(w, path, "fifo"), 0600))
		return stress_errno(w, "mkfifo");
	out = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	in = open(path, O_WRONLY | O_CLOEXEC);
	unlink(path);
	if (in < 0 || out < 0) {
		enum stress_status status;

		/* flat32 run opens none of the host's */
		if (errno == ENXIO)
			errno = EOPNOTSUPP;
		status = stress_errno(w, "open");
		close(in);
		close(out);
		return status;
	}
	fcntl(out, F_SETFL, 0);
	return stream(w, in, out);
}

enum stress_status stress_sock(struct worker *w)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), in = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), out = -1;
	socklen_t n = sizeof at;

	if (listener >= 0 && in >= 0 && !bind(listener, (struct sockaddr *)&at, n) && !listen(listener, 1) &&
	    !getsockname(listener, (struct sockaddr *)&at, &n) && !connect(in, (struct sockaddr *)&at, n))
		out = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (out < 0) {
		enum stress_status status = stress_errno(w, "a connection");

		close(listener);
		close(in);
		return status;
	}
	close(listener);
	return stream(w, in, out);
}
