/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE	/* O_PATH */
#include "emu/tty/hoststream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "emu/host/channel.h"
#include "emu/host/poll.h"
#include "emu/kernel/task.h"
#include "emu/tty/hosttty.h"
#include "emu/tty/tty.h"

/* One for each open file; the inode (the same for all files opened from it) finds the first one's descriptor. */
struct stream {
	struct machine *machine;
	int fd;				/* owned; -1: released */
	struct channel in, out;		/* as the descriptor allows; fd -1: it does not */
	bool terminal;
	int listening;			/* poll bits somebody waits for */
	struct wait_queue changed;
	unsigned refs;			/* the file's and the inode's */
};

static const struct file_ops stream_ops, disk_ops;

/* --- Life --- */

static bool readable_fd(int fl) { return (fl & O_ACCMODE) != O_WRONLY; }
static bool writable_fd(int fl) { return (fl & O_ACCMODE) != O_RDONLY; }

static struct stream *stream_new(struct machine *m, int fd, int fl, bool terminal)
{
	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->machine = m;
	s->fd = fd;
	s->refs = 1;
	s->in.fd = s->out.fd = -1;
	s->terminal = terminal;
	if (readable_fd(fl))
		channel_open(&s->in, fd, O_RDONLY);
	if (writable_fd(fl))
		channel_open(&s->out, fd, O_WRONLY);
	return s;
}

static void stop_listening(struct stream *s)
{
	if (s->in.fd >= 0)
		host_listen(s->machine, s->in.fd, 0, NULL, NULL);
	if (s->out.fd >= 0)
		host_listen(s->machine, s->out.fd, 0, NULL, NULL);
	s->listening = 0;
}

/* Nobody has it open any more: the other end must be able to tell. */
static void stream_close(struct stream *s)
{
	stop_listening(s);
	channel_close(&s->in);
	channel_close(&s->out);
	if (s->fd > 2) {
		close(s->fd);
	} else if (s->fd >= 0) {
		/* The number must stay taken: our own messages go to 2, and no other file may get 0 to 2. */
		channel_forsake(s->fd);
	}
	s->fd = -1;
	wait_queue_fini(&s->changed);
}

static void stream_put(struct stream *s)
{
	if (--s->refs == 0)
		free(s);
}

static void stream_release(struct file *f)
{
	stream_close(f->private);
	stream_put(f->private);
}

/* --- Reading and writing --- */

static void listen(struct stream *s, int events);

/* read(2) and write(2) move the host's own position; pread and pwrite name another. */
static bool own_position(const struct file *f, const uint64_t *pos) { return pos == &f->pos; }

static void host_position(struct stream *s, uint64_t *pos)
{
	off_t at = lseek(s->fd, 0, SEEK_CUR);

	if (at >= 0)
		*pos = (uint64_t)at;
}

/* Who stays on the queue (an epoll) hears of what comes after this. */
static void listen_on(struct stream *s, int events)
{
	if (s->changed.first)
		listen(s, events);
}

static int64_t stream_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct stream *s = f->private;
	struct task *t = task_current(s->machine);
	int64_t n;
	int err;

	if (s->terminal && t && s->machine->terminal) {
		err = tty_check_read(s->machine->terminal, t);
		if (err)
			return err;
	}
	if (s->in.fd < 0)
		return -EBADF;
	if (!own_position(f, pos)) {
		ssize_t r = pread(s->in.fd, buf, len, (off_t)*pos);

		if (r < 0)
			return -errno;
		*pos += (uint64_t)r;
		return r;
	}
	n = channel_read(&s->in, buf, len);
	if (n > 0 && s->in.kind == CHANNEL_FILE)
		host_position(s, pos);
	listen_on(s, POLLIN);
	return n;
}

static int64_t stream_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct stream *s = f->private;
	int64_t n;

	if (s->out.fd < 0)
		return -EBADF;
	if (!own_position(f, pos)) {
		ssize_t r = pwrite(s->out.fd, buf, len, (off_t)*pos);

		if (r < 0)
			return -errno;
		*pos += (uint64_t)r;
		return r;
	}
	n = channel_write(&s->out, buf, len);
	if (n > 0 && s->out.kind == CHANNEL_FILE)
		host_position(s, pos);
	listen_on(s, POLLOUT);
	return n;
}

