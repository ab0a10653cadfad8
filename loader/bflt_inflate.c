/* SPDX-License-Identifier: MIT */
#include "loader/bflt.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#define CHUNK 16384u
#define GZIP_WINDOW (15 + 16)	/* zlib: a gzip header, any window */

/* More input, at most a chunk.  Bytes read, 0 at the end of the file, or -errno. */
static int64_t refill(const struct loader_file *file, uint8_t *in, z_stream *z, uint64_t *offset)
{
	int64_t n = file->read(file->owner, in, CHUNK, *offset);

	if (n > 0) {
		z->next_in = in;
		z->avail_in = (uInt)n;
		*offset += (uint64_t)n;
	}
	return n;
}

int bflt_inflate(struct loader *l, const struct loader_file *file, uint64_t offset, uint32_t addr,
		 uint32_t len, const char **why)
{
	uint8_t in[CHUNK];
	z_stream z;
	int64_t n;
	int ret, err;

	memset(&z, 0, sizeof(z));
	z.next_out = flat_span_write(l->flat, addr, len);
	z.avail_out = len;
	if (!z.next_out)
		return -EFAULT;
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	for (;;) {
		if (z.avail_in == 0) {
			n = refill(file, in, &z, &offset);
			err = (int)n;
			if (n < 0)
				goto out;
		}
		ret = inflate(&z, Z_NO_FLUSH);
		if (ret == Z_STREAM_END)
			break;
		err = ret == Z_MEM_ERROR ? -ENOMEM : -ENOEXEC;
		*why = z.msg ? z.msg : "compressed data ends too early";
		if (ret == Z_BUF_ERROR && z.avail_out == 0)
			*why = "compressed data is longer than the header says";
		if (ret != Z_OK)
			goto out;
	}
	err = z.avail_out == 0 ? 0 : -ENOEXEC;
	*why = "compressed data is shorter than the header says";
out:
	inflateEnd(&z);
	return err;
}
