/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devices/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk {
	struct block_device block;
	int fd;
};

static const struct disk *of(const struct block_device *b)
{
	return (const struct disk *)(const void *)b;
}

static int disk_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	char *p = dst;

	while (len) {
		ssize_t n = pread(of(b)->fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;	/* somebody cut the file */
		p += n;
		len -= (uint32_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* Over ulimit -f it is EFBIG: whoever makes a disk ignores SIGXFSZ. */
static int write_all(int fd, const char *p, uint32_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		p += n;
		len -= (uint32_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int disk_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	return b->read_only ? -EROFS : write_all(of(b)->fd, src, len, offset);
}

/* A hole, where there can be holes: it takes no room on the host, and a TB is cleared as soon as a sector. */
static int disk_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	static const char zeros[65536];
	int err = 0;

	if (b->read_only)
		return -EROFS;
	if (!fallocate(of(b)->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len))
		return 0;
	while (len && !err) {
		uint32_t n = len < sizeof zeros ? (uint32_t)len : (uint32_t)sizeof zeros;

		err = write_all(of(b)->fd, zeros, n, offset);
		offset += n;
		len -= n;
	}
	return err;
}

static int disk_flush(struct block_device *b)
{
	return b->read_only || !fdatasync(of(b)->fd) ? 0 : -errno;
}

static void disk_free(struct block_device *b)
{
	close(of(b)->fd);
	free(b);
}

static const struct block_ops disk_ops = {
	.read = disk_read, .write = disk_write, .clear = disk_clear, .flush = disk_flush, .free = disk_free,
};

static const char is_folder[] = "a folder; mke2fs -d makes a disk image of it";

static int explain(char why[DISK_WHY], const char *text, int err)
{
	snprintf(why, DISK_WHY, "%s", text);
	return err;
}

static int find_size(int fd, uint64_t *size, char why[DISK_WHY])
{
	struct stat st;

	if (fstat(fd, &st))
		return explain(why, strerror(errno), -errno);
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, size))
			return explain(why, strerror(errno), -errno);
	} else if (S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
	} else {
		return explain(why, S_ISDIR(st.st_mode) ? is_folder : "neither a file nor a block device", -ENOTBLK);
	}
	if (!*size)
		return explain(why, "empty; 'truncate -s 64M' gives it a size", -EINVAL);
	if (*size % BLOCK_SECTOR)
		return explain(why, "its size is not a multiple of 512 bytes", -EINVAL);
	return 0;
}

int disk_open(const char *path, bool read_only, struct block_device **out, char why[DISK_WHY])
{
	struct disk *d = calloc(1, sizeof *d);
	int err;

	if (!d)
		return explain(why, strerror(ENOMEM), -ENOMEM);
	/* Not O_EXCL on block devices: one that is mounted is refused to nobody who only reads. */
	d->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (d->fd < 0) {
		bool protected = !read_only && (errno == EROFS || errno == EACCES) && !access(path, R_OK);

		err = errno == EISDIR ? -ENOTBLK : -errno;
		snprintf(why, DISK_WHY, "%s%s", err == -ENOTBLK ? is_folder : strerror(-err), protected ? "; ':ro' behind its name only reads it" : "");
		goto fail;
	}
	err = find_size(d->fd, &d->block.size, why);
	if (err)
		goto fail_open;
	if (flock(d->fd, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) && errno == EWOULDBLOCK) {
		err = explain(why, read_only ? "somebody else writes to it" : "in use by somebody else", -EBUSY);
		goto fail_open;
	}
	d->block.ops = &disk_ops;
	d->block.read_only = read_only;
	d->block.rotational = d->block.geometry = true;
	*out = &d->block;
	return 0;
fail_open:
	close(d->fd);
fail:
	free(d);
	return err;
}