static int64_t stream_lseek(struct file *f, int64_t offset, int whence)
{
	struct stream *s = f->private;
	off_t at = lseek(s->fd, (off_t)offset, whence);

	if (at < 0)
		return -errno;
	f->pos = (uint64_t)at;
	return at;
}

static int stream_fsync(struct file *f)
{
	return fsync(((struct stream *)f->private)->fd) ? -errno : 0;
}

/* --- Readiness --- */

static void on_ready(void *owner, int events)
{
	struct stream *s = owner;

	(void)events;
	stop_listening(s);
	wake_all(&s->changed);
}

static void listen(struct stream *s, int events)
{
	struct machine *m = s->machine;

	s->listening |= events;
	channel_use(&s->in);
	channel_use(&s->out);
	if (s->in.fd == s->out.fd) {
		host_listen(m, s->in.fd, s->listening, on_ready, s);
		return;
	}
	if (s->in.fd >= 0 && (s->listening & POLLIN))
		host_listen(m, s->in.fd, POLLIN, on_ready, s);
	if (s->out.fd >= 0 && (s->listening & POLLOUT))
		host_listen(m, s->out.fd, POLLOUT, on_ready, s);
}

static unsigned stream_poll(struct file *f, struct waiter *w)
{
	struct stream *s = f->private;
	unsigned events = 0;
	int wanted = 0;

	if (s->in.fd >= 0) {
		events |= (unsigned)channel_ready(&s->in, POLLIN);
		wanted |= events & (POLLIN | POLLHUP | POLLERR) ? 0 : POLLIN;
	}
	if (s->out.fd >= 0) {
		unsigned out = (unsigned)channel_ready(&s->out, POLLOUT);

		events |= out;
		wanted |= out ? 0 : POLLOUT;
	}
	if (events & POLLIN)
		events |= POLLRDNORM;
	if (events & POLLOUT)
		events |= POLLWRNORM;
	poll_wait(&s->changed, w);
	if (wanted && s->changed.first)
		listen(s, wanted);
	return events;
}

/* --- What it is --- */

static int64_t stream_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct stream *s = f->private;

	return hosttty_ioctl(s->fd, s->terminal, f, t, cmd, arg);
}

/* The host's name for it; the guest may have nothing there, as a program in a chroot may not. */
static void stream_describe(struct file *f, char *buf, size_t size)
{
	struct stream *s = f->private;
	char path[40];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/self/fd/%d", s->fd);
	/* The host's names, pipe numbers among them, differ from run to run. */
	n = size && !f->inode->super->machine->options.deterministic ? readlink(path, buf, size - 1) : -1;
	if (n >= 0)
		buf[n] = 0;
	else if (size)
		snprintf(buf, size, "host:[%d]", s->fd);
}

static void stream_refresh(struct inode *i)
{
	struct stream *s = i->private;
	struct stat st;

	if (s->fd < 0 || fstat(s->fd, &st))
		return;
	i->mode = st.st_mode;
	i->size = (uint64_t)st.st_size;
	if (i->super->machine->options.deterministic)
		return;		/* the rest is another one in each run */
	i->uid = st.st_uid;
	i->gid = st.st_gid;
	i->nlink = (uint32_t)st.st_nlink;
	i->rdev = vfs_makedev(major(st.st_rdev), minor(st.st_rdev));
	i->blocks = (uint64_t)st.st_blocks;
	i->atime = (struct vfs_time){ st.st_atim.tv_sec, (uint32_t)st.st_atim.tv_nsec };
	i->mtime = (struct vfs_time){ st.st_mtim.tv_sec, (uint32_t)st.st_mtim.tv_nsec };
	i->ctime = (struct vfs_time){ st.st_ctim.tv_sec, (uint32_t)st.st_ctim.tv_nsec };
}

static int stream_truncate(struct inode *i, uint64_t size)
{
	struct stream *s = i->private;

	if (s->fd < 0 || ftruncate(s->fd, (off_t)size))
		return s->fd < 0 ? -EBADF : -errno;
	i->size = size;
	return 0;
}

static void stream_evict(struct inode *i)
{
	stream_put(i->private);
}

