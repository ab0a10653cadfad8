/* SPDX-License-Identifier: MIT
 *
 * splice, tee, vmsplice (fs/splice.c): between pipes and everything else.  Here bytes are copied; what counts is who
 * waits for what, and how much is moved: as much as is there and fits, never more than one turn of waiting.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/notify.h"

enum { SPLICE_NONBLOCK = 2, SPLICE_ALL = 15, PIECE = 4096, O_APPEND_ = 02000 };

static int64_t wait_for(struct task *t, struct file *f, bool nonblock)
{
	if (nonblock)
		return -EAGAIN;
	if (task_signalled(t))
		return -ERESTARTSYS;
	file_poll(f, &t->waiter);
	return task_block(t);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int64_t broken(struct task *t)
{
	io_broken_pipe(t);
	return -EPIPE;
}

/* The input has bytes: 1; nobody will ever write any: 0; else what wait_for() says. */
static int64_t input_ready(struct task *t, struct file *in, bool nonblock)
{
	struct pipe_state s = pipe_look(in);

	return s.used ? 1 : s.writers ? wait_for(t, in, nonblock) : 0;
}

/* The output has room: 1. */
static int64_t output_ready(struct task *t, struct file *out, bool nonblock)
{
	struct pipe_state s = pipe_look(out);

	return !s.readers ? broken(t) : s.room ? 1 : wait_for(t, out, nonblock);
}

/* From pipe to pipe; with `keep` they stay in the first one, too. */
static int64_t pipe_to_pipe(struct task *t, struct file *in, struct file *out, uint32_t len, bool nonblock, bool keep)
{
	uint8_t buf[PIECE];
	uint32_t done = 0;
	int64_t r = input_ready(t, in, nonblock);

	if (r < 0)
		return r;
	/* Even if the input is at its end, as there (ipipe_prep(), opipe_prep()). */
	r = output_ready(t, out, nonblock);
	if (r <= 0)
		return r;
	while (done < len) {
		uint32_t n = least(least(len - done, PIECE), pipe_look(out).room);

		n = n ? pipe_peek(in, keep ? done : 0, buf, n) : 0;
		if (!n)
			break;
		r = file_write(out, buf, n, NULL);
		if (r <= 0)
			break;
		if (!keep)
			pipe_discard(in, (uint32_t)r);
		done += (uint32_t)r;
	}
	if (done)
		notify_file(in, NOTIFY_ACCESS);
	return done ? (int64_t)done : r < 0 ? r : 0;
}

/* What has no type of its own (eventfd and its like) cannot be spliced to or from: no f_op->splice_*. */
static bool spliceable(const struct file *f)
{
	return f->inode->mode & S_IFMT;
}

static int64_t pipe_to_file(struct task *t, struct file *in, struct file *out, uint64_t *pos, uint32_t len, bool nonblock)
{
	uint8_t buf[PIECE];
	uint32_t done = 0;
	int64_t r;

	if (!spliceable(out) || !out->ops->write)
		return -EINVAL;
	r = input_ready(t, in, nonblock);
	if (r <= 0)
		return r;
	while (done < len) {
		uint32_t n = pipe_peek(in, 0, buf, least(len - done, PIECE));

		if (!n)
			break;
		r = files_check_size(t, out, *pos, &n);
		if (!r)
			r = file_write(out, buf, n, pos);
		if (r <= 0)
			break;
		pipe_discard(in, (uint32_t)r);
		done += (uint32_t)r;
	}
	if (done) {
		notify_file(in, NOTIFY_ACCESS);
		return done;
	}
	if (r == -EPIPE)
		return broken(t);
	return r == -EAGAIN ? wait_for(t, out, out->flags & G_O_NONBLOCK) : r;
}

static int64_t file_to_pipe(struct task *t, struct file *in, uint64_t *pos, struct file *out, uint32_t len, bool nonblock)
{
	uint8_t buf[PIECE];
	uint32_t done = 0;
	int64_t r = output_ready(t, out, nonblock);

	if (r <= 0)
		return r;
	if (!spliceable(in) || !in->ops->read)
		return -EINVAL;
	while (done < len) {
		uint32_t n = least(least(len - done, PIECE), pipe_look(out).room);
		uint64_t from = *pos;

		r = n ? file_read(in, buf, n, &from) : 0;
		if (r <= 0)
			break;
		/* There is room, and nobody else runs: it is short only for lack of memory. */
		r = file_write(out, buf, (size_t)r, NULL);
		if (r <= 0)
			break;
		*pos += (uint64_t)r;
		done += (uint32_t)r;
	}
	if (done || r != -EAGAIN)
		return done ? (int64_t)done : r;
	return wait_for(t, in, (in->flags & G_O_NONBLOCK) || (S_ISSOCK(in->inode->mode) && nonblock));
}

/* A position argument: NULL is the file's own. */
static int get_position(struct task *t, uint32_t addr, struct file *f, bool *own, uint64_t *pos)
{
	*own = !addr;
	*pos = f->pos;
	return addr ? user_read(t, pos, addr, sizeof *pos) : 0;
}

static int put_position(struct task *t, uint32_t addr, struct file *f, uint64_t pos)
{
	if (addr)
		return user_write(t, addr, &pos, sizeof pos);
	f->pos = pos;
	return 0;
}

