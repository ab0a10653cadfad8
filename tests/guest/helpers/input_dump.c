/* SPDX-License-Identifier: MIT
 *
 * input_dump [-n EVENTS] [-t MS]: prints what comes from /dev/input/event0, 1, 2 and mice until Esc goes up, nothing comes for
 * MS (5000), or so many events have come.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 4, KEY_ESC = 1 };
struct event { uint32_t sec, usec; uint16_t type, code; int32_t value; };

int main(int argc, char **argv)
{
	static const char *const names[FILES] = { "event0", "event1", "event2", "mice" };
	struct pollfd p[FILES];
	int events = 1 << 30, quiet = 5000, opt;

	while ((opt = getopt(argc, argv, "n:t:")) > 0)
		*(opt == 'n' ? &events : &quiet) = atoi(optarg);
	for (int i = 0; i < FILES; i++) {
		char path[32];
		int mono = CLOCK_MONOTONIC;

		snprintf(path, sizeof path, "/dev/input/%s", names[i]);
		p[i] = (struct pollfd){ open(path, O_RDONLY | O_NONBLOCK), POLLIN, 0 };
		if (p[i].fd < 0) {
			perror(path);
			return 1;
		}
		if (i < 3)
			ioctl(p[i].fd, 0x400445a0 /* EVIOCSCLOCKID */, &mono);
	}
	printf("ready\n");
	fflush(stdout);
	while (poll(p, FILES, quiet) > 0) {
		for (int i = 0; i < FILES; i++) {
			struct event e;
			unsigned char b[4];
			ssize_t n;

			if (!(p[i].revents & POLLIN))
				continue;
			if (i == 3) {
				n = read(p[i].fd, b, sizeof b);
				printf("mice:");
				for (ssize_t k = 0; k < n; k++)
					printf(" %02x", b[k]);
				printf("\n");
				continue;
			}
			while (read(p[i].fd, &e, sizeof e) == sizeof e) {
				printf("%s: %d %d %d\n", names[i], e.type, e.code, e.value);
				if (!--events || (e.type == 1 && e.code == KEY_ESC && !e.value)) {
					printf("end\n");
					return 0;
				}
			}
		}
		fflush(stdout);
	}
	printf("quiet\n");
	return 0;
}