static const struct inode_ops stream_inode_ops = {
	.truncate = stream_truncate,
	.refresh = stream_refresh,
	.evict = stream_evict,
};

/* --- Opening --- */

/* Regular files are always ready, and cannot be asked whether they are: epoll refuses them. */
static const struct file_ops *ops_for(const struct inode *i)
{
	return S_ISREG(i->mode) ? &disk_ops : &stream_ops;
}

/* Again, through /proc/PID/fd or /dev/tty: fd is the new file's own. */
static int attach(struct machine *m, struct file *f, int fd)
{
	struct stream *s;
	int fl = fcntl(fd, F_GETFL);

	if (fl < 0)
		return -errno;
	s = stream_new(m, fd, fl, isatty(fd));
	if (!s)
		return -ENOMEM;
	f->ops = ops_for(f->inode);
	f->private = s;
	return 0;
}

static int stream_open(struct file *f)
{
	const struct stream *first = f->inode->private;
	int fd, err;

	if (first->fd < 0)
		return -ENXIO;
	fd = fcntl(first->fd, F_DUPFD_CLOEXEC, 10);
	if (fd < 0)
		return -errno;
	err = attach(first->machine, f, fd);
	if (err)
		close(fd);
	return err;
}

static int open_terminal(struct tty *tty, struct file *f)
{
	int fd = open("/dev/tty", (int)(f->flags & O_ACCMODE) | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = attach(tty->machine, f, fd);
	if (err)
		close(fd);
	return err;
}

static const struct file_ops stream_ops = {
	.open = stream_open,
	.release = stream_release,
	.read = stream_read,
	.write = stream_write,
	.lseek = stream_lseek,
	.poll = stream_poll,
	.ioctl = stream_ioctl,
	.fsync = stream_fsync,
	.describe = stream_describe,
};
static const struct file_ops disk_ops = {
	.open = stream_open,
	.release = stream_release,
	.read = stream_read,
	.write = stream_write,
	.lseek = stream_lseek,
	.ioctl = stream_ioctl,
	.fsync = stream_fsync,
	.describe = stream_describe,
};

/* The terminal whose jobs the guest controls: it has no line discipline of ours. */
static int make_terminal(struct machine *m, int fd)
{
	static const struct tty_driver driver = { .open = open_terminal };
	struct tty *tty;
	struct stat st;
	int err;

	if (m->terminal || fstat(fd, &st))
		return 0;
	tty = calloc(1, sizeof *tty);
	if (!tty)
		return -ENOMEM;
	err = tty_init(tty, m, "tty", vfs_makedev(major(st.st_rdev), minor(st.st_rdev)), &driver, NULL);
	if (!err)
		err = tty_register(m);
	if (err) {
		tty_fini(tty);
		free(tty);
		return err;
	}
	m->terminal = tty;
	return 0;
}

void hoststream_terminal_free(struct machine *m)
{
	if (!m->terminal || m->console)
		return;
	tty_fini(m->terminal);
	free(m->terminal);
	m->terminal = NULL;
}

int hoststream_new(struct machine *m, int host_fd, struct file **out)
{
	struct inode *inode;
	struct stream *s;
	struct stat st;
	int fl = fcntl(host_fd, F_GETFL), err;
	bool terminal;

	*out = NULL;
	if (fl < 0 || (fl & O_PATH))
		return 0;
	if (fstat(host_fd, &st))
		return -errno;
	terminal = S_ISCHR(st.st_mode) && isatty(host_fd);
	if (terminal) {
		err = make_terminal(m, host_fd);
		if (err)
			return err;
	}
	s = stream_new(m, host_fd, fl, terminal);
	if (!s)
		return -ENOMEM;
	inode = vfs_anon_inode(m, st.st_mode);
	if (!inode) {
		free(s);
		return -ENOMEM;
	}
	inode->ops = &stream_inode_ops;
	inode->fops = ops_for(inode);
	inode->private = s;
	stream_refresh(inode);
	*out = file_new(inode, inode->fops, (uint32_t)(fl & (O_ACCMODE | O_APPEND | O_NONBLOCK)));
	if (*out) {
		(*out)->private = s;
		s->refs++;
	}
	inode_put(inode);
	return *out ? 0 : -ENOMEM;
}
