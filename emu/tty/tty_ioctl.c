/* SPDX-License-Identifier: MIT
 *
 * The ioctls of terminals (drivers/tty/tty_ioctl.c, n_tty_ioctl_helper()).
 */
#include <errno.h>
#include <string.h>
#include "emu/signal/signal.h"
#include "emu/sys/user.h"
#include "emu/tty/tty.h"

enum { SIG_WINCH = 28 };
enum { CAP_SYS_ADMIN_ = 21 };

/* --- Speeds --- */

/* By the code in cflag: 0..15, then 1..15 with CBAUDEX (010000). */
static const uint32_t bauds[2][16] = {
	{ 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 },
	{ 0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000,
	  3000000, 3500000, 4000000 },
};

static uint32_t speed_of(uint32_t cflag, uint32_t other)
{
	uint32_t code = cflag & TTY_CBAUD;

	return code == TTY_BOTHER ? other : bauds[code >> 12 & 1][code & 15];
}

/* --- Settings --- */

/* struct termio of System V: 16-bit flags and eight characters. */
struct termio { uint16_t iflag, oflag, cflag, lflag; uint8_t discipline, cc[8], pad; };
_Static_assert(sizeof(struct termio) == 18, "struct termio");

static int64_t get_termio(const struct tty *tty, struct task *t, uint32_t arg)
{
	const struct tty_termios *s = &tty->termios;
	struct termio io = { (uint16_t)s->iflag, (uint16_t)s->oflag, (uint16_t)s->cflag, (uint16_t)s->lflag,
			     s->discipline, { 0 }, 0 };

	memcpy(io.cc, s->cc, sizeof io.cc);
	return user_write(t, arg, &io, sizeof io);
}

static int read_termio(struct task *t, uint32_t arg, struct tty_termios *s)
{
	struct termio io;

	if (user_read(t, &io, arg, sizeof io))
		return -EFAULT;
	s->iflag = (s->iflag & 0xffff0000) | io.iflag;
	s->oflag = (s->oflag & 0xffff0000) | io.oflag;
	s->cflag = (s->cflag & 0xffff0000) | io.cflag;
	s->lflag = (s->lflag & 0xffff0000) | io.lflag;
	s->discipline = io.discipline;
	memcpy(s->cc, io.cc, sizeof io.cc);
	return 0;
}

/* Waits until all output is out: 0, or what the call returns meanwhile. */
static int64_t wait_drained(struct tty *tty, struct task *t)
{
	tty_out_drain(tty);
	if (tty->driver->pair || !tty_out_pending(tty))
		return 0;
	wait_on(&tty->writable, t);
	return task_block(t);
}

enum when { NOW, DRAINED, FLUSHED };
enum shape { TERMIOS, TERMIOS2, TERMIO };

static int64_t set_termios(struct tty *tty, struct task *t, uint32_t arg, enum shape shape, enum when when)
{
	struct tty_termios s = tty->termios, old = tty->termios;
	int64_t r = tty_check_change(tty, t);

	if (r)
		return r;
	if (shape == TERMIO)
		r = read_termio(t, arg, &s);
	else
		r = user_read(t, &s, arg, shape == TERMIOS2 ? sizeof s : TTY_TERMIOS_SIZE);
	if (r)
		return r;
	s.ospeed = speed_of(s.cflag, s.ospeed);
	s.ispeed = s.cflag >> 16 & TTY_CBAUD ? speed_of(s.cflag >> 16, s.ispeed) : s.ospeed;
	if (when != NOW) {
		r = wait_drained(tty, t);
		if (r)
			return r;
	}
	if (when == FLUSHED)
		tty_in_flush(tty);
	tty->termios = s;
	tty->termios.discipline = 0;	/* N_TTY, the only one */
	if (tty->driver->new_settings)
		tty->driver->new_settings(tty, &old);
	tty_mode_changed(tty, &old);
	if ((old.iflag & TTY_IXON) && !(s.iflag & TTY_IXON))
		tty_start(tty);
	/* Whoever waits may go on by the new rules. */
	wake_all(&tty->readable);
	wake_all(&tty->writable);
	return 0;
}

