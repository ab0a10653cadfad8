#!/bin/sh
# --strace of the socket calls: as strace(1) writes them.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 2

cat >guest.c <<'C'
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un a = { AF_UNIX, "\0name" };
	struct iovec v[2] = { { "ab", 2 }, { "cde", 3 } };
	struct { struct cmsghdr h; int fd[2]; } c = { { sizeof c, SOL_SOCKET, SCM_RIGHTS }, { 0, 1 } };
	struct msghdr m = { 0 };
	struct mmsghdr mm[2] = { 0 };
	struct linger l = { 1, 2 };
	struct timeval tv = { 3, 4000 };
	socklen_t len = sizeof a;
	char buf[100];
	int s[2], n, one = 1;

	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s);
	n = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind(n, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 5);
	getsockname(n, (void *)&a, &len);
	strcpy(a.sun_path, "/no/such");
	connect(n, (void *)&a, sizeof a);
	connect(n, (void *)&a, 0);
	listen(n, 5);
	accept4(n, NULL, NULL, SOCK_NONBLOCK);
	shutdown(n, SHUT_WR);
	setsockopt(n, SOL_SOCKET, SO_REUSEADDR, &one, 4);
	setsockopt(n, SOL_SOCKET, SO_LINGER, &l, sizeof l);
	setsockopt(n, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	setsockopt(n, IPPROTO_TCP, TCP_NODELAY, &one, 4);
	len = 4;
	getsockopt(n, SOL_SOCKET, SO_TYPE, &one, &len);
	getsockopt(n, SOL_SOCKET, 12345, &one, &len);
	send(s[0], "hello", 5, MSG_NOSIGNAL);
	recv(s[1], buf, 100, MSG_PEEK | MSG_DONTWAIT);
	recvfrom(s[1], buf, 100, 0, (void *)&a, &len);
	m.msg_iov = v;
	m.msg_iovlen = 2;
	sendmsg(s[0], &m, 0);
	m.msg_control = &c;
	m.msg_controllen = sizeof c;
	sendmsg(s[0], &m, MSG_EOR);
	v[0].iov_base = buf;
	v[1].iov_base = buf + 10;
	recvmsg(s[1], &m, 0);
	m.msg_controllen = sizeof c;
	m.msg_iovlen = 1;
	recvmsg(s[1], &m, MSG_CMSG_CLOEXEC);
	v[0].iov_base = "xy";
	mm[0].msg_hdr.msg_iov = mm[1].msg_hdr.msg_iov = v;
	mm[0].msg_hdr.msg_iovlen = 1;
	sendmmsg(s[0], mm, 2, 0);
	v[0].iov_base = buf;
	recvmmsg(s[1], mm, 2, 0, NULL);
	recvmsg(s[1], &m, 0);
	return 0;
}
C
"$FLAT32_CC" -o guest guest.c || exit 2
"$FLAT32" run --strace ./guest 2>trace
same "the exit status" $? 0
sed -n '/^socketpair/,/^exit_group/ { /^exit_group/d; s/0x[0-9a-f]\{5,\}/ADDR/g; s/  *= / = /; p }' trace >seen
cat >want <<'W'
socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC|SOCK_NONBLOCK, 0, [3, 4]) = 0
socket(AF_UNIX, SOCK_DGRAM, 0) = 5
bind(5, {sa_family=AF_UNIX, sun_path=@"name"}, 7) = 0
getsockname(5, {sa_family=AF_UNIX, sun_path=@"name"}, [110 => 7]) = 0
connect(5, {sa_family=AF_UNIX, sun_path="/no/such"}, 110) = -1 ENOENT (No such file or directory)
connect(5, ADDR, 0) = -1 EINVAL (Invalid argument)
listen(5, 5) = -1 EOPNOTSUPP (Operation not supported)
accept4(5, NULL, NULL, SOCK_NONBLOCK) = -1 EOPNOTSUPP (Operation not supported)
shutdown(5, SHUT_WR) = 0
setsockopt(5, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
setsockopt(5, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=2}, 8) = 0
setsockopt(5, SOL_SOCKET, SO_RCVTIMEO_NEW, {tv_sec=3, tv_usec=4000}, 16) = 0
setsockopt(5, SOL_TCP, TCP_NODELAY, [1], 4) = -1 EOPNOTSUPP (Operation not supported)
getsockopt(5, SOL_SOCKET, SO_TYPE, [2], [4]) = 0
getsockopt(5, SOL_SOCKET, 0x3039 /* SO_??? */, ADDR, [4]) = -1 ENOPROTOOPT (Protocol not available)
sendto(3, "hello", 5, MSG_NOSIGNAL, NULL, 0) = 5
recvfrom(4, "hello", 100, MSG_PEEK|MSG_DONTWAIT, NULL, NULL) = 5
recvfrom(4, "hello", 100, 0, ADDR, [4 => 0]) = 5
sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 5
sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], msg_iovlen=2, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0, 1]}], msg_controllen=20, msg_flags=0}, MSG_EOR) = 5
recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 5
recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[6, 7]}], msg_controllen=20, msg_flags=MSG_TRUNC|MSG_CMSG_CLOEXEC}, MSG_CMSG_CLOEXEC) = 2
sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="xy", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}}, {msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0, msg_controllen=0, msg_flags=0}}], 2, 0) = 2
recvmmsg_time64(4, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="xy", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=2}, {msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0, msg_controllen=0, msg_flags=0}, msg_len=0}], 2, 0, NULL) = 2
recvmsg(4, {msg_namelen=0}, 0) = -1 EAGAIN (Resource temporarily unavailable)
W
same "the calls" "$(diff want seen)" ""
finish
