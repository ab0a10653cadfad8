/* SPDX-License-Identifier: MIT */
#include "devices/rom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rom {
	struct device device;
	struct flat *flat;
	struct flat_bytes *bytes;
};

static struct rom *rom_of(struct device *d)
{
	return (struct rom *)(void *)d;
}

static void rom_free(struct device *d)
{
	struct rom *r = rom_of(d);

	flat_withdraw(r->flat, d->window[0].addr, d->window[0].size);
	flat_bytes_free(r->bytes);
	free(r);
}

static const struct device_ops rom_ops = { .compatible = "mtd-rom", .free = rom_free };

int rom_new(struct flat *flat, const char *name, uint32_t addr, const void *bytes, size_t size, struct device **out)
{
	uint64_t whole = ((uint64_t)size + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE * FLAT_PAGE_SIZE;
	struct rom *r;
	int err;

	if (!size || addr + whole > UINT64_C(1) << 32)
		return -EINVAL;
	r = calloc(1, sizeof *r);
	if (!r)
		return -ENOMEM;
	err = flat_bytes_new(whole, &r->bytes);
	if (err)
		goto no_bytes;
	err = flat_show(flat, addr, whole, r->bytes, 0, FLAT_READ);
	if (err)
		goto not_shown;
	memcpy(flat_bytes_view(r->bytes), bytes, size);
	r->flat = flat;
	r->device.ops = &rom_ops;
	snprintf(r->device.name, sizeof r->device.name, "%s", name);
	r->device.windows = 1;
	r->device.window[0] = (struct device_window){
		.what = "ROM", .addr = addr, .size = (uint32_t)whole, .kind = DEVICE_DIRECT_OWN,
	};
	*out = &r->device;
	return 0;
not_shown:
	flat_bytes_free(r->bytes);
no_bytes:
	free(r);
	return err;
}

/* --- As a block device --- */

struct rom_block { struct block_device block; const uint8_t *bytes; };

static int block_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	const struct rom_block *r = (const struct rom_block *)(const void *)b;

	if (offset > b->size || len > b->size - offset)
		return -EIO;
	memcpy(dst, r->bytes + offset, len);
	return 0;
}

static int block_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	(void)b, (void)src, (void)len, (void)offset;
	return -EPERM;
}

static int block_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	(void)b, (void)offset, (void)len;
	return -EPERM;
}

static void block_free(struct block_device *b)
{
	free(b);
}

static const struct block_ops block_ops = {
	.read = block_read, .write = block_write, .clear = block_clear, .free = block_free,
};

struct block_device *rom_block(struct device *rom)
{
	struct rom_block *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->bytes = flat_bytes_view(rom_of(rom)->bytes);
	b->block = (struct block_device){
		.ops = &block_ops, .size = rom->window[0].size, .memory = rom->window[0].addr, .rom = true,
		.read_only = true,
	};
	return &b->block;
}
