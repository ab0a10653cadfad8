/* SPDX-License-Identifier: MIT
 *
 * Open terminals: what read, write and poll do.  Files are opened here by a driver's open() or through
 * /dev/tty.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/tty/tty.h"

enum { G_O_NOCTTY = 0400, G_O_NONBLOCK = 04000 };
enum { CAP_SYS_ADMIN_ = 21 };
#define WAKEUP_CHARS 256u	/* less room than this is none, to poll() */
#define TENTH 100000000u	/* VTIME's unit, ns */
#define NEVER_DEAD UINT64_MAX	/* f->version of /dev/console: no hang-up, no background */

int tty_init(struct tty *tty, struct machine *m, const char *name, uint32_t dev, const struct tty_driver *driver,
	     void *owner)
{
	/* tty_std_termios and INIT_C_CC, at the speed of today's serial lines. */
	static const struct tty_termios standard = {
		.iflag = TTY_ICRNL | TTY_IXON,
		.oflag = TTY_OPOST | TTY_ONLCR,
		.cflag = TTY_B115200 | TTY_CS8 | TTY_CREAD | TTY_HUPCL | TTY_CLOCAL,
		.lflag = TTY_ISIG | TTY_ICANON | TTY_ECHO | TTY_ECHOE | TTY_ECHOK | TTY_ECHOCTL | TTY_ECHOKE | TTY_IEXTEN,
		.cc = { 3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0 },
		.ispeed = 115200, .ospeed = 115200,
	};

	tty->machine = m;
	tty->driver = driver;
	tty->owner = owner;
	strncpy(tty->name, name, sizeof tty->name - 1);
	tty->dev = dev;
	tty->termios = standard;
	tty->out_size = TTY_OUTPUT + 4096;
	tty->out = malloc(tty->out_size);
	return tty->out ? 0 : -ENOMEM;
}

void tty_fini(struct tty *tty)
{
	wait_queue_fini(&tty->readable);
	wait_queue_fini(&tty->writable);
	free(tty->out);
	tty->out = NULL;
}

/* --- Opening --- */

static int open_as(struct tty *tty, struct file *f, uint64_t version)
{
	struct task *t = task_current(tty->machine);

	if (tty->exclusive && t && !task_capable(t, CAP_SYS_ADMIN_))
		return -EBUSY;
	f->ops = &tty_file_ops;
	f->private = tty;
	f->version = version;
	return 0;
}

int tty_open(struct tty *tty, struct file *f)
{
	struct task *t = task_current(tty->machine);
	int err = open_as(tty, f, tty->generation);

	if (!err && t && !(f->flags & G_O_NOCTTY) && file_readable(f))
		tty_acquire(tty, t->process);
	return err;
}

int tty_open_console(struct tty *tty, struct file *f)
{
	return open_as(tty, f, NEVER_DEAD);
}

static int open_own(struct file *f)
{
	struct task *t = task_current(f->inode->super->machine);
	struct tty *tty = t ? t->process->tty : NULL;

	if (!tty)
		return -ENXIO;
	return tty->driver->open ? tty->driver->open(tty, f) : tty_open(tty, f);
}

int tty_register(struct machine *m)
{
	static const struct file_ops own = { .open = open_own };
	const struct vfs_chrdev dev = { .dev = vfs_makedev(5, 0), .name = "tty", .mode = 0666, .fops = &own };
	int err = vfs_register_chrdev(m, &dev);

	return err == -EEXIST || err == -EBUSY ? 0 : err;
}

bool tty_dead(const struct file *f)
{
	const struct tty *tty = f->private;

	return f->version != NEVER_DEAD && f->version != tty->generation;
}

/* --- Reading --- */

/* Input for a reader who finds none. True: none is ever coming. */
static bool ask_driver(struct tty *tty)
{
	return tty->driver->input_wanted && tty->driver->input_wanted(tty);
}

/*
 * Non-canonical mode's VMIN and VTIME.  Bytes to hand out now, at least 0; or -EAGAIN, with the call's deadline set
 * where time matters.
 */
