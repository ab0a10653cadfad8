/* SPDX-License-Identifier: MIT
 *
 * A cpio archive as a stream: bytes come plain or out of gzip, and the unpacker asks for them piece by piece.
 */
#ifndef EMU_FS_CPIO_H
#define EMU_FS_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpio_stream;

/* Over data, which must stay. NULL: no memory. */
struct cpio_stream *cpio_stream_new(const void *data, size_t size);
void cpio_stream_free(struct cpio_stream *s);
/* Exactly len bytes into dst (NULL: they are skipped). 0, -ENODATA (it ends before), -EINVAL (damaged), -ENOMEM. */
int cpio_stream_read(struct cpio_stream *s, void *dst, uint64_t len);
/* On to the next byte that is not zero: 1. 0: there is none, the end. -errno. */
int cpio_stream_skip_zeros(struct cpio_stream *s);
/* Bytes given so far, zeros included: newc aligns to it. */
uint64_t cpio_stream_at(const struct cpio_stream *s);

#endif
