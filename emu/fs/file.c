/* SPDX-License-Identifier: MIT
 *
 * Open files: reading, writing, positions, readiness; the checks of fs/read_write.c.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/event/epoll.h"
#include "emu/event/sigio.h"
#include "emu/fs/file_caps.h"
#include "emu/fs/locks.h"
#include "emu/fs/notify.h"
#include "emu/kernel/task.h"

enum { SEEK_SET_, SEEK_CUR_, SEEK_END_, SEEK_DATA_, SEEK_HOLE_ };

struct file *file_new(struct inode *i, const struct file_ops *ops, uint32_t flags)
{
	struct machine *m = i->super->machine;
	struct file *f;

	if (vfs_charge(m, COST_FILE))
		return NULL;
	f = calloc(1, sizeof *f);
	if (!f) {
		vfs_uncharge(m, COST_FILE);
		return NULL;
	}
	f->refs = 1;
	f->serial = vfs_serial(m);
	f->inode = inode_get(i);
	f->ops = ops;
	f->flags = flags;
	f->source = i->source.ops ? &i->source : NULL;
	return f;
}

struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}

void file_put(struct file *f)
{
	struct inode *i = f->inode;

	if (--f->refs)
		return;
	if (f->opened)
		notify_file(f, file_writable(f) ? NOTIFY_CLOSE_WRITE : NOTIFY_CLOSE_NOWRITE);
	if (f->watches)
		epoll_file_closed(f);
	if (f->sigio)
		sigio_file_closed(f);
	if (i->locks)
		locks_drop_file(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->writer) {
		i->writers--;
		f->path.mnt->writers--;
	}
	if (f->path.dentry) {
		f->path.mnt->expiring = false;
		path_put(&f->path);
	}
	vfs_uncharge(i->super->machine, COST_FILE);
	inode_put(i);
	free(f);
}

void file_accessed(struct file *f)
{
	struct inode *i = f->inode;
	struct mount *m = f->path.mnt;
	struct vfs_time now;

	if (!m || (f->flags & FO_NOATIME) || (m->flags & 1024) || mount_read_only(m) ||
	    (S_ISDIR(i->mode) && (m->flags & 2048)))
		return;
	now = inode_now(i);
	if ((m->flags & 1 << 21) && time_after(&i->atime, &i->mtime) && time_after(&i->atime, &i->ctime) &&
	    i->atime.sec + 86400 > now.sec)
		return;
	i->atime = now;
}

int64_t file_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	int64_t n;

	if (!file_readable(f) || (f->flags & FO_PATH))
		return -EBADF;
	if (S_ISDIR(f->inode->mode))
		return -EISDIR;
	if (!f->ops->read)
		return -EINVAL;
	if (!pos)
		pos = &f->pos;
	if (*pos > FILE_SIZE_LIMIT)
		return -EINVAL;
	n = f->ops->read(f, buf, len, pos);
	if (n > 0 && S_ISREG(f->inode->mode))
		file_accessed(f);
	if (n > 0)
		notify_file(f, NOTIFY_ACCESS);
	return n;
}

int64_t file_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct inode *i = f->inode;
	int64_t n;

	if (!file_writable(f) || (f->flags & FO_PATH))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	if (!pos)
		pos = &f->pos;
	if (S_ISREG(i->mode)) {
		if ((f->flags & FO_APPEND) && i->ops->refresh)
			i->ops->refresh(i);
		if (f->flags & FO_APPEND)
			*pos = i->size;
		if (len == 0)
			return 0;
		if (*pos >= FILE_SIZE_LIMIT)
			return *pos > FILE_SIZE_LIMIT ? -EINVAL : -EFBIG;
		if (len > FILE_SIZE_LIMIT - *pos)
			len = FILE_SIZE_LIMIT - *pos;
	}
	n = f->ops->write(f, buf, len, pos);
	if (n > 0 && S_ISREG(i->mode)) {
		inode_touch(i, 2 | 4);
		file_caps_drop(i);
		if ((i->mode & 06000) && (task_current(i->super->machine) || !f->privileged) && inode_remove_privs(i))
			notify_file(f, NOTIFY_ATTRIB);
	}
	if (n > 0)
		notify_file(f, NOTIFY_MODIFY);
	return n;
}

unsigned file_poll(struct file *f, struct waiter *w)
{
	if (f->opening)
		return fifo_poll_opening(f, w);
	if (!f->ops->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return f->ops->poll(f, w);
}

static int64_t set_position(struct file *f, int64_t pos)
{
	if (pos < 0)
		return -EINVAL;
	f->pos = (uint64_t)pos;
	return pos;
}

int64_t file_lseek(struct file *f, int64_t offset, int whence)
{
	struct inode *i = f->inode;
	int64_t base;

	if (f->flags & FO_PATH)
		return -EBADF;
	if (f->ops->lseek)
		return f->ops->lseek(f, offset, whence);
	if (!S_ISREG(i->mode) && !S_ISDIR(i->mode) && !S_ISBLK(i->mode))
		return -ESPIPE;
	if (i->ops->refresh)
		i->ops->refresh(i);
	switch (whence) {
	case SEEK_SET_:
		base = 0;
		break;
	case SEEK_CUR_:
		base = (int64_t)f->pos;
		break;
	case SEEK_END_:
		if (S_ISDIR(i->mode))
			return -EINVAL;
		base = (int64_t)i->size;
		break;
	case SEEK_DATA_: case SEEK_HOLE_:	/* all data, one hole at its end */
		if (S_ISDIR(i->mode))
			return -EINVAL;
		if (offset < 0 || (uint64_t)offset >= i->size)
			return -ENXIO;
		return set_position(f, whence == SEEK_DATA_ ? offset : (int64_t)i->size);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &base))
		return -EINVAL;
	return set_position(f, base);
}

int64_t file_noop_lseek(struct file *f, int64_t offset, int whence)
{
	(void)offset, (void)whence;
	return (int64_t)f->pos;
}

/* --- Directories --- */

struct fill { struct file *f; void *ctx; vfs_fill_fn fn; bool stopped; };

/* Moves the position behind each entry that was taken. */
static int fill_one(void *ctx, const char *name, size_t len, uint64_t ino, unsigned d_type, uint64_t next)
{
	struct fill *w = ctx;

	if (w->stopped || w->fn(w->ctx, name, len, ino, d_type, next)) {
		w->stopped = true;
		return 1;
	}
	w->f->pos = next;
	return 0;
}

static void fill_tree(struct file *f, struct fill *w)
{
	struct dentry *d;

	while ((d = dentry_from(f->path.dentry, f->pos)))
		if (fill_one(w, d->name, d->len, d->inode->ino, d->inode->mode >> 12 & 15, d->cookie + 1))
			return;
}

int file_readdir(struct file *f, void *ctx, vfs_fill_fn fn)
{
	struct fill w = { .f = f, .ctx = ctx, .fn = fn };
	struct inode *i = f->inode;
	int err = 0;

	if (!S_ISDIR(i->mode) || !f->path.dentry)
		return -ENOTDIR;
	if (f->path.dentry->unlinked)
		return -ENOENT;
	if (f->pos == 0)
		fill_one(&w, ".", 1, i->ino, 4, 1);
	if (f->pos == 1)
		fill_one(&w, "..", 2, f->path.dentry->parent->inode->ino, 4, 2);
	if (!w.stopped) {
		if (f->ops->readdir)
			err = f->ops->readdir(f, &w, fill_one);
		else
			fill_tree(f, &w);
	}
	file_accessed(f);
	notify_file(f, NOTIFY_ACCESS);
	return err;
}