static int64_t may_take(struct tty *tty, struct task *t, size_t len, bool nonblock)
{
	size_t have = tty->head - tty->tail, min = tty->termios.cc[TTY_VMIN];
	uint64_t wait = (uint64_t)tty->termios.cc[TTY_VTIME] * TENTH, until;

	if (min == 0) {
		if (have || !wait)
			return (int64_t)have;
		return t && !nonblock && task_deadline(t, wait) ? 0 : -EAGAIN;
	}
	if (have >= min || have >= len || (nonblock && have))
		return (int64_t)have;
	if (!have || !wait || !t || nonblock)
		return -EAGAIN;
	/* The time is between two bytes: it starts anew with each. */
	until = (t->sys.restarted ? tty->last_input_ns : clock_monotonic(tty->machine)) + wait;
	if (until > t->sys.deadline) {
		t->sys.deadline = 0;
		t->sys.timed_out = false;
		task_deadline_at(t, until);
	}
	return t->sys.timed_out ? (int64_t)have : -EAGAIN;
}

static int64_t take(struct tty *tty, struct task *t, struct file *f, void *buf, size_t len)
{
	int64_t n;

	if (!(tty->termios.lflag & TTY_ICANON)) {	/* else EXTPROC, or whole lines */
		n = may_take(tty, t, len, f->flags & G_O_NONBLOCK);
		if (n <= 0)
			return n;
	}
	return tty_take(tty, buf, len);
}

static int64_t tty_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct tty *tty = f->private;
	struct task *t = task_current(tty->machine);
	int64_t n;
	int err;

	(void)pos;
	/* Whoever waits when the master goes is told of an error, later readers of an end (TTY_OTHER_CLOSED). */
	if (tty_dead(f))
		return tty->driver->pair && t && t->sys.restarted ? -EIO : 0;
	err = t && f->version != NEVER_DEAD ? tty_check_read(tty, t) : 0;	/* the console is nobody's to own */
	if (err)
		return err;
	if (!len)
		return 0;
	n = take(tty, t, f, buf, len);
	if (n == -EAGAIN) {
		bool over = ask_driver(tty);

		n = take(tty, t, f, buf, len);
		if (n == -EAGAIN && over) {
			if (tty->driver->end_of_input)
				tty->driver->end_of_input(tty);
			return 0;
		}
	}
	if (n > 0 && tty->driver->input_room)
		tty->driver->input_room(tty);
	return n;
}

/* --- Writing --- */

static int64_t tty_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct tty *tty = f->private;
	struct task *t = task_current(tty->machine);
	const uint8_t *p = buf;
	size_t n = 0;

	(void)pos;
	if (tty_dead(f))
		return -EIO;
	if (t && (tty->termios.lflag & TTY_TOSTOP) && f->version != NEVER_DEAD) {
		int err = tty_check_change(tty, t);

		if (err)
			return err;
	}
	for (;;) {
		size_t room;

		while (n < len && tty_put(tty, p[n]))
			n++;
		/* A little room may be too little (a newline is two bytes, a tab up to eight): only more of it helps. */
		room = tty_out_room(tty);
		tty_out_drain(tty);
		if (n == len || tty_out_room(tty) <= room)
			break;
	}
	return n || !len ? (int64_t)n : -EAGAIN;
}

/* --- Readiness --- */

static bool readable(struct tty *tty)
{
	if ((tty->termios.lflag & (TTY_ICANON | TTY_EXTPROC)) == TTY_ICANON)
		return !tty_input_empty(tty);
	/* input_available_p(): VMIN counts, unless a time is set too. */
	if (tty->termios.cc[TTY_VMIN] && !tty->termios.cc[TTY_VTIME])
		return tty->head - tty->tail >= tty->termios.cc[TTY_VMIN];
	return tty->head != tty->tail;
}

static unsigned tty_poll(struct file *f, struct waiter *w)
{
	struct tty *tty = f->private;
	unsigned events = 0;

	if (tty_dead(f))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP;
	if (tty_out_room(tty) >= (tty->driver->pair ? 1 : WAKEUP_CHARS))
		events |= POLLOUT | POLLWRNORM;
	/* Not for a writer who waits here: what is typed for nobody would be echoed into his output. */
	if (readable(tty) || ((events & POLLOUT) && ask_driver(tty)) || readable(tty))
		events |= POLLIN | POLLRDNORM;
	poll_wait(&tty->readable, w);
	poll_wait(&tty->writable, w);
	return events;
}

static int64_t tty_lseek(struct file *f, int64_t offset, int whence)
{
	(void)f, (void)offset, (void)whence;
	return -ESPIPE;
}

static void tty_release(struct file *f)
{
	struct tty *tty = f->private;

	if (tty->driver->closed)
		tty->driver->closed(tty);
}

const struct file_ops tty_file_ops = {
	.release = tty_release,
	.async = true,
	.read = tty_read,
	.write = tty_write,
	.lseek = tty_lseek,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};
