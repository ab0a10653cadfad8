/* SPDX-License-Identifier: MIT
 *
 * Positions in files and directories: lseek, getdents, and the calls about what is on disk, which
 * have little to do where everything is memory.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --- getdents64: struct linux_dirent64 is u64 ino, s64 off, u16 reclen, u8 type, name --- */

enum { DIRENT_HEAD = 19 };
struct dirents { uint8_t *buf; uint32_t size, used; bool full; };

static int put_dirent(void *ctx, const char *name, size_t len, uint64_t ino, unsigned d_type, uint64_t next)
{
	struct dirents *d = ctx;
	uint32_t reclen = (uint32_t)(DIRENT_HEAD + len + 1 + 7) & ~7u;
	uint16_t reclen16 = (uint16_t)reclen;
	uint8_t *p = d->buf + d->used;

	if (reclen > d->size - d->used) {
		d->full = true;
		return 1;
	}
	memset(p, 0, reclen);
	memcpy(p, &ino, 8);
	memcpy(p + 8, &next, 8);
	memcpy(p + 16, &reclen16, 2);
	p[18] = (uint8_t)d_type;
	memcpy(p + DIRENT_HEAD, name, len);
	d->used += reclen;
	return 0;
}

int64_t sys_getdents64(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	struct dirents d = { .size = a[2] };
	int err;

	if (!f)
		return -EBADF;
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	d.buf = files_buffer(t, a[1], &d.size);
	if (!d.buf)
		return -EFAULT;
	err = file_readdir(f, &d, put_dirent);
	if (d.used)
		return d.used;
	if (err < 0)
		return err;
	return d.full ? -EINVAL : 0;
}

/* --- lseek --- */

int64_t sys__llseek(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	int64_t pos;

	if (!f)
		return -EBADF;
	if (a[4] > 4)
		return -EINVAL;
	pos = file_lseek(f, (int64_t)((uint64_t)a[1] << 32 | a[2]), (int)a[4]);
	if (pos < 0)
		return pos;
	return user_write(t, a[3], &pos, sizeof pos);
}

/* --- Disks --- */

int64_t sys_sync(struct task *t, const uint32_t a[6])
{
	(void)a;
	vfs_sync(t->machine);
	return 0;
}

int64_t sys_syncfs(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);
	struct fs_super *s;

	if (!f)
		return -EBADF;
	s = f->inode->super;
	return s->sync ? s->sync(s, true) : 0;
}

int64_t sys_fsync(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);

	if (!f)
		return -EBADF;
	if (f->ops->fsync) {
		int err = f->ops->fsync(f);

		return err == -EAGAIN ? files_wait(t, f) : err;
	}
	return S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode) ? 0 : -EINVAL;
}

int64_t sys_fdatasync(struct task *t, const uint32_t a[6]) { return sys_fsync(t, a); }

int64_t sys_sync_file_range(struct task *t, const uint32_t a[6])
{
	int64_t offset = (int64_t)arg64(a, 1), end;
	struct file *f = files_io(t, a[0]);
	uint32_t type;

	if (!f)
		return -EBADF;
	if (a[5] & ~7u || offset < 0 || __builtin_add_overflow(offset, (int64_t)arg64(a, 3), &end) || end < offset)
		return -EINVAL;
	type = f->inode->mode & S_IFMT;
	return type == S_IFREG || type == S_IFBLK || type == S_IFDIR || type == S_IFLNK ? 0 : -ESPIPE;
}

/* There is nothing to be read ahead of: what is in memory is, and disks are the host's. */
int64_t sys_readahead(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);

	if (!f || !file_readable(f))
		return -EBADF;
	return S_ISREG(f->inode->mode) || S_ISBLK(f->inode->mode) ? 0 : -EINVAL;
}

int64_t sys_fadvise64_64(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);

	if (!f)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	return a[5] > 5 || (int64_t)arg64(a, 3) < 0 ? -EINVAL : 0;
}
