/* SPDX-License-Identifier: MIT
 *
 * What can be asked of a pty's master (pty_unix98_ioctl(), and tty_ioctl() where tty and real_tty are not the same):
 * settings, window size and foreground group are the slave's, buffers and flow control the master's own.
 */
#include <errno.h>
#include <string.h>
#include "emu/fs/internal.h"
#include "emu/kernel/files.h"
#include "emu/signal/signal.h"
#include "emu/sys/user.h"
#include "emu/tty/pty.h"

enum { SIG_INT = 2, SIG_QUIT = 3, SIG_TSTP = 20 };
#define SLAVE_SETTINGS_CFLAG (TTY_CS8 | TTY_CREAD)

/* --- Packet mode --- */

void pty_packet(struct tty *slave, uint8_t status)
{
	struct pty *pty = slave->owner;

	if (!pty->packet)
		return;
	if (status & (TTY_PKT_STOP | TTY_PKT_START))
		pty->status &= (uint8_t)~(TTY_PKT_STOP | TTY_PKT_START);
	pty->status |= status;
	wake_all(&pty->readable);
}

/* Would a terminal at the master have to stop on ^S itself? */
static bool usual_flow(const struct tty_termios *s)
{
	return (s->iflag & TTY_IXON) && s->cc[TTY_VSTOP] == 023 && s->cc[TTY_VSTART] == 021;
}

/* pty_set_termios() */
void pty_new_settings(struct tty *slave, const struct tty_termios *old)
{
	struct pty *pty = slave->owner;
	struct tty_termios *s = &slave->termios;

	if (pty->packet && usual_flow(s) != usual_flow(old)) {
		pty->status &= (uint8_t)~(TTY_PKT_DOSTOP | TTY_PKT_NOSTOP);
		pty_packet(slave, usual_flow(s) ? TTY_PKT_DOSTOP : TTY_PKT_NOSTOP);
	}
	if ((old->lflag | s->lflag) & TTY_EXTPROC)
		pty_packet(slave, TTY_PKT_IOCTL);
	s->cflag = (s->cflag & ~(uint32_t)(TTY_CSIZE | TTY_PARENB)) | SLAVE_SETTINGS_CFLAG;
}

static int64_t set_packet_mode(struct pty *pty, struct task *t, uint32_t arg)
{
	uint32_t on;

	if (user_get32(t, arg, &on))
		return -EFAULT;
	if (on && !pty->packet)
		pty->status = 0;
	pty->packet = on;
	return 0;
}

/* --- The pair --- */

static int64_t set_lock(struct pty *pty, struct task *t, uint32_t arg)
{
	uint32_t on;

	if (user_get32(t, arg, &on))
		return -EFAULT;
	pty->locked = on;
	return 0;
}

static int64_t send_signal(struct pty *pty, uint32_t signo)
{
	if (signo != SIG_INT && signo != SIG_QUIT && signo != SIG_TSTP)
		return -EINVAL;
	if (pty->slave.pgrp)
		signal_send_group(pty->slave.machine, pty->slave.pgrp, (int)signo, NULL);
	return 0;
}

/* ptm_open_peer(): the slave, whatever is mounted where its name would be looked for. */
static int64_t open_peer(struct pty *pty, struct file *f, struct task *t, uint32_t flags)
{
	struct path_ref root, p;
	struct file *slave;
	int64_t err = devpts_of(f, &root);

	if (err)
		return err;
	if (root.mnt->super == pty->instance) {
		p = (struct path_ref){ root.mnt, pty->node };
		err = vfs_open_path(&p, flags & ~(uint32_t)(FO_CREAT | FO_EXCL), NULL, &slave);
	} else {
		err = -ENODEV;
	}
	path_put(&root);
	return err ? err : files_install(t, slave, 0, flags & FO_CLOEXEC);
}

static int64_t pair_ioctl(struct pty *pty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case TTY_TIOCSPTLCK:
		return set_lock(pty, t, arg);
	case TTY_TIOCGPTLCK:
		return user_put32(t, arg, pty->locked);
	case TTY_TIOCPKT:
		return set_packet_mode(pty, t, arg);
	case TTY_TIOCGPKT:
		return user_put32(t, arg, pty->packet);
	case TTY_TIOCGPTN:
		return user_put32(t, arg, pty->index);
	case TTY_TIOCSIG:
		return send_signal(pty, arg);
	case TTY_TIOCGPTPEER:
		return open_peer(pty, f, t, arg);
	}
	return TTY_NOT_MINE;
}

/* --- The master as a terminal --- */

/* In this direction only what has not been typed yet is left to flush, and nobody sees that. */
static int64_t flush(struct pty *pty, uint32_t which)
{
	if (which > 2)
		return -EINVAL;
	if (which != 1)
		pty_discard(pty);
	if (which != 0) {
		pty->typed_start = pty->typed_end = 0;
		wake_all(&pty->writable);
	}
	return 0;
}

static int64_t flow(struct pty *pty, uint32_t action)
{
	static const uint8_t start_stop[2] = { 19, 17 };	/* of tty_std_termios; a master's own cannot be changed */

	switch (action) {
	case 0:
		pty->stopped = true;
		return 0;
	case 1:
		pty->stopped = false;
		wake_all(&pty->writable);
		return 0;
	case 2: case 3:
		tty_receive(&pty->slave, &start_stop[action - 2], 1);
		return 0;
	}
	return -EINVAL;
}

static int64_t own_ioctl(struct pty *pty, struct task *t, uint32_t cmd, uint32_t arg)
{
	uint32_t n;

	switch (cmd) {
	case TTY_FIONREAD:
		return user_put32(t, arg, (uint32_t)pty_readable(pty));
	case TTY_TIOCOUTQ: case TTY_TIOCGETD:
		return user_put32(t, arg, 0);
	case TTY_TIOCSETD:
		if (user_get32(t, arg, &n))
			return -EFAULT;
		return n ? -EINVAL : 0;
	case TTY_TCFLSH:
		return flush(pty, arg);
	case TTY_TCXONC:
		return flow(pty, arg);
	case TTY_TIOCEXCL: case TTY_TIOCNXCL:
		pty->exclusive = cmd == TTY_TIOCEXCL;
		return 0;
	case TTY_TIOCGEXCL:
		return user_put32(t, arg, pty->exclusive);
	case TTY_TCSBRK: case TTY_TCSBRKP: case TTY_TIOCSBRK: case TTY_TIOCCBRK:
		return 0;	/* no driver's break_ctl() */
	case TTY_TIOCNOTTY:
		return -ENOTTY;
	case TTY_TIOCCONS:
		return -EINVAL;
	case TTY_TIOCGPGRP:
		return user_put32(t, arg, (uint32_t)pty->slave.pgrp);
	case TTY_TIOCGSID:
		return pty->slave.session ? user_put32(t, arg, (uint32_t)pty->slave.session) : -ENOTTY;
	}
	return TTY_NOT_MINE;
}

int64_t pty_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct pty *pty = f->private;
	int64_t r = pair_ioctl(pty, f, t, cmd, arg);

	if (r == TTY_NOT_MINE)
		r = own_ioctl(pty, t, cmd, arg);
	if (r == TTY_NOT_MINE)
		r = tty_job_ioctl(&pty->slave, f, t, cmd, arg);
	return r == TTY_NOT_MINE ? tty_settings_ioctl(&pty->slave, t, cmd, arg) : r;
}
