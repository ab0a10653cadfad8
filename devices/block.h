/* SPDX-License-Identifier: MIT
 *
 * A block device: so many bytes, read and written anywhere.  Whoever drives one (emu/fs/blkdev.c) sees this and no more;
 * the device itself is an opaque struct that begins with it.
 *
 * All offsets and lengths are in bytes; the caller keeps them inside [0, size).  Errors are negative errno.
 */
#ifndef DEVICES_BLOCK_H
#define DEVICES_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define BLOCK_SECTOR 512u

struct block_device;

struct block_ops {
	int (*read)(struct block_device *b, void *dst, uint32_t len, uint64_t offset);
	/* src may overlap the device's own memory. */
	int (*write)(struct block_device *b, const void *src, uint32_t len, uint64_t offset);
	/* Makes [offset, offset+len) zero; both multiples of a sector. */
	int (*clear)(struct block_device *b, uint64_t offset, uint64_t len);
	/*
	 * What was written is where no loss of power reaches it; -EAGAIN: it is on its way there, which takes time but no further call.
	 * NULL: there is no such place, or it always is.
	 */
	int (*flush)(struct block_device *b);
	void (*free)(struct block_device *b);
};

struct block_device {
	const struct block_ops *ops;
	uint64_t size;			/* a multiple of BLOCK_SECTOR */
	/* Guest address, if its bytes lie in one run of memory that may be mapped; else 0. */
	uint32_t memory;
	uint32_t physical;		/* what is written in one piece, in bytes; 0: a sector */
	bool rom;			/* mapped there it cannot be written to */
	bool undivided;			/* it has no partitions, whatever its first sectors hold (GENHD_FL_NO_PART) */
	bool read_only;			/* write() and clear() fail */
	bool rotational;		/* what virtio-blk calls all of its disks */
	bool geometry;			/* has heads and sectors, for partitioning programs */
};

#endif
