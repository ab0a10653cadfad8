/* SPDX-License-Identifier: MIT
 *
 * Files of the host: reading, writing, mapping.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/fs/hostfs_internal.h"

/* The host's descriptor, one more than its number so that 0 is none. */
static int fd_of(const struct file *f)
{
	return (int)(intptr_t)f->private - 1;
}

static int file_open_op(struct file *f)
{
	static const int modes[4] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR };
	struct host_inode *h = host_of(f->inode);
	int fd = h->fd;

	/* Whoever makes a file can write to it, though its mode lets nobody do that later: by the descriptor it was made with. */
	if (!h->just_made)
		fd = host_reopen(f->inode, modes[f->flags & FO_ACCMODE] | O_NOCTTY | O_NONBLOCK);
	h->just_made = false;
	if (fd < 0)
		return fd;
	f->private = (void *)(intptr_t)(fd + 1);
	return 0;
}

static void file_release(struct file *f)
{
	if (fd_of(f) != host_of(f->inode)->fd)
		close(fd_of(f));
}

static int64_t file_read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	ssize_t n = pread(fd_of(f), buf, len, (off_t)*pos);

	if (n < 0)
		return -errno;
	*pos += (uint64_t)n;
	return n;
}

static int64_t file_write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	ssize_t n = pwrite(fd_of(f), buf, len, (off_t)*pos);

	if (n < 0)
		return -errno;
	*pos += (uint64_t)n;
	if (*pos > f->inode->size)
		f->inode->size = *pos;
	return n;
}

static int64_t file_lseek_op(struct file *f, int64_t offset, int whence)
{
	off_t r;

	/* Holes are the host's to know; for the rest its position is not ours. */
	if (whence == 3 || whence == 4) {
		r = lseek(fd_of(f), (off_t)offset, whence == 3 ? SEEK_DATA : SEEK_HOLE);
		if (r < 0)
			return -errno;
		f->pos = (uint64_t)r;
		return r;
	}
	if (whence == 1) {
		if (__builtin_add_overflow(offset, (int64_t)f->pos, &offset))
			return -EOVERFLOW;
	} else if (whence == 2) {
		host_refresh(f->inode);
		if (__builtin_add_overflow(offset, (int64_t)f->inode->size, &offset))
			return -EOVERFLOW;
	} else if (whence != 0) {
		return -EINVAL;
	}
	if (offset < 0)
		return -EINVAL;
	f->pos = (uint64_t)offset;
	return offset;
}

static int file_fsync(struct file *f)
{
	return fsync(fd_of(f)) ? -errno : 0;
}

const struct file_ops host_file_fops = {
	.open = file_open_op, .release = file_release, .read = file_read_op, .write = file_write_op,
	.lseek = file_lseek_op, .fsync = file_fsync,
};

static int other_open(struct file *f)
{
	(void)f;
	return -ENXIO;
}

const struct file_ops host_other_fops = { .open = other_open };

int host_truncate(struct inode *i, uint64_t size)
{
	int fd = host_reopen(i, O_WRONLY | O_NONBLOCK), err = 0;

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)size))
		err = -errno;
	else
		i->size = size;
	close(fd);
	return err;
}

/* --- As a mapping source: copies only --- */

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct inode *i = inode_of_source(s);
	struct host_inode *h = host_of(i);
	ssize_t n;

	if (h->read_fd < 0) {
		int fd = host_reopen(i, O_RDONLY | O_NONBLOCK);

		if (fd < 0)
			return fd;
		h->read_fd = fd;
	}
	n = pread(h->read_fd, dst, len, (off_t)offset);
	return n < 0 ? -errno : n;
}

const struct mm_source_ops host_source_ops = {
	.read = source_read, .get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
};
