/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* accept4, POLLRDHUP */
#include "emu/host/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* The host's form of it, for a socket of that family.  Its length. */
static socklen_t to_host(const struct host_end *e, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (!memcmp(e->ip, mapped, sizeof mapped)) {
		struct sockaddr_in *a = (struct sockaddr_in *)out;

		a->sin_family = AF_INET;
		a->sin_port = htons(e->port);
		memcpy(&a->sin_addr, e->ip + 12, 4);
		return sizeof *a;
	} else {
		struct sockaddr_in6 *a = (struct sockaddr_in6 *)out;

		a->sin6_family = AF_INET6;
		a->sin6_port = htons(e->port);
		memcpy(&a->sin6_addr, e->ip, 16);
		return sizeof *a;
	}
}

static void from_host(const struct sockaddr_storage *s, struct host_end *e)
{
	memset(e, 0, sizeof *e);
	if (s->ss_family == AF_INET) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)s;

		memcpy(e->ip, mapped, sizeof mapped);
		memcpy(e->ip + 12, &a->sin_addr, 4);
		e->port = ntohs(a->sin_port);
	} else if (s->ss_family == AF_INET6) {
		const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)s;

		memcpy(e->ip, &a->sin6_addr, 16);
		e->port = ntohs(a->sin6_port);
	}
}

int host_socket_open(bool stream, bool four)
{
	int fd = socket(four ? AF_INET : AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

void host_socket_close(int fd)
{
	close(fd);
}

int host_socket_bind(int fd, const struct host_end *to)
{
	struct sockaddr_storage a;
	socklen_t len = to_host(to, &a);

	return bind(fd, (struct sockaddr *)&a, len) ? -errno : 0;
}

int host_socket_connect(int fd, const struct host_end *to)
{
	struct sockaddr_storage a;
	socklen_t len = to_host(to, &a);

	return connect(fd, (struct sockaddr *)&a, len) ? -errno : 0;
}

int host_socket_disconnect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	return connect(fd, &none, sizeof none) ? -errno : 0;
}

int host_socket_listen(int fd, int backlog)
{
	return listen(fd, backlog) ? -errno : 0;
}

int host_socket_accept(int fd)
{
	int new = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return new < 0 ? -errno : new;
}

int host_socket_name(int fd, bool peer, struct host_end *out)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;

	if (peer ? getpeername(fd, (struct sockaddr *)&a, &len) : getsockname(fd, (struct sockaddr *)&a, &len))
		return -errno;
	from_host(&a, out);
	return 0;
}

int64_t host_socket_send(int fd, const struct iovec *vec, unsigned count, int flags, const struct host_end *to)
{
	struct sockaddr_storage a;
	struct msghdr m = { .msg_iov = (struct iovec *)vec, .msg_iovlen = count };
	ssize_t n;

	if (to) {
		m.msg_name = &a;
		m.msg_namelen = to_host(to, &a);
	}
	n = sendmsg(fd, &m, (flags & (MSG_OOB | MSG_MORE)) | MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

int64_t host_socket_receive(int fd, struct iovec *vec, unsigned count, int flags, struct host_end *from, bool *truncated)
{
	struct sockaddr_storage a = { 0 };
	struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = vec, .msg_iovlen = count };
	ssize_t n = recvmsg(fd, &m, (flags & (MSG_PEEK | MSG_OOB | MSG_TRUNC)) | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (from)
		from_host(&a, from);
	*truncated = m.msg_flags & MSG_TRUNC;
	return n;
}

int host_socket_shutdown(int fd, int how)
{
	return shutdown(fd, how) ? -errno : 0;
}

int host_socket_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof err;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

int host_socket_ready(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0 };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

uint32_t host_socket_waiting(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) || n < 0 ? 0 : (uint32_t)n;
}

void host_socket_option(int fd, enum host_socket_option o, bool on)
{
	static const int options[][2] = {
		[HOST_REUSE] = { SOL_SOCKET, SO_REUSEADDR }, [HOST_KEEPALIVE] = { SOL_SOCKET, SO_KEEPALIVE },
		[HOST_BROADCAST] = { SOL_SOCKET, SO_BROADCAST }, [HOST_NODELAY] = { IPPROTO_TCP, TCP_NODELAY },
	};
	int v = on;

	setsockopt(fd, options[o][0], options[o][1], &v, sizeof v);	/* at worst it stays as it was */
}

void host_socket_linger(int fd, bool on, int seconds)
{
	struct linger l = { on, seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}
