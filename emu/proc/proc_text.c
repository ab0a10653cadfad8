/* SPDX-License-Identifier: MIT
 *
 * Open texts.  Reading from position 0 makes the text, reading on gives the rest of that one; a write is one
 * whole value.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/internal.h"
#include "emu/kernel/klog.h"
#include "emu/proc/internal.h"

#define STORE_MAX 4095u		/* bytes of a write that are looked at */

/* --- Texts --- */

static bool reserve(struct proc_out *o, size_t more)
{
	size_t size = o->size ? o->size : 512;
	char *buf;

	if (o->failed)
		return false;
	if (o->len + more <= o->size)
		return true;
	while (size < o->len + more)
		size *= 2;
	buf = realloc(o->buf, size);
	if (!buf) {
		o->failed = true;
		return false;
	}
	o->buf = buf;
	o->size = size;
	return true;
}

void out_text(struct proc_out *o, const void *text, size_t len)
{
	if (!len || !reserve(o, len))
		return;
	memcpy(o->buf + o->len, text, len);
	o->len += len;
}

void out(struct proc_out *o, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		out_text(o, small, (size_t)n);
		return;
	}
	if (!reserve(o, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(o->buf + o->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	o->len += (size_t)n;
}

void out_pad(struct proc_out *o, size_t line_start, size_t to)
{
	do
		out_text(o, " ", 1);
	while (!o->failed && o->len - line_start < to);
}

void out_escaped(struct proc_out *o, const char *text, const char *special)
{
	for (; *text; text++) {
		if ((uint8_t)*text < 0x20 || strchr(special, *text))
			out(o, "\\%03o", (uint8_t)*text);
		else
			out_text(o, text, 1);
	}
}

/* --- Files --- */

static int open_text(struct file *f)
{
	f->private = calloc(1, sizeof(struct proc_out));
	return f->private ? 0 : -ENOMEM;
}

static void release_text(struct file *f)
{
	struct proc_out *o = f->private;

	if (!o)
		return;
	free(o->buf);
	free(o);
}

static int make_text(struct inode *i, struct proc_out *o)
{
	const struct proc_entry *e = ((struct proc_node *)i->private)->entry;
	struct proc_who w;
	int err;

	o->len = 0;
	o->failed = false;
	if (!proc_resolve(i, &w))
		return -ESRCH;
	err = e->show ? e->show(o, &w) : -EINVAL;
	if (!err && o->failed)
		err = -ENOMEM;
	if (err)
		o->len = 0;
	return err;
}

static int64_t read_text(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct proc_out *o = f->private;

	if (*pos == 0) {
		int err = make_text(f->inode, o);

		if (err)
			return err;
	}
	if (*pos >= o->len)
		return 0;
	if (len > o->len - *pos)
		len = o->len - *pos;
	memcpy(buf, o->buf + *pos, len);
	*pos += len;
	return (int64_t)len;
}

static int64_t write_text(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	const struct proc_entry *e = ((struct proc_node *)f->inode->private)->entry;
	char text[STORE_MAX + 1];
	size_t n = len < STORE_MAX ? len : STORE_MAX;
	struct proc_who w;
	int err;

	if (!proc_resolve(f->inode, &w))
		return -ESRCH;
	if (!e->store)
		return w.p ? -EINVAL : -EIO;	/* as without f_op->write, and as proc_reg_write() */
	memcpy(text, buf, n);
	while (n && (text[n - 1] == '\n' || text[n - 1] == 0))
		n--;
	text[n] = 0;
	err = e->store(&w, text);
	if (err)
		return err;
	*pos += len;
	return (int64_t)len;
}

/* Texts have no size; SEEK_END has nothing to count from. */
static int64_t seek_text(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += (int64_t)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	f->pos = (uint64_t)offset;
	return offset;
}

const struct file_ops proc_text_ops = {
	.open = open_text, .release = release_text, .read = read_text, .write = write_text, .lseek = seek_text,
};

/* --- Private mappings: the text as it is just now, in a copy --- */

static int64_t read_source(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct proc_out o = { .buf = NULL };
	int err = make_text(inode_of_source(s), &o);
	uint32_t n = err || offset >= o.len ? 0 : o.len - offset < len ? (uint32_t)(o.len - offset) : len;

	if (n)
		memcpy(dst, o.buf + offset, n);
	free(o.buf);
	return err ? err : (int64_t)n;
}

static const struct mm_source_ops text_source = {
	.read = read_source, .get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
};

/* As in Linux those outside of PID/ and sys/ can be mapped (proc_reg_mmap()). */
void proc_make_mappable(struct inode *i, const struct proc_entry *e)
{
	if (e->fops != &proc_text_ops || (e->where != PROC_ROOT && e->where != PROC_SYSVIPC))
		return;
	i->source.ops = &text_source;
	i->source.kind = MM_REGULAR;
}

/* --- kmsg: records as they come, for one reader --- */

static int64_t kmsg_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct machine *m = f->inode->super->machine;
	char line[1200], *dst = buf;
	struct klog_record r;
	size_t done = 0;

	(void)pos;
	while (!klog_read(m, f->version, &r)) {
		int n = snprintf(line, sizeof line, "<%d>[%5llu.%06llu] %s\n", (int)r.level,
				 (unsigned long long)(r.time_ns / 1000000000),
				 (unsigned long long)(r.time_ns / 1000 % 1000000), r.text);

		if (n < 0 || (size_t)n > len - done)
			break;
		memcpy(dst + done, line, (size_t)n);
		done += (size_t)n;
		f->version = r.seq + 1;
	}
	if (done)
		return (int64_t)done;
	return f->version < klog_next_seq(m) ? -EINVAL : -EAGAIN;
}

static unsigned kmsg_poll(struct file *f, struct waiter *w)
{
	struct machine *m = f->inode->super->machine;

	poll_wait(klog_wait(m), w);
	return f->version < klog_next_seq(m) ? POLLIN | POLLRDNORM : 0;
}

static int kmsg_open(struct file *f)
{
	f->version = 0;
	return 0;
}

const struct file_ops proc_kmsg_ops = { .open = kmsg_open, .read = kmsg_read, .poll = kmsg_poll };
