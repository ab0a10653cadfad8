/* SPDX-License-Identifier: MIT
 *
 * For tests of AF_INET and AF_INET6: addresses, and lo, which a kernel that has just booted has down.
 */
#ifndef INET_H
#define INET_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include "tap.h"

static char buf[300000];
static volatile sig_atomic_t got_pipe;
static void on_pipe(int sig) { got_pipe += sig == SIGPIPE; }

static inline void inet_begin(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (tap_own_machine()) {
		r.ifr_flags = IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &r))
			tap_bail("lo does not come up: %s", strerror(errno));
	}
	close(fd);
	signal(SIGPIPE, on_pipe);
}

static inline struct sockaddr_in in4(uint32_t ip, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(ip) } };
}

static inline struct sockaddr_in6 in6(const char *last, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	a.sin6_addr.s6_addr[15] = *last == '1';
	return a;
}

#define SA(a) (struct sockaddr *)&(a), sizeof(a)
#define LO INADDR_LOOPBACK

static inline int port_of(int fd)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof a;

	return getsockname(fd, (void *)&a, &len) ? -1 : ntohs(a.sin6_port);
}

static inline uint32_t peer_ip(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;

	return getpeername(fd, (void *)&a, &len) ? 0 : ntohl(a.sin_addr.s_addr);
}

static inline uint32_t own_ip(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;

	return getsockname(fd, (void *)&a, &len) ? 0 : ntohl(a.sin_addr.s_addr);
}

static inline int ready(int fd, int events)
{
	struct pollfd p = { fd, (short)events, 0 };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

/* The same once it is ready: on a real kernel what was sent takes a moment. */
static inline int becomes(int fd, int events)
{
	struct pollfd p = { fd, (short)events, 0 };

	return poll(&p, 1, 2000) < 0 ? -1 : p.revents;
}

static inline int option(int fd, int level, int name)
{
	int v = -99;
	socklen_t len = sizeof v;

	return getsockopt(fd, level, name, &v, &len) ? -errno : v;
}

static inline int set(int fd, int level, int name, int v)
{
	return setsockopt(fd, level, name, &v, sizeof v);
}

#endif
