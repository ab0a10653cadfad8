/* SPDX-License-Identifier: MIT
 *
 * For tests of terminals: a pty with both ends here, neither of which blocks, and texts compared with their control
 * characters made readable.
 */
#ifndef PTY_H
#define PTY_H

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "tap.h"

/* uClibc's <termios.h> leaves some out. */
#ifndef EXTPROC
#define EXTPROC 0200000
#endif
#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif
#ifndef TIOCGPTLCK
#define TIOCGPTLCK 0x80045439
#endif
#ifndef TIOCGPKT
#define TIOCGPKT 0x80045438
#endif
#ifndef TIOCSIG
#define TIOCSIG 0x40045436
#endif

struct pty { int master, slave, number; char name[32]; };

static inline int pty_open(struct pty *p)
{
	int zero = 0;

	p->slave = -1;
	p->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (p->master < 0 || ioctl(p->master, TIOCGPTN, &p->number) || ioctl(p->master, TIOCSPTLCK, &zero))
		return -1;
	snprintf(p->name, sizeof p->name, "/dev/pts/%d", p->number);
	p->slave = open(p->name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	return p->slave < 0 ? -1 : 0;
}

static inline void pty_close(struct pty *p)
{
	close(p->slave);
	close(p->master);
}

/* "a^M$\xff" for a, CR, NL, 0xff; "(errno)" for an error. */
static inline const char *pty_visible(const char *s, ssize_t n)
{
	static char text[4][4096];
	static int turn;
	char *out = text[turn = (turn + 1) % 4], *p = out;

	if (n < 0) {
		sprintf(out, "(%s)", strerror(errno));
		return out;
	}
	for (; n > 0 && p < out + sizeof text[0] - 8; n--, s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			p += sprintf(p, "$");
		else if (c < 0x20 || c == 0x7f)
			p += sprintf(p, "^%c", c ^ 0100);
		else if (c >= 0x80)
			p += sprintf(p, "\\x%02x", c);
		else
			*p++ = (char)c;
	}
	*p = 0;
	return out;
}

/* One read gives exactly this, as pty_visible() shows it. */
static inline void pty_reads(int fd, const char *want, const char *what)
{
	char buf[2000];
	ssize_t n = read(fd, buf, sizeof buf);
	const char *got = pty_visible(buf, n);

	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

static inline void pty_type(const struct pty *p, const char *text)
{
	ssize_t len = (ssize_t)strlen(text), n = write(p->master, text, (size_t)len);

	if (n != len)
		tap_diag("typed %d of %d bytes", (int)n, (int)len);
}

/* POLLIN and so on as letters: "in out pri hup err". */
static inline const char *pty_poll(int fd)
{
	static char text[40];
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI, 0 };

	poll(&p, 1, 0);
	sprintf(text, "%s%s%s%s%s", p.revents & POLLIN ? " in" : "", p.revents & POLLOUT ? " out" : "",
		p.revents & POLLPRI ? " pri" : "", p.revents & POLLHUP ? " hup" : "", p.revents & POLLERR ? " err" : "");
	return text[0] ? text + 1 : "nothing";
}

static inline void pty_ready(int fd, const char *want, const char *what)
{
	const char *got = pty_poll(fd);

	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

#endif
