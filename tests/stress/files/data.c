/* SPDX-License-Identifier: MIT
 * What is in files: written and read in order, at random places, in pieces, by other calls than write() and read().
 */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "../stress.h"

#define BLOCK 4096

static int make(struct worker *w, char path[STRESS_PATH], const char *name)
{
	return open(stress_path(w, path, name), O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC, 0600);
}

/* Blocks of a file are written in random order, some twice; each is then what was written last.  The file is removed and made again. */
enum stress_status stress_hdd(struct worker *w)
{
	size_t blocks = stress_sizes.hdd / BLOCK;
	uint32_t *seed = calloc(blocks, sizeof *seed);
	char *block = malloc(BLOCK), path[STRESS_PATH];
	enum stress_status status = STRESS_PASSED;

	if (!seed || !block) {
		free(seed);
		free(block);
		return stress_errno(w, "malloc");
	}
	while (status == STRESS_PASSED && stress_go(w)) {
		bool full = false;
		struct stat st;
		size_t size = 0;
		int fd = make(w, path, "hdd");

		if (fd < 0) {
			status = stress_errno(w, "open");
			break;
		}
		for (size_t i = 0; i < blocks && !full; i++) {
			size_t at = w->done % 2 ? stress_below(w, blocks) : i;
			uint32_t now = stress_random(w) | 1;
			ssize_t r;

			stress_fill(block, BLOCK, now, 0);
			r = pwrite(fd, block, BLOCK, BLOCK * at);
			if (r == BLOCK) {
				seed[at] = now;
				size = BLOCK * (at + 1) > size ? BLOCK * (at + 1) : size;
			} else if (r < 0 && !stress_short(w)) {
				stress_fail(w, "pwrite: %s", strerror(errno));
			} else {
				/* The disk is full.  What came of the last block does not matter. */
				full = true;
				blocks = i;
			}
		}
		if (!full && (fstat(fd, &st) || st.st_size != (off_t)size))
			stress_fail(w, "the file has %lld bytes, should have %zu", (long long)st.st_size, size);
		if (w->done % 8 == 0 && (fdatasync(fd) || fsync(fd)))
			stress_fail(w, "fsync: %s", strerror(errno));
		for (size_t i = 0; i < blocks && !full; i++) {
			ssize_t r = pread(fd, block, BLOCK, BLOCK * i), bad = -1;

			if (r != (BLOCK * i < size ? BLOCK : 0))
				stress_fail(w, "pread of block %zu: %zd", i, r);
			else if (seed[i])
				bad = stress_check(block, r, seed[i], 0);
			else
				while (r--)
					bad = block[r] ? r : bad;
			if (bad >= 0)
				stress_fail(w, "byte %zd of block %zu is wrong", bad, i);
		}
		memset(seed, 0, sizeof *seed * blocks);
		close(fd);
		if (unlink(path))
			stress_fail(w, "unlink: %s", strerror(errno));
		if (full && blocks < 2) {
			errno = ENOSPC;
			status = stress_errno(w, "pwrite");
		}
		stress_bogo(w);
	}
	free(seed);
	free(block);
	return status;
}

/* lseek() in all its ways, and what is read there. */
enum stress_status stress_seek(struct worker *w)
{
	char path[STRESS_PATH], block[256];
	off_t size = 65536, at;
	int fd = make(w, path, "seek");

	if (fd < 0)
		return stress_errno(w, "open");
	for (off_t i = 0; i < size; i += sizeof block) {
		stress_fill(block, sizeof block, w->number, i);
		if (stress_write(fd, block, sizeof block) < 0) {
			enum stress_status status = stress_errno(w, "write");

			close(fd);
			unlink(path);
			return status;
		}
	}
	while (stress_go(w)) {
		off_t to = stress_below(w, size), here = lseek(fd, 0, SEEK_CUR);
		size_t n = stress_below(w, sizeof block);

		switch (stress_below(w, 3)) {
		case 0: at = lseek(fd, to, SEEK_SET); break;
		case 1: at = lseek(fd, to - here, SEEK_CUR); break;
		default: at = lseek(fd, to - size, SEEK_END);
		}
		if (at != to)
			stress_fail(w, "lseek to %lld comes to %lld", (long long)to, (long long)at);
		if ((off_t)n > size - to)
			n = size - to;
		if (stress_read(fd, block, n) != (ssize_t)n || stress_check(block, n, w->number, to) >= 0)
			stress_fail(w, "what is at %lld is another", (long long)to);
		if (lseek(fd, 0, SEEK_CUR) != to + (off_t)n || lseek(fd, -1, SEEK_SET) != -1 || errno != EINVAL)
			stress_fail(w, "the position is another after reading at %lld", (long long)to);
		stress_bogo(w);
	}
	close(fd);
	unlink(path);
	return STRESS_PASSED;
}

/* preadv() and pwritev() of pieces of all sizes, some of them empty */
enum stress_status stress_iovec(struct worker *w)
{
	char path[STRESS_PATH], block[1500];
	struct iovec v[12];
	int fd = make(w, path, "iovec");

	if (fd < 0)
		return stress_errno(w, "open");
	while (stress_go(w)) {
		uint32_t seed = stress_random(w);
		off_t at = stress_below(w, 10000);
		size_t n = 0;
		ssize_t r;

		for (int i = 0; i < 12; i++) {
			v[i] = (struct iovec){ block + n, stress_below(w, 120) * stress_below(w, 2) };
			n += v[i].iov_len;
		}
		stress_fill(block, n, seed, 0);
		r = pwritev(fd, v, 12, at);
		if (r < 0 && stress_short(w))
			continue;
		memset(block, 0, sizeof block);
		if (r != (ssize_t)n || preadv(fd, v, 12, at) != r || stress_check(block, n, seed, 0) >= 0)
			stress_fail(w, "%zu bytes in pieces: %zd", n, r);
		stress_bogo(w);
	}
	close(fd);
	unlink(path);
	return STRESS_PASSED;
}

