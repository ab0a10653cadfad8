/* SPDX-License-Identifier: MIT
 * A descriptor given to oneself through a socket, and used there.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "../stress.h"

static int pass(int socket, int fd)
{
	char byte = 'f', control[CMSG_SPACE(sizeof fd)] __attribute__((aligned(8)));
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	memset(control, 0, sizeof control);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(socket, &m, 0) == 1 ? 0 : -1;
}

static int get(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(socket, &m, 0) == 1 && (c = CMSG_FIRSTHDR(&m)) && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

enum stress_status stress_sockfd(struct worker *w)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return stress_errno(w, "socketpair");
	while (stress_go(w)) {
		struct stat a, b;
		int fds[2], fd;
		char c = w->done, got;

		if (pipe2(fds, O_CLOEXEC)) {
			if (!stress_short(w))
				stress_fail(w, "pipe: %s", strerror(errno));
			continue;
		}
		if (pass(pair[0], fds[1])) {
			if (!stress_short(w))
				stress_fail(w, "sendmsg: %s", strerror(errno));
		} else if ((fd = get(pair[1])) < 0) {
			/* all descriptors are in use: Linux gives none */
			stress_bogo(w);
		} else {
			if (fstat(fd, &a) || fstat(fds[1], &b) || a.st_ino != b.st_ino)
				stress_fail(w, "another file has come");
			close(fds[1]);
			fds[1] = -1;
			if (write(fd, &c, 1) != 1 || read(fds[0], &got, 1) != 1 || got != c)
				stress_fail(w, "the descriptor that has come does not write to the pipe");
			close(fd);
			stress_bogo(w);
		}
		close(fds[0]);
		if (fds[1] >= 0)
			close(fds[1]);
	}
	close(pair[0]);
	close(pair[1]);
	return STRESS_PASSED;
}