static int64_t termios_ioctl(struct tty *tty, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case TTY_TCGETS:
		return user_write(t, arg, &tty->termios, TTY_TERMIOS_SIZE);
	case TTY_TCGETS2:
		return user_write(t, arg, &tty->termios, sizeof tty->termios);
	case TTY_TCGETA:
		return get_termio(tty, t, arg);
	case TTY_TCSETS: case TTY_TCSETSW: case TTY_TCSETSF:
		return set_termios(tty, t, arg, TERMIOS, (enum when)(cmd - TTY_TCSETS));
	case TTY_TCSETA: case TTY_TCSETAW: case TTY_TCSETAF:
		return set_termios(tty, t, arg, TERMIO, (enum when)(cmd - TTY_TCSETA));
	case TTY_TCSETS2: case TTY_TCSETSW2: case TTY_TCSETSF2:
		return set_termios(tty, t, arg, TERMIOS2, (enum when)(cmd - TTY_TCSETS2));
	}
	return TTY_NOT_MINE;
}

/* --- Queues and flow --- */

int64_t tty_flush(struct tty *tty, uint32_t which)
{
	if (which > 2)
		return -EINVAL;
	if (which != 1) {
		tty_in_flush(tty);
		if (tty->driver->input_room)
			tty->driver->input_room(tty);
	}
	if (which != 0)
		tty_out_flush(tty);
	return 0;
}

/* TCIOFF, TCION: the character goes to the other end, even past a stop (tty_send_xchar()). */
static void send_flow_char(struct tty *tty, uint8_t c)
{
	bool stopped = tty->stopped;

	if (c == TTY_DISABLED)
		return;
	if (stopped)
		tty_start(tty);
	tty_put(tty, c);
	tty_out_drain(tty);
	if (stopped)
		tty_stop(tty);
}

int64_t tty_flow(struct tty *tty, uint32_t action)
{
	switch (action) {
	case 0:		/* TCOOFF */
		tty->tco_stopped = true;
		tty_stop(tty);
		return 0;
	case 1:		/* TCOON */
		if (tty->tco_stopped) {
			tty->tco_stopped = false;
			tty_start(tty);
		}
		return 0;
	case 2: case 3:
		send_flow_char(tty, tty->termios.cc[action == 2 ? TTY_VSTOP : TTY_VSTART]);
		return 0;
	}
	return -EINVAL;
}

void tty_set_winsize(struct tty *tty, const struct tty_winsize *w)
{
	if (!memcmp(w, &tty->winsize, sizeof *w))
		return;
	tty->winsize = *w;
	if (tty->pgrp)
		signal_send_group(tty->machine, tty->pgrp, SIG_WINCH, NULL);
}

static int64_t set_winsize(struct tty *tty, struct task *t, uint32_t arg)
{
	struct tty_winsize w;

	if (user_read(t, &w, arg, sizeof w))
		return -EFAULT;
	tty_set_winsize(tty, &w);
	return 0;
}

/* Enough of struct serial_struct to tell which line this is: what cttyhack(1) asks. */
static int64_t get_serial(const struct tty *tty, struct task *t, uint32_t arg)
{
	uint32_t serial[15] = { 0 };

	if (vfs_major(tty->dev) != 4 || vfs_minor(tty->dev) < 64)
		return -ENOTTY;
	serial[1] = vfs_minor(tty->dev) - 64;
	return user_write(t, arg, serial, sizeof serial);
}

/* TIOCSTI: as if it had been typed. */
static int64_t type_for_others(struct tty *tty, struct task *t, uint32_t arg)
{
	bool privileged = task_capable(t, CAP_SYS_ADMIN_);
	uint8_t c;

	if (!t->machine->legacy_tiocsti && !privileged)
		return -EIO;
	if (t->process->tty != tty && !privileged)
		return -EPERM;
	if (user_read(t, &c, arg, 1))
		return -EFAULT;
	tty_receive(tty, &c, 1);
	return 0;
}

