/* SPDX-License-Identifier: MIT
 *
 * read, write and their relatives with vectors and positions.
 *
 * A write to a pipe or terminal goes on until all is written; how far it got is kept in
 * t->sys.done over the tries of the call.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/sys/sys_socket.h"

enum { GATHER = 4096 };
enum { RWF_HIPRI_ = 1, RWF_DSYNC_ = 2, RWF_SYNC_ = 4, RWF_NOWAIT_ = 8, RWF_APPEND_ = 16, RWF_NOAPPEND_ = 32 };

/* --- Moving bytes --- */

int64_t io_read(struct io *io)
{
	int64_t r = 0, moved = 0;

	if (S_ISSOCK(io->f->inode->mode))
		return socket_io(io, false);
	for (unsigned i = 0; i < io->count; i++) {
		uint32_t len = io->vec[i].len;
		void *buf = files_buffer(io->t, io->vec[i].base, &len);

		r = buf ? file_read(io->f, buf, len, io->pos) : -EFAULT;
		if (r < 0)
			break;
		moved += r;
		if (r < io->vec[i].len)
			break;
	}
	if (moved || r >= 0)
		return moved;
	return r == -EAGAIN && !io->nowait ? files_wait(io->t, io->f) : r;
}

/* Files whose short writes mean "full for the moment", not "that was it". */
static bool is_stream(const struct file *f)
{
	return S_ISFIFO(f->inode->mode) || S_ISCHR(f->inode->mode) || S_ISSOCK(f->inode->mode);
}

void io_broken_pipe(struct task *t)
{
	struct signal_info info = { .signo = 13, .rt = { .pid = t->process->pid, .uid = t->cred.uid } };

	signal_send_task(t, 13, &info);
}

static int64_t write_some(struct io *io, const void *buf, uint32_t len)
{
	uint64_t *pos = io->pos;
	int err = files_check_size(io->t, io->f, io->f->flags & 02000 /* O_APPEND */ ? io->f->inode->size :
				   pos ? *pos : io->f->pos, &len);

	return err ? err : file_write(io->f, buf, len, pos);
}

/*
 * Small vectors are written in one piece: what POSIX asks of pipes up to PIPE_BUF, and what devices
 * that take records expect.  True if it was possible; *r is the result.
 */
static bool write_gathered(struct io *io, int64_t *r)
{
	uint8_t whole[GATHER];
	uint32_t total = 0;

	for (unsigned i = 0; i < io->count; i++) {
		uint32_t len = io->vec[i].len;

		if (len > sizeof whole - total || user_read(io->t, whole + total, io->vec[i].base, len))
			return false;
		total += len;
	}
	if (io->t->sys.done >= total)
		return false;
	*r = write_some(io, whole + io->t->sys.done, total - (uint32_t)io->t->sys.done);
	if (*r > 0)
		io->t->sys.done += (uint64_t)*r;
	if (*r < 0 || io->t->sys.done == total || !is_stream(io->f))
		return true;
	return false;
}

int64_t io_write(struct io *io)
{
	struct task *t = io->t;
	uint64_t start = 0;		/* of segment i, in bytes from the first */
	int64_t r = 0;

	if (S_ISSOCK(io->f->inode->mode))
		return socket_io(io, true);
	if (io->count > 1 && write_gathered(io, &r))
		goto out;
	for (unsigned i = 0; i < io->count; i++, start += io->vec[i - 1].len) {
		uint32_t whole = io->vec[i].len, skip, len;
		const void *buf;

		if (t->sys.done > start && t->sys.done >= start + whole)
			continue;
again:
		skip = (uint32_t)(t->sys.done - start);
		len = whole - skip;
		buf = files_data(t, io->vec[i].base + skip, &len);
		r = buf ? write_some(io, buf, len) : -EFAULT;
		if (r < 0)
			break;
		t->sys.done += (uint64_t)r;
		if (r < whole - skip) {
			if (r && is_stream(io->f))
				goto again;
			break;
		}
	}
out:
	if (r == -EPIPE)
		io_broken_pipe(t);
	if (r == -EAGAIN && !io->nowait && files_block(io->f))
		r = files_wait(t, io->f);
	if (r == SYS_BLOCK)
		return r;
	return t->sys.done || r >= 0 ? (int64_t)t->sys.done : r;
}

/* --- One buffer --- */

static uint32_t clip(uint32_t len)
{
	return len > MAX_RW_COUNT ? MAX_RW_COUNT : len;
}

int64_t sys_read(struct task *t, const uint32_t a[6])
{
	struct io_vec v = { a[1], clip(a[2]) };
	struct io io = { .t = t, .f = files_io(t, a[0]), .vec = &v, .count = 1 };

	if (!io.f || !file_readable(io.f))
		return -EBADF;
	return io_read(&io);
}

