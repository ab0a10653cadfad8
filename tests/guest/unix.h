/* SPDX-License-Identifier: MIT
 *
 * For tests of AF_UNIX: names, a buffer, SIGPIPE counted, readiness.
 */
#ifndef UNIX_H
#define UNIX_H

#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include "scratch.h"

#define PATH_AT offsetof(struct sockaddr_un, sun_path)

static char buf[300000];
static volatile sig_atomic_t got_pipe;
static void on_pipe(int sig) { got_pipe += sig == SIGPIPE; }

/* A path, or, with @ at its beginning, an abstract name.  Its length. */
static inline socklen_t name(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof *a);
	a->sun_family = AF_UNIX;
	if (*path == '@') {
		memcpy(a->sun_path + 1, path + 1, strlen(path) - 1);
		return (socklen_t)(PATH_AT + strlen(path));
	}
	strcpy(a->sun_path, path);
	return (socklen_t)(PATH_AT + strlen(path) + 1);
}

static inline int ready(int fd, int events)
{
	struct pollfd p = { fd, (short)events, 0 };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

#endif
