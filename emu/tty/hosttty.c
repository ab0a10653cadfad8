/* SPDX-License-Identifier: MIT */
#include "emu/tty/hosttty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include "emu/sys/user.h"
#include "emu/tty/tty.h"

/*
 * Hosts whose kernel uses asm-generic's termbits.h (x86, Arm, RISC-V, ...) have the guest's own structure and
 * numbers; others would need a translation, flag by flag.
 */
_Static_assert(sizeof(struct termios2) == sizeof(struct tty_termios) && ICANON == TTY_ICANON && VMIN == TTY_VMIN &&
	       TCSETS2 == TTY_TCSETS2 && TIOCGWINSZ == TTY_TIOCGWINSZ && FIONREAD == TTY_FIONREAD,
	       "the host's terminal settings are asm-generic's");

static int64_t get(int fd, struct task *t, uint32_t arg, uint32_t size)
{
	struct tty_termios s;

	if (ioctl(fd, TCGETS2, &s))
		return -errno;
	return user_write(t, arg, &s, size);
}

static int64_t set(int fd, struct task *t, uint32_t arg, uint32_t size, unsigned long cmd)
{
	struct tty_termios s;

	if (ioctl(fd, TCGETS2, &s))
		return -errno;
	if (user_read(t, &s, arg, size))
		return -EFAULT;
	return ioctl(fd, cmd, &s) ? -errno : 0;
}

/* Commands whose argument is a plain number. */
static int64_t by_value(int fd, uint32_t cmd, uint32_t arg)
{
	return ioctl(fd, cmd, (unsigned long)arg) ? -errno : 0;
}

static int64_t get_int(int fd, struct task *t, uint32_t cmd, uint32_t arg)
{
	int v = 0;

	if (ioctl(fd, cmd, &v))
		return -errno;
	return user_put32(t, arg, (uint32_t)v);
}

static int64_t window(int fd, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct tty_winsize w;

	if (cmd == TTY_TIOCSWINSZ && user_read(t, &w, arg, sizeof w))
		return -EFAULT;
	if (ioctl(fd, cmd, &w))
		return -errno;
	return cmd == TTY_TIOCGWINSZ ? user_write(t, arg, &w, sizeof w) : 0;
}

static int64_t terminal_ioctl(int fd, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case TTY_TCGETS:
		return get(fd, t, arg, TTY_TERMIOS_SIZE);
	case TTY_TCGETS2:
		return get(fd, t, arg, sizeof(struct tty_termios));
	case TTY_TCSETS: case TTY_TCSETSW: case TTY_TCSETSF:
		return set(fd, t, arg, TTY_TERMIOS_SIZE, TCSETS2 + (cmd - TTY_TCSETS));
	case TTY_TCSETS2: case TTY_TCSETSW2: case TTY_TCSETSF2:
		return set(fd, t, arg, sizeof(struct tty_termios), cmd);
	case TTY_TIOCGWINSZ: case TTY_TIOCSWINSZ:
		return window(fd, t, cmd, arg);
	case TTY_TIOCOUTQ: case TTY_TIOCGETD: case TTY_TIOCGDEV: case TTY_TIOCGEXCL:
		return get_int(fd, t, cmd, arg);
	case TTY_TCSBRK: case TTY_TCSBRKP: case TTY_TCXONC: case TTY_TCFLSH: case TTY_TIOCEXCL: case TTY_TIOCNXCL:
	case TTY_TIOCSBRK: case TTY_TIOCCBRK:
		return by_value(fd, cmd, arg);
	}
	return -ENOTTY;
}

/* Does it change what others see? Then a background process has to ask. */
static bool changes(uint32_t cmd)
{
	switch (cmd) {
	case TTY_TCSETS: case TTY_TCSETSW: case TTY_TCSETSF: case TTY_TCSETS2: case TTY_TCSETSW2: case TTY_TCSETSF2:
	case TTY_TCSBRK: case TTY_TCSBRKP: case TTY_TCXONC: case TTY_TCFLSH:
		return true;
	}
	return false;
}

int64_t hosttty_ioctl(int fd, bool terminal, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct tty *tty = t->machine->terminal;
	int64_t r;

	if (cmd == TTY_FIONREAD)
		return get_int(fd, t, cmd, arg);
	if (!terminal)
		return -ENOTTY;
	if (tty) {
		r = tty_job_ioctl(tty, f, t, cmd, arg);
		if (r == TTY_NOT_MINE)
			r = changes(cmd) ? tty_check_change(tty, t) : 0;
		else
			return r;
		if (r)
			return r;
	}
	return terminal_ioctl(fd, t, cmd, arg);
}
