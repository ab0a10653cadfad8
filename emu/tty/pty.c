/* SPDX-License-Identifier: MIT */
#include "emu/tty/pty.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/internal.h"
#include "emu/kernel/task.h"

enum { CAP_SYS_ADMIN_ = 21 };
/* What one costs: itself and its buffers. */
#define PTY_COST (sizeof(struct pty) + TTY_OUTPUT + 4096 + PTY_TYPED)

/* --- From the slave --- */

size_t pty_readable(const struct pty *pty) { return pty->visible; }

static void drain(struct tty *slave)
{
	struct pty *pty = slave->owner;

	pty->visible = tty_out_pending(slave);
	wake_all(&pty->readable);
}

void pty_flush_output(struct tty *slave)
{
	struct pty *pty = slave->owner;

	if (pty->visible > PTY_DELIVERED)
		pty->visible = PTY_DELIVERED;
	slave->out_end = slave->out_start + pty->visible;
	wake_events(&slave->writable, POLLOUT | POLLWRNORM);
}

static void take_output(struct pty *pty, size_t n)
{
	pty->visible -= n;
	tty_out_taken(&pty->slave, n);
}

void pty_discard(struct pty *pty)
{
	take_output(pty, pty->visible);
}

/* --- To the slave --- */

static void deliver_typed(struct pty *pty)
{
	size_t n = pty->typed_end - pty->typed_start;

	if (n)
		pty->typed_start += tty_receive(&pty->slave, pty->typed + pty->typed_start, n);
	if (pty->typed_start == pty->typed_end)
		pty->typed_start = pty->typed_end = 0;
}

static size_t typed_room(const struct pty *pty)
{
	return PTY_TYPED - (pty->typed_end - pty->typed_start);
}

static size_t keep_typed(struct pty *pty, const uint8_t *bytes, size_t len)
{
	if (!pty->typed && len)
		pty->typed = malloc(PTY_TYPED);
	if (!pty->typed)
		return 0;
	if (pty->typed_start) {
		memmove(pty->typed, pty->typed + pty->typed_start, pty->typed_end - pty->typed_start);
		pty->typed_end -= pty->typed_start;
		pty->typed_start = 0;
	}
	if (len > typed_room(pty))
		len = typed_room(pty);
	memcpy(pty->typed + pty->typed_end, bytes, len);
	pty->typed_end += len;
	return len;
}

static void input_room(struct tty *slave)
{
	struct pty *pty = slave->owner;

	deliver_typed(pty);
	if (typed_room(pty))
		wake_events(&pty->writable, POLLOUT | POLLWRNORM);
}

/* --- Life --- */

static void pty_put(struct pty *pty)
{
	struct machine *m = pty->slave.machine;

	if (--pty->refs)
		return;
	devpts_free_index(pty->instance, pty->index);
	super_put(pty->instance);
	wait_queue_fini(&pty->readable);
	wait_queue_fini(&pty->writable);
	tty_fini(&pty->slave);
	free(pty->typed);
	free(pty);
	m->ptys--;
	vfs_uncharge(m, PTY_COST);
}

static void slave_closed(struct tty *slave)
{
	struct pty *pty = slave->owner;

	if (!--pty->slaves) {
		pty->slave_closed = true;
		wake_all(&pty->readable);
		wake_all(&pty->writable);
	}
	pty_put(pty);
}

/* tty_reopen(), pty_open() */
static int open_tty(struct tty *slave, struct file *f)
{
	struct task *t = task_current(slave->machine);
	struct pty *pty = slave->owner;
	int err;

	if (slave->exclusive && t && !task_capable(t, CAP_SYS_ADMIN_))
		return -EBUSY;
	if (pty->locked)
		return -EIO;
	err = tty_open(slave, f);
	if (err)
		return err;
	pty->slave_closed = false;
	pty->slaves++;
	pty->refs++;
	return 0;
}

static const struct tty_driver slave_driver = {
	.open = open_tty,
	.drain = drain,
	.input_room = input_room,
	.pair = true,
	.closed = slave_closed,
	.flush_output = pty_flush_output,
	.new_settings = pty_new_settings,
	.packet = pty_packet,
};

/* pts_unix98_lookup() */
static int open_slave(struct file *f)
{
	struct pty *pty = devpts_pty(f->inode);

	return pty ? open_tty(&pty->slave, f) : -EIO;
}