/* One end is a pipe: `file` is the other one, at *addr. */
static int check_position(struct file *f, bool own, uint64_t pos)
{
	if (!own && !files_seekable(f))
		return -EINVAL;
	return (int64_t)pos < 0 ? -EINVAL : 0;
}

int64_t sys_splice(struct task *t, const uint32_t a[6])
{
	bool in_pipe, out_pipe, nonblock = a[5] & SPLICE_NONBLOCK, in_own, out_own;
	uint32_t len = least(a[4], MAX_RW_COUNT);
	uint64_t in_pos, out_pos;
	struct file *in, *out;
	int64_t r;

	if (!a[4])
		return 0;
	if (a[5] & ~(uint32_t)SPLICE_ALL)
		return -EINVAL;
	in = files_io(t, a[0]);
	out = files_io(t, a[2]);
	if (!in || !out)
		return -EBADF;
	in_pipe = file_is_pipe(in);
	out_pipe = file_is_pipe(out);
	if ((in_pipe && a[1]) || (out_pipe && a[3]))
		return -ESPIPE;
	if (get_position(t, a[3], out, &out_own, &out_pos) || get_position(t, a[1], in, &in_own, &in_pos))
		return -EFAULT;
	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (in_pipe && out_pipe) {
		nonblock |= ((in->flags | out->flags) & G_O_NONBLOCK) != 0;
		return in->inode == out->inode ? -EINVAL : pipe_to_pipe(t, in, out, len, nonblock, false);
	}
	if (in_pipe) {
		if (!out_own && !files_seekable(out))
			return -EINVAL;
		if (out->flags & O_APPEND_)
			return -EINVAL;
		r = check_position(out, out_own, out_pos);
		if (!r)
			r = pipe_to_file(t, in, out, &out_pos, len, nonblock || (in->flags & G_O_NONBLOCK));
		return r > 0 && put_position(t, a[3], out, out_pos) ? -EFAULT : r;
	}
	if (!out_pipe)
		return -EINVAL;
	r = check_position(in, in_own, in_pos);
	if (!r)
		r = file_to_pipe(t, in, &in_pos, out, len, nonblock || (out->flags & G_O_NONBLOCK));
	return r > 0 && put_position(t, a[1], in, in_pos) ? -EFAULT : r;
}

int64_t sys_tee(struct task *t, const uint32_t a[6])
{
	struct file *in, *out;
	bool nonblock;

	if (a[3] & ~(uint32_t)SPLICE_ALL)
		return -EINVAL;
	if (!a[2])
		return 0;
	in = files_io(t, a[0]);
	out = files_io(t, a[1]);
	if (!in || !out || !file_readable(in) || !file_writable(out))
		return -EBADF;
	if (!file_is_pipe(in) || !file_is_pipe(out) || in->inode == out->inode)
		return -EINVAL;
	nonblock = (a[3] & SPLICE_NONBLOCK) || ((in->flags | out->flags) & G_O_NONBLOCK);
	return pipe_to_pipe(t, in, out, least(a[2], MAX_RW_COUNT), nonblock, true);
}

/* --- vmsplice --- */

static int64_t memory_to_pipe(struct task *t, struct file *f, const struct io_vec *v, unsigned count, bool nonblock)
{
	int64_t r = output_ready(t, f, nonblock);
	uint32_t done = 0;

	if (r <= 0)
		return r;
	for (unsigned i = 0; i < count; i++) {
		uint32_t room = pipe_look(f).room, len = least(v[i].len, room);
		const void *p = len ? files_data(t, v[i].base, &len) : NULL;

		if (v[i].len && !p) {
			r = room ? -EFAULT : 0;
			break;
		}
		r = len ? file_write(f, p, len, NULL) : 0;
		if (r < 0)
			break;
		done += (uint32_t)r;
		if (r < v[i].len)
			break;
	}
	return done ? (int64_t)done : r;
}

static int64_t pipe_to_memory(struct task *t, struct file *f, const struct io_vec *v, unsigned count, bool nonblock)
{
	int64_t r = input_ready(t, f, nonblock);
	uint32_t done = 0;

	if (r <= 0)
		return r;
	for (unsigned i = 0; i < count; i++) {
		uint32_t want = least(v[i].len, pipe_look(f).used), len = want;
		void *p = len ? files_buffer(t, v[i].base, &len) : NULL;

		if (!p) {
			r = want ? -EFAULT : 0;
			if (r)
				break;
			continue;
		}
		pipe_peek(f, 0, p, len);
		pipe_discard(f, len);
		done += len;
	}
	if (done)
		notify_file(f, NOTIFY_ACCESS);
	return done ? (int64_t)done : r;
}

int64_t sys_vmsplice(struct task *t, const uint32_t a[6])
{
	bool nonblock = a[3] & SPLICE_NONBLOCK, any = false;
	struct io_vec v[IOV_LIMIT];
	struct file *f;
	int err;

	if (a[3] & ~(uint32_t)SPLICE_ALL)
		return -EINVAL;
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	err = io_import(t, a[1], a[2], v);
	if (err)
		return err;
	for (uint32_t i = 0; i < a[2]; i++)
		any |= v[i].len != 0;
	if (!any)
		return 0;
	if (!file_is_pipe(f))
		return -EBADF;
	return file_writable(f) ? memory_to_pipe(t, f, v, a[2], nonblock) : pipe_to_memory(t, f, v, a[2], nonblock);
}
