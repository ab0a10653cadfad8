/* SPDX-License-Identifier: MIT
 *
 * Each allocation and host call of the calls on sockets and terminals fails once (tests/guest/nth.h); for
 * tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include "nth.h"

static char block[3000];
static const struct sockaddr_un place = { .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };

static void fd_of(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void do_socket(void)
{
	fd_of(NTH(socket(AF_UNIX, SOCK_STREAM, 0)));
	fd_of(NTH(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)));
}

static void pair_of(int type)
{
	int p[2];

	if (NTH(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p)))
		return;
	if (NTH(send(p[0], block, sizeof block, 0)) > 0)
		NTH(recv(p[1], block, sizeof block, 0));
	NTH(send(p[0], block, 10, 0));
	close(p[0]);
	close(p[1]);
}

static void do_stream(void) { pair_of(SOCK_STREAM); }
static void do_datagrams(void) { pair_of(SOCK_DGRAM); }
static void do_packets(void) { pair_of(SOCK_SEQPACKET); }

/* A connection by name: bind, listen, connect, accept. */
static void do_connect(void)
{
	int l = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (l < 0 || c < 0)
		nth.bad = 1;
	if (NTH(bind(l, (const void *)&place, sizeof place)) == 0 && NTH(listen(l, 5)) == 0
	    && NTH(connect(c, (const void *)&place, sizeof place)) == 0)
		fd_of(NTH(accept4(l, NULL, NULL, SOCK_CLOEXEC)));
	close(c);
	close(l);
	unlink(place.sun_path);
}

/* Descriptors in a message, taken at the other end, and left in it. */
static void do_rights(void)
{
	union { struct cmsghdr head; char bytes[CMSG_SPACE(3 * sizeof(int))]; } u = { .head = {
		.cmsg_len = CMSG_LEN(3 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec v = { block, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u };
	int p[2], fds[3] = { 0, 1, 2 };

	memcpy(CMSG_DATA(&u.head), fds, sizeof fds);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p)) {
		nth.bad = 1;
		return;
	}
	if (NTH(sendmsg(p[0], &m, 0)) == 1) {
		NTH(sendmsg(p[0], &m, 0));
		if (NTH(recvmsg(p[1], &m, 0)) == 1 && m.msg_controllen) {
			for (unsigned i = 0; i < (u.head.cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
				close(((int *)CMSG_DATA(&u.head))[i]);
		}
	}
	close(p[0]);
	close(p[1]);
}

static void do_tcp(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof here;
	int l = NTH(socket(AF_INET, SOCK_STREAM, 0)), c = NTH(socket(AF_INET, SOCK_STREAM, 0)), s = -1;

	if (l >= 0 && c >= 0 && NTH(bind(l, (void *)&here, sizeof here)) == 0 && NTH(listen(l, 5)) == 0
	    && getsockname(l, (void *)&here, &len) == 0 && NTH(connect(c, (void *)&here, sizeof here)) == 0) {
		/* Nothing is to stay behind in TIME_WAIT. */
		setsockopt(c, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
		fcntl(l, F_SETFL, O_NONBLOCK);
		s = NTH(accept(l, NULL, NULL));
		NTH(send(c, block, sizeof block, MSG_DONTWAIT));
		if (s >= 0)
			NTH(recv(s, block, sizeof block, MSG_DONTWAIT));
	}
	fd_of(c);
	fd_of(s);
	fd_of(l);
}

static void do_udp(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof here;
	int u = NTH(socket(AF_INET, SOCK_DGRAM, 0));

	if (u >= 0 && NTH(bind(u, (void *)&here, sizeof here)) == 0 && getsockname(u, (void *)&here, &len) == 0) {
		NTH(sendto(u, block, 100, MSG_DONTWAIT, (void *)&here, sizeof here));
		NTH(recv(u, block, sizeof block, MSG_DONTWAIT));
	}
	fd_of(u);
}

/* Where nobody has mounted it. */
static void devpts(void)
{
	mkdir("/dev/pts", 0755);
	if (access("/dev/pts/ptmx", F_OK) && mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"))
		tap_bail("cannot mount devpts: %s", strerror(errno));
}

static void do_pty(void)
{
	struct termios t;
	int m = NTH(open("/dev/ptmx", O_RDWR | O_NOCTTY)), s, off = 0, n = 0;
	char name[40];

	if (m < 0)
		return;
	if (ioctl(m, TIOCSPTLCK, &off) || ioctl(m, TIOCGPTN, &n))
		nth.bad = 1;
	snprintf(name, sizeof name, "/dev/pts/%d", n);
	s = NTH(open(name, O_RDWR | O_NOCTTY | O_NONBLOCK));
	if (s >= 0) {
		NTH(tcgetattr(s, &t));
		NTH(tcsetattr(s, TCSANOW, &t));
		NTH(write(m, "line\n", 5));
		NTH(read(s, block, sizeof block));
		NTH(write(s, block, 1000));
		close(s);
	}
	close(m);
}

static const struct nth_case cases[] = {
	{ "socket", do_socket }, { "stream", do_stream }, { "datagrams", do_datagrams }, { "packets", do_packets },
	{ "connect", do_connect }, { "rights", do_rights }, { "tcp", do_tcp }, { "udp", do_udp }, { "pty", do_pty },
};

int main(int argc, char **argv)
{
	(void)argc;
	devpts();
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
