/* SPDX-License-Identifier: MIT
 *
 * The RAM disk: a block device whose bytes are one run of guest memory, taken when it is made, so that it can be mapped
 * ("the ramdisk driver could do this if it allocated all its memory as a contiguous array upfront", nommu-mmap.txt).
 */
#ifndef DEVICES_RAMDISK_H
#define DEVICES_RAMDISK_H

#include "devices/block.h"
#include "mm/flat.h"

/*
 * One in [addr, addr+size), whole pages that are the caller's and stay so; they are cleared.  NULL: no host memory, or
 * no memory there.
 */
struct block_device *ramdisk_new(struct flat *flat, uint32_t addr, uint32_t size);

#endif
