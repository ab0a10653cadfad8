/* SPDX-License-Identifier: MIT
 *
 * RAM: a direct window and nothing else.  Who has which of its pages is mm/'s business.
 */
#ifndef DEVICES_RAM_H
#define DEVICES_RAM_H

#include "devices/device.h"

/* Whole pages; the bus makes them memory. NULL: no host memory. */
struct device *ram_new(const char *name, uint32_t addr, uint32_t size);

#endif
