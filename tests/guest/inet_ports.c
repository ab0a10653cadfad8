/* SPDX-License-Identifier: MIT
 * Which ports are given out: net.ipv4.ip_local_port_range, IP_LOCAL_PORT_RANGE.
 */
#include "inet.h"

#define SYSCTL "/proc/sys/net/ipv4/ip_local_port_range"
enum { LOCAL_PORT_RANGE = 51 };

static int put(const char *text)
{
	int fd = open(SYSCTL, O_WRONLY), r = write(fd, text, strlen(text)) < 0 ? errno : 0;

	close(fd);
	return r;
}

static const char *get(void)
{
	static char text[64];
	int fd = open(SYSCTL, O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);

	text[n > 0 ? n : 0] = 0;
	close(fd);
	return text;
}

static int limit(int fd, unsigned first, unsigned last)
{
	unsigned range = last << 16 | first;

	return setsockopt(fd, IPPROTO_IP, LOCAL_PORT_RANGE, &range, sizeof range);
}

static int bound(int fd)
{
	struct sockaddr_in a = in4(LO, 0);

	return bind(fd, SA(a)) ? -errno : port_of(fd);
}

static void sysctl(void)
{
	tap_ok(!strcmp(get(), "32768\t60999\n"), "the default");
	tap_is(put("40000 40001\n"), 0, "set");
	tap_ok(!strcmp(get(), "40000\t40001\n"), "and read");
	tap_is(put("39998\n"), 0, "the first alone");
	tap_ok(!strcmp(get(), "39998\t40001\n"), "is set");
	tap_is(put("40001 40000"), EINVAL, "the wrong way round");
	tap_is(put("1000 40000"), EINVAL, "ports that not all may take");
	tap_is(put("30000 70000"), EINVAL, "no port");
	tap_is(put("many"), EINVAL, "no number");
	tap_is(put("40000\t49999\n"), 0, "ten thousand");
}

static void limits(int type, const char *name)
{
	unsigned range = 1;
	socklen_t len = sizeof range;
	int fd = socket(AF_INET, type, 0), a, b, c, port;
	unsigned char byte[8] = { 1 };

	tap_diag("%s", name);
	tap_ok(!getsockopt(fd, IPPROTO_IP, LOCAL_PORT_RANGE, &range, &len) && !range && len == 4, "not limited");
	tap_errno(setsockopt(fd, IPPROTO_IP, LOCAL_PORT_RANGE, byte, 2), EINVAL, "two bytes");
	tap_errno(setsockopt(fd, IPPROTO_IP, LOCAL_PORT_RANGE, byte, 8), EINVAL, "eight bytes");
	tap_errno(limit(fd, 41000, 40999), EINVAL, "the wrong way round");
	tap_zero(limit(fd, 41000, 41001), "two ports");
	getsockopt(fd, IPPROTO_IP, LOCAL_PORT_RANGE, &range, &len);
	tap_is(range, 41001u << 16 | 41000, "read");
	port = bound(fd);
	tap_ok(port == 41000 || port == 41001, "one of them");
	a = socket(AF_INET, type, 0);
	limit(a, 41000, 41001);
	tap_is(bound(a), 41000 + 41001 - port, "the other");
	b = socket(AF_INET, type, 0);
	limit(b, 41000, 41001);
	tap_is(bound(b), -EADDRINUSE, "no more");
	c = socket(AF_INET, type, 0);
	limit(c, 0, 40000);
	tap_is(bound(c), 40000, "no first: the machine's");
	close(c);
	c = socket(AF_INET, type, 0);
	limit(c, 49999, 0);
	tap_is(bound(c), 49999, "no last: the machine's");
	close(c);
	c = socket(AF_INET, type, 0);
	limit(c, 30000, 39999);
	port = bound(c);
	tap_ok(port >= 40000 && port <= 49999, "outside of the machine's: it does not count");
	close(c);
	close(b);
	close(a);
	close(fd);
}

int main(void)
{
	inet_begin();
	tap_plan(0);
	sysctl();
	limits(SOCK_STREAM, "TCP");
	limits(SOCK_DGRAM, "UDP");
	tap_is(put("32768 60999\n"), 0, "as it was");
	return tap_done();
}