int64_t sys_write(struct task *t, const uint32_t a[6])
{
	struct io_vec v = { a[1], clip(a[2]) };
	struct io io = { .t = t, .f = files_io(t, a[0]), .vec = &v, .count = 1 };

	if (!io.f || !file_writable(io.f))
		return -EBADF;
	return io_write(&io);
}

/* --- With a position --- */

/* The checks of pread and pwrite, in ksys_pread64's order. 0 or -errno. */
static int positioned(struct task *t, uint32_t fd, uint64_t pos, bool writes, struct file **out)
{
	struct file *f;

	if ((int64_t)pos < 0)
		return -EINVAL;
	f = files_io(t, fd);
	if (!f)
		return -EBADF;
	if (!files_seekable(f))
		return -ESPIPE;
	if (!(writes ? file_writable(f) : file_readable(f)))
		return -EBADF;
	*out = f;
	return 0;
}

int64_t sys_pread64(struct task *t, const uint32_t a[6])
{
	struct io_vec v = { a[1], clip(a[2]) };
	uint64_t pos = arg64(a, 3);
	struct io io = { .t = t, .vec = &v, .count = 1, .pos = &pos };
	int err = positioned(t, a[0], pos, false, &io.f);

	return err ? err : io_read(&io);
}

int64_t sys_pwrite64(struct task *t, const uint32_t a[6])
{
	struct io_vec v = { a[1], clip(a[2]) };
	uint64_t pos = arg64(a, 3);
	struct io io = { .t = t, .vec = &v, .count = 1, .pos = &pos };
	int err = positioned(t, a[0], pos, true, &io.f);

	return err ? err : io_write(&io);
}

/* --- Vectors --- */

int io_import(struct task *t, uint32_t addr, uint32_t count, struct io_vec out[IOV_LIMIT])
{
	uint32_t total = 0;

	if (count > IOV_LIMIT)
		return -EINVAL;
	if (user_read(t, out, addr, (uint64_t)count * sizeof *out))
		return -EFAULT;
	for (uint32_t i = 0; i < count; i++) {
		if ((int32_t)out[i].len < 0)
			return -EINVAL;
		if (out[i].len > MAX_RW_COUNT - total)
			out[i].len = MAX_RW_COUNT - total;
		total += out[i].len;
	}
	return 0;
}

static int64_t vectored(struct task *t, const uint32_t a[6], uint64_t *pos, uint32_t flags, bool writes)
{
	struct io_vec v[IOV_LIMIT];
	struct io io = { .t = t, .vec = v, .count = a[2], .pos = pos, .nowait = flags & RWF_NOWAIT_ };
	uint32_t old;
	int64_t r;
	int err;

	if (pos) {
		err = positioned(t, a[0], *pos, writes, &io.f);
		if (err)
			return err;
	} else {
		io.f = files_io(t, a[0]);
		if (!io.f || !(writes ? file_writable(io.f) : file_readable(io.f)))
			return -EBADF;
	}
	err = io_import(t, a[1], a[2], v);
	if (err)
		return err;
	if (flags & ~63u || (flags & (RWF_APPEND_ | RWF_NOAPPEND_)) == (RWF_APPEND_ | RWF_NOAPPEND_))
		return flags & ~63u ? -EOPNOTSUPP : -EINVAL;
	if (!writes)
		return io_read(&io);
	old = io.f->flags;
	if (flags & RWF_APPEND_)
		io.f->flags |= 02000;
	if (flags & RWF_NOAPPEND_)
		io.f->flags &= ~02000u;
	r = io_write(&io);
	io.f->flags = old;
	return r;
}

int64_t sys_readv(struct task *t, const uint32_t a[6]) { return vectored(t, a, NULL, 0, false); }
int64_t sys_writev(struct task *t, const uint32_t a[6]) { return vectored(t, a, NULL, 0, true); }

int64_t sys_preadv(struct task *t, const uint32_t a[6])
{
	uint64_t pos = arg64(a, 3);

	return vectored(t, a, &pos, 0, false);
}

int64_t sys_pwritev(struct task *t, const uint32_t a[6])
{
	uint64_t pos = arg64(a, 3);

	return vectored(t, a, &pos, 0, true);
}

/* Position -1 is the file's own. */
int64_t sys_preadv2(struct task *t, const uint32_t a[6])
{
	uint64_t pos = arg64(a, 3);

	return vectored(t, a, pos == UINT64_MAX ? NULL : &pos, a[5], false);
}

int64_t sys_pwritev2(struct task *t, const uint32_t a[6])
{
	uint64_t pos = arg64(a, 3);

	return vectored(t, a, pos == UINT64_MAX ? NULL : &pos, a[5], true);
}
