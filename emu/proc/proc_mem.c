/* SPDX-License-Identifier: MIT
 *
 * PID/mem: the process's memory by address (fs/proc/base.c: mem_rw).  Only what its mappings cover; what lies outside
 * of them is EIO at the start of a transfer and its end otherwise.  Who may not look at the process cannot open it.
 */
#include <errno.h>
#include <stdio.h>
#include "emu/ptrace/ptrace.h"
#include "emu/proc/internal.h"

static int mem_open(struct file *f)
{
	struct proc_who w;

	if (!proc_resolve(f->inode, &w))
		return -ESRCH;
	return proc_may_look(&w) ? 0 : -EACCES;
}

static int64_t transfer(struct file *f, void *to, const void *from, size_t len, uint64_t *pos)
{
	uint32_t at = (uint32_t)*pos, n;
	struct proc_who w;

	if (!proc_resolve(f->inode, &w) || !w.t->space || !len)
		return 0;
	if (*pos > UINT32_MAX)
		return -EIO;
	if (len > UINT32_MAX - at + UINT64_C(1))
		len = UINT32_MAX - at;
	n = to ? ptrace_read(w.t, at, to, (uint32_t)len, 0) : ptrace_write(w.t, at, from, (uint32_t)len, 0);
	if (!n)
		return -EIO;
	*pos += n;
	return n;
}

static int64_t mem_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	return transfer(f, buf, NULL, len, pos);
}

static int64_t mem_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	return transfer(f, NULL, buf, len, pos);
}

static int64_t mem_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += (int64_t)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	f->pos = (uint64_t)offset;
	return offset;
}

const struct file_ops proc_mem_ops = {
	.open = mem_open, .read = mem_read, .write = mem_write, .lseek = mem_seek,
};
