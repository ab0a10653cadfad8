/* SPDX-License-Identifier: MIT
 *
 * A disk: a block device whose bytes are a file of the host, or a block device of the host.
 *
 * Nothing is kept back: what was written is in the file, and outlives the emulator whatever becomes of that; flush() makes it
 * outlive the host.  The host caches, so we do not.  The file is locked as long as the disk is there (flock(2)): one who writes
 * or many who read.  It is never mapped, so others may cut it: what is gone reads as an error, and what is written is there again.
 */
#ifndef DEVICES_DISK_H
#define DEVICES_DISK_H

#include "devices/block.h"

#define DISK_WHY 160

/*
 * Opens a file of the host; its size stays what it is now.  0 and *out, or -errno and a sentence in why: -ENOTBLK (no file with
 * contents), -EINVAL (empty, or no whole number of sectors), -EBUSY (locked by somebody), open(2)'s errors.
 */
int disk_open(const char *path, bool read_only, struct block_device **out, char why[DISK_WHY]);

#endif
