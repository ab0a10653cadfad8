/* SPDX-License-Identifier: MIT
 *
 * Pipes and FIFOs (fs/pipe.c).
 *
 * The bytes are a ring in host memory, made by the first write and grown up to the capacity, so that an idle
 * pipe costs next to nothing.  Since every pipe of every process could be filled, all buffers together
 * are limited: beyond that a pipe grows to two pages only (the kernel's pipe-user-pages-soft).
 *
 * A write of at most PIPE_BUF bytes is done whole or not at all.  A pipe polls as writable when PIPE_BUF
 * bytes fit, and that is also when waiting writers are woken: not for each byte read.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/sys/user.h"

enum {
	PIPE_PAGE = 4096, ATOMIC = 4096 /* PIPE_BUF */, DEFAULT_SIZE = 65536, SMALL_SIZE = 2 * PIPE_PAGE,
	LARGEST_SIZE = 1 << 20,		/* /proc/sys/fs/pipe-max-size */
};
#define ALL_PIPES (UINT64_C(64) << 20)

struct pipe {
	uint8_t *buf;
	uint32_t size, used, head;	/* of buf; head: the next byte to read. size is 0 or a power of two */
	uint32_t capacity;
	unsigned readers, writers;	/* open files */
	uint64_t reader_opens, writer_opens;	/* so far: what an opener waits for to change */
	struct wait_queue readable, writable;
};

static struct pipe *pipe_of(const struct file *f)
{
	return f->inode->pipe;
}

static struct vfs *vfs_of(const struct inode *i)
{
	return i->super->machine->vfs;
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *p = calloc(1, sizeof *p);

	if (p)
		p->capacity = DEFAULT_SIZE;
	return p;
}

void pipe_free(struct machine *m, struct pipe *p)
{
	m->vfs->pipe_bytes -= p->size;
	wait_queue_fini(&p->readable);
	wait_queue_fini(&p->writable);
	free(p->buf);
	free(p);
}

/* --- The ring --- */

static void ring_copy(const struct pipe *p, uint32_t at, uint8_t *dst, uint32_t n)
{
	uint32_t first = p->size - at < n ? p->size - at : n;

	memcpy(dst, p->buf + at, first);
	memcpy(dst + first, p->buf, n - first);
}

static void ring_skip(struct pipe *p, uint32_t n)
{
	p->head = (p->head + n) & (p->size - 1);
	p->used -= n;
	if (!p->used)
		p->head = 0;
}

static void ring_get(struct pipe *p, uint8_t *dst, uint32_t n)
{
	ring_copy(p, p->head, dst, n);
	ring_skip(p, n);
}

static void ring_put(struct pipe *p, const uint8_t *src, uint32_t n)
{
	uint32_t tail = (p->head + p->used) & (p->size - 1);
	uint32_t first = p->size - tail < n ? p->size - tail : n;

	memcpy(p->buf + tail, src, first);
	memcpy(p->buf, src + first, n - first);
	p->used += n;
}

/* A buffer of another size for the same bytes. */
static int ring_resize(struct vfs *v, struct pipe *p, uint32_t size)
{
	uint8_t *buf = malloc(size);
	uint32_t used = p->used;

	if (!buf)
		return -ENOMEM;
	if (used)
		ring_get(p, buf, used);
	free(p->buf);
	v->pipe_bytes += size;
	v->pipe_bytes -= p->size;
	p->buf = buf;
	p->size = size;
	p->head = 0;
	p->used = used;
	return 0;
}

/*
 * Makes room for n bytes behind what is there, if the capacity allows.  What then fits.  Where no larger
 * buffer is to be had the capacity is what there is: poll must not promise more.
 */
static uint32_t ring_room(struct vfs *v, struct pipe *p, uint32_t n)
{
	uint32_t want = p->capacity - p->used < n ? p->capacity - p->used : n, size = p->size;

	if (p->used + want > size) {
		if (!size)
			size = 512;
		while (size < p->used + want)
			size *= 2;
		if (v->pipe_bytes + size - p->size > ALL_PIPES && size > SMALL_SIZE) {
			size = p->size > SMALL_SIZE ? p->size : SMALL_SIZE;
			p->capacity = size;
		}
		if (size > p->size && ring_resize(v, p, size) && p->size >= PIPE_PAGE)
			p->capacity = p->size;
	}
	return want < p->size - p->used ? want : p->size - p->used;
}

