/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* O_PATH */
#include "emu/host/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What poll(2) promises to take when it says POLLOUT: PIPE_BUF for pipes, less for terminals (WAKEUP_CHARS). */
#define SURE_PIPE 4096u
#define SURE_TTY 256u

/* O_NONBLOCK belongs to the open file description: a new one of the same pipe or device can have it. */
static int open_anew(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void channel_reserve_stdio(void)
{
	/* The lowest free number is what open() gives. */
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_PATH) < 0)
			return;
}

void channel_forsake(int fd)
{
	static int forsaken = -1;	/* one that has been: it will do for others */
	int null = forsaken >= 0 ? forsaken : open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, fd);
	if (null != forsaken)
		close(null);
	forsaken = fd;
}

bool channel_is_closed(int fd)
{
	int fl = fcntl(fd, F_GETFL);

	return fl < 0 || (fl & O_PATH);
}

void channel_open(struct channel *c, int fd, int flags)
{
	struct stat st;

	*c = (struct channel){ fd, CHANNEL_SHARED, flags };
	if (fstat(fd, &st))
		return;
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
		c->kind = CHANNEL_FILE;
	} else if (S_ISSOCK(st.st_mode)) {
		c->kind = CHANNEL_SOCKET;
	} else if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)) {
		c->kind = CHANNEL_UNUSED;
	}
}

void channel_use(struct channel *c)
{
	int own;

	if (c->kind != CHANNEL_UNUSED)
		return;
	own = open_anew(c->fd, c->flags);
	c->kind = own >= 0 ? CHANNEL_OWN : CHANNEL_SHARED;
	if (own >= 0)
		c->fd = own;
}

void channel_close(struct channel *c)
{
	if (c->kind == CHANNEL_OWN && c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int channel_ready(const struct channel *c, int events)
{
	struct pollfd p = { c->fd, (short)events, 0 };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

int64_t channel_read(struct channel *c, void *buf, size_t len)
{
	ssize_t n;

	channel_use(c);
	do {
		if (c->kind == CHANNEL_SOCKET) {
			n = recv(c->fd, buf, len, MSG_DONTWAIT);
		} else {
			if (c->kind == CHANNEL_SHARED && !channel_ready(c, POLLIN))
				return -EAGAIN;
			n = read(c->fd, buf, len);
		}
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int64_t channel_write(struct channel *c, const void *buf, size_t len)
{
	ssize_t n;

	channel_use(c);
	if (c->kind == CHANNEL_SHARED) {
		size_t sure = isatty(c->fd) ? SURE_TTY : SURE_PIPE;

		if (len > sure)
			len = sure;
	}
	do {
		if (c->kind == CHANNEL_SOCKET) {
			n = send(c->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		} else {
			if (c->kind == CHANNEL_SHARED && !channel_ready(c, POLLOUT))
				return -EAGAIN;
			n = write(c->fd, buf, len);
		}
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
