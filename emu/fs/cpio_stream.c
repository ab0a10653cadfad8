/* SPDX-License-Identifier: MIT
 *
 * As the kernel's initramfs (init/initramfs.c): plain and compressed pieces may follow each other, with
 * zeros between them.
 */
#include "emu/fs/cpio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct cpio_stream {
	const uint8_t *in, *end;
	uint64_t at;
	bool packed;		/* inside a gzip member */
	bool was_packed;	/* one ended just now: another may carry on */
	z_stream z;
	uint8_t buf[16384];	/* unpacked, for small reads: [lo, hi) is still to be given */
	size_t lo, hi;
};

struct cpio_stream *cpio_stream_new(const void *data, size_t size)
{
	struct cpio_stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->in = data;
	s->end = s->in + size;
	return s;
}

void cpio_stream_free(struct cpio_stream *s)
{
	if (s->packed)
		inflateEnd(&s->z);
	free(s);
}

static int begin_gzip(struct cpio_stream *s)
{
	memset(&s->z, 0, sizeof s->z);
	if (inflateInit2(&s->z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	s->packed = true;
	return 0;
}

/* Up to len > 0 bytes. How many, 0 at the end, -errno. */
static int64_t some_packed(struct cpio_stream *s, uint8_t *dst, size_t len)
{
	size_t left = (size_t)(s->end - s->in);
	uInt in = left > 1u << 30 ? 1u << 30 : (uInt)left, out = len > 1u << 30 ? 1u << 30 : (uInt)len;
	int r;

	s->z.next_in = (Bytef *)(uintptr_t)s->in;
	s->z.avail_in = in;
	s->z.next_out = dst;
	s->z.avail_out = out;
	r = inflate(&s->z, Z_NO_FLUSH);
	s->in += in - s->z.avail_in;
	if (r == Z_STREAM_END) {
		inflateEnd(&s->z);
		s->packed = false;
		s->was_packed = true;
	} else if (r == Z_MEM_ERROR) {
		return -ENOMEM;
	} else if (r == Z_BUF_ERROR && s->in == s->end) {
		return -ENODATA;
	} else if (r != Z_OK) {
		return -EINVAL;
	}
	return out - s->z.avail_out;
}

static bool is_gzip(const struct cpio_stream *s)
{
	return s->end - s->in >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b;
}

/*
 * Makes bytes available: in s->buf or, plain, in s->in.  Only at the boundary of an entry, or right behind
 * another member, does a gzip header begin one: file data may look the same.  0, -ENODATA, -errno.
 */
static int refill(struct cpio_stream *s, bool boundary)
{
	while (s->lo == s->hi) {
		int64_t n;
		int err;

		if (s->packed) {
			n = some_packed(s, s->buf, sizeof s->buf);
			if (n < 0)
				return (int)n;
			s->lo = 0;
			s->hi = (size_t)n;
		} else if ((boundary || s->was_packed) && is_gzip(s)) {
			err = begin_gzip(s);
			if (err)
				return err;
		} else {
			s->was_packed = false;
			return s->in == s->end ? -ENODATA : 0;
		}
	}
	return 0;
}

int cpio_stream_read(struct cpio_stream *s, void *dst, uint64_t len)
{
	uint8_t *to = dst;

	while (len) {
		const uint8_t *from;
		size_t n;
		int err;

		if (s->lo == s->hi && s->packed && to && len >= sizeof s->buf) {
			int64_t got = some_packed(s, to, (size_t)len);

			if (got < 0)
				return (int)got;
			to += got;
			s->at += (uint64_t)got;
			len -= (uint64_t)got;
			continue;
		}
		err = refill(s, false);
		if (err)
			return err;
		if (s->lo != s->hi) {
			n = s->hi - s->lo;
			from = s->buf + s->lo;
		} else {
			n = (size_t)(s->end - s->in);
			from = s->in;
		}
		if (n > len)
			n = (size_t)len;
		if (to) {
			memcpy(to, from, n);
			to += n;
		}
		if (s->lo != s->hi)
			s->lo += n;
		else
			s->in += n;
		s->at += n;
		len -= n;
	}
	return 0;
}

int cpio_stream_skip_zeros(struct cpio_stream *s)
{
	for (;;) {
		const uint8_t *p, *end, *from;
		int err = refill(s, true);

		if (err)
			return err == -ENODATA && !s->packed ? 0 : err;
		from = p = s->lo != s->hi ? s->buf + s->lo : s->in;
		end = s->lo != s->hi ? s->buf + s->hi : s->end;
		while (p < end && !*p)
			p++;
		s->at += (uint64_t)(p - from);
		if (s->lo != s->hi)
			s->lo += (size_t)(p - from);
		else
			s->in = p;
		if (p == from)
			return 1;
	}	/* once more: a gzip header may come now */
}

uint64_t cpio_stream_at(const struct cpio_stream *s)
{
	return s->at;
}
