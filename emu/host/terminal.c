/* SPDX-License-Identifier: MIT */
#include "emu/host/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

/* The process has one terminal; signal handlers need to find it. */
static struct {
	int fd;
	struct termios found, raw;
	volatile sig_atomic_t known, changed;
} term;

int terminal_raw(int fd)
{
	static bool at_exit;
	struct termios t;

	if (tcgetattr(fd, &t))
		return -ENOTTY;
	if (!term.known) {
		term.fd = fd;
		term.found = t;
		term.raw = t;
		cfmakeraw(&term.raw);
		term.raw.c_cc[VMIN] = 1;
		term.raw.c_cc[VTIME] = 0;
		term.known = 1;
	}
	if (!at_exit && atexit(terminal_restore))
		return -ENOMEM;
	at_exit = true;
	term.changed = 1;
	return tcsetattr(fd, TCSADRAIN, &term.raw) ? -errno : 0;
}

void terminal_restore(void)
{
	int saved = errno;

	if (term.changed) {
		term.changed = 0;
		tcsetattr(term.fd, TCSANOW, &term.found);
	}
	errno = saved;
}

void terminal_raw_again(void)
{
	if (!term.known)
		return;
	/* The shell that had it meanwhile may have left other settings to come back to. */
	if (!term.changed && !tcgetattr(term.fd, &term.found))
		term.changed = 1;
	tcsetattr(term.fd, TCSANOW, &term.raw);
}

bool terminal_is_raw(void) { return term.changed; }

void terminal_crash(int sig)
{
	(void)sig;
	terminal_restore();
}

bool terminal_was_utf8(void)
{
#ifdef IUTF8
	return term.known && (term.found.c_iflag & IUTF8);
#else
	return false;
#endif
}

bool terminal_size(int fd, uint16_t *rows, uint16_t *columns)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) || !w.ws_row || !w.ws_col)
		return false;
	*rows = w.ws_row;
	*columns = w.ws_col;
	return true;
}
