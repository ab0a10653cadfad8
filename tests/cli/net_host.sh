#!/bin/sh
# --net: none by default; host reaches a server of the host's, and is refused where it makes no sense.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 5

# What is not a loopback address of the host's; without one there is nothing to try.
cat >host.c <<'C'
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Prints an address and a port; serves one TCP connection and one datagram there: what comes goes back in capitals. */
static void answer(char *text, long n)
{
	for (long i = 0; i < n; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 32);
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET }, from;
	socklen_t len = sizeof a;
	struct ifaddrs *all, *i;
	char text[1000];
	struct pollfd p;
	int t, u, c;
	long n;

	getifaddrs(&all);
	for (i = all; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK))
			a.sin_addr = ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr;
	if (!a.sin_addr.s_addr)
		return 1;
	t = socket(AF_INET, SOCK_STREAM, 0);
	u = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(t, (void *)&a, sizeof a) || listen(t, 5) || getsockname(t, (void *)&a, &len) || bind(u, (void *)&a, sizeof a))
		return 1;
	printf("%s %d\n", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
	fclose(stdout);
	p = (struct pollfd){ t, POLLIN, 0 };
	if (poll(&p, 1, 20000) != 1)
		return 2;
	c = accept(t, NULL, NULL);
	n = read(c, text, sizeof text);
	usleep(100000);
	answer(text, n);
	write(c, text, (size_t)n);
	close(c);
	len = sizeof from;
	p.fd = u;
	if (poll(&p, 1, 20000) != 1)
		return 2;
	n = recvfrom(u, text, sizeof text, 0, (void *)&from, &len);
	answer(text, n);
	sendto(u, text, (size_t)n, 0, (void *)&from, len);
	return 0;
}
C
cat >guest.c <<'C'
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr = { inet_addr(argv[1]) } }, peer;
	int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), l = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = sizeof peer;
	struct pollfd p = { t, POLLIN, 0 };
	char text[100];
	long n;

	if (connect(t, (void *)&a, sizeof a)) {
		printf("connect: %s\n", strerror(errno));
		return 1;
	}
	getpeername(t, (void *)&peer, &len);
	printf("peer is right: %d\n", peer.sin_port == a.sin_port && peer.sin_addr.s_addr == a.sin_addr.s_addr && len == 16);
	write(t, "hello", 5);
	fcntl(t, F_SETFL, O_NONBLOCK);
	n = read(t, text, sizeof text);
	printf("not yet: %d\n", n == -1 && errno == EAGAIN);
	printf("poll waits: %d\n", poll(&p, 1, 10000) == 1 && (p.revents & POLLIN));
	fcntl(t, F_SETFL, 0);
	n = read(t, text, sizeof text);
	printf("%.*s, %ld\n", (int)n, text, (long)read(t, text, sizeof text));
	sendto(u, "world", 5, 0, (void *)&a, sizeof a);
	n = recvfrom(u, text, sizeof text, 0, (void *)&peer, &len);
	printf("%.*s, from there: %d\n", (int)n, text, peer.sin_port == a.sin_port);
	n = connect(u, (void *)&a, sizeof a) || connect(u, (void *)&none, sizeof none) || send(u, "x", 1, 0) >= 0 ? -1 : errno;
	printf("connected, and undone: %s\n", n == EDESTADDRREQ ? "no destination" : "still one");
	/* Loopback addresses are the guest's own, for sockets of the host's as well. */
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	n = sendto(u, "x", 1, 0, (void *)&a, sizeof a);
	printf("loopback from there: %s\n", n < 0 ? strerror(errno) : "sent");
	n = connect(l, (void *)&a, sizeof a);
	printf("loopback: %s\n", n < 0 ? strerror(errno) : "connected");
	return 0;
}
C
gcc -O2 -o host host.c && "$FLAT32_CC" -O2 -o guest guest.c || exit 2
./host >where &
i=0
while [ ! -s where ] && [ $i -lt 50 ] && kill -0 $! 2>/dev/null; do
	sleep 0.1
	i=$((i + 1))
done
if read -r address port <where; then
	same "none: cannot be reached" "$(timeout 10 "$FLAT32" run ./guest "$address" "$port" 2>&1)" "connect: Network unreachable"
	same "host: a connection, a datagram, and no way to the host's loopback" \
		"$(timeout 20 "$FLAT32" run --net host ./guest "$address" "$port" 2>&1)" "peer is right: 1
not yet: 1
poll waits: 1
HELLO, 0
WORLD, from there: 1
connected, and undone: no destination
loopback from there: Network unreachable
loopback: Connection refused"
	wait $!
	same "the server had both" $? 0
else
	skip 3 "the host has no address but loopback"
fi
"$FLAT32" run --net host --deterministic ./guest 2>said
same "--net host with --deterministic" $? 125
"$FLAT32" run --net bridge ./guest 2>said
same "--net bridge" $? 125
finish
