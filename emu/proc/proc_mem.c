/* SPDX-License-Identifier: MIT
 *
 * PID/mem: the process's memory by address (fs/proc/base.c: mem_rw).  Only what its mappings cover; what lies outside
 * of them is EIO at the start of a transfer and its end otherwise.  Who may not look at the process cannot open it.
 */
#include <errno.h>
#include <stdio.h>
#include "emu/proc/internal.h"
#include "mm/mm.h"

static int mem_open(struct file *f)
{
	struct proc_who w;

	if (!proc_resolve(f->inode, &w))
		return -ESRCH;
	return proc_may_look(&w) ? 0 : -EACCES;
}

struct reach { uint32_t at; uint64_t end; };

/* How far one can go from `at`: mappings side by side are one. */
static int extend(void *ctx, const struct mm_vma_info *v)
{
	struct reach *r = ctx;

	if (v->start <= r->end && r->end < v->end)
		r->end = v->end;
	return 0;
}

static int64_t transfer(struct file *f, void *to, const void *from, size_t len, uint64_t *pos)
{
	struct proc_who w;
	struct reach r = { .at = (uint32_t)*pos, .end = (uint32_t)*pos };
	int err;

	if (!proc_resolve(f->inode, &w) || !w.t->space || !len)
		return 0;
	mm_space_walk(w.t->space, extend, &r);
	if (r.end == r.at)
		return -EIO;
	if (len > r.end - r.at)
		len = r.end - r.at;
	if (to)
		err = flat_read(w.m->flat, to, r.at, len);
	else
		err = flat_write(w.m->flat, r.at, from, len);
	if (err)
		return -EIO;
	*pos += len;
	return (int64_t)len;
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
