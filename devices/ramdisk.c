/* SPDX-License-Identifier: MIT */
#include "devices/ramdisk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ramdisk {
	struct block_device block;
	struct flat *flat;
};

static uint8_t *bytes(struct block_device *b, uint64_t offset, uint64_t len)
{
	struct ramdisk *r = (struct ramdisk *)(void *)b;

	if (offset > b->size || len > b->size - offset)
		return NULL;
	return flat_span_write(r->flat, b->memory + (uint32_t)offset, len);
}

static int ramdisk_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	const uint8_t *p = bytes(b, offset, len);

	if (!p)
		return -EIO;
	memmove(dst, p, len);
	return 0;
}

static int ramdisk_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	uint8_t *p = bytes(b, offset, len);

	if (!p)
		return -EIO;
	memmove(p, src, len);
	return 0;
}

static int ramdisk_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	uint8_t *p = bytes(b, offset, len);

	if (!p)
		return -EIO;
	memset(p, 0, len);
	return 0;
}

static void ramdisk_free(struct block_device *b)
{
	free(b);
}

static const struct block_ops ramdisk_ops = {
	.read = ramdisk_read, .write = ramdisk_write, .clear = ramdisk_clear, .free = ramdisk_free,
};

struct block_device *ramdisk_new(struct flat *flat, uint32_t addr, uint32_t size)
{
	struct ramdisk *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct ramdisk){ .block = { .ops = &ramdisk_ops, .size = size, .memory = addr, .physical = FLAT_PAGE_SIZE },
			       .flat = flat };
	if (flat_zero_pages(flat, addr, size)) {
		free(r);
		return NULL;
	}
	return &r->block;
}