/* --- Reading and writing --- */

/* Room appears for those who wait for it only when there was none: that is the edge an epoll sees, too. */
static void taken(struct pipe *p, uint32_t n)
{
	bool full = p->capacity - p->used < ATOMIC;

	ring_skip(p, n);
	if (p->writable.first && full && p->capacity - p->used >= ATOMIC)
		wake_events(&p->writable, POLLOUT | POLLWRNORM);
}

static int64_t pipe_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct pipe *p = pipe_of(f);
	uint32_t n = len < p->used ? (uint32_t)len : p->used;

	(void)pos;
	if (!len)
		return 0;
	if (!n)
		return p->writers ? -EAGAIN : 0;
	ring_copy(p, p->head, buf, n);
	taken(p, n);
	return n;
}

static int64_t pipe_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct pipe *p = pipe_of(f);
	uint32_t n, fits;

	(void)pos;
	if (!len)
		return 0;
	if (!p->readers)
		return -EPIPE;
	n = len < LARGEST_SIZE ? (uint32_t)len : LARGEST_SIZE;
	fits = ring_room(vfs_of(f->inode), p, n);
	if (!fits || (fits < n && len <= ATOMIC))
		return p->size < PIPE_PAGE && p->capacity - p->used >= n ? -ENOMEM : -EAGAIN;
	ring_put(p, buf, fits);
	if (p->readable.first)
		wake_events(&p->readable, POLLIN | POLLRDNORM);
	return fits;
}

static unsigned pipe_poll(struct file *f, struct waiter *w)
{
	struct pipe *p = pipe_of(f);
	unsigned r = 0;

	if (file_readable(f)) {
		poll_wait(&p->readable, w);
		if (p->used)
			r |= POLLIN | POLLRDNORM;
		/* A FIFO opened before any writer came has not lost one. */
		if (!p->writers && f->version != p->writer_opens)
			r |= POLLHUP;
	}
	if (file_writable(f)) {
		poll_wait(&p->writable, w);
		if (p->capacity - p->used >= ATOMIC)
			r |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			r |= POLLERR;
	}
	return r;
}

static int64_t pipe_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	if (cmd != 0x541b)	/* FIONREAD */
		return -ENOTTY;
	return user_put32(t, arg, pipe_of(f)->used);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = pipe_of(f);

	p->readers -= file_readable(f);
	p->writers -= file_writable(f);
	wake_all(&p->readable);
	wake_all(&p->writable);
	/* A FIFO that nobody has open forgets what is in it. */
	if (!p->readers && !p->writers && S_ISFIFO(f->inode->mode) && f->path.dentry) {
		f->inode->pipe = NULL;
		pipe_free(f->inode->super->machine, p);
	}
}

static void pipe_describe(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "pipe:[%llu]", (unsigned long long)f->inode->ino);
}

/* --- Opening --- */

static int fifo_open(struct file *f);

static const struct file_ops pipe_fops = {
	.open = fifo_open, .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.release = pipe_release, .describe = pipe_describe, .async = true,
};
static const struct file_ops named_fops = {
	.read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl, .release = pipe_release,
	.async = true,
};
const struct file_ops fifo_fops = { .open = fifo_open };

static void add_ends(struct file *f)
{
	struct pipe *p = pipe_of(f);

	if (file_readable(f)) {
		p->reader_opens++;
		if (p->readers++ == 0)
			wake_all(&f->inode->fifo_wait);
	}
	if (file_writable(f)) {
		p->writer_opens++;
		if (p->writers++ == 0)
			wake_all(&f->inode->fifo_wait);
	}
}

/*
 * fs/pipe.c fifo_open: the one end waits for the other.  f->version says how often the other end had been
 * opened when the wait began.  A pipe(2) reached through /proc/PID/fd is opened at once, whoever is there.
 */