static int pty_new(struct machine *m, struct fs_super *s, struct pty **out)
{
	char name[16];
	struct pty *pty;
	int index, err = vfs_charge(m, PTY_COST);

	if (err)
		return err;
	index = devpts_new_index(s);
	err = index;
	if (index < 0)
		goto uncharge;
	err = -ENOMEM;
	pty = calloc(1, sizeof *pty);
	if (!pty)
		goto free_index;
	snprintf(name, sizeof name, "pts%d", index);
	err = tty_init(&pty->slave, m, name, vfs_makedev(PTY_SLAVE_MAJOR, (uint32_t)index), &slave_driver, pty);
	if (err)
		goto free_pty;
	pty->slave.termios.cflag = TTY_B38400 | TTY_CS8 | TTY_CREAD;
	pty->slave.termios.ispeed = pty->slave.termios.ospeed = 38400;
	pty->instance = s;
	s->refs++;
	pty->index = (unsigned)index;
	pty->refs = 1;
	pty->locked = true;
	m->ptys++;
	*out = pty;
	return 0;
free_pty:
	free(pty);
free_index:
	devpts_free_index(s, (unsigned)index);
uncharge:
	vfs_uncharge(m, PTY_COST);
	return err;
}

/* --- The master's file --- */

static int64_t master_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct pty *pty = f->private;
	uint8_t *p = buf;
	size_t n = 0;

	(void)pos;
	if (!len)
		return 0;
	if (pty->packet && pty->status) {
		*p = pty->status;
		pty->status = 0;
		return 1;
	}
	if (!pty->visible)
		return pty->slave_closed ? -EIO : -EAGAIN;
	if (pty->packet)
		p[n++] = TTY_PKT_DATA;
	len -= n;
	if (len > pty->visible)
		len = pty->visible;
	memcpy(p + n, pty->slave.out + pty->slave.out_start, len);
	take_output(pty, len);
	return (int64_t)(n + len);
}

static int64_t master_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct pty *pty = f->private;
	const uint8_t *p = buf;
	size_t n = 0;

	(void)pos;
	if (pty->stopped)
		return len ? -EAGAIN : 0;
	deliver_typed(pty);
	if (pty->typed_start == pty->typed_end)
		n = tty_receive(&pty->slave, p, len);
	n += keep_typed(pty, p + n, len - n);
	return n || !len ? (int64_t)n : -EAGAIN;
}

static unsigned master_poll(struct file *f, struct waiter *w)
{
	struct pty *pty = f->private;
	unsigned events = 0;

	if (pty->visible)
		events |= POLLIN | POLLRDNORM;
	if (pty->packet && pty->status)
		events |= POLLPRI | POLLIN | POLLRDNORM;
	if (pty->slave_closed)
		events |= POLLHUP;
	if (!pty->stopped && typed_room(pty))
		events |= POLLOUT | POLLWRNORM;
	poll_wait(&pty->readable, w);
	poll_wait(&pty->writable, w);
	return events;
}

static int64_t master_lseek(struct file *f, int64_t offset, int whence)
{
	(void)f, (void)offset, (void)whence;
	return -ESPIPE;
}

/* pty_close(): the slave is hung up, and its name goes. */
static void master_release(struct file *f)
{
	struct pty *pty = f->private;

	pty->master_closed = true;
	devpts_remove(pty);
	tty_hangup(&pty->slave, false);
	pty_put(pty);
}

static const struct file_ops master_ops = {
	.release = master_release,
	.async = true,
	.read = master_read,
	.write = master_write,
	.lseek = master_lseek,
	.poll = master_poll,
	.ioctl = pty_ioctl,
};

/* ptmx_open(): a new pair. */
static int open_master(struct file *f)
{
	struct machine *m = f->inode->super->machine;
	struct path_ref root;
	struct pty *pty = NULL;	/* for compilers that do not see that pty_new() sets it */
	int err = devpts_of(f, &root);

	if (err)
		return err;
	err = pty_new(m, root.mnt->super, &pty);
	path_put(&root);
	if (err)
		return err;
	err = devpts_add(pty, task_current(m));
	if (err) {
		pty_put(pty);
		return err;
	}
	f->ops = &master_ops;
	f->private = pty;
	return 0;
}

int pty_register(struct machine *m)
{
	static const struct file_ops ptmx = { .open = open_master }, slave = { .open = open_slave };
	const struct vfs_chrdev master = { .dev = vfs_makedev(5, 2), .name = "ptmx", .mode = 0666, .fops = &ptmx };
	const struct vfs_chrdev slaves = { .dev = vfs_makedev(PTY_SLAVE_MAJOR, 0), .minors = 1u << 20, .name = "pts",
					   .fops = &slave };
	int err = devpts_register(m);

	m->ptys_max = PTY_MAX_DEFAULT;
	if (!err)
		err = tty_register(m);
	if (!err)
		err = vfs_register_chrdev(m, &master);
	return err ? err : vfs_register_chrdev(m, &slaves);
}
