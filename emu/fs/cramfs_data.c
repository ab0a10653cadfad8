/* SPDX-License-Identifier: MIT
 *
 * What is in a file of a cramfs (cramfs_read_folio(), cramfs_get_block_range()).
 *
 * A file of n pages begins with n block pointers, at its inode's number.  A pointer is where its block ends; the block begins
 * where the one before it ends, the first behind the pointers.  With CRAMFS_DIRECT it is where its block begins instead; its
 * first two bytes say how long it is, or, if it is not compressed, nothing does: it is a page, or what is left of the file.
 * A block of no bytes is a hole.
 *
 * Linux takes a whole last page that is not compressed for a hole, when it reads it; here it is a page.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/cramfs.h"
#include "emu/fs/internal.h"

enum { PAGE = FLAT_PAGE_SIZE, BLOCK_MAX = 2 * PAGE };

struct block { uint32_t at, len; bool plain; };

static struct cramfs *of(const struct inode *i)
{
	return i->super->private;
}

void cramfs_data_free(struct cramfs *c)
{
	if (c->ready)
		inflateEnd(&c->z);
}

static uint32_t pages_of(const struct inode *i)
{
	return (uint32_t)((i->size + PAGE - 1) / PAGE);
}

/* How many of its bytes a file has in this page. */
static uint32_t bytes_in(const struct inode *i, uint32_t page)
{
	uint64_t left = i->size - (uint64_t)page * PAGE;

	return left < PAGE ? (uint32_t)left : PAGE;
}

static int read_pointer(const struct inode *i, uint32_t n, uint32_t *pointer)
{
	uint8_t raw[4];
	int err = cramfs_read(i->super, (uint32_t)i->ino + 4 * n, raw, 4);

	*pointer = err ? 0 : cramfs_le32(raw);
	return err;
}

/* The length that a compressed block says of itself: *at is behind it then. */
static int read_length(const struct inode *i, uint32_t *at, uint32_t *len)
{
	uint8_t raw[2];
	int err = cramfs_read(i->super, *at, raw, 2);

	*len = err ? 0 : raw[0] | (uint32_t)raw[1] << 8;
	*at += 2;
	return err;
}

static uint32_t place(uint32_t pointer)
{
	return (pointer & ~CRAMFS_POINTER_FLAGS) << 2;
}

/* Where the block before n ends. */
static int end_before(const struct inode *i, uint32_t n, uint32_t *end)
{
	uint32_t pointer, len;
	int err;

	*end = (uint32_t)i->ino + 4 * pages_of(i);
	if (!n)
		return 0;
	err = read_pointer(i, n - 1, &pointer);
	if (err)
		return err;
	if (!(pointer & CRAMFS_DIRECT)) {
		*end = pointer & ~CRAMFS_POINTER_FLAGS;
		return 0;
	}
	*end = place(pointer);
	if (pointer & CRAMFS_PLAIN) {
		*end += PAGE;
		return 0;
	}
	err = read_length(i, end, &len);
	*end += len;
	return err;
}

static int find_block(const struct inode *i, uint32_t n, struct block *b)
{
	uint32_t pointer;
	int err = read_pointer(i, n, &pointer);

	if (err)
		return err;
	b->plain = pointer & CRAMFS_PLAIN;
	if (pointer & CRAMFS_DIRECT) {
		b->at = place(pointer);
		b->len = bytes_in(i, n);
		if (!b->plain)
			err = read_length(i, &b->at, &b->len);
	} else {
		err = end_before(i, n, &b->at);
		b->len = (pointer & ~CRAMFS_POINTER_FLAGS) - b->at;
	}
	return err ? err : b->len > (b->plain ? (uint32_t)PAGE : (uint32_t)BLOCK_MAX) ? -EIO : 0;
}

/* A block is what zlib's compress() makes of a page. */
static int decompress(struct cramfs *c, const uint8_t *src, uint32_t len, uint8_t *dst)
{
	if (!c->ready && inflateInit(&c->z) != Z_OK)
		return -ENOMEM;
	c->ready = true;
	if (inflateReset(&c->z) != Z_OK)
		return -EIO;
	c->z.next_in = (Bytef *)(uintptr_t)src;
	c->z.avail_in = len;
	c->z.next_out = dst;
	c->z.avail_out = PAGE;
	switch (inflate(&c->z, Z_FINISH)) {
	case Z_STREAM_END:
		memset(c->z.next_out, 0, c->z.avail_out);
		return 0;
	case Z_MEM_ERROR:
		return -ENOMEM;
	}
	return -EIO;
}

/* All of a page of the file, what is behind its end zero, in c->page. */
static int read_page(struct inode *i, uint32_t n)
{
	struct cramfs *c = of(i);
	uint8_t raw[BLOCK_MAX];
	struct block b;
	int err;

	if (c->cached_ino == i->ino && c->cached == n)
		return 0;
	c->cached_ino = 0;
	err = find_block(i, n, &b);
	if (err)
		return err;
	if (b.len) {
		err = cramfs_read(i->super, b.at, b.plain ? c->page : raw, b.len);
		if (!err && !b.plain)
			err = decompress(c, raw, b.len, c->page);
		if (err)
			return err;
	}
	if (b.plain || !b.len)
		memset(c->page + b.len, 0, PAGE - b.len);
	c->cached_ino = i->ino;
	c->cached = n;
	return 0;
}

int64_t cramfs_bytes(struct inode *i, void *dst, size_t len, uint64_t pos)
{
	size_t done = 0;

	while (done < len && pos + done < i->size) {
		uint32_t page = (uint32_t)((pos + done) / PAGE), from = (uint32_t)((pos + done) % PAGE);
		size_t n = bytes_in(i, page) - from;
		int err = read_page(i, page);

		if (err)
			return done ? (int64_t)done : err;
		if (n > len - done)
			n = len - done;
		memcpy((uint8_t *)dst + done, of(i)->page + from, n);
		done += n;
	}
	return (int64_t)done;
}

int cramfs_place(struct inode *i, uint64_t offset, uint32_t len, uint64_t *at)
{
	uint32_t page = (uint32_t)(offset / PAGE), first = 0;

	for (uint32_t k = 0; k < len / PAGE; k++) {
		uint32_t pointer;
		int err = read_pointer(i, page + k, &pointer);

		if (err)
			return err;
		if (k == 0)
			first = pointer;
		if ((pointer & CRAMFS_POINTER_FLAGS) != CRAMFS_POINTER_FLAGS || pointer != first + k * (PAGE >> 2))
			return -ENOSYS;
	}
	*at = place(first);
	return *at ? 0 : -ENOSYS;
}
