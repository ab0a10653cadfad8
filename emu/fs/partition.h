/* SPDX-License-Identifier: MIT
 *
 * Partitions: what the table on a disk says (MBR with extended partitions, GPT), and a part of a disk as a disk of its own.
 */
#ifndef EMU_FS_PARTITION_H
#define EMU_FS_PARTITION_H

#include "devices/block.h"

#define PARTITIONS_MAX 60u

struct partition {
	unsigned number;		/* from 1 on: the 2 of vda2 */
	uint64_t start, size;		/* bytes, whole sectors, inside the disk */
};

/*
 * Reads the disk's table.  How many were written to out, by number; 0 if there is none.  -EIO: it could not be read.
 * A table may say anything: what does not lie on the disk is left out, what reaches over its end is cut.
 */
int partitions_read(struct block_device *disk, struct partition out[PARTITIONS_MAX]);

/* A part of the disk, which must outlive it.  NULL: no memory. */
struct block_device *partition_new(struct block_device *disk, uint64_t start, uint64_t size);

/* Where a partition made by that begins on its disk, in bytes. */
uint64_t partition_start(const struct block_device *partition);

#endif