/* One file into another by sendfile() or copy_file_range(), part by part. */
static enum stress_status copy(struct worker *w, bool range)
{
	enum stress_status status = STRESS_PASSED;
	char from[STRESS_PATH], to[STRESS_PATH], block[BLOCK];
	int a = make(w, from, "from"), b = make(w, to, "to");
	off_t size = 4 * BLOCK;

	if (a < 0 || b < 0) {
		status = stress_errno(w, "open");
	} else {
		for (off_t i = 0; i < size && status == STRESS_PASSED; i += BLOCK) {
			stress_fill(block, BLOCK, w->number, i);
			if (stress_write(a, block, BLOCK) < 0)
				status = stress_errno(w, "write");
		}
	}
	while (status == STRESS_PASSED && stress_go(w)) {
		off_t at = 0;

		if (ftruncate(b, 0) || lseek(b, 0, SEEK_SET))
			stress_fail(w, "ftruncate: %s", strerror(errno));
		while (at < size) {
			size_t n = 1 + stress_below(w, 3 * BLOCK);
			off_t before = at, out = at;
			ssize_t r = range ? copy_file_range(a, &at, b, &out, n, 0) : sendfile(b, a, &at, n);

			if (r < 0 && stress_short(w))
				break;
			if (r <= 0 || at != before + r || r > (ssize_t)n) {
				if (!w->done && r < 0)
					status = stress_errno(w, range ? "copy_file_range" : "sendfile");
				else
					stress_fail(w, "%zd of %zu bytes at %lld were copied: %s", r, n, (long long)before, strerror(errno));
				break;
			}
		}
		if (at == size)
			for (off_t i = 0; i < size; i += BLOCK)
				if (pread(b, block, BLOCK, i) != BLOCK || stress_check(block, BLOCK, w->number, i) >= 0)
					stress_fail(w, "the copy is another at %lld", (long long)i);
		stress_bogo(w);
	}
	close(a);
	close(b);
	unlink(from);
	unlink(to);
	return status;
}

enum stress_status stress_sendfile(struct worker *w)
{
	return copy(w, false);
}

enum stress_status stress_copy_file(struct worker *w)
{
	return copy(w, true);
}

/* A file cut, made longer, given room: what was cut off comes back as zeros. */
enum stress_status stress_fallocate(struct worker *w)
{
	char path[STRESS_PATH], block[2 * BLOCK];
	int fd = make(w, path, "room");

	if (fd < 0)
		return stress_errno(w, "open");
	while (stress_go(w)) {
		off_t cut = stress_below(w, sizeof block), longer = cut + stress_below(w, sizeof block - cut + 1);
		struct stat st;
		ssize_t n;

		stress_fill(block, sizeof block, w->number, 0);
		n = pwrite(fd, block, sizeof block, 0);
		if (n != sizeof block) {
			if (n < 0 && !stress_short(w))
				stress_fail(w, "pwrite: %s", strerror(errno));
			continue;
		}
		if (ftruncate(fd, cut))
			stress_fail(w, "ftruncate: %s", strerror(errno));
		if (w->done % 2 ? longer > cut && fallocate(fd, 0, cut, longer - cut) : ftruncate(fd, longer)) {
			if (errno == EOPNOTSUPP ? ftruncate(fd, longer) : !stress_short(w))
				stress_fail(w, "made longer: %s", strerror(errno));
			if (stress_short(w))
				continue;
		}
		if (fstat(fd, &st) || st.st_size != longer)
			stress_fail(w, "the file has %lld bytes, should have %lld", (long long)st.st_size, (long long)longer);
		n = pread(fd, block, sizeof block, 0);
		if (n != longer || stress_check(block, cut, w->number, 0) >= 0)
			stress_fail(w, "what was not cut off is another");
		for (off_t i = cut; i < n; i++)
			if (block[i]) {
				stress_fail(w, "cut at %lld, byte %lld came back", (long long)cut, (long long)i);
				break;
			}
		stress_bogo(w);
	}
	close(fd);
	unlink(path);
	return STRESS_PASSED;
}

enum stress_status stress_append(struct worker *w)
{
	char path[STRESS_PATH], block[100];
	off_t size = 0;
	int a = make(w, path, "appended"), b = open(path, O_WRONLY | O_CLOEXEC | O_APPEND);

	if (a < 0 || b < 0) {
		close(a);
		return stress_errno(w, "open");
	}
	while (stress_go(w)) {
		size_t n = 1 + stress_below(w, sizeof block);
		ssize_t r;

		stress_fill(block, n, w->number, size);
		lseek(b, stress_below(w, 1000), SEEK_SET);
		r = write(b, block, n);
		if (r < 0 && stress_short(w)) {
			size = 0;
			ftruncate(a, 0);
			continue;
		}
		if (r != (ssize_t)n || lseek(b, 0, SEEK_CUR) != size + (off_t)n || pread(a, block, n, size) != (ssize_t)n ||
		    stress_check(block, n, w->number, size) >= 0)
			stress_fail(w, "%zu bytes were not appended to %lld", n, (long long)size);
		size += n;
		if (size > 20000 && !ftruncate(a, 0))
			size = 0;
		stress_bogo(w);
	}
	close(a);
	close(b);
	unlink(path);
	return STRESS_PASSED;
}
