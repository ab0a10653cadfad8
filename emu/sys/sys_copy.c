/* SPDX-License-Identifier: MIT
 *
 * From file to file inside the kernel: sendfile and copy_file_range.
 *
 * What was read but not written is read again: positions move only by what arrived, so a call that
 * has to wait for its output loses nothing.  Long copies are made in several tries of the call.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { CHUNK = 65536, TURN = 16 * CHUNK };	/* bytes at once; bytes until others have their turn */

/* The offset argument of either call: NULL is the file's own position. */
static int get_offset(struct task *t, uint32_t addr, struct file *f, uint64_t *pos)
{
	*pos = f->pos;
	if (addr && user_read(t, pos, addr, sizeof *pos))
		return -EFAULT;
	return (int64_t)*pos < 0 ? -EINVAL : 0;
}

static int put_offset(struct task *t, uint32_t addr, struct file *f, uint64_t pos)
{
	if (addr)
		return user_write(t, addr, &pos, sizeof pos);
	f->pos = pos;
	return 0;
}

/*
 * Moves up to count bytes.  *in_pos and, if not NULL, *out_pos advance by what was written.  Bytes moved,
 * or -errno when none were; *last is the result of the operation that ended it.
 */
static int64_t copy(struct task *t, struct file *in, uint64_t *in_pos, struct file *out, uint64_t *out_pos,
		    uint64_t count, int64_t *last)
{
	uint8_t *buf = malloc(CHUNK);
	uint64_t moved = 0;

	*last = 0;
	if (!buf)
		return *last = -ENOMEM;
	while (moved < count && moved < TURN) {
		uint32_t want = count - moved < CHUNK ? (uint32_t)(count - moved) : CHUNK;
		uint64_t from = *in_pos;
		int64_t got = file_read(in, buf, want, &from), put;
		uint32_t len;

		*last = got;
		if (got <= 0)
			break;
		len = (uint32_t)got;
		put = files_check_size(t, out, out_pos ? *out_pos : out->pos, &len);
		if (!put)
			put = file_write(out, buf, len, out_pos);
		*last = put;
		if (put <= 0)
			break;
		*in_pos += (uint64_t)put;
		moved += (uint64_t)put;
	}
	free(buf);
	return moved ? (int64_t)moved : *last;
}

/*
 * A part is done, more may come: lets other tasks run and goes on, or, if a signal wants to be
 * served, says how far it got.
 */
static int64_t go_on(struct task *t)
{
	int64_t r;

	task_wake(t);
	r = task_block(t);
	return r == SYS_BLOCK ? r : (int64_t)t->sys.done;
}

/* sendfile64(out, in, *offset, count) */
int64_t sys_sendfile64(struct task *t, const uint32_t a[6])
{
	uint32_t count = a[3] > MAX_RW_COUNT ? MAX_RW_COUNT : a[3];
	struct file *out, *in;
	int64_t r, last;
	uint64_t pos;
	int err;

	/* Linux reads the offset before it looks at the descriptors. */
	if (a[2] && user_read(t, &pos, a[2], sizeof pos))
		return -EFAULT;
	in = files_io(t, a[1]);
	if (!in || !file_readable(in))
		return -EBADF;
	err = get_offset(t, a[2], in, &pos);
	if (err)
		return err;
	if (!files_seekable(in))
		return a[2] ? -ESPIPE : -EINVAL;
	out = files_io(t, a[0]);
	if (!out || !file_writable(out))
		return -EBADF;
	if (out->flags & 02000 /* O_APPEND */)
		return -EINVAL;
	r = copy(t, in, &pos, out, NULL, count - t->sys.done, &last);
	if (r > 0) {
		t->sys.done += (uint64_t)r;
		if (put_offset(t, a[2], in, pos))
			return -EFAULT;
	}
	if (r >= TURN && t->sys.done < count)
		return go_on(t);
	if (last == -EPIPE)
		io_broken_pipe(t);
	if (last == -EAGAIN && files_block(out) && t->sys.done < count) {
		r = files_wait(t, out);
		if (r == SYS_BLOCK)
			return r;
	}
	return t->sys.done ? (int64_t)t->sys.done : r;
}

/* copy_file_range(in, *in_offset, out, *out_offset, len, flags) */
int64_t sys_copy_file_range(struct task *t, const uint32_t a[6])
{
	struct file *in, *out;
	uint64_t in_pos, out_pos, len = (a[4] > MAX_RW_COUNT ? MAX_RW_COUNT : a[4]) - t->sys.done;
	int64_t r, last;
	int err;

	in = files_io(t, a[0]);
	out = files_io(t, a[2]);
	if (!in || !out)
		return -EBADF;
	err = get_offset(t, a[1], in, &in_pos);
	if (!err)
		err = get_offset(t, a[3], out, &out_pos);
	if (err)
		return err;
	if (a[5])
		return -EINVAL;
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!file_readable(in) || !file_writable(out) || (out->flags & 02000))
		return -EBADF;
	if (in_pos >= in->inode->size)
		return (int64_t)t->sys.done;
	if (len > in->inode->size - in_pos)
		len = in->inode->size - in_pos;
	if (!t->sys.done && in->inode == out->inode && in_pos < out_pos + len && out_pos < in_pos + len)
		return -EINVAL;
	r = copy(t, in, &in_pos, out, &out_pos, len, &last);
	if (r > 0)
		t->sys.done += (uint64_t)r;
	if (r > 0 && (put_offset(t, a[1], in, in_pos) || put_offset(t, a[3], out, out_pos)))
		return -EFAULT;
	if (r >= TURN && (uint64_t)r < len)
		return go_on(t);
	return t->sys.done ? (int64_t)t->sys.done : r;
}