/* TIOCSSOFTCAR: is the line without a modem? */
static int64_t set_softcar(struct tty *tty, struct task *t, uint32_t arg)
{
	struct tty_termios old = tty->termios;
	uint32_t on;

	if (user_get32(t, arg, &on))
		return -EFAULT;
	tty->termios.cflag = (old.cflag & ~(uint32_t)TTY_CLOCAL) | (on ? TTY_CLOCAL : 0);
	if (tty->driver->new_settings)
		tty->driver->new_settings(tty, &old);
	return 0;
}

int64_t tty_settings_ioctl(struct tty *tty, struct task *t, uint32_t cmd, uint32_t arg)
{
	int64_t r;

	switch (cmd) {
	case TTY_TIOCGWINSZ:
		return user_write(t, arg, &tty->winsize, sizeof tty->winsize);
	case TTY_TIOCSWINSZ:
		return set_winsize(tty, t, arg);
	case TTY_TIOCGDEV:
		return user_put32(t, arg, tty->dev);
	case TTY_TIOCGSOFTCAR:
		return user_put32(t, arg, (tty->termios.cflag & TTY_CLOCAL) != 0);
	case TTY_TIOCSSOFTCAR:
		return set_softcar(tty, t, arg);
	}
	r = termios_ioctl(tty, t, cmd, arg);
	return r == TTY_NOT_MINE ? -ENOTTY : r;
}

static int64_t other_ioctl(struct tty *tty, struct task *t, uint32_t cmd, uint32_t arg)
{
	int64_t r;
	uint32_t v;

	switch (cmd) {
	case TTY_TCSBRK: case TTY_TCSBRKP:	/* a break cannot be sent, but is preceded by a wait */
		r = tty_check_change(tty, t);
		return r ? r : wait_drained(tty, t);
	case TTY_TIOCSBRK: case TTY_TIOCCBRK:
		return tty_check_change(tty, t);
	case TTY_TCXONC:
		r = tty_check_change(tty, t);
		return r ? r : tty_flow(tty, arg);
	case TTY_TCFLSH:
		r = tty_check_change(tty, t);
		return r ? r : tty_flush(tty, arg);
	case TTY_FIONREAD:
		return user_put32(t, arg, (uint32_t)tty_in_count(tty));
	case TTY_TIOCOUTQ:
		return user_put32(t, arg, tty->driver->pair ? 0 : (uint32_t)tty_out_pending(tty));
	case TTY_TIOCSTI:
		return type_for_others(tty, t, arg);
	case TTY_TIOCVHANGUP:
		if (!task_capable(t, CAP_SYS_ADMIN_))
			return -EPERM;
		tty_hangup(tty, false);
		return 0;
	case TTY_TIOCEXCL:
		tty->exclusive = true;
		return 0;
	case TTY_TIOCNXCL:
		tty->exclusive = false;
		return 0;
	case TTY_TIOCGEXCL:
		return user_put32(t, arg, tty->exclusive);
	case TTY_TIOCGETD:
		return user_put32(t, arg, 0);
	case TTY_TIOCSETD:
		r = tty_check_change(tty, t);
		if (!r)
			r = wait_drained(tty, t);
		if (r)
			return r;
		if (user_get32(t, arg, &v))
			return -EFAULT;
		return v ? -EINVAL : 0;
	case TTY_TIOCGPTPEER:
		return -EIO;	/* only of a master */
	case TTY_TIOCCONS:
		return task_capable(t, CAP_SYS_ADMIN_) ? -ENOTTY : -EPERM;
	case TTY_TIOCGSERIAL:
		return get_serial(tty, t, arg);
	}
	return TTY_NOT_MINE;
}

int64_t tty_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct tty *tty = f->private;
	int64_t r;

	if (tty_dead(f))
		return cmd == TTY_TIOCSPGRP ? -ENOTTY : -EIO;	/* hung_up_tty_ioctl() */
	r = tty_job_ioctl(tty, f, t, cmd, arg);
	if (r == TTY_NOT_MINE)
		r = other_ioctl(tty, t, cmd, arg);
	if (r == TTY_NOT_MINE && tty->driver->ioctl)
		r = tty->driver->ioctl(tty, f, t, cmd, arg);
	return r == TTY_NOT_MINE ? tty_settings_ioctl(tty, t, cmd, arg) : r;
}
