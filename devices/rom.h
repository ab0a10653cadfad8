/* SPDX-License-Identifier: MIT
 *
 * A ROM: bytes that are there from power-on and never change, in one read-only window of the guest's addresses.  It is a block
 * device as well.
 */
#ifndef DEVICES_ROM_H
#define DEVICES_ROM_H

#include <stddef.h>
#include "devices/block.h"
#include "devices/device.h"
#include "mm/flat.h"

/*
 * One at addr with a copy of these bytes, and zeros up to a whole page.  0 and *out; or -EINVAL (no bytes, or they end beyond 4
 * GiB), -EEXIST (something is there), -ENOMEM, -EFBIG as mm/flat.h says.
 */
int rom_new(struct flat *flat, const char *name, uint32_t addr, const void *bytes, size_t size, struct device **out);
/* The block device, the caller's, who frees it before the ROM; NULL: no memory.  It has whole pages, too. */
struct block_device *rom_block(struct device *rom);

#endif