static int fifo_open(struct file *f)
{
	struct inode *i = f->inode;
	bool named = i->super != vfs_of(i)->anon;
	struct pipe *p;

	if (!i->pipe) {
		i->pipe = pipe_alloc();
		if (!i->pipe)
			return -ENOMEM;
	}
	p = i->pipe;
	if ((f->flags & FO_ACCMODE) == FO_WRONLY && (f->flags & FO_NONBLOCK) && !p->readers && named)
		return -ENXIO;
	if (f->ops == &fifo_fops)
		f->ops = &named_fops;
	add_ends(f);
	f->version = UINT64_MAX;
	if (!named)
		return 0;
	switch (f->flags & FO_ACCMODE) {
	case FO_RDONLY:
		f->version = p->writer_opens;
		if (p->writers || (f->flags & FO_NONBLOCK)) {
			/* With a writer there already its end is a hang-up. */
			f->version -= p->writers != 0;
			return 0;
		}
		return -EAGAIN;
	case FO_WRONLY:
		f->version = p->reader_opens;
		return p->readers ? 0 : -EAGAIN;
	}
	return 0;
}

int fifo_open_again(struct file *f)
{
	struct pipe *p = pipe_of(f);

	if (f->version == (file_readable(f) ? p->writer_opens : p->reader_opens))
		return -EAGAIN;
	return 0;
}

unsigned fifo_poll_opening(struct file *f, struct waiter *w)
{
	poll_wait(&f->inode->fifo_wait, w);
	return fifo_open_again(f) ? 0 : POLLIN | POLLOUT;
}

int pipe_new(struct machine *m, uint32_t flags, struct file **reader, struct file **writer)
{
	struct inode *i = vfs_anon_inode(m, S_IFIFO | 0600);
	struct file *r = NULL, *w = NULL;

	if (!i)
		return -ENOMEM;
	i->fops = &pipe_fops;
	i->pipe = pipe_alloc();
	if (!i->pipe)
		goto fail;
	r = file_new(i, &pipe_fops, FO_RDONLY | (flags & FO_NONBLOCK));
	w = file_new(i, &pipe_fops, FO_WRONLY | (flags & ~(uint32_t)FO_ACCMODE));
	if (!r || !w)
		goto fail;
	i->pipe->readers = i->pipe->writers = 1;
	i->pipe->reader_opens = i->pipe->writer_opens = 1;
	inode_put(i);
	*reader = r;
	*writer = w;
	return 0;
fail:
	if (r) {
		i->pipe->readers = 1;
		file_put(r);
	}
	if (w) {
		i->pipe->writers = 1;
		file_put(w);
	}
	inode_put(i);
	return -ENOMEM;
}

/* --- fcntl --- */

int64_t pipe_capacity(struct file *f)
{
	return file_is_pipe(f) ? (int64_t)pipe_of(f)->capacity : -EBADF;
}

int64_t pipe_set_capacity(struct file *f, uint32_t bytes, bool privileged)
{
	uint32_t size = PIPE_PAGE;
	struct pipe *p;

	if (pipe_capacity(f) < 0)
		return -EBADF;
	p = pipe_of(f);
	if (bytes > 1u << 31)
		return -EINVAL;
	while (size < bytes)
		size *= 2;
	if (size > LARGEST_SIZE && (!privileged || size > 64u * LARGEST_SIZE))
		return privileged ? -EINVAL : -EPERM;
	if (size < p->used)
		return -EBUSY;
	if (size < p->size && ring_resize(vfs_of(f->inode), p, size))
		return -ENOMEM;
	p->capacity = size;
	wake_all(&p->writable);
	return size;
}

/* --- splice --- */

bool file_is_pipe(const struct file *f)
{
	return (f->ops == &pipe_fops || f->ops == &named_fops) && f->inode->pipe;
}

struct pipe_state pipe_look(const struct file *f)
{
	const struct pipe *p = pipe_of(f);

	return (struct pipe_state){ p->used, p->capacity - p->used, p->writers != 0, p->readers != 0 };
}

uint32_t pipe_peek(const struct file *f, uint32_t skip, void *buf, uint32_t len)
{
	const struct pipe *p = pipe_of(f);

	if (skip >= p->used)
		return 0;
	if (len > p->used - skip)
		len = p->used - skip;
	ring_copy(p, (p->head + skip) & (p->size - 1), buf, len);
	return len;
}

void pipe_discard(struct file *f, uint32_t n)
{
	taken(pipe_of(f), n);
}
