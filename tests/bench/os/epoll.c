/* SPDX-License-Identifier: MIT
 * An epoll watches 1,000 descriptors (or as many as the second argument says); one after the other, in no order, has an
 * event, which is waited for and taken. */
#include "rate.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MOST = 1000 };
static int fds[MOST];

int main(int argc, char **argv)
{
	struct epoll_event e = { .events = EPOLLIN };
	int many = argc > 2 ? atoi(argv[2]) : MOST, ep = epoll_create1(0);
	unsigned at = 1;
	long n, i;

	if (ep < 0 || many < 1 || many > MOST)
		return 1;
	for (i = 0; i < many; i++) {
		e.data.u32 = (unsigned)i;
		fds[i] = eventfd(0, EFD_NONBLOCK);
		if (fds[i] < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e))
			return 1;
	}
	n = rate_begin(argc, argv, 50000);
	for (i = 0; i < n; i++) {
		unsigned long long v = 1;

		at = at * 1103515245 + 12345;
		if (write(fds[(at >> 8) % (unsigned)many], &v, sizeof v) != sizeof v)
			return 1;
		if (epoll_wait(ep, &e, 1, -1) != 1 || read(fds[e.data.u32], &v, sizeof v) != sizeof v)
			return 1;
	}
	return rate_end(n);
}
