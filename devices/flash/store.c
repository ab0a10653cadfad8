/* SPDX-License-Identifier: MIT
 *
 * The host's file behind the array.  It is read once, at the start, and written as operations complete: pwrite(2)
 * hands the bytes to the host's kernel, which keeps them whatever becomes of this process.  It is never mapped:
 * others may cut it at any time.
 *
 * Who runs a flash ignores SIGXFSZ, so that a limit on the size of files is an error as others are.
 *
 * Whoever writes has it for himself (flock(2)); of those that may only read it there can be several.
 */
#define _GNU_SOURCE
#include "devices/flash/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int say(char why[FLASH_WHY], int err, const char *file, const char *what)
{
	snprintf(why, FLASH_WHY, "%s: %s", file, what ? what : strerror(-err));
	return err;
}

static uint32_t power_of_two(uint64_t n)
{
	uint32_t p = FLASH_SIZE_MIN;

	while (p < n)
		p *= 2;
	return p;
}

static int open_file(struct store *s, const char *file, bool create)
{
	s->writable = true;
	s->fd = open(file, O_RDWR | O_CLOEXEC | O_NONBLOCK | (create ? O_CREAT : 0), 0666);
	if (s->fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) {
		s->writable = false;
		s->fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	return s->fd < 0 ? -errno : 0;
}

/* What there is must be a file that fits into a flash of *size bytes; 0: the smallest that it fits into. */
static int choose_size(struct store *s, const char *file, uint32_t *size, char why[FLASH_WHY])
{
	struct stat st;

	if (fstat(s->fd, &st))
		return say(why, -errno, file, NULL);
	if (!S_ISREG(st.st_mode))
		return say(why, -EINVAL, file, "not a regular file");
	if (!*size && !st.st_size)
		return say(why, -EINVAL, file, "empty: say how large the flash is, FILE:SIZE");
	if (st.st_size > (off_t)(*size ? *size : FLASH_SIZE_MAX))
		return say(why, -EFBIG, file, *size ? "larger than the flash" : "larger than a flash can be (64M)");
	if (!*size)
		*size = power_of_two((uint64_t)st.st_size);
	s->size = *size;
	return 0;
}

int store_open(struct store *s, const char *file, uint32_t *size, char why[FLASH_WHY])
{
	int err = open_file(s, file, *size != 0);

	if (err == -ENOENT)
		return say(why, err, file, "not there; FILE:SIZE makes one");
	if (err)
		return say(why, err, file, NULL);
	if (flock(s->fd, (s->writable ? LOCK_EX : LOCK_SH) | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
		say(why, err, file, err == -EBUSY ? "in use by another emulator" : NULL);
	} else {
		err = choose_size(s, file, size, why);
	}
	if (err)
		store_close(s);
	return err;
}

/* Reads up to len bytes, fewer at the end of the file.  Their number, or -errno. */
static int64_t read_all(int fd, uint8_t *to, uint32_t len)
{
	uint32_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, to + done, len - done, done);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (uint32_t)n : 0;
	}
	return done;
}

/* All at once or as much as the host takes. */
static int write_all(int fd, const uint8_t *from, uint32_t len, uint32_t offset, uint32_t *done)
{
	*done = 0;
	while (*done < len) {
		ssize_t n = pwrite(fd, from + *done, len - *done, (off_t)offset + *done);

		if (n == 0)
			return -EIO;
		if (n < 0 && errno != EINTR)
			return -errno;
		*done += n > 0 ? (uint32_t)n : 0;
	}
	return 0;
}

int store_load(const struct store *s, const char *file, uint8_t *to, char why[FLASH_WHY])
{
	int64_t there = read_all(s->fd, to, s->size);
	struct rlimit most;
	uint32_t more;
	int err;

	if (there < 0)
		return say(why, (int)there, file, NULL);
	memset(to + there, 0xff, s->size - (uint32_t)there);
	if (!s->writable || there == s->size)
		return 0;
	if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur < s->size)
		return say(why, -EFBIG, file, NULL);
	/* Or a write far behind the end would leave a hole, which reads as zero: as programmed. */
	err = write_all(s->fd, to + there, s->size - (uint32_t)there, (uint32_t)there, &more);
	return err ? say(why, err, file, NULL) : 0;
}

int store_write(const struct store *s, const uint8_t *from, uint32_t len, uint32_t offset, uint32_t *done)
{
	struct stat st;

	*done = 0;
	if (fstat(s->fd, &st))
		return -errno;
	if (st.st_size < (off_t)s->size)	/* somebody has cut it: a write would make a hole */
		return -EIO;
	return write_all(s->fd, from, len, offset, done);
}

int store_sync(const struct store *s)
{
	return s->fd >= 0 && s->writable && fdatasync(s->fd) ? -errno : 0;
}

void store_close(struct store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
